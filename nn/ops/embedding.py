"""Embedding: rows of a table read by number, and their gradients added up where they came from.

Rows are read and written whole; a row that is named several times receives the sum. With
``padding_idx`` one row, which stands for "nothing", never learns; ``by_frequency`` divides a row's
gradient by how often it is named.
"""

from __future__ import annotations

import numpy as np

from autograd.op import structural
from autograd.ops.adding_at import add_rows
from autograd.parallel import block_ranges, parallel_for

__all__ = ["embedding", "embedding_gradient"]

BLOCK = 1 << 20  # bytes of rows a block, at most
SECONDS_PER_BYTE = 1.5e-10


def _weight_rule(upstream, index, weight_shape, padding_idx, by_frequency):
    return embedding_gradient(
        upstream, index, rows=weight_shape[0], padding_idx=padding_idx, by_frequency=by_frequency
    )


@structural(weight=_weight_rule)
def embedding(weight, index, *, padding_idx=None, by_frequency=False):
    """Read rows: z[...] = weight[index[...]].

    Shapes: weight (V, D), index (*) of integers in [0, V) -> (*, D).

    Examples
    --------
    >>> embedding(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 1])).tolist()
    [[3.0, 4.0], [3.0, 4.0]]
    """
    return _taken(weight, index)


def _gradient_rule(upstream, index, padding_idx, by_frequency):
    return embedding_read(upstream, index, padding_idx=padding_idx, by_frequency=by_frequency)


@structural(x=_gradient_rule)
def embedding_gradient(x, index, *, rows, padding_idx=None, by_frequency=False):
    """Add rows up where they were read: z[index[...]] += x[...]; z has so many rows.

    What was read at ``padding_idx`` is left out; with ``by_frequency`` each row of z is divided by
    how often it is named.
    """
    width = x.shape[-1]
    z = np.zeros((rows, width), x.dtype)
    ids = np.asarray(index, np.intp).reshape(-1)
    given = x.reshape(ids.size, width)
    if padding_idx is not None:
        kept = ids != padding_idx
        if not kept.all():
            ids, given = ids[kept], given[kept]
    if given.size:
        add_rows(z, ids, given, blank=True)
        if by_frequency:
            z /= np.maximum(np.bincount(ids, minlength=rows), 1).astype(z.dtype)[:, None]
    return z


def _read_rule(upstream, index, weight_shape, padding_idx, by_frequency):
    return embedding_gradient(
        upstream, index, rows=weight_shape[0], padding_idx=padding_idx, by_frequency=by_frequency
    )


@structural(weight=_read_rule)
def embedding_read(weight, index, *, padding_idx=None, by_frequency=False):
    """Read rows as ``embedding_gradient`` sends them, whose transpose it is.

    Zeros are read at ``padding_idx``, and with ``by_frequency`` a row divided by how often it is
    named.
    """
    z = _taken(weight, index)
    if by_frequency:
        counts = np.bincount(np.asarray(index).reshape(-1), minlength=len(weight))
        z /= counts[index].astype(z.dtype)[..., None]
    if padding_idx is not None:
        z[np.asarray(index) == padding_idx] = 0
    return z


def _taken(weight, index):
    ids = np.asarray(index, np.intp)
    z = np.empty((*ids.shape, weight.shape[1]), weight.dtype)
    flat, out = ids.reshape(-1), z.reshape(ids.size, weight.shape[1])
    blocks = max(1, -(-z.nbytes // BLOCK))
    blocks += blocks % 2 if blocks > 1 else 0  # of one size, for two threads
    ranges = block_ranges(len(flat), -(-len(flat) // blocks))

    def read(block):
        first, last = ranges[block]
        np.take(weight, flat[first:last], axis=0, out=out[first:last], mode="clip")

    parallel_for(read, len(ranges), seconds=z.nbytes * SECONDS_PER_BYTE, long_calls=True)
    return z
