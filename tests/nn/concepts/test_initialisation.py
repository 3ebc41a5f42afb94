"""Where training starts: what the scale of the first weights does to signals and gradients.

The nets are ten layers of 500 units on 1,000 standard normal inputs. The rows' numbers come from
one draw of NumPy's generator; another draw moves them by a few per cent.
"""

from math import sqrt

import numpy as np
import pytest

import autograd
import nn
from nn import init

LAYERS, WIDTH, SAMPLES = 10, 500, 1000


def activations(fill, activation=autograd.tanh, layers=LAYERS):
    """Return the output of each layer of a deep net whose weights ``fill`` draws."""
    autograd.manual_seed(0)
    x = autograd.randn(SAMPLES, WIDTH)
    outputs = []
    for _ in range(layers):
        x = activation(x @ fill(autograd.empty(WIDTH, WIDTH)).T)
        outputs.append(x.numpy())
    return outputs


def rms(values):
    return sqrt(float(np.mean(np.square(values, dtype=np.float64))))


def trained(weight, bias, steps=100):
    """Train a 3-4-1 tanh net from constant weights; return its first layer's weight, (4, 3)."""
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    for name, parameter in net.named_parameters():
        init.constant_(parameter, weight if name.endswith("weight") else bias)
    rng = np.random.default_rng(0)
    x, target = autograd.tensor(rng.standard_normal((20, 3))), autograd.tensor(rng.random((20, 1)))
    for _ in range(steps):
        net.zero_grad()
        nn.functional.mse_loss(net(x), target).backward()
        with autograd.no_grad():
            for parameter in net.parameters():
                parameter -= 0.1 * parameter.grad
    return net[0].weight.detach().numpy()


def test_IN_01_equal_units_stay_equal():
    weight = trained(0.5, 0.5)
    assert (weight != 0.5).all()
    assert np.ptp(weight, axis=0).tolist() == [0, 0, 0]  # all four units, to the bit
    assert np.linalg.matrix_rank(weight) == 1
    assert not trained(0.0, 0.0).any()


def test_IN_02_a_small_gaussian_lets_the_signal_die():
    outputs = activations(lambda w: init.normal_(w, std=0.01))
    spread = [float(out.std()) for out in outputs]
    assert spread[0] == pytest.approx(0.214, rel=0.02)
    assert spread[1] == pytest.approx(0.0476, rel=0.02)
    assert spread[-1] == pytest.approx(2.94e-7, rel=0.1)


def test_IN_03_a_large_gaussian_saturates_and_the_gradient_vanishes():
    outputs = activations(init.normal_)
    assert np.mean(np.abs(outputs[-1]) > 0.99) == pytest.approx(0.904, abs=0.01)
    local = 1 - outputs[-1] ** 2
    assert np.median(local) < 1e-6


def test_IN_04_xavier_keeps_tanh_alive():
    outputs = activations(lambda w: init.xavier_normal_(w, mode="fan_in"))
    spread = [float(out.std()) for out in outputs]
    assert spread[0] == pytest.approx(0.628, rel=0.02)
    assert spread[1] == pytest.approx(0.486, rel=0.02)
    assert spread[-1] == pytest.approx(0.227, rel=0.05)
    wide = autograd.empty(100, 300)
    assert init.xavier_normal_(wide).var().item() == pytest.approx(0.005, rel=0.03)
    assert init.xavier_normal_(wide, mode="fan_in").var().item() == pytest.approx(1 / 300, rel=0.03)


def test_IN_05_xavier_loses_half_the_second_moment_in_every_relu():
    outputs = activations(lambda w: init.xavier_normal_(w, mode="fan_in"), autograd.relu)
    assert rms(outputs[-1]) == pytest.approx(0.0274, rel=0.2)
    assert rms(outputs[-1]) == pytest.approx(2**-5, rel=0.35)
    for before, after in zip(outputs, outputs[1:], strict=False):
        assert (rms(after) / rms(before)) ** 2 == pytest.approx(0.5, rel=0.15)
    assert np.mean(outputs[-1] == 0) == pytest.approx(0.499, abs=0.03)  # none has died


def test_IN_06_kaiming_keeps_relu_alive():
    outputs = activations(lambda w: init.kaiming_normal_(w, nonlinearity="relu"), autograd.relu)
    assert rms(outputs[-1]) == pytest.approx(0.877, rel=0.25)
    small = activations(lambda w: init.normal_(w, std=0.01), autograd.relu)
    assert rms(small[-1]) == pytest.approx(8.6e-9, rel=0.3)
    assert init.calculate_gain("leaky_relu", 0.3) == sqrt(2 / (1 + 0.3**2))


def test_IN_07_biases_start_at_zero_or_a_little_above_for_relu():
    x = autograd.eye(5)  # five samples, each on one side or the other
    dead = {}
    for bias in (0.0, 0.1):
        autograd.manual_seed(0)
        layer = nn.Linear(5, 2000)
        init.normal_(layer.weight, std=0.05)
        init.constant_(layer.bias, bias)
        dead[bias] = float(np.mean((layer(x).relu().detach().numpy() == 0).all(0)))
    assert dead[0.1] < dead[0.0] / 4
    assert dead[0.0] == pytest.approx(2**-5, rel=0.4)


def test_IN_08_a_small_uniform_is_symmetric_about_zero():
    std = 0.02
    bound = sqrt(3) * std
    values = init.uniform_(autograd.empty(WIDTH, WIDTH), -bound, bound).numpy()
    assert values.var() == pytest.approx(bound**2 / 3, rel=0.01)
    positive = activations(init.uniform_, layers=2)
    assert np.mean(np.abs(positive[0]) > 0.99) == pytest.approx(0.839, abs=0.02)
    assert np.mean(np.abs(positive[1]) > 0.99) == pytest.approx(0.993, abs=0.01)
    correlation = np.corrcoef(positive[1][:, :50].T)
    assert correlation[~np.eye(50, dtype=bool)].mean() == pytest.approx(0.984, abs=0.01)


def test_IN_09_a_convex_problem_forgets_its_start():
    rng = np.random.default_rng(0)
    x = autograd.tensor(rng.standard_normal((60, 2)))
    y = autograd.tensor((rng.random(60) < 0.5).astype(float))
    ends, first_losses = [], []
    for seed in range(5):
        autograd.manual_seed(seed)
        w = (3 * autograd.randn(3, dtype=np.float64)).requires_grad_()
        for step in range(400):
            loss = nn.functional.binary_cross_entropy_with_logits(x @ w[:2] + w[2], y)
            if step == 0:
                first_losses.append(loss.item())
            (gradient,) = autograd.grad(loss, w)
            with autograd.no_grad():
                w -= 2.0 * gradient
        ends.append(w.tolist())
    assert np.ptp(first_losses) > 0.5
    assert np.ptp(ends, axis=0).max() < 1e-6

    def well(start):  # (x^2 - 1)^2 has two minima
        x = autograd.tensor(start, requires_grad=True, dtype=np.float64)
        for _ in range(200):
            (gradient,) = autograd.grad((x**2 - 1) ** 2, x)
            with autograd.no_grad():
                x -= 0.05 * gradient
        return x.item()

    assert well(0.3) == pytest.approx(1, abs=1e-6) and well(-0.3) == pytest.approx(-1, abs=1e-6)


def test_IN_10_the_start_fixes_statistics_and_the_early_gradient():
    """The gradient of a tanh net's first weights, for three scales of its start."""
    norms = {}
    for scale in (0.01, 1 / sqrt(100), 1.0):
        autograd.manual_seed(0)
        net = nn.Sequential(
            *(layer for _ in range(6) for layer in (nn.Linear(100, 100), nn.Tanh()))
        )
        for parameter in net.parameters():
            init.normal_(parameter, std=scale)
        x = autograd.randn(64, 100)
        out = net(x)
        (out**2).mean().backward()
        norms[scale] = float(np.linalg.norm(net[0].weight.grad.numpy()))
        linear = np.mean(np.abs(out.detach().numpy()) < 0.5)
        assert linear > 0.6 if scale < 1 else linear < 0.2  # where tanh is about linear
    assert norms[0.01] < 1e-3 * norms[1 / sqrt(100)]


def test_IN_11_lecun_keeps_selu_at_its_fixed_point():
    autograd.manual_seed(0)
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    outputs = activations(
        init.lecun_normal_,
        lambda x: scale * autograd.where(x > 0, x, alpha * (autograd.exp(x) - 1)),
        layers=5,
    )
    assert abs(outputs[-1].mean()) < 0.05
    assert outputs[-1].var() == pytest.approx(1, abs=0.1)


def test_IN_12_zero_weights_with_random_biases_break_the_symmetry():
    """Step 1 moves only the last weight, step 2 the one before, step 3 the first."""
    autograd.manual_seed(0)
    net = nn.Sequential(
        nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 1)
    ).double()
    for name, parameter in net.named_parameters():
        if name.endswith("weight"):
            init.zeros_(parameter)
        else:
            init.normal_(parameter)
    x, moved = autograd.randn(10, 3, dtype=np.float64), []
    for _ in range(3):
        net.zero_grad()
        ((net(x) - 1) ** 2).mean().backward()
        with autograd.no_grad():
            for parameter in net.parameters():
                parameter -= 0.1 * parameter.grad
        moved.append([bool(net[i].weight.detach().numpy().any()) for i in (0, 2, 4)])
    assert moved == [[False, False, True], [False, True, True], [True, True, True]]
    columns = net[4].weight.detach().numpy()[0]
    assert len(set(columns.tolist())) == 6


def test_IN_12_but_a_relu_with_a_negative_bias_never_wakes():
    net = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 1)).double()
    init.zeros_(net[0].weight)
    init.zeros_(net[2].weight)
    with autograd.no_grad():
        net[0].bias.copy_(autograd.tensor([0.5, -0.5, 1, -1, 0.25, -0.25]))
    autograd.manual_seed(0)
    x = autograd.randn(10, 3, dtype=np.float64)
    for _ in range(20):
        net.zero_grad()
        ((net(x) - 1) ** 2).mean().backward()
        with autograd.no_grad():
            for parameter in net.parameters():
                parameter -= 0.05 * parameter.grad
    awake = net[0].weight.detach().numpy().any(1)
    assert awake.tolist() == [True, False, True, False, True, False]
