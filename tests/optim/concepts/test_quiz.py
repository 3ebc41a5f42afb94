"""Groups MC and TF: the questions of the course, each with its demonstration."""

from math import log

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import optim

EVEN, UNEVEN = None, [0.91] + [0.01] * 9
LOSS = nn.CrossEntropyLoss()
PRIOR_ENTROPY = -(0.91 * log(0.91) + 9 * 0.01 * log(0.01))


def clouds(shares=EVEN, scale=0.1**0.5, seed=0):
    """Return the 20-50-10 ReLU net of the question, and 500 points of ten clouds."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, 10, 500) if shares is EVEN else rng.choice(10, 500, p=shares)
    points = 2 * rng.standard_normal((10, 20))[classes] + rng.standard_normal((500, 20))
    model = nn.Sequential(nn.Linear(20, 50), nn.ReLU(), nn.Linear(50, 10)).double()
    weights = [rng.standard_normal((20, 50)), rng.standard_normal((50, 10))]
    with autograd.no_grad():
        for layer, weight in zip((model[0], model[2]), weights, strict=True):
            layer.weight.copy_(scale * weight.T)
            layer.bias.zero_()
    return model, (autograd.tensor(points), autograd.tensor(classes))


def course(model, data, lr=0.1, decay=0.0, steps=50):
    """Return the loss, with the penalty, before each step of gradient descent."""
    optimizer, losses = optim.SGD(model.parameters(), lr=lr), []
    x, y = data
    for _ in range(steps):
        loss = LOSS(model(x), y)
        if decay:
            loss = loss + F.l2_penalty([model[0].weight, model[2].weight], decay)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


def penalty(parameters):
    return F.l2_penalty([p for p in parameters if p.ndim == 2], 1.0)


def test_MC_1a_a_rate_that_is_too_low_keeps_the_loss_flat():
    losses = course(*clouds())
    assert (losses[0], losses[-1]) == pytest.approx((7.4752, 0.0170), abs=5e-5)
    losses = course(*clouds(), lr=1e-6)
    assert (losses[0], losses[-1]) == pytest.approx((7.4752, 7.4725), abs=5e-5)
    model, data = clouds()
    assert optim.diagnose_flat_loss(model, LOSS, data, lr=1e-6, show=False).cause == "rate"


def test_MC_1b_strong_regularisation_falls_steeply_and_ends_at_chance():
    losses = course(*clouds(), decay=1.0)
    assert losses[:2] == pytest.approx([156.97, 96.22], abs=0.005)
    assert losses[5] == pytest.approx(17.5, abs=0.05)
    assert losses[-1] == pytest.approx(2.298, abs=5e-4) and losses[-1] < log(10)
    model, data = clouds()
    found = optim.diagnose_flat_loss(model, LOSS, data, lr=0.1, penalty=penalty, show=False)
    assert found.cause == "regularisation" and not found.flat
    assert found.losses == pytest.approx(losses)


def test_MC_1c_uneven_classes_do_not_keep_it_flat():
    losses = course(*clouds(UNEVEN))
    assert (*losses[:2], losses[-1]) == pytest.approx((17.42, 0.815, 0.044), abs=5e-4)
    losses = course(*clouds(UNEVEN, scale=0.01))
    assert (losses[0], losses[-1]) == pytest.approx((2.3125, 0.279), abs=2e-4)
    assert PRIOR_ENTROPY == pytest.approx(0.50029, abs=5e-6)
    for seed in range(5):
        losses = course(*clouds(UNEVEN, scale=0.01, seed=seed))
        assert losses[-1] < PRIOR_ENTROPY < 1 < losses[0]
        model, data = clouds(UNEVEN, scale=0.01, seed=seed)
        found = optim.diagnose_flat_loss(model, LOSS, data, lr=0.1, show=False)
        assert found.cause == "classes" and not found.flat
        assert losses[-1] < found.evidence["prior entropy"]


def test_MC_1d_a_wrong_scale_of_the_first_weights_keeps_it_flat():
    losses = course(*clouds(scale=1e-4))
    assert (losses[0], losses[-1]) == pytest.approx((2.3026, 2.2841), abs=5e-5)
    model, data = clouds(scale=1e-4)
    found = optim.diagnose_flat_loss(model, LOSS, data, lr=0.1, show=False)
    assert found.cause == "initialisation" and found.flat


def test_DG_10_the_four_are_told_apart_in_a_sentence(capsys):
    model, data = clouds()
    before = [p.detach().clone().numpy() for p in model.parameters()]
    random = autograd.get_rng_state().tolist()
    found = optim.diagnose_flat_loss(model, LOSS, data, lr=1e-6)
    said = capsys.readouterr().out
    assert said == f"{found}\n" and "the learning rate is too low: with 1 the loss ends at" in said
    for value, parameter in zip(before, model.parameters(), strict=True):
        np.testing.assert_array_equal(parameter.numpy(), value)
        assert parameter.grad is None
    assert autograd.get_rng_state().tolist() == random

    def said_of(model, data, **options):
        return str(optim.diagnose_flat_loss(model, LOSS, data, lr=0.1, show=False, **options))

    assert said_of(*clouds()) == "7.475 -> 0.01702 in 50 steps: the loss is not flat"
    assert "the penalty, 95% of the loss at first" in said_of(*clouds(), penalty=penalty)
    assert "largest class has a share of 89%" in said_of(*clouds(UNEVEN))
    assert "the first weights have the wrong scale" in said_of(*clouds(scale=1e-4))


def test_DG_10_a_loss_that_is_not_flat_is_called_so():
    """A healthy model, one that has been trained, and rates that are too high."""
    model, data = clouds()
    healthy = optim.diagnose_flat_loss(model, LOSS, data, lr=0.1, show=False)
    assert (healthy.cause, healthy.flat) == (None, False) and "is not flat" in str(healthy)
    course(model, data, steps=400)
    trained = optim.diagnose_flat_loss(model, LOSS, data, lr=0.001, show=False)
    assert trained.cause is None and "the model has been trained before" in str(trained)
    for rate in (1e6, 300.0):
        model, data = clouds(scale=0.01)
        found = optim.diagnose_flat_loss(model, LOSS, data, lr=rate, show=False)
        assert (found.cause, found.flat) == (None, False)
        assert str(found).endswith("not flat: it rises, the learning rate is too high")
    with pytest.raises(RuntimeError, match="diagnose_flat_loss: the loss depends on no parameter"):
        optim.diagnose_flat_loss(model.requires_grad_(False), LOSS, data, lr=0.1)
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        optim.diagnose_flat_loss(model, LOSS, data, lr=0.1, steps=0)


def test_DG_10_a_loss_that_nothing_helps_has_no_known_cause():
    model, (x, y) = clouds()
    frozen = [(autograd.zeros_like(x), y)]  # inputs that tell nothing
    found = optim.diagnose_flat_loss(model, LOSS, frozen, lr=1e-3, show=False)
    assert found.flat and found.cause is None and str(found).endswith("no cause was found")
    with pytest.raises(ValueError, match="diagnose_flat_loss: the data has no batch"):
        optim.diagnose_flat_loss(model, LOSS, [], lr=0.1)
    values = nn.Linear(2, 1)
    data = autograd.ones(8, 2), autograd.ones(8, 1)
    found = optim.diagnose_flat_loss(values, F.mse_loss, data, lr=1e-7, show=False)
    assert found.cause == "rate" and "largest class" not in found.evidence


def test_MC_3a_max_pooling_is_much_cheaper_than_convolution():
    x = autograd.zeros(1, 64, 32, 32)
    pooled = F.max_pool2d(x, 2)
    comparisons = pooled.numel() * 3
    multiplications = F.conv2d(x, autograd.zeros(64, 64, 2, 2), stride=2).numel() * 64 * 2 * 2
    assert (comparisons, multiplications) == (49_152, 4_194_304)
    assert multiplications / comparisons == pytest.approx(85.3, abs=0.05)


def test_MC_3b_max_pooling_keeps_no_range_as_batch_norm_does():
    x = autograd.tensor(np.random.default_rng(0).standard_normal((8, 4, 64, 64)))
    np.testing.assert_allclose(F.max_pool2d(10 * x, 2).numpy(), 10 * F.max_pool2d(x, 2).numpy())
    assert F.max_pool2d(x, 2).mean().item() == pytest.approx(1.03, abs=0.005)
    norm = nn.BatchNorm2d(4, eps=1e-12).double()
    np.testing.assert_allclose(norm(10 * x).detach().numpy(), norm(x).detach().numpy(), atol=1e-9)


def test_MC_3c_a_maximum_hinders_gradient_checks():
    """max(1, 1 - 4e-6) by its first operand: the centred difference meets the kink."""

    def centred(f, x, h=1e-5):
        return (f(x + h) - f(x - h)) / (2 * h)

    assert centred(lambda x: max(x, 1 - 4e-6), 1.0) == pytest.approx(0.7, abs=1e-5)
    x = autograd.tensor(1.0, dtype=np.float64, requires_grad=True)
    autograd.maximum(x, autograd.tensor(1 - 4e-6, dtype=np.float64)).backward()
    assert x.grad.item() == 1


def test_MC_3d_max_pooling_routes_gradients_and_shrinks_none():
    rng = np.random.default_rng(0)
    upstream = rng.standard_normal((1, 1, 8, 8))
    x = autograd.tensor(rng.standard_normal((1, 1, 16, 16)), requires_grad=True)
    sizes = {}
    for pool in (F.max_pool2d, F.avg_pool2d):
        x.grad = None
        pool(x, 2).backward(autograd.tensor(upstream))
        gradient = x.grad.numpy()
        sizes[pool] = np.linalg.norm(gradient)
        if pool is F.max_pool2d:
            assert np.mean(gradient == 0) == 0.75
        assert np.abs(gradient).sum() == pytest.approx(np.abs(upstream).sum())
    assert np.linalg.norm(upstream) == pytest.approx(7.31534, abs=5e-6)
    assert sizes[F.max_pool2d] == pytest.approx(7.31534, abs=5e-6)
    assert sizes[F.avg_pool2d] == pytest.approx(3.65767, abs=5e-6)


def test_TF_04_zero_weights_with_random_biases_break_the_symmetry_layer_by_layer():
    autograd.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 3)
    ).double()
    with autograd.no_grad():
        for layer in (model[0], model[2], model[4]):
            layer.weight.zero_()
            layer.bias.normal_()
    x, y = autograd.randn(30, 4, dtype=np.float64), autograd.randint(0, 3, (30,))
    optimizer, moved = optim.SGD(model.parameters(), lr=0.1), []
    for _ in range(3):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        moved.append([bool(model[i].weight.numpy().any()) for i in (0, 2, 4)])
    assert moved == [[False, False, True], [False, True, True], [True, True, True]]
    assert len({tuple(row) for row in model[0].weight.tolist()}) == 6


def test_TF_04_but_a_relu_with_a_negative_bias_stays_at_zero():
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)).double()
    with autograd.no_grad():
        for layer in (model[0], model[2]):
            layer.weight.zero_()
        model[0].bias.copy_(np.array([0.5, -0.5, 1, -1, 0.25, -0.25]))
    x, y = autograd.randn(30, 4, dtype=np.float64), autograd.randint(0, 3, (30,))
    assert optim.dead_units(model, x)["1"].tolist() == [1, 3, 5]
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for _ in range(50):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    learnt = model[0].weight.numpy().any(1)
    assert learnt.tolist() == [True, False] * 3


def test_TF_04_a_deep_relu_net_may_never_wake_its_first_weights():
    """A second layer that is silent passes nothing down, whatever the first one does."""
    autograd.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 3)
    ).double()
    with autograd.no_grad():
        for layer in (model[0], model[2], model[4]):
            layer.weight.zero_()
            layer.bias.normal_()
        model[2].bias.copy_(-model[2].bias.abs())
    x, y = autograd.randn(30, 4, dtype=np.float64), autograd.randint(0, 3, (30,))
    optimizer, first = optim.SGD(model.parameters(), lr=0.1), model[4].bias.tolist()
    for _ in range(50):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    assert [bool(model[i].weight.numpy().any()) for i in (0, 2, 4)] == [False, False, False]
    assert model[4].bias.tolist() != first  # all that learns


@pytest.mark.parametrize(("bias", "slope"), [(0.5, 3.0), (-0.5, 0.0)])
def test_TF_09_a_relu_neuron_with_input_0_still_has_a_gradient_of_its_bias(bias, slope):
    neuron = nn.Linear(2, 1).double()
    with autograd.no_grad():
        neuron.bias.fill_(bias)
    (3 * neuron(autograd.zeros(1, 2, dtype=np.float64)).relu()).sum().backward()
    assert neuron.weight.grad.tolist() == [[0, 0]] and neuron.bias.grad.tolist() == [slope]


def test_TF_11_centred_differences_meet_more_kinks_not_fewer():
    x = np.random.default_rng(0).uniform(-1, 1, 1_000_000)
    h = 0.01
    centred = ((x - h < 0) & (x + h > 0)).mean()
    forward = ((x < 0) & (x + h > 0)).mean()
    assert centred == pytest.approx(0.01, abs=3e-4) and forward == pytest.approx(0.005, abs=2e-4)
    relu = np.maximum
    slopes = [(relu(1e-6 + step, 0) - relu(1e-6 - step, 0)) / (2 * step) for step in (1e-5,)]
    assert slopes == pytest.approx([0.55])  # where the right one is 1, and forward gives 1
