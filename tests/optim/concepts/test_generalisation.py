"""Groups RG and OP: what penalties, more data and small batches do to a training."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import optim

C = [3, 0.4, -0.2, -2]


def minimum(penalty=None, proximal=None):
    """Descend on 1/2 |w - c|^2, with a penalty or a proximal step behind each update."""
    w = autograd.tensor(np.array(C), requires_grad=True)
    c, lr = autograd.tensor(np.array(C)), 0.5
    optimizer = optim.SGD([w], lr=lr)
    for _ in range(60):
        optimizer.zero_grad()
        loss = 0.5 * ((w - c) * (w - c)).sum()
        (loss if penalty is None else loss + penalty(w)).backward()
        optimizer.step()
        if proximal is not None:
            with autograd.no_grad():
                w.copy_(proximal(w, lr))
    return w.detach().numpy()


def test_RG_03_l1_gives_zeros_l2_small_numbers():
    """1/2 |w| moves by a constant and stops at 0; 1/2 w^2 divides."""
    sparse = minimum(proximal=lambda w, lr: w.sign() * (w.abs() - 0.5 * lr).relu())
    np.testing.assert_allclose(sparse, [2.5, 0, 0, -1.5], atol=1e-12)
    small = minimum(lambda w: F.l2_penalty(w, 0.5))
    np.testing.assert_allclose(small, [1.5, 0.2, -0.1, -1], atol=1e-12)
    assert [(w == 0).sum() for w in (sparse, small)] == [2, 0]
    by_subgradient = minimum(lambda w: F.l1_penalty(w, 0.5))  # near 0, never there
    assert np.abs(by_subgradient - sparse).max() < 0.5 and (by_subgradient != 0).all()


def test_RG_04_l2_prefers_spread_weights():
    x = autograd.ones(4, dtype=np.float64)
    peaked = autograd.tensor([1.0, 0, 0, 0], dtype=np.float64)
    spread = autograd.tensor([0.25] * 4, dtype=np.float64)
    assert (peaked * x).sum().item() == (spread * x).sum().item() == 1
    assert [F.l2_penalty(w).item() for w in (peaked, spread)] == [1, 0.25]
    assert [F.l1_penalty(w).item() for w in (peaked, spread)] == [1, 1]


def line(n, noise, features, seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, features))
    y = x[:, :1] - x[:, 1:2] + noise * rng.standard_normal((n, 1))
    return autograd.tensor(x), autograd.tensor(y)


def losses_of(n, decay, seed, features=20, epochs=300):
    """Return the losses on n training samples and on 1,000 others, after a training."""
    autograd.manual_seed(seed)
    model = nn.Linear(features, 1).double()
    train = line(n, 1.0, features, 2 * seed + 1)
    held_out = line(1000, 1.0, features, 2 * seed + 2)
    history = optim.fit(
        model,
        F.mse_loss,
        [train],
        optimizer=optim.SGD(model.parameters(), lr=0.1, weight_decay=decay),
        epochs=epochs,
        validation=[held_out],
        progress=False,
        watch=0,
    )
    return history["loss"][-1], history["validation_loss"][-1]


@pytest.mark.parametrize("seed", range(5))
def test_RG_06_regularisation_shrinks_the_gap_between_training_and_test(seed):
    found = [losses_of(24, decay, seed) for decay in (0.0, 0.1, 1.0)]
    gaps = [held_out - train for train, held_out in found]
    assert gaps[0] > gaps[1] > gaps[2]
    assert found[1][1] < found[0][1]  # a little of it is good for the test


@pytest.mark.parametrize("seed", range(5))
def test_RG_09_bias_falls_and_variance_rises_with_capacity(seed):
    """300 fits of sin(2 pi x): 25 points, noise .3, by polynomials of degree 1, 3 and 9.

    The numbers are of seed 0, what they show is so with any.
    """
    rng, grid = np.random.default_rng(seed), np.linspace(0, 1, 101)
    found = {}
    for degree in (1, 3, 9):
        predictions, train = [], []
        for _ in range(300):
            x = rng.uniform(0, 1, 25)
            y = np.sin(2 * np.pi * x) + 0.3 * rng.standard_normal(25)
            fitted = np.polyfit(x, y, degree)
            predictions.append(np.polyval(fitted, grid))
            train.append(np.mean((np.polyval(fitted, x) - y) ** 2))
        bias = np.mean((np.mean(predictions, 0) - np.sin(2 * np.pi * grid)) ** 2)
        found[degree] = bias, np.var(predictions, 0).mean(), np.mean(train)
    if seed == 0:
        assert found[1] == pytest.approx((0.2037, 0.0269, 0.2565), abs=1e-4)
        assert found[3] == pytest.approx((0.00535, 0.0216, 0.0784), abs=1e-4)
        assert found[9][1] == pytest.approx(336, abs=1)
        assert found[9][2] == pytest.approx(0.0554, abs=1e-4)
    assert found[1][0] > 10 * found[3][0] and found[3][1] < 10 * found[9][1]
    assert found[1][2] > found[3][2] > found[9][2]  # the training error only falls
    total = [bias + variance for bias, variance, _ in found.values()]
    assert total[0] > total[1] < total[2]  # the whole one is U-shaped


@pytest.mark.parametrize("seed", range(5))
def test_RG_10_TP_10_more_data_fewer_features(seed):
    found = [losses_of(n, 0.0, seed) for n in (24, 100, 1000)]
    train, held_out = zip(*found, strict=True)
    assert list(train) == sorted(train) and list(held_out) == sorted(held_out, reverse=True)
    assert held_out[-1] - train[-1] < 0.1 * (held_out[0] - train[0])
    assert losses_of(24, 0.0, seed, features=4)[1] < held_out[0]  # the same line, fewer features


def test_OP_18_the_rate_decides_the_course():
    """One fixed net: too low, good, high, diverging."""
    x = autograd.tensor(np.random.default_rng(0).standard_normal((60, 2)))
    y = autograd.tensor((x.numpy()[:, 0] > x.numpy()[:, 1]).astype(np.float64)[:, None])

    def course(lr):
        autograd.manual_seed(0)
        model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).double()
        optimizer, losses = optim.SGD(model.parameters(), lr=lr), []
        for _ in range(60):
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            losses.append(loss.item())
            if not loss.item() < 1e6:
                break
            loss.backward()
            optimizer.step()
        return losses

    low, good, high, diverging = (course(lr) for lr in (1e-3, 0.2, 0.6, 5.0))
    assert low[-1] > 0.7 * low[0] and good[-1] < 0.2 * good[0]
    assert low == sorted(low, reverse=True) and high != sorted(high, reverse=True)
    assert diverging[-1] > 10 * diverging[0]


CORNERS = [([0.0, 0.0], -1), ([0.0, 1.0], -1), ([1.0, 0.0], -1), ([1.0, 1.0], 1)]


def perceptron(samples, epochs):
    """Rosenblatt's rule: what is not on its side of the line is added to the weights."""
    w = autograd.zeros(2, dtype=np.float64, requires_grad=True)
    b = autograd.tensor(0.0, dtype=np.float64, requires_grad=True)
    optimizer, updates = optim.SGD([w, b], lr=1.0), []
    for _ in range(epochs):
        updates.append(0)
        for x, y in samples:
            score = (w * autograd.tensor(x, dtype=np.float64)).sum() + b
            if y * score.item() <= 0:
                optimizer.zero_grad()
                (-y * score).backward()
                optimizer.step()
                updates[-1] += 1
        if not updates[-1]:
            break
    return w.tolist(), b.item(), updates


def test_CM_01_the_perceptron_learns_and():
    w, b, updates = perceptron(CORNERS, 50)
    assert (w, b) == ([3, 2], -4)
    assert sum(updates) == 18 and len(updates) == 9
    for x, y in CORNERS:
        assert np.sign(np.dot(w, x) + b) == y


def test_CM_02_but_never_xor():
    xor = [(x, 1 if sum(x) == 1 else -1) for x, _ in CORNERS]
    w, b, updates = perceptron(xor, 40)
    assert len(updates) == 40 and updates[-30:] == [4] * 30
    assert (w, b) == ([0, 0], 0)  # back where they began


def test_CM_06_an_mlp_learns_xor():
    autograd.manual_seed(0)
    x = autograd.tensor([x for x, _ in CORNERS])
    y = autograd.tensor([0, 1, 1, 0])
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    history = optim.fit(
        model,
        nn.CrossEntropyLoss(),
        [(x, y)],
        optimizer=optim.Adam(model.parameters(), lr=0.05),
        epochs=150,
        progress=False,
        watch=0,
    )
    assert history["loss"][-1] < 0.01 and history["accuracy"][-1] == 1
