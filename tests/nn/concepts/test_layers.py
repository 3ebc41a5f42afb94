"""Rows of the course's checklist about layers (LY), by their numbers."""

import numpy as np

import autograd
import nn

# ---------------------------------------------------------------- pooling

BOARD = np.array([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])


def test_LY_12_global_average_pooling_replaces_the_last_fully_connected_layer():
    assert nn.AdaptiveAvgPool2d(1)(autograd.tensor(BOARD)).item() == 3.125
    maps = (1, 512, 8, 8)
    with nn.shape_only():
        flat = nn.Sequential(nn.Flatten(), nn.Linear(8 * 8 * 512, 10))
        pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
        convolved = nn.Sequential(nn.Conv2d(512, 10, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    totals = [sum(p.numel() for p in each.parameters()) for each in (flat, pooled, convolved)]
    assert totals == [327_690, 5_130, 5_130]
    # A 1x1 convolution and then the mean is the mean and then the layer: both are linear.
    rng = np.random.default_rng(0)
    x = autograd.tensor(rng.standard_normal(maps))
    pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10)).double()
    convolved = nn.Sequential(nn.Conv2d(512, 10, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()).double()
    with autograd.no_grad():
        convolved[0].weight.copy_(pooled[2].weight.reshape(10, 512, 1, 1))
        convolved[0].bias.copy_(pooled[2].bias)
    np.testing.assert_allclose(
        convolved(x).detach().numpy(), pooled(x).detach().numpy(), atol=1e-12
    )


def test_LY_14_pooling_gives_some_invariance_to_shifts():
    def pooled(place):
        impulse = np.zeros((1, 1, 8))
        impulse[0, 0, place] = 1
        return nn.MaxPool1d(2, 2)(autograd.tensor(impulse)).tolist()[0][0]

    assert pooled(3) == pooled(2) == [0, 1, 0, 0]
    assert pooled(4) == [0, 0, 1, 0] != pooled(3)


def test_LY_14_convolution_is_equivariant_to_shifts():
    rng = np.random.default_rng(0)
    layer = nn.Conv2d(1, 2, 3, padding=1, padding_mode="zeros").double()
    x = np.zeros((1, 1, 12, 12))
    x[:, :, 4:8, 4:8] = rng.standard_normal((4, 4))
    y = layer(autograd.tensor(x)).detach().numpy()
    shifted = layer(autograd.tensor(np.roll(x, (2, -1), (2, 3)))).detach().numpy()
    np.testing.assert_allclose(shifted, np.roll(y, (2, -1), (2, 3)), atol=1e-12)


def test_LY_37_pooling_saves_memory_and_computation():
    pool = nn.MaxPool2d(2, 2)
    x = autograd.zeros(1, 10, 32, 32)
    assert (x.numel(), pool(x).numel()) == (10_240, 2_560)
    assert list(pool.parameters()) == []


# ---------------------------------------------------------------- the blocks of a network


def test_LY_15_four_blocks_make_the_network_of_the_exam():
    """Convolution, activation, pooling, fully connected: sizes and parameters of SH-03."""
    net = nn.Sequential(
        nn.Conv2d(1, 10, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(10, 10, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(640, 10),
    )
    x, shapes = autograd.randn(2, 1, 32, 32), []
    for layer in net:
        x = layer(x)
        shapes.append(x.shape[1:])
    assert shapes[0] == (10, 32, 32) and shapes[2] == (10, 16, 16)
    assert shapes[3] == (10, 16, 16) and shapes[5] == (10, 8, 8) and shapes[7] == (10,)
    counts = [sum(p.numel() for p in layer.parameters()) for layer in net]
    assert counts == [260, 0, 0, 2510, 0, 0, 0, 6410] and sum(counts) == 9180
    x.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum().item() > 0 for p in net.parameters())
