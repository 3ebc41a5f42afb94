"""Pictures of computation graphs, values and gradients."""

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import autograd

if getattr(autograd, "__distribution__", None) != "backlight":
    _sentence = (
        "viz needs Backlight's autograd, but found another package of that name at "
        f"{getattr(autograd, '__file__', None)}; run `pip uninstall -y autograd` and install "
        "backlight again"
    )
    if Path(sys.argv[0]).stem == "backlight":  # the command says it without a traceback
        raise SystemExit(f"backlight: {_sentence}")
    raise ImportError(_sentence)

from viz.draw import Graph, graph  # noqa: E402 - the check comes first
from viz.figure import Figure  # noqa: E402

if TYPE_CHECKING:
    from viz.architecture import Summary, summary
    from viz.charts import (
        activations,
        decision_map,
        descend,
        grad_flow,
        history,
        lr_curves,
        schedules,
        surface,
    )
    from viz.layers import pool
    from viz.plots import plot_activation
    from viz.step_through import backprop
    from viz.stepper import Stepper

__all__ = [
    "Figure",
    "Graph",
    "Stepper",
    "Summary",
    "activations",
    "backprop",
    "decision_map",
    "descend",
    "grad_flow",
    "graph",
    "history",
    "lr_curves",
    "plot_activation",
    "pool",
    "schedules",
    "summary",
    "surface",
]

# Opened when first used: a graph needs no step-through, close-ups of layers or charts.
LATER = {
    "Stepper": "viz.stepper",
    "Summary": "viz.architecture",
    "activations": "viz.charts",
    "backprop": "viz.step_through",
    "decision_map": "viz.charts",
    "descend": "viz.charts",
    "grad_flow": "viz.charts",
    "history": "viz.charts",
    "lr_curves": "viz.charts",
    "plot_activation": "viz.plots",
    "pool": "viz.layers",
    "schedules": "viz.charts",
    "summary": "viz.architecture",
    "surface": "viz.charts",
}


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'viz' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(LATER[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
