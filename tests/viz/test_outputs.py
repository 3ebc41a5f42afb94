"""Ops of several outputs: one card, within it a card an output, and what did not arrive."""

import numpy as np
import pytest

import autograd
import nn
import viz


def matrix():
    return autograd.tensor([[3.0, 1.0], [1.0, 2.0], [0.5, -1.0]], requires_grad=True)


def test_outputs_in_use_stand_within_the_card_of_the_op():
    A = matrix()
    U, S, Vh = autograd.linalg.svd(A, full_matrices=False)
    loss = (S * S).sum() + Vh[0, 0]
    picture = viz.graph(loss)
    scene = picture.scene
    svd, inside = scene.node("svd"), [scene.node("S"), scene.node("Vh")]
    assert [(o.name, o.node, o.state) for o in svd.outputs] == [
        ("U", "", "nothing arrived"), ("S", "S", "known"), ("Vh", "Vh", "known"),
    ]  # fmt: skip
    assert svd.outputs[0].gradient is None
    for card in inside:
        assert svd.x < card.x and card.x + card.width < svd.x + svd.width
        assert svd.y < card.y and card.y + card.height < svd.y + svd.height
    assert inside[0].y + inside[0].height <= inside[1].y
    assert {e.output for e in scene.edges if e.source == "svd"} == {"S", "Vh"}
    assert "U: nothing arrived" in picture.svg() and "U (3, 2) (nothing arrived)" in picture.text()
    np.testing.assert_allclose(scene.node("S").gradient, 2 * S.payload)


def test_a_gradient_of_zero_is_told_from_none():
    A = matrix()
    U, S, Vh = autograd.linalg.svd(A, full_matrices=False)
    loss = S.sum() + 0.0 * Vh.sum()
    states = [o.state for o in viz.graph(loss).scene.node("svd").outputs]
    assert states == ["nothing arrived", "known", "zero"]


def test_an_op_of_which_one_output_is_used_is_that_output():
    x = autograd.tensor([[1.0, 5.0, 2.0], [4.0, 0.0, 3.0]], requires_grad=True)
    top = x.max(dim=1)
    loss = top.values.sum()
    scene = viz.graph(loss, view="op").scene
    assert [n.name for n in scene.nodes] == ["x", "top.values", "loss"]
    card = scene.nodes[1]
    assert card.full_expression == "max(x, dim 1).values"
    assert card.note == "indices 1, 0" and card.folded == ""
    assert scene.nodes[0].rows[0].local_text == "g, to the winner"


def test_the_step_of_an_op_names_a_product_for_each_output():
    x = autograd.tensor([1.0, 2.0, 6.0], requires_grad=True)
    var, mean = autograd.var_mean(x)
    z = var / mean
    steps = viz.backprop(z)
    backward = [f for f in steps if f.phase == "backward"]
    assert [f.target for f in backward] == ["z", "var", "mean", "x"]  # no step from part to op
    last = backward[-1]
    assert last.words == "Back through var_mean, the gradients of var and mean reach x."
    assert "∂z/∂var · ∂var/∂x + ∂z/∂mean · ∂mean/∂x = [" in last.formula_text
    entry = next(e for e in steps.data["nodes"].values() if e["name"] == "var_mean")
    assert [row[1] for row in entry["contributions"]] == ["from var", "from mean"]
    assert {row[0] for row in entry["contributions"]} < set(last.edges)
    for i in range(len(steps)):
        steps.frame(i).svg()
    steps.storyboard().svg()
    assert viz.backprop(z, wrt=x)[-2].target == "x"
    node = viz.backprop(z, granularity="node", forward=True)
    assert any(f.words == "var_mean computes var and mean from x." for f in node)
    assert node[-2].words == "var_mean passes what came to var and mean back to x."


def test_outputs_keep_a_card_each_where_cards_are_small():
    x = autograd.tensor([1.0, 2.0, 6.0], requires_grad=True)
    var, mean = autograd.var_mean(x)
    held = [var * mean]
    for _ in range(30):
        held.append(held[-1] * 0.5 + mean)
    picture = viz.graph(held[-1])
    assert picture.scene.density != "full"
    ways = {e.output: e for e in picture.scene.edges if e.output}
    assert set(ways) == {"var", "mean"} and ways["var"].tail != ways["var"].head
    assert "[label=var style=" in picture.dot()


def test_a_function_of_ones_own_is_called_by_its_class():
    class Both(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, g, h):
            return g * 2 + h * 3

    x = autograd.tensor(2.0, requires_grad=True)
    p, q = Both.apply(x)
    scene = viz.graph(p * q).scene
    card = scene.node("Both")
    assert card.full_expression == "Both(x)" and [o.node for o in card.outputs] == ["p", "q"]
    assert float(scene.node("x").gradient) == 24


@pytest.mark.parametrize("walked", [False, True])
def test_a_checkpointed_value_says_that_it_is_made_again(walked):
    def part(x):
        h = autograd.tanh(x)
        return h * h

    x = autograd.tensor([0.5, -1.0], requires_grad=True)
    loss = autograd.checkpoint(part, x).sum()
    if walked:
        loss.backward()
    picture = viz.graph(loss, view="op")
    card = next(n for n in picture.scene.nodes if n.op == "tanh")
    assert card.value is None and card.value_missing == "recomputed in backward"
    assert card.gradient is not None and "recomputed in backward" in picture.svg()
    assert len(viz.backprop(loss)) > 4


def test_a_gradient_that_a_hook_changed_says_so():
    x = autograd.tensor(2.0, requires_grad=True)
    t = x * 3
    t.register_hook(lambda g: g * 10)
    y = t * t
    scene = viz.graph(y).scene
    assert scene.node("t").note == "a hook changed the gradient"
    assert float(scene.node("t").gradient) == 120 and scene.node("x").note == ""


def test_a_scaled_sum_is_no_plain_sum():
    a = autograd.tensor(1.5, requires_grad=True)
    b = autograd.tensor(0.5, requires_grad=True)
    z = autograd.add(a, b, alpha=-3)
    scene = viz.graph(z).scene
    assert scene.node("z").full_expression == "a + (−3)·b"
    frame = next(f for f in viz.backprop(z) if f.target == "b")
    assert "is added" not in frame.words and "1 × −3 = −3" in frame.formula_text


def test_bounds_that_are_tensors_have_derivatives_of_their_own():
    x, low, high = (autograd.tensor(v, requires_grad=True) for v in (2.0, -1.0, 1.0))
    y = autograd.clamp(x, low, high)
    ports = {p.label: float(p.local) for p in viz.graph(y).scene.node("y").ports}
    assert ports == {"x": 0, "low": 0, "high": 1}
    words = {f.target: f.words for f in viz.backprop(y)}
    assert words["high"] == "high is the limit in force, so the gradient passes to it."
    assert words["low"] == "low is a limit that is not in force, so nothing passes to it."


def test_index_arrays_are_written_short():
    x = autograd.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    for index, text in (
        ((slice(None), [0, 2]), "x[:, [0, 2]]"),
        (np.arange(40) % 2, "x[indices]"),
        (np.array([True, False]), "x[mask]"),
    ):
        y = x[index].sum()
        part = viz.graph(y, view="op").scene.nodes[1]
        assert part.full_expression == text


class Spread(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(32, 8)

    def forward(self, x):
        top = x.max(dim=1, keepdim=True).values
        var, mean = autograd.var_mean(x, dim=1, keepdim=True)
        return self.head((x - mean) / (var + 1e-5).sqrt() + top)


@pytest.mark.parametrize("walked", [False, True])
def test_a_network_by_layers_has_one_card_for_an_op_of_several(walked):
    autograd.manual_seed(0)
    net, x = Spread(), autograd.randn(8, 32, requires_grad=True)
    loss = nn.CrossEntropyLoss()(net(x), autograd.tensor(np.arange(8)))
    if walked:
        loss.backward()
    picture = viz.graph(loss, view="layers")
    layers = {layer["path"]: layer for layer in picture.data["layers"]}
    assert layers["var_mean"]["operations"] == ["var_mean", "var_mean.var", "var_mean.mean"]
    assert layers["var_mean"]["caption"] == "var, mean; here mean"
    assert layers["max"]["caption"] == "its values" and "max#2" not in layers
    assert "Back" in viz.backprop(loss, granularity="layer").text() and picture.svg()
