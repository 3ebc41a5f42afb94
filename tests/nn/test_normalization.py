"""Functions of normalisation: what the table of modules does not say."""

import numpy as np
import pytest

import autograd
import nn
from nn import functional as F

DTYPES = [np.float64, np.float32]


def ones(*shape):
    return autograd.ones(*shape)


def far(rng, shape):
    """Return numbers of mean 10,000 and deviation 1, which single precision tells to 0.001."""
    return (rng.standard_normal(shape) + 1e4).astype(np.float32)


NORMS = {
    "batch": (lambda x, w, b: F.batch_norm(x, None, None, w, b, True), (16, 3, 8, 9), 3),
    "batch of features": (lambda x, w, b: F.batch_norm(x, None, None, w, b, True), (600, 3), 3),
    "group": (lambda x, w, b: F.group_norm(x, 2, w, b), (3, 4, 9, 9), 4),
    "instance": (lambda x, w, b: F.instance_norm(x, None, None, w, b), (3, 4, 9, 9), 4),
    "layer": (lambda x, w, b: F.layer_norm(x, (200,), w, b), (7, 200), 200),
}


@pytest.mark.parametrize("name", NORMS)
def test_a_mean_of_ten_thousand_costs_no_accuracy(name):
    function, shape, parameters = NORMS[name]
    rng = np.random.default_rng(0)
    arrays = [far(rng, shape), *rng.standard_normal((2, parameters)).astype(np.float32)]
    upstream = rng.standard_normal(shape).astype(np.float32)
    results = []
    for dtype in (np.float32, np.float64):
        leaves = [autograd.tensor(a.astype(dtype), requires_grad=True) for a in arrays]
        z = function(*leaves)
        z.backward(autograd.tensor(upstream.astype(dtype)))
        results.append([z.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)])
    for single, double in zip(*results, strict=True):
        np.testing.assert_allclose(single, double, atol=2e-5 * np.abs(double).max())


@pytest.mark.parametrize("name", NORMS)
def test_a_mean_that_is_no_number_of_the_dtype(name):
    function, shape, parameters = NORMS[name]
    rng = np.random.default_rng(3)
    x = (rng.integers(-3, 4, shape) * 8 + 100_000_000).astype(np.float32)  # numbers 8 apart
    ones = np.ones(parameters)
    single, double = (
        function(*(autograd.tensor(a.astype(dtype)) for a in (x, ones)), None).numpy()
        for dtype in (np.float32, np.float64)
    )
    np.testing.assert_allclose(single, double, atol=1e-5)


@pytest.mark.parametrize("name", NORMS)
def test_equal_numbers_have_variance_zero(name):
    function, shape, parameters = NORMS[name]
    x = autograd.tensor(np.full(shape, 1e4 / 3, np.float32), requires_grad=True)
    z = function(x, None, autograd.full((parameters,), 2.0))
    np.testing.assert_allclose(z.detach().numpy(), 2, rtol=1e-6)
    z.backward(autograd.ones_like(z))
    np.testing.assert_allclose(x.grad.numpy(), 0, atol=1e-3)


def test_running_statistics_far_from_zero(torch):
    rng = np.random.default_rng(1)
    x = far(rng, (8, 3, 5, 5))
    ours = [autograd.tensor(np.full(3, a, np.float32)) for a in (1e4, 1.0)]
    theirs = [torch.tensor(a.numpy().copy()) for a in ours]
    for training in (False, True, False):
        y = F.batch_norm(autograd.tensor(x), *ours, training=training)
        z = torch.nn.functional.batch_norm(torch.tensor(x), *theirs, training=training)
        np.testing.assert_allclose(y.numpy(), z.numpy(), atol=2e-3)
        for mine, peer in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine.numpy(), peer.numpy(), rtol=1e-5)


def test_nan_and_inf_stay_in_their_channel():
    x = np.random.default_rng(0).standard_normal((4, 3, 5, 8)).astype(np.float32)
    x[0, 0, 0, 0], x[1, 1, 0, 0] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        y = F.batch_norm(autograd.tensor(x), None, None, training=True).numpy()
    assert np.isnan(y[:, 0]).all() and np.isnan(y[1, 1, 0, 0]) and np.isfinite(y[:, 2]).all()


def test_instance_norm_with_running_statistics(torch):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 2, 4)) * 3 + 1
    ours = [autograd.tensor(np.array(a)) for a in ([0.5, -1.0], [2.0, 3.0])]
    theirs = [torch.tensor(a.numpy().copy()) for a in ours]
    for use in (True, False, True):
        options = {"use_input_stats": use, "momentum": 0.3, "eps": 1e-3}
        y = F.instance_norm(autograd.tensor(x), *ours, **options)
        z = torch.nn.functional.instance_norm(torch.tensor(x), *theirs, **options)
        np.testing.assert_allclose(y.numpy(), z.numpy(), rtol=1e-10)
        for mine, peer in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine.numpy(), peer.numpy(), rtol=1e-12)
    F.instance_norm(autograd.zeros(0, 2, 4, dtype=np.float64), *ours)
    np.testing.assert_allclose(ours[0].numpy(), theirs[0].numpy())


def test_writing_running_statistics_is_a_change_that_graphs_see():
    mean, var = autograd.zeros(2), autograd.ones(2)
    scale = autograd.ones(2, requires_grad=True)
    product = scale * mean
    F.batch_norm(autograd.randn(4, 2), mean, var, training=True)
    with pytest.raises(RuntimeError, match="changed in place"):
        product.sum().backward()
    product = scale * var
    F.instance_norm(autograd.randn(4, 2, 3), mean, var)
    with pytest.raises(RuntimeError, match="changed in place"):
        product.sum().backward()


def test_a_channel_count_that_does_not_matter_is_told():
    with pytest.warns(UserWarning, match=r"InstanceNorm1d: expects 3 channels, got .* 4, 5\)"):
        y = nn.InstanceNorm1d(3)(autograd.randn(2, 4, 5))
    assert y.shape == (2, 4, 5)


def test_state_dicts_of_old_lack_the_count_of_batches(torch):
    layer = nn.Sequential(nn.BatchNorm1d(2))
    state = {k: v.numpy() for k, v in layer.state_dict().items() if "num" not in k}
    state["0.running_mean"] = np.array([3.0, 4.0], np.float32)
    assert layer.load_state_dict(state) == ([], [])
    assert layer[0].running_mean.tolist() == [3, 4] and layer[0].num_batches_tracked.item() == 0
    theirs = torch.nn.Sequential(torch.nn.BatchNorm1d(2)).state_dict()
    del theirs["0.num_batches_tracked"]  # it tells a version that has the count
    with pytest.raises(RuntimeError, match=r"missing: 0\.num_batches_tracked"):
        layer.load_state_dict(theirs)


def test_a_frozen_norm_keeps_its_statistics_while_the_model_trains():
    layer = nn.BatchNorm1d(2)
    layer.eval()
    layer(autograd.randn(5, 2))
    assert layer.running_mean.tolist() == [0, 0] and layer.num_batches_tracked.item() == 0
    layer.train()
    layer.track_running_stats = False  # PyTorch's idiom: the batch's, and nothing is tracked
    y = layer(autograd.randn(50, 2) + 7)
    assert layer.running_mean.tolist() == [0, 0] and abs(y.mean().item()) < 1e-4


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("p", "dim"), [(2.0, 1), (1, 0), (3.0, -1), (float("inf"), 1), (2, (0, 1))]
)
def test_normalize_as_pytorch(torch, p, dim, dtype):
    rng = np.random.default_rng(0)
    array = rng.standard_normal((3, 4)).astype(dtype)
    array[1] = 0
    array[:, 2] = 0
    x, t = autograd.tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    y, z = F.normalize(x, p, dim, 1e-3), torch.nn.functional.normalize(t, p, dim, 1e-3)
    upstream = rng.standard_normal((3, 4)).astype(dtype)
    y.backward(autograd.tensor(upstream))
    z.backward(torch.tensor(upstream))
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), atol=tolerance)
    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), atol=1e3 * tolerance)


def test_normalize_to_second_order():
    x = autograd.tensor(np.random.default_rng(0).standard_normal((2, 3)), requires_grad=True)
    assert autograd.gradcheck(F.normalize, [x]) and autograd.gradgradcheck(F.normalize, [x])
    with pytest.raises(TypeError, match="normalize: out= cannot be recorded"):
        F.normalize(x, out=x)
    with pytest.raises(IndexError):
        F.normalize(ones(3))


def test_local_response_norm_by_hand():
    x = np.arange(1.0, 6).reshape(1, 5, 1)
    y = F.local_response_norm(autograd.tensor(x), 4, alpha=2.0, beta=1.0, k=0.5).numpy().ravel()
    squares = np.concatenate([[0, 0], np.arange(1.0, 6) ** 2, [0]])
    sums = [squares[c : c + 4].sum() for c in range(5)]  # two before, one after
    np.testing.assert_allclose(y, x.ravel() / (0.5 + 0.5 * np.array(sums)))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.batch_norm(ones(3), None, None, training=True), ValueError, "expects x"),
        (
            lambda: F.batch_norm(ones(2, 3), None, None, training=True, eps=0.0),
            ValueError,
            "eps must be above 0 in training, got 0.0",
        ),
        (
            lambda: F.batch_norm(ones(2, 3), ones(3), ones(3), eps=-1),
            ValueError,
            "eps must be 0 or more, got -1",
        ),
        (
            lambda: F.batch_norm(ones(2, 3), ones(3), ones(3).double()),
            TypeError,
            "batch_norm: input is float32 but running_var is float64",
        ),
        (
            lambda: nn.BatchNorm3d(3)(ones(2, 3, 4)),
            ValueError,
            r"BatchNorm3d: input must have shape \(N, C, D, H, W\), got \(2, 3, 4\)",
        ),
        (
            lambda: F.instance_norm(ones(2, 3, 1)),
            ValueError,
            r"more than one value a channel, got shape \(2, 3, 1\)",
        ),
        (
            lambda: F.instance_norm(ones(2, 3, 2), use_input_stats=False),
            ValueError,
            "without use_input_stats=True it needs running_mean",
        ),
        (
            lambda: F.instance_norm(ones(2, 3, 2), ones(3)),
            ValueError,
            "give both running_mean and running_var",
        ),
        (
            lambda: F.instance_norm(ones(2, 3, 2), weight=ones(2)),
            ValueError,
            r"weight expects shape \(3,\) for input of shape \(2, 3, 2\), got \(2,\)",
        ),
        (
            lambda: nn.InstanceNorm2d(3, affine=True)(ones(2, 4, 2, 2)),
            ValueError,
            "InstanceNorm2d: expects 3 channels",
        ),
        (
            lambda: nn.InstanceNorm2d(3)(ones(2, 3)),
            ValueError,
            r"InstanceNorm2d: input must have shape \(N, C, H, W\) or \(C, H, W\), got \(2, 3\)",
        ),
        (
            lambda: F.group_norm(ones(2, 4), 3),
            RuntimeError,
            "num_groups must divide the channels, got 3 groups",
        ),
        (lambda: F.group_norm(ones(4), 2), RuntimeError, "group_norm: expects input"),
        (lambda: F.group_norm(ones(1, 4), 4), ValueError, "more than one value a group"),
        (lambda: F.group_norm(ones(2, 4), 0), ValueError, "num_groups must be at least 1"),
        (lambda: F.group_norm(ones(2, 4), 2, ones(3)), ValueError, "weight expects shape"),
        (
            lambda: nn.GroupNorm(3, 4),
            ValueError,
            "num_groups must divide num_channels, got 3 groups for 4 channels",
        ),
        (
            lambda: F.layer_norm(ones(2, 3), (2,)),
            RuntimeError,
            r"normalized_shape \(2,\) must be how the input's shape ends, got \(2, 3\)",
        ),
        (lambda: F.layer_norm(ones(3), (2, 3)), RuntimeError, "must be how the input's shape"),
        (lambda: F.layer_norm(ones(2, 3), ()), RuntimeError, "needs at least one axis"),
        (lambda: nn.LayerNorm((2, 1.5)), TypeError, r"normalized_shape\[1\] must be an int"),
        (
            lambda: F.layer_norm(ones(2, 3), 3, ones(2)),
            RuntimeError,
            r"weight expects shape \(3,\) \(normalized_shape\), got \(2,\)",
        ),
        (
            lambda: F.layer_norm(ones(2, 3).double(), 3, ones(3)),
            TypeError,
            "layer_norm: input is float64 but weight is float32",
        ),
        (lambda: F.rms_norm(ones(2, 3), 2), RuntimeError, "rms_norm: normalized_shape"),
        (
            lambda: F.local_response_norm(ones(2, 3), 2),
            ValueError,
            r"local_response_norm: expects input .* got shape \(2, 3\)",
        ),
        (lambda: nn.LocalResponseNorm(0), ValueError, "size must be at least 1, got 0"),
        (lambda: F.local_response_norm(ones(2, 3, 4), 1.5), TypeError, "size must be an int"),
        (lambda: nn.LayerNorm(3, device="cuda"), RuntimeError, "no device but the CPU"),
        (lambda: nn.BatchNorm2d(3, dtype=np.int64), TypeError, "must be a floating-point one"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    "name", ["BatchNorm2d", "InstanceNorm2d", "GroupNorm", "LayerNorm", "RMSNorm"]
)
def test_half_precision_is_summed_in_single(torch, name):
    """Pixels of 0 to 255 have squares that float16 does not hold."""
    args = {"GroupNorm": (2, 4), "LayerNorm": ((4, 3, 3),), "RMSNorm": ((4, 3, 3),)}.get(name, (4,))
    more = {"affine": True, "track_running_stats": True} if name == "InstanceNorm2d" else {}
    theirs, ours = getattr(torch.nn, name)(*args, **more), getattr(nn, name)(*args, **more)
    theirs, ours = theirs.half(), ours.half()
    pixels = np.random.default_rng(3).uniform(0, 255, (5, 4, 3, 3)).astype(np.float16)
    for training in (True, False):
        found = []
        for library, module in ((torch, theirs), (autograd, ours)):
            module.train(training)
            x = library.tensor(pixels).requires_grad_()
            y = module(x)
            (y * library.tensor(pixels / 255)).sum().backward()
            found.append([y.detach(), x.grad, module.weight.grad, *module.buffers()])
        for expected, got in zip(*found, strict=True):
            assert str(got.dtype) in str(expected.dtype)
            np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=4e-3, atol=4e-3)


@pytest.mark.parametrize("layer", [nn.GroupNorm(2, 4), nn.InstanceNorm2d(4, affine=True)])
def test_channels_without_places(layer):
    """Images of width 0: nothing to normalise, nothing to learn, and no error."""
    x = autograd.zeros(2, 4, 3, 0, requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert y.shape == x.grad.shape == x.shape
    assert [p.grad.tolist() for p in layer.parameters()] == [[0.0] * 4] * 2
