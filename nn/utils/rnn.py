"""Sequences of different lengths in one batch: padded, or packed without the padding.

Packed data has one row for each element that is there, ordered by time: first the first elements
of all sequences, the longest sequence first, then the second ones of those that have one. A
recurrent layer then takes a step for as many sequences as are left, and nothing is computed for
padding. All of this only moves rows, so gradients go back to where the rows came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import Tensor

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class PackedSequence(NamedTuple):
    """Sequences packed by ``pack_padded_sequence`` or ``pack_sequence``; layers take and return it.

    Attributes
    ----------
    data : Tensor
        (sum of lengths, ...), ordered by time.
    batch_sizes : Tensor
        How many sequences reach each step.
    sorted_indices, unsorted_indices : Tensor or None
        From the batch to descending lengths, and back; None if it was sorted.

    Source: ``torch.nn.utils.rnn.PackedSequence``.
    """

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None

    def to(self, dtype: Any) -> PackedSequence:
        """Convert the data."""
        return self._replace(data=self.data.to(dtype))

    def float(self) -> PackedSequence:
        """Convert the data to float32."""
        return self.to(np.float32)

    def double(self) -> PackedSequence:
        """Convert the data to float64."""
        return self.to(np.float64)


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """Return the permutation that undoes one: inverse[permutation[i]] = i.

    Examples
    --------
    >>> invert_permutation(autograd.tensor([2, 0, 1])).tolist()
    [1, 2, 0]

    Source: ``torch.nn.utils.rnn.invert_permutation``.
    """
    if permutation is None:
        return None
    return autograd.from_numpy(np.argsort(permutation.numpy(), kind="stable"))


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack a padded batch: what lies beyond a sequence's length is left out.

    Shapes: input (T, N, ...), or (N, T, ...) with ``batch_first``, lengths (N,) -> data (sum of
    lengths, ...).

    Parameters
    ----------
    lengths : sequence or tensor of int
        Each from 1 to T.
    enforce_sorted : bool
        Whether the lengths must descend; otherwise they are sorted, and outputs sorted back.

    Raises
    ------
    RuntimeError
        The lengths are not N, out of range, or ascend where they must not.

    Examples
    --------
    >>> x = autograd.tensor([[1, 2, 3], [4, 5, 0]])
    >>> packed = pack_padded_sequence(x, [3, 2], batch_first=True)
    >>> packed.data.tolist(), packed.batch_sizes.tolist()
    ([1, 4, 2, 5, 3], [2, 2, 1])

    Source: ``torch.nn.utils.rnn.pack_padded_sequence``.
    """
    name = "pack_padded_sequence"
    if len(input.shape) < 2:
        raise RuntimeError(f"{name}: input must have shape (T, N, ...), got {tuple(input.shape)}")
    counts = _lengths(name, lengths)
    longest, batch = input.shape[:2][::-1] if batch_first else input.shape[:2]
    if len(counts) != batch:
        raise RuntimeError(f"{name}: got {len(counts)} lengths for a batch of {batch} sequences")
    if not batch or counts.min() <= 0 or counts.max() > longest:
        got = counts.tolist()
        raise RuntimeError(f"{name}: lengths must lie between 1 and {longest}, got {got}")
    order = None
    if enforce_sorted and np.any(counts[1:] > counts[:-1]):
        raise RuntimeError(
            f"{name}: lengths must descend, got {counts.tolist()}; enforce_sorted=False sorts them"
        )
    if not enforce_sorted:
        order = np.argsort(-counts, kind="stable")
    rows, steps, sizes = _places(counts if order is None else counts[order])
    rows = rows if order is None else order[rows]
    places = rows * longest + steps if batch_first else steps * batch + rows
    flat = autograd.reshape(input, (longest * batch, *input.shape[2:]))
    sorted_indices = None if order is None else autograd.from_numpy(order)
    return PackedSequence(
        autograd.index_select(flat, 0, autograd.from_numpy(places)),
        autograd.from_numpy(sizes),
        sorted_indices,
        invert_permutation(sorted_indices),
    )


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the padded batch that was packed, in its old order, and the lengths.

    Shapes: data (sum of lengths, ...) -> (T, N, ...), or (N, T, ...) with ``batch_first``; T is the
    longest length or ``total_length``.

    Raises
    ------
    ValueError
        ``total_length`` is less than the longest length.

    Examples
    --------
    >>> packed = pack_sequence([autograd.tensor([1, 2]), autograd.tensor([3])])
    >>> padded, lengths = pad_packed_sequence(packed, batch_first=True)
    >>> padded.tolist(), lengths.tolist()
    ([[1, 2], [3, 0]], [2, 1])

    Source: ``torch.nn.utils.rnn.pad_packed_sequence``.
    """
    if not isinstance(sequence, PackedSequence):
        raise TypeError(
            f"pad_packed_sequence: expected a PackedSequence, got {type(sequence).__name__}"
        )
    sizes = np.asarray(sequence.batch_sizes.numpy())
    longest, batch = len(sizes), int(sizes[0])
    total = longest if total_length is None else total_length
    if total < longest:
        raise ValueError(
            f"pad_packed_sequence: total_length is {total}, the longest sequence has {longest}"
        )
    counts = np.count_nonzero(sizes[:, None] > np.arange(batch), axis=0)
    rows, steps, _ = _places(counts)
    if sequence.sorted_indices is not None:
        order = np.asarray(sequence.sorted_indices.numpy())
        rows, sorted_counts = order[rows], counts
        counts = np.empty_like(sorted_counts)
        counts[order] = sorted_counts
    shape = (batch, total) if batch_first else (total, batch)
    places = rows * total + steps if batch_first else steps * batch + rows
    return _spread(sequence.data, places, shape, padding_value), autograd.from_numpy(counts)


def pad_sequence(
    sequences: Sequence[Tensor] | Tensor,
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Stack sequences of different lengths, padded to the longest.

    Shapes: N sequences (L_n, ...) -> (T, N, ...), or (N, T, ...) with ``batch_first``.

    Raises
    ------
    RuntimeError
        There are no sequences, or their other axes differ.
    ValueError
        ``padding_side`` is neither 'left' nor 'right'.

    Examples
    --------
    >>> pad_sequence([autograd.tensor([1, 2]), autograd.tensor([3])], batch_first=True).tolist()
    [[1, 2], [3, 0]]

    Source: ``torch.nn.utils.rnn.pad_sequence``.
    """
    sequences = _sequences("pad_sequence", sequences)
    if padding_side not in ("left", "right"):
        raise ValueError(
            f"pad_sequence: padding_side must be 'left' or 'right', got {padding_side!r}"
        )
    counts = np.array([len(each) for each in sequences])
    longest, batch = int(counts.max()), len(counts)
    rows = np.repeat(np.arange(batch), counts)
    begins = np.cumsum(counts) - counts
    steps = np.arange(len(rows)) - np.repeat(begins, counts)
    if padding_side == "left":
        steps += np.repeat(longest - counts, counts)
    places = rows * longest + steps if batch_first else steps * batch + rows
    shape = (batch, longest) if batch_first else (longest, batch)
    return _spread(autograd.cat(sequences), places, shape, padding_value)


def unpad_sequence(
    padded_sequences: Tensor, lengths: Any, batch_first: bool = False
) -> list[Tensor]:
    """Return each sequence of a padded batch, without its padding.

    Examples
    --------
    >>> x = autograd.tensor([[1, 2], [3, 0]])
    >>> [each.tolist() for each in unpad_sequence(x, [2, 1], batch_first=True)]
    [[1, 2], [3]]

    Source: ``torch.nn.utils.rnn.unpad_sequence``.
    """
    counts = _lengths("unpad_sequence", lengths).tolist()
    batch = padded_sequences if batch_first else autograd.transpose(padded_sequences, 0, 1)
    return [batch[i, :length] for i, length in enumerate(counts)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences of different lengths (L_n, ...).

    Examples
    --------
    >>> pack_sequence([autograd.tensor([1, 2]), autograd.tensor([3])]).data.tolist()
    [1, 3, 2]

    Source: ``torch.nn.utils.rnn.pack_sequence``.
    """
    sequences = _sequences("pack_sequence", sequences)
    lengths = [len(each) for each in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Return the sequences that were packed, in their old order.

    Examples
    --------
    >>> packed = pack_sequence([autograd.tensor([1, 2]), autograd.tensor([3])])
    >>> [each.tolist() for each in unpack_sequence(packed)]
    [[1, 2], [3]]

    Source: ``torch.nn.utils.rnn.unpack_sequence``.
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


def _lengths(name: str, lengths: Any) -> Any:
    counts = np.asarray(lengths.numpy() if isinstance(lengths, Tensor) else lengths)
    if counts.ndim != 1 or counts.dtype.kind not in "iu":
        raise RuntimeError(f"{name}: lengths must be a vector of integers, got {lengths!r}")
    return counts.astype(np.int64)


def _sequences(name: str, sequences: Any) -> list[Any]:
    if not isinstance(sequences, Iterable):
        raise RuntimeError(f"{name}: expected sequences, got {type(sequences).__name__}")
    sequences = list(sequences)
    shapes = [tuple(each.shape) for each in sequences]
    if not sequences or any(not s or s[1:] != shapes[0][1:] for s in shapes):
        raise RuntimeError(
            f"{name}: expected sequences (L, ...) that differ in L alone, got shapes {shapes}"
        )
    return sequences


def _places(counts: Any) -> tuple[Any, Any, Any]:
    """Return the sequence and the step of each packed row, and the batch sizes; counts descend."""
    there = np.arange(counts[0])[:, None] < counts
    steps, rows = np.nonzero(there)
    return rows, steps, np.count_nonzero(there, axis=1)


def _spread(data: Any, places: Any, shape: tuple[int, int], padding_value: float) -> Any:
    """Return rows at their places in (first axis x second axis), and the padding elsewhere."""
    padded = autograd.full((shape[0] * shape[1], *data.shape[1:]), padding_value, dtype=data.dtype)
    return autograd.reshape(
        autograd.index_copy(padded, 0, autograd.from_numpy(places), data), (*shape, *data.shape[1:])
    )
