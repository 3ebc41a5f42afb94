"""Rows of the course's checklist about activations, by their numbers."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from autograd.ops import gates, smooth


def leaf(values, dtype=np.float64):
    return autograd.tensor(np.array(values), dtype=dtype, requires_grad=True)


def value_and_slope(function, at):
    x = leaf(at)
    z = function(x)
    z.backward(autograd.ones_like(z))
    return z.detach().numpy(), x.grad.numpy()


def mean_and_square(function):
    """Return the mean of f(x) and of f(x)^2 for normal numbers x, by quadrature."""
    mean = square = 0.0
    points, weights = np.polynomial.legendre.leggauss(20)
    for left in np.arange(-12, 12, 0.25):
        x = left + 0.125 * (points + 1)
        density = 0.125 * weights * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        y = function(autograd.tensor(x)).numpy()
        mean += density @ y
        square += density @ (y * y)
    return mean, square


def test_AC_01_the_slope_of_the_sigmoid_multiplies_to_nothing():
    _, slope = value_and_slope(F.sigmoid, np.linspace(-30, 30, 1001))
    assert (slope > 0).all() and slope.max() == 0.25
    assert 0.25**10 == pytest.approx(9.5367e-7, rel=1e-4)
    mean, _ = mean_and_square(F.sigmoid)
    assert mean == pytest.approx(0.5, abs=1e-12)


def test_AC_03_relu():
    mean, square = mean_and_square(F.relu)
    assert mean == pytest.approx(0.39894228, abs=1e-8)
    assert square == pytest.approx(0.5, abs=1e-10)
    assert square - mean**2 == pytest.approx(0.34084506, abs=1e-8)
    _, slope = value_and_slope(nn.ReLU(), [-2.0, -0.0, 0.0, 1e-300, 700.0])
    assert slope.tolist() == [0, 0, 0, 1, 1]


def test_AC_04_leaky_relu():
    assert nn.LeakyReLU().negative_slope == 0.01
    assert F.leaky_relu(autograd.tensor(-3.0), 0.1).item() == pytest.approx(-0.3)
    _, square = mean_and_square(nn.LeakyReLU(0.1))
    assert square == pytest.approx(0.505, abs=1e-10)


def test_AC_05_the_slope_of_prelu_is_learned():
    layer = nn.PReLU()
    assert [p.tolist() for p in layer.parameters()] == [[0.25]]
    layer(autograd.tensor([-2.0, 3.0, -1.0])).sum().backward()
    assert layer.weight.grad.tolist() == [-3]
    many = nn.PReLU(3)
    many(autograd.tensor([[-2.0, 3.0, -1.0]])).sum().backward()
    assert many.weight.grad.tolist() == [-2, 0, -1]


def test_AC_06_elu():
    z, slope = value_and_slope(F.elu, [-1.0, 0.0, 1e-12, -50.0])
    np.testing.assert_allclose(z, [-0.63212056, 0, 1e-12, -1], atol=5e-9)
    assert slope[1] == slope[2] == 1
    assert F.elu(autograd.tensor(-1000.0), 2.5).item() == -2.5


def test_AC_07_selu_keeps_mean_0_and_variance_1():
    z, _ = value_and_slope(F.selu, [1.0, -1.0, -1000.0])
    np.testing.assert_allclose(z, [1.0507009873554805, -1.11133074, -1.75809934], atol=5e-9)
    mean, square = mean_and_square(nn.SELU())
    assert abs(mean) < 1e-10 and abs(square - 1) < 1e-10


def test_AC_08_swish():
    z, slope = value_and_slope(nn.SiLU(), [1.0, 0.0, -1.27846454])
    np.testing.assert_allclose(z, [0.73105858, 0, -0.27846454], atol=5e-9)
    np.testing.assert_allclose(slope[1:], [0.5, 0], atol=1e-8)
    x = np.linspace(-8, 8, 4001)
    y, slope = value_and_slope(nn.SiLU(), x)
    assert x[y.argmin()] == pytest.approx(-1.278, abs=4e-3) and (slope < 0).any()


def test_AC_09_maxout():
    layer = nn.Maxout(2, 1).double()
    with autograd.no_grad():
        layer.weight.copy_(np.array([[1, 2], [-1, 1]]))
        layer.bias.copy_(np.array([0.5, 0]))
    x = leaf([1.0, -2.0])
    z = layer(x)
    assert z.tolist() == [-2.5]
    z.backward()
    assert layer.weight.grad.tolist() == [[1, -2], [0, 0]] and layer.bias.grad.tolist() == [1, 0]
    assert x.grad.tolist() == [1, 2]
    assert sum(p.numel() for p in nn.Maxout(10, 5, 2).parameters()) == 110
    for slope, function in ((0.0, nn.ReLU()), (0.01, nn.LeakyReLU())):
        with autograd.no_grad():
            layer.weight.copy_(np.array([[1, 0], [slope, 0]]))
            layer.bias.zero_()
        points = autograd.tensor([[-2.0, 9.0], [3.0, 9.0]], dtype=np.float64)
        assert layer(points).tolist() == function(points[:, :1]).tolist()


@pytest.mark.parametrize("layer", [nn.Step(), nn.Sign()], ids=["step", "sign"])
def test_AC_10_all_or_nothing_passes_0_back_and_warns(layer):
    x = leaf([-1.5, 0.0, 2.0])
    with pytest.warns(UserWarning, match="its derivative is 0 everywhere, so nothing before it"):
        z = layer(x)
    z.sum().backward()
    assert x.grad.tolist() == [0, 0, 0]
    assert z.tolist() == ([0, 0, 1] if isinstance(layer, nn.Step) else [-1, 0, 1])
    assert layer(x.detach()).tolist() == z.tolist()  # silent where nothing is to learn


def train(middle, steps):
    autograd.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 8), middle, nn.Linear(8, 1), middle)
    before = [p.detach().clone() for p in net.parameters()]
    x = autograd.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = autograd.tensor([[-1.0], [1.0], [1.0], [1.0]])
    losses = []
    for _ in range(steps):
        loss = F.mse_loss(net(x), y)
        losses.append(loss.item())
        net.zero_grad()
        loss.backward()
        with autograd.no_grad():
            for p in net.parameters():
                p -= 0.1 * p.grad
    return before, list(net.parameters()), losses


@pytest.mark.filterwarnings("ignore:sign")
def test_AC_11_a_network_of_signs_cannot_train():
    before, after, _ = train(nn.Sign(), 100)
    assert all(autograd.equal(a, b) for a, b in zip(before, after, strict=True))
    before, after, losses = train(nn.Tanh(), 100)
    assert not any(autograd.equal(a, b) for a, b in zip(before, after, strict=True))
    assert losses[-1] < 0.2 * losses[0]


def test_AC_12_without_a_nonlinearity_a_stack_is_linear():
    rng = np.random.default_rng(0)
    first, second = (autograd.tensor(rng.standard_normal(s)) for s in ((2, 6), (5, 2)))
    x = autograd.tensor(rng.standard_normal((6, 30)))
    np.testing.assert_allclose((second @ (first @ x)).numpy(), ((second @ first) @ x).numpy())
    assert np.linalg.matrix_rank((second @ first).numpy()) == 2
    # XOR: the best linear function is the constant 1/2; |a - b| = relu(a - b) + relu(b - a).
    corners = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    xor = np.array([0.0, 1, 1, 0])
    affine = np.c_[corners, np.ones(4)]
    best = affine @ np.linalg.lstsq(affine, xor, rcond=None)[0]
    np.testing.assert_allclose(best, 0.5)
    net = nn.Sequential(
        nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False)
    ).double()
    with autograd.no_grad():
        net[0].weight.copy_(np.array([[1, -1], [-1, 1]]))
        net[2].weight.copy_(np.array([[1, 1]]))
    assert net(autograd.tensor(corners)).ravel().tolist() == xor.tolist()


def test_AC_13_positive_inputs_give_the_weights_slopes_of_one_sign():
    w = leaf([0.3, -0.2, 0.1])
    x, delta = np.array([0.2, 0.9, 0.5]), -0.7
    ((w * x).sum() * delta).backward()
    np.testing.assert_allclose(w.grad.numpy(), [-0.14, -0.63, -0.35])
    w.grad = None
    ((w * (x - x.mean())).sum() * delta).backward()
    assert len(set(np.sign(w.grad.numpy()))) == 2


def test_AC_14_batch_norm_centres_what_a_sigmoid_does_not():
    x = autograd.tensor(np.random.default_rng(0).standard_normal((4000, 3)))
    y = nn.Sigmoid()(x)
    np.testing.assert_allclose(y.mean(0).numpy(), 0.5, atol=0.02)
    np.testing.assert_allclose(nn.BatchNorm1d(3).double()(y).mean(0).detach().numpy(), 0, atol=1e-6)


def test_AC_15_a_sigmoid_is_for_outputs_and_gates():
    assert "not for hidden layers" in " ".join(nn.Sigmoid.__doc__.split())


def epochs_to_learn(activation, limit=400):
    """Return after how many steps of plain descent a small network tells quadrants apart."""
    autograd.manual_seed(0)
    x = np.random.default_rng(0).uniform(-1, 1, (64, 2)).astype(np.float32)
    y = autograd.tensor((x[:, :1] * x[:, 1:] > 0).astype(np.float32))
    net = nn.Sequential(
        nn.Linear(2, 16), activation, nn.Linear(16, 16), activation, nn.Linear(16, 1)
    )
    for epoch in range(limit):
        loss = F.binary_cross_entropy_with_logits(net(autograd.tensor(x)), y)
        if loss.item() < 0.3:
            return epoch
        net.zero_grad()
        loss.backward()
        with autograd.no_grad():
            for p in net.parameters():
                p -= 0.5 * p.grad
    return limit


def test_AC_16_how_many_epochs_an_activation_needs():
    """A demonstration: the sixfold speed of ReLU belongs to one paper's network."""
    needed = {
        type(layer).__name__: epochs_to_learn(layer)
        for layer in (nn.ReLU(), nn.Tanh(), nn.Sigmoid())
    }
    print(needed)
    assert 0 < needed["ReLU"] < 400 and 0 < needed["Tanh"] < 400
    assert needed["Sigmoid"] == 400  # saturates, and is not centred on zero


@pytest.mark.parametrize(
    ("forward", "attributes", "dear"),
    [
        (autograd.relu, {}, set()),
        (autograd.sigmoid, {}, {"exp"}),
        (autograd.tanh, {}, {"tanh"}),
        (smooth.exponential_linear, {"alpha": 1.0}, {"expm1"}),
        (smooth.scaled_exponential_linear, {}, {"expm1"}),
        (gates.silu, {}, {"exp"}),
    ],
    ids=["relu", "sigmoid", "tanh", "elu", "selu", "silu"],
)
def test_AC_17_relu_needs_a_comparison_and_the_others_an_exponential(forward, attributes, dear):
    called = set()

    class Watched(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, out=(), **kwargs):
            called.add(ufunc.__name__)
            if out:
                kwargs["out"] = tuple(np.asarray(o) for o in out)
            result = getattr(ufunc, method)(*map(np.asarray, inputs), **kwargs)
            return result.view(Watched)

    forward.row.forward(np.array([-1.0, 2.0]).view(Watched), **attributes)
    assert called & {"exp", "expm1", "tanh"} == dear
    assert dear or called == {"maximum"}


def test_AC_19_a_bias_moves_the_threshold():
    w, theta = 2.0, 3.0
    x = autograd.tensor([0.0, 1.4, 1.5, 1.6])
    assert F.step(w * x - theta).tolist() == [0, 0, 0, 1]  # fires beyond theta / w, i.e. -b / w
    for f in (F.sigmoid, F.tanh, F.softplus):
        assert f(w * autograd.tensor(0.0) - theta).item() == f(autograd.tensor(-theta)).item()
        assert f(autograd.tensor(-theta)).item() != f(autograd.tensor(0.0)).item()
