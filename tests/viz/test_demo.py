"""The main job, on few digits: it trains, draws, and its pages open from disk."""

import re
import xml.etree.ElementTree as ET
from importlib import import_module

import numpy as np
import pytest

import optim
import viz
from viz.charts.scale import apart
from viz.command import main
from viz.demo.curve import curve, running_mean
from viz.demo.network import digit_net, hard_digit, one_step, train
from viz.demo.run import run
from viz.tensors.words import measured

FILES = (
    "index.html",
    "graph.svg",
    "backprop.html",
    "pool.svg",
    "overlap.svg",
    "exam.svg",
    "exam.html",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    run(folder, epochs=2, digits=1500, progress=False)
    return folder


@pytest.fixture(scope="module")
def trained():
    return train(epochs=2, digits=1500, progress=False)


def test_the_network_has_the_parts_that_the_demo_is_about():
    names = [name for name, _ in digit_net().named_parameters()]
    assert names == [
        "block1.conv.weight", "block1.bn.weight", "block1.bn.bias",
        "block2.conv.weight", "block2.bn.weight", "block2.bn.bias",
        "head.fc.weight", "head.fc.bias",
    ]  # fmt: skip


def test_it_learns(trained):
    assert trained.accuracy_before < 0.3
    assert trained.accuracy > 0.9
    assert trained.parameters == 9122
    assert len(trained.history.steps) == 2 * 24


def test_the_training_of_the_demo_reads_96_percent_of_the_held_out_digits():
    training = train(epochs=6, seed=1, progress=False)
    assert training.digits == 5000
    assert training.accuracy >= 0.96


def test_the_same_seed_trains_the_same_network(trained):
    again = train(epochs=2, digits=1500, progress=False)
    assert again.history.steps == trained.history.steps


def test_the_hard_digit_is_read_rightly_but_only_just(trained):
    step = hard_digit(trained.model)
    assert step.probabilities.argmax() == step.label
    assert step.probabilities.max() < 0.9
    assert step.x.grad.shape == (1, 1, 28, 28)
    assert step.pooled.shape == (1, 8, 14, 14)
    np.testing.assert_allclose(step.loss.item(), -np.log(step.probabilities[step.label]), rtol=1e-4)


def test_drawing_leaves_the_gradients_alone(trained):
    image = np.random.default_rng(0).standard_normal((1, 28, 28)).astype(np.float32)
    step = one_step(trained.model, image, 3)
    before = [parameter.grad.numpy().copy() for parameter in trained.model.parameters()]
    for _ in range(2):
        viz.graph(step.loss).svg(), viz.backprop(step.loss).html(), viz.pool(step.pooled).svg()
    after = [parameter.grad.numpy() for parameter in trained.model.parameters()]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_every_file_is_written(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".svg")])
def test_pictures_are_xml_without_references(folder, name):
    text = (folder / name).read_text(encoding="utf-8")
    ET.fromstring(text)
    assert not re.search(r"""(href|src)=["'](?!#|data:)""", text)


def test_the_exam_shows_the_sum_of_both_windows(folder):
    text = re.sub("<[^>]*>", " ", (folder / "exam.svg").read_text(encoding="utf-8"))
    assert re.search(r"15\s*=\s*10\s*\+\s*5", text)
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "two contributions land on it: 10 + 5 = 15." in page


def test_the_page_links_every_file(folder):
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="([a-z.]+)"', page)) == set(FILES) - {"index.html"}
    assert "1,500 digits · 2 epochs" in page


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 800), ("light", 390)])
def test_the_page_opens_from_disk(folder, open_page, scheme, width):
    page = open_page(
        folder / "index.html", color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    assert page.title() == "Backlight: one digit, one step"
    for image in page.query_selector_all("img"):
        assert image.evaluate("image => image.complete && image.naturalWidth > 0")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_step_through_is_whole_on_the_page(folder, open_page):
    page = open_page(folder / "index.html")
    page.locator("iframe").scroll_into_view_if_needed()
    inner = page.frames[1]
    inner.wait_for_selector(".live")
    for box in (".figure", "html"):
        over = "e => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]"
        assert max(inner.eval_on_selector(box, over)) <= 0


@pytest.mark.parametrize(("name", "end"), [("backprop.html", 14), ("exam.html", 28)])
def test_the_step_throughs_are_driven_to_their_end(folder, open_page, name, end):
    page = open_page(folder / name)
    for _ in range(end):
        page.keyboard.press("ArrowRight")
    assert page.text_content(".count") == f"{end} / {end}"
    page.click(".first")
    for _ in range(end):
        page.click(".next")
    assert page.text_content(".count") == f"{end} / {end}"
    assert page.is_disabled(".next")
    page.keyboard.press("Home")  # the button that is disabled now had the focus
    assert page.text_content(".count") == f"0 / {end}"
    assert page.is_visible(".switch") == (name == "exam.html")  # layers ask nothing


def test_the_step_through_shows_the_gradients_that_the_engine_computed(
    trained, tmp_path, open_page
):
    step = hard_digit(trained.model)
    x, loss = step.x, step.loss
    page = open_page(viz.backprop(loss, model=trained.model).save(tmp_path / "step.html"))
    page.keyboard.press("End")
    shown = page.text_content(".figure svg")
    for tensor in (x, trained.model.block1.conv.weight, trained.model.head.fc.weight):
        assert measured(np.linalg.norm(tensor.grad.numpy())) in shown


def test_the_step_through_is_there_without_scripts(folder, open_page):
    assert open_page(folder / "backprop.html", java_script_enabled=False).query_selector("svg")


def test_the_command_ends_with_what_to_look_at(tmp_path, monkeypatch, capsys):
    written = {tmp_path / "index.html": "open this first", tmp_path / "x.svg": "then this"}
    given = {}
    monkeypatch.setattr(
        "viz.demo.run", lambda output, **options: given.update(options, output=output) or written
    )
    assert main(["demo", "--output", "there", "--epochs", "3", "--seed", "5"]) == 0
    assert given == {"output": "there", "epochs": 3, "seed": 5}
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Look at"
    assert lines[1].split() == [str(tmp_path / "index.html"), "open", "this", "first"]


def test_a_folder_that_cannot_be_is_one_line(tmp_path, capsys):
    (tmp_path / "taken").write_text("a file")
    assert main(["demo", "--output", str(tmp_path / "taken")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("backlight demo: ") and "taken" in error and error.count("\n") == 1


def test_damaged_digits_are_one_line(tmp_path, monkeypatch, capsys):
    damaged = tmp_path / "digits.npz"
    damaged.write_bytes(b"no digits")
    monkeypatch.setattr(import_module("optim.data.mnist"), "_FILE", damaged)
    assert main(["demo", "--output", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "is damaged" in said


def test_an_interrupted_training_draws_nothing(tmp_path, monkeypatch, capsys):
    def interrupted(model, loss, data, **options):
        return optim.History(interrupted=True)

    monkeypatch.setattr(optim, "fit", interrupted)
    assert main(["demo", "--output", str(tmp_path / "demo")]) == 130
    assert capsys.readouterr().err == "backlight demo: interrupted\n"
    assert list((tmp_path / "demo").iterdir()) == []


@pytest.mark.parametrize("epochs", ["0", "-1", "many"])
def test_the_command_refuses_impossible_epochs(epochs, capsys):
    with pytest.raises(SystemExit):
        main(["demo", "--epochs", epochs])
    assert "--epochs" in capsys.readouterr().err


def test_the_curve_is_xml_and_says_what_it_shows():
    drawing = curve([0.1, 0.9, 0.965], [0.8, 0.97], [2.3, 1.0, 0.5, 0.2])
    root = ET.fromstring(drawing)
    assert root.get("aria-label") == (
        "Accuracy on held-out digits: 10.0 % before training, 96.5 % after epoch 2"
    )
    assert drawing.count("<circle") == 3


def test_labels_of_the_curve_do_not_overlap():
    for heights in ([20.0, 21.0, 22.0], [264.0, 20.0, 25.0], [250.0, 254.0, 20.0]):
        placed = sorted(apart(heights))
        assert all(below - above >= 18 for above, below in zip(placed, placed[1:], strict=False))


def test_the_running_mean_starts_at_the_first_loss():
    means = running_mean([2.0, 2.0, 2.0])
    assert means == pytest.approx([2.0, 2.0, 2.0])
