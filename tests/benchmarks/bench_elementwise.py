"""Large elementwise chains: what ten million numbers cost, forward and back, and how much memory.

Run with ``python -m tests.benchmarks.bench_elementwise``; PyTorch comes with the extra
``reference``.  NumPy asks the system for huge pages for arrays of 4 MB and more, PyTorch does not:
a good part of the difference is the time in which the system hands out pages.

Of the first formula, on one thread, that time is 28 of 48 ms: the same six arrays, written by NumPy
block by block without an engine, take 46 ms (26 where their memory was kept), and the four that no
order of computing can spare take 37.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from tests.benchmarks.measure import (
    Row,
    compare,
    in_process,
    noise,
    peak_growth,
    table,
    threads,
)

SIZE = 10_000_000
TARGET = 0.3

Formula = Callable[[Any, Any, Any, Any], Any]
FORMULAS: dict[str, Formula] = {
    "tanh(a * b + c).sum()": lambda library, a, b, c: library.tanh(a * b + c).sum(),
    "(a.exp() / (1 + b * b)).mean()": lambda library, a, b, c: (a.exp() / (1 + b * b)).mean(),
    "relu(a * b).sum()": lambda library, a, b, c: library.relu(a * b).sum(),
}


def arrays(size: int) -> list[np.ndarray]:
    """Return three arrays of normal numbers."""
    random = np.random.default_rng(0)
    return [random.standard_normal(size, dtype=np.float32) for _ in range(3)]


def step(library: str, formula: Formula, size: int) -> Callable[[], object]:
    """Return a function that computes a formula and its gradients with ``autograd`` or torch."""
    if library == "torch":
        import torch

        module: Any = torch
        leaves: list[Any] = [torch.from_numpy(a).requires_grad_() for a in arrays(size)]
    else:
        module = autograd
        leaves = [autograd.from_numpy(a).requires_grad_() for a in arrays(size)]

    def run() -> None:
        formula(module, *leaves).backward()
        for x in leaves:
            x.grad = None  # here, so that the next step's is new to the process

    return run


def peak_megabytes(library: str, name: str) -> float:
    """Return by how much a process of its own grows beyond its operands in a step."""
    shown = in_process("bench_elementwise", "--memory", library, name, returning=False)
    return int(shown) / 1e6


def rows(quick: bool) -> list[Row]:
    """Compare each formula with PyTorch on one thread and on two."""
    found = []
    for number in (1, 2):
        with threads(number):
            for name, formula in FORMULAS.items():
                found.append(
                    compare(
                        f"{name}, {number} thread{'s' * (number > 1)}",
                        step("autograd", formula, SIZE),
                        step("torch", formula, SIZE),
                        target=TARGET if "tanh" in name else None,
                        seconds=4.0,
                        quick=quick,
                    )
                )
    return found


def main() -> None:
    """Print the table, and the peaks of memory."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--memory", nargs=2, help="only print the peak of one library and formula")
    options, _ = parser.parse_known_args()
    if options.memory:
        library, name = options.memory
        print(peak_growth(step(library, FORMULAS[name], SIZE)))
        return
    try:
        import torch  # noqa: F401
    except ImportError:
        print("PyTorch is not installed (pip install torch==2.13.0): nothing to compare with")
        return
    print(noise())
    print(f"{SIZE:,} float32 numbers, forward and backward; peer: PyTorch")
    print(table(rows(options.quick)))
    if not Path("/proc/self/clear_refs").exists():
        print("peaks of memory are read from /proc, which this system has not")
        return
    for name in FORMULAS:
        ours, peer = (peak_megabytes(library, name) for library in ("autograd", "torch"))
        print(f"peak of {name}: ours {ours:.0f} MB, PyTorch {peer:.0f} MB, ratio {ours / peer:.2f}")


if __name__ == "__main__":
    main()
