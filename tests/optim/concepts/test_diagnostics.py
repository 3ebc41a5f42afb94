"""Group DG: units that do not learn, and what is seen of gradients and activations."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import optim


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


def test_DG_09_an_update_below_shifts_what_a_layer_is_given():
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    x = autograd.randn(200, 4)
    y = autograd.tensor((x.numpy()[:, 0] > 0).astype(np.int64))
    before = optim.activation_statistics(model, x, of="input")
    assert before["0"]["mean"] == pytest.approx(x.mean().item(), abs=1e-6)
    hidden = model[1](model[0](x)).detach().numpy()
    assert before["2"]["mean"] == pytest.approx(hidden.mean(), rel=1e-5)
    assert before["2"]["std"] == pytest.approx(hidden.std(), rel=1e-5)
    assert before["2"]["zeros"] == pytest.approx(np.mean(hidden == 0))
    assert before["2"] == optim.activation_statistics(model, x)["1"]
    optimizer = optim.SGD(model[0].parameters(), lr=5.0)  # the layer below, alone
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
    after = optim.activation_statistics(model, x, of="input")
    assert after["0"] == before["0"]
    assert abs(after["2"]["mean"] - before["2"]["mean"]) > 0.01
    assert abs(after["2"]["std"] - before["2"]["std"]) > 0.005
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
