"""Tables of vectors: rows read by number, and bags of rows."""

import numpy as np

from tests.nn.cases import ModuleCase

WORDS = np.array([[1, 2, 2], [4, 0, 2]])
BAGS = (np.array([1, 2, 2, 4, 0, 2]), np.array([0, 2, 2, 5]))
BY_CONVENTION = "the gradient is not that of the function: PyTorch's convention"
SCALES = "the call changes the table"

CASES = [
    ModuleCase(
        "Embedding",
        (5, 3),
        calls=[(WORDS,), (np.array([3]),), (np.array(4),), (np.zeros((0, 2), int),)],
    ),
    ModuleCase("Embedding", (5, 3, -1), calls=[(WORDS,)], differentiable=BY_CONVENTION),
    ModuleCase("Embedding", (5, 3, 2), calls=[(WORDS,)], differentiable=BY_CONVENTION),
    ModuleCase(
        "Embedding",
        (5, 3),
        {"scale_grad_by_freq": True, "padding_idx": 0},
        calls=[(WORDS,)],
        differentiable=BY_CONVENTION,
    ),
    ModuleCase("Embedding", (5, 3, None, 0.7), calls=[(WORDS,)], differentiable=SCALES),
    ModuleCase("Embedding", (5, 3, 1, 0.7, 1.0), calls=[(WORDS,)], differentiable=SCALES),
    ModuleCase("Embedding", (5, 70), calls=[(WORDS,)]),
    *[
        ModuleCase("EmbeddingBag", (5, 3), {"mode": mode}, calls=[(WORDS,), BAGS, (WORDS[:0],)])
        for mode in ("mean", "sum", "max")
    ],
    *[
        ModuleCase(
            "EmbeddingBag",
            (5, 3),
            {"mode": mode, "padding_idx": 2, "include_last_offset": True},
            calls=[BAGS, (np.array([2, 2, 1]), np.array([0, 2, 3]))],
            differentiable=BY_CONVENTION,
        )
        for mode in ("mean", "sum", "max")
    ],
    ModuleCase("EmbeddingBag", (5, 3, 0.7, 1.0), calls=[BAGS], differentiable=SCALES),
]
