"""Watching layers: how large gradients, updates and activations are, layer by layer.

A layer is a module that holds parameters itself (for gradients and updates), or one without parts
(for activations). Activations are seen by forward hooks, which are there during a look only: what
is not watched costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import sqrt
from typing import Any

import numpy as np

from autograd import Tensor

__all__ = ["Look", "activation_statistics", "gradient_statistics"]

WHOLE = "model"  # the name of a layer that is the model itself


class Look:
    """One look at the layers of a model, while it makes a training step."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.seen: dict[str, dict[str, float]] = {}
        self._before: list[tuple[str, Tensor, np.ndarray[Any, Any]]] = []

    @contextmanager
    def forward(self) -> Iterator[None]:
        """Look at the activations of a forward pass."""
        with _hooked(self.model, "activation", self.seen, inputs=False):
            yield

    def before_update(self) -> None:
        """Look at the gradients, and at the weights that an update is about to change."""
        for layer, parameters in _parameters(self.model).items():
            found = _gradient(parameters)
            if found:
                numbers = {f"gradient_{name}": value for name, value in found.items()}
                self.seen.setdefault(layer, {}).update(numbers)
                self._before += [(layer, p, np.array(p.payload)) for p in parameters]

    def after_update(self) -> None:
        """Look at how far the weights went."""
        moved: dict[str, float] = {}
        size: dict[str, float] = {}
        for layer, parameter, before in self._before:
            change = parameter.payload - before
            moved[layer] = moved.get(layer, 0.0) + _squares(change)
            size[layer] = size.get(layer, 0.0) + _squares(before)
        for layer, total in moved.items():
            ratio = sqrt(total / size[layer]) if size[layer] else float("nan")
            self.seen[layer]["update_ratio"] = ratio


def gradient_statistics(model: Any) -> dict[str, dict[str, float]]:
    """Return mean, std, norm and share of zeros of the gradients, by layer.

    norm = sqrt(sum g^2), over all parameters that the layer holds and that have a gradient.

    Parameters
    ----------
    model : Module
        After ``backward``.

    Returns
    -------
    dict of dict of float
        By module path; layers without a gradient (frozen, or never reached) are left out.

    Examples
    --------
    >>> import autograd, nn
    >>> model = nn.Sequential(nn.Linear(2, 1, bias=False))
    >>> model(autograd.tensor([[3.0, -4.0]])).sum().backward()
    >>> gradient_statistics(model)
    {'0': {'norm': 5.0, 'mean': -0.5, 'std': 3.5, 'zeros': 0.0}}

    Source: Glorot & Bengio, 2010.
    """
    found = {layer: _gradient(parameters) for layer, parameters in _parameters(model).items()}
    return {layer: numbers for layer, numbers in found.items() if numbers}


def activation_statistics(
    model: Any, inputs: Any, *, of: str = "output"
) -> dict[str, dict[str, float]]:
    """Return mean, std and share of zeros of what each layer puts out, for a batch.

    Parameters
    ----------
    model : Module
        Run once as it is, recording nothing.
    inputs : Tensor
        A batch.
    of : {"output", "input"}
        What of the layers without parts is looked at; the distribution of a layer's input moves
        with every update of the layers below it.

    Raises
    ------
    ValueError
        ``of`` is another word.

    Examples
    --------
    >>> import autograd, nn
    >>> model = nn.Sequential(nn.ReLU())
    >>> activation_statistics(model, autograd.tensor([[-1.0, 1.0]]))
    {'0': {'mean': 0.5, 'std': 0.5, 'zeros': 0.5}}

    Source: Glorot & Bengio, 2010; Ioffe & Szegedy, 2015 (covariate shift).
    """
    from autograd import no_grad

    if of not in ("output", "input"):
        raise ValueError(f"activation_statistics: of must be 'output' or 'input', got {of!r}")
    seen: dict[str, dict[str, float]] = {}
    with no_grad(), _hooked(model, "", seen, inputs=of == "input"):
        model(inputs)
    return seen


@contextmanager
def _hooked(
    model: Any, kind: str, seen: dict[str, dict[str, float]], inputs: bool
) -> Iterator[None]:
    """Write what passes through the modules without parts into ``seen``, when the pass is over."""
    passed: dict[str, list[tuple[int, float, float, int]]] = {}

    def hook(path: str) -> Any:
        def look(module: Any, arguments: Any, output: Any) -> None:
            values = _floats(arguments if inputs else output)
            if values is not None and values.size:
                passed.setdefault(path, []).append(_moments(values))

        return look

    handles = []
    if hasattr(model, "named_modules"):
        for path, module in model.named_modules():
            if next(iter(module.children()), None) is None:
                handles.append(module.register_forward_hook(hook(path or WHOLE)))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
    prefix = f"{kind}_" if kind else ""
    for path, moments in passed.items():
        size, mean, variance, zeros = _together(moments)
        numbers = {"mean": mean, "std": sqrt(variance), "zeros": zeros / size}
        seen.setdefault(path, {}).update({prefix + name: v for name, v in numbers.items()})


def _floats(value: Any) -> np.ndarray[Any, Any] | None:
    """Return the numbers of a tensor, or of the first of several that has any."""
    if isinstance(value, (tuple, list)):
        return next((f for f in map(_floats, value) if f is not None), None)
    if isinstance(value, Tensor) and value.dtype.kind == "f":
        return np.asarray(value.payload)
    return None


def _parameters(model: Any) -> dict[str, list[Tensor]]:
    """Return the parameters of each layer, by module path."""
    layers: dict[str, list[Tensor]] = {}
    if hasattr(model, "named_parameters"):
        for name, parameter in model.named_parameters():
            layers.setdefault(name.rpartition(".")[0] or WHOLE, []).append(parameter)
    return layers


def _gradient(parameters: list[Tensor]) -> dict[str, float]:
    gradients = [np.asarray(p.grad.payload) for p in parameters if p.grad is not None]
    moments = [_moments(gradient) for gradient in gradients if gradient.size]
    if not moments:
        return {}
    size, mean, variance, zeros = _together(moments)
    norm = sqrt(size * (variance + mean * mean))
    return {"norm": norm, "mean": mean, "std": sqrt(variance), "zeros": zeros / size}


def _moments(values: np.ndarray[Any, Any]) -> tuple[int, float, float, int]:
    """Return size, mean, variance and zeros; in the dtype of the values, which is twice as fast."""
    mean = float(values.mean())
    variance = _squares(values - values.dtype.type(mean)) / values.size
    return values.size, mean, variance, int(np.count_nonzero(values == 0))


def _together(parts: list[tuple[int, float, float, int]]) -> tuple[int, float, float, int]:
    """Return the moments of several arrays as of one."""
    if len(parts) == 1:
        return parts[0]
    size = sum(n for n, *_ in parts)
    mean = sum(n * m for n, m, *_ in parts) / size
    variance = sum(n * (v + (m - mean) ** 2) for n, m, v, _ in parts) / size
    return size, mean, variance, sum(zeros for *_, zeros in parts)


def _squares(array: Any) -> float:
    """Return the sum of squares, wider where the squares of an exploding gradient overflow."""
    if array.dtype.itemsize > 2:
        with np.errstate(over="ignore"):
            total = float(np.square(array).sum())
        if total < float("inf"):
            return total
    return float(np.square(array, dtype=np.float64).sum())
