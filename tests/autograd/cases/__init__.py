"""One table that names every operation of ``autograd`` once, in rooms as the operations are.

A case says how an operation is called, which function of PyTorch it equals, and where it is
differentiable; test_operations.py makes every test of the operation from it.  An elementwise case
gives one domain an operand, and shapes are drawn; any other lists its examples.
"""

from tests.autograd.cases import (
    arithmetic,
    comparison,
    exponential,
    indexing,
    linalg,
    passing,
    reduction,
    rounding,
    selection,
    shape,
    trigonometric,
)

CASES = [
    *arithmetic.CASES,
    *comparison.CASES,
    *exponential.CASES,
    *indexing.CASES,
    *linalg.CASES,
    *passing.CASES,
    *reduction.CASES,
    *rounding.CASES,
    *selection.CASES,
    *shape.CASES,
    *trigonometric.CASES,
]
