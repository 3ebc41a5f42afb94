"""What one does to parameters and gradients from outside a module (PyTorch's ``nn.utils``)."""

from . import (
    clip_grad,
    parametrizations,
    parametrize,
    rnn,
    spectral_normalization,
    vectors,
    weight_normalization,
)
from .clip_grad import *
from .spectral_normalization import *
from .vectors import *
from .weight_normalization import *

__all__ = ["parametrizations", "parametrize", "rnn"]
__all__ += clip_grad.__all__ + spectral_normalization.__all__
__all__ += vectors.__all__ + weight_normalization.__all__
