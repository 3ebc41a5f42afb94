"""Pictures of computation graphs, values and gradients."""

import sys
from pathlib import Path

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
from viz.layers import pool  # noqa: E402
from viz.step_through import backprop  # noqa: E402
from viz.stepper import Stepper  # noqa: E402

__all__ = ["Figure", "Graph", "Stepper", "backprop", "graph", "pool"]
