"""Training steps of two networks against PyTorch: their time, and the memory that they need.

Run with ``python -m tests.benchmarks.bench_networks``; PyTorch comes with the extra ``reference``.

The networks are PyTorch's MNIST example (two convolutions, dropout, two linear layers, batch 64)
and a small VGG with batch normalisation on 32x32 images (batch 32). A step is forward, loss,
backward and SGD with momentum. Peak memory is measured in processes of their own (Linux only), as
the greatest size of the process over five steps less its size after the import: the model, the
batch, the optimiser's state and whatever the graph holds while it lives are in it.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.measure import Row, compare, in_process, noise, resident, table, threads

TARGET = 1.2
STEPS = 5  # in which memory reaches its peak


def mnist_example(nn: Any) -> Any:
    """Build the network of PyTorch's MNIST example, which ends in log-probabilities."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
        nn.LogSoftmax(1),
    )


def small_vgg(nn: Any) -> Any:
    """Build [64, 64, pool, 128, 128, pool, 256, 256, pool] of 3x3 kernels, and a linear layer."""
    layers, channels = [], 3
    for width in (64, 64, 0, 128, 128, 0, 256, 256, 0):
        if not width:
            layers.append(nn.MaxPool2d(2))
            continue
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * 4 * 4, 10))


NETWORKS: dict[str, tuple[Callable[[Any], Any], tuple[int, ...], str]] = {
    "MNIST example": (mnist_example, (64, 1, 28, 28), "NLLLoss"),
    "small VGG": (small_vgg, (32, 3, 32, 32), "CrossEntropyLoss"),
}


def stepper(package: str, name: str) -> Callable[[], object]:
    """Return one training step of a network in one of the two packages."""
    of_torch = package == "torch"
    nn = importlib.import_module("torch.nn" if of_torch else "nn")
    optim = importlib.import_module("torch.optim" if of_torch else "optim")
    tensor = importlib.import_module(package).tensor
    build, shape, loss = NETWORKS[name]
    rng = np.random.default_rng(0)
    x = tensor(rng.standard_normal(shape).astype(np.float32))
    y = tensor(rng.integers(0, 10, shape[0]))
    model, loss_of = build(nn), getattr(nn, loss)()
    optimizer = optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        loss_of(model(x), y).backward()
        optimizer.step()

    return step


def rows(quick: bool, number: int) -> list[Row]:
    """Return the comparisons of time."""
    with threads(number):
        return [
            compare(
                f"{name}, batch {shape[0]}, training step",
                stepper("autograd", name),
                stepper("torch", name),
                target=TARGET,
                seconds=6.0,
                quick=quick,
            )
            for name, (_, shape, _) in NETWORKS.items()
        ]


def print_peak(package: str, name: str, number: int) -> None:
    """Print the bytes by which some steps raised this process's size at most."""
    importlib.import_module(f"{package}.nn" if package == "torch" else "nn")
    importlib.import_module("torch.optim" if package == "torch" else "optim")
    with threads(number):
        before = resident("VmRSS")
        step = stepper(package, name)
        for _ in range(STEPS):
            step()
        print(resident("VmHWM") - before)


def peaks(number: int) -> str:
    """Lay out the memory of each network in both packages."""
    if not Path("/proc/self/status").exists():
        return "peak memory: only Linux tells"
    lines = [f"{'peak memory over the import, MB':46} ours  peer  ratio"]
    for name in NETWORKS:
        bytes_of = [
            int(
                in_process(
                    "bench_networks",
                    "--peak",
                    package,
                    name,
                    f"--threads={number}",
                    returning=False,
                )
            )
            for package in ("autograd", "torch")
        ]
        mine, theirs = (size / 2**20 for size in bytes_of)
        lines.append(f"{name:46} {mine:4.0f} {theirs:5.0f} {mine / theirs:6.2f}")
    return "\n".join(lines)


def main() -> None:
    """Print the tables, and how noisy the machine is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peak", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        return print_peak(*options.peak, options.threads)
    if importlib.util.find_spec("torch") is None:
        return print("bench_networks: PyTorch is not installed, there is nothing to compare with")
    print(noise())
    print(f"{options.threads} thread(s) for both; peer: PyTorch")
    print(table(rows(options.quick, options.threads)))
    print(peaks(options.threads))


if __name__ == "__main__":
    main()
