"""Augmentation: changes of an image that leave its label as it is, or say that they may not.

Every transform takes one image (C, H, W) or a batch (N, C, H, W), array or Tensor, and returns a
new one of the same kind and dtype; in a batch each image draws its own numbers.
"""

from .base import Compose, Transform
from .colour import (
    ColorJitter,
    GaussianNoise,
    Grayscale,
    RandomErasing,
    RandomGrayscale,
    RandomIntensity,
    RandomResolution,
)
from .geometric import (
    RandomCrop,
    RandomHorizontalFlip,
    RandomQuarterTurn,
    RandomRotation,
    RandomVerticalFlip,
    Rotate,
)
from .safety import label_changes

__all__ = [
    "ColorJitter",
    "Compose",
    "GaussianNoise",
    "Grayscale",
    "RandomCrop",
    "RandomErasing",
    "RandomGrayscale",
    "RandomHorizontalFlip",
    "RandomIntensity",
    "RandomQuarterTurn",
    "RandomResolution",
    "RandomRotation",
    "RandomVerticalFlip",
    "Rotate",
    "Transform",
    "label_changes",
]
