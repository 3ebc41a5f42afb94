"""Operations on arrays, each with its backward: time and peak memory against PyTorch, one thread.

Run with ``python -m tests.benchmarks.bench_operations``; PyTorch is in the extra ``reference``.

A row computes one operation and sends a gradient back to each operand that takes one.  Vectors
and matrices have a million elements, products and solutions are of 256 x 256.  Peak memory is what
the greatest size of a process grew by while it ran the row (Linux only).

In the rows ``reshape`` and ``cat`` PyTorch neither computes nor stores a gradient: ``x.grad`` is a
view of the gradient that was handed in, so that the next backward adds to both, and the third with
the same gradient of ones ends with 4.  Ours is the leaf's own, and ends with 3.  Where the gradient
comes from another op (``reshape, times 2``) no copy is needed.
"""

from __future__ import annotations

import argparse
import importlib
import json
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

MILLION, SIDE = 1_000_000, 1_000
Operation = Callable[..., Any]


class Inputs:
    """Draw operands: a capital is what a row's string of operands asks for."""

    def __init__(self, seed: int = 0) -> None:
        self.draws = np.random.default_rng(seed)

    def __getitem__(self, kind: str) -> np.ndarray[Any, Any]:
        normal, uniform, whole = self.draws.standard_normal, self.draws.random, self.draws.integers
        shapes = {"Q": (256, 256), "B": (SIDE, 8, 8), "C": (SIDE, 8, 4), "R": (300, 64)}
        if kind == "V":  # a vector
            z = normal(MILLION)
        elif kind == "P":  # a vector of positive numbers
            z = uniform(MILLION) + 0.5
        elif kind == "F":  # a matrix of factors, whose products stay finite
            z = uniform((SIDE, SIDE)) * 0.02 + 0.99
        elif kind == "N":  # a matrix with a nan in a hundred
            z = normal((SIDE, SIDE))
            z[uniform(z.shape) < 0.01] = np.nan
        elif kind == "M":  # a matrix
            z = normal((SIDE, SIDE))
        elif kind == "S":  # positive definite
            z = normal((256, 256))
            z = z @ z.T / 256 + np.eye(256)
        elif kind == "H":  # a short vector
            z = normal(SIDE)
        elif kind == "I":  # places in a row of a matrix
            return whole(0, SIDE, (SIDE, SIDE))
        elif kind == "J":  # rows of a matrix
            return whole(0, SIDE, SIDE)
        elif kind == "K":  # half of a matrix
            return np.asarray(uniform((SIDE, SIDE)) < 0.5)
        elif kind == "D":  # double precision
            return np.asarray(normal(MILLION))
        else:
            z = normal(shapes[kind])
            if kind == "B":
                z += 8 * np.eye(8)
        return np.asarray(z, np.float32)


# Name: operands, and the operation on a package (ours or PyTorch) and its tensors.
OPERATIONS: dict[str, tuple[str, Operation]] = {
    "add": ("VV", lambda p, x, y: x + y),
    "multiply": ("VV", lambda p, x, y: x * y),
    "multiply by a row": ("MH", lambda p, x, y: x * y),
    "divide": ("VP", lambda p, x, y: x / y),
    "x ** 2": ("V", lambda p, x: x**2),
    "x ** 3": ("V", lambda p, x: x**3),
    "x ** 0.5": ("P", lambda p, x: x**0.5),
    "x ** 1.7": ("P", lambda p, x: x**1.7),
    "x ** y": ("PV", lambda p, x, y: x**y),
    "sqrt": ("P", lambda p, x: x.sqrt()),
    "exp": ("V", lambda p, x: x.exp()),
    "log": ("P", lambda p, x: x.log()),
    "log1p": ("P", lambda p, x: x.log1p()),
    "sin": ("V", lambda p, x: x.sin()),
    "tanh": ("V", lambda p, x: x.tanh()),
    "sigmoid": ("V", lambda p, x: x.sigmoid()),
    "erf": ("V", lambda p, x: x.erf()),
    "erfc": ("V", lambda p, x: x.erfc()),
    "erf, float64": ("D", lambda p, x: x.erf()),
    "erfc, float64": ("D", lambda p, x: x.erfc()),
    "abs": ("V", lambda p, x: x.abs()),
    "clamp": ("V", lambda p, x: x.clamp(-1, 1)),
    "maximum": ("VV", lambda p, x, y: p.maximum(x, y)),
    "where": ("KMM", lambda p, c, x, y: p.where(c, x, y)),
    "x > y": ("VV", lambda p, x, y: x > y),
    "lerp": ("VV", lambda p, x, y: p.lerp(x, y, 0.3)),
    "sum": ("V", lambda p, x: x.sum()),
    "sum(0)": ("M", lambda p, x: x.sum(0)),
    "sum(1)": ("M", lambda p, x: x.sum(1)),
    "mean(1)": ("M", lambda p, x: x.mean(1)),
    "prod(1)": ("F", lambda p, x: x.prod(1)),
    "nansum(1)": ("N", lambda p, x: x.nansum(1)),
    "var(1)": ("M", lambda p, x: x.var(1)),
    "std": ("V", lambda p, x: x.std()),
    "amax(1)": ("M", lambda p, x: x.amax(1)),
    "max(1)": ("M", lambda p, x: x.max(1)),
    "argmax(1)": ("M", lambda p, x: x.argmax(1)),
    "logsumexp(1)": ("M", lambda p, x: x.logsumexp(1)),
    "norm": ("V", lambda p, x: p.linalg.vector_norm(x)),
    "norm of order 1, dim 1": ("M", lambda p, x: p.linalg.vector_norm(x, 1, dim=1)),
    "cumsum(1)": ("M", lambda p, x: x.cumsum(1)),
    "cumprod(1)": ("F", lambda p, x: x.cumprod(1)),
    "cummax(1)": ("M", lambda p, x: x.cummax(1)),
    "logcumsumexp(1)": ("M", lambda p, x: x.logcumsumexp(1)),
    "median(1)": ("M", lambda p, x: x.median(1)),
    "reshape": ("M", lambda p, x: x.reshape(-1)),
    "transpose, contiguous": ("M", lambda p, x: x.t().contiguous()),
    "cat": ("MM", lambda p, x, y: p.cat([x, y])),
    "reshape, times 2": ("M", lambda p, x: x.reshape(-1) * 2),
    "cat, times 2": ("MM", lambda p, x, y: p.cat([x, y]) * 2),
    "stack": ("MM", lambda p, x, y: p.stack([x, y], 1)),
    "flip(1)": ("M", lambda p, x: x.flip(1)),
    "roll(3, 1)": ("M", lambda p, x: x.roll(3, 1)),
    "tril": ("M", lambda p, x: x.tril()),
    "repeat(2, 2)": ("M", lambda p, x: x.repeat(2, 2)),
    "repeat_interleave(2, 1)": ("M", lambda p, x: x.repeat_interleave(2, 1)),
    "x[2:-2, ::2]": ("M", lambda p, x: x[2:-2, ::2]),
    "index_select(0)": ("MJ", lambda p, x, i: x.index_select(0, i)),
    "gather(1)": ("MI", lambda p, x, i: x.gather(1, i)),
    "masked_fill": ("MK", lambda p, x, mask: x.masked_fill(mask, 0.0)),
    "masked_select": ("MK", lambda p, x, mask: x.masked_select(mask)),
    "sort(1)": ("M", lambda p, x: x.sort(1)),
    "topk(10, 1)": ("M", lambda p, x: x.topk(10, 1)),
    "unique": ("V", lambda p, x: x.detach().unique()),
    "searchsorted": ("HV", lambda p, x, y: p.searchsorted(x.detach().sort()[0], y.detach())),
    "matmul": ("QQ", lambda p, x, y: x @ y),
    "matmul, batch of 8 x 8": ("BC", lambda p, x, y: x @ y),
    "outer": ("HH", lambda p, x, y: p.outer(x, y)),
    "einsum bij,bjk->bik": ("BC", lambda p, x, y: p.einsum("bij,bjk->bik", x, y)),
    "inv": ("S", lambda p, x: p.linalg.inv(x)),
    "solve": ("SQ", lambda p, x, y: p.linalg.solve(x, y)),
    "solve, batch of 8 x 8": ("BC", lambda p, x, y: p.linalg.solve(x, y)),
    "cholesky": ("S", lambda p, x: p.linalg.cholesky(x)),
    "det, batch of 8 x 8": ("B", lambda p, x: p.linalg.det(x)),
    "cdist": ("RR", lambda p, x, y: p.cdist(x, y)),
    "cdist, p = 1": ("RR", lambda p, x, y: p.cdist(x, y, p=1.0)),
    "arange": ("", lambda p: p.arange(MILLION)),
    "randn": ("", lambda p: p.randn(MILLION)),
    "rand": ("", lambda p: p.rand(MILLION)),
}


def contestant(package: Any, name: str, forward: bool = False) -> Callable[[], None]:
    """Return what runs a row in ``autograd`` or ``torch``, with its backward if it has one."""
    kinds, operation = OPERATIONS[name]
    draw = Inputs()
    operands = [package.from_numpy(draw[kind]) for kind in kinds]
    leaves = [x for x in operands if x.is_floating_point()]
    for x in leaves:
        x.requires_grad_()

    def first(z: Any) -> Any:
        return z[0] if isinstance(z, tuple) else z

    z = first(operation(package, *operands))
    gradient = package.from_numpy(
        Inputs(1).draws.standard_normal(tuple(z.shape)).astype(np.float32)
    )
    gradient = gradient.to(z.dtype) if z.requires_grad else None

    def run() -> None:
        z = first(operation(package, *operands))
        if gradient is not None and not forward:
            z.backward(gradient)
            for x in leaves:
                x.grad = None  # here, so that the next run's is new to the process

    return run


def rows(names: list[str], quick: bool, forward: bool) -> list[Row]:
    """Compare times on one thread."""
    import torch

    with threads(1):
        return [
            compare(
                name,
                contestant(autograd, name, forward),
                contestant(torch, name, forward),
                seconds=1.0,
                quick=quick,
            )
            for name in names
        ]


def print_peaks(package: str, names: list[str]) -> None:
    """Print as JSON the bytes by which each row raised the size of the process at most."""
    module = importlib.import_module(package)
    found = {}
    with threads(1):
        for name in names:
            found[name] = peak_growth(contestant(module, name))
    print(json.dumps(found))


def peaks(only: str) -> str:
    """Compare the peak memory of the rows, those of each package in one process."""
    ours, peers = (
        json.loads(in_process("bench_operations", "--peak", package, "--only", only))
        for package in ("autograd", "torch")
    )
    return memory_table(
        "peak memory in MB", {name: (size, peers[name]) for name, size in ours.items()}
    )


def main() -> None:
    """Print the tables, and how noisy the machine is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--forward", action="store_true", help="time forwards only")
    parser.add_argument("--peak", help="only measure a package's peak memory")
    parser.add_argument("--only", default="", help="rows whose name holds this")
    options, _ = parser.parse_known_args()
    names = [name for name in OPERATIONS if options.only in name]
    if options.peak:
        print_peaks(options.peak, names)
        return
    try:
        importlib.import_module("torch")
    except ImportError:
        print("PyTorch is not installed (pip install torch==2.13.0): its rows are left out")
        return
    print(noise())
    print("peer: PyTorch on one thread")
    print(table(rows(names, options.quick, options.forward)))
    if Path("/proc/self/clear_refs").exists() and not options.forward:
        print(peaks(options.only))


if __name__ == "__main__":
    main()
