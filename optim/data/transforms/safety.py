"""Whether a transform keeps the labels of given data: measured on them by nearest neighbours."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from autograd import Tensor

__all__ = ["label_changes"]


def label_changes(
    transform: Callable[[Any], Any], images: Any, labels: Any, share: float = 0.5
) -> dict[tuple[int, int], float]:
    """Return which classes a transform makes of which others, and of how many of their images.

    An image changes from class a to b if, transformed, the nearest of all untransformed images is a
    b: by Euclidean distance, the least of those after moving it by up to one pixel. Pairs a != b
    are reported that befall more than ``share`` of the images of a. None reported does not prove
    that labels are kept; look at some images too.

    Shapes: images (N, C, H, W), labels (N,).

    Parameters
    ----------
    transform : callable
        Takes the batch; keeps its shape.
    images, labels : Tensor or array
        A few hundred of each class are enough.
    share : float
        From which share on a pair is reported.

    Raises
    ------
    ValueError
        Images and labels differ in number, or the transform changes the shape.

    Examples
    --------
    >>> from optim.data import mnist
    >>> from optim.data.transforms import RandomRotation, Rotate
    >>> images, labels = (array[:300] for array in mnist(train=False))
    >>> changes = label_changes(Rotate(180), images, labels, share=0.4)
    >>> (6, 9) in changes, (9, 6) in changes
    (True, True)
    >>> label_changes(RandomRotation(10), images, labels)
    {}

    Source: course notes on augmentation ("the label must stay"); Cover and Hart (1967).
    """
    before, after = (_array(x) for x in (images, transform(images)))
    classes = np.asarray(labels.detach().numpy() if isinstance(labels, Tensor) else labels)
    if len(before) != len(classes):
        raise ValueError(f"label_changes: {len(before)} images, but {len(classes)} labels")
    if before.shape != after.shape:
        raise ValueError("label_changes: the transform must keep the shape of the images")
    known = before.reshape(len(before), -1)
    squares = (known * known).sum(1)
    distances = []
    for move in product((-1, 0, 1), (-1, 0, 1)):
        moved = np.roll(after, move, axis=(-2, -1)).reshape(known.shape)
        # |a - b|^2 without |a|^2, which is the same for all b and wherever a is moved to
        distances.append(squares - 2 * moved @ known.T)
    nearest = np.minimum.reduce(distances).argmin(1)
    changes = {}
    for a in np.unique(classes):
        found, counts = np.unique(classes[nearest[classes == a]], return_counts=True)
        for b, part in zip(found.tolist(), (counts / counts.sum()).tolist(), strict=True):
            if b != a and part > share:
                changes[int(a), b] = part
    return changes


def _array(images: Any) -> np.ndarray:
    array = images.detach().numpy() if isinstance(images, Tensor) else np.asarray(images)
    return array.astype(np.float32)
