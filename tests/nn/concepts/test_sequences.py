"""Rows of the course's checklist about recurrent networks."""

import numpy as np

import autograd
import nn


def unrolled(length=4, size=3):
    """Return a vanilla RNN, an input, a first state, and the last state it leads to."""
    layer = nn.RNN(2, size).double()
    rng = np.random.default_rng(0)
    x = autograd.tensor(rng.standard_normal((length, 1, 2)))
    start = autograd.tensor(rng.standard_normal((1, 1, size)), requires_grad=True)
    y, last = layer(x, start)
    return layer, x, start, y, last


def test_LY_33_the_graph_is_unrolled_and_a_weight_s_gradient_is_a_sum_over_time():
    layer, x, start, y, last = unrolled()
    weight = layer.weight_hh_l0
    sent = []
    for step in autograd.steps(last.sum()):
        sent += [
            contribution
            for operand, contribution in zip(step.op.operands, step.contributions, strict=True)
            if operand is weight.node
        ]
    assert len(sent) == 4  # once a step
    np.testing.assert_allclose(np.sum(sent, axis=0), weight.grad.numpy(), rtol=1e-12)

    # By hand: h_t = tanh(s_t), dL/ds_t = dL/dh_t (1 - h_t^2), dL/dW = sum of dL/ds_t h_(t-1)^T.
    states = np.concatenate([start.detach().numpy()[0], y.detach().numpy()[:, 0]])
    slope, total = np.ones(3), np.zeros((3, 3))
    for t in (4, 3, 2, 1):
        slope = slope * (1 - states[t] ** 2)
        total += np.outer(slope, states[t - 1])
        slope = weight.detach().numpy().T @ slope
    np.testing.assert_allclose(weight.grad.numpy(), total, rtol=1e-12)
    np.testing.assert_allclose(start.grad.numpy()[0, 0], slope, rtol=1e-12)


def test_LY_33_the_gradient_of_the_first_state_has_a_factor_w_for_each_step():
    """Where relu passes everything, dL/dh_0 = (W^T)^T dL/dh_T: 50 steps shrink or blow it up."""
    for factor, expected in ((1.1, 1.1**50), (0.9, 0.9**50)):
        layer = nn.RNN(1, 2, nonlinearity="relu", bias=False).double()
        with autograd.no_grad():
            layer.weight_hh_l0.copy_(factor * np.array([[0.0, 1.0], [1.0, 0.0]]))
        start = autograd.ones(1, 1, 2, dtype=np.float64).requires_grad_()
        _, last = layer(autograd.zeros(50, 1, 1, dtype=np.float64), start)
        last[0, 0, 0].backward()
        np.testing.assert_allclose(start.grad.numpy()[0, 0], [expected, 0.0], rtol=1e-10)


def test_CM_07_a_vanilla_rnn_echoes_what_it_saw_five_steps_ago():
    """Classify a sequence by its first symbol, by plain gradient descent."""
    rng = np.random.default_rng(0)
    symbols = rng.integers(0, 4, (5, 64))
    x = autograd.tensor(np.eye(4, dtype=np.float32)[symbols])
    target = autograd.tensor(symbols[0])
    recurrent, classifier = nn.RNN(4, 24), nn.Linear(24, 4)
    parameters = [*recurrent.parameters(), *classifier.parameters()]
    losses = []
    for _ in range(150):
        _, last = recurrent(x)
        scores = classifier(last[0])
        loss = nn.functional.cross_entropy(scores, target)
        losses.append(loss.item())
        gradients = autograd.grad(loss, parameters)
        with autograd.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= 0.5 * gradient
    assert losses[0] > 1.2 > 0.1 > losses[-1]
    assert (scores.argmax(1) == target).all()
