"""Cases of the order of axes and of broadcasting."""

import autograd
from autograd.ops import axes
from tests.autograd.cases.case import Case, Example, reals

CASES = [
    Case(
        "permute",
        (reals,),
        examples=[
            Example(((2, 3, 4),), {"dims": (2, 0, 1)}),
            Example(((2, 3, 4),), {"dims": (-1, 0, -2)}),
            Example(((),), {"dims": ()}),
            Example(((0, 2),), {"dims": (1, 0)}),
        ],
    ),
    Case(
        "transpose",
        (reals,),
        lambda t, x, dims: t.transpose(x, *dims),
        aliases=("swapaxes", "swapdims"),
        call=lambda x, dims: autograd.transpose(x, *dims),
        examples=[Example(((2, 3, 4),), {"dims": d}) for d in ((0, 1), (-1, 0), (1, 1))]
        + [Example(((),), {"dims": (0, -1)})],
    ),
    Case(
        "movedim",
        (reals,),
        aliases=("moveaxis",),
        examples=[
            Example(((2, 3, 4),), {"source": s, "destination": d})
            for s, d in ((0, 2), (-1, 0), ((0, 1), (1, 2)), ((2, 0), (0, -1)), ((), ()))
        ],
    ),
    Case("t", (reals,), examples=[Example((s,)) for s in ((2, 3), (3,), ())]),
    Case(
        "matrix_transpose",
        (reals,),
        lambda t, x: x.mT,
        call=lambda x: x.mT,
        examples=[Example(((2, 3),)), Example(((2, 3, 4),))],
    ),
    Case(
        "expand",
        (reals,),
        lambda t, x, shape: x.expand(shape),
        call=lambda x, shape: axes.expand(x, *shape),
        examples=[Example(((3, 1),), {"shape": s}) for s in ((3, 4), (2, 3, 4), (-1, 2), (3, 1))]
        + [Example(((1, 3),), {"shape": (0, 3)})],
    ),
    Case(
        "broadcast_to",
        (reals,),
        examples=[Example(((3, 1),), {"size": (2, 3, 2)}), Example(((),), {"size": (2,)})],
    ),
    Case(
        "broadcast_tensors",
        (reals, reals),
        lambda t, *operands: t.cat(t.broadcast_tensors(*operands)),
        call=lambda *operands: autograd.cat(autograd.broadcast_tensors(*operands)),
        examples=[Example(((3, 1), (2,))), Example(((), (2, 2)))],
    ),
    Case(
        "meshgrid",
        (reals, reals, reals),
        lambda t, *operands, indexing: t.stack(t.meshgrid(*operands, indexing=indexing)),
        call=lambda *operands, indexing: autograd.stack(
            autograd.meshgrid(*operands, indexing=indexing)
        ),
        examples=[
            Example(shapes, {"indexing": i})
            for shapes in (((2,), (3,), (4,)), ((2,), (3,)), ((3,),), ((2,), ()))
            for i in ("ij", "xy")
        ],
    ),
]
