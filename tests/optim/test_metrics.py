"""Metrics."""

import numpy as np
import pytest

import autograd
from optim import accuracy


def test_accuracy_is_the_share_of_right_winners():
    scores = autograd.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [1.0, 0.0]])
    assert accuracy(scores, autograd.tensor([1, 0, 0, 0])) == 0.75
    assert accuracy(scores.numpy(), np.array([0, 1, 0, 1])) == 0.0


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"got \(3,\) and \(3,\)"):
        accuracy(np.zeros(3), np.zeros(3))
    with pytest.raises(ValueError, match="got no samples"):
        accuracy(np.zeros((0, 2)), np.zeros(0))
