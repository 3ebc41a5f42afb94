"""The picture of a training step: its data, its SVG, and what it leaves alone."""

import json
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
import optim
import viz
from tests.viz.figures import SVG, ground_faults, layout_faults, parse
from tests.viz.networks import LeNet, digit_net, mlp, one_step, residual_net, seeded, stroke
from viz.tensors import layer_graph
from viz.tensors.layers import Layer
from viz.tensors.placement import attached_height, place_chain

HOSTILE = '<script>alert("1")</script>]]>&\'"'


@pytest.fixture(scope="module")
def step():
    net = seeded(digit_net)
    return net, one_step(net)


def test_data_holds_every_number(step):
    net, loss = step
    data = layer_graph(loss, model=net, lr=0.01).data
    assert json.loads(json.dumps(data)) == data
    layers = {layer["path"]: layer for layer in data["layers"]}
    weight = net.block1.conv.weight
    (chip,) = layers["block1.conv"]["parameters"]
    assert chip["gradient_norm"] == pytest.approx(np.linalg.norm(weight.grad.numpy()), rel=1e-5)
    ratio = 0.01 * np.linalg.norm(weight.grad.numpy()) / np.linalg.norm(weight.detach().numpy())
    assert chip["update"] == pytest.approx(ratio, rel=1e-5)
    relu = layers["block1.relu"]["gate"]
    upstream = layers["block1.relu"]["gradient"]["zero_share"]
    assert (relu["passing"] + relu["stopped"]) / relu["size"] == pytest.approx(1 - upstream)
    classes = data["classes"]
    assert classes["is_p_minus_y"] and classes["target"] == 2
    expected = np.array(classes["p"]) - (np.arange(10) == 2)
    np.testing.assert_allclose(classes["gradient"], expected, atol=1e-5)
    assert sum(classes["p"]) == pytest.approx(1)


def test_the_same_bytes_twice(step):
    net, loss = step
    first, second = (layer_graph(loss, model=net, lr=0.01) for _ in range(2))
    assert first.svg() == second.svg() and first.data == second.data
    assert first.text() == second.text() and first.dot() == second.dot()


def test_drawing_touches_no_gradient(step):
    net, loss = step
    before = {name: p.grad.numpy().copy() for name, p in net.named_parameters()}
    held = {name: p.grad for name, p in net.named_parameters()}
    layer_graph(loss, model=net).svg()
    for name, parameter in net.named_parameters():
        assert parameter.grad is held[name]
        np.testing.assert_array_equal(parameter.grad.numpy(), before[name])


def test_the_drawing_is_whole_xml_with_a_part_for_everything(step):
    net, loss = step
    figure = layer_graph(loss, model=net, prefix="f-")
    root = parse(figure.svg())
    ids = {element.get("id") for element in root.iter()}
    for layer in figure.data["layers"]:
        assert {f"f-{part}-{layer['path']}" for part in "nvg"} <= ids
    for edge in figure.data["edges"]:
        name = f"{edge['source']}-{edge['target']}"
        assert {f"f-e-{name}", f"f-r-{name}"} <= ids
    assert {"f-p-head.fc.weight", "f-k-block2.pool", "f-findings"} <= ids
    words = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    for said in ("Sequential · 88 parameters", "Conv2d 3×3 s1 p1", "p − y", "How to read"):
        assert said in words


def test_hostile_names_are_text():
    net = nn.Sequential(OrderedDict([(HOSTILE, nn.Linear(4, 4)), ("b ]]> <", nn.Linear(4, 3))]))
    loss = one_step(net, np.ones((1, 4), np.float32))
    figure = layer_graph(
        loss, model=net, title=HOSTILE, labels=[HOSTILE, "<b>", "\x00"], names={loss.node: HOSTILE}
    )
    root = parse(figure.svg())
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert titles[0] == HOSTILE and any(HOSTILE in title for title in titles[1:])
    for face in (figure.html(), figure._repr_html_()):
        assert "<script>alert" not in face
    assert "<script>alert" in figure.text()  # a terminal runs nothing


def test_a_batch_shows_its_first_sample_and_says_so():
    net = seeded(digit_net)
    figure = layer_graph(one_step(net, classes=(2, 5, 7)), model=net)
    assert "first of 3 samples" in figure.data["remarks"][0] and "3 samples" in figure.title
    layers = {layer["path"]: layer for layer in figure.data["layers"]}
    whole = np.linalg.norm(net.head.fc.weight.grad.numpy())
    (weight, _) = layers["head.fc"]["parameters"]
    assert weight["gradient_norm"] == pytest.approx(whole, rel=1e-5)
    assert figure.data["classes"]["is_p_minus_y"]  # three times the kept gradient: the mean's share


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("batch_first", [True, False])
def test_a_sequence_has_steps_and_samples(kind, batch_first):
    """Its first axis is time, also where the layer turned a batch of sequences round."""

    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = kind(3, 4, batch_first=batch_first)
            self.out = nn.Linear(4, 2)

        def forward(self, x):
            y, _ = self.recurrent(x)
            return self.out(y[:, -1] if batch_first else y[-1])

    for steps, samples, title in [(5, 2, "2 samples of 5 steps"), (3, 3, "3 samples of 3 steps")]:
        net = seeded(Last)
        x = autograd.randn(*((samples, steps) if batch_first else (steps, samples)), 3)
        loss = nn.functional.cross_entropy(net(x), autograd.arange(samples) % 2)
        loss.backward()
        figure = layer_graph(loss, model=net)
        assert figure.title == f"One training step, {title}"
        assert f"the first of {steps} steps; norms" in figure.data["remarks"][0]


def test_rows_that_go_together_are_no_samples():
    """An unrolled recurrence takes the steps of all sequences as rows of one product."""
    rnn, out = nn.RNN(3, 4), nn.Linear(4, 2)
    loss = nn.functional.cross_entropy(out(rnn(autograd.randn(5, 2, 3))[0][-1]), [0, 1])
    loss.backward()
    figure = layer_graph(loss)
    assert figure.title == "One training step, 2 samples"
    assert "the first of 10 rows; norms" in figure.data["remarks"][0]


def test_images_that_a_product_takes_are_no_sequence():
    """(N, L, F) is read as samples unless it is scored by its second axis."""
    for pooled, title in ((1, "4 samples"), (0, "2 samples of 4 steps")):
        net = nn.Linear(3, 2)
        scores = net(autograd.randn(4, 2, 3)).mean(pooled)
        loss = nn.functional.cross_entropy(scores, autograd.arange(len(scores)) % 2)
        loss.backward()
        assert layer_graph(loss, model=net).title == f"One training step, {title}"


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (nn.LayerNorm((4, 4)), "LayerNorm · 4×4"),
        (nn.RMSNorm(4), "RMSNorm · 4"),
        (nn.GroupNorm(2, 6), "GroupNorm · 2 of 3"),
        (nn.InstanceNorm2d(6), "InstanceNorm2d"),
        (nn.LocalResponseNorm(2), "LocalResponseNorm 2"),
    ],
)
def test_every_norm_is_called_by_its_name(layer, words):
    net = nn.Sequential(nn.Conv2d(1, 6, 3), layer, nn.Flatten(), nn.Linear(96, 2))
    loss = nn.functional.cross_entropy(net(autograd.randn(2, 1, 6, 6)), autograd.tensor([0, 1]))
    loss.backward()
    captions = [row["caption"] for row in layer_graph(loss, model=net).data["layers"]]
    assert captions[2] == words


def test_after_the_step_the_picture_says_what_changed():
    net = seeded(mlp, 784, 10)
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    loss = one_step(net, stroke().reshape(1, 784), keep=False)
    assert not layer_graph(loss).data["remarks"]
    optimizer.step()
    figure = layer_graph(loss, optimizer=optimizer)
    assert "Changed since the forward pass used it: 0.weight" in figure.data["remarks"][0]
    assert ">changed<" in figure.svg() and "SGD, lr 0.1" in figure.svg()


def test_missing_gradients_are_said_not_drawn():
    net = seeded(digit_net)
    figure = layer_graph(one_step(net, wanted=False), model=net)
    assert figure.data["layers"][0]["gradient"] == {"kept": False, "why": "requires_grad=False"}
    assert "requires_grad=False" in figure.svg()
    figure = layer_graph(one_step(net, backward=False), model=net)
    assert figure.title == "One forward pass" and "backward() not run" in figure.svg()
    assert all(edge["norm"] is None for edge in figure.data["edges"])


def test_a_dead_channel_is_hatched_not_white():
    net = seeded(digit_net)
    net.block1.bn.bias.data[3] = -100.0
    figure = layer_graph(one_step(net), model=net)
    layers = {layer["path"]: layer for layer in figure.data["layers"]}
    assert 3 in layers["block1.relu"]["channels"]
    assert "channel 3, value: all zero" in figure.svg()


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_colours_are_literal_and_scoped(step, theme):
    net, loss = step
    svg = layer_graph(loss, theme=theme, prefix="q-").svg()
    style = next(parse(svg).iter(f"{SVG}style")).text
    assert "var(" not in style
    assert ("prefers-color-scheme" in style) == (theme == "auto")
    rules = style.replace("@media (prefers-color-scheme:dark){", "").split("}")
    for rule in filter(None, rules):
        for selector in rule.split("{")[0].split(","):
            assert selector.strip().startswith("#q-figure")


def test_more_classes_than_fit_are_counted():
    net = seeded(mlp, 784, 40)
    figure = layer_graph(one_step(net, stroke().reshape(1, 784), classes=(33,)))
    classes = figure.data["classes"]
    assert len(classes["classes"]) == 10 and 33 in classes["classes"]
    assert ">10 of 40<" in figure.svg()


def test_deep_networks_fold_to_two_dozen_cards():
    net = seeded(
        lambda: nn.Sequential(
            OrderedDict((f"stage{n}", mlp(*[8] * 7)) for n in range(8)),
        )
    )
    figure = layer_graph(one_step(net, np.ones((1, 8), np.float32)), model=net)
    assert len(figure.data["layers"]) <= 24
    assert figure.data["layers"][1]["members"][0] == "stage0.0"


# ---------------------------------------------------------------- placement, by arithmetic

KINDS = st.sampled_from(["convolution", "norm", "relu", "max_pool", "linear", "reshape"])


def chain(kinds, sizes, target):
    layers = [Layer("x", "x", "", "input", "", (1, 3, 8, 8), None, None)]
    clusters = [f"m{n}" if size % 3 else "" for n, size in enumerate(sizes) for _ in range(size)]
    for number, (kind, cluster) in enumerate(zip(kinds, clusters, strict=False)):
        layers.append(
            Layer(f"{cluster}.{number}", str(number), cluster, kind, "", (1, 4), None, None,
                  inputs=(number,))
        )  # fmt: skip
    end = Layer("loss", "loss", "", "cross_entropy", "", (), None, None,
                inputs=(len(layers) - 1,), target=target)  # fmt: skip
    return [*layers, end]


@given(
    kinds=st.lists(KINDS, max_size=30),
    sizes=st.lists(st.integers(1, 9), min_size=30, max_size=30),
    target=st.sampled_from([None, 1]),
)
def test_cards_never_overlap_and_rows_run_right(kinds, sizes, target):
    layers = chain(kinds, sizes, target)
    placement = place_chain(layers, 70)
    boxes = sorted(placement.boxes, key=lambda box: box.layer)
    assert [box.layer for box in boxes] == list(range(len(layers)))
    for box, after in zip(boxes, boxes[1:], strict=False):
        assert after.row > box.row or after.x >= box.right + 44
        assert after.row - box.row in (0, 1)
    for box in boxes:
        assert box.right <= placement.width and box.y + box.height <= placement.height
        for other in boxes:
            if other.layer > box.layer and other.x < box.right and box.x < other.right:
                assert other.y >= box.y + box.height + attached_height(layers[box.layer])
    if placement.legend:
        top, bottom = placement.legend
        for box in boxes:
            assert box.x >= 160 or box.y >= bottom or box.y + box.height <= top


# ------------------------------------------------------------------------- in a browser


def subjects():
    flat = stroke().reshape(1, 784)
    yield "digit", lambda: layer_graph(one_step(net := seeded(digit_net)), model=net, lr=0.01)
    yield "batch", lambda: layer_graph(one_step(seeded(digit_net), classes=(2, 8, 9)), lr=0.01)
    yield "functional", lambda: layer_graph(one_step(seeded(LeNet)), lr=1e-6)
    yield "mlp", lambda: layer_graph(one_step(seeded(mlp, 784, 64, 97, 10), flat), lr=3.0)
    yield "tiny", lambda: layer_graph(one_step(seeded(mlp, 2, 3), np.ones((1, 2), np.float32)))
    yield "no gradient asked", lambda: layer_graph(one_step(seeded(digit_net), wanted=False))
    yield "forward only", lambda: layer_graph(one_step(seeded(digit_net), backward=False))
    yield "residual, folded", lambda: layer_graph(one_step(seeded(residual_net)), depth=1)
    yield "residual, open", lambda: layer_graph(one_step(seeded(residual_net)), depth=9)
    yield "long names", long_names
    yield "not finite", not_finite
    yield "nothing arrives", dead
    yield "shared module", lambda: layer_graph(recurrent())
    yield "not kept", not_kept
    yield "regression", regression
    yield "many classes", lambda: layer_graph(one_step(seeded(mlp, 784, 40), flat, (33,)))


def not_finite():
    net = seeded(digit_net)
    net.block2.conv.weight.data[0, 0] = np.nan
    with np.errstate(all="ignore"):
        figure = layer_graph(one_step(net))
    assert figure.data["findings"]["headline"].startswith("Values are not finite from block2.conv")
    return figure


def dead():
    net = seeded(digit_net)
    net.block2.bn.bias.data[...] = -100.0
    return layer_graph(one_step(net), lr=0.1)


def recurrent():
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.step, self.out = nn.Linear(28, 28), nn.Linear(28, 10)

        def forward(self, x):
            h = x[:, 0]
            for row in range(1, 4):
                h = autograd.tanh(self.step(h) + x[:, row])
            return self.out(h)

    return one_step(seeded(Recurrent), stroke()[:, 0])


def not_kept():
    net = seeded(digit_net)
    loss = one_step(net, classes=(1, 2, 3) * 9, keep=False)
    one_step(net, classes=(1, 2, 3) * 9, keep=False, backward=False)  # the next step's forward
    figure = layer_graph(loss, model=net)
    assert "under autograd.inspect()" in figure.data["remarks"][1]
    assert "— not kept" in figure.svg()
    return figure


def regression():
    net = seeded(mlp, 784, 16, 1)
    x = autograd.tensor(stroke(3).reshape(3, 784))
    loss = ((net(x) - autograd.tensor(np.ones((3, 1), np.float32))) ** 2).mean()
    loss = loss + 1e-3 * (net[0].weight * net[0].weight).sum()
    loss.backward()
    return layer_graph(loss, model=net, lr=0.1)


def long_names():
    name = "a_module_with_a_very_long_name_indeed"
    net = nn.Sequential(OrderedDict([(name, mlp(4, 4, 4)), ("tail" * 9, nn.Linear(4, 3))]))
    labels = ["a long-haired dachshund", "cat", "mouse"]
    loss = one_step(net, 1e-8 * np.ones((1, 4), np.float32))
    return layer_graph(loss, model=net, lr=1e-5, labels=labels, title="A title " * 9)


SUBJECTS = dict(subjects())


@pytest.mark.parametrize("name", SUBJECTS)
def test_everything_can_be_read(name, open_page, tmp_path):
    file = tmp_path / "figure.svg"
    SUBJECTS[name]().save(file)
    assert layout_faults(open_page(file)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["digit", "residual, open", "nothing arrives", "not kept"])
def test_text_stands_out_from_its_ground_and_on_no_line(name, scheme, open_page, tmp_path):
    page = open_page(SUBJECTS[name]().save(tmp_path / "figure.svg"), color_scheme=scheme)
    assert ground_faults(page) == []
    ground = page.evaluate("() => getComputedStyle(document.querySelector('.bg')).fill")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 23, 30)"}[scheme]


def test_autograd_is_not_needed_to_look(step):
    """A figure holds no node: the graph may go."""
    net, loss = step
    figure = layer_graph(loss, model=net)
    svg = figure.svg()
    with autograd.no_grad():
        assert layer_graph(loss, model=net).svg() == svg


def test_graph_draws_layers_where_numbers_are_many():
    net, image = seeded(digit_net), autograd.tensor(stroke(), requires_grad=True)
    loss = nn.CrossEntropyLoss()(net(image), autograd.tensor([4]))
    before = viz.graph(loss, params=net, labels=[f"class {n}" for n in range(10)], lr=0.5)
    assert before.data["kind"] == "layers" and before.data["layers"][0]["path"] == "image"
    assert image.grad is None and net.head.fc.weight.grad is None  # walked, not accumulated
    assert before.data["layers"][0]["gradient"]["norm"] > 0
    loss.backward()
    after = viz.graph(loss, params=net, labels=[f"class {n}" for n in range(10)], lr=0.5)
    assert after.data == before.data
    with pytest.raises(TypeError, match="lr belongs to view='layers'"):
        viz.graph(image.sum() * 2, view="op", lr=1.0)


@pytest.mark.parametrize("target", range(10))
def test_the_loss_says_what_the_step_does_whole(target):
    loss = one_step(seeded(mlp, 784, 10), stroke().reshape(1, 784), (target,))
    svg = layer_graph(loss).svg()
    assert f"raises logit {target}, lowers" in svg or f"raises {target}, lowers" in svg
