"""Every kernel at once, to second order: a Hessian-vector product through a small CNN."""

import numpy as np

import autograd
from nn.ops import batch_norm, conv2d, cross_entropy, max_pool2d


def loss_of(images, labels, parameters):
    weight, scale, shift, linear = parameters
    maps = batch_norm(conv2d(images, weight, padding=(1, 1)), scale, shift)
    pooled = max_pool2d(autograd.relu(maps), kernel_size=(2, 2), stride=(2, 2))
    scores = autograd.reshape(pooled, (images.shape[0], -1)) @ linear
    return cross_entropy(scores, target=labels)


def test_hessian_vector_product_by_finite_differences(rng, leaf):
    images = autograd.tensor(rng.standard_normal((4, 2, 6, 6)), dtype=np.float64)
    labels = np.array([0, 2, 1, 2])
    shapes = [(3, 2, 3, 3), (3,), (3,), (27, 3)]
    point = [rng.standard_normal(shape) for shape in shapes]
    direction = [rng.standard_normal(shape) for shape in shapes]

    def gradient(values, create_graph=False):
        parameters = [leaf(value) for value in values]
        loss = loss_of(images, labels, parameters)
        return parameters, autograd.grad(loss, parameters, create_graph=create_graph)

    parameters, first = gradient(point, create_graph=True)
    along = sum(
        (g * autograd.tensor(d, dtype=np.float64)).sum()
        for g, d in zip(first, direction, strict=True)
    )
    product = autograd.grad(along, parameters)
    step = 1e-5
    above, below = (
        gradient([p + sign * step * d for p, d in zip(point, direction, strict=True)])[1]
        for sign in (1, -1)
    )
    for found, up, down in zip(product, above, below, strict=True):
        expected = (up.numpy() - down.numpy()) / (2 * step)
        error = np.linalg.norm(found.numpy() - expected)
        assert error <= 1e-6 * np.linalg.norm(expected)
