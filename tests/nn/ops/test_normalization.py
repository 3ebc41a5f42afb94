"""Batch normalisation: worked numbers, PyTorch, finite differences, statistics, threads."""

import numpy as np
import pytest

import autograd
from nn.ops.convolution import conv2d
from nn.ops.normalization import batch_norm, batch_norm_backward

COUNTING = np.arange(24.0).reshape(2, 3, 2, 2)
SHAPES = [(4, 3, 2, 5), (6, 3), (5, 3, 7), (2, 3, 1, 1), (3, 2, 2, 3, 2)]


def operands(rng, shape, dtype):
    channels = shape[1]
    x = (rng.standard_normal(shape) * 2 + 5).astype(dtype)
    return (
        x,
        rng.standard_normal(channels).astype(dtype),
        rng.standard_normal(channels).astype(dtype),
    )


def running(rng, channels, dtype):
    return rng.standard_normal(channels).astype(dtype), (rng.random(channels) + 0.5).astype(dtype)


# ---------------------------------------------------------------- worked numbers


def test_LY_16_statistics_are_those_of_each_channel():
    z = batch_norm(COUNTING, eps=0.0)
    means = np.array([7.5, 11.5, 15.5]).reshape(1, 3, 1, 1)
    np.testing.assert_allclose(z, (COUNTING - means) / np.sqrt(37.25), rtol=1e-14)
    np.testing.assert_allclose(z.mean((0, 2, 3)), 0, atol=1e-15)
    np.testing.assert_allclose(z.var((0, 2, 3)), 1)


def test_LY_20_running_statistics(leaf):
    mean, var = np.zeros(3), np.ones(3)
    batch_norm(leaf(COUNTING), None, None, mean, var, momentum=0.1)
    np.testing.assert_allclose(mean, [0.75, 1.15, 1.55])
    np.testing.assert_allclose(var, [5.15714286] * 3)
    alone = batch_norm(COUNTING[:1], None, None, mean, var, training=False)
    together = batch_norm(COUNTING, None, None, mean, var, training=False)
    assert np.array_equal(alone, together[:1])
    np.testing.assert_allclose(mean, [0.75, 1.15, 1.55])


def test_LY_21_samples_of_a_batch_are_coupled(leaf):
    x = leaf(np.array([[1.0], [2.0], [3.0], [6.0]]))
    z = batch_norm(x)
    xhat = [-1.06904344, -0.53452172, 0, 1.60356516]
    np.testing.assert_allclose(z.detach().numpy().ravel(), xhat, atol=1e-8)
    z.backward(autograd.tensor([[1.0], [0.0], [0.0], [0.0]], dtype=np.float64))
    dx = [0.24817124, -0.20999046, -0.13363043, 0.09544965]
    np.testing.assert_allclose(x.grad.numpy().ravel(), dx, atol=1e-8)
    assert z.node.operands == (x.node, None, None, None, None)


def test_LY_22_identities_of_the_gradient(leaf, rng):
    x, weight, bias = (leaf(a) for a in operands(rng, (5, 3, 4, 4), np.float64))
    z = batch_norm(x, weight, bias)
    z.backward(autograd.tensor(rng.standard_normal(z.shape), dtype=np.float64))
    dx = x.grad.numpy()
    xhat = batch_norm(x.detach().numpy(), eps=0.0)
    np.testing.assert_allclose(dx.sum((0, 2, 3)), 0, atol=1e-13)
    np.testing.assert_allclose((dx * xhat).sum((0, 2, 3)), 0, atol=1e-4)  # up to eps


def test_LY_22_a_bias_before_batch_norm_learns_nothing(leaf, rng):
    x = autograd.tensor(rng.standard_normal((4, 2, 6, 6)), dtype=np.float64)
    weight, bias = leaf(rng.standard_normal((3, 2, 3, 3))), leaf(rng.standard_normal(3))
    z = batch_norm(conv2d(x, weight, bias))
    (z * z * z).sum().backward()
    np.testing.assert_allclose(bias.grad.numpy(), 0, atol=1e-11)
    assert np.abs(weight.grad.numpy()).max() > 1e-3


# ---------------------------------------------------------------- PyTorch


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("affine", [True, False])
def test_as_pytorch(torch, agrees_with_torch, rng, shape, dtype, training, affine):
    x, weight, bias = operands(rng, shape, dtype)
    ours = running(rng, shape[1], dtype)
    theirs = [torch.tensor(a) for a in ours]
    agrees_with_torch(
        lambda x, w, b: batch_norm(x, w, b, *ours, training=training),
        lambda x, w, b: torch.nn.functional.batch_norm(x, *theirs, w, b, training=training),
        x,
        weight if affine else None,
        bias if affine else None,
        tolerance=2e-5 if dtype == np.float32 else 1e-11,
    )
    for mine, reference in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, reference.numpy(), rtol=1e-5)


def test_a_mean_far_from_zero_costs_no_accuracy(rng):
    x = (rng.standard_normal((8, 2, 16, 16)) + 1000).astype(np.float32)
    exact = batch_norm(x.astype(np.float64))
    np.testing.assert_allclose(batch_norm(x), exact, atol=2e-4)


@pytest.mark.parametrize("shape", [(8, 6, 10, 10), (40, 6), (6, 6, 3), (3, 1, 50)])
@pytest.mark.parametrize("cut", [None, 16, 150])
def test_blocks_of_channels_near_zero_and_far_from_it(monkeypatch, rng, shape, cut):
    """Each block of channels, and each piece of its samples, comes to float64's numbers."""
    if cut:
        monkeypatch.setattr("nn.ops.normalization.SHARED", 1)
        monkeypatch.setattr("nn.ops.normalization.BLOCK_FLOATS", cut)
        monkeypatch.setattr("nn.ops.normalization.RUN", cut // 8)
        monkeypatch.setattr("nn.ops.normalization.LONG_RUN", cut)
    x, weight, bias = operands(rng, shape, np.float32)
    x[:, 0] += 1e4
    y = rng.standard_normal(shape).astype(np.float32)
    axes, by_channel = (0, *range(2, x.ndim)), (1, -1, *(1,) * (x.ndim - 2))
    wide = x.astype(np.float64)
    mean, rstd = wide.mean(axes), 1 / np.sqrt(wide.var(axes) + 1e-5)
    xhat = (wide - mean.reshape(by_channel)) * rstd.reshape(by_channel)
    spread = [a.reshape(by_channel) for a in (weight, bias, rstd)]
    total, product = y.sum(axes, np.float64), (y * xhat).sum(axes)
    count = x.size // shape[1]
    coupled = y - (total.reshape(by_channel) + xhat * product.reshape(by_channel)) / count
    expected = [xhat * spread[0] + spread[1], spread[0] * spread[2] * coupled, product, total]
    buffers = np.zeros(shape[1]), np.ones(shape[1])
    found = [batch_norm(x, weight, bias, *buffers)]
    found += batch_norm_backward(y, x, weight, mean=mean, rstd=rstd)
    for mine, exact in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, exact, atol=2e-5)
    np.testing.assert_allclose(buffers[0], 0.1 * mean, rtol=1e-6)
    np.testing.assert_allclose(buffers[1], 0.9 + 0.1 * wide.var(axes, ddof=1), rtol=1e-5)
    constant = batch_norm_backward(y, x, weight, mean=mean, rstd=rstd, training=False)[0]
    np.testing.assert_allclose(constant, y * spread[0] * spread[2], rtol=1e-5)


# ---------------------------------------------------------------- derivatives of every order


@pytest.mark.parametrize("shape", [(3, 2, 2, 2), (4, 2)])
@pytest.mark.parametrize("training", [True, False])
def test_by_finite_differences(leaf, rng, shape, training):
    tensors = [leaf(a) for a in operands(rng, shape, np.float64)]
    mean, var = running(rng, shape[1], np.float64)

    def function(x, weight, bias):
        return batch_norm(x, weight, bias, mean.copy(), var.copy(), training=training)

    assert autograd.gradcheck(function, tensors)
    assert autograd.gradgradcheck(function, tensors)


def test_without_weight_and_bias_by_finite_differences(leaf, rng):
    x = leaf(operands(rng, (4, 2, 3), np.float64)[0])
    assert autograd.gradcheck(lambda x: batch_norm(x), [x])
    assert autograd.gradgradcheck(lambda x: batch_norm(x), [x])


# ---------------------------------------------------------------- layouts, threads, errors


def test_memory_layout_does_not_matter(rng):
    x, weight, bias = operands(rng, (4, 3, 6, 5), np.float32)
    last = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    back = np.ascontiguousarray(x[::-1, :, ::-1, ::-1])[::-1, :, ::-1, ::-1]
    expected = batch_norm(x, weight, bias)
    for variant in (last, back):
        assert np.array_equal(batch_norm(variant, weight, bias), expected)


def test_same_bits_for_any_number_of_threads(threads, leaf, rng):
    x, weight, bias = operands(rng, (64, 8, 40, 40), np.float32)
    upstream = autograd.tensor(rng.standard_normal(x.shape).astype(np.float32))
    results = []
    for number in (1, 2, 3):
        threads(number)
        tensors = [leaf(a) for a in (x, weight, bias)]
        z = batch_norm(*tensors)
        z.backward(upstream)
        results.append([z.detach().numpy().tobytes(), *(t.grad.numpy().tobytes() for t in tensors)])
    assert results[0] == results[1] == results[2]


def test_the_backward_kernel_by_hand(rng):
    x, weight, _ = operands(rng, (4, 3, 2, 2), np.float64)
    y = rng.standard_normal(x.shape)
    mean, rstd = x.mean((0, 2, 3)), 1 / x.std((0, 2, 3))
    dx, dweight, dbias = batch_norm_backward(y, x, weight, mean=mean, rstd=rstd, eps=0.0)
    by_channel = (1, 3, 1, 1)
    xhat = (x - mean.reshape(by_channel)) * rstd.reshape(by_channel)
    np.testing.assert_allclose(dbias, y.sum((0, 2, 3)))
    np.testing.assert_allclose(dweight, (y * xhat).sum((0, 2, 3)))
    coupled = y - (dbias.reshape(by_channel) + xhat * dweight.reshape(by_channel)) / 16
    np.testing.assert_allclose(dx, (weight * rstd).reshape(by_channel) * coupled)


def test_an_empty_batch_in_evaluation():
    z = batch_norm(np.zeros((0, 3, 2, 2)), None, None, np.zeros(3), np.ones(3), training=False)
    assert z.shape == (0, 3, 2, 2)


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ([np.zeros(3)], {}, r"expects x \(N, C, ...\), got shape \(3,\)"),
        ([COUNTING, np.ones(2)], {}, r"weight expects shape \(3,\).*got \(2,\)"),
        ([COUNTING[:1, :, :1, :1]], {}, "more than one value a channel.*1, 3, 1, 1"),
        ([COUNTING], {"training": False}, "expects running_mean and running_var when not training"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, options, words):
    with pytest.raises(ValueError, match=words):
        batch_norm(*arguments, **options)
