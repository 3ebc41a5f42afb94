"""The checks that users call: of gradients, and of the gradients of gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.backprop import grad
from autograd.gradient_checking.comparison import Check
from autograd.gradient_checking.differences import sequence, step_of
from autograd.record import handle, is_tensor
from autograd.tensor import Tensor


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Tensor],
    eps: float | None = None,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    *,
    scheme: str = "centred",
    fast_mode: bool = False,
    nondet_tol: float = 0.0,
    check_forward_ad: bool = False,
    report: bool = False,
    seed: int = 0,
) -> Any:
    """Check the gradients of ``func`` at ``inputs`` against differences of its values.

    Each output is weighted with fixed random numbers, and the gradient of the weighted sum with
    respect to each input that requires grad is compared, element by element:
    ``|analytic - numeric| <= atol + rtol * |numeric|``.  An element whose difference reaches across
    a kink is reported, not failed: where an operation decides otherwise between x - h and x + h
    (``max`` another winner, ``relu`` opened) and the gradient is right a hundred times closer, or
    on both sides if x lies that close to the kink.

    Parameters
    ----------
    func : callable
        Takes the inputs, returns a Tensor or a sequence of Tensors.
    inputs : Tensor or sequence of Tensor
        In float64; float32 rounds the differences away.
    eps : float, optional
        The step h; 1e-6 for centred differences, 1e-8 for forward ones, 1e-20 for complex steps.
    atol, rtol : float
        Tolerances.
    raise_exception : bool
        Whether a mismatch raises or gives False.
    scheme : {"centred", "forward", "complex"}
        (f(x+h) - f(x-h)) / 2h, (f(x+h) - f(x)) / h or Im f(x+ih) / h.
    fast_mode : bool
        Whether to compare along 10 random directions of signs instead of element by element: 20
        evaluations an input, however large.  The tolerance is then
        ``atol + rtol * norm(gradient)``.  One wrong element beyond it is found with certainty,
        several with a probability of 1 - 2^-10 at least: whatever the other signs are, one of an
        element's two signs does not lessen the sum of errors.
    nondet_tol : float
        How far the outputs of two calls may differ.
    check_forward_ad : bool
        Whether forward mode is compared with reverse mode, too.
    report : bool
        Whether to return a :class:`GradcheckReport`, which is true if the check passed and lists
        kinks, errors and evaluations.
    seed : int
        Of the weights and the directions.

    Returns
    -------
    bool or GradcheckReport

    Raises
    ------
    ValueError
        If no input requires grad, one that does is not float64, or the scheme does not suit.
    TypeError
        If the function returns anything else than numbers.
    RuntimeError
        If a gradient differs (the message names the input, the element and both values), the
        function gives other outputs when called again, or inputs overlap in memory.

    Examples
    --------
    >>> import autograd, numpy as np
    >>> x = autograd.tensor([0.5, -1.0], dtype=np.float64, requires_grad=True)
    >>> autograd.gradcheck(autograd.tanh, x)
    True
    >>> x = autograd.tensor([0.5, 1e-7], dtype=np.float64, requires_grad=True)
    >>> print(autograd.gradcheck(autograd.relu, x, report=True))
    gradcheck passed: largest relative error ..., 4 evaluations
    kink inside +-h at input (1,): relu changed its winner

    Source: ``torch.autograd.gradcheck``.
    """
    h = step_of("gradcheck", scheme, eps)
    check = Check(func, sequence(inputs), h, atol, rtol, scheme, seed)
    check.refuse_random(nondet_tol)
    for i in check.asked:
        (check.along_directions if fast_mode else check.by_element)(i)
        if not check.report.passed:
            break
    if check_forward_ad and check.report.passed:
        check.compare_modes()
    if raise_exception and check.report.failure is not None:
        raise RuntimeError(check.report.failure)
    return check.report if report else check.report.passed


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    eps: float | None = None,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    **options: Any,
) -> Any:
    """Check second derivatives: :func:`gradcheck` of the gradient with respect to the inputs.

    The outputs' gradients are inputs of the check too, so that mixed derivatives are covered.

    Parameters
    ----------
    grad_outputs : Tensor, array or a sequence of them, optional
        The outputs' gradients, random if not given.
    **options
        The others are those of :func:`gradcheck`.

    Raises
    ------
    RuntimeError, ValueError
        As :func:`gradcheck`.

    Examples
    --------
    >>> import autograd, numpy as np
    >>> x = autograd.tensor([0.5, -1.0], dtype=np.float64, requires_grad=True)
    >>> autograd.gradgradcheck(autograd.tanh, x)
    True

    Source: ``torch.autograd.gradgradcheck``.
    """
    tensors = sequence(inputs)
    asked = [i for i, t in enumerate(tensors) if is_tensor(t) and t.requires_grad]
    outputs = sequence(func(*tensors))
    random = np.random.default_rng(1)
    given_gradients = [None] * len(outputs) if grad_outputs is None else sequence(grad_outputs)
    seeds = [
        Tensor(random.standard_normal(o.shape) if g is None else g, requires_grad=True)
        for o, g in zip(outputs, given_gradients, strict=True)
    ]

    def gradient(*arguments: Any) -> Any:
        given, weights = list(arguments[: len(tensors)]), arguments[len(tensors) :]
        for i in asked:
            if not given[i].requires_grad:
                given[i] = handle(given[i].payload, None).requires_grad_()
        results = sequence(func(*given))
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

    return gradcheck(gradient, [*tensors, *seeds], eps, atol, rtol, raise_exception, **options)
