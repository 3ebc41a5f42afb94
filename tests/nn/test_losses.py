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
            r"target 3 \(row 1\) is out of range: input of shape \(2, 3\) has classes 0 to 2",
        ),
        (
            lambda: F.cross_entropy(autograd.ones(2, 3), autograd.tensor([-1, 0])),
            IndexError,
            r"cross_entropy: target -1 \(row 0\) is out of range",
        ),
        (
            lambda: F.cross_entropy(autograd.ones(2, 3), autograd.tensor([0.0, 1.0])),
            ValueError,
            r"cross_entropy: .* float32 targets of shape \(2,\)",
        ),
        (
            lambda: F.cross_entropy(autograd.ones(2, 3), autograd.tensor([0, 1, 2])),
            ValueError,
            r"expected input of shape \(N, C\) and .*, got \(2, 3\) and \(3,\)",
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
        (lambda: nn.MSELoss(reduction="avg"), ValueError, "MSELoss: reduction must be"),
        (
            lambda: F.cross_entropy(autograd.ones(2, 3, 4), np.zeros((2, 5), int)),
            ValueError,
            r"got \(2, 3, 4\) and \(2, 5\)",
        ),
        (
            lambda: F.nll_loss(autograd.ones(1, 3, 2), np.array([[0, 7]])),
            IndexError,
            "nll_loss: target 7 is out of range",
        ),
        (
            lambda: F.cross_entropy(
                autograd.ones(2, 3), np.zeros(2, int), autograd.ones(3, requires_grad=True)
            ),
            RuntimeError,
            "cross_entropy: has no derivative for weight",
        ),
        (
            lambda: F.binary_cross_entropy(autograd.tensor([0.5, 1.5]), autograd.ones(2)),
            RuntimeError,
            r"binary_cross_entropy: input must hold probabilities in \[0, 1\], got .* to 1.5",
        ),
        (
            lambda: F.binary_cross_entropy(autograd.ones(2), autograd.ones(1)),
            ValueError,
            r"binary_cross_entropy: input and target must have one shape",
        ),
        (
            lambda: F.mse_loss(autograd.ones(2), autograd.ones(2), weight=autograd.ones(1)),
            ValueError,
            r"mse_loss: weight must have the input's shape, \(2,\), got \(1,\)",
        ),
        (
            lambda: F.huber_loss(autograd.ones(2), autograd.ones(2), delta=0),
            RuntimeError,
            "huber_loss: delta must be above 0, got 0",
        ),
        (
            lambda: F.smooth_l1_loss(autograd.ones(2), autograd.ones(2), beta=-1),
            RuntimeError,
            "smooth_l1_loss: beta must not be negative, got -1",
        ),
        (
            lambda: F.gaussian_nll_loss(autograd.ones(2), autograd.ones(2), -1.0),
            ValueError,
            "gaussian_nll_loss: var must not be negative, got -1.0",
        ),
        (
            lambda: F.gaussian_nll_loss(autograd.ones(2, 3), autograd.ones(2, 3), autograd.ones(3)),
            ValueError,
            r"gaussian_nll_loss: var must be shaped as input, \(2, 3\), .* got \(3,\)",
        ),
        (
            lambda: F.multi_margin_loss(autograd.ones(2, 3), np.zeros(2, int), p=3),
            ValueError,
            "multi_margin_loss: p must be 1 or 2, got 3",
        ),
        (lambda: nn.MultiMarginLoss(0), ValueError, "MultiMarginLoss: p must be 1 or 2, got 0"),
        (
            lambda: F.multi_margin_loss(autograd.ones(2, 3), np.zeros(2, int), weight=np.ones(2)),
            ValueError,
            r"multi_margin_loss: weight must have shape \(3,\)",
        ),
        (
            lambda: F.multiclass_hinge_loss(autograd.ones(2, 3), np.array([0, 3])),
            IndexError,
            "multiclass_hinge_loss: target 3 is out of range",
        ),
        (
            lambda: F.multiclass_hinge_loss(autograd.ones(2, 3), np.zeros(3, int)),
            ValueError,
            r"multiclass_hinge_loss: expected input of shape \(N, C\)",
        ),
        (
            lambda: F.multiclass_hinge_loss(autograd.ones(2, 3), np.zeros(2)),
            TypeError,
            "multiclass_hinge_loss: target must hold classes, as integers, got float64",
        ),
        (
            lambda: F.multilabel_margin_loss(autograd.ones(3), np.array([3, -1, 0])),
            IndexError,
            "multilabel_margin_loss: target 3 is out of range",
        ),
        (
            lambda: F.multilabel_margin_loss(autograd.ones(3), np.ones(2, int)),
            ValueError,
            "multilabel_margin_loss: expected input and target of one shape",
        ),
        (
            lambda: F.perceptron_loss(autograd.ones(2), np.array([1, 0])),
            ValueError,
            "perceptron_loss: labels must be 1 or -1, got 0",
        ),
        (
            lambda: F.cosine_embedding_loss(autograd.ones(2, 3), autograd.ones(2, 3), np.array(1)),
            RuntimeError,
            "cosine_embedding_loss: expected inputs of shape",
        ),
        (
            lambda: F.margin_ranking_loss(autograd.ones(2), autograd.ones(2), np.array(1)),
            RuntimeError,
            "margin_ranking_loss: expected inputs and target with as many axes",
        ),
        (
            lambda: F.triplet_margin_loss(*[autograd.ones(2, 3)] * 3, margin=0),
            ValueError,
            "triplet_margin_loss: margin must be above 0, got 0",
        ),
        (lambda: nn.TripletMarginLoss(-1), ValueError, "TripletMarginLoss: margin must be above"),
        (
            lambda: F.triplet_margin_loss(autograd.ones(2, 3), autograd.ones(3), autograd.ones(3)),
            RuntimeError,
            "triplet_margin_loss: expected three tensors with as many axes",
        ),
        (lambda: F.pdist(autograd.ones(3)), RuntimeError, r"pdist: expected a matrix of rows"),
        (lambda: F.pdist(autograd.ones(3, 2), -1), RuntimeError, "pdist: expected p >= 0, got -1"),
        (
            lambda: F.kl_div(autograd.ones(2), autograd.ones(2), reduction="avg"),
            ValueError,
            "kl_div: reduction must be",
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


@pytest.mark.parametrize(
    ("size_average", "reduce", "reduction"),
    [(True, None, "mean"), (False, None, "sum"), (None, False, "none"), (None, True, "mean"),
     (False, True, "sum"), (True, False, "none")],
)  # fmt: skip
def test_the_deprecated_arguments_mean_what_they_mean_in_pytorch(size_average, reduce, reduction):
    x, t = autograd.tensor(SCORES), autograd.tensor(CLASSES)
    expected = F.cross_entropy(x, t, reduction=reduction).tolist()
    with pytest.warns(UserWarning, match=f"cross_entropy: size_average .* reduction='{reduction}'"):
        loss = F.cross_entropy(x, t, size_average=size_average, reduce=reduce)
    assert loss.tolist() == expected
    with pytest.warns(UserWarning, match="CrossEntropyLoss: size_average"):
        layer = nn.CrossEntropyLoss(None, size_average, -100, reduce)
    assert layer.reduction == reduction and layer(x, t).tolist() == expected


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
def test_regression_losses_with_a_weight_an_element(torch, name, reduction):
    weight = RNG.random((6, 4))
    compare(torch, name, SCORES, PROBABILITIES, reduction=reduction, weight=weight)


@pytest.mark.parametrize("options", [{}, {"weight": WEIGHT, "label_smoothing": 0.2}])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_probabilities_as_targets_have_a_derivative_too(torch, options, reduction):
    ours = [autograd.tensor(a, requires_grad=True) for a in (SCORES, PROBABILITIES)]
    theirs = [torch.tensor(a, requires_grad=True) for a in (SCORES, PROBABILITIES)]
    weight = options.get("weight")
    more = {"reduction": reduction, "label_smoothing": options.get("label_smoothing", 0.0)}
    loss = F.cross_entropy(*ours, weight, **more)
    expected = torch.nn.functional.cross_entropy(
        *theirs, None if weight is None else torch.tensor(weight), **more
    )
    fused = F.cross_entropy(ours[0], ours[1].detach(), weight, **more)
    np.testing.assert_allclose(loss.numpy(force=True), fused.numpy(force=True), rtol=1e-12)
    np.testing.assert_allclose(loss.numpy(force=True), expected.detach().numpy(), rtol=1e-12)
    loss.sum().backward()
    expected.sum().backward()
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.grad.numpy(), other.grad.numpy(), rtol=1e-11, atol=1e-13)


def test_places_of_maps_are_samples(torch):
    scores = RNG.standard_normal((2, 3, 4, 5))
    classes = RNG.integers(0, 3, (2, 4, 5))
    classes[0, 0] = -100
    for options in ({}, {"weight": WEIGHT[:3]}, {"label_smoothing": 0.1}, {"reduction": "none"}):
        compare(torch, "cross_entropy", scores, classes, **options)
        compare(torch, "cross_entropy", scores[:, :, 0], classes[:, 0], **options)
    shares = np.moveaxis(RNG.dirichlet(np.ones(3), (2, 4, 5)), -1, 1).copy()
    compare(torch, "cross_entropy", scores, shares, weight=WEIGHT[:3], reduction="none")
    compare(torch, "nll_loss", np.log(shares), classes, weight=WEIGHT[:3])


def test_the_mean_of_a_divergence_is_warned_of(torch):
    p, q = PROBABILITIES[:3], PROBABILITIES[3:]
    with pytest.warns(UserWarning, match="reduction='batchmean' is the divergence"):
        loss = F.kl_div(autograd.tensor(np.log(q)), autograd.tensor(p))
    with pytest.warns(UserWarning):
        expected = torch.nn.functional.kl_div(torch.tensor(np.log(q)), torch.tensor(p))
    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)
    with pytest.warns(FutureWarning, match="NLLLoss2d: is deprecated; use NLLLoss"):
        nn.NLLLoss2d()


@pytest.mark.parametrize("p", [0, 1, 1.5, 2, 3, float("inf")])
def test_distances_of_rows_to_later_ones(torch, p):
    x = RNG.standard_normal((5, 3))
    ours, theirs = autograd.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    z, expected = F.pdist(ours, p), torch.nn.functional.pdist(theirs, p)
    np.testing.assert_allclose(z.numpy(force=True), expected.detach().numpy(), rtol=1e-12)
    upstream = RNG.standard_normal(10)
    if p:
        z.backward(autograd.tensor(upstream))
        expected.backward(torch.tensor(upstream))
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-9, atol=1e-12)
    assert F.pdist(ours[:1], p).shape == (0,)


def test_cosines_of_short_vectors_and_of_0(torch):
    x, y = np.array([[0.0, 0.0], [3e-9, 4e-9], [1.0, 2.0]]), np.ones((3, 2))
    ours = [autograd.tensor(a, requires_grad=True) for a in (x, y)]
    theirs = [torch.tensor(a, requires_grad=True) for a in (x, y)]
    z, expected = F.cosine_similarity(*ours), torch.nn.functional.cosine_similarity(*theirs)
    np.testing.assert_allclose(z.numpy(force=True), expected.detach().numpy(), rtol=1e-12)
    z.sum().backward()
    expected.sum().backward()
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.grad.numpy(), other.grad.numpy(), rtol=1e-9, atol=1e-9)


def test_a_variance_may_be_a_number(torch):
    compare(torch, "gaussian_nll_loss", SCORES, PROBABILITIES, var=2.0, full=True)
    compare(torch, "gaussian_nll_loss", SCORES, PROBABILITIES, var=1e-9)


def test_a_distance_of_ones_own(torch):
    a, p, n = RNG.standard_normal((3, 4, 2))

    def squared(x, y):
        return ((x - y) ** 2).sum(-1)

    options = {"distance_function": squared, "swap": True, "margin": 3.0}
    compare(torch, "triplet_margin_with_distance_loss", a, p, n, **options)


def test_soft_margins_do_not_overflow():
    x = autograd.tensor([-1000.0, 1000.0], requires_grad=True)
    loss = F.soft_margin_loss(x, autograd.tensor([1, 1]), reduction="sum")
    loss.backward()
    assert loss.item() == 1000 and x.grad.tolist() == [-1, 0]
    with np.errstate(divide="ignore"):
        certain = F.binary_cross_entropy(autograd.tensor([0.0, 1.0]), autograd.tensor([1.0, 0.0]))
    assert certain.item() == 100


def test_ties_of_hinges_lie_on_pytorchs_side(torch):
    scores = np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 0.0]])
    compare(torch, "multi_margin_loss", scores, np.array([1, 0]), margin=1.0)
    compare(torch, "multilabel_margin_loss", scores, np.array([[1, -1, 0], [0, 1, -1]]))
    labels = np.array([1.0, -1, -1])
    for margin in (0.0, 1.0, 2.0):
        compare(torch, "hinge_embedding_loss", scores[0], labels, margin=margin)
        compare(torch, "margin_ranking_loss", scores[0], scores[1], labels, margin=margin)


def test_an_infinite_logit_costs_infinity_unless_it_is_certain(torch):
    """Not nan, which inf - t inf is: (1 - t) inf."""
    logits, targets = np.array([np.inf, -np.inf, np.inf]), np.array([0.6, 0.3, 0.0])
    for options in ({}, {"pos_weight": autograd.tensor([2.0, 3.0, 1.0], dtype=np.float64)}):
        losses = F.binary_cross_entropy_with_logits(
            autograd.tensor(logits), autograd.tensor(targets), reduction="none", **options
        )
        assert losses.tolist() == [np.inf] * 3
    compare(
        torch,
        "binary_cross_entropy_with_logits",
        np.array([[1e30, 3e4, 700.0]]),
        np.array([[0.6, 0.25, 1.0]]),
        pos_weight=np.array([2.0, 3.0, 0.5]),
    )


@pytest.mark.parametrize("name", ["cross_entropy", "smoothed", "nll_loss"])
@pytest.mark.parametrize(
    ("weight", "target"),
    [
        ([1.0, 0.0], [1, 1]),
        ([1.0, 0.0], [1, -100]),
        ([0.0, 0.0], [0, 1]),
        ([1.0, 1.0], [-100, -100]),
        ([1.0, 0.0], [0, 1]),
    ],
)
def test_a_mean_by_weights_that_sum_to_zero_has_torchs_gradient(name, weight, target, torch):
    """Nan at each place that counts, as the loss is: a gradient of 0 would hide it."""
    options = {"label_smoothing": 0.3} if name == "smoothed" else {}
    results = []
    for library, functional in ((autograd, nn.functional), (torch, torch.nn.functional)):
        x = library.tensor([[0.0, 3.725], [1.0, 2.0]], dtype=library.float64, requires_grad=True)
        weights = library.tensor(weight, dtype=library.float64)
        function = getattr(functional, "nll_loss" if name == "nll_loss" else "cross_entropy")
        loss = function(x, library.tensor(target), weights, **options)
        loss.backward()
        results.append((loss.item(), x.grad.tolist()))
    (ours, our_slope), (theirs, their_slope) = results
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_allclose(our_slope, their_slope, rtol=1e-12, atol=1e-15)
