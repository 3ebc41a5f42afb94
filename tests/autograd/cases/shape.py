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
    Case(
        "permute",
        (reals,),
        examples=[
            Example(((2, 3, 4),), {"dims": (2, 0, 1)}),
            Example(((2, 3, 4),), {"dims": (-1, 0, -2)}),
            Example(((),), {"dims": ()}),
        ],
        reference=lambda t, x, dims: t.permute(x, dims),
        call=lambda x, dims: autograd.permute(x, *dims),
    ),
    Case(
        "transpose",
        (reals,),
        lambda t, x, dims: t.transpose(x, *dims),
        aliases=("swapaxes",),
        call=lambda x, dims: autograd.transpose(x, *dims),
        examples=[Example(((2, 3, 4),), {"dims": d}) for d in ((0, 1), (-1, 0), (1, 1))],
    ),
    unary("clone", call=lambda x: x.clone()),
    Case("t", (reals,), call=shapes.t, examples=[Example(((2, 3),)), Example(((3,),))]),
    Case(
        "flatten",
        (reals,),
        examples=[
            Example(((2, 3, 2),), a)
            for a in ({}, {"start_dim": 1}, {"start_dim": 0, "end_dim": 1}, {"end_dim": -2})
        ]
        + [Example(((),))],
    ),
    Case("ravel", (reals,), examples=[Example(((2, 3),)), Example(((),)), Example(((0, 2),))]),
    Case(
        "squeeze",
        (reals,),
        examples=[
            Example(((1, 3, 1),), a)
            for a in ({}, {"dim": 0}, {"dim": -1}, {"dim": 1}, {"dim": (0, 2)})
        ],
    ),
    Case(
        "unsqueeze",
        (reals,),
        examples=[Example(((2, 3),), {"dim": d}) for d in (0, 1, -1)],
    ),
    Case(
        "expand",
        (reals,),
        lambda t, x, shape: x.expand(shape),
        call=lambda x, shape: shapes.expand(x, *shape),
        examples=[Example(((3, 1),), {"shape": s}) for s in ((3, 4), (2, 3, 4), (-1, 2), (3, 1))],
    ),
    Case(
        "cat",
        (reals, reals, reals),
        lambda t, *operands, dim: t.cat(operands, dim),
        call=lambda *operands, dim: autograd.cat(operands, dim),
        aliases=("concat",),
        examples=[
            Example(((2, 3), (1, 3), (4, 3)), {"dim": 0}),
            Example(((2, 1), (2, 3), (2, 0)), {"dim": -1}),
            Example(((3,), (2,), (1,)), {"dim": 0}),
        ],
    ),
    Case(
        "stack",
        (reals, reals),
        lambda t, *operands, dim: t.stack(operands, dim),
        call=lambda *operands, dim: autograd.stack(operands, dim),
        examples=[Example(((2, 3), (2, 3)), {"dim": d}) for d in (0, 1, -1)]
        + [Example(((), ()), {"dim": 0})],
    ),
    Case(
        "alias",
        (reals,),
        lambda t, x: t.clone(x),
        call=shapes.alias,
        examples=[Example(((2, 3),))],
    ),
]
