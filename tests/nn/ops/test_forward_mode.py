"""Forward mode and kinks of the layers' operations."""

import numpy as np
import pytest

import autograd
from autograd.functional import grad
from autograd.ops.probabilities import log_softmax_over as log_softmax
from autograd.ops.probabilities import softmax_over as softmax
from nn.ops.averaging import avg_pool2d
from nn.ops.convolution import conv1d, conv2d, conv3d, conv_transpose2d
from nn.ops.cross_entropy import cross_entropy
from nn.ops.dropout import alpha_masked, apply_mask
from nn.ops.group_normalization import group_norm, instance_norm
from nn.ops.layer_normalization import layer_norm, rms_norm
from nn.ops.normalization import batch_norm
from nn.ops.padding import crop, pad
from nn.ops.pooling import max_pool2d
from nn.ops.response_normalization import channel_window_sums, local_response_norm
from nn.ops.unfolding import col2im, im2col

IMAGES = (2, 3, 5, 6)
POOL = {"kernel_size": (2, 3), "stride": (2, 1), "padding": (1, 1)}
MASK = np.arange(180).reshape(IMAGES) % 3 > 0

FUNCTIONS = {
    "conv2d": (lambda x, w: conv2d(x, w, stride=(2, 1), padding=(1, 1)), IMAGES, (4, 3, 3, 2)),
    "conv1d": (lambda x, w, b: conv1d(x, w, b, dilation=(2,)), (2, 3, 7), (4, 3, 2), (4,)),
    "conv3d": (lambda x, w: conv3d(x, w, groups=2), (1, 2, 3, 2, 4), (2, 1, 2, 2, 1)),
    "conv_transpose2d": (
        lambda x, w, b: conv_transpose2d(x, w, b, size=(5, 8), stride=(2, 3)),
        (2, 3, 2, 3),
        (3, 2, 3, 2),
        (2,),
    ),
    "im2col": (lambda x: im2col(x, kernel_size=(2, 3), padding=(1, 0)), IMAGES),
    "col2im": (lambda x: col2im(x, output_size=(3, 4), kernel_size=(2, 2)), (2, 8, 6)),
    "max_pool2d": (lambda x: max_pool2d(x, **POOL), IMAGES),
    "avg_pool2d": (lambda x: avg_pool2d(x, **POOL), IMAGES),
    "batch_norm": (lambda x, w, b: batch_norm(x, w, b), IMAGES, (3,), (3,)),
    "batch_norm without weight": (lambda x: batch_norm(x), IMAGES),
    "batch_norm of running statistics": (
        lambda x, w: batch_norm(x, w, None, np.arange(3.0), np.ones(3) / 2, training=False),
        IMAGES,
        (3,),
    ),
    "group_norm": (lambda x, w, b: group_norm(x, w, b, groups=2), (2, 4, 3), (4,), (4,)),
    "instance_norm": (lambda x, w, b: instance_norm(x, w, b), IMAGES, (3,), (3,)),
    "layer_norm": (lambda x, w, b: layer_norm(x, w, b, dims=2), (3, 2, 4), (2, 4), (2, 4)),
    "rms_norm": (lambda x, w: rms_norm(x, w, dims=1, eps=1e-3), (3, 5), (5,)),
    "local_response_norm": (
        lambda x: local_response_norm(x, size=3, alpha=1.0, beta=0.75, k=2.0),
        (2, 4, 3),
    ),
    "channel_window_sums": (lambda x: channel_window_sums(x, before=2, after=1), (2, 5, 2)),
    "softmax": (lambda x: softmax(x, dim=1), (4, 5)),
    "log_softmax": (lambda x: log_softmax(x, dim=-1), (4, 5)),
    "cross_entropy": (lambda x: cross_entropy(x, target=np.array([0, 3, 1, 2])), (4, 5)),
    "dropout": (lambda x: apply_mask(x, mask=MASK, p=0.3, scale=1.5), IMAGES),
    "alpha_dropout": (lambda x: alpha_masked(x, mask=MASK, p=0.3), IMAGES),
    "pad": (lambda x: pad(x, widths=((0, 0), (1, 2))), (2, 3)),
    "crop": (lambda x: crop(x, widths=((0, 0), (1, 1))), (2, 5)),
}


def drawn(name):
    function, *shapes = FUNCTIONS[name]
    random = np.random.default_rng(5)
    primals = tuple(autograd.from_numpy(random.standard_normal(s)) for s in shapes)
    tangents = tuple(autograd.from_numpy(random.standard_normal(s)) for s in shapes)
    cotangent = autograd.from_numpy(np.asarray(random.standard_normal(function(*primals).shape)))
    return function, primals, tangents, cotangent


@pytest.mark.parametrize("name", FUNCTIONS)
def test_tangents_equal_differences_and_the_transpose(name):
    function, primals, tangents, u = drawn(name)
    _, tangent = autograd.jvp(function, primals, tangents)
    h = 1e-6

    def moved(step):
        pairs = zip(primals, tangents, strict=True)
        return function(*[p + step * t for p, t in pairs]).numpy()

    numeric = (moved(h) - moved(-h)) / (2 * h)
    np.testing.assert_allclose(tangent.numpy(), numeric, rtol=1e-5, atol=1e-7)
    back = autograd.vjp(function, *primals)[1](u)
    reverse = sum(np.sum(g.numpy() * t.numpy()) for g, t in zip(back, tangents, strict=True))
    np.testing.assert_allclose(np.sum(u.numpy() * tangent.numpy()), reverse, rtol=1e-11)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_tangents_can_be_differentiated(name):
    function, primals, tangents, u = drawn(name)
    every = tuple(range(len(primals)))

    def forward(*primals):
        return (autograd.jvp(function, primals, tangents)[1] * u).sum()

    def reverse(*primals):
        back = autograd.vjp(function, *primals)[1](u)
        return sum((g * t).sum() for g, t in zip(back, tangents, strict=True))

    pairs = zip(grad(forward, every)(*primals), grad(reverse, every)(*primals), strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("policy", ["torch", "even"])
def test_a_kink_of_a_maximum_over_windows_is_named(policy):
    image = np.arange(16.0).reshape(1, 1, 4, 4)
    image[0, 0, 0, 0] = 5 - 2e-7  # the winner of its window is 5
    x = autograd.tensor(image, requires_grad=True)
    with autograd.ties(policy):
        report = autograd.gradcheck(
            lambda x: max_pool2d(x, kernel_size=(2, 2), stride=(2, 2)), x, report=True
        )
    assert [str(kink) for kink in report.kinks] == [
        "kink inside +-h at input (0, 0, 0, 0): max_pool2d changed its winner",
        "kink inside +-h at input (0, 0, 1, 1): max_pool2d changed its winner",
    ]


def test_forward_mode_costs_no_more_ops_than_the_forward():
    random = np.random.default_rng(0)
    x = autograd.from_numpy(random.standard_normal(IMAGES))
    w = autograd.tensor(random.standard_normal((4, 3, 3, 3)), requires_grad=True)
    z = max_pool2d(autograd.relu(conv2d(x, w, stride=(1, 1), padding=(1, 1))), **POOL)
    steps = list(autograd.forward_steps(z, w, np.ones(w.shape)))
    assert [step.op.name for step in steps] == ["conv2d", "relu", "max_pool2d"]
