"""The same picture in words: lines for a terminal, a table for a page, and DOT."""

from viz.render.svg import clean
from viz.tensors.cards import CardContent
from viz.tensors.contents import Contents
from viz.tensors.words import factor, measured, percent

__all__ = ["as_dot", "as_ledger", "as_text"]

COLUMNS = ("layer", "operation", "output", "value", "‖gradient‖", "gain", "passes")


def as_text(contents: Contents, title: str) -> str:
    """Return one line a layer, and the headline above."""
    rows = [COLUMNS, *_rows(contents)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([title, contents.findings.text, *contents.remarks, "", *lines])


def as_ledger(contents: Contents) -> str:
    """Return an HTML table with one row a layer."""
    head = "".join(f"<th>{clean(name)}</th>" for name in COLUMNS)
    body = "".join(
        "<tr>" + "".join(f"<td>{clean(cell)}</td>" for cell in row) + "</tr>"
        for row in _rows(contents)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def as_dot(contents: Contents) -> str:
    """Return the layers as DOT text."""
    import graphviz  # here: a picture that is only looked at need not pay for it

    graph = graphviz.Digraph("layers", graph_attr={"rankdir": "LR"}, node_attr={"shape": "box"})
    for number, card in enumerate(contents.cards):
        layer = card.layer
        label = graphviz.escape(f"{layer.path}\n{layer.caption}\n{layer.shape}")
        graph.node(f"n{number}", label=label)
    for link in contents.links:
        label = "" if link.gain is None else factor(link.gain)
        graph.edge(f"n{link.source}", f"n{link.target}", label=label)
    return graph.source


def _rows(contents: Contents) -> list[tuple[str, ...]]:
    into: dict[int, str] = {}
    for link in contents.links:
        into[link.target] = "" if link.gain is None else factor(link.gain)
    return [
        (
            card.layer.path,
            card.layer.caption,
            str(card.layer.shape),
            _value(card),
            _gradient(card),
            into.get(number, ""),
            percent(card.layer.gate.passing_share) if card.layer.gate else "",
        )
        for number, card in enumerate(contents.cards)
    ]


def _value(card: CardContent) -> str:
    if card.value is None:
        return f"— {card.layer.why_value}"
    return measured(card.value.mean) if not card.layer.shape else f"±{measured(card.value.limit)}"


def _gradient(card: CardContent) -> str:
    if card.gradient is None:
        return f"— {card.layer.why_gradient}"
    return measured(card.gradient.norm)
