"""Padding, with PyTorch's arguments."""

from __future__ import annotations

from typing import Any

import autograd

__all__ = ["pad"]


def pad(
    input: Any, pad: tuple[int, ...], mode: str = "constant", value: float | None = None
) -> Any:
    """Put a border around the last axes: of a constant, mirrored, of the edge, or going round.

    Elements of a constant border receive no gradient; those taken from the tensor send theirs back
    to where they were taken from.

    Shapes: (..., n) -> (..., before + n + after), for each pair of widths.

    Parameters
    ----------
    input : Tensor
    pad : tuple of int
        (before, after) of the last axis, then of the one before it, and so on. Negative widths take
        elements off.
    mode : {"constant", "reflect", "replicate", "circular"}
    value : number, optional
        Of a constant border, 0 if not given.

    Raises
    ------
    RuntimeError, NotImplementedError
        As of ``autograd.pad``.

    Examples
    --------
    >>> import autograd
    >>> pad(autograd.tensor([1.0, 2.0, 3.0]), (2, 1), "reflect").tolist()
    [3.0, 2.0, 1.0, 2.0, 3.0, 2.0]

    Source: ``torch.nn.functional.pad``.
    """
    return autograd.pad(input, pad, mode, value)
