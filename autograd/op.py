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

import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from autograd.generate.recording import recording_function
from autograd.record import RECORDING
from autograd.row import Row, Rule

if TYPE_CHECKING:
    from autograd.signatures import Spelled

__all__ = ["NUMPY", "ROWS", "elementwise", "operator_of", "structural"]

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")

# NumPy's functions and what they mean when a Tensor is among their arguments (protocols).
NUMPY: dict[Any, Callable[..., Any]] = {}

ROWS: weakref.WeakSet[Row] = weakref.WeakSet()  # every row that is in use, for tests and tables


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
