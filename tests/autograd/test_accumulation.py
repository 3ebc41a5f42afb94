"""What gradients of leaves are made of: memory of their own, copied only where it must be."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import keeping

SIDE = 300  # arrays that are not small

# Name: operands, and what passes its upstream on to them as views of it.
CUT_UP: dict[str, tuple[int, Callable[..., Any]]] = {
    "reshape": (1, lambda x: x.reshape(-1)),
    "unsqueeze": (1, lambda x: x.unsqueeze(0)),
    "twice": (1, lambda x: x.reshape(-1).reshape(2, -1)),
    "cat": (2, lambda x, y: autograd.cat([x, y])),
    "stack": (2, lambda x, y: autograd.stack([x, y])),
}
OTHERWISE: dict[str, tuple[int, Callable[..., Any]]] = {
    "transpose": (1, lambda x: x.t()),
    "cat by columns": (2, lambda x, y: autograd.cat([x, y], 1)),
    "the same leaf twice": (1, lambda x: autograd.cat([x, x])),
    "the same leaf on two ways": (1, lambda x: autograd.cat([x.reshape(-1), x.exp().reshape(-1)])),
    "one that takes none": (2, lambda x, y: autograd.cat([x, y.detach()])),
    "one that is no leaf": (2, lambda x, y: autograd.cat([x, y.exp()])),
    "parts": (1, lambda x: x.reshape(-1).split([30_000, SIDE * SIDE - 30_000])[1]),
    "one output of two": (1, lambda x: x.reshape(-1, 3).exp().max(1)[0]),
    "an empty one": (1, lambda x: autograd.cat([x, x[:0]])),
}


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no graph stay whole for pictures, which keeps what its ops sent."""
    monkeypatch.setattr(keeping, "WHOLE_LIMIT", 0)


def leaves(count: int) -> list[Any]:
    draws = np.random.default_rng(3)
    return [autograd.tensor(draws.random((SIDE, SIDE)), requires_grad=True) for _ in range(count)]


def peak(run: Callable[[], object]) -> int:
    run()
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", CUT_UP)
@pytest.mark.usefixtures("nothing_kept")
def test_views_of_an_upstream_become_gradients_without_a_copy(name: str) -> None:
    count, function = CUT_UP[name]
    operands = leaves(count)
    z = function(*operands)
    g = autograd.ones_like(z)

    def backward() -> None:
        for x in operands:
            x.grad = None
        (function(*operands) * 3).backward(g)

    held = operands[0].numel() * 8 * count
    assert peak(backward) < 2.2 * held  # two arrays at a time: gradients would be a third


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("name", [*CUT_UP, *OTHERWISE])
def test_gradients_share_nothing(name: str, whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not whole:
        monkeypatch.setattr(keeping, "WHOLE_LIMIT", 0)
    count, function = (CUT_UP | OTHERWISE)[name]
    operands = leaves(count)
    z = function(*operands)
    weights = autograd.tensor(np.random.default_rng(4).random(z.shape))
    before = weights.numpy().copy()
    expected = autograd.grad((z * weights).sum(), operands, allow_unused=True)
    for times in (1, 2, 3):
        (function(*operands) * 1).backward(weights)
        for x, g in zip(operands, expected, strict=True):
            if g is not None:
                np.testing.assert_allclose(x.grad.numpy(), times * g.numpy(), rtol=1e-12)
    np.testing.assert_array_equal(weights.numpy(), before)
    grads = [x.grad for x in operands if x.grad is not None]
    kept = [g.numpy().copy() for g in grads]
    for i, g in enumerate(grads):
        g.mul_(2)
        for j, other in enumerate(grads):
            np.testing.assert_array_equal(other.numpy(), kept[j] * (2 if j <= i else 1))


@pytest.mark.parametrize("name", CUT_UP)
@pytest.mark.usefixtures("nothing_kept")
def test_a_gradient_that_was_handed_in_stays_the_callers(name: str) -> None:
    count, function = CUT_UP[name]
    operands = leaves(count)
    z = function(*operands)
    given = autograd.ones_like(z)
    for times in (1, 2, 3):  # PyTorch lends it to the leaf, and arrives at 4
        function(*operands).backward(given)
        assert all((x.grad == times).all() for x in operands)
    assert (given == 1).all()


@pytest.mark.usefixtures("nothing_kept")
def test_an_upstream_that_a_retained_gradient_holds_is_copied() -> None:
    (x,) = leaves(1)
    z = x.reshape(-1)
    z.retain_grad()
    (z * 2).sum().backward()
    x.grad.zero_()
    assert (z.grad == 2).all()


@pytest.mark.usefixtures("nothing_kept")
def test_a_hook_that_keeps_an_upstream_keeps_its_own() -> None:
    (x,) = leaves(1)
    seen = []
    z = x.reshape(-1)
    z.register_hook(seen.append)
    (z * 2).sum().backward()
    x.grad.zero_()
    assert (seen[0] == 2).all()


@pytest.mark.parametrize("limit", [0, keeping.WHOLE_LIMIT])
def test_what_a_step_shows_does_not_change_as_the_leaf_receives_more(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "WHOLE_LIMIT", limit)
    (x,) = leaves(1)
    steps = list(autograd.steps(((x * 3) + (x * 5)).sum()))
    x.grad.mul_(7)
    sent = [c for step in steps if step.op.name == "multiply" for c in step.contributions]
    assert sorted(float(c.mean()) for c in sent if c is not None) == [3, 5]
    assert (x.grad == 56).all()
