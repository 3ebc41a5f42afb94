"""Scalar graphs and tiny tensors: what recording one operation and differentiating it costs.

Run with ``python -m tests.benchmarks.bench_scalars``; micrograd comes with the extra ``bench``,
PyTorch with ``reference``.

The training step is micrograd's own demonstration: MLP(2, [16, 16, 1]) with relu on 100 points,
hinge loss and an L2 penalty, about 65,000 operations.  Both sides run the same model code; only
the class of the scalars differs, and both differentiate with respect to the inputs too.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from tests.benchmarks.measure import Row, compare, noise, table, threads

ROOT = Path(__file__).parent.parent.parent
CHAIN = 1_000_000
CHAIN_LIMITS = {True: 2.2, False: 1.2}  # seconds to record, differentiate and free it, gc on, off
NODE_LIMITS = {True: (650, 450), False: (400, 420)}  # ns to record an op and to go back through it


class Network:
    """A multi-layer perceptron of scalars, relu but in its last layer."""

    def __init__(self, scalar: Callable[[float], Any], widths: Sequence[int]) -> None:
        draw = random.Random(1337).uniform
        self.layers = [
            [([scalar(draw(-1, 1)) for _ in range(n)], scalar(0.0)) for _ in range(m)]
            for n, m in zip(widths, widths[1:], strict=False)
        ]

    def __call__(self, values: Sequence[Any]) -> Any:
        for depth, layer in enumerate(self.layers):
            sums = [sum((w * x for w, x in zip(ws, values, strict=True)), b) for ws, b in layer]
            values = [s.relu() for s in sums] if depth < len(self.layers) - 1 else sums
        return values[0]

    def parameters(self) -> list[Any]:
        """Return weights and biases."""
        return [p for layer in self.layers for ws, b in layer for p in (*ws, b)]


def training_step(scalar: Callable[[float], Any], no_gradient: Any) -> Callable[[], Any]:
    """Return a function that computes the loss of the network and its gradients."""
    draws = np.random.default_rng(0)
    points = draws.standard_normal((100, 2)).tolist()
    signs = np.sign(draws.standard_normal(100)).tolist()
    network = Network(scalar, [2, 16, 16, 1])
    last = []

    def step() -> None:
        scores = [network([scalar(v) for v in point]) for point in points]
        losses = [(1 + -y * s).relu() for y, s in zip(signs, scores, strict=True)]
        penalty = 1e-4 * sum(p * p for p in network.parameters())
        loss = sum(losses) * (1 / len(losses)) + penalty
        for parameter in network.parameters():
            parameter.grad = no_gradient
        loss.backward()
        last[:] = [loss]  # as a training loop holds it while the next one is recorded

    return step


def leaf(value: float) -> Tensor:
    """Make a float64 scalar that requires grad, micrograd's precision."""
    return Tensor(np.float64(value), requires_grad=True)


def contestant(name: str) -> Callable[[], Any]:
    """Return the training step of ``ours`` or of ``micrograd``."""
    if name == "ours":
        return training_step(leaf, None)
    from micrograd.engine import Value

    return training_step(Value, 0)


def print_seconds(name: str, collect: bool, steps: int) -> None:
    """Train for some steps and print the seconds that each took but the first."""
    if not collect:
        gc.disable()
    step = contestant(name)
    times = []
    for _ in range(steps):
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    print(*times[1:])


def micrograd_row(collect: bool, quick: bool) -> Row:
    """Compare the training step with micrograd's, each in processes of its own, in turn.

    One process would not do: the collector would go through the garbage of both at the steps of
    either.
    """
    runs: dict[str, list[list[float]]] = {"ours": [], "micrograd": []}
    for turn in range(2 if quick else 5):
        for name in list(runs)[:: 1 if turn % 2 else -1]:
            command = [sys.executable, "-m", "tests.benchmarks.bench_scalars", "--contestant", name]
            command += ["--collect"] if collect else []
            shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            runs[name].append([float(word) for word in shown.stdout.split()])
    ours, peer = ([statistics.mean(run) for run in runs[name]] for name in ("ours", "micrograd"))
    ratios = [mine / theirs for mine, theirs in zip(ours, peer, strict=True)]
    a, b = statistics.median(ours), statistics.median(peer)
    name = f"MLP(2, [16, 16, 1]), 100 points, gc {'on' if collect else 'off'}"
    target = 1 / 10 if collect else None
    return Row(name, a * 1e3, b * 1e3, a / b, min(ratios), max(ratios), target)


def micrograd_rows(quick: bool) -> list[Row]:
    """Compare the training step with micrograd's, with the collector on and off."""
    if importlib.util.find_spec("micrograd") is None:
        print("micrograd is not installed (pip install micrograd==0.1.0): its rows are left out")
        return []
    return [micrograd_row(collect, quick) for collect in (True, False)]


def small_tensor_rows(quick: bool) -> list[Row]:
    """Compare one operation on 4 x 4 tensors, recorded and differentiated, with PyTorch."""
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed (pip install torch==2.13.0): its rows are left out")
        return []
    draws = np.random.default_rng(0)
    arrays = [draws.standard_normal((4, 4)).astype(np.float32) for _ in range(2)]
    ones = np.ones((4, 4), np.float32)
    operations: dict[str, Callable[[Any, Any], Any]] = {
        "add": lambda a, b: a + b,
        "multiply": lambda a, b: a * b,
        "matmul": lambda a, b: a @ b,
    }

    def hundred(function: Callable[[Any, Any], Any], a: Any, b: Any, seed: Any) -> Any:
        def run() -> None:
            for _ in range(100):
                function(a, b).backward(seed)

        return run

    rows = []
    with threads(1):
        ours = [autograd.tensor(a, requires_grad=True) for a in arrays]
        theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
        for name, function in operations.items():
            rows.append(
                compare(
                    f"100 times {name} of 4 x 4 with backward",
                    hundred(function, *ours, autograd.tensor(ones)),
                    hundred(function, *theirs, torch.ones(4, 4)),
                    target=0.19,
                    quick=quick,
                )
            )
    return rows


def chain_line(collect: bool, quick: bool) -> str:
    """Time a chain of a million operations: recorded, differentiated, freed."""
    times = []
    for _ in range(1 if quick else 5):
        gc.collect()
        (gc.enable if collect else gc.disable)()
        try:
            began = time.perf_counter()
            x = leaf(1.0)
            y = x
            for _ in range(CHAIN):
                y = y + x
            y.backward()
            del y
            times.append(time.perf_counter() - began)
        finally:
            gc.enable()
    setting = "on" if collect else "off"
    return (
        f"chain of {CHAIN:,} scalar additions, gc {setting}: median {statistics.median(times):.2f} "
        f"s, {min(times):.2f} - {max(times):.2f} (limit {CHAIN_LIMITS[collect]} s)"
    )


def node_line(collect: bool, quick: bool) -> str:
    """Time one scalar addition in a chain of 20,000: recorded, and gone back through."""
    number = 20_000
    recorded, differentiated = [], []
    for _ in range(5 if quick else 30):
        gc.collect()
        (gc.enable if collect else gc.disable)()
        try:
            x = leaf(1.0)
            began = time.perf_counter()
            y = x
            for _ in range(number):
                y = y + x
            middle = time.perf_counter()
            y.backward()
            end = time.perf_counter()
        finally:
            gc.enable()
        recorded.append((middle - began) / number * 1e9)
        differentiated.append((end - middle) / number * 1e9)
    limits = NODE_LIMITS[collect]
    parts = [
        f"{name} {statistics.median(times):.0f} ns, least {min(times):.0f} (limit {limit})"
        for name, times, limit in zip(
            ("recorded in", "gone back through in"), (recorded, differentiated), limits, strict=True
        )
    ]
    return f"one scalar addition, gc {'on' if collect else 'off'}: {', '.join(parts)}"


def main() -> None:
    """Print the tables, and how noisy the machine is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--contestant", choices=["ours", "micrograd"], help="only time its steps")
    parser.add_argument("--collect", action="store_true", help="with Python's collector on")
    options, _ = parser.parse_known_args()
    if options.contestant:
        print_seconds(options.contestant, options.collect, 12)
        return
    print(noise())
    print("peer: micrograd 0.1.0 (training step), PyTorch on one thread (tensors)")
    print(table(micrograd_rows(options.quick) + small_tensor_rows(options.quick)))
    for collect in (True, False):
        print(node_line(collect, options.quick))
        print(chain_line(collect, options.quick))


if __name__ == "__main__":
    main()
