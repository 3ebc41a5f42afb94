"""Rows of the course's checklist about penalties on weights, by their numbers."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F

W = [[1.0, -2.0], [0.0, 0.5]]


def penalty(function, *args, weights=W):
    w = autograd.tensor(np.array(weights), requires_grad=True)
    loss = function(w, *args)
    loss.backward()
    return loss.item(), w.grad.numpy()


def test_RG_01_l1():
    value, slope = penalty(F.l1_penalty)
    assert value == 3.5 and slope.tolist() == [[1, -1], [0, 1]]
    value, slope = penalty(F.l1_penalty, 0.5)
    assert value == 1.75 and slope.tolist() == [[0.5, -0.5], [0, 0.5]]


def test_RG_02_l2():
    value, slope = penalty(F.l2_penalty)
    assert value == 5.25 and slope.tolist() == [[2, -4], [0, 1]]
    value, slope = penalty(F.l2_penalty, 3.0, True)
    assert value == 1.5 * 5.25 and slope.tolist() == [[3, -6], [0, 1.5]]


def sgd(loss_of, decay, steps=20):
    w = autograd.tensor(np.array(W), requires_grad=True)
    for _ in range(steps):
        w.grad = None
        loss_of(w).backward()
        with autograd.no_grad():
            w -= 0.1 * (w.grad + decay * w)
    return w.numpy()


def test_RG_05_l2_is_weight_decay_for_plain_descent():
    x = np.random.default_rng(0).standard_normal((5, 2))

    def data_loss(w):
        return F.mse_loss(autograd.tensor(x) @ w, autograd.ones(5, 2, dtype=np.float64))

    penalised = sgd(lambda w: data_loss(w) + F.l2_penalty(w, 0.3, half=True), 0.0)
    decayed = sgd(data_loss, 0.3)
    np.testing.assert_allclose(penalised, decayed, atol=1e-12)
    assert np.abs(penalised - sgd(data_loss, 0.0)).max() > 0.01


@pytest.mark.parametrize("function", [F.l1_penalty, F.l2_penalty])
def test_RG_08_a_penalty_raises_the_loss_by_its_value(function):
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    data = F.mse_loss(net(autograd.ones(2, 3, dtype=np.float64)), autograd.zeros(2, 1).double())
    full = data + function(net.parameters(), 0.01)
    every = np.concatenate([p.numpy().ravel() for p in net.parameters()])
    size = np.abs(every).sum() if function is F.l1_penalty else (every**2).sum()
    assert full.item() - data.item() == pytest.approx(0.01 * size, rel=1e-10)
    assert full.item() > data.item()


def test_MT_03_nuclear_norm():
    value, slope = penalty(F.nuclear_penalty, weights=[[1.0, 2.0], [3.0, 4.0]])
    assert value == pytest.approx(5.83095189, abs=5e-9)
    np.testing.assert_allclose(
        slope, [[-0.51449576, 0.85749293], [0.85749293, 0.51449576]], atol=5e-9
    )
    assert penalty(F.nuclear_penalty, weights=np.diag([3.0, 4.0]))[0] == pytest.approx(7)
    conv = nn.Conv2d(2, 3, 2).double()
    rows = np.linalg.svd(conv.weight.numpy().reshape(3, 8), compute_uv=False).sum()
    assert F.nuclear_penalty(conv.weight, 2.0).item() == pytest.approx(2 * rows)


def test_what_is_no_matrix_or_no_tensor_is_refused():
    with pytest.raises(ValueError, match=r"nuclear_penalty: expected matrices, got shape \(3,\)"):
        F.nuclear_penalty(autograd.ones(3))
    with pytest.raises(TypeError, match="l1_penalty: weights must be a floating-point tensor"):
        F.l1_penalty([autograd.tensor([1, 2])])
    assert F.l2_penalty([]).item() == 0
