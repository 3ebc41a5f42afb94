"""Pooling of lines, images and volumes."""

import importlib

import numpy as np

from tests.nn.cases import ModuleCase

LINES = [(2, 2, 7), (1, 1, 4), (0, 2, 5), (2, 5)]
IMAGES = [(2, 2, 4, 5), (1, 1, 3, 3), (0, 2, 4, 4), (2, 4, 4)]
VOLUMES = [(1, 2, 3, 4, 5), (2, 1, 3, 3, 3), (0, 2, 3, 4, 3), (2, 4, 3, 3)]
CALLS = {"1": LINES, "2": IMAGES, "3": VOLUMES}

WINDOWS = {
    "1": [((2,),), ((3,), {"stride": 2, "padding": 1}), ((2,), {"ceil_mode": True})],
    "2": [
        ((2,),),
        ((3,), {"stride": 2, "padding": 1}),
        (((3, 2),), {"stride": (1, 2)}),
        ((2,), {"ceil_mode": True}),
    ],
    "3": [((2,),), ((3,), {"stride": 2, "padding": 1}), (((1, 2, 3),), {"stride": 1})],
}
CASES = [
    ModuleCase(f"{kind}Pool{rank}d", *given, calls=CALLS[rank])
    for kind in ("Max", "Avg")
    for rank in "123"
    for given in WINDOWS[rank]
]
CASES += [
    ModuleCase("MaxPool1d", (2,), {"dilation": 2, "stride": 1, "padding": 1}, LINES),
    ModuleCase("MaxPool2d", (2,), {"dilation": 2, "stride": 1}, IMAGES),
    ModuleCase("MaxPool2d", (3, 2, 1, (1, 2)), calls=[(2, 1, 5, 6), (1, 1, 4, 9)]),
    ModuleCase("MaxPool3d", (2,), {"dilation": (1, 2, 1), "ceil_mode": True}, VOLUMES),
    ModuleCase("MaxPool1d", (2,), {"return_indices": True}, LINES),
    ModuleCase("MaxPool2d", (3, 2, 1), {"return_indices": True}, IMAGES),
    ModuleCase("MaxPool3d", (2, 1), {"return_indices": True}, VOLUMES),
]
CASES += [
    ModuleCase("AvgPool2d", (3,), options, calls=[(2, 1, 4, 5)])
    for options in [
        {"padding": 1, "count_include_pad": False},
        {"padding": 1, "divisor_override": 5},
        {"padding": 1, "ceil_mode": True, "stride": 2},
    ]
]
CASES += [
    ModuleCase("AvgPool1d", (3, 2, 1, True, False), calls=LINES),
    ModuleCase("AvgPool3d", (2, 2, 1, False, False), calls=VOLUMES),
    ModuleCase("AvgPool3d", (2,), {"divisor_override": 3}, VOLUMES),
]
# A p-norm is smooth away from 0, and its root real where the powers are positive.
CASES += [
    ModuleCase("LPPool1d", (2, 3), calls=LINES),
    ModuleCase("LPPool1d", (2.0, 2), {"stride": 1, "ceil_mode": True}, LINES),
    ModuleCase("LPPool2d", (2, (2, 3)), calls=[(2, 2, 4, 6), *IMAGES[2:]]),
    ModuleCase("LPPool2d", (4, 2, 1), calls=IMAGES),
    ModuleCase("LPPool2d", (float("inf"), 2), {"ceil_mode": True}, IMAGES),
    ModuleCase("LPPool1d", (-float("inf"), 3), {"stride": 2}, LINES),
    ModuleCase("LPPool3d", (2, 2), {"stride": 1}, VOLUMES),
]
SIZES = {"1": [1, 3, (9,)], "2": [1, (3, 2), (None, 7)], "3": [1, (2, None, 3), 6]}
CASES += [
    ModuleCase(f"Adaptive{kind}Pool{rank}d", (size,), calls=CALLS[rank])
    for kind in ("Max", "Avg")
    for rank in "123"
    for size in SIZES[rank]
]
CASES += [
    ModuleCase(f"AdaptiveMaxPool{rank}d", (2,), {"return_indices": True}, CALLS[rank])
    for rank in "123"
]


def places(*shape, plane):
    """Return different places of planes, as max-pooling without overlap would find them."""
    rng = np.random.default_rng(3)
    count = int(np.prod(shape[2:], dtype=int))
    drawn = [rng.permutation(plane)[:count] for _ in range(shape[0] * shape[1])]
    return np.array(drawn, np.int64).reshape(shape)


CASES += [
    ModuleCase(
        "MaxUnpool1d",
        (2,),
        calls=[
            ((2, 2, 3), places(2, 2, 3, plane=6)),
            ((0, 2, 3), np.zeros((0, 2, 3), np.int64)),
            ((2, 3), places(1, 2, 3, plane=6)[0]),
        ],
    ),
    ModuleCase(
        "MaxUnpool2d",
        (3, (2, 1), 1),
        calls=[
            ((2, 2, 3, 3), places(2, 2, 3, 3, plane=15)),
            ((2, 3, 3), places(1, 2, 3, 3, plane=15)[0]),
        ],
    ),
    ModuleCase(
        "MaxUnpool2d",
        (2,),
        calls=[((1, 2, 2, 3), places(1, 2, 2, 3, plane=35))],
        call_kwargs={"output_size": (5, 7)},
    ),
    ModuleCase("MaxUnpool3d", (2,), calls=[((1, 2, 1, 2, 2), places(1, 2, 1, 2, 2, plane=32))]),
]


def samples(*shape):
    """Return the numbers from which windows are placed, as an argument of either library."""
    numbers = np.random.default_rng(4).random(shape)

    def fixed(library):
        engine = "torch" if library.__name__ == "torch.nn" else "autograd"
        return importlib.import_module(engine).tensor(numbers)

    fixed.__name__ = f"numbers {shape}"
    return fixed


CASES += [
    ModuleCase(
        "FractionalMaxPool2d",
        (2,),
        {**size, "_random_samples": samples(2, 3, 2)},
        calls=[(2, 3, 7, 6), (2, 3, 5, 9)],
    )
    for size in ({"output_size": (4, 3)}, {"output_ratio": 0.6, "return_indices": True})
]
CASES += [
    ModuleCase(
        "FractionalMaxPool3d",
        ((2, 1, 3), (2, 3, 2)),
        {"_random_samples": samples(1, 2, 3)},
        calls=[(1, 2, 4, 5, 6), (2, 5, 4, 7)],
    ),
    ModuleCase(
        "FractionalMaxPool2d", (2,), {"output_size": 2}, [(0, 2, 4, 4)], differentiable="empty"
    ),
]
