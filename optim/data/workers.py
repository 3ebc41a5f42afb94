"""Threads that fetch batches ahead of the loop that uses them, in order.

NumPy lets other threads run while it copies and computes, so threads hide the time of reading and
transforming without the copies that processes cost. They end with the pass: when it is done, when
a batch raises, when the loop is left, and when the iterator is no longer held.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["run_ahead"]


def run_ahead(
    calls: Iterable[Callable[[], Any]], workers: int, ahead: int, stop: threading.Event
) -> Iterator[Any]:
    """Yield what each of ``calls`` returns, in order, up to ``ahead`` of them begun before.

    Parameters
    ----------
    calls : iterable of callables
        Taken by the calling thread; each runs on a worker, in a copy of the caller's context.
    workers : int
        How many threads there are.
    ahead : int
        How many results may be under way or wait beside the one in use; at least 1.
    stop : Event
        Set when nobody waits any more, for calls that can end early.

    Raises
    ------
    Exception
        What a call raised, or taking it, in its turn.
    """
    from concurrent.futures import ThreadPoolExecutor  # here: to import it takes 4 ms

    members: set[int] = set()
    pool = ThreadPoolExecutor(
        workers, "DataLoader", initializer=lambda: members.add(threading.get_ident())
    )
    pending: deque[Future[Any]] = deque()
    begun = (_begin(pool, call) for call in _taken(calls))
    try:
        for future in begun:
            pending.append(future)
            if len(pending) > ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        stop.set()
        # A worker that drops the last reference to the iterator cannot wait for itself.
        pool.shutdown(wait=threading.get_ident() not in members, cancel_futures=True)


def _begin(pool: ThreadPoolExecutor, call: Callable[[], Any]) -> Future[Any]:
    return pool.submit(copy_context().run, call)


def _taken(calls: Iterable[Callable[[], Any]]) -> Iterator[Callable[[], Any]]:
    """Yield the calls; if taking one raises, a last call that raises it in its turn."""
    iterator = iter(calls)
    while True:
        try:
            call = next(iterator)
        except StopIteration:
            return
        except Exception as error:
            failed = error
            break
        yield call

    def fail() -> None:
        raise failed

    yield fail
