"""Fair timing on a shared machine: two contestants in turn, in one run, compared as a ratio.

A figure in milliseconds says little about another machine, or this one an hour later. The ratio of
two medians taken in turn does, and the spread of that ratio over parts of the run says how far to
trust it.
"""

from __future__ import annotations

import contextlib
import gc
import mmap
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

import autograd
from autograd import keeping

__all__ = [
    "Row",
    "compare",
    "in_process",
    "memory_table",
    "noise",
    "peak_growth",
    "resident",
    "table",
    "threads",
]

ROOT = Path(__file__).parent.parent.parent
PARTS = 5  # of a run: the ratio of each part gives the spread
# Seconds between turns: threads of PyTorch and of BLAS go on spinning for a while after their last
# call, and would take a core from whoever comes next.
SPIN = 0.03
RESOLUTION = 20_000  # bytes by which a peak of memory may differ from one run to the next
COUNTED_ASIDE = 32  # pages that a core of Linux holds back from the count of a process's size


@dataclass(frozen=True)
class Row:
    """One comparison: our median, the peer's, their ratio, and its least and greatest value."""

    name: str
    ours_ms: float
    peer_ms: float
    ratio: float
    low: float
    high: float
    target: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the ratio is within the target, None without one."""
        return None if self.target is None else self.ratio <= self.target


def compare(
    name: str,
    ours: Callable[[], object],
    peer: Callable[[], object],
    *,
    target: float | None = None,
    seconds: float = 2.0,
    quick: bool = False,
) -> Row:
    """Time ``ours`` and ``peer`` in turns for about ``seconds`` and return their comparison."""
    for _ in range(2):  # caches, thread pools, lazily chosen kernels
        ours()
        peer()
    began = time.perf_counter()
    ours()
    peer()
    pair = time.perf_counter() - began
    per_part = max(3, min(200, int((seconds / 4 if quick else seconds) / PARTS / pair)))
    collecting = gc.isenabled()
    medians: list[tuple[float, float]] = []
    everything: tuple[list[float], list[float]] = ([], [])
    try:
        for _ in range(PARTS):
            times: tuple[list[float], list[float]] = ([], [])
            gc.collect()
            gc.disable()
            for who in (0, 1, 1, 0):
                contestant = (ours, peer)[who]
                time.sleep(SPIN)
                contestant()
                for _ in range(per_part // 2 + 1):
                    start = time.perf_counter()
                    contestant()
                    times[who].append(time.perf_counter() - start)
            if collecting:
                gc.enable()
            medians.append((statistics.median(times[0]), statistics.median(times[1])))
            everything[0].extend(times[0])
            everything[1].extend(times[1])
    finally:
        if collecting:
            gc.enable()
    a, b = statistics.median(everything[0]), statistics.median(everything[1])
    ratios = [mine / theirs for mine, theirs in medians]
    return Row(name, a * 1e3, b * 1e3, a / b, min(ratios), max(ratios), target)


@contextlib.contextmanager
def threads(number: int) -> Iterator[None]:
    """Give Backlight, BLAS and (where imported) PyTorch this many threads."""
    torch = sys.modules.get("torch")
    before = autograd.get_num_threads()
    torch_before = torch.get_num_threads() if torch else None
    with threadpool_limits(number, user_api="blas"):
        autograd.set_num_threads(number)
        if torch:
            torch.set_num_threads(number)
        try:
            yield
        finally:
            autograd.set_num_threads(before)
            if torch:
                torch.set_num_threads(torch_before)


def peak_growth(run: Callable[[], object]) -> int:
    """Return the bytes by which ``run`` raises the process's size at most, true to RESOLUTION.

    Only Linux tells.  Each core counts up to 32 pages aside before its count reaches the system's,
    which is why one reading is wrong by up to 128 KB a core.  So this thread stays on one core, the
    readings begin at different points of its count, and what they miss of a known growth is added.
    What stays of small graphs for pictures is not measured.
    """

    def growth(run: Callable[[], object], begin: int) -> int:
        ballast = touched(begin * resource.getpagesize())
        Path("/proc/self/clear_refs").write_text("5")  # forget the greatest size so far
        before = resident("VmRSS")
        run()
        grown = resident("VmHWM") - before
        ballast.close()
        return grown

    def measured(run: Callable[[], object]) -> float:
        run()  # what stays after a first run is no growth of the next
        return statistics.mean(growth(run, begin) for begin in range(1, COUNTED_ASIDE, 4))

    kept, keeping.WHOLE_LIMIT = keeping.WHOLE_LIMIT, 0
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        known = 1 << 20
        found = []
        for _ in range(3):  # what is missed changes now and then, between one and the other
            missed = known - measured(lambda: touched(known).close())
            found.append(measured(run) + missed)
        return round(statistics.median(found))
    finally:
        os.sched_setaffinity(0, cores)
        keeping.WHOLE_LIMIT = kept


def touched(size: int) -> mmap.mmap:
    """Return memory that the system gave to nobody else, each page of it written to."""
    memory = mmap.mmap(-1, size)
    for start in range(0, size, resource.getpagesize()):
        memory[start] = 1
    return memory


def resident(field: str) -> int:
    """Return the process's size (VmRSS) or its greatest (VmHWM) in bytes, as Linux counts it."""
    line = next(n for n in Path("/proc/self/status").read_text().splitlines() if field in n)
    return int(line.split()[1]) * 1024


def in_process(module: str, *options: str, returning: bool = True) -> str:
    """Run a benchmark in a process of its own, and return its output.

    With ``returning``, freed memory goes back to the system at once there: otherwise what had been
    freed before would hide what is new.
    """
    return subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", *options],
        cwd=ROOT,
        env={**os.environ, **({"MALLOC_MMAP_THRESHOLD_": "65536"} if returning else {})},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def noise(seconds: float = 1.0) -> str:
    """Measure how unequal equal work is on this machine now, on one core and on two."""

    def spread(work: Callable[[], object]) -> str:
        times = []
        end = time.perf_counter() + seconds / 2
        while time.perf_counter() < end:
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        times.sort()
        tenth = len(times) // 10
        chosen = times[tenth], statistics.median(times), times[-1 - tenth]
        return " / ".join(f"{1e3 * t:.2f}" for t in chosen)

    a = np.ones((512, 512), np.float32)
    with threads(1):
        one = spread(lambda: a @ a)
    with threads(2):
        two = spread(lambda: a @ a)
    return (
        f"noise: a 512 x 512 product in ms, 10 % / median / 90 %: {one} on one thread, {two} on two"
    )


def table(rows: list[Row]) -> str:
    """Lay rows out as text: times, ratio with its spread, target and whether it is reached."""
    width = max((len(row.name) for row in rows), default=4)
    lines = [
        f"{'':{width}}  {'ours ms':>9} {'peer ms':>9} {'ratio':>6} {'spread':>13} {'target':>7}"
    ]
    for row in rows:
        spread = f"{row.low:.2f} - {row.high:.2f}"
        target = "" if row.target is None else f"{row.target:.2f}"
        verdict = {None: "", True: "  reached", False: "  NOT reached"}[row.reached]
        lines.append(
            f"{row.name:{width}}  {row.ours_ms:9.3f} {row.peer_ms:9.3f} {row.ratio:6.2f} "
            f"{spread:>13} {target:>7}{verdict}"
        )
    return "\n".join(lines)


def memory_table(title: str, sizes: dict[str, tuple[int, int]]) -> str:
    """Lay out peaks of memory, ours and the peer's: ours are to be no higher by 0.5 %."""
    width = max(map(len, (title, *sizes)))
    lines = [f"{title:{width}} {'ours':>8} {'peer':>8} {'ratio':>6}"]
    for name, (ours, peer) in sizes.items():
        verdict = "reached" if ours < 1.005 * peer + RESOLUTION else "NOT reached"
        lines.append(
            f"{name:{width}} {ours / 1e6:8.1f} {peer / 1e6:8.1f} {ours / max(peer, 1):6.2f}"
            f"  {verdict}"
        )
    return "\n".join(lines)
