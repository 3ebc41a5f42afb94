"""Rows of the course's checklist about losses, by their numbers."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F

ROWS = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
CLASSES = np.array([0, 1, 2])


def leaf(values):
    return autograd.tensor(np.array(values, float), requires_grad=True)


def test_LS_03_softmax_is_a_distribution_and_the_same_for_shifted_scores():
    s = autograd.tensor(ROWS)
    p = F.softmax(s, 1).numpy()
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-15)
    np.testing.assert_allclose(F.softmax(s + 123.0, 1).numpy(), p, rtol=1e-13)
    large = autograd.tensor([[1000.0, 0.0]], dtype=np.float64)
    with np.errstate(all="ignore"):
        naive = autograd.exp(large) / autograd.exp(large).sum()
    assert np.isnan(naive.numpy()[0, 0])
    assert F.softmax(large, 1).tolist() == [[1, 0]]
    for target, loss in ((0, 0), (1, 1000)):
        assert F.cross_entropy(large, np.array([target])).item() == loss
    np.testing.assert_allclose(
        F.log_softmax(s, 1).numpy(), (s - autograd.logsumexp(s, 1, True)).numpy(), rtol=1e-13
    )


def test_LS_04_multiclass_hinge():
    losses = F.multiclass_hinge_loss(autograd.tensor(ROWS), CLASSES, reduction="none")
    np.testing.assert_allclose(losses.numpy(), [2.9, 0, 12.9], rtol=1e-14)
    assert nn.MulticlassHingeLoss()(autograd.tensor(ROWS), CLASSES).item() == pytest.approx(
        5.26666667, abs=1e-8
    )


def test_LS_05_a_margin_scales_with_the_weights():
    rng = np.random.default_rng(0)
    w, x, y = rng.standard_normal((4, 3)), rng.standard_normal((6, 4)), rng.integers(0, 3, 6)
    loss = F.multiclass_hinge_loss(autograd.tensor(x @ w), y).item()
    for c in (0.5, 7.0):
        scaled = F.multiclass_hinge_loss(autograd.tensor(x @ (c * w)), y, margin=c).item()
        assert scaled == pytest.approx(c * loss, rel=1e-12)
    pytorchs = F.multi_margin_loss(autograd.tensor(x @ w), autograd.tensor(y)).item()
    assert 3 * pytorchs == pytest.approx(loss, rel=1e-12)  # divided by C


def test_LS_06_the_gradient_of_the_hinge_counts_the_classes_over_the_margin():
    s = leaf(ROWS)
    F.multiclass_hinge_loss(s, CLASSES, reduction="sum").backward()
    assert s.grad.tolist() == [[-1, 1, 0], [0, 0, 0], [1, 1, -2]]
    s.grad = None
    F.multiclass_hinge_loss(s, CLASSES).backward()
    np.testing.assert_allclose(s.grad.numpy(), np.array([[-1, 1, 0], [0, 0, 0], [1, 1, -2]]) / 3)


def test_LS_07_the_data_loss_is_a_mean_and_the_full_loss_adds_a_penalty():
    s = autograd.tensor(ROWS)
    losses = F.cross_entropy(s, CLASSES, reduction="none").numpy()
    np.testing.assert_allclose(losses, [2.04035515, 0.07913178, 6.1564772], atol=5e-9)
    assert F.cross_entropy(s, CLASSES).item() == pytest.approx(2.75865471, abs=5e-9)
    assert F.cross_entropy(s, CLASSES, reduction="sum").item() == pytest.approx(losses.sum())
    w = autograd.tensor([[1.0, -2.0], [0.0, 0.5]], dtype=np.float64)
    full = F.cross_entropy(s, CLASSES) + F.l2_penalty(w, 0.1)
    assert full.item() == pytest.approx(2.75865471 + 0.1 * 5.25, abs=5e-9)


def test_LS_08_total_squared_error():
    o, t = leaf([0.75136507, 0.772928465]), np.array([0.01, 0.99])
    loss = F.half_squared_error(o, t)
    loss.backward()
    assert loss.item() == pytest.approx(0.29837111, abs=5e-9)
    np.testing.assert_allclose(o.grad.numpy(), [0.74136507, -0.21707153], atol=5e-9)
    mean = F.mse_loss(o, autograd.tensor(t)).item()  # of squares, without the 1/2
    assert mean == pytest.approx(2 * loss.item() / 2)
    assert nn.HalfSquaredError()(o, t).item() == loss.item()


def test_LS_09_half_the_square_is_a_gaussian_likelihood():
    o, t = autograd.tensor([0.3, -1.2]).double(), autograd.tensor([0.5, 2.0]).double()
    likelihood = F.gaussian_nll_loss(o, t, 1.0, full=True, reduction="none")
    half = F.half_squared_error(o, t, reduction="none")
    np.testing.assert_allclose(
        likelihood.numpy() - np.log(np.sqrt(2 * np.pi)), half.numpy(), rtol=1e-14
    )


def test_LS_10_binary_cross_entropy_is_a_bernoulli_likelihood():
    z, y = leaf([-2.0, 0.0, 3.0]), autograd.tensor([0.0, 1.0, 1.0]).double()
    losses = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    np.testing.assert_allclose(losses.numpy(force=True), [0.12692801, 0.69314718, 0.04858735],
                               atol=5e-9)  # fmt: skip
    p = 1 / (1 + np.exp(-z.numpy()))
    np.testing.assert_allclose(
        losses.numpy(force=True), -np.log(np.where(y.numpy() == 1, p, 1 - p))
    )
    mean = F.binary_cross_entropy_with_logits(z, y)
    mean.backward()
    assert mean.item() == pytest.approx(0.28955408, abs=2e-7)
    np.testing.assert_allclose(z.grad.numpy(), [0.03973431, -0.16666667, -0.01580862], atol=5e-9)
    probability = F.sigmoid(z.detach())
    assert F.binary_cross_entropy(probability, y).item() == pytest.approx(mean.item(), rel=1e-12)


def test_LS_12_the_hinge_starts_at_the_number_of_classes_less_one():
    scores = autograd.full((5, 10), 0.7)
    assert F.multiclass_hinge_loss(scores, np.arange(5)).item() == 9.0


def test_LS_14_one_class_of_several_or_several_at_once():
    z = np.random.default_rng(0).standard_normal((50, 4)) * 3
    np.testing.assert_allclose(F.softmax(autograd.tensor(z), 1).numpy().sum(1), 1)
    sums = F.sigmoid(autograd.tensor(z)).numpy().sum(1)
    assert sums.min() < 1 < 2 < sums.max() < 4
    one = autograd.tensor(z[:, :1])
    pair = autograd.cat([one, one * 0], 1)
    np.testing.assert_allclose(
        F.softmax(pair, 1)[:, :1].numpy(), F.sigmoid(one).numpy(), rtol=1e-13
    )
    binary = F.binary_cross_entropy_with_logits(one[:, 0], autograd.ones(50, dtype=np.float64))
    assert F.cross_entropy(pair, np.zeros(50, int)).item() == pytest.approx(binary.item())


def test_LS_15_rosenblatts_criterion():
    x, y = np.array([[2.0, 1], [-1, -1.5], [1, -2]]), np.array([1.0, 1, -1])
    w, b = leaf([1.0, 1.0]), leaf(0.0)
    scores = autograd.tensor(x) @ w + b
    np.testing.assert_allclose((scores * y).numpy(force=True), [3, -2.5, 1])
    loss = F.perceptron_loss(scores, autograd.tensor(y))
    loss.backward()
    assert (loss.item(), w.grad.tolist(), b.grad.item()) == (2.5, [1, 1.5], -1)
    assert loss.item() / np.linalg.norm(w.numpy()) == pytest.approx(1.76776695, abs=5e-9)
    # Learning can begin at weights of 0, where every sample lies on the boundary.
    start = leaf([0.0, 0.0])
    F.perceptron_loss(autograd.tensor(x) @ start, autograd.tensor(y)).backward()
    assert start.grad.tolist() == (-(x * y[:, None]).sum(0)).tolist()


def test_LS_16_the_loss_is_the_root_of_the_graph_and_its_gradient_is_1():
    from viz import graph

    x = leaf([1.0, 2.0])
    loss = F.mse_loss(x * 2, autograd.zeros(2, dtype=np.float64))
    first = next(autograd.steps(loss, retain_graph=True))
    assert first.op is loss.node and first.upstream == 1
    loss.backward()
    assert loss.grad.item() == 1
    assert graph(loss).data


LOSSES = [
    nn.BCELoss, nn.BCEWithLogitsLoss, nn.CTCLoss, nn.CosineEmbeddingLoss, nn.CrossEntropyLoss,
    nn.GaussianNLLLoss, nn.HalfSquaredError, nn.HingeEmbeddingLoss, nn.HuberLoss, nn.KLDivLoss,
    nn.L1Loss, nn.MSELoss, nn.MarginRankingLoss, nn.MultiLabelMarginLoss,
    nn.MultiLabelSoftMarginLoss, nn.MultiMarginLoss, nn.MulticlassHingeLoss, nn.NLLLoss,
    nn.PerceptronLoss, nn.PoissonNLLLoss, nn.SmoothL1Loss, nn.SoftMarginLoss, nn.TripletMarginLoss,
    nn.CosineSimilarity,
]  # fmt: skip


@pytest.mark.parametrize("layer", LOSSES, ids=lambda layer: layer.__name__)
def test_LS_17_every_loss_has_its_bounds(layer):
    assert F.check_loss(layer(), 0.5) == 0.5
    with pytest.raises(ValueError, match="nan is outside of its bounds"):
        F.check_loss(layer(), autograd.tensor([0.5, float("nan")]))


def test_LS_17_a_loss_outside_of_its_bounds_is_an_error():
    for loss in ("cross_entropy", F.cross_entropy, nn.CrossEntropyLoss(), "multiclass_hinge_loss"):
        assert F.check_loss(loss, 0.0) == 0.0
        with pytest.raises(ValueError, match=r"-0.25 is outside of its bounds, \[0, inf\)"):
            F.check_loss(loss, autograd.tensor(-0.25))
    with pytest.raises(ValueError, match=r"accuracy: 40.45 is outside of its bounds, \[0, 1\]"):
        F.check_loss("accuracy", 40.45)
    with pytest.raises(ValueError, match="no bounds are known of 'relu'"):
        F.check_loss(F.relu, 1.0)
    assert F.check_loss(nn.GaussianNLLLoss(), -3.0) == -3.0
    rng = np.random.default_rng(0)
    for scale in (1e-3, 1.0, 1e3):
        scores = autograd.tensor((rng.standard_normal((64, 10)) * scale).astype(np.float32))
        for y in (scores.numpy().argmax(1), rng.integers(0, 10, 64)):
            for loss in (F.cross_entropy, F.multiclass_hinge_loss):
                F.check_loss(loss, loss(scores, autograd.tensor(y), reduction="none"))
            F.check_loss("accuracy", (scores.numpy().argmax(1) == y).mean())
