"""Losses: scores, predictions or distances, and targets; distances as layers."""

import importlib

import numpy as np

from tests.nn.cases import ModuleCase

CLASSES = np.array([2, 0, 1, 1])
IGNORED = np.array([2, -100, 1, 1])
MAPS = np.array([[[0, 2], [1, -100], [2, 2]], [[1, 0], [0, 0], [2, 1]]])
EMPTY = np.zeros(0, int)
LABELS = np.array([1, -1, -1, 1])
COUNTS = np.array([[0.0, 1, 2], [5, 3, 0], [1, 1, 7], [2, 0, 4]])
ROWS = np.array([[3, 0, -1, 1], [2, -1, 0, 0], [-1, 1, 2, 3], [0, 1, 2, 3]])
OUTPUTS = np.log(np.random.default_rng(0).dirichlet(np.ones(4), (6, 3)))
STRINGS = np.array([[1, 1, 2], [0, 0, 0], [2, 1, 1]])
REDUCTIONS = [{"reduction": name} for name in ("mean", "sum", "none")]
OURS = "the course's"
# PyTorch warns of a reduction that it means to change.
OF_KL = [{"reduction": name} for name in ("batchmean", "sum", "none")]


def tensor(values):
    """Return a maker of the library's tensor: class weights."""

    def weight(library):
        made = importlib.import_module("autograd" if library.__name__ == "nn" else "torch")
        return made.tensor(np.array(values, np.float32))

    return weight


WEIGHT = tensor([0.5, 2.0, 1.0])


def probabilities(rng):
    """Draw targets that sum to one."""
    return rng.dirichlet(np.ones(3), 4)


def shares(rng):
    """Draw numbers within (0, 1)."""
    return rng.uniform(0.05, 0.95, (4, 3))


def log_shares(rng):
    """Draw log-probabilities."""
    return np.log(shares(rng))


def variances(*shape):
    """Return a maker of positive numbers."""
    return lambda rng: rng.uniform(0.2, 2, shape)


def each(name, calls, options=({},), **more):
    """Return a case for each set of options."""
    return [ModuleCase(name, kwargs=dict(kwargs), calls=calls, **more) for kwargs in options]


SCORES = [((4, 3), CLASSES), ((4, 3), IGNORED), ((3,), np.array(1)), ((2, 3, 3, 2), MAPS),
          ((2, 3, 2), MAPS[:, 0]), ((1, 3), CLASSES[:1]), ((0, 3), EMPTY)]  # fmt: skip
ALIKE = [((4, 3), (4, 3)), ((0, 3), (0, 3)), ((1,), (1,)), ((), ())]
SIGNED = [((4,), LABELS), ((0,), EMPTY)]
OF_CLASSES = [
    *REDUCTIONS,
    {"weight": WEIGHT},
    {"weight": WEIGHT, "reduction": "none"},
]
CLAMPED = "the slope passes where a variance is raised to eps"
SMOOTHED = [{"label_smoothing": 0.2}, {"label_smoothing": 0.3, "weight": WEIGHT}]

CASES = [
    *each("CrossEntropyLoss", [*SCORES, ((4, 3), probabilities)], [*OF_CLASSES, *SMOOTHED]),
    *each("NLLLoss", SCORES, OF_CLASSES),
    ModuleCase("CrossEntropyLoss", (None, None, 1), calls=SCORES[:1]),
    ModuleCase("CrossEntropyLoss", (None, None, 1, None, "sum", 0.1), calls=SCORES[:1]),
    ModuleCase("NLLLoss", (None, None, 1), calls=SCORES[:1]),
    ModuleCase("NLLLoss2d", calls=[((2, 3, 3, 2), MAPS)]),
    *each(
        "BCELoss",
        [(shares, shares), (shares, lambda rng: np.round(shares(rng))), ((0, 3), (0, 3))],
        [*REDUCTIONS, {"weight": WEIGHT}],
    ),
    *each(
        "BCEWithLogitsLoss",
        [((4, 3), shares), ((0, 3), (0, 3))],
        [*REDUCTIONS, {"weight": WEIGHT}, {"pos_weight": WEIGHT}],
    ),
    *each("MSELoss", ALIKE, REDUCTIONS),
    *each("L1Loss", ALIKE, REDUCTIONS),
    *each("SmoothL1Loss", ALIKE, [*REDUCTIONS, {"beta": 0.3}, {"beta": 0}]),
    *each("HuberLoss", ALIKE, [*REDUCTIONS, {"delta": 0.3}]),
    *each("KLDivLoss", [(log_shares, shares), (log_shares, COUNTS)], OF_KL),
    ModuleCase("KLDivLoss", (None, None, "sum", True), calls=[(log_shares, log_shares)]),
    *each(
        "PoissonNLLLoss",
        [(shares, COUNTS), (shares, shares)],
        [*REDUCTIONS, {"log_input": False}],
    ),
    ModuleCase("PoissonNLLLoss", (True, True), calls=[(shares, COUNTS + 2)]),
    *each(
        "GaussianNLLLoss",
        [((4, 3), (4, 3), variances(4, 3)), ((4, 3), (4, 3), variances(4)),
         ((4, 3), (4, 3), variances(4, 1)), ((0, 3), (0, 3), variances(0, 1))],
        [*REDUCTIONS, {"full": True}],
    ),
    ModuleCase("GaussianNLLLoss", kwargs={"eps": 1.0}, calls=[((4, 3), (4, 3), variances(4, 3))],
               differentiable=CLAMPED),
    *each("HingeEmbeddingLoss", SIGNED, [*REDUCTIONS, {"margin": 0.5}]),
    *each(
        "MultiMarginLoss",
        [((4, 3), CLASSES), ((3,), np.array(1)), ((1, 3), CLASSES[:1])],
        [*REDUCTIONS, {"p": 2}, {"margin": 0.3, "weight": WEIGHT}],
    ),
    *each("MultiLabelMarginLoss", [((4, 4), ROWS), ((4,), ROWS[0])], REDUCTIONS),
    *each(
        "MultiLabelSoftMarginLoss",
        [((4, 3), shares), ((2, 4, 3), (2, 4, 3)), ((0, 3), (0, 3))],
        [*REDUCTIONS, {"weight": WEIGHT}],
    ),
    *each("SoftMarginLoss", SIGNED, REDUCTIONS),
    *each(
        "CosineEmbeddingLoss",
        [((4, 3), (4, 3), LABELS), ((3,), (3,), np.array(-1)), ((0, 3), (0, 3), EMPTY)],
        [*REDUCTIONS, {"margin": -0.4}],
    ),
    *each("MarginRankingLoss", [((4,), (4,), LABELS)], [*REDUCTIONS, {"margin": 0.5}]),
    *each(
        "TripletMarginLoss",
        [((4, 3), (4, 3), (4, 3)), ((3,), (3,), (3,)), ((0, 3), (0, 3), (0, 3))],
        [*REDUCTIONS, {"p": 1, "margin": 2.0}, {"swap": True}],
    ),
    *each(
        "TripletMarginWithDistanceLoss",
        [((4, 3), (4, 3), (4, 3))],
        [*REDUCTIONS, {"swap": True, "margin": 2.0}],
    ),
    ModuleCase("MulticlassHingeLoss", calls=[((4, 3), CLASSES), ((3,), np.array(1))], ours=OURS),
    ModuleCase("HalfSquaredError", calls=[((4, 3), (4, 3))], ours=OURS),
    ModuleCase("PerceptronLoss", calls=[((4,), LABELS)], ours=OURS),
    *[
        ModuleCase(
            "CTCLoss",
            kwargs=options,
            calls=[(OUTPUTS, STRINGS, np.array([6, 4, 5]), np.array([2, 0, 3])),
                   (OUTPUTS, np.array([1, 1, 3, 2, 1]), np.array([6, 4, 5]), np.array([2, 0, 3])),
                   (OUTPUTS[:, 0], STRINGS[0], np.array(6), np.array(3))],
            differentiable="test_losses.py differentiates it with the softmax before it",
        )
        for options in [*REDUCTIONS, {"blank": 3}, {"zero_infinity": True, "reduction": "sum"}]
    ],
    *each(
        "AdaptiveLogSoftmaxWithLoss",
        [((4, 8), np.array([0, 5, 9, 3])), ((8,), np.array(7)), ((2, 8), np.array([1, 1]))],
        [{"in_features": 8, "n_classes": 10, "cutoffs": [2, 6], "div_value": 2.0},
         {"in_features": 8, "n_classes": 10, "cutoffs": [3], "head_bias": True}],
    ),
    *each(
        "PairwiseDistance",
        [((4, 3), (4, 3)), ((3,), (3,)), ((4, 3), (3,)), ((0, 3), (0, 3)), ((2, 4, 3), (4, 3))],
        [{}, {"p": 1.0, "keepdim": True}, {"p": 3.0, "eps": 0.1}],
    ),
    *each(
        "CosineSimilarity",
        [((4, 3), (4, 3)), ((4, 3, 2), (1, 3, 1)), ((0, 3), (0, 3))],
        [{}, {"dim": -1}, {"dim": 0, "eps": 0.5}],
    ),
]  # fmt: skip
