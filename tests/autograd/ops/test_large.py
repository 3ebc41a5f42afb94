"""Kernels that take another way where arrays are large: the same results as PyTorch's."""

import numpy as np
import pytest

import autograd


def both(torch, function, *arrays):
    """Return values and gradients of a function of either package, for one upstream."""
    found = []
    for package in (autograd, torch):
        leaves = [package.from_numpy(a.copy()) for a in arrays]
        for x in leaves:
            if x.is_floating_point():
                x.requires_grad_()
        z = function(package, *leaves)
        z = z[0] if isinstance(z, tuple) else z
        upstream = np.random.default_rng(1).standard_normal(tuple(z.shape)).astype(np.float32)
        z.backward(package.from_numpy(upstream))
        grads = [x.grad.numpy() for x in leaves if x.is_floating_point()]
        found.append([z.detach().numpy(), *grads])
    return found


OPERATIONS = {
    "cumsum": lambda package, x: x.cumsum(1),
    "cumsum of a middle axis": lambda package, x: x.reshape(3, 50, 700).cumsum(1),
    "cumsum of the first axis": lambda package, x: x.reshape(50, 2100).cumsum(0),
    "cumprod": lambda package, x: (1 + x / 100).cumprod(1),
    "cummax": lambda package, x: x.cummax(1),
    "cummin": lambda package, x: x.cummin(1),
    "cummax of the first axis": lambda package, x: x.cummax(0),
    "cummin of a middle axis": lambda package, x: x.reshape(3, 50, 700).cummin(1),
    "cummax of rising numbers": lambda package, x: x.sort(1)[0].cummax(1),
    "tril": lambda package, x: x.tril(3),
    "tril of wide matrices": lambda package, x: x.reshape(3, 100, 350).tril(100),
    "triu": lambda package, x: x.reshape(3, 350, 100).triu(-5),
    "triu beyond the edge": lambda package, x: x.triu(70),
    "median": lambda package, x: x.median(1),
    "median of the first axis": lambda package, x: x.median(0),
    "nanmedian": lambda package, x: x.nanmedian(1),
    "kthvalue of a middle axis": lambda package, x: x.reshape(3, 350, 100).kthvalue(7, 1),
    "repeat": lambda package, x: x.repeat(2, 3),
    "relu": lambda package, x: package.relu(x.repeat(1, 3)),
    "prod": lambda package, x: (1 + x / 100).prod(1),
    "prod of few": lambda package, x: (x[:, :6]).prod(1),
    "topk": lambda package, x: x.t()[:60].topk(5, 1),
    "smallest": lambda package, x: x.t()[:60].topk(5, 1, largest=False),
    "repeat_interleave": lambda package, x: x.repeat_interleave(3, 1),
    "where": lambda package, x: package.where(x > 0.3, x, 2.0),
    "where of two": lambda package, x: package.where(x > 0.3, x * x, x[:, :1]),
    "masked_fill": lambda package, x: x.masked_fill(x > 0.3, float("inf")),
    "x ** 3": lambda package, x: x**3,
    "x ** 7": lambda package, x: x**7,
    "x ** -4": lambda package, x: x**-4,
    "x ** -0.5": lambda package, x: x.abs() ** -0.5,
    "sigmoid": lambda package, x: (50 * x).sigmoid(),
    "lerp to the near end": lambda package, x: package.lerp(x, x * x, 0.3),
    "lerp to the far end": lambda package, x: package.lerp(x, x * x, 0.8),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_large_arrays_give_what_pytorch_gives(torch, name):
    x = np.random.default_rng(0).standard_normal((1050, 100)).astype(np.float32)
    for ours, theirs in zip(*both(torch, OPERATIONS[name], x), strict=True):
        np.testing.assert_allclose(
            ours, theirs, 1e-4, 1e-5 * np.abs(theirs[~np.isinf(theirs)]).max()
        )


EXTREMES = np.array([0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 3e38, 0.1], "f")


@pytest.mark.parametrize("function", [np.remainder, np.fmod, np.floor_divide])
@pytest.mark.parametrize("kind", ["extremes", "multiples", "far apart", "bits"])
def test_rounded_quotients_of_many_numbers_are_numpys(function, kind):
    draws, size = np.random.default_rng(5), 300_000
    if kind == "extremes":
        x, y = draws.choice(EXTREMES, (2, size))
    elif kind == "multiples":  # a rounded product is above or below the multiple that was meant
        y = draws.integers(1, 100, size) * np.float32(0.1)
        x = (draws.integers(-1000, 1000, size) * y).astype(np.float32)
    elif kind == "far apart":
        x, y = (draws.standard_normal((2, size)) * 10.0 ** draws.integers(-9, 9, (2, size))).astype(
            np.float32
        )
    else:
        x, y = draws.integers(0, 1 << 32, (2, size), dtype=np.uint32).view(np.float32)
    ours = getattr(autograd, function.__name__)
    with np.errstate(all="ignore"):
        cases = [(x, y), (x, 0.7), (x[: size // 2], -3.0), (x[1], y), (x[:2000], y[:2000])]
        for a, b in cases:
            expected = np.asarray(function(a, b))
            found = ours(autograd.tensor(a), autograd.tensor(b) if b is y else b).numpy()
            exact = (np.abs(expected) < 1 << 21) | ~np.isfinite(expected)
            if function is not np.floor_divide:
                assert exact.mean() > 0.2
                exact[...] = True
            np.testing.assert_array_equal(found[exact], expected[exact])
            np.testing.assert_array_equal(np.signbit(found[exact]), np.signbit(expected[exact]))


def test_rounded_quotients_of_many_numbers_warn_as_numpys_do():
    x = autograd.ones(5000)
    assert (x % 0.3 < 0.3).all()
    with pytest.warns(RuntimeWarning, match="invalid value encountered in remainder"):
        autograd.remainder(x, 0.0)


def test_many_numbers_are_added_in_logarithms(torch):
    draws = np.random.default_rng(6)
    x, y = (draws.standard_normal((2, 300_000)) * 10).astype(np.float32)
    x[::3], y[::2] = draws.choice(EXTREMES, 100_000), draws.choice(EXTREMES, 150_000)
    with np.errstate(all="ignore"):
        found = autograd.logaddexp(autograd.from_numpy(x), autograd.from_numpy(y)).numpy()
    expected = torch.logaddexp(torch.from_numpy(x), torch.from_numpy(y)).numpy()
    np.testing.assert_allclose(found, expected, 1e-6, 1e-7)


@pytest.mark.parametrize("g", [2.5, -0.0, np.inf, np.nan])
def test_one_number_goes_back_through_a_large_gate_as_a_choice(g):
    x = autograd.from_numpy(np.tile(np.float32([-1, 2, 0]), 100_000)).requires_grad_()
    autograd.relu(x).sum().backward(autograd.tensor(g))
    np.testing.assert_array_equal(x.grad.numpy(), np.tile(np.float32([0, g, 0]), 100_000))
    assert not np.signbit(x.grad.numpy()[::3]).any()


def test_distances_in_blocks_give_what_pytorch_gives(torch):
    draws = np.random.default_rng(0)
    x, y = (draws.standard_normal((n, 64)).astype(np.float32) for n in (45, 50))
    y[7] = x[3]
    for ours, theirs in zip(*both(torch, lambda p, a, b: p.cdist(a, b, p=1.0), x, y), strict=True):
        np.testing.assert_allclose(ours, theirs, 1e-4, 1e-4)


@pytest.mark.parametrize("largest", [True, False])
def test_topk_of_long_rows_counts_nan_as_the_largest_and_takes_ties(torch, largest):
    x = np.random.default_rng(0).standard_normal((4, 1000)).astype(np.float32).round(1)
    x[0, 5], x[0, 999], x[1, 300], x[2, 7], x[3] = np.nan, np.nan, np.inf, -np.inf, -np.inf
    found = autograd.topk(autograd.from_numpy(x), 6, 1, largest)
    expected = torch.topk(torch.from_numpy(x), 6, 1, largest).values.numpy()
    np.testing.assert_array_equal(found.values.numpy(), expected)
    np.testing.assert_array_equal(np.take_along_axis(x, found.indices.numpy(), 1), expected)


@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_product_of_others_divides_only_where_there_is_no_zero(zeros):
    x = np.array([[2.0, -3.0, 0.5, 4.0], [1.0, 5.0, -2.0, 3.0]])
    x[0, :zeros] = 0
    leaf = autograd.tensor(x, requires_grad=True)
    leaf.prod(1).backward(autograd.ones(2).double())
    expected = [[np.prod(np.delete(row, i)) for i in range(4)] for row in x]
    np.testing.assert_allclose(leaf.grad.numpy(), expected)


def test_the_gradient_of_an_overflowing_product_is_exact():
    x = np.array([1e30, 1e-30, 1e30, 1e-30], np.float32)
    leaf = autograd.tensor(x, requires_grad=True)
    with np.errstate(all="ignore"):
        leaf.prod().backward()
    np.testing.assert_allclose(leaf.grad.numpy(), [1e-30, 1e30, 1e-30, 1e30], 1e-5)


ALONG = {
    name: lambda x, dim, name=name: getattr(x, name)(dim)
    for name in (
        *("sum", "mean", "prod", "var", "std", "amax", "amin", "max", "min", "argmax", "logsumexp"),
        *("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp", "median", "nanmedian", "nansum"),
        *("sort", "argsort", "mode", "softmax", "log_softmax", "flip", "unbind", "nanmean"),
    )
} | {
    "norm": lambda x, dim: autograd.linalg.vector_norm(x, 3, dim),
    "topk": lambda x, dim: x.topk(2, dim),
    "kthvalue": lambda x, dim: x.kthvalue(2, dim),
    "quantile": lambda x, dim: x.quantile(0.3, dim),
    "roll": lambda x, dim: x.roll(1, dim),
    "repeat_interleave": lambda x, dim: autograd.repeat_interleave(x, 2, dim),
    "index_select": lambda x, dim: x.index_select(dim, autograd.tensor([1, 0, 1])),
    "gather": lambda x, dim: x.gather(dim, autograd.argsort(x, dim)),
    "unfold": lambda x, dim: x.unfold(dim, 2, 1),
    "narrow": lambda x, dim: x.narrow(dim, 1, 1),
    "cat": lambda x, dim: autograd.cat([x, x], dim),
    "stack": lambda x, dim: autograd.stack([x, x], dim),
}


@pytest.mark.parametrize("shape", [(300, 3, 2), (2, 3, 300), (2, 300, 3), (700, 2)])
@pytest.mark.parametrize("name", ALONG)
def test_axes_of_large_arrays_may_be_counted_from_the_end(name, shape):
    values = 1 + np.random.default_rng(2).permutation(int(np.prod(shape))).reshape(shape) / 1e5
    ends = len(shape) + (name == "stack")
    for axis in range(ends):
        found = []
        for dim in (axis, axis - ends):
            x = autograd.tensor(values, requires_grad=True)
            z = ALONG[name](x, dim)
            parts = z if isinstance(z, tuple) else (z,)
            roots = [part for part in parts if part.requires_grad]
            slopes = (
                autograd.grad([(part * part.detach()).sum() for part in roots], x) if roots else ()
            )
            found.append([part.detach().numpy() for part in (*parts, *slopes)])
        assert all(map(np.array_equal, *found))
        assert len(found[0]) == len(found[1]) > 0
