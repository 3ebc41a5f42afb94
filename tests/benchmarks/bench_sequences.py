"""Layers of sequences against PyTorch's: tables, recurrences and attention, forward and backward.

Run with ``python -m tests.benchmarks.bench_sequences``; ``bench_kernels`` has these rows too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
import nn
from tests.benchmarks.measure import Row, compare, noise, table, threads

STEPS = 50


def rows(torch: Any, quick: bool = False) -> list[Row]:
    """Return the comparisons."""
    found = [embedding(torch, quick)]
    shapes = {"LSTM": [(64, 128, 128), (32, 128, 256)], "GRU": [(64, 128, 128)]}
    shapes["RNN"] = [(64, 128, 128)]
    for name, sizes in shapes.items():
        for batch, width, size in sizes:
            target = 1.2 if name == "LSTM" else None
            found.append(recurrent(torch, name, batch, width, size, target, quick))
    found += [attention(torch, *shape, quick) for shape in [(8, 8, 64, 64), (2, 8, 512, 64)]]
    found.append(transformer(torch, quick))
    return found


def _layer(torch, name, make, call, arrays, target, quick, **options) -> Row:
    """Compare a layer made with either library, forward and backward to inputs and parameters."""
    runs = []
    for library, tensor in ((nn, autograd.tensor), (torch.nn, torch.tensor)):
        module = make(library)
        inputs = [
            tensor(array, requires_grad=True) if array.dtype.kind == "f" else tensor(array)
            for array in arrays
        ]
        shape = tuple(call(module, *inputs).shape)
        upstream = tensor(np.random.default_rng(1).standard_normal(shape).astype(np.float32))

        def run(module=module, inputs=inputs, upstream=upstream):
            module.zero_grad()
            for x in inputs:
                if x.requires_grad:
                    x.grad = None
            call(module, *inputs).backward(upstream)

        runs.append(run)
    return compare(f"{name}, fwd + bwd", *runs, target=target, quick=quick)


def embedding(torch, quick) -> Row:
    """Compare a table of 10,000 words of which 3,200 are read."""
    words = np.random.default_rng(0).integers(0, 10_000, (64, STEPS))
    return _layer(
        torch,
        f"embedding 10000x256 {words.shape}",
        lambda library: library.Embedding(10_000, 256),
        lambda module, x: module(x),
        [words],
        1.5,
        quick,
    )


def recurrent(torch, name, batch, width, size, target, quick) -> Row:
    """Compare a recurrent layer of 50 steps."""
    x = np.random.default_rng(0).standard_normal((STEPS, batch, width)).astype(np.float32)
    return _layer(
        torch,
        f"{name} {width}->{size}, {x.shape}",
        lambda library: getattr(library, name)(width, size),
        lambda module, x: module(x)[0],
        [x],
        target,
        quick,
    )


def attention(torch, batch, heads, length, size, quick) -> Row:
    """Compare scaled dot-product attention."""
    shape = (batch, heads, length, size)
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(np.float32) for _ in range(3)]
    functions = {nn: nn.functional, torch.nn: torch.nn.functional}

    def make(library):
        class Attention(library.Module):
            def forward(self, *inputs):
                return functions[library].scaled_dot_product_attention(*inputs)

        return Attention()

    return _layer(
        torch, f"attention {shape}", make, lambda module, *x: module(*x), arrays, None, quick
    )


def transformer(torch, quick) -> Row:
    """Compare a layer of a transformer's encoder."""
    x = np.random.default_rng(0).standard_normal((16, 64, 256)).astype(np.float32)
    return _layer(
        torch,
        f"transformer encoder layer {x.shape}",
        lambda library: library.TransformerEncoderLayer(256, 8, 1024, 0.0, batch_first=True),
        lambda module, x: module(x),
        [x],
        None,
        quick,
    )


def main() -> None:
    """Print the table, and how noisy the machine is."""
    import torch

    print(noise())
    with threads(2):
        print(table(rows(torch)))


if __name__ == "__main__":
    main()
