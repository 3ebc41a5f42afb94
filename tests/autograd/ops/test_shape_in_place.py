"""Shapes changed in place, also under the eyes of views, against PyTorch and finite differences."""

import random

import numpy as np
import pytest

import autograd

W = np.arange(1.0, 13.0).reshape(3, 4) / 7

CALLS = {
    "unsqueeze_": (lambda x: x.unsqueeze_(-1), (3, 4, 1)),
    "squeeze_": (lambda x: x.unsqueeze_(0).squeeze_(), (3, 4)),
    "squeeze_ of a dim": (lambda x: x.unsqueeze_(1).squeeze_(dim=1), (3, 4)),
    "squeeze_ of nothing": (lambda x: x.squeeze_(), (3, 4)),
    "t_": (lambda x: x.t_(), (4, 3)),
    "transpose_": (lambda x: x.unsqueeze_(0).transpose_(0, -1), (4, 3, 1)),
    "swapaxes_": (lambda x: x.swapaxes_(0, 1), (4, 3)),
    "swapdims_": (lambda x: x.swapdims_(dim0=0, dim1=1), (4, 3)),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_tensor_itself_has_the_new_shape(name, torch):
    change, shape = CALLS[name]
    gradients = []
    for t in (autograd, torch):
        w = t.tensor(W, requires_grad=True)
        x = w * 2
        assert change(x) is x
        assert tuple(x.shape) == shape
        (x * t.arange(12.0).reshape(shape)).sum().backward()
        gradients.append(w.grad.numpy())
        assert change(t.tensor(W)).numpy().shape == shape
    np.testing.assert_array_equal(*gradients)


def test_views_taken_before_look_into_the_same_memory(torch):
    gradients = []
    for t in (autograd, torch):
        w = t.tensor(W, requires_grad=True)
        x = w * 1
        row, column = x[1], x[:, 2]
        x.t_()
        x.mul_(2)  # reaches both views
        row.add_(1)  # reaches x
        x[2].mul_(column.detach() * 0 + 3)  # the column, through x
        assert row.tolist() == pytest.approx((W[1] * 2 + 1) * [1, 1, 3, 1])
        ((x.T * x.T).sum() + row.sum() * 2 + column.sum()).backward()
        gradients.append(w.grad.numpy())
        assert x.tolist() == x.detach().clone().tolist()
    np.testing.assert_allclose(*gradients)


def test_what_was_saved_stays_true():  # PyTorch counts a change of shape as one of values
    w = autograd.tensor(W, requires_grad=True)
    x = w * 1
    y = (x * x).sum()
    x.t_()
    y.backward()
    np.testing.assert_allclose(w.grad.numpy(), 2 * W)


def test_a_retained_gradient_has_the_new_shape():
    w = autograd.tensor(W, requires_grad=True)
    x = w * 1
    x.retain_grad()
    x.t_()
    (x * x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * W.T)


def test_a_leaf_keeps_the_shape_of_its_gradient():
    x = autograd.ones(2, 3, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"^t_: the shape of a leaf .*\(2, 3\).* assign"):
        x.t_()
    with pytest.raises(IndexError, match="^unsqueeze: dim 4 is out of range"):
        autograd.ones(2).unsqueeze_(4)
    y = autograd.ones(3).unsqueeze_(0).requires_grad_()
    (y * 2).sum().backward()
    assert y.grad.tolist() == [[2, 2, 2]]


def program(seed, values, differentiate):
    """Run random changes of shape, values and views; return a number, or its gradient."""
    draw = random.Random(seed)
    w = autograd.tensor(values, requires_grad=True)
    tensors = [w * 1, autograd.ones(4, 3, dtype=autograd.float64)]
    total = 0
    for _ in range(draw.randint(4, 10)):
        x, what = draw.choice(tensors), draw.randrange(8)
        if what == 0:
            x.unsqueeze_(draw.randrange(-x.ndim - 1, x.ndim + 1))
        elif what == 1:
            x.squeeze_()
        elif what in (2, 3) and x.ndim > 1:
            x.transpose_(*draw.sample(range(x.ndim), 2))
        elif what == 4 and x.ndim and x.shape[0] > 1:
            tensors.append(x[draw.randrange(x.shape[0])])
        elif what == 5 and x.ndim and x.shape[-1] > 1:
            tensors.append(x[..., 1:])
        elif what == 6:
            x.mul_(draw.choice([2.0, 0.5, -1.0])).add_(1)
        elif what == 7:
            total = total + (x + 0).sin().sum()
    total = total + sum((x * x * (i + 1)).sum() for i, x in enumerate(tensors))
    return autograd.grad(total, w)[0].numpy() if differentiate else total.item()


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_have_the_gradients_of_differences(seed):
    found, step = program(seed, W, True), 1e-6
    numeric = np.zeros_like(W)
    for place in np.ndindex(W.shape):
        shift = np.zeros_like(W)
        shift[place] = step
        ends = [program(seed, W + s, False) for s in (shift, -shift)]
        numeric[place] = (ends[0] - ends[1]) / (2 * step)
    np.testing.assert_allclose(found, numeric, rtol=1e-6, atol=1e-6)
