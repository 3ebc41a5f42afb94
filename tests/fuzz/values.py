"""What arguments are made of: descriptions that either library can turn into its own values.

A drawn tensor holds the values of its *base* and the way from the base to what is passed (its
layout), so that views of leaves, transposed, stepped, reversed and expanded memory all occur, and
gradients are compared where they arrive: at the base.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import autograd

FLOATS = ("float32", "float64", "float16")
INTEGERS = ("int64", "int32", "int16", "int8", "uint8")
DTYPES = (*FLOATS, *INTEGERS, "bool")
LAYOUTS = ("plain", "transposed", "stepped", "reversed", "expanded", "far")
SPECIAL = [np.nan, np.inf, -np.inf, -0.0, 0.0, 5e-324, 1e-40, 1e30, -1e300, 1.0, -1.0, 0.5, 2.0]


@dataclass(eq=False)
class Drawn:
    """A tensor to be: values, and how it lies in memory."""

    values: np.ndarray
    layout: str = "plain"
    grad: bool = False
    array: bool = False  # a NumPy array, which is a constant

    @property
    def shape(self):
        return self.values.shape

    @property
    def dtype(self):
        return self.values.dtype

    def base(self):
        """Return the memory of which the tensor is a view."""
        values = self.values
        if self.layout == "transposed":
            return np.array(values.T, order="C")
        if self.layout == "stepped":
            return np.repeat(values, 2, axis=-1)
        if self.layout == "reversed":
            return np.array(values[..., ::-1], order="C")
        if self.layout == "expanded":
            return values[:1].copy()
        if self.layout == "far":
            wide = np.zeros((*values.shape, 1000), values.dtype)
            wide[..., 7] = values
            return wide
        return np.array(values)

    def viewed(self, base, library):
        """Return the tensor, a view of its base in either library."""
        if self.layout == "transposed":
            return base.permute(tuple(range(base.ndim))[::-1])
        if self.layout == "stepped":
            return base[..., ::2]
        if self.layout == "reversed":
            return base[..., ::-1] if library is autograd else library.flip(base, (-1,))
        if self.layout == "expanded":
            return base.expand(self.values.shape)
        if self.layout == "far":
            return base[..., 7]
        return base

    def __repr__(self):
        values = self.values.tolist() if self.values.size <= 64 else "..."
        size = f".reshape({self.shape})" if not self.values.size else ""
        words = [f"{values}{size}", f"{self.dtype}"]
        words += [self.layout] if self.layout != "plain" else []
        words += ["requires_grad"] if self.grad else []
        return f"{'array' if self.array else 'tensor'}({', '.join(words)})"


@dataclass(eq=False)
class DType:
    """A dtype by its name."""

    name: str

    def __repr__(self):
        return f"autograd.{self.name}"


@dataclass(eq=False)
class Program:
    """A function of tensors, written so that both libraries can run it."""

    text: str

    def __repr__(self):
        return f"lambda {self.text}"

    def function(self):
        return eval(f"lambda {self.text}")  # noqa: S307 - the text is one of ours


@dataclass
class Realized:
    """Arguments as a library's own values, and the tensors whose change or gradient is watched."""

    args: list[Any]
    kwargs: dict[str, Any]
    bases: list[Any] = field(default_factory=list)  # one a Drawn, in order
    leaves: list[Any] = field(default_factory=list)


def realize(library, args, kwargs, in_place=False):
    """Turn drawn arguments into values of ``library`` (autograd or torch).

    In place, what the first argument views is an intermediate, since leaves may not change.
    """
    made = Realized([], {})

    def real(value, first=False):
        if isinstance(value, Drawn):
            return tensor(value, first and in_place)
        if isinstance(value, DType):
            return getattr(library, value.name)
        if isinstance(value, Program):
            return value.function()
        if isinstance(value, (list, tuple)):
            return type(value)(real(v) for v in value)
        if isinstance(value, slice):
            return slice(real(value.start), real(value.stop), real(value.step))
        if library is not autograd and isinstance(value, np.generic):
            return value.item()
        return value

    def tensor(drawn, changed):
        base = drawn.base()
        if drawn.array and library is autograd:
            made.bases.append(base)
            return np.asarray(drawn.viewed(autograd.from_numpy(base), autograd).numpy())
        leaf = library.from_numpy(base)
        if drawn.layout == "plain" and not base.ndim and library is autograd:
            leaf = autograd.tensor(base[()])  # a scalar, as operations make them
        made.bases.append(leaf)
        if drawn.grad:
            leaf.requires_grad_()
            made.leaves.append(leaf)
        if changed:
            leaf = leaf.clone() if drawn.grad else leaf
            made.bases[-1] = leaf
        return drawn.viewed(leaf, library)

    made.args = [real(value, first=not i) for i, value in enumerate(args)]
    made.kwargs = {key: real(value) for key, value in kwargs.items()}
    return made


# ---------------------------------------------------------------- drawing


class Draw:
    """One call's source of chance, and the shape and dtype that its arguments gather round."""

    def __init__(self, random):
        self.random = random
        self.shape = self.any_shape()
        self.dtype = self.one(FLOATS[:2]) if self.chance(0.7) else self.one(DTYPES)
        self.special = self.chance(0.25)
        self.grad = self.chance(0.6)

    def chance(self, probability):
        return self.random.random() < probability

    def one(self, values):
        return values[self.random.integers(len(values))]

    def integer(self, low, high):
        return int(self.random.integers(low, max(low, high) + 1))

    def any_shape(self, ndim=None):
        if ndim is None:
            ndim = self.one((0, 1, 1, 2, 2, 2, 3, 3, 4))
        sizes = (0, 1, 2, 3, 4, 5) if self.chance(0.12) else (1, 2, 2, 3, 3, 4)
        return tuple(self.one(sizes) for _ in range(ndim))

    def values(self, shape, dtype, domain=None):
        """Return random values: usual ones, ties, special ones; or of a domain."""
        dtype = np.dtype(dtype)
        if domain is not None:
            return np.asarray(domain(shape)).astype(dtype)
        if dtype.kind == "b":
            return np.asarray(self.random.random(shape) < 0.5)
        if dtype.kind in "iu":
            low = 0 if dtype.kind == "u" else -4
            values = self.random.integers(low, 6, shape)
            if self.special:
                limits = np.iinfo(dtype)
                extreme = [limits.min, limits.max, 0, 1]
                return np.where(
                    self.random.random(shape) < 0.2, self.random.choice(extreme, shape), values
                ).astype(dtype)
            return np.asarray(values).astype(dtype)
        style = self.one(("normal", "normal", "ties", "positive"))
        values = np.round(self.random.standard_normal(shape) * self.one((0.5, 1, 3)), 3)
        if style == "ties":
            values = np.round(values)
        elif style == "positive":
            values = np.abs(values) + 0.1
        if self.special:
            special = self.random.choice(SPECIAL, shape)
            values = np.where(self.random.random(shape) < 0.35, special, values)
        return np.asarray(values).astype(dtype)

    def tensor(self, shape=None, dtype=None, domain=None, grad=None):
        """Return a tensor in any of the layouts (now and then a NumPy array)."""
        shape = self.shape if shape is None else tuple(shape)
        dtype = self.dtype if dtype is None else dtype
        values = self.values(shape, dtype, domain)
        layout = "plain" if self.chance(0.6) else self.one(LAYOUTS)
        if not shape and layout != "far":
            layout = "plain"
        if layout == "expanded":
            values = np.broadcast_to(values[:1], values.shape) if shape[0] else values
        grad = values.dtype.kind == "f" and self.grad and (self.chance(0.85) or grad is True)
        return Drawn(values, layout, bool(grad) and grad is not False)

    def integers(self, shape, low, high, dtype="int64"):
        """Return integers of a half-open range, as a tensor."""
        high = max(high, low + 1)
        dtype = dtype if self.chance(0.9) else self.one(("int32", "int64", "int16", "uint8"))
        return Drawn(np.asarray(self.random.integers(low, high, shape)).astype(dtype))

    def like(self, shape=None):
        """Return a shape that broadcasts with another, or seldom does not."""
        shape = self.shape if shape is None else shape
        if self.chance(0.04):
            return self.any_shape()
        if self.chance(0.5):
            return shape
        start = self.integer(0, len(shape))
        return tuple(1 if self.chance(0.3) else n for n in shape[start:])

    def number(self):
        """Return a Python or NumPy number."""
        if self.chance(0.12):
            return self.one(
                [float("nan"), float("inf"), -float("inf"), -0.0, 1e300, 2**31, 2**63, -(2**63)]
            )
        value = self.one([0, 1, 2, 3, 5, -1, -2, -3, True, False, 0.5, 1.5, -2.5, 1.0, 2.0])
        if self.chance(0.15):
            return self.one([np.float32, np.float64, np.int64, np.int32])(value)
        return value

    def operand(self):
        """Return what stands beside a tensor in an elementwise operation."""
        if self.chance(0.3):
            return self.number()
        dtype = self.dtype if self.chance(0.7) else self.one(DTYPES)
        drawn = self.tensor(self.like(), dtype)
        if self.chance(0.06):
            drawn.grad, drawn.array = False, True
        return drawn

    def dim(self, ndim=None):
        """Return an axis, in range more often than not."""
        ndim = len(self.shape) if ndim is None else ndim
        if self.chance(0.04):
            return self.one([ndim, -ndim - 1, ndim + 3, 100])
        limit = max(ndim, 1)
        return self.integer(-limit, limit - 1)

    def dims(self, ndim=None):
        """Return axes: None, one, or several."""
        ndim = len(self.shape) if ndim is None else ndim
        if self.chance(0.25):
            return None
        if self.chance(0.5) or not ndim:
            return self.dim(ndim)
        several = self.random.permutation(ndim)[: self.integer(0, ndim)]
        signed = [int(d) - ndim if self.chance(0.3) else int(d) for d in several]
        if self.chance(0.05):
            signed.append(self.dim(ndim))
        return tuple(signed) if self.chance(0.7) else signed

    def size(self):
        """Return a small shape, seldom with a negative size."""
        shape = self.any_shape(self.integer(0, 3))
        if shape and self.chance(0.04):
            shape = (*shape[:-1], self.one([-1, -3]))
        return shape if self.chance(0.7) else list(shape)

    def flag(self):
        return self.chance(0.5) if self.chance(0.96) else self.one([0, 1, None, "yes"])

    def garbage(self):
        """Return what hardly any function expects."""
        pick = self.integer(0, 15)
        if pick < 10:
            return [
                None,
                "a",
                [1, 2],
                [[1.0, 2.0], [3.0, 4.0]],
                [[1.0], [2.0, 3.0]],
                object,
                {"a": 1},
                1.5,
                -3,
                1 + 2j,
            ][pick]
        if pick == 10:
            return Drawn(np.array([1.0, 2.0]), array=True)
        if pick == 11:
            return np.float64(1.5)
        if pick == 12:
            return [self.tensor(), self.tensor()]
        if pick == 13:
            return np.array(["a", "b"])
        if pick == 14:
            return slice(0, 2)
        return self.tensor(self.any_shape(), self.one(DTYPES))
