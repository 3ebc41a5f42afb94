"""The entry: one training step of a network as a figure.

Layers are read from the graph, measured, and only then drawn; the figure's data is what was
measured. Nothing here runs the engine or touches a ``.grad``.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from viz.figure import Figure
from viz.scene import plain
from viz.tensors.contents import Contents, measure
from viz.tensors.folding import fold, fold_to_fit
from viz.tensors.layers import LayerGraph, read_layers
from viz.tensors.look import layer_style
from viz.tensors.outline import as_dot, as_ledger, as_text
from viz.tensors.render import draw_step_picture

__all__ = ["layer_figure", "layer_graph", "layers_of"]


def layer_graph(
    root: Any,
    *,
    model: Any = None,
    optimizer: Any = None,
    lr: float | None = None,
    labels: Sequence[str] | None = None,
    names: Mapping[Any, str] | None = None,
    backward: Mapping[Any, tuple[Any, Any]] | None = None,
    depth: int | None = None,
    title: str | None = None,
    legend: bool = True,
    theme: str = "auto",
    prefix: str | None = None,
) -> Figure:
    """Draw one training step layer by layer: values forward, gradients back, where they die.

    Parameters
    ----------
    root : Tensor
        Usually the loss, after ``backward()``.
    model : Module, optional
        Names the classes of the modules.
    optimizer : Optimizer, optional
        Its learning rate says how far the step moves each parameter, ``lr ‖g‖ / ‖w‖``.
    lr : float, optional
        The same without an optimizer.
    labels : sequence of str, optional
        Names of the classes of a classification loss.
    names : mapping of node to str, optional
        What the caller calls the inputs.
    backward : mapping of Op to (upstream, contributions), optional
        Gradients of a walk that the nodes did not keep.
    depth : int, optional
        Fold modules below this many path components; by default as deep as some two dozen
        cards allow, less deep where the graph branches.
    title : str, optional
        The figure's title.
    legend : bool
        Whether to explain how to read it.
    theme : {"auto", "light", "dark"}
    prefix : str, optional
        Of the ids; by default it follows from the content.

    Returns
    -------
    Figure
        ``figure.data`` holds every number that is drawn.

    Raises
    ------
    ValueError
        If the root was not made by a recorded operation.

    Examples
    --------
    >>> import autograd, nn
    >>> _ = autograd.manual_seed(0)
    >>> net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    >>> x = autograd.tensor([[1.0, 0.0, -1.0, 2.0]])
    >>> loss = nn.CrossEntropyLoss()(net(x), autograd.tensor([2]))
    >>> loss.backward()
    >>> figure = layer_graph(loss, model=net)
    >>> [layer["path"] for layer in figure.data["layers"]]
    ['x', '0', '1', '2', 'loss']
    """
    graph = layers_of(root, model=model, names=names, backward=backward, depth=depth)
    rate, words = _step_size(optimizer, lr)
    contents = measure(graph, lr=rate, optimizer=words, labels=labels)
    return layer_figure(contents, title=title, legend=legend, theme=theme, prefix=prefix)


def layers_of(
    root: Any,
    *,
    model: Any = None,
    names: Mapping[Any, str] | None = None,
    backward: Mapping[Any, tuple[Any, Any]] | None = None,
    depth: int | None = None,
) -> LayerGraph:
    """Read the layers of a graph, folded as `layer_graph` draws them."""
    titles: dict[str, str] = {}
    if hasattr(model, "named_modules"):
        titles = {name: type(module).__name__ for name, module in model.named_modules() if name}
    graph = read_layers(root, backward=backward, names=names, titles=titles)
    return fold_to_fit(graph) if depth is None else fold(graph, depth)


def layer_figure(
    contents: Contents,
    *,
    title: str | None = None,
    legend: bool = True,
    theme: str = "auto",
    prefix: str | None = None,
) -> Figure:
    """Return the figure of measured contents."""
    data = plain(contents.as_data())
    shown = _title(contents) if title is None else title
    if prefix is None:
        mark = zlib.crc32(json.dumps([shown, data], sort_keys=True).encode())
        prefix = f"bl{mark:08x}-"
    description = f"{contents.findings.text} One card a layer; values run right, gradients left."

    def svg() -> str:
        sheet, width, height = draw_step_picture(contents, shown, prefix=prefix, legend=legend)
        style = layer_style(prefix, theme)
        return sheet.document(width, height, title=shown, description=description, style=style)

    return Figure(
        svg=svg,
        data=data,
        dot=lambda: as_dot(contents),
        text=lambda: as_text(contents, shown),
        ledger=lambda: as_ledger(contents),
        title=shown,
        alt=f"{shown}. {contents.findings.text}",
    )


def _title(contents: Contents) -> str:
    if not contents.graph.ran:
        return "One forward pass"
    batch, entries = contents.graph.batch, contents.graph.entries
    counts = [f"{batch} samples"] if batch > 1 else []
    counts += [entries] if entries.endswith("steps") else []
    return "One training step" + (", " + " of ".join(counts) if counts else "")


def _step_size(optimizer: Any, lr: float | None) -> tuple[float | None, str]:
    groups = getattr(optimizer, "param_groups", None)
    if lr is None and groups:
        lr = float(groups[0]["lr"])
    if lr is None:
        return None, ""
    kind = type(optimizer).__name__ + ", " if optimizer is not None else ""
    return lr, f"{kind}lr {lr:g}"
