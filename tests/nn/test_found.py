"""Calls of layers that random ones found to differ from PyTorch, or to fail, mended since.

Found by ``python -m tests.fuzz --only layers``, where nothing hides them any more.
"""

import warnings

import numpy as np
import pytest

import autograd
import nn.functional as F

INF = float("inf")


def test_halves_are_normalised_with_the_epsilon_they_are_computed_with(torch):
    values = [[0.01, 0.02, 0.005], [-1.0, 0.5, 3.0]]
    ours = F.rms_norm(autograd.tensor(values, dtype=autograd.float16), (3,))
    x = torch.tensor(values, dtype=torch.float16)
    np.testing.assert_allclose(ours.numpy(), torch.nn.functional.rms_norm(x, (3,)), rtol=2e-3)


def test_an_infinite_score_of_what_is_not_the_case_costs_inf(torch):
    scores, targets = [INF, INF, 1000.0, -1000.0], [0.0, 0.5, 1.0, 1.0]
    results = [
        functional.binary_cross_entropy_with_logits(
            t.tensor(scores), t.tensor(targets), reduction="none"
        ).tolist()
        for t, functional in ((autograd, F), (torch, torch.nn.functional))
    ]
    assert results[0] == results[1] == [INF, INF, 0.0, 1000.0]


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_a_class_that_is_ignored_may_have_any_score(reduction, torch):
    results = []
    for t, functional in ((autograd, F), (torch, torch.nn.functional)):
        x = t.tensor([[float("nan"), 1.0], [2.0, 3.0], [-INF, 0.0]], requires_grad=True)
        target = t.tensor([0, 1, 0])
        losses = functional.nll_loss(x, target, ignore_index=0, reduction=reduction)
        losses.sum().backward()
        results.append((losses.tolist(), x.grad.tolist()))
    assert results[0] == results[1]


def test_a_number_is_no_bias():
    for function in (F.conv1d, F.conv_transpose1d):
        with pytest.raises(ValueError, match=f"^{function.__name__}: bias must have shape"):
            function(autograd.ones(1, 1, 3), autograd.ones(1, 1, 2), np.float32(1.5))


def test_a_number_of_numpy_widens_no_activation():
    x = autograd.tensor([1.0, -2.0])
    for function in (F.softplus, F.elu, F.leaky_relu, F.softshrink, F.celu):
        assert function(x, np.float64(0.5)).dtype == np.float32


X, Y, ROW = autograd.ones(2, 3), autograd.ones(3, 2), autograd.ones(3)
IMAGE = autograd.ones(1, 1, 2, 2)
UNNAMED = {
    "l1_loss": lambda: F.l1_loss(X, Y),
    "mse_loss": lambda: F.mse_loss(X, Y),
    "smooth_l1_loss": lambda: F.smooth_l1_loss(X, None),
    "huber_loss": lambda: F.huber_loss(X, "a"),
    "half_squared_error": lambda: F.half_squared_error(X, Y),
    "kl_div": lambda: F.kl_div(X, Y, reduction="sum"),
    "poisson_nll_loss": lambda: F.poisson_nll_loss(X, Y),
    "gaussian_nll_loss": lambda: F.gaussian_nll_loss(X, {}, X),
    "hinge_embedding_loss": lambda: F.hinge_embedding_loss(ROW, autograd.ones(4)),
    "ctc_loss": lambda: F.ctc_loss(autograd.zeros(2, 1, 3), autograd.tensor([[255]]), [2], [1]),
    "lp_pool2d": lambda: F.lp_pool2d(IMAGE, 2, 3),
    "l1_penalty": lambda: F.l1_penalty(None),
    "nuclear_penalty": lambda: F.nuclear_penalty([X * INF]),
    "normalize": lambda: F.normalize(X, dim="a"),
    "pairwise_distance": lambda: F.pairwise_distance(X, X, p=[1.0]),
    "cosine_similarity": lambda: F.cosine_similarity(X, autograd.ones(2, 4)),
    "affine_grid": lambda: F.affine_grid(X, 1.5),
    "gumbel_softmax": lambda: F.gumbel_softmax(X, dim=7),
    "maxout": lambda: F.maxout([[1.0], [2.0, 3.0]], 1),
    "embedding": lambda: F.embedding(autograd.tensor([0]), X, padding_idx=[1]),
    "scaled_dot_product_attention": lambda: F.scaled_dot_product_attention(X, X, X, object),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", UNNAMED)
def test_an_error_says_which_function_it_is_of(name):
    with pytest.raises((TypeError, ValueError, RuntimeError, IndexError), match=f"^{name}: "):
        UNNAMED[name]()


@pytest.mark.parametrize(
    "call",
    [
        lambda: F.l1_loss(X, X, size_average=True),
        lambda: F.mse_loss(X, ROW),
        lambda: F.kl_div(X, X),
        lambda: F.gumbel_softmax(X, eps=1e-3),
    ],
)
def test_a_warning_is_of_the_line_that_called(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert [warning.filename for warning in caught] == [__file__]


def test_gumbel_softmax_takes_an_array_as_softmax_does():
    for scores in (np.array([1.0, 2.0]), np.ones((2, 3), np.float32)):
        drawn = F.gumbel_softmax(scores, hard=True, dim=-1)
        assert type(drawn) is np.ndarray and drawn.dtype == scores.dtype
        np.testing.assert_allclose(np.sort(drawn, -1)[..., -1], 1)
        np.testing.assert_allclose(drawn.sum(-1), 1)
