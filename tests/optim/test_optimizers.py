"""Update rules: the worked numbers of the course, and PyTorch's trajectories."""

from math import sqrt

import numpy as np
import pytest

import autograd
import optim


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


OPTIONS = {
    "SGD": [
        {"lr": 0.002},
        {"lr": 0.002, "momentum": 0.9},
        {"lr": 0.002, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1},
        {"lr": 0.002, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
        {"lr": 2e-5, "maximize": True},
        {"lr": 2e-5, "maximize": True, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True},
        {"lr": 2e-5, "maximize": True, "momentum": 0.5, "dampening": 0.1},
    ],
    "Adam": [
        {"lr": 0.05},
        {"lr": 0.05, "betas": (0.5, 0.9), "eps": 1e-3},
        {"lr": 0.05, "weight_decay": 0.1},
        {"lr": 0.05, "weight_decay": 0.1, "maximize": True},
        {"lr": 0.05, "amsgrad": True},
        {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True},
    ],
    "AdamW": [{"lr": 0.05}, {"lr": 0.05, "amsgrad": True, "maximize": True}],
}
CASES = [(rule, options) for rule, many in OPTIONS.items() for options in many]


def rosenbrock(w):
    return (1 - w[0]) * (1 - w[0]) + 10 * (w[1] - w[0] * w[0]) * (w[1] - w[0] * w[0])


def trajectory(tensor, optimizer, steps=50):
    points = []
    for _ in range(steps):
        optimizer.zero_grad()
        rosenbrock(tensor).backward()
        optimizer.step()
        points.append(np.array(tensor.detach().numpy()))
    return np.array(points)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("rule", "options"), CASES, ids=str)
def test_fifty_steps_are_pytorchs(torch, rule, options, dtype):
    start = np.array([-1.2, 1.0], dtype)
    ours, theirs = autograd.tensor(start), torch.tensor(start)
    ours.requires_grad_()
    theirs.requires_grad_()
    tolerance = 1e-10 if dtype == "float64" else 1e-5
    mine = trajectory(ours, getattr(optim, rule)([ours], **options))
    reference = trajectory(theirs, getattr(torch.optim, rule)([theirs], **options))
    np.testing.assert_allclose(mine, reference, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("rule", ["SGD", "Adam"])
def test_blocks_and_layouts_change_nothing(rule):
    """More than one block, a transposed parameter, a gradient that is a view or read-only."""
    rng = np.random.default_rng(0)
    values, slope = rng.standard_normal((300, 250)), rng.standard_normal((300, 250))
    options = {"SGD": {"momentum": 0.9, "weight_decay": 0.1, "nesterov": True}, "Adam": {}}[rule]

    def after(parameter, gradient):
        tensor = autograd.from_numpy(parameter).requires_grad_()
        optimizer = getattr(optim, rule)([tensor], lr=0.1, **options)
        for _ in range(3):
            tensor.grad = autograd.from_numpy(gradient)
            optimizer.step()
        return tensor.numpy()

    expected = after(values.copy(), slope.copy())
    read_only = slope.copy()
    read_only.flags.writeable = False
    wide = np.zeros((300, 500))
    wide[:, ::2] = slope
    for parameter, gradient in [
        (values.T.copy().T, slope),
        (values.copy(), wide[:, ::2]),
        (values.copy(), read_only),
        (values.copy(), slope.T.copy().T),
    ]:
        before = gradient.copy()
        np.testing.assert_allclose(after(parameter, gradient), expected, rtol=1e-13)
        np.testing.assert_array_equal(gradient, before)


def test_any_number_of_threads_gives_the_same_bits():
    rng = np.random.default_rng(0)
    values, slope = rng.standard_normal(200_001, np.float32), rng.standard_normal(200_001)

    def after(threads):
        before = autograd.get_num_threads()
        autograd.set_num_threads(threads)
        try:
            w = autograd.tensor(values, requires_grad=True)
            optimizer = optim.Adam([w], lr=0.1)
            w.grad = autograd.tensor(slope.astype(np.float32))
            optimizer.step()
            return w.numpy().tobytes()
        finally:
            autograd.set_num_threads(before)

    assert after(1) == after(2) == after(3)


def test_OP_20_backward_computes_and_the_optimizer_uses():
    w = autograd.tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    (w * w).sum().backward()
    assert w.tolist() == [1, 2] and w.grad.tolist() == [2, 4]
    optimizer.step()
    assert w.grad.tolist() == [2, 4] and w.tolist() == pytest.approx([0.8, 1.6])


@pytest.mark.parametrize("rule", ["SGD", "Adam"])
@pytest.mark.parametrize("shape", [(), (2,)])
def test_a_step_counts_as_a_change_in_place(rule, shape):
    w = autograd.tensor(np.ones(shape), requires_grad=True)
    out = (w * w).sum()
    out.backward(retain_graph=True)
    optimizer = getattr(optim, rule)([w], lr=0.1)
    operation = out.node.operands[0] if out.node.name == "sum" else out.node
    assert operation.changed == (False, False)
    optimizer.step()
    assert operation.changed == (True, True)
    if shape:
        with pytest.raises(RuntimeError, match="changed in place"):
            out.backward()


def test_a_step_records_nothing_and_keeps_the_leaf():
    w = autograd.tensor([1.0], requires_grad=True)
    leaf = w.node
    optimizer = optim.Adam([w], lr=0.1)
    (w * w).sum().backward()
    optimizer.step()
    assert w.node is leaf and leaf.value is w.payload
    assert not optimizer.state[w]["exp_avg"].requires_grad
