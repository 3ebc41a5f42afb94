"""Cases of softmax and its logarithm."""

from tests.autograd.cases.case import Case, Example, reals

EXAMPLES = [
    Example(shapes, {"dim": dim})
    for shapes, dims in [
        (((3,),), (0, -1)),
        (((2, 3),), (0, 1)),
        (((2, 3, 2),), (0, 1, -1)),
        (((0, 3),), (0, 1)),
        (((),), (0, -1)),
    ]
    for dim in dims
]
CASES = [
    Case("softmax", (reals,), examples=EXAMPLES, numbers=""),
    Case("log_softmax", (reals,), examples=EXAMPLES, numbers=""),
]
