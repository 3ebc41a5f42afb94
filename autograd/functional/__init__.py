"""Derivatives of functions: transforms that nest to any order and touch no ``.grad``.

There are two kinds of names, and each has one reading:

- ``grad``, ``value_and_grad``, ``grad_and_value``, ``jacrev`` and ``jacfwd`` take a function and
  return a function, ``vjp`` and ``jvp`` take a function and its primals: as in ``torch.func``;
- ``jacobian``, ``hessian`` and ``hvp`` take a function and its inputs and return numbers: as in
  ``torch.autograd.functional``.

A result is a graph of its own where something outside the call may want to differentiate it (a
transform around this one, an input or a closure's tensor that requires grad) and plain numbers
where nothing does.  ``autograd.grad`` is the function of tensors; that of functions is
``autograd.functional.grad``.
"""

from autograd.functional.jacobians import hessian, hvp, jacfwd, jacobian, jacrev
from autograd.functional.transforms import grad, grad_and_value, jvp, value_and_grad, vjp

__all__ = [
    "grad",
    "grad_and_value",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "value_and_grad",
    "vjp",
]
