"""Calls in a process of their own: PyTorch's kernels now and then die of a spoilt one.

That is counted, and the run goes on behind it; a death of ours is a finding.
"""

import multiprocessing
import queue

from tests.fuzz_layers.comparing import Finding, judge

OURS = 1 << 40  # added to the number of the call that a process is at, while it is ours that runs


def work(seed, numbers, at, told):
    """Judge calls in order; say which one is running, and of whom."""
    import torch

    torch.set_num_threads(1)
    for number in numbers:
        verdict = judge(torch, seed, number, lambda ours, n=number: _say(at, n + OURS * ours))
        told.put((number, verdict))
    told.put(None)


def _say(at, place):
    at.value = place


def judged(seed, numbers):
    """Yield the verdict on each call, also of those that end their process."""
    context = multiprocessing.get_context("spawn")
    first, end = numbers
    while first < end:
        at, told = context.Value("q", first, lock=False), context.Queue()
        process = context.Process(target=work, args=(seed, range(first, end), at, told))
        process.start()
        while True:
            try:
                found = told.get(timeout=5)
            except queue.Empty:
                if process.is_alive():
                    continue
                if process.exitcode >= 0:
                    raise RuntimeError("fuzz_layers: the worker ended with an error") from None
                first, ours = at.value % OURS, at.value >= OURS
                died = Finding("died", first, f"exit code {process.exitcode}", None)
                yield died if ours else "PyTorch died"
                break
            if found is None:
                return
            yield found[1]
        first += 1
