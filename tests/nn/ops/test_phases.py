"""Winners by flat operations on phases: beside PyTorch, and where the general way is taken."""

import numpy as np
import pytest

from nn.ops.lines import adaptive_line, pool_lines
from nn.ops.phases import have_phases, send_through_phases
from nn.ops.pooling import max_pool_input

WINDOWS = [  # size, kernel, stride, padding, dilation
    ((9,), (3,), (2,), (1,), (1,)),
    ((17,), (2,), (4,), (0,), (1,)),
    ((12,), (3,), (2,), (1,), (2,)),
    ((8, 10), (3, 3), (2, 2), (1, 1), (1, 1)),
    ((9, 6), (2, 3), (1, 1), (1, 0), (1, 1)),
    ((11, 13), (3, 2), (2, 3), (1, 1), (1, 2)),
    ((5, 8, 4), (2, 3, 1), (1, 2, 1), (1, 1, 0), (1, 1, 2)),
]


def drawn(rng, window, kind):
    size, *rest = window
    x = rng.integers(-2, 3, (2, 2, *size)) if kind == "ties" else rng.standard_normal((2, 2, *size))
    if kind == "infinite":
        x[0] = -np.inf
        x[1, 1][rng.random(size) < 0.2] = np.inf
    x = x.astype(np.float32)
    lines = pool_lines("pool", x.shape, *rest, False)
    return x, lines, rng.standard_normal((2, 2, *(line.windows for line in lines))).astype("f")


@pytest.mark.parametrize("kind", ["normal", "ties", "infinite"])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_gradients_as_pytorch(torch, rng, window, kind):
    x, lines, values = drawn(rng, window, kind)
    assert have_phases(lines)
    out = np.full(x.shape, 7, np.float32)
    planes = (4, *x.shape[2:])
    assert send_through_phases(
        values.reshape(4, *values.shape[2:]), x.reshape(planes), lines, out.reshape(planes)
    )
    theirs = torch.tensor(x, requires_grad=True)
    pool = getattr(torch.nn.functional, f"max_pool{len(lines)}d")
    pool(theirs, *window[1:]).backward(torch.tensor(values))
    np.testing.assert_allclose(out, theirs.grad.numpy(), atol=1e-6)
    np.testing.assert_array_equal(max_pool_input(values, x, lines=lines), out)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_the_general_way_sends_the_same(rng, window, monkeypatch):
    x, lines, values = drawn(rng, window, "ties")
    fast = max_pool_input(values, x, lines=lines)
    monkeypatch.setattr("nn.ops.pooling.have_phases", lambda lines: False)
    np.testing.assert_allclose(max_pool_input(values, x, lines=lines), fast, atol=1e-6)


def test_an_infinite_value_reaches_its_winner_alone(rng):
    x, lines, values = drawn(rng, WINDOWS[3], "normal")
    values[0, 0, 1, 1] = np.inf
    values[1, 1, 2, 0] = np.nan
    sent = max_pool_input(values, x, lines=lines)
    assert np.isinf(sent).sum() == 1 and np.isnan(sent).sum() == 1


def test_a_block_with_a_nan_is_left_to_the_general_way(rng):
    x, lines, values = drawn(rng, WINDOWS[0], "normal")
    x[0, 0, 3:5] = np.nan
    out = np.full((4, 9), 7, np.float32)
    assert not send_through_phases(values.reshape(4, -1), x.reshape(4, 9), lines, out)
    assert (out == 7).all()
    sent = max_pool_input(np.ones_like(values), x, lines=lines)
    assert sent[0, 0, 3] == 1 and sent[0, 0, 4] == 1  # of windows 2..4 and 4..6 the last NaN


def test_windows_that_adapt_or_are_few_have_no_phases():
    assert not have_phases((adaptive_line(9, 5),))
    assert not have_phases(pool_lines("pool", (1, 1, 8, 6), (2, 2), (2, 2), (0, 0), (1, 1), False))
