"""Datasets and collating: joined, taken as they come, and batched as PyTorch batches them."""

from collections import OrderedDict, defaultdict
from typing import NamedTuple

import numpy as np
import pytest

import autograd
from optim.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    default_collate,
    default_convert,
)


class Count(IterableDataset):
    def __init__(self, size):
        self.size = size

    def __iter__(self):
        return iter(range(self.size))


class Counted(Count):
    def __len__(self):
        return self.size


class Pair(NamedTuple):
    x: object
    y: object


def test_datasets_are_joined():
    joined = TensorDataset(np.arange(3)) + TensorDataset(np.arange(10, 12)) + "ab"
    assert [joined[i][0].item() for i in range(5)] == [0, 1, 2, 10, 11]
    assert joined[-1] == "b" and joined[-7][0].item() == 0 and len(joined) == 7
    for index in (7, -8):
        with pytest.raises(IndexError, match=f"index {index} is out of range for 7 samples"):
            joined[index]
    with pytest.raises(ValueError, match="got no datasets"):
        ConcatDataset([])
    with pytest.raises(TypeError, match="Count has no length"):
        ConcatDataset([Count(3)])
    empty = ConcatDataset(["", "ab", "", "c"])
    assert [empty[i] for i in range(3)] == ["a", "b", "c"]


def test_samples_that_come_one_after_the_other():
    assert [b.tolist() for b in DataLoader(Count(5), 2)] == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in DataLoader(Count(5), 2, drop_last=True)] == [[0, 1], [2, 3]]
    assert list(DataLoader(Count(3), batch_size=None)) == [0, 1, 2]
    assert list(DataLoader(Count(3), 2, collate_fn=sum)) == [1, 2]
    assert len(DataLoader(Counted(5), 2)) == 3
    with pytest.raises(TypeError, match="has no len"):
        len(DataLoader(Count(5), 2))
    for option in ({"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}):
        with pytest.raises(ValueError, match="an IterableDataset has an order of its own"):
            DataLoader(Count(5), **option)
    with pytest.raises(NotImplementedError, match="IterableDataset must define __iter__"):
        iter(IterableDataset())


def test_a_loader_that_leaves_no_batch_warns():
    with pytest.warns(UserWarning, match="no batch of 8 samples, the dataset has 5"):
        DataLoader(range(5), 8, drop_last=True)


def test_what_is_not_batched_is_converted():
    sample = default_convert({"a": np.arange(2), "b": [np.float32(1)], "c": "text"})
    assert sample["a"].tolist() == [0, 1] and sample["c"] == "text"
    assert isinstance(sample["b"][0], autograd.Tensor) and sample["b"][0].dtype == np.float32
    assert isinstance(default_convert(Pair(np.arange(2), 1)), Pair)
    ((x, y),) = DataLoader([(np.arange(2), 3)], batch_size=None)
    assert isinstance(x, autograd.Tensor) and y == 3


SAMPLES = [
    [1, 2],
    [1.5, 2.5],
    [True, False],
    [np.float32(1), np.float32(2)],
    [np.int16(1), np.int16(2)],
    [np.zeros((2, 3), np.float32)] * 2,
    [np.array(1, np.uint8)] * 2,
    ["a", "b"],
    [b"a", b"b"],
    [(1, 2.0), (3, 4.0)],
    [[1, "x"], [3, "y"]],
    [{"a": 1, "b": (2, 3)}, {"a": 4, "b": (5, 6)}],
    [OrderedDict(a=1), OrderedDict(a=2)],
    [defaultdict(int, a=1), defaultdict(int, a=2)],
    [range(2), range(1, 3)],
    [Pair(1, np.ones(2)), Pair(2, np.ones(2))],
]


def described(value):
    """Types, dtypes and numbers, whichever library holds them."""
    if isinstance(value, dict):
        return type(value).__name__, {key: described(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        kind = type(value).__name__ if hasattr(value, "_fields") else "sequence"
        return kind, [described(entry) for entry in value]
    if isinstance(value, (str, bytes, int, float)):
        return value
    array = np.asarray(value.numpy())
    return str(array.dtype), array.tolist()


@pytest.mark.torch
@pytest.mark.parametrize("samples", SAMPLES, ids=str)
def test_samples_are_collated_as_pytorch_does(torch, samples):
    theirs = torch.utils.data.default_collate(samples)
    assert described(default_collate(samples)) == described(theirs)


def test_samples_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match=r"one shape, got \[\(2,\), \(3,\)\]; give a collate_fn"):
        default_collate([np.zeros(3), np.zeros(2)])
    with pytest.raises(ValueError, match="must have one length"):
        default_collate([(1,), (1, 2)])
    with pytest.raises(ValueError, match="must have the same keys"):
        default_collate([{"a": 1}, {"b": 1}])
    with pytest.raises(
        TypeError, match="default_collate: cannot batch arrays of <U1; give a colla"
    ):
        default_collate([np.array("a"), np.array("b")])
    for sample in ({1}, None):
        with pytest.raises(TypeError, match="cannot batch samples of type"):
            default_collate([sample, sample])


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sample_that_raises_stop_iteration_ends_no_epoch(workers):
    class Tired(Dataset):
        def __len__(self):
            return 6

        def __getitem__(self, index):
            return next(iter([])) if index == 3 else index

    with pytest.raises(RuntimeError, match="sample 3 of a Tired raised StopIteration"):
        list(DataLoader(Tired(), 2, num_workers=workers))


def test_tensors_that_require_grad_are_stacked_in_the_graph():
    w = autograd.tensor([1.0, 2.0], requires_grad=True)
    default_collate([w * 2, w * 3]).sum().backward()
    assert w.grad.tolist() == [5, 5]


def test_a_batch_is_a_copy():
    data = np.arange(6.0)
    for dataset in (TensorDataset(data), Subset(TensorDataset(data), range(6))):
        (batch,) = next(iter(DataLoader(dataset, 6)))
        batch.numpy()[:] = 0
    assert data.tolist() == list(range(6))


def test_a_subset_takes_indices_not_a_mask():
    data = TensorDataset(np.arange(5))
    assert Subset(data, autograd.tensor([4, 0])).indices == [4, 0]
    assert Subset(data, np.array([3])).indices == [3]
    for mask in ([True, False], np.array([True, False]), autograd.tensor([True, False])):
        with pytest.raises(TypeError, match="must be ints, got a bool; give np.flatnonzero"):
            Subset(data, mask)
    with pytest.raises(TypeError, match="must be ints, got 1.5"):
        Subset(data, [1.5])


def test_tensors_that_require_grad_are_gathered_in_the_graph():
    w = autograd.tensor(np.arange(3.0), requires_grad=True)
    ((batch,),) = DataLoader(TensorDataset(w), 2, sampler=[2, 0])
    (3 * batch).sum().backward()
    assert w.grad.tolist() == [3, 0, 3]


def test_joined_tensors_are_gathered_as_single_samples_would_be_collated():
    rng = np.random.default_rng(0)
    parts = [TensorDataset(rng.random((n, 2)), rng.integers(0, 9, n)) for n in (4, 1, 6)]
    joined = ConcatDataset([parts[0], Subset(parts[1], [0]), parts[2] + parts[0]])
    order = [14, 0, 4, 3, 5, -1, 0, 10, 11]
    for size in (1, 4, 9):
        for start in range(0, 9, size):
            rows = order[start : start + size]
            expected = default_collate([joined[i] for i in rows])
            for one, other in zip(joined.batch(rows), expected, strict=True):
                assert one.dtype == other.dtype
                np.testing.assert_array_equal(one.numpy(), other.numpy())
    mixed = joined + [(np.zeros(2), 3)]
    images, classes = mixed.batch([0, 15])
    assert images.shape == (2, 2) and classes.tolist()[1] == 3
    with pytest.raises(IndexError, match="sample 15 is out of range: the ConcatDataset has 15"):
        list(DataLoader(joined, 2, sampler=[3, 15]))
