"""Parametrizations of weights: normalised by length or by singular value, and orthogonal ones."""

from .normalized import spectral_norm, weight_norm
from .orthogonal import orthogonal

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]
