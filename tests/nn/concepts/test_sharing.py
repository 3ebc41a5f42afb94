"""Weights that several tasks share: one leaf for all, or copies that are held close together."""

import pytest

import autograd
import nn


def trunk_gradient(a, b, losses):
    """Return dL/dw of h = w x with heads a h and b h, for the losses that are asked for."""
    w = autograd.tensor(1.0, requires_grad=True, dtype=autograd.float64)
    h = w * 2.0
    each = {"first": 0.5 * (a * h - 1) ** 2, "second": 0.5 * (b * h + 1) ** 2}
    total = sum(each[name] for name in losses)
    total.backward()
    return w.grad.item(), total


def test_MT_01_the_losses_of_two_heads_add_up_in_the_trunk():
    assert trunk_gradient(0.5, -1.0, ["first"])[0] == 0
    assert trunk_gradient(0.5, -1.0, ["second"])[0] == 2
    joint, total = trunk_gradient(0.5, -1.0, ["first", "second"])
    assert joint == 2
    uses = {}  # the fork in the graph: h goes to both heads
    waiting, seen = [total.node], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(node, autograd.Op):
            continue
        seen.add(id(node))
        for operand in node.operands:
            if operand is not None:
                uses[id(operand)] = uses.get(id(operand), 0) + 1
                waiting.append(operand)
    assert sorted(uses.values())[-1] == 2


def test_MT_01_a_trunk_of_layers_gets_the_sum_of_its_heads_gradients():
    autograd.manual_seed(0)
    trunk, heads = nn.Linear(4, 3), nn.ModuleDict({"a": nn.Linear(3, 1), "b": nn.Linear(3, 2)})
    x = autograd.randn(5, 4)
    gradients = {}
    for tasks in ("a", "b", "ab"):
        trunk.zero_grad()
        h = trunk(x).relu()
        sum(heads[task](h).square().sum() for task in tasks).backward()
        gradients[tasks] = trunk.weight.grad.clone()
    assert autograd.allclose(gradients["ab"], gradients["a"] + gradients["b"], rtol=1e-5)


def test_MT_02_soft_sharing_pulls_two_copies_together():
    a = autograd.tensor([1.0, 2.0], requires_grad=True)
    b = autograd.tensor([0.0, 4.0], requires_grad=True)
    penalty = nn.functional.l2_penalty(a - b, 0.1)
    penalty.backward()
    assert penalty.item() == pytest.approx(0.5)
    assert a.grad.tolist() == pytest.approx([0.2, -0.4])
    assert b.grad.tolist() == pytest.approx([-0.2, 0.4])
