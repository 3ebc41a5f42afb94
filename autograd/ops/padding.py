"""Padding: a border around a tensor, of a constant or of its own elements.

Padding with zeros and cropping undo each other, and both are ``pad_with`` (a negative width crops),
which is therefore its own adjoint.  A border taken from the tensor sends its gradient back to the
elements it was taken from: ``fold_border``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import integers
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.positions import payload
from autograd.payload import held_by

__all__ = ["pad"]

Widths = tuple[tuple[int, int], ...]  # elements before and after, along each axis


@structural(
    name="pad",
    x=lambda upstream, widths: pad_with(  # type: ignore[has-type]
        upstream, widths=tuple((-before, -after) for before, after in widths), value=0
    ),
)
def pad_with(x: Any, *, widths: Widths, value: Any) -> Any:
    """Put a border of ``value`` around x; a negative width takes elements off."""
    lengths = [n + sum(pair) for n, pair in zip(x.shape, widths, strict=True)]
    z = np.full(lengths, value, x.dtype)
    target, source = [], []
    for n, (before, after) in zip(x.shape, widths, strict=True):
        source.append(slice(max(-before, 0), n - max(-after, 0)))
        target.append(slice(max(before, 0), max(before, 0) + n - max(-before, 0) - max(-after, 0)))
    z[tuple(target)] = x[tuple(source)]
    return z


@structural(
    name="pad",
    x=lambda upstream, widths, mode: fold_border(upstream, widths=widths, mode=mode),  # type: ignore[has-type]
)
def pad_from_within(x: Any, *, widths: Widths, mode: str) -> Any:
    """Put a border of x's own elements around it."""
    for axis, pair in enumerate(widths):
        if pair != (0, 0):
            x = np.take(x, _places(x.shape[axis], *pair, mode), axis)
    return x if any(pair != (0, 0) for pair in widths) else x.copy()


def _places(n: int, before: int, after: int, mode: str) -> Any:
    """Return the place along an axis of length n that each place of the padded axis is taken from.

    reflect: 2 1 | 0 1 2 | 1 0;  replicate: 0 0 | 0 1 2 | 2 2;  circular: 1 2 | 0 1 2 | 0 1.
    """
    places = np.arange(-before, n + after)
    if mode == "replicate":
        return np.clip(places, 0, n - 1)
    if mode == "circular":
        return places % n
    places = np.abs(places)
    return np.where(places < n, places, 2 * (n - 1) - places)


@structural(
    x=lambda upstream, widths, mode: pad_from_within(upstream, widths=widths, mode=mode),
)
def fold_border(x: Any, *, widths: Widths, mode: str) -> Any:
    """Add a border up where it was taken from: the adjoint of ``pad_from_within``."""
    for axis in reversed(range(x.ndim)):
        before, after = widths[axis]
        if (before, after) == (0, 0):
            continue
        lead = (slice(None),) * axis
        n = x.shape[axis] - before - after
        places = _places(n, before, after, mode)
        first, last = max(before, 0), x.shape[axis] - max(after, 0)
        z = np.zeros((*x.shape[:axis], n, *x.shape[axis + 1 :]), x.dtype)
        z[(*lead, slice(places[first], places[last - 1] + 1))] = x[(*lead, slice(first, last))]
        for i in (*range(first), *range(last, x.shape[axis])):  # as many as the border is wide
            z[(*lead, places[i])] += x[(*lead, i)]
        x = z
    return x if any(pair != (0, 0) for pair in widths) else x.copy()


@naming
def pad(x: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    """Put a border around the last axes.

    Shapes: (..., n) -> (..., before + n + after), and so on for each pair of widths.

    Parameters
    ----------
    x : Tensor
    pad : tuple of int
        (before, after) of the last axis, then of the one before it, and so on.  Negative widths
        take elements off.
    mode : {"constant", "reflect", "replicate", "circular"}
        What the border holds: ``value`` (0 if not given); the mirror image without the edge
        itself; the edge; or the other end.
    value : number, optional
        Only with ``mode="constant"``.

    Raises
    ------
    RuntimeError
        If the widths are not pairs, are for more axes than there are, take off more than there
        is, or a border of the tensor's own elements is wider than the tensor allows.
    NotImplementedError
        If there is no such mode.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.arange(3)
    >>> autograd.pad(x, (1, 2), value=9)
    tensor([9, 0, 1, 2, 9, 9])
    >>> autograd.pad(x, (2, 1), "reflect")
    tensor([2, 1, 0, 1, 2, 1])

    Source: ``torch.nn.functional.pad``.
    """
    shape = np.shape(x)
    given = integers((pad,), "pad")
    if len(given) % 2 or len(given) > 2 * len(shape):
        raise RuntimeError(
            f"pad: expected (before, after) of at most {len(shape)} axes of shape {shape}, got "
            f"{given}"
        )
    pairs = tuple(zip(given[::2], given[1::2], strict=True))[::-1]
    widths = ((0, 0),) * (len(shape) - len(pairs)) + pairs
    if mode in ("constant", "circular"):
        for n, (before, after) in zip(shape, widths, strict=True):
            if n + min(before, 0) + min(after, 0) < 0:
                raise RuntimeError(f"pad: {given} takes off more than there is in shape {shape}")
    if mode == "constant":
        held_by(np.asarray(payload(x)).dtype, value, "pad")
        return pad_with(x, widths=widths, value=0 if value is None else value)
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(
            f"pad: expected mode constant, reflect, replicate or circular, got {mode!r}"
        )
    if value is not None and value != 0:
        raise RuntimeError(f"pad: mode {mode!r} takes no value, got {value}")
    if mode == "circular" and any(n < 0 for n in given):  # it is what is left that goes round
        x = pad_with(x, widths=tuple((min(a, 0), min(b, 0)) for a, b in widths), value=0)
        widths = tuple((max(a, 0), max(b, 0)) for a, b in widths)
    for n, pair in zip(np.shape(x), widths, strict=True):
        limit = {"reflect": n - 1, "circular": n, "replicate": max(pair) if n else 0}[mode]
        if pair != (0, 0) and (max(pair) > limit or n + min(pair) < 1 or n + sum(pair) < 1):
            raise RuntimeError(
                f"pad: a border of {pair} by {mode} does not fit an axis of length {n}; the widest "
                f"is {max(limit, 0)}"
            )
    return pad_from_within(x, widths=widths, mode=mode)
