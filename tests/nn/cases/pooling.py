"""Pooling."""

from tests.nn.cases import ModuleCase

SHAPES = [(2, 2, 4, 5), (1, 1, 3, 3), (0, 2, 4, 4), (2, 4, 4)]
CASES = [
    ModuleCase(name, *given, calls=SHAPES)
    for name in ("MaxPool2d", "AvgPool2d")
    for given in [
        ((2,),),
        ((3,), {"stride": 2, "padding": 1}),
        (((3, 2),), {"stride": (1, 2)}),
        ((2,), {"ceil_mode": True}),
    ]
]
CASES += [
    ModuleCase("AvgPool2d", (3,), options, calls=[(2, 1, 4, 5)])
    for options in [
        {"padding": 1, "count_include_pad": False},
        {"padding": 1, "divisor_override": 5},
        {"padding": 1, "ceil_mode": True, "stride": 2},
    ]
]
