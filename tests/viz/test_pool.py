"""Max-pool routing: who wins, where gradient lands, what adds up, and that the sums are checked."""

import json

import numpy as np
import pytest

import autograd
import nn.functional as F
from tests.viz.figures import SVG, ground_faults, layout_faults, parse
from tests.viz.networks import digit_net, one_step, seeded
from viz.layers import pool
from viz.layers.grids import Scale
from viz.layers.routing import agrees, read_pool

OVERLAPPING = [
    [1, 3, 2, 0, 1, 2, 0],
    [4, 2, 8, 1, 3, 0, 1],
    [0, 1, 2, 4, 2, 7, 3],
    [2, 3, 1, 5, 0, 2, 1],
    [6, 0, 2, 1, 5, 4, 0],
]


def pooled(x, *arguments, upstream=None, backward=True, **options):
    """Pool an image, (N, C, H, W) or the last two axes of it; upstream is 1 by default."""
    x = np.asarray(x, np.float32)
    x = autograd.tensor(x.reshape((1,) * (4 - x.ndim) + x.shape), requires_grad=True)
    y = F.max_pool2d(x, *arguments, **options)
    if backward:
        given = np.ones(y.shape) if upstream is None else np.reshape(upstream, y.shape)
        (y * autograd.tensor(given.astype(np.float32))).sum().backward()
    return x, y


def words(figure):
    root = parse(figure.svg())
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def received(figure, shape):
    grid = np.zeros(shape)
    for entry in figure.data["landed"]:
        grid[tuple(entry["cell"])] = entry["sum"]
    return grid


def test_overlapping_windows_add_up():
    x, y = pooled(OVERLAPPING, 3, 2, upstream=[[0.5, -1, 0.25], [2, 0.1, -0.4]])
    figure = pool(y)
    landed = {tuple(entry["cell"]): entry for entry in figure.data["landed"]}
    assert landed[1, 2]["text"] == "0.5 + (−1) = −0.5" and landed[2, 5]["sum"] == -0.15
    np.testing.assert_allclose(received(figure, (5, 7)), x.grad.numpy()[0, 0], rtol=1e-6)
    assert figure.data["lines"] == [
        "4 of 35 inputs receive gradient (11 %), 2 of them from more than one window. "
        "Σ upstream = Σ landed = 1.45 ✓",
        "1 window is a tie (dashed); the first cell in row order wins.",
    ]
    assert {"0.5 + (−1)", "= −0.5", ".25 + (−.4)", "= −0.15"} <= set(words(figure))


@pytest.mark.parametrize(
    ("policy", "winners", "line"),
    [
        ("torch", [[[0, 0]], [[0, 3]]], "2 windows are ties (dashed); the first cell in row order"),
        ("first", [[[0, 0]], [[0, 3]]], "2 windows are ties (dashed); the first cell in row order"),
        ("even", [[[0, 0], [0, 1], [1, 1]], [[0, 3], [1, 2]]], "share the gradient evenly"),
        ("none", [[], []], "no cell receives anything"),
    ],
)
def test_ties_follow_the_recorded_policy(policy, winners, line):
    with autograd.ties(policy):
        x, y = pooled([[1, 1, 1, 2], [0, 1, 2, 0]], 2, upstream=[3, 6])
    figure = pool(y)
    assert [window["winners"] for window in figure.data["windows"]] == winners
    assert figure.data["ties"] == policy and line in figure.data["lines"][1]
    np.testing.assert_allclose(received(figure, (2, 4)), x.grad.numpy()[0, 0])
    assert figure.data["checked"] == (policy != "none")
    if policy == "none":
        assert "They differ: 2 tied windows sent nothing." in figure.data["lines"][0]


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 3, "stride": 2, "ceil_mode": True},
        {"kernel_size": (2, 3), "stride": (1, 2), "padding": (0, 1)},
        {"kernel_size": 2, "stride": 3},
        {"kernel_size": 3, "stride": 1},
        {"kernel_size": (1, 2)},
    ],
    ids=str,
)
@pytest.mark.parametrize("policy", ["torch", "even"])
def test_the_routing_is_the_engines(options, policy):
    values = np.random.default_rng(2).integers(0, 6, (2, 3, 9, 8))
    upstream = np.random.default_rng(3).normal(size=F.max_pool2d(
        autograd.tensor(values.astype(np.float32)), **options).shape)  # fmt: skip
    with autograd.ties(policy):
        _, y = pooled(values, **options, upstream=upstream)
    record = read_pool(y)
    assert all(agrees(record, n, c) for n in range(2) for c in range(3))
    figure = pool(y, sample=1)
    assert figure.data["checked"] and "✓" in figure.data["lines"][0]
    parse(figure.svg())


def test_the_check_is_a_check():
    _, y = pooled(OVERLAPPING, 3, 2)
    y.node._contributions = (y.node.contributions[0] * 2,)
    figure = pool(y)
    assert not figure.data["checked"] and "✓" not in figure.data["lines"][0]
    assert "They differ" in figure.data["lines"][0]


def test_gradient_that_lands_on_a_closed_relu_dies_one_step_later():
    x = autograd.tensor([[[[-1.0, -2.0, 3.0, 1.0], [-1.0, -3.0, 0.5, 1.0]]]], requires_grad=True)
    h = autograd.relu(x)
    y = F.max_pool2d(h, 2)
    (y * autograd.tensor([5.0, 7.0])).sum().backward()
    figure = pool(y)
    entry = next(e for e in figure.data["landed"] if e["cell"] == [0, 0])
    assert entry["dies"] and x.grad.numpy()[0, 0, 0].tolist() == [0, 0, 7, 0]
    assert (
        "One gradient, 5, lands where relu gave 0 and dies one step later (hatched)."
        in (figure.data["lines"][1])
    )


def test_without_a_gradient_only_values_are_drawn():
    _, y = pooled(OVERLAPPING, 3, 2, backward=False)
    figure = pool(y)
    assert figure.data["lines"][0] == "Values only, no gradient: backward() not run."
    assert figure.data["landed"] == [] and figure.data["sums"] is None
    assert "gradient of input" not in words(figure) and "output" in words(figure)
    np.testing.assert_array_equal(
        [window["value"] for window in figure.data["windows"]], y.numpy().ravel()
    )


def test_padding_never_wins_and_is_drawn_grey():
    _, y = pooled(-np.arange(1.0, 10).reshape(3, 3), 2, 2, padding=1)
    figure = pool(y)
    assert figure.data["checked"]
    assert "padding never wins" in figure.data["lines"][-1]
    assert all(min(cell) >= 0 for w in figure.data["windows"] for cell in w["winners"])


def test_lines_of_three_axes():
    _, y = pooled(np.float32([[[[3, 1, 2, 2, 0, 5]]]]), (1, 2), upstream=[1, 2, 3])
    figure = pool(y)
    assert [w["winners"][0][1] for w in figure.data["windows"]] == [0, 2, 5]


def test_an_image_without_a_batch():
    x = autograd.tensor(np.float32([OVERLAPPING]), requires_grad=True)
    y = F.max_pool2d(x, 3, 2)
    y.sum().backward()
    assert y.shape == (1, 2, 3)
    np.testing.assert_array_equal(received(pool(y), (5, 7)), x.grad.numpy()[0])


def test_the_crop_shows_what_is_asked_for():
    values = np.random.default_rng(0).normal(size=(2, 3, 40, 40))
    _, y = pooled(values, 2)
    figure = pool(y, channel=1, window=(5, 7), sample=1)
    data = figure.data
    assert (data["channel"], data["sample"]) == (1, 1)
    assert data["rows"] == [5, 10] and data["columns"] == [7, 12]
    assert data["windows"][0]["value"] == pytest.approx(float(y.numpy()[1, 1, 5, 7]))
    assert "rows 10–21, columns 14–25" in figure.text()


def test_the_chosen_crop_carries_gradient():
    values = np.random.default_rng(0).normal(size=(1, 4, 40, 40))
    upstream = np.zeros((1, 4, 20, 20))
    upstream[0, 2, 11:17, 3:9] = 1.0
    _, y = pooled(values, 2, upstream=upstream)
    data = pool(y).data
    assert data["channel"] == 2 and data["receiving"] >= 25


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda y: pool(y * 2), ValueError, "made by multiply; its graph holds these: max_pool2d"),
        (lambda y: pool(autograd.tensor([1.0])), ValueError, "no recorded operation"),
        (lambda y: pool(y, channel=3), IndexError, "channel 3 does not exist; there are 1"),
        (lambda y: pool(y, window=(9, 0)), IndexError, "there are 2×3"),
        (lambda y: pool(y, sample=4), IndexError, "the batch holds 1"),
    ],
    ids=["another op", "no op", "channel", "window", "sample"],
)
def test_what_cannot_be_drawn_is_refused(make, error, said):
    _, y = pooled(OVERLAPPING, 3, 2)
    with pytest.raises(error, match=said):
        make(y)


def test_a_window_that_is_too_large_is_refused():
    _, y = pooled(np.ones((40, 40)), 20)
    with pytest.raises(ValueError, match="20×20 cells is too large"):
        pool(y)


def test_the_same_bytes_twice_and_no_gradient_touched():
    x, y = pooled(OVERLAPPING, 3, 2)
    before = x.grad.numpy().copy()
    first, second = pool(y), pool(y)
    assert first.svg() == second.svg() and json.loads(json.dumps(first.data)) == first.data
    np.testing.assert_array_equal(x.grad.numpy(), before)


def test_hostile_words_are_text():
    _, y = pooled(OVERLAPPING, 3, 2)
    figure = pool(y, subject="<script>alert(1)</script>]]>")
    parse(figure.svg())
    assert "<script>" not in figure.svg() and "<script>alert" not in figure._repr_html_()


@pytest.mark.parametrize("value", [1e-12, 0.5, -123.456, 9.999, 1e9, -0.004, np.inf, np.nan])
def test_dense_numbers_keep_to_four_characters(value):
    scale = Scale.of([value, 0.37, -2.0])
    assert len(scale.text(value)) <= 4
    assert value == 0 or scale.text(value) != "0"


def subjects():
    net = seeded(digit_net)
    loss = one_step(net)
    ops = {}
    waiting = [loss.node]
    while waiting:
        op = waiting.pop()
        ops[op.module] = op
        waiting += [o for o in op.operands if hasattr(o, "operands")]
    rng = np.random.default_rng(0)
    yield "digit", pool(ops["block1.pool"], subject="a stroke")
    yield "digit, second pool", pool(ops["block2.pool"])
    yield (
        "overlapping",
        pool(pooled(OVERLAPPING, 3, 2, upstream=[[0.5, -1, 0.25], [2, 0.1, -0.4]])[1]),
    )
    yield "dense", pool(pooled(rng.normal(size=(1, 2, 9, 9)) * 1e3, 3, 1)[1])
    yield "padded", pool(pooled(rng.normal(size=(5, 5)) * 1e-6, 3, 2, padding=1)[1])
    yield "values only", pool(pooled(rng.normal(size=(6, 6)), 2, backward=False)[1])
    yield "one window", pool(pooled(rng.normal(size=(2, 2)), 2)[1])
    yield "line", pool(pooled(rng.normal(size=(1, 1, 1, 12)), (1, 3))[1])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(scheme, open_page, tmp_path):
    faults = {}
    for name, figure in subjects():
        file = figure.save(tmp_path / f"{name}.svg")
        page = open_page(file, color_scheme=scheme)
        if found := layout_faults(page) + ground_faults(page):
            faults[name] = found
    assert faults == {}


def test_pools_that_the_picture_cannot_show_are_refused():
    x = autograd.ones(1, 1, 6, 6, requires_grad=True)
    with pytest.raises(ValueError, match=r"only windows without gaps .* have dilation \(2, 2\)"):
        pool(F.max_pool2d(x, 2, dilation=2))
    volume = autograd.ones(1, 1, 4, 4, 4, requires_grad=True)
    with pytest.raises(ValueError, match="max-pool of lines or images, .* made by max_pool3d"):
        pool(F.max_pool3d(volume, 2))


def test_a_line_is_drawn_as_an_image_of_one_row():
    x = autograd.tensor([[[1.0, 3.0, 2.0, 5.0, 4.0]]], requires_grad=True)
    y = F.max_pool1d(x, 3, 2)
    (y * autograd.tensor([2.0, 7.0])).sum().backward()
    figure = pool(y)
    assert [w["winners"] for w in figure.data["windows"]] == [[[0, 1]], [[0, 3]]]
    assert {tuple(e["cell"]): e["sum"] for e in figure.data["landed"]} == {(0, 1): 2, (0, 3): 7}
