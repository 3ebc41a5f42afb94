"""Trying mutants: a process that has everything imported forks for each, and the tests decide.

First every test runs once, watched by coverage.py: which lines of autograd/ops it reaches, and how
long it takes.  A mutant then meets the tests that reach its line, those first that reach little
else, until one fails.  A mutant that never ends, or ends the process, counts as found.
"""

from __future__ import annotations

import collections
import functools
import gc
import hashlib
import os
import pickle
import random
import resource
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.mutants import Mutant
from tests.mutation.patching import Unfit, live, put_in
from tests.mutation.sources import ROOT

TESTS = [
    "tests/autograd/test_operations.py",
    "tests/autograd/ops",
    "tests/autograd/test_upstreams.py",
    "tests/autograd/test_second_order_edges.py",
    "tests/autograd/test_gates.py",
    "tests/autograd/test_in_place.py",
    "tests/autograd/test_modes.py",
    "tests/autograd/test_protocols.py",
    "autograd/ops",
]
OPERATIONS = ROOT / "autograd" / "ops"
# One turns signs itself, one starts another Python.
LEFT_OUT = ("test_a_flipped_sign", "test_scipy_is_imported")
FAILED: list[str] = []  # tests, in this process
LONGEST = 30  # seconds of a processor
MEMORY = 4 << 30  # bytes beyond what the process has: a mutant may ask for any shape


@dataclass
class Outcome:
    mutant: Mutant
    result: str  # killed, survived, unfit
    by: str = ""  # the test that failed, or how many passed


@dataclass
class Reach:
    """What the tests do without a mutant: whether they pass, for how long, and where they go."""

    seconds: dict[str, float] = field(default_factory=dict)  # of those that pass, by their names
    failed: list[str] = field(default_factory=list)
    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)  # of a file

    def add(self, other: Reach) -> None:
        self.seconds |= other.seconds
        self.failed += other.failed
        for path, found in other.lines.items():
            mine = self.lines.setdefault(path, {})
            for line, names in found.items():
                mine.setdefault(line, set()).update(names)

    def tests_of(self, mutant: Mutant, items: dict[str, Any], limit: float) -> list[Any]:
        """Return the tests that reach a mutant, the likeliest to fail first.

        Each test function in turn, by the time it has had, tries what reaches the fewest lines;
        together at most ``limit`` seconds.
        """
        found = self.lines.get(str(mutant.source.path), {}).get(mutant.line, set()) & items.keys()
        spent: collections.Counter[str] = collections.Counter()
        order = []
        for name in sorted(found, key=lambda n: (self.breadth[n], n)):
            group = getattr(items[name], "originalname", None) or "doctest"
            spent[group] += self.seconds[name]  # type: ignore[assignment]
            order.append((spent[group], name))
        chosen, total = [], 0.0
        for _, name in sorted(order):
            total += self.seconds[name]
            if chosen and total > limit:
                break
            chosen.append(items[name])
        return chosen

    @functools.cached_property
    def breadth(self) -> collections.Counter[str]:
        """The number of lines that each test reaches."""
        return collections.Counter(
            name for found in self.lines.values() for names in found.values() for name in names
        )


class Trials:
    """A plugin of pytest that runs the tests for each mutant, instead of once.

    ``remembered`` is a file that keeps what the tests reach, while autograd/ops stays as it is.
    """

    def __init__(
        self,
        mutants: list[Mutant],
        *,
        jobs: int,
        seconds: float,
        limit: float,
        remembered: str | None = None,
    ) -> None:
        self.mutants, self.jobs, self.seconds, self.limit = mutants, jobs, seconds, limit
        self.remembered = Path(remembered) if remembered else None
        self.outcomes: list[Outcome] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        items = {i.nodeid: i for i in session.items if not i.name.startswith(LEFT_OUT)}
        warm(any("torch" in getattr(i, "fixturenames", ()) for i in items.values()))
        reach = self.reach_of(items)
        live()
        gc.collect()
        gc.freeze()  # a collection in a child would copy what it looks at
        started, running = time.monotonic(), {}
        for number, mutant in enumerate(self.mutants):
            if time.monotonic() - started > self.seconds:
                say(f"{self.seconds:.0f} s are over: {number} of {len(self.mutants)} tried")
                break
            if len(running) == self.jobs:
                self.note(finish(running))
            begin(running, mutant, reach.tests_of(mutant, items, self.limit))
            if number % 100 == 99:
                say(f"{number + 1} of {len(self.mutants)}, {time.monotonic() - started:.0f} s")
        while running:
            self.note(finish(running))
        return True

    def note(self, outcome: Outcome) -> None:
        """Keep an outcome, and say at once who survives."""
        self.outcomes.append(outcome)
        if outcome.result != "killed" and outcome.mutant.key not in EQUIVALENT:
            say(f"{outcome.result}: {outcome.mutant}")

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            FAILED.append(report.nodeid)

    def reach_of(self, items: dict[str, Any]) -> Reach:
        """Run the tests once, or those that are not remembered."""
        started, reach = time.monotonic(), Reach()
        digest = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(OPERATIONS.glob("*.py"))))
        if self.remembered and self.remembered.exists():
            version, kept = pickle.loads(self.remembered.read_bytes())
            reach = kept if version == digest.hexdigest() else reach
        left = [i for name, i in items.items() if name not in reach.seconds]
        parts = [left[k :: self.jobs] for k in range(self.jobs)]
        for found in in_children([lambda part=part: watched(part) for part in parts]):
            reach.add(found)
        if self.remembered:
            self.remembered.write_bytes(pickle.dumps((digest.hexdigest(), reach)))
        failed = sorted(set(reach.failed) & items.keys())
        say(f"{len(left)} tests in {time.monotonic() - started:.0f} s; without a mutant fail, and")
        say(f"are left out: {failed or 'none'}")
        return reach


def warm(with_torch: bool) -> None:
    """Import now what every child would import; a failing example needs no shrinking."""
    import hypothesis
    from hypothesis.extra.numpy import arrays

    if with_torch:
        try:
            import torch

            torch.set_num_threads(1)
        except ImportError:
            say("without PyTorch fewer mutants are found")
    hypothesis.settings.register_profile(
        "mutation",
        hypothesis.settings.default,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        deadline=None,
    )
    hypothesis.settings.load_profile("mutation")

    @hypothesis.given(arrays(float, (2,)), hypothesis.strategies.data())
    def draw(x: object, data: object) -> None: ...

    draw()


def say(text: str) -> None:
    print(text, flush=True)


def first_failure(items: list[Any]) -> str | None:
    """Run tests until one fails, and return its name."""
    FAILED.clear()
    for item, following in zip(items, [*items[1:], None], strict=False):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if FAILED:
            return FAILED[0]
    return None


def watched(items: list[Any]) -> Reach:
    """Run tests once, each by itself."""
    import coverage

    watch = coverage.Coverage(data_file=None, config_file=False, include=[f"{OPERATIONS}/*"])
    reach = Reach()
    watch.start()
    for item in items:
        watch.switch_context(item.nodeid)
        before = time.process_time()
        if first_failure([item]):
            reach.failed.append(item.nodeid)
        else:
            reach.seconds[item.nodeid] = time.process_time() - before
    watch.stop()
    data = watch.get_data()
    for path in data.measured_files():
        found = data.contexts_by_lineno(path).items()
        reach.lines[path] = {line: set(names) & reach.seconds.keys() for line, names in found}
    return reach


def tried(mutant: Mutant, items: list[Any]) -> tuple[str, str]:
    """Put a mutant in and run its tests; in a process of its own."""
    try:
        if not put_in(mutant):
            return "unfit", "no function has this code"
    except Unfit:
        return "unfit", "a closure loses a variable"
    failed = first_failure(items)
    if failed:
        return "killed", failed
    return "survived", f"{len(items)} tests pass" if items else "no test comes here"


# ---------------------------------------------------------------- processes


def fork(function: Callable[[], Any], file: Any) -> int:
    """Start a process that computes, writes the result to a file, and ends without a word."""
    child = os.fork()
    if child:
        return child
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    try:
        pickle.dump(function(), file)
    except BaseException:
        pickle.dump(("error", traceback.format_exc()), file)
    finally:
        file.flush()
        os._exit(0)


def in_children(functions: list[Callable[[], Reach]]) -> Iterator[Reach]:
    """Yield what functions return that run in processes of their own."""
    files = [tempfile.TemporaryFile() for _ in functions]
    children = [fork(function, file) for function, file in zip(functions, files, strict=True)]
    for child, file in zip(children, files, strict=True):
        os.waitpid(child, 0)
        with file:
            file.seek(0)
            found = pickle.load(file)
        if isinstance(found, tuple):
            raise RuntimeError(found[1])
        yield found


def begin(running: dict[int, Any], mutant: Mutant, items: list[Any]) -> None:
    """Start a process that tries a mutant."""

    def bounded() -> tuple[str, str]:
        signal.setitimer(signal.ITIMER_PROF, LONGEST)  # ends this process
        signal.alarm(10 * LONGEST)
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
        return tried(mutant, items)

    file = tempfile.TemporaryFile()
    running[fork(bounded, file)] = (mutant, file)


def finish(running: dict[int, Any]) -> Outcome:
    """Wait for a process, and return what it found."""
    child, status = os.wait()
    mutant, file = running.pop(child)
    with file:
        file.seek(0)
        try:
            return Outcome(mutant, *pickle.load(file))
        except EOFError:
            how = signal.Signals(os.WTERMSIG(status)).name if status else "its end"
            return Outcome(mutant, "killed", how)


def evenly(mutants: Iterable[Mutant], share: float, seed: int) -> list[Mutant]:
    """Return a share of the mutants in a random order, so that any beginning is a sample."""
    order = list(mutants)
    random.Random(seed).shuffle(order)
    return order[: max(1, round(share * len(order)))] if order else []
