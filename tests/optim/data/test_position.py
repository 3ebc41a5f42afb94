"""A loader's position: what is saved in the middle of an epoch goes on bit-identically."""

import numpy as np
import pytest

import autograd
from optim import DataLoader, TensorDataset

GENERATORS = {
    "manual_seed": lambda: None,
    "a seed": lambda: 7,
    "autograd": lambda: autograd.Generator().manual_seed(7),
    "numpy": lambda: np.random.default_rng(7),
    "twister": lambda: np.random.Generator(np.random.MT19937(7)),
}


def numbers(n):
    return TensorDataset(autograd.arange(n))


def epoch(loader):
    return [batch.tolist() for (batch,) in loader]


def saved(loader, path):
    """What a checkpoint gives back: through a file, arrays come as tensors."""
    autograd.save({"loader": loader.state_dict(), "rng": autograd.get_rng_state()}, path)
    return autograd.load(path)


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
@pytest.mark.parametrize("given", [0, 1, 3, 4])
@pytest.mark.parametrize("kind", GENERATORS)
def test_the_rest_of_the_epoch_and_the_next_are_the_same(kind, given, suffix, tmp_path):
    autograd.manual_seed(1)
    loader = DataLoader(numbers(31), 8, shuffle=True, generator=GENERATORS[kind]())
    epoch(loader)
    batches = iter(loader)
    for _ in range(given):
        next(batches)
    autograd.rand(3)  # dropout draws from the program's generator meanwhile
    state = saved(loader, tmp_path / f"state.{suffix}")
    expected = [batch.tolist() for (batch,) in batches], epoch(loader), epoch(loader)

    autograd.manual_seed(99)
    resumed = DataLoader(numbers(31), 8, shuffle=True, generator=GENERATORS[kind]())
    epoch(resumed)
    resumed.load_state_dict(state["loader"])
    autograd.set_rng_state(state["rng"])
    assert (epoch(resumed), epoch(resumed), epoch(resumed)) == expected
    assert len(expected[0]) == 4 - given and expected[1] != expected[2]


def test_between_epochs_the_next_is_drawn():
    loader = DataLoader(numbers(31), 8, shuffle=True, generator=7)
    epoch(loader)
    state = loader.state_dict()
    assert (state["epoch"], state["inside"], state["batches"]) == (1, False, 0)
    resumed = DataLoader(numbers(31), 8, shuffle=True, generator=0)
    resumed.load_state_dict(state)
    assert epoch(resumed) == epoch(loader)
    assert resumed.state_dict()["epoch"] == 2


def test_a_loaded_position_can_be_saved_again_before_it_goes_on():
    loader = DataLoader(numbers(31), 8, shuffle=True)
    next(iter(loader))
    state = loader.state_dict()
    resumed = DataLoader(numbers(31), 8, shuffle=True)
    resumed.load_state_dict(state)
    again = resumed.state_dict()
    assert again.keys() == state.keys() and again["batches"] == 1 and again["inside"]
    np.testing.assert_array_equal(again["start"], state["start"])


def test_resuming_leaves_the_generator_of_the_program_where_it_is():
    loader = DataLoader(numbers(31), 8, shuffle=True)
    next(iter(loader))
    state = loader.state_dict()
    autograd.manual_seed(3)
    before = autograd.get_rng_state()
    loader.load_state_dict(state)
    epoch(loader)
    assert autograd.equal(before, autograd.get_rng_state())


def test_a_pass_that_is_left_keeps_its_place_until_the_next_begins():
    loader = DataLoader(numbers(31), 8)
    for batch in loader:  # noqa: B007
        break
    assert loader.state_dict()["batches"] == 1
    assert len(epoch(loader)) == 4
    assert not loader.state_dict()["inside"]


def test_an_order_that_is_given_is_gone_on_with():
    loader = DataLoader("abcd", batch_sampler=[[0, 3], [1], [2]])
    next(iter(loader))
    resumed = DataLoader("abcd", batch_sampler=[[0, 3], [1], [2]])
    resumed.load_state_dict(loader.state_dict())
    assert list(resumed) == [["b"], ["c"]]


def test_a_state_of_another_loader_is_refused():
    loader = DataLoader(numbers(31), 8, shuffle=True, generator=7)
    next(iter(loader))
    state = loader.state_dict()
    for samples, batch_size, words in (
        (30, 8, "with 31 samples, but this one has 30"),
        (31, 11, "with 4 batches, but this one has 3"),
        (31, 10, "with 8 samples in a batch, but this one has 10"),
    ):
        other = DataLoader(numbers(samples), batch_size, shuffle=True, generator=7)
        with pytest.raises(ValueError, match=f"the state is of a loader {words}"):
            other.load_state_dict(state)
    with pytest.raises(ValueError, match="of 1 generators of its own, but this loader has 0"):
        DataLoader(numbers(31), 8, shuffle=True).load_state_dict(state)
    with pytest.raises(
        ValueError, match=r"the state of a loader has \['now', 'seed', 'sizes'\] too"
    ):
        loader.load_state_dict({name: state[name] for name in list(state)[:4]})
    with pytest.raises(ValueError, match="this is no state of a generator"):
        loader.load_state_dict({**state, "now": [np.zeros(3, np.uint8)]})
    twister = DataLoader(numbers(31), 8, shuffle=True, generator=GENERATORS["twister"]())
    with pytest.raises(ValueError, match="a PCG64 generator, but the loader draws from a MT19937"):
        twister.load_state_dict(state)
