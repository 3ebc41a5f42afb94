"""Muon: momentum whose matrix is made nearly orthogonal before it is a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.parallel import block_ranges, parallel_for, pinned_blas

from .blocks import Array, approach, update_in_place
from .optimizer import Optimizer
from .settings import number
from .slots import zeros_like

__all__ = ["Muon"]

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of Jordan's quintic, steepest at 0
RATES = {
    None: lambda rows, columns: sqrt(max(1, rows / columns)),
    "original": lambda rows, columns: sqrt(max(1, rows / columns)),
    "match_rms_adamw": lambda rows, columns: 0.2 * sqrt(max(rows, columns)),
}

# Products are cut in blocks by shape alone, so that any number of threads gives the same bits.
BLOCKS = 8  # at most: each packs the other factor anew
BLOCK = 1 << 22  # multiply-adds, at least
UNIT = 64  # rows or columns
SECONDS = 2e-11  # for each multiply-add
PIECE = 1 << 15  # numbers of a product that are rounded at a time


class Muon(Optimizer):
    """Momentum, orthogonalised by Newton-Schulz iterations (Jordan et al., 2024).

    b = mu b + (1 - mu) g; with ``nesterov`` u = mu b + (1 - mu) g, else u = b. X = u / |u|, then
    ``ns_steps`` times X = a X + (b A + c A A) X with A = X X^T, which moves all singular values to
    around 1. Last w = (1 - lr weight_decay) w - lr r X with r = sqrt(max(1, rows / columns)).

    As in PyTorch the iterations run in bfloat16, 8 bits of precision, which is rounded to here
    after each product.

    Shapes: (rows, columns) only: the weights of hidden layers. Biases and the like take ``AdamW``.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``.
    lr, weight_decay, momentum, nesterov
        As in the formulas; the decay is decoupled.
    ns_coefficients : three floats
        a, b, c.
    eps : float
        The least |u| that is divided by.
    ns_steps : int
        The iterations, below 100.
    adjust_lr_fn : str, optional
        ``"original"`` is the r above; ``"match_rms_adamw"`` takes r = 0.2 sqrt(max(rows, columns)),
        which suits rates and decays found for ``AdamW``.

    Raises
    ------
    ValueError
        A parameter is no matrix, a setting is negative, or there are not three coefficients.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.zeros((2, 2), requires_grad=True)
    >>> optimizer = Muon([w], lr=0.1)
    >>> (w * autograd.tensor([[8.0, 0.0], [0.0, 1.0]])).sum().backward()
    >>> optimizer.step()
    >>> w.detach().round(decimals=2)  # both directions count alike
    tensor([[-0.0700,  0.0000],
            [ 0.0000, -0.0700]])

    Source: ``torch.optim.Muon``.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = COEFFICIENTS,
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "weight_decay": weight_decay,
                "momentum": momentum,
                "nesterov": nesterov,
                "ns_coefficients": ns_coefficients,
                "eps": eps,
                "ns_steps": ns_steps,
                "adjust_lr_fn": adjust_lr_fn,
            },
        )

    def _check_parameter(self, which: str, parameter: Any) -> None:
        super()._check_parameter(which, parameter)
        if parameter.ndim != 2:
            raise ValueError(f"{which} must be a matrix, got shape {parameter.shape}")

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        if len(group["ns_coefficients"]) != 3:
            raise ValueError(
                f"Muon: ns_coefficients must be three numbers, got {group['ns_coefficients']!r}"
            )
        steps = group["ns_steps"]
        if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)):
            raise TypeError(f"Muon: ns_steps must be an int, got {steps!r}")
        if not 0 <= steps < 100:
            raise ValueError(f"Muon: ns_steps must be at least 0 and below 100, got {steps}")
        if group["adjust_lr_fn"] not in RATES:
            raise ValueError(
                "Muon: adjust_lr_fn must be 'original', 'match_rms_adamw' or None, "
                f"got {group['adjust_lr_fn']!r}"
            )

    def _update(self, group: dict[str, Any], parameter: Tensor, gradient: Any) -> None:
        state = self.state[parameter]
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = zeros_like(parameter)
        momentum, nesterov = group["momentum"], group["nesterov"]
        lr = number(group["lr"])
        shrink = 1 - lr * number(group["weight_decay"])
        rate = lr * RATES[group["adjust_lr_fn"]](*parameter.shape)

        def remember(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            (b, u), (room, wish, *_) = slots, rooms
            approach(b, g, 1 - momentum, room)
            if nesterov:
                wish[...] = g
                approach(wish, b, momentum, room)
                b = wish
            u[...] = b

        def descend(w: Array, u: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            room = rooms[0]
            room[...] = u
            room *= rate
            w *= shrink
            w -= room

        step = np.empty_like(parameter.payload, np.float32)
        update_in_place(remember, parameter, gradient, [state["momentum_buffer"].payload, step])
        orthogonalised(step, group["ns_coefficients"], group["ns_steps"], group["eps"], out=step)
        update_in_place(descend, parameter, step)


def orthogonalised(
    matrix: Array,
    coefficients: tuple[float, float, float],
    steps: int,
    eps: float,
    out: Array | None = None,
) -> Array:
    """Return a float32 matrix with the singular vectors of ``matrix``, and values around 1.

    It is written to ``out``, which may be ``matrix``.
    """
    a, b, c = coefficients
    if out is None:
        out = np.empty_like(matrix, np.float32)
    out[...] = matrix
    x = out.T if out.shape[0] > out.shape[1] else out
    gram = np.empty((len(x), len(x)), np.float32)
    with pinned_blas():
        _normalise(x, eps)
        for _ in range(steps):
            _multiply_by_transposed(x, gram)
            _add_square(b, gram, c)
            _add_product(a, x, gram)
    return out


def _normalise(x: Array, eps: float) -> None:
    """Divide by the norm, in place."""
    squares = 0.0
    for piece in _pieces(x):
        _bfloat16(piece)
        squares += float(np.sum(piece * piece, dtype=np.float32))
    norm = _bfloat16(np.sqrt(np.array([squares], np.float32)))
    norm = np.maximum(norm, _bfloat16(np.array([eps], np.float32)))
    for piece in _pieces(x):
        piece /= norm
        _bfloat16(piece)


def _multiply_by_transposed(x: Array, gram: Array) -> None:
    """Write X X^T, of which the part above the diagonal is that below it."""
    ranges = _ranges(len(x), BLOCKS // 2, len(x) * x.size, lower=True)

    def work(block: int) -> None:
        start, stop = ranges[block]
        rows, product = x[start:stop], gram[start:stop]
        np.matmul(rows, rows.T, out=product[:, start:stop])
        if start:
            np.matmul(rows, x[:start].T, out=product[:, :start])
        for piece in _pieces(product[:, :stop]):
            _bfloat16(piece)
        if start:
            gram[:start, start:stop] = product[:, :start].T

    _share(work, ranges, len(x) * x.size / 2)


def _add_square(b: float, gram: Array, c: float) -> None:
    """Change A to b A + c A A; until no row of A is needed any more, that is kept as bfloat16."""
    ranges, factor = _ranges(len(gram), BLOCKS, len(gram) * gram.size), np.float32(c)

    def rows_of_sum(start: int, stop: int) -> Array:
        product = np.matmul(gram[start:stop], gram)
        product *= factor
        return _sum(b, gram[start:stop], product)

    def work(block: int) -> None:
        start, stop = ranges[block]
        bits = rows_of_sum(start, stop).view(np.uint32)
        np.right_shift(bits, 16, out=made[start:stop], casting="unsafe")

    if len(ranges) == 1:
        gram[...] = rows_of_sum(*ranges[0])
    else:
        made = np.empty(gram.shape, np.uint16)
        _share(work, ranges, len(gram) * gram.size)
        np.left_shift(made, 16, out=gram.view(np.uint32), dtype=np.uint32)


def _add_product(a: float, x: Array, update: Array) -> None:
    """Change X to a X + U X, in place: a column of it needs that column alone."""
    ranges = _ranges(x.shape[1], BLOCKS // 2, len(x) * x.size)

    def work(block: int) -> None:
        columns = x[:, slice(*ranges[block])]
        product = np.matmul(update, columns, out=np.empty_like(columns))
        columns[...] = _sum(a, columns, product)

    _share(work, ranges, len(x) * x.size)


def _ranges(
    length: int, blocks: int, multiply_adds: int, lower: bool = False
) -> list[tuple[int, int]]:
    """Cut a length in at most so many blocks, of like work, also in a lower triangle."""
    blocks = max(1, min(blocks, multiply_adds // BLOCK))
    shares = [sqrt(i / blocks) if lower else i / blocks for i in range(1, blocks)]
    cuts = {round(share * length / UNIT) * UNIT for share in shares}
    return list(pairwise([0, *sorted(cuts - {0, length}), length]))


def _share(work: Callable[[int], None], ranges: list[Any], multiply_adds: float) -> None:
    """Run the work of each range, by several threads where that pays."""
    if len(ranges) == 1:
        work(0)
    else:
        seconds = multiply_adds * SECONDS
        parallel_for(work, len(ranges), seconds=seconds, long_calls=True)


def _sum(weight: float, matrix: Array, product: Array) -> Array:
    """Add weight matrix to the product, rounded once to float32, then to bfloat16; returns it.

    PyTorch fuses the two, and a number next to a tie of bfloat16's would else go the other way.
    """
    exact = float(np.float32(weight))
    for addend, total in zip(_pieces(matrix), _pieces(product), strict=True):
        wide = addend.astype(np.float64)
        wide *= exact
        wide += total
        total[...] = wide
        del wide  # before the next
        _bfloat16(total)
    return product


def _bfloat16(values: Array) -> Array:
    """Round float32 numbers in place to the upper 16 bits, ties to even; returns them."""
    bits = values.view(np.uint32)
    odd = bits >> 16
    odd &= 1
    odd += 0x7FFF
    bits += odd
    bits &= 0xFFFF0000
    return values


def _pieces(matrix: Array) -> list[Array]:
    """Return pieces of a matrix that stay in the cache, rows or columns of it as it lies."""
    if matrix.size <= PIECE:
        return [matrix]
    if matrix.strides[0] < matrix.strides[1]:
        matrix = matrix.T
    length = matrix.shape[1]
    rows, columns = block_ranges(len(matrix), -(-PIECE // length)), block_ranges(length, PIECE)
    return [matrix[a:b, c:d] for a, b in rows for c, d in columns]
