"""Kernels of losses of one number each: both operands, orders of derivatives, layouts, edges."""

import numpy as np
import pytest

import autograd
from nn.ops import likelihood


def operands(rng, name):
    x = (
        rng.uniform(0.1, 0.9, (3, 4))
        if name == "binary_cross_entropy"
        else rng.normal(0, 2, (3, 4))
    )
    return [autograd.tensor(a, requires_grad=True) for a in (x, rng.uniform(0.1, 0.9, (3, 4)))]


@pytest.mark.parametrize("name", ["binary_cross_entropy", "binary_cross_entropy_with_logits"])
def test_both_operands_by_finite_differences(rng, name):
    function = getattr(likelihood, name)
    assert autograd.gradcheck(function, operands(rng, name), check_forward_ad=True)
    assert autograd.gradgradcheck(function, operands(rng, name))


def test_huber_by_finite_differences(rng):
    x = autograd.tensor(rng.integers(-4, 4, (3, 4)) + rng.uniform(0.1, 0.9, (3, 4)),
                        requires_grad=True)  # fmt: skip
    for delta in (1.0, 2.0):
        assert autograd.gradcheck(lambda x, d=delta: likelihood.huber(x, delta=d), [x])
        assert autograd.gradgradcheck(lambda x, d=delta: likelihood.huber(x, delta=d), [x])


def test_probabilities_and_targets_have_pytorchs_derivatives(torch, rng):
    for name in ("binary_cross_entropy", "binary_cross_entropy_with_logits"):
        ours = operands(rng, name)
        theirs = [torch.tensor(x.numpy(force=True), requires_grad=True) for x in ours]
        z = getattr(likelihood, name)(*ours)
        expected = getattr(torch.nn.functional, name)(*theirs, reduction="none")
        np.testing.assert_allclose(z.numpy(force=True), expected.detach().numpy(), rtol=1e-12)
        upstream = rng.standard_normal((3, 4))
        z.backward(upstream)
        expected.backward(torch.tensor(upstream))
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one.grad.numpy(), other.grad.numpy(), rtol=1e-11)


def test_certainty_costs_a_hundred_and_has_a_finite_slope(torch):
    x, t = [0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0]
    ours = autograd.tensor(x, requires_grad=True)
    z = likelihood.binary_cross_entropy(ours, autograd.tensor(t))
    assert z.tolist() == [100, 100, 0, 0]
    z.sum().backward()
    theirs = torch.tensor(x, requires_grad=True)
    torch.nn.functional.binary_cross_entropy(theirs, torch.tensor(t), reduction="sum").backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-6)
