"""Checkpoints: all that a training run stands on, in one file, to go on from to the bit.

Parameters and buffers, optimiser, schedule, early stopping, random generators, the place in the
epoch, the sums of the epoch so far and the history. The file is ``autograd.save``'s (a checksum,
no pickle): written under another name, flushed to the disk, then renamed, so there is always one
whole checkpoint. Reading looks at everything before anything is changed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd
from autograd import Tensor

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Checkpoint", "collected", "load_passing", "passing_buffers", "restore"]

_MARK, _VERSION = "backlight training checkpoint", 2


class Checkpoint:
    """Where ``fit`` writes checkpoints, and how often.

    Parameters
    ----------
    path : str or path
        Ends in ``.safetensors`` or ``.npz``; the file is replaced by each newer checkpoint.
    every : int, optional
        Write after each so many steps, too, not only after each epoch.

    Raises
    ------
    ValueError
        The name has another ending, or ``every`` is below 1.
    FileNotFoundError
        There is no such directory.

    Examples
    --------
    >>> import tempfile
    >>> checkpoint = Checkpoint(tempfile.mkdtemp() + "/run.safetensors", every=100)
    >>> checkpoint.due(100), checkpoint.due(101), checkpoint.exists()
    (True, False, False)

    Source: Keras's ``BackupAndRestore``.
    """

    def __init__(self, path: str | os.PathLike[str], every: int | None = None) -> None:
        from pathlib import Path  # here: to import it takes 4 ms

        self.path = Path(path)
        if self.path.suffix not in (".safetensors", ".npz"):
            raise ValueError(
                "Checkpoint: expected a file name that ends in .safetensors or .npz, got "
                f"{self.path.name}"
            )
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"Checkpoint: there is no directory {self.path.parent}")
        if every is not None and (isinstance(every, bool) or every < 1):
            raise ValueError(f"Checkpoint: every must be at least 1 step, got {every}")
        self.every = every

    def due(self, step: int) -> bool:
        """Tell whether to write after this step, counted from 1 over the whole training."""
        return self.every is not None and step % self.every == 0

    def exists(self) -> bool:
        """Tell whether there is such a file."""
        return self.path.exists()

    def write(self, state: Mapping[str, Any]) -> None:
        """Put a state in the place of the last one."""
        autograd.save({"kind": _MARK, "version": _VERSION, **state}, self.path)

    def read(self) -> dict[str, Any]:
        """Return the state in the file.

        Raises
        ------
        FileNotFoundError
            There is no such file.
        ValueError
            The file is truncated, damaged or no checkpoint.
        """
        if not self.exists():
            raise FileNotFoundError(f"fit: there is no checkpoint {self.path} to resume from")
        try:
            state = autograd.load(self.path)
        except ValueError as problem:
            raise ValueError(f"fit: {_sentence(problem)}; nothing was changed") from None
        if state.get("kind") != _MARK:
            raise ValueError(
                f"fit: {self.path} is not a checkpoint of a training run; nothing was changed"
            )
        if state.get("version") != _VERSION:
            raise ValueError(
                f"fit: {self.path} is a checkpoint of version {state.get('version')}, expected "
                f"{_VERSION}; nothing was changed"
            )
        return state

    def clear_leftovers(self) -> None:
        """Remove files that a killed run had begun to write."""
        for other in self.path.parent.iterdir():
            if other.name.startswith(f".{self.path.name}.") and other.suffix == ".tmp":
                other.unlink(missing_ok=True)


def _sentence(problem: Exception) -> str:
    return str(problem).removeprefix("load: ").removeprefix("load_state_dict: ")


def collected(run: Any) -> dict[str, Any]:
    """Return the state of a run between two steps."""
    return {
        "model": {
            "modules": _kinds(run.model),
            "state": dict(run.model.state_dict()),
            "passing": passing_buffers(run.model),
            "trained": [n for n, p in _named(run.model, "named_parameters") if p.requires_grad],
        },
        "random": autograd.get_rng_state(),
        "parts": {name: _saved(part) for name, part in _parts(run).items()},
        "epoch": run.epoch,
        "step": run.step,
        "trained": run.trained,
        "epoch_random": run.epoch_random,
        "totals": run.totals.state_dict(),
        "seconds": run.elapsed(),
        "history": run.history.state_dict(),
    }


def restore(run: Any, state: Mapping[str, Any], path: Path) -> None:
    """Bring a run to where a state was collected, or raise and leave it as it is.

    Raises
    ------
    ValueError
        The state is of another model or another training.
    """
    own, saved = collected(run), state["model"]
    if difference := _difference(own["model"], saved):
        raise ValueError(
            f"fit: {path} is a checkpoint of another model: {difference}; nothing was changed"
        )
    parts = _parts(run)
    for name in dict.fromkeys([*parts, *state["parts"]]):
        here = own["parts"].get(name, {}).get("class", "none")
        there = state["parts"].get(name, {}).get("class", "none")
        if here != there:
            raise ValueError(
                f"fit: {path} is a checkpoint of another training: its {name} is "
                f"{there}, here it is {here}; nothing was changed"
            )
    loaded: list[str] = []
    try:
        for name, part in parts.items():
            part.load_state_dict(state["parts"][name]["state"])
            loaded.append(name)
    except (ValueError, TypeError, KeyError, RuntimeError) as problem:
        for undone in loaded:
            parts[undone].load_state_dict(own["parts"][undone]["state"])
        raise ValueError(
            f"fit: {path} is a checkpoint of another training, its {name} does not fit: "
            f"{_sentence(problem)}; nothing was changed"
        ) from problem
    run.model.load_state_dict(saved["state"])
    load_passing(run.model, saved["passing"])
    for name, parameter in _named(run.model, "named_parameters"):
        parameter.requires_grad_(name in saved["trained"])
    autograd.set_rng_state(state["random"])
    run.epoch, run.step = state["epoch"], state["step"]
    run.trained = state["trained"]
    run.epoch_random = state["epoch_random"]
    run.totals.load_state_dict(state["totals"])
    run.seconds = state["seconds"]
    run.history.load_state_dict(state["history"])


def _parts(run: Any) -> dict[str, Any]:
    """Return what of a run has a state of its own, by name."""
    parts = {
        "optimizer": run.optimizer,
        "schedule": run.schedule,
        "early stopping": run.stopping,
        "data": run.data,
        "validation": None if run.validation is run.data else run.validation,
    }
    parts |= {f"callback {i}": callback for i, callback in enumerate(run.callbacks)}
    return {name: part for name, part in parts.items() if hasattr(part, "load_state_dict")}


def _saved(part: Any) -> dict[str, Any]:
    return {"class": type(part).__name__, "state": _plain(part.state_dict())}


def _plain(value: Any) -> Any:
    """Return the value with NumPy's float64 and integers, which settings may be, as Python's."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return (
            [_plain(item) for item in value] if type(value) is list else tuple(map(_plain, value))
        )
    return value.item() if isinstance(value, (np.float64, np.integer, np.bool_)) else value


def _named(model: Any, method: str) -> list[tuple[str, Tensor]]:
    return list(getattr(model, method)()) if hasattr(model, method) else []


def _kinds(model: Any) -> list[str]:
    return [f"{path}: {type(m).__name__}" for path, m in _named(model, "named_modules")]


def passing_buffers(model: Any) -> dict[str, Tensor]:
    """Return the buffers that a state dict leaves out."""
    kept = model.state_dict()
    return {n: b.detach() for n, b in _named(model, "named_buffers") if n not in kept}


def load_passing(model: Any, saved: Mapping[str, Tensor]) -> None:
    """Give a model such buffers back."""
    with autograd.no_grad():
        for name, buffer in _named(model, "named_buffers"):
            if name in saved:
                buffer.copy_(saved[name])


def _difference(own: Mapping[str, Any], saved: Mapping[str, Any]) -> str:
    """Say in what a saved model differs from the one at hand, or nothing."""
    for kind in ("state", "passing"):
        for name in dict.fromkeys([*own[kind], *saved[kind]]):
            if name not in saved[kind]:
                return f"it has no {name}"
            if name not in own[kind]:
                return f"it has {name}, which the model has not"
            here, there = own[kind][name], saved[kind][name]
            if (here.shape, here.dtype) != (there.shape, there.dtype):
                return (
                    f"its {name} is {there.dtype} of shape {there.shape}, the model's is "
                    f"{here.dtype} of shape {here.shape}"
                )
    for here, there in zip(own["modules"], saved["modules"], strict=False):
        if here != there:
            return f"it has {there} where the model has {here}"
    return ""
