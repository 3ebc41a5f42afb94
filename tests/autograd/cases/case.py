"""What a row of the table of operations says (cases.py), and where its operands are drawn."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import autograd

# ---------------------------------------------------------------- domains: (random, shape) -> array


def reals(random, shape):
    return random.uniform(-2, 2, shape)


def positive(random, shape):
    return random.uniform(0.3, 3, shape)


def away_from_zero(random, shape):
    return random.uniform(0.4, 2, shape) * random.choice([-1, 1], shape)


def between_integers(random, shape):
    """No value within .2 of an integer, where floor, sign, |x| and relu have their kinks."""
    return random.integers(-3, 3, shape) + random.uniform(0.2, 0.8, shape)


def signs(random, shape):
    return random.choice([-1.0, 1.0], shape)


def fractions(random, shape):
    """Within (0, 1), and no nearer than .05 to its ends, or to .3 and .7."""
    return random.choice([0.05, 0.35, 0.75], shape) + random.uniform(0, 0.2, shape)


def counts(random, shape):
    return random.integers(0, 5, shape)


def distinct(random, shape):
    """No two values within .1 of each other, so that differences do not change a winner."""
    size = int(np.prod(shape))
    return (random.permutation(size) - size // 2).reshape(shape) * 0.1 + 0.03


def even_steps(random, shape):
    return random.integers(-6, 6, shape) * 0.4


def odd_steps(random, shape):
    return even_steps(random, shape) + 0.2


def truths(random, shape):
    return random.random(shape) < 0.5


def whole(random, shape):
    """Integers with ties, zeros and signs, as floats: for comparisons."""
    return random.integers(-2, 3, shape).astype(np.float64)


# ---------------------------------------------------------------- the table's rows


@dataclass
class Example:
    """Shapes of the operands and keyword attributes of one call."""

    shapes: tuple[tuple[int, ...], ...]
    attributes: dict[str, Any] = field(default_factory=dict)

    def __str__(self):
        attributes = ",".join(f"{k}={v}".replace(" ", "") for k, v in self.attributes.items())
        return "x".join(str(list(s)).replace(" ", "") for s in self.shapes) + f"({attributes})"


@dataclass
class Case:
    """An operation of autograd and what it has to equal.

    Attributes
    ----------
    name : str
        The public name, or that of an operation reached through a method or a rule.
    domains : tuple
        One an operand: draws the values at which it is differentiable.
    reference : callable
        ``(torch, *operands, **attributes)``: what PyTorch computes; the function of the same
        name if not given.
    call : callable
        How Backlight is called; ``getattr(autograd, name)`` if not given.
    aliases : tuple of str
        Other public names of the same function.
    examples : list of Example
        For what is not elementwise.
    differentiable : bool
    special : bool
        Whether values and gradients at 0, inf and nan are compared with PyTorch.
    numbers : str
        The kinds of integers (NumPy's b, i, u) whose result is compared with PyTorch.
    needs : str, optional
        A package that computes it.
    close : float
        Relative difference from PyTorch in float64, where PyTorch's own error is larger than usual.
    """

    name: str
    domains: tuple[Callable[..., Any], ...]
    reference: Callable[..., Any] | None = None
    call: Callable[..., Any] | None = None
    aliases: tuple[str, ...] = ()
    examples: list[Example] | None = None
    differentiable: bool = True
    special: bool = True
    numbers: str = "biu"
    needs: str | None = None
    close: float = 1e-11

    @property
    def elementwise(self):
        return self.examples is None

    @property
    def runs(self):
        return self.needs is None or importlib.util.find_spec(self.needs) is not None

    @property
    def public(self):
        return self.name in autograd.__all__

    def __call__(self, *operands, **attributes):
        return (self.call or getattr(autograd, self.name))(*operands, **attributes)

    def torch(self, torch, *operands, **attributes):
        if self.reference is None:
            return getattr(torch, self.name)(*operands, **attributes)
        return self.reference(torch, *operands, **attributes)

    def __str__(self):
        return self.name


def unary(name, domain=reals, **options):
    return Case(name, (domain,), **options)


def compared(name, **options):
    return Case(name, (whole, whole), differentiable=False, **options)


def reduced(name, domain=reals, attributes=(), scalars=True, **options):
    """A reduction of matrices and cubes over each of the dims that a learner writes."""
    examples = [Example(((2, 3),), a) for a in attributes]
    examples += [Example(((2, 3, 2),), a) for a in attributes]
    examples += [Example(((),), a) for a in attributes if scalars and a.get("dim") in (None, 0, -1)]
    return Case(name, (domain,), examples=examples, **options)
