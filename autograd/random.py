"""Random numbers: one generator for everything, seeded by ``manual_seed``."""

from __future__ import annotations

from typing import Any

import numpy as np

_generator: list[np.random.Generator] = []  # made at first use: NumPy's takes 30 ms to import


def manual_seed(seed: int) -> np.random.Generator:
    """Start the random numbers of the whole library afresh from ``seed``.

    Examples
    --------
    >>> import autograd
    >>> _ = autograd.manual_seed(0)
    >>> a = autograd.rand(3)
    >>> _ = autograd.manual_seed(0)
    >>> bool((a == autograd.rand(3)).all())
    True
    """
    _generator[:] = [np.random.default_rng(seed)]
    return _generator[0]


def generator() -> np.random.Generator:
    """Return the generator that all random functions draw from."""
    if not _generator:
        _generator.append(np.random.default_rng())
    return _generator[0]


def get_rng_state() -> dict[str, Any]:
    """Return the generator's state, for :func:`set_rng_state`."""
    return dict(generator().bit_generator.state)


def set_rng_state(state: dict[str, Any]) -> None:
    """Go back to a state that :func:`get_rng_state` returned."""
    generator().bit_generator.state = state
