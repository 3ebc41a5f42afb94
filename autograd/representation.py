"""How a Tensor prints: its values, its dtype where it is not the usual one, and its record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.graph import Op
from autograd.promotion import get_default_dtype

if TYPE_CHECKING:
    from autograd.tensor import Tensor


def tensor_repr(tensor: Tensor) -> str:
    """Return ``tensor([1., 2.], requires_grad=True)``, as PyTorch prints it."""
    values = np.asarray(tensor.payload)
    start = "tensor("
    body = np.array2string(
        values,
        separator=", ",
        prefix=start,
        threshold=1000,
        formatter=_formatter(values),  # type: ignore[arg-type]
    )
    parts = [body] if values.size else ["[]"]
    if not values.size and values.ndim != 1:
        parts.append(f"size={values.shape}")
    usual = (get_default_dtype(), np.dtype(np.int64), np.dtype(np.bool_))
    if tensor.dtype not in (usual if values.size else usual[:1]):
        parts.append(f"dtype={tensor.dtype}")
    node = tensor.node
    if isinstance(node, Op):
        parts.append(f"grad_fn=<{node.name}>")
    elif node is not None:
        parts.append("requires_grad=True")
    return f"{start}{', '.join(parts)})"


def _formatter(values: np.ndarray[Any, Any]) -> dict[str, Callable[[Any], str]] | None:
    """Align numbers and booleans to the right, as PyTorch does."""
    write: Callable[[Any], str]
    if values.dtype.kind == "f":
        kind, write = "float_kind", _float_format(values)
        finite = values[np.isfinite(values)]
        widest = [finite.min(), finite.max()] if finite.size else []
    elif values.dtype.kind == "b":
        kind, write = "bool", str
        widest = [bool(np.all(values))] if values.size else []
    else:
        return None
    width = max((len(write(v)) for v in widest), default=0)
    return {kind: lambda v: write(v).rjust(width)}


def _float_format(values: np.ndarray[Any, Any]) -> Callable[[float], str]:
    """Choose ``1.``, ``1.5000`` or ``1.5000e-06`` for all values, as PyTorch does."""
    finite = np.abs(values[np.isfinite(values)].astype(np.float64))
    nonzero = finite[finite > 0]
    wide = bool(nonzero.size) and (
        nonzero.max() / nonzero.min() > 1000 or nonzero.max() > 1e8 or nonzero.min() < 1e-4
    )
    whole = bool(np.all(finite == np.round(finite)))
    if whole and not wide:
        return lambda v: f"{v:.0f}." if np.isfinite(v) else f"{v}"
    return lambda v: (f"{v:.4e}" if wide else f"{v:.4f}") if np.isfinite(v) else f"{v}"
