"""Optimisers against PyTorch: a training step of an MLP, steps over 1e7 parameters, and over many.

Run with ``python -m tests.benchmarks.bench_optim``; PyTorch comes with the extra ``reference``.

The MLP is 784-256-128-10 with ReLU, batch 128; its step is zero_grad, forward, cross-entropy,
backward and Adam. The other rows time ``optimizer.step()`` alone: over one matrix of 1e7 numbers,
and over the 161 tensors of a DenseNet-like list, most of them small.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.benchmarks.measure import Row, compare, noise, table, threads

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
    options = parser.parse_args()
    if importlib.util.find_spec("torch") is None:
        return print("bench_optim: PyTorch is not installed, there is nothing to compare with")
    print(noise())
    print(f"{options.threads} thread(s) for both; peer: PyTorch")
    with threads(options.threads):
        print(table(rows(options.quick)))


if __name__ == "__main__":
    main()
