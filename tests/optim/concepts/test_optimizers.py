"""Group OP: optimisers, by the worked numbers of the course; schedules have a file of their own."""

from math import sqrt

import numpy as np
import pytest

import autograd
import optim
from nn.utils import clip_grad_norm_, clip_grad_value_
from optim.data import DataLoader, TensorDataset


def parabola(make, steps=3, start=1.0, shape=()):
    """The first values of w on f(w) = w^2, g = 2 w."""
    w = autograd.tensor(np.full(shape, start), requires_grad=True)
    optimizer = make([w])
    values = []
    for _ in range(steps):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
        values.append(float(np.ravel(w.numpy())[0]))
    return values


@pytest.mark.parametrize("shape", [(), (3,)], ids=["scalar", "vector"])
class TestCourse:
    """w0 = 1, lr = .1; a scalar parameter takes the path of its own."""

    def test_OP_01_sgd(self, shape):
        values = parabola(lambda w: optim.SGD(w, lr=0.1), shape=shape)
        assert values == pytest.approx([0.8, 0.64, 0.512], abs=1e-9)

    def test_OP_02_momentum(self, shape):
        values = parabola(lambda w: optim.SGD(w, lr=0.1, momentum=0.9), shape=shape)
        assert values == pytest.approx([0.8, 0.46, 0.062], abs=1e-9)

    def test_OP_03_nesterov(self, shape):
        values = parabola(lambda w: optim.SGD(w, lr=0.1, momentum=0.9, nesterov=True), shape=shape)
        assert values == pytest.approx([0.62, 0.2224, -0.108352], abs=1e-9)

    def test_OP_04_adagrad(self, shape):
        values = parabola(lambda w: optim.Adagrad(w, lr=0.1), shape=shape)
        assert values == pytest.approx([0.9, 0.8331035268, 0.7804561814], abs=1e-9)

    def test_OP_05_rmsprop(self, shape):
        values = parabola(lambda w: optim.RMSprop(w, lr=0.1), shape=shape)
        assert values == pytest.approx([5e-8, -3e-10, 0], abs=1e-9)
        values = parabola(lambda w: optim.RMSprop(w, lr=0.1, alpha=0.9), shape=shape)
        expected = [0.683772239, 0.4988706135, 0.3691805603]
        assert values == pytest.approx(expected, abs=1e-9)

    def test_OP_06_adam(self, shape):
        values = parabola(lambda w: optim.Adam(w, lr=0.1), shape=shape)
        expected = [0.9000000005, 0.8004122287, 0.7015862729]
        assert values == pytest.approx(expected, abs=1e-9)
        # Without the correction for the start at 0 the first step is 3.16 times too long.
        m = v = 0.0
        w, uncorrected = 1.0, []
        for _ in range(3):
            m, v = 0.9 * m + 0.1 * 2 * w, 0.999 * v + 0.001 * 4 * w * w
            w -= 0.1 * m / (sqrt(v) + 1e-8)
            uncorrected.append(w)
        assert uncorrected == pytest.approx([0.683772284, 0.2702060685, -0.1621413432], abs=1e-9)

    def test_OP_07_weight_decay(self, shape):
        sgd = parabola(lambda w: optim.SGD(w, lr=0.1, weight_decay=0.1), shape=shape)
        assert sgd == pytest.approx([0.79, 0.6241, 0.493039], abs=1e-9)
        adam = parabola(lambda w: optim.Adam(w, lr=0.1), shape=shape)
        decayed = parabola(lambda w: optim.Adam(w, lr=0.1, weight_decay=0.1), shape=shape)
        assert decayed == pytest.approx(adam, abs=1e-9)  # Adam does not see the scale of g
        adamw = parabola(lambda w: optim.AdamW(w, lr=0.1, weight_decay=0.1), shape=shape)
        expected = [0.8900000005, 0.7815718559, 0.6751012216]
        assert adamw == pytest.approx(expected, abs=1e-9)

    def test_OP_08_a_large_rate_overshoots(self, shape):
        def path(lr):
            return parabola(lambda w: optim.SGD(w, lr=lr), shape=shape)

        assert path(0.5) == [0, 0, 0]
        assert path(1.0) == [-1, 1, -1]
        assert path(1.1) == pytest.approx([-1.2, 1.44, -1.728], abs=1e-9)


@pytest.mark.parametrize(
    ("batch_size", "updates", "last"), [(1000, 1, 1000), (1, 1000, 1), (32, 32, 8)]
)
def test_OP_09_batch_online_mini_batch(batch_size, updates, last):
    data = TensorDataset(autograd.arange(1000, dtype=np.float64))
    w = autograd.tensor(0.0, dtype=np.float64, requires_grad=True)
    optimizer, sizes = optim.SGD([w], lr=1e-3), []
    optimizer.register_step_post_hook(lambda *_: sizes.append(len(batch)))
    for (batch,) in DataLoader(data, batch_size=batch_size, shuffle=True):
        optimizer.zero_grad()
        ((w - batch) * (w - batch)).mean().backward()
        optimizer.step()
    assert len(sizes) == updates and sum(sizes) == 1000 and sizes[-1] == last


def clipped(gradient, threshold):
    w = autograd.zeros(2, dtype=np.float64, requires_grad=True)
    w.grad = autograd.tensor(gradient, dtype=np.float64)
    return clip_grad_norm_([w], threshold).item(), w.grad.tolist()


def test_OP_16_clip_by_the_global_norm_with_its_square_root():
    norm, gradient = clipped([3, 4], 1)
    assert norm == 5 and gradient == pytest.approx([0.6, 0.8], abs=1e-6)
    assert clipped([3, 4], 10) == (5, [3, 4])
    assert clipped([0.3, 0.4], 0.3)[1] == pytest.approx([0.18, 0.24], abs=1e-6)
    w = autograd.zeros(2, requires_grad=True)
    w.grad = autograd.tensor([3.0, -0.5])
    clip_grad_value_([w], 1)
    assert w.grad.tolist() == [1, -0.5]


@pytest.mark.parametrize("rule", ["Adagrad", "RMSprop", "Adam"])
def test_OP_17_one_rate_does_not_fit_all(rule):
    """A steep and a shallow direction: each weight gets the rate that suits its gradients."""
    w = autograd.tensor([1.0, 1.0], dtype=np.float64, requires_grad=True)
    steepness = autograd.tensor([1.0, 100.0], dtype=np.float64)
    optimizer = getattr(optim, rule)([w], lr=0.01)
    for _ in range(5):
        optimizer.zero_grad()
        (steepness * w * w).sum().backward()
        before, gradient = w.detach().clone(), w.grad
        optimizer.step()
        if rule != "Adam":  # where momentum multiplies an average of gradients
            moved = (before - w.detach()) / gradient
            np.testing.assert_allclose(optimizer.effective_lr(w).numpy(), moved.numpy())
    shallow, steep = optimizer.effective_lr(w).tolist()
    assert shallow / steep == pytest.approx(100, rel=1e-6)
    assert before[0].item() == pytest.approx(before[1].item(), abs=1e-6)  # they go equally fast


def test_OP_17_parameter_groups_have_rates_of_their_own():
    body, head = (autograd.ones(2, requires_grad=True) for _ in range(2))
    optimizer = optim.SGD([{"params": [body], "lr": 0.01}, {"params": [head]}], lr=0.1)
    (body.sum() + head.sum()).backward()
    optimizer.step()
    assert body.tolist() == pytest.approx([0.99, 0.99]) and head.tolist() == pytest.approx(
        [0.9] * 2
    )
    assert optimizer.effective_lr(body).tolist() == pytest.approx([0.01, 0.01])


def test_OP_20_backward_computes_and_the_optimizer_uses():
    w = autograd.tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    (w * w).sum().backward()
    assert w.tolist() == [1, 2] and w.grad.tolist() == [2, 4]
    optimizer.step()
    assert w.grad.tolist() == [2, 4] and w.tolist() == pytest.approx([0.8, 1.6])


def test_RG_05_weight_decay_is_an_L2_penalty_for_gradient_descent_alone():
    start = np.random.default_rng(0).standard_normal((3, 4))

    def trained(rule, decay=0.0, penalty=0.0, **options):
        w = autograd.tensor(start, requires_grad=True)
        optimizer = getattr(optim, rule)([w], lr=0.05, weight_decay=decay, **options)
        for _ in range(20):
            optimizer.zero_grad()
            (((w - 1) * (w - 1)).sum() + penalty / 2 * (w * w).sum()).backward()
            optimizer.step()
        return w.detach().numpy()

    for options in ({}, {"momentum": 0.9}):
        decayed = trained("SGD", decay=0.3, **options)
        np.testing.assert_allclose(decayed, trained("SGD", penalty=0.3, **options), rtol=1e-12)
    # Adam divides the decay of the weight by the size of the gradient; AdamW does not.
    penalised = trained("Adam", penalty=0.3)
    np.testing.assert_allclose(trained("Adam", decay=0.3), penalised, rtol=1e-12)
    assert np.abs(trained("AdamW", decay=0.3) - penalised).max() > 0.05
