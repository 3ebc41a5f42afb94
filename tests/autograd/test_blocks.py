"""Elementwise formulas on large arrays, run in pieces."""

import operator

import numpy as np
import pytest

import autograd
from autograd import blocks, parallel, record
from nn.functional import gelu


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


def test_pieces_written_where_they_belong_make_the_whole(z):
    def into(g, z, out=None):
        return np.multiply(g, z, out=out)

    g = np.cos(z)
    np.testing.assert_array_equal(blocks.in_blocks(into, (g, z), into=True), g * z)


def test_gelu_of_single_precision_is_within_2e_7_of_x_times_a_probability():
    x = np.linspace(-7, 7, blocks.LARGE + 5)
    found = autograd.tensor(x.astype(np.float32), requires_grad=True)
    exact = autograd.tensor(x.astype(np.float32).astype(np.float64), requires_grad=True)
    z, wanted = gelu(found), gelu(exact)
    z.sum().backward()
    wanted.sum().backward()
    error = np.abs(z.numpy() - wanted.numpy())
    assert (error <= 2e-7 * np.abs(x)).all()
    np.testing.assert_allclose(found.grad.numpy(), exact.grad.numpy(), rtol=0, atol=4e-7)


def test_gelu_of_single_precision_at_its_ends():
    values = np.array([0.0, -0.0, 1e-30, 1e20, -1e20, np.inf], np.float32)
    x = autograd.tensor(values, requires_grad=True)
    z = gelu(x)
    np.testing.assert_array_equal(z.numpy(), np.float32([0, 0, 5e-31, 1e20, 0, np.inf]))
    z[:5].sum().backward()
    np.testing.assert_array_equal(x.grad.numpy()[:5], [0.5, 0.5, 0.5, 1, 0])
    assert np.isnan(gelu(autograd.tensor([np.nan, 1.0])).numpy()).tolist() == [True, False]


def test_a_large_chain_has_the_gradient_of_its_pieces():
    size = blocks.LARGE + 5
    values = np.linspace(-3, 3, 3 * size).reshape(3, size)
    whole = [autograd.tensor(v, requires_grad=True) for v in values]
    part = [autograd.tensor(v[-100:], requires_grad=True) for v in values]
    for a, b, c in (whole, part):
        autograd.tanh(a * b / (c * c + 1)).sum().backward()
    for w, p in zip(whole, part, strict=True):
        np.testing.assert_allclose(w.grad.numpy()[-100:], p.grad.numpy(), rtol=1e-14)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(
    "operation",
    [operator.add, operator.sub, operator.mul, operator.truediv],
    ids=["add", "subtract", "multiply", "divide"],
)
def test_threads_share_an_operation_on_large_arrays_to_the_bit(operation, threads, monkeypatch):
    monkeypatch.setattr(blocks, "WORTH_THREADS", 1 << 19)
    monkeypatch.setattr(parallel, "WORTH_SHARING", 0.0)
    monkeypatch.setitem(record.RECORDING, "WORTH_THREADS", 1 << 19)
    rng = np.random.default_rng(3)
    numbers = rng.standard_normal((2, 2, 100_003)).astype(np.float32)
    x, y = (autograd.tensor(each, requires_grad=True) for each in numbers)
    row = autograd.tensor(numbers[0, :1], requires_grad=True)
    before = autograd.get_num_threads()
    autograd.set_num_threads(threads)
    try:
        for left, right in [
            (x, y),
            (x, 2.5),
            (2.5, y),
            (x, row),
            (row, y),
            (x, x.expand(2, 2, -1)),
        ]:
            z = operation(left, right)
            bare = [t.detach().numpy() if autograd.is_tensor(t) else t for t in (left, right)]
            np.testing.assert_array_equal(z.detach().numpy(), operation(*bare), strict=True)
        upstream = autograd.tensor(np.cos(numbers[1]))
        found = autograd.grad(operation(x, y), (x, y), upstream)
        few = [autograd.tensor(each[:, :7], requires_grad=True) for each in numbers]
        wanted = autograd.grad(operation(*few), few, upstream[:, :7])
    finally:
        autograd.set_num_threads(before)
    for whole, part in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(whole.numpy()[:, :7], part.numpy())


def test_a_number_repeated_over_more_axes_is_not_taken_for_one_of_the_results_shape(monkeypatch):
    monkeypatch.setattr(blocks, "WORTH_THREADS", 1 << 10)
    x = np.ones(1000, np.float32)
    many = np.broadcast_to(np.float32(2), (3, 1000))
    np.testing.assert_array_equal(blocks.shared(np.add, x, many), x + many, strict=True)
