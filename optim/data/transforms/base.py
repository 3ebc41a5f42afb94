"""What all transforms share: images in and out, random numbers, and whether a label survives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from ..sampler import Generator
from ..stream import OwnGenerator

__all__ = ["Compose", "Transform", "chance", "interval", "number", "paint"]


class Transform:
    """Base of transforms: define ``apply(images, rng)`` for a batch.

    Shapes: (C, H, W) or (N, C, H, W); the result may have another C, H and W.

    Parameters
    ----------
    generator : autograd.Generator, np.random.Generator or int, optional
        A generator or a seed; else ``autograd.manual_seed``'s. In a DataLoader the numbers follow
        from it, the epoch and the place of the sample, whichever thread draws them.

    Attributes
    ----------
    label_safe : bool
        Whether an image keeps its label whatever is depicted. Flips and large turns do not: they
        make a d of a b, and a 9 of a 6. Whether they do for your data, you say (``Augmented``) or
        measure (``label_changes``).

    Raises
    ------
    TypeError
        Called with neither an array nor a Tensor.
    ValueError
        Called with another number of axes.

    Examples
    --------
    >>> import numpy as np
    >>> class Negative(Transform):
    ...     def apply(self, images, rng):
    ...         return 1 - images
    >>> Negative()(np.zeros((1, 2, 2)))[0, 0, 0]
    np.float64(1.0)

    Source: torchvision's ``transforms.v2.Transform``.
    """

    label_safe: bool = True
    batched: bool = True  # can be called with a batch

    def __init__(self, generator: Generator = None) -> None:
        self._generator = OwnGenerator(generator)

    def __call__(self, images: Any) -> Any:
        """Return the images transformed; what came in stays as it is."""
        name = type(self).__name__
        if isinstance(images, Tensor):
            return autograd.from_numpy(self(images.detach().numpy()))
        if not isinstance(images, np.ndarray):
            raise TypeError(f"{name}: expected an array or a Tensor, got {type(images).__name__}")
        if images.ndim not in (3, 4):
            raise ValueError(
                f"{name}: expected an image (C, H, W) or a batch (N, C, H, W), got shape "
                f"{images.shape}"
            )
        batch = images if images.ndim == 4 else images[None]
        changed = self.apply(batch, self._generator())
        changed = np.array(changed, images.dtype, order="C")  # a copy, never a view of the input
        return changed if images.ndim == 4 else changed[0]

    def __repr__(self) -> str:
        settings = (f"{k}={v}" for k, v in vars(self).items() if k[0] != "_" and k != "label_safe")
        return f"{type(self).__name__}({', '.join(settings)})"

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the batch (N, C, H, W) transformed."""
        raise NotImplementedError(f"{type(self).__name__} must define apply")


class Compose:
    """One transform after the other: y = last(... first(x)).

    Parameters
    ----------
    transforms : iterable of callables
        Transforms, or functions of an image; with functions among them, images come one by one.

    Examples
    --------
    >>> import numpy as np
    >>> from optim.data.transforms import RandomCrop, RandomHorizontalFlip
    >>> augment = Compose([RandomCrop(28, padding=2), RandomHorizontalFlip()])
    >>> augment(np.zeros((8, 3, 28, 28))).shape, augment.label_safe
    ((8, 3, 28, 28), False)

    Source: torchvision's ``transforms.v2.Compose``.
    """

    def __init__(self, transforms: Iterable[Callable[[Any], Any]]) -> None:
        if not isinstance(transforms, Iterable):
            raise TypeError(f"Compose: expected a list of callables, got {transforms!r}")
        self.transforms = list(transforms)
        for transform in self.transforms:
            if not callable(transform):
                raise TypeError(f"Compose: expected callables, got {type(transform).__name__}")

    def __call__(self, images: Any) -> Any:
        """Return the images after every transform."""
        for transform in self.transforms:
            images = transform(images)
        return images

    def __repr__(self) -> str:
        return f"Compose({self.transforms})"

    @property
    def label_safe(self) -> bool:
        """Whether all of them are; a function that does not say counts as safe."""
        return not self.unsafe()

    @property
    def batched(self) -> bool:
        """Whether all of them can be called with a batch."""
        return all(getattr(transform, "batched", False) for transform in self.transforms)

    def unsafe(self) -> list[str]:
        """Return the names of those after which a label may be wrong."""
        return [name for transform in self.transforms for name in unsafe(transform)]


def unsafe(transform: Any) -> list[str]:
    """Return the names of the transforms, in this one, after which a label may be wrong."""
    if isinstance(transform, Compose):
        return transform.unsafe()
    return [] if getattr(transform, "label_safe", True) else [type(transform).__name__]


def number(value: Any, name: str) -> float:
    """Return a finite number, or refuse it."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not np.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    return float(value)


def chance(p: Any, name: str) -> float:
    """Return a probability, or refuse it."""
    if not 0 <= number(p, f"{name}: p") <= 1:
        raise ValueError(f"{name}: p must be a probability from 0 to 1, got {p}")
    return float(p)


def interval(given: Any, name: str, *, around: float | None = None, least: float) -> Any:
    """Return (low, high): as given, or a number's distance on both sides of ``around``."""
    if isinstance(given, (tuple, list, np.ndarray)):
        if len(given) != 2:
            raise ValueError(f"{name} must be a number or a low and a high, got {given!r}")
        low, high = (number(end, name) for end in given)
    else:
        if number(given, name) < 0:
            raise ValueError(f"{name} must not be negative, got {given}")
        centre = 0.0 if around is None else around
        low, high = max(least, centre - given), centre + given
    if not least <= low <= high:
        raise ValueError(f"{name} must be from a low to a high of at least {least}, got {given}")
    return float(low), float(high)


def paint(images: np.ndarray, name: str) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Return the values as floats in [0, 1], and the way back to what the images hold.

    Raises
    ------
    ValueError
        Floats lie elsewhere: colours mean nothing after standardising.
    TypeError
        The images are neither bytes nor floats.
    """
    if images.dtype == np.uint8:
        return images.astype(np.float32) / 255, lambda x: np.rint(np.clip(x, 0, 1) * 255)
    if images.dtype.kind != "f":
        raise TypeError(f"{name}: expected uint8 or floats, got {images.dtype}")
    if images.size and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(
            f"{name}: expected values in [0, 1], got {images.min():.3g} to {images.max():.3g}; "
            "augment before standardising"
        )
    return images, lambda x: np.clip(x, 0, 1)
