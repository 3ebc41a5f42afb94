"""Group DG: units that do not learn, and what is seen of gradients and activations."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import optim


def norms_by_layer(model, x, loss=None):
    """Return the gradient norms of the layers from the bottom up."""
    model.zero_grad()
    out = model(x)
    (out.sum() if loss is None else loss(out)).backward()
    return [layer["norm"] for layer in optim.gradient_statistics(model).values()]


def test_DG_01_gradients_vanish_in_a_product_of_small_factors():
    assert 0.25**50 == pytest.approx(7.89e-31, rel=1e-3)
    autograd.manual_seed(0)
    model = nn.Sequential()
    for _ in range(50):
        model.append(nn.Linear(20, 20)).append(nn.Sigmoid())
    norms = norms_by_layer(model.double(), autograd.randn(30, 20, dtype=np.float64))
    assert len(norms) == 50 and norms[0] < 1e-20 * norms[-1]
    assert all(below < above for below, above in zip(norms, norms[5:], strict=False))


@pytest.mark.parametrize(("s", "norm"), [(1.1, 117.39085), (0.9, 0.00515378), (1.0, 1.0)])
def test_DG_02_a_linear_chain_multiplies_its_gradient_at_every_layer(s, norm):
    h = start = autograd.tensor(np.eye(5)[0], requires_grad=True)
    for _ in range(50):
        h = s * h
    h.backward(autograd.tensor(np.ones(5) / np.sqrt(5)))
    assert np.linalg.norm(start.grad.numpy()) == pytest.approx(norm, rel=1e-6)


def back_through_time(w, steps, upstream, inputs=None):
    """Return the norm of dL/dh_0 after some steps of h = W h, or of h = tanh(W h + x)."""
    h = start = autograd.zeros(len(w), dtype=np.float64, requires_grad=True)
    for step in range(steps):
        h = autograd.tensor(w) @ h
        if inputs is not None:
            h = (h + autograd.tensor(inputs[step])).tanh()
    h.backward(autograd.tensor(upstream))
    return np.linalg.norm(start.grad.numpy())


def test_DG_03_a_singular_value_above_1_is_necessary_but_not_sufficient():
    rng = np.random.default_rng(0)
    w = 1.1 * np.linalg.qr(rng.standard_normal((32, 32)))[0]
    upstream = np.ones(32) / np.sqrt(32)
    assert back_through_time(w, 50, upstream) == pytest.approx(117.39, abs=0.005)
    inputs = rng.standard_normal((50, 32))
    assert back_through_time(w, 50, upstream, inputs=inputs) < 1e-8  # the course's draw: 3.6e-9
    w = np.array([[0.5, 10.0], [0.0, 0.5]])  # grows at first, by its largest singular value
    assert np.linalg.norm(w, 2) == pytest.approx(10.02494, abs=5e-6)
    for steps, norm in ((5, 3.12531), (50, 8.88e-13)):
        power = np.linalg.matrix_power(w, steps)
        assert np.linalg.norm(power, 2) == pytest.approx(norm, rel=1e-3)
        steepest = np.linalg.svd(power)[0][:, 0]
        assert back_through_time(w, steps, steepest) == pytest.approx(norm, rel=1e-3)


class Residual(nn.Module):
    """h + f(h)."""

    def __init__(self, part):
        super().__init__()
        self.part = part

    def forward(self, h):
        return h + self.part(h)


def test_DG_04_residuals_he_norms_and_clipping_cure():
    x = autograd.randn(30, 20, dtype=np.float64)

    def ratio(std, norm=False, residual=False):
        """Return the gradient norm of the first of twenty ReLU layers over that of the last."""
        autograd.manual_seed(0)
        model = nn.Sequential()
        for _ in range(20):
            linear = nn.Linear(20, 20)
            nn.init.normal_(linear.weight, std=std)
            part = [linear, nn.BatchNorm1d(20)] if norm else [linear]
            part = nn.Sequential(*part, nn.ReLU())
            model.append(Residual(part) if residual else part)
        norms = norms_by_layer(model.double(), x, lambda out: (out * out).mean())
        linears = norms[::2] if norm else norms
        return linears[0] / linears[-1]

    assert ratio(0.05) < 1e-6  # vanishes
    assert ratio(np.sqrt(2 / 20)) > 0.01  # He
    assert ratio(0.05, residual=True) > 0.01
    assert ratio(0.05, norm=True) > 0.01
    model = nn.Sequential(*(nn.Linear(20, 20, bias=False) for _ in range(20))).double()
    for layer in model:
        nn.init.normal_(layer.weight, std=0.5)
    assert max(norms_by_layer(model, x)) > 1e3  # explodes
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    clipped = [layer["norm"] for layer in optim.gradient_statistics(model).values()]
    assert np.linalg.norm(clipped) == pytest.approx(1, abs=1e-5)


def dead(activation):
    """One unit far on the closed side, on 50 samples of two features."""
    model = nn.Sequential(nn.Linear(2, 1), activation, nn.Linear(1, 1)).double()
    with autograd.no_grad():
        model[0].bias.fill_(-100.0)
    x = autograd.tensor(np.random.default_rng(0).standard_normal((50, 2)))
    return model, x, x.sum(1, keepdim=True)


def stepped(model, x, target, steps):
    optimizer = optim.Adam(model.parameters(), lr=0.2)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(model(x), target).backward()
        optimizer.step()
    return model


def test_DG_05_a_dead_relu_gets_no_gradient_and_stays_as_it_is():
    model, x, target = dead(nn.ReLU())
    assert optim.active_shares(model, x)["1"].tolist() == [0]
    assert optim.dead_units(model, [(x[:20], 0), (x[20:], 0)])["1"].tolist() == [0]
    before = model[0].weight.tolist(), model[0].bias.tolist()
    stepped(model, x, target, 1000)
    assert not model[0].weight.grad.numpy().any() and model[0].bias.grad.item() == 0
    assert (model[0].weight.tolist(), model[0].bias.tolist()) == before


def test_DG_05_a_leaky_one_recovers():
    model, x, target = dead(nn.LeakyReLU(0.1))
    assert optim.dead_units(model, x)["1"].tolist() == []
    stepped(model, x, target, 1000)
    assert model[0].weight.grad.numpy().any()
    assert F.mse_loss(model(x), target).item() < 0.1 < 1 < (target * target).mean().item()


def test_DG_06_others_take_over():
    """One of four units is dead: the loss falls all the same, the unit stays dead [E45]."""
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    with autograd.no_grad():
        model[0].bias[0] = -100.0
    x = autograd.randn(100, 2)
    target = (x[:, :1] + 2 * x[:, 1:]).detach()
    assert optim.dead_units(model, x)["1"].tolist() == [0]
    first = F.mse_loss(model(x), target).item()
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        F.mse_loss(model(x), target).backward()
        optimizer.step()
    assert F.mse_loss(model(x), target).item() < 0.01 * first
    assert 0 in optim.dead_units(model, x)["1"] and model[0].bias[0].item() == -100


@pytest.mark.parametrize(("std", "share"), [(1 / np.sqrt(500), 0.0), (1.0, 0.9035)])
def test_DG_07_saturation_share(std, share):
    """Ten tanh layers of 500: alive by Xavier, saturated by a standard deviation of 1."""
    autograd.manual_seed(0)
    model = nn.Sequential()
    for _ in range(10):
        model.append(nn.Linear(500, 500, bias=False)).append(nn.Tanh())
        nn.init.normal_(model[-2].weight, std=std)
    model.requires_grad_(False)  # a frozen net is looked at as well
    found = optim.saturation(model, autograd.randn(500, 500))
    assert list(found) == [str(i) for i in range(1, 20, 2)]
    if share:
        assert found["19"] == pytest.approx(share, abs=0.005)
    else:
        assert found["19"] == 0 and max(found.values()) < 0.02


def test_DG_08_gradient_statistics():
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)).double()
    model[2].bias.requires_grad_(False)
    with autograd.no_grad():
        model[0].bias[1] = -100.0
    x = autograd.randn(6, 3, dtype=np.float64)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    data = [(x, autograd.zeros(6, 1, dtype=np.float64))]
    before = [p.detach().clone().numpy() for p in model[0].parameters()]
    history = optim.fit(
        model, F.mse_loss, data, optimizer=optimizer, watch=1, progress=False, metrics={}
    )
    gradient = np.concatenate([p.grad.numpy().ravel() for p in model[0].parameters()])
    found = optim.gradient_statistics(model)["0"]
    expected = {
        "norm": np.sqrt((gradient**2).sum()),
        "mean": gradient.mean(),
        "std": gradient.std(),
        "zeros": np.mean(gradient == 0),
    }
    assert found == pytest.approx(expected) and found["zeros"] >= 4 / 16
    assert history.layers["0"]["gradient_norm"] == pytest.approx([expected["norm"]])
    size = np.sqrt(sum((w**2).sum() for w in before))
    ratio = 0.1 * expected["norm"] / size  # lr norm(g) / norm(w)
    assert history.layers["0"]["update_ratio"] == pytest.approx([ratio])
    assert optim.gradient_statistics(nn.Linear(2, 2)) == {}


@pytest.mark.parametrize("seed", range(5))
def test_DG_09_an_update_below_shifts_what_a_layer_is_given(seed):
    """More so by a larger step; an update of the layer itself shifts nothing."""
    autograd.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    x = autograd.randn(200, 4)
    y = autograd.tensor((x.numpy()[:, 0] > 0).astype(np.int64))
    start = {name: value.clone() for name, value in model.state_dict().items()}

    def seen_after(layer, lr):
        """Return the statistics of inputs after one update of a layer alone."""
        model.load_state_dict(start)
        model.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optim.SGD(layer.parameters(), lr=lr).step()
        seen = optim.activation_statistics(model, x, of="input")
        hidden = model[1](model[0](x)).detach().numpy()
        expected = {"mean": hidden.mean(), "std": hidden.std(), "zeros": np.mean(hidden == 0)}
        assert seen["2"] == pytest.approx(expected, rel=1e-5)
        assert seen["0"]["mean"] == pytest.approx(x.mean().item(), abs=1e-6)
        return seen["2"]

    def shift(layer, lr):
        after = seen_after(layer, lr)
        return sum(abs(after[name] - before[name]) for name in ("mean", "std"))

    before = seen_after(model[0], 0.0)
    assert shift(model[2], 5.0) == 0
    assert shift(model[0], 5.0) > 2 * shift(model[0], 0.5) > 1e-4
    model.load_state_dict(start)
    assert before == optim.activation_statistics(model, x)["1"]
    with pytest.raises(ValueError, match="of must be 'output' or 'input', got 'gradient'"):
        optim.activation_statistics(model, x, of="gradient")


def test_units_of_functions_channels_and_positions():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 3, 1)
            self.fc = nn.Linear(4, 5)

        def forward(self, x):
            x = F.relu(self.conv(x))
            return F.relu(self.fc(x)).sigmoid()

    model = Net()
    with autograd.no_grad():
        model.conv.bias[2] = -1e6
        model.fc.bias[3] = -1e6
    autograd.manual_seed(0)
    found = optim.dead_units(model, autograd.randn(50, 1, 4, 4))
    assert list(found) == ["relu", "relu (2)", "sigmoid"]
    assert 2 in found["relu"] and 3 in found["relu (2)"] and not len(found["sigmoid"])
    assert optim.active_shares(model, autograd.randn(5, 1, 4, 4))["relu (2)"].shape == (5,)
    assert list(optim.saturation(model, autograd.randn(2, 1, 4, 4))) == ["sigmoid"]
    assert model.training
