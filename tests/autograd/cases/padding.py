"""Cases of padding."""

from tests.autograd.cases.case import Case, Example, reals

CONSTANT = [
    Example(((2, 3),), {"pad": p})
    for p in ((1, 2), (1, 0, 2, 1), (-1, 2), (-1, -1, 1, -1), (), (-2, -1))
]
CONSTANT += [Example(((2, 3),), {"pad": (1, 1), "value": 7}), Example(((),), {"pad": ()})]
CONSTANT += [Example(((0, 2),), {"pad": (1, 0, 1, 1)})]
WITHIN = [
    Example(((2, 3, 4),), {"pad": p, "mode": mode})
    for mode, pads in {
        "reflect": ((1, 2), (3, 0), (0, 3), (-1, 2), (1, -2), (2, 1, 1, 2)),
        "replicate": ((1, 2), (5, 6), (-1, 2), (2, -3), (1, 2, 0, 4)),
        "circular": ((1, 2), (4, 4), (-1, 2), (1, -2), (1, 2, 3, 0)),
    }.items()
    for p in pads
]

CASES = [
    Case(
        "pad",
        (reals,),
        lambda t, x, **attributes: t.nn.functional.pad(x, **attributes),
        examples=CONSTANT + WITHIN,
    )
]
