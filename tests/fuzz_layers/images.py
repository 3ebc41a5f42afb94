"""Layers of images and lines: convolutions, pools, padding, shuffling, resampling."""

from dataclasses import replace
from math import prod

import numpy as np

from tests.fuzz_layers.drawing import Configuration, Given


def convolution(d):
    rank, groups = d.upto(1, 3), d.pick(1, 1, 2, 3)
    channels = groups * d.upto(1, 3), groups * d.upto(1, 3)
    options = {
        "stride": d.each(rank, lambda: d.pick(1, 1, 2, 3)),
        "padding": d.pick(d.each(rank, lambda: d.upto(0, 3)), "same", "valid", 0),
        "dilation": d.each(rank, lambda: d.pick(1, 1, 2, 3)),
        "groups": groups,
        "bias": d.chance(0.7),
        "padding_mode": d.pick("zeros", "zeros", "reflect", "replicate", "circular"),
    }
    if options["padding"] == "same" and d.chance(0.8):
        options["stride"] = 1
    kernel = d.each(rank, lambda: d.upto(1, 4))
    x = d.x(*d.batch(), channels[0], *d.sizes(rank, 1, 9))
    return Configuration(f"Conv{rank}d", (*channels, kernel), options, [x], tolerance=20)


def transposed_convolution(d):
    rank, groups = d.upto(1, 3), d.pick(1, 1, 2, 3)
    channels = groups * d.upto(1, 3), groups * d.upto(1, 3)
    options = {
        "stride": d.each(rank, lambda: d.pick(1, 2, 3)),
        "padding": d.each(rank, lambda: d.upto(0, 2)),
        "output_padding": d.each(rank, lambda: d.pick(0, 0, 1)),
        "dilation": d.each(rank, lambda: d.pick(1, 1, 2)),
        "groups": groups,
        "bias": d.chance(0.7),
    }
    call = {"output_size": list(d.sizes(rank, 1, 15))} if d.chance(0.2) else {}
    kernel = d.each(rank, lambda: d.upto(1, 4))
    x = d.x(*d.batch(), channels[0], *d.sizes(rank, 1, 5))
    return Configuration(
        f"ConvTranspose{rank}d", (*channels, kernel), options, [x], call, tolerance=20
    )


def pooling(d):
    rank, kind = d.upto(1, 3), d.pick("Max", "Avg", "LP")
    options = {
        "stride": d.pick(None, d.each(rank, lambda: d.upto(1, 3))),
        "ceil_mode": d.chance(0.4),
    }
    args = (d.each(rank, lambda: d.upto(1, 4)),)
    if kind != "LP":
        options["padding"] = d.each(rank, lambda: d.pick(0, 0, 1, 2))
    if kind == "Max":
        options |= {"dilation": d.pick(1, 1, 2), "return_indices": d.chance(0.4)}
    elif kind == "Avg":
        options["count_include_pad"] = d.chance(0.6)
        if rank > 1:
            options["divisor_override"] = d.pick(None, None, 3, -2)
    else:
        args = (d.pick(1, 2, 3, 1.5), *args) if rank > 1 else (d.pick(1, 2), d.upto(1, 4))
        options["stride"] = d.pick(None, d.upto(1, 3))
    x = d.x(*d.batch(), d.upto(1, 3), *d.sizes(rank, 2, 9))
    if kind == "Max" and d.chance(0.4):  # ties
        x = replace(x, array=np.round(x.array))
    return Configuration(f"{kind}Pool{rank}d", args, options, [x], tolerance=50)


def adaptive_pooling(d):
    rank, kind = d.upto(1, 3), d.pick("Max", "Avg")
    size = tuple(d.pick(None, 1, 2, 3, 5, 7) for _ in range(rank))
    size = d.upto(1, 7) if rank == 1 or d.chance(0.4) else size
    options = {"return_indices": d.chance(0.4)} if kind == "Max" else {}
    x = d.x(*d.batch(), d.upto(1, 3), *d.sizes(rank, 1, 9))
    return Configuration(f"Adaptive{kind}Pool{rank}d", (size,), options, [x])


def unpooling(d):
    rank, kernel, channels = d.upto(1, 3), d.upto(1, 3), d.upto(1, 2)
    stride, batch, size = d.pick(None, d.upto(1, 3)), d.batch(), d.sizes(rank, 1, 3)
    whole = [(n - 1) * (stride or kernel) + kernel for n in size]
    planes = prod(batch) * channels
    places = [
        d.numbers.permutation(max(prod(whole), prod(size)))[: prod(size)] for _ in range(planes)
    ]
    places = np.array(places, np.int64).reshape(*batch, channels, *size)
    call = {"output_size": [n + d.upto(-1, 1) for n in whole]} if d.chance(0.3) else {}
    inputs = [d.x(*batch, channels, *size), Given(places)]
    return Configuration(f"MaxUnpool{rank}d", (kernel,), {"stride": stride}, inputs, call)


def padding(d):
    rank, kind = d.upto(1, 3), d.pick("Zero", "Constant", "Reflection", "Replication", "Circular")
    width = lambda: d.pick(0, 1, 2, 3, -1)  # noqa: E731
    widths = d.pick(width(), tuple(width() for _ in range(2 * rank)))
    args = (widths, 1.5) if kind == "Constant" else (widths,)
    x = d.x(*d.batch(), d.upto(1, 3), *d.sizes(rank, 3, 6))
    return Configuration(f"{kind}Pad{rank}d", args, {}, [x])


def unfolding(d):
    kernel, stride = d.sizes(2, 1, 3), d.sizes(2, 1, 3)
    wide, apart, size = d.sizes(2, 0, 2), d.sizes(2, 1, 2), d.sizes(2, 3, 8)
    options = {"dilation": apart, "padding": wide, "stride": stride}
    channels = d.upto(1, 3)
    if d.chance(0.5):
        return Configuration("Unfold", (kernel,), options, [d.x(*d.batch(), channels, *size)])
    lines = zip(size, wide, apart, kernel, stride, strict=True)
    windows = prod(max(0, (n + 2 * p - a * (k - 1) - 1) // s + 1) for n, p, a, k, s in lines)
    x = d.x(*d.batch(), channels * prod(kernel), windows)
    return Configuration("Fold", (size, kernel), options, [x])


def shuffling(d):
    ratio, batch = d.upto(1, 3), (d.upto(1, 3),)
    size = d.sizes(2, 1, 3)
    name = d.pick("PixelShuffle", "PixelUnshuffle", "ChannelShuffle")
    if name == "PixelUnshuffle":
        x = d.x(*batch, d.upto(1, 2), *(ratio * n for n in size))
    else:
        x = d.x(*batch, d.upto(1, 2) * ratio ** (2 if name == "PixelShuffle" else 1), *size)
    return Configuration(name, (ratio,), {}, [replace(x, layout="plain")])


def resampling(d):
    rank = d.upto(1, 3)
    own = ("linear", "bilinear", "trilinear")[rank - 1]
    mode = d.pick("nearest", "nearest-exact", "area", own, own, "bicubic")
    options = {"mode": mode}
    if d.chance(0.5):
        options["size"] = d.each(rank, lambda: d.upto(1, 9))
    else:
        options["scale_factor"] = d.each(rank, lambda: d.pick(0.5, 1.5, 2.0, 3.0, 0.9, 1.7))
        if d.chance(0.4):
            options["recompute_scale_factor"] = d.chance(0.5)
    if mode in (own, "bicubic") and d.chance(0.5):
        options["align_corners"] = d.chance(0.5)
    name = "Upsample" if d.chance(0.4) else "interpolate"
    if name == "interpolate" and rank == 2 and mode in ("bilinear", "bicubic") and d.chance(0.4):
        options = {"mode": mode, "size": d.sizes(2, 2, 9), "antialias": True}
    least = 2 if "antialias" in options else 1  # PyTorch repeats the first row of a single column
    x = d.x(d.pick(0, 1, 2), d.upto(1, 3), *d.sizes(rank, least, 7))
    return Configuration(name, (), options, [x], tolerance=100)


def sampling(d):
    rank, batch = d.pick(2, 3), d.pick(1, 2)
    if d.chance(0.3):
        size = [batch, d.upto(1, 2), *d.sizes(rank, 1, 4)]
        theta = d.x(batch, rank, rank + 1)
        return Configuration("affine_grid", (), {"align_corners": d.chance(0.5)}, [theta, size])
    places = d.numbers.uniform(-1.5, 1.5, (batch, *d.sizes(rank, 1, 4), rank)).astype(d.dtype)
    mode = d.pick("bilinear", "nearest", *(["bicubic"] if rank == 2 else []))
    options = {
        "mode": mode,
        "padding_mode": d.pick("zeros", "border", "reflection"),
        "align_corners": d.pick(True, False, None),
    }
    x = d.x(batch, d.upto(1, 2), *d.sizes(rank, 1, 5))
    grid = Given(places, grad=mode != "nearest")  # PyTorch sends zeros there, ours nothing
    return Configuration("grid_sample", (), options, [x, grid], tolerance=200)
