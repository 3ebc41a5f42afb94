"""What one does to parameters and gradients from outside a module (PyTorch's ``nn.utils``)."""

from . import clip_grad
from .clip_grad import *

__all__ = [*clip_grad.__all__]
