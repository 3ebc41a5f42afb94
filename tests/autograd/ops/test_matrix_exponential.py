"""The exponential of a matrix: large ones, what is not finite, single precision, forward mode."""

import numpy as np
import pytest

import autograd


def test_the_exponential_of_a_rotation_is_the_rotation_by_the_angle():
    for dtype, close in ((autograd.float64, 1e-12), (autograd.float32, 2e-5)):
        angle = 30.0
        turn = autograd.tensor([[0.0, -angle], [angle, 0.0]], dtype=dtype)
        z = autograd.matrix_exp(turn)
        expected = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        assert z.dtype == dtype
        np.testing.assert_allclose(z.numpy(), expected, atol=close)


def test_each_matrix_of_a_batch_is_halved_as_often_as_it_needs():
    x = np.random.default_rng(0).uniform(-1, 1, (3, 4, 4)) * [[[1e-3]], [[1.0]], [[20.0]]]
    z = autograd.matrix_exp(autograd.tensor(x))
    for matrix, found in zip(x, z.numpy(), strict=True):
        alone = autograd.matrix_exp(autograd.tensor(matrix)).numpy()
        np.testing.assert_allclose(found, alone, rtol=1e-13)


def test_a_matrix_that_is_not_finite_spoils_itself_alone():
    x = np.zeros((3, 2, 2))
    x[0, 0, 1], x[1, 0, 1] = np.nan, np.inf
    z = autograd.matrix_exp(autograd.tensor(x)).numpy()
    assert np.isnan(z[:2]).all()
    np.testing.assert_array_equal(z[2], np.eye(2))


def test_a_matrix_that_is_not_square_is_refused():
    with pytest.raises(RuntimeError, match="matrix_exp: expected square matrices"):
        autograd.linalg.matrix_exp(autograd.ones(2, 3))


def test_forward_mode_agrees_with_a_difference():
    random = np.random.default_rng(1)
    x, v = (autograd.tensor(random.uniform(-1, 1, (3, 3))) for _ in range(2))
    _, slope = autograd.jvp(autograd.matrix_exp, (x,), (v,))
    h = 1e-5
    apart = (autograd.matrix_exp(x + h * v) - autograd.matrix_exp(x - h * v)) / (2 * h)
    np.testing.assert_allclose(slope.numpy(), apart.numpy(), rtol=1e-8)


def test_the_gradient_of_a_batch_of_batches():
    x = np.random.default_rng(4).standard_normal((2, 3, 2, 2))
    leaf = autograd.tensor(x, requires_grad=True)
    assert autograd.gradcheck(autograd.matrix_exp, leaf)
    assert autograd.gradgradcheck(autograd.matrix_exp, leaf)
