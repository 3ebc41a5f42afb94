"""What is freed after one step is there for the next."""

import os
import platform
import subprocess
import sys

import pytest

STEPS = """
import resource
import autograd

a, b, c = (autograd.ones(300_000).requires_grad_() for _ in range(3))

def step():
    autograd.tanh(a * b + c).sum().backward()
    a.grad = b.grad = c.grad = None

for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    step()
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 4)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc hands it back so soon")
def test_a_step_gets_the_memory_that_the_last_one_freed():
    theirs = {name: value for name, value in os.environ.items() if "MALLOC" not in name.upper()}
    shown = subprocess.run(
        [sys.executable, "-c", STEPS], env=theirs, capture_output=True, text=True, check=True
    )
    assert int(shown.stdout) < 100  # pages; its six arrays have 1,750
