"""Layers that several tasks share; single weights are shared in the rows of training."""

import autograd
import nn


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
