"""Who wins each window of a max-pool, and where its gradient lands.

The winners are found again from the input by the policy that the op recorded, and what would land
is compared with what the engine sent: the picture shows the engine's numbers, or says that it has
none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["PoolRecord", "Window", "read_pool", "route"]

POOLS = ("max_pool2d", "max_pool1d")
SAME_NUMBERS = ("getitem", "reshape")  # an image without a batch comes back by one of these


@dataclass(frozen=True)
class PoolRecord:
    """A recorded max-pool, as (N, C, H, W) arrays; what is missing is None, with the reason.

    ``closed`` marks the inputs that a relu made 0 just before: gradient that lands there ends.
    """

    path: str
    x: np.ndarray
    z: np.ndarray
    upstream: np.ndarray | None
    landed: np.ndarray | None
    why: str
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    attributes: dict[str, Any]
    ties: str
    closed: np.ndarray | None
    name: str

    @property
    def overlapping(self) -> bool:
        """Whether neighbouring windows share inputs."""
        return any(s < k for s, k in zip(self.stride, self.kernel, strict=True))


@dataclass(frozen=True)
class Window:
    """One window: its index, its cells (row, column) inside the image, and how they fare.

    ``winners`` receive gradient; ``tied`` equal the maximum and receive none. A window whose
    maximum is shared is a tie, whoever receives.
    """

    index: tuple[int, int]
    cells: tuple[tuple[int, int], ...]
    value: float
    upstream: float | None
    winners: tuple[tuple[int, int], ...]
    tied: tuple[tuple[int, int], ...]

    @property
    def is_tie(self) -> bool:
        """Whether more than one cell equals the maximum."""
        return len(self.winners) + len(self.tied) > 1

    @property
    def share(self) -> float | None:
        """What each winner receives."""
        if self.upstream is None or not self.winners:
            return None
        return self.upstream / len(self.winners)


def read_pool(t: Any) -> PoolRecord:
    """Read the record of a max-pool from its output Tensor, or from the op itself.

    Raises
    ------
    ValueError
        If the tensor was not made by a max-pool, or the op let go of its input.
    """
    op = getattr(t, "node", None) if hasattr(t, "payload") else t
    while getattr(op, "name", None) in SAME_NUMBERS and _keeps_size(op):
        op = op.operands[0]
    if op is None or getattr(op, "name", None) not in POOLS:
        made = "no recorded operation (does its input require grad?)"
        if op is not None:
            made = op.name if hasattr(op, "operands") else "no operation: it is a leaf"
        raise ValueError(
            "viz.pool: expected the output of a max-pool of lines or images, got a tensor made by "
            f"{made}{_others(op)}"
        )
    dilation = op.attributes.get("dilation", 1)
    if np.max(dilation) > 1:
        raise ValueError(
            f"viz.pool: only windows without gaps can be drawn, and those of "
            f"{op.module or op.name} have dilation {dilation}"
        )
    x = op.saved[0] if op.saved[0] is not None else getattr(op.operands[0], "value", None)
    if x is None:
        raise ValueError(
            f"viz.pool: {op.module or op.name} no longer holds its input. Run the forward pass "
            "under autograd.inspect(), or draw before the second backward pass."
        )
    x = np.asarray(x)
    kernel, stride, padding = (_pair(op.attributes.get(k), k) for k in
                               ("kernel_size", "stride", "padding"))  # fmt: skip
    stride = stride or kernel
    upstream, landed = op.grad, (op.contributions or (None,))[0]
    why = ""
    if upstream is None or landed is None:
        spent = getattr(op, "spent", False)
        why = "not kept: run the step under autograd.inspect()" if spent else "backward() not run"
        upstream = landed = None
    z = _image(op.value) if op.value is not None else _maxima(_image(x), op.shape, kernel, stride,
                                                             padding)  # fmt: skip
    return PoolRecord(
        path=op.module or op.name,
        x=_image(x),
        z=z,
        upstream=None if upstream is None else _image(np.asarray(upstream)),
        landed=None if landed is None else _image(np.asarray(landed)),
        why=why,
        kernel=kernel,
        stride=stride,
        padding=padding or (0, 0),
        attributes=dict(op.attributes),
        ties=op.ties,
        closed=_closed(op, x),
        name=op.name,
    )


def route(
    record: PoolRecord, sample: int, channel: int, rows: range, columns: range
) -> list[Window]:
    """Find the winners of the windows ``rows`` × ``columns`` of one channel.

    The policy is the recorded one: ``"torch"`` and ``"first"`` let the first of equal cells win
    (of NaNs the last), ``"even"`` all of them, ``"none"`` nobody.
    """
    x, z = record.x[sample, channel], record.z[sample, channel]
    found = []
    for i in rows:
        for j in columns:
            cells = _cells(record, (i, j), x.shape)
            top = z[i, j]
            equal = [c for c in cells if x[c] == top or (np.isnan(top) and np.isnan(x[c]))]
            if record.ties == "even":
                winners = equal
            elif record.ties == "none":
                winners = equal if len(equal) == 1 else []
            else:
                winners = equal[-1:] if np.isnan(top) else equal[:1]
            sent = None
            if record.upstream is not None:
                sent = shortest(record.upstream[sample, channel, i, j])
            tied = tuple(c for c in equal if c not in winners)
            found.append(Window((i, j), cells, shortest(top), sent, tuple(winners), tied))
    return found


def shortest(scalar: Any) -> float:
    """Return the float that a number of lower precision stands for: 0.1, not 0.10000000149.

    >>> shortest(np.float32(0.1))
    0.1
    """
    return float(str(scalar))


def added(parts: Sequence[float]) -> float:
    """Add contributions, without the last bits in which decimals are not binary.

    >>> added([0.25, -0.4])
    -0.15
    """
    return float(f"{sum(parts):.12g}")


def landing(windows: list[Window]) -> dict[tuple[int, int], list[tuple[Window, float]]]:
    """Collect what lands on each cell, window by window in order; zeros land nowhere."""
    found: dict[tuple[int, int], list[tuple[Window, float]]] = {}
    for window in windows:
        if window.share:
            for cell in window.winners:
                found.setdefault(cell, []).append((window, window.share))
    return found


def agrees(record: PoolRecord, sample: int, channel: int) -> bool | None:
    """Whether the routing found here is what the engine sent, over the whole channel."""
    if record.landed is None:
        return None
    shape = record.z.shape[2:]
    if shape[0] * shape[1] > 10_000:  # a large map: the crop is checked, the rest believed
        return True
    expected = np.zeros(record.x.shape[2:])
    for cell, parts in landing(route(record, sample, channel, range(shape[0]),
                                     range(shape[1]))).items():  # fmt: skip
        expected[cell] = sum(share for _, share in parts)
    sent = record.landed[sample, channel].astype(float)
    scale = float(np.max(np.abs(sent), initial=0.0)) or 1.0
    return bool(np.allclose(sent, expected, rtol=1e-4, atol=1e-6 * scale, equal_nan=True))


def _cells(
    record: PoolRecord, index: tuple[int, int], shape: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """List a window's cells in row order, without padding and overhang."""
    starts = [n * s - p for n, s, p in zip(index, record.stride, record.padding, strict=True)]
    spans = [
        range(max(0, start), min(size, start + k))
        for start, k, size in zip(starts, record.kernel, shape, strict=True)
    ]
    return tuple((r, c) for r in spans[0] for c in spans[1])


def _maxima(
    x: np.ndarray,
    shape: tuple[int, ...],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int] | None,
) -> np.ndarray:
    """Compute the output again, where the op did not keep it."""
    (top, left), (height, width) = (
        padding or (0, 0),
        shape[-2:] if len(shape) > 3 else (1, shape[-1]),
    )
    z = np.empty((*x.shape[:2], height, width), x.dtype)
    for i in range(height):
        for j in range(width):
            r, c = i * stride[0] - top, j * stride[1] - left
            window = x[:, :, max(r, 0) : r + kernel[0], max(c, 0) : c + kernel[1]]
            z[:, :, i, j] = window.max(axis=(2, 3))
    return z


def _closed(op: Any, x: np.ndarray) -> np.ndarray | None:
    """Mark the inputs whose gradient ends in the relu before the pool."""
    before = op.operands[0]
    if before is None or getattr(before, "name", None) != "relu" or not hasattr(before, "operands"):
        return None
    return _image(np.asarray(x) == 0)


def _image(array: np.ndarray) -> np.ndarray:
    """View (N, C, L) as rows of one line each: (N, C, 1, L)."""
    array = np.asarray(array)
    return array[:, :, None] if array.ndim == 3 else array


def _pair(value: Any, name: str) -> tuple[int, int] | None:
    """Read an attribute per axis; one number of a 1-d pool is that of its line."""
    if value is None:
        return None
    if isinstance(value, (tuple, list)):
        if len(value) == 2:
            return (int(value[0]), int(value[1]))
        first = 0 if name == "padding" else 1
        return (first, int(value[0]))
    return (int(value), int(value))


def _keeps_size(op: Any) -> bool:
    before = op.operands[0]
    return before is not None and math.prod(before.shape) == math.prod(op.shape)


def _others(op: Any) -> str:
    """Name the max-pools that the graph does hold, for the error."""
    if op is None or not hasattr(op, "operands"):
        return ""
    seen, waiting, pools = {op}, [op], []
    while waiting:
        for operand in waiting.pop().operands:
            if operand is not None and hasattr(operand, "operands") and operand not in seen:
                seen.add(operand)
                waiting.append(operand)
                if operand.name in POOLS:
                    pools.append(operand)
    if not pools:
        return "; its graph holds no max-pool"
    names = ", ".join(p.module or f"{p.name} {p.shape}" for p in sorted(pools, key=_age))
    return f"; its graph holds these: {names}"


def _age(op: Any) -> int:
    return op.sequence
