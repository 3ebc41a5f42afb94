"""Padding and packing: PyTorch's numbers, gradients to where rows came from, refusals."""

import numpy as np
import pytest

import autograd
from nn.utils import rnn

X = np.arange(24.0).reshape(4, 3, 2)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("lengths", [[4, 2, 1], [1, 4, 2], [2, 2, 2], [3, 3, 3]])
def test_packing_and_padding_agree_with_pytorch(torch, lengths, batch_first):
    array = X.swapaxes(0, 1).copy() if batch_first else X
    options = {"batch_first": batch_first, "enforce_sorted": lengths == [4, 2, 1]}
    mine, other = autograd.tensor(array, requires_grad=True), torch.tensor(array)
    packed = rnn.pack_padded_sequence(mine, autograd.tensor(lengths), **options)
    expected = torch.nn.utils.rnn.pack_padded_sequence(other, torch.tensor(lengths), **options)
    for ours, theirs in zip(packed, expected, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert ours.tolist() == theirs.tolist()
    padded, counts = rnn.pad_packed_sequence(packed, batch_first, -1.0, 5)
    there, _ = torch.nn.utils.rnn.pad_packed_sequence(expected, batch_first, -1.0, 5)
    assert padded.tolist() == there.tolist() and counts.tolist() == lengths
    (padded * padded).sum().backward()
    used = np.arange(4)[:, None] < np.array(lengths)
    used = used.T if batch_first else used
    np.testing.assert_array_equal(mine.grad.numpy(), 2 * array * used[..., None])


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("batch_first", [False, True])
def test_padding_sequences(torch, side, batch_first):
    arrays = [X[: n + 1, n] for n in (2, 0, 1)]
    ours = rnn.pad_sequence([autograd.tensor(a) for a in arrays], batch_first, 9.0, side)
    theirs = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(a) for a in arrays], batch_first, 9.0, side
    )
    assert ours.tolist() == theirs.tolist()
    if side == "right":
        back = rnn.unpad_sequence(ours, [3, 1, 2], batch_first)
        assert [each.tolist() for each in back] == [a.tolist() for a in arrays]


def test_sequences_packed_and_unpacked():
    arrays = [np.arange(n, dtype=np.float64) for n in (2, 4, 1)]
    packed = rnn.pack_sequence([autograd.tensor(a) for a in arrays], enforce_sorted=False)
    assert packed.sorted_indices.tolist() == [1, 0, 2]
    assert [each.tolist() for each in rnn.unpack_sequence(packed)] == [a.tolist() for a in arrays]
    assert packed.float().data.dtype == np.float32
    assert packed.float().double().data.dtype == np.float64
    assert rnn.invert_permutation(None) is None
    x = [autograd.tensor(a, requires_grad=True) for a in arrays]
    assert autograd.gradcheck(lambda *x: rnn.pack_sequence(x, enforce_sorted=False).data, x)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: rnn.pack_padded_sequence(x, [2, 3, 1]), RuntimeError, "lengths must descend"),
        (lambda x: rnn.pack_padded_sequence(x, [3, 2]), RuntimeError, "2 lengths for a batch of 3"),
        (lambda x: rnn.pack_padded_sequence(x, [3, 2, 0]), RuntimeError, "between 1 and 4, got"),
        (lambda x: rnn.pack_padded_sequence(x, [5, 2, 1]), RuntimeError, "between 1 and 4, got"),
        (lambda x: rnn.pack_padded_sequence(x, [4.0, 2.0, 1.0]), RuntimeError, "vector of integer"),
        (lambda x: rnn.pack_padded_sequence(x[0, 0], [2]), RuntimeError, r"shape \(T, N, ...\)"),
        (
            lambda x: rnn.pad_packed_sequence(
                rnn.pack_padded_sequence(x, [3, 2, 1]), total_length=2
            ),
            ValueError,
            "total_length is 2, the longest sequence has 3",
        ),
        (lambda x: rnn.pad_sequence([]), RuntimeError, "pad_sequence: expected sequences"),
        (lambda x: rnn.pad_sequence([x, x[0]]), RuntimeError, "that differ in L alone"),
        (lambda x: rnn.pad_sequence(3), RuntimeError, "pad_sequence: expected sequences, got int"),
        (lambda x: rnn.pad_sequence([x], padding_side="up"), ValueError, "'left' or 'right'"),
        (lambda x: rnn.pack_sequence([x[:1], x]), RuntimeError, "enforce_sorted=False sorts them"),
    ],
)
def test_misuse_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(autograd.tensor(X))
