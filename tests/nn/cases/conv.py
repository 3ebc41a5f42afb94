"""Convolutions, transposed convolutions, and the columns of windows."""

from tests.nn.cases import ModuleCase

CASES = [
    ModuleCase("Conv2d", (2, 3, 3), calls=[(2, 2, 4, 5), (1, 2, 3, 3), (0, 2, 5, 4), (2, 5, 5)]),
    ModuleCase("Conv2d", (2, 3, 3), {"padding": 1, "bias": False}, calls=[(1, 2, 3, 4)]),
    ModuleCase("Conv2d", (2, 3, (2, 3), (2, 1), (0, 2)), calls=[(2, 2, 5, 4), (2, 2, 7, 6)]),
    ModuleCase("Conv2d", (2, 3, 5), {"stride": 3, "padding": 2}, calls=[(1, 2, 5, 6)]),
    ModuleCase("Conv2d", (2, 3, 1), calls=[(2, 2, 3, 2), (0, 2, 1, 1), (2, 2, 2)]),
    ModuleCase("Conv2d", (4, 6, 1), {"stride": 2, "groups": 2}, calls=[(2, 4, 4, 3)]),
    ModuleCase("Conv2d", (4, 6, 1), {"groups": 2}, calls=[(2, 4, 2, 3), (3, 4, 1, 1)]),
    ModuleCase("Conv2d", (2, 3, (3, 4)), calls=[(2, 2, 3, 4), (1, 2, 4, 4), (0, 2, 3, 4)]),
    ModuleCase("Conv2d", (2, 3, 3), {"padding": "same"}, calls=[(2, 2, 3, 4)]),
    ModuleCase(
        "Conv2d",
        (1, 2, (2, 4)),
        {"padding": "same", "dilation": (3, 1)},
        calls=[(2, 1, 4, 3), (1, 4, 5), (0, 1, 3, 3)],
    ),
    ModuleCase("Conv2d", (2, 3, 3), {"padding": "valid"}, calls=[(2, 2, 3, 4)]),
    ModuleCase("Conv2d", (1, 2, 2), {"dilation": (2, 3)}, calls=[(1, 1, 4, 5), (2, 1, 3, 4)]),
    ModuleCase(
        "Conv2d",
        (2, 2, 3, (3, 2), (2, 1)),
        {"dilation": (2, 1)},
        calls=[(1, 2, 6, 4), (2, 2, 9, 7)],
    ),
    ModuleCase("Conv2d", (4, 6, 3, 2, 1), {"groups": 2}, calls=[(1, 4, 4, 3), (3, 4, 7, 6)]),
    ModuleCase(
        "Conv2d",
        (3, 3, 3, 1, 1),
        {"groups": 3},
        calls=[(2, 3, 3, 4), (0, 3, 3, 3), (11, 3, 5, 6), (3, 4, 4)],
    ),
    ModuleCase(
        "Conv2d",
        (2, 6, (2, 3), (2, 1)),
        {"groups": 2, "dilation": (1, 2), "padding": 1, "bias": False},
        calls=[(2, 2, 4, 4), (2, 2, 5, 7)],
    ),
    ModuleCase(
        "Conv2d", (1, 2, 3), {"padding": 2, "padding_mode": "reflect"}, calls=[(2, 1, 3, 4)]
    ),
    ModuleCase(
        "Conv2d",
        (1, 2, (2, 3), 2),
        {"padding": (1, 0), "padding_mode": "replicate"},
        calls=[(2, 1, 3, 5), (1, 2, 4)],
    ),
    ModuleCase(
        "Conv2d",
        (2, 2, (4, 3)),
        {"padding": "same", "padding_mode": "circular", "groups": 2},
        calls=[(1, 2, 4, 3)],
    ),
    ModuleCase("Conv1d", (2, 3, 3), calls=[(2, 2, 5), (1, 2, 3), (0, 2, 4), (2, 6)]),
    ModuleCase(
        "Conv1d",
        (4, 2, 2, 3, 2, 2),
        {"groups": 2},
        calls=[(2, 4, 7), (1, 4, 3)],
    ),
    ModuleCase("Conv1d", (2, 2, 4), {"padding": "same", "groups": 2}, calls=[(2, 2, 5)]),
    ModuleCase(
        "Conv1d", (1, 2, 3, 2), {"padding": 2, "padding_mode": "circular"}, calls=[(2, 1, 4)]
    ),
    ModuleCase("Conv1d", (3, 2, 1), calls=[(2, 3, 4)]),
    ModuleCase(
        "Conv3d", (2, 2, 2), calls=[(1, 2, 3, 2, 3), (0, 2, 3, 3, 3), (2, 3, 4, 2), (9, 2, 2, 3, 2)]
    ),
    ModuleCase(
        "Conv3d",
        (2, 4, (3, 2, 1), (2, 1, 3), (1, 2, 0), (2, 1, 1)),
        {"groups": 2},
        calls=[(1, 2, 4, 2, 3), (2, 2, 5, 3, 4)],
    ),
    ModuleCase("Conv3d", (2, 2, (1, 3, 3)), {"padding": "same"}, calls=[(1, 2, 2, 3, 2)]),
    ModuleCase("Conv3d", (2, 2, 1), calls=[(1, 2, 2, 3, 2)]),
    ModuleCase(
        "Conv3d", (1, 1, 3), {"padding": 1, "padding_mode": "replicate"}, calls=[(1, 1, 2, 3, 2)]
    ),
    ModuleCase("ConvTranspose1d", (2, 3, 3), calls=[(2, 2, 3), (0, 2, 3), (2, 4), (1, 2, 1)]),
    ModuleCase(
        "ConvTranspose1d",
        (4, 2, 3, 3, 1, 2, 2),
        {"dilation": 2},
        calls=[(2, 4, 3), (1, 4, 2)],
    ),
    ModuleCase("ConvTranspose1d", (1, 2, 3, 1, 1, 1), {"dilation": 2}, calls=[(2, 1, 4)]),
    ModuleCase("ConvTranspose1d", (2, 2, 1, 1, 0, 1), {"dilation": 2}, calls=[(2, 2, 3)]),
    ModuleCase(
        "ConvTranspose2d", (2, 3, 3), calls=[(2, 2, 2, 3), (0, 2, 2, 2), (2, 3, 2), (9, 2, 1, 1)]
    ),
    ModuleCase(
        "ConvTranspose2d",
        (2, 4, (3, 2), (2, 3), (1, 0), (1, 2), 2, False),
        calls=[(2, 2, 3, 2), (1, 2, 1, 1)],
    ),
    ModuleCase(
        "ConvTranspose2d",
        (3, 3, 2, 2, 0, 0, 3, True, (2, 1)),
        calls=[(2, 3, 2, 3), (9, 3, 3, 3)],
    ),
    ModuleCase("ConvTranspose2d", (2, 3, 1), calls=[(2, 2, 2, 3)]),
    ModuleCase(
        "ConvTranspose2d",
        (2, 1, 3, 2, 1),
        calls=[(1, 2, 2, 3), (2, 2, 2, 3)],
        call_kwargs={"output_size": [4, 5]},
    ),
    ModuleCase("ConvTranspose3d", (2, 2, 2), calls=[(1, 2, 2, 1, 2), (0, 2, 1, 1, 1)]),
    ModuleCase(
        "ConvTranspose3d",
        (2, 4, (3, 2, 1), (2, 1, 2), (1, 0, 0), (1, 0, 1), 2),
        {"dilation": (1, 2, 1)},
        calls=[(1, 2, 2, 3, 1), (2, 2, 3, 2, 2)],
    ),
    ModuleCase("Unfold", (2,), calls=[(2, 2, 3, 4), (0, 1, 3, 3), (2, 4, 3)]),
    ModuleCase("Unfold", ((3, 2), (1, 2), (1, 0), (2, 1)), calls=[(1, 2, 3, 4), (2, 1, 5, 6)]),
    ModuleCase("Fold", ((3, 4), 2), calls=[(2, 8, 6), (0, 4, 6), (4, 6)]),
    ModuleCase("Fold", ((5, 6), (3, 2), (1, 2), (1, 0), (2, 1)), calls=[(2, 6, 12)]),
]
