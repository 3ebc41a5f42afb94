"""Parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

import autograd
from autograd import Tensor

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Lay parameters end to end: one vector of all their elements, in order.

    Raises
    ------
    ValueError
        There are none.

    Examples
    --------
    >>> import autograd, nn
    >>> parameters_to_vector([autograd.tensor([[1.0, 2.0]]), autograd.tensor([3.0])])
    tensor([1., 2., 3.])

    Source: ``torch.nn.utils.parameters_to_vector``.
    """
    flat = [parameter.reshape(-1) for parameter in parameters]
    if not flat:
        raise ValueError("parameters_to_vector: expected at least one parameter, got none")
    return autograd.cat(flat)


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Copy the elements of a vector into parameters, in order: undoes ``parameters_to_vector``.

    Raises
    ------
    TypeError
        ``vec`` is no Tensor.
    ValueError
        The vector has not as many elements as the parameters; none of them is changed.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.Linear(2, 1)
    >>> vector_to_parameters(autograd.tensor([1.0, 2.0, 3.0]), layer.parameters())
    >>> layer.weight.tolist(), layer.bias.tolist()
    ([[1.0, 2.0]], [3.0])

    Source: ``torch.nn.utils.vector_to_parameters``.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"vector_to_parameters: expected a Tensor, got {type(vec).__name__}")
    parameters = list(parameters)
    size = sum(prod(parameter.shape) for parameter in parameters)
    if vec.shape != (size,):
        raise ValueError(
            f"vector_to_parameters: the parameters have {size} elements, got a vector of shape "
            f"{vec.shape}"
        )
    first = 0
    with autograd.no_grad():
        for parameter in parameters:
            last = first + prod(parameter.shape)
            parameter.copy_(vec[first:last].reshape(parameter.shape))
            first = last
