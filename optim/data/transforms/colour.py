"""How things look: colour, light, noise, detail and what is hidden.

Values are bytes, or floats in [0, 1]; they stay there. Augment first and standardise afterwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..sampler import Generator
from .base import Transform, chance, interval, number, paint
from .hue import turn_hue

__all__ = [
    "ColorJitter",
    "GaussianNoise",
    "Grayscale",
    "RandomErasing",
    "RandomGrayscale",
    "RandomIntensity",
    "RandomResolution",
]

_LUMA = (0.299, 0.587, 0.114)  # red, green, blue as the eye weighs them: ITU-R BT.601


class Grayscale(Transform):
    """Brightness alone: y = .299 red + .587 green + .114 blue.

    Shapes: (3, H, W) -> (num_output_channels, H, W), all channels alike; one channel stays.

    Raises
    ------
    ValueError
        ``num_output_channels`` is not 1 or 3, or the images have not 1 or 3 channels.

    Examples
    --------
    >>> Grayscale()(np.array([1.0, 0, 0]).reshape(3, 1, 1))
    array([[[0.299]]])

    Source: torchvision's ``transforms.v2.Grayscale``; ITU-R BT.601.
    """

    def __init__(self, num_output_channels: int = 1) -> None:
        super().__init__()
        if num_output_channels not in (1, 3):
            raise ValueError(
                f"Grayscale: num_output_channels must be 1 or 3, got {num_output_channels}"
            )
        self.num_output_channels = num_output_channels

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images in grey."""
        colours, back = paint(images, "Grayscale")
        return back(np.repeat(_grey(colours, "Grayscale"), self.num_output_channels, axis=1))


class RandomGrayscale(Transform):
    """Grey with probability p, in as many channels as there were.

    Shapes: (C, H, W) or (N, C, H, W) with C = 1 or 3, kept.

    Raises
    ------
    ValueError
        ``p`` is no probability, or the images have not 1 or 3 channels.

    Examples
    --------
    >>> RandomGrayscale(p=1)(np.array([1.0, 0, 0]).reshape(3, 1, 1)).ravel()
    array([0.299, 0.299, 0.299])

    Source: torchvision's ``transforms.v2.RandomGrayscale``.
    """

    def __init__(self, p: float = 0.1, *, generator: Generator = None) -> None:
        super().__init__(generator)
        self.p = chance(p, "RandomGrayscale")

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images, some of them in grey."""
        colours, back = paint(images, "RandomGrayscale")
        chosen = rng.random((len(images), 1, 1, 1)) < self.p
        return back(np.where(chosen, _grey(colours, "RandomGrayscale"), colours))


class ColorJitter(Transform):
    """Brightness, contrast, saturation and hue changed, in this order, by factors of each image.

    Brightness: y = f x. Contrast: y = f x + (1 - f) mean(grey(x)). Saturation:
    y = f x + (1 - f) grey(x). Each is clipped to the range of values. Hue: turned by the share f of
    the circle of colours (red, yellow, green, cyan, blue, magenta); one channel has none.

    Shapes: (C, H, W) or (N, C, H, W) with C = 1 or 3, kept.

    Parameters
    ----------
    brightness, contrast, saturation : float or (float, float)
        f is uniform in [max(0, 1 - value), 1 + value], or between the two.
    hue : float or (float, float)
        f is uniform in [-value, value], or between the two, within [-0.5, 0.5]: half a circle.
    generator : autograd.Generator, np.random.Generator or int, optional
        As of ``Transform``.

    Raises
    ------
    ValueError
        A factor could be negative, or of the hue beyond half a circle; called with floats outside
        [0, 1], or not 1 or 3 channels.

    Examples
    --------
    >>> ColorJitter(brightness=(0.5, 0.5))(np.ones((1, 1, 2)))
    array([[[0.5, 0.5]]])
    >>> ColorJitter(hue=(0.5, 0.5))(np.array([1.0, 0, 0]).reshape(3, 1, 1)).ravel()  # to cyan
    array([0., 1., 1.])

    Source: torchvision's ``transforms.v2.ColorJitter`` (whose order is random).
    """

    def __init__(
        self,
        brightness: Any = 0,
        contrast: Any = 0,
        saturation: Any = 0,
        hue: Any = 0,
        *,
        generator: Generator = None,
    ) -> None:
        super().__init__(generator)
        self.brightness = interval(brightness, "ColorJitter: brightness", around=1, least=0)
        self.contrast = interval(contrast, "ColorJitter: contrast", around=1, least=0)
        self.saturation = interval(saturation, "ColorJitter: saturation", around=1, least=0)
        self.hue = interval(hue, "ColorJitter: hue", around=0, least=-0.5)
        if self.hue[1] > 0.5:
            raise ValueError(f"ColorJitter: hue must lie within -0.5 and 0.5, got {hue}")

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images in other light and colours."""
        x, back = paint(images, "ColorJitter")
        each = (len(images), 1, 1, 1)
        brightness, contrast, saturation = (
            rng.uniform(*limits, size=each).astype(x.dtype)
            for limits in (self.brightness, self.contrast, self.saturation)
        )
        x = np.clip(brightness * x, 0, 1)
        mean = _grey(x, "ColorJitter").mean((1, 2, 3), keepdims=True)
        x = np.clip(contrast * x + (1 - contrast) * mean, 0, 1)
        x = saturation * x + (1 - saturation) * _grey(x, "ColorJitter")
        if self.hue != (0, 0) and x.shape[1] == 3:
            x = turn_hue(np.clip(x, 0, 1), rng.uniform(*self.hue, size=each))
        return back(x)


class RandomIntensity(Transform):
    """Each channel of each image made stronger or weaker: y = gain x + offset.

    Shapes: (C, H, W) or (N, C, H, W), kept.

    Parameters
    ----------
    gain : float or (float, float)
        Uniform in [max(0, 1 - gain), 1 + gain], or between the two.
    offset : float or (float, float)
        Uniform in [-offset, offset], or between the two.
    generator : autograd.Generator, np.random.Generator or int, optional
        As of ``Transform``.

    Raises
    ------
    ValueError
        ``gain`` could be negative; called with floats outside [0, 1].

    Examples
    --------
    >>> RandomIntensity(gain=(0.5, 0.5), offset=(0.25, 0.25))(np.ones((1, 1, 2)))
    array([[[0.75, 0.75]]])

    Source: Krizhevsky et al. (2012), section 4.1, with channels in place of principal components.
    """

    def __init__(self, gain: Any = 0.2, offset: Any = 0.1, *, generator: Generator = None) -> None:
        super().__init__(generator)
        self.gain = interval(gain, "RandomIntensity: gain", around=1, least=0)
        self.offset = interval(offset, "RandomIntensity: offset", around=0, least=-np.inf)

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images with other intensities."""
        x, back = paint(images, "RandomIntensity")
        each = (*images.shape[:2], 1, 1)
        gain = rng.uniform(*self.gain, size=each).astype(x.dtype)
        return back(gain * x + rng.uniform(*self.offset, size=each).astype(x.dtype))


class GaussianNoise(Transform):
    """Noise added to every value: y = x + e, e normal with mean ``mean`` and deviation ``sigma``.

    Shapes: (C, H, W) or (N, C, H, W), kept.

    Parameters
    ----------
    mean, sigma : float
        Of the noise, where the values of images reach from 0 to 1.
    clip : bool
        Keep the values in [0, 1]; False also takes images that are standardised.
    generator : autograd.Generator, np.random.Generator or int, optional
        As of ``Transform``.

    Raises
    ------
    ValueError
        ``sigma`` is negative; called with floats outside [0, 1] while ``clip``.

    Examples
    --------
    >>> GaussianNoise(sigma=0)(np.full((1, 1, 2), 0.5))
    array([[[0.5, 0.5]]])

    Source: torchvision's ``transforms.v2.GaussianNoise``.
    """

    def __init__(
        self,
        mean: float = 0.0,
        sigma: float = 0.1,
        clip: bool = True,
        *,
        generator: Generator = None,
    ) -> None:
        super().__init__(generator)
        self.mean, self.clip = number(mean, "GaussianNoise: mean"), clip
        self.sigma = number(sigma, "GaussianNoise: sigma")
        if sigma < 0:
            raise ValueError(f"GaussianNoise: sigma must not be negative, got {sigma}")

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images with noise."""
        kind = np.float64 if images.dtype == np.float64 else np.float32
        noise = kind(self.mean) + kind(self.sigma) * rng.standard_normal(images.shape, kind)
        if not self.clip and images.dtype.kind == "f":
            return images + noise
        x, back = paint(images, "GaussianNoise")
        return back(x + noise)


class RandomResolution(Transform):
    """Detail taken away: the image in fewer pixels, each shown as a tile of its old size.

    y[i, j] = mean of x over the tile of (i, j); there are round(scale H) x round(scale W) tiles.

    Shapes: (C, H, W) or (N, C, H, W), kept.

    Parameters
    ----------
    scale : (float, float)
        The share of rows and columns that is left, uniform between the two, above 0 and at most 1.
    generator : autograd.Generator, np.random.Generator or int, optional
        As of ``Transform``.

    Raises
    ------
    ValueError
        ``scale`` is out of range.

    Examples
    --------
    >>> RandomResolution((0.5, 0.5))(np.array([[[1.0, 3, 5, 7]]]))
    array([[[2., 2., 6., 6.]]])

    Source: course notes on augmentation ("resolution").
    """

    def __init__(
        self, scale: tuple[float, float] = (0.5, 1.0), *, generator: Generator = None
    ) -> None:
        super().__init__(generator)
        self.scale = interval(scale, "RandomResolution: scale", least=0)
        if not 0 < self.scale[0] <= self.scale[1] <= 1:
            raise ValueError(f"RandomResolution: scale must lie in (0, 1], got {scale}")

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images in tiles."""
        kind = images.dtype if images.dtype.kind == "f" else np.dtype(np.float32)
        scale = rng.uniform(*self.scale, size=(len(images), 1))
        rows, columns = (_tiles(scale, length).astype(kind) for length in images.shape[2:])
        coarse = rows[:, None] @ images.astype(kind, copy=False) @ columns[:, None]
        return coarse if images.dtype.kind == "f" else np.rint(coarse)


def _tiles(scale: np.ndarray, length: int) -> np.ndarray:
    """Return for each scale the matrix that puts the mean of its tile at every place."""
    count = np.maximum(1, np.rint(scale * length))
    tile = np.floor(np.arange(length) * count / length)
    same = tile[:, :, None] == tile[:, None, :]
    return same / same.sum(-1, keepdims=True)


class RandomErasing(Transform):
    """With probability p, a rectangle at a random place set to ``value``.

    Shapes: (C, H, W) or (N, C, H, W), kept.

    Parameters
    ----------
    p : float
        The probability.
    scale : (float, float)
        The rectangle's share of the image, uniform between the two.
    ratio : (float, float)
        Its height by its width, uniform between the two in the logarithm.
    value : float
        What it is filled with.
    generator : autograd.Generator, np.random.Generator or int, optional
        As of ``Transform``.

    Raises
    ------
    ValueError
        ``p`` is no probability, or an interval is out of range.

    Examples
    --------
    >>> RandomErasing(p=1, scale=(0.25, 0.25), ratio=(1, 1))(np.ones((1, 4, 4))).sum()
    np.float64(12.0)

    Source: Zhong et al. (2020), "Random erasing data augmentation".
    """

    def __init__(
        self,
        p: float = 0.5,
        scale: tuple[float, float] = (0.02, 0.33),
        ratio: tuple[float, float] = (0.3, 3.3),
        value: float = 0,
        *,
        generator: Generator = None,
    ) -> None:
        super().__init__(generator)
        self.p, self.value = chance(p, "RandomErasing"), value
        self.scale = interval(scale, "RandomErasing: scale", least=0)
        if self.scale[1] > 1:
            raise ValueError(f"RandomErasing: scale must lie in [0, 1], got {scale}")
        self.ratio = interval(ratio, "RandomErasing: ratio", least=1e-6)

    def apply(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the images, some of them with a rectangle less."""
        (height, width), each = images.shape[2:], (len(images), 1)
        chosen = rng.random(each) < self.p
        area = rng.uniform(*self.scale, size=each) * height * width
        ratio = np.exp(rng.uniform(*np.log(self.ratio), size=each))
        inside = []
        for length, side in ((height, np.sqrt(area * ratio)), (width, np.sqrt(area / ratio))):
            extent = np.minimum(np.rint(side), length)
            first = np.floor(rng.random(each) * (length - extent + 1))
            places = np.arange(length)
            inside.append((first <= places) & (places < first + extent))
        rectangle = inside[0][:, :, None] & inside[1][:, None, :] & chosen[:, :, None]
        return np.where(rectangle[:, None], images.dtype.type(self.value), images)


def _grey(colours: np.ndarray, name: str) -> np.ndarray:
    """Return the brightness of (N, C, H, W) as (N, 1, H, W)."""
    if colours.shape[1] == 1:
        return colours
    if colours.shape[1] != 3:
        raise ValueError(f"{name}: expected 1 or 3 channels, got shape {colours.shape[1:]}")
    red, green, blue = (colours[:, c : c + 1] for c in range(3))
    return _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue
