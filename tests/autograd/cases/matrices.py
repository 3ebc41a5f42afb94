"""Where matrices are drawn, and how functions of them are made independent of arbitrary signs."""

import numpy as np

import autograd

linalg = autograd.linalg


def spread(random, shape):
    """Matrices with well separated singular values and eigenvalues."""
    noise = random.uniform(-0.3, 0.3, shape)
    k = min(shape[-2:])
    return noise + np.eye(*shape[-2:]) * np.resize(np.arange(1, k + 1), shape[-1])


def definite(random, shape):
    """Symmetric positive-definite matrices, with different upper and lower rounding."""
    return spread(random, shape) + np.eye(shape[-1])


def triangle(random, shape):
    """Matrices whose halves, either, are well conditioned."""
    return random.uniform(-0.6, 0.6, shape) + np.eye(shape[-1]) * random.choice([-1.5, 2], shape)


def symmetric(x):
    return (x + x.transpose(-1, -2)) * 0.5


def turned(vectors):
    """Return sum_i i v_i v_i^T of the columns: the same for -v."""
    n = vectors.shape[-1]
    weights = np.arange(1.0, n + 1).astype(str(vectors.dtype).removeprefix("torch."))
    if not isinstance(vectors, autograd.Tensor):
        weights = vectors.new_tensor(weights)
    return (vectors * weights) @ vectors.transpose(-1, -2)
