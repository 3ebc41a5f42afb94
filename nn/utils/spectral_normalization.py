"""Spectral normalisation: a weight divided by its largest singular value.

That value is followed by power iteration, one step a forward in training: with unit vectors u and
v, v <- W^T u / |W^T u|, u <- W v / |W v|, sigma = u^T W v.
"""

from __future__ import annotations

from math import prod
from typing import Any

import autograd
from autograd import Tensor

from ..functional.arguments import check_count
from ..module import Module
from ..parameter import Parameter
from .reparametrization import Reparametrization, detach

__all__ = ["remove_spectral_norm", "spectral_norm"]


class SpectralNorm(Reparametrization):
    """weight = weight_orig / sigma(weight_orig)."""

    parts = ("_orig", "_u", "_v")
    dim: int

    def __init__(self, name: str, n_power_iterations: int, eps: float, dim: int | None) -> None:
        super().__init__(name)
        self.n_power_iterations, self.eps, self.wanted_dim = n_power_iterations, eps, dim

    def split(self, module: Module, weight: Tensor) -> None:
        """Keep the weight, and draw two unit vectors."""
        self.dim = check_spectral(module, weight, self.n_power_iterations, self.wanted_dim)
        module.register_parameter(self.name + "_orig", Parameter(weight))
        for suffix, size in zip(("_u", "_v"), matrix_shape(weight, self.dim), strict=True):
            drawn = autograd.randn(size, dtype=weight.dtype)
            module.register_buffer(self.name + suffix, unit(drawn, self.eps))

    def compute(self, module: Module) -> Tensor:
        """Return W / sigma, after a step of power iteration in training."""
        weight = self.part(module, "_orig")
        matrix = as_matrix(weight, self.dim)
        u, v = self.part(module, "_u"), self.part(module, "_v")
        if module.training:
            with autograd.no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(unit(matrix.T @ u, self.eps))
                    u.copy_(unit(matrix @ v, self.eps))
        # Copies: the next forward changes the vectors, and this one's gradient still needs them.
        u, v = u.clone(), v.clone()
        return weight / autograd.dot(u, matrix @ v)

    def remove(self, module: Module) -> None:
        """Make the normalised weight the module's parameter again, without another step."""
        training, module.training = module.training, False
        super().remove(module)
        module.training = training


def as_matrix(weight: Tensor, dim: int) -> Tensor:
    """Return a weight as a matrix whose rows are the slices along ``dim``."""
    return autograd.movedim(weight, dim, 0).reshape(*matrix_shape(weight, dim))


def matrix_shape(weight: Tensor, dim: int) -> tuple[int, int]:
    """Return the shape of `as_matrix`."""
    rows = weight.shape[dim]
    return rows, prod(weight.shape) // rows if rows else 0


def unit(vector: Tensor, eps: float) -> Tensor:
    """Return the vector divided by its length, or by ``eps`` if that is more."""
    return vector / max(autograd.linalg.vector_norm(vector).item(), eps)


def check_spectral(module: Module, weight: Tensor, iterations: Any, dim: int | None) -> int:
    """Return the axis of the outputs; refuse one that is not there, and less than a step."""
    check_count("spectral_norm", 1, n_power_iterations=iterations)
    if dim is None:
        dim = 1 if type(module).__name__.startswith("ConvTranspose") and weight.ndim > 1 else 0
    if not -weight.ndim <= dim < weight.ndim:
        raise IndexError(
            f"spectral_norm: dim {dim} is out of range for shape {tuple(weight.shape)}"
        )
    return dim


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a weight by its largest singular value: W / sigma(W), which is then about 1.

    The parameter ``name`` is replaced by ``name_orig``; the singular vectors are the buffers
    ``name_u`` and ``name_v``. Changes the module and returns it.

    Parameters
    ----------
    module : Module
        Whose parameter it is.
    name : str
        Of the parameter.
    n_power_iterations : int
        Steps of power iteration in each forward of training mode.
    eps : float
        The least norm that is divided by.
    dim : int, optional
        The axis of the outputs; 0, and 1 for transposed convolutions.

    Raises
    ------
    ValueError
        There is no such parameter, or less than one iteration.
    RuntimeError
        The parameter is normalised already.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.utils.spectral_norm(nn.Linear(3, 4), n_power_iterations=50)
    >>> _ = layer(autograd.ones(1, 3))
    >>> round(autograd.linalg.norm(layer.weight, 2).item(), 4)
    1.0

    Source: Miyato et al. (2018); ``torch.nn.utils.spectral_norm``.
    """
    return SpectralNorm(name, n_power_iterations, eps, dim).attach(module)


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Make a weight that ``spectral_norm`` divides an ordinary parameter again.

    Raises
    ------
    ValueError
        It was not divided.

    Examples
    --------
    >>> import nn
    >>> layer = nn.utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(2, 3)))
    >>> sorted(layer.state_dict())
    ['bias', 'weight']

    Source: ``torch.nn.utils.remove_spectral_norm``.
    """
    return detach(module, SpectralNorm, name, "remove_spectral_norm")
