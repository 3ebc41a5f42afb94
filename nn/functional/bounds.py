"""Bounds of losses and scores: a number outside of them tells of a mistake, not of a bad model."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .reductions import array_of

__all__ = ["BOUNDS", "check_loss"]

_FROM_0 = (0.0, math.inf)
_ANY = (-math.inf, math.inf)

# Of the value for one sample, and so of a mean.
BOUNDS: dict[str, tuple[float, float]] = {
    "accuracy": (0.0, 1.0),
    "binary_cross_entropy": (0.0, 100.0),  # PyTorch's logarithms end at -100
    "binary_cross_entropy_with_logits": _FROM_0,
    "cosine_embedding_loss": (0.0, 2.0),
    "cosine_similarity": (-1.0, 1.0),
    "cross_entropy": _FROM_0,
    "ctc_loss": _FROM_0,
    "gaussian_nll_loss": _ANY,  # a density may be above 1
    "half_squared_error": _FROM_0,
    "hinge_embedding_loss": _ANY,  # of what is no distance
    "huber_loss": _FROM_0,
    "kl_div": _FROM_0,  # of distributions, summed over the classes
    "l1_loss": _FROM_0,
    "margin_ranking_loss": _FROM_0,
    "mse_loss": _FROM_0,
    "multi_margin_loss": _FROM_0,
    "multiclass_hinge_loss": _FROM_0,
    "multilabel_margin_loss": _FROM_0,
    "multilabel_soft_margin_loss": _FROM_0,
    "nll_loss": _FROM_0,
    "perceptron_loss": _FROM_0,
    "poisson_nll_loss": _ANY,  # without the logarithm of t!
    "smooth_l1_loss": _FROM_0,
    "soft_margin_loss": _FROM_0,
    "triplet_margin_loss": _FROM_0,
}
FUNCTIONS = {  # of the layers
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "CosineEmbeddingLoss": "cosine_embedding_loss",
    "CosineSimilarity": "cosine_similarity",
    "CrossEntropyLoss": "cross_entropy",
    "CTCLoss": "ctc_loss",
    "GaussianNLLLoss": "gaussian_nll_loss",
    "HalfSquaredError": "half_squared_error",
    "HingeEmbeddingLoss": "hinge_embedding_loss",
    "HuberLoss": "huber_loss",
    "KLDivLoss": "kl_div",
    "L1Loss": "l1_loss",
    "MarginRankingLoss": "margin_ranking_loss",
    "MSELoss": "mse_loss",
    "MulticlassHingeLoss": "multiclass_hinge_loss",
    "MultiLabelMarginLoss": "multilabel_margin_loss",
    "MultiLabelSoftMarginLoss": "multilabel_soft_margin_loss",
    "MultiMarginLoss": "multi_margin_loss",
    "NLLLoss": "nll_loss",
    "PerceptronLoss": "perceptron_loss",
    "PoissonNLLLoss": "poisson_nll_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "SoftMarginLoss": "soft_margin_loss",
    "TripletMarginLoss": "triplet_margin_loss",
}


def check_loss(loss: str | Callable[..., Any], value: Any) -> Any:
    """Return the value, unless it is one that the loss cannot have.

    Parameters
    ----------
    loss : str, function or layer
        Such as ``"cross_entropy"``, ``F.cross_entropy`` or ``nn.CrossEntropyLoss()``; also
        ``"accuracy"``.
    value : Tensor, array or float
        One number or several.

    Raises
    ------
    ValueError
        If a number is nan or outside of the bounds, or the loss has no entry in ``BOUNDS``.

    Examples
    --------
    >>> check_loss("accuracy", 0.85)
    0.85
    >>> check_loss("cross_entropy", -0.3)
    Traceback (most recent call last):
        ...
    ValueError: cross_entropy: -0.3 is outside of its bounds, [0, inf); ...

    Source: the course.
    """
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    name = FUNCTIONS.get(name, name)
    if name not in BOUNDS:
        raise ValueError(f"check_loss: no bounds are known of {name!r}")
    low, high = BOUNDS[name]
    values = array_of(value)
    wrong = values[~((values >= low) & (values <= high))] if values.size else values
    if wrong.size:
        ends = f"{'(' if np.isinf(low) else '['}{low:g}, {high:g}{')' if np.isinf(high) else ']'}"
        raise ValueError(
            f"{name}: {float(wrong.flat[0]):g} is outside of its bounds, {ends}; look at the "
            "inputs (probabilities or logits? targets in range?) before the model"
        )
    return value
