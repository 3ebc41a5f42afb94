"""The page that shows what the demo did: the training, a hard digit, and one section a picture.

One HTML file that needs no network and no script; pictures are in it as images, so it can be sent
around alone. Only the step-throughs are files beside it.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from viz.demo.curve import curve
from viz.demo.network import Step, Training
from viz.tensors.thumbnails import diverging, ink

__all__ = ["Section", "page"]

LOGO = (
    '<svg viewBox="0 0 48 48" aria-hidden="true"><rect x="2" y="2" width="44" height="44" rx="10" '
    'fill="none" stroke="currentColor" stroke-width="2"/><circle cx="13" cy="24" r="4.5" '
    'fill="var(--vf)"/><circle cx="35" cy="24" r="4.5" fill="var(--gf)"/><path d="M14 19C18 12 28 '
    '11 33 17" fill="none" stroke="var(--vf)" stroke-width="2.2"/><path d="M34 29C30 36 20 37 15 '
    '31" fill="none" stroke="var(--gf)" stroke-width="2.2"/><path d="M34.5 19.5l-5.2-1.6 4-3.6z" '
    'fill="var(--vf)"/><path d="M13.5 28.5l5.2 1.6-4 3.6z" fill="var(--gf)"/></svg>'
)


@dataclass(frozen=True)
class Section:
    """One picture on the page: what it is, what to look at, and the files that hold it.

    ``files`` are names and one line on each. ``svg`` is shown as an image; a section without one
    shows its first file in a frame.
    """

    title: str
    short: str  # for the navigation
    lead: str
    look: Sequence[str]
    files: Mapping[str, str]
    svg: str | None = None


def page(training: Training, step: Step, sections: Sequence[Section]) -> str:
    """Return the page as HTML."""
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    links = "".join(f'<a href="#s{n}">{escape(s.short)}</a>' for n, s in enumerate(sections, 1))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Backlight: one digit, one step</title>\n<style>\n{style}</style></head>\n"
        f"<body><main>\n<header>{LOGO}<div><h1>Backlight</h1>"
        f"<p>An autograd engine that you can see through</p></div><nav>{links}</nav></header>\n"
        f'<div class="run">{trained(training)}\n{hesitation(step)}</div>\n'
        + "\n".join(section(number, each) for number, each in enumerate(sections, 1))
        + "\n<footer>No network is used, and the pictures are in this file. Each is also an SVG "
        "beside it: open one by itself to zoom in, and rest the pointer on a card for its exact "
        "numbers. Written by <code>backlight demo</code>.</footer>\n</main></body></html>\n"
    )


def trained(training: Training) -> str:
    """Return the panel with the curve."""
    history = training.history
    drawing = curve(
        [training.accuracy_before, *history["validation_accuracy"]],
        history["accuracy"],
        history.steps,
    )
    return (
        '<div class="panel"><h2>Trained just now</h2>'
        f"<p>A small CNN, {training.parameters:,} parameters · {training.digits:,} digits · "
        f"{len(history.epochs)} epochs · {training.seconds:.0f} s</p>{drawing}</div>"
    )


def hesitation(step: Step) -> str:
    """Return the panel with the hard digit, its gradient, and the classes it might be."""
    ranked = np.argsort(-step.probabilities, kind="stable")[:4]
    ranked = [digit for digit in ranked if step.probabilities[digit] >= 0.005]
    rivals = [str(c) for c in ranked[:3] if step.probabilities[c] >= 0.1]
    named = f"{', '.join(rivals[:-1])} or {rivals[-1]}?" if rivals[1:] else f"{rivals[0]}."
    gradient = step.x.grad.numpy()[0, 0]
    rows = []
    for digit in ranked:
        p = float(step.probabilities[digit])
        error = p - (digit == step.label)
        sign = "−" if error < 0 else "+"
        rows.append(
            f"<tr{' class=y' if digit == step.label else ''}><th>{digit}</th>"
            f'<td><span style="width:{100 * p:.0f}%"></span></td>'
            f'<td class="num v">{p:.2f}</td><td class="num g">{sign}{abs(error):.2f}</td></tr>'
        )
    pictures = (
        (ink(step.image), f"the digit, a handwritten {step.label}", "input"),
        (
            diverging(gradient, float(np.abs(gradient).max()), "gradient"),
            "gradient of the loss at each pixel",
            "its gradient, pixel by pixel",
        ),
    )
    return (
        '<div class="panel"><h2>A digit it finds hard</h2>'
        f"<p>A held-out {step.label}. The network hesitates: {named}</p>"
        '<div class="digit">'
        + "".join(
            f'<figure><img src="{print_.uri}" alt="{alt}"><figcaption>{caption}</figcaption>'
            "</figure>"
            for print_, alt, caption in pictures
        )
        + '</div><table><thead><tr><th></th><th></th><th class="num v">p</th>'
        f'<th class="num g">p − y</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def section(number: int, each: Section) -> str:
    """Return one numbered section: title, picture, what to look at, files."""
    first = escape(next(iter(each.files)), quote=True)
    label = escape(f"{each.title}: {each.lead}", quote=True)
    if each.svg is None:
        picture = f'<iframe class="fig" src="{first}" title="{label}"></iframe>'
    else:
        image = base64.b64encode(each.svg.encode()).decode()
        picture = (
            f'<a class="fig" href="{first}"><img src="data:image/svg+xml;base64,{image}" '
            f'alt="{label}" width="1100"></a>'
        )
    look = "".join(f"<li>{marked(sentence)}</li>" for sentence in each.look)
    names = "".join(f'<a href="{escape(f, quote=True)}">{escape(f)}</a>' for f in each.files)
    return (
        f'<section id="s{number}"><div class="txt"><h2><span class="k">{number}</span>'
        f"{escape(each.title)}</h2><p>{escape(each.lead)}</p></div>{picture}"
        f'<div class="cap"><h3>What to look at</h3><ol>{look}</ol><p class="file">{names}</p></div>'
        "</section>"
    )


def marked(sentence: str) -> str:
    """Return a sentence as HTML, what stands between backticks as code.

    >>> marked("`a.relu` masks 1 < 2")
    '<code>a.relu</code> masks 1 &lt; 2'
    """
    return re.sub("`([^`]*)`", r"<code>\1</code>", escape(sentence))
