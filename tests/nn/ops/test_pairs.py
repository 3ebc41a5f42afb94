"""Pooling 2x2 by flat operations: the same numbers as the general way, to the bit."""

import numpy as np
import pytest

import autograd
from nn.ops.averaging import avg_pool2d
from nn.ops.lines import adaptive_line, sliding_line
from nn.ops.pairs import are_pairs, find_winners, fold_pairs, send_to_winners
from nn.ops.pooling import max_pool2d, max_pool_input, max_pool_winners


def halves(height, width):
    return tuple(sliding_line(n, 2, 2, 0, 1, n // 2) for n in (height, width))


@pytest.mark.parametrize(
    "shape", [(1, 2, 2), (3, 4, 6), (5, 2, 8), (2, 8, 2), (3, 5, 7), (2, 3, 4)]
)
@pytest.mark.parametrize("ties", [False, True])
def test_the_first_largest_of_each_window_receives(rng, shape, ties):
    x = (rng.integers(-1, 2, shape) if ties else rng.standard_normal(shape)).astype(np.float32)
    x[x == 0] = np.where(rng.random((x == 0).sum()) < 0.5, 0.0, -0.0)
    values = rng.standard_normal((shape[0], shape[1] // 2, shape[2] // 2)).astype(np.float32)
    values.flat[0], values.flat[-1] = np.inf, np.nan
    out, largest = np.full(shape, 7, np.float32), np.empty_like(values)
    shifts = np.full((shape[0], 2 * values.shape[1], values.shape[2]), 7, np.uint8)
    assert find_winners(x, largest, shifts)
    send_to_winners(values, shifts, out)
    expected = np.zeros(shape, np.float32)
    for b, i, j in np.ndindex(*values.shape):
        window = x[b, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        row, column = divmod(int(np.argmax(window)), 2)
        expected[b, 2 * i + row, 2 * j + column] = values[b, i, j]
    np.testing.assert_array_equal(out, expected)
    folded = np.empty_like(values)
    fold_pairs(np.maximum, x, folded)
    batch, height, width = folded.shape
    windows = x[:, : 2 * height, : 2 * width].reshape(batch, height, 2, width, 2)
    np.testing.assert_array_equal(folded, windows.max((2, 4)))
    np.testing.assert_array_equal(largest, folded)


def test_a_block_with_a_nan_is_left_to_the_general_way(rng):
    x = rng.standard_normal((1, 2, 4, 4)).astype(np.float32)
    y = np.ones((1, 2, 2, 2), np.float32)
    x[0, 1, 2, 1] = x[0, 1, 3, 0] = np.nan
    largest = np.empty_like(y[0])
    assert not find_winners(x[0], largest, np.empty((2, 4, 2), np.uint8))
    assert np.isnan(largest[1, 1, 0]) and np.isnan(largest).sum() == 1
    sent = max_pool_input(y, x, lines=halves(4, 4))
    assert sent[0, 1, 3, 0] == 1 and sent[0, 1, 2, 1] == 0 and sent.sum() == 8


@pytest.mark.parametrize("size", [(32, 64), (33, 64), (32, 65), (31, 67)])
@pytest.mark.parametrize("strange", [False, True])
def test_the_forward_keeps_who_won_unless_there_is_a_nan(torch, rng, strange, size):
    """Several blocks, of which one has a NaN, against PyTorch to the bit."""
    x = rng.integers(-2, 3, (2, 300, *size)).astype(np.float32)
    if strange:
        x[1, 7, 5, 9:12] = np.nan
    ours, theirs = autograd.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    z = max_pool2d(ours, kernel_size=(2, 2), stride=(2, 2))
    expected = torch.nn.functional.max_pool2d(theirs, 2)
    assert (z.node.cached["shifts"] is None) == strange
    np.testing.assert_array_equal(z.detach().numpy(), expected.detach().numpy())
    upstream = rng.standard_normal(z.shape).astype(np.float32)
    z.backward(autograd.tensor(upstream))
    expected.backward(torch.tensor(upstream))
    np.testing.assert_array_equal(ours.grad.numpy(), theirs.grad.numpy())


def test_what_the_forward_kept_is_smaller_than_indices(rng):
    x = rng.standard_normal((2, 3, 8, 6)).astype(np.float32)
    window = {"kernel_size": (2, 2), "stride": (2, 2)}
    z = max_pool2d(autograd.tensor(x, requires_grad=True), **window)
    assert z.node.cached["shifts"].nbytes == 2 * z.numel()
    with autograd.no_grad():
        np.testing.assert_array_equal(max_pool2d(autograd.tensor(x), **window), z.detach())


@pytest.mark.parametrize("policy", ["even", "none"])
def test_other_policies_of_ties_ask_the_pixels(policy):
    x = autograd.tensor(np.ones((1, 1, 2, 2), np.float32), requires_grad=True)
    with autograd.ties(policy):
        max_pool2d(x, kernel_size=(2, 2), stride=(2, 2)).sum().backward()
    assert x.grad.tolist() == [[[[0.25 * (policy == "even")] * 2] * 2]]


def test_derivatives_of_what_was_sent_by_shifts(rng):
    """The gradient is linear in the upstream, whose gradient is read at the winners."""
    x = rng.standard_normal((2, 3, 4, 6)).astype(np.float32)
    u = rng.standard_normal(x.shape).astype(np.float32)
    image = autograd.tensor(x, requires_grad=True)
    z = max_pool2d(image, kernel_size=(2, 2), stride=(2, 2))
    y = autograd.tensor(rng.standard_normal(z.shape).astype(np.float32), requires_grad=True)
    (dx,) = autograd.grad(z, image, y, create_graph=True)
    assert dx.requires_grad
    (dy,) = autograd.grad(dx, y, autograd.tensor(u))
    np.testing.assert_array_equal(dy, max_pool_winners(u, x, lines=halves(4, 6)))


@pytest.mark.parametrize("places", [((0, 1), (0, 2)), ((1, 0), (2, 0)), ((1, 3), (2, 0))])
def test_infinities_of_two_windows_do_not_meet(places):
    x = np.zeros((1, 1, 4, 4), np.float32)
    x[0, 0][places[0]], x[0, 0][places[1]] = np.inf, -np.inf
    expected = x.reshape(2, 2, 2, 2).sum((1, 3)) / 4
    np.testing.assert_array_equal(avg_pool2d(x, kernel_size=(2, 2), stride=(2, 2))[0, 0], expected)


def test_floating_point_errors_within_a_window_are_reported():
    x = np.full((1, 1, 4, 4), 3e38, np.float32)
    window = {"kernel_size": (2, 2), "stride": (2, 2)}
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        avg_pool2d(x, **window)
    with np.errstate(over="ignore"):
        assert np.isinf(avg_pool2d(x, **window)).all()


def test_which_windows_are_pairs():
    x = np.zeros((1, 1, 4, 6), np.float32)
    assert are_pairs(x, halves(4, 6))
    assert not are_pairs(x.astype(np.float64), halves(4, 6))
    assert not are_pairs(x, halves(4, 6)[:1])
    assert are_pairs(x, (sliding_line(7, 2, 2, 0, 1, 3), halves(4, 6)[1]))
    dilated = sliding_line(7, 2, 2, 0, 2, 3)
    adaptive = adaptive_line(7, 3)
    wide = sliding_line(8, 2, 3, 0, 1, 3)
    hanging = sliding_line(7, 2, 2, 0, 1, 4)
    overlapping = sliding_line(6, 2, 1, 0, 1, 5)
    padded = sliding_line(6, 2, 2, 1, 1, 4)
    for line in (dilated, adaptive, wide, hanging, overlapping, padded):
        assert not are_pairs(x, (line, halves(4, 6)[1]))
