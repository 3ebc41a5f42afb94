"""Log-softmax and cross-entropy: worked numbers, PyTorch, finite differences, errors."""

import itertools
import sys

import numpy as np
import pytest

import autograd
from autograd.ops.probabilities import log_softmax_over as log_softmax
from autograd.ops.probabilities import softmax_over as softmax
from nn.ops.cross_entropy import cross_entropy

SCORES = np.array([[3.2, 5.1, -1.7]])
FIRST = np.array([0])
SMOOTHINGS = [0.0, 0.1]
REDUCTIONS = ["mean", "sum", "none"]


def test_LS_01_softmax_loss():
    np.testing.assert_allclose(
        softmax(SCORES, dim=1), [[0.12998254, 0.86904954, 0.00096793]], atol=5e-9
    )
    np.testing.assert_allclose(cross_entropy(SCORES, target=FIRST), 2.04035515, atol=5e-9)


def test_LS_02_gradient_is_p_minus_onehot(leaf):
    fused, composed = leaf(SCORES), leaf(SCORES)
    cross_entropy(fused, target=FIRST).backward()
    np.testing.assert_allclose(
        fused.grad.numpy(), [[-0.87001746, 0.86904954, 0.00096793]], atol=5e-9
    )
    exponents = np.exp(composed)
    (-np.log(exponents[0, 0] / np.sum(exponents))).backward()
    np.testing.assert_allclose(fused.grad.numpy(), composed.grad.numpy(), atol=1e-12)
    assert abs(fused.grad.numpy().sum()) < 1e-15


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax_as_pytorch(torch, agrees_with_torch, rng, dtype, dim):
    x = (5 * rng.standard_normal((4, 6))).astype(dtype)
    for ours, theirs in ((softmax, torch.softmax), (log_softmax, torch.log_softmax)):
        agrees_with_torch(lambda x, f=ours: f(x, dim=dim), lambda x, f=theirs: f(x, dim=dim), x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_as_pytorch(torch, agrees_with_torch, rng, dtype, reduction):
    x = (3 * rng.standard_normal((6, 5))).astype(dtype)
    classes = np.array([0, 4, 2, -100, 1, 1])
    soft = softmax(rng.standard_normal((6, 5)), dim=1).astype(dtype)
    weights = (rng.random(5) + 0.5).astype(dtype)
    for target, weight, smoothing in itertools.product(
        (classes, soft), (None, weights), SMOOTHINGS
    ):
        options = {"reduction": reduction, "label_smoothing": smoothing}
        agrees_with_torch(
            lambda x, t=target, w=weight, o=options: cross_entropy(x, target=t, weight=w, **o),
            lambda x, t=target, w=weight, o=options: torch.nn.functional.cross_entropy(
                x, torch.tensor(t), weight=None if w is None else torch.tensor(w), **o
            ),
            x,
        )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_cross_entropy_by_finite_differences(leaf, rng, reduction, smoothing):
    x = leaf(rng.standard_normal((4, 3)))
    soft = softmax(rng.standard_normal((4, 3)), dim=1)
    for target, weight in itertools.product(
        (np.array([0, 2, -100, 1]), soft), (None, np.array([0.5, 1.0, 2.0]))
    ):

        def function(x, target=target, weight=weight):
            return cross_entropy(
                x, target=target, weight=weight, reduction=reduction, label_smoothing=smoothing
            )

        assert autograd.gradcheck(function, [x])
        assert autograd.gradgradcheck(function, [x])


@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize("dim", [0, 1])
def test_softmax_by_finite_differences(leaf, rng, function, dim):
    x = leaf(rng.standard_normal((3, 4)))
    assert autograd.gradcheck(lambda x: function(x, dim=dim), [x])
    assert autograd.gradgradcheck(lambda x: function(x, dim=dim), [x])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_scores_neither_overflow_nor_lose_the_loss(leaf, dtype):
    x = leaf(np.array([[1000.0, 0.0], [-1000.0, 0.0], [1e4, 1e4]], dtype))
    losses = cross_entropy(x, target=np.array([0, 0, 1]), reduction="none")
    np.testing.assert_allclose(losses.detach().numpy(), [0, 1000, np.log(2)], rtol=1e-6)
    losses.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [[0, 0], [-1, 1], [0.5, -0.5]])


def test_a_masked_class_is_no_nan(leaf):
    x = leaf(np.array([[0.0, -np.inf, 0.0]]))
    loss = cross_entropy(x, target=np.array([0]))
    loss.backward()
    np.testing.assert_allclose(loss.item(), np.log(2))
    np.testing.assert_allclose(x.grad.numpy(), [[-0.5, 0, 0.5]])


def test_all_rows_ignored_as_pytorch(torch, leaf):
    target = np.array([-100, -100])
    for reduction in ("sum", "none"):
        x = leaf(np.ones((2, 3)))
        loss = cross_entropy(x, target=target, reduction=reduction)
        assert loss.sum().item() == 0
        loss.sum().backward()
        assert not x.grad.numpy().any()
    mean = cross_entropy(np.ones((2, 3)), target=target)
    assert np.isnan(mean)
    reference = torch.nn.functional.cross_entropy(torch.ones(2, 3), torch.tensor(target))
    assert torch.isnan(reference)


@pytest.mark.parametrize(
    ("x", "target", "options", "error", "words"),
    [
        (
            np.zeros((2, 10)),
            np.array([3, 12]),
            {},
            IndexError,
            r"12 \(row 1\).* \(2, 10\) has classes 0 to 9",
        ),
        (np.zeros((2, 3)), np.array([0, -1]), {}, IndexError, r"-1 \(row 1\)"),
        (np.zeros((2, 3)), np.array([0, 1, 2]), {}, ValueError, r"\(2, 3\).*shape \(3,\)"),
        (np.zeros((2, 3)), np.zeros((2, 2)), {}, ValueError, r"\(2, 3\).*shape \(2, 2\)"),
        (np.zeros(3), np.array(0), {}, ValueError, r"expects x \(N, C\)"),
        (SCORES, FIRST, {"reduction": "average"}, ValueError, "mean, sum or none, got 'average'"),
    ],
)
def test_what_does_not_fit_is_refused(x, target, options, error, words):
    with pytest.raises(error, match=words):
        cross_entropy(x, target=target, **options)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shift", [0.0, 20.0, 40.0, -300.0])
def test_shifted_scores_have_the_same_loss_and_gradient(leaf, rng, dtype, shift):
    """Moderate scores are not shifted by their maximum, others are: no one can tell."""
    scores = rng.standard_normal((5, 7))
    target = rng.integers(0, 7, 5)
    plain, moved = leaf(scores), leaf((scores + shift).astype(dtype))
    expected = cross_entropy(plain, target=target, reduction="none")
    losses = cross_entropy(moved, target=target, reduction="none")
    tolerance = 1e-12 if dtype == np.float64 else 4e-5
    np.testing.assert_allclose(losses.numpy(force=True), expected.numpy(force=True), atol=tolerance)
    upstream = rng.standard_normal(5)
    losses.backward(upstream.astype(dtype))
    expected.backward(upstream)
    np.testing.assert_allclose(moved.grad.numpy(), plain.grad.numpy(), atol=tolerance)


def test_half_precision_is_shifted_always():
    x = np.array([[20.0, 1.0, 0.0], [-20.0, 0.0, -5.0]], np.float16)
    losses = cross_entropy(x, target=np.array([1, 0]), reduction="none")
    assert losses.dtype == np.float16
    exact = cross_entropy(x.astype(np.float64), target=np.array([1, 0]), reduction="none")
    np.testing.assert_allclose(losses, exact, rtol=1e-3)


def test_the_loss_of_what_is_certain_is_never_negative(rng):
    scores = (rng.standard_normal((1000, 5)) * 8).clip(-31, 31).astype(np.float32)
    losses = cross_entropy(scores, target=scores.argmax(1), reduction="none")
    assert losses.min() >= 0 and losses.min() < 1e-6


def test_many_classes_are_added_up_exactly_enough(rng):
    scores = rng.standard_normal((2, 5000)).astype(np.float32)
    target = np.array([17, 4999])
    losses = cross_entropy(scores, target=target, reduction="none")
    exact = cross_entropy(scores.astype(np.float64), target=target, reduction="none")
    np.testing.assert_allclose(losses, exact, rtol=3e-7)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["classes", "smoothed", "probabilities"])
def test_places_by_finite_differences(leaf, rng, reduction, weighted, kind):
    x = leaf(rng.standard_normal((2, 3, 4)))
    target = np.array([[0, 2, -100, 1], [1, 1, 0, 2]])
    if kind == "probabilities":
        target = softmax(rng.standard_normal((2, 3, 4)), dim=1)
    options = {"target": target, "reduction": reduction}
    options |= {"weight": np.array([0.5, 1.0, 2.0]) if weighted else None}
    options |= {"label_smoothing": 0.2 if kind == "smoothed" else 0.0}
    assert autograd.gradcheck(lambda x: cross_entropy(x, **options), [x])
    assert autograd.gradgradcheck(lambda x: cross_entropy(x, **options), [x])


@pytest.mark.parametrize("shape", [(70, 11), (30, 5, 4)])
@pytest.mark.parametrize("scale", [1.0, 60.0])
def test_blocks_and_threads_give_the_same_numbers(leaf, rng, threads, monkeypatch, shape, scale):
    x = (scale * rng.standard_normal(shape)).astype(np.float32)
    target = rng.integers(0, shape[1], shape[:1] + shape[2:])
    upstream = rng.standard_normal(target.shape).astype(np.float32)

    def run():
        scores = leaf(x)
        losses = cross_entropy(scores, target=target, reduction="none")
        losses.backward(upstream)
        return losses.numpy(force=True), scores.grad.numpy()

    whole = run()
    room = sys.modules["nn.ops.cross_entropy"]
    monkeypatch.setattr(room, "LARGE", 100)
    monkeypatch.setattr(room, "BLOCK", 130)
    results = []
    for number in (1, 2, 3):
        threads(number)
        results.append(run())
    for each in results:
        for one, other, first in zip(each, whole, results[0], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
            assert one.tobytes() == first.tobytes()
