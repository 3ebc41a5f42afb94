"""Rows of the course's checklist about normalisation, dropout and their kin, by their numbers."""

import itertools

import numpy as np
import pytest

import autograd
import nn
import optim
from nn import functional as F
from nn.ops.dropout import alpha_dropout_affine, apply_mask

BATCH = np.arange(24.0).reshape(2, 3, 2, 2)


def tensor(values, **options):
    return autograd.tensor(np.asarray(values, np.float64), **options)


def exact(normalised):
    """Return what a norm layer made with a small eps, as an array."""
    return normalised.detach().numpy()


def test_LY_17_layer_norm_takes_each_sample_by_itself():
    y = exact(F.layer_norm(tensor(BATCH), (3, 2, 2), eps=1e-12))
    means = np.array([5.5, 17.5]).reshape(2, 1, 1, 1)
    np.testing.assert_allclose(y, (BATCH - means) / np.sqrt(11.9166667), rtol=1e-7)
    alone = exact(F.layer_norm(tensor(BATCH[:1]), (3, 2, 2), eps=1e-12))
    np.testing.assert_array_equal(alone, y[:1])
    last = exact(nn.LayerNorm(2, eps=1e-12).double()(tensor(BATCH)))  # the last axis alone
    np.testing.assert_allclose(last, np.broadcast_to([-1.0, 1.0], BATCH.shape), atol=1e-10)


def test_LY_18_instance_norm_takes_each_channel_of_each_sample_and_group_norm_is_between():
    x = tensor(BATCH)
    y = exact(nn.InstanceNorm2d(3, eps=1e-12)(x))
    means = np.array([[1.5, 5.5, 9.5], [13.5, 17.5, 21.5]]).reshape(2, 3, 1, 1)
    np.testing.assert_allclose(y, (BATCH - means) / np.sqrt(1.25), rtol=1e-10)
    one, every = (exact(F.group_norm(x, groups, eps=1e-12)) for groups in (1, 3))
    np.testing.assert_allclose(one, exact(F.layer_norm(x, (3, 2, 2), eps=1e-12)), rtol=1e-12)
    np.testing.assert_array_equal(every, y)


def deep_network(normalised):
    """Ten narrow layers of ReLU, with or without batch norm before each."""
    layers = []
    for _ in range(10):
        layers += [nn.Linear(8, 8), *([nn.BatchNorm1d(8)] if normalised else []), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(8, 1))


def trained(normalised, rate, steps=40):
    """Return the losses, and the means and deviations that the last rectifier saw, by step."""
    autograd.manual_seed(1)
    rng = np.random.default_rng(0)
    inputs = autograd.tensor(rng.standard_normal((64, 8)).astype(np.float32))
    targets = (inputs[:, :1] * 2).tanh()
    model = deep_network(normalised)
    seen, losses = [], []
    model[-2].register_forward_pre_hook(lambda _, args: seen.append(args[0].detach().numpy()))
    step = optim.SGD(model.parameters(), lr=rate)
    for _ in range(steps):
        step.zero_grad()
        loss = F.mse_loss(model(inputs), targets)
        loss.backward()
        step.step()
        losses.append(loss.item())
    return np.array(losses), np.array([(a.mean(), a.std()) for a in seen])


def test_LY_23_batch_norm_learns_at_rates_where_the_plain_network_does_not():
    for rate in (0.01, 0.1, 0.3):  # a factor of 30
        plain, plain_seen = trained(False, rate)
        normalised, seen = trained(True, rate)
        assert normalised[-5:].mean() < 0.35
        assert plain[-5:].mean() > 0.6  # the targets' variance: it predicts their mean
        # What the last rectifier is given, step by step: mean and spread stay where they began.
        assert np.abs(seen[:, 0]).max() < 0.02 and np.abs(seen[:, 1] - 1).max() < 0.03
        assert plain_seen[:, 1].max() < 0.2  # the signal has nearly died out


def test_LY_24_dropout_as_first_published_keeps_and_scales_in_the_test():
    layer = nn.Dropout(0.8, convention="keep")
    x = autograd.ones(1000, 1000)
    y = layer(x).numpy()
    assert set(np.unique(y)) == {0, 1}
    assert y.mean() == pytest.approx(0.8, abs=5e-3)
    np.testing.assert_allclose(layer.eval()(x).numpy(), 0.8, rtol=1e-7)
    assert repr(layer) == "Dropout(p=0.8, inplace=False, convention='keep')"


def test_LY_26_dropout_is_an_ensemble_of_all_masks():
    w, x = tensor([1, -2, 3, 0.5]), tensor([2, 1, -1, 4])
    masks = [np.array(mask) for mask in itertools.product([False, True], repeat=4)]
    assert len(masks) == 16
    outputs = np.array([(w @ apply_mask(x, mask=m, p=0.5, scale=1.0)).item() for m in masks])
    scaled = nn.Dropout(0.5, convention="keep").eval()(x)
    assert outputs.mean() == (w @ scaled).item() == -0.5
    assert outputs.var() == 5.25 == 0.25 * ((w * x) ** 2).sum().item()
    # After softmax, scaled weights are the normalised geometric mean, and not the arithmetic one.
    weights = tensor(np.random.default_rng(0).standard_normal((3, 4)))
    each = np.array([F.softmax(weights @ (x * m), 0).numpy() for m in masks])
    geometric = np.exp(np.log(each).mean(0))
    expected = F.softmax(weights @ scaled, 0).numpy()
    np.testing.assert_allclose(geometric / geometric.sum(), expected, rtol=1e-12)
    assert np.abs(each.mean(0) - expected).max() > 0.01
    # After a rectifier it is approximate only.
    assert np.maximum(outputs, 0).mean() == 0.6875 and F.relu(w @ scaled).item() == 0


@pytest.mark.parametrize("dropping", [False, True])
def test_LY_27_dropout_makes_two_copies_of_a_feature_share_the_weight(dropping):
    autograd.manual_seed(0)
    feature = np.random.default_rng(0).standard_normal((400, 1))
    inputs, targets = tensor(np.hstack([feature, feature])), tensor(feature)
    layer, drop = nn.Linear(2, 1, bias=False).double(), nn.Dropout(0.5 if dropping else 0.0)
    with autograd.no_grad():
        layer.weight.copy_(autograd.tensor([[1.0, 0.0]]))  # one copy carries it all
    step = optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(100):
        step.zero_grad()
        F.mse_loss(layer(drop(inputs)), targets).backward()
        step.step()
    first, second = layer.weight.tolist()[0]
    if dropping:
        assert first == pytest.approx(second, abs=0.1) and first > 0.2
    else:
        assert (first, second) == (1, 0)


def test_LY_28_hidden_and_visible_units_drop():
    model = nn.Sequential(nn.Dropout(0.2), nn.Linear(6, 5), nn.Dropout(0.5), nn.Linear(5, 1))
    x = autograd.ones(3, 6)
    assert (model(x) != model(x)).any()
    model.eval()
    assert autograd.equal(model(x), model(x))


def test_LY_29_drop_connect_masks_weights():
    autograd.manual_seed(0)
    inner = nn.Linear(4, 3, bias=False).double()
    keep = 0.7
    x = tensor([[2.0, 1.0, -1.0, 4.0]])
    full = inner(x).detach().numpy()
    for layer, factor in [
        (nn.DropConnect(inner, keep, convention="keep"), keep),
        (nn.DropConnect(inner, 1 - keep), 1.0),
    ]:
        draws = np.array([layer(x).detach().numpy() for _ in range(4000)])
        spread = draws.std(0) / np.sqrt(len(draws))
        assert (np.abs(draws.mean(0) - factor * full) < 5 * spread).all()
        np.testing.assert_allclose(layer.eval()(x).detach().numpy(), factor * full)
    inner.zero_grad()
    y = nn.DropConnect(inner, 0.5)(x)
    y.sum().backward()
    gradient = inner.weight.grad.numpy()
    assert ((gradient == 0) | np.isclose(gradient, 2 * x.numpy())).all()
    assert (gradient == 0).any() and (gradient != 0).any()


def test_LY_30_stochastic_depth_expects_40_blocks_of_54():
    blocks = 54
    survival = [1 - block / blocks * 0.5 for block in range(1, blocks + 1)]
    layers = [nn.StochasticDepth(1 - p, "batch") for p in survival]
    assert sum(1 - layer.p for layer in layers) == pytest.approx(40.25)
    assert (3 * blocks - 1) / 4 == 40.25
    autograd.manual_seed(0)
    x = autograd.ones(1, 1)
    depths = [sum(layer(x).item() > 0 for layer in layers) for _ in range(300)]
    deviation = np.sqrt(sum(p * (1 - p) for p in survival) / len(depths))
    assert abs(np.mean(depths) - 40.25) < 4 * deviation
    assert nn.StochasticDepth(0.9, convention="keep").eval()(x).item() == pytest.approx(0.9)


def test_LY_31_alpha_dropout_keeps_mean_and_variance():
    for keep, a, b in [
        (0.9, 0.92128452, 0.16197097),
        (0.95, 0.95484447, 0.08393557),
        (0.5, 0.88640489, 0.77919393),
    ]:
        np.testing.assert_allclose(alpha_dropout_affine(1 - keep), (a, b), rtol=1e-7)
        y = F.alpha_dropout(autograd.zeros(1000), 1 - keep, True).numpy()
        np.testing.assert_allclose(np.unique(y), [b - a * 1.7580993408473766, b], atol=1e-6)
    autograd.manual_seed(0)
    y = nn.AlphaDropout(0.1)(autograd.randn(1_000_000)).numpy()
    assert y.mean() == pytest.approx(0, abs=5e-3) and y.var() == pytest.approx(1, abs=5e-3)


def test_LY_36_instance_norm_does_not_see_brightness_and_contrast():
    rng = np.random.default_rng(0)
    x, linear = tensor(rng.random((2, 1, 4, 4))), nn.Linear(16, 3).double()
    brighter = x + 0.25

    def scores(images):
        return linear(images.flatten(1)).detach().numpy()

    moved = np.broadcast_to(0.25 * linear.weight.detach().numpy().sum(1), (2, 3))
    np.testing.assert_allclose(scores(brighter) - scores(x), moved)
    centred = [image - image.mean((1, 2, 3), keepdim=True) for image in (x, brighter)]
    np.testing.assert_allclose(scores(centred[0]), scores(centred[1]))
    norm = nn.InstanceNorm2d(1, eps=1e-12)
    np.testing.assert_allclose(scores(norm(x)), scores(norm(2 * brighter)), rtol=1e-8)


def test_SN_03_alpha_dropout_within_a_self_normalising_network():
    autograd.manual_seed(0)
    width, drop = 256, nn.AlphaDropout(0.05)
    x = autograd.randn(500, width)
    for _ in range(20):
        weight = autograd.randn(width, width) / np.float32(np.sqrt(width))
        y = x @ weight
        bent = 1.6732632423543772 * (np.exp(np.minimum(y, 0)) - 1)
        x = drop(1.0507009873554805 * autograd.where(y > 0, y, bent))  # SELU
    assert abs(x.mean().item()) < 0.1
    assert x.var().item() == pytest.approx(1, abs=0.2)
