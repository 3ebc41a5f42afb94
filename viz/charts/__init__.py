"""Charts: surfaces with paths, curves of training, schedules, how gradients and outputs spread.

They are drawn by hand as SVG, as all our figures are: they need no further library, follow the
reader's theme, and their numbers are in ``Figure.data``.
"""

from viz.charts.decision import decision_map
from viz.charts.history import history
from viz.charts.layers import activations, grad_flow
from viz.charts.rates import lr_curves, schedules
from viz.charts.surface import descend, surface

__all__ = [
    "activations",
    "decision_map",
    "descend",
    "grad_flow",
    "history",
    "lr_curves",
    "schedules",
    "surface",
]
