"""Pictures of tensor graphs: one card a layer, what flows forward and what comes back.

The way from a graph to a picture: ``reading`` (what nodes hold) -> ``grouping``, ``layers``,
``folding`` (ops to cards) -> ``measures``, ``gates``, ``channels``, ``findings``, ``contents``
(every number, before anything is drawn) -> ``placement``, ``branching`` (where cards stand) ->
``cards``, ``lanes``, ``loss_card`` ... ``render`` (the drawing) -> ``picture`` (the figure).
"""

from viz.tensors.picture import layer_figure, layer_graph, layers_of

__all__ = ["layer_figure", "layer_graph", "layers_of"]
