"""Products cut into groups of columns: any sizes, layouts and numbers of rows."""

import numpy as np
import pytest

from nn.ops import small_products
from nn.ops.small_products import Columns


@pytest.mark.parametrize("small", [1_000_000, 2_000, 10])
@pytest.mark.parametrize("columns", [0, 1, 31, 32, 100, 256])
@pytest.mark.parametrize("rows", [1, 5])
def test_every_cut_gives_the_product(monkeypatch, small, columns, rows):
    monkeypatch.setattr(small_products, "SMALL", small)
    rng = np.random.default_rng(0)
    matrix, x = rng.standard_normal((7, columns)), rng.standard_normal((rows, 7))
    out = np.full((rows, columns), np.nan)
    for laid_out in (matrix, np.asfortranarray(matrix)):
        Columns(laid_out, 5).multiply(x, out)
        np.testing.assert_allclose(out, x @ matrix, rtol=1e-12, atol=1e-12)


def test_groups_are_as_wide_as_openblas_multiplies_without_packing():
    assert [Columns(np.zeros((k, 256)), 32).width for k in (128, 512, 900, 2048)] == [64, 32, 32, 0]
    few = [Columns(np.zeros((4, columns)), 32) for columns in (128, 100, 63, 31)]
    assert [(each.width, each.split) for each in few] == [(64, 128), (32, 96), (16, 48), (0, 0)]
