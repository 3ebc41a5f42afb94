"""The progress bar: tqdm's, in notebooks and terminals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = ["progress_bar"]

Advance = Callable[[int, Callable[[], Mapping[str, float]]], None]


@contextmanager
def progress_bar(data: Any, epochs: int, begun: int, shown: bool) -> Iterator[Advance]:
    """Show a bar over all steps, of which ``begun`` are made; yields what moves it on by one.

    That function is called with the epoch and with what gives the means to show.
    """
    if not shown:
        yield lambda epoch, means: None
        return
    with warnings.catch_warnings():  # a notebook without ipywidgets gets a bar of text
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm  # costs a tenth of a second: only for those who want a bar

    steps = len(data) * epochs if hasattr(data, "__len__") else None
    with tqdm(total=steps, initial=begun, unit="step") as bar:

        def advance(epoch: int, means: Callable[[], Mapping[str, float]]) -> None:
            bar.set_description(f"epoch {epoch}/{epochs}", refresh=False)
            postfix = {name: f"{mean:.4f}" for name, mean in means().items()}
            bar.set_postfix(postfix, refresh=False)
            bar.update()

        yield advance
