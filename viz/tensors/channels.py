"""Which three channels stand for a layer's maps, the same ones down a whole cluster.

The two that carry most among those that receive gradient, and one dead channel if there is one:
a dead channel is seen before it is read.
"""

from collections.abc import Sequence

import numpy as np

__all__ = ["choose_channels", "maps_of"]


def maps_of(array: np.ndarray) -> np.ndarray | None:
    """Return the (C, H, W) maps of the first sample, or None when there are none to show."""
    if array.ndim == 4 and array.size:
        return array[0]
    return None


def choose_channels(
    values: Sequence[np.ndarray], gradients: Sequence[np.ndarray], wanted: int = 3
) -> tuple[int, ...]:
    """Choose channels for layers whose maps have equally many.

    Parameters
    ----------
    values, gradients : sequences of (C, H, W) arrays
        Of the layers of one cluster, each as far as it was kept; sizes may differ (pooling).
    wanted : int
        How many to choose.

    Returns
    -------
    tuple of int
        Live channels in channel order, then the dead one.

    Examples
    --------
    >>> v = np.arange(8.0).reshape(4, 2, 1); g = v * (np.arange(4) != 3)[:, None, None]
    >>> choose_channels([v], [g])
    (1, 2, 3)
    """
    some = (*values, *gradients)
    if not some:
        return ()
    count = some[0].shape[0]
    weight = np.zeros(count)
    for maps in values or gradients:
        total = np.nan_to_num(np.abs(maps.astype(np.float64))).sum(axis=(1, 2))
        weight += total / (total.max() or 1.0)
    live = np.ones(count, bool)
    for maps in gradients:  # alive only where every layer of the cluster gets gradient
        live &= np.any(maps, axis=(1, 2))
    order = sorted(range(count), key=lambda c: (-weight[c], c))
    alive = [c for c in order if live[c]]
    dead = [c for c in order if not live[c]]
    chosen = alive[: wanted - bool(dead)]
    fill = dead[: wanted - len(chosen)]
    return (*sorted(chosen), *sorted(fill))
