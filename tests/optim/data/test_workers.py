"""Workers: the same batches in the same order, errors that name the sample, no thread left."""

import gc
import threading
import weakref

import numpy as np
import pytest

import autograd
from autograd.random import drawing_from
from optim.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset
from optim.data.collate import fetch
from optim.data.stream import Abandoned
from optim.data.stream import Stream as SampleStream


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert threads() == []


def threads():
    return [t.name for t in threading.enumerate() if t.name.startswith("DataLoader")]


class Noisy(Dataset):
    """Samples with random numbers of the program's generator, drawn while they are fetched."""

    def __init__(self, size=20, fails=None, error=None):
        self.size, self.fails = size, fails
        self.error = error or RuntimeError("no such file")

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if index == self.fails:
            raise self.error
        return index, autograd.rand(2)


class Stream(IterableDataset):
    def __init__(self, size):
        self.size = size

    def __iter__(self):
        for index in range(self.size):
            yield index, autograd.rand(2)


def lists(batches):
    return [[column.tolist() for column in batch] for batch in batches]


@pytest.mark.parametrize("dataset", [Noisy(), Stream(20), Subset(Noisy(), range(20))])
@pytest.mark.parametrize("batch_size", [3, None])
def test_batches_do_not_depend_on_the_number_of_workers(dataset, batch_size):
    def epochs(workers, prefetch=None):
        autograd.manual_seed(5)
        shuffle = not isinstance(dataset, Stream)
        loader = DataLoader(
            dataset, batch_size, shuffle, num_workers=workers, prefetch_factor=prefetch
        )
        if batch_size is None:
            return [[(i, x.tolist()) for i, x in loader] for _ in range(2)]
        return [lists(loader) for _ in range(2)]

    expected = epochs(0)
    assert epochs(1) == epochs(2, 1) == epochs(3, 5) == expected
    assert expected[0] != expected[1]


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("dataset", [Noisy(), Stream(20)])
def test_random_samples_go_on_from_a_position(dataset, workers):
    def loader(workers):
        return DataLoader(dataset, 3, generator=1, num_workers=workers)

    first = loader(0)
    batches = iter(first)
    next(batches), next(batches)
    state = first.state_dict()
    resumed = loader(workers)
    resumed.load_state_dict(state)
    assert lists(resumed) == lists(batches)
    assert lists(resumed) == lists(first)


def test_the_generator_of_the_program_is_not_drawn_from_while_samples_are_fetched():
    batches = iter(DataLoader(Noisy(), 4, num_workers=2))
    before = autograd.get_rng_state()
    lists(batches)
    assert autograd.equal(before, autograd.get_rng_state())
    one, two = (lists(DataLoader(Noisy(), 4, generator=1)) for _ in range(2))
    assert one == two and len({value for _, x in one for row in x for value in row}) == 40


def test_only_what_may_be_random_draws_a_seed():
    before = autograd.get_rng_state()
    tensors = TensorDataset(np.arange(6))
    for plain in (tensors, Subset(tensors, [2, 1]), tensors + Subset(tensors, [1]), [3, 4]):
        list(DataLoader(plain, 2))
    assert autograd.equal(before, autograd.get_rng_state())
    assert lists(DataLoader(Noisy(), 4)) != lists(DataLoader(Noisy(), 4))  # loaders made anew


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_what_a_sample_raises_comes_in_its_turn_and_names_it(workers):
    loader = DataLoader(Noisy(fails=13), 4, num_workers=workers)
    batches, given = iter(loader), []
    with pytest.raises(RuntimeError, match="no such file") as caught:
        for index, _ in batches:
            given += index.tolist()
    assert given == list(range(12))
    assert caught.value.__notes__[-2:] == [
        "raised by sample 13 of a Noisy",
        "DataLoader: in batch 3 of the epoch",
    ]
    assert threads() == []
    assert len(lists(DataLoader(Noisy(), 4, num_workers=workers))) == 5


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(
    "dataset", [TensorDataset(np.arange(6)), Noisy(6), Subset(range(9), range(6))]
)
def test_an_index_out_of_range_is_named(dataset, workers):
    loader = DataLoader(dataset, 2, sampler=[0, 5, 6, 1], num_workers=workers)
    name = type(dataset).__name__
    if isinstance(dataset, Noisy):
        dataset.fails, dataset.error = 6, IndexError("beyond")
    with pytest.raises(IndexError, match=f"sample 6 is out of range: the {name} has 6 samples"):
        list(loader)


def test_an_index_error_of_the_dataset_itself_stays_what_it_is():
    loader = DataLoader(Noisy(6, fails=2, error=IndexError("of a list within")), 2)
    with pytest.raises(IndexError, match="of a list within"):
        list(loader)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sampler_that_raises_does_so_after_its_batches(workers):
    def order():
        yield from range(4)
        raise LookupError("no order left")

    given = []
    with pytest.raises(LookupError, match="no order left"):
        for index, _ in DataLoader(Noisy(), 2, sampler=order(), num_workers=workers):
            given += index.tolist()
    assert given == [0, 1, 2, 3]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_collation_that_raises_names_the_batch(workers):
    loader = DataLoader(range(4), 2, num_workers=workers, collate_fn=lambda s: 1 // (s[0] - 2))
    with pytest.raises(ZeroDivisionError) as caught:
        list(loader)
    assert caught.value.__notes__ == ["DataLoader: in batch 1 of the epoch"]


@pytest.mark.parametrize("how", ["break", "forgotten", "raise", "collected"])
def test_leaving_the_loop_ends_the_threads(how):
    loader = DataLoader(Noisy(1000), 2, num_workers=3)
    if how == "break":
        for _ in loader:
            break
    elif how == "forgotten":
        batches = iter(loader)
        next(batches)
        assert threads()
        del batches
    elif how == "raise":
        with pytest.raises(KeyboardInterrupt):
            for _ in loader:
                raise KeyboardInterrupt
    else:
        cycle = [iter(loader)]
        next(cycle[0])
        cycle.append(cycle)
        del cycle
        gc.collect()
    assert threads() == []


def test_a_batch_that_nobody_waits_for_ends_at_its_next_sample():
    stop, fetched = threading.Event(), []

    class Left(Dataset):
        def __getitem__(self, index):
            fetched.append(index)
            if index == 3:
                stop.set()
            return index

    with drawing_from(SampleStream(0, (0,), stop)), pytest.raises(Abandoned):
        fetch(Left(), range(100))
    assert fetched == [0, 1, 2, 3]


def test_the_last_reference_may_be_dropped_by_a_worker():
    held = []

    class Dropping(Dataset):
        def __len__(self):
            return 100

        def __getitem__(self, index):
            if index == 50:
                held.clear()  # the only reference to the iterator: its end runs on this thread
                dropped.set()
            return index

    dropped = threading.Event()
    held.append(iter(DataLoader(Dropping(), 1, num_workers=1, prefetch_factor=60)))
    next(held[0])
    assert dropped.wait(10)
    for thread in threading.enumerate():
        if thread.name.startswith("DataLoader"):
            thread.join(10)


def test_no_more_batches_are_fetched_ahead_than_asked_for():
    counted = threading.Semaphore(0)

    class Counting(Dataset):
        seen = 0

        def __len__(self):
            return 100

        def __getitem__(self, index):
            type(self).seen += 1
            counted.release()
            return index

    batches = iter(DataLoader(Counting(), 1, num_workers=1, prefetch_factor=3))
    next(batches)
    for _ in range(4):
        assert counted.acquire(timeout=10)
    assert not counted.acquire(blocking=False)
    batches.close()
    assert Counting.seen == 4


def test_workers_run_at_the_same_time_in_the_context_of_the_loop():
    meeting = threading.Barrier(2, timeout=10)

    class Meeting(Dataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            meeting.wait()
            assert not autograd.is_grad_enabled()
            return index

    with autograd.no_grad():
        assert [b.tolist() for b in DataLoader(Meeting(), 1, num_workers=2)] == [[0], [1]]


def test_a_pass_keeps_nothing_of_itself():
    dataset = Noisy()
    seen = weakref.ref(dataset)
    lists(DataLoader(dataset, 4, num_workers=2))
    del dataset
    assert seen() is None


def test_two_passes_at_once_do_not_meet():
    loader = DataLoader(TensorDataset(autograd.arange(40)), 8, num_workers=2)
    pairs = list(zip(loader, loader, strict=True))
    assert [a.tolist() for (a,), _ in pairs] == [b.tolist() for _, (b,) in pairs]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"num_workers": -1}, ValueError, "num_workers must be at least 0, got -1"),
        ({"num_workers": 1.5}, TypeError, "num_workers must be an int, got 1.5"),
        ({"prefetch_factor": 2}, ValueError, "prefetch_factor needs num_workers above 0"),
        (
            {"num_workers": 1, "prefetch_factor": 0},
            ValueError,
            "prefetch_factor must be at least 1",
        ),
    ],
)
def test_numbers_of_workers_are_checked(arguments, error, words):
    with pytest.raises(error, match=words):
        DataLoader([1, 2, 3], **arguments)
