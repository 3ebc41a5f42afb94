"""One table that names every operation of ``autograd`` once, in rooms as the operations are.

A case says how an operation is called, which function of PyTorch it equals, and where it is
differentiable; test_operations.py makes every test of the operation from it.  An elementwise case
gives one domain an operand, and shapes are drawn; any other lists its examples.
"""

from tests.autograd.cases import (
    arithmetic,
    arrangement,
    axes,
    comparison,
    diagonals,
    exponential,
    indexing,
    joining,
    linalg,
    padding,
    passing,
    reduction,
    rounding,
    selection,
    shape,
    splitting,
    trigonometric,
)

CASES = [
    *arithmetic.CASES,
    *arrangement.CASES,
    *axes.CASES,
    *comparison.CASES,
    *diagonals.CASES,
    *exponential.CASES,
    *indexing.CASES,
    *joining.CASES,
    *linalg.CASES,
    *padding.CASES,
    *passing.CASES,
    *reduction.CASES,
    *rounding.CASES,
    *selection.CASES,
    *shape.CASES,
    *splitting.CASES,
    *trigonometric.CASES,
]
