"""One sample or a batch of them: what the functions on images (or lines, or volumes) share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .arguments import check_floating, shape_of

__all__ = ["check_images", "on_images"]

AXES = {1: "L", 2: "H, W", 3: "D, H, W"}


def check_images(function: str, input: Any, rank: int, floating: bool = True) -> bool:
    """Refuse what is no image of ``rank`` dimensions, or empty; return whether it is a batch."""
    if floating:
        check_floating(function, input=input)
    shape = shape_of(input)
    if len(shape) not in (rank + 1, rank + 2) or 0 in shape[-rank - 1 :]:
        empty = " without an empty axis but N" if len(shape) in (rank + 1, rank + 2) else ""
        raise ValueError(
            f"{function}: input must have shape (N, C, {AXES[rank]}) or (C, {AXES[rank]}){empty}, "
            f"got {shape}"
        )
    return len(shape) == rank + 2


def on_images(
    function: str, operation: Callable[..., Any], input: Any, rank: int, **attributes: Any
) -> Any:
    """Run an operation on a batch, or on one sample as a batch of one."""
    if check_images(function, input, rank):
        return operation(input, **attributes)
    return operation(input[None], **attributes)[0]
