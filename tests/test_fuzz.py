"""A short run of the fuzzer: python -m tests.fuzz makes the long ones."""

import importlib.util
import inspect
import itertools
import os
import signal
import sys

import numpy as np
import pytest

import nn.functional

CALLS = 1500
SEED = 20261126
WRONG = [None, "a", object()]


@pytest.fixture
def fuzz(monkeypatch):
    """Import the fuzzer, which stands beside this file and is no test."""
    from pathlib import Path

    root = Path(__file__).parents[1]
    monkeypatch.syspath_prepend(str(root))
    return importlib.import_module("tests.fuzz.workers")


@pytest.mark.filterwarnings("ignore")
def test_random_calls_end_in_a_right_result_or_a_clear_error(fuzz):
    judging = sys.modules.get("tests.fuzz.judging") or importlib.import_module("tests.fuzz.judging")
    compares = judging.load_torch() is not None
    verdicts = [fuzz.run_one(SEED, index, None) for index in range(CALLS)]
    findings = [f"{v.kind}: {v.detail} {text}" for v, text in verdicts if v.is_finding]
    assert not findings, "\n".join(findings)
    kinds = [v.kind for v, _ in verdicts]
    answered = kinds.count("agrees" if compares else "alone")
    assert answered > CALLS // 2, "most calls are to be valid"


def test_a_call_is_drawn_from_its_number_alone(fuzz):
    first = [repr(fuzz.draw_call(3, index)) for index in range(50)]
    again = [repr(fuzz.draw_call(3, index)) for index in reversed(range(50))][::-1]
    assert first == again
    assert len(set(first)) == 50


def test_what_is_wrong_is_found(fuzz, monkeypatch):
    judging = importlib.import_module("tests.fuzz.judging")
    calls = importlib.import_module("tests.fuzz.calls")
    values = importlib.import_module("tests.fuzz.values")
    x = values.Drawn(np.array([1.0, 2.0]), grad=True)
    call = calls.Call("autograd", "exp", [x])

    def fails(error):
        def function(*args):
            raise error

        monkeypatch.setattr(calls, "_function", lambda room, name, library: function)
        return judging.judge(call).kind

    assert fails(KeyError("x")) == "internal error"
    assert fails(ValueError("operands could not be broadcast")) == "unnamed error"
    assert fails(ValueError("exp: expected a Tensor")) in ("raised", "raised both")

    def writes(tensor):
        tensor.payload[...] = 0
        return tensor

    monkeypatch.setattr(calls, "_function", lambda room, name, library: writes)
    assert judging.judge(call).kind == "changed input"


@pytest.mark.filterwarnings("ignore")
def test_an_error_names_the_function_whichever_argument_is_wrong(fuzz):
    """Each function of nn.functional, with None, a text or an object for each argument in turn."""
    judging = importlib.import_module("tests.fuzz.judging")
    calls = importlib.import_module("tests.fuzz.calls")
    judged, findings = 0, []
    for number, (room, name) in enumerate(calls.LAYERS):
        draw = calls.Draw(np.random.default_rng([SEED, number]))
        with np.errstate(all="ignore"):
            args, kwargs = calls._by_signature(draw, room, name)
        names = list(inspect.signature(getattr(nn.functional, name)).parameters)
        for place, wrong in itertools.product([*range(len(args)), *names[len(args) :]], WRONG):
            spoilt_args, spoilt_kwargs = list(args), dict(kwargs)
            (spoilt_args if isinstance(place, int) else spoilt_kwargs)[place] = wrong
            call = calls.Call(room, name, spoilt_args, spoilt_kwargs, spoilt=True)
            verdict = judging.judge(call, alone=True)
            judged += 1
            if verdict.is_finding:
                findings.append(f"{name}, {place} = {wrong!r}: {verdict.kind}: {verdict.detail}")
    assert not findings, "\n".join(findings)
    assert judged > 10 * len(calls.LAYERS)


@pytest.mark.filterwarnings("ignore")  # of threads beside a fork
@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")
def test_the_death_of_a_process_is_found_and_told_from_pytorchs(fuzz, monkeypatch):
    judging = importlib.import_module("tests.fuzz.judging")
    monkeypatch.setattr(fuzz, "LIMIT", 0.2)

    def run_one(seed, index, only, alone=False):
        if index == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        while index == 3:
            pass
        if index == 5 and not alone:
            with judging.PEER:
                os.kill(os.getpid(), signal.SIGKILL)
        return judging.Verdict("alone" if alone else "agrees", "autograd.exp"), ""

    monkeypatch.setattr(fuzz, "run_one", run_one)
    report = fuzz.run(8, SEED, jobs=1)
    assert report.kinds == {"agrees": 5, "crash": 1, "hang": 1, "crash of PyTorch": 1, "alone": 1}
    found = {verdict.kind: index for _, index, verdict, _ in report.findings.values()}
    assert found == {"crash": 1, "hang": 3}
