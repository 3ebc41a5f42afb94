"""Cases of splitting: the parts are joined again with weights, so that each counts differently."""

import autograd
from tests.autograd.cases.case import Case, Example, reals


def parts(name, examples):
    """A function that returns a tuple of views."""

    def weighted(parts):
        return [part * (i + 1) for i, part in enumerate(parts)]

    def ravelled(t, parts):
        return t.cat([part.reshape(-1) for part in weighted(parts)])

    def called(library):
        return lambda x, by, **dim: ravelled(library, getattr(library, name)(x, *by, **dim))

    return Case(
        name,
        (reals,),
        lambda t, *operands, **attributes: called(t)(*operands, **attributes),
        call=called(autograd),
        examples=[Example((shape,), {"by": by, **dim}) for shape, by, dim in examples],
    )


CASES = [
    Case(
        "narrow",
        (reals,),
        examples=[
            Example(((3, 4),), {"dim": d, "start": s, "length": n})
            for d, s, n in ((0, 1, 2), (-1, -3, 2), (1, 4, 0))
        ],
    ),
    Case(
        "select",
        (reals,),
        examples=[Example(((3, 4),), {"dim": d, "index": i}) for d, i in ((0, 1), (-1, -4))]
        + [Example(((2,),), {"dim": 0, "index": 1})],
    ),
    parts(
        "split",
        [((5, 2), (2,), {}), ((2, 5), ([1, 0, 4],), {"dim": 1}), ((0, 2), (3,), {})],
    ),
    parts("split_with_sizes", [((5, 2), ([2, 0, 3],), {}), ((2, 3), ((1, 2),), {"dim": -1})]),
    parts("chunk", [((5, 2), (3,), {}), ((2, 4), (9,), {"dim": -1}), ((0, 2), (2,), {})]),
    parts("tensor_split", [((5, 2), (3,), {}), ((2, 5), ((1, 3, 2, 9, -1),), {"dim": 1})]),
    parts("unbind", [((3, 2), (), {}), ((3, 2), (), {"dim": -1}), ((2,), (), {})]),
    parts("hsplit", [((2, 4), (2,), {}), ((3,), ([1],), {})]),
    parts("vsplit", [((4, 2), (2,), {})]),
    parts("dsplit", [((1, 2, 4), ([1, 2],), {})]),
]
