"""Indexing with arrays, read and differentiated: time against PyTorch, and the memory it needs.

Run with ``python -m tests.benchmarks.bench_indexing``; PyTorch comes with the extra ``reference``.

A row reads (or scatters) and sends a gradient back to the source.  Peak memory is measured in
processes of their own, as what the greatest size of the process grew by (Linux only).
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from tests.benchmarks.measure import (
    Row,
    compare,
    in_process,
    memory_table,
    noise,
    peak_growth,
    table,
    threads,
)

TARGET = 2.0
MILLION = 1_000_000
VOCABULARY, WIDTH, WORDS = 10_000, 256, 8_192
SIDE = 1_000


def arrays(name: str, dtype: Any) -> tuple[np.ndarray, tuple[np.ndarray, ...], np.ndarray]:
    """Return the source, the index arrays and the gradient of the result of a row."""
    draws = np.random.default_rng(0)
    sources = {
        "rows of a matrix": (VOCABULARY, WIDTH),
        "rows, a tenth of them repeated 100 times": (VOCABULARY, WIDTH),
        "elements of a vector": (MILLION,),
        "a mask": (MILLION,),
    }
    shape = sources.get(name, (SIDE, SIDE))
    source = draws.standard_normal(shape).astype(dtype)
    if name == "rows of a matrix":
        index: tuple[np.ndarray, ...] = (draws.integers(0, VOCABULARY, WORDS),)
    elif name.startswith("rows,"):
        rare = draws.integers(0, VOCABULARY, WORDS)
        index = (np.where(draws.random(WORDS) < 0.1, rare % 8, rare),)
    elif name == "elements of a vector":
        index = (draws.integers(0, MILLION, MILLION),)
    elif name == "a mask":
        index = (draws.random(MILLION) < 0.5,)
    elif name == "pairs into a matrix":
        index = tuple(draws.integers(0, SIDE, MILLION) for _ in range(2))
    elif name == "columns of a matrix":
        index = (draws.integers(0, SIDE, SIDE),)
    else:
        index = (draws.integers(0, SIDE, (SIDE, SIDE)),)
    z = FUNCTIONS[name](autograd.tensor(source), tuple(map(autograd.tensor, index)))
    return source, index, draws.standard_normal(z.shape).astype(dtype)


FUNCTIONS: dict[str, Callable[[Any, tuple[Any, ...]], Any]] = {
    "rows of a matrix": lambda x, index: x[index],
    "rows, a tenth of them repeated 100 times": lambda x, index: x[index],
    "columns of a matrix": lambda x, index: x[:, index[0]],
    "elements of a vector": lambda x, index: x[index],
    "a mask": lambda x, index: x[index],
    "pairs into a matrix": lambda x, index: x[index],
    "gather, dim 0": lambda x, index: x.gather(0, index[0]),
    "gather, dim 1": lambda x, index: x.gather(1, index[0]),
    "scatter_add, dim 0": lambda x, index: (x * 0).scatter_add(0, index[0], x),
    "scatter_add, dim 1": lambda x, index: (x * 0).scatter_add(1, index[0], x),
}


def contestant(package: Any, name: str, dtype: Any) -> Callable[[], None]:
    """Return what reads and differentiates in ``autograd`` or ``torch``."""
    source, index, upstream = arrays(name, dtype)
    x = package.from_numpy(source).requires_grad_()
    where = tuple(package.from_numpy(i) for i in index)
    gradient = package.from_numpy(upstream)
    function = FUNCTIONS[name]

    def run() -> None:
        function(x, where).backward(gradient)
        x.grad = None  # here, so that the next run's is new to the process

    return run


def rows(names: list[str], quick: bool) -> list[Row]:
    """Compare times on one thread and on two."""
    import torch

    found = []
    for name in names:
        for dtype in (np.float32, np.float64):
            ours, peer = contestant(autograd, name, dtype), contestant(torch, name, dtype)
            for number in (1, 2):
                with threads(number):
                    title = f"{name}, {np.dtype(dtype)}, {number} thread{'s' * (number > 1)}"
                    found.append(compare(title, ours, peer, target=TARGET, quick=quick))
    return found


def print_peak(package: str, name: str) -> None:
    """Print the bytes by which a row raises the size of the process at most."""
    module = importlib.import_module(package)
    print(peak_growth(contestant(module, name, np.float32)))


def peaks(names: list[str]) -> str:
    """Compare the peak memory of the rows, each in a process of its own."""
    sizes = {}
    for name in names:
        ours, peer = (
            int(in_process("bench_indexing", "--peak", package, name).split()[-1])
            for package in ("autograd", "torch")
        )
        sizes[name] = ours, peer
    return memory_table("peak memory in MB, float32", sizes)


def main() -> None:
    """Print the tables, and how noisy the machine is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peak", nargs=2, help="only measure a package's peak memory of a row")
    parser.add_argument("--only", default="", help="rows whose name holds this")
    options, _ = parser.parse_known_args()
    if options.peak:
        print_peak(*options.peak)
        return
    names = [name for name in FUNCTIONS if options.only in name]
    try:
        importlib.import_module("torch")
    except ImportError:
        print("PyTorch is not installed (pip install torch==2.13.0): its rows are left out")
        return
    print(noise())
    print("peer: PyTorch")
    print(table(rows(names, options.quick)))
    if Path("/proc/self/clear_refs").exists():
        print(peaks(names))


if __name__ == "__main__":
    main()
