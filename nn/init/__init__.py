"""Initialisers: where training starts, as functions that fill a tensor in place.

They record nothing and return the tensor. All draw from ``autograd.manual_seed``'s generator unless
one is given.
"""

from . import filling, scaling, structured
from .filling import *
from .scaling import *
from .structured import *

__all__ = [*scaling.__all__, *filling.__all__, *structured.__all__]
