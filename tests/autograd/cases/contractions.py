"""Cases of contractions."""

import autograd
from tests.autograd.cases.case import Case, Example, reals

EINSUMS = {
    "ij,jk->ik": ((2, 3), (3, 4)),
    "ij,jk": ((2, 3), (3, 4)),
    "ba": ((2, 3),),
    "ij->": ((2, 3),),
    "ij->j": ((2, 3),),
    "ii": ((3, 3),),
    "ii->i": ((3, 3),),
    "iij->ji": ((3, 3, 2),),
    "ijj,i->": ((2, 3, 3), (2,)),
    "i,i->i": ((3,), (3,)),
    "i,j->ji": ((2,), (3,)),
    "i,i": ((3,), (3,)),
    "bij,bjk->bik": ((2, 2, 3), (2, 3, 4)),
    "ijb,jkb->ikb": ((2, 3, 2), (3, 4, 2)),
    "bi,bi->b": ((2, 3), (2, 3)),
    "ij,kl->": ((2, 3), (3, 2)),
    "ijk,lj->kl": ((2, 3, 4), (2, 3)),
    "...ij,...jk->...ik": ((2, 1, 2, 3), (4, 3, 2)),
    "...i->i": ((2, 2, 3),),
    "i...,j->j...": ((2, 3), (2,)),
    "a...b": ((2, 3, 4),),
    "ij,jk,kl->il": ((2, 3), (3, 4), (4, 2)),
    "i,ij,j": ((2,), (2, 3), (3,)),
    "ij,ij,ik->k": ((2, 3), (2, 3), (2, 2)),
    "ij,jk ->ki": ((2, 1), (3, 4)),
    "ij,j->ij": ((2, 3), (1,)),
    "abcd,cdef->efab": ((2, 2, 3, 2), (3, 2, 2, 3)),
    "ij,jk->k": ((2, 0), (0, 3)),
    "->": ((),),
    ",i->i": ((), (3,)),
}


def einsum(module, *operands, subscripts):
    return module.einsum(subscripts, *operands)


CASES = [
    Case(
        "einsum",
        (reals, reals, reals),
        einsum,
        lambda *operands, **options: einsum(autograd, *operands, **options),
        examples=[Example(shapes, {"subscripts": text}) for text, shapes in EINSUMS.items()],
        numbers="iu",
    ),
    Case(
        "tensordot",
        (reals, reals),
        examples=[
            Example(((2, 3, 4), (3, 4, 2))),
            Example(((2, 3), (3, 4)), {"dims": 1}),
            Example(((2,), (3,)), {"dims": 0}),
            Example(((2, 3, 4), (4, 5, 2)), {"dims": ([0, 2], [2, 0])}),
            Example(((2, 3, 4), (3, 2)), {"dims": ([1], [-2])}),
            Example(((2, 1), (3, 4)), {"dims": 1}),
        ],
        numbers="iu",
    ),
    Case(
        "kron",
        (reals, reals),
        examples=[
            Example(pair)
            for pair in [
                ((2, 3), (2, 2)),
                ((3,), (2,)),
                ((2,), (2, 2)),
                ((), (3,)),
                ((2, 1, 2), (3,)),
            ]
        ],
    ),
    Case(
        "trace",
        (reals,),
        examples=[Example((shape,)) for shape in [(3, 3), (2, 3), (3, 2), (0, 0), (0, 2)]],
        numbers="iu",
    ),
]
