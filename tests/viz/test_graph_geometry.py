"""Checked in a browser: no text over another, none outside its card, none too small."""

import pytest

import autograd
import viz
from tests.viz.exams import CASES, leaf, network, picture

MEASURE = """
svg => {
  const texts = [...svg.querySelectorAll("text")].filter(t => t.textContent.trim()).map(t => {
    const b = t.getBBox(), card = t.closest(".node");
    return {text: t.textContent, x: b.x, y: b.y, w: b.width, h: b.height,
            size: parseFloat(getComputedStyle(t).fontSize), card: card && card.id};
  });
  const cards = Object.fromEntries([...svg.querySelectorAll(".node")].map(n => {
    const b = n.querySelector(".nb").getBBox();
    return [n.id, {x: b.x, y: b.y, w: b.width, h: b.height}];
  }));
  const v = svg.viewBox.baseVal;
  return {texts, cards, width: v.width, height: v.height};
}
"""


def complaints(found):
    said = []
    texts = found["texts"]
    for t in texts:
        if t["size"] < 11:
            said.append(f"{t['text']!r} is {t['size']} px")
        if t["x"] < 0 or t["x"] + t["w"] > found["width"] + 0.5:
            said.append(f"{t['text']!r} leaves the figure")
        card = found["cards"].get(t["card"])
        if card is None:
            continue
        pill = t["x"] < card["x"] + 2  # astride the border by design
        if not pill and t["x"] + t["w"] > card["x"] + card["w"] + 0.5:
            said.append(f"{t['text']!r} leaves its card {t['card']}")
        if t["y"] < card["y"] - 1 or t["y"] + t["h"] > card["y"] + card["h"] + 1:
            said.append(f"{t['text']!r} leaves its card {t['card']} upwards or downwards")
    for i, a in enumerate(texts):
        for b in texts[i + 1 :]:
            across = min(a["x"] + a["w"], b["x"] + b["w"]) - max(a["x"], b["x"])
            # Boxes hold room for accents: lines 14 px apart touch and do not meet.
            down = min(a["y"] + a["h"], b["y"] + b["h"]) - max(a["y"], b["y"])
            if across > 0.5 and down > 3.5:
                said.append(f"{a['text']!r} meets {b['text']!r}")
    return said


def arrays():
    x = autograd.tensor([1.0, 2, -1, 0, 3], requires_grad=True)
    k = autograd.tensor([1.0, -2, -2], requires_grad=True)
    w = autograd.tensor([[0.1, 0.2], [-0.3, 0.4], [0.5, -0.6]], requires_grad=True)
    z = autograd.stack([x[0:3] @ k, x[1:4] @ k, x[2:5] @ k])
    h = autograd.relu(z) @ w
    return viz.graph((h * h).sum())


def circuit():
    w0, w1, w2 = map(leaf, (2, -3, -3))
    x0, x1 = map(leaf, (-1, -2))
    f = 1 / (1 + autograd.exp(-(w0 * x0 + w1 * x1 + w2)))
    return viz.graph(f)


def op_by_op():
    L, values = network(*CASES["EX-A"][:3])
    return viz.graph(L, names=values, view="op")


def ties():
    with autograd.ties("first"):
        L, values = network((1, 1, -1), 0, 1, x=(1,) * 5)
    return viz.graph(L, names=values)


def long_names():
    a_rather_long_name_for_a_weight, x = leaf(-1.23456e-7), leaf(98765.4321)
    another_long_name = a_rather_long_name_for_a_weight * x
    return viz.graph(autograd.maximum(another_long_name, 0) + another_long_name, precision=8)


def nested():
    w, u, s = leaf(0.5), leaf(0.3), leaf(0.0)
    for i in range(5):
        s = autograd.tanh(w * s + u * i)
    return viz.graph(s)


def several():
    A = autograd.tensor([[3.0, 1.0], [1.0, 2.0], [0.5, -1.0]], requires_grad=True)
    U, S, Vh = autograd.linalg.svd(A, full_matrices=False)
    var, mean = autograd.var_mean(Vh)
    largest = A.max(dim=0)
    return viz.graph((S * largest.values).sum() + var * mean)


def functions():
    a, b = leaf(1.5), leaf(0.5)
    angle = autograd.atan2(a, b) + autograd.logaddexp(a, b) - autograd.fmod(a, b)
    return viz.graph(autograd.clamp(autograd.lerp(a, angle, b), b, a) * autograd.erf(angle))


FIGURES = {
    **{case: (lambda case=case: picture(case)) for case in ("EX-A", "EX-C", "EX-G")},
    "arrays": arrays, "circuit": circuit, "op by op": op_by_op, "ties": ties,
    "long names": long_names, "nested": nested, "several outputs": several,
    "functions": functions,
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_text_stays_clear_of_text_and_within_its_card(name, open_page, tmp_path):
    path = FIGURES[name]().save(tmp_path / "figure.html")
    page = open_page(path)
    found = page.eval_on_selector("svg", MEASURE)
    assert len(found["texts"]) > 10
    assert complaints(found) == []


def test_the_notebook_face_comes_alive_in_place(open_page, tmp_path):
    path = tmp_path / "cell.html"
    path.write_text(f"<meta charset=utf-8>{picture('EX-A')._repr_html_()}", encoding="utf-8")
    page = open_page(path)
    assert page.locator("img").count() == 0 and page.locator("svg .node").count() == 19
    still = open_page(path, java_script_enabled=False)
    assert still.locator("img").count() == 1


def test_a_dead_edge_is_drawn_whole_while_pointed_at(open_page, tmp_path):
    figure = picture("EX-A")
    page = open_page(figure.save(tmp_path / "figure.html"))
    edge = page.locator(f"#{figure.scene.prefix}e-x1-z1")
    assert edge.locator(".far").evaluate("e => getComputedStyle(e).visibility") == "hidden"
    edge.locator(".near").hover(force=True, position={"x": 4, "y": 0})
    assert edge.locator(".far").evaluate("e => getComputedStyle(e).visibility") == "visible"
