"""How a Tensor prints: its values, its dtype where it is not the usual one, and its record.

The layout is PyTorch's to the letter: one number format for the whole tensor (whole, decimal or
scientific), columns as wide as the widest element, long tensors summarised by their edges.  Only
names differ: ``float64`` for ``torch.float64`` and ``grad_fn=<multiply>`` for
``grad_fn=<MulBackward0>``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.graph import Op
from autograd.hollow import is_hollow
from autograd.promotion import get_default_dtype

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["set_printoptions"]


@dataclass(frozen=True)
class PrintOptions:
    """What :func:`set_printoptions` sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}
_options = [PrintOptions()]


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Say how tensors print from now on.

    Parameters
    ----------
    precision : int, optional
        Digits after the point (4).
    threshold : int, optional
        Elements above which a tensor is summarised (1000).
    edgeitems : int, optional
        Elements shown at either end of each axis of a summary (3).
    linewidth : int, optional
        Characters in a line (80).
    profile : {"default", "short", "full"}, optional
        A set of these, to start from.
    sci_mode : bool, optional
        Always or never in scientific notation; None decides by the values.

    Raises
    ------
    ValueError
        If there is no such profile, or a number is negative.
    TypeError
        If one is no integer.

    Examples
    --------
    >>> import autograd
    >>> autograd.set_printoptions(precision=2)
    >>> autograd.tensor([1.0, 2.5])
    tensor([1.00, 2.50])
    >>> autograd.set_printoptions(profile="default")

    Source: ``torch.set_printoptions``.
    """
    chosen = _options[0]
    if profile is not None:
        if profile not in _PROFILES:
            raise ValueError(
                f"set_printoptions: expected one of {', '.join(_PROFILES)} as profile, got "
                f"{profile!r}"
            )
        chosen = _PROFILES[profile]
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    changes: dict[str, Any] = {
        name: _counted(value, name) for name, value in given.items() if value is not None
    }
    _options[0] = replace(chosen, **changes, sci_mode=sci_mode)


def _counted(value: Any, name: str) -> Any:
    """Return a number of digits, elements or characters; ``threshold`` may be infinite."""
    if name == "threshold" and isinstance(value, float) and value >= 0:
        return value
    try:
        number = operator.index(value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"set_printoptions: expected an integer as {name}, got {value!r:.60}"
        ) from None
    if number < 0:
        raise ValueError(f"set_printoptions: expected {name} of 0 or more, got {number}")
    return number


def tensor_repr(tensor: Tensor) -> str:
    """Return ``tensor([1., 2.], requires_grad=True)``, as PyTorch prints it."""
    options = _options[0]
    values = np.asarray(tensor.payload)
    start = "tensor("
    if is_hollow(values):
        return f"{start}..., size={values.shape}, dtype={values.dtype}, shape_only=True)"
    text = start + _written(values, len(start), options)
    column = len(text) - (text.rfind("\n") + 1)
    for suffix in _suffixes(tensor, values, options.edgeitems):
        if column + len(suffix) + 3 > options.linewidth:
            text += f",\n{' ' * len(start)}{suffix}"
            column = len(start) + len(suffix)
        else:
            text += f", {suffix}"
            column += len(suffix) + 2
    return text + ")"


def _suffixes(tensor: Tensor, values: np.ndarray[Any, Any], edgeitems: int) -> list[str]:
    """Return what follows the values: what they and the brackets do not show."""
    suffixes = []
    if values.ndim != 1 if not values.size else not edgeitems:
        suffixes.append(f"size={values.shape}")
    usual = (get_default_dtype(), np.dtype(np.int64), np.dtype(np.bool_))
    if values.dtype not in (usual if values.size else usual[:1]):
        suffixes.append(f"dtype={values.dtype}")
    node = tensor.node
    if isinstance(node, Op):
        suffixes.append(f"grad_fn=<{node.name}>")
    elif node is not None:
        suffixes.append("requires_grad=True")
    return suffixes


def _written(values: np.ndarray[Any, Any], indent: int, options: PrintOptions) -> str:
    if not values.size:
        return "[]"
    summarised = values.size > options.threshold
    shown = _edges(values, options.edgeitems) if summarised else values
    width, write = _format(shown, options)
    return _nested(values, indent, width, write, summarised, options)


def _edges(values: np.ndarray[Any, Any], edge: int) -> np.ndarray[Any, Any]:
    """Return the elements that a summary shows, which alone decide its format."""
    for axis, length in enumerate(values.shape):
        if length > 2 * edge:
            ends = [*range(edge), *range(length - edge, length)]
            values = np.take(values, ends, axis)
    return values


def _nested(
    values: np.ndarray[Any, Any],
    indent: int,
    width: int,
    write: Callable[[Any], str],
    summarised: bool,
    options: PrintOptions,
) -> str:
    """Write brackets in brackets; innermost, as many numbers as fit in a line."""
    if not values.ndim:
        return write(values.item())
    edge = options.edgeitems
    cut = summarised and len(values) > 2 * edge
    ends = [*values[:edge], *values[len(values) - edge :]] if cut else list(values)
    if values.ndim == 1:
        items = [write(value.item()) for value in ends]
        if cut:
            items.insert(edge, " ..." if edge else "...")
        per_line = max(1, (options.linewidth - indent) // (width + 2))
        lines = [", ".join(items[i : i + per_line]) for i in range(0, len(items), per_line)]
        return "[" + f",\n{' ' * (indent + 1)}".join(lines) + "]"
    parts = [_nested(part, indent + 1, width, write, summarised, options) for part in ends]
    if cut:
        parts.insert(edge, "...")
    return "[" + f",{chr(10) * (values.ndim - 1)}{' ' * (indent + 1)}".join(parts) + "]"


def _format(
    values: np.ndarray[Any, Any], options: PrintOptions
) -> tuple[int, Callable[[Any], str]]:
    """Choose how all numbers are written, and the width of the column they are aligned in.

    Floats are whole (``2.``), decimal or scientific; infinities, nans and zeros take what the
    other numbers chose and may stand out of the column.
    """
    if values.dtype.kind != "f":
        width = max((len(str(value)) for value in values.ravel().tolist()), default=1)
        return width, lambda value: str(value).rjust(width)
    numbers = values[np.isfinite(values) & (values != 0)].astype(np.float64)
    if not numbers.size:
        return 1, _whole
    sizes = np.abs(numbers)
    smallest, largest = float(sizes.min()), float(sizes.max())
    scientific = options.sci_mode
    if scientific is None:
        scientific = largest / smallest > 1000 or largest > 1e8 or smallest < 1e-4
    whole = bool(np.all(numbers == np.ceil(numbers)))
    digits = options.precision
    write: Callable[[float], str]
    if scientific:
        write = lambda value: f"{value:.{digits}e}"  # noqa: E731
    elif whole:
        write = _whole
    else:
        write = lambda value: f"{value:.{digits}f}"  # noqa: E731
    width = max(len(write(value)) for value in numbers.tolist())
    return width, lambda value: write(value).rjust(width)


def _whole(value: float) -> str:
    return f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"
