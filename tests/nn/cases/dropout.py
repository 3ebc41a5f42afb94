"""Noise while training."""

from tests.nn.cases import ModuleCase

CASES = [
    ModuleCase("Dropout", calls=[(3, 4), (0, 2)], random="the mask"),
    ModuleCase("Dropout", (0.0,), calls=[(3, 4)]),
    ModuleCase("Dropout", (1.0,), calls=[(3, 4)]),
]
