"""Weight normalisation: length and direction of every unit's weights as parameters of their own."""

from __future__ import annotations

import autograd
from autograd import Tensor

from ..module import Module
from ..parameter import Parameter
from .reparametrization import Reparametrization, detach

__all__ = ["remove_weight_norm", "weight_norm"]


class WeightNorm(Reparametrization):
    """weight = weight_g * weight_v / |weight_v|."""

    parts = ("_g", "_v")

    def __init__(self, name: str, dim: int | None) -> None:
        super().__init__(name)
        self.dim = dim

    def split(self, module: Module, weight: Tensor) -> None:
        """Start from the weight as it is: g = |w|, v = w."""
        check_dim("weight_norm", weight, self.dim)
        module.register_parameter(self.name + "_g", Parameter(lengths(weight, self.dim)))
        module.register_parameter(self.name + "_v", Parameter(weight))

    def compute(self, module: Module) -> Tensor:
        """Return g v / |v|."""
        v = self.part(module, "_v")
        return v * (self.part(module, "_g") / lengths(v, self.dim))


def lengths(v: Tensor, dim: int | None) -> Tensor:
    """Return the norms of v along all axes but ``dim``, with axes of length 1; one of all if None.

    As in PyTorch -1 is None, and not the last axis.
    """
    if dim in (None, -1):
        return autograd.linalg.vector_norm(v)
    axes = tuple(axis for axis in range(v.ndim) if axis != dim % v.ndim)
    return autograd.linalg.vector_norm(v, dim=axes, keepdim=True) if axes else v.abs()


def check_dim(function: str, weight: Tensor, dim: int | None) -> None:
    """Refuse an axis that the weight has not."""
    if dim is not None and not -weight.ndim <= dim < weight.ndim:
        raise IndexError(f"{function}: dim {dim} is out of range for shape {tuple(weight.shape)}")


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Train a weight's length and direction apart: w = g v / |v|, for each slice along ``dim``.

    The parameter ``name`` is replaced by ``name_g`` (the lengths) and ``name_v`` (the directions).
    Changes the module and returns it.

    Parameters
    ----------
    module : Module
        Whose parameter it is.
    name : str
        Of the parameter.
    dim : int or None
        The axis with a length for each index, 0 for the outputs of a layer; None or -1: one length.

    Raises
    ------
    ValueError
        There is no such parameter.
    RuntimeError
        The parameter is normalised already.
    IndexError
        It has no such axis.

    Examples
    --------
    >>> import nn
    >>> layer = nn.utils.weight_norm(nn.Linear(20, 40))
    >>> layer.weight_g.shape, layer.weight_v.shape
    ((40, 1), (40, 20))

    Source: Salimans & Kingma (2016); ``torch.nn.utils.weight_norm``.
    """
    return WeightNorm(name, dim).attach(module)


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Make a weight that ``weight_norm`` has split an ordinary parameter again.

    Raises
    ------
    ValueError
        It was not split.

    Examples
    --------
    >>> import nn
    >>> layer = nn.utils.remove_weight_norm(nn.utils.weight_norm(nn.Linear(2, 3)))
    >>> sorted(layer.state_dict())
    ['bias', 'weight']

    Source: ``torch.nn.utils.remove_weight_norm``.
    """
    return detach(module, WeightNorm, name, "remove_weight_norm")
