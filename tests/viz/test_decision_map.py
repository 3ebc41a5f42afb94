"""Decision maps: who decides where, told by the data, and drawn where it belongs."""

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd
import nn
import viz

SVG = "{http://www.w3.org/2000/svg}"
POINTS = [[2.0, 1.0], [-1.0, -1.5], [1.0, -2.0]]


def unit(w, b, *more):
    model = nn.Sequential(nn.Linear(2, 1), *more)
    model[0].load_state_dict({"weight": [w], "bias": [b]})
    return model


def root_of(figure):
    svg = figure.svg()
    json.dumps(figure.data, allow_nan=False)
    assert figure.svg() == svg and "nan" not in re.sub(r">[^<]*<", "", svg)
    return ET.fromstring(svg)


def test_VZ_07_a_data_cloud_and_the_half_planes_of_a_relu_unit():
    """w x + b = 0 parts the plane into where the unit is active and where it is dead."""
    figure = viz.decision_map(
        unit([1.0, -2.0], 0.5),
        POINTS,
        limits=((-3, 3), (-3, 3)),
        classes=("dead", "active"),
    )
    grid = figure.data["grid"]
    x, y = np.meshgrid(grid["x"], grid["y"])
    off = np.abs(x - 2 * y + 0.5) > 1e-5
    assert (np.array(grid["class"]) == (x - 2 * y + 0.5 > 0))[off].all()
    assert [point["predicted"] for point in figure.data["points"]] == [1, 1, 1]
    assert sum(figure.data["shares"]) == pytest.approx(1) and figure.data["accuracy"] is None
    # The border is drawn along that line: from pixels back to numbers.
    root = root_of(figure)
    paths = [p.get("d") for p in root.iter(f"{SVG}path") if "thin" in (p.get("class") or "")]
    assert len(paths) == 2
    for d in paths:
        pixels = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", d), float)
        a, b = -3 + (pixels[:, 0] - 56) / 70, 3 - (pixels[:, 1] - 48) / 70
        inside = (np.abs(a) < 2.99) & (np.abs(b) < 2.99)
        assert inside.sum() > 50
        np.testing.assert_allclose((a - 2 * b + 0.5)[inside], 0, atol=0.01)


def test_a_unit_that_is_dead_everywhere():
    figure = viz.decision_map(unit([1.0, 1.0], -100.0), POINTS, classes=("dead", "active"))
    assert figure.data["shares"] == [1, 0]
    assert "active: 0 % of the plane" in figure.text()
    root_of(figure)


def nearest(x, y):
    return lambda queries: y[autograd.cdist(queries, x).argmin(1)]


def test_CM_03_decision_maps_of_one_neighbour_and_of_a_linear_classifier():
    x = autograd.tensor(np.random.default_rng(0).standard_normal((40, 2)))
    y = autograd.tensor((x.numpy()[:, 0] > 0).astype(np.int64) + (x.numpy()[:, 1] > 1))
    figure = viz.decision_map(nearest(x, y), x, y)
    assert figure.data["accuracy"] == 1 and figure.data["classes"] == ["0", "1", "2"]
    assert "got wrong" not in figure.svg()
    linear = nn.Linear(2, 3).double()
    linear.load_state_dict({"weight": [[-1, 0], [1, 0], [0, 0]], "bias": [0, 0, -9]})
    figure = viz.decision_map(linear, x, y)
    wrong = [p for p in figure.data["points"] if p["class"] != p["predicted"]]
    assert {p["predicted"] for p in wrong} == {0, 1} and figure.data["shares"][2] == 0
    assert figure.data["accuracy"] == 1 - len(wrong) / 40
    root = root_of(figure)
    marks = [g for g in root.iter(f"{SVG}g") if g.get("class") == "mark"]
    rings = [c for c in root.iter(f"{SVG}circle") if "ring" in c.get("class")]
    assert len(marks) == 40 + 3 and len(rings) == len(wrong) + 1  # and those of the legend
    assert f"{sum(y.numpy() == 0)} of {sum(y.numpy() == 0)} points right" in figure.text()
    assert "<td>0</td>" in figure.html()


@pytest.mark.parametrize("targets", [[1, 0, 1], [1, -1, 1], [[1.0], [-1.0], [1.0]]])
def test_one_score_decides_by_its_sign(targets):
    figure = viz.decision_map(lambda x: x[:, 0] + x[:, 1] / 4, POINTS, targets)
    assert figure.data["accuracy"] == 1
    assert [p["class"] for p in figure.data["points"]] == [1, 0, 1]


def test_a_module_is_evaluated_and_left_as_it_was():
    model = unit([1.0, 0.0], 0.0, nn.Dropout(0.5), nn.BatchNorm1d(1))
    model[1].eval()
    statistics = model[2].running_mean.tolist()
    first, second = (viz.decision_map(model, POINTS).data for _ in range(2))
    assert first == second
    assert [m.training for m in model] == [True, False, True]
    assert model[2].running_mean.tolist() == statistics
    assert all(p.grad is None for p in model.parameters())


def test_limits_hold_the_points_and_one_point_has_room():
    data = viz.decision_map(unit([1.0, 0.0], 0.0), POINTS).data
    (left, right), (low, high) = data["limits"]
    assert left < -1 and right > 2 and low < -2 and high > 1
    assert right - left == pytest.approx(high - low)
    assert viz.decision_map(unit([1.0, 0.0], 0.0), [[5.0, 5.0]]).data["limits"] == [[4, 6]] * 2
    assert viz.decision_map(unit([1.0, 0.0], 0.0)).data["points"] == []


@pytest.mark.parametrize(
    ("model", "arguments", "said"),
    [
        (unit([1.0, 0.0], 0.0), ([[1.0, 2, 3]],), r"points of shape \(N, 2\), got \(1, 3\)"),
        (unit([1.0, 0.0], 0.0), (POINTS, [1, 0]), r"3 points need as many classes, got shape \(2"),
        (unit([1.0, 0.0], 0.0), (POINTS, [1, 0, 2]), "expected classes from 0 to 1, got 0 to 2"),
        (unit([1.0, 0.0], 0.0), (None, [1]), "got classes y, but no points x"),
        (
            lambda x: x.sum(),
            (POINTS,),
            r"of 25921 points, got shape \(\)",
        ),
        (lambda x: x / 0, (POINTS,), "a score is not finite"),
    ],
)
def test_what_cannot_be_drawn_is_said(model, arguments, said):
    with pytest.raises(ValueError, match=f"decision_map: .*{said}"), np.errstate(all="ignore"):
        viz.decision_map(model, *arguments)


def test_limits_in_disorder():
    with pytest.raises(ValueError, match="decision_map: limits must be in order"):
        viz.decision_map(unit([1.0, 0.0], 0.0), limits=((1, -1), (0, 1)))
