"""Recording: compute a forward and, where an operand requires grad, remember how.

``record`` is the general path of every op (generate/recording.py writes a shorter one for
scalars).  It unwraps the operands, promotes them, runs the forward on arrays, and makes a node
that holds the operands' *nodes*, the payloads that the rules will read, each with the version it
had, and small ones besides for the pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import keeping
from autograd.anomaly import check_forward
from autograd.blocks import WORTH_THREADS, shared
from autograd.compute import compute
from autograd.graph import ArrayOp, Guard, Node, Op, ScalarOp, SmallOp
from autograd.modes import MODE, Mode
from autograd.naming import type_name
from autograd.parts import Parts
from autograd.promotion import COMPLEX, get_default_dtype, promote
from autograd.storage import Storage, Storages, View, clock, new_storage

if TYPE_CHECKING:
    from autograd.row import Row
    from autograd.tensor import Tensor

SMALL_OP = 1 << 12  # bytes of an operand up to which what is recorded is a SmallOp
INSPECT_LIMIT = 1 << 20  # bytes of a payload that no rule names, held while recording

FLOATS = "fde"  # NumPy's characters of the dtypes that have a derivative
WIDE = "fd"  # of those that hold the numbers which stand beside them
HELD = frozenset("fde?bhilqBHILQ")  # of all that a Tensor may have
HALF, SINGLE = np.dtype(np.float16), np.dtype(np.float32)
WEAK = frozenset({float, int, bool, type(None)})  # operands that decide no dtype
NOTHING: dict[str, Any] = {}
COPIED = (np.ndarray, Parts)  # payloads that can change

_new: Any = object.__new__

# What generated functions see.  "Tensor" is put there by tensor.py, whose methods are our
# functions, and "Support" by rules.py, which calls them.
RECORDING: dict[str, Any] = {
    "__name__": __name__,  # whose frames are not the user's
    "clock": clock,
    "get_mode": MODE.get,
    "new": _new,
    "float32": np.float32,
    "float64": np.float64,
    "ndarray": np.ndarray,
    "FLOAT32": np.dtype(np.float32),
    "FLOAT64": np.dtype(np.float64),
    "SHARED": shared,
    "SMALL": SMALL_OP,
    "ScalarOp": ScalarOp,
    "SmallOp": SmallOp,
    "Storage": Storage,
    "Support": None,
    "Tensor": None,
    "WORTH_THREADS": WORTH_THREADS,
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
    """Tell whether ``value`` is a Tensor (or a Parameter).

    Examples
    --------
    >>> import autograd
    >>> autograd.is_tensor(autograd.zeros(2)), autograd.is_tensor([0.0, 0.0])
    (True, False)

    Source: ``torch.is_tensor``.
    """
    return isinstance(value, RECORDING["Tensor"])


def record(row: Row, operands: Sequence[Any], attributes: dict[str, Any]) -> Any:
    """Compute a row's forward and, if an operand requires grad, record it.

    Operands that are no Tensors are constants; without any Tensor the result is plain NumPy.
    """
    cls = RECORDING["Tensor"]
    payloads = []
    nodes: list[Node | None] = []
    tensors = mixed = False
    tracked = 0  # bit set of the operands that require grad
    common = None
    bit = 1
    for operand in operands:
        if isinstance(operand, cls):
            if row.view and type(operand.payload) is not np.ndarray:
                operand.share()
            node = operand._node if operand.view_of is None else operand.node
            payload = operand.payload
            tensors = True
            if node is not None:
                tracked |= bit
        else:
            node = None
            payload = _constant(row, operand)
            if payload is not operand and type(payload) is np.ndarray:  # of a list
                operands = [payload if other is operand else other for other in operands]
        if type(payload) not in WEAK:
            if payload.dtype is not common:
                mixed = mixed or common is not None
                common = payload.dtype
        payloads.append(payload)
        nodes.append(node)
        bit += bit
    if not tensors:
        payloads = list(operands)  # plain NumPy: its scalars stay what they are
    promoted = payloads
    single = False
    if mixed or common is None or common.char not in WIDE:
        if row.promotes:
            promoted = promote(payloads, row.promotes == "float", row.name, row.single)
        if row.single:
            dtypes = [getattr(p, "dtype", None) for p in promoted]
            halves = [dtype is HALF for dtype in dtypes]
            single = any(halves)
            if not row.promotes and any(dtype is SINGLE for dtype in dtypes):
                single, halves = False, [False] * len(halves)  # two dtypes, which the op refuses
            promoted = [
                p.astype(SINGLE) if half else p for p, half in zip(promoted, halves, strict=True)
            ]
    mode = MODE.get()
    if mode.anomaly is not None:
        mode = mode.but(location=_user_frame())
    if tracked and mode.recording and keeping.pending_release() and keeping.any_large(payloads):
        keeping.let_go_of_last()  # before the forward needs room
    z = compute(row, promoted, attributes)
    cached: dict[str, Any] = NOTHING
    if row.caches:
        z, *kept = z
        cached = dict(zip(row.caches, kept, strict=True))
    elif row.variadic:  # a constant has no node to tell its shape
        cached = {f"{row.names[0]}_shape": [np.shape(payload) for payload in promoted]}
    if single:
        z = _halved(z)
    if not tensors:
        if getattr(getattr(z, "dtype", None), "char", "") == "O":  # NumPy takes anything
            raise TypeError(f"{row.name}: expected a Tensor, an array or a number, got None")
        return z
    if mode.anomaly is not None:
        check_forward(row, promoted, attributes, z if row.outputs else (z,), mode)
    if row.outputs:
        operands = _uncast(operands, promoted, payloads)
        return _record_several(row, z, operands, promoted, nodes, tracked, mode, attributes, cached)
    storage = view = None
    if row.view and (np.may_share_memory(z, payloads[0]) or (z.base is not None and not z.size)):
        storage, view = _view_of(operands[0], row, attributes)
    if not tracked or not mode.recording or not row.differentiable or z.dtype.char not in FLOATS:
        if z.dtype.char not in HELD:
            _refuse_foreign(row, operands)
        return handle(z, None, storage, view)
    operands = _uncast(operands, promoted, payloads)
    made = remember(row, z, operands, promoted, nodes, tracked, mode, storage)
    made.view_of = view
    op: Any = made._node
    op.attributes = attributes
    op.cached = cached
    return made


def _halved(z: Any) -> Any:
    """Return results in single precision, one or a tuple, as half floats."""
    if type(z) is tuple:
        return tuple(map(_halved, z))
    return z.astype(HALF) if z.dtype is SINGLE else z


def _uncast(
    operands: Sequence[Any], promoted: Sequence[Any], payloads: Sequence[Any]
) -> Sequence[Any]:
    """Return None for the operands that were cast: the copy is one that no one can change."""
    if promoted is payloads:
        return operands
    return [t if p is q else None for t, p, q in zip(operands, promoted, payloads, strict=True)]


def _record_several(
    row: Row,
    outputs: tuple[Any, ...],
    operands: Sequence[Any],
    payloads: Sequence[Any],
    nodes: Sequence[Node | None],
    tracked: int,
    mode: Mode,
    attributes: dict[str, Any],
    cached: dict[str, Any],
) -> tuple[Tensor, ...]:
    """Record an op of several outputs: one node, and an ``Output(i)`` for each float output."""
    floats = [z.dtype.char in FLOATS for z in outputs]
    if not tracked or not mode.recording or not row.differentiable or not any(floats):
        return tuple(handle(z, None) for z in outputs)
    storages = [new_storage() for _ in outputs]
    z = Parts(outputs)
    op: Any = remember(row, z, operands, payloads, nodes, tracked, mode)._node
    op.attributes = attributes
    op.cached = cached
    named = -1 in row.needed(tracked)
    if named and not mode.inspecting:
        op.guards = (*op.guards[:-1], Storages(storages))
    elif not named and z.nbytes > INSPECT_LIMIT:
        op.value = None
    return tuple(
        output(op, i, z, storage) if flows else handle(z, None, storage)
        for i, (z, storage, flows) in enumerate(zip(outputs, storages, floats, strict=True))
    )


def output(op: Op, i: int, payload: Any, storage: Storage | None) -> Tensor:
    """Return output ``i`` of an op of several, with the node that leads its gradient there."""
    row = op.row.output_rows[i]
    mode = op.mode if op.mode.hooks is None else op.mode.but(hooks=None)
    return remember(row, payload, (None,), (None,), (op,), 1, mode, storage)


def remember(
    row: Row,
    z: Any,
    operands: Sequence[Any],
    payloads: Sequence[Any],
    nodes: Sequence[Node | None],
    tracked: int,
    mode: Mode,
    storage: Storage | None = None,
) -> Tensor:
    """Make the op that remembers a forward, and the Tensor that it made.

    Payloads that a rule reads are held with the version they have now, others up to 1 MiB for the
    pictures; under ``inspect`` all are copied.
    """
    op: Any = ArrayOp()
    op.row = row
    guards: list[Guard] = []
    saved = payloads
    if mode.inspecting:
        saved = [p.copy() if type(p) is np.ndarray else p for p in payloads]
        op.mode = mode.but(location=_user_frame())
        op.value = z.copy() if type(z) in COPIED else z
        guards = [None] * (len(payloads) + 1)
    else:
        op.mode = mode
        for i, payload in enumerate(payloads):
            guard = None
            if type(payload) is np.ndarray:
                operand = operands[i]
                if payload.nbytes > INSPECT_LIMIT and i not in row.needed(tracked):
                    saved = [*saved[:i], None, *saved[i + 1 :]]
                elif type(operand) is not np.ndarray and operand is not None:
                    guard = operand.storage or operand.share()
            guards.append(guard)
        op.value = z
        guard = None
        if type(z) is np.ndarray:
            size = z.nbytes
            if size > keeping.SMALL and keeping.pending_release():
                keeping.let_go_of_last()
            if size > INSPECT_LIMIT and -1 not in row.needed(tracked):
                op.value = None
            else:
                if storage is None:
                    storage = new_storage()
                guard = storage
        guards.append(guard)
    op.sequence = next(clock)
    first = z[0] if type(z) is Parts else z
    op.shape = first.shape
    op.dtype = first.dtype
    op.grad = op._contributions = op.walk = None
    op.guards = tuple(guards)
    op.operands = tuple(nodes)
    op.wanted = (True, True) if tracked == 3 and len(nodes) == 2 else _wanted(nodes)
    op.saved = tuple(saved)
    op.attributes = op.cached = NOTHING
    tensor = _new(RECORDING["Tensor"])
    tensor.payload = z
    tensor._node = op
    tensor.storage = storage
    tensor.view_of = None
    return tensor  # type: ignore[no-any-return]


def _wanted(nodes: Sequence[Node | None]) -> tuple[bool, ...]:
    return tuple([node is not None for node in nodes])


def record_without_forward(
    row: Row, nodes: tuple[Node | None, ...], shape: tuple[int, ...], dtype: Any, **attributes: Any
) -> Op:
    """Record an op whose output is known to exist already (an in-place write through a view)."""
    op: Any = ArrayOp()
    op.row = row
    op.sequence = next(clock)
    op.shape, op.dtype = shape, dtype
    op.value = op.grad = op._contributions = None
    op.walk = None
    op.operands = nodes
    op.wanted = _wanted(nodes)
    op.saved = (None,) * len(nodes)
    op.guards = (None,) * (len(nodes) + 1)
    op.attributes, op.cached = attributes, {}
    op.mode = MODE.get()
    return op  # type: ignore[no-any-return]


def _constant(row: Row, operand: Any) -> Any:
    """Return a constant operand as a number or an array; NumPy scalars count as numbers."""
    if isinstance(operand, (np.floating, np.integer, np.bool_)):
        number = operand.item()
        return number if type(number) in WEAK else float(number)  # of a long double
    if isinstance(operand, (np.ndarray, np.generic, bool, int, float)):
        return operand
    if operand is None and not row.elementwise:
        return operand
    if isinstance(operand, (list, tuple)):
        return numbers(row.name, operand)
    raise TypeError(
        f"{row.name}: expected a Tensor, an array or a number, got {type_name(operand)}"
    )


def _refuse_foreign(row: Row, operands: Sequence[Any]) -> None:
    """Refuse constants of a dtype that no Tensor has (but those of a complex step)."""
    for operand in operands:
        dtype = getattr(operand, "dtype", np.dtype(np.float32))
        if dtype.char not in HELD and not is_tensor(operand):
            what = COMPLEX if dtype.kind == "c" else "expected numbers that a tensor can hold"
            raise TypeError(f"{row.name}: {what}, got dtype {dtype}")


def numbers(name: str, values: Any, dtype: Any = None) -> np.ndarray[Any, Any]:
    """Return nested lists of numbers as an array, floats of the default dtype if not told."""
    listed = isinstance(values, (list, tuple))
    if listed and any(map(is_tensor, values)):  # it would lose its gradient
        raise TypeError(f"{name}: got a list of Tensors; join them with autograd.stack")
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(
            f"{name}: expected nested lists of equal length, got {values!r:.80}"
        ) from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name}: expected numbers, got a list of dtype {array.dtype}")
    if dtype is None and array.dtype.kind == "f":
        dtype = get_default_dtype()
    return array if dtype is None else array.astype(dtype)


def _view_of(tensor: Tensor, row: Row, attributes: dict[str, Any]) -> tuple[Storage, View]:
    storage = tensor.storage or tensor.share()
    above = tensor.view_of
    root, chain = (tensor, ()) if above is None else (above.root, above.chain)
    return storage, View(root, (chain, row.function, attributes), storage.rebased)


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
RECORDING["handle"] = handle
RECORDING["remember"] = remember
