"""A picture as data: cards, the edges between them, and where each stands.

Everything that a picture says is here before anything is drawn, so that tests check data, the
stepper plays frames, and a drawing is a pure function of a ``Scene``.  An edge has two ends: at
its head, on the left border of the consumer, a *port* bears the local derivative; at its tail, on
the right border of the producer, a *ledger row* bears upstream × local = contribution.  The rows
of a card add up to its gradient.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

__all__ = [
    "Cluster", "Edge", "Finding", "Frame", "LedgerRow", "Node", "Output", "Port", "Scene", "plain",
]  # fmt: skip

LARGEST = 1024  # numbers of an array that data holds one by one

KNOWN = "known"  # a gradient that is not zero
ZERO = "zero"
NOT_COMPUTED = "not computed"  # backward has not run, or does not apply
NO_PATH = "no path"
NOT_KEPT = "not kept"
NOT_FINITE = "not finite"
BY_OUTPUT = "by output"  # of an op of several outputs: see them
NOTHING = "nothing arrived"  # at an output of which others received gradient
NO_GRADIENT = "no gradient"  # of an output of integers


@dataclasses.dataclass(frozen=True, kw_only=True)
class Port:
    """An input of a card: the head of an edge, or a constant.

    Attributes
    ----------
    edge : str
        Id of the edge that ends here, ``""`` for a constant.
    label : str
        Name of the producer, or of the constant (``"const"`` where it has none).
    value : number, array or None
        What arrived here.
    local : number, array or None
        Derivative of the card by this input; None where it would be a Jacobian.
    local_text : str
        Shown instead of a number: the rule ``"g @ W.T"``.
    state : {"", "won", "lost", "tied"}
        How the input fared in a max, a min or a clamp.
    takes : bool
        Whether gradient passes to it; of inputs that tie, some take and some do not.
    note : str
        Said beside the port: ``"0 wins"``, ``"tie: first"``.
    """

    edge: str = ""
    label: str = ""
    value: Any = None
    local: Any = None
    local_text: str = ""
    state: str = ""
    takes: bool = False
    note: str = ""

    @property
    def constant(self) -> bool:
        """Whether no gradient is wanted for this input."""
        return not self.edge


@dataclasses.dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """What one edge brings back: ``consumer  upstream × local = contribution``."""

    edge: str
    consumer: str  # its name, as written
    upstream: Any = None
    local: Any = None
    local_text: str = ""
    contribution: Any = None
    missing: str = ""  # why contribution is None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Output:
    """One output of an op of several: which card shows it, and what arrived there.

    ``state`` is that of a gradient, ``"nothing arrived"``, or ``"no gradient"`` of integers;
    ``node`` is ``""`` for an output that nothing uses.
    """

    name: str
    node: str = ""
    shape: tuple[int, ...] = ()
    dtype: str = ""
    value: Any = None
    gradient: Any = None
    state: str = NOT_COMPUTED


@dataclasses.dataclass(frozen=True, kw_only=True)
class Node:
    """A card.

    Attributes
    ----------
    id : str
        Unique in the scene and safe in an SVG id; edges are ``source-target``.
    kind : {"parameter", "input", "operation", "result"}
    expression, worked : str, tuple of str
        ``"k·x + b"`` for the head, and the terms with numbers, to be broken over lines.
    gradient_state : str
        ``"known"``, ``"zero"``, ``"not computed"``, ``"no path"``, ``"not kept"``,
        ``"not finite"``, or ``"by output"``.
    outputs : tuple of Output
        Of an op of which several outputs are used; each of these has a card of its own, which is
        drawn within this one.
    reason : str
        One sentence: ``"lost to z2: −1 < 4"``; ``won`` tells praise from blame.
    folded : str
        What is folded into the card: ``"3 multiply, 3 add"``.
    changed : bool
        Whether the value was changed since it was used.
    records : tuple of int
        Positions in ``Graph.records`` of the nodes that the card stands for, its own last.
    """

    id: str
    name: str
    kind: str
    op: str = ""
    expression: str = ""
    full_expression: str = ""
    worked: tuple[str, ...] = ()
    value: Any = None
    value_missing: str = ""
    gradient: Any = None
    gradient_state: str = NOT_COMPUTED
    ports: tuple[Port, ...] = ()
    rows: tuple[LedgerRow, ...] = ()
    reason: str = ""
    won: bool = False
    seed: bool = False
    folded: str = ""
    changed: bool = False
    note: str = ""
    shape: tuple[int, ...] = ()
    dtype: str = ""
    module: str = ""
    source: tuple[str, int] | None = None
    records: tuple[int, ...] = ()
    outputs: tuple[Output, ...] = ()
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Edge:
    """One use of a value: from ledger row `row` of `source` to port `port` of `target`.

    ``state`` is ``"live"`` (carries gradient), ``"won"`` (through a max), ``"dies"`` (gradient
    arrives at the target and this edge carries 0), ``"dead"`` (none arrived) or ``"pending"``.
    ``output`` names what an op of several hands to the card of one of its outputs.
    """

    id: str
    source: str
    target: str
    row: int
    port: int
    upstream: Any = None
    local: Any = None
    contribution: Any = None
    state: str = "pending"
    output: str = ""
    tail: tuple[float, float] = (0.0, 0.0)
    head: tuple[float, float] = (0.0, 0.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cluster:
    """Cards of one module."""

    id: str
    label: str
    nodes: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """A line under a heading: which names, and what there is to say of them."""

    names: tuple[str, ...]
    words: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frame:
    """One step of a walk: the card at work and the edges that it uses."""

    phase: str  # "forward" or "backward"
    node: str
    edges: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scene:
    """A whole picture: cards in the order of their creation, the root last."""

    root: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    findings: tuple[Finding, ...] = ()
    frames: tuple[Frame, ...] = ()
    notes: tuple[str, ...] = ()
    title: str = ""
    description: str = ""
    prefix: str = "bl-"
    density: str = "full"
    precision: int = 3
    theme: str = "auto"
    engine: str = ""
    width: float = 0.0
    height: float = 0.0

    def node(self, id: str) -> Node:
        """Return a card by its id."""
        return next(node for node in self.nodes if node.id == id)

    def edge(self, id: str) -> Edge:
        """Return an edge by its id."""
        return next(edge for edge in self.edges if edge.id == id)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dicts, strings and numbers, ready for JSON."""
        return plain(self)


def plain(thing: Any) -> Any:
    """Turn dataclasses, arrays and NumPy scalars into what JSON can hold.

    Numbers that are not finite become the strings ``"nan"``, ``"inf"`` and ``"-inf"``; an array
    of more than 1,024 numbers becomes its shape, range, mean and norm.

    Examples
    --------
    >>> plain((np.float32(0.5), np.array([1.0, np.nan])))
    [0.5, [1.0, 'nan']]
    """
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {f.name: plain(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
    if isinstance(thing, dict):
        return {str(key): plain(value) for key, value in thing.items()}
    if isinstance(thing, np.ndarray) and thing.size > LARGEST:
        return _summary(thing)
    if isinstance(thing, np.ndarray) and thing.dtype.kind in "fiub" and np.all(np.isfinite(thing)):
        return thing.tolist()
    if isinstance(thing, np.ndarray | np.generic):
        return plain(thing.tolist())
    if isinstance(thing, list | tuple):
        return [plain(item) for item in thing]
    if isinstance(thing, float):
        return thing if math.isfinite(thing) else str(thing)
    if thing is None or isinstance(thing, bool | int | str):
        return thing
    return str(thing)


def _summary(array: np.ndarray) -> dict[str, Any]:
    with np.errstate(all="ignore"):
        return plain({
            "shape": array.shape, "dtype": str(array.dtype), "min": array.min(),
            "max": array.max(), "mean": array.mean(dtype=np.float64),
            "norm": np.linalg.norm(np.ravel(array)),
        })  # fmt: skip
