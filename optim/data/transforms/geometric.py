"""Where things are: flips, crops and turns."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..sampler import Generator
from .base import Transform, chance, interval, number

__all__ = [
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomQuarterTurn",
    "RandomRotation",
    "RandomVerticalFlip",
    "Rotate",
]

_UPRIGHT = 45.0  # degrees; up to here an image is nearer to upright than to any quarter turn


class RandomHorizontalFlip(Transform):
    """Left and right exchanged with probability p: y[c, i, j] = x[c, i, W - 1 - j].

    Shapes: (C, H, W) or (N, C, H, W), kept. Not label-safe: b and d.

    Raises
    ------
    ValueError
        ``p`` is no probability.

    Examples
    --------
    >>> RandomHorizontalFlip(p=1)(np.arange(3).reshape(1, 1, 3))
    array([[[2, 1, 0]]])

    Source: torchvision's ``transforms.v2.RandomHorizontalFlip``.
    """

    label_safe = False

    def __init__(self, p: float = 0.5, *, generator: Generator = None) -> None:
        super().__init__(generator)
        self.p = chance(p, type(self).__name__)

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images, some of them flipped."""
        flipped = rng.random((len(images), 1, 1, 1)) < self.p
        return np.where(flipped, self._flip(images), images)

    @staticmethod
    def _flip(images: np.ndarray) -> np.ndarray:
        return images[..., ::-1]


class RandomVerticalFlip(RandomHorizontalFlip):
    """Top and bottom exchanged with probability p: y[c, i, j] = x[c, H - 1 - i, j].

    Shapes: (C, H, W) or (N, C, H, W), kept. Not label-safe: M and W.

    Raises
    ------
    ValueError
        ``p`` is no probability.

    Examples
    --------
    >>> RandomVerticalFlip(p=1)(np.arange(3).reshape(1, 3, 1)).ravel()
    array([2, 1, 0])

    Source: torchvision's ``transforms.v2.RandomVerticalFlip``.
    """

    @staticmethod
    def _flip(images: np.ndarray) -> np.ndarray:
        return images[..., ::-1, :]


class RandomCrop(Transform):
    """A window at a random place of the image, which may be padded first.

    Shapes: (C, H, W) -> (C, size, size), or (C, *size).

    Parameters
    ----------
    size : int or (int, int)
        Height and width of the window.
    padding : int
        Pixels added on each side, so that the window can reach over the edge.
    fill : float
        Their value: 0 is black, unless the images are standardised.
    generator : autograd.Generator, np.random.Generator or int, optional
        As of ``Transform``.

    Raises
    ------
    ValueError
        The window is larger than the padded image, or a number is out of range.

    Examples
    --------
    >>> RandomCrop(2, padding=1)(np.ones((1, 2, 2))).shape
    (1, 2, 2)

    Source: torchvision's ``transforms.v2.RandomCrop``.
    """

    def __init__(
        self,
        size: int | tuple[int, int],
        padding: int = 0,
        fill: float = 0,
        *,
        generator: Generator = None,
    ) -> None:
        super().__init__(generator)
        sides = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
        whole = all(isinstance(n, (int, np.integer)) for n in (*sides, padding))
        if len(sides) != 2 or not whole:
            raise TypeError(
                "RandomCrop: size must be an int or a height and a width, and padding an int, got "
                f"{size!r}, {padding!r}"
            )
        if min(sides) < 1 or padding < 0:
            raise ValueError(
                f"RandomCrop: size must be at least 1 and padding at least 0, got {size}, {padding}"
            )
        self.size, self.padding = (int(sides[0]), int(sides[1])), int(padding)
        number(fill, "RandomCrop: fill")
        self.fill = fill

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return a window of each image."""
        edge = (self.padding, self.padding)
        padded = np.pad(images, ((0, 0), (0, 0), edge, edge), constant_values=self.fill)
        room = [length - wanted for length, wanted in zip(padded.shape[2:], self.size, strict=True)]
        if min(room) < 0:
            raise ValueError(
                f"RandomCrop: a window of {self.size} does not fit in the padded image of "
                f"{padded.shape[2:]}"
            )
        n = len(images)
        top, left = rng.integers(room[0] + 1, size=n), rng.integers(room[1] + 1, size=n)
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.size, axis=(2, 3))
        return windows[np.arange(n), :, top, left]


class Rotate(Transform):
    """The image turned by an angle about its middle, counter-clockwise.

    y[i, j] = x at (i, j) turned back by the angle, interpolated between the four pixels around it;
    a multiple of 90 degrees moves pixels and interpolates nothing.

    Shapes: (C, H, W) or (N, C, H, W), kept; a quarter turn of (C, H, W) gives (C, W, H).

    Parameters
    ----------
    degrees : float
        The angle.
    fill : float
        What lies outside of the image.

    Examples
    --------
    >>> Rotate(90)(np.array([[[1, 2], [3, 4]]]))
    array([[[2, 4],
            [1, 3]]])

    Source: torchvision's ``transforms.v2.functional.rotate``.
    """

    def __init__(self, degrees: float, fill: float = 0) -> None:
        super().__init__()
        self.degrees, self.fill = number(degrees, "Rotate: degrees"), fill
        self.label_safe = abs((self.degrees + 180) % 360 - 180) <= _UPRIGHT

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images turned."""
        quarters, rest = divmod(self.degrees, 90)
        if rest == 0:
            return np.rot90(images, int(quarters) % 4, axes=(-2, -1))
        return turned(images, np.full(len(images), self.degrees), self.fill)


class RandomRotation(Transform):
    """Each image turned by an angle of its own, uniform in [-degrees, degrees] or (low, high).

    Shapes: (C, H, W) or (N, C, H, W), kept. Label-safe up to 45 degrees: at 180, a 6 is a 9.

    Raises
    ------
    ValueError
        ``degrees`` is negative, or low is above high.

    Examples
    --------
    >>> RandomRotation(10)(np.ones((3, 8, 8), np.float32)).shape
    (3, 8, 8)

    Source: torchvision's ``transforms.v2.RandomRotation``.
    """

    def __init__(self, degrees: Any, fill: float = 0, *, generator: Generator = None) -> None:
        super().__init__(generator)
        self.degrees = interval(degrees, "RandomRotation: degrees", around=0, least=-np.inf)
        self.fill = fill
        self.label_safe = max(abs(degree) for degree in self.degrees) <= _UPRIGHT

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images turned."""
        return turned(images, rng.uniform(*self.degrees, size=len(images)), self.fill)


class RandomQuarterTurn(Transform):
    """Each image turned by 0, 90, 180 or 270 degrees: pixels move, none is interpolated.

    Shapes: (C, H, H) or (N, C, H, H), kept. Not label-safe: at 180 degrees, a 6 is a 9.

    Raises
    ------
    ValueError
        Called with images that are not square.

    Examples
    --------
    >>> sorted(RandomQuarterTurn()(np.arange(4).reshape(1, 2, 2)).ravel().tolist())
    [0, 1, 2, 3]

    Source: ``numpy.rot90``; Cohen and Welling (2016), "Group equivariant convolutional networks".
    """

    label_safe = False

    def __init__(self, *, generator: Generator = None) -> None:
        super().__init__(generator)

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images turned."""
        if images.shape[-1] != images.shape[-2]:
            raise ValueError(f"RandomQuarterTurn: the image must be square, got {images.shape[1:]}")
        quarters, result = rng.integers(4, size=len(images)), np.empty_like(images)
        for k in range(4):
            result[quarters == k] = np.rot90(images[quarters == k], k, axes=(-2, -1))
        return result


def turned(images: np.ndarray, degrees: np.ndarray, fill: float) -> np.ndarray:
    """Return each image turned by its angle, by bilinear interpolation.

    The places to read from lie on the grid turned clockwise about the middle; outside, a border of
    ``fill`` one pixel wide takes part in the interpolation, and beyond it there is ``fill`` alone.
    """
    n, channels, height, width = images.shape
    kind = images.dtype if images.dtype.kind == "f" else np.dtype(np.float32)
    angle = np.deg2rad(degrees)[:, None, None]
    y = (np.arange(height) - (height - 1) / 2)[:, None]
    x = (np.arange(width) - (width - 1) / 2)[None, :]
    rows = np.cos(angle) * y + np.sin(angle) * x + (height - 1) / 2
    columns = np.cos(angle) * x - np.sin(angle) * y + (width - 1) / 2

    border = ((0, 0), (0, 0), (1, 1), (1, 1))
    padded = np.pad(images.astype(kind, copy=False), border, constant_values=fill)
    pixels, size = padded.reshape(-1), (height + 2) * (width + 2)
    image = np.arange(n)[:, None, None] * (channels * size)
    top, down = _neighbours(rows, height)
    left, right = _neighbours(columns, width)
    result = np.zeros(images.shape, kind)
    for row, weight_y in ((top, 1 - down), (np.minimum(top + 1, height + 1), down)):
        for column, weight_x in ((left, 1 - right), (np.minimum(left + 1, width + 1), right)):
            places, weights = image + row * (width + 2) + column, (weight_y * weight_x).astype(kind)
            for channel in range(channels):
                result[:, channel] += weights * pixels.take(places + channel * size)
    return result if images.dtype.kind == "f" else np.rint(result)


def _neighbours(place: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixel before each place, counted in the padded image, and how far beyond it is."""
    place = np.clip(place, -1, length)
    before = np.floor(place)
    return before.astype(np.intp) + 1, place - before
