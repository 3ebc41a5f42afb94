"""Cases of inverses, systems, powers and chains, of triangular matrices, and of determinants."""

import autograd
from tests.autograd.cases.case import Case, Example, reals
from tests.autograd.cases.factorizations import SQUARE, examples, through
from tests.autograd.cases.matrices import spread, symmetric, triangle
from tests.autograd.cases.products import torch_linalg

linalg = autograd.linalg


def chained(module, *operands):
    return module.multi_dot(operands)


def conditioned(t, x, p=None):
    """PyTorch's own has no backward for the orders that need an inverse."""
    if p in (None, 2, -2):
        return t.linalg.cond(x, p)
    return t.linalg.matrix_norm(x, p) * t.linalg.matrix_norm(t.linalg.inv(x), p)


def half(t, x, upper):
    """Let PyTorch's gradient be that of the half which is read."""
    return t.triu(x) if upper else t.tril(x)


def halves(*shapes):
    return [
        Example(pair, {"upper": upper, "unitriangular": unit, **side})
        for pair in shapes
        for upper in (False, True)
        for unit in (False, True)
        for side in ({}, {"left": False})
        if side == {} or pair[1][-1] == pair[0][-1]
    ]


CASES = [
    through("linalg.inv", spread, lambda module, x: module.inv(x), SQUARE),
    Case("inverse", (spread,), examples=examples([(2, 2)]), numbers=""),
    Case(
        "linalg.solve",
        (spread, reals),
        torch_linalg("solve"),
        linalg.solve,
        examples=[
            *(
                Example(pair)
                for pair in [
                    ((3, 3), (3, 2)),
                    ((3, 3), (3,)),
                    ((2, 3, 3), (2, 3)),
                    ((2, 3, 3), (3, 2)),
                    ((3, 3), (2, 3, 2)),
                    ((2, 1, 2, 2), (3, 2, 1)),
                    ((0, 0), (0, 2)),
                ]
            ),
            Example(((3, 3), (2, 3)), {"left": False}),
        ],
        numbers="",
    ),
    Case(
        "linalg.solve_triangular",
        (triangle, reals),
        torch_linalg("solve_triangular"),
        linalg.solve_triangular,
        examples=halves(
            ((3, 3), (3, 2)), ((2, 2, 2), (2, 2)), ((2, 2), (3, 2, 2)), ((0, 0), (0, 1))
        ),
        numbers="",
    ),
    Case(
        "cholesky_solve",
        (reals, triangle),
        lambda t, b, x, upper: t.cholesky_solve(b, half(t, x, upper), upper),
        examples=[
            Example(pair, {"upper": upper})
            for pair in [((3, 2), (3, 3)), ((2, 2, 1), (2, 2, 2))]
            for upper in (False, True)
        ],
        numbers="",
    ),
    Case(
        "cholesky_inverse",
        (triangle,),
        lambda t, x, upper=False: t.cholesky_inverse(half(t, x, upper), upper),
        examples=examples([(3, 3), (2, 2, 2)], {}, {"upper": True}),
        numbers="",
    ),
    Case(
        "linalg.matrix_power",
        (spread,),
        torch_linalg("matrix_power"),
        linalg.matrix_power,
        examples=examples([(2, 2), (2, 3, 3)], {"n": 1}, {"n": 2}, {"n": 5}, {"n": -3}),
        numbers="iu",
    ),
    Case("matrix_power", (spread,), examples=examples([(2, 2)], {"n": 3}), numbers="iu"),
    Case(
        "linalg.multi_dot",
        (reals,) * 4,
        lambda t, *operands: chained(t.linalg, *operands),
        lambda *operands: chained(linalg, *operands),
        examples=[
            Example(shapes)
            for shapes in [
                ((2, 3), (3, 4)),
                ((2, 3), (3, 4), (4, 2)),
                ((3,), (3, 4), (4, 2), (2,)),
                ((5, 2), (2, 4), (4, 1), (1, 3)),
                ((3,), (3,)),
            ]
        ],
        numbers="iu",
    ),
    Case(
        "linalg.tensorinv",
        (spread,),
        lambda t, x, ind: t.linalg.tensorinv(x.reshape(4, 2, 2) if ind == 1 else x, ind),
        lambda x, ind: linalg.tensorinv(x.reshape(4, 2, 2) if ind == 1 else x, ind),
        examples=[Example(((4, 4),), {"ind": 1})],
        numbers="",
    ),
    Case(
        "linalg.tensorsolve",
        (spread, reals),
        lambda t, x, y, shape, **o: t.linalg.tensorsolve(x.reshape(shape), y, **o),
        lambda x, y, shape, **o: linalg.tensorsolve(x.reshape(shape), y, **o),
        examples=[
            Example(((4, 4), (4,)), {"shape": (4, 2, 2)}),
            Example(((4, 4), (2, 2)), {"shape": (2, 4, 2), "dims": (1,)}),
        ],
        numbers="",
    ),
    *(
        Case(name, (spread,), examples=examples([*SQUARE, (2, 3, 2, 2)]), numbers="")
        for name in ("det", "logdet")
    ),
    through("linalg.det", spread, lambda module, x: module.det(x), [(3, 3)]),
    Case(
        "slogdet",
        (spread,),
        lambda t, x: t.slogdet(-x)[1],
        lambda x: autograd.slogdet(-x)[1],
        examples=examples(SQUARE),
        numbers="",
    ),
    through("linalg.slogdet", spread, lambda module, x: module.slogdet(x)[1], [(3, 3)]),
    Case(
        "linalg.pinv",
        (spread,),
        lambda t, x, hermitian=False: t.linalg.pinv(symmetric(x) if hermitian else x),
        lambda x, hermitian=False: linalg.pinv(
            symmetric(x) if hermitian else x, hermitian=hermitian
        ),
        examples=[
            *examples([(3, 3), (3, 2), (2, 3), (2, 3, 2), (0, 2)]),
            *examples([(3, 3)], {"hermitian": True}),
        ],
        numbers="",
    ),
    Case("pinverse", (spread,), examples=examples([(3, 2)]), numbers=""),
    Case(
        "linalg.lstsq",
        (spread, reals),
        lambda t, a, b, part=0: t.linalg.lstsq(a, b, driver="gelsd")[part],
        lambda a, b, part=0: linalg.lstsq(a, b, driver="gelsd")[part],
        examples=[
            Example(((4, 2), (4, 3))),
            Example(((2, 4), (2, 1))),
            Example(((2, 3, 2), (2, 3, 1))),
            Example(((2, 3, 2), (2, 3))),
            Example(((4, 2), (4, 3)), {"part": 1}),
        ],
        numbers="",
    ),
    Case(
        "linalg.matrix_rank",
        (spread,),
        torch_linalg("matrix_rank"),
        linalg.matrix_rank,
        examples=[
            *examples([(3, 2), (2, 3, 3), (0, 2)]),
            *examples([(3, 3)], {"atol": 1.5}, {"rtol": 0.5}, {"hermitian": True}),
        ],
        differentiable=False,
        numbers="",
    ),
    Case(
        "linalg.cond",
        (spread,),
        conditioned,
        linalg.cond,
        examples=[
            *examples([(3, 2), (2, 3, 3)]),
            *examples([(3, 3)], *({"p": p} for p in (2, -2, 1, -1, "fro", "nuc", float("inf")))),
        ],
        numbers="",
    ),
]
