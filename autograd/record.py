"""Recording: compute a forward and, where an operand requires grad, remember how.

``record`` is the general path of every op (generate.py writes a shorter one for scalars).  It
unwraps the operands, promotes them, runs the forward on arrays, and makes a node that holds the
operands' *nodes*, the payloads that the rules will read, each with the version it had, and
small ones besides for the pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import keeping
from autograd.graph import GeneralOp, Guard, Node, Op
from autograd.modes import MODE
from autograd.promotion import promote
from autograd.storage import Storage, View

if TYPE_CHECKING:
    from autograd.op import Row
    from autograd.tensor import Tensor

INSPECT_LIMIT = 1 << 20  # bytes of a payload that no rule names, held while recording

tick = count(1).__next__
_new: Any = object.__new__

# What generated functions see.  "Tensor" is put there by tensor.py: its methods are our functions.
RECORDING: dict[str, Any] = {
    "__name__": __name__,  # whose frames are not the user's
    "MODE": MODE,
    "new": _new,
    "tick": tick,
    "SCALARS": frozenset({np.float32, np.float64}),
    "NUMBERS": frozenset({float, int}),
    "Tensor": None,
}


def handle(
    payload: Any, node: Node | None, storage: Storage | None = None, view: View | None = None
) -> Tensor:
    """Return a Tensor on ``payload``, which is not copied."""
    tensor = _new(RECORDING["Tensor"])
    tensor.payload = payload
    tensor._node = node
    tensor.storage = storage
    tensor.view_of = view
    return tensor  # type: ignore[no-any-return]


def is_tensor(value: Any) -> bool:
    """Tell whether ``value`` is a Tensor (or a Parameter)."""
    return isinstance(value, RECORDING["Tensor"])


def record(row: Row, operands: Sequence[Any], attributes: dict[str, Any]) -> Any:
    """Compute a row's forward and, if an operand requires grad, record it.

    Operands that are no Tensors are constants; without any Tensor the result is plain NumPy.
    """
    cls = RECORDING["Tensor"]
    tensors = [isinstance(operand, cls) for operand in operands]
    if True not in tensors:
        if row.promotes:
            arrays = [_array(row, operand) for operand in operands]
            operands = promote(arrays, row.promotes == "float")
        z = _forward(row, operands, attributes)
        return z[0] if row.caches else z
    payloads = []
    nodes = []
    for operand, is_tensor in zip(operands, tensors, strict=True):
        if is_tensor:
            if row.view and type(operand.payload) is not np.ndarray:
                operand.share()
            payloads.append(operand.payload)
            nodes.append(operand.node)
        else:
            payloads.append(_array(row, operand))
            nodes.append(None)
    promoted = promote(payloads, row.promotes == "float") if row.promotes else payloads
    z = _forward(row, promoted, attributes)
    cached: dict[str, Any] = {}
    if row.caches:
        z, *kept = z
        cached = dict(zip(row.caches, kept, strict=True))
    if row.variadic:  # a constant has no node to tell its shape
        cached[f"{row.names[0]}_shape"] = [np.shape(payload) for payload in promoted]
    storage = view = None
    if row.view and np.may_share_memory(z, payloads[0]):
        storage, view = _view_of(operands[0], row, attributes)
    mode = MODE.get()
    if not mode.recording or not row.differentiable or z.dtype.kind != "f":
        return handle(z, None, storage, view)
    for node in nodes:
        if node is not None:
            break
    else:
        return handle(z, None, storage, view)

    if keeping.pending_release() and z.nbytes > keeping.SMALL:
        keeping.let_go_of_last()
    op = _new(row.type)
    op.sequence = tick()
    op.shape = z.shape
    op.dtype = z.dtype
    op.grad = op._contributions = None
    op.spent = False
    op.operands = tuple(nodes)
    if isinstance(op, GeneralOp):
        op.attributes = attributes
        op.cached = cached
    needed = row.needed(tuple(n is not None for n in nodes))
    copying = mode.inspecting
    saved = []
    guards: list[Guard] = []
    for i, payload in enumerate(promoted):
        guard = None
        if isinstance(payload, np.ndarray):
            if copying:
                payload = payload.copy()
            elif i not in needed and payload.nbytes > INSPECT_LIMIT:
                payload = None
            elif tensors[i] and payload is payloads[i]:
                cell = operands[i].storage or operands[i].share()
                guard = (cell, cell.version)
        saved.append(payload)
        guards.append(guard)
    guard = None
    if type(z) is np.ndarray:
        if copying:
            op.value = z.copy()
        else:
            op.value = z if -1 in needed or z.nbytes <= INSPECT_LIMIT else None
            if storage is None and op.value is not None:
                storage = Storage()
            guard = (storage, storage.version) if storage is not None else None
    else:
        op.value = z
    guards.append(guard)
    op.saved = tuple(saved)
    op.guards = tuple(guards)
    op.mode = mode.but(location=_user_frame()) if copying else mode
    return handle(z, op, storage, view)


def _forward(row: Row, payloads: Sequence[Any], attributes: dict[str, Any]) -> Any:
    try:
        return row.forward(*payloads, **attributes)
    except ValueError as error:
        if not row.elementwise or "broadcast" not in str(error):
            raise
        shapes = " and ".join(str(np.shape(p)) for p in payloads if p is not None)
        raise RuntimeError(f"{row.name}: operands of shapes {shapes} do not broadcast") from None


def record_without_forward(
    row: Row, nodes: tuple[Node | None, ...], shape: tuple[int, ...], dtype: Any, **attributes: Any
) -> Op:
    """Record an op whose output is known to exist already (an in-place write through a view)."""
    op: Any = _new(row.type)
    op.sequence = tick()
    op.shape, op.dtype = shape, dtype
    op.value = op.grad = op._contributions = None
    op.spent = False
    op.operands = nodes
    op.saved = (None,) * len(nodes)
    op.guards = (None,) * (len(nodes) + 1)
    op.attributes, op.cached = attributes, {}
    op.mode = MODE.get()
    return op  # type: ignore[no-any-return]


def _array(row: Row, operand: Any) -> Any:
    """Return a constant operand as a number or an array; NumPy scalars count as numbers."""
    if operand is None or isinstance(operand, (np.ndarray, bool, int, float, complex)):
        return operand.item() if isinstance(operand, np.float64) else operand
    if isinstance(operand, np.generic):
        return operand
    if isinstance(operand, (list, tuple)):
        return np.asarray(operand)
    raise TypeError(
        f"{row.name}: expected a Tensor, an array or a number, got {type(operand).__name__}"
    )


def _view_of(tensor: Tensor, row: Row, attributes: dict[str, Any]) -> tuple[Storage, View]:
    storage = tensor.storage or tensor.share()
    above = tensor.view_of
    root, chain = (tensor, ()) if above is None else (above.root, above.chain)
    return storage, View(root, (*chain, (row.function, attributes)), storage.rebased)


def _user_frame() -> tuple[Any, int] | None:
    """Return code and instruction of the nearest caller outside Backlight's packages."""
    frame = sys._getframe(2)
    while frame is not None:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package not in ("autograd", "nn", "optim", "numpy"):
            return frame.f_code, frame.f_lasti
        frame = frame.f_back  # type: ignore[assignment]
    return None


RECORDING["record"] = record
