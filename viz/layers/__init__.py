"""Close-ups of one layer: what its rule does to each number."""

from viz.layers.pool import pool

__all__ = ["pool"]
