"""The test set is for one look, at the end: what is chosen by looking at it is fitted to it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["GuardedTestSet"]


class GuardedTestSet:
    """A test set, or the batches of one, with a warning from the second pass on.

    Rates, sizes and epochs are chosen on a validation set. A number measured on data that took part
    in a choice is too good: such a "test set" is a validation set.

    Parameters
    ----------
    data : iterable of batches, or Dataset
        A ``DataLoader`` of the test set; or the set itself, to be given to one. Of a set, a pass
        begins with the first sample and wherever one comes again.

    Attributes
    ----------
    uses : int
        Passes so far.

    Examples
    --------
    >>> import warnings
    >>> test_set = GuardedTestSet([1, 2])
    >>> list(test_set)
    [1, 2]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     _ = list(test_set)
    >>> test_set.uses, str(caught[0].message)[:37]
    (2, 'the test set is used for the 2nd time')

    Source: the course's rule to touch the test set once.
    """

    def __init__(self, data: Any) -> None:
        self.data = data
        self.uses = 0
        self._seen: set[Any] = set()  # of the samples in this pass

    def __iter__(self) -> Iterator[Any]:
        self._begin(stacklevel=3)
        return iter(self.data)

    def __getitem__(self, index: Any) -> Any:
        sample = self.data[index]
        one = isinstance(index, (int, np.integer))
        if not (one and self._seen) or index in self._seen:
            self._seen.clear()
            self._begin(stacklevel=3)
        if one:
            self._seen.add(index)
        return sample

    def _begin(self, stacklevel: int) -> None:
        """Count a pass."""
        self.uses += 1
        if self.uses > 1:
            teens = self.uses // 10 % 10 == 1
            ending = {1: "st", 2: "nd", 3: "rd"}.get(0 if teens else self.uses % 10, "th")
            warnings.warn(
                f"the test set is used for the {self.uses}{ending} time: what was changed since "
                "then is fitted to it; choose on a validation set, and test once",
                UserWarning,
                stacklevel=stacklevel,
            )

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"GuardedTestSet({self.data!r}, uses={self.uses})"
