"""Layers, losses and initialisers, built on ``autograd``."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import autograd

if getattr(autograd, "__distribution__", None) != "backlight":
    raise ImportError(
        "nn needs Backlight's autograd, but found another package of that name at "
        f"{getattr(autograd, '__file__', None)}; run `pip uninstall -y autograd` and install "
        "backlight again"
    )

from . import (
    adaptive_pooling,
    adaptive_softmax,
    attention,
    batch_normalization,
    buffer,
    cells,
    classification_loss,
    container,
    conv,
    ctc,
    distance,
    dropout,
    embedding,
    functional,
    init,
    lazy,
    linear,
    margin_loss,
    module,
    normalization,
    padding,
    parameter_container,
    pooling,
    probabilities,
    rectifiers,
    recurrent,
    regression_loss,
    resampling,
    smooth,
    transformer,
    transformer_layers,
    unfolding,
    units,
    unpooling,
    utils,
)
from .adaptive_pooling import *
from .adaptive_softmax import *
from .attention import *
from .batch_normalization import *
from .buffer import *
from .cells import *
from .classification_loss import *
from .container import *
from .conv import *
from .ctc import *
from .distance import *
from .dropout import *
from .embedding import *
from .hollow import shape_only
from .lazy import *
from .linear import *
from .margin_loss import *
from .module import *
from .normalization import *
from .ops.winograd import set_winograd
from .padding import *
from .parameter import Parameter
from .parameter_container import *
from .pooling import *
from .probabilities import *
from .rectifiers import *
from .recurrent import *
from .regression_loss import *
from .resampling import *
from .smooth import *
from .transformer import *
from .transformer_layers import *
from .unfolding import *
from .units import *
from .unpooling import *

__all__ = ["Parameter", "functional", "geometry", "init", "models"]
__all__ += ["set_winograd", "shape_only", "utils"]
__all__ += batch_normalization.__all__ + buffer.__all__
__all__ += container.__all__ + conv.__all__ + dropout.__all__
__all__ += lazy.__all__ + linear.__all__ + module.__all__ + normalization.__all__
__all__ += parameter_container.__all__ + pooling.__all__ + unfolding.__all__
__all__ += cells.__all__ + recurrent.__all__
__all__ += adaptive_pooling.__all__
__all__ += probabilities.__all__
__all__ += rectifiers.__all__
__all__ += smooth.__all__
__all__ += units.__all__
__all__ += embedding.__all__
__all__ += padding.__all__
__all__ += unpooling.__all__
__all__ += resampling.__all__
__all__ += attention.__all__
__all__ += transformer.__all__
__all__ += transformer_layers.__all__
__all__ += classification_loss.__all__
__all__ += distance.__all__
__all__ += margin_loss.__all__
__all__ += regression_loss.__all__

if TYPE_CHECKING:
    from . import geometry, models

LATER = ("geometry", "models")  # opened when first used: a network needs neither


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
    return import_module(f"nn.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ += adaptive_softmax.__all__
__all__ += ctc.__all__
