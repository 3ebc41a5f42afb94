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
    division,
    exponential,
    factorizations,
    gathering,
    indexing,
    joining,
    logic,
    masking,
    norms,
    padding,
    passing,
    powers,
    products,
    reduction,
    rounding,
    selection,
    shape,
    solving,
    sorting,
    special,
    splitting,
    trigonometric,
)

ALL = [
    *arithmetic.CASES,
    *arrangement.CASES,
    *axes.CASES,
    *comparison.CASES,
    *contractions.CASES,
    *diagonals.CASES,
    *distances.CASES,
    *division.CASES,
    *exponential.CASES,
    *factorizations.CASES,
    *gathering.CASES,
    *indexing.CASES,
    *joining.CASES,
    *logic.CASES,
    *masking.CASES,
    *norms.CASES,
    *padding.CASES,
    *passing.CASES,
    *powers.CASES,
    *products.CASES,
    *reduction.CASES,
    *rounding.CASES,
    *selection.CASES,
    *shape.CASES,
    *solving.CASES,
    *sorting.CASES,
    *special.CASES,
    *splitting.CASES,
    *trigonometric.CASES,
]
# SciPy is no dependency: without it the functions that it computes are left out.
CASES = [case for case in ALL if case.runs]
