"""Cases of other orders and of repetition."""

import numpy as np

import autograd
from autograd.ops import arrangement
from tests.autograd.cases.case import Case, Example, reals


def _torch_repeats(t, x, repeats, **options):
    repeats = t.tensor(repeats) if isinstance(repeats, np.ndarray) else repeats
    return t.repeat_interleave(x, repeats, **options)


def _repeats(x, repeats, **options):
    repeats = autograd.tensor(repeats) if isinstance(repeats, np.ndarray) else repeats
    return autograd.repeat_interleave(x, repeats, **options)


CASES = [
    Case(
        "flip",
        (reals,),
        examples=[Example(((2, 3, 2),), {"dims": d}) for d in ((0,), (-1, 0), (), (0, 1, 2))]
        + [Example(((),), {"dims": (0,)}), Example(((0, 2),), {"dims": (1,)})],
    ),
    Case("fliplr", (reals,), examples=[Example(((2, 3),)), Example(((2, 3, 2),))]),
    Case("flipud", (reals,), examples=[Example(((3,),)), Example(((2, 3),))]),
    Case(
        "roll",
        (reals,),
        examples=[
            Example(((3, 4),), {"shifts": s, "dims": d})
            for s, d in ((1, 0), ((1, -2), (0, 1)), (5, -1), ((1, 1), (0, 0)))
        ]
        + [Example((s,), {"shifts": -2}) for s in ((3, 4), (), (0, 2))],
    ),
    Case(
        "rot90",
        (reals,),
        examples=[Example(((2, 3),), {"k": k}) for k in (0, 1, 2, 3, -1, 6)]
        + [Example(((2, 3, 4),), {"k": 1, "dims": (2, 0)})],
    ),
    Case(
        "repeat",
        (reals,),
        lambda t, x, repeats: x.repeat(repeats),
        call=arrangement.repeat,
        examples=[Example(((2, 3),), {"repeats": r}) for r in ((2, 2), (1, 1), (3, 1, 2), (0, 2))]
        + [Example(((),), {"repeats": (3,)}), Example(((),), {"repeats": ()})],
    ),
    Case(
        "tile",
        (reals,),
        examples=[Example(((2, 3),), {"dims": d}) for d in ((2,), (2, 2), (2, 1, 3), ())],
    ),
    Case(
        "repeat_interleave",
        (reals,),
        _torch_repeats,
        call=_repeats,
        examples=[
            Example(((2, 3),), {"repeats": r, **a})
            for r, a in (
                (2, {}),
                (3, {"dim": 1}),
                (np.array([1, 3]), {"dim": 0}),
                (np.array([2, 0, 1]), {"dim": -1}),
                (np.array([2]), {"dim": 0}),
                (0, {"dim": 0}),
                (np.arange(6), {}),
            )
        ]
        + [Example(((),), {"repeats": 3}), Example(((0, 2),), {"repeats": 2, "dim": 1})],
    ),
]
