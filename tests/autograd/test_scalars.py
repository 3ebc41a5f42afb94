"""Random scalar expressions: the short path gives what arrays, and what differences, give."""

import random

import numpy as np
import pytest

import autograd
from autograd.graph import Op

UNARY = ("exp", "tanh", "sigmoid", "relu", "sin", "square", "negative", "absolute", "log1p")
BINARY = ("add", "subtract", "multiply", "divide", "maximum", "minimum")


def expression(source, length):
    """Return instructions: (function, left, right), where an operand may be a number."""
    written = []
    for _ in range(length):
        name = source.choice(UNARY + BINARY + BINARY)
        number = source.choice([None, None, 0.5, 2, -1.5])
        written.append((name, source.randrange(1 << 16), source.randrange(1 << 16), number))
    return written


def evaluate(instructions, leaves):
    pool = list(leaves)
    for name, i, j, number in instructions:
        x, y = pool[-1 - i % min(4, len(pool))], pool[j % len(pool)]
        if name == "log1p":
            x = autograd.square(x)
        if name == "exp":
            x = autograd.tanh(x)
        if name == "square":
            x = autograd.sin(x)
        if name in UNARY:
            pool.append(getattr(autograd, name)(x))
        elif name == "divide":
            pool.append(x / (autograd.square(y) + 1))
        elif number is not None and name not in ("maximum", "minimum"):
            pair = (x, number) if i % 2 else (number, x)
            pool.append(getattr(autograd, name)(*pair))
        else:
            pool.append(getattr(autograd, name)(x, y))
    return pool[-1] + sum(pool[3:-1:3], 0.0)


def gradients(instructions, values, make, **options):
    leaves = [make(v) for v in values]
    root = evaluate(instructions, leaves)
    if not isinstance(root.node, Op):
        return root, [None] * len(leaves)
    root.sum().backward(**options)
    return root, [leaf.grad for leaf in leaves]


def numpy_scalar(value):
    return autograd.tensor(value, requires_grad=True)


def array_0d(value):
    made = autograd.tensor(value)
    made.share()
    return made.requires_grad_()


def vector(value):
    return autograd.tensor([value], requires_grad=True)


@pytest.mark.parametrize("seed", range(150))
@pytest.mark.parametrize("make", [array_0d, vector], ids=["0-d array", "vector"])
def test_scalars_give_what_arrays_give(seed, make):
    source = random.Random(seed)
    instructions = expression(source, source.randint(2, 25))
    values = [np.float64(source.uniform(-2, 2)) for _ in range(3)]
    root, found = gradients(instructions, values, numpy_scalar)
    other, expected = gradients(instructions, values, make)
    np.testing.assert_allclose(root.payload, other.payload.reshape(()), rtol=1e-12)
    for one, two in zip(found, expected, strict=True):
        assert (one is None) == (two is None)
        if one is not None:
            assert one.shape == ()
            np.testing.assert_allclose(one.payload, two.payload.reshape(()), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("seed", range(60))
def test_inspection_and_create_graph_change_no_gradient(seed):
    source = random.Random(1000 + seed)
    instructions = expression(source, source.randint(2, 25))
    values = [np.float64(source.uniform(-2, 2)) for _ in range(3)]
    _, expected = gradients(instructions, values, numpy_scalar)
    _, recorded = gradients(instructions, values, numpy_scalar, create_graph=True)
    with autograd.inspect():
        _, inspected = gradients(instructions, values, numpy_scalar)
    for one, *others in zip(expected, recorded, inspected, strict=True):
        for two in others:
            assert (one is None) == (two is None)
            if one is not None:
                np.testing.assert_allclose(two.payload, one.payload, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("number", [2, 2.5, np.float32(2.5), np.float64(2.5), True])
def test_numbers_on_either_side_keep_the_dtype(dtype, number):
    for apply in (
        lambda x: x + number,
        lambda x: number - x,
        lambda x: x * number,
        lambda x: number / x,
        lambda x: x**number,
        lambda x: number**x,
        lambda x: autograd.maximum(x, number),
    ):
        x = autograd.tensor(1.5, dtype=dtype, requires_grad=True)
        z = apply(x)
        z.backward()
        assert (z.dtype, x.grad.dtype) == (dtype, dtype)
        assert isinstance(z.payload, np.generic) and isinstance(x.grad.payload, np.generic)
