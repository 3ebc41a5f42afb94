"""Rows VZ-02 to VZ-06 of the course: what the picture of a graph shows of what was taught."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import viz

MATRIX = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]
SVG = "{http://www.w3.org/2000/svg}"


def number(value):
    return autograd.tensor(float(value), dtype=np.float64, requires_grad=True)


def cards(figure):
    return {node["name"]: node for node in figure.data["nodes"]}


def edges(figure):
    return {(edge["source"], edge["target"]): edge for edge in figure.data["edges"]}


def groups(figure, kind):
    """Return the groups of the drawing that bear a class, by the end of their ids."""
    root = ET.fromstring(figure.svg())
    return {
        group.get("id").split("-", 1)[1]: group
        for group in root.iter(f"{SVG}g")
        if kind in (group.get("class") or "").split() and group.get("id")
    }


@pytest.mark.parametrize(("stride", "received"), [(2, [1, 1, 1, 1]), (1, [2, 2, 2, 1, 1, 1])])
def test_VZ_02_max_pooling_routes_to_the_winners(stride, received):
    """Windows that overlap let a winner receive more than once."""
    x = autograd.tensor([[MATRIX]], dtype=np.float64, requires_grad=True)
    y = F.max_pool2d(x, 2, stride)
    y.sum().backward()
    data = viz.pool(y).data
    mask = np.zeros((4, 4))
    for entry in data["landed"]:
        mask[tuple(entry["cell"])] = entry["sum"]
    np.testing.assert_array_equal(mask, x.grad.numpy()[0, 0])
    for window in data["windows"]:
        ((i, j),) = window["winners"]
        assert MATRIX[i][j] == window["value"]
    assert sorted(mask[mask > 0].tolist(), reverse=True) == received
    assert data["checked"] and data["receiving"] == len(received)


def test_VZ_03_the_chain_behind_a_dead_relu_is_grey_and_says_why():
    """dh/do = 0, so dL/do = 0 and dL/dW = 0, whatever arrives at h."""
    W, x = number(2), autograd.tensor(-1.0, dtype=np.float64)
    h = autograd.relu(W * x)
    L = (h - 1) ** 2
    L.backward()
    figure = viz.graph(L)
    named = cards(figure)
    assert named["h"]["gradient"] == -2 and named["h"]["gradient_state"] == "known"
    assert named["W"]["gradient"] == 0 and named["W"]["gradient_state"] == "zero"
    assert named["mul"]["gradient_state"] == "zero"
    assert named["mul"]["reason"] == "lost to the constant: −2 < 0"
    assert named["W"]["reason"] == "mul lost"
    (row,) = named["mul"]["rows"]
    assert (row["upstream"], row["local"], row["contribution"]) == (-2, 0, 0)
    states = {pair: edge["state"] for pair, edge in edges(figure).items()}
    assert states[("mul", "h")] == "dies"  # here it ends,
    assert states[("W", "mul")] == "dead"  # and there nothing is left to end
    assert states[("h", "sub")] == "live"
    assert set(groups(figure, "dead")) == {"e-W-mul"}
    assert set(groups(figure, "dies")) == {"e-mul-h"}


def test_VZ_04_a_shared_weight_is_one_card_with_an_edge_for_each_use():
    w = number(3)
    f = (w * 2.0) * (w * 5.0)
    f.backward()
    figure = viz.graph(f)
    (card,) = [node for node in figure.data["nodes"] if node["name"] == "w"]
    contributions = [row["contribution"] for row in card["rows"]]
    assert contributions == [30, 30] and card["gradient"] == sum(contributions) == 2 * 3 * 2 * 5
    assert sum(source == card["id"] for source, _ in edges(figure)) == 2


def test_VZ_05_a_residual_block_has_two_paths_that_add():
    """dy/dx = F'(x) + 1."""
    w, x = number(0.25), number(2)
    y = autograd.tanh(w * x) + x
    y.backward()
    figure = viz.graph(y)
    rows = cards(figure)["x"]["rows"]
    branch = 0.25 * (1 - np.tanh(0.5) ** 2)
    assert [row["contribution"] for row in rows] == pytest.approx([branch, 1])
    assert cards(figure)["x"]["gradient"] == pytest.approx(branch + 1)
    shortcut = edges(figure)[("x", "y")]
    assert (shortcut["upstream"], shortcut["local"], shortcut["state"]) == (1, 1, "live")
    with autograd.no_grad():
        w.fill_(0)
    y = autograd.tanh(w * x) + x
    x.grad = None
    y.backward()
    named = cards(viz.graph(y))  # a branch of 0 is the identity: the gradient comes whole
    assert named["x"]["gradient"] == 1


def test_VZ_06_an_unrolled_rnn_runs_from_left_to_right_in_time():
    W, h, states = number(0.5), autograd.tensor(0.1, dtype=np.float64), []
    for t in range(4):
        h = autograd.tanh(W * h + 0.3 * (t + 1))
        states.append(h)
    h.backward()
    figure = viz.graph(h)
    steps = [node for node in figure.data["nodes"] if node["op"] == "tanh"]
    steps.sort(key=lambda node: node["records"])
    columns = [node["x"] for node in steps]
    assert columns == sorted(columns) and len(set(columns)) == 4
    weight = cards(figure)["W"]  # one card, on the left of all steps, used at each
    assert all(weight["x"] < node["x"] for node in figure.data["nodes"] if node is not weight)
    contributions = [row["contribution"] for row in weight["rows"]]
    assert len(contributions) == 4 and sum(contributions) == pytest.approx(W.grad.item())
    assert weight["gradient"] == W.grad.item()
    # dL/dW through h_t has a factor W tanh' for each later step: the further back, the smaller.
    carried = [node["gradient"] for node in steps[:-1]]
    values = [state.item() for state in states]
    expected = np.cumprod([0.5 * (1 - value**2) for value in values[:0:-1]])[::-1]
    assert carried == pytest.approx(expected.tolist()) and carried == sorted(carried)


def test_VZ_06_an_rnn_layer_unrolls_too():
    autograd.manual_seed(0)
    cell = nn.RNNCell(2, 3)
    h = autograd.zeros(1, 3)
    for x in autograd.randn(3, 1, 2):
        h = cell(x, h)
    h.sum().backward()
    figure = viz.graph(h.sum())
    weight = next(node for node in figure.data["nodes"] if "weight_hh" in node["name"])
    assert len(weight["rows"]) == 3
    places = {node["id"]: node["x"] for node in figure.data["nodes"]}
    assert all(places[source] < places[target] for source, target in edges(figure))
