"""Optimizer: what all update rules share - parameter groups, state, and its round trip.

A rule is one method, ``_update``, that writes a parameter in place, block by block
(``optim.blocks``). Layout and names of ``state_dict`` are PyTorch's, so either loads the other's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.hollow import refuse_hollow

__all__ = ["Optimizer", "zeros_like"]


def zeros_like(parameter: Tensor) -> Tensor:
    """Return zeros to accumulate in: an array in any case, also for a scalar parameter."""
    zeros = Tensor(np.zeros_like(parameter.payload))
    zeros.share()
    return zeros


class Optimizer:
    """Base of all optimisers.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        The tensors to improve; or groups ``{"params": [...], "lr": ...}`` with rates of their own.
    defaults : dict
        Values for what a group does not say.

    Attributes
    ----------
    param_groups : list of dict
        Each with ``"params"`` and its settings; change ``group["lr"]`` at any time.
    state : dict
        What the rule remembers of each parameter.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.state: dict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        for group in self._groups(params):
            self.add_param_group(group)

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
            The group is empty, holds a parameter twice or one of another group, holds a tensor
            that is the result of an operation, or a setting is out of its range.
        TypeError
            Something in it is not a tensor.
        """
        name = type(self).__name__
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise TypeError(f"{name}: a group must be a dict with 'params', got {param_group!r}")
        members = param_group["params"]
        members = [members] if isinstance(members, Tensor) else list(members)
        group = {**self.defaults, **param_group, "params": members}
        if not members:
            raise ValueError(f"{name}: got a parameter group without parameters")
        known = {id(p) for other in self.param_groups for p in other["params"]}
        for index, parameter in enumerate(members):
            if not isinstance(parameter, Tensor):
                raise TypeError(
                    f"{name}: parameter {index} must be a Tensor, got {type(parameter).__name__}"
                )
            if not parameter.is_leaf:
                raise ValueError(
                    f"{name}: parameter {index} of shape {parameter.shape} is not a leaf: it is "
                    "the result of an operation, so an update would be lost"
                )
            if parameter.dtype.kind != "f":
                raise TypeError(
                    f"{name}: parameter {index} must be floating-point, got {parameter.dtype}"
                )
            refuse_hollow(f"{name}: parameter {index}", parameter.payload)
            if id(parameter) in known:
                raise ValueError(
                    f"{name}: parameter {index} of shape {parameter.shape} is given twice"
                )
            known.add(id(parameter))
        self._check(group)
        self.param_groups.append(group)

    def _check(self, group: dict[str, Any]) -> None:
        """Refuse settings that are out of their range; each rule adds its own."""
        for setting in ("lr", "weight_decay", "eps", "momentum"):
            value = group.get(setting, 0)
            if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
                raise TypeError(f"{type(self).__name__}: {setting} must be a number, got {value!r}")
            if not value >= 0:
                raise ValueError(
                    f"{type(self).__name__}: {setting} must be at least 0, got {value}"
                )

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients (``set_to_none``), or fill them with zeros."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                if set_to_none:
                    parameter.grad = None
                else:
                    parameter.grad.zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient, in place.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss anew (zero_grad, forward, backward) and returns it.

        Returns
        -------
        The closure's loss, or None.
        """
        loss = None
        if closure is not None:
            with autograd.enable_grad():
                loss = closure()
        with autograd.no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self._update(group, parameter)
        return loss

    def _update(self, group: dict[str, Any], parameter: Tensor) -> None:
        """Apply the rule to one parameter."""
        raise NotImplementedError(f"{type(self).__name__} defines no update rule")

    def state_dict(self) -> dict[str, Any]:
        """Return state and groups, parameters numbered in order, as PyTorch does.

        The tensors of the state are the optimiser's own, not copies.
        """
        numbers: dict[int, int] = {}
        for group in self.param_groups:
            for parameter in group["params"]:
                numbers[id(parameter)] = len(numbers)
        return {
            "state": {numbers[id(p)]: dict(state) for p, state in self.state.items() if state},
            "param_groups": [
                {
                    **{key: value for key, value in group.items() if key != "params"},
                    "params": [numbers[id(p)] for p in group["params"]],
                }
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a ``state_dict`` of the same rule, Backlight's or PyTorch's.

        Everything is checked first; a state dict that does not fit changes nothing.

        Raises
        ------
        ValueError
            The groups differ in number or size, or a state's shape is not its parameter's.
        TypeError
            It is not a dict with ``state`` and ``param_groups``.
        """
        name = type(self).__name__
        try:
            saved_state, saved_groups = state_dict["state"], list(state_dict["param_groups"])
            sizes = [len(group["params"]) for group in saved_groups]
        except (KeyError, TypeError, IndexError):
            raise TypeError(
                f"{name}.load_state_dict expects a dict with 'state' and 'param_groups', "
                f"got {type(state_dict).__name__}"
            ) from None
        own = [len(group["params"]) for group in self.param_groups]
        if sizes != own:
            raise ValueError(
                f"{name}.load_state_dict: the groups have {sizes} parameters where {own} are "
                "expected; nothing was loaded"
            )
        owners = {}
        for saved, group in zip(saved_groups, self.param_groups, strict=True):
            owners.update(zip(saved["params"], group["params"], strict=True))
        state = {
            owners[number]: {
                key: self._state_value(number, key, value, owners[number])
                for key, value in entry.items()
            }
            for number, entry in saved_state.items()
            if number in owners
        }
        groups = [
            {**group, **saved, "params": group["params"]}
            for saved, group in zip(saved_groups, self.param_groups, strict=True)
        ]
        for group in groups:
            self._check(group)
        self.state = defaultdict(dict, state)
        self.param_groups = groups

    def _state_value(self, number: int, key: str, value: Any, parameter: Tensor) -> Any:
        """Return a saved value in the dtype of its parameter, a step count as a number."""
        if value is None:
            return None
        array = np.asarray(value.payload if isinstance(value, Tensor) else value)
        if key == "step":
            return int(array)
        if array.ndim == 0 and parameter.ndim > 0:
            return array.item()
        if array.shape != parameter.shape:
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: {key} of parameter {number} has shape "
                f"{array.shape} where {parameter.shape} is expected; nothing was loaded"
            )
        value = Tensor(array.astype(parameter.dtype))
        value.share()
        return value

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for index, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {index}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])
