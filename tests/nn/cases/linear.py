"""Affine maps and what changes only shapes."""

from tests.nn.cases import ModuleCase

CASES = [
    ModuleCase("Linear", (3, 4), calls=[(5, 3), (1, 3), (0, 3), (3,), (2, 3, 3)]),
    ModuleCase("Linear", (3, 4, False), calls=[(2, 3)]),
    ModuleCase(
        "Bilinear",
        (3, 2, 4),
        calls=[((2, 3), (2, 2)), ((1, 3), (1, 2)), ((0, 3), (0, 2)), ((3,), (2,))],
    ),
    ModuleCase("Bilinear", (3, 2, 2, False), calls=[((2, 2, 3), (2, 2, 2))]),
    ModuleCase("Identity", (54,), {"unused": 1}, calls=[(2, 3), (0,), ()], own_repr=""),
    ModuleCase("Flatten", calls=[(2, 3, 2), (0, 3, 2), (2, 1)]),
    ModuleCase("Flatten", (0, 1), calls=[(2, 3, 2), (2, 3)]),
    ModuleCase("Unflatten", (1, (2, 3)), calls=[(2, 6), (0, 6), (1, 6, 2)]),
    ModuleCase("Unflatten", (-1, [-1, 2]), calls=[(2, 6), (6,)]),
]
