"""A type checker takes what a call takes: own names and PyTorch's and NumPy's, and no other."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd import signatures
from autograd.arguments import _NUMPY_NAMES
from autograd.spelling import COMMON

ROOT = Path(__file__).parent.parent.parent
PROGRAM = """
import autograd
from autograd import Tensor

x = autograd.tensor([[1.0, 2.0]], requires_grad=True)
autograd.exp(x)
autograd.exp(x=x)
autograd.exp(input=x)
autograd.exp(wrong=x)  # refused
autograd.exp()  # refused
autograd.multiply(x, x)
autograd.multiply(x, other=x)
autograd.multiply(input=x, other=x)
autograd.multiply(x)  # refused
autograd.gather(x, 0, index=x)
autograd.gather(input=x, dim=0, index=x)
autograd.gather(x, "0", x)  # refused
autograd.linalg.svd(input=x)
autograd.sum(x, dim=0, keepdim=True)
autograd.sum(x, axis=0, keepdims=True)
autograd.sum(x, axes=0)  # refused
autograd.flip(x, 0)
autograd.flip(input=x, dims=0)
x.exp()
x.exp(x)  # refused
x.add(x, alpha=2)
x.add(other=x)
x.add(wrong=x)  # refused
x.sum(axis=0)
x.sum(0, True)
x.max(other=x)
x.exponential()  # refused
made: Tensor = autograd.zeros(2, 3)
text: str = autograd.zeros(2, 3)  # refused

@autograd.elementwise(x=lambda z: 1 - z * z)
def my_tanh(x: Tensor) -> Tensor:
    return x

my_tanh(x)
my_tanh(input=x)
my_tanh(3)  # refused
"""


def test_a_type_checker_takes_what_a_call_takes(tmp_path):
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(program)],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    refused = {int(n) for n in re.findall(r"^.*program\.py:(\d+): error", run.stdout, re.MULTILINE)}
    lines = PROGRAM.split("\n")
    assert refused == {i for i, line in enumerate(lines, 1) if "# refused" in line}, run.stdout


@pytest.mark.parametrize(
    "kind, names",
    [
        (signatures.Spelled, ["input", "other"]),
        (signatures.Method, ["other"]),
        (signatures.NumPyLike, ["input", "other", "axis", "keepdims"]),
        (signatures.NumPyLikeMethod, ["other", "axis", "keepdims"]),
    ],
)
def test_the_further_names_are_those_that_functions_take(kind, names):
    assert re.findall(r"args: Any, (\w+):", inspect.getsource(kind)) == names
    known = {name for further in COMMON.values() for name in further} | {*_NUMPY_NAMES}
    assert known == {"input", "other", "axis", "keepdims"}
