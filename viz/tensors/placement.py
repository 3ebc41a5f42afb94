"""Where cards stand: a chain in rows, by arithmetic.

One cluster a row, every row left to right, like layers in like columns. The input stands in a
narrow column of its own on the left; below it is room for the legend. dot is for graphs that
branch: a chain needs no search, and its picture should not move when a layer is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from viz.tensors.layers import Layer

__all__ = ["Box", "ClusterBox", "Placement", "place_chain"]

COLUMN, CARD, NARROW = 224, 164, 124  # pitch of columns, width of a card, of the first column
LEFT, FIRST = 32, 212  # x of the narrow column and of column 1
COLUMNS = 4
CARD_HEIGHT, WIDE_HEIGHT = 164, 216
HEAD, FOOT, GUTTER, SIDE = 24, 11, 34, 8
CHIP, GAUGE, GAP, CHIP_GAP = 21, 45, 4, 3
ARC = 24  # a bypass under a folded block
CHIPS = 3  # parameters shown under one card; the rest are counted


@dataclass(frozen=True)
class Box:
    """A card's place; ``row`` and ``column`` say where in the grid (column 0 is the narrow one)."""

    layer: int
    x: float
    y: float
    width: float
    height: float
    row: int
    column: int

    @property
    def right(self) -> float:
        """The x of the right border."""
        return self.x + self.width


@dataclass(frozen=True)
class ClusterBox:
    """The ground of a module's cards in one row."""

    path: str
    x: float
    y: float
    width: float
    height: float
    first: bool  # the first of the rows that the module takes


@dataclass(frozen=True)
class Placement:
    """All boxes, and where a legend of 132 px fits on the left (None: nowhere)."""

    boxes: tuple[Box, ...]
    clusters: tuple[ClusterBox, ...]
    rows: tuple[tuple[float, float, float], ...]  # top, bottom and left of each row's ground
    width: float
    height: float
    legend: tuple[float, float] | None  # its top, and the bottom it must not pass


def attached_height(layer: Layer) -> float:
    """Return the height of what hangs below a card: parameter chips or a gauge."""
    height = 0.0
    if layer.gate is not None:
        height += GAUGE + CHIP_GAP
    chips = min(len(layer.weights), CHIPS) + (len(layer.weights) > CHIPS)
    height += chips * (CHIP + CHIP_GAP)
    if layer.bypass is not None:
        height += ARC + CHIP_GAP
    return height + GAP - CHIP_GAP if height else 0.0


def columns_of(layer: Layer) -> int:
    """Return how many columns a card takes: a loss with its classes takes two."""
    return 2 if is_wide(layer) else 1


def is_wide(layer: Layer) -> bool:
    """Whether the card is the wide one of a classification loss."""
    return layer.kind == "cross_entropy" and layer.target is not None


def place_chain(layers: Sequence[Layer], top: float) -> Placement:
    """Place a chain of layers, its first row's ground at ``top``.

    Parameters
    ----------
    layers : sequence of Layer
        In order; a leading input takes the narrow column.
    top : float
        Where the title block ends.

    Examples
    --------
    >>> from viz.tensors.placement import place_chain
    >>> place_chain([], 70).boxes
    ()
    """
    start = 1 if layers and layers[0].kind == "input" else 0
    rows = _rows(layers, start)
    boxes: list[Box] = []
    clusters: list[ClusterBox] = []
    grounds: list[tuple[float, float, float]] = []
    seen: set[str] = set()
    y, widest = top, 1
    for number, (members, uses_narrow) in enumerate(rows):
        named = any(layers[index].cluster for index in members)
        card_y = y + (HEAD if named else SIDE)
        column = 0 if uses_narrow else 1
        row_boxes: list[Box] = []
        for index in members:
            span = columns_of(layers[index])
            x = FIRST + (column - 1) * COLUMN if column else LEFT
            width = NARROW if column == 0 else CARD + (span - 1) * COLUMN
            height = WIDE_HEIGHT if span > 1 else CARD_HEIGHT
            row_boxes.append(Box(index, x, card_y, width, height, number, column))
            column += span
        widest = max(widest, column - 1)
        bottom = max(
            b.y + b.height + (attached_height(layers[b.layer]) if b.height == CARD_HEIGHT else 0)
            for b in row_boxes
        )
        if number == 0 and start:
            boxes.append(Box(0, LEFT, card_y, NARROW, WIDE_HEIGHT, 0, 0))
        ground = bottom + FOOT - y
        clusters += _grounds(layers, row_boxes, y, ground, seen)
        boxes += row_boxes
        grounds.append((y, y + ground, min(b.x for b in row_boxes) - SIDE))
        y += ground + GUTTER
    height = max([y - GUTTER, *(b.y + b.height for b in boxes)], default=top) + 14
    width = FIRST + (widest - 1) * COLUMN + CARD + SIDE + 44
    legend = _legend(boxes, grounds)
    return Placement(tuple(boxes), tuple(clusters), tuple(grounds), width, height, legend)


def _legend(
    boxes: Sequence[Box], grounds: Sequence[tuple[float, float, float]]
) -> tuple[float, float] | None:
    """Find the room on the left: below the input, down to the next card in the narrow column."""
    narrow = sorted((box for box in boxes if box.column == 0), key=lambda box: box.y)
    if len(grounds) < 2:
        return None
    top = grounds[1][0]
    if narrow and narrow[0].row == 0:
        top = max(top, narrow[0].y + narrow[0].height + GUTTER)
    below = [box.row for box in narrow if box.row > 0]
    last = below[0] - 1 if below else len(grounds) - 1
    return (top, grounds[last][1]) if last > 0 else None


def _rows(layers: Sequence[Layer], start: int) -> list[tuple[list[int], bool]]:
    """Cut the chain into rows: (positions, whether the first card takes the narrow column)."""
    runs: list[list[int]] = []
    for position in range(start, len(layers)):
        layer, last = layers[position], position == len(layers) - 1
        same = runs and layers[runs[-1][-1]].cluster == layer.cluster
        if same or (runs and last and not layer.cluster and not layer.shape):
            runs[-1].append(position)  # a loss closes the row of the last module
        else:
            runs.append([position])
    rows: list[tuple[list[int], bool]] = []
    for number, run in enumerate(runs):
        total = sum(columns_of(layers[p]) for p in run)
        first = layers[run[0]]
        if number and total == COLUMNS + 1 and not first.weights and first.gate is None:
            rows.append((run, True))
        else:
            rows += [(part, False) for part in _cut(layers, run)]
    return _join_small(layers, rows)


def _cut(layers: Sequence[Layer], run: list[int]) -> list[list[int]]:
    """Cut one run into rows of about equal length, after a pool where that costs no row."""
    spans = [columns_of(layers[p]) for p in run]
    count = -(-sum(spans) // COLUMNS)
    if count == 1:
        return [run]
    pools = [i + 1 for i, p in enumerate(run[:-1]) if layers[p].kind.endswith("pool")]
    parts = [run[a:b] for a, b in zip([0, *pools], [*pools, len(run)], strict=True)]
    if len(parts) > 1 and all(sum(columns_of(layers[p]) for p in q) <= COLUMNS for q in parts):
        return parts
    rows: list[list[int]] = [[]]
    left = sum(spans)
    for position, span in zip(reversed(run), reversed(spans), strict=True):  # from the loss back
        used = sum(columns_of(layers[p]) for p in rows[0])
        share = -(-(left + used) // max(1, -(-(left + used) // COLUMNS)))
        if rows[0] and used + span > max(share, 2):
            rows.insert(0, [])
        rows[0].insert(0, position)
        left -= span
    return rows


def _join_small(
    layers: Sequence[Layer], rows: list[tuple[list[int], bool]]
) -> list[tuple[list[int], bool]]:
    """Let neighbours of one or two cards share a row."""
    joined: list[tuple[list[int], bool]] = []
    for members, narrow in rows:
        if joined and not narrow and not joined[-1][1]:
            before = joined[-1][0]
            spans = sum(columns_of(layers[p]) for p in before + members)
            if spans <= COLUMNS and len(members) <= 2 and _last_run(layers, before) <= 2:
                joined[-1] = (before + members, False)
                continue
        joined.append((members, narrow))
    return joined


def _last_run(layers: Sequence[Layer], members: list[int]) -> int:
    last = layers[members[-1]].cluster
    return sum(1 for p in members if layers[p].cluster == last)


def _grounds(
    layers: Sequence[Layer], boxes: list[Box], y: float, height: float, seen: set[str]
) -> list[ClusterBox]:
    found: list[ClusterBox] = []
    for position, box in enumerate(boxes):
        path = layers[box.layer].cluster
        closes = position and position == len(boxes) - 1 and not layers[box.layer].shape
        path = found[-1].path if closes and found else path
        left, right = box.x - SIDE, box.right + SIDE
        if found and found[-1].path == path:
            last = found.pop()
            found.append(ClusterBox(path, last.x, y, right - last.x, height, last.first))
        else:
            found.append(ClusterBox(path, left, y, right - left, height, path not in seen))
        seen.add(path)
    return found
