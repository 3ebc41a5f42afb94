"""Histograms of a tensor's entries, as drawn beside its thumbnails.

Entries of feature maps and gradients are sparse and heavy-tailed: exact zeros would hide all the
rest, so they are counted apart, and bars grow with the square root of the count.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["BINS", "Histogram", "histogram"]

BINS = 17  # odd: the middle bin is centred on zero


@dataclass(frozen=True)
class Histogram:
    """Counts of the entries that are not exactly zero, on ``[-limit, limit]``.

    ``heights`` are ``sqrt(counts / max(counts))``, the lengths of the bars.
    """

    limit: float
    counts: tuple[int, ...]
    zeros: int
    size: int

    @property
    def heights(self) -> tuple[float, ...]:
        """Bar lengths between 0 and 1."""
        tallest = max(self.counts, default=0)
        return tuple((count / tallest) ** 0.5 if tallest else 0.0 for count in self.counts)

    @property
    def zero_share(self) -> float:
        """Share of the entries that are exactly zero."""
        return self.zeros / self.size if self.size else 0.0


def histogram(values: np.ndarray, limit: float | None = None) -> Histogram:
    """Count the entries of an array in 17 equal bins on ``[-limit, limit]``.

    Parameters
    ----------
    values : array of any shape
        Entries that are not finite are left out of the bins.
    limit : float, optional
        Half the width of the axis; by default ``max|values|``.

    Examples
    --------
    >>> h = histogram(np.array([0.0, 0.0, -2.0, 2.0, 0.1]))
    >>> h.zeros, h.counts[0], h.counts[8], h.counts[16]
    (2, 1, 1, 1)
    """
    values = np.asarray(values, dtype=np.float64).ravel()
    finite = values[np.isfinite(values)]
    if limit is None:
        limit = float(np.max(np.abs(finite))) if finite.size else 0.0
    live = finite[finite != 0]
    if limit > 0:
        counts = np.histogram(live / limit, BINS, (-1.0, 1.0))[0]
    else:
        counts = np.zeros(BINS, int)
    return Histogram(float(limit), tuple(map(int, counts)), int(np.sum(finite == 0)), values.size)
