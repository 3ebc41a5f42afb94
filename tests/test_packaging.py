"""What ships, and which package may import what."""

import ast
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("autograd", "nn", "optim", "viz")
# What each package may import beside the standard library and itself.
MAY_IMPORT = {
    "autograd": {"numpy", "threadpoolctl", "scipy"},  # SciPy where installed: lgamma, erfinv, ...
    "nn": {"autograd", "numpy"},
    "optim": {"autograd", "numpy", "tqdm"},
    "viz": {
        *("autograd", "nn", "optim"),
        *("numpy", "graphviz", "threadpoolctl"),
        *("matplotlib", "cairosvg"),  # where installed
    },
}


def tracked(*folders):
    """The files that belong to the repository, whatever lies beside them."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listing.returncode:
        pytest.skip(f"not a git clone, so its files cannot be listed: {listing.stderr.strip()}")
    return [name for name in listing.stdout.splitlines() if (ROOT / name).exists()]


def imports(path):
    """Top-level names of all packages that the file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_run_one_way(package):
    allowed = MAY_IMPORT[package] | {package} | sys.stdlib_module_names
    outside = {
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / package).rglob("*.py")
        for name in imports(path)
        if name not in allowed
    }
    assert outside == set()


def test_the_import_contracts_hold():
    pytest.importorskip("importlinter", reason="import-linter is not installed (extra: dev)")
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_importing_the_engine_loads_no_picture_or_progress_bar():
    program = (
        "import sys, autograd, nn; "
        "print(sorted({'graphviz', 'matplotlib', 'tqdm', 'torch', 'scipy'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_importing_nn_leaves_geometry_and_models_for_later():
    program = (
        "import sys, nn; "
        "print(sorted({"
        "'nn.geometry', 'nn.models'} & set(sys.modules))); "
        "print(all(hasattr(nn, name) for name in nn.__all__), set(nn.__all__) <= set(dir(nn))); "
        "print(hasattr(nn, 'Nothing'))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["[]", "True", "True", "False"]


def test_importing_viz_leaves_step_through_and_close_ups_for_later():
    program = (
        "import sys, viz; "
        "later = {'viz.stepper', 'viz.tensors', 'viz.layers', 'graphviz'}; "
        "print(sorted(later & set(sys.modules))); "
        "print(all(hasattr(viz, name) for name in viz.__all__), set(viz.__all__) <= set(dir(viz)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["[]", "True", "True"]


@pytest.mark.parametrize("package", ["nn", "optim", "viz"])
def test_another_autograd_in_the_way_is_one_sentence_at_import(package, tmp_path):
    rival = tmp_path / "autograd"
    rival.mkdir()
    (rival / "__init__.py").write_text("from os import path\n")
    result = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; import {package}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: {package} needs Backlight's autograd, but found another")
    assert str(rival) in last and "pip uninstall -y autograd" in last


def test_the_command_says_so_without_a_traceback(tmp_path):
    rival = tmp_path / "autograd"
    rival.mkdir()
    (rival / "__init__.py").write_text("")
    start = f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; sys.argv = ['backlight', 'doctor']"
    result = subprocess.run(
        [sys.executable, "-c", f"{start}; from viz.command import main; main()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("backlight: viz needs Backlight's autograd") and str(rival) in line


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in the wheel that hatchling builds from the files of the repository."""
    pytest.importorskip("hatchling", reason="hatchling is not installed (extra: dev)")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (file,) = folder.glob("backlight-*.whl")
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_four_packages_whole(wheel):
    assert set(tracked(*PACKAGES)) <= wheel


def test_the_wheel_holds_nothing_else(wheel):
    metadata = {name for name in wheel if name.startswith("backlight-")}
    assert {name.partition("/")[0] for name in wheel - metadata} == set(PACKAGES)
    assert any(name.endswith("licenses/LICENSE") for name in metadata)


def test_the_wheel_ships_pretrained_weights_with_their_licence(wheel):
    shipped = {name.rpartition("/")[2] for name in wheel if name.startswith("nn/models/weights/")}
    assert {"onet.safetensors", "pnet.safetensors", "astronaut.npz", "README.md"} <= shipped
    assert "LICENSE-facenet-pytorch.md" in shipped


def test_the_wheel_ships_types_and_digits(wheel):
    assert {f"{package}/py.typed" for package in PACKAGES} <= wheel
    assert "optim/data/mnist_subset/digits.npz" in wheel
    assert "optim/data/mnist_subset/README.md" in wheel


def test_torch_is_in_no_set_that_the_commands_install():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [line for extra, lines in extras["optional-dependencies"].items() for line in lines]
    assert [line for line in named if line.startswith("torch")] == ["torch==2.13.0"]
    assert "torch==2.13.0" in extras["optional-dependencies"]["reference"]
    assert not any("reference" in line for line in named)


def test_no_file_names_a_place_of_one_machine():
    # Spelled apart, so that this file may be searched too.
    places = ["/" + "work/", "/" + "root/", "/" + "tmp/bl", "file" + ":///", "index-" + "url"]
    found = []
    for name in tracked():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content:
            text = content.decode("utf-8")
            found += [(name, place) for place in places if place in text]
    assert found == []
