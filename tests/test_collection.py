"""What pytest collects doctests from: the modules that the packages themselves have imported."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
import pytest
modules = {"autograd.tensor": "Tensor", "nn.linear": "Linear"}
modules |= {"optim.sgd": "SGD", "viz.draw": "graph"}
files = [name.replace(".", "/") + ".py" for name in modules]
assert not pytest.main(["-qq", "--collect-only", "-p", "no:cacheprovider", *files])
for name, public in modules.items():
    face = sys.modules[name.partition(".")[0]]
    assert getattr(sys.modules[name], public) is getattr(face, public), name
"""


def test_a_module_is_imported_once():
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
