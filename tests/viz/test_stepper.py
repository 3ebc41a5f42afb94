"""What `viz.backprop` says, as data: every number in it is the engine's."""

import gc
import xml.etree.ElementTree as ElementTree
from collections import Counter

import numpy as np
import pytest

import autograd
import viz
from tests.viz.walks import circuit, exam, long_chain, square_plus
from viz.numbers import number


def contributions(stepper):
    return [frame for frame in stepper if "local" in frame.numbers]


def ledger(stepper, name):
    """The ledger of a card when all is known: rows of (who, how, what), and the sum."""
    entry = next(e for e in stepper.data["nodes"].values() if e["name"] == name)
    id = next(i for i, e in stepper.data["nodes"].items() if e is entry)
    final = {node: text for frame in stepper for node, text, _ in frame.gradients}
    return [tuple(row[1:]) for row in entry["contributions"]], final.get(id)


def test_the_square_sums_three_contributions():
    y, names = square_plus()
    rows, total = ledger(viz.backprop(y, names=names), "x")
    assert sorted(int(what) for _, _, what in rows) == [1, 3, 3]
    assert total == "7"


def test_EX_A_z2_receives_ten_and_five():
    L, names = exam()
    stepper = viz.backprop(L, names=names)
    rows, total = ledger(stepper, "z2")
    assert sorted(rows) == [("from v1", "10 × 1", "10"), ("from v2", "5 × 1", "5")]
    assert total == "15"
    formula = next(f.text for f in stepper if f.text.endswith("now 5 + 10 = 15"))
    assert "∂L/∂z2 += ∂L/∂v1 · ∂v1/∂z2 = 10 × 1 = 10" in formula


def test_EX_L_each_step_prints_local_upstream_and_product():
    L, names = exam()
    seen = 0
    for frame in contributions(viz.backprop(L, names=names)):
        local, upstream = frame.numbers["local"], frame.numbers["upstream"]
        assert np.isclose(local * upstream, frame.numbers["contribution"])
        shown = [number(v) for v in (upstream, local, frame.numbers["contribution"])]
        assert f"{shown[0]} × {shown[1]} = {shown[2]}" in frame.text
        seen += 1
    assert seen >= 17


@pytest.mark.parametrize("build", [exam, square_plus, circuit])
def test_the_end_is_what_the_engine_computed(build):
    root, names = build()
    stepper = viz.backprop(root, names=names)
    final = {id: text for frame in stepper for id, text, whole in frame.gradients if whole}
    root.backward()
    by_name = {entry["name"]: id for id, entry in stepper.data["nodes"].items()}
    leaves = {name: t for name, t in names.items() if t.is_leaf}
    assert leaves
    for name, leaf in leaves.items():
        assert final[by_name[name]] == number(leaf.grad.item()), name


def test_stepping_leaves_grad_alone():
    L, names = exam()
    leaves = [t for t in names.values() if t.is_leaf]
    for _ in range(2):
        viz.backprop(L, names=names).html()
    assert all(leaf.grad is None for leaf in leaves)
    L.backward(retain_graph=True)
    held = [leaf.grad.item() for leaf in leaves]
    for _ in range(2):
        list(viz.backprop(L, names=names))
    assert [leaf.grad.item() for leaf in leaves] == held


def test_a_spent_graph_is_replayed():
    L, names = exam()
    fresh = [frame.text for frame in viz.backprop(L, names=names)]
    L.backward()
    assert [frame.text for frame in viz.backprop(L, names=names)] == fresh


def test_two_walks_interleave():
    L, names = exam()
    alone = [frame.text for frame in viz.backprop(L, names=names)]
    walk = autograd.steps(L, accumulate=False, retain_graph=True)
    next(walk)
    one, other = iter(viz.backprop(L, names=names)), iter(viz.backprop(L, names=names))
    pairs = [(next(one).text, next(other).text, next(walk, None)) for _ in alone]
    assert [first for first, _, _ in pairs] == alone == [second for _, second, _ in pairs]


def test_a_stepper_is_an_immutable_sequence():
    y, names = square_plus()
    stepper = viz.backprop(y, names=names)
    assert len(stepper) == len(list(stepper)) == len(stepper[:])
    assert stepper[0].phase == "start"
    assert stepper[-1].phase == "end"
    with pytest.raises(AttributeError, match="immutable"):
        stepper.data = {}
    with pytest.raises(IndexError, match="index 99 of a step-through of"):
        stepper.frame(99)


def test_forward_frames_come_first():
    L, names = exam()
    phases = [frame.phase for frame in viz.backprop(L, names=names, forward=True)]
    assert phases[0] == "start"
    assert phases == sorted(phases, key=["start", "forward", "backward", "end"].index)
    assert Counter(phases)["forward"] == 7
    assert "forward" not in {frame.phase for frame in viz.backprop(L, names=names)}


def test_by_node_every_operation_is_one_frame():
    L, names = exam()
    stepper = viz.backprop(L, names=names, granularity="node")
    backward = [frame.node for frame in stepper if frame.phase == "backward"]
    assert len(backward) == 1 + 7  # the seed, then one for each operation
    assert ledger(stepper, "z2")[1] == "15"


def test_an_operation_without_gradient_is_one_frame():
    L, names = exam()
    words = [frame.words for frame in viz.backprop(L, names=names)]
    assert any(
        w.startswith("z1 lost to z2") and "all 7 of its inputs receive 0" in w for w in words
    )


def test_wrt_keeps_to_the_paths_that_lead_there():
    L, names = exam()
    stepper = viz.backprop(L, names=names, wrt=names["w1"])
    targets = {stepper.data["nodes"][f.target]["name"] for f in contributions(stepper)}
    assert targets == {"yhat", "w1"}
    with pytest.raises(ValueError, match="wrt"):
        viz.backprop(L, names=names, wrt=autograd.tensor(1.0, requires_grad=True))


def test_wrong_granularity_is_refused():
    y, names = square_plus()
    with pytest.raises(ValueError, match="granularity"):
        viz.backprop(y, names=names, granularity="atom")


def test_same_bytes_twice():
    L, names = exam()
    assert viz.backprop(L, names=names).html() == viz.backprop(L, names=names).html()
    first, second = (viz.backprop(L, names=names).storyboard().svg() for _ in range(2))
    assert first == second


def test_hostile_names_are_text(hostile="<script>alert(1)</script>"):
    x = autograd.tensor(2.0, requires_grad=True)
    y = x * x
    stepper = viz.backprop(y, names={hostile: x, "]]>&\"'</style>": y})
    page = stepper.html()
    assert "<script>alert" not in page
    assert page.count("</script>") == 2  # the frames' and the page's own
    assert page.count("</style>") == 2
    ElementTree.fromstring(stepper.svg())
    ElementTree.fromstring(stepper.frame(2).svg())
    ElementTree.fromstring(stepper.storyboard().svg())
    assert hostile in stepper.text()


def test_a_frame_hides_what_is_not_known():
    L, names = exam()
    stepper = viz.backprop(L, names=names)
    root = ElementTree.fromstring(stepper.frame(1).svg())
    prefix = stepper.data["prefix"]
    chips = {
        element.get("id", "").removeprefix(f"{prefix}g-")
        for element in root.iter()
        if element.get("id", "").startswith(f"{prefix}g-")
    }
    assert {stepper.data["nodes"][id]["name"] for id in chips} == {"L"}


def test_a_storyboard_is_one_document():
    L, names = exam()
    board = viz.backprop(L, names=names).storyboard()
    root = ElementTree.fromstring(board.svg())
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert 4 <= sum(e.tag.endswith("svg") for e in root.iter()) - 1 <= 8


def test_text_tells_the_walk():
    y, names = square_plus()
    text = viz.backprop(y, names=names).text()
    assert "∂y/∂x" in text
    assert "now 1 + 3 + 3 = 7" in text or "now 3 + 3 + 1 = 7" in text


def test_nothing_is_left_to_collect():
    L, names = exam()
    viz.backprop(L, names=names).html()
    del L, names
    gc.collect()
    gc.disable()
    try:
        L, names = exam()
        stepper = viz.backprop(L, names=names)
        half = iter(stepper)
        next(half)
        stepper.html(), stepper.text(), stepper.frame(2).svg()
        del L, names, stepper, half
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_the_source_is_shown_where_it_is_known():
    with autograd.inspect():
        y, names = square_plus()
    stepper = viz.backprop(y, names=names, view="names")
    lines = stepper.data["lines"]
    frame = next(f for f in stepper if "local" in f.numbers)
    number, text = lines[frame.line]
    assert number.isdecimal()
    assert text.strip() == "y = x * x + x"
    y, names = square_plus()
    assert ["", "y = x·x + x"] in viz.backprop(y, names=names, view="names").data["lines"]


@pytest.mark.parametrize(
    ("policy", "shares"),
    [("even", ["1.5", "1.5"]), ("first", ["3", "0"]), ("none", ["0", "0"])],
)
def test_EX_H_a_tie_names_its_policy(policy, shares):
    with autograd.ties(policy):
        a, b = (autograd.tensor(2.0, requires_grad=True) for _ in "ab")
        m = autograd.maximum(a, b)
        y = 3 * m
    frames = contributions(viz.backprop(y, names={"a": a, "b": b, "m": m, "y": y}))[-2:]
    assert all(f"a and b tie at 2; policy “{policy}”" in frame.words for frame in frames)
    assert [frame.gradients[0][1] for frame in frames] == shares


def test_tensors_are_stepped_cell_by_cell():
    W = autograd.tensor([[1.0, -1.0], [0.5, 2.0]], requires_grad=True)
    x = autograd.tensor([1.0, 2.0])
    h = autograd.tanh(W @ x)
    y = (h * autograd.tensor([1.0, -1.0])).sum()
    texts = [frame.text for frame in viz.backprop(y)]
    assert any("taken at each element" in text for text in texts)
    assert any("∂y/∂W += g @ yᵀ = [[" in text for text in texts)


def test_a_thousand_operations():
    root, names = long_chain(1000)
    stepper = viz.backprop(root, names=names)
    assert len(stepper) > 500
    assert stepper.html().count("<svg") >= 1
    final = {id: text for frame in stepper for id, text, whole in frame.gradients if whole}
    (slope,) = autograd.grad(root, names["x"], retain_graph=True)
    by_name = {entry["name"]: id for id, entry in stepper.data["nodes"].items()}
    assert final[by_name["x"]] == number(slope.item())


def test_a_cut_picture_does_not_claim_the_whole():
    root, names = long_chain(1000)
    stepper = viz.backprop(root, names=names, max_nodes=30)
    assert len(stepper.data["nodes"]) == 30
    assert stepper[-1].words.startswith("Every gradient drawn is known.")


def test_without_gradients_it_says_why():
    v = autograd.tensor([1.0, 2.0], requires_grad=True)
    stepper = viz.backprop(v * 2)
    assert [frame.phase for frame in stepper] == ["start", "end"]
    assert "the root is no scalar" in stepper[-1].text


@pytest.mark.parametrize(("root", "error"), [(autograd.tensor(1.0), ValueError), (3.0, TypeError)])
def test_what_cannot_be_stepped_is_refused(root, error):
    with pytest.raises(error, match="^backprop: "):
        viz.backprop(root)
