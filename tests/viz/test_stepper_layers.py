"""Stepping through a network: one layer's rule at a time, with the engine's own norms."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import viz
from tests.viz.walks import exam, training_step
from viz.tensors.words import measured


def norm(tensor):
    return measured(float(np.linalg.norm(tensor.numpy().astype(float))))


def sent(stepper):
    """What each layer sends to its parameters, by layer and name."""
    return {
        (entry["name"], who.removeprefix("to ")): what
        for entry in stepper.data["nodes"].values()
        for _, who, _, what in entry["sent"]
    }


def test_a_network_is_stepped_by_layer():
    net, image, loss = training_step()
    stepper = viz.backprop(loss, model=net)
    walked = [stepper.data["nodes"][f.node]["name"] for f in stepper if f.phase == "backward"]
    assert walked == ["loss", "loss", "4", "3", "2", "1", "0"]  # the seed, then layer by layer
    assert stepper[-1].words == "Every gradient is known: 4 parameters receive theirs."


def test_the_norms_are_the_engines():
    net, image, loss = training_step()
    stepper = viz.backprop(loss, model=net)
    assert all(parameter.grad is None for parameter in net.parameters())
    loss.backward()
    shown = sent(stepper)
    for path, parameter in net.named_parameters():
        layer, name = path.split(".")
        assert shown[layer, name] == norm(parameter.grad), path
    final = {id: text for frame in stepper for id, text, whole in frame.gradients if whole}
    by_name = {entry["name"]: id for id, entry in stepper.data["nodes"].items()}
    assert final[by_name["image"]] == norm(image.grad)


def test_gain_times_what_came_is_what_left():
    net, image, loss = training_step()
    steps = [f for f in viz.backprop(loss, model=net) if f.numbers.get("gain") is not None]
    assert len(steps) == 6
    for frame in steps:
        came, left, gain = (frame.numbers[k] for k in ("upstream", "contribution", "gain"))
        assert np.isclose(came * gain, left[0])
        assert measured(came) in frame.formula_text


def test_a_pool_says_how_many_positions_receive():
    net, image, loss = training_step()
    words = [frame.words for frame in viz.backprop(loss, model=net)]
    assert "2 sends each window’s gradient to its winner: 25 % of positions receive." in words


def test_after_backward_what_was_kept_is_replayed():
    net, image, loss = training_step()
    fresh = [frame.text for frame in viz.backprop(loss, model=net)]
    loss.backward()
    assert [frame.text for frame in viz.backprop(loss, model=net)] == fresh


def test_forward_goes_through_the_layers_first():
    net, image, loss = training_step()
    phases = [frame.phase for frame in viz.backprop(loss, model=net, forward=True)]
    assert phases.count("forward") == 6
    assert phases.index("backward") == 7


def test_cards_can_be_asked_for_and_layers_refused():
    net, image, loss = training_step()
    stepper = viz.backprop(loss, granularity="node")
    assert "layers" not in stepper.data
    with pytest.raises(ValueError, match="wrt goes with contributions"):
        viz.backprop(loss, granularity="layer", wrt=image)
    L, names = exam()
    assert "layers" not in viz.backprop(L, names=names).data


def test_frames_and_storyboard_are_svg():
    net, image, loss = training_step()
    stepper = viz.backprop(loss, model=net)
    for picture in (stepper.frame(3), stepper.storyboard()):
        root = ElementTree.fromstring(picture.svg())
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))


def test_in_a_browser_the_gradients_appear_layer_by_layer(open_page, tmp_path):
    net, image, loss = training_step()
    stepper = viz.backprop(loss, model=net)
    page = open_page(stepper.save(tmp_path / "layers.html"))
    shown = (
        "() => [...document.querySelectorAll('.gb')]"
        ".filter(e => getComputedStyle(e).visibility === 'visible').length"
    )
    assert page.evaluate(shown) == 0
    seen = []
    for _ in range(len(stepper) - 1):
        page.keyboard.press("ArrowRight")
        seen.append(page.evaluate(shown))
    assert seen == sorted(seen)
    assert seen[0] == 1
    assert seen[-1] == 7
    assert page.is_disabled(".next")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.text_content(".words").startswith("loss sends back p − y")
    assert page.locator(".node.target").count() == 1
