"""Layers without state: PyTorch's functions, which check their arguments and call ``nn.ops``."""

from autograd import flatten

from . import (
    adaptive_pooling,
    affine,
    attention,
    averaging,
    bounds,
    classification_loss,
    convolution,
    ctc,
    distance,
    gates,
    layer_normalization,
    likelihood_loss,
    lookup,
    margin_loss,
    noise,
    normalization,
    padding,
    penalties,
    pooling,
    probabilities,
    rectifiers,
    regression_loss,
    resampling,
    sampling,
    shuffling,
    smooth,
    unfolding,
    unpooling,
)
from .adaptive_pooling import *
from .affine import *
from .attention import *
from .averaging import *
from .bounds import *
from .classification_loss import *
from .convolution import *
from .ctc import *
from .distance import *
from .gates import *
from .layer_normalization import *
from .likelihood_loss import *
from .lookup import *
from .margin_loss import *
from .noise import *
from .normalization import *
from .padding import *
from .penalties import *
from .pooling import *
from .probabilities import *
from .rectifiers import *
from .regression_loss import *
from .resampling import *
from .sampling import *
from .shuffling import *
from .smooth import *
from .unfolding import *
from .unpooling import *

__all__ = ["flatten"]
__all__ += affine.__all__ + convolution.__all__
__all__ += (
    noise.__all__
    + normalization.__all__
    + layer_normalization.__all__
    + pooling.__all__
    + unfolding.__all__
)
__all__ += adaptive_pooling.__all__
__all__ += averaging.__all__
__all__ += gates.__all__
__all__ += probabilities.__all__
__all__ += rectifiers.__all__
__all__ += smooth.__all__
__all__ += lookup.__all__
__all__ += padding.__all__
__all__ += unpooling.__all__
__all__ += resampling.__all__
__all__ += shuffling.__all__
__all__ += attention.__all__
__all__ += classification_loss.__all__
__all__ += distance.__all__
__all__ += margin_loss.__all__
__all__ += penalties.__all__
__all__ += regression_loss.__all__
__all__ += sampling.__all__
__all__ += ctc.__all__
__all__ += likelihood_loss.__all__
__all__ += bounds.__all__
