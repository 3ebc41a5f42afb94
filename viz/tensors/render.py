"""The picture of a training step, drawn from its measured contents.

Back to front: the modules' grounds, the lanes, the cards, the heading and the key. Where things
stand is arithmetic (placement.py) for a chain and by ranks (branching.py) for what branches.
"""

from collections.abc import Sequence

from viz.tensors.branching import Track, place_branches
from viz.tensors.bypass import draw_step, draw_step_gain, draw_track, fork_shares
from viz.tensors.cards import CardContent, draw_card
from viz.tensors.contents import Contents
from viz.tensors.header import Heading
from viz.tensors.input_card import draw_input
from viz.tensors.lanes import Ribbons, draw_link
from viz.tensors.legend import Entry, draw_legend, legend_entries, legend_height, strip_height
from viz.tensors.loss_card import draw_loss
from viz.tensors.measures import Link
from viz.tensors.placement import Box, ClusterBox, Placement, is_wide, place_chain
from viz.tensors.sheet import Sheet

__all__ = ["draw_step_picture"]

LEGEND_WIDTH = 132
LEAST_WIDTH = 640


def draw_step_picture(
    contents: Contents, title: str, *, prefix: str = "bl-", legend: bool = True
) -> tuple[Sheet, float, float]:
    """Draw everything on a sheet; returns it with its width and height.

    Parameters
    ----------
    contents : Contents
        What was measured.
    title : str
        The figure's title.
    legend : bool
        Whether to explain how to read it.
    """
    layers = contents.graph.layers
    headline = [(words, "b" if strong else "ink2") for words, strong in contents.findings.sentence]

    def heading(width: float) -> Heading:
        return Heading(title, contents.summary(), headline, contents.remarks, width)

    def place(top: float) -> tuple[Placement, tuple[Track, ...]]:
        if contents.graph.is_chain:
            return place_chain(layers, top), ()
        return place_branches(layers, top)

    width = max(place(0)[0].width, LEAST_WIDTH)
    top = heading(width)
    placement, tracks = place(top.bottom)
    sheet = Sheet(prefix)
    ribbons = Ribbons.of(contents.links)
    _grounds(sheet, placement.clusters, contents)
    _edges(sheet, contents, placement, tracks, ribbons)
    boxes = {box.layer: box for box in placement.boxes}
    for position, card in enumerate(contents.cards):
        _card(sheet, boxes[position], card, contents)
    top.draw(sheet, width)
    height = placement.height
    if legend:
        entries = legend_entries(contents.cards, ribbons, contents.lr is not None)
        height = _legend(sheet, entries, placement, width)
    return sheet, width, height


def _grounds(sheet: Sheet, clusters: Sequence[ClusterBox], contents: Contents) -> None:
    for cluster in clusters:
        if not cluster.path:
            continue
        sheet.rect(cluster.x, cluster.y, cluster.width, cluster.height, "clu", rx=10)
        inside = cluster.path + "."
        count = sum(
            layer.parameters for layer in contents.graph.layers if layer.path.startswith(inside)
        )
        words = [contents.graph.titles.get(cluster.path, "")]
        if count:
            words.append(f"{count:,} parameter{'s' * (count != 1)}".replace(",", "\u202f"))
        note = " · ".join(word for word in words if word) if cluster.first else "continued"
        sheet.spans(cluster.x + 10, cluster.y + 16, [(cluster.path, "b"), (f"  {note}", "ink2")])


def _edges(
    sheet: Sheet,
    contents: Contents,
    placement: Placement,
    tracks: Sequence[Track],
    ribbons: Ribbons,
) -> None:
    layers = contents.graph.layers
    boxes = {box.layer: box for box in placement.boxes}
    below = {(track.source, track.target): track for track in tracks}
    shares = fork_shares(contents.links)

    def is_straight(link: Link) -> bool:
        rows = boxes[link.source].row, boxes[link.target].row
        return rows[0] == rows[1] and (link.source, link.target) not in below

    steps = []
    for link in sorted(contents.links, key=is_straight):  # their pills lie over other ways
        ends = layers[link.source], layers[link.target]
        left, right = boxes[link.source], boxes[link.target]
        track = below.get((link.source, link.target))
        if track is not None:
            draw_track(sheet, track, link, ends, (left, right), ribbons, shares)
        elif left.row != right.row and not contents.graph.is_chain:
            draw_step(sheet, link, ends, (left, right), ribbons)
            steps.append((link, (left, right)))
        else:
            draw_link(sheet, link, ends, (left, right), placement, ribbons)
    for link, ends_of_step in steps:
        draw_step_gain(sheet, link, ends_of_step)


def _card(sheet: Sheet, box: Box, card: CardContent, contents: Contents) -> None:
    if card.layer.kind == "input":
        draw_input(sheet, box, card)
    elif is_wide(card.layer) and contents.table is not None:
        draw_loss(sheet, box, card, contents.table)
    else:
        draw_card(sheet, box, card)


def _legend(sheet: Sheet, entries: Sequence[Entry], placement: Placement, width: float) -> float:
    """Put the key where the left column is free, else below; returns the figure's height."""
    room = placement.legend
    if room is not None and legend_height(entries) <= room[1] - room[0] + 16:
        draw_legend(sheet, entries, 24, room[0] - 8, LEGEND_WIDTH)
        return placement.height
    draw_legend(sheet, entries, 24, placement.height, width - 48)
    return placement.height + strip_height(entries, width - 48) + 12
