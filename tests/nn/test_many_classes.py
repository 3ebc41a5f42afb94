"""Losses that add up many ways: labels over alignments, classes over clusters."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F

RNG = np.random.default_rng(0)
LENGTHS = np.array([7, 5, 4]), np.array([3, 0, 2])
LABELS = np.array([[1, 1, 2], [0, 0, 0], [3, 1, 0]])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_ctc_after_a_softmax_has_pytorchs_gradient(torch, reduction):
    scores = RNG.standard_normal((7, 3, 4))
    ours, theirs = autograd.tensor(scores, requires_grad=True), torch.tensor(scores)
    theirs.requires_grad_()
    loss = F.ctc_loss(F.log_softmax(ours, 2), LABELS, *LENGTHS, reduction=reduction)
    expected = torch.nn.functional.ctc_loss(
        torch.log_softmax(theirs, 2), *map(torch.tensor, (LABELS, *LENGTHS)), reduction=reduction
    )
    np.testing.assert_allclose(loss.numpy(force=True), expected.detach().numpy(), rtol=1e-12)
    upstream = RNG.standard_normal(loss.shape)
    loss.backward(autograd.tensor(upstream))
    expected.backward(torch.tensor(upstream))
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-9, atol=1e-12)
    assert not ours.grad.numpy()[5:, 1].any()  # beyond the end of a sequence


def test_ctc_by_finite_differences():
    scores = autograd.tensor(RNG.standard_normal((4, 2, 3)), requires_grad=True)

    def loss(scores):
        return F.ctc_loss(scores, [[1, 1], [2, 0]], [4, 3], [2, 1], reduction="sum")

    assert autograd.gradcheck(loss, [scores])
    assert autograd.gradgradcheck(loss, [scores], fast_mode=True)


def test_labels_that_do_not_fit_into_the_time_cost_infinity_or_nothing():
    logs = F.log_softmax(autograd.zeros(2, 1, 3, requires_grad=True), 2)
    assert F.ctc_loss(logs, [[1, 1]], [2], [2]).item() == np.inf  # 1, blank, 1 takes three
    assert F.ctc_loss(logs, [[1, 2]], [2], [2], reduction="sum").item() == pytest.approx(np.log(9))
    assert nn.CTCLoss(zero_infinity=True)(logs, [[1, 1]], [2], [2]).item() == 0


def test_what_costs_infinity_does_not_pass_for_learnt(torch):
    """The gradient of an infinite loss is none, and 0 only if that is asked for."""
    for zero in (True, False):
        scores = RNG.standard_normal((3, 2, 4))
        mine, other = (library.tensor(scores) for library in (autograd, torch))
        mine.requires_grad_(), other.requires_grad_()
        arguments = [[1, 1], [2, 3]], [2, 3], [2, 2]
        with np.errstate(invalid="ignore"):
            logs = F.log_softmax(mine, 2)
            F.ctc_loss(logs, *arguments, reduction="sum", zero_infinity=zero).backward()
        theirs = map(torch.tensor, arguments)
        logs = torch.nn.functional.log_softmax(other, 2)
        loss = torch.nn.functional.ctc_loss(logs, *theirs, reduction="sum", zero_infinity=zero)
        loss.backward()
        finite = np.isfinite(other.grad.numpy())
        np.testing.assert_array_equal(np.isfinite(mine.grad.numpy()).all(2), finite.all(2))
        np.testing.assert_allclose(mine.grad.numpy()[finite], other.grad.numpy()[finite])
        assert finite.all() == zero


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[1]], [3], [1]), "input_lengths reach 3, but T is 2"),
        (([[1]], [2, 2], [1]), "input_lengths must be 1 whole numbers"),
        (([[1]], [2], [-1]), "target_lengths must be 1 whole numbers, none negative"),
        (([[7]], [2], [1]), "target 7 is not one of the 3 classes"),
        (([[1]], [2], [2]), r"targets of shape \(1, 1\) are neither \(1, S\) with S of at least 2"),
        (([[1.0]], [2], [1]), "targets must be integers, got float64"),
        (([[1]], [2], [1], 3), "blank must be one of 3 classes, got 3"),
    ],
)
def test_labels_and_lengths_that_do_not_fit_are_refused(arguments, words):
    with pytest.raises(RuntimeError, match=f"ctc_loss: {words}"):
        F.ctc_loss(autograd.zeros(2, 1, 3), *arguments)


def test_adaptive_softmax_is_a_distribution_over_all_classes(torch):
    options = {"in_features": 6, "n_classes": 12, "cutoffs": [3, 7], "div_value": 2.0}
    ours = nn.AdaptiveLogSoftmaxWithLoss(**options).double()
    theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(**options).double()
    ours.load_state_dict(theirs.state_dict())
    x = RNG.standard_normal((20, 6))
    logs = ours.log_prob(autograd.tensor(x))
    np.testing.assert_allclose(np.exp(logs.numpy(force=True)).sum(1), 1, rtol=1e-12)
    expected = theirs.log_prob(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(logs.numpy(force=True), expected, rtol=1e-11)
    assert ours.predict(autograd.tensor(x)).tolist() == theirs.predict(torch.tensor(x)).tolist()
    result = ours(autograd.tensor(x), autograd.tensor(np.arange(20) % 12))
    np.testing.assert_allclose(
        result.output.numpy(force=True), expected[np.arange(20), np.arange(20) % 12], rtol=1e-11
    )
    assert result.loss.item() == pytest.approx(-result.output.numpy(force=True).mean())
    with pytest.raises(ValueError, match=r"cutoffs must be rising integers .*, got \[7, 3\]"):
        nn.AdaptiveLogSoftmaxWithLoss(6, 12, [7, 3])
    with pytest.raises(RuntimeError, match=r"targets must be in \[0, 11\], got values from 0 to"):
        ours(autograd.tensor(x[:2]), autograd.tensor([0, 12]))
    with pytest.raises(RuntimeError, match=r"got \(2, 6\) and \(3,\)"):
        ours(autograd.tensor(x[:2]), autograd.tensor([0, 1, 2]))
