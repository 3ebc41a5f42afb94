"""One table that names every operation of ``autograd`` once.

A case says how an operation is called, which function of PyTorch it equals, and where it is
differentiable; test_operations.py makes every test of the operation from it.  An elementwise case
gives one domain an operand, and shapes are drawn; any other lists its examples.
"""

import numpy as np

import autograd
from autograd.ops import elementwise, in_place, indexing, linalg, reduction
from autograd.ops import shape as shapes
from tests.autograd.case import (
    Case,
    Example,
    away_from_zero,
    between_integers,
    compared,
    distinct,
    even_steps,
    odd_steps,
    positive,
    reals,
    reduced,
    signs,
    truths,
    unary,
    whole,
)

DIMS = ({}, {"dim": 0}, {"dim": -1, "keepdim": True})
MANY_DIMS = (*DIMS, {"dim": (0, 1)}, {"dim": (1, 0), "keepdim": True}, {"dim": ()})
CORRECTIONS = ({}, {"correction": 0}, {"dim": 1}, {"dim": (0, 1), "correction": 2, "keepdim": True})


def _first_values(name):
    """``max(x, dim)`` of ours returns (values, indices); the values are differentiable."""

    def call(x, **attributes):
        found = getattr(autograd, name)(x, **attributes)
        return found.values if attributes else found

    def reference(torch, x, **attributes):
        found = getattr(torch, name)(x, **attributes)
        return found.values if attributes else found

    return {"call": call, "reference": reference}


def _indexed(index):
    return Example(((3, 4),), {"index": index})


INDICES = [
    _indexed(0),
    _indexed((slice(None), -1)),
    _indexed((slice(None, None, 2), slice(1, 3))),
    _indexed((Ellipsis, None, 2)),
    _indexed((1, 2)),
    _indexed([2, 0, 2]),
    _indexed((slice(None), [1, 1, 3])),
    _indexed(([0, 2, 0], [1, 3, 1])),
    _indexed(np.arange(12).reshape(3, 4) % 3 == 0),
]


def _torch_index(torch, index):
    if isinstance(index, tuple):
        return tuple(_torch_index(torch, part) for part in index)
    return torch.tensor(index) if isinstance(index, (list, np.ndarray)) else index


def _torch_put(torch, x, value, index):
    z = x.clone()
    z[_torch_index(torch, index)] = value
    return z


def _put(x, value, index):
    z = x * 1
    z[index] = value
    return z


PRODUCTS = [
    Example(pair)
    for pair in [
        ((2, 3), (3, 4)),
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3,)),
        ((4, 2, 3), (3, 2)),
        ((4, 2, 3), (4, 3, 2)),
        ((2, 1, 2, 3), (3, 3, 2)),
        ((3,), (2, 3, 2)),
        ((2, 3, 2), (2,)),
        ((0, 3), (3, 2)),
        ((2, 0), (0, 3)),
    ]
]


def _joined(function, *operands, **attributes):
    return function(list(operands), **attributes)


CASES = [
    # arithmetic
    Case("add", (reals, reals)),
    Case("subtract", (reals, reals), aliases=("sub",)),
    Case("multiply", (reals, reals), aliases=("mul",)),
    Case("divide", (reals, away_from_zero), aliases=("div",)),
    Case("power", (positive, reals), lambda t, x, y: t.pow(x, y), aliases=("pow",)),
    unary(
        "power to a constant",
        reference=lambda t, x: x**3,
        call=lambda x: x**3,
    ),
    unary(
        "square root of a square",
        away_from_zero,
        reference=lambda t, x: (x**2) ** 0.5,
        call=lambda x: (x**2) ** 0.5,
        numbers="",
    ),
    unary("negative", aliases=("neg",)),
    unary("absolute", between_integers, aliases=("abs",)),
    unary("square", numbers="iu"),
    unary("reciprocal", away_from_zero),
    # functions
    unary("exp"),
    unary("expm1"),
    unary("log", positive),
    unary("log1p", positive),
    unary("sqrt", positive),
    unary("sin"),
    unary("cos"),
    unary("tan", lambda r, s: r.uniform(-1.2, 1.2, s)),
    unary("sinh"),
    unary("cosh"),
    unary("tanh"),
    unary("sigmoid"),
    unary("relu", between_integers),
    unary("sign", between_integers, numbers="iu"),
    unary("floor", between_integers),
    unary("ceil", between_integers),
    Case(
        "floor_divide",
        (between_integers, signs),
        lambda t, x, y: t.div(x, y, rounding_mode="floor"),
    ),
    Case("remainder", (between_integers, signs)),
    Case("maximum", (even_steps, odd_steps)),
    Case("minimum", (even_steps, odd_steps)),
    Case(
        "maximum of three",
        (even_steps, odd_steps, lambda r, s: even_steps(r, s) + 0.1),
        reference=lambda t, x, y, z: t.maximum(t.maximum(x, y), z),
        call=autograd.maximum,
        numbers="",
    ),
    unary(
        "maximum with a number",
        between_integers,
        reference=lambda t, x: t.clamp(x, min=1),
        call=lambda x: autograd.maximum(x, 1),
        special=False,
    ),
    unary(
        "minimum with a number",
        between_integers,
        reference=lambda t, x: t.clamp(x, max=1),
        call=lambda x: autograd.minimum(1, x),
        special=False,
    ),
    unary(
        "clamp",
        between_integers,
        reference=lambda t, x: t.clamp(x, -1, 1),
        call=lambda x: autograd.clamp(x, -1, 1),
    ),
    unary(
        "clamp below",
        between_integers,
        reference=lambda t, x: t.clamp(x, min=-1),
        call=lambda x: autograd.clamp(x, min=-1),
        numbers="i",
    ),
    Case("where", (truths, reals, reals)),
    unary(
        "gate",
        between_integers,
        reference=lambda t, x: t.where(x > 0.5, x, 0),
        call=lambda x: elementwise.gate(x, x > 0.5),
        numbers="",
        special=False,
    ),
    unary(
        "cast",
        reference=lambda t, x: x.to(t.float64),
        call=lambda x: elementwise.cast(x, dtype=np.dtype(np.float64)),
    ),
    # comparisons
    *[compared(name) for name in ("eq", "ne", "lt", "le", "gt", "ge")],
    *[compared(name) for name in ("logical_and", "logical_or", "logical_xor")],
    *[unary(n, whole, differentiable=False) for n in ("isnan", "isinf", "isfinite", "logical_not")],
    *[
        Case(
            f"bitwise_{name}",
            (truths, truths),
            call=call,
            differentiable=False,
        )
        for name, call in (
            ("and", lambda x, y: x & y),
            ("or", lambda x, y: x | y),
            ("xor", lambda x, y: np.bitwise_xor(x, y)),
        )
    ],
    unary(
        "invert",
        truths,
        reference=lambda t, x: ~x,
        call=lambda x: ~x,
        differentiable=False,
        special=False,
    ),
    # reductions
    reduced("sum", attributes=MANY_DIMS),
    reduced("mean", attributes=MANY_DIMS, numbers=""),
    reduced("var", attributes=CORRECTIONS, scalars=False, numbers=""),
    reduced("std", attributes=CORRECTIONS, scalars=False, numbers=""),
    reduced("amax", distinct, MANY_DIMS, reference=lambda t, x, dim=(), **a: t.amax(x, dim, **a)),
    reduced("amin", distinct, MANY_DIMS, reference=lambda t, x, dim=(), **a: t.amin(x, dim, **a)),
    reduced("max", distinct, DIMS, **_first_values("max")),
    reduced("min", distinct, DIMS, **_first_values("min")),
    reduced("logsumexp", attributes=[a for a in MANY_DIMS if a.get("dim") not in (None, ())]),
    reduced("argmax", distinct, DIMS, differentiable=False),
    reduced("argmin", distinct, DIMS, differentiable=False),
    reduced("any", truths, DIMS, differentiable=False),
    reduced("all", truths, DIMS, differentiable=False),
    Case(
        "sum_to",
        (reals,),
        lambda t, x, shape: x.sum_to_size(shape),
        call=reduction.sum_to,
        numbers="",
        examples=[
            Example(((2, 3),), {"shape": s}) for s in ((), (3,), (1, 3), (2, 1), (1, 1), (2, 3))
        ],
    ),
    # matrices
    Case("matmul", (reals, reals), examples=PRODUCTS),
    Case(
        "linear",
        (reals, reals, reals),
        lambda t, *operands: t.nn.functional.linear(*operands),
        call=linalg.linear,
        examples=[
            Example(((4, 3), (2, 3), (2,))),
            Example(((4, 3), (2, 3))),
            Example(((3,), (2, 3), (2,))),
            Example(((2, 4, 3), (2, 3), (2,))),
            Example(((0, 3), (2, 3), (2,))),
        ],
        numbers="",
    ),
    # shapes
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
    # indexing
    Case(
        "getitem",
        (reals,),
        lambda t, x, index: x[_torch_index(t, index)],
        call=lambda x, index: x[index],
        examples=INDICES,
    ),
    Case(
        "scatter",
        (reals,),
        lambda t, x, index: t.zeros(3, 4, dtype=x.dtype).index_put(
            _torch_index(t, index), x, accumulate=True
        ),
        call=lambda x, index: indexing.scatter(x, shape=(3, 4), index=index),
        examples=[Example(((3,),), {"index": ([0, 2, 0], [1, 3, 1])})],
        numbers="",
    ),
    Case(
        "setitem",
        (reals, reals),
        _torch_put,
        call=_put,
        examples=[
            Example(((3, 4), (4,)), {"index": 0}),
            Example(((3, 4), ()), {"index": (slice(None), slice(1, 3))}),
            Example(((3, 4), (2, 1)), {"index": (slice(None, None, 2), slice(1, 3))}),
            Example(((3, 4), (2, 4)), {"index": [2, 0]}),
            Example(((3, 4), ()), {"index": np.arange(12).reshape(3, 4) % 3 == 0}),
        ],
        numbers="",
    ),
    Case(
        "copied",
        (reals, reals),
        lambda t, x, source: (x * 1).copy_(source),
        call=lambda x, source: (x * 1).copy_(source),
        examples=[Example(((2, 3), (3,))), Example(((2, 3), (2, 3)))],
        numbers="",
    ),
    Case(
        "assign",
        (reals, reals),
        lambda t, x, value: _torch_put(t, x, value, (slice(None), 1)),
        call=lambda x, value: in_place.assign(x, value, chain=_SECOND_COLUMN),
        examples=[Example(((2, 3), (2,)))],
    ),
]

_SECOND_COLUMN = ((indexing.getitem_at, {"index": (slice(None), 1)}),)
