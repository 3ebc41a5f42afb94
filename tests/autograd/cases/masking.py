"""Cases of masks."""

import numpy as np

import autograd
from tests.autograd.cases.case import Case, Example, reals, truths, whole

MASK = np.arange(12).reshape(3, 4) % 3 == 0

CASES = [
    Case(
        "masked_fill",
        (reals, truths, reals),
        lambda t, x, mask, value: t.masked_fill(x, mask, value),
        examples=[
            Example(((3, 4), (3, 4), ())),
            Example(((3, 4), (4,), ())),
            Example(((4,), (3, 1), ())),
            Example(((), (), ())),
            Example(((0, 2), (2,), ())),
        ],
        numbers="",
    ),
    Case(
        "masked_select",
        (reals,),
        lambda t, x, mask: t.masked_select(x, t.tensor(mask)),
        examples=[
            Example(((3, 4),), {"mask": MASK}),
            Example(((4,),), {"mask": MASK}),
            Example(((3, 4),), {"mask": MASK[0]}),
            Example(((),), {"mask": np.array(True)}),
            Example(((3,),), {"mask": np.array(False)}),
        ],
    ),
    Case(
        "masked_scatter",
        (reals, reals),
        lambda t, x, source, mask: t.masked_scatter(x, t.tensor(mask), source),
        call=lambda x, source, mask: autograd.masked_scatter(x, mask, source),
        examples=[
            Example(((3, 4), (4,)), {"mask": MASK}),
            Example(((3, 4), (2, 5)), {"mask": MASK[0]}),
            Example(((4,), (12,)), {"mask": MASK}),
            Example(((), (1,)), {"mask": np.array(True)}),
            Example(((), (1,)), {"mask": np.array(False)}),
        ],
    ),
    Case(
        "nonzero",
        (whole,),
        examples=[Example(((3, 4),)), Example(((),)), Example(((0, 2),))],
        differentiable=False,
    ),
    Case(
        "argwhere",
        (whole,),
        examples=[Example(((2, 3, 2),)), Example(((),))],
        differentiable=False,
    ),
    Case(
        "unravel_index",
        (whole,),
        lambda t, x, shape: t.stack(t.unravel_index(x.long(), shape)),
        lambda x, shape: autograd.stack(autograd.unravel_index(x.long(), shape)),
        examples=[
            Example(((2, 3),), {"shape": (2, 3)}),
            Example(((),), {"shape": 4}),
            Example(((0,),), {"shape": (0, 2)}),
        ],
        differentiable=False,
    ),
]
