"""Muon: what its iterations do to a matrix, and the rounding between them."""

import numpy as np
import pytest

import autograd
import optim
from optim.muon import COEFFICIENTS, _bfloat16, orthogonalised


@pytest.mark.parametrize("shape", [(6, 6), (4, 20), (30, 5)])
def test_singular_vectors_stay_and_values_come_near_one(shape):
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal(shape).astype(np.float32)
    u, _, vt = np.linalg.svd(matrix, full_matrices=False)
    made = orthogonalised(matrix, COEFFICIENTS, 5, 1e-7)
    assert made.shape == shape and made.dtype == np.float32
    values = u.T @ made @ vt.T
    assert np.abs(values - np.diag(np.diag(values))).max() < 0.05
    assert (np.diag(values) > 0.5).all() and (np.diag(values) < 1.25).all()


def test_a_zero_matrix_stays_zero():
    assert not orthogonalised(np.zeros((3, 2)), COEFFICIENTS, 5, 1e-7).any()


def test_rounding_is_bfloat16s(torch):
    rng = np.random.default_rng(0)
    ties = np.arange(1 << 8, dtype=np.uint32) << 15 | np.uint32(0x3F800000)
    values = np.concatenate([rng.standard_normal(10_000), [0, -0.0, np.inf, -np.inf, 1e38, 1e-40]])
    values = np.concatenate([values.astype(np.float32), ties.view(np.float32)])
    expected = torch.tensor(values).bfloat16().float().numpy()
    np.testing.assert_array_equal(_bfloat16(values.copy()), expected)


@pytest.mark.parametrize("shape", [(2, 2), (4, 3), (3, 8), (3, 18)])
def test_the_step_of_a_small_matrix_is_pytorchs_to_the_bit(torch, shape):
    """Sums of few products of short numbers are exact; beyond that the order of adding decides."""
    rng = np.random.default_rng(0)
    for gradient in rng.standard_normal((400, *shape)).astype(np.float32):
        w = torch.zeros(shape, requires_grad=True)
        w.grad = torch.tensor(gradient)
        torch.optim.Muon([w], lr=1.0, weight_decay=0, momentum=0.0, nesterov=False).step()
        expected = -w.detach().numpy() / np.float32(max(1, shape[0] / shape[1]) ** 0.5)
        made = orthogonalised(gradient, COEFFICIENTS, 5, 1e-7)
        np.testing.assert_allclose(made, expected, rtol=2e-7)


@pytest.mark.parametrize("shape", [(64, 48), (48, 64), (128, 256), (10, 300)])
def test_the_step_of_a_large_matrix_is_as_near_to_the_exact_one_as_pytorchs(torch, shape):
    """Sums in another order round to another bfloat16 here and there; neither is nearer."""
    gradient = np.random.default_rng(0).standard_normal(shape)

    def step(library, rules):
        w = library.tensor(np.zeros(shape)).requires_grad_()
        w.grad = library.tensor(gradient)
        rules.Muon([w], lr=1.0, weight_decay=0, momentum=0.0, nesterov=False).step()
        return w.detach().numpy() / max(1, shape[0] / shape[1]) ** 0.5

    a, b, c = COEFFICIENTS
    x = gradient / np.linalg.norm(gradient)
    for _ in range(5):
        x = a * x + b * x @ (x.T @ x) + c * x @ (x.T @ x) @ (x.T @ x)
    ours, theirs = (np.linalg.norm(step(*p) + x) for p in ((autograd, optim), (torch, torch.optim)))
    assert ours < 1.1 * theirs < 0.03 * np.linalg.norm(x)
