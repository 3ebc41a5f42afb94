"""Where cards stand: by every engine or by none, in large graphs, straight where it can be."""

import subprocess

import pytest

import autograd
import viz
from tests.viz.exams import leaf, picture
from viz.layout import engines


def overlaps(scene):
    boxes = [(n.x, n.y, n.x + n.width, n.y + n.height) for n in scene.nodes]
    return [
        (a, b)
        for i, a in enumerate(boxes)
        for b in boxes[i + 1 :]
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_every_engine_places_all_cards_apart(engine):
    if engine != "layered" and engines.program(engine) is None:
        pytest.skip(f"{engine} is not installed")
    scene = picture("EX-A", engine=engine).scene
    assert scene.engine == engine
    assert overlaps(scene) == []
    for edge in scene.edges:
        assert edge.tail[0] < edge.head[0]
        assert scene.node(edge.source).x < scene.node(edge.target).x
    assert all(n.x + n.width <= scene.width and n.y + n.height <= scene.height
               for n in scene.nodes)  # fmt: skip


def test_without_dot_anywhere_our_own_layout_draws_and_says_so(monkeypatch):
    monkeypatch.setattr(engines.shutil, "which", lambda name, path=None: None)
    figure = picture("EX-A")
    assert figure.scene.engine == "layered"
    assert any("graphviz-pure is not installed" in note for note in figure.scene.notes)
    assert "Laid out by Backlight itself" in figure.svg()


def test_an_engine_that_fails_gives_way_to_the_next(monkeypatch):
    def fail(*arguments, **options):
        raise subprocess.TimeoutExpired("dot", 10)

    monkeypatch.setattr(engines.subprocess, "run", fail)
    figure = picture("EX-A")
    assert figure.scene.engine == "layered"
    if engines.program("dot"):
        assert "dot failed (took more than 10 s)" in " ".join(figure.scene.notes)


def test_an_engine_asked_for_by_name_must_be_there(monkeypatch):
    monkeypatch.setattr(engines.shutil, "which", lambda name, path=None: None)
    with pytest.raises(RuntimeError, match="dot is not installed"):
        picture("EX-A", engine="dot")


def test_a_chain_runs_straight():
    x = leaf(0.5)
    a = autograd.tanh(x)
    b = autograd.exp(a)
    c = autograd.sin(b)
    y = c * 2
    scene = viz.graph(y).scene
    assert all(edge.tail[1] == edge.head[1] for edge in scene.edges)


def test_a_long_edge_passes_between_cards():
    x = leaf(2)
    a = x * 3
    b = a * 3
    c = b * 3
    y = c + x
    figure = viz.graph(y)
    (points,) = (
        points for id, points in figure._faces["svg"].__self__.arrangement.ways.items()
        if id == "x-y"
    )  # fmt: skip
    cards = [n for n in figure.scene.nodes if n.name in "abc"]
    for (x0, y0), (x1, _) in zip(points[1:-1:2], points[2:-1:2], strict=True):
        for card in cards:
            if card.x < x1 and x0 < card.x + card.width:
                assert not card.y <= y0 <= card.y + card.height


def test_a_large_graph_is_cut_with_a_line_that_says_so():
    xs = [leaf(i) for i in range(40)]
    total = xs[0]
    for x in xs[1:]:
        total = total + x * x
    figure = viz.graph(total, view="op", max_nodes=30)
    assert len(figure.scene.nodes) == 30
    assert any("of 118 cards are not drawn" in note for note in figure.scene.notes)
    assert overlaps(figure.scene) == []


def test_a_deep_graph_needs_no_recursion():
    x = leaf(1)
    y = x
    for _ in range(10_000):
        y = y * 1.0001
    scene = viz.graph(y).scene
    assert len(scene.nodes) == 2
    assert float(scene.node("x").gradient) == pytest.approx(1.0001**10_000, rel=1e-2)


def test_density_follows_the_number_of_cards():
    xs = [leaf(i + 1) for i in range(60)]
    total = xs[0] * xs[1]
    for x in xs[2:]:
        total = total * x * 0.01
    for limit, density in ((20, "full"), (70, "compact"), (200, "mini")):
        figure = viz.graph(total, view="op", max_nodes=limit)
        assert figure.scene.density == density
        assert overlaps(figure.scene) == []


def test_the_cards_of_a_module_stand_on_one_ground():
    import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(2, 3)
            self.out = nn.Linear(3, 1)

        def forward(self, x):
            return self.out(autograd.tanh(self.hidden(x)))

    autograd.manual_seed(0)
    net = Net()
    loss = (net(autograd.tensor([[1.0, -2.0]])) ** 2).mean()
    figure = viz.graph(loss, params=net)
    clusters = {cluster.label: set(cluster.nodes) for cluster in figure.scene.clusters}
    assert clusters["hidden"] == {"hidden.weight", "hidden.bias", "linear1"}
    assert clusters["out"] == {"out.weight", "out.bias", "linear2"}
    assert figure.svg().count('class="cluster"') == 2
