"""Activations."""

from tests.nn.cases import ModuleCase

SHAPES = [(2, 3, 2), (0, 2, 1), ()]
CASES = [
    ModuleCase(name, *given, calls=SHAPES)
    for name, *given in [
        ("ReLU",),
        ("ReLU", (True,)),
        ("LeakyReLU", (0.1,)),
        ("Sigmoid",),
        ("Tanh",),
    ]
]
CASES += [
    ModuleCase("Softmax", (-1,), calls=[(2, 3, 2), (0, 2, 1)]),
    ModuleCase("LogSoftmax", (1,), calls=[(2, 3, 2), (0, 2, 1)]),
]
