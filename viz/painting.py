"""A figure as it stands at one frame: the static SVG with what is not known yet taken out.

The page does the same in the browser (viz/assets/stepper-figure.js) with the same classes; here it
is done on the text of the SVG, for a single frame and for the panels of a storyboard.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from viz.render.html import states_style

__all__ = ["State", "paint", "scope_ids"]

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
ADVANCE = 0.602  # of the monospace face, in em
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)


@dataclass
class State:
    """What is known at a frame: the sum of the diffs up to it."""

    values: set[str]
    gradients: dict[str, tuple[str, bool]] = field(default_factory=dict)
    edges: set[str] = field(default_factory=set)

    @classmethod
    def at(cls, data: Mapping[str, Any], index: int) -> "State":
        """Add up the frames 0 to `index`."""
        state = cls(set(data["given"]))
        for frame in data["frames"][: index + 1]:
            state.values.update(frame["values"])
            for node, text, whole in frame["gradients"]:
                state.gradients[node] = (text, whole)
            if frame["phase"] == "backward":
                state.edges.update(frame["edges"])
        return state


def paint(svg: str, data: Mapping[str, Any], index: int) -> str:
    """Return the figure at frame `index`, as SVG.

    Parameters
    ----------
    svg : str
        The figure in its final state.
    data : mapping
        The stepper's data: ``frames``, ``nodes``, ``edges``, ``given``, ``prefix``.
    """
    root = ElementTree.fromstring(svg)
    _Painter(root, data).paint(State.at(data, index), data["frames"][index], index)
    _drop(root)
    style = ElementTree.Element(f"{{{SVG}}}style")
    style.text = states_style(data["scope"], data.get("theme", "auto"))
    root.insert(
        len([child for child in root if child.tag.endswith(("title", "desc", "style"))]), style
    )
    return ElementTree.tostring(root, encoding="unicode")


def _drop(root: ElementTree.Element) -> None:
    """Take out what is hidden: a still picture never shows it."""
    for parent in list(root.iter()):
        for child in [c for c in parent if "off" in c.get("class", "").split()]:
            parent.remove(child)


class _Painter:
    """Finds the parts of a figure by their ids and sets the classes of a state."""

    def __init__(self, root: ElementTree.Element, data: Mapping[str, Any]) -> None:
        self.data = data
        self.parents = {child: parent for parent in root.iter() for child in parent}
        prefix = data["prefix"]
        self.parts = {
            element.get("id", "")[len(prefix) :]: element
            for element in root.iter()
            if element.get("id", "").startswith(prefix)
        }

    def paint(self, state: State, frame: Mapping[str, Any], index: int) -> None:
        forward = frame["phase"] == "forward"
        last = index == len(self.data["frames"]) - 1
        for id in self.data["nodes"]:
            self.node(id, state, frame, forward, last)
        for id, (_, consumer) in self.data["edges"].items():
            active = id in frame["edges"]
            done = last or id in state.edges
            self.edge(id, done, active, forward, consumer in state.values)
        self.mark(self.parts.get("findings"), off=not last)

    def node(
        self, id: str, state: State, frame: Mapping[str, Any], forward: bool, last: bool
    ) -> None:
        known, whole = state.gradients.get(id, (None, False))
        whole = whole or last
        value = id in state.values
        for part in (self.part("v", id), self.part("x", id), self.part("v", f"{id}.p")):
            self.mark(part, off=not value)
        if not value:
            self.wait("v", id)
        chip = self.part("g", id)
        scalar = not self.data["nodes"][id]["cells"]
        shown = whole or (known is not None and scalar)
        self.mark(chip, off=not shown)
        if not shown:
            self.wait("g", id)
        elif chip is not None and scalar and known is not None:
            self.chip(chip, known, whole)
        for role in ("sum", "why", "br", "seed"):
            self.mark(self.part(role, id), off=not whole)
        self.mark(
            self.part("n", id),
            plain=not whole,
            active=id == frame["node"],
            forward=id == frame["node"] and forward,
            target=not forward and id == frame["target"] != frame["node"],
        )

    def edge(self, id: str, done: bool, active: bool, forward: bool, known: bool) -> None:
        self.mark(
            self.part("e", id),
            todo=not done,
            active=active,
            forward=active and forward,
            backward=active and not forward,
        )
        self.mark(self.part("c", id), unsure=not known)
        self.mark(self.part("r", id), off=not done, active=active)
        if not self.data.get("layers"):
            self.mark(self.part("p", id), empty=not known)
            return
        self.mark(self.part("e", id), ahead=not known)
        for part in (self.part("k", id), self.part("p", id), self.part("g", f"{id}.logits")):
            self.mark(part, off=not done)

    def chip(self, group: ElementTree.Element, text: str, whole: bool) -> None:
        label, box = group.find(f"{{{SVG}}}text"), group.find(f"{{{SVG}}}rect")
        size = float(group.get("data-s", 12))
        if label is None:
            return
        label.text = text
        if box is None:  # a gradient that ends at 0 was drawn without a chip
            height, baseline = (20 if size > 12 else 16), float(label.get("y", 0))
            corner = {
                "x": f"{float(label.get('x', 0)) - 15:g}",
                "y": f"{baseline - 0.3 - size / 3 - height / 2:g}",
            }
            box = ElementTree.Element(
                f"{{{SVG}}}rect", {**corner, "height": f"{height}", "rx": "4", "class": "spare"}
            )
            group.insert(0, box)
        box.set("width", f"{19 + len(text) * ADVANCE * size:.2f}")
        self.mark(group, hollow=text == "0", partial=not whole)

    def wait(self, role: str, id: str) -> None:
        number = self.part(role, id)
        if number is None:
            return
        text = number if number.tag == f"{{{SVG}}}text" else number.find(f"{{{SVG}}}text")
        if text is None:
            return
        place = {name: text.get(name, "0") for name in ("x", "y")}
        dash = ElementTree.Element(f"{{{SVG}}}text", {**place, "class": "m ink3"})
        dash.text = "—"
        siblings = self.parents[number]
        siblings.insert(list(siblings).index(number) + 1, dash)

    def part(self, role: str, id: str) -> ElementTree.Element | None:
        return self.parts.get(f"{role}-{id}")

    def mark(self, element: ElementTree.Element | None, **classes: bool) -> None:
        if element is None:
            return
        names = [name for name in element.get("class", "").split() if name not in classes]
        names += [name for name, on in classes.items() if on]
        element.set("class", " ".join(names))


def scope_ids(svg: str, prefix: str, tag: str) -> str:
    """Put `tag` before the ids that a panel refers to, and drop the others.

    Ids are unique in a document, and a figure's style sheet is scoped to the id of its root.

    Examples
    --------
    >>> panel = '<svg id="f-figure"><style>#f-figure .m{}</style><g id="f-n-x"/></svg>'
    >>> scope_ids(panel, "f-", "a-")
    '<svg id="a-f-figure"><style>#a-f-figure .m{}</style><g/></svg>'
    """
    used = {f"{prefix}figure", *re.findall(r'(?:url\(#|href="#)([^)"]+)', svg)}
    for labels in re.findall(r'aria-labelledby="([^"]*)"', svg):
        used.update(labels.split())

    def rename(found: re.Match[str]) -> str:
        return f' id="{tag}{found[1]}"' if found[1] in used else ""

    svg = re.sub(r'\sid="([^"]*)"', rename, svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{tag}", svg)
    svg = re.sub(
        r'aria-labelledby="([^"]*)"',
        lambda found: f'aria-labelledby="{" ".join(tag + label for label in found[1].split())}"',
        svg,
    )
    return svg.replace(f"#{prefix}figure", f"#{tag}{prefix}figure")
