"""NumPy's differences, slopes and integrals along an axis, and interpolation between points."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number, all_axes, an_integer, one_axis
from autograd.ops import differences, joining
from autograd.ops import shape as shapes
from autograd.ops.axes import expand_to
from autograd.ops.differences import pieces
from autograd.ops.indexing import getitem
from autograd.ops.matrices import given
from autograd.ops.passing import cast
from autograd.ops.positions import payload
from autograd.ops.reduction import sum
from autograd.ops.selection import choose
from autograd.protocols.dispatch import means


@means(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    a = given("np.diff", a)
    if n == 0:
        return a
    at = one_axis(axis, np.ndim(a), "np.diff")
    ends = [end if end is None else _slice("np.diff", end, a, at) for end in (prepend, append)]
    if an_integer(n, "n", "np.diff") < 0:
        raise ValueError(f"np.diff: expected n of 0 or more, got {n}")
    if not np.ndim(a):
        raise ValueError("np.diff: expected at least one dimension, got a 0-d tensor")
    return differences.diff(a, n, at, *ends)


def _slice(name: str, end: Any, a: Any, axis: int) -> Any:
    """Return what is put beside a: a number stands for a whole slice of it."""
    end = given(name, end)
    return end if end.ndim else expand_to(end, shape=(*a.shape[:axis], 1, *a.shape[axis + 1 :]))


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = _real(given("np.trapezoid", y))
    at = one_axis(axis, y.ndim, "np.trapezoid")
    if x is not None:
        x = given("np.trapezoid", x)
        x = x if x.dtype.kind in "if" else cast(x, dtype=y.dtype)  # 2 to 1 is no way of 255
        along = 0 if x.ndim == 1 else one_axis(axis, x.ndim, "np.trapezoid")
        dx = differences.differences(x, along)
        if x.ndim == 1:
            dx = shapes.reshape(dx, (*[1] * at, -1, *[1] * (y.ndim - at - 1)))
    later, earlier = differences.neighbours(y, at)
    return sum(dx * (later + earlier) / 2.0, axis)


if hasattr(np, "trapezoid"):  # from NumPy 2.0 on
    means(np.trapezoid)(_trapezoid)


@means(np.gradient)
def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Slopes along each axis: central differences within, one-sided ones at the edges."""
    f = _real(given("np.gradient", f))
    axes = all_axes(axis, f.ndim, "np.gradient")
    if edge_order > 2:
        raise ValueError(f"np.gradient: expected edge_order 1 or 2, got {edge_order}")
    spacings = varargs or (1.0,)
    if len(spacings) == 1 and not np.ndim(spacings[0]):
        spacings = spacings * len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"np.gradient: got {len(varargs)} spacings for {len(axes)} axes")
    slopes = [
        _slope(f, at, spacing, edge_order) for at, spacing in zip(axes, spacings, strict=True)
    ]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _real(x: Any) -> Any:
    return x if x.dtype.kind == "f" else _double(x)


def _double(x: Any) -> Any:
    return cast(x, dtype=np.dtype(np.float64))


def _slope(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    length = f.shape[axis]
    if length < edge_order + 1:
        raise ValueError(
            f"np.gradient: axis {axis} of shape {f.shape} is too short for edge_order {edge_order}"
        )
    steps = _steps(f, axis, spacing)
    before, after = pieces(steps, axis, slice(-1), slice(1, None))
    left, middle, right = pieces(f, axis, slice(-2), slice(1, -1), slice(2, None))
    both = before + after
    inner = (right - left) / both
    if np.ndim(spacing):
        inner = (
            (after - before) / (before * after) * middle
            + before / (after * both) * right
            - after / (before * both) * left
        )
    slopes = differences.differences(f, axis) / steps  # between neighbours
    first, last = pieces(slopes, axis, slice(1), slice(-1, None))
    if edge_order != 1:  # a parabola through three points: the slopes on, by half a step
        second, one_before = pieces(slopes, axis, slice(1, 2), slice(-2, -1))
        near, end = pieces(steps, axis, slice(1), slice(-1, None))
        first = first - near / pieces(both, axis, slice(1))[0] * (second - first)
        last = last + end / pieces(both, axis, slice(-1, None))[0] * (last - one_before)
    slopes = joining.cat([first, inner, last], axis)
    return slopes if slopes.dtype == f.dtype else cast(slopes, dtype=f.dtype)


def _steps(f: Any, axis: int, spacing: Any) -> Any:
    """Return the distances between neighbours along an axis, in the shape that fits f."""
    spacing = _real(given("np.gradient", spacing))
    along = (*[1] * axis, f.shape[axis] - 1, *[1] * (f.ndim - axis - 1))
    if not spacing.ndim:
        return expand_to(spacing, shape=along)
    if spacing.shape != (f.shape[axis],):
        raise ValueError(
            f"np.gradient: expected a number or {f.shape[axis]} places for axis {axis}, got shape "
            f"{spacing.shape}"
        )
    return shapes.reshape(differences.differences(spacing, 0), along)


@means(np.interp)
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """Follow straight lines between points: z = fp[i] + (fp[i+1] - fp[i]) t, 0 <= t < 1."""
    x, xp, fp = (_double(given("np.interp", each)) for each in (x, xp, fp))
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.shape[0]:
        raise ValueError(
            f"np.interp: expected vectors of one length as points, got shapes {xp.shape} and "
            f"{fp.shape}"
        )
    low, high = (
        getitem(fp, end) if value is None else a_number(value, name, "np.interp")
        for name, value, end in (("left", left, 0), ("right", right, -1))
    )
    places, at = payload(xp), payload(x)
    if len(places) == 1:
        z = expand_to(getitem(fp, 0), shape=x.shape)
    else:
        i = np.clip(np.searchsorted(places, at, "right") - 1, 0, len(places) - 2)
        start, value = getitem(xp, i), getitem(fp, i)
        rise = (getitem(fp, i + 1) - value) / (getitem(xp, i + 1) - start)
        z = value + rise * (x - start)
    z = choose(at < places[0], low, z)
    return choose(at > places[-1], high, z)
