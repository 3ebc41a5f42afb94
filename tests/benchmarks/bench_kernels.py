"""Layers' kernels against PyTorch's, forward and backward through either engine.

Run with ``python -m tests.benchmarks.bench_kernels`` (``--quick`` for a first impression,
``--threads 1`` for the most repeatable figures, ``--only "max-pool"`` for some of the rows).
``--parts`` tells forward and backward apart, on one thread and on two.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
import nn
import optim
from tests.benchmarks import bench_sequences
from tests.benchmarks.measure import Row, compare, noise, table, threads

BATCH = 64


def rows(quick: bool = False, number: int = 2, only: str = "", parts: bool = False) -> list[Row]:
    """Return the comparisons whose name contains ``only``; without PyTorch none, and say why.

    With ``parts``, a layer has four: forward and backward, on one thread and on two.
    """
    if importlib.util.find_spec("torch") is None:
        print("bench_kernels: PyTorch is not installed, so there is nothing to compare with")
        return []
    import torch

    chosen = [row for row in layers(torch) if only in row[0]]
    if parts:
        found = []
        for row in chosen:
            for number in (1, 2):
                with threads(number):
                    found += layer_parts(torch, *row[:-1], f", {number} thread(s)", quick)
        return found
    with threads(number):
        found = [layer(torch, *row, quick) for row in chosen]
        if not only:
            found = [demo_step(torch, quick), *found, *bench_sequences.rows(torch, quick)]
    return found


def layers(torch: Any) -> list[tuple[str, Callable, Callable, list[tuple[int, ...]], float | None]]:
    """Name each layer, its two functions, the shapes of their operands, and a target if any."""
    ours, theirs = nn.functional, torch.nn.functional

    def convolution(name, image, outputs, kernel, target=None, groups=1, **options):
        rank = len(image) - 2
        depth = image[1] // groups
        shapes = [image, (outputs, depth, *(kernel,) * rank), (outputs,)]
        options["groups"] = groups
        return (
            f"conv {name} {image}",
            lambda x, w, b: getattr(ours, f"conv{rank}d")(x, w, b, **options),
            lambda x, w, b: getattr(theirs, f"conv{rank}d")(x, w, b, **options),
            shapes,
            target,
        )

    def transposed(name, image, outputs, kernel, **options):
        return (
            f"transposed conv {name} {image}",
            lambda x, w, b: ours.conv_transpose2d(x, w, b, **options),
            lambda x, w, b: theirs.conv_transpose2d(x, w, b, **options),
            [image, (image[1], outputs, kernel, kernel), (outputs,)],
            None,
        )

    def one(name, function, shape, target=None, **options):
        return (
            f"{name} {shape}",
            lambda x: getattr(ours, function)(x, **options),
            lambda x: getattr(theirs, function)(x, **options),
            [shape],
            target,
        )

    def norm(shape, target=None):
        return (
            f"batch norm {shape}",
            lambda x, w, b: ours.batch_norm(x, None, None, w, b, True),
            lambda x, w, b: theirs.batch_norm(x, None, None, w, b, True),
            [shape, shape[1:2], shape[1:2]],
            target,
        )

    def layer_norm(shape, target=None):
        last = shape[-1:]
        return (
            f"layer norm {shape}",
            lambda x, w, b: ours.layer_norm(x, last, w, b),
            lambda x, w, b: theirs.layer_norm(x, last, w, b),
            [shape, last, last],
            target,
        )

    def group_norm(shape, groups):
        return (
            f"group norm {groups} {shape}",
            lambda x, w, b: ours.group_norm(x, groups, w, b),
            lambda x, w, b: theirs.group_norm(x, groups, w, b),
            [shape, shape[1:2], shape[1:2]],
            None,
        )

    labels = np.arange(128) % 1000
    image = (16, 64, 32, 32)
    return [
        convolution("64->64 3x3", image, 64, 3, 1.1, padding=1),
        convolution("64->64 3x3 /2", image, 64, 3, 1.3, padding=1, stride=2),
        convolution("64->64 1x1", image, 64, 1, 0.9),
        convolution("3->32 5x5", (32, 3, 32, 32), 32, 5, 1.4, padding=2),
        convolution("depthwise 3x3", image, 64, 3, 3.5, padding=1, groups=64),
        convolution("64->64 3x3, 4 groups", image, 64, 3, padding=1, groups=4),
        convolution("64->64 3x3, dilated", image, 64, 3, padding=2, dilation=2),
        convolution("1->8 3x3", (64, 1, 28, 28), 8, 3, padding=1),
        convolution("8->16 3x3", (64, 8, 14, 14), 16, 3, padding=1),
        convolution("32->64 3x3", (64, 32, 26, 26), 64, 3),
        convolution("128->128 3x3", (32, 128, 16, 16), 128, 3, padding=1),
        convolution("256->256 3x3", (32, 256, 8, 8), 256, 3, padding=1),
        convolution("256->512 3x3 /2", (8, 256, 14, 14), 512, 3, padding=1, stride=2),
        convolution("3->64 7x7 /2", (8, 3, 64, 64), 64, 7, padding=3, stride=2),
        convolution("64->64 5", (16, 64, 512), 64, 5, padding=2),
        convolution("16->32 3x3x3", (4, 16, 8, 16, 16), 32, 3, padding=1),
        transposed("64->64 2x2 /2", (16, 64, 16, 16), 64, 2, stride=2),
        one("max-pool 2x2", "max_pool2d", (16, 64, 32, 32), 0.5, kernel_size=2),
        one("max-pool 2x2", "max_pool2d", (64, 8, 28, 28), 0.5, kernel_size=2),
        one(
            "max-pool 3x3/2",
            "max_pool2d",
            (16, 64, 32, 32),
            1.2,
            kernel_size=3,
            stride=2,
            padding=1,
        ),
        one("avg-pool 2x2", "avg_pool2d", (16, 64, 32, 32), kernel_size=2),
        norm((16, 64, 32, 32), 1.0),
        norm((64, 8, 28, 28)),
        layer_norm((64, 64, 256), 0.7),  # stays in the caches, and its memory is used again
        layer_norm((64, 256, 512), 0.7),  # 33 MB: new memory each time, in small pages for PyTorch
        group_norm((16, 64, 32, 32), 8),
        one("instance norm", "instance_norm", (16, 64, 32, 32)),
        one("rms norm", "rms_norm", (32, 128, 768), normalized_shape=(768,)),
        one("local response norm", "local_response_norm", (16, 64, 27, 27), size=5),
        one("relu", "relu", (16, 64, 32, 32)),
        one("gelu", "gelu", (1024, 1024), 1.5),
        one("dropout", "dropout", (1024, 1024), 0.3, p=0.5),
        one("dropout2d", "dropout2d", (16, 64, 32, 32), p=0.5),
        (
            "cross-entropy (128, 1000)",
            lambda x: ours.cross_entropy(x, autograd.tensor(labels)),
            lambda x: theirs.cross_entropy(x, torch.tensor(labels)),
            [(128, 1000)],
            0.6,
        ),
    ]


def layer(torch, name, ours, peer, shapes, target, quick) -> Row:
    """Compare one layer, forward and backward to all its operands."""
    mine, my_upstream, theirs, their_upstream = operands(torch, peer, shapes)

    def run(function, tensors, gradient):
        for tensor in tensors:
            tensor.grad = None
        function(*tensors).backward(gradient)

    return compare(
        f"{name}, fwd + bwd",
        lambda: run(ours, mine, my_upstream),
        lambda: run(peer, theirs, their_upstream),
        target=target,
        quick=quick,
    )


def layer_parts(torch, name, ours, peer, shapes, setting, quick) -> list[Row]:
    """Compare the forward of a layer and, of one graph again and again, its backward."""
    mine, my_upstream, theirs, their_upstream = operands(torch, peer, shapes)
    my_output, their_output = ours(*mine), peer(*theirs)

    def back(output, tensors, gradient):
        for tensor in tensors:
            tensor.grad = None
        output.backward(gradient, retain_graph=True)

    return [
        compare(f"{name}, fwd{setting}", lambda: ours(*mine), lambda: peer(*theirs), quick=quick),
        compare(
            f"{name}, bwd{setting}",
            lambda: back(my_output, mine, my_upstream),
            lambda: back(their_output, theirs, their_upstream),
            quick=quick,
        ),
    ]


def operands(torch, peer, shapes) -> tuple[list[Any], Any, list[Any], Any]:
    """Draw a layer's operands and an upstream, and return them as ours and as the peer's."""
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    mine = [autograd.tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    upstream = rng.standard_normal(tuple(peer(*theirs).shape)).astype(np.float32)
    return mine, autograd.tensor(upstream), theirs, torch.tensor(upstream)


def network(library: Any) -> Any:
    """Build the demo's network from either library: the same lines serve both."""
    return library.Sequential(
        library.Conv2d(1, 8, 3, padding=1),
        library.BatchNorm2d(8),
        library.ReLU(),
        library.MaxPool2d(2),
        library.Conv2d(8, 16, 3, padding=1),
        library.BatchNorm2d(16),
        library.ReLU(),
        library.MaxPool2d(2),
        library.Flatten(),
        library.Dropout(0.25),
        library.Linear(16 * 7 * 7, 10),
    )


def demo_step(torch, quick) -> Row:
    """Compare one training step of the demo's network: forward, backward and Adam."""
    rng = np.random.default_rng(0)
    images = rng.standard_normal((BATCH, 1, 28, 28)).astype(np.float32)
    labels = rng.integers(0, 10, BATCH)

    def stepper(library, optimizer, tensor):
        model, loss_of = network(library), library.CrossEntropyLoss()
        adam = optimizer.Adam(model.parameters(), lr=1e-3)
        x, y = tensor(images), tensor(labels)

        def step():
            adam.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            adam.step()

        return step

    return compare(
        f"training step of the demo's network, batch {BATCH}",
        stepper(nn, optim, autograd.tensor),
        stepper(torch.nn, torch.optim, torch.tensor),
        target=2.5,
        seconds=3.0,
        quick=quick,
    )


def main() -> None:
    """Print the table, and how noisy the machine is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="", help="only layers whose name contains this")
    parser.add_argument(
        "--parts", action="store_true", help="forward and backward, 1 and 2 threads"
    )
    options = parser.parse_args()
    print(noise())
    setting = "one and two threads" if options.parts else f"{options.threads} thread(s)"
    print(f"{setting} for both; peer: PyTorch")
    print(table(rows(options.quick, options.threads, options.only, options.parts)))


if __name__ == "__main__":
    main()
