"""Layer, group and response normalisation: odd sizes, layouts, threads, derivatives."""

import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from nn.ops.dropout import alpha_masked, apply_mask, mask_branch, mask_weight
from nn.ops.group_normalization import group_norm, group_norm_backward, instance_norm
from nn.ops.layer_normalization import (
    layer_norm,
    layer_norm_backward,
    rms_norm,
    rms_norm_backward,
)
from nn.ops.moments import long_rows
from nn.ops.normalization import batch_norm, batch_norm_backward
from nn.ops.response_normalization import channel_window_sums, local_response_norm

KERNELS = {
    "batch": (lambda x, w, b: batch_norm(x, w, b), (6, 4, 5, 7), (4,)),
    "group": (lambda x, w, b: group_norm(x, w, b, groups=2), (6, 4, 5, 7), (4,)),
    "instance": (lambda x, w, b: instance_norm(x, w, b), (6, 4, 5, 7), (4,)),
    "layer": (lambda x, w, b: layer_norm(x, w, b, dims=2), (6, 4, 5, 7), (5, 7)),
    "rms": (lambda x, w, b: rms_norm(x, w, dims=2, eps=1e-3), (6, 4, 5, 7), (5, 7)),
    "response": (
        lambda x, w, b: local_response_norm(x, size=3, alpha=1.0, beta=0.75, k=1.0),
        (6, 4, 5, 7),
        (),
    ),
}


def by_definition(x, axes, eps):
    mean = x.mean(axes, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axes, keepdims=True) + eps)


@given(
    st.tuples(*[st.integers(1, n) for n in (4, 3, 70)]),
    st.integers(1, 3),
    st.sampled_from([0.0, 1e4]),
    st.sampled_from([np.float32, np.float64]),
)
def test_forward_by_definition(shape, groups, mean, dtype):
    n, each, places = shape
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((n, groups * each, places)) + mean).astype(dtype)
    weight, bias = rng.standard_normal((2, groups * each))
    exact = x.astype(np.float64).reshape(n, groups, each, places)
    tolerance = 1e-4 if dtype == np.float32 else 1e-9
    for given_weight, given_bias in [(weight, bias), (None, bias), (weight, None), (None, None)]:
        w = 1 if given_weight is None else weight.reshape(groups, each, 1)
        b = 0 if given_bias is None else bias.reshape(groups, each, 1)
        expected = (by_definition(exact, (2, 3), 1e-2) * w + b).reshape(x.shape)
        arrays = [None if a is None else a.astype(dtype) for a in (given_weight, given_bias)]
        z = group_norm(x, *arrays, groups=groups, eps=1e-2)
        np.testing.assert_allclose(z, expected, atol=tolerance)
        rows, inner = x.reshape(n * groups, each * places), (each * places,)
        w, b = (np.resize(a, inner) for a in (weight, bias))
        expected = by_definition(rows.astype(np.float64), (1,), 1e-2) * w + b
        z = layer_norm(rows, w.astype(dtype), b.astype(dtype), dims=1, eps=1e-2)
        np.testing.assert_allclose(z, expected, atol=tolerance)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_memory_layout_does_not_matter(name, dtype, rng, leaf):
    function, shape, parameters = KERNELS[name]
    x, y = rng.standard_normal((2, *shape)).astype(dtype)
    others = rng.standard_normal((2, *parameters)).astype(dtype)
    results = []
    for change in (lambda a: a, np.asfortranarray, lambda a: a[::-1].copy()[::-1]):
        tensors = [leaf(change(x)), *(leaf(a) for a in others)]
        z = function(*tensors)
        z.backward(autograd.tensor(change(y)))
        results.append([z.detach().numpy(), *(t.grad for t in tensors if t.grad is not None)])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert a.dtype == dtype
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


@pytest.mark.parametrize("name", KERNELS)
def test_same_bits_for_any_number_of_threads(name, threads, rng, leaf):
    function, _, parameters = KERNELS[name]
    shape = (24, 16, 32, 32) if len(parameters) == 1 else (40, 150, 5, 7)
    parameters = (shape[1],) if len(parameters) == 1 else parameters
    x, y = rng.standard_normal((2, *shape)).astype(np.float32)
    others = rng.standard_normal((2, *parameters)).astype(np.float32)
    results = []
    for number in (1, 2, 3):
        threads(number)
        tensors = [leaf(x), *(leaf(a) for a in others)]
        z = function(*tensors)
        z.backward(autograd.tensor(y))
        arrays = [z.detach(), *(t.grad for t in tensors if t.grad is not None)]
        results.append([a.numpy().tobytes() for a in arrays])
    assert results[0] == results[1] == results[2]


BACKWARDS = {
    "batch": (
        lambda y, x, w: batch_norm_backward(y, x, w, **batch_statistics(x), eps=1e-2),
        (4, 3, 2),
        (3,),
    ),
    "running": (
        lambda y, x, w: batch_norm_backward(
            y, x, w, mean=np.arange(3.0), rstd=np.ones(3) / 2, training=False
        ),
        (4, 3, 2),
        (3,),
    ),
    "group": (
        lambda y, x, w: group_norm_backward(y, x, w, groups=2, **statistics(x, 2), eps=1e-2),
        (2, 4, 3),
        (4,),
    ),
    "layer": (
        lambda y, x, w: layer_norm_backward(y, x, w, dims=1, **statistics(x), eps=1e-2),
        (3, 5),
        (5,),
    ),
    "rms": (
        lambda y, x, w: rms_norm_backward(
            y, x, w, dims=1, rstd=1 / np.sqrt((array(x) ** 2).mean(1) + 1e-2), eps=1e-2
        ),
        (3, 5),
        (5,),
    ),
}


def array(x):
    return x.detach().numpy() if isinstance(x, autograd.Tensor) else x


def batch_statistics(x):
    x = array(x)
    return {"mean": x.mean((0, 2)), "rstd": 1 / np.sqrt(x.var((0, 2)) + 1e-2)}


def statistics(x, groups=None):
    x = array(x)
    x = x if groups is None else x.reshape(len(x), groups, -1)
    return {"mean": x.mean(-1), "rstd": 1 / np.sqrt(x.var(-1) + 1e-2)}


@pytest.mark.parametrize("name", BACKWARDS)
def test_backward_kernels_are_operations_that_can_be_differentiated(name, rng, leaf):
    function, shape, parameters = BACKWARDS[name]
    tensors = [leaf(rng.standard_normal(s)) for s in (shape, shape, parameters)]
    assert autograd.gradcheck(function, tensors)
    assert autograd.gradcheck(lambda *t: function(*t)[1], tensors)  # one output alone
    assert autograd.gradgradcheck(function, tensors)


MASK = np.arange(12).reshape(6, 2, 1) % 3 > 0

RECORDED = KERNELS | {
    "dropout": (
        lambda x, w, b: apply_mask(x * w, mask=np.arange(6) % 2 > 0, p=0.3, scale=1.5),
        (4, 6),
        (6,),
    ),
    "dropout of maps": (
        lambda x, w, b: apply_mask(x * w, mask=MASK, p=0.3, scale=1.5),
        (6, 2, 3),
        (3,),
    ),
    "weights": (
        lambda x, w, b: mask_weight(x * w, mask=np.eye(6) > 0, p=0.3, scale=1.5),
        (6, 6),
        (6,),
    ),
    "branches": (
        lambda x, w, b: mask_branch(x * w, mask=MASK[:, :1, 0], p=0.3, scale=1.5),
        (6, 4),
        (4,),
    ),
    "alpha": (
        lambda x, w, b: alpha_masked(x * w, mask=MASK, p=0.3),
        (6, 2, 3),
        (3,),
    ),
    "whole mask": (
        lambda x, w, b: apply_mask(x * w, mask=np.eye(6) > 0, p=0.3, scale=1.5),
        (6, 6),
        (6,),
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_gradients_that_record_themselves_are_the_same(name, rng, leaf):
    function, shape, parameters = RECORDED[name]
    tensors = [leaf(rng.standard_normal(s)) for s in (shape, parameters, parameters)]
    z = function(*tensors)
    y = autograd.tensor(rng.standard_normal(z.shape))
    options = {"allow_unused": True, "retain_graph": True}
    plain = autograd.grad(z, tensors, y, **options)
    recorded = autograd.grad(z, tensors, y, create_graph=True, **options)
    for one, other in zip(plain, recorded, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_allclose(other.detach().numpy(), one.numpy(), rtol=1e-12)


@given(st.integers(1, 6), st.integers(0, 7), st.integers(0, 7))
def test_sums_over_channels_by_definition_and_their_adjoint(channels, before, after):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 2, channels, 3))
    kept = [
        [c - before <= other <= c + after for other in range(channels)] for c in range(channels)
    ]
    z = channel_window_sums(x, before=before, after=after)
    np.testing.assert_allclose(z, np.einsum("co,nos->ncs", np.array(kept, float), x), atol=1e-12)
    back = channel_window_sums(y, before=after, after=before)
    np.testing.assert_allclose((z * y).sum(), (x * back).sum())


def test_an_empty_batch_has_gradients(leaf):
    for function, shape, parameters in KERNELS.values():
        tensors = [leaf(np.zeros((0, *shape[1:]))), leaf(np.ones(parameters))]
        z = function(*tensors, None)
        z.backward(autograd.zeros(0, *shape[1:], dtype=np.float64))
        assert z.shape == (0, *shape[1:]) == tensors[0].grad.shape
        assert tensors[1].grad is None or not tensors[1].grad.numpy().any()


@pytest.mark.parametrize("name", KERNELS)
def test_settings_of_numpy_are_honoured_and_left_alone(name, threads):
    function, shape, parameters = KERNELS[name]
    x = np.full((*shape[:-1], 600), 1e30, np.float32)  # its square is inf in single precision
    x[..., ::2] = -1e30
    parameters = (*parameters[:-1], 600) if len(parameters) == 2 else parameters
    w = np.ones(parameters, np.float32)
    before = np.getbufsize()
    for number in (1, 2):
        threads(number)
        with np.errstate(over="raise"):
            with pytest.raises(FloatingPointError):
                function(x, w, None)
            assert np.geterr()["over"] == "raise"
        assert np.getbufsize() == before


def test_the_buffer_is_put_back_after_an_exception():
    before = np.getbufsize()
    with pytest.raises(ZeroDivisionError), long_rows(10_000):
        assert np.getbufsize() < before
        raise ZeroDivisionError
    assert np.getbufsize() == before


def test_long_rows_are_taken_one_at_a_time_to_the_same_numbers(monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 6, 40)) + 1
    weight, mean = rng.standard_normal(40), x.mean(1)
    given = {"dims": 1, "mean": mean, "rstd": 1 / np.sqrt(x.var(1) + 1e-5)}
    together = layer_norm_backward(y, x, weight, **given)
    monkeypatch.setattr(importlib.import_module("nn.ops.layer_normalization"), "ALONE", 2)
    for one, other in zip(layer_norm_backward(y, x, weight, **given), together, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)


@pytest.mark.parametrize("size", [40, 300, 1100])
@pytest.mark.parametrize("affine", [True, False])
def test_rows_of_every_length_near_zero_and_far_from_it(monkeypatch, size, affine):
    """Products of vectors below, in the middle and above what broadcasting takes over."""
    monkeypatch.setattr("nn.ops.layer_normalization.SMALL", 4 * size)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 7, size)).astype(np.float32)
    x[5] += 1e4
    weight, bias = rng.standard_normal((2, size)).astype(np.float32) if affine else (None, None)
    scale, shift = (1, 0) if weight is None else (weight, bias)
    wide = x.astype(np.float64)
    mean, rstd = wide.mean(1), 1 / np.sqrt(wide.var(1) + 1e-5)
    xhat = by_definition(wide, (1,), 1e-5)
    g = scale * y.astype(np.float64)
    sent = g - g.mean(1, keepdims=True) - xhat * (g * xhat).mean(1, keepdims=True)
    expected = [xhat * scale + shift, rstd[:, None] * sent, (y * xhat).sum(0), y.sum(0)]
    found = [layer_norm(x, weight, bias, dims=1)]
    found += layer_norm_backward(y, x, weight, dims=1, mean=mean, rstd=rstd)
    for mine, exact in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, exact, atol=2e-5)
    x[5] -= 1e4
    root = 1 / np.sqrt((x.astype(np.float64) ** 2).mean(1) + 1e-5)
    xhat = x * root[:, None]
    sent = root[:, None] * (g - xhat * (g * xhat).mean(1, keepdims=True))
    found = rms_norm_backward(y, x, weight, dims=1, rstd=root, eps=1e-5)
    for mine, exact in zip(found, [sent, (y * xhat).sum(0)], strict=True):
        np.testing.assert_allclose(mine, exact, atol=2e-5)
