"""Transfer: start from what another training has learnt, and choose what may still change.

How much to tune depends on how much data there is, and on how similar it is to the old:

===============  =============================  ==========================================
data             similar to the old             other
===============  =============================  ==========================================
little data      train a new head only          train a head on features of lower layers
much data        tune the upper layers as well  tune all layers, with small rates below
===============  =============================  ==========================================

That N tasks on one trunk over-fit less by the order of N is a bound from theory (Baxter, 1997), for
the parameters that they share; nothing here measures it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import Tensor

__all__ = ["PartialLoad", "freeze", "load_partial", "parameter_groups"]


@dataclass(frozen=True)
class PartialLoad:
    """What ``load_partial`` did; printed, a few sentences.

    Attributes
    ----------
    loaded : list of str
        What the model has from the state dict.
    missing : list of str
        What keeps its first values, for want of an entry (by any name, if layers share it).
    unexpected : list of str
        Entries that the model has no place for.
    mismatched : dict of str to pair of shapes
        Entries of another shape than the model's, which were left out: (theirs, the model's).
    """

    loaded: list[str]
    missing: list[str]
    unexpected: list[str]
    mismatched: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]

    def __str__(self) -> str:
        lines = [f"loaded {len(self.loaded)}: {', '.join(self.loaded) or 'nothing'}"]
        if self.missing:
            lines.append(f"missing {len(self.missing)}: {', '.join(self.missing)}")
        if self.unexpected:
            lines.append(f"unexpected {len(self.unexpected)}: {', '.join(self.unexpected)}")
        for name, (theirs, ours) in self.mismatched.items():
            lines.append(f"left out {name}: it has shape {theirs}, the model expects {ours}")
        return "\n".join(lines)


def load_partial(
    model: Any,
    state_dict: Mapping[str, Any],
    *,
    rename: Callable[[str], str | None] | None = None,
    adapt: Mapping[str, Callable[[np.ndarray], np.ndarray]] | None = None,
) -> PartialLoad:
    """Load the entries of a state dict that fit the model, and tell what did not.

    Parameters
    ----------
    model : Module
        What is loaded is copied; everything else of it stays as it is.
    state_dict : mapping
        Of names to tensors or arrays.
    rename : callable, optional
        Gives the model's name for an entry, None to leave it out.
    adapt : mapping, optional
        Of the model's names to functions of the array that make it fit, such as
        ``{"conv1.weight": lambda w: w.sum(1, keepdims=True)}``, which lets a convolution of three
        channels see grey images as it saw pictures of three equal ones.

    Raises
    ------
    ValueError
        Two entries get one name, or ``adapt`` names what is not loaded.

    Warns
    -----
    UserWarning
        Nothing fits, as when all names begin with ``module.``; the model is as it was.

    Examples
    --------
    >>> import nn
    >>> old = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 10))
    >>> new = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    >>> print(load_partial(new, old.state_dict()))
    loaded 2: 0.weight, 0.bias
    left out 2.weight: it has shape (10, 3), the model expects (2, 3)
    left out 2.bias: it has shape (10,), the model expects (2,)

    Source: ``torch.nn.Module.load_state_dict`` with ``strict=False``.
    """
    named: dict[str, np.ndarray] = {}
    for name, value in state_dict.items():
        renamed = name if rename is None else rename(name)
        if renamed is None:
            continue
        if renamed in named:
            raise ValueError(f"load_partial: two entries are given the name {renamed}")
        named[renamed] = np.asarray(value.payload if isinstance(value, Tensor) else value)
    own = model.state_dict()
    for name, function in (adapt or {}).items():
        if name not in named or name not in own:
            raise ValueError(f"load_partial: there is no {name} to adapt")
        named[name] = function(named[name])
    fitting = {n: array for n, array in named.items() if n in own and array.shape == own[n].shape}
    model.load_state_dict(fitting, strict=False)
    places = dict(model.named_parameters(remove_duplicate=False))
    filled = {id(places[name]) for name in fitting if name in places}  # by whatever name
    if own and not fitting:
        warnings.warn(
            f"load_partial: nothing was loaded: the state dict has {_some(named)}, "
            f"{type(model).__name__} has {_some(own)}",
            stacklevel=2,
        )
    return PartialLoad(
        loaded=list(fitting),
        missing=[name for name in own if name not in named and id(places.get(name)) not in filled],
        unexpected=[name for name in named if name not in own],
        mismatched={
            name: (array.shape, tuple(own[name].shape))
            for name, array in named.items()
            if name in own and name not in fitting
        },
    )


def freeze(model: Any, *prefixes: str) -> list[str]:
    """Let the parameters below these paths (all, without a path) get no gradient any more.

    An optimiser leaves alone what has no gradient. Running statistics of batch norm are no
    parameters: they stay as they are in eval mode only. A parameter that two layers share is frozen
    for both.

    Returns
    -------
    list of str
        The names of the parameters; ``requires_grad_(True)`` of a module thaws them.

    Raises
    ------
    ValueError
        There is no parameter below a path.

    Examples
    --------
    >>> import nn
    >>> model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    >>> freeze(model, "0")
    ['0.weight', '0.bias']
    >>> [p.requires_grad for p in model.parameters()]
    [False, False, True, True]

    Source: ``torch.nn.Module.requires_grad_``.
    """
    _check_found("freeze", model, prefixes)
    frozen = []
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if not prefixes or any(_below(name, prefix) for prefix in prefixes):
            parameter.requires_grad_(False)
            parameter.grad = None
            frozen.append(name)
    return frozen


def parameter_groups(
    model: Any, settings: Mapping[str, float | Mapping[str, Any]], *, decay_all: bool = True
) -> list[dict[str, Any]]:
    """Return parameter groups by module path, for an optimiser: rates of their own.

    Parameters
    ----------
    model : Module
        Its parameters that require grad are taken, frozen ones left out.
    settings : mapping
        Of paths to a rate, or to settings such as ``{"lr": 1e-4, "weight_decay": 0}``. The longest
        path that a parameter is below counts; what is below none has the optimiser's settings.
    decay_all : bool
        False takes biases and norms, which are of one dimension, out of weight decay.

    Raises
    ------
    ValueError
        There is no parameter below a path.

    Examples
    --------
    >>> import nn, optim
    >>> model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    >>> optimizer = optim.SGD(parameter_groups(model, {"0": 1e-4}), lr=0.1)
    >>> [(len(group["params"]), group["lr"]) for group in optimizer.param_groups]
    [(2, 0.0001), (2, 0.1)]

    Source: the groups of ``torch.optim.Optimizer``.
    """
    _check_found("parameter_groups", model, settings)
    members: dict[tuple[str | None, bool], list[Any]] = {}
    names: dict[Any, list[str]] = {}  # several of what layers share
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names.setdefault(parameter, []).append(name)
    for parameter in model.parameters():
        if parameter.requires_grad:
            own = names[parameter]
            above = [path for path in settings if any(_below(name, path) for name in own)]
            spared = not decay_all and parameter.ndim <= 1
            members.setdefault((max(above, key=len, default=None), spared), []).append(parameter)
    groups = []
    for path in (*settings, None):
        for spared in (False, True):
            if (path, spared) in members:
                given = {} if path is None else settings[path]
                group = dict(given) if isinstance(given, Mapping) else {"lr": given}
                group |= {"weight_decay": 0.0} if spared else {}
                groups.append({"params": members[path, spared], **group})
    return groups


def _some(names: Collection[str]) -> str:
    shown = ", ".join([*names][:4]) or "nothing"
    return shown + (f", ... ({len(names)} in all)" if len(names) > 4 else "")


def _below(name: str, path: str) -> bool:
    return name == path or name.startswith(f"{path}.")


def _check_found(function: str, model: Any, paths: Any) -> None:
    names = [name for name, _ in model.named_parameters(remove_duplicate=False)]
    for path in paths:
        if not any(_below(name, path) for name in names):
            raise ValueError(f"{function}: the model has no parameter below {path!r}")
