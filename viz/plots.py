"""Charts of functions, drawn by matplotlib: they take and return its axes.

What a chart shows is data first: ``profile_of`` computes it, ``plot_activation`` draws it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd
from viz.theme import LIGHT

__all__ = ["Profile", "plot_activation", "profile_of"]

FLAT = 0.02  # of the steepest slope: below, a function is saturated
FAR = np.array([1e3, 1e4])  # where a function shows whether it has a bound


@dataclass(frozen=True)
class Profile:
    """An activation function, its slope, and what follows from them.

    Attributes
    ----------
    name : str
    x, y, slope : ndarray
        Points, values and derivatives.
    low, high : float
        The bounds of the values, infinite where there is none.
    reached : pair of bool
        Whether f takes the value of each bound, and does not only come near.
    mean : float
        Of f(x) over normally distributed x: 0 where f is centred on zero.
    saturated : tuple of pairs
        Intervals of x, reaching to an end, where the slope is below 2 % of the steepest.
    """

    name: str
    x: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]
    slope: np.ndarray[Any, Any]
    low: float
    high: float
    reached: tuple[bool, bool]
    mean: float
    saturated: tuple[tuple[float, float], ...]

    @property
    def zero_centred(self) -> bool:
        """Whether normal inputs have outputs of mean 0."""
        return abs(self.mean) < 1e-6

    @property
    def facts(self) -> tuple[str, str, str]:
        """Return range, centre and saturation in words."""
        low, high = ("∞" if np.isinf(b) else f"{abs(b):.3g}" for b in (self.low, self.high))
        low, high = (f"−{s}" if b < 0 else s for s, b in ((low, self.low), (high, self.high)))
        opened, closed = "(["[self.reached[0]], ")]"[self.reached[1]]
        sides = ["left" if start == -np.inf else "right" for start, end in self.saturated]
        if self.saturated == ((-np.inf, np.inf),):
            flat = "flat everywhere: no gradient passes"
        else:
            flat = "saturates " + (" and ".join(sides) if sides else "nowhere")
        return (
            f"range {opened}{low}, {high}{closed}",
            "zero-centred: yes" if self.zero_centred else f"zero-centred: no, mean {self.mean:.2f}",
            flat,
        )


def profile_of(
    activation: str | Callable[..., Any], limits: tuple[float, float] = (-6.0, 6.0)
) -> Profile:
    """Compute what a chart of an activation function shows.

    Parameters
    ----------
    activation : str or callable
        A name of ``nn.functional``, such as ``"relu"``, a layer, or any function of a tensor.
    limits : pair of float
        Where the chart begins and ends.

    Raises
    ------
    ValueError
        If there is no function of that name, or the limits are not in order.

    Examples
    --------
    >>> profile = profile_of("tanh")
    >>> profile.low, profile.high, profile.zero_centred, float(profile.slope.max())
    (-1.0, 1.0, True, 1.0)
    """
    name, function = _function(activation)
    left, right = limits
    if not left < right:
        raise ValueError(f"plot_activation: limits must be in order, got {limits}")
    x = np.linspace(left, right, 1201)
    y, slope = _evaluated(function, x)
    wide, steep = _evaluated(function, np.linspace(-50, 50, 20001))
    far, _ = _evaluated(function, np.concatenate([-FAR, FAR]))
    every = np.concatenate([wide, far])
    grows = np.abs(np.diff(far.reshape(2, 2), axis=1))[:, 0] > 1
    low = -np.inf if (far[grows.repeat(2)] < 0).any() else float(every.min())
    high = np.inf if (far[grows.repeat(2)] > 0).any() else float(every.max())
    near, _ = _evaluated(function, np.linspace(-8, 8, 3201))  # beyond, rounding reaches bounds
    reached = bool(near.min() <= low + 1e-9 * abs(low)), bool(near.max() >= high - 1e-9 * abs(high))
    flat = _saturated(x, slope, float(np.abs(steep).max()))
    return Profile(name, x, y, slope, low, high, reached, _mean(function), flat)


def _function(activation: str | Callable[..., Any]) -> tuple[str, Callable[..., Any]]:
    if callable(activation):
        return getattr(activation, "__name__", None) or repr(activation), activation
    from nn import functional

    if activation not in functional.__all__:
        raise ValueError(f"plot_activation: nn.functional has no function {activation!r}")
    return activation, getattr(functional, activation)


def _evaluated(function: Callable[..., Any], x: Any) -> tuple[Any, Any]:
    leaf = autograd.tensor(x, requires_grad=True)
    with np.errstate(all="ignore"):
        y = function(leaf)
        if not y.requires_grad:
            return y.numpy(), np.zeros_like(x)
        (slope,) = autograd.grad(y, leaf, autograd.ones_like(y))
    return y.numpy(force=True), slope.numpy()


def _mean(function: Callable[..., Any]) -> float:
    """Return the mean of f(x) for normal x, by quadrature in pieces, on each side of 0."""
    points, weights = np.polynomial.legendre.leggauss(12)
    x = (np.arange(-12, 12, 0.5)[:, None] + 0.25 * (points + 1)).reshape(-1)
    density = np.tile(0.25 * weights, 48) * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    y, _ = _evaluated(function, x)
    return float(density @ y)


def _saturated(x: Any, slope: Any, steepest: float) -> tuple[tuple[float, float], ...]:
    """Return the intervals that reach to an end of x where the slope is nearly 0."""
    flat = np.abs(slope) <= FLAT * steepest
    if flat.all():
        return ((-np.inf, np.inf),)
    found = []
    if flat[0]:
        found.append((-np.inf, float(x[int(np.argmin(flat)) - 1])))
    if flat[-1]:
        found.append((float(x[len(x) - int(np.argmin(flat[::-1]))]), np.inf))
    return tuple(found)


def plot_activation(
    activation: str | Callable[..., Any],
    ax: Any = None,
    *,
    limits: tuple[float, float] = (-6.0, 6.0),
) -> Any:
    """Draw an activation function f and its slope f', with its range, centre and saturation.

    Where f is flat (its slope is below 2 % of the steepest) the ground is shaded: there hardly any
    gradient passes.

    Parameters
    ----------
    activation : str or callable
        A name of ``nn.functional``, such as ``"relu"``, a layer, or any function of a tensor.
    ax : matplotlib Axes, optional
        To draw into; else a new figure.
    limits : pair of float
        Where the chart begins and ends.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no function of that name, or the limits are not in order.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> import viz
    >>> ax = viz.plot_activation("sigmoid")  # doctest: +SKIP
    """
    profile = profile_of(activation, limits)
    if ax is None:
        try:
            from matplotlib import pyplot
        except ImportError:
            raise ImportError(
                "plot_activation: charts are drawn by matplotlib; pip install matplotlib"
            ) from None
        _, ax = pyplot.subplots(figsize=(5, 3.2), layout="constrained")
    left, right = limits
    for start, end in profile.saturated:
        ax.axvspan(max(start, left), min(end, right), color=LIGHT["rule"], zorder=0, lw=0)
    ax.axhline(0, color=LIGHT["border"], lw=0.8, zorder=1)
    ax.axvline(0, color=LIGHT["border"], lw=0.8, zorder=1)
    ax.plot(profile.x, profile.slope, color=LIGHT["grad"], lw=1.6, ls="--", label="slope f′(x)")
    ax.plot(profile.x, profile.y, color=LIGHT["value"], lw=2.2, label="f(x)")
    ax.set_xlim(left, right)
    ax.set_xlabel("x")
    ax.set_title(profile.name, loc="left", fontweight="bold", color=LIGHT["ink"])
    ax.text(
        0, -0.2, " · ".join(profile.facts), transform=ax.transAxes, va="top", fontsize=8,
        color=LIGHT["ink2"],
    )  # fmt: skip
    ax.legend(frameon=False, fontsize=8, loc="best")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
