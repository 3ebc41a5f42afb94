"""Fifty steps of every rule with each of its options, compared with PyTorch.

Whole paths, each library with its own gradients, are equal to 1e-10 in float64 and to 1e-5 in
float32; with the very same gradients they are equal to a few roundings. (Not to the bit: PyTorch
fuses products and sums where the processor can, NumPy does not.) The trainings and their starts are
in problems.py, the options in options.py.
"""

from copy import deepcopy
from inspect import signature

import numpy as np
import pytest

import autograd
import nn
import optim

from .options import CHOICES, combinations, one_by_one
from .problems import Network, Recorded, Valley

STEPS = 50
TOLERANCES = {"float64": 1e-10, "float32": 1e-5}


def to_torch(torch, value):
    if isinstance(value, autograd.Tensor):
        return torch.tensor(np.array(value.numpy()))
    if isinstance(value, dict):
        return {key: to_torch(torch, part) for key, part in value.items()}
    return [to_torch(torch, part) for part in value] if isinstance(value, list) else value


def resumed(make, problem, state, steps):
    optimizer = make(problem.parameters)
    optimizer.load_state_dict(deepcopy(state))  # PyTorch would go on in the same memory
    return problem.advance(optimizer, steps)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("problem", [Valley, Network])
@pytest.mark.parametrize(("rule", "options"), one_by_one(), ids=str)
def test_fifty_steps_are_pytorchs(torch, problem, rule, options, dtype):
    """Half-way both go on from a state dict: their own and, in the valley, the other library's."""
    tolerance, half = TOLERANCES[dtype], STEPS // 2
    make, peer = getattr(optim, rule), getattr(torch.optim, rule)
    mine, theirs = problem(autograd, nn, dtype, rule), problem(torch, torch.nn, dtype, rule)
    optimizer, reference = make(mine.parameters, **options), peer(theirs.parameters, **options)

    def equal(path, expected):
        np.testing.assert_allclose(path, expected, rtol=tolerance, atol=tolerance)

    equal(mine.advance(optimizer, half), theirs.advance(reference, half))
    state, peer_state = optimizer.state_dict(), deepcopy(reference.state_dict())
    middle, peer_middle = mine.values(), theirs.values()
    expected = resumed(peer, theirs, peer_state, half)
    equal(resumed(make, mine, state, half), expected)
    if problem is Valley:
        mine.copy(peer_middle)
        equal(resumed(make, mine, peer_state, half), expected)
        theirs.copy(middle)
        equal(resumed(peer, theirs, to_torch(torch, state), half), expected)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("rule", CHOICES)
def test_every_combination_of_options_is_pytorchs(torch, rule, dtype):
    """In the valley: with gradients of its own, and with those that PyTorch has met there."""
    tolerance, rounding = TOLERANCES[dtype], np.finfo(dtype).eps
    make, peer = getattr(optim, rule), getattr(torch.optim, rule)
    for options in combinations(rule):
        theirs = Valley(torch, torch.nn, dtype, rule)
        expected = theirs.advance(peer(theirs.parameters, **options), STEPS)
        mine = Valley(autograd, nn, dtype, rule)
        path = mine.advance(make(mine.parameters, **options), STEPS)
        np.testing.assert_allclose(
            path, expected, rtol=tolerance, atol=tolerance, err_msg=str(options)
        )
        same = Recorded(autograd, nn, dtype, rule, theirs.calls)
        path = same.advance(make(same.parameters, **options), STEPS)
        largest = np.maximum.accumulate(np.abs(expected))
        assert not same.calls
        roundings = np.abs(path - expected) / (largest * rounding)
        assert roundings.max() < 8, (options, roundings.max())


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("way", ["foreach", "fused"])
@pytest.mark.parametrize("rule", CHOICES)
def test_pytorchs_other_ways_of_computing_give_the_same(torch, rule, way, dtype):
    """Which are options there, and change nothing here.

    ASGD's differ among themselves: with foreach PyTorch computes its rates in float32.
    """
    make, peer = getattr(optim, rule), getattr(torch.optim, rule)
    if way not in signature(peer).parameters:
        with pytest.raises(TypeError, match=way):
            make([autograd.ones(1, 1, requires_grad=True)], **{way: True})
        return
    for options in (each for name, each in one_by_one() if name == rule):
        mine, theirs = Valley(autograd, nn, dtype, rule), Valley(torch, torch.nn, dtype, rule)
        path = mine.advance(make(mine.parameters, **options, **{way: True}), STEPS)
        expected = theirs.advance(peer(theirs.parameters, **options, **{way: True}), STEPS)
        tolerance = max(TOLERANCES[dtype], 1e-7 if rule == "ASGD" else 0)
        np.testing.assert_allclose(
            path, expected, rtol=tolerance, atol=tolerance, err_msg=str(options)
        )
