"""Doctests are run on the modules that a program imports.

For a file of a package pytest imports the package, and then the file once more, although the
package had imported it: there were two ``Tensor`` classes, two counts of threads. What was
imported before, in Python's own way, pytest takes as it is.
"""

import importlib
from pathlib import Path

ROOT = Path(__file__).parent
PACKAGES = {"autograd", "nn", "optim", "viz"}


def pytest_collect_file(file_path):
    """Import the package of a file before pytest does."""
    if file_path.suffix == ".py" and file_path.is_relative_to(ROOT):
        package = file_path.relative_to(ROOT).parent.parts
        if package and package[0] in PACKAGES:
            importlib.import_module(".".join(package))
