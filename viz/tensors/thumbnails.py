"""Arrays as small pictures: diverging colour around zero, one symmetric scale, crisp pixels.

Hue says which quantity (blue a value, vermilion a gradient), graphite in both says the minus
sign. Gradients are sparse and heavy-tailed, so their colour grows faster near zero. A map that
is zero everywhere is not a print at all (it is hatched by the caller): white would look like a
small signal.
"""

from dataclasses import dataclass

import numpy as np

from viz.tensors.png import data_uri, palette_png, rgb_png

__all__ = ["Thumbnail", "colour_bar", "diverging", "fold", "image", "ink", "is_dead"]

LEVELS = 32  # each side of zero
NOT_FINITE = 2 * LEVELS + 1
TINY = (NOT_FINITE + 1, NOT_FINITE + 2)  # what would round to white: a breath of either hue
BREATH = 0.05
GRAPHITE = (0x3D, 0x46, 0x50)
HUE = {"value": (0x00, 0x5A, 0x9C), "gradient": (0xC2, 0x41, 0x0C)}
STRENGTH = {"value": 0.85, "gradient": 0.55}
TARGET = 140  # pixels along the longer side: sharp at 34 px on a display of twice the density
LARGEST = 70  # cells along a side; a finer map is reduced by blocks


@dataclass(frozen=True)
class Thumbnail:
    """A print: its PNG, and how many cells it shows (after reduction)."""

    png: bytes
    rows: int
    columns: int

    @property
    def uri(self) -> str:
        """The PNG as the text of an ``href``."""
        return data_uri(self.png)

    def fit(self, width: float, height: float) -> tuple[float, float, float, float]:
        """Place the print in a box: (dx, dy, width, height), centred, its aspect kept."""
        scale = min(width / self.columns, height / self.rows)
        w, h = self.columns * scale, self.rows * scale
        return (width - w) / 2, (height - h) / 2, w, h


def diverging(cells: np.ndarray, limit: float, role: str) -> Thumbnail:
    """Print a map around zero: white at 0, full hue at ``+limit``, graphite at ``-limit``.

    Parameters
    ----------
    cells : (H, W) array
        One channel, or a vector that was folded.
    limit : float
        The scale, shared by all prints of a row.
    role : {"value", "gradient"}
        Chooses the hue and how colour grows: ``t**0.85`` or ``t**0.55``.
    """
    cells = _reduce(np.asarray(cells, dtype=np.float64))
    with np.errstate(invalid="ignore"):
        share = np.clip(cells / limit, -1, 1) if limit > 0 else np.zeros_like(cells)
        levels = np.where(np.isfinite(cells), np.round(np.nan_to_num(share) * LEVELS), 0)
    indices = levels.astype(int) + LEVELS
    indices[(indices == LEVELS) & (cells > 0)] = TINY[0]  # small is not zero
    indices[(indices == LEVELS) & (cells < 0)] = TINY[1]
    indices[~np.isfinite(cells)] = NOT_FINITE
    return _print(indices, _palette(role))


def ink(cells: np.ndarray) -> Thumbnail:
    """Print an image of one channel as ink on white, its smallest entry white."""
    cells = _reduce(np.nan_to_num(np.asarray(cells, dtype=np.float64)))
    low, high = float(cells.min()), float(cells.max())
    share = (cells - low) / (high - low) if high > low else np.zeros_like(cells)
    shades = np.round(255 - np.arange(65)[:, None] / 64 * np.array([[255, 255, 255]]))
    return _print(np.round(share * 64).astype(int), shades)


def image(channels: np.ndarray) -> Thumbnail:
    """Print a (3, H, W) image in its own colours, stretched to its range."""
    planes = np.stack([_reduce(np.nan_to_num(np.asarray(p, np.float64))) for p in channels], -1)
    low, high = float(planes.min()), float(planes.max())
    share = (planes - low) / (high - low) if high > low else np.zeros_like(planes)
    times = max(1, TARGET // max(planes.shape[:2]))
    cells = np.round(share * 255).astype(np.uint8).repeat(times, 0).repeat(times, 1)
    return Thumbnail(rgb_png(cells), *planes.shape[:2])


def fold(vector: np.ndarray, rows: int | None = None, aspect: float = 3.2) -> np.ndarray:
    """Fold a vector to a map, in reading order; NaN-free padding is zero.

    ``rows`` keeps a known structure (784 numbers of 16 channels: 16 rows of 49); otherwise the
    divisor is taken that comes nearest to ``aspect`` columns a row.

    >>> fold(np.arange(6.0), rows=2).tolist()
    [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    >>> fold(np.zeros(128)).shape
    (8, 16)
    """
    vector = np.ravel(vector)
    size = vector.size
    if rows is None or size % rows:
        ideal = max(1.0, (size / aspect) ** 0.5)
        divisors = [r for r in range(1, size + 1) if size % r == 0]
        rows = min(divisors, key=lambda r: abs(np.log(r / ideal)))
        if abs(np.log(rows / ideal)) > np.log(2.5):  # a prime, or nearly: fill the last row
            rows = max(1, round(ideal))
            padding = -size % rows
            vector = np.concatenate([vector, np.zeros(padding, vector.dtype)])
    return vector.reshape(rows, -1)


def is_dead(cells: np.ndarray) -> bool:
    """Whether every entry is exactly zero."""
    return not np.any(cells)


def colour_bar(role: str) -> Thumbnail:
    """Print the scale itself, from ``-limit`` to ``+limit``, for a legend."""
    return Thumbnail(palette_png(np.arange(2 * LEVELS + 1)[None], _palette(role)), 8, 65)


def _palette(role: str) -> np.ndarray:
    share = np.abs(np.arange(-LEVELS, LEVELS + 1)) / LEVELS
    strength = (share ** STRENGTH[role])[:, None]
    end = np.where(np.arange(2 * LEVELS + 1)[:, None] < LEVELS, GRAPHITE, HUE[role])
    shades = np.floor(255 + (end - 255) * strength + 0.5)
    tiny = np.floor(255 + (np.array([HUE[role], GRAPHITE]) - 255) * BREATH + 0.5)
    return np.concatenate([shades, [[0xCC, 0x79, 0xA7]], tiny])  # nan and inf, then tiny


def _print(indices: np.ndarray, palette: np.ndarray) -> Thumbnail:
    rows, columns = indices.shape
    times = max(1, TARGET // max(rows, columns))
    return Thumbnail(palette_png(indices.repeat(times, 0).repeat(times, 1), palette), rows, columns)


def _reduce(cells: np.ndarray) -> np.ndarray:
    """Keep the entry of largest magnitude of each block, when there are too many cells."""
    rows, columns = cells.shape
    block = -(-max(rows, columns) // LARGEST)
    if block == 1:
        return cells
    padded = np.zeros((-(-rows // block) * block, -(-columns // block) * block))
    padded[:rows, :columns] = cells
    blocks = padded.reshape(padded.shape[0] // block, block, -1, block).swapaxes(1, 2)
    blocks = blocks.reshape(*blocks.shape[:2], -1)
    largest = np.argmax(np.abs(np.nan_to_num(blocks, nan=np.inf)), axis=-1)
    return np.take_along_axis(blocks, largest[..., None], -1)[..., 0]
