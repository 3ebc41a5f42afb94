"""Gradient checking: the derivatives of the engine against centred differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.backprop import _sequence, grad
from autograd.record import handle
from autograd.tensor import Tensor


def numerical_vjp(
    function: Callable[..., Any],
    arrays: Sequence[np.ndarray[Any, Any]],
    gradients: Sequence[np.ndarray[Any, Any]],
    index: int,
    eps: float,
) -> np.ndarray[Any, Any]:
    """Return d(sum of gradients * function)/d(arrays[index]) by (f(x+h) - f(x-h)) / 2h."""
    moved = [np.array(array) for array in arrays]
    target = moved[index]
    slope = np.zeros(target.shape, np.float64)

    def value() -> float:
        outputs = _sequence(function(*[handle(array.copy(), None) for array in moved]))
        total = 0.0
        for output, gradient in zip(outputs, gradients, strict=True):
            payload = output.payload if isinstance(output, Tensor) else output
            total += float(np.sum(np.asarray(payload, np.float64) * gradient))
        return total

    for place in np.ndindex(target.shape):
        before = target[place]
        target[place] = before + eps
        above = value()
        target[place] = before - eps
        below = value()
        target[place] = before
        slope[place] = (above - below) / (2 * eps)
    return slope


def gradcheck(
    function: Callable[..., Any],
    inputs: Tensor | Sequence[Tensor],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Check the gradients of ``function`` at ``inputs`` against centred differences.

    Each output is weighted with fixed random numbers, and the gradient of the weighted sum with
    respect to each input that requires grad is compared, element by element:
    ``|analytic - numeric| <= atol + rtol * |numeric|``.

    Parameters
    ----------
    function : callable
        Takes the inputs, returns a Tensor or a sequence of Tensors.
    inputs : Tensor or sequence of Tensor
        In float64; float32 rounds the differences away.
    eps : float
        The step h of (f(x+h) - f(x-h)) / 2h.
    atol, rtol : float
        Tolerances.
    raise_exception : bool
        Whether a mismatch raises or gives False.

    Raises
    ------
    ValueError
        If no input requires grad, or one that does is not float64.
    RuntimeError
        If a gradient differs; the message names the input, the element and both values.

    Examples
    --------
    >>> import autograd, numpy as np
    >>> x = autograd.tensor([0.5, -1.0], dtype=np.float64, requires_grad=True)
    >>> autograd.gradcheck(autograd.tanh, x)
    True
    """
    tensors = _sequence(inputs)
    asked = [i for i, t in enumerate(tensors) if isinstance(t, Tensor) and t.requires_grad]
    if not asked:
        raise ValueError("gradcheck: no input requires grad, so there is nothing to check")
    for i in asked:
        if tensors[i].dtype != np.float64:
            raise ValueError(
                f"gradcheck: input {i} is {tensors[i].dtype}; differences need float64"
            )
    arrays = [np.asarray(t.payload if isinstance(t, Tensor) else t) for t in tensors]
    outputs = [t for t in _sequence(function(*tensors))]
    random = np.random.default_rng(0)
    weights = [np.asarray(random.standard_normal(output.shape)) for output in outputs]
    live = [(o, w) for o, w in zip(outputs, weights, strict=True) if o.requires_grad]
    gradients: Sequence[Tensor | None] = [None] * len(asked)
    if live:
        gradients = grad(
            [o for o, _ in live],
            [tensors[i] for i in asked],
            [w for _, w in live],
            allow_unused=True,
        )
    for i, gradient in zip(asked, gradients, strict=True):
        numeric = numerical_vjp(function, arrays, weights, i, eps)
        analytic = np.zeros_like(numeric) if gradient is None else np.asarray(gradient.payload)
        wrong = ~(np.abs(analytic - numeric) <= atol + rtol * np.abs(numeric))
        if wrong.any():
            if not raise_exception:
                return False
            place = tuple(int(k) for k in np.argwhere(wrong)[0])
            raise RuntimeError(
                f"gradcheck: the gradient of input {i} differs at {place}: the engine says "
                f"{analytic[place]:.9g}, centred differences say {numeric[place]:.9g} "
                f"(h = {eps:g}; {int(wrong.sum())} of {wrong.size} elements differ)"
            )
    return True


def gradgradcheck(
    function: Callable[..., Any],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Check second derivatives: :func:`gradcheck` of the gradient with respect to the inputs.

    The outputs' gradients are inputs of the check too, so that mixed derivatives are covered.
    """
    tensors = _sequence(inputs)
    asked = [i for i, t in enumerate(tensors) if isinstance(t, Tensor) and t.requires_grad]
    outputs = _sequence(function(*tensors))
    random = np.random.default_rng(1)
    seeds = [
        Tensor(random.standard_normal(o.shape) if g is None else g, requires_grad=True)
        for o, g in zip(outputs, _sequence(grad_outputs, len(outputs)), strict=True)
    ]

    def gradient(*arguments: Any) -> Any:
        given, weights = list(arguments[: len(tensors)]), arguments[len(tensors) :]
        for i in asked:
            if not given[i].requires_grad:
                given[i] = handle(given[i].payload, None).requires_grad_()
        results = _sequence(function(*given))
        live = [(r, w) for r, w in zip(results, weights, strict=True) if r.requires_grad]
        found = grad(
            [r for r, _ in live],
            [given[i] for i in asked],
            [w for _, w in live],
            create_graph=True,
            allow_unused=True,
        )
        return [
            handle(np.zeros(given[i].shape), None) if g is None else g
            for i, g in zip(asked, found, strict=True)
        ]

    return gradcheck(gradient, [*tensors, *seeds], eps, atol, rtol, raise_exception)
