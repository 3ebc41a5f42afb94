"""Pooling 2x2 by flat operations: the same numbers as the general way, to the bit."""

import numpy as np
import pytest

from nn.ops.averaging import avg_pool2d
from nn.ops.lines import sliding_line
from nn.ops.pairs import are_pairs, fold_pairs, send_to_winners
from nn.ops.pooling import max_pool_input


def halves(height, width):
    return tuple(sliding_line(n, 2, 2, 0, 1, n // 2) for n in (height, width))


@pytest.mark.parametrize("shape", [(1, 2, 2), (3, 4, 6), (5, 2, 8), (2, 8, 2)])
@pytest.mark.parametrize("ties", [False, True])
def test_the_first_largest_of_each_window_receives(rng, shape, ties):
    x = (rng.integers(-1, 2, shape) if ties else rng.standard_normal(shape)).astype(np.float32)
    x[x == 0] = np.where(rng.random((x == 0).sum()) < 0.5, 0.0, -0.0)
    values = rng.standard_normal((shape[0], shape[1] // 2, shape[2] // 2)).astype(np.float32)
    values.flat[0], values.flat[-1] = np.inf, np.nan
    out = np.full(shape, 7, np.float32)
    assert send_to_winners(values, x, out)
    expected = np.zeros(shape, np.float32)
    for b, i, j in np.ndindex(*values.shape):
        window = x[b, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        row, column = divmod(int(np.argmax(window)), 2)
        expected[b, 2 * i + row, 2 * j + column] = values[b, i, j]
    np.testing.assert_array_equal(out, expected)
    folded = np.empty_like(values)
    fold_pairs(np.maximum, x, folded)
    np.testing.assert_array_equal(folded, x.reshape(shape[0], shape[1] // 2, 2, -1, 2).max((2, 4)))


def test_a_block_with_a_nan_is_left_to_the_general_way(rng):
    x = rng.standard_normal((1, 2, 4, 4)).astype(np.float32)
    y = np.ones((1, 2, 2, 2), np.float32)
    x[0, 1, 2, 1] = x[0, 1, 3, 0] = np.nan
    out = np.full(x.shape[1:], 7, np.float32)
    assert not send_to_winners(y[0], x[0], out) and (out == 7).all()
    sent = max_pool_input(y, x, lines=halves(4, 4))
    assert sent[0, 1, 3, 0] == 1 and sent[0, 1, 2, 1] == 0 and sent.sum() == 8


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
    odd = sliding_line(7, 2, 2, 0, 1, 3)
    overlapping = sliding_line(6, 2, 1, 0, 1, 5)
    padded = sliding_line(6, 2, 2, 1, 1, 4)
    for line in (odd, overlapping, padded):
        assert not are_pairs(x, (line, halves(4, 6)[1]))
