"""Charts: the numbers that they show, and that these are drawn where they belong."""

import json
import re
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pytest

import autograd
import nn
import optim
import viz
from optim import lr_scheduler
from optim.data import mnist
from viz.charts.contours import contours, levels_of
from viz.charts.look import DARK_LINES, LIGHT_LINES
from viz.charts.panel import Line, Panel, sheet
from viz.charts.scale import Scale, apart, scale_over
from viz.metrics import text_width
from viz.theme import DARK, LIGHT

SVG = "{http://www.w3.org/2000/svg}"


def checked(figure):
    """Return the root of a figure's SVG, after what holds for all of them."""
    svg = figure.svg()
    root = ET.fromstring(svg)
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    json.dumps(figure.data, allow_nan=False)
    width, height = float(root.get("width")), float(root.get("height"))
    boxes = []
    for text in root.iter(f"{SVG}text"):
        if "halo" in text.get("class", ""):
            continue  # the ground behind a word
        kinds = text.get("class", "").split()
        size = next((int(k[1:]) for k in kinds if re.fullmatch(r"s\d\d", k)), 11)
        long = text_width(text.text, size, mono="m" in kinds, bold="b" in kinds or "sb" in kinds)
        x, y = float(text.get("x")), float(text.get("y"))
        x -= long if "end" in kinds else long / 2 if "mid" in kinds else 0
        boxes.append((x, y - 0.72 * size, x + long, y + 0.2 * size, text.text))
    for left, top, right, bottom, words in boxes:
        assert left >= 0 and top >= 0 and right <= width and bottom <= height, words
    for a, b in combinations(boxes, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"{a[4]!r} lies upon {b[4]!r}"
    assert "nan" not in re.sub(r">[^<]*<", "", svg)
    return root


def points_of(path):
    return [tuple(map(float, pair)) for pair in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


# ---------------------------------------------------------------- surfaces


def bowl(w):
    return (w[0] ** 2 + 100 * w[1] ** 2) / 2


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


OPTIMIZERS = {
    "SGD": lambda w: optim.SGD(w, lr=1e-3),
    "momentum": lambda w: optim.SGD(w, lr=1e-3, momentum=0.9),
    "Nesterov": lambda w: optim.SGD(w, lr=1e-3, momentum=0.9, nesterov=True),
    "Adagrad": lambda w: optim.Adagrad(w, lr=0.3),
    "Adadelta": lambda w: optim.Adadelta(w, lr=5),
    "RMSprop": lambda w: optim.RMSprop(w, lr=0.02),
    "Adam": lambda w: optim.Adam(w, lr=0.1),
    "AdamW": lambda w: optim.AdamW(w, lr=0.1),
    "Adamax": lambda w: optim.Adamax(w, lr=0.1),
    "NAdam": lambda w: optim.NAdam(w, lr=0.1),
    "RAdam": lambda w: optim.RAdam(w, lr=1e-3),  # begins as gradient descent
    "ASGD": lambda w: optim.ASGD(w, lr=1e-3),
    "Rprop": lambda w: optim.Rprop(w, lr=0.01),
    "L-BFGS": lambda w: optim.LBFGS(w, lr=1, max_iter=4, line_search_fn="strong_wolfe"),
}


def walked(make, steps, start=(-1.5, 2.0)):
    """The same path by hand, with the gradient of Rosenbrock's function written out."""
    w = autograd.tensor(start, dtype=np.float64, requires_grad=True)
    optimizer = make([w])

    def closure():
        x, y = map(float, w.numpy(force=True))
        w.grad = autograd.tensor(
            [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)], dtype=np.float64
        )
        return autograd.tensor(rosenbrock(x, y), dtype=np.float64)

    for _ in range(steps):
        optimizer.step(closure)
    return w.tolist()


@pytest.mark.parametrize("names", [list(OPTIMIZERS)[:7], list(OPTIMIZERS)[7:]], ids=["7", "7 more"])
def test_GE_09_contours_with_the_path_of_every_optimiser(names):
    limits = ((-2.0, 1.7), (-0.6, 3.0))
    figure = viz.surface(
        rosenbrock, {name: OPTIMIZERS[name] for name in names}, start=(-1.5, 2.0), steps=30,
        limits=limits, points={"minimum": (1, 1)},
    )  # fmt: skip
    root = checked(figure)
    marks = [group for group in root.iter(f"{SVG}g") if group.get("class") == "mark"]
    for track, mark in zip(figure.data["paths"], marks, strict=False):
        assert len(track["points"]) == 31
        np.testing.assert_allclose(track["end"], walked(OPTIMIZERS[track["name"]], 30), rtol=1e-9)
        assert track["value"] == pytest.approx(rosenbrock(*track["end"]))
        # drawn at that place: the frame is 560 by 420, from (64, 48)
        x, y = points_of(mark[-1].get("d"))[0]
        shown = [-2 + (x - 64) / 560 * 3.7, 3 - (y - 48) / 420 * 3.6]
        np.testing.assert_allclose(shown, track["end"], atol=0.001)
        assert track["name"] in mark[0].text
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert set(names) < set(words) and "minimum" in words


def test_GE_09_a_path_of_known_numbers():
    figure = viz.surface(bowl, {"SGD": lambda w: optim.SGD(w, lr=0.018)}, start=(1, 1), steps=10)
    track = figure.data["paths"][0]
    np.testing.assert_allclose([p[1] for p in track["points"][:4]], [1, -0.8, 0.64, -0.512])
    assert track["end"][0] == pytest.approx(0.83390, abs=1e-5)
    assert figure.data["limits"][1] == pytest.approx([-0.8 - 0.216, 1 + 0.216])


def noisy_path(samples, size, steps, lr=0.1):
    """Descend on the mean of |w - c|^2 / 2, with the gradients of batches of that size."""
    rng = np.random.default_rng(1)
    w = autograd.tensor([4.0, 3.0], dtype=np.float64, requires_grad=True)
    optimizer, points = optim.SGD([w], lr=lr), [w.tolist()]
    for _ in range(steps):
        batch = samples if size is None else samples[rng.integers(0, len(samples), size)]
        optimizer.zero_grad()
        (((w - autograd.tensor(batch)) ** 2).sum(1) / 2).mean().backward()
        optimizer.step()
        points.append(w.tolist())
    return np.array(points)


def test_GE_08_noisy_gradients_make_a_path_jitter_by_the_root_of_the_batch():
    samples = np.random.default_rng(0).normal(0, 2, (50_000, 2))
    sigma = samples.reshape(-1).std()
    assert sigma == pytest.approx(2.0003, abs=1e-4)  # of a gradient, as in OP-11
    paths = {
        "B = 1": noisy_path(samples, 1, 600),
        "B = 16": noisy_path(samples, 16, 600),
        "full batch": noisy_path(samples[:2000], None, 60),
    }
    figure = viz.surface(lambda w: ((w**2)[0] + (w**2)[1]) / 2, paths)
    checked(figure)
    tracks = {track["name"]: np.array(track["points"]) for track in figure.data["paths"]}
    for name, size in (("B = 1", 1), ("B = 16", 16)):
        # a path that has arrived is a moving average of its noise: lr / (2 - lr) of the variance
        expected = sigma / np.sqrt(size) * np.sqrt(0.1 / 1.9)
        assert tracks[name][100:].std(axis=0) == pytest.approx([expected] * 2, rel=0.2)
        np.testing.assert_array_equal(tracks[name], paths[name])
    steps = np.diff(tracks["full batch"], axis=0)
    np.testing.assert_allclose(steps[1:] / steps[:-1], 0.9)  # straight, and shrinking


@pytest.mark.parametrize(
    "f",
    [
        rosenbrock,
        lambda w: rosenbrock(w[0], w[1]),
        lambda x, y: rosenbrock(float(x), float(y)),  # plain: of numbers alone
        lambda w: ((autograd.tensor([1.0, 0.0]) - w) ** 2)[0] + 100 * (w[1] - w[0] ** 2) ** 2,
    ],
    ids=["two tensors", "one tensor", "numbers", "vectors"],
)
def test_a_function_is_the_same_however_it_takes_its_numbers(f):
    figure = viz.surface(f, {"path": [(0, 0), (1, 1)]}, limits=((-1, 1), (0, 2)))
    grid = figure.data["grid"]
    expected = rosenbrock(*np.meshgrid(grid["x"], grid["y"]))
    np.testing.assert_allclose(grid["f"], expected)
    assert figure.data["paths"][0]["values"] == [1, 0]


def test_contours_bound_what_is_above_their_level():
    x, y = np.linspace(-3, 3, 61), np.linspace(-2, 2, 41)
    values = np.sin(2 * x)[None] * np.cos(2 * y)[:, None]
    for level in (-0.5, 0.2, 0.7):
        area = 0.0
        for loop in contours(x, y, values, level):
            a, b = loop, np.roll(loop, -1, axis=0)
            area += 0.5 * (a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]).sum()
        fine = np.sin(2 * np.linspace(-3, 3, 1201)) * np.cos(2 * np.linspace(-2, 2, 801))[:, None]
        assert area == pytest.approx(24 * np.mean(fine > level), rel=0.02)  # left of each loop


def test_a_function_that_is_flat_or_not_finite_somewhere_is_drawn():
    assert levels_of(np.ones((3, 3)), 5) == []
    checked(viz.surface(lambda x, y: 0 * x + 1, limits=((0, 1), (0, 1))))
    figure = viz.surface(lambda x, y: autograd.log(x) + y, limits=((-1, 1), (0, 1)))
    checked(figure)
    assert figure.data["grid"]["f"][0][0] is None
    with pytest.raises(ValueError, match="nowhere finite"):
        viz.surface(lambda x, y: x * np.nan, limits=((0, 1), (0, 1)))


def test_a_path_that_diverges_says_where_it_left():
    figure = viz.surface(
        bowl, {"<script>": lambda w: optim.SGD(w, lr=30.0)}, start=(1, 1), steps=120,
        limits=((-1.2, 1.2), (-1.2, 1.2)), title="a ]]> \"b\" & 'c'",
    )  # fmt: skip
    checked(figure)
    assert figure.data["paths"][0]["end"][1] is None
    assert "outside at step 1" in figure.text() and "not finite" in figure.text()


def test_surfaces_refuse_what_is_no_path():
    with pytest.raises(ValueError, match="'SGD' is an optimiser and needs a start"):
        viz.surface(bowl, {"SGD": OPTIMIZERS["SGD"]})
    with pytest.raises(ValueError, match=r"path 'a' must be \(n, 2\) numbers, got \(1, 3\)"):
        viz.surface(bowl, {"a": [(1, 2, 3)]})
    with pytest.raises(ValueError, match="limits must be in order"):
        viz.surface(bowl, limits=((1, 0), (0, 1)))


# ---------------------------------------------------------------- rates


def small_net(seed=0):
    autograd.manual_seed(seed)
    return nn.Sequential(nn.Linear(20, 50), nn.ReLU(), nn.Linear(50, 10))


def batch(count=64):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((count, 20)).astype(np.float32)
    return autograd.tensor(x), autograd.tensor(rng.integers(0, 10, count))


def test_OP_18_too_low_good_high_and_diverging_rates_on_one_net():
    digits, labels = mnist()
    x, y = autograd.tensor(digits[:128].reshape(128, -1)), autograd.tensor(labels[:128])
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 24), nn.ReLU(), nn.Linear(24, 10))
    before = {name: t.numpy().copy() for name, t in model.state_dict().items()}
    rates = [0.003, 0.2, 1.0, 100.0]
    figure = viz.lr_curves(model, nn.CrossEntropyLoss(), (x, y), rates, steps=40)
    runs = figure.data["rates"]
    assert [run["verdict"] for run in runs] == ["too low", "good", "high", "diverges"]
    assert len({run["losses"][0] for run in runs}) == 1  # one net, from one start
    assert runs[3]["losses"][-1] is None or runs[3]["losses"][-1] > runs[3]["losses"][0]
    for name, t in model.state_dict().items():
        np.testing.assert_array_equal(t.numpy(), before[name])
    assert all(parameter.grad is None for parameter in model.parameters())
    root = checked(figure)
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {"lr 0.003: too low", "lr 0.2: good", "lr 1: high", "lr 100: diverges"} < set(words)


def test_rates_that_all_diverge_are_told():
    model, x = nn.Linear(20, 1), batch()[0]
    figure = viz.lr_curves(model, nn.MSELoss(), [(x, x[:, :1])], [1e3, 1e9], steps=30)
    assert [run["verdict"] for run in figure.data["rates"]] == ["diverges", "diverges"]
    checked(figure)
    with pytest.raises(ValueError, match="no batch"):
        viz.lr_curves(model, nn.MSELoss(), [], [0.1])
    with pytest.raises(ValueError, match="at least one rate and one step"):
        viz.lr_curves(model, nn.MSELoss(), [(x, x[:, :1])], [])


def test_OP_15_schedules_are_drawn_as_they_are_computed():
    figure = viz.schedules(
        {
            "step": lambda o: lr_scheduler.StepLR(o, 30),
            "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, 100),
            "plateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=5),
        },
        100, monitored=[1.0] * 100,
    )  # fmt: skip
    rates = figure.data["rates"]
    step = [rates["step"][t] for t in (0, 29, 30, 59, 60, 90)]
    assert step == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.0001])
    cosine = [rates["cosine"][t] for t in (0, 25, 50, 75, 100)]
    assert cosine == pytest.approx([0.1, 0.08535534, 0.05, 0.01464466, 0], abs=1e-8)
    assert rates["plateau"][6:8] == pytest.approx([0.1, 0.01])
    checked(figure)
    with pytest.raises(ValueError, match="looks at losses; give 3 as monitored"):
        viz.schedules(lambda o: lr_scheduler.ReduceLROnPlateau(o), 3)
    with pytest.raises(ValueError, match="epochs must be at least 1, got 0"):
        viz.schedules(lambda o: lr_scheduler.StepLR(o, 1), 0)


# ---------------------------------------------------------------- training


@pytest.fixture(scope="module")
def trained():
    model, (x, y) = small_net(), batch(128)
    train = optim.DataLoader(optim.TensorDataset(x[:96], y[:96]), 16)
    held_out = optim.DataLoader(optim.TensorDataset(x[96:], y[96:]), 32)
    optimizer = optim.SGD(model.parameters(), lr=0.2)
    return optim.fit(
        model, nn.CrossEntropyLoss(), train, optimizer=optimizer, epochs=6, validation=held_out,
        schedule=lr_scheduler.ExponentialLR(optimizer, 0.5), early_stopping=6, watch=3,
        progress=False,
    )  # fmt: skip


def test_TP_06_the_curves_of_a_history(trained):
    figure = viz.history(trained)
    panels = {panel["title"]: panel for panel in figure.data["panels"]}
    assert list(panels)[:5] == [
        "loss", "accuracy", "learning rate", "gradient norm", "update-to-weight ratio",
    ]  # fmt: skip
    lines = {line["name"]: line for line in panels["loss"]["lines"]}
    assert lines["each step"]["y"] == trained.steps and lines["each step"]["x"][-1] == 6
    assert lines["training"]["y"] == trained["loss"] and lines["training"]["x"] == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]
    assert lines["validation"]["y"] == trained["validation_loss"]
    (rate,) = panels["learning rate"]["lines"]
    assert rate["y"][0] == 0.2 and rate["y"][-1] == pytest.approx(0.2 / 32)
    norms = {line["name"]: line["y"] for line in panels["gradient norm"]["lines"]}
    assert norms["layer 0"] == trained.layers["0"]["gradient_norm"]
    assert panels["loss"]["marks"][0]["x"] == trained.best_epoch
    root = checked(figure)
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert "gradient norm" in words and f"best: epoch {trained.best_epoch}" in words


def test_VZ_08_a_dashboard_is_a_figure_like_all_others(trained, tmp_path):
    figure = viz.history(trained, title="run <1>")
    assert figure.svg() == viz.history(trained, title="run <1>").svg()
    assert "<svg" in figure.save(tmp_path / "run.html").read_text(encoding="utf-8")
    assert "image/svg+xml" in figure._repr_mimebundle_()
    assert "gradient norm" in figure.text() and "run &lt;1&gt;" in figure.svg()


def test_a_history_of_a_training_at_work():
    with pytest.raises(ValueError, match="nothing was written down yet"):
        viz.history(optim.History())
    nothing = float("nan")
    record = optim.History(steps=[1.0, nothing, 0.5], rates=[[0.1], [0.1, 0.2], [0.1, 0.2]])
    for step in (1, 2):
        record.write_layers(step, {f"block.{k}": {"gradient_norm": 0.1**k} for k in range(12)})
    figure = viz.history(record)
    checked(figure)
    panels = {panel["title"]: panel for panel in figure.data["panels"]}
    assert panels["loss"]["across"] == "step"
    assert [line["name"] for line in panels["learning rate"]["lines"]] == ["group 0", "group 1"]
    assert len(panels["gradient norm"]["lines"]) == 8
    assert panels["gradient norm"]["note"] == "8 of 12 layers"


def test_steps_stand_in_their_epoch_however_many_it_has():
    record = optim.History(
        steps=[5.0, 4, 3, 2, 1, 0.5, 0.4],
        rates=[[0.1]] * 7,
        epochs=[{"epoch": 1, "loss": 4.0}, {"epoch": 2, "loss": 1.5, "accuracy": 0.5}],
        ends=[2, 6],
    )
    record.write_layers(2, {"fc": {"gradient_norm": 1.0}})
    record.write_layers(5, {"fc": {"gradient_norm": 2.0}})
    panels = {panel["title"]: panel for panel in viz.history(record).data["panels"]}
    lines = {line["name"]: line for line in panels["loss"]["lines"]}
    expected = [0.5, 1, 1.25, 1.5, 1.75, 2, 2.25]  # the last is of an epoch that is under way
    assert lines["each step"]["x"] == expected == panels["learning rate"]["lines"][0]["x"]
    assert panels["gradient norm"]["lines"][0]["x"] == [1, 1.75]
    assert panels["accuracy"]["lines"][0]["y"] == [None, 0.5]
    checked(viz.history(record))


def test_epochs_of_different_lengths_are_written_down():
    class Growing:
        lengths = iter([2, 4, 3])

        def __iter__(self):
            pair = autograd.zeros(3, 2), autograd.tensor([0, 1, 1])
            return iter([pair] * next(self.lengths))

    model = nn.Linear(2, 2)
    history = optim.fit(
        model, nn.CrossEntropyLoss(), Growing(), optimizer=optim.SGD(model.parameters(), lr=0.1),
        epochs=3, progress=False, watch=0,
    )  # fmt: skip
    assert history.ends == [2, 6, 9]
    (line,) = [
        li for li in viz.history(history).data["panels"][0]["lines"] if li["name"] == "each step"
    ]
    assert line["x"][1] == 1 and line["x"][5] == 2 and line["x"][8] == 3 and line["x"][2] == 1.25


def test_a_long_training_is_drawn_with_its_extremes():
    values = np.sin(np.arange(20_000) / 3000)
    values[777] = 40.0
    figure = viz.history(optim.History(steps=values.tolist()))
    root = checked(figure)
    (path,) = [p.get("d") for p in root.iter(f"{SVG}path") if "thin" in p.get("class", "")] or [
        max((p.get("d") for p in root.iter(f"{SVG}path")), key=len)
    ]
    drawn = points_of(path)
    assert len(drawn) <= 500 and len(figure.data["panels"][0]["lines"][0]["y"]) == 20_000
    assert min(y for _, y in drawn) < 90  # the peak reaches up to the top


# ---------------------------------------------------------------- layers


def deep(activation, std=None, layers=12):
    autograd.manual_seed(0)
    parts = []
    for _ in range(layers):
        linear = nn.Linear(32, 32)
        if std is None:
            nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        else:
            nn.init.normal_(linear.weight, std=std)
        parts += [linear, activation()]
    model = nn.Sequential(*parts)
    rng = np.random.default_rng(0)
    x = autograd.tensor(rng.standard_normal((64, 32)).astype(np.float32))
    (model(x) ** 2).mean().backward()
    return model, x


def test_DG_01_DG_04_a_panel_of_gradient_norms_shows_what_a_start_does():
    models = {"sigmoid": deep(nn.Sigmoid, 0.1)[0], "ReLU, He": deep(nn.ReLU)[0]}
    figure = viz.grad_flow(models)
    norms = figure.data["norms"]
    vanishing, cured = (list(layers.values()) for layers in norms.values())
    assert vanishing[0] / vanishing[-1] < 1e-8 and cured[0] / cured[-1] > 0.1
    expected = np.sqrt(sum((p.grad.numpy() ** 2).sum() for p in models["sigmoid"][0].parameters()))
    assert norms["sigmoid"]["0"] == pytest.approx(expected, rel=1e-5)
    root = checked(figure)
    bars = [float(r.get("height")) for r in root.iter(f"{SVG}rect") if r.get("class") == "f1"]
    assert len(bars) == 24 and bars[:12] == sorted(bars[:12])


def test_DG_05_a_gradient_of_zero_is_drawn_as_none():
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1))
    with autograd.no_grad():
        model[0].bias.fill_(-100.0)
    model(autograd.ones(4, 3)).sum().backward()
    figure = viz.grad_flow(model)
    assert figure.data["norms"][""]["0"] == 0
    root = checked(figure)
    bars = [r for r in root.iter(f"{SVG}rect") if r.get("class") == "f1"]
    assert len(bars) == 1
    texts = ["".join(t.itertext()) for t in root.iter(f"{SVG}text")]
    assert "0 · Linear" in texts and texts.count("0") == 2  # the value, and the axis
    with pytest.raises(ValueError, match="the model has no gradient; call backward"):
        viz.grad_flow(nn.Linear(1, 1))


def test_IN_10_histograms_of_the_outputs_before_training():
    model, x = deep(nn.Tanh, 1.0, layers=3)
    figure = viz.activations(model, x)
    layers = figure.data["layers"]
    assert list(layers) == ["0", "1", "2", "3", "4", "5"]
    first = model[0](x).detach().numpy()
    assert layers["0"]["mean"] == pytest.approx(first.mean(), abs=1e-6)
    assert layers["0"]["std"] == pytest.approx(first.std(), rel=1e-5)
    counts = layers["1"]["counts"]  # saturated: both ends are the highest
    assert sum(counts) == 64 * 32 and min(counts[0], counts[-1]) > max(counts[3:-3])
    checked(figure)
    assert not model[0]._forward_hooks
    relu, x = deep(nn.ReLU, layers=1)
    assert viz.activations(relu, x).data["layers"]["1"]["zeros"] == pytest.approx(0.5, abs=0.05)


def test_outputs_that_are_not_finite_are_counted_apart():
    model = nn.Sequential(nn.Identity())
    figure = viz.activations(model, autograd.tensor([1.0, float("nan"), float("inf")]))
    assert figure.data["layers"]["0"]["not_finite"] == 2
    checked(figure)
    checked(viz.activations(model, autograd.tensor([float("nan")])))


# ---------------------------------------------------------------- scales and colours


def test_a_scale_knows_when_to_be_logarithmic():
    assert scale_over([1e-3, 1.0], 0, 1, log=None).log
    assert not scale_over([0.5, 1.0], 0, 1, log=None).log
    assert not scale_over([-1.0, 1.0], 0, 1, log=None).log
    flat = scale_over([2.0, 2.0], 0.0, 100.0)
    assert flat(2.0) == 50
    assert scale_over([], 0, 1, log=None, margin=0) == Scale(0, 1, 0, 1)
    assert [label for _, label in Scale(1e-14, 1, 0, 1, True).ticks(4)] == [
        "1e−12", "1e−8", "1e−4", "1"
    ]  # fmt: skip
    assert [value for value, _ in Scale(2.0, 30.0, 0, 1, True).ticks()] == [2, 5, 10, 20]


def test_labels_move_apart_as_little_as_possible_and_stay_within():
    assert apart([10.0, 12.0], 10, low=8, high=100) == [8, 18]
    assert apart([95.0, 96.0], 10, low=0, high=100) == [90, 100]
    placed = apart([50.0, 50.0, 50.0, 90.0], 10)
    assert placed == [40, 50, 60, 90]


def test_a_sheet_of_many_lines_keeps_its_words_apart():
    lines = [Line(f"a rather long name {k}", [0, 1], [0, 1e-3 * k], k) for k in range(8)]
    checked(sheet([Panel("many", "x", lines)], title="t"))


SIGHT = {  # Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def linear(colour):
    share = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = matrix @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colours", [LIGHT_LINES, DARK_LINES], ids=["light", "dark"])
def test_a_colour_blind_reader_can_tell_the_lines_apart(colours, sight):
    seen = [lab(np.array(SIGHT[sight]) @ linear(colour)) for colour in colours]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 15


@pytest.mark.parametrize(
    ("colours", "theme"), [(LIGHT_LINES, LIGHT), (DARK_LINES, DARK)], ids=["light", "dark"]
)
def test_lines_stand_out_from_the_ground(colours, theme):
    def luminance(colour):
        return float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour))

    ground = luminance(theme["ground"])
    for colour in colours:
        light, dark = sorted([luminance(colour), ground], reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 2.8
