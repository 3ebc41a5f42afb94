"""Elementwise formulas on large arrays, run in pieces."""

import numpy as np
import pytest

import autograd
from autograd import blocks


def formula(g, z):
    return g * (1 - z * z)


@pytest.fixture
def z():
    return np.linspace(-1, 1, 3 * blocks.BLOCK + 17)


def test_pieces_make_the_whole(z):
    g = np.cos(z)
    np.testing.assert_array_equal(blocks.in_blocks(formula, (g, z)), formula(g, z))


def test_a_number_repeated_is_one_number(z):
    g = np.broadcast_to(2.5, z.shape)
    np.testing.assert_array_equal(blocks.in_blocks(formula, (g, z)), formula(g, z))


def test_what_is_not_laid_out_alike_is_left_to_the_caller(z):
    assert blocks.in_blocks(formula, (z, z[::-1])) is None
    assert blocks.in_blocks(formula, (z, np.ones(1))) is None
    assert blocks.in_blocks(lambda g: g.sum(), (z,)) is None  # not elementwise


def test_a_boolean_formula_keeps_its_dtype(z):
    found = blocks.in_blocks(lambda z: z > 0, (z,))
    assert found.dtype == bool
    np.testing.assert_array_equal(found, z > 0)


def test_a_large_chain_has_the_gradient_of_its_pieces():
    size = blocks.LARGE + 5
    values = np.linspace(-3, 3, 3 * size).reshape(3, size)
    whole = [autograd.tensor(v, requires_grad=True) for v in values]
    part = [autograd.tensor(v[-100:], requires_grad=True) for v in values]
    for a, b, c in (whole, part):
        autograd.tanh(a * b / (c * c + 1)).sum().backward()
    for w, p in zip(whole, part, strict=True):
        np.testing.assert_allclose(w.grad.numpy()[-100:], p.grad.numpy(), rtol=1e-14)
