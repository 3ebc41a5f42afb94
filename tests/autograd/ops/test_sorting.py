"""Sorting, counting and distinct values: nan, ties, stability, numbers of outputs, misuse."""

import numpy as np
import pytest

import autograd
from autograd import tensor

NAN = np.array([1.0, np.nan, -np.inf, 0.0, np.inf, np.nan])
TIES = np.array([2.0, 1, 2, 1, 1, 2, 3])


def refused(error, message):
    return pytest.raises(error, match=message)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("values", [NAN, TIES, TIES > 1, TIES.astype(np.uint8), NAN[:0]])
def test_sorting_is_stable_and_nan_is_the_largest(values, descending, torch):
    ours = autograd.sort(tensor(values), descending=descending)
    theirs = torch.sort(torch.tensor(values), descending=descending, stable=True)
    np.testing.assert_array_equal(ours.values.numpy(), theirs.values.numpy())
    np.testing.assert_array_equal(ours.indices.numpy(), theirs.indices.numpy())
    order = autograd.argsort(tensor(values), descending=descending, stable=True)
    np.testing.assert_array_equal(order.numpy(), ours.indices.numpy())


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("k", [0, 1, 2, 3, 17, 40])
def test_topk_chooses_as_a_sort_does(k, largest, torch):
    values = np.random.default_rng(0).integers(0, 15, (3, 40)).astype(np.float64)
    values[1, 7] = np.nan
    ours = autograd.topk(tensor(values), k, largest=largest)
    theirs = torch.topk(torch.tensor(values), k, largest=largest)
    np.testing.assert_array_equal(ours.values.numpy(), theirs.values.numpy())
    chosen = np.take_along_axis(values, ours.indices.numpy(), 1)
    np.testing.assert_array_equal(chosen, ours.values.numpy())
    assert all(len(set(row)) == k for row in ours.indices.tolist())
    first = autograd.topk(tensor(values).T, k, 0, largest)
    np.testing.assert_array_equal(first.values.numpy().T, ours.values.numpy())


def test_gradients_go_back_to_where_values_came_from():
    x = tensor(np.array([3.0, 1.0, 2.0, 2.0]), requires_grad=True)
    x.sort(descending=True).values.backward(np.array([1.0, 10.0, 100.0, 1000.0]))
    assert x.grad.tolist() == [1, 1000, 10, 100]
    x.grad = None
    x.topk(2, largest=False).values.backward(np.array([1.0, 10.0]))
    assert x.grad.tolist() == [0, 1, 10, 0]


def test_misuse_of_sorting_is_named():
    x = tensor(TIES)
    for function in (autograd.sort, autograd.argsort):
        with refused(IndexError, f"{function.__name__}: dim 5 is out of range"):
            function(x, 5)
    with refused(RuntimeError, "topk: k = 9 is out of range for dim 0 of length 7"):
        x.topk(9)
    with refused(RuntimeError, "topk: k = -1 is out of range"):
        x.topk(-1)
    with refused(TypeError, "topk: expected an integer k, got float"):
        x.topk(2.0)
    values, indices = tensor(3.0).topk(1)
    assert (values.item(), indices.item()) == (3, 0)


# ---------------------------------------------------------------- distinct values


@pytest.mark.parametrize(
    ("values", "dim"),
    [
        (TIES, None),
        (NAN, None),
        (np.array(3.0), None),
        (np.zeros(0), None),
        (np.array([[3, 1], [1, 2], [3, 1]]), None),
        (np.array([[3, 1], [1, 2], [3, 1]]), 0),
        (np.array([[3, 1, 3], [1, 2, 1]]), -1),
        (np.array([True, False, True]), None),
    ],
)
@pytest.mark.parametrize("name", ["unique", "unique_consecutive"])
def test_distinct_values_inverses_and_counts_equal_torch(name, values, dim, torch):
    options = {"return_inverse": True, "return_counts": True, "dim": dim}
    ours = getattr(autograd, name)(tensor(values), **options)
    theirs = getattr(torch, name)(torch.tensor(values), **options)
    assert len(ours) == 3
    for one, other in zip(ours[:: 1 if dim is None else 2], theirs[:: 1 if dim is None else 2],
                          strict=True):  # fmt: skip
        assert (one.shape, str(one.dtype)) == (tuple(other.shape), str(other.dtype)[6:])
        if not np.isnan(values.astype(float)).any() or one is not ours[1]:
            np.testing.assert_array_equal(one.numpy(), other.numpy())
    if dim is not None:
        assert ours[1].tolist() == theirs[1].tolist()


def test_one_result_comes_alone():
    x = tensor(TIES, requires_grad=True)
    assert autograd.unique(x).tolist() == [1, 2, 3]
    values, counts = x.unique_consecutive(return_counts=True)
    assert (values.tolist(), counts.tolist()) == ([2, 1, 2, 1, 2, 3], [1, 1, 1, 2, 1, 1])
    with refused(RuntimeError, "unique: slices along dim 0 of shape .* are empty"):
        autograd.unique(autograd.zeros(2, 0), dim=0)
    with refused(IndexError, "unique: dim 3 is out of range"):
        autograd.unique(x, dim=3)


def test_numbers_may_stand_for_either_side_of_isin():
    x = tensor([1, 2, 3])
    assert autograd.isin(x, 2).tolist() == [False, True, False]
    assert autograd.isin(2, x).item() is True
    assert autograd.isin(x, tensor([2]), invert=True, assume_unique=True).tolist() == [1, 0, 1]
    assert not autograd.isin(tensor([np.nan]), tensor([np.nan])).item()


# ---------------------------------------------------------------- counting


def test_bincount_counts_or_adds_weights(torch):
    x, w = [0, 1, 1, 4], [0.5, 1.0, 2.0, 3.0]
    assert autograd.bincount(tensor(x)).tolist() == torch.bincount(torch.tensor(x)).tolist()
    assert autograd.bincount(tensor(x), minlength=7).tolist() == [1, 2, 0, 0, 1, 0, 0]
    assert autograd.bincount(tensor(np.zeros(0, int)), minlength=2).tolist() == [0, 0]
    assert autograd.bincount(tensor(np.uint8([1, 1]))).dtype == np.int64
    for weights in (tensor(w), tensor(np.array(w)), tensor([5, 1, 2, 3])):
        found = autograd.bincount(tensor(x), weights)
        expected = torch.bincount(torch.tensor(x), torch.tensor(weights.numpy()))
        assert str(found.dtype) == str(expected.dtype)[6:]
        assert found.tolist() == expected.tolist()
    for wrong in (tensor([0, -1]), tensor([[0]]), tensor([0.0])):
        with refused(RuntimeError, "bincount: expected"):
            autograd.bincount(wrong)
    with refused(RuntimeError, "bincount: minlength must be 0 or more, got -1"):
        autograd.bincount(tensor(x), minlength=-1)
    with refused(RuntimeError, r"bincount: weights of shape \(1,\) for 4 integers"):
        autograd.bincount(tensor(x), tensor([1.0]))


def test_searchsorted_takes_sorters_sides_and_numbers(torch):
    s = tensor([3.0, 1.0, 2.0])
    v = tensor([2.0, np.nan])
    order = autograd.argsort(s)
    assert autograd.searchsorted(s, v, sorter=order).tolist() == [1, 3]
    ascending = autograd.sort(s).values
    assert autograd.searchsorted(ascending, 2.5).item() == 2
    assert autograd.searchsorted(ascending, v, out_int32=True).dtype == np.int32
    assert autograd.bucketize(2.0, ascending, right=True).item() == 2
    rows = tensor(np.arange(12.0).reshape(3, 4))
    for wrong, message in (
        (lambda: autograd.searchsorted(ascending, v, side="bad"), "side must be 'left' or"),
        (lambda: autograd.searchsorted(ascending, v, side="left", right=True), "contradicts"),
        (lambda: autograd.searchsorted(tensor(1.0), v), "got a 0-d tensor"),
        (lambda: autograd.searchsorted(rows, v), "leading dimensions are"),
        (lambda: autograd.searchsorted(rows[:, 0].reshape(1, 3)[0][None], 2.0), "leading|number"),
        (lambda: autograd.searchsorted(s, v, sorter=order[:2]), "sorter of shape"),
        (lambda: autograd.searchsorted(s, v, sorter=order + 1), "sorter has an index outside"),
        (lambda: autograd.bucketize(v, rows), "bucketize: expected a vector of boundaries"),
    ):
        with refused(RuntimeError, message):
            wrong()


def test_histograms_equal_torch(torch):
    values = np.random.default_rng(0).standard_normal(50).astype(np.float32)
    ours, theirs = tensor(values), torch.tensor(values)
    for arguments in ((5,), (4, -1, 1), (3, 2, 2), (10, 0, 0)):
        np.testing.assert_array_equal(
            autograd.histc(ours, *arguments).numpy(), torch.histc(theirs, *arguments).numpy()
        )
    weight = np.linspace(0, 1, 50, dtype=np.float32)
    found = autograd.histogram(ours, 4, range=(-1.0, 1.0), weight=tensor(weight), density=True)
    expected = torch.histogram(
        theirs, 4, range=(-1.0, 1.0), weight=torch.tensor(weight), density=True
    )
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-5)
    edges = np.array([-1.0, 0.5, 2.0], np.float32)
    np.testing.assert_array_equal(
        ours.histogram(tensor(edges)).hist.numpy(),
        theirs.histogram(torch.tensor(edges)).hist.numpy(),
    )
    assert autograd.histc(tensor([np.nan, 2.0]), 4, 0, 3).tolist() == [0, 0, 1, 0]
    assert autograd.histc(tensor([2.0, 2.0]), 4).tolist() == [0, 0, 2, 0]
    for wrong, error, message in (
        (lambda: autograd.histc(ours, 0), RuntimeError, "bins must be 1 or more, got 0"),
        (lambda: autograd.histc(ours, 3, 3, 1), RuntimeError, "max 1 lies below min 3"),
        (lambda: autograd.histc(tensor([np.nan, 2.0]), 4), RuntimeError, "is not finite"),
        (lambda: autograd.histc(tensor([1, 2])), NotImplementedError, "histc: .* got int64"),
        (lambda: autograd.histogram(ours, 0), RuntimeError, "bins must be 1 or more, got 0"),
        (
            lambda: autograd.histogram(tensor([1]), 2),
            NotImplementedError,
            "histogram: .* got int64",
        ),
        (lambda: autograd.histogram(ours, 2, weight=ours[:3]), RuntimeError, "weight of shape"),
        (lambda: autograd.histogram(ours, tensor([2.0, 1.0])), RuntimeError, "histogram: "),
    ):
        with refused(error, message):
            wrong()


def test_one_hot_refuses_what_is_no_class():
    for wrong, message in (
        (lambda: autograd.one_hot(tensor([0, 2]), 2), "class 2 is none of 2"),
        (lambda: autograd.one_hot(tensor([1]), 0), "class 1 is none of 0"),
        (lambda: autograd.one_hot(tensor([-1])), "numbered from 0, got -1"),
        (lambda: autograd.one_hot(tensor([1.0])), "expected an index of integers"),
        (lambda: autograd.one_hot(tensor(np.zeros(0, int))), "cannot be told of an empty"),
    ):
        with refused(RuntimeError, f"one_hot: .*{message}"):
            wrong()
    assert autograd.one_hot(tensor(1), 3).tolist() == [0, 1, 0]


def test_without_tensors_results_are_arrays():
    values = np.array([3, 1, 3])
    for found in (
        autograd.unique(values),
        autograd.bincount(values),
        autograd.isin(values, [3]),
        autograd.one_hot(values),
        autograd.nonzero(values),
        autograd.sort(values).values,
        autograd.gather(values, 0, np.array([0, 1])),
        autograd.searchsorted(np.array([1, 2]), values),
    ):
        assert type(found) is np.ndarray
