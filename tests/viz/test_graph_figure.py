"""The faces of a figure: SVG that parses, refers to nothing, escapes all, and is the same twice."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

import autograd
import viz
from tests.viz.exams import leaf, picture

HOSTILE = ("<script>alert(1)</script>", "\"]]>'&\x00\x08", "a]]>b", "-->", "名前", "\ud800")


def hostile_figure():
    x, z = leaf(3), leaf(2)
    y = x * z
    root = y * y + x
    return viz.graph(root, names=dict(zip(HOSTILE, (x, z, y, root), strict=False)))


def test_svg_is_xml_without_external_references():
    for figure in (picture("EX-A"), picture("EX-G"), hostile_figure()):
        root = ET.fromstring(figure.svg())
        assert root.tag.endswith("svg")
        for element in root.iter():
            for name, value in element.attrib.items():
                assert not value.startswith(("http:", "https:", "//")), (name, value)
        assert "@import" not in figure.svg() and "url(" not in figure.svg()


def test_hostile_names_are_text_everywhere():
    figure = hostile_figure()
    bundle = figure._repr_mimebundle_()
    for text in (figure.svg(), figure.html(), bundle["text/html"]):
        assert "<script>alert(1)" not in text
        assert "\x00" not in text
    names = [element.text for element in ET.fromstring(figure.svg()).iter() if element.text]
    assert any("<script>alert(1)</script>" in name for name in names)
    assert figure.dot().startswith("digraph")
    json.dumps(figure.data)


def test_the_same_bytes_twice():
    assert picture("EX-A").svg() == picture("EX-A").svg()
    assert picture("EX-A").html() == picture("EX-A").html()


def test_ids_are_unique_and_prefixed_and_every_part_is_there():
    figure = picture("EX-A")
    prefix = figure.scene.prefix
    ids = re.findall(r' id="([^"]+)"', figure.svg())
    assert len(ids) == len(set(ids)) and all(id.startswith(prefix) for id in ids)
    parts = {id.removeprefix(prefix) for id in ids}
    for node in figure.scene.nodes:
        assert {f"n-{node.id}", f"v-{node.id}", f"g-{node.id}"} <= parts
    for edge in figure.scene.edges:
        assert {f"e-{edge.id}", f"p-{edge.id}", f"r-{edge.id}"} <= parts
    assert {"figure", "legend", "findings", "sum-z2", "why-z2", "x-z2", "br-x2"} <= parts
    assert prefix != picture("EX-G").scene.prefix


def test_every_selector_is_scoped_to_the_figure():
    figure = picture("EX-A")
    (sheet,) = re.findall(r"<style>(.*?)</style>", figure.svg())
    inside = sheet.replace("@media (prefers-color-scheme:dark){", "")
    for selectors in re.findall(r"([^{}]+)\{", inside):
        for selector in selectors.split(","):
            assert selector.strip().startswith(f"#{figure.scene.prefix}figure ")
    assert "var(" not in sheet and sheet.count("@media") == 1


def test_themes():
    assert "@media" not in picture("EX-A", theme="light").svg()
    dark = picture("EX-A", theme="dark").svg()
    assert "#12171E" in dark and "#FFFFFF" not in dark


def test_data_is_json_and_complete():
    data = json.loads(json.dumps(picture("EX-A").data))
    assert data["root"] == "L" and len(data["nodes"]) == 19 and len(data["edges"]) == 31
    assert {frame["phase"] for frame in data["frames"]} == {"forward", "backward"}
    backward = [f["edges"][0] for f in data["frames"] if f["phase"] == "backward"]
    assert len(backward) == 31 and backward[0] == "yhat-L"


@pytest.mark.parametrize("suffix", [".svg", ".html", ".dot", ".txt"])
def test_save_by_suffix(suffix, tmp_path):
    figure = picture("EX-A")
    path = figure.save(tmp_path / f"picture{suffix}")
    faces = {".svg": "svg", ".html": "html", ".dot": "dot", ".txt": "text"}
    assert path.read_text(encoding="utf-8") == getattr(figure, faces[suffix])()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_save_refuses_another_suffix_and_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match=r"'picture.gif'; the suffix must be one of \.svg"):
        picture("EX-A").save(tmp_path / "picture.gif")
    with pytest.raises(FileNotFoundError):
        picture("EX-A").save(tmp_path / "nowhere" / "picture.svg")
    assert list(tmp_path.iterdir()) == []


def test_save_names_the_folder_that_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="save: cannot write 'a.svg'; there is no folder"):
        picture("EX-A").save(tmp_path / "none" / "a.svg")


def test_png_without_a_renderer_is_an_error_that_helps(tmp_path, monkeypatch):
    import sys

    monkeypatch.setattr("viz.raster.shutil.which", lambda name, path=None: None)
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    with pytest.raises(RuntimeError, match="rsvg-convert"):
        picture("EX-A").save(tmp_path / "picture.png")
    assert list(tmp_path.iterdir()) == []


def test_a_figure_is_immutable():
    figure = picture("EX-A")
    with pytest.raises(AttributeError, match="immutable"):
        figure.title = "another"


def test_notebook_representation():
    bundle = picture("EX-A")._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
    page = bundle["text/html"]
    assert '<img src="data:image/svg+xml;base64,' in page and "<details>" in page
    assert "L = 12.5" in re.search(r'alt="([^"]*)"', page)[1]
    assert "max(z1, z2, 0)" in bundle["text/plain"]


def test_one_backslash_in_a_name_survives_dot():
    x = leaf(1)
    y = x * 2
    assert "a\\\\nb" in viz.graph(y, names={"a\\nb": x}).dot()


def test_modules_name_their_parameters():
    import nn

    autograd.manual_seed(0)
    model = nn.Linear(2, 1)
    x = autograd.tensor([[1.0, 2.0]])
    loss = (model(x) ** 2).sum()
    scene = viz.graph(loss).scene
    kinds = {n.name: n.kind for n in scene.nodes if not n.ports}
    assert kinds == {"weight": "parameter", "bias": "parameter"}
    assert model is not None
