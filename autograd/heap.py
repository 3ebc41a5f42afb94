"""Freed memory stays with the process, for the next step to use.

A step of training makes arrays, frees them all, and the next makes the same again.  glibc hands
freed memory back to the system when more of it lies together than it expects to need: at first
128 KB, and then twice the largest block that it mapped by itself and saw freed, of up to 32 MB.
Pages that were handed back are cleared and mapped anew at the next step, which takes longer than
to compute what stands in them: ``tanh(a * b + c).sum()`` and its backward on a million numbers
take 10 ms with it, and 2.7 without.

So glibc is shown such a block at once, which nobody writes to.  Who has told it what to do
(``MALLOC_TRIM_THRESHOLD_``, ``MALLOC_MMAP_THRESHOLD_``) is obeyed: then it learns nothing, from
this block or any other.  Other C libraries take no notice.

Arrays of more than 32 MB go back at once all the same.  Who works with such says so before Python
starts, ``MALLOC_MMAP_THRESHOLD_=1000000000 MALLOC_TRIM_THRESHOLD_=1000000000``: on ten million
numbers the same takes 26 ms for 48.
"""

from __future__ import annotations

import numpy as np

LARGEST = (1 << 25) - (1 << 16)  # bytes of a block that glibc learns from, with room for its header


def keep_freed_memory() -> None:
    """Let glibc keep up to 64 MB of what is freed, as it does once 32 MB have been freed."""
    np.empty(LARGEST, np.uint8)
