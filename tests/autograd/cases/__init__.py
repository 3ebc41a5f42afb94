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
    contractions,
    diagonals,
    distances,
    exponential,
    factorizations,
    gathering,
    indexing,
    joining,
    masking,
    norms,
    padding,
    passing,
    products,
    reduction,
    rounding,
    selection,
    shape,
    solving,
    sorting,
    splitting,
    trigonometric,
)

CASES = [
    *arithmetic.CASES,
    *arrangement.CASES,
    *axes.CASES,
    *comparison.CASES,
    *diagonals.CASES,
    *contractions.CASES,
    *distances.CASES,
    *exponential.CASES,
    *factorizations.CASES,
    *gathering.CASES,
    *indexing.CASES,
    *joining.CASES,
    *masking.CASES,
    *padding.CASES,
    *norms.CASES,
    *passing.CASES,
    *products.CASES,
    *reduction.CASES,
    *rounding.CASES,
    *selection.CASES,
    *shape.CASES,
    *sorting.CASES,
    *splitting.CASES,
    *solving.CASES,
    *trigonometric.CASES,
]
