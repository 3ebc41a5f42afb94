"""Layers without state: PyTorch's functions, which check their arguments and call ``nn.ops``."""

from autograd import flatten

from . import (
    activation,
    adaptive_pooling,
    affine,
    averaging,
    convolution,
    loss,
    noise,
    normalization,
    pooling,
    unfolding,
)
from .activation import *
from .adaptive_pooling import *
from .affine import *
from .averaging import *
from .convolution import *
from .loss import *
from .noise import *
from .normalization import *
from .pooling import *
from .unfolding import *

__all__ = ["flatten"]
__all__ += activation.__all__ + affine.__all__ + convolution.__all__ + loss.__all__
__all__ += noise.__all__ + normalization.__all__ + pooling.__all__ + unfolding.__all__
__all__ += adaptive_pooling.__all__
__all__ += averaging.__all__
