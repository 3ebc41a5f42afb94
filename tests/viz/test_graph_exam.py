"""The exam problem as a picture: every number of its backward pass, and why each zero is one."""

import math

import pytest

import autograd
import viz
from tests.viz.exams import CASES, leaf, network, picture


@pytest.mark.parametrize("case", CASES)
def test_every_gradient_of_every_case(case):
    _, _, _, w, z, k, b, x = CASES[case]
    scene = picture(case).scene
    expected = {
        **dict(zip(("w1", "w2"), w, strict=True)),
        **dict(zip(("z1", "z2", "z3"), z, strict=True)),
        **dict(zip(("k1", "k2", "k3"), k, strict=True)),
        **dict(zip(("x1", "x2", "x3", "x4", "x5"), x, strict=True)),
        "b": b,
    }
    shown = {name: float(scene.node(name).gradient) for name in expected}
    assert shown == pytest.approx(expected)
    for node in scene.nodes:
        if node.rows:
            assert sum(float(row.contribution) for row in node.rows) == pytest.approx(
                float(node.gradient)
            )
        for row in node.rows:
            assert float(row.upstream) * float(row.local) == pytest.approx(float(row.contribution))


def test_EX_K_a_winner_is_bold_a_loser_dashed_and_the_sum_is_spelt_out():
    figure = picture("EX-A")
    scene = figure.scene
    assert scene.edge("z2-v1").state == scene.edge("z2-v2").state == "won"
    assert scene.edge("z1-v1").state == scene.edge("z3-v2").state == "dies"
    assert float(scene.edge("z1-v1").contribution) == 0
    assert [p.state for p in scene.node("v1").ports] == ["lost", "won", "lost"]
    svg = figure.svg()
    assert "= 10 + 5" in svg
    assert 'class="e ew"' in svg
    assert "z2 → v1: 10 × 1 = 10" in svg
    assert "z1 → v1: 10 × 0 = 0" in svg


def test_EX_K_a_clamped_window_says_so():
    figure = picture("EX-G")
    for name in ("v1", "v2"):
        (constant,) = (p for p in figure.scene.node(name).ports if p.constant)
        assert (constant.state, constant.note) == ("won", "0 wins")
    assert figure.svg().count(">0 wins<") == 2


def test_EX_L_each_product_stands_in_a_row():
    text = picture("EX-A").text()
    assert "from v1: 10 × 1 = 10" in text
    assert "from z2: 15 × −2 = −30" in text
    assert "from L: 1 × 5 = 5" in text


def test_folded_cards_show_the_expression_with_its_numbers():
    z2 = picture("EX-A").scene.node("z2")
    assert z2.expression == "k·x + b"
    assert z2.full_expression == "k1·x2 + k2·x3 + k3·x4 + b"
    assert " ".join(z2.worked) == "1·2 + (−2)·(−1) + (−2)·0 + 0 = 4"
    assert z2.folded == "3 multiply, 2 add"
    assert {p.label: float(p.local) for p in z2.ports} == {
        "x2": 1, "x3": -2, "x4": -2, "k1": 2, "k2": -1, "k3": 0, "b": 1,
    }  # fmt: skip


def test_reasons_and_findings_are_computed():
    scene = picture("EX-A").scene
    assert scene.node("z1").reason == "lost to z2: −1 < 4"
    assert scene.node("z2").reason == "won v1 and v2" and scene.node("z2").won
    assert scene.node("k3").reason == "x4 = 0 in z2"
    assert scene.node("x1").reason == "z1 lost"
    found = {f.names: f.words for f in scene.findings}
    assert found == {
        ("k3",): "z2 passes 15 × x4, and x4 = 0",
        ("x1", "x5"): "reach only z1 and z3, which lost",
        ("z1", "z3"): "lost every max to z2",
    }


def test_leaves_of_one_array_stand_together_and_inputs_follow_them():
    scene = picture("EX-A").scene
    first = min(node.x for node in scene.nodes if not node.ports)
    column = sorted((n for n in scene.nodes if n.x == first), key=lambda n: n.y)
    assert [n.name for n in column] == ["x1", "x2", "x3", "x4", "x5", "k1", "k2", "k3", "b"]
    assert [p.label for p in scene.node("z2").ports] == ["x2", "x3", "x4", "k1", "k2", "k3", "b"]


def test_names_and_the_target_come_from_the_callers_variables():
    x, w = leaf(3), leaf(2)
    target = 8.5
    error = w * x - target
    loss = error * error
    scene = viz.graph(loss).scene
    assert [n.name for n in scene.nodes] == ["w", "x", "mul", "error", "loss"]
    (constant,) = (p for p in scene.node("error").ports if p.constant)
    assert (constant.label, constant.value) == ("target", 8.5)
    assert (scene.node("x").kind, scene.node("w").kind) == ("input", "parameter")


@pytest.mark.parametrize(
    ("policy", "z", "note"),
    [
        ("first", (6, 3, 0), "tie: first"),
        ("even", (3, 4.5, 1.5), "tie: even"),
        ("torch", (3, 4.5, 1.5), "tie: even"),
        ("none", (0, 0, 0), "tie: none"),
    ],
)
def test_EX_H_ties_name_their_policy(policy, z, note):
    with autograd.ties(policy):
        L, values = network((1, 1, -1), 0, 1, x=(1,) * 5)
    figure = viz.graph(L, names=values)
    scene = figure.scene
    assert [float(scene.node(f"z{i}").gradient) for i in (1, 2, 3)] == pytest.approx(z)
    tied = [p for p in scene.node("v1").ports if p.state == "tied"]
    assert [p.label for p in tied] == ["z1", "z2"]
    assert tied[0].note == note and note in figure.svg()
    assert [p.takes for p in tied] == [policy != "none", policy in ("even", "torch")]
    assert 'class="tie"' in figure.svg()


def test_EX_I_at_zero_the_constant_wins_under_every_policy():
    for policy in ("torch", "even", "first", "none"):
        with autograd.ties(policy):
            L, values = network((0, 0, 0), 0, 1)
        scene = viz.graph(L, names=values).scene
        assert [float(scene.node(f"z{i}").gradient) for i in (1, 2, 3)] == [0, 0, 0]


def test_x_squared_plus_x_shows_both_uses():
    x = leaf(3)
    y = x * x + x
    scene = viz.graph(y).scene
    assert [(e.source, e.target) for e in scene.edges] == [
        ("x", "mul"), ("x", "mul"), ("mul", "y"), ("x", "y"),
    ]  # fmt: skip
    assert [float(row.contribution) for row in scene.node("x").rows] == [3, 3, 1]
    assert float(scene.node("x").gradient) == 7
    folded = viz.graph(y, view="names").scene
    assert [(e.source, e.target) for e in folded.edges] == [("x", "y")] * 3
    assert len({e.id for e in folded.edges}) == 3


def test_the_circuit_of_cs231n():
    w0, w1, w2 = map(leaf, (2, -3, -3))
    x0, x1 = map(leaf, (-1, -2))
    f = 1 / (1 + autograd.exp(-(w0 * x0 + w1 * x1 + w2)))
    figure = viz.graph(f)
    shown = {n.name: round(float(n.gradient), 2) for n in figure.scene.nodes if not n.ports}
    assert shown == {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20}
    for number in ("−0.197", "0.393", "−0.393", "−0.590", "0.197"):
        assert f">{number}<" in figure.svg()
    assert math.isclose(float(figure.scene.node("f").value), 0.7311, rel_tol=1e-3)


def test_view_op_unfolds_all():
    L, values = network(*CASES["EX-A"][:3])
    scene = viz.graph(L, names=values, view="op").scene
    assert len([n for n in scene.nodes if n.ports]) == 29
    assert scene.density == "compact"
    assert not any(node.folded for node in scene.nodes)
