"""What a gradient check saw: numbers, kinks, and the first disagreement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


class Kink(NamedTuple):
    """A point within the step where the function has no derivative, or none that goes on.

    Attributes
    ----------
    input : int
        Which input.
    place : tuple of int or None
        Which of its elements; None along a random direction.
    reason : str
        Which operation decided otherwise: ``"amax changed its winner"``.
    analytic, numeric : float
        The two derivatives, which differ.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 0.0], dtype=autograd.float64, requires_grad=True)
    >>> report = autograd.gradcheck(autograd.relu, x, report=True)
    >>> print(report.kinks[0])
    kink inside +-h at input (1,): relu changed its winner
    >>> report.kinks[0].place, report.kinks[0].analytic
    ((1,), 0.0)
    """

    input: int
    place: tuple[int, ...] | None
    reason: str
    analytic: float
    numeric: float

    def __str__(self) -> str:
        if self.place is None:
            return f"kink inside +-h along a random direction of input {self.input}: {self.reason}"
        which = f"{self.input} " if self.input else ""
        return f"kink inside +-h at input {which}{self.place}: {self.reason}"


@dataclass
class GradcheckReport:
    """What a gradient check saw; true if nothing failed.

    Attributes
    ----------
    passed : bool
    evaluations : int
        How often differences evaluated the function: of n elements 2n times by centred ones,
        n + 1 by forward ones, n by complex steps.
    max_absolute_error, max_relative_error : float
        Of all elements (or directions) without a kink.
    kinks : list of Kink
        Elements whose difference reached across a kink: no failures.
    analytic, numeric : dict
        The two gradients, by the number of the input; along directions in fast mode.
    failure : str or None
        The first disagreement.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0], dtype=autograd.float64, requires_grad=True)
    >>> report = autograd.gradcheck(autograd.exp, x, report=True)
    >>> report.passed, report.evaluations, report.kinks, report.failure
    (True, 4, [], None)
    """

    passed: bool = True
    evaluations: int = 0
    max_absolute_error: float = 0.0
    max_relative_error: float = 0.0
    kinks: list[Kink] = field(default_factory=list)
    analytic: dict[int, Array] = field(default_factory=dict)
    numeric: dict[int, Array] = field(default_factory=dict)
    failure: str | None = None

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        lines = [
            f"gradcheck {'passed' if self.passed else 'failed'}: largest relative error "
            f"{self.max_relative_error:.1e}, {self.evaluations} evaluations"
        ]
        return "\n".join([*lines, *([self.failure] if self.failure else []), *map(str, self.kinks)])
