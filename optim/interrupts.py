"""Ctrl-C between steps: a step that has begun is made to its end, so that no update is half made.

A second Ctrl-C does not wait.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Interrupts"]


class Interrupts:
    """As a context, hold Ctrl-C back while in ``held``; ``raise_held`` lets it through.

    Only where Ctrl-C would raise ``KeyboardInterrupt``: in the main thread, with Python's handler.
    """

    def __init__(self) -> None:
        self.holding = False
        self.came = False
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *exception: Any) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _handle(self, number: int, frame: Any) -> None:
        if self.holding and not self.came:
            self.came = True
        else:
            signal.default_int_handler(number, frame)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold back what comes meanwhile."""
        self.holding = True
        try:
            yield
        finally:
            self.holding = False

    def raise_held(self) -> None:
        """Raise ``KeyboardInterrupt`` if one was held back."""
        if self.came:
            self.came = False
            raise KeyboardInterrupt
