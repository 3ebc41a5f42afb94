"""Losses against PyTorch, in value and gradient, and what they refuse."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F


def compare(torch, name, scores, *targets, dtype="float64", **options):
    """Value and gradient of the loss in both libraries; ``none`` is summed with weights."""
    ours = autograd.tensor(scores.astype(dtype), requires_grad=True)
    theirs = torch.tensor(scores.astype(dtype), requires_grad=True)

    def arguments(library, form):
        tensors = [form(t) for t in targets]
        return tensors, {k: form(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}

    positional, named = arguments(autograd, autograd.tensor)
    mine = getattr(F, name)(ours, *positional, **named)
    positional, named = arguments(torch, torch.tensor)
    reference = getattr(torch.nn.functional, name)(theirs, *positional, **named)
    tolerance = 1e-12 if dtype == "float64" else 1e-6
    np.testing.assert_allclose(mine.numpy(), reference.detach().numpy(), rtol=tolerance)
    upstream = np.random.default_rng(2).standard_normal(mine.shape).astype(dtype)
    mine.backward(autograd.tensor(upstream))
    reference.backward(torch.tensor(upstream))
    np.testing.assert_allclose(
        ours.grad.numpy(), theirs.grad.numpy(), rtol=tolerance, atol=tolerance
    )
    assert ours.grad.dtype == dtype


RNG = np.random.default_rng(0)
SCORES = RNG.standard_normal((6, 4)) * 3
CLASSES = np.array([0, 3, 1, 1, 2, 0])
IGNORED = np.array([0, -100, 1, 1, -100, 0])
WEIGHT = np.array([0.5, 1.0, 2.0, 0.1])
PROBABILITIES = RNG.dirichlet(np.ones(4), 6)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"weight": WEIGHT},
        {"label_smoothing": 0.2},
        {"weight": WEIGHT, "label_smoothing": 0.2},
        {"ignore_index": 1},
    ],
    ids=["plain", "weight", "smooth", "weight-smooth", "ignore"],
)
def test_cross_entropy(torch, options, reduction, dtype):
    options = {k: v.astype(dtype) if k == "weight" else v for k, v in options.items()}
    compare(torch, "cross_entropy", SCORES, CLASSES, dtype=dtype, reduction=reduction, **options)


def test_cross_entropy_of_ignored_single_and_probable_targets(torch):
    compare(torch, "cross_entropy", SCORES, IGNORED)
    compare(torch, "cross_entropy", SCORES[0], np.array(2))
    compare(torch, "cross_entropy", SCORES, PROBABILITIES)
    compare(torch, "cross_entropy", SCORES[0], PROBABILITIES[0])
    compare(torch, "cross_entropy", SCORES, PROBABILITIES, weight=WEIGHT, reduction="none")


@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.2}], ids=["plain", "smooth"])
def test_the_mean_of_no_rows_is_nan_and_moves_nothing(options):
    scores = autograd.tensor(SCORES, requires_grad=True)
    loss = F.cross_entropy(scores, np.full(len(SCORES), -100), **options)
    loss.backward()
    assert np.isnan(loss.item())
    assert not scores.grad.numpy().any()


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_nll_loss(torch, reduction):
    logs = np.log(PROBABILITIES)
    compare(torch, "nll_loss", logs, CLASSES, reduction=reduction)
    compare(torch, "nll_loss", logs, IGNORED, reduction=reduction, weight=WEIGHT)
    compare(torch, "nll_loss", logs[0], np.array(2), reduction=reduction)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss"])
def test_regression_losses(torch, name, reduction):
    compare(torch, name, SCORES, PROBABILITIES, reduction=reduction)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_binary_cross_entropy_with_logits(torch, reduction):
    name = "binary_cross_entropy_with_logits"
    compare(torch, name, SCORES * 100, PROBABILITIES, reduction=reduction)
    compare(
        torch, name, SCORES, PROBABILITIES, reduction=reduction, weight=WEIGHT, pos_weight=WEIGHT
    )


def test_large_scores_neither_overflow_nor_warn():
    scores = autograd.tensor([[1000.0, 0.0], [-1000.0, 0.0]], requires_grad=True)
    loss = F.cross_entropy(scores, autograd.tensor([0, 0]))
    loss.backward()
    assert loss.item() == 500
    assert scores.grad.tolist() == [[0, 0], [-0.5, 0.5]]


@pytest.mark.parametrize(
    ("layer", "function", "options"),
    [
        (nn.CrossEntropyLoss, F.cross_entropy, {"ignore_index": 1, "label_smoothing": 0.1}),
        (nn.CrossEntropyLoss, F.cross_entropy, {"weight": autograd.tensor(WEIGHT)}),
        (nn.NLLLoss, F.nll_loss, {"reduction": "sum"}),
    ],
)
def test_layers_are_their_functions(layer, function, options):
    scores, classes = autograd.tensor(SCORES), autograd.tensor(CLASSES)
    expected = function(scores, classes, **options).numpy()
    np.testing.assert_array_equal(layer(**options)(scores, classes).numpy(), expected)


@pytest.mark.parametrize("layer", [nn.MSELoss, nn.L1Loss, nn.BCEWithLogitsLoss])
def test_layers_of_regression_are_their_functions(layer):
    name = {"BCEWithLogitsLoss": "binary_cross_entropy_with_logits"}.get(
        layer.__name__, layer.__name__.lower().replace("loss", "_loss")
    )
    x, t = autograd.tensor(SCORES), autograd.tensor(PROBABILITIES)
    expected = getattr(F, name)(x, t, reduction="sum").item()
    assert layer(reduction="sum")(x, t).item() == expected


def test_LS_11_the_loss_at_tiny_weights_is_the_logarithm_of_the_number_of_classes():
    for classes, expected in [(10, 2.30258509), (1000, 6.90775528), (2, 0.69314718)]:
        layer = nn.Linear(20, classes).double()
        nn.init.normal_(layer.weight, std=1e-8)
        nn.init.zeros_(layer.bias)
        x = autograd.randn(5, 20, dtype=np.float64)
        loss = nn.CrossEntropyLoss()(layer(x), autograd.zeros(5, dtype=np.int64))
        assert loss.item() == pytest.approx(expected, abs=1e-7)


def test_shapes_that_would_broadcast_are_warned_of():
    with pytest.warns(UserWarning, match=r"input of shape \(3,\) and target of shape \(3, 1\)"):
        F.mse_loss(autograd.ones(3), autograd.ones(3, 1))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: F.cross_entropy(autograd.ones(2, 3), autograd.tensor([0, 3])),
            IndexError,
            r"cross_entropy: target 3 is out of range: input of shape \(2, 3\) has classes 0 to 2",
        ),
        (
            lambda: F.cross_entropy(autograd.ones(2, 3), autograd.tensor([-1, 0])),
            IndexError,
            "target -1 is out of range",
        ),
        (
            lambda: F.cross_entropy(autograd.ones(2, 3), autograd.tensor([0.0, 1.0])),
            ValueError,
            r"cross_entropy: .* float32 targets of shape \(2,\)",
        ),
        (
            lambda: F.cross_entropy(autograd.ones(2, 3), autograd.tensor([0, 1, 2])),
            ValueError,
            r"expected input of shape \(N, C\) and target of shape \(N,\), got \(2, 3\) and \(3,\)",
        ),
        (
            lambda: F.cross_entropy(
                autograd.ones(2, 3), autograd.tensor([0, 1]), weight=autograd.ones(2)
            ),
            ValueError,
            r"weight must have shape \(3,\), one for each class, got \(2,\)",
        ),
        (
            lambda: F.cross_entropy(autograd.ones(2, 3), np.array([0, 1]), label_smoothing=2.0),
            ValueError,
            r"label_smoothing must be in \[0, 1\], got 2.0",
        ),
        (
            lambda: F.nll_loss(autograd.ones(2, 3), autograd.tensor([0.0, 1.0])),
            TypeError,
            "nll_loss: target must hold classes, as integers, got float32",
        ),
        (
            lambda: F.cross_entropy(np.ones((2, 3), int), np.array([0, 1])),
            TypeError,
            "input must be a floating-point tensor, got int64",
        ),
        (
            lambda: F.mse_loss(autograd.ones(2), autograd.ones(2), reduction="avg"),
            ValueError,
            "mse_loss: reduction must be 'mean', 'sum' or 'none', got 'avg'",
        ),
        (lambda: nn.MSELoss("avg"), ValueError, "MSELoss: reduction must be"),
        (
            lambda: F.mse_loss(autograd.ones(2), autograd.ones(2), size_average=True),
            ValueError,
            "size_average and reduce are deprecated in PyTorch",
        ),
        (
            lambda: F.binary_cross_entropy_with_logits(autograd.ones(2), autograd.ones(2, 1)),
            ValueError,
            r"must have one shape, got \(2,\) and \(2, 1\)",
        ),
    ],
)
def test_wrong_targets_are_refused_in_a_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call()
