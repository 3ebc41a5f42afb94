"""Worked numbers of the course material: circuits, kinks, weight sharing."""

import numpy as np
import pytest

import autograd


def scalar(value, dtype=np.float64):
    return autograd.tensor(value, dtype=dtype, requires_grad=True)


def test_the_sigmoid_circuit_of_cs231n():
    # f(w, x) = sigmoid(w0 x0 + w1 x1 + w2): the notes round to .4, -.4, -.6 and .2.
    w0, x0, w1, x1, w2 = leaves = [scalar(v) for v in (2.0, -1.0, -3.0, -2.0, -3.0)]
    f = autograd.sigmoid(w0 * x0 + w1 * x1 + w2)
    f.backward()
    local = f.item() * (1 - f.item())
    assert f.item() == pytest.approx(0.7310585786300049)
    expected = [-1 * local, 2 * local, -2 * local, -3 * local, local]
    assert [leaf.grad.item() for leaf in leaves] == pytest.approx(expected)
    assert [round(leaf.grad.item(), 1) for leaf in leaves] == [-0.2, 0.4, -0.4, -0.6, 0.2]
    staged = [scalar(v) for v in (2.0, -1.0, -3.0, -2.0, -3.0)]
    w0, x0, w1, x1, w2 = staged
    (1 / (1 + autograd.exp(-(w0 * x0 + w1 * x1 + w2)))).backward()
    assert [leaf.grad.item() for leaf in staged] == pytest.approx(expected)


def test_AC_01_sigmoid():
    x = autograd.tensor([0.0, 5.0, 10.0, -1000.0, 1000.0], dtype=np.float64, requires_grad=True)
    y = autograd.sigmoid(x)
    y.sum().backward()
    assert y.tolist()[0] == 0.5 and y.tolist()[-2:] == [0, 1]
    np.testing.assert_allclose(x.grad.tolist()[:3], [0.25, 0.00664806, 4.53958e-5], rtol=1e-5)


def test_AC_02_tanh():
    x = autograd.tensor([0.0, 2.0, 5.0], dtype=np.float64, requires_grad=True)
    autograd.tanh(x).sum().backward()
    np.testing.assert_allclose(x.grad.tolist(), [1, 0.07065082, 1.81583e-4], rtol=1e-5)
    twice = 2 * autograd.sigmoid(2 * x) - 1
    np.testing.assert_allclose(autograd.tanh(x).tolist(), twice.tolist(), rtol=1e-14)


@pytest.mark.parametrize("shape", [(), (1,), (2, 2)])
def test_the_logarithm_of_a_dead_relu_has_gradient_zero(shape):
    x = autograd.full(shape, -1.0).requires_grad_()
    with np.errstate(divide="ignore"):
        y = autograd.log(autograd.relu(x))
        y.sum().backward()
    assert np.all(y.numpy() == -np.inf)
    assert np.all(x.grad.numpy() == 0)


def test_LY_08_a_shared_weight_collects_from_every_use():
    w, x1, x2 = scalar(3.0), scalar(2.0), scalar(5.0)
    f = (w * x1) * (w * x2)
    f.backward()
    assert w.grad.item() == 2 * 3 * 2 * 5
    left, right = f.node.operands
    assert left.operands[0] is right.operands[0] is w.node


def test_LY_32_a_residual_block_adds_two_paths():
    x = scalar(1.0)
    y = x
    for _ in range(50):
        y = y * 0 + y
    y.backward()
    assert x.grad.item() == 1
    plain = z = scalar(0.0)
    for _ in range(50):
        z = autograd.sigmoid(z) - 0.5
    z.backward()
    assert plain.grad.item() == pytest.approx(0.25**50, rel=1e-12)
    v = scalar(0.7)
    (autograd.tanh(v) + v).backward()
    assert v.grad.item() == pytest.approx(1 - np.tanh(0.7) ** 2 + 1)


def test_VZ_01_local_times_upstream_and_paths_add():
    x = scalar(2.0)
    h = autograd.exp(x)
    y = h * h + 3 * h
    y.backward()
    total, root = 0.0, h.node
    for op in (y.node.operands[0], y.node.operands[1]):
        for operand, partial, sent in zip(op.operands, op.partials, op.contributions, strict=True):
            if operand is root:
                assert sent == pytest.approx(partial * op.grad)
                total += sent
    assert total == pytest.approx(root.grad)
    assert x.grad.item() == pytest.approx(root.partials[0] * root.grad)


def test_RG_penalties_and_their_slopes():
    w = autograd.tensor([[1.0, -2.0], [0.0, 0.5]], requires_grad=True)
    autograd.absolute(w).sum().backward()
    assert w.grad.tolist() == [[1, -1], [0, 1]]
    w.grad = None
    (w**2).sum().backward()
    assert w.grad.tolist() == [[2, -4], [0, 1]]


def test_OP_hessian_vector_product():
    x = autograd.tensor([1.0, 2.0, 3.0], dtype=np.float64, requires_grad=True)
    v = np.array([1.0, -1.0, 2.0])
    y = (x[0] * x[1] ** 2 + autograd.exp(x[2]) * x[0]).sum()
    (slope,) = autograd.grad(y, x, create_graph=True)
    (product,) = autograd.grad((slope * v).sum(), x)
    e = np.exp(3.0)
    hessian = np.array([[0, 4, e], [4, 2, 0], [e, 0, e]])
    np.testing.assert_allclose(product.numpy(), hessian @ v, rtol=1e-14)
