"""RG-07: the families of regularisers, told apart by what they act on."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import optim
from optim.data.transforms import Compose, GaussianNoise, RandomCrop


def test_RG_07_data_augmentation_shows_other_inputs_with_the_same_labels():
    images, labels = optim.data.mnist(standardize=False)
    data = optim.TensorDataset(images[:40], labels[:40])
    transform = Compose([RandomCrop(28, padding=2), GaussianNoise(0.1)])
    loader = optim.DataLoader(optim.data.Augmented(data, transform), 40, generator=0)
    (first, same), (second, again) = next(iter(loader)), next(iter(loader))
    assert same.tolist() == again.tolist() == labels[:40].tolist()
    assert first.shape == second.shape == (40, 1, 28, 28)
    differs = (first.numpy() != second.numpy()).any((1, 2, 3))
    assert differs.all()


def test_RG_07_constraints_bound_weights_or_their_scale():
    """L2 pulls weights to 0; after batch norm the scale of the weights before it is no matter."""
    w = autograd.tensor([3.0, -4.0], dtype=np.float64, requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1)
    for _ in range(10):
        optimizer.zero_grad()
        F.l2_penalty(w, 0.5).backward()
        optimizer.step()
    np.testing.assert_allclose(w.tolist(), 0.9**10 * np.array([3, -4]), rtol=1e-12)
    layers = nn.Sequential(nn.Linear(4, 3, bias=False), nn.BatchNorm1d(3, eps=1e-12)).double()
    x = autograd.randn(50, 4, dtype=np.float64)
    y = layers(x).detach().numpy()
    with autograd.no_grad():
        layers[0].weight.mul_(10)
    np.testing.assert_allclose(layers(x).detach().numpy(), y, rtol=1e-9, atol=1e-12)
    (layers(x) ** 3).sum().backward()
    assert layers[0].weight.grad.abs().max().item() > 1e-3
    radial = (layers[0].weight.grad * layers[0].weight).sum(1)
    np.testing.assert_allclose(radial.tolist(), 0, atol=1e-9)  # no gradient along the scale


NOISE = {
    "dropout": lambda: nn.Sequential(nn.Dropout(0.3), nn.Linear(6, 4)),
    "stochastic depth": lambda: nn.Sequential(nn.Linear(6, 4), nn.StochasticDepth(0.3)),
    "DropConnect": lambda: nn.DropConnect(nn.Linear(6, 4), 0.3),
}


@pytest.mark.parametrize("kind", NOISE)
def test_RG_07_noise_in_training_is_none_on_average_and_none_at_test(kind):
    model, x = NOISE[kind]().double(), autograd.randn(2, 6, dtype=np.float64)
    with autograd.no_grad():
        noisy = np.stack([model(x).numpy() for _ in range(2000)])
        model.eval()
        sure = model(x).numpy()
        np.testing.assert_array_equal(model(x).numpy(), sure)
    assert noisy.std(0).min() > 0.05
    error = noisy.std(0) / np.sqrt(len(noisy))
    assert (np.abs(noisy.mean(0) - sure) < 5 * error).all()


def test_RG_07_batch_norm_is_noise_too_since_batches_are_drawn():
    norm, x = nn.BatchNorm1d(3), autograd.randn(64, 3)
    one = x[:1]
    with autograd.no_grad():
        seen = [norm(autograd.cat([one, x[i : i + 7]]))[0].tolist() for i in range(1, 50, 7)]
        assert np.std(seen, 0).min() > 0.05
        norm.eval()
        seen = [norm(autograd.cat([one, x[i : i + 7]]))[0].tolist() for i in range(1, 50, 7)]
    assert np.std(seen, 0).max() == 0
