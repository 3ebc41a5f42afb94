"""How gradients and outputs spread over the layers of a network, before it is trained or after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import autograd
from viz.charts.panel import Panel, sheet
from viz.figure import Figure
from viz.numbers import number

__all__ = ["activations", "grad_flow"]

BINS = 31
ROOM_FOR_KINDS = 6  # bars that are wide enough to say what kind of layer they stand for


def grad_flow(
    model: Any, *, title: str = "Gradient norm of each layer", theme: str = "auto"
) -> Figure:
    """Draw the norm of each layer's gradient, sqrt(sum g^2), from the input to the output.

    The axis is logarithmic where norms differ by more than a factor of 50: vanishing gradients are
    a slope down to the left, exploding ones a slope up. A gradient of exactly zero is a dashed
    line on the ground.

    Parameters
    ----------
    model : Module or mapping of modules
        After ``backward``. Of several, each gets a panel, all on one scale.
    title : str
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Figure
        ``data["norms"]``: by name, then by module path.

    Raises
    ------
    ValueError
        A model has no gradient.

    Examples
    --------
    >>> import autograd, nn, viz
    >>> model = nn.Sequential(nn.Linear(2, 1, bias=False))
    >>> model(autograd.tensor([[3.0, -4.0]])).sum().backward()
    >>> viz.grad_flow(model).data["norms"]
    {'': {'0': 5.0}}
    """
    from optim import gradient_statistics

    models = model if isinstance(model, Mapping) else {"": model}
    norms, bars = {}, {}
    for name, each in models.items():
        statistics = gradient_statistics(each)
        if not statistics:
            raise ValueError(
                f"grad_flow: {name or 'the model'} has no gradient; call backward() on a loss first"
            )
        layers = norms[str(name)] = {path: seen["norm"] for path, seen in statistics.items()}
        kinds = {path: type(module).__name__ for path, module in each.named_modules()}
        bars[str(name)] = [
            (f"{path} · {kinds[path]}" if len(layers) <= ROOM_FOR_KINDS else path, norm)
            for path, norm in layers.items()
        ]
    every = [norm for layers in norms.values() for norm in layers.values()]
    positive = [norm for norm in every if norm > 0 and np.isfinite(norm)]
    log = bool(positive) and max(positive) > 50 * min(positive)
    span = (min(positive), max(positive)) if log else (0.0, max(positive, default=1.0))
    panels = [
        Panel(name or "norm", "layer", bars=bars[name], log=log, least=0.0, span=span,
              colour=1,  # that of gradients
              note=_ratio(list(layers.values())))
        for name, layers in norms.items()
    ]  # fmt: skip
    return sheet(panels, title=title, columns=2 if len(panels) > 1 else 1,
                 width=470 if len(panels) > 1 else 720, theme=theme,
                 more={"norms": norms})  # fmt: skip


def _ratio(norms: list[float]) -> str:
    if len(norms) < 2 or not norms[-1] or not np.isfinite([norms[0], norms[-1]]).all():
        return ""
    return f"first / last layer: {number(norms[0] / norms[-1])}"


def activations(
    model: Any, inputs: Any, *, title: str = "Outputs of each layer", theme: str = "auto"
) -> Figure:
    """Draw a histogram of what each layer puts out for a batch, with its mean and deviation.

    Parameters
    ----------
    model : Module
        Run once as it is, recording nothing.
    inputs : Tensor
        A batch.
    title : str
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Figure
        ``data["layers"]``: by module path the ``mean``, ``std``, share of ``zeros``, and the
        ``counts`` between the ``edges``.

    Raises
    ------
    ValueError
        No layer puts out floating-point numbers.

    Examples
    --------
    >>> import autograd, nn, viz
    >>> model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    >>> figure = viz.activations(model, autograd.ones(8, 2))
    >>> {path: sum(seen["counts"]) for path, seen in figure.data["layers"].items()}
    {'0': 16, '1': 16}
    """
    seen: dict[str, list[Any]] = {}

    def hook(path: str) -> Any:
        def look(module: Any, arguments: Any, output: Any) -> None:
            if isinstance(output, tuple | list) and output:
                output = output[0]
            if isinstance(output, autograd.Tensor) and output.dtype.kind == "f":
                seen.setdefault(path, []).append(np.asarray(output.detach().numpy()).ravel())

        return look

    leaves = {
        path or type(module).__name__: module
        for path, module in model.named_modules()
        if next(iter(module.children()), None) is None
    }
    handles = [module.register_forward_hook(hook(path)) for path, module in leaves.items()]
    try:
        with autograd.no_grad():
            model(inputs)
    finally:
        for handle in handles:
            handle.remove()
    if not seen:
        raise ValueError("activations: no layer puts out floating-point numbers")
    layers = {path: _spread(np.concatenate(parts)) for path, parts in seen.items()}
    panels = [
        Panel(f"{path} · {type(leaves[path]).__name__}", "", log=False, least=0.0,
              bars=[(f"{a:.3g} to {b:.3g}", count) for a, b, count in
                    zip(layer["edges"], layer["edges"][1:], layer["counts"], strict=False)],
              edges=layer["edges"], note=_facts(layer))
        for path, layer in layers.items()
    ]  # fmt: skip
    columns = 2 if len(panels) == 4 else 3
    return sheet(panels, title=title, columns=columns, width=310, height=170, theme=theme,
                 more={"layers": layers})  # fmt: skip


def _spread(values: Any) -> dict[str, Any]:
    finite = values[np.isfinite(values)].astype(np.float64)
    counts, edges = np.histogram(finite if finite.size else [0.0], BINS)
    return {
        "mean": float(finite.mean()) if finite.size else None,
        "std": float(finite.std()) if finite.size else None,
        "zeros": float(np.mean(values == 0)) if values.size else 0.0,
        "counts": counts.tolist(),
        "edges": edges.tolist(),
        "not_finite": int(values.size - finite.size),
    }


def _facts(layer: dict[str, Any]) -> str:
    if layer["mean"] is None:
        return "nothing finite"
    words = f"mean {number(layer['mean'], 2)}, std {number(layer['std'], 2)}"
    if layer["zeros"] >= 0.005:
        words += f", zeros {100 * layer['zeros']:.0f} %"
    return words
