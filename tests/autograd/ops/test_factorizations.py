"""Factorizations at the edges: which half is read, repeated values, what has no derivative."""

import numpy as np
import pytest

import autograd
from autograd import linalg


def tensor(array, requires_grad=False):
    return autograd.tensor(np.asarray(array, np.float64), requires_grad=requires_grad)


def test_results_have_pytorchs_names():
    x = autograd.eye(2)
    assert linalg.svd(x)._fields == ("U", "S", "Vh")
    assert linalg.qr(x)._fields == ("Q", "R")
    assert linalg.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert linalg.slogdet(x)._fields == ("sign", "logabsdet")
    assert linalg.lstsq(x, x)._fields == ("solution", "residuals", "rank", "singular_values")


def test_only_one_half_is_read_and_the_gradient_is_symmetric(torch):
    x = np.array([[3.0, 5.0], [2.0, 4.0]])
    weights = np.array([[1.0, 2.0], [3.0, 4.0]])
    ours, theirs = tensor(x, True), torch.tensor(x, requires_grad=True)
    (linalg.cholesky(ours) * tensor(weights)).sum().backward()
    (torch.linalg.cholesky(theirs) * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-12)
    for half in "LU":
        ours, theirs = tensor(x, True), torch.tensor(x, requires_grad=True)
        values, vectors = linalg.eigh(ours, half)
        ((values**2).sum() + (vectors**2 * tensor(weights)).sum()).backward()
        values, vectors = torch.linalg.eigh(theirs, half)
        ((values**2).sum() + (vectors**2 * torch.tensor(weights)).sum()).backward()
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("first", ["svd", "eigh"])
def test_vectors_of_repeated_values_have_no_derivative_as_in_torch(first, torch):
    def gradient(library, x):
        vectors = library.linalg.svd(x)[0] if first == "svd" else library.linalg.eigh(x)[1]
        vectors[0, 1].backward()
        return x.grad

    with np.errstate(all="ignore"):
        ours = gradient(autograd, tensor(np.eye(2), True)).numpy()
    theirs = gradient(torch, torch.eye(2, dtype=torch.float64, requires_grad=True)).numpy()
    assert not np.isfinite(ours).all() and not np.isfinite(theirs).all()


def test_repeated_values_themselves_have_one():
    for values in (linalg.svdvals, lambda x: linalg.svd(x).S, linalg.eigvalsh):
        x = tensor(np.eye(3), True)
        values(x).sum().backward()
        np.testing.assert_allclose(x.grad.numpy(), np.eye(3), atol=1e-15)


def test_what_arrives_for_arbitrary_vectors_is_left_out(torch):
    a = np.array([[1.0, 1.0], [2.0, 4.0], [4.0, 5.0]])
    ours, theirs = tensor(a, True), torch.tensor(a, requires_grad=True)
    (linalg.svd(ours).U ** 2).sum().backward()
    (torch.linalg.svd(theirs).U ** 2).sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize(
    ("shape", "mode", "message"),
    [
        ((3, 2), "complete", "qr: with mode='complete' the columns of Q beyond 2"),
        ((3, 2), "r", "qr: the derivative needs Q"),
        ((2, 3), "r", "qr: the derivative needs Q"),
    ],
)
def test_a_qr_without_derivative_says_so_backward(shape, mode, message, torch):
    x = np.arange(6.0).reshape(shape) ** 2 + 1
    theirs = torch.tensor(x, requires_grad=True)
    with pytest.raises(RuntimeError):
        torch.linalg.qr(theirs, mode).R.sum().backward()
    q, r = linalg.qr(tensor(x, True), mode)
    np.testing.assert_allclose(r.detach().numpy(), torch.linalg.qr(theirs, mode).R.detach().numpy())
    assert q.shape == ((0,) if mode == "r" else (3, 3))
    with pytest.raises(RuntimeError, match=message):
        r.sum().backward()


def test_one_of_two_results_may_be_used():
    x = tensor([[3.0, 1.0, 2.0], [1.0, 2.0, 0.0]], True)
    for function in (
        lambda x: linalg.qr(x).Q,
        lambda x: linalg.qr(x).R,
        lambda x: linalg.qr(x.transpose(0, 1)).Q,
        lambda x: linalg.qr(x.transpose(0, 1)).R,
        lambda x: linalg.svd(x, full_matrices=False).Vh ** 2,
        lambda x: linalg.svd(x, full_matrices=False).U ** 2,
    ):
        assert autograd.gradcheck(function, x) and autograd.gradgradcheck(function, x)


def test_vectors_and_values_together_to_second_order():
    x = tensor([[3.0, 1.0, 0.5], [1.0, 2.0, 0.2], [0.1, 0.3, 1.0]], True)

    def both(x):
        u, s, vh = linalg.svd(x)
        values, vectors = linalg.eigh(x @ x.transpose(0, 1))
        return (u * s) @ vh + vectors * values @ vectors.transpose(0, 1), s * values

    assert autograd.gradcheck(both, x) and autograd.gradgradcheck(both, x)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: linalg.cholesky(-x), r"cholesky: matrix \(0,\) of the batch of shape \(2,\)"),
        (lambda x: linalg.cholesky(-x[0]), "cholesky: the matrix is not positive-definite"),
        (lambda x: linalg.svd(x * np.nan), r"svd: matrix \(0,\) of the batch .* nan or inf"),
        (lambda x: linalg.svdvals(x * np.inf), "svdvals: .* nan or inf"),
        (lambda x: linalg.inv(autograd.stack([x[0], x[0] * 0])), r"inv: matrix \(1,\) .* singular"),
        (lambda x: linalg.solve(x * 0, x), "solve: matrix .* is singular"),
        (lambda x: linalg.matrix_power(x * 0, -1), "inv: matrix .* is singular"),
        (lambda x: autograd.cholesky_inverse(x * 0), "cholesky_inverse: .* has a 0 on its diag"),
    ],
)
def test_a_matrix_that_cannot_be_factorized_is_named(call, message):
    x = tensor(np.stack([np.eye(2)] * 2))
    with np.errstate(all="ignore"), pytest.raises(linalg.LinAlgError, match=message) as raised:
        call(x)
    assert isinstance(raised.value, RuntimeError)
    assert isinstance(raised.value, np.linalg.LinAlgError)


SQUARE_ONLY = ("inv", "det", "slogdet", "cholesky", "eigh", "eigvalsh")


@pytest.mark.parametrize("name", [*SQUARE_ONLY, "svd", "svdvals", "qr", "pinv", "matrix_rank"])
def test_only_floating_point_matrices_are_taken_as_in_torch(name, torch):
    wrong = {"integers": np.ones((2, 2), int), "vector": np.ones(2)}
    if name in SQUARE_ONLY:
        wrong["oblong"] = np.ones((2, 3))
    for kind, x in wrong.items():
        with pytest.raises(RuntimeError):
            getattr(torch.linalg, name)(torch.tensor(x))
        with pytest.raises(RuntimeError, match=f"{name}: expected .*, got"):
            getattr(linalg, name)(autograd.from_numpy(x))
        assert kind


def test_options_are_checked():
    with pytest.raises(RuntimeError, match="qr: expected mode 'reduced', 'complete' or 'r'"):
        linalg.qr(autograd.eye(2), "raw")
    for function in (linalg.eigh, linalg.eigvalsh):
        with pytest.raises(RuntimeError, match="expected UPLO 'L' or 'U', got 'X'"):
            function(autograd.eye(2), "X")


def test_arrays_give_arrays():
    x = np.array([[2.0, 1.0], [1.0, 3.0]])
    for z in (linalg.inv(x), linalg.svdvals(x), linalg.pinv(x), linalg.cholesky(x), linalg.norm(x)):
        assert isinstance(z, (np.ndarray, np.generic))
    assert all(isinstance(z, np.ndarray) for z in linalg.eigh(x))
