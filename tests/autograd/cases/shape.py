"""Cases of shapes."""

import autograd
from autograd.ops import shape as shapes
from tests.autograd.cases.case import Case, Example, reals, unary

CASES = [
    Case(
        "reshape",
        (reals,),
        lambda t, x, shape: t.reshape(x, shape),
        call=lambda x, shape: autograd.reshape(x, shape),
        examples=[Example(((2, 6),), {"shape": s}) for s in ((3, 4), (-1,), (12, 1), (2, -1, 2))]
        + [Example(((1, 1),), {"shape": ()}), Example(((0, 3),), {"shape": (3, 0)})],
    ),
    Case(
        "view",
        (reals,),
        lambda t, x, shape: x.contiguous().view(shape),
        call=lambda x, shape: x.contiguous().view(*shape),
        examples=[Example(((2, 6),), {"shape": (3, 4)})],
    ),
    unary("clone", call=lambda x: x.clone()),
    Case(
        "flatten",
        (reals,),
        examples=[
            Example(((2, 3, 2),), a)
            for a in ({}, {"start_dim": 1}, {"start_dim": 0, "end_dim": 1}, {"end_dim": -2})
        ]
        + [Example(((),)), Example(((0, 2),))],
    ),
    Case(
        "unflatten",
        (reals,),
        examples=[
            Example(((2, 6),), {"dim": d, "sizes": s}) for d, s in ((1, (3, 2)), (-1, (-1, 2)))
        ]
        + [Example(((4, 0),), {"dim": 0, "sizes": (2, 2)})],
    ),
    Case("ravel", (reals,), examples=[Example(((2, 3),)), Example(((),)), Example(((0, 2),))]),
    Case(
        "squeeze",
        (reals,),
        examples=[
            Example(((1, 3, 1),), a)
            for a in ({}, {"dim": 0}, {"dim": -1}, {"dim": 1}, {"dim": (0, 2)})
        ]
        + [Example(((),), {"dim": 0}), Example(((1, 0),))],
    ),
    Case(
        "unsqueeze",
        (reals,),
        examples=[Example(((2, 3),), {"dim": d}) for d in (0, 1, -1)]
        + [Example(((),), {"dim": 0})],
    ),
    *(
        Case(f"atleast_{n}d", (reals,), examples=[Example((s,)) for s in ((3,), (), (2, 3), (0,))])
        for n in (1, 2, 3)
    ),
    Case(
        "alias",
        (reals,),
        lambda t, x: t.clone(x),
        call=shapes.alias,
        examples=[Example(((2, 3),))],
    ),
]
