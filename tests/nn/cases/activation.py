"""Nonlinearities: on several axes, on none, on an empty batch, and in place."""

from tests.nn.cases import ModuleCase

SHAPES = [(2, 3, 2), (0, 2, 1), (), (1, 5)]
PLAIN = [
    "Hardshrink",
    "LogSigmoid",
    "Sigmoid",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
]
IN_PLACE = ["CELU", "ELU", "Hardswish", "Hardtanh", "LeakyReLU", "Mish", "ReLU", "ReLU6"]
IN_PLACE += ["SELU", "SiLU"]
CHANNELS = [(2, 3, 2), (0, 3, 1), (1, 3)]


def wide(rng):
    """Draw from -8 to 8, where every piece is met; not within .05 of an integer."""
    return (rng.integers(-8, 8, (3, 5)) + rng.uniform(0.05, 0.95, (3, 5))) + 0.0


CASES = [ModuleCase(name, calls=[*SHAPES, (wide,)]) for name in PLAIN + IN_PLACE]
CASES += [ModuleCase(name, kwargs={"inplace": True}, calls=[*SHAPES, (wide,)]) for name in IN_PLACE]
CASES += [
    # PyTorch's sixth is one of float32, also in float64.
    ModuleCase("Hardsigmoid", calls=[*SHAPES, (wide,)], tolerance=1e4),
    ModuleCase("Hardsigmoid", (True,), calls=SHAPES, tolerance=1e4),
    ModuleCase("CELU", (0.5,), calls=[*SHAPES, (wide,)]),
    ModuleCase("ELU", (1.5,), calls=SHAPES),
    ModuleCase("GELU", calls=[*SHAPES, (wide,)]),
    ModuleCase("GELU", ("tanh",), calls=[*SHAPES, (wide,)]),
    ModuleCase("GLU", calls=[(2, 4), (0, 2), (2,), (3, 0)]),
    ModuleCase("GLU", (1,), calls=[(2, 4, 3), (1, 2)]),
    ModuleCase("Hardshrink", (1.5,), calls=[(wide,)]),
    ModuleCase("Hardtanh", (-1.5, 2.5), calls=[(wide,)]),
    ModuleCase("Hardtanh", kwargs={"min_val": -0.5, "inplace": True}, calls=SHAPES),
    ModuleCase("LeakyReLU", (0.1,), calls=SHAPES),
    ModuleCase("LeakyReLU", (2.0, True), calls=SHAPES),
    ModuleCase("LeakyReLU", (-2.0,), calls=SHAPES),
    ModuleCase("LogSoftmax", (1,), calls=[(2, 3, 2), (0, 2, 1)]),
    ModuleCase("Maxout", (3, 2), {"pieces": 3}, calls=[(4, 3), (0, 3), (3,)], ours="no such layer"),
    ModuleCase("Maxout", (3, 2, 2, False), calls=[(4, 3)], ours="no such layer"),
    ModuleCase("PReLU", calls=[*SHAPES, (wide,)]),
    ModuleCase("PReLU", (3, 0.5), calls=CHANNELS),
    ModuleCase("PReLU", (1,), {"init": -0.5}, calls=CHANNELS),
    ModuleCase("RReLU", calls=[(wide,), *SHAPES], random="slopes"),
    ModuleCase("RReLU", (0.5, 1.5, True), calls=SHAPES, random="slopes"),
    ModuleCase("Sign", calls=[(wide,)], ours="a function there", differentiable="it is 0"),
    ModuleCase("Softmax", (-1,), calls=[(2, 3, 2), (0, 2, 1), (4,)]),
    ModuleCase("Softmax", (0,), calls=[(2, 3, 2), (0, 2, 1)]),
    ModuleCase("Softmax2d", calls=[(2, 3, 2, 1), (0, 3, 2, 2), (2, 1, 3)]),
    ModuleCase("Softmin", (1,), calls=[(2, 3, 2), (0, 2, 1)]),
    ModuleCase("Softplus", (2.0, 1.5), calls=[*SHAPES, (wide,)]),
    ModuleCase("Softshrink", (1.5,), calls=[(wide,)]),
    ModuleCase("Step", calls=[(wide,)], ours="heaviside there", differentiable="it is 0"),
    ModuleCase("Threshold", (1, 20), calls=[(wide,), *SHAPES]),
    ModuleCase("Threshold", (-0.1, -2.5, True), calls=SHAPES),
]
