"""Build the notebooks from their sources: python notebooks/build.py [--check] [names].

A notebook is written as a readable ``.py`` file (jupytext's percent format) and committed beside
its executed ``.ipynb``. The same source gives the same bytes: cell ids count, nothing that a clock
or a machine says is kept, and a cell that writes to stderr ends the build. So a test can say that
what is committed is current.
"""

import argparse
import os
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).parent
ROOT = HERE.parent


def sources(names: list[str]) -> list[Path]:
    """Return the sources named, or all of them."""
    found = sorted(HERE.glob("[0-9][0-9]_*.py"))
    unknown = set(names) - {path.stem for path in found}
    if unknown:
        raise SystemExit(f"build: no notebook is called {', '.join(sorted(unknown))}")
    return [path for path in found if not names or path.stem in names]


def built(source: Path) -> str:
    """Return the executed notebook as the text of an .ipynb file."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = {}
    # The kernel finds the four packages of this folder, whatever is installed.
    os.environ["PYTHONPATH"] = str(ROOT)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # a busy machine prints in more pieces
        extra_arguments=["--log-level=40"],
    )
    try:
        client.execute(cwd=str(HERE))
    except CellExecutionError as error:
        raise SystemExit(f"build: {source.name}: {error.ename}: {error.evalue}") from None
    notebook.metadata.pop("widgets", None)  # with them GitHub calls the notebook invalid
    notebook.metadata["language_info"] = {"name": "python"}  # the kernel adds its version
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                raise SystemExit(f"build: {source.name}, {cell.id} wrote to stderr: {output.text}")
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4) + "\n"


def difference(target: Path, text: str) -> str:
    """Say where a committed notebook first differs from what its source gives."""
    if not target.exists():
        return "it is missing"
    committed = nbformat.read(target, as_version=4).cells
    for there, here in zip(committed, nbformat.reads(text, as_version=4).cells, strict=False):
        if there != here:
            part = "its source" if there.source != here.source else "what it prints or shows"
            return f"{there.id} differs in {part}"
    return "it has more or fewer cells"


def main() -> int:
    """Build, or with --check compare what would be built with what is there."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="as 01_first_graph; all if none is given")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if not current")
    options = parser.parse_args()
    stale = []
    for source in sources(options.names):
        target = source.with_suffix(".ipynb")
        text = built(source)
        if not options.check:
            target.write_text(text, encoding="utf-8", newline="\n")
            print(f"{target.relative_to(ROOT)}: {len(text):,} bytes")
        elif not target.exists() or target.read_text(encoding="utf-8") != text:
            stale.append(f"{target.name} ({difference(target, text)})")
        else:
            print(f"{target.relative_to(ROOT)} is current")
    if stale:
        print(f"not what its source gives: {', '.join(stale)}; make notebooks builds it again")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
