"""Graphs to step through: the cases of concepts.md, and one too long to draw whole."""

import autograd
import nn
from autograd import tensor


def exam(x=(1, 2, -1, 0, 3), k=(1, -2, -2), b=0, w=(2, 1), a=1, y=8):
    """Exam problem 3.3, EX-A unless told otherwise; returns L and the named tensors."""
    x1, x2, x3, x4, x5 = (tensor(float(v), requires_grad=True) for v in x)
    k1, k2, k3 = (tensor(float(v), requires_grad=True) for v in k)
    b, a = tensor(float(b), requires_grad=True), tensor(float(a), requires_grad=True)
    w1, w2 = (tensor(float(v), requires_grad=True) for v in w)
    z1 = k1 * x1 + k2 * x2 + k3 * x3 + b
    z2 = k1 * x2 + k2 * x3 + k3 * x4 + b
    z3 = k1 * x3 + k2 * x4 + k3 * x5 + b
    v1 = autograd.maximum(z1, z2, 0)
    v2 = autograd.maximum(z2, z3, 0)
    yhat = w1 * v1 + w2 * v2 + a
    L = 0.5 * (yhat - y) ** 2
    return L, {
        "x1": x1, "x2": x2, "x3": x3, "x4": x4, "x5": x5, "k1": k1, "k2": k2, "k3": k3, "b": b,
        "w1": w1, "w2": w2, "a": a, "z1": z1, "z2": z2, "z3": z3, "v1": v1, "v2": v2,
        "yhat": yhat, "L": L,
    }  # fmt: skip


def square_plus():
    """y = x*x + x at 3."""
    x = tensor(3.0, requires_grad=True)
    y = x * x + x
    return y, {"x": x, "y": y}


def circuit():
    """The sigmoid circuit of CS231n, w = [2, -3, -3] and x = [-1, -2]."""
    w0, w1, w2 = (tensor(v, requires_grad=True) for v in (2.0, -3.0, -3.0))
    x0, x1 = tensor(-1.0, requires_grad=True), tensor(-2.0, requires_grad=True)
    f = 1 / (1 + autograd.exp(-(w0 * x0 + w1 * x1 + w2)))
    return f, {"w0": w0, "w1": w1, "w2": w2, "x0": x0, "x1": x1, "f": f}


def long_chain(operations=1000):
    """A scalar graph of many operations, all of them named."""
    x = tensor(0.5, requires_grad=True)
    named, h = {"x": x}, x
    for k in range(operations // 2):
        h = autograd.tanh(h * 1.01)
        named[f"h{k}"] = h
    return h, named


def training_step(classes=4):
    """One step of a small CNN on an 8x8 image: the network, its input and the loss."""
    autograd.manual_seed(3)
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(64, classes),
    )  # fmt: skip
    image = autograd.randn(1, 1, 8, 8)
    image.requires_grad_()
    loss = nn.CrossEntropyLoss()(net(image), tensor([2]))
    return net, image, loss
