"""Pixels from channels and back, and interpolation."""

from tests.nn.cases import ModuleCase

LINES = [(2, 2, 5), (1, 1, 3), (0, 2, 4)]
IMAGES = [(2, 2, 4, 3), (1, 1, 3, 5), (0, 2, 4, 3)]
VOLUMES = [(1, 2, 2, 3, 2), (2, 1, 3, 2, 4)]
# Empty batches are in test_resampling.py: PyTorch shuffles them, but cannot differentiate that.
CASES = [
    ModuleCase("PixelShuffle", (2,), calls=[(2, 8, 2, 3), (4, 1, 3)]),
    ModuleCase("PixelShuffle", (3,), calls=[(1, 9, 2, 1)]),
    ModuleCase("PixelUnshuffle", (2,), calls=[(2, 2, 4, 6), (3, 2, 4)]),
    ModuleCase("ChannelShuffle", (2,), calls=[(2, 6, 2, 2), (1, 4, 3, 1)]),
    ModuleCase("ChannelShuffle", (3,), calls=[(2, 6, 2, 1)]),
    ModuleCase("UpsamplingNearest2d", (), {"scale_factor": 2}, IMAGES),
    ModuleCase("UpsamplingNearest2d", ((7, 2),), calls=IMAGES),
    ModuleCase("UpsamplingBilinear2d", (), {"scale_factor": (2, 1.5)}, IMAGES),
    ModuleCase("UpsamplingBilinear2d", (5,), calls=IMAGES),
]
CASES += [
    ModuleCase("Upsample", given, options, calls)
    for given, options, calls in [
        ((8,), {}, LINES),
        ((), {"scale_factor": 2, "mode": "linear"}, LINES),
        ((3,), {"mode": "linear", "align_corners": True}, LINES),
        ((), {"scale_factor": (1.7, 2.5)}, IMAGES),
        (((3, 8),), {"mode": "nearest-exact"}, IMAGES),
        ((), {"scale_factor": 2, "mode": "bilinear"}, IMAGES),
        ((), {"scale_factor": 1.5, "mode": "bilinear", "recompute_scale_factor": True}, IMAGES),
        (((2, 7),), {"mode": "bicubic"}, IMAGES),
        ((), {"scale_factor": 2.3, "mode": "bicubic", "align_corners": True}, IMAGES),
        (((3, 2),), {"mode": "area"}, IMAGES),
        ((), {"scale_factor": 2}, VOLUMES),
        ((), {"scale_factor": (2, 1.4, 1.5), "mode": "trilinear"}, VOLUMES),
        ((4,), {"mode": "trilinear", "align_corners": True}, VOLUMES),
    ]
]
