"""Sums, means, products, variances, norms and truths: zeros, nan, inf, empties, dtypes, misuse."""

import warnings

import numpy as np
import pytest

import autograd
from autograd.ops.summation import add_up

NAN, INF = np.nan, np.inf


def leaf(values, dtype=np.float64):
    return autograd.tensor(np.array(values, dtype), requires_grad=True)


def compare(torch, ours, reference, values, upstream=1.0):
    """Compare value and gradient with PyTorch's."""
    x, y = leaf(values), torch.tensor(values, dtype=torch.float64, requires_grad=True)
    with np.errstate(all="ignore"):
        z, expected = ours(x), reference(y)
        np.testing.assert_allclose(z.detach().numpy(), expected.detach().numpy(), rtol=1e-14)
        z.backward(np.full(z.shape, upstream))
        expected.backward(torch.full_like(expected, upstream))
        np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-13)


# ---------------------------------------------------------------- products

FACTORS = [[0, 2, 3], [2, 0, 3], [0, 0, 3], [0, 0, 0], [2, 3, 5], [INF, 0, 1], [0]]


@pytest.mark.parametrize("factors", FACTORS, ids=str)
def test_products_with_zeros_have_torchs_derivatives(factors, torch):
    compare(torch, autograd.prod, torch.prod, factors)
    if np.isfinite(factors).all():
        compare(torch, lambda x: x.cumprod(0), lambda x: x.cumprod(0), factors)
        x = leaf(factors)
        for function in (autograd.prod, lambda x: x.cumprod(0), lambda x: x.prod(0)):
            assert autograd.gradcheck(function, x) and autograd.gradgradcheck(function, x)


def test_products_have_exact_third_derivatives_at_zeros():
    x = leaf([0.0, 0.0, 0.0, 7.0])
    (first,) = autograd.grad(x.prod(), x, create_graph=True)
    (second,) = autograd.grad(first[0], x, create_graph=True)
    (third,) = autograd.grad(second[1], x)
    assert third.tolist() == [0, 0, 7, 0]


def test_a_product_that_overflows_or_underflows_keeps_the_slopes_that_do_not():
    x = leaf([1e-200, 1e-200, 1e200])
    x.prod().backward()  # 1e-400 * 1e200 by way of 0
    np.testing.assert_allclose(x.grad.numpy()[:2], [1, 1], rtol=1e-14)


@pytest.mark.parametrize("length", [1, 2, 64, 65, 100, 1000])
@pytest.mark.parametrize("name", ["cumprod", "logcumsumexp"])
def test_long_recurrences_run_in_blocks_and_equal_torch(name, length, torch):
    random = np.random.default_rng(length)
    values = random.uniform(0.8, 1.2, (2, length)) * random.choice([-1, 1], (2, length))
    values[0, length // 2] = 0
    upstream = random.standard_normal((2, length))
    x, y = leaf(values), torch.tensor(values, requires_grad=True)
    getattr(x, name)(-1).backward(upstream)
    getattr(y, name)(-1).backward(torch.tensor(upstream))
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_the_gradient_of_logcumsumexp_overflows_nowhere():
    x = leaf([800.0, 900.0, 900.0])
    x.logcumsumexp(0).sum().backward()  # with no warning
    np.testing.assert_allclose(x.grad.numpy(), [1, 1.5, 0.5], rtol=1e-12)


def test_overflow_on_the_way_of_a_block_does_not_spoil_what_is_zero():
    values = np.full(400, 1e20)
    values[0] = 0
    x = leaf(values)
    x.cumprod(0)[3].backward()
    np.testing.assert_array_equal(x.grad.numpy(), [1e20**3] + [0.0] * 399)


def test_the_slope_at_a_nan_is_the_product_of_the_others():
    x = leaf([NAN, 2.0, 3.0])
    x.prod().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [6, NAN, NAN])


# ---------------------------------------------------------------- nan, inf, empties

SPECIAL = [
    [1.0, NAN, 3.0],
    [NAN, NAN],
    [INF, 1.0, NAN],
    [-INF, 1.0],
    [2.0, 2.0, 2.0],
    [5.0],
    [],
]


@pytest.mark.parametrize("values", SPECIAL, ids=str)
@pytest.mark.parametrize("name", ["sum", "nansum", "mean", "logsumexp"])
def test_special_values_equal_torch(name, values, torch):
    options = [0] if name == "logsumexp" else []
    compare(
        torch,
        lambda x: getattr(autograd, name)(x, *options),
        lambda x: getattr(torch, name)(x, *options),
        values,
    )


def test_nanmean_averages_what_is_known_and_sends_nothing_to_nan():
    x = leaf([[1.0, NAN, 3.0], [NAN, NAN, NAN], [4.0, 4.0, 1.0]])
    z = x.nanmean(1)
    np.testing.assert_array_equal(z.detach().numpy(), [2, NAN, 3])
    z.backward(np.array([INF, INF, 3.0]))
    np.testing.assert_array_equal(x.grad.numpy(), [[INF, 0, INF], [0, 0, 0], [1, 1, 1]])
    assert np.isnan(autograd.nanmean(autograd.zeros(0)).item())
    y = leaf([NAN, 2.0])
    y.nansum().backward(INF)
    np.testing.assert_array_equal(y.grad.numpy(), [0, INF])


@pytest.mark.parametrize("pair", [(INF, 1), (-INF, 1), (INF, INF), (-INF, -INF), (INF, -INF)])
def test_logarithms_of_sums_at_infinities_equal_torch(pair, torch):
    compare(torch, lambda x: x.logsumexp(0), lambda x: x.logsumexp(0), pair)
    compare(torch, lambda x: x.logcumsumexp(0), lambda x: x.logcumsumexp(0), pair)


@pytest.mark.parametrize("values", [[1, INF, 2, 3], [-INF, -INF, 1], [2, 1, -INF, -INF]], ids=str)
def test_cumulative_logarithms_after_infinities_equal_torch(values, torch):
    compare(torch, lambda x: x.logcumsumexp(0), lambda x: x.logcumsumexp(0), np.float64(values))


def test_the_mean_of_nothing_sends_nothing_and_warns_of_nothing():
    x = leaf([])
    x.mean().backward()
    assert x.grad.shape == (0,)
    with pytest.warns(UserWarning, match="degree of freedom"):
        mean = autograd.var_mean(x)[1]
    assert autograd.grad(mean, x)[0].shape == (0,)


def test_empties():
    x = autograd.zeros(0, 3)
    assert x.sum().item() == 0 and x.prod().item() == 1 and np.isnan(x.mean().item())
    assert x.sum(0).tolist() == [0, 0, 0] and x.prod(0).tolist() == [1, 1, 1]
    assert np.isnan(x.mean(0).numpy()).all() and x.mean(1).shape == (0,)
    assert x.logsumexp(0).tolist() == [-INF] * 3
    assert not x.any().item() and x.all().item() and x.count_nonzero().item() == 0
    assert x.norm().item() == 0 and x.norm(0, 0).tolist() == [0, 0, 0]
    for p in (INF, -INF, -1):
        with pytest.raises((RuntimeError, IndexError), match="norm"):
            x.norm(p)


# ---------------------------------------------------------------- moments


@pytest.mark.parametrize("name", ["var", "std", "var_mean", "std_mean"])
def test_too_few_numbers_are_nan_or_inf_and_a_warning_says_so(name):
    for values, correction, expected in (([1.0], 1, NAN), ([1.0, 2.0], 2, INF), ([], 0, NAN)):
        with pytest.warns(UserWarning, match=f"{name}: .* no degree of freedom"):
            z = getattr(autograd, name)(autograd.tensor(values), correction=correction)
        np.testing.assert_equal(float((z[0] if isinstance(z, tuple) else z).item()), expected)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert getattr(autograd, name)(autograd.zeros(0, 3), 1) is not None  # no slice to speak of


@pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [1.0, 2.0], [1.0, NAN], [5.0]], ids=str)
@pytest.mark.parametrize("upstream", [1.0, INF])
def test_std_of_equal_numbers_sends_0_whatever_arrives(values, upstream, torch):
    for name in ("var", "std"):
        if upstream == INF and name == "var":
            continue
        compare(
            torch,
            lambda x, name=name: getattr(x, name)(correction=0),
            lambda x, name=name: getattr(x, name)(correction=0),
            values,
            upstream,
        )


def test_the_spellings_of_the_correction(torch):
    array = np.arange(6.0).reshape(2, 3) ** 2
    x, y = autograd.tensor(array), torch.tensor(array)
    for call in (
        lambda x: x.var(True),
        lambda x: x.var(False),
        lambda x: x.var(0, False),
        lambda x: x.std(1, True, True),
        lambda x: x.var(unbiased=False),
        lambda x: x.std(dim=(0, 1), correction=0.5),
        lambda x: x.var(correction=None),
    ):
        np.testing.assert_allclose(call(x).numpy(), call(y).numpy(), rtol=1e-14)
    with pytest.raises(TypeError, match="var: expected correction or unbiased, got both"):
        x.var(unbiased=True, correction=0)


@pytest.mark.parametrize("name", ["var_mean", "std_mean"])
@pytest.mark.parametrize("used", [(0,), (1,), (0, 1)])
def test_parts_may_be_used_alone(name, used):
    x = leaf([[1.0, 4.0, 2.0], [0.0, -3.0, 7.0]])

    def function(x):
        found = getattr(autograd, name)(x, dim=1)
        return [found[i] * found[i] for i in used]

    assert autograd.gradcheck(function, x) and autograd.gradgradcheck(function, x)


# ---------------------------------------------------------------- norms


@pytest.mark.parametrize("p", [0, 1, 2, 3, 0.5, 1.5, -1, -2, INF, -INF, "fro", None])
def test_norms_at_zero_and_at_ties_equal_torch(p, torch):
    for values in ([0, 0, 0], [0, 1, -2], [1, -2, 2], [-2]):
        if p == 0:  # PyTorch's has no derivative
            x = leaf(values)
            assert x.norm(0).item() == np.count_nonzero(values)
            continue
        compare(torch, lambda x: autograd.norm(x, p), lambda x: torch.norm(x, p), values)


def test_norms_of_other_kinds(torch):
    array = np.arange(12.0).reshape(2, 2, 3) - 5
    x, y = autograd.tensor(array), torch.tensor(array)
    np.testing.assert_allclose(x.norm("nuc", (0, 2)), torch.norm(y, "nuc", (0, 2)), rtol=1e-12)
    assert autograd.ones(2).norm(dtype=np.float64).dtype == np.float64
    for call, message in (
        (lambda: x.norm("one"), "norm: p must be a number, 'fro' or 'nuc', got 'one'"),
        (lambda: x.norm(dtype=np.float32), "norm: dtype float32 cannot hold .* float64"),
        (lambda: x.long().norm(), "norm: expected a floating-point tensor, got int64"),
    ):
        with pytest.raises(RuntimeError, match=message):
            call()


# ---------------------------------------------------------------- dtypes, truths, misuse


@pytest.mark.parametrize("kind", [np.bool_, np.uint8, np.int8, np.int32, np.int64])
def test_integers_add_and_multiply_in_int64(kind, torch):
    array = np.array([[3, 0, 2], [1, 1, 1]]).astype(kind)
    x, y = autograd.from_numpy(array), torch.tensor(array)
    for name in ("sum", "nansum", "prod", "cumsum", "cumprod", "any", "all", "count_nonzero"):
        z, expected = getattr(autograd, name)(x, 1), getattr(torch, name)(y, 1)
        assert str(z.dtype) == str(expected.dtype)[6:], name
        assert z.tolist() == expected.tolist(), name


def test_dtypes_asked_for_are_cast_to_first(torch):
    array = np.array([1.9, 2.9], np.float32)
    x, y = autograd.tensor(array), torch.tensor(array)
    for name, options in (
        ("sum", {}), ("prod", {}), ("nansum", {}), ("cumsum", {"dim": 0}), ("cumprod", {"dim": 0}),
    ):  # fmt: skip
        for ours, other in ((np.int64, torch.int64), (np.float64, torch.float64)):
            z = getattr(autograd, name)(x, **options, dtype=ours)
            expected = getattr(torch, name)(y, **options, dtype=other)
            assert z.dtype == ours and z.tolist() == expected.tolist()
    assert autograd.mean(autograd.tensor([1, 2]), dtype=np.float32).item() == 1.5
    big = autograd.tensor(np.array([3e38, 3e38], np.float32), requires_grad=True)
    total = big.sum(dtype=np.float64)
    total.backward()
    assert total.item() == pytest.approx(6e38) and big.grad.dtype == np.float32


@pytest.mark.parametrize("shape", [(3, 5000), (5000, 3), (5, 300), (300, 5), (4097,), (2, 70, 300)])
def test_scans_of_every_shape_equal_torch(shape, torch):
    array = np.random.default_rng(2).uniform(-1, 1, shape)
    array[array > 0.99] = NAN if len(shape) == 1 else 0.5
    for dim in range(len(shape)):
        for laid in (array, array[::-1], np.asfortranarray(array)):
            x, y = autograd.tensor(laid), torch.tensor(laid.copy())
            for name in ("cumsum", "cumprod", "logcumsumexp"):
                np.testing.assert_allclose(
                    getattr(x, name)(dim).numpy(),
                    getattr(y, name)(dim).numpy(),
                    rtol=1e-10,
                    atol=1e-12,
                )
            for name in ("cummax", "cummin"):
                found, expected = getattr(x, name)(dim), getattr(y, name)(dim)
                np.testing.assert_array_equal(found.values.numpy(), expected.values.numpy())
                np.testing.assert_array_equal(found.indices.numpy(), expected.indices.numpy())


def test_single_precision_cumulates_in_double():
    ones = autograd.tensor(np.full(1_000_000, 0.1, np.float32))
    assert ones.cumsum(0)[-1].item() == pytest.approx(100_000, rel=1e-7)
    half = autograd.tensor(np.full(4096, 1, np.float16))
    assert half.sum().item() == 4096 and half.sum().dtype == np.float16


def test_no_axes_named_are_no_axes_for_any_and_all(torch):
    array = np.array([[True, False], [True, True]])
    for name in ("any", "all"):
        z = getattr(autograd, name)(autograd.from_numpy(array), dim=())
        assert z.tolist() == getattr(torch, name)(torch.tensor(array), dim=()).tolist()
        assert getattr(autograd, name)(autograd.tensor([NAN])).item()
    for name in ("sum", "mean", "amax", "nansum"):
        assert getattr(autograd, name)(autograd.ones(2, 2), dim=()).shape == ()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x.sum(0.5), TypeError, "sum: dim must be an integer or a tuple of integers"),
        (lambda x: x.sum(True), TypeError, "sum: dim must be an integer or a tuple"),
        (lambda x: x.mean((0, 0)), RuntimeError, "mean: dim .* names an axis twice"),
        (lambda x: x.long().mean(), RuntimeError, "mean: expected a floating-point tensor"),
        (lambda x: x.mean(dtype=int), RuntimeError, "mean: expected a floating-point tensor"),
        (lambda x: x.long().var(), RuntimeError, "var: expected a floating-point tensor"),
        (lambda x: x.long().nanmean(), RuntimeError, "nanmean: expected a floating-point tensor"),
        (lambda x: x.prod((0, 1)), TypeError, "prod: dim must be an integer, got"),
        (lambda x: x.prod(2), IndexError, "prod: dim 2 is out of range"),
        (lambda x: x.cumsum(None), TypeError, "cumsum: dim must be an integer, got None"),
        (lambda x: x.cumprod(-3), IndexError, "cumprod: dim -3 is out of range"),
        (lambda x: x.long().logcumsumexp(0), RuntimeError, "logcumsumexp: expected a floating"),
        (lambda x: x.cummax(2), IndexError, "cummax: dim 2 is out of range"),
        (lambda x: autograd.sum({}), TypeError, "sum: expected a Tensor, an array or a list"),
        (lambda x: autograd.sum([x, x]), TypeError, "sum: got a list of Tensors"),
    ],
)
def test_misuse_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call(autograd.ones(2, 3))


# ---------------------------------------------------------------- cumulative extrema


@pytest.mark.parametrize(
    "values",
    [[1, 3, 3, 2, 3], [3, 1, 1, 2, 1], [1, NAN, 3, NAN, 5], [-INF, -INF, 1], [NAN, NAN], [2]],
    ids=str,
)
def test_cumulative_extrema_equal_torch(values, torch):
    for name in ("cummax", "cummin"):
        compare(
            torch,
            lambda x, name=name: getattr(x, name)(0).values,
            lambda x, name=name: getattr(x, name)(0).values,
            values,
        )
        ours = getattr(autograd, name)(leaf(values), 0).indices
        theirs = getattr(torch, name)(torch.tensor(values, dtype=torch.float64), 0).indices
        assert ours.tolist() == theirs.tolist() and ours.dtype == np.int64


# ---------------------------------------------------------------- adding up


@pytest.mark.parametrize("shape", [(40, 30, 7, 5), (5000, 3), (3, 5000), (60, 1, 50), (7, 1000)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_over_any_axes_are_exact_to_rounding(shape, dtype):
    array = np.random.default_rng(1).standard_normal(shape).astype(dtype)
    bound = 4 * np.finfo(dtype).eps
    for bits in range(1, 2 ** len(shape)):
        axes = tuple(i for i in range(len(shape)) if bits >> i & 1)
        for laid in (array, np.asfortranarray(array), array[::-1]):
            total = add_up(laid, axes)
            sizes = np.sum(np.abs(array), axis=axes, dtype=np.float64)
            assert total.dtype == dtype
            exact = np.sum(laid, axis=axes, dtype=np.float64)
            assert total.shape == exact.shape
            assert (np.abs(total - exact) <= bound * np.log2(array.size) * sizes).all()


def test_what_is_not_finite_adds_up_as_ever():
    array = np.zeros((3000, 3), np.float32)
    array[5, 1], array[2, 0] = INF, NAN
    np.testing.assert_array_equal(add_up(array, (0,)), [NAN, INF, 0])
    assert np.isnan(add_up(array, (1,))[2]) and np.isposinf(add_up(array, (1,))[5])


def test_the_gradient_of_a_sum_is_a_view_that_repeats():
    x = leaf(np.ones((50, 40)))
    seen = [s for s in autograd.steps(x.sum(0).sum()) if s.op.name == "sum"]
    assert all(0 in c.strides for s in seen for c in s.contributions)


@pytest.mark.parametrize("correction", [0, 1])
@pytest.mark.parametrize("size", [1e-38, 1e-30, 1e30, 3e37])
def test_a_deviation_in_single_precision_whose_square_does_not_fit(size, correction, torch):
    values = np.array([[1, 2, 3], [2, -1, 1]], np.float32) * np.float32(size)
    results = []
    for library in (autograd, torch):
        x = library.tensor(values, requires_grad=True)
        with np.errstate(over="raise"):
            z = library.std(x, 1, correction=correction)
            _, mean = library.std_mean(x, 1, correction=correction)
        z.sum().backward()
        results.append([z.detach().numpy() / size, x.grad.numpy(), mean.detach().numpy() / size])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-7)
