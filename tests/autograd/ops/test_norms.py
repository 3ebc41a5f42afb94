"""Norms where they have a kink, of nothing, and of nan and infinity."""

import numpy as np
import pytest

import autograd
from autograd import linalg

INF = float("inf")
POINTS = [[0.0, 0, 0], [0, 3, -3], [np.nan, 1, 2], [INF, 1, 2], [-2, 2, 1], [5, 5, 5]]


def slope(function, x, library):
    x = library.tensor(x, dtype=library.float64, requires_grad=True)
    z = function(x)
    z.backward()
    return float(z.item()), x.grad.tolist()


@pytest.mark.parametrize("x", POINTS, ids=str)
@pytest.mark.parametrize("ord", [0.5, 1, 1.5, 2, 3, INF, -INF, -1, -2])
def test_vector_norms_at_kinks_ties_nan_and_infinity_equal_torch(ord, x, torch):
    with np.errstate(all="ignore"):
        ours = slope(lambda x: linalg.vector_norm(x, ord), x, autograd)
    theirs = slope(lambda x: torch.linalg.vector_norm(x, ord), x, torch)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-12)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-12)


def test_the_count_of_order_0_has_a_gradient_of_0():
    x = autograd.tensor([0.0, 2.0, -INF, np.nan], requires_grad=True)
    z = linalg.vector_norm(x, 0)
    z.backward()
    assert z.item() == 3 and x.grad.tolist() == [0, 0, 0, 0]
    (zero,) = autograd.grad(linalg.vector_norm(x, 0), x, [np.float32(INF)])
    assert zero.tolist() == [0, 0, 0, 0]


def test_a_norm_of_1_has_the_gradient_of_any_other():
    x = autograd.tensor([0.0, 1.0, 0.0], requires_grad=True)
    for ord in (2, 3):
        (slope,) = autograd.grad(linalg.vector_norm(x, ord), x)
        assert slope.tolist() == [0, 1, 0]


MATRICES = [np.zeros((2, 2)), np.eye(2), np.diag([2.0, 0]), np.ones((2, 3))]


@pytest.mark.parametrize("x", MATRICES, ids=lambda x: str(x.tolist()))
@pytest.mark.parametrize("ord", ["fro", "nuc", 1, -1, 2, -2, INF, -INF])
def test_matrix_norms_at_kinks_and_ties_equal_torch(ord, x, torch):
    ours = slope(lambda x: linalg.matrix_norm(x, ord), x, autograd)
    theirs = slope(lambda x: torch.linalg.matrix_norm(x, ord), x, torch)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-12, atol=1e-15)
    if ord not in ("nuc", -2) or np.linalg.matrix_rank(x) == min(x.shape):  # else any will do
        np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-12, atol=1e-15)


def test_MT_03():
    """The nuclear norm is the sum of the singular values, and its gradient U V^T."""
    x = autograd.tensor(np.array([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True)
    z = linalg.matrix_norm(x, "nuc")
    z.backward()
    np.testing.assert_allclose(z.item(), 5.83095189, atol=5e-9)
    expected = [[-0.51449576, 0.85749293], [0.85749293, 0.51449576]]
    np.testing.assert_allclose(x.grad.numpy(), expected, atol=5e-9)
    assert linalg.norm(autograd.diag(autograd.tensor([3.0, 4.0])), "nuc").item() == 7


@pytest.mark.parametrize("shape", [(2, 0), (0, 2), (0, 0), (0, 2, 2), (3, 2, 0)])
@pytest.mark.parametrize("ord", ["fro", "nuc", 1, -1, 2, -2, INF, -INF])
def test_norms_of_empty_matrices_equal_torch(ord, shape, torch):
    try:
        expected = torch.linalg.matrix_norm(torch.ones(shape), ord)
    except IndexError:
        with pytest.raises((RuntimeError, IndexError)):
            linalg.matrix_norm(autograd.ones(shape), ord)
    else:
        z = linalg.matrix_norm(autograd.ones(shape), ord)
        assert (z.shape, z.tolist()) == (tuple(expected.shape), expected.tolist())


@pytest.mark.parametrize("ord", [INF, -INF, -1])
def test_a_norm_of_nothing_that_has_no_identity_is_refused(ord):
    with pytest.raises(RuntimeError, match="vector_norm: the norm of order .* of no elements"):
        linalg.vector_norm(autograd.ones(2, 0), ord, dim=1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: linalg.vector_norm(x.long()), RuntimeError, "vector_norm: expected a floating"),
        (lambda x: linalg.vector_norm(x, "fro"), TypeError, "expected a number as ord, got 'fro'"),
        (lambda x: linalg.vector_norm(x, dim=2), IndexError, "vector_norm: dim 2 is out of range"),
        (lambda x: linalg.matrix_norm(x[0]), RuntimeError, "matrix_norm: expected a matrix"),
        (lambda x: linalg.matrix_norm(x, 3), RuntimeError, "matrix_norm: expected ord 'fro'"),
        (lambda x: linalg.matrix_norm(x, "x"), RuntimeError, "matrix_norm: expected ord 'fro'"),
        (lambda x: linalg.matrix_norm(x, dim=(0, 0)), RuntimeError, "two different dims"),
        (lambda x: linalg.matrix_norm(x, dim=0), RuntimeError, "expected two dims, got 0"),
        (lambda x: linalg.norm(x.reshape(1, 2, 2), 2), RuntimeError, "norm: with ord and without"),
        (lambda x: linalg.norm(x, "fro", dim=1), RuntimeError, "expected two dims, got 1"),
    ],
)
def test_what_has_no_norm_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(autograd.ones(2, 2))


def test_a_norm_is_taken_in_the_dtype_asked_for():
    x = autograd.ones(2, dtype=np.float32)
    assert linalg.vector_norm(x, dtype=np.float64).dtype == np.float64
    assert linalg.matrix_norm(autograd.eye(2).long(), dtype=np.float64).dtype == np.float64


@pytest.mark.parametrize("ord", [1, 2, 3, 0.5, np.inf])
def test_the_norm_of_a_single_nan_hides_it_where_pytorchs_does(ord, torch):
    x, y = (p.tensor([np.nan], dtype=p.float64, requires_grad=True) for p in (autograd, torch))
    autograd.linalg.vector_norm(x, ord).backward()
    torch.linalg.vector_norm(y, ord).backward()
    np.testing.assert_array_equal(x.grad.numpy(), y.grad.numpy())
