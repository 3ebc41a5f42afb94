"""Samplers and splits: which indices, how often, and what is refused, as PyTorch has it."""

from collections import Counter

import numpy as np
import pytest

import autograd
from optim.data import (
    BatchSampler,
    DataLoader,
    RandomSampler,
    Sampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    WeightedRandomSampler,
    random_split,
)


def test_with_replacement_indices_repeat():
    drawn = list(RandomSampler(range(10), replacement=True, num_samples=1000))
    assert len(drawn) == 1000 and set(drawn) == set(range(10))
    assert max(Counter(drawn).values()) < 150  # 100 expected, standard deviation 9.5
    assert len(set(RandomSampler(range(100), replacement=True))) < 100


def test_without_replacement_more_samples_are_whole_permutations():
    sampler = RandomSampler(range(4), num_samples=10)
    drawn = list(sampler)
    assert len(sampler) == 10
    assert sorted(drawn[:4]) == sorted(drawn[4:8]) == [0, 1, 2, 3] and len(set(drawn[8:])) == 2
    assert len(list(RandomSampler(range(50), num_samples=7))) == 7


def test_a_subset_is_shuffled():
    sampler = SubsetRandomSampler([5, 9, 2, 7], generator=0)
    epochs = [tuple(sampler) for _ in range(5)]
    assert all(sorted(epoch) == [2, 5, 7, 9] for epoch in epochs) and len(set(epochs)) > 1
    assert len(sampler) == 4


def test_weights_are_chances():
    drawn = Counter(WeightedRandomSampler([1, 3, 0, 4], 8000))
    assert drawn[2] == 0 and len(WeightedRandomSampler([1.0], 5)) == 5
    for index, weight in ((0, 1), (1, 3), (3, 4)):
        assert drawn[index] == pytest.approx(1000 * weight, abs=200)  # 4.5 standard deviations
    assert sorted(WeightedRandomSampler([1, 3, 0, 4], 3, replacement=False)) == [0, 1, 3]


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: RandomSampler([]), ValueError, "the data to draw from have no samples"),
        (lambda: RandomSampler([1], num_samples=-2), ValueError, "at least 1, got -2"),
        (lambda: RandomSampler([1], num_samples=1.5), ValueError, "at least 1, got 1.5"),
        (lambda: RandomSampler([1], 7), TypeError, "replacement must be True or False, got 7"),
        (lambda: RandomSampler([1], generator="x"), TypeError, "or a seed, got str"),
        (lambda: WeightedRandomSampler([1], 0), ValueError, "num_samples must be an int of at"),
        (lambda: WeightedRandomSampler([[1]], 1), ValueError, r"a list, got shape \(1, 1\)"),
        (lambda: WeightedRandomSampler([1, -1], 1), ValueError, "finite and not negative"),
        (lambda: WeightedRandomSampler([1, np.nan], 1), ValueError, "finite and not negative"),
        (lambda: WeightedRandomSampler([0, 0], 1), ValueError, "1 samples from 0 weights above 0"),
        (
            lambda: WeightedRandomSampler([1, 0], 2, replacement=False),
            ValueError,
            "cannot draw 2 samples from 1 weights above 0 without replacement",
        ),
        (lambda: BatchSampler([1], 0, False), ValueError, "batch_size must be at least 1"),
        (lambda: list(Sampler()), NotImplementedError, "Sampler must define __iter__"),
    ],
)
def test_wrong_arguments_are_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


SETTINGS = [
    {"batch_size": batch_size, "drop_last": drop_last, "n": n}
    for batch_size in (1, 3, 10, 17)
    for drop_last in (False, True)
    for n in (0, 1, 9, 10, 30)
]


@pytest.mark.torch
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_batches_are_pytorchs(torch, setting):
    n, batch_size, drop_last = (setting[name] for name in ("n", "batch_size", "drop_last"))
    theirs = torch.utils.data.BatchSampler(range(n), batch_size, drop_last)
    ours = BatchSampler(range(n), batch_size, drop_last)
    assert list(ours) == list(theirs) and len(ours) == len(theirs)


@pytest.mark.torch
@pytest.mark.parametrize("lengths", [[7, 3], [0.5, 0.25, 0.25], [0.33, 0.33, 0.34], [1.0], [10]])
def test_split_sizes_are_pytorchs(torch, lengths):
    theirs = torch.utils.data.random_split(range(10), lengths)
    ours = random_split(range(10), lengths)
    assert [len(part) for part in ours] == [len(part) for part in theirs]


@pytest.mark.torch
def test_what_pytorch_refuses_is_refused(torch):
    for module in (torch.utils.data, __import__("optim").data):
        for arguments in (
            {"batch_size": 0},
            {"batch_size": -1},
            {"sampler": [0], "shuffle": True},
            {"batch_sampler": [[0]], "batch_size": 2},
            {"batch_sampler": [[0]], "shuffle": True},
            {"batch_sampler": [[0]], "sampler": [0]},
            {"batch_sampler": [[0]], "drop_last": True},
            {"batch_size": None, "drop_last": True},
            {"num_workers": -1},
            {"prefetch_factor": 2},
        ):
            with pytest.raises(ValueError):
                module.DataLoader([1, 2, 3], **arguments)
        with pytest.raises(ValueError):
            module.DataLoader([], shuffle=True)
        assert len(module.DataLoader([])) == 0 and list(module.DataLoader([])) == []


def test_TP_01_a_random_split_is_disjoint_and_covers_all():
    parts = random_split(range(10), [7, 3], generator=0)
    assert [len(part) for part in parts] == [7, 3]
    assert sorted(i for part in parts for i in part.indices) == list(range(10))
    assert [len(part) for part in random_split(range(10), [0.5, 0.25, 0.25])] == [6, 2, 2]
    again = random_split(range(10), [7, 3], generator=0)
    for lengths in (3, "73", ["7", "3"], [float("nan"), 3]):
        with pytest.raises(TypeError, match="random_split: lengths must be"):
            random_split(range(10), lengths)
    assert [p.indices for p in parts] == [p.indices for p in again]
    autograd.manual_seed(1)
    first = random_split(range(10), [0.7, 0.3])
    autograd.manual_seed(1)
    assert [p.indices for p in random_split(range(10), [0.7, 0.3])] == [p.indices for p in first]


def test_a_split_that_does_not_cover_is_refused_and_an_empty_part_is_warned_of():
    with pytest.raises(ValueError, match=r"lengths \[7, 4\] must sum to the dataset's 10 or to 1"):
        random_split(range(10), [7, 4])
    for lengths in ([12, -2], [7.5, 2.5], [1.5, -0.5]):
        with pytest.raises(ValueError, match="must be sizes, or fractions that sum to 1"):
            random_split(range(10), lengths)
    with pytest.warns(UserWarning, match="part 1 is empty"):
        assert len(random_split(range(10), [10, 0])[1]) == 0


def test_a_generator_of_autograd_is_followed_when_it_is_seeded_again():
    generator = autograd.Generator().manual_seed(4)
    sampler = RandomSampler(range(20), generator=generator)
    first = list(sampler)
    generator.manual_seed(4)
    assert list(sampler) == first != list(sampler)
    assert first == list(RandomSampler(range(20), generator=np.random.default_rng(4)))


def test_a_subset_of_a_split_is_sampled_by_its_own_numbers():
    part = random_split(range(100, 110), [4, 6], generator=0)[0]
    seen = [int(i) for batch in DataLoader(part, 3, shuffle=True) for i in batch]
    assert sorted(seen) == sorted(100 + i for i in part.indices)
    assert list(SequentialSampler(part)) == [0, 1, 2, 3]
    assert Subset(part, [1])[0] == part[1]
