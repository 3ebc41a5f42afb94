"""The same picture without a picture: lines for a terminal, a table for a page, DOT for others."""

from __future__ import annotations

from typing import Any

import numpy as np

from viz.cards.parts import gradient_words, label_of
from viz.numbers import factor, number
from viz.render.svg import clean
from viz.scene import KNOWN, NOT_FINITE, ZERO, LedgerRow, Node, Output, Scene

__all__ = ["dot_text", "ledger_html", "plain_text"]

LONGEST = 72
SMALL = 12  # numbers of an array that are written out


def plain_text(scene: Scene) -> str:
    """Return the cards, one below the other in the order of creation, with their ledgers.

    Examples
    --------
    >>> from viz.scene import LedgerRow, Node, Scene
    >>> row = LedgerRow(edge="x-y", consumer="y", upstream=1.0, local=6.0, contribution=6.0)
    >>> x = Node(id="x", name="x", kind="input", value=3.0, gradient=6.0,
    ...          gradient_state="known", rows=(row,))
    >>> y = Node(id="y", name="y", kind="result", op="power", full_expression="x²", value=9.0,
    ...          gradient=1.0, gradient_state="known", seed=True)
    >>> print(plain_text(Scene(root="y", nodes=(x, y))))
    x           value 3   gradient 6
                  from y: 1 × 6 = 6
    y = x²      value 9   gradient 1 (seed)
    """
    heads = [_head(node) for node in scene.nodes]
    indent = min(40, max(map(len, heads), default=0) + 3)
    indent = max(indent, 12)
    root = scene.node(scene.root).name
    lines = []
    for node, head in zip(scene.nodes, heads, strict=True):
        value = _quantity(node.value, scene.precision) if node.value is not None else (
            node.value_missing or "—"
        )  # fmt: skip
        gradient = _gradient(node, root, scene.precision)
        if node.outputs:
            value = ", ".join(map(_output, node.outputs))
        shown = f"value {value}   gradient {gradient}{' (seed)' if node.seed else ''}"
        if node.reason:
            shown += f"   {node.reason}"
        lines.append(f"{head.ljust(indent)}{shown}" if len(head) < indent else head)
        if len(head) >= indent:
            lines.append(" " * indent + shown)
        lines += [f"{' ' * (indent + 2)}{_row(row, scene.precision)}" for row in node.rows]
    for finding in scene.findings:
        lines.append(f"zero gradient: {', '.join(finding.names)}: {finding.words}")
    return "\n".join([*lines, *scene.notes])


def _output(output: Output) -> str:
    shape = f" {output.shape}" if output.shape else ""
    arrived = output.state in (KNOWN, ZERO, NOT_FINITE)
    return f"{output.name}{shape}{'' if arrived else f' ({output.state})'}"


def _gradient(node: Node, root: str, precision: int) -> str:
    if node.gradient is None:
        return gradient_words(node, root, precision)
    return _quantity(node.gradient, precision)


def _head(node: Node) -> str:
    head = f"{node.name} = {node.full_expression}" if node.full_expression else node.name
    return head if len(head) <= LONGEST else f"{head[: LONGEST - 1]}…"


def _quantity(value: Any, precision: int) -> str:
    """Write a number, a small array number by number, a large one by its shape."""
    if np.ndim(value) and np.size(value) <= SMALL:
        return _nested(np.asarray(value).tolist(), precision)
    return f"of shape {np.shape(value)}" if np.ndim(value) else label_of(value, precision)


def _nested(values: Any, precision: int) -> str:
    if isinstance(values, list):
        return f"[{', '.join(_nested(value, precision) for value in values)}]"
    return number(values, precision)


def _row(row: LedgerRow, precision: int) -> str:
    sent = _quantity(row.contribution, precision)
    if row.local is None or np.ndim(row.local) or row.upstream is None:
        rule = f" ({row.local_text})" if row.local_text else ""
        return f"from {row.consumer}: {sent}{rule}"
    product = f"{label_of(row.upstream, precision)} × {label_of(row.local, precision)}"
    return f"from {row.consumer}: {product} = {sent}"


def ledger_html(scene: Scene) -> str:
    """Return the ledger as an HTML table: one row a contribution."""
    root = scene.node(scene.root).name
    rows = []
    for node in scene.nodes:
        cells = [
            node.name,
            ", ".join(map(_output, node.outputs)) or _quantity(node.value, scene.precision),
            _gradient(node, root, scene.precision),
            "; ".join(_row(row, scene.precision) for row in node.rows),
            node.reason,
        ]  # fmt: skip
        rows.append("<tr>" + "".join(f"<td>{clean(cell)}</td>" for cell in cells) + "</tr>")
    heads = ("name", "value", f"∂{root}/∂name", "contributions", "")
    head = "".join(f"<th>{clean(cell)}</th>" for cell in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def dot_text(scene: Scene) -> str:
    """Return the graph as DOT, written with the ``graphviz`` package."""
    import graphviz

    graph = graphviz.Digraph(
        graph_attr={"rankdir": "LR"}, node_attr={"shape": "box", "style": "rounded"}
    )
    root = scene.node(scene.root).name
    for node in scene.nodes:
        label = "\n".join([
            _head(node), node.value_missing if node.outputs
            else f"value {label_of(node.value, scene.precision)}",
            f"gradient {gradient_words(node, root, scene.precision)}",
        ])  # fmt: skip
        graph.node(node.id, label=graphviz.escape(_printable(label)))
    for edge in scene.edges:
        known = edge.local is not None and not np.ndim(edge.local)
        label = edge.output or (factor(edge.local, scene.precision) if known else "")
        style = "dashed" if edge.state in ("dead", "dies") else "solid"
        graph.edge(edge.source, edge.target, label=label, style=style)
    return graph.source


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable() or c == "\n")
