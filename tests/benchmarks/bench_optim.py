"""Optimisers against PyTorch: a training step of an MLP, steps over 1e7 parameters, and over many.

Run with ``python -m tests.benchmarks.bench_optim``; PyTorch comes with the extra ``reference``.

The MLP is 784-256-128-10 with ReLU, batch 128; its step is zero_grad, forward, cross-entropy,
backward and Adam. The other rows time ``optimizer.step()`` alone: over one matrix of 1e7 numbers,
and over the 161 tensors of a DenseNet-like list, most of them small; Muon's over a 1000 x 1000
matrix, and L-BFGS's four moves over a million numbers. Of these two the peak of memory is compared,
too (Linux only): by how much a later step raises the size of a process of its own.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

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

LARGE = 10_000_000
MANY = [(64,) if i % 3 else (48, 32, 3, 3) for i in range(161)]


def packages(package: str) -> tuple[Any, Any, Any]:
    """Return tensors, layers and optimisers of Backlight ("autograd") or PyTorch ("torch")."""
    names = ("torch", "torch.nn", "torch.optim") if package == "torch" else (package, "nn", "optim")
    library, nn, optim = map(importlib.import_module, names)
    return library, nn, optim


def mlp_step(package: str) -> Callable[[], object]:
    """Return a whole training step of the MLP."""
    library, nn, optim = packages(package)
    rng = np.random.default_rng(0)
    x = library.tensor(rng.standard_normal((128, 784)).astype(np.float32))
    y = library.tensor(rng.integers(0, 10, 128))
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    loss_of, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters())

    def step() -> None:
        optimizer.zero_grad()
        loss_of(model(x), y).backward()
        optimizer.step()

    return step


def update(package: str, rule: str, shapes: list[tuple[int, ...]], **options: Any) -> Any:
    """Return ``optimizer.step`` over tensors of these shapes."""
    library, _, optim = packages(package)
    rng = np.random.default_rng(0)
    parameters = []
    for shape in shapes:
        values = rng.standard_normal((2, *shape), np.float32)
        parameter = library.tensor(values[0]).requires_grad_()
        parameter.grad = library.tensor(values[1])
        parameters.append(parameter)
    return getattr(optim, rule)(parameters, lr=1e-6, **options).step


def matrix_step(package: str) -> Callable[[], object]:
    """Return a step of Muon."""
    return update(package, "Muon", [(1000, 1000)])


def moves(package: str, line_search_fn: str | None = None) -> Callable[[], object]:
    """Return a step of L-BFGS, four moves down a valley from always the same place."""
    library, _, optim = packages(package)
    values = np.random.default_rng(0).standard_normal(1_000_000, np.float32)
    steepness = np.linspace(1, 3, values.size, dtype=np.float32)
    w = library.tensor(values).requires_grad_()
    w.grad = library.tensor(values)
    rule = optim.LBFGS([w], max_iter=4, history_size=5, line_search_fn=line_search_fn)

    def array(tensor: Any) -> Any:
        return tensor.detach().numpy() if package == "torch" else tensor.payload

    def closure() -> float:  # which takes no memory
        weights, gradient = map(array, (w, w.grad))
        np.multiply(weights, steepness, out=gradient)
        return float(np.vdot(weights, gradient)) / 2

    def step() -> None:
        array(w)[...] = values
        rule.step(closure)

    for _ in range(3):  # until the history is full
        step()
    return step


def searches(package: str) -> Callable[[], object]:
    """Return such a step with a line search."""
    return moves(package, "strong_wolfe")


DEAR = {
    "Muon over 1000 x 1000": matrix_step,
    "L-BFGS over 1e6 parameters": moves,
    "L-BFGS with line search over 1e6 parameters": searches,
}


def peaks() -> str:
    """Compare the peak memory of the dear rules, each in a process of its own."""
    sizes = {}
    for name in DEAR:
        ours, peer = (
            int(in_process("bench_optim", "--peak", package, name).split()[-1])
            for package in ("autograd", "torch")
        )
        sizes[name] = ours, peer
    return memory_table("peak memory in MB, float32", sizes)


def rows(quick: bool) -> list[Row]:
    """Return the comparisons of time."""
    large = [(LARGE // 1000, 1000)]
    cases: list[tuple[str, Callable[[str], Any], float | None]] = [
        ("MLP 784-256-128-10, batch 128, Adam, whole step", mlp_step, 0.7),
        ("Adam over 1e7 parameters", lambda p: update(p, "Adam", large), 1.0),
        ("SGD over 1e7 parameters", lambda p: update(p, "SGD", large), None),
        (
            "SGD with momentum over 1e7 parameters",
            lambda p: update(p, "SGD", large, momentum=0.9),
            None,
        ),
        *((name, make, None) for name, make in DEAR.items()),
        ("Adam over 161 tensors", lambda p: update(p, "Adam", MANY), None),
        (
            "SGD with momentum over 161 tensors",
            lambda p: update(p, "SGD", MANY, momentum=0.9),
            None,
        ),
    ]
    return [
        compare(name, make("autograd"), make("torch"), target=target, seconds=4.0, quick=quick)
        for name, make, target in cases
    ]


def main() -> None:
    """Print the table, and how noisy the machine is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peak", nargs=2, help="only measure a package's peak memory of a row")
    options = parser.parse_args()
    if options.peak:
        package, name = options.peak
        with threads(1):
            return print(peak_growth(DEAR[name](package)))
    if importlib.util.find_spec("torch") is None:
        return print("bench_optim: PyTorch is not installed, there is nothing to compare with")
    print(noise())
    print(f"{options.threads} thread(s) for both; peer: PyTorch")
    with threads(options.threads):
        print(table(rows(options.quick)))
    if Path("/proc/self/clear_refs").exists():
        print(peaks())


if __name__ == "__main__":
    main()
