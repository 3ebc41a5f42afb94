"""The function that a learner calls, written from its row of calculus: ``multiply(x, y)``.

It has the row's own signature, and for an elementwise op of one or two operands a short path for
scalars, which stores the operands in fixed slots and allocates two objects, the handle and the op.
There is no second scalar type and no second loop; a scalar op differs from any other in that its
``guards`` are None, since NumPy scalars never change.  Ops on small arrays of one shape and dtype
take the same short path, with a guard a slot.  What neither path takes goes to ``record``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.generate.compiling import make
from autograd.generate.operators import call
from autograd.spelling import NOT_GIVEN, chosen, refuse_out, spellings

if TYPE_CHECKING:
    from autograd.row import Row

_SCALAR_UNARY = """
    if type({x}) is Tensor:
        a = {x}.payload
        if type(a) is float64 or type(a) is float32:
            z = {compute}
            mode = get_mode()
            if not mode.watched:
                node = {x}._node
                t = new(Tensor)
                t.payload = z
                t.storage = t.view_of = None
                if node is not None and mode.recording:
                    op = ScalarOp()
                    op.row = ROW
                    op.sequence = next(clock)
                    op.value = z
                    op.mode = mode
                    op.grad = op.walk = None
                    op.x = node
                    op.saved_x = a
                    op.y = op.saved_y = None
                    t._node = op
                else:
                    t._node = None
                return t
"""

_SCALAR_BINARY = """
    p = type({x})
    q = type({y})
    if p is Tensor:
        a = {x}.payload
        r = type(a)
        if q is Tensor:
            b = {y}.payload
            short = type(b) is r and (r is float64 or r is float32)
            n = {y}._node
        else:
            b = {y}
            short = (q is float or q is int or q is r) and (r is float64 or r is float32)
            n = None
        m = {x}._node
    elif q is Tensor:
        a = {x}
        b = {y}.payload
        r = type(b)
        short = (p is float or p is int or p is r) and (r is float64 or r is float32)
        m = None
        n = {y}._node
    else:
        short = False
    if short:
        mode = get_mode()
        if not mode.watched:
            z = {compute}
            t = new(Tensor)
            t.payload = z
            t.storage = t.view_of = None
            if mode.recording and (m is not None or n is not None):
                op = ScalarOp()
                op.row = ROW
                op.sequence = next(clock)
                op.value = z
                op.mode = mode
                op.grad = op.walk = None
                op.x = m
                op.y = n
                op.saved_x = a
                op.saved_y = b
                t._node = op
            else:
                t._node = None
            return t
"""

_SMALL_UNARY = """
    if type({x}) is Tensor:
        a = {x}.payload
        node = {x}._node
        if node is not None and type(a) is ndarray and {x}.view_of is None:
            dtype = a.dtype
            mode = get_mode()
            if mode.recording and not mode.watched and (dtype is FLOAT32 or dtype is FLOAT64):
                size = a.nbytes
                z = {compute}
                if size > SMALL or type(z) is not ndarray{same}:
                    return remember(ROW, z, ({x},), (a,), (node,), 1, mode)
                op = SmallOp()
                op.x = node
                op.saved_x = a
                op.guard_x = {x}.storage or {x}.share()
                op.y = op.saved_y = op.guard_y = None
"""

_SMALL_BINARY = """
    if type({x}) is Tensor and type({y}) is Tensor:
        a = {x}.payload
        b = {y}.payload
        if type(a) is ndarray and type(b) is ndarray and {x}.view_of is None is {y}.view_of:
            dtype = a.dtype
            if b.dtype is dtype and (dtype is FLOAT32 or dtype is FLOAT64) and {fits}:
                m = {x}._node
                n = {y}._node
                mode = get_mode()
                if mode.recording and not mode.watched and (m is not None or n is not None):
                    size = a.nbytes
                    z = {compute}
                    if size > SMALL or type(z) is not ndarray{same}:
                        tracked = (m is not None) + 2 * (n is not None)
                        return remember(ROW, z, ({x}, {y}), (a, b), (m, n), tracked, mode)
                    op = SmallOp()
                    op.x = m
                    op.y = n
                    op.saved_x = a
                    op.saved_y = b
                    op.guard_x = {x}.storage or {x}.share()
                    op.guard_y = {y}.storage or {y}.share()
"""

_SMALL_REST = """
op.row = ROW
op.sequence = next(clock)
op.value = z
op.mode = mode
op.grad = op.walk = op._contributions = None
op.shape = {shape}
op.dtype = dtype
op.guard_z = storage = Storage()
storage.changed = storage.version = storage.rebased = 0
t = new(Tensor)
t.payload = z
t._node = op
t.storage = storage
t.view_of = None
return t
"""

# What the short paths call their own: an operand of such a name is bound to another first.
_LOCALS = frozenset(
    "a b m n p q r t z op mode node dtype shape short size storage tracked FORWARD ROW".split()
)


def recording_function(
    row: Row, namespace: dict[str, Any], operator: bool = False
) -> Callable[..., Any]:
    """Write the function that computes and records ``row``, with the signature of its forward.

    It also knows PyTorch's names of the operands (spelling.py), and NumPy's ``out``, to refuse it
    with a sentence; an ``operator`` is given its operands in order and knows neither.
    """
    forward = row.forward
    defaults: list[Any] = [*(forward.__defaults__ or ())]
    required = len(row.names) - len(defaults)
    lines: list[str] = []
    defaults_of: dict[str, Any] = {}
    if row.variadic:
        parameters, operands = [f"*{row.names[0]}"], row.names[0]
    else:
        parameters = [n if i < required else f"{n}=None" for i, n in enumerate(row.names)]
        operands = f"({', '.join(row.names)},)"
        if _is_for_learners(row) and not operator:
            known = spellings(row.name, (*row.names, *row.attributes))
            further = {name: own for name, own in known.items() if own in row.names}
            if further:
                parameters = [f"{n}=None" for n in row.names]
                defaults = [*[NOT_GIVEN] * required, *defaults]
            parameters += ["out=None", *(f"{name}=None" for name in further)]
            lines += _named_operands(further)
            defaults_of = dict(zip(row.names, defaults, strict=False))
            defaults += [None, *[None] * len(further)]
        if row.attributes:
            parameters.append("*")
    parameters += [f"{name}=None" for name in row.attributes]
    called = row.names
    if row.has_array_path:
        if not _LOCALS.isdisjoint(row.names):
            called = ("_x", "_y")[: len(row.names)]
            operands = f"({', '.join(called)},)"
            lines.append(f"        {', '.join(called)} = {', '.join(row.names)}")
        lines += _short_paths(row, called)
    lines += _plain_path(row, called)
    attributes = ", ".join(f"{name!r}: {name}" for name in row.attributes)
    lines.append(f"        return record(ROW, {operands}, {{{attributes}}})")
    captured: dict[str, Any] = {"ROW": row}
    captured |= {"FORWARD": row.scalar_forward, "ARRAY_FORWARD": forward}
    captured |= {"CHOSEN": chosen, "DEFAULTS": defaults_of, "REFUSE_OUT": refuse_out}
    captured |= {"UFUNC": row.ufunc}
    function = make(forward.__name__, parameters, lines, namespace, **captured)
    function.__defaults__ = tuple(defaults) or None
    function.__kwdefaults__ = forward.__kwdefaults__
    return function  # type: ignore[no-any-return]


def _is_for_learners(row: Row) -> bool:
    """Tell whether a row's function is public, and so may be given ``out`` and other names."""
    if row.variadic or "out" in (*row.names, *row.attributes):
        return False
    return row.name == row.forward.__name__.rstrip("_")


def _named_operands(further: dict[str, str]) -> list[str]:
    """Return the lines that refuse ``out`` and take operands under PyTorch's names.

    An ordinary call gives neither, and pays a comparison for each: a default at the end costs a
    record 3 ns and a comparison 2, a keyword or a wrapper 15 to 60.
    """
    given = " or ".join(f"out is not {name}" for name in further) or "out is not None"
    lines = [f"        if {given}:"]
    lines += ["            if out is not None:", "                REFUSE_OUT(ROW.name)"]
    for name, own in further.items():
        given = f"{own!r}, {own}, {name!r}, {name}, DEFAULTS[{own!r}]"
        lines += [
            f"            if {name} is not None:",
            f"                {own} = CHOSEN(ROW.name, {given})",
        ]
    return lines


def _short_paths(row: Row, called: tuple[str, ...]) -> list[str]:
    """Return the lines for scalars and for small arrays, which return if they can."""
    names = dict(zip("xy", called, strict=False))
    unary = len(names) == 1
    values = ["a", "b"][: len(names)]
    text = ""
    if row.has_scalar_path:
        compute = call(row.scalar_forward, "FORWARD", values)
        text += (_SCALAR_UNARY if unary else _SCALAR_BINARY).format(compute=compute, **names)
    compute = call(row.forward, "ARRAY_FORWARD", values)
    keeps_dtype = not compute.startswith("ARRAY_FORWARD(")  # arithmetic
    if row.ufunc is not None:
        compute += f" if size < WORTH_THREADS else SHARED(UFUNC, {', '.join(values)})"
    text += (_SMALL_UNARY if unary else _SMALL_BINARY).format(
        compute=compute,
        same="" if keeps_dtype else " or z.dtype is not dtype",
        fits="(shape := a.shape) == b.shape" if row.elementwise else "b.nbytes <= SMALL",
        **names,
    )
    rest = _SMALL_REST.format(shape="z.shape" if unary or not row.elementwise else "shape")
    lines = ["    " + line for line in text.split("\n") if line]
    indent = " " * (20 if unary else 24)
    return [*lines, *(indent + line for line in rest.split("\n") if line)]


def _plain_path(row: Row, called: tuple[str, ...]) -> list[str]:
    """Return the lines that take a rule's call on arrays of one dtype straight to the forward."""
    if row.variadic or row.caches or row.outputs or row.forward.__defaults__:
        return []
    arguments = ", ".join([*called, *(f"{name}={name}" for name in row.attributes)])
    conditions = [f"type({name}) is ndarray" for name in called]
    if row.promotes:
        first, *others = called
        conditions += [f"{first}.dtype is {other}.dtype" for other in others]
        conditions.append(f"({first}.dtype is FLOAT32 or {first}.dtype is FLOAT64)")
    return [
        f"        if {' and '.join(conditions)}:",
        "            try:",
        f"                return ARRAY_FORWARD({arguments})",
        "            except (ValueError, TypeError):",
        "                pass  # record says it better",
    ]
