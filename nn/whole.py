"""What is done to a module and to all below it at once: set, filled, frozen, converted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from autograd.casting import wanted_dtype

from .parameter import convert
from .tree import Tree

__all__ = ["Whole"]


class Whole(Tree):
    """What a ``Module`` does to its whole tree; nearly all of it returns the module.

    Examples
    --------
    >>> import autograd, nn
    >>> net = nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))
    >>> ones = lambda m: nn.init.ones_(m.weight) if isinstance(m, nn.Linear) else None
    >>> net.apply(ones).eval().requires_grad_(False).training
    False
    >>> net.train().to(autograd.float64)[0].weight
    Parameter containing:
    tensor([[1., 1.]], dtype=float64)
    >>> net.half().float().double().cpu() is net
    True
    >>> net.zero_grad()

    Source: ``torch.nn.Module``.
    """

    training: bool

    def train(self, mode: bool = True) -> Self:
        """Set training mode (dropout drops, batch norm uses the batch) here and below.

        Raises
        ------
        ValueError
            ``mode`` is no bool.
        """
        if not isinstance(mode, bool):
            raise ValueError(f"train: mode must be a bool, got {mode!r}")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set evaluation mode here and below."""
        return self.train(False)

    def apply(self, fn: Callable[[Any], Any]) -> Self:
        """Call ``fn`` on every module, children first; typically to initialise weights."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze (False) or free all parameters here and below."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients (``set_to_none``) or fill them with zeros."""
        for parameter in self.parameters():
            if parameter.grad is None:
                continue
            if set_to_none:
                parameter.grad = None
            else:
                parameter.grad.zero_()

    def to(
        self, *what: Any, dtype: Any = None, device: Any = None, non_blocking: bool = False
    ) -> Self:
        """Convert the floating-point parameters and buffers, in place, to ``dtype``.

        Arguments are those of ``Tensor.to``: ``to(dtype)``, ``to("cpu")``, ``to("cpu", dtype)``,
        ``to(other)`` for another tensor's dtype.

        Raises
        ------
        RuntimeError
            Another device than the CPU is asked for.
        TypeError
            ``dtype`` is no floating-point dtype.
        """
        wanted = wanted_dtype(what, dtype, device)
        if wanted is None:
            return self
        if wanted.kind != "f":
            raise TypeError(f"to: a module takes floating-point dtypes, got {wanted}")
        for tensor in (*self.parameters(), *self.buffers()):
            if tensor.dtype.kind == "f" and tensor.dtype != wanted:
                convert(tensor, wanted)
        return self

    def float(self) -> Self:
        """Convert to float32."""
        return self.to(np.float32)

    def double(self) -> Self:
        """Convert to float64."""
        return self.to(np.float64)

    def half(self) -> Self:
        """Convert to float16."""
        return self.to(np.float16)

    def cpu(self) -> Self:
        """Return the module itself: there is no other device."""
        return self

    def cuda(self, device: Any = None) -> Self:
        """Refuse: there is no device but the CPU.

        Raises
        ------
        RuntimeError
            Always.

        Examples
        --------
        >>> import nn
        >>> nn.ReLU().cuda()
        Traceback (most recent call last):
        RuntimeError: cuda: there is no device but the CPU; leave the module where it is
        """
        raise RuntimeError("cuda: there is no device but the CPU; leave the module where it is")
