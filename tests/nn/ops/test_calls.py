"""Prepared calls do in order what they would have done at once."""

import numpy as np
import pytest

from nn.ops.calls import Calls


@pytest.mark.parametrize("rows", [1, 7, 8, 20])
@pytest.mark.parametrize("columns", [0, 1, 2, 16])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("step", [1, 2])
def test_rows_are_copied_whole(rows, columns, dtype, step):
    rng = np.random.default_rng(0)
    source = rng.standard_normal((rows, 3, step * columns + 2)).astype(dtype)
    source = source.swapaxes(0, 1)[..., 1 : 1 + step * columns : step]
    source[..., columns // 2 :] = np.nan
    around = rng.standard_normal((3, rows + 1, columns + 3)).astype(dtype)
    expected = around.copy()
    expected[:, 1:, 2 : 2 + columns] = source
    calls = Calls()
    calls.copy(around[:, 1:, 2 : 2 + columns], source)
    calls.make()
    np.testing.assert_array_equal(around, expected)


def test_calls_are_made_in_order_once_and_only_if_there_are_enough():
    done = []
    calls = Calls()
    calls.add(done.append, 1)
    calls.add(done.append, 2)
    calls.make(least=3)
    assert done == []
    calls.make(least=2)
    calls.make()
    assert done == [1, 2]


def test_a_room_is_given_again_under_its_name_and_shape_only():
    calls = Calls()
    room = calls.room("sums", (2, 3), np.float32)
    assert room.shape == (2, 3) and room.dtype == np.float32
    assert calls.room("sums", (2, 3), np.float32) is room
    assert not np.shares_memory(calls.room("products", (2, 3), np.float32), room)
    assert not np.shares_memory(calls.room("sums", (3, 2), np.float32), room)


def test_arrays_are_cleared():
    calls = Calls()
    one, two = np.full(3, np.nan), np.ones((2, 0))
    calls.clear(one, two)
    calls.make()
    assert not one.any()
