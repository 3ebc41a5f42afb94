"""A small thread pool for kernels: NumPy and BLAS release the GIL, so two threads do twice as much.

A kernel cuts its work into *blocks by shape, never by the number of threads*, and adds partial
results in block order; the same bits come out on one core and on sixteen. While blocks run, BLAS
is held to one thread (its own threads would fight with ours), by a counter under a lock, because
overlapping calls that each save and restore a setting can leave the wrong one behind.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import ContextDecorator
from contextvars import Context, ContextVar, copy_context
from queue import SimpleQueue
from time import perf_counter
from typing import Any

import numpy as np

__all__ = [
    "block_ranges",
    "get_num_threads",
    "parallel_for",
    "pinned_blas",
    "set_num_threads",
    "shrinking_ranges",
]

# Seconds of work below which sharing costs more than it saves. Threads take turns to hold Python's
# lock between NumPy calls. One that finds it taken sleeps, and takes 30 us to wake; by then whoever
# makes short calls has the lock again. Kernels of short calls that took less than a millisecond
# were never faster on two cores, and up to 40 % slower. Where calls are longer than it takes to
# wake, a second thread costs some 60 us at its start and its end.
WORTH_SHARING = 1e-3
LONG_CALLS_WORTH = 0.4  # of that

# Seconds for which a caller whose blocks are done looks on, before it sleeps until the others are:
# to be woken takes a thread 25 us, and most waits are shorter. Between looks it is away from
# Python's lock for 4 us, in a NumPy call.
LOOKING_ON = 1e-4
_ones, _spent = np.ones((2, 512))

_inside_block: ContextVar[bool] = ContextVar("inside_block", default=False)


def parallel_for(
    work: Callable[[int], object],
    blocks: int,
    *,
    seconds: float = 1.0,
    long_calls: bool = False,
) -> None:
    """Run ``work(0)``, ..., ``work(blocks - 1)``, on several threads where that pays.

    The blocks may run in any order and at the same time: each must write to its own place. The
    calling thread takes blocks as the others do, so a call never waits for a busy pool. Workers see
    a copy of the caller's context (``np.errstate``, ``no_grad``). A call from within a block runs
    serially.

    Parameters
    ----------
    work : callable
        Called with the number of a block; what it returns is ignored.
    blocks : int
        How many blocks there are. It must follow from shapes alone.
    seconds : float, optional
        A rough estimate of the whole work on one thread; below 1 ms it is not shared.
    long_calls : bool
        Whether the NumPy calls within a block take some 30 us or more; then 0.4 ms are shared.

    Raises
    ------
    Exception
        What a block raised (the first by block number), after every block that began has ended;
        blocks that had not begun are dropped.

    Examples
    --------
    >>> squares = [0] * 4
    >>> parallel_for(lambda i: squares.__setitem__(i, i * i), 4)
    >>> squares
    [0, 1, 4, 9]
    """
    helpers = 0
    worth = WORTH_SHARING * LONG_CALLS_WORTH if long_calls else WORTH_SHARING
    if seconds >= worth and not _inside_block.get():
        helpers = min(get_num_threads(), blocks) - 1
    with pinned_blas():
        if helpers < 1:
            for block in range(blocks):
                work(block)
            return
        token = _inside_block.set(True)
        try:
            job = _Job(work, blocks)
            _pool.share(job, helpers)
            job.take_part()
            job.finish()
        finally:
            _inside_block.reset(token)


def block_ranges(total: int, size: int) -> list[tuple[int, int]]:
    """Cut ``range(total)`` into ``(start, stop)`` pieces of ``size``, the last one shorter.

    Examples
    --------
    >>> block_ranges(10, 4)
    [(0, 4), (4, 8), (8, 10)]
    """
    return [(start, min(start + size, total)) for start in range(0, total, max(size, 1))]


def shrinking_ranges(start: int, stop: int, most: int, least: int) -> list[tuple[int, int]]:
    """Cut ``range(start, stop)`` into pieces of ``most``, and in the end of half of what is left.

    A result that is written piece by piece takes memory as it grows.  So the intermediates of a
    piece that is no larger than half of the rest find room in what is not yet written.

    Examples
    --------
    >>> [end - begin for begin, end in shrinking_ranges(0, 1000, 300, 50)]
    [300, 300, 200, 100, 50, 50]
    """
    ranges = []
    while start < stop:
        end = min(stop, start + max(least, min(most, (stop - start) // 2)))
        ranges.append((start, end))
        start = end
    return ranges


class _Job:
    """The blocks of one call: who takes part draws the next number until none is left."""

    __slots__ = ("blocks", "drawn", "ended", "failures", "lock", "running", "work")

    def __init__(self, work: Callable[[int], object], blocks: int) -> None:
        self.work = work
        self.blocks = blocks
        self.drawn = 0
        self.running = 0
        self.failures: dict[int, BaseException] = {}
        self.lock = threading.Lock()
        self.ended: threading.Lock | None = None  # held by a caller that has to wait

    def take_part(self) -> None:
        while True:
            with self.lock:
                if self.drawn >= self.blocks:
                    return
                block = self.drawn
                self.drawn += 1
                self.running += 1
            failure: BaseException | None = None
            try:
                self.work(block)
            except BaseException as error:
                failure = error
            with self.lock:
                self.running -= 1
                if failure is not None:
                    self.failures[block] = failure
                    self.drawn = self.blocks
                if self.ended and not self.running:
                    self.ended.release()

    def finish(self) -> None:
        """Wait until no block runs, whatever interrupts the wait; then raise what went wrong."""
        interruption: BaseException | None = None
        while True:
            try:
                until = perf_counter() + LOOKING_ON
                while self.running and perf_counter() < until:
                    np.remainder(_ones, _ones, out=_spent)
                with self.lock:
                    if not self.running:
                        break
                    if not self.ended:  # wakes the caller 4 us before an Event would
                        held = threading.Lock()
                        held.acquire()
                        self.ended = held
                self.ended.acquire()
            except BaseException as error:  # Ctrl-C while waiting: blocks still write to arrays
                interruption = error
        self.work = _nothing_left  # an invitation that nobody has read yet keeps no arrays alive
        failures, self.failures = self.failures, {}
        try:
            if interruption is not None:
                raise interruption
            if failures:
                raise failures[min(failures)]
        finally:
            interruption = None  # a traceback that holds this frame would be a cycle
            failures.clear()


def _nothing_left(block: int) -> None:
    """Stand for the work of a job whose blocks have all ended."""


class _Pool:
    """Daemon threads that wait for invitations to jobs; they are started when first needed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.workers = 0
        self.invitations: SimpleQueue[tuple[Context, _Job]] = SimpleQueue()

    def share(self, job: _Job, helpers: int) -> None:
        with self.lock:
            while self.workers < helpers:
                self.workers += 1
                threading.Thread(
                    target=_serve,
                    args=(self.invitations,),
                    name=f"autograd-worker-{self.workers}",
                    daemon=True,
                ).start()
        for _ in range(helpers):
            self.invitations.put((copy_context(), job))


def _serve(invitations: SimpleQueue[tuple[Context, _Job]]) -> None:
    while True:
        context, job = invitations.get()
        context.run(job.take_part)
        del context, job  # an idle worker keeps no arrays alive


class _Blas:
    """How many kernels want BLAS on one thread, and the setting to return to after the last."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pins = 0
        self.before: list[int] = []
        self.libraries: list[Any] | None = None

    def loaded(self) -> list[Any]:
        if self.libraries is None:
            from threadpoolctl import ThreadpoolController  # 1 ms to find them, once, when needed

            found = ThreadpoolController().select(user_api="blas").lib_controllers
            ours = [library for library in found if "numpy.libs" in library.filepath]
            self.libraries = ours or found
        return self.libraries

    def pin(self) -> None:
        with self.lock:
            if not self.pins:
                self.before = [library.get_num_threads() for library in self.loaded()]
                self.set([1] * len(self.before))
            self.pins += 1

    def unpin(self) -> None:
        with self.lock:
            self.pins -= 1
            if not self.pins:
                self.set(self.before)

    def limit(self, threads: int) -> None:
        with self.lock:
            self.before = [threads] * len(self.loaded())
            if not self.pins:
                self.set(self.before)

    def set(self, threads: list[int]) -> None:
        for library, number in zip(self.loaded(), threads, strict=True):
            _setter(library)(number)

    def forget_other_threads(self, pins: int) -> None:
        self.lock = threading.Lock()
        if self.pins and not pins:
            self.set(self.before)
        self.pins = pins


def _setter(library: Any) -> Callable[[int], object]:
    """Return what sets a library's threads, whichever thread asks.

    Since 3.8 threadpoolctl lets the thread that came first set this, and ignores any other without
    a word.  Here a counter under a lock keeps them apart, so that no thread is to own the setting.
    """
    setter: Callable[[int], object]
    setter = getattr(library, "_real_set_num_threads", library.set_num_threads)
    return setter


class _Pinned(ContextDecorator):
    """Holds BLAS to one thread while a ``with`` block or a function runs, and has no state.

    Within a block of ``parallel_for`` it is held already.
    """

    def __enter__(self) -> None:
        if not _inside_block.get():
            _blas.pin()

    def __exit__(self, *exception: object) -> None:
        if not _inside_block.get():
            _blas.unpin()


_pinned = _Pinned()


def pinned_blas() -> _Pinned:
    """Hold BLAS to one thread until the last of all overlapping users has left."""
    return _pinned


def _default_num_threads() -> int:
    """OMP_NUM_THREADS, as the BLAS libraries read it, else the cores this process may use."""
    wish = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if wish.isdigit() and int(wish) > 0:
        return int(wish)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def get_num_threads() -> int:
    """Return how many threads kernels may use, the calling one included.

    Examples
    --------
    >>> import autograd
    >>> autograd.get_num_threads() >= 1
    True

    Source: ``torch.get_num_threads``.
    """
    return _num_threads


def set_num_threads(threads: int) -> None:
    """Let kernels, and NumPy's BLAS between them, use up to this many threads.

    Results of kernels do not depend on it, to the bit.

    Raises
    ------
    TypeError, ValueError
        If ``threads`` is not a positive integer.

    Examples
    --------
    >>> import autograd
    >>> before = autograd.get_num_threads()
    >>> autograd.set_num_threads(1)
    >>> autograd.get_num_threads()
    1
    >>> autograd.set_num_threads(before)

    Source: ``torch.set_num_threads``.
    """
    global _num_threads
    if isinstance(threads, bool) or not hasattr(threads, "__index__"):
        raise TypeError(f"set_num_threads: expects a positive integer, got {threads!r}")
    if threads.__index__() < 1:
        raise ValueError(f"set_num_threads: expects a positive integer, got {threads}")
    _num_threads = threads.__index__()
    _blas.limit(_num_threads)


def _forget_threads() -> None:
    """After a fork the child has none of its parent's threads, and locks may be held by them."""
    global _pool
    _pool = _Pool()
    _blas.forget_other_threads(pins=int(_inside_block.get()))


_num_threads = _default_num_threads()
_pool = _Pool()
_blas = _Blas()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
