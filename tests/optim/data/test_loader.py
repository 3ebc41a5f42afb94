"""Datasets, samplers, the loader: order, batches, seeds."""

import numpy as np
import pytest

import autograd
import optim
from optim import DataLoader, Dataset, Subset, TensorDataset
from optim.data import BatchSampler, RandomSampler, SequentialSampler, default_collate


def order(loader):
    return [i for (batch,) in loader for i in batch.tolist()]


def numbers(n):
    return TensorDataset(autograd.arange(n))


def test_OP_10_an_epoch_is_every_index_once_in_a_new_order():
    loader = DataLoader(numbers(100), batch_size=32, shuffle=True)
    first, second = order(loader), order(loader)
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second != list(range(100))


@pytest.mark.parametrize("seed", ["generator", "manual_seed", "a number"])
def test_OP_10_a_seeded_order_repeats(seed):
    def epochs():
        if seed == "manual_seed":
            autograd.manual_seed(4)
        generator = {"generator": np.random.default_rng(4), "a number": 4}.get(seed)
        loader = DataLoader(numbers(50), batch_size=8, shuffle=True, generator=generator)
        return order(loader), order(loader)

    first, second = epochs()
    assert (first, second) == epochs()
    assert first != second


def test_batches_are_full_but_the_last():
    sizes = [len(batch) for (batch,) in DataLoader(numbers(1000), batch_size=32)]
    assert len(sizes) == len(DataLoader(numbers(1000), 32)) == 32
    assert sizes == [32] * 31 + [8]
    dropped = DataLoader(numbers(1000), batch_size=32, drop_last=True)
    assert [len(batch) for (batch,) in dropped] == [32] * 31 and len(dropped) == 31
    assert len(DataLoader(numbers(64), 32, drop_last=True)) == 2


def test_a_tensor_dataset_gathers_what_single_samples_would_collate_to():
    images, classes = np.random.default_rng(0).standard_normal((7, 2, 2)), np.arange(7)
    dataset = TensorDataset(images, classes)
    assert len(dataset) == 7 and dataset[3][1].item() == 3
    fast = next(iter(DataLoader(dataset, 4)))
    slow = default_collate([dataset[i] for i in range(4)])
    for a, b in zip(fast, slow, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert not np.shares_memory(fast[0].numpy(), dataset.tensors[0].numpy())
    with pytest.raises(ValueError, match=r"the same first axis, got shapes \[\(2,\), \(3,\)\]"):
        TensorDataset(np.zeros(2), np.zeros(3))
    with pytest.raises(ValueError, match="got no tensors"):
        TensorDataset()


def test_a_subclass_that_changes_its_samples_is_asked_for_them():
    class Negated(TensorDataset):
        def __getitem__(self, index):
            return tuple(-t for t in super().__getitem__(index))

    assert order(DataLoader(Negated(autograd.arange(3)), 2)) == [0, -1, -2]
    assert order(DataLoader(Subset(Negated(autograd.arange(3)), [2, 1]), 2)) == [-2, -1]


def test_samples_are_collated_by_their_kind():
    class Mixed(Dataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return {"x": np.full(2, index, np.float32), "y": index, "name": f"n{index}"}

    batch = next(iter(DataLoader(Mixed(), batch_size=3)))
    assert batch["x"].shape == (3, 2) and batch["x"].dtype == np.float32
    assert batch["y"].tolist() == [0, 1, 2] and batch["name"] == ["n0", "n1", "n2"]


def test_a_dataset_must_say_its_length_and_its_items():
    class Nameless(Dataset):
        pass

    with pytest.raises(NotImplementedError, match="Nameless must define __len__"):
        len(Nameless())
    with pytest.raises(NotImplementedError, match="Nameless must define __getitem__"):
        Nameless()[0]


def test_samplers_batches_and_collation_can_be_given():
    loader = DataLoader([10, 20, 30], batch_size=2, sampler=[2, 0, 1], collate_fn=sum)
    assert list(loader) == [40, 20]
    assert list(DataLoader("abcd", batch_sampler=[[0, 3], [1]])) == [["a", "d"], ["b"]]
    assert list(DataLoader([1, 2], batch_size=None)) == [1, 2]
    assert list(DataLoader([1, 2], batch_size=None, collate_fn=str)) == ["1", "2"]
    assert len(DataLoader([1, 2], batch_size=None)) == 2
    assert list(BatchSampler(SequentialSampler("abc"), 2, False)) == [[0, 1], [2]]
    assert len(RandomSampler("abc")) == 3


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"batch_size": 0}, ValueError, "BatchSampler: batch_size must be at least 1, got 0"),
        ({"batch_size": 2.0}, TypeError, "batch_size must be an int, got 2.0"),
        ({"shuffle": True, "sampler": [0]}, ValueError, "a sampler or shuffle=True, not both"),
        ({"batch_sampler": [[0]], "shuffle": True}, ValueError, "batch_sampler replaces"),
        ({"batch_size": None, "drop_last": True}, ValueError, "drop_last needs a batch_size"),
        ({"shuffle": True, "generator": "x"}, TypeError, "np.random.Generator or a seed, got str"),
    ],
)
def test_options_that_exclude_each_other_are_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        DataLoader([1, 2, 3], **arguments)


@pytest.mark.torch
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(
    "setting",
    [
        {},
        {"batch_size": 3},
        {"batch_size": 3, "drop_last": True},
        {"batch_size": 4, "sampler": [3, 3, 0, 9, 1]},
        {"batch_sampler": [[1, 2], [5], [7, 7, 7]]},
        {"batch_size": None},
        {"batch_size": None, "sampler": [4, 2]},
        {"batch_size": 2, "collate_fn": len},
    ],
    ids=str,
)
def test_batches_in_a_given_order_are_pytorchs(torch, setting, workers):
    images, classes = np.random.default_rng(0).random((10, 2)), np.arange(10)

    def batches(module, dataset, **options):
        return [
            batch if isinstance(batch, int) else [column.numpy().tolist() for column in batch]
            for batch in module.DataLoader(dataset, **setting, **options)
        ]

    theirs = torch.utils.data.TensorDataset(torch.tensor(images), torch.tensor(classes))
    expected = batches(torch.utils.data, theirs)
    assert batches(optim.data, TensorDataset(images, classes), num_workers=workers) == expected


def test_what_is_no_dataset_is_named():
    with pytest.raises(
        TypeError, match="a length and an item .* got list_iterator; make it an Iter"
    ):
        DataLoader(iter([1]), 2)
    with pytest.raises(TypeError, match="an item for each index, got NoneType$"):
        DataLoader(None)
    with pytest.raises(ValueError, match="RandomSampler: the data to draw from have no samples"):
        DataLoader([], shuffle=True)
