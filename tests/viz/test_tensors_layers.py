"""From ops to layers: what is one card, what feeds it, what stops its gradient."""

import re
from collections import OrderedDict

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import viz
from tests.viz.networks import LeNet, digit_net, mlp, one_step, residual_net, seeded, stroke
from viz.tensors.findings import find
from viz.tensors.folding import fold, fold_to_fit
from viz.tensors.gates import gate
from viz.tensors.layers import merged, read_layers
from viz.tensors.measures import links, norm


def layers_of(loss, **options):
    return read_layers(loss, **options)


def by_path(graph):
    return {layer.path: layer for layer in graph.layers}


def test_modules_are_cards_in_their_clusters():
    graph = layers_of(one_step(seeded(digit_net)))
    assert [layer.path for layer in graph.layers] == [
        "x", "block1.conv", "block1.bn", "block1.relu", "block1.pool",
        "block2.conv", "block2.bn", "block2.relu", "block2.pool",
        "head.flatten", "head.dropout", "head.fc", "loss",
    ]  # fmt: skip
    assert graph.is_chain and graph.ran and graph.batch == 1
    layers = by_path(graph)
    assert layers["block1.conv"].caption == "Conv2d 3×3 s1 p1"
    assert layers["block2.bn"].caption == "BatchNorm2d · this image"
    assert layers["head.dropout"].caption == "Dropout p 0.25 · training"
    assert layers["block2.conv"].cluster == "block2" and layers["loss"].target == 2
    assert [w.path for w in layers["head.fc"].weights] == ["head.fc.weight", "head.fc.bias"]
    assert sum(layer.parameters for layer in graph.layers) == 72 + 16 + 1152 + 32 + 7850


def test_the_numbers_are_the_engines():
    net = seeded(digit_net)
    loss = one_step(net)
    layers = by_path(layers_of(loss))
    for name, parameter in net.named_parameters():
        weight = next(w for layer in layers.values() for w in layer.weights if w.path == name)
        np.testing.assert_array_equal(weight.gradient, parameter.grad.numpy())
    assert float(layers["loss"].value) == loss.item()


def test_functional_calls_are_cards_named_by_the_operation():
    graph = layers_of(one_step(seeded(LeNet)))
    assert [layer.name for layer in graph.layers] == [
        "x", "conv1", "relu", "pool", "conv2", "relu #2", "pool #2", "reshape",
        "fc1", "relu #3", "fc2", "loss",
    ]  # fmt: skip
    assert graph.is_chain and len({layer.id for layer in graph.layers}) == 12


def test_a_module_of_functional_calls_is_opened():
    class Busy(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(autograd.tensor(np.ones((3, 4), np.float32)))

        def forward(self, x):
            return F.relu(F.linear(x, self.weight))

    net = nn.Sequential(OrderedDict(busy=Busy(), fc=nn.Linear(3, 3)))
    graph = layers_of(one_step(net, np.ones((1, 4), np.float32)))
    assert [layer.path for layer in graph.layers][1:3] == ["busy.linear", "busy.relu"]
    assert [w.name for w in graph.layers[1].weights] == ["weight"]


def test_one_module_called_twice_is_two_cards():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 3)

        def forward(self, x):
            return self.fc(self.fc(x))

    graph = layers_of(one_step(Twice(), np.ones((1, 3), np.float32)))
    assert [layer.path for layer in graph.layers] == ["x", "fc", "fc#2", "loss"]


def test_plain_functions_without_modules():
    x = autograd.tensor(np.ones((2, 3), np.float32), requires_grad=True)
    w = autograd.tensor(np.ones((3, 4), np.float32), requires_grad=True)
    loss = autograd.tanh(x @ w).sum()
    loss.backward()
    graph = layers_of(loss)
    assert [layer.kind for layer in graph.layers] == ["input", "input", "matmul", "tanh", "sum"]
    assert graph.layers[2].inputs == (0, 1) and not graph.is_chain


@pytest.mark.parametrize(
    ("options", "why"),
    [({"wanted": False}, "requires_grad=False"), ({"backward": False}, "backward() not run")],
)
def test_what_is_missing_is_said(options, why):
    graph = layers_of(one_step(seeded(mlp, 784, 10), stroke().reshape(1, 784), **options))
    assert graph.layers[0].gradient is None
    assert graph.layers[0].why_gradient == ("requires_grad=False" if "wanted" in options else why)
    if "backward" in options:
        assert graph.layers[1].why_gradient == why and not graph.ran


def test_a_gradient_found_nowhere_is_not_kept():
    loss = one_step(seeded(mlp, 784, 10), stroke().reshape(1, 784), backward=False)
    loss.backward()
    for op in (loss.node, loss.node.operands[0]):
        op.grad = None
        op._contributions = None
    graph = layers_of(loss)
    assert graph.ran and graph.layers[1].why_gradient == "not kept"


def test_gradients_of_a_replayed_walk_are_taken():
    net = seeded(mlp, 784, 10)
    loss = one_step(net, stroke().reshape(1, 784), backward=False)
    walk = {
        step.op: (step.upstream, step.contributions)
        for step in autograd.steps(loss, accumulate=False, retain_graph=True)
    }
    graph = layers_of(loss, backward=walk)
    assert graph.ran and graph.layers[1].gradient is not None
    assert all(parameter.grad is None for parameter in net.parameters())


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="not made by a recorded operation"):
        layers_of(autograd.tensor([1.0]))


def test_a_step_of_the_optimizer_marks_what_changed():
    net = seeded(mlp, 784, 10)
    loss = one_step(net, stroke().reshape(1, 784))
    assert not any(w.changed for w in layers_of(loss).layers[1].weights)
    with autograd.no_grad():
        net[0].weight -= 0.1 * net[0].weight.grad
    changed = {w.name: w.changed for w in layers_of(loss).layers[1].weights}
    assert changed["weight"]


# ------------------------------------------------------------------------------- gates


def test_relu_counts_only_what_arrived():
    upstream = np.array([[1.0, 0.0, 2.0, 0.0]])
    counted = gate("relu", upstream, np.array([[1.0, 0.0, 0.0, 0.0]]), {})
    assert (counted.passing, counted.stopped, counted.size) == (1, 1, 4)
    assert counted.loss == 0.5 and counted.word == "masked"


def test_dead_channels_are_counted():
    upstream = np.ones((1, 3, 2, 2))
    landed = upstream * np.array([1.0, 0.0, 0.0])[:, None, None]
    counted = gate("relu", upstream, landed, {})
    assert (counted.dead_channels, counted.channels) == (2, 3)


@pytest.mark.parametrize(
    "attributes",
    [
        {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0)},
        {"kernel_size": (3, 3), "stride": (2, 2), "padding": (1, 1)},
        {"kernel_size": (3, 2), "stride": (1, 2), "padding": (0, 1), "ceil_mode": True},
        {"kernel_size": (2, 2), "stride": (3, 3)},
    ],
)
def test_a_pool_stops_what_shares_a_live_window(attributes):
    rng = np.random.default_rng(1)
    x = autograd.tensor(rng.normal(size=(2, 3, 9, 8)).astype(np.float32), requires_grad=True)
    y = F.max_pool2d(x, **attributes)
    live = (rng.random(y.shape) < 0.6).astype(np.float32)
    (y * autograd.tensor(live)).sum().backward()
    op = y.node
    counted = gate("max_pool", live, x.grad.numpy(), dict(op.attributes))
    kernel, stride = attributes["kernel_size"], attributes["stride"]
    padding = attributes.get("padding", (0, 0))
    arrived = np.zeros(x.shape, bool)
    for n, c, i, j in np.argwhere(live):  # window by window
        top, left = i * stride[0] - padding[0], j * stride[1] - padding[1]
        arrived[n, c, max(top, 0) : top + kernel[0], max(left, 0) : left + kernel[1]] = True
    assert counted.passing == np.sum(x.grad.numpy() != 0)
    assert counted.stopped == np.sum(arrived & (x.grad.numpy() == 0))


@pytest.mark.parametrize(("size", "output"), [((5, 7), (2, 3)), ((4, 3), (6, 1)), ((3, 4, 5), 2)])
def test_the_gate_of_an_adaptive_pool_counts_the_inputs_under_live_windows(size, output):
    rng = np.random.default_rng(1)
    x = autograd.tensor(rng.standard_normal((1, 2, *size)), requires_grad=True)
    function = getattr(nn.functional, f"adaptive_max_pool{len(size)}d")
    y = function(x, output)
    live = (rng.random(y.shape) < 0.4).astype(float)
    y.backward(autograd.tensor(live))
    counted = gate("max_pool", live, x.grad.numpy(), dict(y.node.attributes))
    under = np.zeros(x.shape, bool)
    for at in zip(*np.nonzero(live), strict=True):
        sizes = zip(at[2:], size, y.shape[2:], strict=True)
        under[at[:2]][tuple(slice(i * n // m, -(-(i + 1) * n // m)) for i, n, m in sizes)] = True
    assert counted.passing + counted.stopped == under.sum()
    assert counted.passing == np.count_nonzero(x.grad.numpy())


# ------------------------------------------------------------------------------ findings


def found(net, **options):
    graph = layers_of(one_step(net, **options))
    return find(graph, links(graph))


def test_the_headline_names_the_relu_at_which_gradient_dies():
    net = seeded(digit_net)
    net.block2.bn.bias.data[...] = -1.5  # most positions of block2.relu are closed
    headline = found(net)
    assert headline.dies == "block2.relu" and headline.ringed == 7
    assert "It dies at block2.relu (masks " in headline.text
    assert "channels get none" in headline.text


def test_what_gradient_does_not_reach_is_named():
    net = seeded(digit_net)
    net.block2.bn.bias.data[...] = -100.0
    headline = found(net)
    assert headline.unreached == ("x", "block1.conv", "block1.bn", "block2.conv", "block2.bn")
    assert headline.text.startswith("Gradient does not reach x, block1.conv, block1.bn and 2 more.")


def test_a_gradient_that_is_not_finite_is_named():
    net = seeded(mlp, 784, 4, 10)
    net[2].weight.data[0, 0] = np.inf
    with np.errstate(all="ignore"):
        headline = found(net, images=stroke().reshape(1, 784))
    assert "not finite" in headline.text and headline.not_finite


def test_shrinking_is_named_with_its_factor():
    net = seeded(mlp, 784, 32, 10)
    net[2].weight.data *= 0.01
    headline = found(net, images=stroke().reshape(1, 784))
    path, gain = headline.shrinks
    assert path == "2" and gain < 0.5 and "shrinks at 2 (×" in headline.text


def test_without_backward_the_headline_says_so():
    assert "backward() has not been run" in found(seeded(digit_net), backward=False).text


def test_gains_are_ratios_of_norms():
    graph = layers_of(one_step(seeded(digit_net), classes=(2, 5, 1)))
    for link in links(graph):
        source, target = graph.layers[link.source], graph.layers[link.target]
        assert link.norm == pytest.approx(norm(source.gradient), rel=1e-5)
        assert link.gain == pytest.approx(norm(source.gradient) / norm(target.gradient), rel=1e-5)


# ------------------------------------------------------------------------------- folding


def test_folding_keeps_outputs_gradients_and_parameters():
    graph = layers_of(one_step(seeded(digit_net)))
    folded = fold(graph, 1)
    assert [layer.path for layer in folded.layers] == ["x", "block1", "block2", "head", "loss"]
    before, after = by_path(graph), by_path(folded)
    assert after["block1"].value is before["block1.pool"].value
    assert after["block1"].gradient is before["block1.pool"].gradient
    assert after["block2"].parameters == 1184 and after["block2"].members[0] == "block2.conv"
    squares = sum(
        norm(w.gradient) ** 2 for p in ("block2.conv", "block2.bn") for w in before[p].weights
    )
    assert norm(after["block2"].weights[0].gradient) == pytest.approx(squares**0.5)
    assert folded.is_chain


def test_a_residual_network_folds_to_a_chain():
    graph = layers_of(one_step(seeded(residual_net)))
    assert not graph.is_chain
    assert fold_to_fit(graph, most=10).is_chain
    sums = [layer for layer in graph.layers if layer.kind == "add"]
    assert [len(layer.inputs) for layer in sums] == [2, 2]


def test_a_folded_block_says_how_much_gradient_took_the_bypass():
    graph = layers_of(one_step(seeded(residual_net)))
    before, after = by_path(graph), by_path(fold(graph, 1))
    for block, way in (("same", "same.add"), ("wider", "wider.down")):
        source = graph.layers[before[f"{block}.conv1"].inputs[0]]
        first = before[f"{block}.conv1"].sent[0]
        other = next(
            sent
            for at, sent in zip(before[way].inputs, before[way].sent, strict=True)
            if graph.layers[at] is source
        )
        bypass = after[block].bypass
        assert bypass.branch == pytest.approx(norm(first))
        assert bypass.bypass == pytest.approx(norm(other))
        assert bypass.total == pytest.approx(norm(source.gradient), rel=1e-5)
        assert bypass.share == pytest.approx(norm(other) / (norm(other) + norm(first)))
    assert after["stem"].bypass is None
    headline = find(fold(graph, 1), links(fold(graph, 1))).text
    assert "% of the gradient at a block's input came by its bypass." in headline


def test_blocks_without_a_bypass_have_none():
    assert all(
        layer.bypass is None for layer in fold(layers_of(one_step(seeded(digit_net))), 1).layers
    )


def test_what_went_to_several_outputs_of_a_layer_is_measured_together():
    """The query of cross-attention takes its part of a weight and its part of a bias."""
    layer = nn.TransformerDecoderLayer(4, 2, 3, 0.0)
    rng = np.random.default_rng(5)
    tgt, memory = (autograd.tensor(rng.standard_normal((3, 2, 4)), dtype=np.float32) for _ in "ab")
    loss = (layer(tgt, memory) ** 2).sum()
    loss.backward()
    np.testing.assert_array_equal(merged(np.array([1.0, 2.0]), np.array([3.0, 4.0])), [4, 6])
    assert norm(merged(np.ones((2, 2)), np.full(3, 2.0))) == 4
    graph = layers_of(loss)
    for each in (graph, fold(graph, 1)):
        parts = [part for member in each.layers for part in member.sent if part is not None]
        assert len(parts) > 3 and all(np.all(np.isfinite(part)) for part in parts)
        assert links(each)


def test_an_empty_batch_has_layers_and_no_numbers():
    net = nn.Sequential(
        nn.Conv2d(1, 2, 2), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3), nn.Softmax(1)
    )
    loss = (net(autograd.ones(0, 1, 5, 5)) ** 2).sum()
    loss.backward()
    layers = by_path(layers_of(loss))
    assert layers["0"].shape == (0, 2, 4, 4) and layers["0"].value is None
    assert layers["0"].why_value == layers["0"].why_gradient == "no samples"
    assert layers["1"].gate is None
    assert "no samples" in viz.graph(loss, view="layers").svg()


def test_parameters_of_a_layer_that_is_called_by_itself_are_no_inputs():
    lstm = nn.LSTM(3, 4)
    y, _ = lstm(autograd.ones(5, 2, 3))
    loss = (nn.Linear(4, 1)(y) ** 2).mean()
    loss.backward()
    graph = layers_of(loss)
    assert [layer.name for layer in graph.layers if layer.kind == "input"] == ["x"]
    assert (graph.batch, graph.entries) == (2, "5 steps")
    assert [w.name for w in by_path(graph)["lstm"].weights] == [
        name for name, _ in lstm.named_parameters()
    ]


def test_gains_lie_over_all_ways_and_chips_have_an_initial():
    attention = nn.MultiheadAttention(4, 2)
    net = nn.Sequential(nn.Linear(4, 4))
    x = net(autograd.ones(3, 1, 4))
    loss = (attention(x, x, x)[0] ** 2).mean()
    loss.backward()
    drawn = viz.graph(loss, view="layers").svg()
    last_way = drawn.rindex('class="vs"')
    assert drawn[last_way:].count('class="p"') > 3  # the last way has one, and the legend
    encoder = nn.TransformerEncoderLayer(4, 2, 3, 0.0)
    drawn = viz.graph((encoder(autograd.ones(3, 1, 4)) ** 2).sum(), view="layers").svg()
    assert not re.search(r">i</text>", drawn)


def test_a_print_of_many_channels_leaves_room_for_its_range():
    loss = (nn.Conv2d(2, 1, 2)(autograd.ones(1, 2, 3, 3)) ** 2).mean()
    drawn = viz.graph(loss, view="layers").svg()
    card = drawn[drawn.index('v-x"') :]
    image = re.search(r'<image x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', card)
    words = re.search(r'<text x="([\d.]+)"[^>]*>±1<', card)
    assert float(words[1]) >= float(image[1]) + float(image[2])
