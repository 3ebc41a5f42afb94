"""Worker processes with a watchdog: a crash or a hang is a finding, not the end of the run.

The calls are dealt out in runs of a few hundred.  A worker says through shared memory which call it
is at, and whether PyTorch has it; the parent ends one that stays at a call too long or dies, notes
the call, and goes on with the next in a new process.  Where it was PyTorch that died or hung, the
call is judged again without it.
"""

import multiprocessing
import os
import resource
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.calls import draw_call

LIMIT = 10.0  # seconds for a call
MEMORY = 4 << 30  # bytes of address space, of which PyTorch maps one
RUN = 500  # calls handed out at once


@dataclass
class Report:
    """What came of all calls."""

    kinds: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    findings: dict[tuple, list] = field(default_factory=dict)
    quiet: dict[tuple, list] = field(default_factory=dict)  # lenient and stricter on spoilt calls

    def add(self, index, verdict, text):
        kind = f"{verdict.kind}, accepted" if verdict.accepted else verdict.kind
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if verdict.accepted:
            self.reasons[verdict.accepted] = self.reasons.get(verdict.accepted, 0) + 1
        elif verdict.is_finding or verdict.kind in QUIET:
            table = self.findings if verdict.is_finding else self.quiet
            table.setdefault(verdict.identity, [0, index, verdict, text])[0] += 1


QUIET = ("lenient", "stricter, spoilt", "backward raised")
TOLD = {"agrees", "alone", "raised", "raised both"}


def run_one(seed, index, only, alone=False):
    """Judge one call (``alone``: without PyTorch); return (verdict, what it was)."""
    from tests.fuzz.judging import Verdict, judge

    call = draw_call(seed, index, only)
    try:
        verdict = judge(call, alone)
    except MemoryError:
        verdict = Verdict("out of memory", call.key)
    except Exception as error:  # the judge's own mistake
        where = traceback.format_exc().splitlines()[-3].strip()
        verdict = Verdict("fuzzer", call.key, f"{type(error).__name__}: {error}", where)
    return verdict, "" if verdict.kind in TOLD else repr(call)


def _work(seed, only, run, at, peer, pipe):
    from tests.fuzz import judging

    judging.load_torch()
    judging.PEER.at_work = peer
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for index in range(run.start, run.stop):
        at.value = index
        pipe.send((index, *run_one(seed, index, only, run.alone)))
    pipe.send(None)


@dataclass(frozen=True)
class Run:
    """Calls that one worker judges, one after the other."""

    start: int
    stop: int
    alone: bool = False  # without PyTorch, which died of the call


class _Worker:
    def __init__(self, context, seed, only, run):
        self.run = run
        self.at = context.Value("q", run.start, lock=False)
        self.peer = context.Value("b", 0, lock=False)
        self.pipe, other = context.Pipe(duplex=False)
        arguments = (seed, only, run, self.at, self.peer, other)
        self.process = context.Process(target=_work, args=arguments, daemon=True)
        self.process.start()
        other.close()
        self.last, self.since, self.spent = -1, time.monotonic(), 0.0
        self.done = self.ended = False

    def receive(self):
        """Yield what has arrived."""
        try:
            while self.pipe.poll():
                message = self.pipe.recv()
                if message is None:
                    self.done = True
                    return
                yield message
        except EOFError:  # which poll() takes for something to read, for ever
            self.ended = True

    def trouble(self):
        """Return "crash" or "hang" if the worker will not go on by itself."""
        if self.at.value != self.last:
            self.last, self.since = self.at.value, time.monotonic()
            self.spent = _processor_seconds(self.process.pid)
        if self.ended:
            return "crash"
        passed = time.monotonic() - self.since
        if passed > LIMIT:  # which a busy machine may need, without working at it
            worked = _processor_seconds(self.process.pid) - self.spent
            if worked > LIMIT or passed > 20 * LIMIT:
                self.process.kill()
                return "hang"
        return None


def _processor_seconds(pid):
    """Return how long a process has computed; 0 where there is no /proc to say it."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def run(calls, seed, jobs=2, only=None, progress=None):
    """Judge ``calls`` calls in ``jobs`` processes and return the report."""
    from tests.fuzz.judging import Verdict, load_torch

    load_torch()  # here: in a worker it would take longer than a call may
    context = multiprocessing.get_context("fork")
    report = Report()
    waiting = [Run(start, min(start + RUN, calls)) for start in range(0, calls, RUN)][::-1]
    workers = []
    seen, suspected = 0, set()
    while waiting or workers:
        while waiting and len(workers) < jobs:
            workers.append(_Worker(context, seed, only, waiting.pop()))
        for worker in list(workers):
            for index, verdict, text in worker.receive():
                report.add(index, verdict, text)
                seen += 1
            trouble = None if worker.done else worker.trouble()
            if trouble:
                for index, verdict, text in worker.receive():
                    report.add(index, verdict, text)
                    seen += 1
                index, stop = worker.at.value, worker.run.stop
                if worker.peer.value:
                    report.kinds[f"{trouble} of PyTorch"] = 1 + report.kinds.get(
                        f"{trouble} of PyTorch", 0
                    )
                    waiting += [Run(index + 1, stop), Run(index, index + 1, alone=True)]
                elif trouble == "hang" and index not in suspected:  # or the machine is busy
                    suspected.add(index)
                    waiting.append(Run(index, stop, worker.run.alone))
                else:
                    call = draw_call(seed, index, only)
                    report.add(index, Verdict(trouble, call.key), repr(call))
                    seen += 1
                    waiting.append(Run(index + 1, stop))
            if worker.done or trouble:
                worker.process.join()
                workers.remove(worker)
        if progress is not None:
            progress(seen)
        time.sleep(0.01)
    return report
