"""Losses and distances."""

import numpy as np

from tests.fuzz_layers.drawing import Configuration, Given

REDUCTIONS = ("mean", "sum", "none")


def regression_loss(d):
    name = d.pick("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "KLDivLoss", "PoissonNLLLoss",
                  "SoftMarginLoss", "BCELoss", "BCEWithLogitsLoss", "GaussianNLLLoss")  # fmt: skip
    shape = d.sizes(d.upto(1, 3), 0 if d.chance(0.1) else 1, 4)
    options = {"reduction": d.random.choice(REDUCTIONS)}
    kind, target, more = "normal", "normal", []
    if name == "SmoothL1Loss":
        options["beta"] = d.pick(1.0, 0.5, 0)
    elif name == "HuberLoss":
        options["delta"] = d.pick(1.0, 0.5)
    elif name == "KLDivLoss":
        options["log_target"] = d.chance(0.4)
        target = "normal" if options["log_target"] else "probable"
    elif name == "PoissonNLLLoss":
        options |= {"log_input": d.chance(0.5), "full": d.chance(0.5)}
        kind, target = "normal" if options["log_input"] else "positive", "positive"
    elif name == "SoftMarginLoss":
        target = "signs"
    elif name == "GaussianNLLLoss":
        options["full"] = d.chance(0.5)
        more = [d.x(*d.pick(shape, (*shape[:-1], 1)), kind="positive")]
    elif name.startswith("BCE"):
        kind, target = "probable" if name == "BCELoss" else "normal", "probable"
        if d.chance(0.4):
            options["weight"] = d.weights(shape[-1])
        if name != "BCELoss" and d.chance(0.4):
            options["pos_weight"] = d.weights(shape[-1])
    inputs = [d.x(*shape, kind=kind), d.x(*shape, kind=target, grad=d.chance(0.5)), *more]
    return Configuration(name, (), options, inputs, tolerance=50)


def classification_loss(d):
    number, batch = d.upto(1, 5), d.batch()
    places = d.sizes(d.upto(0, 2), 1, 3) if batch else ()
    name = d.pick("CrossEntropyLoss", "CrossEntropyLoss", "NLLLoss")
    options = {"reduction": d.random.choice(REDUCTIONS)}
    if d.chance(0.4):
        options["weight"] = d.weights(number)
    shares = name[0] == "C" and d.chance(0.35)
    if name[0] == "C" and d.chance(0.5):
        options["label_smoothing"] = d.pick(0.0, 0.1, 0.5, 1.0)
    if shares:
        target = d.x(*batch, number, *places, kind="shares", grad=d.chance(0.5))
    else:
        target = d.classes(number, *batch, *places)
        if d.chance(0.4):
            options["ignore_index"] = d.pick(-100, 0, number - 1)
    x = d.x(*batch, number, *places)
    return Configuration(name, (), options, [x, target], tolerance=30)


def margin_loss(d):
    name = d.pick("HingeEmbeddingLoss", "CosineEmbeddingLoss", "MarginRankingLoss",
                  "MultiMarginLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss",
                  "TripletMarginLoss", "CosineSimilarity", "PairwiseDistance")  # fmt: skip
    options, number = {"reduction": d.random.choice(REDUCTIONS)}, d.upto(1, 5)
    shape = (number,) if d.chance(0.2) else (d.upto(1, 3), number)
    one, signs = lambda: d.x(*shape), lambda *s: d.x(*s, kind="signs")  # noqa: E731
    margin = {"margin": d.pick(0.1, 0.5, 1.0)}
    if name == "HingeEmbeddingLoss":
        options, inputs = options | margin, [one(), signs(*shape)]
    elif name == "CosineEmbeddingLoss":
        options, inputs = options | margin, [one(), one(), signs(*shape[:-1])]
    elif name == "MarginRankingLoss":
        options, inputs = options | margin, [one(), one(), signs(*shape)]
    elif name == "MultiMarginLoss":
        options |= margin | {"p": d.pick(1, 2), "weight": d.pick(None, d.weights(number))}
        inputs = [one(), d.classes(number, *shape[:-1])]
    elif name == "MultiLabelMarginLoss":
        labels = np.full(shape, -1)
        for row in labels.reshape(-1, number):
            named = d.upto(0, number)
            row[:named] = d.numbers.permutation(number)[:named]
        inputs = [one(), Given(labels)]
    elif name == "MultiLabelSoftMarginLoss":
        inputs = [one(), Given(d.numbers.integers(0, 2, shape).astype(d.dtype))]
    elif name == "TripletMarginLoss":
        options |= margin | {"swap": d.chance(0.4), "p": d.pick(2.0, 1, 3.0)}
        inputs = [one(), one(), one()]
    elif name == "CosineSimilarity":
        options, inputs = {"dim": d.pick(0, -1)}, [one(), one()]
    else:
        options, inputs = {"p": d.pick(2.0, 1.0, 3.0), "keepdim": d.chance(0.4)}, [one(), one()]
    return Configuration(name, (), options, inputs, tolerance=50)
