"""What returns its tensor: the parts and conjugates of numbers that are all real.

They are here so that code written for real and complex tensors runs: Backlight has real ones.
"""

from __future__ import annotations

from typing import Any

from autograd.naming import naming
from autograd.record import is_tensor

__all__ = ["conj", "conj_physical", "detach", "real", "resolve_conj", "resolve_neg"]


def _tensor(name: str, x: Any) -> Any:
    if not is_tensor(x):
        raise TypeError(f"{name}: expected a Tensor, got {type(x).__name__}")
    return x


def _same(name: str, what: str) -> Any:
    def same(x: Any) -> Any:
        return _tensor(name, x)

    same.__name__ = same.__qualname__ = name
    same.__doc__ = f"""Return {what}: the tensor itself.

    Raises
    ------
    TypeError
        If x is no Tensor.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, -2.0])
    >>> autograd.{name}(x) is x
    True

    Source: ``torch.{name}``.
    """
    return naming(same)


real = _same("real", "the real part of a tensor, which is real")
conj = _same("conj", "the conjugate of a tensor, which is real")
conj_physical = _same("conj_physical", "the conjugate of a tensor, which is real")
resolve_conj = _same("resolve_conj", "a tensor whose conjugation is not put off")
resolve_neg = _same("resolve_neg", "a tensor whose sign is not put off")


@naming
def detach(x: Any) -> Any:
    """Return the same memory without the record: no gradient flows back through it.

    Raises
    ------
    TypeError
        If x is no Tensor.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(2.0, requires_grad=True)
    >>> (x * autograd.detach(x)).backward()
    >>> x.grad
    tensor(2.)

    Source: ``torch.detach``.
    """
    return _tensor("detach", x).detach()
