"""OP-11, GE-08: the gradient of a mini-batch is noisy, and so is the path that follows it."""

import numpy as np
import pytest

import autograd
import optim
from optim.data import DataLoader, RandomSampler, TensorDataset

SIGMA = 2.0003
NOISE = {1: 2.022, 4: 0.992, 16: 0.492, 64: 0.250, 256: 0.123}


def slope(w, x):
    """Return the gradient of the mean of 1/2 (w - x)^2."""
    loss = (0.5 * (w - x) ** 2).mean()
    return autograd.grad(loss, w)[0].item()


@pytest.mark.parametrize("size", NOISE)
def test_OP_11_the_noise_of_4000_batches(size):
    rng = np.random.default_rng(0)
    x = 2 * rng.standard_normal(100_000)
    assert x.std() == pytest.approx(SIGMA, abs=5e-5)
    for before in NOISE:
        batches = rng.choice(x, (4000, before))
        if before == size:
            break
    w = autograd.tensor(0.0, dtype=np.float64, requires_grad=True)
    few = [slope(w, autograd.tensor(batch)) for batch in batches[:20]]
    np.testing.assert_allclose(few, -batches[:20].mean(1), atol=1e-12)  # w - mean(x), at w = 0
    assert batches.mean(1).std() == pytest.approx(NOISE[size], abs=6e-4)
    assert batches.mean(1).std() == pytest.approx(SIGMA / np.sqrt(size), rel=0.03)


def path(data, size, lr=0.1, steps=200):
    """Return the points of gradient descent on batches of ``size``, drawn with repetition."""
    w = autograd.tensor([6.0, 6.0], dtype=np.float64, requires_grad=True)
    optimizer, points = optim.SGD([w], lr=lr), []
    whole = size == len(data)
    sampler = None if whole else RandomSampler(data, True, size * steps, generator=1)
    loader = DataLoader(data, size, sampler=sampler)
    while len(points) < steps:
        for (x,) in loader:
            points.append(w.detach().numpy().copy())
            optimizer.zero_grad()
            (0.5 * (w - x) ** 2).sum(1).mean().backward()
            optimizer.step()
    return np.array(points)


def test_GE_08_the_smaller_the_batch_the_wilder_the_path():
    """At the end it wanders around the minimum, by sigma sqrt(lr / (2 - lr) / B)."""
    x = 2 * np.random.default_rng(0).standard_normal((2000, 2))
    data = TensorDataset(x)
    paths = {size: path(data, size) for size in (1, 16, 2000)}
    full = paths[2000]
    length = np.linalg.norm(np.diff(full, axis=0), axis=1)
    straight = np.linalg.norm(full[-1] - full[0])
    assert length.sum() == pytest.approx(straight, rel=1e-9)  # straight to the mean, and stays
    np.testing.assert_allclose(full[-1], x.mean(0), atol=1e-8)
    away = (6 - x.mean(0)[0]) * 0.9 ** np.arange(200)
    np.testing.assert_allclose(full[:, 0], x.mean(0)[0] + away)
    for size in (1, 16):
        wandering = paths[size][60:] - x.mean(0)
        expected = x.std() * np.sqrt(0.1 / 1.9 / size)
        assert np.sqrt((wandering**2).mean()) == pytest.approx(expected, rel=0.2)
        steps = np.linalg.norm(np.diff(paths[size], axis=0), axis=1)
        assert steps.sum() > (5 if size == 1 else 1.5) * straight
