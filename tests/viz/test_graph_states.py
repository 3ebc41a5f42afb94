"""What is missing, strange or late: each state is drawn as itself and says why."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd
import viz
from tests.viz.exams import leaf


def test_before_backward_gradients_are_computed_for_the_picture_only():
    x = leaf(3)
    z = x * x
    y = z + x
    for _ in range(2):
        scene = viz.graph(y).scene
        assert float(scene.node("x").gradient) == 7
        assert x.grad is None and z.grad is None
    y.backward()
    assert float(x.grad) == 7


def test_after_backward_nothing_changes_and_nothing_runs(monkeypatch):
    x = leaf(3)
    y = x * x + x
    y.backward()

    def refuse(*arguments, **options):
        raise AssertionError("the engine ran on a spent graph")

    monkeypatch.setattr("viz.trace.steps", refuse)
    scene = viz.graph(y).scene
    assert float(scene.node("x").gradient) == 7
    assert float(x.grad) == 7


def test_arrays_too_are_left_as_they_were():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    z = x * x
    y = z.sum()
    viz.graph(y)
    assert x.grad is None and z.grad is None
    y.backward()
    held = x.grad.numpy().copy()
    viz.graph(y)
    assert np.array_equal(x.grad.numpy(), held)


def test_a_second_backward_is_told_apart_from_this_pass():
    x = leaf(3)
    y = x * x + x
    y.backward(retain_graph=True)
    y.backward()
    scene = viz.graph(y).scene
    assert float(scene.node("x").gradient) == 7 and float(x.grad) == 14
    assert any("adds up" in note for note in scene.notes)


def test_none_is_not_zero():
    x, u = leaf(3), leaf(1)
    y = x * 2
    figure = viz.graph(y, params={"x": x, "u": u})
    assert figure.scene.node("u").gradient_state == "no path"
    assert "no path to y" in figure.svg()


def test_not_computed():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    figure = viz.graph(y)
    assert {n.gradient_state for n in figure.scene.nodes} == {"not computed"}
    assert any("no scalar" in note for note in figure.scene.notes)
    y.backward(autograd.tensor([1.0, 10.0]))
    assert viz.graph(y).data["nodes"][0]["gradient"] == [2.0, 20.0]


def test_not_kept_says_what_to_do():
    x = autograd.tensor(np.ones((3000, 2000)), requires_grad=True)
    h = x * 2.0
    y = h.sum() + (h * 3.0).sum()
    y.backward()
    scene = viz.graph(y).scene
    assert scene.node("h").value_missing == "not kept"
    assert scene.node("h").gradient_state == "not kept"
    assert any("autograd.inspect()" in note for note in scene.notes)


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.filterwarnings("ignore:invalid value")
def test_not_finite():
    x = leaf(0)
    y = autograd.log(x) * 2.0
    figure = viz.graph(y)
    assert figure.scene.node("x").gradient_state == "not finite"
    assert figure.data["nodes"][0]["gradient"] == "inf"
    assert 'class="inv"' in figure.svg()


def test_contributions_that_cancel():
    x = leaf(3)
    a, b = x * 2, x * -2
    y = a + b
    node = viz.graph(y).scene.node("x")
    assert (node.gradient_state, node.reason) == ("zero", "2 − 2: they cancel")


def test_a_changed_scalar_keeps_the_number_that_was_used():
    w, x = leaf(2), leaf(3)
    y = w * x
    y.backward()
    with autograd.no_grad():
        w -= 0.1 * w.grad
    scene = viz.graph(y).scene
    node = scene.node("w")
    assert node.changed and float(node.value) == 2 and node.note == "changed since, now 1.7"
    assert any(note.startswith("w was changed") for note in scene.notes)


def test_a_changed_array_is_marked():
    w = autograd.tensor([2.0, 1.0], requires_grad=True)
    y = (w * w).sum()
    y.backward()
    with autograd.no_grad():
        w -= 0.1 * w.grad
    node = viz.graph(y).scene.node("w")
    assert node.changed and node.note == "changed since it was used"


def test_a_value_that_was_overwritten_is_not_shown_as_the_old_one():
    x = autograd.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x * 2
    part = y[0]
    y.mul_(3.0)
    total = part.sum()
    scene = viz.graph(total).scene
    assert scene.node("mul").value.tolist() == [[2.0, 4.0], [6.0, 8.0]]
    assert scene.node("y").value.tolist() == [[6.0, 12.0], [18.0, 24.0]]
    assert scene.node("x").gradient.tolist() == [[6.0, 6.0], [0.0, 0.0]]


def test_in_mid_walk():
    x = leaf(3)
    y = x * x + x
    walk = autograd.steps(y)
    next(walk)
    assert viz.graph(y).scene.node("y").gradient is not None
    for _ in walk:
        pass
    assert float(x.grad) == 7


def test_part_of_a_graph_after_backward_says_whose_gradients_these_are():
    x = leaf(3)
    z = x * x
    (z * z).backward()
    scene = viz.graph(z).scene
    assert float(scene.node("z").gradient) == 18
    assert any("did not begin with 1" in note for note in scene.notes)


def test_clamp_passes_within_its_bounds():
    for value, state, note in ((2.0, "lost", "1 wins"), (0.5, "won", ""), (1.0, "won", "")):
        x = leaf(value)
        y = autograd.clamp(x, 0.0, 1.0) * 3
        ports = viz.graph(y).scene.nodes[1].ports
        assert [p.label for p in ports] == ["x", "min", "max"]
        assert ports[0].state == state
        assert (ports[2].note or "") == note


def test_a_leaf_alone_and_bad_roots():
    x = leaf(3)
    assert viz.graph(x).scene.node("x").gradient is not None
    with pytest.raises(ValueError, match="needs no gradient"):
        viz.graph(autograd.tensor(1.0))
    with pytest.raises(TypeError, match="expected a Tensor, got int"):
        viz.graph(3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"view": "tree"}, "view must be one of"),
        ({"rankdir": "TB"}, "rankdir"),
        ({"precision": 0}, "precision"),
        ({"max_nodes": 0}, "max_nodes"),
        ({"show": "value"}, "show takes some of"),
        ({"theme": "blue"}, "theme: expected one of"),
        ({"engine": "neato"}, "engine: expected one of"),
    ],
)
def test_bad_options_are_sentences(options, message):
    x = leaf(3)
    with pytest.raises(ValueError, match=message):
        viz.graph(x * 2, **options).svg()


def test_focus_and_show():
    a, b, c = map(leaf, (1, 2, 3))
    p, q = a * b, b * c
    y = p + q
    scene = viz.graph(y, focus=p).scene
    assert {n.name for n in scene.nodes} == {"a", "b", "p", "y"}
    hidden = viz.graph(y, show=("value",)).scene
    assert all(n.gradient is None for n in hidden.nodes)
    assert all(e.local is None and e.contribution is None for e in hidden.edges)
    with pytest.raises(ValueError, match="focus is not part"):
        viz.graph(y, focus=leaf(1))


def test_odd_graphs_are_drawn():
    matrix = autograd.tensor([[1.0, 2.0, 3.0]] * 3, requires_grad=True)
    vector = autograd.tensor([1.0, 3.0, 2.0], requires_grad=True)
    empty = autograd.tensor([], requires_grad=True)
    cube = autograd.tensor([[[1.0, 2.0], [3.0, 4.0]]], requires_grad=True)
    x = leaf(2)
    for root in (
        (matrix @ matrix).sum(), matrix[0, 1] * 2, vector.max(), vector.max(0)[0] * 2, empty.sum(),
        (cube * 2).sum(), autograd.minimum(x, 5.0, x * x), autograd.where(x > 1, x * 2, x * 3),
    ):  # fmt: skip
        figure = viz.graph(root)
        ET.fromstring(figure.svg())
        assert figure.text() and figure.dot()


def test_the_source_line_is_known_under_inspect():
    with autograd.inspect():
        x = leaf(2)
        y = x * x
    y.backward()
    file, line = viz.graph(y).data["nodes"][1]["source"]
    assert file.endswith("test_graph_states.py") and line > 0
