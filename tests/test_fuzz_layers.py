"""A short run of random layers: python -m tests.fuzz_layers makes the long ones."""

import importlib

import pytest

import nn
import nn.functional as F

CALLS = 200
SEED = 20261126


@pytest.fixture
def fuzz(monkeypatch):
    """Import the comparison, which stands beside this file and is no test."""
    from pathlib import Path

    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    return importlib.import_module("tests.fuzz_layers.comparing")


@pytest.fixture
def configurations(fuzz):
    return importlib.import_module("tests.fuzz_layers.configurations")


def test_random_layers_are_pytorchs(torch, fuzz):
    verdicts = [fuzz.judge(torch, SEED, number) for number in range(CALLS)]
    findings = [str(verdict) for verdict in verdicts if isinstance(verdict, fuzz.Finding)]
    assert not findings, "\n".join(findings)
    assert verdicts.count("agrees") > CALLS // 2, "most configurations are to be valid"


def test_a_configuration_is_drawn_from_its_number_alone(configurations):
    first = [repr(configurations.draw(3, number)) for number in range(50)]
    again = [repr(configurations.draw(3, number)) for number in reversed(range(50))][::-1]
    assert first == again and len(set(first)) == 50


def test_every_family_of_layers_is_drawn(configurations):
    drawn = {configurations.draw(0, number).name for number in range(4000)}
    layers = {name for name in drawn if name[0].isupper()}
    assert all(hasattr(nn, name) for name in layers) and len(layers) > 110
    assert {name for name in drawn if hasattr(F, name)} == drawn - layers


def test_what_is_wrong_is_found(torch, fuzz, configurations, monkeypatch):
    drawn = [configurations.draw(0, number) for number in range(999)]
    number = next(
        n
        for n, d in enumerate(drawn)
        if d.name == "Linear" and not d.spoilt and d.inputs[0].array.size
    )
    assert fuzz.judge(torch, 0, number) == "agrees"

    def kind(forward):
        monkeypatch.setattr(nn.Linear, "forward", forward)
        return fuzz.judge(torch, 0, number).kind

    def fails(self, input):
        raise ValueError("operands could not be broadcast")

    def refuses(self, input):
        raise ValueError("linear: does not like it")

    right = nn.Linear.forward
    assert kind(lambda self, input: right(self, input) * 1.01) == "differs"
    assert kind(lambda self, input: right(self, input.detach())) == "differs"
    assert kind(fails) == "unnamed error"
    assert kind(refuses) == "refused"
