"""The summary of a model: its numbers, its faces, hostile names, and rows that are joined."""

import json
import tracemalloc

import pytest

import autograd
import nn
import viz
from tests.viz.figures import SVG, ground_faults, layout_faults, parse


def exam():
    """SH-02 and SH-03, with a normalisation that has no cost of its own."""
    return nn.Sequential(
        nn.Conv2d(1, 10, 5, padding=2),
        nn.BatchNorm2d(10),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2560, 10),
    )


EXAM = """\
Sequential on 1×32×32
layer  type         output    parameters  multiply-adds  field  jump  activations
0      Conv2d       10×32×32         260        256,000      5     1     40.0 KiB
1      BatchNorm2d  10×32×32          20              0      5     1     40.0 KiB
2      ReLU         10×32×32           0              0      5     1            0
3      MaxPool2d    10×16×16           0              0      6     2     10.0 KiB
4      Flatten      2560               0              0      6     2            0
5      Linear       10            25,610         25,600     36     —         40 B
parameters 25,890 (25,860 weights, 30 biases), 101.1 KiB
multiply-adds 281,600
activations 24,074 values with the input, 94.0 KiB"""


def test_the_table_as_text():
    figure = viz.summary(exam(), (1, 32, 32))
    assert figure.text() == str(figure) == EXAM
    assert repr(figure) == "<Summary 'Sequential on 1×32×32'>"
    bundle = figure._repr_mimebundle_()
    assert bundle["text/plain"] == EXAM and "<table>" in bundle["text/html"]


def test_the_data_are_numbers():
    figure = viz.summary(exam(), (1, 32, 32))
    assert json.loads(json.dumps(figure.data)) == figure.data
    assert figure.data["totals"]["parameters"] == figure.trace.parameters == 25_890
    assert figure.data["layers"][3] == {
        "path": "3",
        "kind": "MaxPool2d",
        "output": [10, 16, 16],
        "weights": 0,
        "biases": 0,
        "multiply_adds": 0,
        "activations": 2560,
        "direct": [2, 2],
        "field": [6, 6],
        "jump": [2.0, 2.0],
        "start": [-2.0, -2.0],
    }
    with pytest.raises(AttributeError, match="Summary is immutable"):
        figure.trace = None


def test_rows_of_one_part_are_joined():
    model = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()),
        nn.Sequential(nn.Conv2d(4, 4, 3)),
        nn.Flatten(),
    )
    figure = viz.summary(model, (3, 8, 8), depth=1)
    keys = ("path", "kind", "output", "field")
    rows = [tuple(row[key] for key in keys) for row in figure.data["layers"]]
    assert rows == [
        ("0", "Sequential", [4, 6, 6], [3, 3]),
        ("1", "Sequential", [4, 4, 4], [5, 5]),
        ("2", "Flatten", [64], [5, 5]),
    ]
    whole = viz.summary(model, (3, 8, 8)).data
    for number in ("weights", "biases", "multiply_adds", "activations"):
        assert sum(row[number] for row in figure.data["layers"]) == sum(
            row[number] for row in whole["layers"]
        )
    assert figure.data["totals"] == whole["totals"]
    assert viz.summary(model, (3, 8, 8), depth=2).data == whole
    with pytest.raises(ValueError, match="summary: depth must be an int of at least 1, got 0"):
        viz.summary(model, (3, 8, 8), depth=0)


def test_what_is_frozen_not_called_or_without_places():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.used = nn.Linear(3, 2).requires_grad_(False)
            self.spare = nn.Linear(2, 2)

        def forward(self, x):
            return self.used(x).sum(1)

    lines = viz.summary(Model(), (3,)).text().splitlines()
    assert lines[2].split() == ["used", "Linear", "2", "8", "6", "—", "—", "8", "B"]
    assert lines[3].split()[:3] == ["F.sum", "one", "value"]
    assert lines[4].split()[:5] == ["spare", "Linear", "not", "called", "6"]
    assert lines[5] == "parameters 14 (10 weights, 4 biases; 8 frozen), 56 B"


def test_unequal_axes_are_written_out():
    line = viz.summary(nn.Conv2d(1, 1, (3, 5), (1, 2)), (1, 8, 9)).text().splitlines()[2]
    assert line.split()[4:6] == ["3×5", "1×2"]


def test_a_model_without_values():
    with nn.shape_only():
        model = nn.Sequential(nn.Flatten(), nn.Linear(25088, 4096))
    tracemalloc.start()
    try:
        figure = viz.summary(model, (512, 7, 7))
        figure.svg()
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert "parameters 102,764,544 (102,760,448 weights, 4,096 biases), 392.0 MiB" in figure.text()


HOSTILE = '</td><script>alert("x")</script>]]>&'


def test_names_are_escaped():
    model = nn.Sequential({HOSTILE: nn.Linear(2, 2)})
    figure = viz.summary(model, (2,))
    assert HOSTILE in figure.text()
    for face in (figure._repr_html_(), figure.html()):
        assert "<script>alert" not in face and "&lt;script&gt;alert" in face
    words = ["".join(text.itertext()) for text in parse(figure.svg()).iter(f"{SVG}text")]
    assert HOSTILE in words


def test_the_same_bytes_twice_and_ids_of_its_own():
    first, again = (viz.summary(exam(), (1, 32, 32)).svg() for _ in range(2))
    assert first == again
    root, other = parse(first), parse(viz.summary(exam(), (1, 32, 32), theme="dark").svg())
    assert root.get("id").endswith("-figure")
    assert parse(viz.summary(nn.ReLU(), (3,)).svg()).get("id") != root.get("id") == other.get("id")


def test_it_is_saved_in_every_format(tmp_path):
    figure = viz.summary(exam(), (1, 32, 32))
    assert figure.save(tmp_path / "model.txt").read_text(encoding="utf-8") == EXAM
    assert figure.save(tmp_path / "model.svg").read_text(encoding="utf-8") == figure.svg()
    assert "<svg" in figure.save(tmp_path / "model.html").read_text(encoding="utf-8")


def test_integers_and_another_place_of_the_batch():
    class Embed(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(autograd.zeros(10, 4))

        def forward(self, x):
            return self.weight[x]

    figure = viz.summary(Embed(), (7,), dtype="int64", batch_axis=1)
    assert figure.data["layers"][0]["output"] == [7, 4]


def test_it_can_be_read_in_a_browser(open_page, tmp_path):
    page = open_page(viz.summary(exam(), (1, 32, 32)).save(tmp_path / "model.html"))
    assert layout_faults(page) == []
    assert ground_faults(page) == []
