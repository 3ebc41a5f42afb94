"""Optimizer: what all update rules share - parameter groups, state, steps.

A rule says which arrays it remembers of each parameter (``_slots``) and gives the function that
writes a piece of them in place (``_rule``); pieces, weight decay and ``maximize`` are the same for
all (``optim.blocks``). The round trip of the state is in ``optim.round_trip``.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.hollow import refuse_hollow

from .blocks import Kernel, decayed, update_in_place
from .round_trip import RoundTrip
from .settings import check_implementation, check_not_negative, number
from .slots import zeros_like
from .step_hooks import StepHooks

__all__ = ["Optimizer"]


class Optimizer(StepHooks, RoundTrip):
    """Base of all optimisers: w changes in place by a rule of its gradient and of the past.

    Shapes: a parameter of any shape and memory layout; its gradient and state have its shape.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor) or of dict
        The tensors to improve; with names, as ``model.named_parameters()`` gives them, which the
        groups keep as ``"param_names"``; or groups ``{"params": [...], "lr": ...}`` with settings
        of their own.
    defaults : dict
        Values for what a group does not say.

    Attributes
    ----------
    param_groups : list of dict
        Each with ``"params"`` and its settings; change ``group["lr"]`` at any time.
    state : dict
        What the rule remembers of each parameter.

    Raises
    ------
    TypeError, ValueError
        No parameters, something that is no tensor, no leaf or not floating-point, a parameter in
        two groups, or a setting out of its range.
    NotImplementedError
        ``differentiable=True``: steps record nothing.

    Notes
    -----
    ``foreach``, ``fused`` and ``capturable`` choose in PyTorch among implementations of the same
    update. Here there is one: they are accepted, kept in the groups and change nothing.

    ``maximize`` climbs: the rule sees -g. ``weight_decay`` is one of two things. *L2*: the rule
    sees g + weight_decay w, the gradient of a penalty weight_decay / 2 |w|^2; where a rule divides
    by the size of the gradients, it divides the decay, too. *Decoupled* (``AdamW``, ``Muon``,
    ``decoupled_weight_decay=True``): w *= 1 - lr weight_decay before the step, whatever the
    gradients are. For plain SGD the two are the same.

    Examples
    --------
    A rule of one's own, as in PyTorch:

    >>> import autograd, optim
    >>> class Signs(optim.Optimizer):
    ...     def __init__(self, params, lr):
    ...         super().__init__(params, {"lr": lr})
    ...     @autograd.no_grad()
    ...     def step(self, closure=None):
    ...         for group in self.param_groups:
    ...             for w in group["params"]:
    ...                 w -= group["lr"] * w.grad.sign()
    >>> w = autograd.tensor([1.0, -2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> Signs([w], lr=0.5).step()
    >>> w
    tensor([ 0.5000, -1.5000], requires_grad=True)

    Source: ``torch.optim.Optimizer``.
    """

    _not_negative: tuple[str, ...] = ("lr", "weight_decay", "eps", "momentum")

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        super().__init__()
        self.defaults = defaults
        self.state: dict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        for group in self._groups(params):
            self.add_param_group(group)
        if not any(group["params"] for group in self.param_groups):
            raise ValueError(f"{type(self).__name__}: got a parameter group without parameters")

    def _groups(self, params: Any) -> list[dict[str, Any]]:
        name = type(self).__name__
        if isinstance(params, (Tensor, np.ndarray, set, Mapping)):
            raise TypeError(
                f"{name}: expected a list of tensors (or of groups) in a fixed order, "
                f"got a {type(params).__name__}"
            )
        if not isinstance(params, Iterable):
            hint = "; pass model.parameters()" if hasattr(params, "parameters") else ""
            kind = type(params).__name__
            raise TypeError(f"{name}: expected a list of tensors (or of groups), got {kind}{hint}")
        listed = list(params)
        if not listed:
            raise ValueError(f"{name}: got no parameters to optimise (an empty list)")
        return listed if isinstance(listed[0], Mapping) else [{"params": listed}]

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters with settings of its own, e.g. a layer thawed later.

        Raises
        ------
        ValueError
            The group holds a parameter of another group, or a tensor that is the result of an
            operation; some parameters have names and others not; or a setting is out of its range.
        TypeError
            Something in it is not a tensor.

        Warns where the group holds a parameter twice: each step will update it twice.

        Source: ``torch.optim.Optimizer.add_param_group``.
        """
        name = type(self).__name__
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise TypeError(f"{name}: a group must be a dict with 'params', got {param_group!r}")
        members = param_group["params"]
        if isinstance(members, set):
            raise TypeError(f"{name}: expected parameters in a fixed order, got a set")
        members = [members] if isinstance(members, Tensor) else list(members)
        group = {**self.defaults, **param_group, "params": members}
        named = [isinstance(member, tuple) for member in members]
        if any(named):
            if not all(named):
                raise ValueError(f"{name}: all parameters of a group must have names, or none")
            group["param_names"] = [parameter_name for parameter_name, _ in members]
            members = group["params"] = [parameter for _, parameter in members]
        for other in self.param_groups:
            if ("param_names" in other) != ("param_names" in group):
                raise ValueError(f"{name}: all parameter groups must have names, or none")
        known = {id(p) for other in self.param_groups for p in other["params"]}
        for index, parameter in enumerate(members):
            self._check_parameter(f"{name}: parameter {index}", parameter)
            if id(parameter) in known:
                raise ValueError(
                    f"{name}: parameter {index} of shape {parameter.shape} is in another group, too"
                )
        self._check(group)
        first = {id(parameter): index for index, parameter in reversed([*enumerate(members)])}
        for index, parameter in enumerate(members):
            if first[id(parameter)] != index:
                warnings.warn(
                    f"{name}: parameters {first[id(parameter)]} and {index} are the same one, of "
                    f"shape {parameter.shape}: each step will update it twice",
                    UserWarning,
                    stacklevel=3,
                )
        self.param_groups.append(group)

    def _check_parameter(self, which: str, parameter: Any) -> None:
        """Refuse what cannot be trained."""
        if not isinstance(parameter, Tensor):
            raise TypeError(f"{which} must be a Tensor, got {type(parameter).__name__}")
        if not parameter.is_leaf:
            raise ValueError(
                f"{which} of shape {parameter.shape} is not a leaf: it is the result of an "
                "operation, so an update would be lost"
            )
        if parameter.dtype.kind != "f":
            raise TypeError(f"{which} must be floating-point, got {parameter.dtype}")
        refuse_hollow(which, parameter.payload)

    def _check(self, group: dict[str, Any]) -> None:
        """Refuse settings that are out of their range; each rule adds its own."""
        check_not_negative(type(self).__name__, group, self._not_negative)
        check_implementation(type(self).__name__, group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients (``set_to_none``), or fill them with zeros.

        Source: ``torch.optim.Optimizer.zero_grad``.
        """
        for group in self.param_groups:
            for parameter in group["params"]:
                gradient = parameter.grad
                if gradient is None:
                    continue
                if set_to_none:
                    parameter.grad = None
                elif gradient.node is None and _writeable(gradient.payload):
                    gradient.zero_()
                else:  # part of a graph, or memory that may not be written
                    parameter.grad = zeros_like(gradient)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient, in place.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss anew (zero_grad, forward, backward) and returns it.

        Returns
        -------
        The closure's loss, or None.

        Source: ``torch.optim.Optimizer.step``.
        """
        loss = None
        if closure is not None:
            if not callable(closure):
                raise TypeError(
                    f"{type(self).__name__}.step: expected a closure to call, got {closure!r}"
                )
            with autograd.enable_grad():
                loss = closure()
        with autograd.no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    gradient = parameter.grad
                    if gradient is not None:
                        self._update(group, parameter, gradient.payload)
        return loss

    def _update(self, group: dict[str, Any], parameter: Tensor, gradient: Any) -> None:
        """Apply the rule to one parameter."""
        names = self._slots(group)
        state = self.state[parameter] if names else {}
        kernel = self._rule(group, state)
        slots = []
        for slot in names:
            held = state.get(slot)
            if held is None:
                held = state[slot] = self._start(group, slot, parameter)
            slots.append(held.payload)
        decay, shrink = number(group.get("weight_decay", 0)), 1.0
        if decay and group.get("decoupled_weight_decay", False):
            decay, shrink = 0, 1 - number(group["lr"]) * decay
        kernel = decayed(kernel, shrink=shrink, decay=decay, maximize=group.get("maximize", False))
        update_in_place(kernel, parameter, gradient, slots)

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        """Name the arrays that are remembered of each parameter."""
        return ()

    def _start(self, group: dict[str, Any], slot: str, parameter: Tensor) -> Tensor:
        """Make such an array before the first step."""
        return zeros_like(parameter)

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        """Count the step in the state, and return what it does to pieces of w and the slots."""
        raise NotImplementedError(f"{type(self).__name__} defines no update rule")

    def effective_lr(self, parameter: Tensor) -> Tensor:
        """Return the rate of each weight: by how much the last step multiplied its gradient.

        Rules with momentum multiply the averaged gradient by it. One number per weight for the
        rules that adapt it, else the group's ``lr`` throughout.

        Shapes: the parameter's.

        Raises
        ------
        ValueError
            The parameter is none of this optimiser's, or has not been updated yet.

        Examples
        --------
        >>> import autograd, optim
        >>> w = autograd.tensor([1.0, 10.0], requires_grad=True)
        >>> optimizer = optim.Adagrad([w], lr=0.1)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> optimizer.effective_lr(w)  # 0.1 / |g|: steep directions get small rates
        tensor([0.0500, 0.0050])
        """
        for group in self.param_groups:
            if any(parameter is member for member in group["params"]):
                state = self.state.get(parameter, {})
                if self._slots(group) and not state.get("step", 1):
                    break
                try:
                    rate = self._rate(group, state)
                except KeyError:
                    break
                return Tensor(np.broadcast_to(rate, parameter.shape), dtype=parameter.dtype)
        raise ValueError(
            f"{type(self).__name__}.effective_lr: the parameter of shape {parameter.shape} has had "
            "no step of this optimiser"
        )

    def _rate(self, group: dict[str, Any], state: dict[str, Any]) -> Any:
        """Return ``effective_lr`` as a number or an array."""
        return number(group["lr"])

    def __getstate__(self) -> dict[str, Any]:
        return {
            "defaults": self.defaults,
            "state": self.state,
            "param_groups": self.param_groups,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        StepHooks.__init__(self)
        self.__dict__.update(state)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for index, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {index}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])


def _writeable(payload: Any) -> bool:
    return type(payload) is not np.ndarray or payload.flags.writeable
