"""Declaring operations: a row of calculus gives the function, its derivatives and its picture.

A row is a forward function and its derivatives, one formula an operand.  The decorators
:func:`elementwise` and :func:`structural` read the names in those formulas (what has to be saved),
generate the functions that run them, and return a plain function that computes the forward and,
when an operand requires grad, records an ``Op`` that refers to its row.

A derivative is written in one of two ways:

- a rule an operand: ``x=lambda y: y``.  A rule of an elementwise op that does not name
  ``upstream`` is a *partial*, multiplied by the upstream (a boolean partial selects, so neither
  inf nor nan passes a closed gate); a rule that names ``upstream`` returns the contribution.
- ``vjp=f`` for rules that share work: ``f(upstream, wanted, ...)`` returns one contribution an
  operand.

A forward of several outputs returns a tuple of arrays and is declared with their names,
``outputs=("values", "indices")``.  Its rules see ``upstream`` and ``z`` as tuples, or name what
they read; a part of the upstream is None where nothing arrived.  Integer outputs are plain tensors.

Rules may name operands, ``z`` (the output), attributes, ``<operand>_shape``, ``ties``, caches, and
in a variadic row ``index`` (which of the operands).
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from autograd.generate.backward import rules_function, slot_rules
from autograd.generate.operators import ufunc_of
from autograd.generate.recording import recording_function
from autograd.graph import Leaf, Node, Op
from autograd.parts import Parts
from autograd.record import RECORDING

if TYPE_CHECKING:
    from autograd.signatures import Spelled

__all__ = ["NUMPY", "Leaf", "Node", "Op", "Row", "elementwise", "structural"]

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")
Rule = Callable[..., Any]

SLOT_RULES = ("scalar_contributions", "scalar_send", "small_send")  # what slot_rules returns

# NumPy's functions and what they mean when a Tensor is among their arguments (protocols).
NUMPY: dict[Any, Callable[..., Any]] = {}

ROWS: weakref.WeakSet[Row] = weakref.WeakSet()  # every row that is in use, for tests and tables

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
        self.output_rows = tuple(_output_row(self, i) for i in range(len(outputs)))
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


def _output_row(row: Row, i: int) -> Row:
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


def elementwise(
    *numpy_functions: Any,
    promotes: str | None = "arithmetic",
    name: str | None = None,
    scalar: Callable[..., Any] | None = None,
    single: bool = False,
    **rules: Any,
) -> Callable[[Callable[P, R]], Spelled[P, R]]:
    """Declare an elementwise op: each rule is a partial, or names ``upstream``.

    The function below the decorator computes on arrays and NumPy scalars.  A rule is a formula for
    one operand; what it names is what it gets: operands, ``z`` (the output), keyword-only
    parameters, ``upstream``.  It uses operators, NumPy's functions and Backlight's ops, so that it
    runs on Tensors as well, which is what higher derivatives are; broadcasting and dtypes are the
    engine's affair.  An operand without a rule passes no gradient; a boolean partial is a gate.

    Parameters
    ----------
    *numpy_functions
        NumPy functions that mean this op when a Tensor is among their arguments.
    promotes : {"arithmetic", "float", None}
        PyTorch's type promotion; with ``"float"`` integers become the default float.
    name : str, optional
        The op's name, if not the function's.
    scalar : callable, optional
        A forward for NumPy scalars, where a ufunc would take ten times as long.
    single : bool
        Whether half floats are computed in single precision and rounded once, as in PyTorch: for
        formulas of several steps, of which one may be beyond 65504.
    **rules
        For each operand a rule, or a constant partial.

    Raises
    ------
    TypeError
        If a rule is for no operand, or names what is not known.

    Examples
    --------
    An op in two lines, and one whose attribute both formulas read:

    >>> import autograd, numpy as np
    >>> @autograd.elementwise(x=lambda z: 1 - z * z)
    ... def my_tanh(x):
    ...     return np.tanh(x)
    >>> @autograd.elementwise(x=lambda x, power: power * x ** (power - 1))
    ... def powered(x, *, power):
    ...     return x**power
    >>> x = autograd.tensor(2.0, requires_grad=True)
    >>> (slope,) = autograd.grad(powered(x, power=3), x, create_graph=True)
    >>> slope, autograd.grad(slope, x)[0]
    (tensor(12., grad_fn=<multiply>), tensor(12.))
    >>> autograd.gradcheck(my_tanh, x.double())
    True
    """
    options = {"promotes": promotes, "name": name, "scalar": scalar, "single": single}
    return _declare(numpy_functions, rules, elementwise=True, **options)


def structural(
    *numpy_functions: Any,
    promotes: str | None = None,
    view: bool = False,
    vjp: Rule | None = None,
    caches: tuple[str, ...] = (),
    outputs: tuple[str, ...] = (),
    name: str | None = None,
    single: bool = False,
    **rules: Any,
) -> Callable[[Callable[P, R]], Spelled[P, R]]:
    """Declare an op that is not elementwise: each rule names ``upstream``.

    A rule returns the contribution to its operand, of the operand's shape, or of one that sums to
    it by broadcasting's rules.  For what it may name and use see :func:`elementwise`.

    Parameters
    ----------
    *numpy_functions, promotes, name, single, **rules
        As of :func:`elementwise`.
    view : bool
        Whether the forward returns a view of its operand where it can.
    vjp : callable, optional
        One function for all operands, instead of rules.
    caches : tuple of str
        Names of further arrays that the forward returns after its output, for the rules.
    outputs : tuple of str
        Names of the outputs, if the forward returns a tuple of several.

    Raises
    ------
    TypeError
        If a rule is for no operand, or names what is not known.

    Examples
    --------
    >>> import autograd, numpy as np
    >>> @autograd.structural(
    ...     x=lambda upstream, y: upstream @ y.T,
    ...     y=lambda upstream, x: x.T @ upstream,
    ... )
    ... def product(x, y):
    ...     return x @ y
    >>> x = autograd.tensor([[1.0, 2.0]], requires_grad=True)
    >>> product(x, np.array([[3.0], [4.0]], np.float32)).backward()
    >>> x.grad
    tensor([[3., 4.]])

    Rules that share work are one function, which returns a contribution for each operand:

    >>> @autograd.structural(vjp=lambda upstream, x, y: (upstream @ y.T, x.T @ upstream))
    ... def product(x, y):
    ...     return x @ y
    """
    return _declare(
        numpy_functions,
        rules,
        elementwise=False,
        promotes=promotes,
        view=view,
        vjp=vjp,
        caches=caches,
        outputs=outputs,
        name=name,
        single=single,
    )


def operator_of(function: F) -> F:
    """Return a row's function as an operator calls it: by position only, which is quicker."""
    row: Row = function.row  # type: ignore[attr-defined]
    operator: Any = recording_function(row, RECORDING, operator=True)
    operator.row = row
    return operator  # type: ignore[no-any-return]


def _declare(
    numpy_functions: Sequence[Any], rules: dict[str, Any], **options: Any
) -> Callable[[Callable[P, R]], Spelled[P, R]]:
    options = {
        **{"view": False, "vjp": None, "caches": (), "scalar": None, "outputs": ()},
        **options,
    }

    def declare(forward: Callable[P, R]) -> Spelled[P, R]:
        row = Row(forward, rules, **options)
        function: Any = recording_function(row, RECORDING)
        function.__name__ = forward.__name__
        function.__qualname__ = forward.__qualname__
        function.__module__ = forward.__module__
        function.__doc__ = forward.__doc__
        function.__wrapped__ = forward
        function.row = row
        row.function = function
        ROWS.add(row)
        for numpy_function in numpy_functions:
            NUMPY[numpy_function] = function
        return function  # type: ignore[no-any-return]

    return declare
