"""Cases of joining."""

import autograd
from tests.autograd.cases.case import Case, Example, reals

THREE = (reals, reals, reals)


def joined(name, examples, **options):
    """A function of one list of tensors."""
    return Case(
        name,
        THREE,
        lambda t, *operands, **attributes: getattr(t, name)(operands, **attributes),
        call=lambda *operands, **attributes: getattr(autograd, name)(operands, **attributes),
        examples=examples,
        **options,
    )


CASES = [
    joined(
        "cat",
        aliases=("concat", "concatenate"),
        examples=[
            Example(((2, 3), (1, 3), (4, 3)), {"dim": 0}),
            Example(((2, 1), (2, 3), (2, 0)), {"dim": -1}),
            Example(((3,), (2,), (1,)), {"dim": 0}),
            Example(((2, 3), (0,), (2, 1)), {"dim": 1}),
            Example(((0,), (0,)), {"dim": 0}),
        ],
    ),
    joined(
        "stack",
        [Example(((2, 3), (2, 3)), {"dim": d}) for d in (0, 1, -1)]
        + [Example(((), ()), {"dim": 0}), Example(((0, 2),), {"dim": 1})],
    ),
    joined(
        "hstack", [Example(s) for s in (((2, 3), (2, 1)), ((2,), (3,)), ((), ()), ((2, 0, 1),))]
    ),
    joined(
        "vstack",
        [Example(s) for s in (((2, 3), (1, 3)), ((2,), (2,)), ((), ()), ((1, 2, 2),))],
        aliases=("row_stack",),
    ),
    joined(
        "dstack", [Example(s) for s in (((2, 3), (2, 3)), ((2,), (2,)), ((), ()), ((1, 2, 2),))]
    ),
    joined(
        "column_stack", [Example(s) for s in (((2, 3), (2,)), ((2,), (2,)), ((), ()), ((1, 2, 2),))]
    ),
    Case(
        "block_diag",
        THREE,
        examples=[Example(s) for s in (((0, 2), (1, 1)), ((2, 3), (2,), ()), ((2, 2),))],
    ),
]
