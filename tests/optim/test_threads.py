"""Steps have the same bits for any number of threads, so that a resumed training has them, too."""

import numpy as np
import pytest

import autograd
import optim

from .test_optimizer import closure_for


def same_for_1_2_3_threads(train):
    before, results = autograd.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            autograd.set_num_threads(threads)
            results.append(train())
    finally:
        autograd.set_num_threads(before)
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


@pytest.mark.parametrize("shape", [(600, 700), (900, 450), (500, 500), (40, 40_000), (1, 300_000)])
def test_muons_iterations(shape):
    """BLAS's threads would cut the long sums of the products in pieces."""
    gradient = np.random.default_rng(0).standard_normal(shape, np.float32)

    def train():
        w = autograd.zeros(shape, requires_grad=True)
        w.grad = autograd.tensor(gradient)
        optim.Muon([w]).step()
        return w.numpy()

    same_for_1_2_3_threads(train)


@pytest.mark.parametrize("line_search", [None, "strong_wolfe"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lbfgs_products(dtype, line_search):
    start = np.random.default_rng(0).standard_normal((2, 300_000)).astype(dtype)

    def train():
        parameters = [autograd.tensor(values, requires_grad=True) for values in start]
        optimizer = optim.LBFGS(parameters, lr=0.3, max_iter=4, line_search_fn=line_search)
        for _ in range(2):
            optimizer.step(closure_for(optimizer, parameters))
        return [w.numpy() for w in parameters]

    same_for_1_2_3_threads(train)
