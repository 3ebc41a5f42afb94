"""Cases of cumulative operations, and of the recurrence that differentiates products."""

from autograd.ops import cumulative, factors
from tests.autograd.cases.case import Case, Example, distinct, reals, reduced
from tests.autograd.cases.extrema import values
from tests.autograd.cases.reduction import with_zeros

ALONG = ({"dim": 0}, {"dim": -1}, {"dim": 1})
BOTH_WAYS = [
    Example(((2, 3),), {"dim": dim, "reverse": reverse})
    for dim in (0, 1)
    for reverse in (False, True)
]


def cumulated(name, domain=reals, **options):
    case = reduced(name, domain, ALONG, **options)
    case.examples += [Example(((0, 3),), {"dim": 0}), Example(((0, 3),), {"dim": 1})]
    return case


def _shift(torch, x, dim, by):
    zeros = torch.zeros_like(x.narrow(dim, 0, 1))
    rest = x.shape[dim] - 1
    pieces = [zeros, x.narrow(dim, 0, rest)] if by == 1 else [x.narrow(dim, 1, rest), zeros]
    return torch.cat(pieces, dim)


def _recurrence(torch, v, a, dim, reverse=False):
    v, a = torch.broadcast_tensors(v, a)
    rows = list(zip(v.unbind(dim), a.unbind(dim), strict=True))[:: -1 if reverse else 1]
    made = [rows[0][0]]
    for value, factor in rows[1:]:
        made.append(value + factor * made[-1])
    return torch.stack(made[:: -1 if reverse else 1], dim)


def _exclusive(torch, x, dim, reverse=False):
    rows = x.unbind(dim)[:: -1 if reverse else 1]
    made = [torch.ones_like(rows[0])]
    for row in rows[:-1]:
        made.append(made[-1] * row)
    return torch.stack(made[:: -1 if reverse else 1], dim)


CASES = [
    cumulated("cumsum"),
    cumulated("cumprod", with_zeros),
    cumulated("cummax", distinct, **values("cummax")),
    cumulated("cummin", distinct, **values("cummin")),
    cumulated("logcumsumexp"),
    Case(
        "cumsum_reversed",
        (reals,),
        lambda t, x, dim: x.flip(dim).cumsum(dim).flip(dim),
        call=lambda x, dim: cumulative.cumsum_over(x, dim=dim, reverse=True),
        examples=[Example(((2, 3),), {"dim": dim}) for dim in (0, -1)],
    ),
    Case(
        "shift",
        (reals,),
        _shift,
        call=factors.shift,
        numbers="",
        examples=[Example(((3, 2),), {"dim": d, "by": by}) for d in (0, 1) for by in (1, -1)],
    ),
    Case(
        "recurrence",
        (reals, reals),
        _recurrence,
        call=factors.recurrence,
        numbers="",
        examples=[Example((e.shapes[0],) * 2, e.attributes) for e in BOTH_WAYS],
    ),
    Case(
        "exclusive_product",
        (with_zeros,),
        _exclusive,
        call=factors.exclusive_product,
        numbers="",
        examples=BOTH_WAYS,
    ),
]
