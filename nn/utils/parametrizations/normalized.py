"""Weights normalised when they are read, by their lengths or by their largest singular value."""

from __future__ import annotations

import autograd
from autograd import Tensor

from ...module import Module
from ..parametrize import register_parametrization
from ..spectral_normalization import as_matrix, check_spectral, unit
from ..weight_normalization import check_dim, lengths

__all__ = ["spectral_norm", "weight_norm"]


class WeightNorm(Module):
    """w = g v / |v|, with the lengths g and the directions v as originals."""

    def __init__(self, dim: int | None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, g: Tensor, v: Tensor) -> Tensor:
        """Return g v / |v|."""
        return v * (g / lengths(v, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Return lengths and directions: g = |w|, v = w."""
        return lengths(weight, self.dim), weight


class SpectralNorm(Module):
    """W / sigma(W), whose singular vectors are followed by power iteration in training.

    Of a vector, w / |w|.
    """

    def __init__(self, weight: Tensor, n_power_iterations: int, eps: float, dim: int) -> None:
        super().__init__()
        self.n_power_iterations, self.eps, self.dim = n_power_iterations, eps, dim
        if weight.ndim > 1:
            matrix = as_matrix(weight.detach(), dim)
            for name, size in zip(("_u", "_v"), matrix.shape, strict=True):
                drawn = autograd.randn(size, dtype=weight.dtype)
                self.register_buffer(name, unit(drawn, eps))
            self._iterate(matrix, 15)

    def forward(self, weight: Tensor) -> Tensor:
        """Return W / (u^T W v), after steps of power iteration in training."""
        if weight.ndim == 1:
            length = autograd.linalg.vector_norm(weight)
            return weight / autograd.clamp_min(length, self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            self._iterate(matrix.detach(), self.n_power_iterations)
        # Copies: the next forward changes the vectors, and this one's gradient still needs them.
        return weight / autograd.dot(self._u.clone(), matrix @ self._v.clone())

    def right_inverse(self, weight: Tensor) -> Tensor:
        """Return the weight: divided by its own singular value it stays one of 1."""
        return weight

    def _iterate(self, matrix: Tensor, times: int) -> None:
        with autograd.no_grad():
            for _ in range(times):
                self._u.copy_(unit(matrix @ self._v, self.eps))
                self._v.copy_(unit(matrix.T @ self._u, self.eps))


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Train a weight's length and direction apart: w = g v / |v|, for each slice along ``dim``.

    The lengths are ``parametrizations.weight.original0``, the directions ``original1``. Changes the
    module and returns it; ``nn.utils.parametrize.remove_parametrizations`` undoes it.

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
    IndexError
        It has no such axis.

    Examples
    --------
    >>> import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(20, 40))
    >>> [(name, value.shape) for name, value in layer.parametrizations.named_parameters()]
    [('weight.original0', (40, 1)), ('weight.original1', (40, 20))]

    Source: Salimans & Kingma (2016); ``torch.nn.utils.parametrizations.weight_norm``.
    """
    weight = _tensor("weight_norm", module, name)
    check_dim("weight_norm", weight, dim)
    return register_parametrization(module, name, WeightNorm(dim), unsafe=True)


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a weight by its largest singular value: W / sigma(W), which is then about 1.

    The weight is ``parametrizations.weight.original``, its singular vectors are buffers ``_u`` and
    ``_v``, which start with 15 steps of power iteration. Changes the module and returns it.

    Parameters
    ----------
    module : Module
        Whose parameter it is.
    name : str
        Of the parameter.
    n_power_iterations : int
        Steps of power iteration each time the weight is read in training mode.
    eps : float
        The least norm that is divided by.
    dim : int, optional
        The axis of the outputs; 0, and 1 for transposed convolutions.

    Raises
    ------
    ValueError
        There is no such parameter, or less than one iteration.
    IndexError
        It has no such axis.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 4), n_power_iterations=50)
    >>> round(autograd.linalg.norm(layer.weight, 2).item(), 4)
    1.0

    Source: Miyato et al. (2018); ``torch.nn.utils.parametrizations.spectral_norm``.
    """
    weight = _tensor("spectral_norm", module, name)
    dim = check_spectral(module, weight, n_power_iterations, dim)
    made = SpectralNorm(weight, n_power_iterations, eps, dim)
    return register_parametrization(module, name, made)


def _tensor(function: str, module: Module, name: str) -> Tensor:
    """Return the tensor of a module that is to be computed from now on."""
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"{function}: {type(module).__name__} has no parameter {name!r}")
    return weight
