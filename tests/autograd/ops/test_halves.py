"""Half floats: formulas of several steps are computed in single precision and rounded once.

A step beyond 65504 on the way, or below 6e-8, is no matter then: what is compared is the same
formula in double precision, rounded to halves.
"""

import numpy as np
import pytest

import autograd

LARGE = [60000.0, -300.0, 2.0]
OTHER = [2.0, 250.0, -4.0]


def matrix(values):
    return values.reshape(1, 3)


FORMULAS = {
    "sinc": lambda x: autograd.sinc(x),
    "angle": lambda x: autograd.atan2(x, x * 0 + 3),
    "angle to it": lambda x: autograd.atan2(x * 0 + 3, x),
    "hypotenuse": lambda x: autograd.hypot(x, x * 0 + 3),
    "inverse tangent": lambda x: autograd.atan(x / 100),
    "inverse hyperbolic sine": lambda x: autograd.asinh(x) * 1000,
    "inverse hyperbolic cosine": lambda x: autograd.acosh(abs(x)) * 1000,
    "decimals": lambda x: autograd.round(x, decimals=2),
    "tens": lambda x: autograd.round(x, decimals=-1),
    "product and half of it": lambda x: autograd.addcmul(x, x, x * 0 + 2, value=0.25),
    "quotient and half of it": lambda x: autograd.addcdiv(x, x, x * 0 + 0.5, value=0.25),
    "a multiple taken away": lambda x: x.sub(x, alpha=2),
    "a multiple added": lambda x: x.add(x, alpha=-2),
    "halves of outer products": lambda x: autograd.addr(x, x / 30, x * 0 + 40, alpha=0.5),
    "halves of products": lambda x: autograd.addmm(
        matrix(x), matrix(x), autograd.eye(3, dtype=x.dtype) * 2, alpha=0.5
    ),
    "halves of products with a vector": lambda x: autograd.addmv(
        x, autograd.eye(3, dtype=x.dtype) * 2, x, alpha=-0.5
    ),
    "halves of sums of products": lambda x: autograd.addbmm(
        matrix(x), matrix(x)[None], autograd.eye(3, dtype=x.dtype)[None] * 2, alpha=0.5
    ),
    "halves of batches of products": lambda x: autograd.baddbmm(
        matrix(x), matrix(x)[None], autograd.eye(3, dtype=x.dtype)[None] * 2, alpha=0.5
    ),
    "products of a batch with one matrix": lambda x: (
        autograd.stack([matrix(x), -matrix(x)]) @ (autograd.eye(3, dtype=x.dtype))
    ).sum(0),
    "norm": lambda x: x.norm(),
    "cubic norm": lambda x: autograd.linalg.vector_norm(x, 3),
    "norm of a matrix": lambda x: autograd.linalg.matrix_norm(matrix(x)),
    "deviation": lambda x: x.std(),
    "variance": lambda x: (x / 200).var(),
    "deviation and mean": lambda x: autograd.std_mean(x)[0] + autograd.std_mean(x)[1],
    "mean": lambda x: autograd.cat([x, x]).abs().mean(),
    "mean without nan": lambda x: autograd.cat([x, x]).abs().nanmean(),
    "product of all": lambda x: autograd.cat([x, x.new_tensor([1e-4, 2e-4])]).prod(),
    "running products": lambda x: autograd.cat([x.new_tensor([1e-4]), x]).cumprod(0)[1:3],
    "distance": lambda x: autograd.cdist(matrix(x), matrix(x) * 0),
    "distance by its largest": lambda x: autograd.cdist(matrix(x), matrix(x) * 0 - 3, float("inf")),
    "cross product": lambda x: autograd.linalg.cross(x, x * 0 + 1),
    "quotient": lambda x: (x * 0 + 60000) / x,
    "logarithm of sums": lambda x: autograd.logcumsumexp(x, 0),
    "a scaled logarithm": lambda x: autograd.xlogy(abs(x), 2 + 0 * x) / 3,
    "a power of an inverse": lambda x: abs(x / 100) ** -1.5,
    "an inverse root": lambda x: autograd.rsqrt(abs(x) / 100),
    "probabilities": lambda x: (x / 60000).softmax(0),
}


def value_and_slope(formula, values, dtype):
    x = autograd.tensor(values, dtype=dtype, requires_grad=True)
    z = formula(x)
    z.backward(autograd.ones_like(z))
    assert z.dtype == x.grad.dtype == dtype
    return z.detach().numpy(), x.grad.numpy()


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("values", [LARGE, OTHER], ids=["large", "other"])
@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_is_rounded_once(name, values):
    halves = value_and_slope(FORMULAS[name], values, np.float16)
    doubles = value_and_slope(FORMULAS[name], values, np.float64)
    for half, double in zip(halves, doubles, strict=True):
        with np.errstate(over="ignore"):
            np.testing.assert_allclose(half, double.astype(np.float16), rtol=4e-3, atol=2e-3)


def test_halves_are_single_in_every_order():
    x = autograd.tensor([300.0, 2.0], dtype=autograd.float16, requires_grad=True)
    (slope,) = autograd.grad(autograd.hypot(x[0], x[1]), x, create_graph=True)
    assert slope.dtype == np.float16
    (second,) = autograd.grad(slope[1], x)
    np.testing.assert_allclose(second.tolist(), [-2 / 300**2, 1 / 300], rtol=2e-2)
    (swing,) = autograd.functional.jvp(
        lambda x: autograd.sinc(x) + x.norm(), (x.detach(),), (x.detach(),)
    )[1:]
    assert swing.dtype == np.float16
    np.testing.assert_allclose(swing.tolist(), [301.0, 301.0], rtol=1e-2)


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("other", [1 << 40, 9e18, 70000])
def test_a_number_in_a_tensor_may_be_beyond_halves(other, torch):
    for make in (lambda t: t.tensor(other), lambda t: other):
        results = [
            (t.tensor([0.0, 1e-6, -2e-7], dtype=t.float16) * make(t)).tolist()
            for t in (autograd, torch)
        ]
        np.testing.assert_allclose(*results, rtol=1e-3)
        results = [
            (t.tensor([0.0, 60000.0], dtype=t.float16) / make(t)).tolist()
            for t in (autograd, torch)
        ]
        np.testing.assert_allclose(*results, rtol=1e-3)
