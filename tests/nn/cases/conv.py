"""Convolutions."""

from tests.nn.cases import ModuleCase

CASES = [
    ModuleCase("Conv2d", (2, 3, 3), calls=[(2, 2, 4, 5), (1, 2, 3, 3), (0, 2, 5, 4), (2, 5, 5)]),
    ModuleCase("Conv2d", (2, 3, 3), {"padding": 1, "bias": False}, calls=[(1, 2, 3, 4)]),
    ModuleCase("Conv2d", (2, 3, (2, 3), (2, 1), (0, 2)), calls=[(2, 2, 5, 4), (2, 2, 7, 6)]),
    ModuleCase("Conv2d", (2, 3, 5), {"stride": 3, "padding": 2}, calls=[(1, 2, 5, 6)]),
    ModuleCase("Conv2d", (2, 3, 1), calls=[(2, 2, 3, 2)]),
    ModuleCase("Conv2d", (2, 3, 3), {"padding": "same"}, calls=[(2, 2, 3, 4)]),
    ModuleCase("Conv2d", (2, 3, 3), {"padding": "valid"}, calls=[(2, 2, 3, 4)]),
]
