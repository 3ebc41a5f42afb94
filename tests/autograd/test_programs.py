"""Ten thousand random programs of views and in-place changes, against PyTorch and differences."""

import random
import re
from types import SimpleNamespace

import numpy as np
import pytest

import autograd
from tests.autograd.programs import leaf_values, random_program, run

PROGRAMS = 10_000
CHUNKS = 20
SEED = 20261121


def programs(chunk, hidden):
    """Yield this chunk's share of the programs, each with a generator of its own."""
    size = PROGRAMS // CHUNKS
    for number in range(chunk * size, (chunk + 1) * size):
        source = random.Random(SEED + number)
        values = leaf_values(source)
        yield number, values, random_program(source, hidden)


BACKLIGHT = SimpleNamespace(
    no_grad=autograd.no_grad,
    constant=autograd.from_numpy,
    is_view=lambda tensor: tensor.view_of is not None,
    apart=lambda operand, target: operand,
)


def library_of(torch):
    def apart(operand, target):  # PyTorch does not define a write that overlaps what it reads
        same = operand.untyped_storage().data_ptr() == target.untyped_storage().data_ptr()
        return operand.clone() if same else operand

    is_view = torch.Tensor._is_view
    return SimpleNamespace(
        no_grad=torch.no_grad, constant=torch.tensor, is_view=is_view, apart=apart
    )


def outcome(program, library, leaves):
    """Run forward and backward; return (refused, pool, gradients, which views are views)."""
    shared, pool, refused = [], [], False
    try:
        loss, pool = run(program, library, leaves, shared)
        if not isinstance(loss, int):
            loss.backward()
    except (RuntimeError, UserWarning):  # PyTorch only warns of index_put on expanded tensors
        refused = True
    return refused, pool, [leaf.grad for leaf in leaves], shared


def with_backlight(program, values):
    leaves = [autograd.from_numpy(v.copy(order="K")).requires_grad_() for v in values]
    refused, pool, gradients, shared = outcome(program, BACKLIGHT, leaves)
    gradients = [None if g is None else g.payload for g in gradients]
    return refused, [tensor.payload for tensor in pool], gradients, shared


def with_torch(torch, program, values):
    leaves = []
    for value in values:
        leaf = torch.tensor(np.ascontiguousarray(value))
        leaf = leaf if value.flags.c_contiguous else leaf.T.contiguous().T
        leaves.append(leaf.requires_grad_())
    refused, pool, gradients, shared = outcome(program, library_of(torch), leaves)
    gradients = [None if g is None else g.numpy() for g in gradients]
    return refused, [tensor.detach().numpy() for tensor in pool], gradients, shared


def slope_by_differences(program, values, directions, h=1e-6):
    """Return the slope of the loss along ``directions``, by centred differences."""
    losses = []
    for step in (h, -h):
        leaves = [autograd.from_numpy(v.copy(order="K")).requires_grad_() for v in values]
        for leaf, direction in zip(leaves, directions, strict=True):
            leaf.payload += step * direction  # in its memory order
        losses.append(float(run(program, BACKLIGHT, leaves, [])[0]))
    return (losses[0] - losses[1]) / (2 * h)


def agrees_with_differences(program, values, gradients):
    noise = np.random.default_rng(0)
    directions = [noise.uniform(-1, 1, v.shape) for v in values]
    numeric = slope_by_differences(program, values, directions)
    known = [(g, d) for g, d in zip(gradients, directions, strict=True) if g is not None]
    analytic = sum(float(np.sum(g * d)) for g, d in known)
    size = sum(float(np.sum(np.abs(g))) for g, _ in known)
    return abs(analytic - numeric) <= 1e-6 * (1 + size)


def close(found, expected):
    """Compare two arrays; no gradient at all is as good as zero."""
    if found is None or expected is None:
        return not np.any(found if expected is None else expected)
    return np.allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_programs_equal_torch(chunk, torch):
    equal = 0
    for number, values, program in programs(chunk, hidden=True):
        refused, pool, gradients, shared = with_backlight(program, values)
        others = with_torch(torch, program, values)
        if shared != others[3]:  # another memory order: another program
            continue
        if others[0]:  # PyTorch keeps fewer values, so it refuses more
            continue
        assert not refused, f"program {number} is refused: {program}"
        assert all(map(close, pool, others[1])), f"values of program {number}: {program}"
        assert all(map(close, gradients, others[2])), f"gradients of program {number}: {program}"
        equal += 1
    assert equal > PROGRAMS // CHUNKS // 2


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_programs_equal_differences(chunk):
    equal = 0
    for number, values, program in programs(chunk, hidden=False):
        refused, _, gradients, _ = with_backlight(program, values)
        if refused:
            continue
        assert agrees_with_differences(program, values, gradients), f"{number}: {program}"
        equal += 1
    assert equal > PROGRAMS // CHUNKS // 2


@pytest.mark.parametrize("chunk", range(2))
def test_programs_under_inspect_are_never_refused_for_a_change(chunk):
    for number, values, program in programs(chunk, hidden=False):
        leaves = [autograd.from_numpy(v.copy(order="K")).requires_grad_() for v in values]
        try:
            with autograd.inspect():
                loss, _ = run(program, BACKLIGHT, leaves, [])
        except RuntimeError as error:
            assert re.search("leaf that requires grad|one cell of memory", str(error))
            continue
        loss.backward()
        gradients = [None if leaf.grad is None else leaf.grad.payload for leaf in leaves]
        assert agrees_with_differences(program, values, gradients), f"{number}: {program}"


@pytest.mark.parametrize("chunk", range(2))
def test_second_derivatives_of_programs_equal_torch(chunk, torch):
    compared = 0
    for number, values, program in programs(chunk, hidden=True):
        ours = second_order(program, BACKLIGHT, autograd, values, autograd.from_numpy)
        theirs = second_order(program, library_of(torch), torch.autograd, values, torch.tensor)
        if ours is None or theirs is None or ours[0] != theirs[0]:
            continue
        compared += 1
        for found, expected in zip(ours[1], theirs[1], strict=True):
            assert close(found, expected), f"second derivatives of program {number}: {program}"
    assert compared > PROGRAMS // CHUNKS // 4


def second_order(program, library, engine, values, make):
    """Return which views are views and the gradients of a weighted sum of the gradients."""
    contiguous = [np.ascontiguousarray(v) for v in values]
    leaves = [make(v.copy()).requires_grad_() for v in contiguous]
    shared = []
    try:
        loss, _ = run(program, library, leaves, shared)
        slopes = engine.grad(loss, leaves, create_graph=True, allow_unused=True)
        total = sum((slope * slope).sum() for slope in slopes if slope is not None)
        found = engine.grad(total, leaves, allow_unused=True)
    except RuntimeError:
        return None
    return shared, [None if g is None else np.asarray(g.detach()) for g in found]
