"""Muon: what its iterations do to a matrix, and the rounding between them."""

import numpy as np
import pytest

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
