"""The mutator itself: it reaches lambdas in decorators, sees a wrong sign, and invents none."""

import ast
import os
import subprocess
import sys

import pytest

from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.mutants import Finder, all_mutants
from tests.mutation.sources import ROOT, Source, rule_functions

FILE = '''
@elementwise(np.tanh, promotes="float", x=lambda z: 1 - z * z, y=-1)
def tanh(x, y):
    """Doc 1."""
    if x.ndim > 2:
        raise ValueError("more than 2")
    return np.tanh(x) - y


def _shared(upstream, x, y):
    return upstream * _helper(y), None


def _helper(y):
    return y + 1


@structural(vjp=_shared)
def product(x, y, *, axis=-1):
    return x * y
'''

TRIAL = """
import ast, dataclasses, sys
from tests.mutation.patching import write_every_call
write_every_call()
import pytest
from tests.mutation.mutants import all_mutants
from tests.mutation.trials import Trials
mutants = [m for m in all_mutants(["trigonometric", "arithmetic", "selection"])
           if m.function in ("tanh.x", "minus.y", "multiply.x") and m.kind == "sign"]
same = ast.parse("-(z * z) + 1", mode="eval").body  # 1 - z * z in other words
first = next(m for m in mutants if m.after == "lambda z: -(1 - z * z)")
for node in ast.walk(same):
    ast.copy_location(node, first.replacement)
mutants.append(dataclasses.replace(first, after="the same", replacement=same))
trials = Trials(mutants, jobs=2, seconds=60, limit=5)
pytest.main(["-qq", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", sys.argv[1]],
            plugins=[trials])
for outcome in trials.outcomes:
    print(outcome.result, outcome.mutant.function, outcome.mutant.after, sep="|")
"""

CHECKS = """
import autograd

def check(f, *numbers):
    assert autograd.gradcheck(f, [autograd.tensor([n], requires_grad=True, dtype=autograd.float64)
                                  for n in numbers])

def test_tanh(): check(autograd.tanh, 0.5)
def test_arithmetic(): check(lambda x, y: x - x * y, 0.5, 0.7)
"""


@pytest.fixture
def mutants(tmp_path):
    path = tmp_path / "room.py"
    path.write_text(FILE)
    source = Source.read(path)
    return Finder(source, rule_functions({"room": source})).found


def of(mutants, function):
    return {m.after for m in mutants if m.function == function}


def test_lambdas_and_numbers_in_decorators_have_mutants(mutants):
    assert {"lambda z: 1 + z * z", "lambda z: -(1 - z * z)", "lambda z: 1 - z"} <= of(
        mutants, "tanh.x"
    )
    assert of(mutants, "tanh.y") == {"y=1"}
    assert all(m.rule for m in mutants if m.function.startswith("tanh."))


def test_rules_are_what_decorators_name_and_what_that_calls(mutants):
    assert {m.function for m in mutants if m.rule} == {"tanh.x", "tanh.y", "_shared", "_helper"}
    assert "return (-upstream * _helper(y), None)" in of(mutants, "_shared")
    assert of(mutants, "_helper") == {"return y - 1", "return -(y + 1)", "return y + 0"}


def test_forwards_have_mutants_and_their_errors_and_documentation_have_none(mutants):
    assert of(mutants, "tanh") == {
        "if x.ndim >= 2:",
        "if x.ndim > 3:",
        "return np.tanh(x) + y",
    }
    assert of(mutants, "product") == {"return x / y"}


def test_the_tree_is_as_it_was(mutants):
    before = ast.unparse(mutants[0].source.module)
    for mutant in mutants:
        if mutant.constant is None:
            plain, changed = mutant.code()
            assert plain != changed or mutant.before != mutant.after
    assert ast.unparse(mutants[0].source.module) == before == ast.unparse(ast.parse(FILE))


def test_equivalent_mutants_are_in_rooms_that_exist_and_have_reasons():
    assert {room for room, *_ in EQUIVALENT} <= {m.room for m in all_mutants()}
    assert all(len(reason) > 10 for reason in EQUIVALENT.values())


def test_a_wrong_sign_is_killed_and_other_words_for_the_same_survive(tmp_path):
    path = tmp_path / "test_checks.py"
    path.write_text(CHECKS)
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", TRIAL, str(path)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    found = {tuple(line.split("|")) for line in done.stdout.splitlines() if line.count("|") == 2}
    assert ("survived", "tanh.x", "the same") in found, done.stdout + done.stderr
    assert {result for result, _, after in found if after != "the same"} == {"killed"}
    assert {function for _, function, _ in found} == {"tanh.x", "minus.y", "multiply.x"}
