"""What ``fit`` may be given: refused in a sentence before anything is trained."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["check_parts", "check_schedule", "count", "functions", "pair", "takes"]


def count(name: str, value: Any) -> int:
    """Return a whole number that is not negative, or refuse it."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"fit: {name} must be a whole number, got {value!r}")
    if value < 0:
        raise ValueError(f"fit: {name} must not be negative, got {value}")
    return int(value)


def functions(callback: Any) -> tuple[Callable[..., Any], ...]:
    """Return the callbacks, of which there may be one, several or none."""
    each = (callback,) if callable(callback) or not isinstance(callback, Iterable) else callback
    listed = tuple(each)
    for function in listed:
        if not callable(function):
            raise TypeError(
                "fit: callback must be a function of the history, or a list of them, got "
                f"{function!r}"
            )
    return listed


def check_schedule(schedule: Any, schedule_per: Any) -> None:
    """Refuse what a schedule cannot be stepped after."""
    if schedule_per not in ("epoch", "batch"):
        raise ValueError(f"fit: schedule_per must be 'epoch' or 'batch', got {schedule_per!r}")
    if takes(schedule, "metrics") and schedule_per == "batch":
        raise ValueError(f"fit: {type(schedule).__name__} looks at epochs, not at batches")


def check_parts(model: Any, loss: Any, data: Any, optimizer: Any, options: dict[str, Any]) -> None:
    """Refuse what cannot take its part in a training."""
    for name, part, needs in (
        ("model", model, ("train", "eval", "__call__")),
        ("loss", loss, ("__call__",)),
        ("optimizer", optimizer, ("zero_grad", "step")),
        ("schedule", options["schedule"], ("step",)),
        ("clip", options["clip"], ("__call__",)),
    ):
        if part is None and name in options:
            continue
        if isinstance(part, type):
            raise TypeError(f"fit: {name} must be made first, got the class {part.__name__} itself")
        lacking = [method for method in needs if not hasattr(part, method)]
        if lacking:
            what = "called" if lacking == ["__call__"] else f"asked to {' and '.join(lacking)}"
            raise TypeError(f"fit: {name} cannot be {what}: got {_shown(part)}")
    for name, batches in (("data", data), ("validation", options["validation"])):
        if not isinstance(batches, Iterable) and not (name in options and batches is None):
            raise TypeError(
                f"fit: {name} must be an iterable of batches (inputs, targets), such as a "
                f"DataLoader, got {_shown(batches)}"
            )
    metrics = options["metrics"]
    named = isinstance(metrics, Mapping) and all(map(callable, metrics.values()))
    if metrics is not None and not named:
        raise TypeError(
            "fit: metrics must be a dict of names and functions of (outputs, targets), got "
            f"{_shown(metrics)}"
        )
    _check_that_they_meet(model, optimizer, options["schedule"])


def _check_that_they_meet(model: Any, optimizer: Any, schedule: Any) -> None:
    """Refuse a schedule of another optimiser; warn of an optimiser of another model."""
    scheduled = getattr(schedule, "optimizer", optimizer)
    if scheduled is not optimizer:
        raise ValueError(
            f"fit: the schedule ({type(schedule).__name__}) sets the rates of another optimiser "
            f"({type(scheduled).__name__}) than the one given"
        )
    held = {id(p) for g in getattr(optimizer, "param_groups", ()) for p in g["params"]}
    own = list(model.parameters()) if hasattr(model, "parameters") else []
    if held and own and not any(id(parameter) in held for parameter in own):
        warnings.warn(
            "fit: the optimiser holds none of the model's parameters, so the model will stay as "
            "it is; make the optimiser after the model",
            UserWarning,
            stacklevel=4,
        )


def pair(name: str, batch: Any) -> tuple[Any, Any]:
    """Return inputs and targets of a batch, or say what else it is."""
    if isinstance(batch, Sequence) and not isinstance(batch, str) and len(batch) == 2:
        return batch[0], batch[1]
    what = f"a {type(batch).__name__}"
    if isinstance(batch, Sequence):
        what = f"{what} of {len(batch)}"
    raise ValueError(
        f"{name}: expected batches (inputs, targets), got {what}; a collate_fn of the DataLoader "
        "can make pairs of it"
    )


def takes(part: Any, name: str, required: bool = False) -> bool:
    """Tell whether the ``step`` of an optimiser or schedule has a parameter of that name."""
    step = getattr(part, "step", None)
    parameter = inspect.signature(step).parameters.get(name) if callable(step) else None
    if parameter is None:
        return False
    return not required or parameter.default is inspect.Parameter.empty


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"
