"""Calls that random ones found to differ from PyTorch, results and gradients, mended since.

Found by ``python -m tests.fuzz``, where nothing hides them any more.
"""

import operator

import numpy as np
import pytest

import autograd

INF, NAN = float("inf"), float("nan")


def double(t, values):
    return t.tensor(values, dtype=t.float64)


RESULTS = {
    "a number of NumPy as value": lambda t: t.addcmul(
        t.ones(2), t.ones(2), t.tensor([2.0, 3.0]), value=np.float64(1.5) if t is autograd else 1.5
    ),
    "a mask plus a mask": lambda t: t.tensor([True, False]).add(t.tensor([True, True]), alpha=True),
    "a mask minus a truth": lambda t: t.tensor([True, False]).add(False, alpha=-1),
    "rows of small integers": lambda t: t.tensordot(
        t.tensor([[3], [1]], dtype=t.int8), t.tensor([[5, -1]], dtype=t.int8)
    ),
    "a sum of integers without nan": lambda t: t.nansum(double(t, [1.0, NAN, 2.5]), dtype=t.int64),
    "whole numbers by halves": lambda t: t.arange(-3, -1, 0.5, dtype=t.int32),
    "long numbers downwards": lambda t: t.arange(2.5, 0, -1, dtype=t.int64),
    "long numbers by more than 1": lambda t: t.arange(0, 3, 1.5, dtype=t.int64),
    "whole numbers below a half": lambda t: t.arange(0.5, dtype=t.uint8),
    "negative numbers without a sign": lambda t: t.arange(-3, -1, 1, dtype=t.uint8),
    "nothing by halves": lambda t: t.arange(0, 0, 0.5, dtype=t.uint8),
    "the norm of a large number": lambda t: double(t, [[1e300], [-2.0]]).norm(dim=1),
    "the norm of a large number alone": lambda t: t.linalg.matrix_norm(
        t.tensor([[[-0.25]], [[1e30]]]), dtype=t.float32
    ),
    "numbers in tensors": lambda t: t.tensor([t.tensor([5]), 2, t.tensor([[7]])]),
    "a tensor in a list": lambda t: t.as_tensor([[t.tensor([5.0])]]),
    "a tangent of nothing": lambda t: (t.func if t is not autograd else t).jacfwd(
        lambda x, y: x.sum(), argnums=1
    )(t.ones(2), double(t, [1.0, 2.0, 3.0])),
    "a gradient of nothing": lambda t: (t.func if t is not autograd else t).jacrev(
        lambda x, y: x.sum(), argnums=1
    )(t.ones(2), double(t, [1.0, 2.0, 3.0])),
    "no freedom for tiny numbers": lambda t: t.tensor([[1e-40, 0.0], [NAN, 1.0], [2.0, 2.0]]).std(
        1, correction=2
    ),
    "the norm of a tiny number": lambda t: double(t, 5e-324).norm(3.0),
    "the largest difference but nan": lambda t: t.cdist(
        double(t, [[NAN, 1.0, 2.0], [NAN, NAN, NAN]]), double(t, [[0.0, 1.0, 5.0]]), INF
    ),
    "how many differ, of nan": lambda t: t.cdist(
        double(t, [[NAN, 1.0], [2.0, 1.0]]), double(t, [[0.0, 1.0]]), 0.0
    ),
    "solved with inf": lambda t: t.linalg.solve_triangular(
        double(t, [[2.0, 0.0], [0.5, 3.0]]), double(t, [[1.0], [INF]]), upper=False
    ),
    "solved with inf first": lambda t: t.linalg.solve_triangular(
        double(t, [[2.0, 5.0], [0.5, 3.0]]), double(t, [[-INF], [1.0]]), upper=False
    ),
    "solved by inf": lambda t: t.linalg.solve_triangular(
        double(t, [[INF, 0.0], [0.5, 3.0]]), double(t, [[1.0], [3.0]]), upper=False
    ),
    "solved beside a large number": lambda t: t.linalg.solve_triangular(
        double(t, [[1.0, 0.0, 0.0], [0.4, 1.0, 0.0], [1.6, -0.2, 1.0]]),
        double(t, [[-0.8], [0.4], [-1e300]]),
        upper=False,
    ),
    "a chain that costs the same from either end": lambda t: t.linalg.multi_dot(
        [double(t, [[1.0, 2.0]]), double(t, [[0.0, -INF], [1.0, 2.0]]), double(t, [[2.0], [-INF]])]
    ),
    "a half by a number beyond its own": lambda t: t.tensor([0.0, 1e-3], dtype=t.float16) * 7e4,
    "a half by a large integer": lambda t: 100_000 * t.tensor(1e-3, dtype=t.float16),
    "inf by a number beyond it": lambda t: t.tensor([INF, -INF, 1.0], dtype=t.float16) / 7e4,
    "a number beyond it by inf": lambda t: 7e4 / t.tensor([INF, 2.0, 4.0], dtype=t.float16),
    "counted where 1 is nothing": lambda t: t.histc(t.tensor([1e30, 1e30]), 6),
    "a quotient scaled into range": lambda t: t.addcdiv(
        double(t, [1.0]), double(t, [1.7e308]), double(t, [0.7]), value=0.5
    ),
    "masks where half of a mask is added": lambda t: t.zeros(2, 3, dtype=t.bool).index_add(
        1, t.tensor([2, 0, 2]), t.tensor([[True, True, False], [False, False, True]]), alpha=0.5
    ),
    "a row of one beside a longer sum": lambda t: t.einsum(
        "ij,j->i", t.tensor([[5], [-1]], dtype=t.int16), t.tensor([1, 2], dtype=t.int32)
    ),
    "a sum in double precision beside a column": lambda t: t.einsum(
        "ij,j->i", t.tensor([[5.0], [-1.0]]), double(t, [1.0, 2.0])
    ),
    "a number in double precision beside a column": lambda t: t.einsum(
        ",i->i", double(t, 3.0), t.tensor([5.0, -1.0])
    ),
    "filled with a number of NumPy": lambda t: t.zeros(2, dtype=t.uint8).index_fill(
        0, t.tensor([0]), np.int64(-2) if t is autograd else -2
    ),
    "truths stay truths": lambda t: t.ones(2, 2, dtype=t.bool).addr_(
        t.tensor([True, False]), t.tensor([True, True]), alpha=2
    ),
    "no truths stay truths": lambda t: t.zeros(2, 0, dtype=t.bool).addmm(
        t.ones(2, 3, dtype=t.bool), t.ones(3, 0, dtype=t.bool), alpha=-1
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", RESULTS)
def test_the_result_is_pytorchs(name, torch):
    ours, theirs = RESULTS[name](autograd), RESULTS[name](torch)
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)


GRADIENTS = {
    "cumprod: 0 before inf": (lambda t, x: x.cumprod(0), [0.0, -1.0, INF]),
    "cumprod: 0 before nan": (lambda t, x: x.cumprod(0), [2.0, 0.0, NAN]),
    "cumprod: 0 between infs": (lambda t, x: x.cumprod(0), [-0.0, -0.0, -1.0, INF]),
    "cumprod: many": (lambda t, x: x.cumprod(0), [*[1.0] * 70, 0.0, INF, *[0.5] * 30]),
    "prod: two zeros and inf": (lambda t, x: x.prod(), [0.0, INF, 2.0, 0.0]),
    "prod: a zero and inf": (lambda t, x: x.prod(), [0.0, INF, 2.0]),
    "det of nan": (lambda t, x: t.det(x), [[NAN]]),
    "det of inf": (lambda t, x: t.det(x), [[INF]]),
    "norm of one": (lambda t, x: x.norm(2.5, 1), [[3.0], [-0.5], [0.0]]),
    "distances to none": (lambda t, x: t.cdist(x, t.zeros(0, 2, dtype=t.float64)), [[1e30, INF]]),
    "the least but x, of nan": (
        lambda t, x: x.scatter_reduce(
            0, t.tensor([0, 1]), double(t, [NAN, 2.0]), "amin", include_self=False
        ),
        [5.0, 1.0, 7.0],
    ),
    "roots of inf": (
        lambda t, x: t.cdist(x, t.tensor([[0.0, 2.0]], dtype=t.float64), 0.5),
        [[INF, 2.0]],
    ),
    "an inf of halves that is passed on times 0": (
        lambda t, x: (x.to(t.float16) * 7e4).to(t.float64) * double(t, [0.0, 1e-6]),
        [1e-3, 2.0],
    ),
    "a number beyond float32 to a power": (
        lambda t, x: (1e300 ** x.to(t.float32)).to(t.float64),
        [-2.0, -0.5],
    ),
    "an odd power of an element": (lambda t, x: x[0] ** 5 + x[1] ** -7, [2.0, -1.5]),
    "an even power of an element": (lambda t, x: x[0] ** 6 - x[1] ** -4, [2.0, -1.5]),
    "a way in halves that is 0": (
        lambda t, x: x.to(t.float16).lerp(t.zeros(2, dtype=t.float16), 9e18).to(t.float64),
        [0.0, 0.0],
    ),
    "a quotient at the end of the range": (
        lambda t, x: double(t, [1.7e308, -1.7e308]) / x,
        [1.25],
    ),
    "vectors of a value whose square overflows": (
        lambda t, x: (lambda usv: usv[0][0] * usv[2][0])(t.linalg.svd(x, full_matrices=False)),
        [[1.7e308], [2.0]],
    ),
    "how many differ": (lambda t, x: t.cdist(x, x + 1, 0.0), [[1.0, 2.0], [0.0, 5.0]]),
    "largest differences": (
        lambda t, x: t.cdist(x, t.zeros(1, 2, dtype=t.float64), INF),
        [[1.0, -3.0], [2.0, 1.0]],
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", GRADIENTS)
def test_the_gradient_is_pytorchs(name, torch):
    function, values = GRADIENTS[name]
    slopes = []
    for t in (autograd, torch):
        x = double(t, values).requires_grad_()
        z = function(t, x)
        weights = np.arange(1.0, 1 + z.numel()).reshape(tuple(z.shape))
        (z * double(t, weights.tolist())).sum().backward()
        slopes.append(np.array(x.grad.tolist()))
    np.testing.assert_allclose(*slopes, rtol=1e-12)


def test_the_slope_of_the_logarithm_of_0_is_no_nan():
    x = autograd.tensor([[0.0, 0.0], [-0.25, 4.0]], requires_grad=True)
    autograd.slogdet(x).logabsdet.backward()
    assert x.grad.tolist() == [[INF, INF], [0.0, 0.0]]


def test_what_was_solved_can_be_differentiated():
    """Turned round, the matrix has a pivot of 0 for LAPACK, where it was nan or rounding."""
    nan = autograd.tensor([[0.0, 0.0, NAN], [-1.9, 4.7, NAN], [0.4, 0.8, NAN]], requires_grad=True)
    autograd.linalg.solve(nan, autograd.ones(3, 1)).sum().backward()
    assert np.isnan(nan.grad.numpy()).all()
    rows = [[0.1, 0.1, 0.3], [-0.3, -0.2, -0.1], [-0.3 * 6, -0.2 * 6 + 0.1, 0.2]]
    a = autograd.tensor(rows, dtype=autograd.float64, requires_grad=True)
    with np.errstate(all="ignore"):
        x = autograd.linalg.solve(a, autograd.ones(3, 1, dtype=autograd.float64))
        x.sum().backward()
    assert np.abs(a.grad.numpy()).max() > 1e10


@pytest.mark.filterwarnings("ignore")
def test_second_derivatives_stay_where_inf_is_stopped():
    x = autograd.tensor([0.0, 2.0, 3.0], dtype=autograd.float64, requires_grad=True)
    assert autograd.gradgradcheck(lambda x: x.cumprod(0), x)
    assert autograd.gradgradcheck(lambda x: x.prod(), x)


def test_a_condition_number_of_zeros_is_inf_by_numpys_name():
    zeros = autograd.zeros(2, 2, 1)
    with np.errstate(invalid="ignore"):
        assert np.linalg.cond(zeros).tolist() == [INF, INF]
        assert np.linalg.cond(np.zeros((2, 2, 1))).tolist() == [INF, INF]


def test_numpys_names_take_what_numpy_takes():
    x = autograd.tensor([[3.0, 4.0], [0.0, 0.0]])
    assert np.linalg.matrix_norm(x, ord=None).item() == 5.0
    assert np.linalg.vector_norm(x, ord=None).item() == 5.0
    of_inf = autograd.tensor([[INF, INF], [1.0, INF]])
    for median in (np.median, np.nanmedian):
        assert median(of_inf, 1).tolist() == median(of_inf.numpy(), 1).tolist() == [INF, INF]
    assert np.trace(x, dtype=bool).dtype == np.trace(x.numpy(), dtype=bool).dtype == np.bool_


@pytest.mark.parametrize("ord", [INF, -1, -0.5, 0, 1, 2, 3])
@pytest.mark.parametrize(("shape", "axis"), [((0,), None), ((0, 3), 0), ((3, 0), 1)])
def test_the_norm_of_nothing_is_numpys(shape, axis, ord):
    x = autograd.zeros(shape)
    with np.errstate(divide="ignore"):  # NumPy's own
        plain = np.linalg.norm(x.numpy(), ord, axis)
        kept = np.linalg.vector_norm(x.numpy(), ord=ord, axis=axis, keepdims=True)
    assert np.linalg.norm(x, ord, axis).tolist() == plain.tolist()
    assert np.linalg.vector_norm(x, ord=ord, axis=axis, keepdims=True).tolist() == kept.tolist()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("rowvar", [True, False])
@pytest.mark.parametrize("shape", [(1, 3), (3, 1), (0, 2), (2, 0), (4, 3)])
def test_covariances_read_rows_as_numpy_does(shape, rowvar):
    x = np.arange(1.0, 1 + np.prod(shape)).reshape(shape) ** 2
    ours, expected = np.cov(autograd.tensor(x), rowvar=rowvar), np.cov(x, rowvar=rowvar)
    np.testing.assert_allclose(ours.numpy(), expected)
    y = np.sin(np.arange(x.shape[1 if rowvar else 0]))
    ours = np.cov(autograd.tensor(x), autograd.tensor(y), rowvar)
    np.testing.assert_allclose(ours.numpy(), np.cov(x, y, rowvar))


def test_correlations_with_columns_are_numpys():
    x, y = (
        np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 4.0]]),
        np.array([[0.0, 1.0], [2.0, 2.0], [1, 7]]),
    )
    ours = np.corrcoef(autograd.tensor(x), autograd.tensor(y), rowvar=False)
    np.testing.assert_allclose(ours.numpy(), np.corrcoef(x, y, rowvar=False))


@pytest.mark.parametrize("name", ["addcmul", "addcdiv"])
def test_a_number_may_be_a_0d_tensor_without_a_gradient(name, torch):
    results = [
        getattr(t, name)(t.ones(2), t.ones(2), t.tensor([2.0, 4.0]), value=t.tensor(3)).tolist()
        for t in (autograd, torch)
    ]
    assert results[0] == results[1]
    for value in (autograd.tensor(3.0, requires_grad=True), autograd.ones(2), [1.0], "a", None):
        with pytest.raises(TypeError, match=f"^{name}: .*value"):
            getattr(autograd, name)(
                autograd.ones(2), autograd.ones(2), autograd.ones(2), value=value
            )


def test_what_spans_the_dtype_is_counted():
    wide = autograd.tensor([-1.5e308, 1.0, 1.7e308, 0.3], dtype=autograd.float64)
    assert wide.histc(4).tolist() == [1.0, 2.0, 0.0, 1.0]
    halves = autograd.tensor([0.0, 1.0, 60000.0, 20000.0], dtype=autograd.float16)
    assert halves.histc(3).tolist() == [2.0, 1.0, 1.0]


def test_a_view_of_nothing_is_refused():
    with pytest.raises(TypeError, match="^view: expected a Tensor, got None"):
        autograd.view(None, (1, 2))


def test_numbers_of_numpy_widen_nothing():
    x = autograd.tensor([1.0, 2.0])
    for function in (autograd.hardshrink, autograd.celu, lambda x, n: autograd.add(x, x, alpha=n)):
        assert function(x, np.float64(0.5)).dtype == np.float32
    with pytest.raises(TypeError, match="^add: expected a number as alpha"):
        autograd.add(x, x, alpha=np.complex64(2))


FOREIGN = {
    "complex": np.array([1j, 2.0]),
    "complex64": np.complex64(1j),
    "text": np.array(["a", "b"]),
    "times": np.array(["2026-11-26"], "datetime64[D]"),
    "objects": np.array([object(), None]),
}
if np.longdouble(0).itemsize > 8:
    FOREIGN["long doubles"] = np.array([1.0, 2.0], np.longdouble)


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("grad", [True, False])
def test_no_tensor_has_a_dtype_that_tensors_have_not(kind, grad):
    x, other = autograd.tensor([1.0, 2.0], requires_grad=grad), FOREIGN[kind]
    calls = [
        lambda: x * other,
        lambda: other - x,
        lambda: autograd.maximum(x, other),
        lambda: autograd.where(x > 1, x, other),
        lambda: np.outer(x, other),
        lambda: np.dot(x.detach(), other),
        lambda: np.append(other, x),
        lambda: np.concatenate([x, np.atleast_1d(other)]),
    ]
    if np.ndim(other):
        calls += [
            lambda: autograd.ones_like(other),
            lambda: autograd.zeros_like(other),
            lambda: autograd.empty_like(other),
            lambda: np.histogram(x.detach(), other),
        ]
    for call in calls:
        with pytest.raises((TypeError, ValueError, NotImplementedError)):
            call()
    assert autograd.ones_like(np.zeros(2, ">f8")).dtype is np.dtype(np.float64)


def test_tolerances_and_limits_may_be_0d_tensors(torch):
    for t in (autograd, torch):
        x = t.tensor([0.0, 0.5])
        assert t.isclose(x, x, rtol=t.tensor(0.1), atol=t.tensor(0)).tolist() == [True, True]
        assert t.logit(x, eps=t.tensor(0.5)).tolist() == [0.0, 0.0]
    close = autograd.isclose(autograd.ones(2), autograd.ones(2), atol=autograd.tensor(0.1))
    assert type(close.payload) is np.ndarray


def test_an_average_may_be_inf():
    x, weights = np.array([[INF, 1.0], [2.0, 3.0]]), np.array([[0.5, 1.0], [-1.0, 2.0]])
    expected = np.average(x, 0, weights).tolist()
    assert np.average(autograd.tensor(x), 0, weights).tolist() == expected
    assert np.average(autograd.tensor(x), 0, autograd.tensor(weights)).tolist() == expected


def test_a_step_below_1_leads_nowhere_in_int64(torch):
    for t in (autograd, torch):
        with pytest.raises((RuntimeError, ValueError), match="step must"):
            t.arange(-3, -1, 0.5, dtype=t.int64)


def test_normal_takes_0d_tensors_and_a_size(torch):
    x = autograd.normal(autograd.tensor(1.0), autograd.tensor(0.0), (2, 3))
    theirs = torch.normal(torch.tensor(1.0), torch.tensor(0.0), (2, 3))
    assert x.tolist() == theirs.tolist()


@pytest.mark.filterwarnings("ignore")  # PyTorch warns
def test_floats_are_drawn_beyond_where_each_integer_is_one(torch):
    for t in (autograd, torch):
        x = t.zeros(100).random_(2, 2**40)
        assert x.max().item() > 2**30
        with pytest.raises(RuntimeError):
            t.zeros(2, dtype=t.float16).random_(0, 2**31)


REDUCTIONS = "sum mean amax amin var std var_mean std_mean norm nansum nanmean any all"


@pytest.mark.parametrize("name", REDUCTIONS.split())
@pytest.mark.parametrize("dim", [(), []])
def test_a_list_of_no_dims_is_a_tuple_of_none(name, dim, torch):
    results = [
        getattr(t, name)(double(t, [[1.0, 2.0], [5.0, 0.0]]), dim=dim) for t in (autograd, torch)
    ]
    for ours, theirs in zip(*(r if type(r) is tuple else [r] for r in results), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy())


def test_the_norm_along_no_dim_is_refused(torch):
    for t in (autograd, torch):
        with pytest.raises(RuntimeError, match="norm"):
            t.linalg.norm(t.ones(2, 3), dim=[])


@pytest.mark.parametrize(
    "dtype, value",
    [("int64", INF), ("int64", NAN), ("uint8", 300), ("int8", -200), ("float32", 1e300)],
)
def test_a_number_that_does_not_fit_is_not_written(dtype, value, torch):
    for t in (autograd, torch):
        x = t.ones(2, dtype=getattr(t, dtype))
        mask, index = t.tensor([True, False]), t.tensor([0])
        for write in (
            lambda x, mask=mask: x.masked_fill(mask, value),
            lambda x, mask=mask: x.masked_fill_(mask, value),
            lambda x, mask=mask, t=t: x.masked_fill(mask, t.tensor(value, dtype=t.float64)),
            lambda x, index=index: x.index_fill(0, index, value),
            lambda x, index=index: x.scatter(0, index, value),
            lambda x: x.fill_(value),
            lambda x: x.__setitem__(0, value),
        ):
            with pytest.raises(RuntimeError):
                write(x)
        assert x.tolist() == [1, 1]


def test_numbers_that_fit_are_written_as_pytorch_writes_them(torch):
    def written(t):
        mask, index = t.tensor([True, False]), t.tensor([0])
        small, half = t.ones(2, dtype=t.uint8), t.ones(2, dtype=t.float16)
        return [
            small.masked_fill(mask, -1),
            small.masked_fill(mask, 2.7),
            small.scatter(0, index, -1),
            small.scatter(0, index, 255),
            half.masked_fill(mask, -INF),
            half.masked_fill(mask, 65504.0),
            half.index_fill(0, index, NAN),
        ]

    for ours, theirs in zip(written(autograd), written(torch), strict=True):
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_positive_has_its_numpy_name():
    x = autograd.tensor([1.0, -2.0], requires_grad=True)
    np.positive(x).sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_constants_and_numel_have_pytorchs_names(torch):
    for name in ("e", "inf", "pi", "newaxis"):
        assert getattr(autograd, name) == getattr(torch, name)
    assert autograd.nan != autograd.nan
    assert autograd.numel(autograd.zeros(2, 3)) == torch.numel(torch.zeros(2, 3)) == 6
    with pytest.raises(TypeError, match="numel: expected a Tensor, got list"):
        autograd.numel([1])


@pytest.mark.parametrize("name", ["index_add", "index_copy"])
def test_slices_beyond_the_end_are_an_index_error(name, torch):
    for t in (autograd, torch):
        with pytest.raises(IndexError):
            getattr(t, name)(t.zeros(2), 0, t.tensor([0, 2]), t.ones(2))


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("name", ["asin", "acos", "acosh", "atanh"])
def test_second_derivatives_at_the_ends_are_infinite(name, torch):
    values = [1.0, 1.5, 2.0] if name == "acosh" else [1.0, -1.0, 0.5, -0.0]
    found = []
    for t in (autograd, torch):
        x = double(t, values).requires_grad_()
        z = getattr(t, name)(x)
        (slope,) = (
            t.autograd.grad(z, x, t.ones_like(z), create_graph=True)
            if t is torch
            else (autograd.grad(z, x, autograd.ones_like(z), create_graph=True))
        )
        slope.backward(t.ones_like(slope))
        found += [slope.tolist(), x.grad.tolist()]
    np.testing.assert_allclose(found[0], found[2], rtol=1e-12)
    np.testing.assert_allclose(found[1], found[3], rtol=1e-12)
    assert np.isinf(found[1][0])


def test_a_scalar_of_numpy_on_the_left_is_a_number(torch):
    for shape in [(), (2,)]:
        x, theirs = autograd.zeros(shape, dtype=np.uint8), torch.zeros(shape, dtype=torch.uint8)
        for number in (-1, 300, 0):
            for compare in (operator.le, operator.lt, operator.ge, operator.gt, operator.eq):
                assert compare(np.int64(number), x).tolist() == compare(number, theirs).tolist()


@pytest.mark.parametrize(("dtype", "value"), [("int8", 1e300), ("int32", INF), ("float16", 7e4)])
def test_a_border_that_the_dtype_cannot_hold_is_refused(dtype, value, torch):
    for t in (autograd, torch.nn.functional):
        library = autograd if t is autograd else torch
        x = library.zeros(2, dtype=getattr(library, dtype))
        with pytest.raises((RuntimeError, OverflowError)):
            t.pad(x, (1, 0), value=value)


@pytest.mark.parametrize("reduce", ["amax", "amin"])
def test_extrema_of_a_number_have_a_graph(reduce):
    src = autograd.tensor(2.0, requires_grad=True)
    for x in (autograd.tensor(2.0), autograd.tensor(2.0, dtype=autograd.float64)):
        z = autograd.scatter_reduce(x, 0, autograd.tensor(0), src.to(x.dtype), reduce)
        (slope,) = autograd.grad(z, src, create_graph=True)
        assert slope.item() == 0.5


@pytest.mark.parametrize(
    "call",
    [
        lambda x, y: x.clamp(max=300),
        lambda x, y: autograd.clamp(x, 0, 256),
        lambda x, y: autograd.where(x > 5, x, 300),
        lambda x, y: autograd.where(x > 5, -256, x),
        lambda x, y: y.clamp(min=-1e300),
        lambda x, y: autograd.where(y > 5, y, 1e300),
    ],
)
def test_bounds_and_choices_that_a_dtype_cannot_hold_are_refused(call):
    x = autograd.tensor([1, 200], dtype=autograd.uint8)
    with pytest.raises(RuntimeError, match="(clamp|where): .*does not fit in (uint8|float32)"):
        call(x, x.float())


def test_bounds_beside_integers_wrap_and_promote_as_in_pytorch(torch):
    for library in (autograd, torch):
        x = library.tensor([1, 200], dtype=library.uint8)
        found = [
            x.clamp(min=-5),
            x.clamp(max=150.5),
            library.where(x > 5, x, 1.5),
            x.clamp(0, 1e10),
        ]
        assert [each.tolist() for each in found] == [
            [251, 251],
            [1.0, 150.5],
            [1.5, 200.0],
            [1.0, 200.0],
        ]


def test_the_next_number_after_a_python_number_is_in_the_tensors_dtype():
    for dtype in (np.float32, np.float64):
        y = autograd.tensor(-0.5, dtype=dtype)
        for z in (np.nextafter(-3, y), autograd.nextafter(-3, y)):
            assert z.dtype == dtype and z.item() == np.nextafter(dtype(-3), dtype(0))
    with pytest.raises(NotImplementedError, match="nextafter: expected floating-point"):
        autograd.nextafter(autograd.tensor(1), 2)
