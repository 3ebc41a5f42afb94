"""Random numbers: generators, and the one that is used when none is given.

A ``Generator`` draws from NumPy's PCG64.  Each draw holds NumPy's lock on it, so threads that share
one get different numbers; which thread gets which is up to them, so a program that must repeat
itself gives each thread a generator of its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.devices import device as Device
from autograd.devices import only_cpu
from autograd.record import handle, is_tensor

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "Generator",
    "default_generator",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]

# The parts of a state and their bytes: PCG64 has 128 bits, and may keep half of a 64-bit draw.
_PARTS = (("seed", 8), ("state", 16), ("inc", 16), ("has_uint32", 1), ("uinteger", 4))
_FIRST_SEED = 67280421310721  # PyTorch's


class Generator:
    """A source of random numbers, for the argument ``generator=`` of all that draws.

    Raises
    ------
    RuntimeError
        If another device than the CPU is asked for.

    Examples
    --------
    >>> import autograd
    >>> one, other = (autograd.Generator().manual_seed(3) for _ in range(2))
    >>> bool((autograd.rand(4, generator=one) == autograd.rand(4, generator=other)).all())
    True
    >>> state, copy = one.get_state(), one.clone_state()
    >>> drawn = autograd.rand(4, generator=one)
    >>> autograd.equal(drawn, autograd.rand(4, generator=copy))
    True
    >>> autograd.equal(drawn, autograd.rand(4, generator=one.set_state(state)))
    True
    >>> one.initial_seed(), one.seed() == one.initial_seed(), type(one.numpy).__name__
    (3, True, 'Generator')

    Source: ``torch.Generator``.
    """

    def __init__(self, device: Any = "cpu") -> None:
        self.device: Device = only_cpu(device, "Generator")
        self._seed: int | None = _FIRST_SEED
        self._numpy: np.random.Generator | None = None
        self._lock = threading.Lock()

    @property
    def numpy(self) -> np.random.Generator:
        """NumPy's generator, made at first use: its module takes 30 ms to import."""
        drawing = self._numpy
        if drawing is None:
            with self._lock:
                drawing = self._numpy
                if drawing is None:
                    if self._seed is None:
                        self._seed = _entropy()
                    drawing = self._numpy = np.random.default_rng(self._seed)
        return drawing

    def manual_seed(self, seed: int) -> Generator:
        """Start the numbers afresh from ``seed``; returns the generator.

        Raises
        ------
        RuntimeError
            If the seed is no integer.
        ValueError
            If it does not fit in 64 bits.
        """
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise RuntimeError(f"manual_seed: expected an integer, got {type(seed).__name__}")
        if not -(1 << 63) <= seed < 1 << 64:
            raise ValueError(f"manual_seed: expected a seed of 64 bits, got {seed}")
        with self._lock:
            self._seed = int(seed) % (1 << 64)
            self._numpy = np.random.default_rng(self._seed)
        return self

    def seed(self) -> int:
        """Start afresh from a seed that the operating system draws, and return it."""
        drawn = _entropy()
        self.manual_seed(drawn)
        return drawn

    def initial_seed(self) -> int:
        """Return the seed that the numbers began with."""
        if self._seed is None:
            _ = self.numpy
        return int(self._seed)  # type: ignore[arg-type]

    def get_state(self) -> Tensor:
        """Return where the generator is, as a tensor of bytes for :meth:`set_state`."""
        source = self.numpy.bit_generator
        with source.lock:  # no draw in another thread is half-way
            state: Any = source.state
        parts = {**state, **state["state"], "seed": self.initial_seed()}
        packed = b"".join(int(parts[name]).to_bytes(size, "little") for name, size in _PARTS)
        return handle(np.frombuffer(packed, np.uint8).copy(), None)

    def set_state(self, new_state: Any) -> Generator:
        """Go back to where :meth:`get_state` found the generator; returns it.

        Raises
        ------
        TypeError
            If the state is no tensor of bytes.
        RuntimeError
            If it has another length.
        """
        if not is_tensor(new_state) or new_state.dtype != np.uint8:
            raise TypeError("set_state: expected a tensor of uint8, as get_state returns it")
        packed, total = new_state.payload.tobytes(), sum(size for _, size in _PARTS)
        if len(packed) != total:
            raise RuntimeError(f"set_state: expected {total} bytes, got {len(packed)}")
        parts, start = {}, 0
        for name, size in _PARTS:
            parts[name] = int.from_bytes(packed[start : start + size], "little")
            start += size
        source = self.numpy.bit_generator
        with source.lock:
            self._seed = parts.pop("seed")
            inner = {"state": parts.pop("state"), "inc": parts.pop("inc")}
            source.state = {"bit_generator": "PCG64", "state": inner, **parts}
        return self

    def clone_state(self) -> Generator:
        """Return a generator of its own that will draw the same numbers."""
        return Generator().set_state(self.get_state())

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.get_state().payload,)

    def __repr__(self) -> str:
        return f"Generator(device='cpu', initial_seed={self.initial_seed()})"


def _restored(state: np.ndarray[Any, Any]) -> Generator:
    return Generator().set_state(handle(state, None))


def _entropy() -> int:
    return int.from_bytes(os.urandom(8), "little")


default_generator = Generator()
default_generator._seed = None  # the operating system's choice, unless manual_seed is called


# What stands in for the default generator here and now: called at the first draw, None for nothing.
_stand_in: ContextVar[Callable[[], np.random.Generator] | None] = ContextVar(
    "stand_in", default=None
)


def generator() -> np.random.Generator:
    """Return NumPy's side of the default generator, or what ``drawing_from`` put in its place."""
    source = _stand_in.get()
    return default_generator.numpy if source is None else source()


def stand_in() -> Callable[[], np.random.Generator] | None:
    """Return what ``drawing_from`` put in the default generator's place, or None."""
    return _stand_in.get()


@contextmanager
def drawing_from(source: Callable[[], np.random.Generator]) -> Iterator[None]:
    """Let what is given no generator draw from ``source()``, in this thread and context alone.

    The default generator, its state and its seed are left alone. A loader gives each sample numbers
    of its own in this way, whichever thread fetches it.
    """
    token = _stand_in.set(source)
    try:
        yield
    finally:
        _stand_in.reset(token)


def numpy_generator(given: Any, name: str) -> np.random.Generator:
    """Return what to draw from: a ``Generator``'s, NumPy's own, or for None the default's.

    Raises
    ------
    TypeError
        If it is none of them.
    """
    if given is None:
        return generator()
    if isinstance(given, Generator):
        return given.numpy
    if isinstance(given, np.random.Generator):
        return given
    raise TypeError(f"{name}: expected generator to be a Generator, got {type(given).__name__}")


def manual_seed(seed: int) -> Generator:
    """Start the default generator afresh from ``seed``, and return it.

    Raises
    ------
    RuntimeError
        If the seed is no integer.
    ValueError
        If it does not fit in 64 bits.

    Examples
    --------
    >>> import autograd
    >>> _ = autograd.manual_seed(0)
    >>> a = autograd.rand(3)
    >>> _ = autograd.manual_seed(0)
    >>> bool((a == autograd.rand(3)).all())
    True

    Source: ``torch.manual_seed``.
    """
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start the default generator from a seed that the operating system draws, and return it.

    Examples
    --------
    >>> import autograd
    >>> state = autograd.get_rng_state()
    >>> drawn = autograd.seed()
    >>> drawn == autograd.initial_seed()
    True
    >>> autograd.set_rng_state(state)

    Source: ``torch.seed``.
    """
    return default_generator.seed()


def initial_seed() -> int:
    """Return the seed that the default generator's numbers began with.

    Examples
    --------
    >>> import autograd
    >>> state = autograd.get_rng_state()
    >>> generator = autograd.manual_seed(7)
    >>> autograd.initial_seed()
    7
    >>> autograd.set_rng_state(state)

    Source: ``torch.initial_seed``.
    """
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Return the default generator's state, for :func:`set_rng_state`.

    Examples
    --------
    >>> import autograd
    >>> state = autograd.get_rng_state()
    >>> first = autograd.rand(2)
    >>> autograd.set_rng_state(state)
    >>> bool((autograd.rand(2) == first).all())
    True

    Source: ``torch.get_rng_state``.
    """
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Go back to a state that :func:`get_rng_state` returned.

    Examples
    --------
    >>> import autograd
    >>> state = autograd.get_rng_state()
    >>> first = autograd.randn(3)
    >>> autograd.set_rng_state(state)
    >>> autograd.equal(autograd.randn(3), first)
    True

    Source: ``torch.set_rng_state``.
    """
    default_generator.set_state(new_state)
