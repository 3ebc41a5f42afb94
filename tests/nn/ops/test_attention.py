"""The attention kernel in blocks of any size, against the same in plain operations."""

import numpy as np
import pytest

import autograd
from nn.ops.attention import attention, attention_backward, attention_weights


@pytest.fixture(params=[1, 7, 40, 1 << 16], ids="scores in blocks of {}".format)
def blocks(request, monkeypatch):
    monkeypatch.setitem(attention.__wrapped__.__globals__, "SCORES", request.param)


def plain(query, key, value, bias, scale, causal):
    if causal:
        seen = np.tri(query.shape[-2], key.shape[-2], dtype=bool)
        bias = np.where(seen, 0, -np.inf) + (0 if bias is None else bias)
    return autograd.matmul(attention_weights(query, key, bias, scale=scale), value)


BIASES = {
    "none": lambda rng: None,
    "full": lambda rng: rng.standard_normal((2, 3, 5, 6)),
    "a matrix": lambda rng: np.where(rng.random((5, 6)) < 0.6, -np.inf, 0.0),
    "keys": lambda rng: rng.standard_normal((2, 1, 1, 6)),
    "queries": lambda rng: rng.standard_normal((3, 5, 1)),
    "a number": lambda rng: np.array(0.3),
}


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("bias", BIASES)
def test_blocks_compute_what_the_plain_operations_do(blocks, bias, causal):
    rng = np.random.default_rng(2)
    bias = BIASES[bias](rng)
    arrays = [rng.standard_normal(s) for s in [(2, 3, 5, 4), (2, 3, 6, 4), (2, 3, 6, 2)]]
    upstream = autograd.tensor(rng.standard_normal((2, 3, 5, 2)))
    found = []
    for function in (attention, plain):
        operands = [autograd.tensor(a, requires_grad=True) for a in arrays]
        z = function(*operands, bias, scale=0.7, causal=causal)
        z.backward(upstream)
        found.append([z.detach().numpy(), *[x.grad.numpy() for x in operands]])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


@pytest.mark.parametrize("heads", [1, 5])
def test_same_bits_for_any_number_of_threads(threads, rng, heads, monkeypatch):
    monkeypatch.setitem(attention.__wrapped__.__globals__, "SCORES", 64)
    arrays = [rng.standard_normal((heads, n, 8)).astype(np.float32) for n in (9, 7, 7)]
    found = []
    for number in (1, 2, 3):
        threads(number)
        operands = [autograd.tensor(a, requires_grad=True) for a in arrays]
        z = attention(*operands, scale=0.3)
        z.sum().backward()
        found.append([z.detach().numpy(), *[x.grad.numpy() for x in operands]])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_large_scores_and_strided_operands(rng):
    arrays = [200 * rng.standard_normal((2, n, 4)) for n in (3, 5, 5)]
    strided = [np.repeat(a, 2, axis=1)[:, ::2] for a in arrays]
    z, w = attention(*arrays, scale=1.0)[0], attention(*strided, scale=1.0)
    assert np.isfinite(z).all()
    np.testing.assert_array_equal(z, w[0])


def test_backward_by_hand(rng):
    q, k, v, y = (rng.standard_normal((2, n, 4)) for n in (3, 5, 5, 3))
    z, log_sums = attention.__wrapped__(q, k, v, scale=0.5)
    dq, dk, dv = attention_backward(y, q, k, v, z, scale=0.5, causal=False, log_sums=log_sums)
    weights = attention_weights(q, k, scale=0.5)
    np.testing.assert_allclose(np.exp(q @ k.swapaxes(1, 2) * 0.5 - log_sums), weights)
    np.testing.assert_allclose(dv, weights.swapaxes(1, 2) @ y)
    h = 1e-6
    moved = [attention(q + s * h * dq, k + s * h * dk, v, scale=0.5) for s in (1, -1)]
    slope = ((moved[0] - moved[1]) * y).sum() / (2 * h)
    np.testing.assert_allclose(slope, (dq * dq).sum() + (dk * dk).sum(), rtol=1e-6)


def test_a_bias_and_causality_together_to_the_second_order(rng):
    bias = rng.standard_normal((3, 4))
    operands = [autograd.tensor(rng.standard_normal((n, 2)), requires_grad=True) for n in (3, 4, 4)]

    def function(*operands):
        return attention(*operands, bias, scale=0.6, causal=True)

    assert autograd.gradcheck(function, operands, check_forward_ad=True)
    assert autograd.gradgradcheck(function, operands)
