"""LSTM and GRU kernels against the same recurrence in plain operations; threads; layouts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from nn.ops.gru import gru, gru_backward
from nn.ops.lstm import lstm, lstm_backward
from nn.ops.recurrence import Steps, as_rows, states_before
from nn.ops.rnn import projected_lstm
from nn.ops.unrolled import gru_step, unrolled


def composed_gru(x, h0, w_ih, w_hh, b_ih, b_hh, batch_sizes=None, reverse=False):
    sums = autograd.matmul(as_rows(x, batch_sizes), w_ih.T) + b_ih
    steps = Steps.of(x.shape, batch_sizes, reverse)
    y, h = unrolled(
        lambda inputs, state: (gru_step(*inputs, *state, w_hh, b_hh),),
        (sums,),
        (h0,),
        sizes=steps.sizes,
        reverse=reverse,
    )
    return autograd.reshape(y, (*x.shape[:-1], y.shape[-1])), h


KERNELS = {"lstm": (lstm, projected_lstm, 4, 2), "gru": (gru, composed_gru, 3, 1)}


def operands(rng, name, sizes, width, size, dtype=np.float64, packed=False):
    _, _, gates, states = KERNELS[name]
    shape = (sum(sizes), width) if packed else (len(sizes), sizes[0], width)
    shapes = [shape, *[(sizes[0], size)] * states]
    shapes += [(gates * size, width), (gates * size, size), (gates * size,), (gates * size,)]
    return [rng.standard_normal(s).astype(dtype) for s in shapes]


def gradients(function, arrays, options, upstream_seed=0):
    tensors = [autograd.tensor(a, requires_grad=True, dtype=a.dtype) for a in arrays]
    outputs = function(*tensors, **options)
    rng = np.random.default_rng(upstream_seed)
    upstreams = [autograd.tensor(rng.standard_normal(o.shape), dtype=o.dtype) for o in outputs]
    autograd.backward(list(outputs), upstreams)
    return [o.detach().numpy() for o in outputs], [t.grad.numpy() for t in tensors]


@settings(max_examples=25)
@given(
    name=st.sampled_from(["lstm", "gru"]),
    sizes=st.lists(st.integers(1, 70), min_size=1, max_size=4).map(lambda s: sorted(s)[::-1]),
    width=st.integers(1, 4),
    size=st.integers(1, 5),
    reverse=st.booleans(),
)
def test_kernels_compute_what_the_plain_operations_do(name, sizes, width, size, reverse):
    kernel, composed, *_ = KERNELS[name]
    arrays = operands(np.random.default_rng(1), name, sizes, width, size, packed=True)
    options = {"batch_sizes": tuple(sizes), "reverse": reverse}
    for mine, other in zip(
        gradients(kernel, arrays, options), gradients(composed, arrays, options), strict=True
    ):
        for a, b in zip(mine, other, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-11)


@pytest.mark.parametrize("name", KERNELS)
def test_packed_rows_of_equal_lengths_are_a_batch(name, rng):
    kernel = KERNELS[name][0]
    arrays = operands(rng, name, (3, 3, 3), 2, 4)
    flat = [arrays[0].reshape(9, 2), *arrays[1:]]
    batch, packed = kernel(*arrays), kernel(*flat, batch_sizes=(3, 3, 3))
    np.testing.assert_array_equal(batch[0].reshape(9, 4), packed[0])
    np.testing.assert_array_equal(batch[1], packed[1])


@pytest.mark.parametrize("batch", [5, 40, 70, 130])
@pytest.mark.parametrize("name", KERNELS)
def test_same_bits_for_any_number_of_threads(threads, rng, name, batch):
    kernel = KERNELS[name][0]
    arrays = operands(rng, name, (batch,) * 3, 6, 7, np.float32)
    found = []
    for number in (1, 2, 3):
        threads(number)
        found.append(gradients(kernel, arrays, {}))
    for other in found[1:]:
        for mine, theirs in zip(found[0], other, strict=True):
            for a, b in zip(mine, theirs, strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", KERNELS)
def test_other_layouts_and_no_biases(name, rng):
    kernel, _, _, states = KERNELS[name]
    arrays = operands(rng, name, (3, 3, 3), 4, 5)[:-2]
    strided = [np.asfortranarray(a) for a in arrays]
    strided[0] = np.repeat(arrays[0], 2, axis=-1)[..., ::2]
    for mine, other in zip(
        gradients(kernel, arrays, {}), gradients(kernel, strided, {}), strict=True
    ):
        for a, b in zip(mine, other, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-12)
    one_bias = gradients(kernel, [*arrays, np.ones(len(arrays[-1]))], {})[1]
    for a, b in zip(one_bias[: 1 + states], gradients(kernel, arrays, {})[1], strict=False):
        assert np.all(np.isfinite(a)) and not np.array_equal(a, b)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("used", [0, 1, -1])
def test_any_output_alone_to_the_second_order(name, used):
    kernel = KERNELS[name][0]
    arrays = operands(np.random.default_rng(0), name, (2, 2, 2), 1, 2)
    tensors = [autograd.tensor(a, requires_grad=True) for a in arrays]

    def function(*tensors):
        return kernel(*tensors, reverse=used == 1)[used]

    assert autograd.gradcheck(function, tensors, check_forward_ad=True)
    assert autograd.gradgradcheck(function, tensors, fast_mode=True)


def test_large_sums_saturate_without_warnings(rng):
    for name, (kernel, *_) in KERNELS.items():
        for dtype in (np.float32, np.float64):
            arrays = [1e4 * a for a in operands(rng, name, (2, 2), 3, 4, dtype)]
            outputs, found = gradients(kernel, arrays, {})
            assert all(np.isfinite(a).all() for a in [*outputs, *found])


@pytest.mark.parametrize("name", KERNELS)
def test_no_sequences(name, rng):
    kernel = KERNELS[name][0]
    arrays = operands(rng, name, (0, 0), 3, 4)
    outputs, found = gradients(kernel, arrays, {})
    assert outputs[0].shape == (2, 0, 4) and not any(np.any(g) for g in found)


@pytest.mark.parametrize("name", KERNELS)
def test_backward_ops_run_by_hand(name, rng):
    """On arrays; the gradients of the sums add up to that of the bias."""
    kernel, backward = {"lstm": (lstm, lstm_backward), "gru": (gru, gru_backward)}[name]
    caches = {"lstm": ("records",), "gru": ("gates", "candidates")}[name]
    arrays = operands(rng, name, (2, 2), 3, 4)
    outputs, found = gradients(kernel, arrays, {}, upstream_seed=5)
    rng = np.random.default_rng(5)
    upstreams = [rng.standard_normal(o.shape) for o in outputs]
    kept = dict(zip(caches, kernel.row.forward(*arrays)[1:], strict=True))
    extra = [outputs[0]] if name == "gru" else []
    dsums, *_ = backward(*upstreams, *arrays, *extra, **kept)
    np.testing.assert_allclose(dsums.sum(0), found[-2], atol=1e-12)


def test_states_before_each_step(rng):
    y, start = np.arange(5.0)[:, None], np.array([[-1.0], [-2.0]])
    forward = states_before(y, start, Steps.of(y.shape, (2, 2, 1), False))
    assert forward.ravel().tolist() == [-1, -2, 0, 1, 2]
    backward = states_before(y, start, Steps.of(y.shape, (2, 2, 1), True))
    assert backward.ravel().tolist() == [2, 3, 4, -2, -1]
    even = states_before(y[:4], None, Steps.of(y.shape, (2, 2), True))
    assert even.ravel().tolist() == [2, 3, 0, 0]
