"""Difference schemes: derivatives from values alone, slow and approximate.

A forward difference errs in h, a centred one in h^2, until rounding, which errs in 1/h, takes over:
``step_study`` shows the U.  The complex step subtracts nothing, so it is exact to rounding, but it
needs a function that is analytic and computes with complex numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.functional import jacrev
from autograd.record import handle, is_tensor

Array = np.ndarray[Any, Any]

STEPS = {"forward": 1e-8, "centred": 1e-6, "complex": 1e-20}  # near the least error in float64


def step_of(name: str, scheme: str, eps: float | None) -> float:
    """Return the step of a scheme, its own if none is given.

    Raises
    ------
    ValueError
        If there is no such scheme, or the step is not positive.
    """
    if scheme not in STEPS:
        raise ValueError(f"{name}: expected scheme {', '.join(STEPS)}, got {scheme!r}")
    if eps is not None and not eps > 0:
        raise ValueError(f"{name}: expected a positive step, got {eps}")
    return STEPS[scheme] if eps is None else eps


def difference(
    value: Callable[[Any], Any], direction: Any, h: float, scheme: str, base: Any = None
) -> Any:
    """Return the derivative of ``value``, a function of a displacement, along ``direction``.

    Forward (f(h) - f(0)) / h, of which f(0) is the ``base``; centred (f(h) - f(-h)) / 2h; complex
    Im f(ih) / h.
    """
    if scheme == "complex":
        return np.imag(value(1j * h * direction)) / h
    if scheme == "forward":
        return (value(h * direction) - base) / h
    return (value(h * direction) - value(-h * direction)) / (2 * h)


def numerical_derivative(
    func: Callable[..., Any], x: Any, eps: float | None = None, scheme: str = "centred"
) -> Any:
    """Compute df/dx by differences, one element of x at a time.

    Shapes: x of any shape, f(x) of any shape -> ``(*f(x).shape, *x.shape)``.

    Parameters
    ----------
    func : callable
        Takes a Tensor; returns a Tensor, an array or a number.
    x : Tensor, array or number
        Numbers are taken as float64.
    eps : float, optional
        The step h; if None 1e-8 (forward), 1e-6 (centred), 1e-20 (complex).
    scheme : {"centred", "forward", "complex"}
        (f(x+h) - f(x-h)) / 2h, with an error in h^2; (f(x+h) - f(x)) / h, with an error in h;
        Im f(x+ih) / h, which only rounding spoils.

    Raises
    ------
    ValueError
        If there is no such scheme, or a complex step is asked of a function that is not for
        complex numbers.

    Examples
    --------
    >>> from autograd.gradient_checking import numerical_derivative
    >>> round(float(numerical_derivative(lambda x: x**3, 1.0, 0.1)), 6)
    3.01
    >>> round(float(numerical_derivative(lambda x: x**3, 1.0, 0.1, "forward")), 6)
    3.31
    >>> float(numerical_derivative(lambda x: x**3, 1.0, scheme="complex"))
    3.0

    Source: complex step: Squire and Trapp (1998).
    """
    h = step_of("numerical_derivative", scheme, eps)
    array = np.array(x.payload if is_tensor(x) else x)
    if array.dtype.kind != "f":
        array = array.astype(np.float64)

    def value(displacement: Any) -> Any:
        kind = np.result_type(array.dtype, np.complex64) if scheme == "complex" else array.dtype
        moved = np.asarray(array + displacement).astype(kind)
        (output,) = evaluate("numerical_derivative", func, [moved])
        return output

    base = value(0) if scheme == "forward" else None
    slopes = []
    for place in np.ndindex(array.shape):
        direction = np.zeros(array.shape, array.dtype)
        direction[place] = 1
        slopes.append(np.asarray(difference(value, direction, h, scheme, base)))
    if not slopes:
        return np.zeros((*value(0).shape, *array.shape))
    block = np.stack(slopes, -1)
    return block.reshape((*block.shape[:-1], *array.shape))[()]


def evaluate(name: str, func: Callable[..., Any], values: Sequence[Any]) -> list[Array]:
    """Return the outputs of a function as arrays; it gets arrays as Tensors, on copies.

    Raises
    ------
    ValueError
        If an array is complex and the function does not compute with complex numbers.
    """
    inputs = [handle(v.copy()[()], None) if isinstance(v, np.ndarray) else v for v in values]
    if not any(isinstance(v, np.ndarray) and v.dtype.kind == "c" for v in values):
        return [as_array(output) for output in sequence(func(*inputs))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            return [as_array(output) for output in sequence(func(*inputs))]
    except (TypeError, RuntimeError, np.exceptions.ComplexWarning) as error:
        raise ValueError(
            f"{name}: a complex step needs a function that computes with complex numbers, and this "
            f"one does not ({error}); use the scheme 'centred'"
        ) from error


def as_array(output: Any) -> Array:
    """Return an output as an array."""
    return np.asarray(output.payload if is_tensor(output) else output)


def sequence(value: Any) -> list[Any]:
    """Return what a function returned as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def relative_error(a: Any, n: Any, floor: float = 1e-8) -> Any:
    """Compute |a - n| / max(|a|, |n|, floor), elementwise: how far two derivatives are apart.

    Parameters
    ----------
    a, n : array or number
        Analytic and numeric derivative.
    floor : float
        Below it numbers count as zeros, which differences do not reach.

    Examples
    --------
    >>> from autograd.gradient_checking import relative_error
    >>> float(relative_error(2.0, 1.0)), float(relative_error(0.0, 0.0))
    (0.5, 0.0)
    """
    a, n = np.asarray(a, np.float64), np.asarray(n, np.float64)
    return np.abs(a - n) / np.maximum(np.maximum(np.abs(a), np.abs(n)), floor)


# ---------------------------------------------------------------- the step size


@dataclass(frozen=True)
class StepStudy:
    """Errors of difference quotients against the engine's derivative, one row a step.

    Attributes
    ----------
    steps, forward, centred : ndarray
        The steps h, and the largest absolute error of each scheme.

    Examples
    --------
    >>> import autograd
    >>> study = autograd.step_study(lambda x: x**3, 1.0, [0.1, 0.01])
    >>> print(study)
            h    forward    centred
        1e-01    3.1e-01    1.0e-02
        1e-02    3.0e-02    1.0e-04
    >>> len(study), study.best
    (2, 0.01)
    """

    steps: Array
    forward: Array
    centred: Array

    def __iter__(self) -> Iterator[tuple[float, float, float]]:
        for row in zip(self.steps, self.forward, self.centred, strict=True):
            yield (float(row[0]), float(row[1]), float(row[2]))

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def best(self) -> float:
        """The step with the least centred error: the bottom of the U."""
        return float(self.steps[np.argmin(self.centred)])

    def __str__(self) -> str:
        lines = [f"{'h':>9}  {'forward':>9}  {'centred':>9}"]
        lines += [f"{h:9.0e}  {f:9.1e}  {c:9.1e}" for h, f, c in self]
        return "\n".join(lines)


def step_study(func: Callable[..., Any], x: Any, steps: Sequence[float] | None = None) -> StepStudy:
    """Compute the errors of forward and centred differences for a series of steps.

    Truncation makes the right side of the U (in h, and in h^2), rounding the left (in 1/h).

    Parameters
    ----------
    func : callable
        Takes a Tensor, returns a Tensor.
    x : Tensor, array or number
        Where to differentiate.
    steps : sequence of float, optional
        0.1 to 1e-13, by powers of ten, if None.

    Examples
    --------
    >>> import autograd
    >>> study = autograd.step_study(autograd.exp, 1.0, [1e-2, 1e-3, 1e-5, 1e-11])
    >>> study.best
    1e-05
    >>> for h, forward, centred in list(study)[:2]:
    ...     print(f"{h:.0e} {forward:.0e} {centred:.0e}")
    1e-02 1e-02 5e-05
    1e-03 1e-03 5e-07
    """
    chosen = [10.0**-k for k in range(1, 14)] if steps is None else list(steps)
    exact = np.array(x.payload if is_tensor(x) else x, np.float64)
    analytic = as_array(jacrev(func)(exact[()]))

    def errors(scheme: str) -> Array:
        found = [numerical_derivative(func, x, h, scheme) for h in chosen]
        return np.array([np.max(np.abs(n - analytic), initial=0) for n in found])

    return StepStudy(np.array(chosen), errors("forward"), errors("centred"))
