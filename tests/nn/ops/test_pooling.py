"""Max- and average pooling: worked numbers, PyTorch, ties, NaN, finite differences, threads."""

import itertools

import numpy as np
import pytest

import autograd
from nn.ops.averaging import avg_pool2d, spread, window_sums
from nn.ops.pooling import max_pool2d, max_pool2d_input, max_pool2d_winners

BOARD = np.array([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])
HALVES = {"kernel_size": (2, 2), "stride": (2, 2)}
WINDOWS = [
    {"kernel_size": k, "stride": s, "padding": p, "ceil_mode": c}
    for k, s, p, c in itertools.product(
        [(2, 2), (3, 3), (3, 2), (1, 1)],
        [(2, 2), (1, 1), (2, 3), (3, 3), (4, 4)],
        [(0, 0), (1, 1), (1, 0)],
        [False, True],
    )
    if all(2 * a <= b for a, b in zip(p, k, strict=True))
]
SOME = [
    {**HALVES, "padding": (0, 0)},
    {"kernel_size": (3, 3), "stride": (2, 2), "padding": (1, 1)},
    {"kernel_size": (2, 3), "stride": (1, 2), "padding": (0, 1)},
]


def images(rng, dtype, size, ties):
    shape = (2, 3, *size)
    return (rng.integers(-3, 3, shape) if ties else rng.standard_normal(shape)).astype(dtype)


def distinct(rng, shape):
    return rng.permutation(np.prod(shape)).reshape(shape) * 0.1


# ---------------------------------------------------------------- worked numbers


def test_LY_10_max_pooling(leaf):
    x = leaf(BOARD)
    z = max_pool2d(x, **HALVES)
    assert z.tolist() == [[[[6, 8], [3, 4]]]]
    z.sum().backward()
    assert x.grad.tolist() == [[[[0, 0, 0, 0], [0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 1]]]]


def test_LY_11_average_pooling(leaf):
    x = leaf(BOARD)
    z = avg_pool2d(x, **HALVES)
    assert z.tolist() == [[[[3.25, 5.25], [2, 2]]]]
    upstream = np.array([[[[4.0, 8.0], [12.0, 16.0]]]])
    z.backward(autograd.tensor(upstream, dtype=np.float64))
    assert np.array_equal(x.grad.numpy(), upstream.repeat(2, 2).repeat(2, 3) / 4)


def test_LY_13_overlapping_windows_add_gradients(leaf):
    x = leaf(BOARD)
    z = max_pool2d(x, kernel_size=(3, 3), stride=(1, 1))
    assert z.tolist() == [[[[7, 8], [7, 8]]]]
    z.sum().backward()
    assert x.grad.tolist() == [[[[0, 0, 0, 0], [0, 0, 2, 2], [0, 0, 0, 0], [0, 0, 0, 0]]]]


# ---------------------------------------------------------------- PyTorch


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [(8, 8), (7, 5), (9, 6)])
@pytest.mark.parametrize("ties", [False, True])
def test_max_pooling_as_pytorch(torch, agrees_with_torch, rng, dtype, size, ties):
    for window in WINDOWS:
        agrees_with_torch(
            lambda x, window=window: max_pool2d(x, **window),
            lambda x, window=window: torch.nn.functional.max_pool2d(x, **window),
            images(rng, dtype, size, ties),
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [(8, 8), (7, 5), (9, 6)])
def test_average_pooling_as_pytorch(torch, agrees_with_torch, rng, dtype, size):
    counts = [
        {"count_include_pad": True},
        {"count_include_pad": False},
        {"divisor_override": 3},
    ]
    for window, count in itertools.product(WINDOWS, counts):
        options = {**window, **count}
        agrees_with_torch(
            lambda x, options=options: avg_pool2d(x, **options),
            lambda x, options=options: torch.nn.functional.avg_pool2d(x, **options),
            images(rng, dtype, size, False),
        )


@pytest.mark.parametrize("window", SOME)
def test_nan_and_infinity_as_pytorch(torch, leaf, rng, window):
    x = images(rng, np.float32, (8, 8), True)
    x[rng.random(x.shape) < 0.15] = np.nan
    x[0, 0] = -np.inf
    x[1, 1, :3, :3] = np.inf
    ours, theirs = leaf(x), torch.tensor(x, requires_grad=True)
    z, reference = max_pool2d(ours, **window), torch.nn.functional.max_pool2d(theirs, **window)
    assert np.array_equal(z.detach().numpy(), reference.detach().numpy(), equal_nan=True)
    upstream = rng.standard_normal(z.shape).astype(np.float32)
    z.backward(autograd.tensor(upstream))
    reference.backward(torch.tensor(upstream))
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=1e-6)


@pytest.mark.parametrize("window", SOME)
def test_an_infinite_upstream_does_not_touch_losers(leaf, rng, window):
    x = leaf(distinct(rng, (1, 1, 6, 6)))
    z = max_pool2d(x, **window)
    upstream = np.zeros(z.shape)
    upstream[0, 0, 1, 1] = np.inf
    z.backward(autograd.tensor(upstream, dtype=np.float64))
    assert np.sum(np.isinf(x.grad.numpy())) == 1
    assert not np.isnan(x.grad.numpy()).any()


# ---------------------------------------------------------------- ties


def test_ties_by_policy(leaf):
    x = np.array([[[[3.0, 3.0, 1.0, 2.0], [0.0, 3.0, 0.0, 1.0]]]])
    expected = {
        "torch": [[6, 0, 0, 6], [0, 0, 0, 0]],
        "first": [[6, 0, 0, 6], [0, 0, 0, 0]],
        "even": [[2, 2, 0, 6], [0, 2, 0, 0]],
        "none": [[0, 0, 0, 6], [0, 0, 0, 0]],
    }
    for policy, gradient in expected.items():
        with autograd.ties(policy):
            t = leaf(x)
            z = max_pool2d(t, **HALVES)
        (6 * z).sum().backward()
        assert t.grad.tolist() == [[gradient]], policy


def test_EX_H_ties_of_overlapping_windows(leaf):
    """The exam's pooling on z = [1, 1, 1] with upstreams [6, 3]: two windows that share z2."""
    expected = {"torch": [6, 3, 0], "even": [3, 4.5, 1.5], "none": [0, 0, 0]}
    for policy, gradient in expected.items():
        with autograd.ties(policy):
            z = leaf(np.ones((1, 1, 1, 3)))
            pooled = max_pool2d(z, kernel_size=(1, 2), stride=(1, 1))
        pooled.backward(autograd.tensor([[[[6.0, 3.0]]]], dtype=np.float64))
        assert z.grad.tolist() == [[[gradient]]], policy


# ---------------------------------------------------------------- derivatives of every order


@pytest.mark.parametrize("window", SOME)
@pytest.mark.parametrize("policy", ["torch", "even", "none"])
def test_max_pooling_by_finite_differences(leaf, rng, window, policy):
    x = leaf(distinct(rng, (2, 1, 6, 6)))
    with autograd.ties(policy):

        def function(x):
            return max_pool2d(x * x, **window)

        assert autograd.gradcheck(function, [x])
        assert autograd.gradgradcheck(function, [x])


@pytest.mark.parametrize("window", SOME)
def test_average_pooling_by_finite_differences(leaf, rng, window):
    x = leaf(rng.standard_normal((2, 1, 6, 6)))

    def function(x):
        return avg_pool2d(x * x, count_include_pad=False, **window)

    assert autograd.gradcheck(function, [x])
    assert autograd.gradgradcheck(function, [x])


@pytest.mark.parametrize("window", SOME)
@pytest.mark.parametrize("policy", ["first", "even", "none"])
def test_adjoints_have_equal_inner_products(rng, window, policy):
    x = images(rng, np.float64, (7, 6), True)
    z = max_pool2d(x, **window)
    y, u = rng.standard_normal(z.shape), rng.standard_normal(x.shape)
    sent = max_pool2d_input(y, x, z, policy=policy, **window)
    read = max_pool2d_winners(u, x, z, policy=policy, **window)
    np.testing.assert_allclose((sent * u).sum(), (read * y).sum())
    sums = window_sums(u, output=z.shape[2:], **window)
    np.testing.assert_allclose((spread(y, size=(7, 6), **window) * u).sum(), (sums * y).sum())


# ---------------------------------------------------------------- layouts, threads, errors


@pytest.mark.parametrize("window", SOME)
def test_memory_layout_does_not_matter(rng, window):
    x = images(rng, np.float32, (8, 6), True)
    z = max_pool2d(x, **window)
    y = rng.standard_normal(z.shape).astype(np.float32)
    for order in [(0, 1, 3, 2), (3, 2, 1, 0), (1, 0, 2, 3)]:

        def laid(a, order=order):
            return np.ascontiguousarray(a.transpose(order)[:, ::-1]).transpose(np.argsort(order))

        def turned(a, order=order):
            return laid(a)[:, ::-1] if order[1] == 1 else laid(a)

        strange = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
        backwards = np.ascontiguousarray(strange[:, :, ::-1, ::-1])[:, :, ::-1, ::-1]
        for variant in (strange, backwards):
            assert np.array_equal(max_pool2d(variant, **window), z)
            assert np.array_equal(avg_pool2d(variant, **window), avg_pool2d(x, **window))
            sent = max_pool2d_input(y, variant, z, **window)
            assert np.array_equal(sent, max_pool2d_input(y, x, z, **window))


@pytest.mark.parametrize("window", SOME)
def test_same_bits_for_any_number_of_threads(threads, rng, window):
    x = rng.standard_normal((16, 8, 64, 64)).astype(np.float32)
    results = []
    for number in (1, 2, 3):
        threads(number)
        z = max_pool2d(x, **window)
        sent = max_pool2d_input(z, x, z, **window)
        mean = avg_pool2d(x, **window)
        results.append((z.tobytes(), sent.tobytes(), mean.tobytes()))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("shape", [(0, 3, 8, 8), (2, 0, 8, 8)])
@pytest.mark.parametrize("window", SOME)
def test_empty_batches(leaf, shape, window):
    for pool in (max_pool2d, avg_pool2d):
        x = leaf(np.zeros(shape))
        z = pool(x, **window)
        assert z.shape[:2] == shape[:2] and z.size() == pool(np.zeros(shape), **window).shape
        z.sum().backward()
        assert x.grad.shape == shape


def test_no_index_is_kept(leaf, rng):
    op = max_pool2d(leaf(distinct(rng, (1, 2, 4, 4))), **HALVES).node
    assert op.name == "max_pool2d" and op.operand_names == ("x",)
    assert op.attributes == {**HALVES, "padding": (0, 0), "ceil_mode": False}
    assert not op.cached


@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
@pytest.mark.parametrize(
    ("shape", "window", "words"),
    [
        ((3, 8, 8), HALVES, r"expects x \(N, C, H, W\), got shape \(3, 8, 8\)"),
        ((1, 1, 1, 8), HALVES, r"kernel_size \(2, 2\) does not fit in the input of shape"),
        ((1, 1, 8, 8), {**HALVES, "padding": (2, 2)}, "at most half the kernel, got padding"),
        ((1, 1, 8, 8), {**HALVES, "padding": (-1, 0)}, "at most half the kernel, got padding"),
        ((1, 1, 8, 8), {"kernel_size": (2, 2), "stride": (0, 2)}, "kernel_size and stride >= 1"),
    ],
)
def test_what_does_not_fit_is_refused(pool, shape, window, words):
    with pytest.raises(ValueError, match=rf"^{pool.__name__}: .*{words}"):
        pool(np.zeros(shape), **window)
