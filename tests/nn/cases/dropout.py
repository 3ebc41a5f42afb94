"""Noise while training."""

from tests.nn.cases import ModuleCase

MASK = "the mask"


def linear(library):
    return library.Linear(3, 2)


CASES = [
    ModuleCase("Dropout", calls=[(3, 4), (0, 2)], random=MASK),
    ModuleCase("Dropout", (0.5, True), calls=[(3, 4)], random=MASK),
    ModuleCase("Dropout", (0.0,), calls=[(3, 4)]),
    ModuleCase("Dropout", (1.0,), calls=[(3, 4)]),
    ModuleCase("Dropout", (1.0, True), calls=[(3, 4), (0, 2)]),
    ModuleCase("Dropout1d", calls=[(3, 4, 2), (4, 2), (0, 2, 2)], random=MASK),
    ModuleCase("Dropout1d", (1.0, True), calls=[(3, 4, 2), (4, 2)]),
    ModuleCase("Dropout2d", (0.3,), calls=[(3, 4, 2, 2), (0, 2, 2, 2)], random=MASK),
    ModuleCase("Dropout2d", (1.0,), calls=[(3, 4, 2, 2)]),
    ModuleCase("Dropout3d", (0.3, True), calls=[(2, 3, 1, 2, 2), (3, 1, 2, 2)], random=MASK),
    ModuleCase("Dropout3d", (1.0,), calls=[(2, 3, 1, 2, 2), (3, 1, 2, 2)]),
    ModuleCase("AlphaDropout", calls=[(3, 4), (0, 2)], random=MASK),
    ModuleCase("AlphaDropout", (1.0,), calls=[(3, 4)]),
    ModuleCase("FeatureAlphaDropout", (0.2,), calls=[(3, 4, 2), (0, 2, 2)], random=MASK),
    ModuleCase("FeatureAlphaDropout", (0.0,), calls=[(3, 4, 2), (3,)]),
    ModuleCase("DropConnect", (linear, 0.3), calls=[(4, 3), (0, 3)], ours="a wrapper", random=MASK),
    ModuleCase("StochasticDepth", (0.3, "row"), calls=[(4, 3)], ours="torchvision's", random=MASK),
]
