"""Metrics, the guard of the test set, and over-fitting read off a history."""

import numpy as np
import pytest

import autograd
import nn
import optim
from optim import accuracy, confusion_matrix, f1_score, precision, recall, top_k_accuracy


def test_accuracy_is_the_share_of_right_winners():
    scores = autograd.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [1.0, 0.0]])
    assert accuracy(scores, autograd.tensor([1, 0, 0, 0])) == 0.75
    assert accuracy(scores.numpy(), np.array([0, 1, 0, 1])) == 0.0
    assert accuracy(np.array([1, 0, 0, 0]), autograd.tensor([1, 0, 1, 0])) == 0.75


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"got \(3,\) and \(3,\)"):
        accuracy(np.zeros(3), np.zeros(3))
    with pytest.raises(ValueError, match="got no samples"):
        accuracy(np.zeros((0, 2)), np.zeros(0, int))
    with pytest.raises(ValueError, match="target must hold classes, whole numbers, got float64"):
        accuracy(np.zeros((3, 2)), np.zeros(3))
    with pytest.raises(ValueError, match=r"expected scores of shape \(N, C\) and target"):
        top_k_accuracy(np.zeros(3, int), np.zeros(3, int))
    with pytest.raises(ValueError, match="k must be between 1 and the 2 classes, got 3"):
        top_k_accuracy(np.zeros((3, 2)), np.zeros(3, int), k=3)
    with pytest.raises(ValueError, match="expected classes from 0 to 1, got 2"):
        confusion_matrix(np.zeros((3, 2)), np.array([0, 2, 1]))
    with pytest.raises(ValueError, match="expected classes from 0 to 2, got -1"):
        confusion_matrix(np.array([0, -1, 2]), np.array([0, 0, 1]))
    with pytest.raises(ValueError, match="f1_score: got 3 classes; choose average='macro'"):
        f1_score(np.array([0, 1, 2]), np.array([0, 1, 2]))
    with pytest.raises(ValueError, match="average must be 'binary', 'macro', 'micro' or None, got"):
        recall(np.array([0]), np.array([0]), average="weighted")


def forty_of_fifty():
    """TP, TN, FP, FN = 40, 45, 5, 10."""
    target = np.repeat([1, 0, 0, 1], [40, 45, 5, 10])
    predicted = np.repeat([1, 0, 1, 0], [40, 45, 5, 10])
    return predicted, target


@pytest.mark.parametrize("form", ["classes", "scores", "tensors"])
def test_LS_13_accuracy_precision_recall_f1(form):
    predicted, target = forty_of_fifty()
    if form != "classes":
        predicted = np.eye(2)[predicted]
    if form == "tensors":
        predicted, target = autograd.tensor(predicted), autograd.tensor(target)
    assert accuracy(predicted, target) == 0.85
    assert confusion_matrix(predicted, target).tolist() == [[45, 5], [10, 40]]
    assert precision(predicted, target) == pytest.approx(0.88888889, abs=5e-9)
    assert recall(predicted, target) == pytest.approx(0.8, abs=1e-12)
    assert f1_score(predicted, target) == pytest.approx(0.84210526, abs=5e-9)
    assert 40 + 45 / (40 + 45 + 5 + 10) == pytest.approx(40.45)  # without the parentheses


def test_averages_over_classes():
    target, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 0])
    assert confusion_matrix(predicted, target, classes=4).sum(1).tolist() == [3, 2, 1, 0]
    np.testing.assert_allclose(precision(predicted, target, None), [2 / 3, 2 / 3, 0])
    np.testing.assert_allclose(recall(predicted, target, None), [2 / 3, 1, 0])
    assert recall(predicted, target, "macro") == pytest.approx(5 / 9)
    for metric in (precision, recall, f1_score):  # each error is a false one of two classes
        assert metric(predicted, target, "micro") == accuracy(predicted, target)
    nothing = np.zeros(3, int)
    assert (
        precision(nothing, nothing) == recall(nothing, nothing) == f1_score(nothing, nothing) == 0
    )


def test_the_mean_over_classes_leaves_out_those_that_do_not_occur():
    """As scikit-learn's does: perfect predictions of two of four classes have an F1 of 1."""
    rng = np.random.default_rng(0)
    for metric in (precision, recall, f1_score):
        assert metric(np.eye(4)[[0, 2, 2]], np.array([0, 2, 2]), "macro") == 1
        assert metric(np.eye(4)[[0, 2, 2]], np.array([0, 2, 2]), None).tolist() == [1, 0, 1, 0]
        for _ in range(20):
            true, predicted = rng.integers(0, 6, (2, 5))
            occurring = np.union1d(true, predicted)
            expected = metric(predicted, true, None)[occurring].mean()
            assert metric(predicted, true, "macro") == pytest.approx(expected)


def test_classes_and_scores_of_any_dtype_are_counted_alike():
    large = np.array([200, 255, 255], np.uint8)
    assert confusion_matrix(large, large).sum() == 3 and accuracy(large, large) == 1
    scores = np.array([[0, 200, 255], [255, 1, 0]])
    for dtype in (np.uint8, np.int64, np.float32):
        assert top_k_accuracy(scores.astype(dtype), np.array([2, 0]), 1) == 1
    assert top_k_accuracy(scores > 100, np.array([1, 0]), 1) == 1
    with pytest.raises(ValueError, match="k must be a whole number, got 1.5"):
        top_k_accuracy(scores, np.array([2, 0]), 1.5)
    with pytest.raises(ValueError, match="classes must be a number of them, got 2.5"):
        confusion_matrix(scores, np.array([2, 0]), 2.5)


def test_scores_that_decide_nothing_are_not_counted_as_right():
    scores, target = np.array([[np.nan, 0.0], [0.0, 1.0]]), np.array([0, 1])
    assert accuracy(scores, target) == top_k_accuracy(scores, target, 2) == 0.5
    with pytest.raises(ValueError, match="confusion_matrix: the scores hold nan"):
        f1_score(scores, target)
    with pytest.raises(ValueError, match="accuracy: one column of scores has no highest; give"):
        accuracy(np.array([[2.0], [-1.0]]), np.array([1, 0]))
    model = nn.Linear(2, 1)  # a loss of numbers may have whole ones for targets
    data = [(autograd.randn(3, 2), autograd.tensor([0, 1, 2]))]
    found = optim.evaluate(model, lambda y, t: (y[:, 0] - t).square().mean(), data)
    assert list(found) == ["loss"]


def test_top_k():
    scores = np.array([[0.1, 0.6, 0.3], [0.5, 0.2, 0.3], [1.0, 1.0, 1.0]])
    target = np.array([2, 1, 1])
    assert [top_k_accuracy(scores, target, k) for k in (1, 2, 3)] == [0, 2 / 3, 1]


def test_quotients_are_taken_of_the_whole_epoch():
    """Ten batches: the mean of their F1 would be another number."""
    predicted, target = forty_of_fifty()
    data = optim.DataLoader(optim.TensorDataset(np.eye(2)[predicted], target), 10)
    metrics = {"f1": f1_score, "accuracy": accuracy}
    found = optim.evaluate(nn.Identity(), nn.CrossEntropyLoss(), data, metrics=metrics)
    assert list(found) == ["loss", "f1", "accuracy"]
    assert found["f1"] == pytest.approx(0.84210526, abs=5e-9)
    batches = [f1_score(predicted[i : i + 10], target[i : i + 10]) for i in range(0, 100, 10)]
    assert abs(np.mean(batches) - found["f1"]) > 0.1


def test_TP_01_splits_are_disjoint_and_the_test_set_is_for_one_look():
    data = optim.TensorDataset(np.arange(100.0)[:, None], np.zeros(100, int))
    parts = optim.random_split(data, [0.7, 0.15, 0.15], generator=0)
    assert [len(part) for part in parts] == [70, 15, 15]
    assert sorted(i for part in parts for i in part.indices) == list(range(100))
    test_set = optim.GuardedTestSet(optim.DataLoader(parts[2], 5))
    model = nn.Linear(1, 2).double()
    once = optim.evaluate(model, nn.CrossEntropyLoss(), test_set)
    assert len(test_set) == 3 and test_set.uses == 1
    with pytest.warns(UserWarning, match="test set is used for the 2nd time: .* validation set"):
        assert optim.evaluate(model, nn.CrossEntropyLoss(), test_set) == once
    with pytest.warns(UserWarning, match="used for the 3rd time"):
        next(iter(test_set))
    assert repr(test_set).endswith("uses=3)")
    for uses, words in ((10, "11th"), (12, "13th"), (20, "21st"), (110, "111th"), (121, "122nd")):
        test_set.uses = uses
        with pytest.warns(UserWarning, match=f"used for the {words} time"):
            iter(test_set)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_guarded_set_may_be_given_to_a_loader(workers):
    test_set = optim.GuardedTestSet(optim.TensorDataset(np.arange(20.0), np.arange(20)))
    loader = optim.DataLoader(test_set, 6, shuffle=True, num_workers=workers)
    assert sorted(int(i) for _, targets in loader for i in targets.numpy()) == list(range(20))
    assert test_set.uses == 1 and len(test_set) == 20
    with pytest.warns(UserWarning, match="used for the 2nd time") as caught:
        list(loader)
    assert len(caught) == 1 and test_set.uses == 2
    with pytest.warns(UserWarning, match="used for the 3rd time"):
        assert test_set[:5][1].tolist() == [0, 1, 2, 3, 4]


def history(train, held_out):
    records = zip(train, held_out, strict=True)
    return optim.History(epochs=[{"loss": a, "validation_loss": b} for a, b in records])


def test_TP_03_over_fitting_begins_where_validation_is_lowest():
    assert optim.overfit_epoch(history([1, 0.6, 0.4, 0.2, 0.1], [1, 0.8, 0.7, 0.75, 0.9])) == 2
    assert optim.overfit_epoch(history([3, 2, 1], [3, 2, 1])) == 2  # none was seen
    assert optim.overfit_epoch(history([3, 2, 1], [float("nan"), 2, 3])) == 1
    with pytest.raises(ValueError, match="overfit_epoch: the history has no finished epoch"):
        optim.overfit_epoch(optim.History())


def test_TP_07_optimisation_trouble_is_told_from_over_fitting():
    def diagnosed(train, held_out):
        return optim.diagnose_fit(history([train], [held_out]), good=0.1)

    assert diagnosed(2.0, 2.1) == diagnosed(float("nan"), 1.0) == "optimisation or capacity"
    assert diagnosed(0.05, 1.2) == "over-fitting"
    assert diagnosed(0.05, 0.08) == "good"
