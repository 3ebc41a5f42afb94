"""One table that names every layer and loss of ``nn`` once, in rooms as the layers are.

A case says how a module is made and on what it is called; test_modules.py makes every test of the
module from it: agreement with PyTorch's module of the same name and arguments, derivatives by
finite differences, state dicts both ways, what it prints, empty batches.

A call of a module is a tuple with one entry an input:

- a shape: standard normal numbers, which are differentiated;
- an array: itself, floating-point ones in the dtype of the test, and not differentiated;
- a function of a NumPy generator: what it returns, floating-point numbers being differentiated.

``calls=[(2, 3)]`` is short for ``calls=[((2, 3),)]``.
"""

import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ModuleCase:
    """A module, its arguments, and the calls that are tried on it.

    Attributes
    ----------
    name : str
        Of the class, in ``nn`` and (unless ``ours``) in ``torch.nn``.
    args, kwargs
        Arguments of the constructor; a function of the library stands for what differs.
    calls : list
        Shapes or tuples of inputs; the first is also checked by finite differences, so it is small
        and away from kinks. Odd sizes, a batch of one, an empty batch, an unbatched input belong
        here.
    call_kwargs : dict
        Keyword arguments of each call.
    ours : str
        Why PyTorch has no such module ("" where it has): it is then not compared.
    random : str
        What is drawn anew at each call in training mode ("" where nothing is): training is then
        not compared with PyTorch, and derivatives are checked in eval mode.
    own_repr : str
        Why it prints otherwise than PyTorch's ("" where it prints the same).
    differentiable, twice : str
        Why finite differences (of the second order) do not apply ("" where they do).
    dtypes : tuple
        In which it is tried.
    tolerance : float
        Factor on the tolerances of the comparison with PyTorch.
    """

    name: str
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)
    call_kwargs: dict = field(default_factory=dict)
    ours: str = ""
    random: str = ""
    own_repr: str = ""
    differentiable: str = ""
    twice: str = ""
    dtypes: tuple = ("float64", "float32")
    tolerance: float = 1.0

    def __str__(self):
        given = [_short(value) for value in self.args]
        given += [f"{name}={_short(value)}" for name, value in self.kwargs.items()]
        called = [f"{name}={_short(value)}" for name, value in self.call_kwargs.items()]
        return f"{self.name}({', '.join(given)})" + (f" on {', '.join(called)}" if called else "")

    def make(self, library: Any) -> Any:
        """Build the module with ``library``, which is ``nn`` or ``torch.nn``."""
        args = [_in(library, value) for value in self.args]
        kwargs = {name: _in(library, value) for name, value in self.kwargs.items()}
        return getattr(library, self.name)(*args, **kwargs)

    def inputs(self, call: Any, rng: np.random.Generator, dtype: str) -> list[tuple[Any, bool]]:
        """Return the inputs of one call, each with whether it is differentiated."""
        if all(isinstance(each, int) for each in call):
            call = (call,)
        drawn = []
        for each in call:
            if isinstance(each, tuple):
                drawn.append((rng.standard_normal(each).astype(dtype), True))
            elif callable(each):
                array = np.asarray(each(rng))
                floating = array.dtype.kind == "f"
                drawn.append((array.astype(dtype) if floating else array, floating))
            else:
                array = np.asarray(each)
                drawn.append((array.astype(dtype) if array.dtype.kind == "f" else array, False))
        return drawn


def _in(library, value):
    """Return an argument as it is, or made with the library where it is a function of it."""
    plain = isinstance(value, type) or not callable(value)
    return value if plain else value(library)


def _short(value):
    if isinstance(value, np.ndarray):
        return f"array{value.shape}"
    return getattr(value, "__name__", None) or str(value)


ALL: list[ModuleCase] = []
for _room in sorted(room.name for room in pkgutil.iter_modules(__path__)):
    ALL += importlib.import_module(f"{__name__}.{_room}").CASES
