"""Dropout: the mask, its scale, the gradient through it."""

import numpy as np
import pytest

import autograd
from nn.ops.dropout import apply_mask, dropout


def test_kept_values_grow_and_gradients_take_the_same_mask(leaf, rng):
    x = leaf(rng.standard_normal((50, 40)).astype(np.float32))
    z = dropout(x, p=0.25)
    mask = z.node.attributes["mask"]
    assert mask.dtype == np.bool_ and z.node.name == "dropout"
    expected = np.where(mask, x.detach().numpy() / np.float32(0.75), 0)
    np.testing.assert_allclose(z.detach().numpy(), expected, rtol=1e-6)
    z.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), mask / np.float32(0.75), rtol=1e-6)
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_share_that_is_dropped(p):
    z = dropout(np.ones(100_000, np.float32), p=p)
    assert abs((z == 0).mean() - p) < 0.01
    assert abs(z.mean() - 1) < 0.03


def test_the_seed_decides(rng):
    x = rng.standard_normal(1000)
    autograd.manual_seed(3)
    first = dropout(x, p=0.5)
    assert not np.array_equal(dropout(x, p=0.5), first)
    autograd.manual_seed(3)
    assert np.array_equal(dropout(x, p=0.5), first)


def test_dropping_everything(leaf):
    x = leaf(np.ones(10))
    z = dropout(x, p=1.0)
    z.sum().backward()
    assert not z.detach().numpy().any() and not x.grad.numpy().any()


def test_by_finite_differences(leaf, rng):
    mask = rng.random((3, 4)) > 0.3
    x = leaf(rng.standard_normal((3, 4)))

    def function(x):
        return apply_mask(x * x, mask=mask, p=0.3, scale=1 / 0.7)

    assert autograd.gradcheck(function, [x])
    assert autograd.gradgradcheck(function, [x])
