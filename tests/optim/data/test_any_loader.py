"""Loaders of every setting: what they give, with any workers, from any position."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from optim.data import (
    Augmented,
    DataLoader,
    IterableDataset,
    RandomSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)
from optim.data.transforms import GaussianNoise


class OneByOne(IterableDataset):
    def __init__(self, size):
        self.size = size

    def __iter__(self):
        return ((i, autograd.rand(1)) for i in range(self.size))


def noisy(size):
    images = np.full((size, 1, 1, 1), 0.5)
    return Augmented(TensorDataset(images, np.arange(size)), GaussianNoise())


DATASETS = {
    "tensors": lambda n: TensorDataset(np.arange(n)),
    "subset": lambda n: Subset(TensorDataset(np.arange(2 * n)), range(0, 2 * n, 2)),
    "augmented": noisy,
    "functions": lambda n: Augmented(noisy(n), lambda image: image + autograd.rand(1)),
    "joined": lambda n: noisy(n) + noisy(3),
    "iterable": OneByOne,
}
ORDERS = {
    "in order": lambda data, own: {},
    "shuffled": lambda data, own: {"shuffle": True},
    "replaced": lambda data, own: {"sampler": RandomSampler(data, True, 9, generator=own)},
    "subset": lambda data, own: {"sampler": SubsetRandomSampler([0, 1, 0], generator=own)},
    "weighted": lambda data, own: {"sampler": WeightedRandomSampler([1, 2], 7, generator=own)},
}


def flat(batches):
    return [[np.asarray(part).tolist() for part in batch] for batch in batches]


@settings(max_examples=60)
@given(st.data())
def test_any_loader_goes_on_from_any_position(data):
    draw = data.draw
    kind = draw(st.sampled_from(sorted(DATASETS)))
    size, own = draw(st.integers(2, 9)), draw(st.sampled_from([None, 3]))
    order = "in order" if kind == "iterable" else draw(st.sampled_from(sorted(ORDERS)))
    batch_size = draw(st.integers(1, 5))
    drop_last = draw(st.booleans()) and size >= 5 and order != "subset"

    def loader(workers):
        dataset = DATASETS[kind](size)
        options = ORDERS[order](dataset, own)
        return DataLoader(
            dataset,
            batch_size,
            drop_last=drop_last,
            generator=own,
            num_workers=workers,
            **options,
        )

    autograd.manual_seed(draw(st.integers(0, 3)))
    first = loader(0)
    begun = draw(st.integers(0, 2))
    for _ in range(begun):
        flat(first)
    batches = iter(first)
    given_away = draw(st.integers(0, 4))
    for _ in range(given_away):
        next(batches, None)
    state, program = first.state_dict(), autograd.get_rng_state()
    expected = flat(batches), flat(first), flat(first)

    autograd.manual_seed(77)
    resumed = loader(draw(st.integers(0, 2)))
    resumed.load_state_dict(state)
    autograd.set_rng_state(program)
    rest = [flat(resumed)] if state["inside"] else [[]]
    assert (*rest, flat(resumed), flat(resumed)) == expected
    assert resumed.state_dict()["epoch"] == first.state_dict()["epoch"] == begun + 3
