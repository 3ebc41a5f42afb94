"""Layers of any numbers: normalisation, activations, products, tables."""

from dataclasses import replace

import numpy as np

from tests.fuzz_layers.drawing import Configuration, Given


def normalisation(d):
    kind, channels = d.pick("Batch", "Instance", "Layer", "RMS", "Group", "Response"), d.upto(1, 4)
    some = {"eps": d.pick(1e-5, 1e-3, 0.1), "affine": d.chance(0.7)}
    if kind in ("Batch", "Instance"):
        rank = d.upto(1, 3)
        places = d.sizes(rank if rank > 1 or kind == "Instance" else d.pick(0, 1), 1, 5)
        some |= {"momentum": d.pick(0.1, 0.5, 1.0), "track_running_stats": d.chance(0.6)}
        batch = (d.pick(0, 1, 2, 3),) if kind == "Batch" else d.batch()
        if kind == "Instance" and 0 in batch:  # PyTorch's statistics are then not a number
            some["track_running_stats"] = False
        x = d.x(*batch, channels, *places)
        return Configuration(f"{kind}Norm{rank}d", (channels,), some, [x], tolerance=300)
    if kind in ("Layer", "RMS"):
        shape = d.sizes(d.upto(1, 2), 1, 5)
        some["elementwise_affine"] = some.pop("affine")
        some |= {"bias": d.chance(0.7)} if kind == "Layer" else {}
        x = d.x(*d.sizes(d.upto(0, 3), 0 if d.chance(0.1) else 1, 4), *shape)
        return Configuration(f"{kind}Norm", (shape,), some, [x], tolerance=300)
    if kind == "Group":
        groups = d.upto(1, 4)
        x = d.x(d.pick(0, 1, 2), groups * channels, *d.sizes(d.upto(0, 3), 1, 4))
        return Configuration("GroupNorm", (groups, groups * channels), some, [x], tolerance=300)
    some = {"alpha": d.pick(1e-4, 0.5), "beta": d.pick(0.75, 0.5), "k": d.pick(1.0, 2.0)}
    x = replace(d.x(d.pick(1, 2), d.upto(1, 7), *d.sizes(d.upto(1, 3), 1, 3)), layout="plain")
    return Configuration("LocalResponseNorm", (d.upto(1, 6),), some, [x], tolerance=20)


ACTIVATIONS = {
    **dict.fromkeys(("Hardsigmoid", "Hardswish", "LogSigmoid", "ReLU", "ReLU6", "SELU", "Sigmoid")),
    **dict.fromkeys(("SiLU", "Mish", "Softsign", "Tanh", "Tanhshrink", "Identity")),
    "ELU": ("alpha", 1.0, 0.5, 2.0),
    "CELU": ("alpha", 1.0, 0.5, 2.0),
    "Hardshrink": ("lambd", 0.5, 0.0),
    "Softshrink": ("lambd", 0.5, 0.0),
    "LeakyReLU": ("negative_slope", 0.01, 0.5),
    "GELU": ("approximate", "none", "tanh"),
    "Softplus": ("beta", 1, 2.0, 0.5),
    "Softmax": ("dim", -1, 0, 1),
    "LogSoftmax": ("dim", -1, 0, 1),
    "Softmin": ("dim", -1, 0, 1),
    "GLU": ("dim", -1, 0, 1),
    "Flatten": ("start_dim", 0, 1, -1),
}


def activation(d):
    name = d.random.choice([*ACTIVATIONS, "PReLU", "Hardtanh", "Threshold", "Softmax2d"])
    shape = d.sizes(3 if name == "Softmax2d" else d.upto(0, 4), 1, 4)
    options, args = {}, ()
    if name == "PReLU":
        args = (d.pick(1, shape[1] if len(shape) > 1 else 1),)
    elif name == "Hardtanh":
        options = {"min_val": -0.2, "max_val": d.pick(0.5, 1.0)}
    elif name == "Threshold":
        options = {"threshold": d.pick(0.1, 0, -1), "value": d.pick(20, 0.0)}
    elif ACTIVATIONS.get(name):
        word, *choices = ACTIVATIONS[name]
        options = {word: d.random.choice(choices)}
    x = d.x(*shape)
    if d.chance(0.3):
        x = replace(x, array=x.array * np.array(10, d.dtype))
    rounded = name in ("Hardsigmoid", "CELU")  # PyTorch has a constant in single precision
    return Configuration(name, args, options, [x], tolerance=2000 if rounded else 20)


def linear(d):
    batch, sizes = d.sizes(d.upto(0, 2), 0 if d.chance(0.1) else 1, 3), d.sizes(3, 1, 5)
    options = {"bias": d.chance(0.7)}
    if d.chance(0.6):
        return Configuration("Linear", sizes[:2], options, [d.x(*batch, sizes[0])], tolerance=20)
    inputs = [d.x(*batch, sizes[0]), d.x(*batch, sizes[1])]
    return Configuration("Bilinear", sizes, options, inputs, tolerance=20)


def embedding(d):
    rows, width = d.upto(1, 6), d.upto(1, 4)
    options = {"padding_idx": d.pick(None, 0, -1), "max_norm": d.pick(None, None, 0.5)}
    if d.chance(0.5):
        options["scale_grad_by_freq"] = d.chance(0.3)
        shape = d.sizes(d.upto(0, 3), 0 if d.chance(0.1) else 1, 4)
        return Configuration("Embedding", (rows, width), options, [d.classes(rows, *shape)])
    options["mode"] = d.pick("sum", "mean", "max")
    ids = d.classes(rows, d.upto(1, 7))
    begins = np.sort(d.numbers.integers(0, len(ids.array) + 1, d.upto(1, 4)))
    begins[0] = 0
    bags = [d.classes(rows, d.upto(0, 3), d.upto(1, 4))] if d.chance(0.5) else [ids, Given(begins)]
    call = {}
    if options["mode"] == "sum" and d.chance(0.4):
        call["per_sample_weights"] = d.x(*bags[0].array.shape)
    return Configuration("EmbeddingBag", (rows, width), options, bags, call, tolerance=20)
