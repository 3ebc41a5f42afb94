"""Cases of views of a tensor that are replaced."""

from tests.autograd.cases.case import Case, Example, reals

CASES = [
    Case(
        "select_scatter",
        (reals, reals),
        examples=[
            Example(((2, 3), (3,)), {"dim": 0, "index": 1}),
            Example(((2, 3), (2,)), {"dim": -1, "index": -1}),
            Example(((3,), ()), {"dim": 0, "index": 2}),
        ],
    ),
    Case(
        "slice_scatter",
        (reals, reals),
        examples=[
            Example(((4, 2), (4, 2))),
            Example(((4, 2), (2, 2)), {"start": 1, "end": 3}),
            Example(((2, 5), (2, 2)), {"dim": 1, "start": -4, "step": 2}),
            Example(((2, 5), (2, 0)), {"dim": 1, "start": 3, "end": 2}),
        ],
    ),
    Case(
        "diagonal_scatter",
        (reals, reals),
        examples=[
            Example(((3, 3), (3,))),
            Example(((2, 4), (2,)), {"offset": 1}),
            Example(((2, 3, 4), (3, 2)), {"dim1": 0, "dim2": 2}),
            Example(((3, 2), (1,)), {"offset": -2}),
        ],
    ),
]
