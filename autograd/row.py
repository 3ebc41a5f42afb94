"""A row of calculus: a forward, a rule an operand, and what the engine has to know of them.

What the rules name is read off their parameters: it decides what an op saves.  The functions that
run the rules are written when they are first asked for (generate/backward.py), since most rows of
a program are never differentiated.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from autograd.generate.backward import rules_function, slot_rules
from autograd.generate.operators import ufunc_of
from autograd.parts import Parts
from autograd.record import RECORDING

__all__ = ["Row", "Rule", "output_row"]

Rule = Callable[..., Any]

SLOT_RULES = ("scalar_contributions", "scalar_send", "small_send")  # what slot_rules returns

# Names of what every rule may ask for, and of what a generated function is written with.
_TAKEN = {"upstream", "wanted", "z", "ties", "ROW", "FORWARD", "ARRAY_FORWARD", "CHOSEN"}
_TAKEN |= {"DEFAULTS", "REFUSE_OUT", "UFUNC", *RECORDING}


class Row:
    """A forward and its derivatives: one row of calculus.

    Attributes
    ----------
    names : tuple of str
        The operands; a variadic row (``cat``) has one name for all of them.
    attributes : tuple of str
        The keyword-only parameters.
    rules : tuple
        One an operand: None, a constant (0, 1, -1) or a function.
    run : callable
        The rules as one function, written by generate/backward.py; see rules.py.
    scalar_contributions, scalar_send, small_send : callable
        The rules of ops in fixed slots, without and with sending the contributions on.
    outputs : tuple of str
        The outputs' names, if there are several.
    single : bool
        Whether half floats are computed in single precision, forward and rules.
    ufunc : numpy.ufunc or None
        NumPy's function, if the forward is no more: threads share it on large arrays.
    add_at : callable or None
        ``add_at(total, upstream, **attributes)`` adds a contribution that is zero but at some
        places to a sum in place, and tells whether it could; making it whole costs what the
        operand is large.
    output_rows : tuple of Row
        The rows of the ``Output(i)`` nodes.
    tangent : callable or None
        ``(op, tangents, graph)``: what forward mode uses instead of the rules (function.py).
    """

    function: Callable[..., Any]
    single = False
    add_at: Callable[..., bool] | None = None
    tangent: Callable[..., Any] | None = None

    def __init__(
        self,
        forward: Callable[..., Any],
        rules: dict[str, Any],
        *,
        elementwise: bool,
        promotes: str | None,
        view: bool,
        vjp: Rule | None,
        caches: tuple[str, ...],
        name: str | None,
        scalar: Callable[..., Any] | None,
        outputs: tuple[str, ...],
        single: bool,
    ) -> None:
        self.forward = forward
        self.ufunc = ufunc_of(forward) if elementwise else None
        self.single = single
        self.scalar_forward = scalar or forward
        self.name = name or forward.__name__.rstrip("_")
        self.elementwise = elementwise
        self.promotes = promotes
        self.view = view
        self.outputs = outputs
        self.output_rows = tuple(output_row(self, i) for i in range(len(outputs)))
        self.caches = caches
        self.vjp = vjp
        code = forward.__code__
        self.variadic = bool(code.co_flags & inspect.CO_VARARGS)
        arguments = code.co_varnames[: code.co_argcount]
        attributes_end = code.co_argcount + code.co_kwonlyargcount
        self.attributes = code.co_varnames[code.co_argcount : attributes_end]
        self.names = (code.co_varnames[attributes_end],) if self.variadic else arguments
        unknown = set(rules) - set(self.names)
        if unknown:
            raise TypeError(f"{self.name}: rules for {unknown}, which are not operands")
        self.rules = tuple(rules.get(name) for name in self.names)
        self.defaults = dict(forward.__kwdefaults__ or {})
        self.differentiable = vjp is not None or any(rule is not None for rule in self.rules)
        functions = [*self.rules, vjp]
        self.wants = tuple(_parameters(rule) for rule in functions[:-1])
        self.shared_wants = _parameters(vjp)
        self.has_array_path = (
            self.differentiable
            and vjp is None
            and len(self.names) <= 2
            and not (self.attributes or self.variadic or caches or view or outputs)
            and not forward.__defaults__
        )
        self.has_scalar_path = elementwise and self.has_array_path
        taken = set() if not self.has_array_path else _TAKEN.intersection(self.names)
        if taken:
            raise TypeError(
                f"{self.name}: an operand cannot be called {', '.join(sorted(taken))}: rules, and "
                "the function that is written, know something else by that name"
            )
        self._needed: dict[int, tuple[int, ...]] = {}
        known = {"upstream", "wanted", "z", "ties", "index", *self.attributes, *caches, *outputs}
        known |= {f"{n}_shape" for n in self.names}
        known |= set() if self.variadic else set(self.names)  # a piece needs shapes, not values
        for wanted in [*self.wants, self.shared_wants]:
            if strange := set(wanted) - known:
                raise TypeError(f"{self.name}: a rule names {strange}, known are {known}")

    def __getattr__(self, name: str) -> Any:
        """Write the functions that run the rules when they are first asked for."""
        if name == "run":
            run = rules_function(self)
            self.run = _in_single(run) if self.single else run
        elif name in SLOT_RULES and self.has_array_path:
            for each, function in zip(SLOT_RULES, slot_rules(self, RECORDING), strict=True):
                setattr(self, each, function)
        else:
            raise AttributeError(f"a Row has no attribute {name!r}")
        return getattr(self, name)

    def names_of(self, number: int) -> tuple[str, ...]:
        """Return one name an operand."""
        if self.variadic:
            return tuple(f"{self.names[0]}[{i}]" for i in range(number))
        return self.names

    def needed(self, tracked: int) -> tuple[int, ...]:
        """Return the operands (and -1 for the output) that the rules asked for will read.

        ``tracked`` is a bit set of the operands whose rules are asked for.
        """
        found = self._needed.get(tracked)
        if found is None:
            found = self._needed[tracked] = self._find_needed(tracked)
        return found

    def _find_needed(self, tracked: int) -> tuple[int, ...]:
        wanted = set(self.shared_wants)
        for i, wants in enumerate(self.wants):
            wanted |= set(wants) if self.variadic or tracked >> i & 1 else set()
        output = (-1,) if wanted & {"z", *self.outputs} else ()
        return (*(i for i, name in enumerate(self.names) if name in wanted), *output)

    def __repr__(self) -> str:
        return f"<Row {self.name}({', '.join(self.names)})>"


def output_row(row: Row, i: int) -> Row:
    """Return the row of the node through which the gradient of output ``i`` comes in."""

    def output(x: Any) -> Any:
        return x[i]

    made = Row(
        output,
        {"x": lambda upstream: upstream},
        elementwise=False,
        promotes=None,
        view=False,
        vjp=None,
        caches=(),
        name=f"{row.name}.{row.outputs[i]}",
        scalar=None,
        outputs=(),
        single=False,
    )

    def run(op: Any, upstream: Any, wanted: Any, saved: Any, z: Any, support: Any) -> Any:
        return (Parts.only(i, len(row.outputs), upstream),)

    made.run = run
    made.has_array_path = made.has_scalar_path = False
    return made


def _in_single(run: Callable[..., Any]) -> Callable[..., Any]:
    """Return rules that get half floats in single precision; what they saved is so already."""

    def rules(op: Any, upstream: Any, wanted: Any, saved: Any, z: Any, support: Any) -> Any:
        if op.dtype.char == "e":
            upstream, z = support.in_single(upstream), support.in_single(z)
        return run(op, upstream, wanted, saved, z, support)

    return rules


def _parameters(rule: Any) -> tuple[str, ...]:
    if not callable(rule):
        return ()
    code = rule.__code__
    return tuple(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
