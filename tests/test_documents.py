"""What the README and the notebooks show is what happens."""

import contextlib
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.py"))
BUILDER = ("jupytext", "nbclient", "ipykernel")


PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
PRINTS = re.compile(r"^ *print\(.*\)  # (.*)$", re.MULTILINE)
RAISES = re.compile(r"^# (\w+Error: .*(?:\n# .*)*)", re.MULTILINE)


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_of_the_readme_does_what_its_comments_say(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed, raised = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(program, "README.md", "exec"), {"__name__": "readme"})
        except Exception as error:
            raised = f"{type(error).__name__}: {error}"
    expected = RAISES.search(program)
    assert raised == (expected and expected[1].replace("\n# ", " "))
    said = PRINTS.findall(program)
    assert said or expected
    for comment, line in zip(said, printed.getvalue().splitlines(), strict=True):
        assert re.match(re.escape(line) + r"($|: )", comment), (line, comment)


def test_the_ten_lines_of_the_readme_draw(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(PROGRAMS[0], "README.md", "exec"), {"__name__": "readme"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.svg", "steps.html"]
    assert len(PROGRAMS[0].strip().splitlines()) <= 10


def test_what_the_readme_links_is_there():
    links = re.findall(r"\]\(([^)#]+)", README)
    assert [link for link in links if ":" not in link and not (ROOT / link).exists()] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_committed_notebook_is_what_its_source_gives(source):
    missing = [name for name in BUILDER if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed (extra: notebooks)")
    if not shutil.which("graphviz-pure", path=sysconfig.get_path("scripts")):
        pytest.skip("graphviz-pure has no wheel here, and another engine lays graphs out elsewhere")
    result = subprocess.run(
        [sys.executable, ROOT / "notebooks" / "build.py", "--check", source.stem],
        capture_output=True,
        text=True,
    )
    said = result.stdout + result.stderr
    if (
        result.returncode
        and "differs in what it prints or shows" in said
        and "CI" not in os.environ
    ):
        pytest.skip(f"another processor or library may round otherwise, so only CI fails: {said}")
    assert result.returncode == 0, said


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_holds_neither_widgets_nor_timings(source):
    notebook = json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert all(cell["metadata"] == {} for cell in notebook["cells"])
    assert [cell["id"] for cell in notebook["cells"]] == [
        f"cell-{number:02d}" for number in range(len(notebook["cells"]))
    ]
