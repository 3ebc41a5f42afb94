"""Metrics: numbers about predictions that are read, not differentiated.

Predictions are scores (N, C), of which the highest wins, or the classes (N,) themselves. Precision,
recall and F1 are quotients of counts, not means over samples: ``over_epoch`` tells ``fit`` and
``evaluate`` to take them of all batches together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor

__all__ = [
    "accuracy",
    "classifies",
    "confusion_matrix",
    "f1_score",
    "precision",
    "recall",
    "top_k_accuracy",
]


def accuracy(scores: Any, target: Any) -> float:
    """Return the share of samples whose class is predicted rightly: (TP + TN) / N of two classes.

    Scores that hold nan predict nothing.

    Shapes: scores (N, C) or predicted classes (N,), target (N,).

    Raises
    ------
    ValueError
        The shapes do not fit, or there are no samples.

    Examples
    --------
    >>> import numpy as np
    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5

    Source: ``sklearn.metrics.accuracy_score``.
    """
    predicted, classes = _classes("accuracy", scores, target)
    return float((predicted == classes).mean())


def top_k_accuracy(scores: Any, target: Any, k: int = 5) -> float:
    """Return the share of samples whose class is among those of the k highest scores.

    Shapes: scores (N, C), target (N,). Of equal scores the first class comes first.

    Raises
    ------
    ValueError
        The shapes do not fit, or k is not in 1 ... C.

    Examples
    --------
    >>> import numpy as np
    >>> top_k_accuracy(np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), np.array([1, 2]), k=2)
    0.5

    Source: ``sklearn.metrics.top_k_accuracy_score``.
    """
    values, classes = _array(scores), _array(target)
    _check("top_k_accuracy", values, classes, (2,))
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)):
        raise ValueError(f"top_k_accuracy: k must be a whole number, got {k!r}")
    if not 1 <= k <= values.shape[1]:
        raise ValueError(
            f"top_k_accuracy: k must be between 1 and the {values.shape[1]} classes, got {k}"
        )
    # Backwards twice: the highest come first, of equal ones the first, in any dtype.
    best = values.shape[1] - 1 - np.argsort(values[:, ::-1], axis=1, kind="stable")[:, ::-1][:, :k]
    right = (best == classes[:, None]).any(1) & ~np.isnan(values).any(1)
    return float(right.mean())


def confusion_matrix(scores: Any, target: Any, classes: int | None = None) -> np.ndarray:
    """Count the samples of class i that are predicted as class j, at [i, j].

    Shapes: scores (N, C) or predicted classes (N,), target (N,) -> (C, C).

    Parameters
    ----------
    classes : int, optional
        How many classes there are; as many as there are scores, or as occur, if not given.

    Raises
    ------
    ValueError
        The shapes do not fit, or a class is negative or too large.

    Examples
    --------
    >>> import numpy as np
    >>> confusion_matrix(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]))
    array([[1, 1],
           [0, 2]])

    Source: ``sklearn.metrics.confusion_matrix``.
    """
    predicted, true = _classes("confusion_matrix", scores, target)
    if predicted.min() == -1 and _array(scores).dtype.kind == "f":
        raise ValueError("confusion_matrix: the scores hold nan")
    if classes is not None and (
        isinstance(classes, bool) or not isinstance(classes, (int, np.integer))
    ):
        raise ValueError(f"confusion_matrix: classes must be a number of them, got {classes!r}")
    if classes is None:
        known = np.shape(_array(scores))[1:]
        classes = int(known[0] if known else max(predicted.max(), true.max()) + 1)
    least, largest = min(predicted.min(), true.min()), max(predicted.max(), true.max())
    if least < 0 or largest >= classes:
        wrong = least if least < 0 else largest
        raise ValueError(
            f"confusion_matrix: expected classes from 0 to {classes - 1}, got {int(wrong)}"
        )
    counts = np.bincount(true * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)


def precision(scores: Any, target: Any, average: str | None = "binary") -> Any:
    """Return TP / (TP + FP): the share of what is predicted as a class that is of it.

    Shapes: scores (N, C) or predicted classes (N,), target (N,).

    Parameters
    ----------
    average : {"binary", "macro", "micro", None}
        Of two classes that of class 1; the mean over the classes that occur, in target or
        predictions; of the counts of all classes together; or an array of each class's. A quotient
        0 / 0 counts as 0.

    Raises
    ------
    ValueError
        The shapes do not fit, or "binary" is asked for of more than two classes.

    Examples
    --------
    >>> import numpy as np
    >>> precision(np.array([1, 1, 0, 1]), np.array([1, 0, 0, 1]))
    0.6666666666666666

    Source: ``sklearn.metrics.precision_score``.
    """
    return _quotient("precision", scores, target, average, lambda tp, fp, fn: (tp, tp + fp))


def recall(scores: Any, target: Any, average: str | None = "binary") -> Any:
    """Return TP / (TP + FN): the share of a class that is predicted as it.

    Parameters
    ----------
    scores, target, average
        As ``precision``.

    Raises
    ------
    ValueError
        As ``precision``.

    Examples
    --------
    >>> import numpy as np
    >>> recall(np.array([0, 1, 2, 2]), np.array([0, 1, 1, 2]), average=None)
    array([1. , 0.5, 1. ])

    Source: ``sklearn.metrics.recall_score``.
    """
    return _quotient("recall", scores, target, average, lambda tp, fp, fn: (tp, tp + fn))


def f1_score(scores: Any, target: Any, average: str | None = "binary") -> Any:
    """Return 2 TP / (2 TP + FP + FN): the harmonic mean of precision and recall.

    Parameters
    ----------
    scores, target, average
        As ``precision``.

    Raises
    ------
    ValueError
        As ``precision``.

    Examples
    --------
    >>> import numpy as np
    >>> f1_score(np.array([1, 1, 0, 1]), np.array([1, 0, 0, 1]))
    0.8

    Source: ``sklearn.metrics.f1_score``.
    """
    return _quotient(
        "f1_score", scores, target, average, lambda tp, fp, fn: (2 * tp, 2 * tp + fp + fn)
    )


for _metric in (precision, recall, f1_score):
    _metric.over_epoch = True  # type: ignore[attr-defined]


def _quotient(
    name: str, scores: Any, target: Any, average: str | None, parts: Callable[..., Any]
) -> Any:
    if average not in ("binary", "macro", "micro", None):
        raise ValueError(
            f"{name}: average must be 'binary', 'macro', 'micro' or None, got {average!r}"
        )
    counts = confusion_matrix(scores, target)
    if average == "binary" and len(counts) > 2:
        raise ValueError(
            f"{name}: got {len(counts)} classes; choose average='macro', 'micro' or None"
        )
    if average == "binary" and len(counts) == 1:  # class 1 does not occur
        return 0.0
    right = np.diag(counts)
    found = right, counts.sum(0) - right, counts.sum(1) - right
    if average == "micro":
        found = tuple(each.sum() for each in found)
    above, below = parts(*found)
    quotients = np.divide(above, below, out=np.zeros(np.shape(below)), where=below != 0)
    if average is None:
        return quotients
    if average == "macro":  # a class that nobody is of and nobody is taken for says nothing
        quotients = quotients[counts.sum(0) + counts.sum(1) > 0]
    return float(quotients[1] if average == "binary" else quotients.mean())


def _classes(name: str, scores: Any, target: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return predicted and true classes."""
    values, classes = _array(scores), _array(target)
    whole = values.dtype.kind in "iub"
    _check(name, values, classes, (1, 2) if whole else (2,))
    if values.ndim == 2 and values.shape[1] == 1:
        raise ValueError(
            f"{name}: one column of scores has no highest; give the classes, such as "
            "(scores[:, 0] > 0).long() of scores before the sigmoid"
        )
    predicted = values.argmax(1) if values.ndim == 2 else values.astype(np.int64)
    if values.dtype.kind == "f":
        predicted[np.isnan(values).any(1)] = -1  # no class
    return predicted, classes.astype(np.int64)


def classifies(outputs: Any, targets: Any) -> bool:
    """Tell whether outputs are scores (N, C) of at least two classes, and targets classes (N,)."""
    scores = getattr(outputs, "ndim", 0) == 2 and outputs.shape[1] > 1
    return scores and getattr(targets, "ndim", 0) == 1 and targets.dtype.kind in "iu"


def _check(name: str, values: np.ndarray, classes: np.ndarray, dimensions: tuple[int, ...]) -> None:
    if values.ndim not in dimensions or classes.shape != values.shape[:1]:
        also = " (or whole numbers of shape (N,))" if name != "top_k_accuracy" else ""
        raise ValueError(
            f"{name}: expected scores of shape (N, C){also} and target of shape (N,), "
            f"got {values.shape} and {classes.shape}"
        )
    if classes.dtype.kind not in "iub":
        raise ValueError(f"{name}: target must hold classes, whole numbers, got {classes.dtype}")
    if not len(classes):
        raise ValueError(f"{name}: got no samples")


def _array(value: Any) -> np.ndarray[Any, Any]:
    return np.asarray(value.payload if isinstance(value, Tensor) else value)
