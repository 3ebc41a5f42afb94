"""The round trip of an optimiser: ``state_dict`` and back, with PyTorch's layout and names.

Either library loads the other's: groups hold settings and the numbers of their parameters, the
state holds for each number what the rule remembers, as tensors where PyTorch has tensors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import Tensor

from .slots import as_slot, counter

__all__ = ["RoundTrip"]


class RoundTrip:
    """What ``Optimizer`` inherits: saving and loading.

    Examples
    --------
    >>> import autograd, optim
    >>> w = autograd.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> optimizer.state_dict()["state"]
    {0: {'momentum_buffer': tensor([1.])}}
    >>> resumed = optim.SGD([w], lr=1.0)
    >>> resumed.load_state_dict(optimizer.state_dict())
    >>> resumed.param_groups[0]["lr"], resumed.state[w]
    (0.1, {'momentum_buffer': tensor([1.])})

    Source: ``torch.optim.Optimizer``.
    """

    state: dict[Any, dict[str, Any]]
    param_groups: list[dict[str, Any]]
    _numbers: tuple[str, ...] = ("step",)

    def state_dict(self) -> dict[str, Any]:
        """Return state and groups, parameters numbered in order, as PyTorch does.

        The tensors of the state are the optimiser's own, not copies.

        Source: ``torch.optim.Optimizer.state_dict``.
        """
        self._call("state_dict_pre")
        members = [parameter for group in self.param_groups for parameter in group["params"]]
        numbers = {id(parameter): number for number, parameter in enumerate(members)}
        state_dict = {
            "state": {numbers.get(id(p), p): dict(state) for p, state in self.state.items()},
            "param_groups": [
                {
                    **{key: value for key, value in group.items() if key != "params"},
                    "params": [numbers[id(p)] for p in group["params"]],
                }
                for group in self.param_groups
            ],
        }
        return self._call("state_dict_post", state_dict)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over copies of a ``state_dict`` of the same rule, Backlight's or PyTorch's.

        Everything is checked first; a state dict that does not fit changes nothing. Settings that
        it does not hold stay as they are.

        Raises
        ------
        ValueError
            The groups differ in number or size, a setting is out of its range, a state's shape is
            not its parameter's, or it is of another rule.
        TypeError
            It is not a dict with ``state`` and ``param_groups``.

        Source: ``torch.optim.Optimizer.load_state_dict``.
        """
        name = type(self).__name__
        if isinstance(state_dict, Mapping):
            state_dict = self._call("load_state_dict_pre", dict(state_dict))
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
            owners[index]: {
                key: self._loaded(f"{key} of parameter {index}", key, value, owners[index])
                for key, value in entry.items()
            }
            for index, entry in saved_state.items()
            if index in owners
        }
        groups = [
            {**group, **_plain(saved), "params": group["params"]}
            for saved, group in zip(saved_groups, self.param_groups, strict=True)
        ]
        for group in groups:
            self._check(_unsigned(group))
            for parameter in group["params"]:
                self._check_rule(state.get(parameter), self._slots(group))
        self.state = defaultdict(dict, state)
        self.param_groups = groups
        self._call("load_state_dict_post")

    def _loaded(self, what: str, key: str, value: Any, parameter: Tensor) -> Any:
        """Return a copy of a saved value, tensors in the dtype of their parameter.

        Counts and their like, which are plain numbers in older files, keep the dtype they began
        with, so that a resumed run goes on to the bit. (PyTorch rounds NAdam's product anew.)
        """
        if isinstance(value, (list, tuple)):
            return type(value)(self._loaded(what, "", part, parameter) for part in value)
        if key in self._numbers and value is not None:
            return counter(value.item() if hasattr(value, "item") else value)
        if value is None or isinstance(value, (bool, str, int, float)):
            return value
        array = np.asarray(value.payload if isinstance(value, Tensor) else value)
        if array.ndim == 0 and parameter.ndim > 0:
            return Tensor(array.astype(parameter.dtype))
        self._check_loaded(what, array, parameter)
        like = parameter.payload if array.shape == parameter.shape else array
        held = np.empty_like(like, parameter.dtype)
        held[...] = array
        return as_slot(held)

    def _check_rule(self, entry: Mapping[str, Any] | None, slots: tuple[str, ...]) -> None:
        """Refuse what another rule remembers of a parameter."""
        lacking = [slot for slot in slots if entry and slot not in entry]
        if lacking:
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: the state is of another rule, it has "
                f"{', '.join(entry or ())} and no {', '.join(lacking)}; nothing was loaded"
            )

    def _check_loaded(self, what: str, array: np.ndarray[Any, Any], parameter: Tensor) -> None:
        if array.shape != parameter.shape:
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: {what} has shape {array.shape} where "
                f"{parameter.shape} is expected; nothing was loaded"
            )


def _unsigned(group: Mapping[str, Any]) -> dict[str, Any]:
    """Return the group with the size of its rate, which a schedule may have taken below 0."""
    rate = group.get("lr")
    if isinstance(rate, Tensor) and rate.numel() == 1:
        rate = rate.item()
    if isinstance(rate, (int, float, np.number)) and rate < 0:
        return {**group, "lr": -rate}
    return dict(group)


def _plain(group: Mapping[str, Any]) -> dict[str, Any]:
    """Return copies of settings, tensors of another library as tensors."""
    copies = {}
    for key, value in group.items():
        if hasattr(value, "__array__") and not isinstance(value, np.generic):
            value = Tensor(value)
        copies[key] = list(value) if isinstance(value, list) else value
    return copies
