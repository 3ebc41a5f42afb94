"""Slopes of activations where two pieces meet, and of parameters that are no whole numbers."""

import numpy as np
import pytest

import autograd
from nn import functional

# Name, arguments, and where the pieces meet.
KINKS = [
    ("relu6", (), (0.0, 6.0)),
    ("hardtanh", (-1.0, 2.0), (-1.0, 2.0)),
    ("hardsigmoid", (), (-3.0, 3.0)),
    ("hardswish", (), (-3.0, 3.0)),
    ("hardshrink", (0.5,), (-0.5, 0.5)),
    ("softshrink", (0.5,), (-0.5, 0.5)),
    ("leaky_relu", (0.25,), (0.0,)),
    ("elu", (2.0,), (0.0,)),
    ("selu", (), (0.0,)),
    ("celu", (2.0,), (0.0,)),
    ("celu", (49.0,), (0.0,)),  # 49 (1 / 49) is not 1
    ("softplus", (2.0, 1.0), (0.5,)),
    ("threshold", (0.1, 20.0), (0.1,)),
]


def function(library, name):
    """Return a function of ``nn.functional``, PyTorch's or ours."""
    return getattr(functional if library is autograd else library.nn.functional, name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options", "kinks"), KINKS, ids=str)
def test_slopes_where_pieces_meet(name, options, kinks, dtype, torch):
    values = np.array([*kinks, *(k - 0.75 for k in kinks), *(k + 0.75 for k in kinks)], dtype)
    upstream = np.arange(1, len(values) + 1).astype(dtype)
    slopes = []
    for library in (autograd, torch):
        x = library.tensor(values, requires_grad=True)
        function(library, name)(x, *options).backward(library.tensor(upstream))
        slopes.append(x.grad.numpy())
    # PyTorch has 1 / 6 in single precision
    np.testing.assert_allclose(slopes[0], slopes[1], rtol=1e-6 if dtype == "float32" else 1e-7)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_mish_of_large_numbers_is_the_identity(dtype):
    x = autograd.tensor(np.array([5.5, 7.0, 12.0, 45.0], dtype), requires_grad=True)
    functional.mish(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 1, rtol=2e-3 if dtype == "float16" else 1e-3)


def test_prelu_at_0_has_the_slope_of_the_left(torch):
    slopes = []
    for library in (autograd, torch):
        x = library.tensor([0.0, -1.0, 1.0], requires_grad=True)
        weight = library.tensor([0.25], requires_grad=True)
        function(library, "prelu")(x, weight).sum().backward()
        slopes.append([*x.grad.tolist(), *weight.grad.tolist()])
    assert slopes[0] == slopes[1]


def test_a_power_of_zero_has_no_slope(torch):
    slopes = []
    for library in (autograd, torch):
        y = library.tensor([0.5, 2.0], requires_grad=True)
        (0.0**y).sum().backward()
        slopes.append(y.grad.tolist())
    assert slopes[0] == slopes[1] == [0.0, 0.0]
