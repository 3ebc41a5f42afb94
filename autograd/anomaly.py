"""Anomaly detection: which op was the first to make NaN or Inf of finite numbers, and where.

Under ``detect_anomaly`` every op's output is checked as it is computed, and so is a Function's; in
a backward every contribution and what hooks make of it, in forward mode every tangent.  The first
that is not finite although all that went in was is the culprit, and what it does to the rest of the
computation need not be traced.  Each op remembers the user's line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from autograd.graph import Op
from autograd.modes import MODE, Anomaly, Mode, Setting, Switch
from autograd.parts import Parts

if TYPE_CHECKING:
    from autograd.row import Row


class detect_anomaly(Switch):  # noqa: N801 - PyTorch's name
    """Raise as soon as an op, or its derivative, makes NaN or Inf of finite numbers.

    The error names the op, its module, the line of the user's that called it, the first place and
    the values there.  What is not finite to begin with (a mask of ``-inf``) is passed over.
    Everything is checked, so computing takes longer.

    Parameters
    ----------
    check_nan : bool
        Whether NaN is an error; False looks for nothing and only remembers lines, for errors that
        rules raise by themselves.
    check_inf : bool
        Whether Inf is one too.  PyTorch looks for NaN alone, and only in backward; but the Inf of
        ``log(0)`` is where the NaN comes from.

    Raises
    ------
    RuntimeError
        From the op, or from ``backward``.

    Examples
    --------
    >>> import autograd, numpy as np
    >>> x = autograd.tensor([1.0, 0.0], requires_grad=True)
    >>> with np.errstate(divide="ignore"), autograd.detect_anomaly():
    ...     loss = autograd.sqrt(x).sum()
    ...     loss.backward()
    Traceback (most recent call last):
        ...
    RuntimeError: detect_anomaly: the derivative of sqrt (...) made inf at index (1,) of ...

    Source: ``torch.autograd.detect_anomaly``.
    """

    def __init__(self, check_nan: bool = True, check_inf: bool = True) -> None:
        super().__init__()
        self.changes = {"anomaly": Anomaly(check_nan, check_nan and check_inf)}


class set_detect_anomaly(Setting):  # noqa: N801 - PyTorch's name
    """Turn :class:`detect_anomaly` on or off, at once or for a ``with`` block.

    Examples
    --------
    >>> import autograd
    >>> with autograd.set_detect_anomaly(True):
    ...     autograd.is_anomaly_enabled()
    True
    >>> autograd.is_anomaly_enabled()
    False

    Source: ``torch.autograd.set_detect_anomaly``.
    """

    def __init__(self, mode: bool, check_nan: bool = True, check_inf: bool = True) -> None:
        super().__init__(anomaly=Anomaly(check_nan, check_nan and check_inf) if mode else None)


def is_anomaly_enabled() -> bool:
    """Tell whether anomalies are being looked for.

    Examples
    --------
    >>> import autograd
    >>> with autograd.detect_anomaly():
    ...     autograd.is_anomaly_enabled()
    True

    Source: ``torch.is_anomaly_enabled``.
    """
    return MODE.get().anomaly is not None


# ---------------------------------------------------------------- called while recording


def check_forward(
    row: Row,
    operands: Sequence[Any],
    attributes: dict[str, Any],
    outputs: Sequence[Any],
    mode: Mode,
) -> None:
    """Raise if an op made of finite operands an output that is not.

    Parameters
    ----------
    row : Row
    operands, outputs : sequence of ndarray, NumPy scalar or number
    attributes : dict
    mode : Mode
        With the place of the user's call in ``location``.
    """
    wanted = mode.anomaly
    if wanted is None:
        return
    for i, z in enumerate(outputs):
        place = first_bad(z, wanted)
        if place is None:
            continue
        if any(first_bad(x, wanted) is not None for x in (*operands, *attributes.values())):
            return
        names = row.names_of(len(operands))
        if row.elementwise:
            values = [
                f"{name} = {np.broadcast_to(x, np.shape(z))[place]}"
                for name, x in zip(names, operands, strict=True)
            ]
        else:
            values = [_summary(name, x) for name, x in zip(names, operands, strict=True)]
        whose = f"output {row.outputs[i]}" if row.outputs else "its output"
        _raise(_title(row.name, mode), z, place, whose, "operands", values)


def finite_arguments(args: Sequence[Any], mode: Mode) -> list[str] | None:
    """Describe what a Function is called with; None if nothing is asked, or it is not finite."""
    if mode.anomaly is None or any(first_bad(x, mode.anomaly) is not None for x in args):
        return None
    return [_summary(f"argument {i}", x) for i, x in enumerate(args) if _bare(x) is not None]


def check_function(name: str, given: list[str], results: Sequence[Any], mode: Mode) -> None:
    """Raise if a Function's forward made of finite arguments an output that is not."""
    assert mode.anomaly is not None
    for i, z in enumerate(results):
        place = first_bad(z, mode.anomaly)
        if place is not None:
            whose = f"output {i}" if len(results) > 1 else "its output"
            _raise(_title(name, mode), z, place, whose, "arguments", given)


# ---------------------------------------------------------------- called while walking


def check_rule(op: Op, upstream: Any, sent: Sequence[Any], wanted: Anomaly) -> None:
    """Raise if the rules of an op sent what is not finite, given an upstream that is."""
    for i, c in enumerate(sent):
        place = first_bad(c, wanted)
        if place is None or type(c) is Parts:
            continue
        if first_bad(upstream, wanted) is not None:
            return
        values = [_summary("upstream", upstream), *_values_at(op, c, place)]
        title = f"the derivative of {_title(op.name, op.mode)}"
        whose = f"the gradient of {op.operand_names[i]}"
        _raise(title, c, place, whose, "upstream", values)


def check_tangent(op: Op, came: Sequence[Any], tangent: Any, wanted: Anomaly) -> None:
    """Raise if an op made of the finite tangents of its operands one that is not."""
    place = first_bad(tangent, wanted)
    if place is None or type(tangent) is Parts:
        return
    if any(first_bad(t, wanted) is not None for t in came):
        return
    values = [
        _summary(f"tangent of {name}", t)
        for name, t in zip(op.operand_names, came, strict=True)
        if t is not None
    ]
    values += _values_at(op, tangent, place)
    title = f"the derivative of {_title(op.name, op.mode)}"
    _raise(title, tangent, place, "the tangent of its output", "tangents", values)


def check_hooks(node: Any, before: Any, after: Any, wanted: Anomaly) -> None:
    """Raise if hooks made of a finite gradient one that is not."""
    place = None if after is before else first_bad(after, wanted)
    if place is None or type(after) is Parts or first_bad(before, wanted) is not None:
        return
    what = f"the output of {_title(node.name, node.mode)}" if isinstance(node, Op) else "a leaf"
    values = [_summary("gradient", before)]
    _raise("a hook", after, place, f"the gradient of {what}", "numbers", values)


def check_sum(node: Any, upstream: Any, wanted: Anomaly) -> None:
    """Raise if contributions, which were finite, have a sum that is not."""
    place = first_bad(upstream, wanted)
    if place is not None and type(upstream) is not Parts:
        what = f"the output of {_title(node.name, node.mode)}" if isinstance(node, Op) else "a leaf"
        _raise("the sum of the contributions", upstream, place, f"the gradient of {what}", "", [])


def _values_at(op: Op, value: Any, place: tuple[int, ...]) -> Iterator[str]:
    """Yield what an op saved of its operands, at a place of a value or all in all."""
    for name, x in zip(op.operand_names, op.saved, strict=True):
        if np.shape(x) == np.shape(value) and x is not None:
            yield f"{name} = {_bare(x)[place]}"
        elif x is not None:
            yield _summary(name, x)


# ---------------------------------------------------------------- what is not finite


def first_bad(value: Any, wanted: Anomaly) -> tuple[int, ...] | None:
    """Return the first index of a value that is NaN (or Inf), None if there is none."""
    if type(value) is Parts:
        found = (first_bad(part, wanted) for part in value)
        return next((place for place in found if place is not None), None)
    bare = _bare(value)
    if not wanted.check_nan or bare is None or bare.dtype.kind not in "fc":
        return None
    bad = ~np.isfinite(bare) if wanted.check_inf else np.isnan(bare)
    if not bad.any():
        return None
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), bare.shape))


def _bare(value: Any) -> Any:
    """Return a Tensor, an array or a number as an array; None of what is none of these."""
    value = getattr(value, "payload", value)
    if isinstance(value, (np.ndarray, np.generic, float)):
        return np.asarray(value)
    return None


def _title(name: str, mode: Mode) -> str:
    words = name
    if mode.module:
        words += f" in module {mode.module}"
    if mode.source is not None:
        words += f" ({mode.source[0]}:{mode.source[1]})"
    return words


def _summary(name: str, value: Any) -> str:
    bare = _bare(value)
    if bare is None or not bare.size or not bare.ndim:
        return f"{name} = {value}"
    return f"{name} {bare.shape} from {bare.min()} to {bare.max()}"


def _raise(
    title: str,
    value: Any,
    place: tuple[int, ...],
    whose: str,
    finite: str,
    values: Iterable[str],
) -> NoReturn:
    made = _bare(value)[place]
    where = f" at index {place} of {whose}" if place else f" as {whose}"
    listed = "; ".join(values)
    given = f" from finite {finite}: {listed}" if listed else ""
    raise RuntimeError(f"detect_anomaly: {title} made {made}{where}{given}")
