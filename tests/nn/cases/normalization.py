"""Normalisation."""

from tests.nn.cases import ModuleCase

CASES = [
    ModuleCase("BatchNorm2d", (2,), calls=[(3, 2, 2, 2), (1, 2, 2, 1), (4, 2, 5, 4)]),
    ModuleCase("BatchNorm2d", (2,), {"momentum": None, "eps": 1e-2}, calls=[(3, 2, 2, 2)]),
    ModuleCase("BatchNorm2d", (2,), {"momentum": 0.4, "affine": False}, calls=[(3, 2, 2, 2)]),
    ModuleCase("BatchNorm2d", (2,), {"track_running_stats": False}, calls=[(3, 2, 2, 2)]),
    ModuleCase("BatchNorm2d", (2,), {"bias": False}, calls=[(3, 2, 2, 2)]),
    ModuleCase("BatchNorm1d", (3,), calls=[(4, 3), (5, 3, 2)]),
]
