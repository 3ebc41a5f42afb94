"""Extrema and order statistics: nan, ties, empty slices, and what losers receive."""

import numpy as np
import pytest

import autograd

NAN, INF = np.nan, np.inf
VECTORS = [
    [2.0, 1.0, 2.0],
    [1.0, NAN, 2.0, NAN],
    [-INF, -INF],
    [INF, 3.0, INF],
    [NAN, NAN],
    [3.0, 1.0, 2.0, 1.0],
    [2.0, 2.0, 1.0, 1.0],
    [0.0, -0.0, 0.0],
    [7.0],
]


def leaf(values, dtype=np.float64):
    return autograd.tensor(np.array(values, dtype), requires_grad=True)


def slopes(z, x, upstream=1.0):
    (slope,) = autograd.grad(z, x, [autograd.tensor(np.full(z.shape, upstream, z.dtype))])
    return slope.numpy()


def theirs(torch, function, values, upstream=1.0):
    x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    z = function(x)
    (slope,) = torch.autograd.grad(z, x, torch.full_like(z, upstream))
    return z.detach().numpy(), slope.numpy()


@pytest.mark.parametrize("values", VECTORS, ids=str)
@pytest.mark.parametrize("name", ["max", "min", "amax", "amin", "median", "nanmedian"])
def test_over_all_elements_equals_torch(name, values, torch):
    x = leaf(values)
    z = getattr(autograd, name)(x)
    expected, slope = theirs(torch, getattr(torch, name), values)
    np.testing.assert_array_equal(z.detach().numpy(), expected)
    if np.isnan(expected) and name in ("amax", "amin"):  # PyTorch spoils every slope
        slope = theirs(torch, getattr(torch, name[1:]), values)[1]
    np.testing.assert_array_equal(slopes(z, x), slope)


@pytest.mark.parametrize("values", VECTORS, ids=str)
@pytest.mark.parametrize("name", ["max", "min", "mode", "median", "nanmedian", "argmax", "argmin"])
def test_along_a_dim_equals_torch(name, values, torch):
    found = getattr(autograd, name)(leaf(values), 0)
    expected = getattr(torch, name)(torch.tensor(values, dtype=torch.float64), 0)
    if name.startswith("arg"):
        assert found.item() == expected.item()
        return
    np.testing.assert_array_equal(found.values.detach().numpy(), expected.values.numpy())
    assert found.indices.dtype == np.int64 and found.indices.item() == expected.indices.item()


@pytest.mark.parametrize("values", VECTORS, ids=str)
def test_the_kth_value_is_where_a_stable_sort_puts_it(values):
    order = np.argsort(values, kind="stable")
    for k in range(1, len(values) + 1):
        x = leaf(values)
        found, index = autograd.kthvalue(x, k)
        np.testing.assert_array_equal(found.detach().numpy(), np.sort(values)[k - 1])
        assert index.item() == order[k - 1]
        np.testing.assert_array_equal(slopes(found, x), np.arange(len(values)) == order[k - 1])


@pytest.mark.parametrize("upstream", [INF, NAN, 0.0, -INF])
@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.max(),
        lambda x: x.amax(0),
        lambda x: x.max(0).values,
        lambda x: autograd.aminmax(x).max,
        lambda x: x.median(),
        lambda x: x.kthvalue(4).values,
        lambda x: x.cummax(0).values[3],
    ],
)
def test_losers_receive_exactly_0_whatever_arrives(call, upstream):
    x = leaf([1.0, 3.0, 2.0, 5.0])
    if call(x).item() == 2:
        np.testing.assert_array_equal(slopes(call(x), x, upstream), [0, 0, upstream, 0])
    else:
        np.testing.assert_array_equal(slopes(call(x), x, upstream), [0, 0, 0, upstream])


def test_max_along_a_dim_is_one_op_with_its_index():
    x = leaf([[1.0, 3.0], [5.0, 2.0]])
    found = x.max(1)
    assert type(found).__name__ == "Extremum" and found.indices.tolist() == [1, 0]
    (op,) = found.values.node.operands
    assert op.row.name == "max" and op.operands == (x.node,)
    assert not found.indices.requires_grad
    values, indices = autograd.min(x, 1, keepdim=True)
    assert values.shape == indices.shape == (2, 1)


def test_the_operand_may_change_after_max_along_a_dim():
    start = leaf([1.0, 3.0])
    x = start * 1
    found = x.max(0)
    x.mul_(2)  # neither the rule of max nor that of median reads it
    found.values.backward()
    assert start.grad.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("policy", "everywhere", "along"),
    [
        ("torch", [0.5, 0, 0.5], [1, 0, 0]),
        ("even", [0.5, 0, 0.5], [0.5, 0, 0.5]),
        ("first", [1, 0, 0], [1, 0, 0]),
        ("none", [0, 0, 0], [0, 0, 0]),
    ],
)
def test_ties_go_where_the_policy_says(policy, everywhere, along):
    x = leaf([2.0, 1.0, 2.0])
    with autograd.ties(policy):
        for z in (x.max(), x.amax(), x.amax(0), x.aminmax().max, x.median()):
            np.testing.assert_array_equal(slopes(z, x), everywhere)
        np.testing.assert_array_equal(slopes(x.max(0).values, x), along)
        np.testing.assert_array_equal(slopes((-x).min(0).values, x), -np.array(along))
        assert x.max(0).indices.item() == 0


def test_ties_over_several_dims_share_evenly_or_go_to_the_first_in_order():
    x = leaf([[[1.0, 2.0], [2.0, 0.0]], [[0.0, 1.0], [3.0, 3.0]]])
    np.testing.assert_array_equal(
        slopes(x.amax((0, 2)), x), [[[0, 1], [0, 0]], [[0, 0], [0.5, 0.5]]]
    )
    with autograd.ties("first"):
        np.testing.assert_array_equal(
            slopes(x.amax((0, 2)), x), [[[0, 1], [0, 0]], [[0, 0], [1, 0]]]
        )


@pytest.mark.parametrize("used", [(0,), (1,), (0, 1)])
def test_parts_of_aminmax_may_be_used_alone(used):
    x = leaf([[1.0, 4.0, 2.0], [0.0, -3.0, 7.0]])

    def function(x):
        found = autograd.aminmax(x, dim=1)
        return [found[i] * found[i] for i in used]

    assert autograd.gradcheck(function, x) and autograd.gradgradcheck(function, x)


def test_equal_smallest_and_largest_receive_both():
    x = leaf([4.0, 4.0])
    smallest, largest = x.aminmax()
    np.testing.assert_array_equal(slopes(smallest + 3 * largest, x), [2, 2])


# ---------------------------------------------------------------- quantiles

QS = [0.0, 0.125, 0.25, 0.37, 0.5, 0.75, 1.0]
ROWS = [[3.0, 1.0, 2.0, 5.0, 4.0], [3.0, NAN, 2.0, 5.0], [INF, -INF, 0.0], [NAN, NAN], [2.5]]


@pytest.mark.parametrize("interpolation", ["linear", "lower", "higher", "midpoint", "nearest"])
@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
def test_quantiles_equal_torch(name, interpolation, torch):
    for values in ROWS:
        for q in (*QS, QS):
            x = leaf(values)
            ours = torch.tensor(q, dtype=torch.float64).numpy() if q is QS else q
            with np.errstate(invalid="ignore"):  # inf - inf
                z = getattr(autograd, name)(x, ours, interpolation=interpolation)
            expected, slope = theirs(
                torch,
                lambda x, q=q: getattr(torch, name)(
                    x, torch.tensor(q, dtype=x.dtype), interpolation=interpolation
                ),
                values,
            )
            np.testing.assert_allclose(z.detach().numpy(), expected, rtol=1e-14)
            np.testing.assert_allclose(slopes(z, x), slope, rtol=1e-13, atol=1e-15)


def test_a_quantile_has_a_slope_in_q(torch):
    x, q = leaf([3.0, 1.0, 2.0, 5.0, 4.0]), leaf(0.37)
    dx, dq = autograd.grad(autograd.quantile(x, q), [x, q])
    assert dq.item() == pytest.approx(4.0)
    np.testing.assert_allclose(dx.numpy(), [0.48, 0, 0.52, 0, 0])
    assert autograd.gradcheck(autograd.quantile, [x, q])


def test_float32_quantiles_compute_places_in_float32_as_torch(torch):
    values = np.random.default_rng(3).standard_normal(101).astype(np.float32)
    for q in np.linspace(0, 1, 41):
        for interpolation in ("lower", "higher", "nearest", "linear"):
            z = autograd.quantile(autograd.tensor(values), q, interpolation=interpolation)
            expected = torch.quantile(torch.tensor(values), q, interpolation=interpolation)
            assert z.dtype == np.float32
            np.testing.assert_allclose(z.item(), expected.item(), rtol=1e-6)


# ---------------------------------------------------------------- misuse, dtypes


def test_empty_slices_are_refused_with_their_names():
    x = autograd.zeros(0, 3)
    for name in ("max", "min", "amax", "amin", "argmax", "argmin", "median", "nanmedian", "mode"):
        with pytest.raises(IndexError, match=rf"{name}: there is no element along dim 0 of shape"):
            getattr(autograd, name)(x, 0)
    with pytest.raises(IndexError, match="kthvalue: there is no element along dim 0"):
        autograd.kthvalue(x, 1, 0)
    with pytest.raises(IndexError, match="aminmax: there is no element along dim 0"):
        autograd.aminmax(x, dim=0)
    for name in ("amax", "amin", "aminmax"):
        with pytest.raises(RuntimeError, match=rf"{name}: there is no element in a tensor"):
            getattr(autograd, name)(x)
    with pytest.raises(RuntimeError, match="max: there is no element in a tensor"):
        autograd.max(x)
    with pytest.raises(IndexError, match="argmax: there is no element in a tensor"):
        autograd.argmax(x)
    assert np.isnan(autograd.median(x).item()) and np.isnan(autograd.nanmedian(x).item())
    assert autograd.median(x, 1).values.shape == (0,)
    assert autograd.mode(x, 1).indices.dtype == np.int64


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x.max(0.5), TypeError, "max: expected an integer dim|max: dim must be an int"),
        (lambda x: x.max((0, 1)), TypeError, "max: dim must be an integer, got"),
        (lambda x: x.argmax(True), TypeError, "argmax: dim must be an integer, got True"),
        (lambda x: x.aminmax(dim=(0, 1)), TypeError, "aminmax: dim must be an integer"),
        (lambda x: x.median((0,)), TypeError, "median: dim must be an integer"),
        (lambda x: x.amax("0"), TypeError, "amax: dim must be an integer or a tuple"),
        (lambda x: x.amax((0, -2)), RuntimeError, "amax: dim .* names an axis twice"),
        (lambda x: x.mode(2), IndexError, "mode: dim 2 is out of range"),
        (lambda x: x.kthvalue(0), RuntimeError, "kthvalue: expected k between 1 and 3 along dim"),
        (lambda x: x.kthvalue(4), RuntimeError, "kthvalue: expected k between 1 and 3 .* got 4"),
        (lambda x: x.kthvalue(1.0), TypeError, "kthvalue: k must be an integer, got 1.0"),
        (lambda x: x.quantile(1.5), RuntimeError, "quantile: q must be between 0 and 1, got 1.5"),
        (lambda x: x.quantile(NAN), RuntimeError, "quantile: q must be between 0 and 1"),
        (lambda x: x.quantile([[0.5]]), RuntimeError, "q must be a number or a vector"),
        (lambda x: x.quantile(0.5, (0, 1)), TypeError, "quantile: dim must be an integer"),
        (lambda x: x.quantile(0.5, interpolation="cubic"), RuntimeError, "must be one of linear"),
        (lambda x: x.long().quantile(0.5), RuntimeError, "expected a floating-point tensor"),
        (lambda x: x[:0].quantile(0.5), RuntimeError, "not empty, got float32 of shape"),
        (
            lambda x: x.quantile(autograd.tensor(0.5, dtype=np.float64)),
            RuntimeError,
            "quantile: q must have the dtype of x, float32, got float64",
        ),
        (lambda x: x.amax(0, axis=1), TypeError, "multiple values|got both"),
        (lambda x: x.amax(dim=0, axis=1), TypeError, "amax: got both dim and axis"),
        (lambda x: autograd.max("three"), TypeError, "max: expected a Tensor, an array or a list"),
    ],
)
def test_misuse_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call(autograd.ones(2, 3))


def test_integers_and_booleans_keep_their_dtype(torch):
    for array in (np.array([[3, 1, 2]], np.uint8), np.array([[True, False, True]])):
        x, y = autograd.from_numpy(array), torch.tensor(array)
        for name in ("max", "min", "mode", "cummax", "cummin"):
            found, expected = getattr(autograd, name)(x, 1), getattr(torch, name)(y, 1)
            assert found.values.dtype == array.dtype
            assert found.values.tolist() == expected.values.tolist()
            assert found.indices.tolist() == expected.indices.tolist()
    assert autograd.median(autograd.tensor([3, 1, 2, 0])).item() == 1


def test_lists_and_numbers_are_arrays():
    assert autograd.max([1.0, 3.0]) == 3 and autograd.argmin([4, 2]) == 1
    assert autograd.amax(2.5) == 2.5
    assert autograd.max(np.array([[1, 2]]), 1).indices.tolist() == [1]
