"""Normalisation."""

from tests.nn.cases import ModuleCase

IMAGES = [(3, 2, 2, 2), (1, 2, 2, 1), (4, 2, 5, 4), (0, 2, 3, 3)]

CASES = [
    ModuleCase("BatchNorm2d", (2,), calls=IMAGES),
    ModuleCase("BatchNorm2d", (2,), {"momentum": None, "eps": 1e-2}, calls=IMAGES[:3]),
    ModuleCase("BatchNorm2d", (2,), {"momentum": 0.4, "affine": False}, calls=[(3, 2, 2, 2)]),
    ModuleCase("BatchNorm2d", (2,), {"track_running_stats": False}, calls=IMAGES),
    ModuleCase("BatchNorm2d", (2,), {"bias": False}, calls=[(3, 2, 2, 2)]),
    ModuleCase("BatchNorm2d", (2, 1e-3, 0.3, True, True, "cpu"), calls=[(3, 2, 2, 2)]),
    ModuleCase("BatchNorm1d", (3,), calls=[(4, 3), (5, 3, 2), (0, 3), (1, 3, 7), (2, 3, 33)]),
    ModuleCase("BatchNorm1d", (3,), {"momentum": None}, calls=[(4, 3)]),
    ModuleCase("BatchNorm3d", (2,), calls=[(2, 2, 1, 3, 2), (0, 2, 2, 2, 2), (3, 2, 3, 2, 7)]),
    ModuleCase("InstanceNorm1d", (2,), calls=[(3, 2, 4), (2, 3), (0, 2, 3), (1, 2, 35)]),
    ModuleCase("InstanceNorm1d", (2,), {"affine": True}, calls=[(3, 2, 4), (2, 3)]),
    ModuleCase(
        "InstanceNorm2d",
        (2,),
        {"affine": True, "track_running_stats": True, "momentum": 0.3, "eps": 1e-3},
        calls=[(3, 2, 2, 2), (2, 3, 4), (1, 2, 6, 7)],
    ),
    ModuleCase(
        "InstanceNorm2d",
        (2,),
        {"track_running_stats": True, "momentum": None},
        calls=[(3, 2, 2, 2)],
    ),
    ModuleCase("InstanceNorm2d", (2,), {"affine": True, "bias": False}, calls=[(3, 2, 2, 2)]),
    ModuleCase("InstanceNorm3d", (2,), calls=[(2, 2, 1, 3, 2), (2, 2, 2, 2), (0, 2, 2, 2, 2)]),
    ModuleCase("GroupNorm", (2, 4), calls=[(2, 4, 3), (2, 4), (1, 4, 5, 7), (0, 4, 2), (2, 4, 40)]),
    ModuleCase("GroupNorm", (3, 3), {"affine": False, "eps": 1e-2}, calls=[(2, 3, 2, 2)]),
    ModuleCase("GroupNorm", (1, 3), {"bias": False}, calls=[(2, 3, 2, 2)]),
    ModuleCase("LayerNorm", (4,), calls=[(3, 4), (4,), (2, 3, 4), (0, 4), (1, 4)]),
    ModuleCase("LayerNorm", ((2, 3),), {"eps": 1e-3}, calls=[(2, 2, 3), (2, 3), (4, 1, 2, 3)]),
    ModuleCase("LayerNorm", (37,), calls=[(5, 37)], twice="the same as of a shorter row"),
    ModuleCase("LayerNorm", (4,), {"bias": False}, calls=[(3, 4)]),
    ModuleCase("LayerNorm", (4,), {"elementwise_affine": False}, calls=[(3, 4)]),
    ModuleCase("RMSNorm", (4,), calls=[(3, 4), (4,), (2, 3, 4), (0, 4)]),
    ModuleCase("RMSNorm", ((2, 3),), {"eps": 1e-2}, calls=[(2, 2, 3)]),
    ModuleCase("RMSNorm", (35,), {"elementwise_affine": False}, calls=[(2, 35)]),
    ModuleCase("LocalResponseNorm", (3,), {"alpha": 0.5}, calls=[(2, 4, 2), (1, 2, 3, 3)]),
    ModuleCase(
        "LocalResponseNorm",
        (4, 1.0, 0.5, 2.0),
        calls=[(2, 6, 2, 1), (0, 3, 2), (2, 1, 2), (1, 5, 2, 2, 2)],
    ),
]
