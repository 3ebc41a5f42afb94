"""Rows of the course's checklist about convolution (LY), by their numbers."""

import numpy as np
import pytest

import autograd
import nn
from autograd import tensor


def parameters(*layers):
    return sum(p.numel() for layer in layers for p in layer.parameters())


def test_LY_03_convolution_is_a_banded_matrix():
    k = tensor([1.0, 2.0, 3.0], dtype=np.float64, requires_grad=True)
    matrix = nn.functional.conv_matrix(k, 5)
    assert matrix.tolist() == [[1, 2, 3, 0, 0], [0, 1, 2, 3, 0], [0, 0, 1, 2, 3]]
    x = tensor([2.0, -1.0, 0.5, 4.0, 3.0], dtype=np.float64, requires_grad=True)
    dz = tensor([1.0, -2.0, 0.5], dtype=np.float64)
    z = nn.functional.conv1d(x[None], k[None, None])[0]
    np.testing.assert_allclose(z.tolist(), (matrix @ x).tolist(), rtol=1e-15)
    dx, dk = autograd.grad(z, (x, k), dz)
    np.testing.assert_allclose(dx.tolist(), (matrix.T @ dz).tolist(), rtol=1e-15)
    (through_matrix,) = autograd.grad(matrix @ x, k, dz)
    np.testing.assert_allclose(through_matrix.tolist(), dk.tolist(), rtol=1e-15)
    assert nn.functional.conv_matrix(tensor([7.0]), 3).tolist() == (7 * np.eye(3)).tolist()
    assert nn.functional.conv_matrix(tensor([1.0, 2.0]), 2).tolist() == [[1, 2]]


@pytest.mark.parametrize("batch", [1, 3])
def test_LY_05_a_fully_connected_layer_is_a_convolution_by_the_whole_image(batch):
    channels, height, width, outputs = 3, 4, 5, 7
    dense = nn.Linear(channels * height * width, outputs, dtype=np.float64)
    conv = nn.Conv2d(channels, outputs, (height, width), dtype=np.float64)
    with autograd.no_grad():
        conv.weight.copy_(dense.weight.reshape(conv.weight.shape))
        conv.bias.copy_(dense.bias)
    x = autograd.randn(batch, channels, height, width, dtype=np.float64).requires_grad_()
    u = autograd.randn(batch, outputs, dtype=np.float64)
    results = []
    for out, layer in ((dense(x.flatten(1)), dense), (conv(x).flatten(1), conv)):
        gradients = autograd.grad(out, (x, layer.weight, layer.bias), u)
        results.append([out.detach(), *gradients])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a.numpy().reshape(b.shape), b.numpy(), rtol=0, atol=1e-12)


def test_LY_07_a_fully_connected_net_ignores_spatial_relations_and_a_convolution_does_not():
    rng = np.random.default_rng(0)
    order = rng.permutation(36)
    images = rng.standard_normal((4, 1, 6, 6))
    shuffled = images.reshape(4, 36)[:, order].reshape(images.shape)

    dense = nn.Sequential(nn.Flatten(), nn.Linear(36, 5), nn.Tanh(), nn.Linear(5, 2)).double()
    before = dense(tensor(images)).numpy()
    with autograd.no_grad():
        dense[1].weight.copy_(dense[1].weight.numpy()[:, order])
    np.testing.assert_allclose(dense(tensor(shuffled)).numpy(), before, rtol=0, atol=1e-14)

    # No kernel sees the same: on the image that was one bright pixel beside another, it is lost.
    conv = nn.Conv2d(1, 1, 3, bias=False, dtype=np.float64)
    of_images, of_shuffled = conv(tensor(images)).numpy(), conv(tensor(shuffled)).numpy()
    assert np.abs(np.sort(of_images.ravel()) - np.sort(of_shuffled.ravel())).max() > 0.05


def test_LY_08_a_kernel_collects_from_every_window():
    conv = nn.Conv1d(1, 1, 1, bias=False, dtype=np.float64)
    x = tensor([[2.0, 5.0]], dtype=np.float64)
    y = conv(x)[0]
    (y[0] * y[1]).backward()
    w = conv.weight.item()
    assert conv.weight.grad.item() == pytest.approx(2 * w * 2 * 5)


def test_LY_09_a_1x1_convolution_is_an_inner_product_over_channels():
    conv = nn.Conv2d(64, 32, 1)
    assert conv.weight.numel() == 2048 and parameters(conv) == 2080
    small = nn.Conv2d(4, 2, 1, dtype=np.float64)
    x = np.random.default_rng(0).standard_normal((2, 4, 3, 5))
    weight, bias = small.weight.numpy()[:, :, 0, 0], small.bias.numpy()
    expected = np.moveaxis(np.moveaxis(x, 1, -1) @ weight.T + bias, -1, 1)
    np.testing.assert_allclose(small(tensor(x)).numpy(), expected, atol=1e-14)
    with nn.shape_only():
        assert nn.Conv2d(64, 32, 1)(autograd.zeros(0, 64, 56, 56)).shape == (0, 32, 56, 56)
        shape = {"bias": False}
        bottleneck = (
            nn.Conv2d(256, 64, 1, **shape),
            nn.Conv2d(64, 64, 3, padding=1, **shape),
            nn.Conv2d(64, 256, 1, **shape),
        )
        plain = nn.Conv2d(256, 256, 3, padding=1, **shape)
    assert (parameters(*bottleneck), parameters(plain)) == (69_632, 589_824)
    assert parameters(plain) / parameters(*bottleneck) == pytest.approx(8.470588, abs=1e-6)
