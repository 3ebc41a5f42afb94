"""Gathering, scattering, slices and masks: misuse, ties, duplicates, in place, NumPy's names."""

import numpy as np
import pytest

import autograd
from autograd import tensor

X = np.arange(12.0).reshape(3, 4)
V = np.array([3.0, 1.0, 2.0, 5.0])


def refused(error, message):
    return pytest.raises(error, match=message)


def test_misuse_of_dims_and_positions_is_named():
    x, one = tensor(X), tensor([[0]])
    src = tensor(np.ones((1, 1)))
    functions = {
        "gather": lambda dim, index: x.gather(dim, index),
        "scatter": lambda dim, index: x.scatter(dim, index, src),
        "scatter_add": lambda dim, index: x.scatter_add(dim, index, src),
        "scatter_reduce": lambda dim, index: x.scatter_reduce(dim, index, src, "sum"),
    }
    for name, call in functions.items():
        with refused(IndexError, f"{name}: dim 5 is out of range"):
            call(5, one)
        with refused(RuntimeError, f"{name}: index 3 is out of bounds for dim 0 of length 3"):
            call(0, tensor([[3]]))
        with refused(RuntimeError, f"{name}: index -1 is out of bounds"):
            call(0, tensor([[-1]]))
        with refused(RuntimeError, f"{name}: index of shape .* must have as many dimensions"):
            call(0, tensor([0]))
        with refused(RuntimeError, f"{name}: index of shape .* must be no larger than"):
            call(0, tensor([[0, 0, 0, 0, 0]]))
        with refused(RuntimeError, f"{name}: expected an index of integers, got float32"):
            call(0, tensor([[0.0]]))
        if name != "gather":
            with refused(RuntimeError, "no larger than src of shape"):
                call(1, tensor([[0, 1]]))


def test_misuse_of_sources_is_named():
    x, index = tensor(X), tensor([[0, 1]])
    with refused(TypeError, "scatter: expected src or value"):
        x.scatter(0, index)
    with refused(RuntimeError, "scatter: expected values of x's dtype float64, got int64"):
        x.scatter(0, index, tensor([[1, 2]]))
    with refused(RuntimeError, "scatter: reduce must be 'add' or 'multiply', got 'bad'"):
        x.scatter(0, index, 1.0, reduce="bad")
    with refused(TypeError, "scatter_add: expected src as a Tensor, got float"):
        x.scatter_add(0, index, 1.0)
    with refused(RuntimeError, "scatter_reduce: reduce must be one of sum, prod, .* got 'bad'"):
        x.scatter_reduce(0, index, tensor(X), "bad")


def test_misuse_of_slices_is_named():
    x, rows = tensor(X), tensor(np.ones((2, 4)))
    with refused(RuntimeError, "index_select: index 9 is out of bounds for dim 1 of length 4"):
        x.index_select(1, tensor([9]))
    with refused(RuntimeError, "index_select: index -1 is out of bounds"):
        x.index_select(1, tensor([-1]))
    with refused(IndexError, r"index_select: expected a vector of positions, got shape \(1, 1\)"):
        x.index_select(1, tensor([[0]]))
    with refused(RuntimeError, "index_select: a 0-d tensor has one element, got 2"):
        tensor(3.0).index_select(0, tensor([0, 0]))
    for name in ("index_add", "index_copy"):
        function = getattr(autograd, name)
        with refused(RuntimeError, f"{name}: 2 positions along dim 0 .* expect source of shape"):
            function(x, 0, tensor([0, 0]), tensor(np.ones((3, 4))))
        with refused(IndexError, f"{name}: index 9 is out of bounds"):
            function(x, 0, tensor([0, 9]), rows)
        with refused(RuntimeError, f"{name}: expected values of x's dtype"):
            function(x, 0, tensor([0, 1]), rows.long())
        with refused(TypeError, f"{name}: expected source as a Tensor, got float"):
            function(x, 0, tensor([0]), 1.0)
    with refused(IndexError, "index_fill: index 9 is out of bounds for dim 0 of length 3"):
        x.index_fill(0, tensor([9]), 7)
    with refused(RuntimeError, r"index_fill: expected a number or a 0-d value, got \(1,\)"):
        x.index_fill(0, tensor([0]), tensor([7.0]))


def test_misuse_of_flat_positions_is_named():
    x = tensor(X)
    with refused(IndexError, "take: .*index 12 does not fit shape|take: .*out of bounds"):
        x.take(tensor([12]))
    with refused(IndexError, "take"):
        autograd.zeros(0).take(tensor([0]))
    with refused(RuntimeError, "take: expected an index of integers"):
        x.take(tensor([True]))
    with refused(IndexError, "put: 2 positions, but 1 elements of source"):
        x.put(tensor([0, 1]), tensor(np.ones(1)))
    with refused(IndexError, "put: index 12 is out of bounds"):
        x.put(tensor([0, 12]), tensor(np.ones(2)))
    with refused(RuntimeError, "put: expected values of x's dtype"):
        x.put(tensor([0, 1]), tensor([9, 8]))
    with refused(RuntimeError, "take_along_dim: .* must have as many dimensions"):
        autograd.take_along_dim(x, tensor([0]), 1)
    with refused(IndexError, "take_along_dim: index 9 is out of bounds for dim 1 of length 4"):
        autograd.take_along_dim(x, tensor([[9]]), 1)
    with refused(RuntimeError, "take_along_dim: x of shape .* do not broadcast apart from dim 1"):
        autograd.take_along_dim(x, tensor([[0], [0]]), 1)


def test_misuse_of_masks_is_named():
    x, mask = tensor(X), tensor(X) > 9
    for name, more in (("masked_fill", (1.0,)), ("masked_select", ()), ("masked_scatter", (x,))):
        function = getattr(autograd, name)
        with refused(RuntimeError, f"{name}: expected a boolean mask, got int64"):
            function(x, mask.long(), *more)
        with refused(RuntimeError, f"{name}: x of shape .* do not broadcast"):
            function(x, tensor([True, False]), *more)
    with refused(RuntimeError, r"masked_fill: expected a number or a 0-d value, got shape \(1,\)"):
        x.masked_fill(mask, tensor([1.0]))
    with refused(RuntimeError, "masked_scatter: the mask holds at 2 places, source has 1 elements"):
        x.masked_scatter(mask, tensor(np.ones(1)))
    with refused(RuntimeError, "masked_scatter: expected values of x's dtype"):
        x.masked_scatter(mask, tensor([1, 2]))


def test_nothing_is_written_where_something_is_refused():
    x = tensor(X)
    for name, arguments in {
        "scatter_": (0, tensor([[0, 9]]), 5.0),
        "index_add_": (0, tensor([0, 9]), tensor(np.ones((2, 4)))),
        "index_copy_": (0, tensor([0, 9]), tensor(np.ones((2, 4)))),
        "index_fill_": (0, tensor([0, 9]), 5.0),
        "put_": (tensor([0, 12]), tensor(np.ones(2))),
        "index_put_": ((tensor([0, 9]),), tensor(np.ones(()))),
        "masked_scatter_": (tensor(X) > 5, tensor(np.ones(2))),
    }.items():
        with pytest.raises((RuntimeError, IndexError)):
            getattr(x, name)(*arguments)
        np.testing.assert_array_equal(x.numpy(), X)


# ---------------------------------------------------------------- results


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
def test_ties_zeros_and_untouched_cells_equal_torch(reduce, include_self, torch):
    base, given = np.array([1.0, 2, 0, 3]), np.array([1.0, 1, 2, 0, 0, 5])
    index, upstream = np.array([0, 0, 1, 1, 2, 2]), np.array([1.0, 10, 100, 1000])
    x, src = (tensor(a, requires_grad=True) for a in (base, given))
    y, other = (torch.tensor(a, requires_grad=True) for a in (base, given))
    z = x.scatter_reduce(0, tensor(index), src, reduce, include_self=include_self)
    expected = y.scatter_reduce(0, torch.tensor(index), other, reduce, include_self=include_self)
    np.testing.assert_array_equal(z.detach().numpy(), expected.detach().numpy())
    z.backward(upstream)
    expected.backward(torch.tensor(upstream))
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy())
    np.testing.assert_allclose(src.grad.numpy(), other.grad.numpy())


def test_products_with_zeros_are_exact_to_the_second_order():
    x = tensor(np.array([2.0, 3.0]), requires_grad=True)
    src = tensor(np.array([0.0, 4.0, 0.0, 0.0, 5.0]), requires_grad=True)
    index = tensor([0, 0, 1, 1, 1])

    def product(x, src):
        return x.scatter_reduce(0, index, src, "prod")

    assert autograd.gradcheck(product, (x, src))
    assert autograd.gradgradcheck(product, (x, src))


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["amax", "amin", "sum", "mean", "prod"])
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.float32])
def test_reductions_of_integers_and_nan_equal_torch(reduce, include_self, dtype, torch):
    base, given = np.array([7, 1, 9, 4], dtype), np.array([3, 8, 2, 6], dtype)
    if dtype == np.float32:
        given[1] = np.nan
    index = np.array([0, 0, 2, 1])
    z = tensor(base).scatter_reduce(
        0, tensor(index), tensor(given), reduce, include_self=include_self
    )
    expected = torch.tensor(base).scatter_reduce(
        0, torch.tensor(index), torch.tensor(given), reduce, include_self=include_self
    )
    assert z.dtype == dtype
    np.testing.assert_allclose(z.numpy(), expected.numpy())


@pytest.mark.parametrize("name", ["scatter", "index_copy", "put", "index_put"])
def test_of_several_writes_the_last_stays_and_all_receive_its_gradient(name):
    x = tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True)
    src = tensor(np.array([5.0, 6.0]), requires_grad=True)
    index = tensor([0, 0])
    z = {
        "scatter": lambda: x.scatter(0, index, src),
        "index_copy": lambda: x.index_copy(0, index, src),
        "put": lambda: x.put(index, src),
        "index_put": lambda: x.index_put((index,), src),
    }[name]()
    assert z.tolist() == [6, 2, 3]
    z.sum().backward()
    assert (x.grad.tolist(), src.grad.tolist()) == ([0, 1, 1], [1, 1])


def test_a_source_may_be_larger_than_its_index():
    src = tensor(np.arange(8.0).reshape(2, 4), requires_grad=True)
    z = tensor(X).scatter_add(0, tensor([[0, 1, 0]]), src)
    z.sum().backward()
    assert src.grad.tolist() == [[1, 1, 1, 0], [0, 0, 0, 0]]
    empty = tensor(X).scatter(0, tensor(np.zeros(0, int)), src)
    np.testing.assert_array_equal(empty.numpy(), X)


def test_scatter_takes_numbers_and_reduces():
    x, index = tensor(V), tensor([0, 0, 3])
    assert x.scatter(0, index, value=9).tolist() == [9, 1, 2, 9]
    assert x.scatter(0, index, 2.0, reduce="add").tolist() == [7, 1, 2, 7]
    assert x.scatter(0, index, 2.0, reduce="multiply").tolist() == [12, 1, 2, 10]
    src = tensor(np.array([1.0, 2.0, 3.0]))
    assert x.scatter(0, index, src, reduce="add").tolist() == [6, 1, 2, 8]


def test_scalars_have_one_position(torch):
    s, zero = tensor(np.float64(3.0)), tensor(0)
    assert s.gather(0, zero).item() == 3
    assert s.gather(0, tensor([0, 0])).tolist() == [3, 3]
    assert s.scatter(0, zero, tensor(np.float64(9.0))).item() == 9
    assert s.scatter_add(0, zero, tensor(np.float64(9.0))).item() == 12
    assert s.index_add(0, zero, tensor(np.float64(1.0)), alpha=2).shape == ()
    assert s.index_copy(0, zero, tensor(np.float64(1.0))).item() == 1
    assert s.index_fill(0, zero, 7).item() == 7
    assert s.index_select(0, zero).item() == 3
    assert tensor(V).scatter(0, tensor(1), tensor(np.float64(9.0))).tolist() == [3, 9, 2, 5]


def test_an_index_that_was_changed_since_is_refused():
    for function in (
        lambda x, index: x.gather(0, index),
        lambda x, index: x.index_select(0, index),
        lambda x, index: x.take(index),
        lambda x, index: (x * 0).scatter_add(0, index, x[:2]),
    ):
        x, index = tensor(V, requires_grad=True), tensor([0, 2])
        z = function(x, index)
        index.add_(1)
        with refused(RuntimeError, "changed in place"):
            z.sum().backward()


def test_fills_are_cut_to_integers_and_negative_positions_count_back():
    x = autograd.arange(4)
    assert x.masked_fill(x > 2, 1.5).tolist() == [0, 1, 2, 1]
    assert x.index_fill(0, tensor([-1, 0]), 7.5).tolist() == [7, 1, 2, 7]
    assert x.index_add(0, tensor([1]), tensor([2]), alpha=1.9).tolist() == [0, 3, 2, 3]
    filled = tensor([1.0, 2.0]).masked_fill(np.array([True, False]), tensor(np.float64(5.0)))
    assert (filled.dtype, filled.tolist()) == (np.float32, [5, 2])


def test_closed_masks_pass_neither_inf_nor_nan():
    x = tensor(np.array([1.0, 2.0]), requires_grad=True)
    value = tensor(np.float64(0.0), requires_grad=True)
    z = x.masked_fill(tensor([True, False]), value)
    z.backward(np.array([np.inf, np.nan]))
    assert x.grad[0].item() == 0 and np.isnan(x.grad[1].item())
    assert value.grad.item() == np.inf


def test_positions_of_what_is_not_zero(torch):
    for array in (X % 3, np.array([np.nan, 0.0, -0.0]), np.array(2), np.array(0)):
        ours, theirs = tensor(array), torch.tensor(array)
        for one, other in zip(
            ours.nonzero(as_tuple=True), theirs.nonzero(as_tuple=True), strict=True
        ):
            np.testing.assert_array_equal(one.numpy(), other.numpy())
        assert ours.nonzero().shape == tuple(theirs.nonzero().shape)
        assert ours.argwhere().dtype == np.int64


# ---------------------------------------------------------------- in place

IN_PLACE = {
    "scatter_": (1, tensor([[0, 2]]), tensor(np.full((1, 2), 7.0))),
    "scatter_add_": (1, tensor([[2, 2]]), tensor(np.full((1, 2), 7.0))),
    "scatter_reduce_": (1, tensor([[2, 2]]), tensor(np.full((1, 2), 7.0)), "prod"),
    "index_add_": (0, tensor([1, 1]), tensor(np.full((2, 4), 7.0))),
    "index_copy_": (0, tensor([2]), tensor(np.full((1, 4), 7.0))),
    "index_fill_": (1, tensor([0, 3]), 7.0),
    "index_put_": ((tensor([0, 0]), tensor([1, 1])), tensor(np.full(2, 7.0)), True),
    "masked_fill_": (tensor(X) > 5, 7.0),
    "masked_scatter_": (tensor(X) > 9, tensor(np.full(2, 7.0))),
    "put_": (tensor([0, -1, 0]), tensor(np.full(3, 7.0)), True),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_versions_change_the_tensor_and_its_views(name, torch):
    def there(value):
        if isinstance(value, autograd.Tensor):
            return torch.tensor(value.numpy())
        return tuple(map(there, value)) if isinstance(value, tuple) else value

    x, y = tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)
    base, other = x * 2, y * 2
    view = base[:]
    assert getattr(view, name)(*IN_PLACE[name]) is view
    getattr(other, name)(*map(there, IN_PLACE[name]))
    np.testing.assert_allclose(base.detach().numpy(), other.detach().numpy())
    (base * base).sum().backward()
    (other * other).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy())


# ---------------------------------------------------------------- NumPy's names


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.take(x, [0, -1]),
        lambda x: np.take(x, [[0, 2], [1, 1]], axis=1),
        lambda x: np.take(x, [0, 9], axis=-1, mode="clip"),
        lambda x: np.take(x, [-5, 9], axis=-1, mode="wrap"),
        lambda x: np.take(x, np.array([0, 2], np.uint8), axis=0),
        lambda x: np.take_along_axis(x, np.array([[0, -1, 2, 1]]), 0),
        lambda x: np.take_along_axis(x, np.array([0, -1]), None),
        lambda x: np.compress([True, False, True], x, axis=0),
        lambda x: np.compress([True, False, True], x),
        lambda x: np.extract(X > 5, x),
        lambda x: np.choose([[0, 1, 1, 0]], [x, -x]),
        lambda x: np.choose([0, 3, -1, 1], [x, -x], mode="clip"),
        lambda x: np.choose([0, 3, 5, 1], [x, -x], mode="wrap"),
        lambda x: np.sort(-x, axis=0),
        lambda x: np.sort(-x, axis=None),
    ],
)
def test_numpys_names_read_as_numpy_and_pass_the_gradient(call):
    x = tensor(X, requires_grad=True)
    z = call(x)
    np.testing.assert_array_equal(z.detach().numpy(), call(X))
    assert autograd.gradcheck(lambda x: call(x) * call(x), x)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.argsort(-x),
        lambda x: np.argsort(-x, axis=None),
        lambda x: np.nonzero(x % 3)[1],
        lambda x: np.flatnonzero(x % 3),
        lambda x: np.argwhere(x % 3),
        lambda x: np.unique(x % 3),
        lambda x: np.unique(x % 3, return_index=True, return_counts=True)[1],
        lambda x: np.bincount(np.int64([0, 2, 2, 1]), weights=x[0]),
        lambda x: np.searchsorted(x[0], x[0] + 0.5, side="right"),
        lambda x: np.digitize(x, np.array([2.0, 5.0])),
        lambda x: np.isin(x, [1, 2]),
        lambda x: np.histogram(x, bins=3)[0],
    ],
)
def test_numpys_names_that_count_give_tensors(call):
    z = call(tensor(X))
    assert isinstance(z, autograd.Tensor)
    np.testing.assert_array_equal(z.numpy(), call(X))


def test_numpys_names_refuse_what_lies_outside():
    x = tensor(X)
    with refused(IndexError, "out of bounds"):
        np.take(x, [12])
    with refused(ValueError, r"np.choose: an index lies outside \[0, 2\)"):
        np.choose([0, 2, 1, 1], [x, x])
    with refused(TypeError, "np.put has no recorded counterpart"):
        np.put(x, [0], 1.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("shape", "lengths", "dim"),
    [
        ((700, 500), (700, 500), 1),
        ((700, 500), (650, 900), 1),  # rows that the index leaves out
        ((700, 500), (900, 450), 0),
        ((90, 50, 70), (90, 60, 70), 1),
        ((90, 50, 70), (80, 2, 70), 1),  # few elements a cell
        ((300_000,), (300_000,), 0),
    ],
)
def test_many_elements_are_gathered_and_added_in_blocks(dtype, shape, lengths, dim):
    draws = np.random.default_rng(0)
    x = draws.standard_normal(shape).astype(dtype)
    index = draws.integers(0, shape[dim], lengths)
    src = draws.standard_normal(lengths).astype(dtype)
    where = tuple(np.indices(lengths, sparse=True))
    where = (*where[:dim], index, *where[dim + 1 :])
    added = np.zeros(shape)
    np.add.at(added, where, src)
    written = x.copy()
    written[where] = src
    before, found = autograd.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            autograd.set_num_threads(threads)
            leaf = tensor(x, requires_grad=True)
            z = leaf.gather(dim, tensor(index))
            z.backward(tensor(src))
            total = tensor(x).scatter_add(dim, tensor(index), tensor(src))
            written_by_ours = tensor(x).scatter(dim, tensor(index), tensor(src))
            found.append([t.detach().numpy() for t in (z, leaf.grad, total, written_by_ours)])
    finally:
        autograd.set_num_threads(before)
    for others in found[1:]:
        for one, other in zip(found[0], others, strict=True):
            np.testing.assert_array_equal(one, other)
    gathered, gradient, total, ours = found[0]
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    np.testing.assert_array_equal(gathered, x[where])
    np.testing.assert_allclose(gradient, added, tolerance, tolerance)
    np.testing.assert_allclose(total, x + added, tolerance, tolerance)
    np.testing.assert_array_equal(ours, written)
    assert gradient.dtype == total.dtype == dtype
