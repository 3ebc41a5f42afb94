"""The comparison: what the engine sends back against what values say.

Every output is weighted with fixed random numbers, so that one backward pass gives the gradient
that is compared, element by element or along random directions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.backprop import grad
from autograd.functional import jvp
from autograd.gradient_checking.complex_step import find_not_analytic
from autograd.gradient_checking.differences import as_array, difference, evaluate, sequence
from autograd.gradient_checking.kinks import POINTS, find_kink
from autograd.gradient_checking.report import GradcheckReport, Kink
from autograd.record import handle, is_tensor

Array = np.ndarray[Any, Any]

DIRECTIONS = 10  # of the fast mode
STEP_OF_KINKS = 1e-6  # a complex step is too short to meet one


class Check:
    """One check of one function.

    Attributes
    ----------
    report : GradcheckReport
        What was seen so far.
    """

    def __init__(
        self,
        func: Callable[..., Any],
        inputs: list[Any],
        h: float,
        atol: float,
        rtol: float,
        scheme: str,
        seed: int,
    ) -> None:
        self.func, self.inputs, self.h, self.scheme = func, inputs, h, scheme
        self.atol, self.rtol = atol, rtol
        self.asked = [i for i, t in enumerate(inputs) if is_tensor(t) and t.requires_grad]
        self.arrays: list[Any] = [as_array(t) if is_tensor(t) else t for t in inputs]
        _refuse_inputs(inputs, self.asked, h)
        self.report = GradcheckReport()
        self.random = np.random.default_rng(seed)
        self._base: Any = None  # the value that forward differences begin from
        self.outputs = sequence(func(*inputs))
        self.weights: list[Any] = []  # None for outputs that have no derivative
        for output in self.outputs:
            array = as_array(output)
            if array.dtype.kind not in "biufc":
                raise TypeError(
                    "gradcheck: expected the function to return a Tensor or a sequence of Tensors, "
                    f"got {type(output).__name__}"
                )
            weight = np.asarray(self.random.standard_normal(array.shape))
            self.weights.append(weight if array.dtype.kind == "f" else None)
        self.gradients = self.slopes(self.outputs, inputs)

    # ------------------------------------------------------------ the two derivatives

    def slopes(self, outputs: Sequence[Any], inputs: Sequence[Any]) -> dict[int, Array]:
        """Return the engine's gradients of the weighted outputs."""
        shapes = [None if w is None else w.shape for w in self.weights]
        if any(s is not None and np.shape(o) != s for o, s in zip(outputs, shapes, strict=True)):
            return {i: np.full(self.arrays[i].shape, np.nan) for i in self.asked}  # it branched
        live = [
            (output, weight)
            for output, weight in zip(outputs, self.weights, strict=True)
            if weight is not None and is_tensor(output) and output.requires_grad
        ]
        found: Sequence[Any] = [None] * len(self.asked)
        if live:
            roots, seeds = zip(*live, strict=True)
            wanted = [inputs[i] for i in self.asked]
            found = grad(roots, wanted, list(seeds), retain_graph=True, allow_unused=True)
        return {
            i: np.zeros(self.arrays[i].shape) if g is None else np.asarray(g.payload)
            for i, g in zip(self.asked, found, strict=True)
        }

    def numeric(
        self, i: int, direction: Array, at: Array | None = None, h: float | None = None
    ) -> float:
        """Return the derivative along a direction of input i: counted at the inputs, else free."""
        counted = at is None
        scheme = self.scheme if counted else "centred"
        if counted and scheme == "forward" and self._base is None:
            self.report.evaluations += 1
            self._base = self._value(self.arrays)

        def value(displacement: Any) -> Any:
            self.report.evaluations += counted
            moved = list(self.arrays)
            moved[i] = np.asarray((self.arrays[i] if at is None else at) + displacement)
            return self._value(moved)

        return float(difference(value, direction, h or self.h, scheme, self._base))

    def _value(self, arrays: Sequence[Any]) -> Any:
        """Return the weighted sum of the outputs, nan if they have other shapes."""
        total: Any = 0.0
        outputs = evaluate("gradcheck", self.func, arrays)
        for output, weight in zip(outputs, self.weights, strict=True):
            if weight is not None:
                total += np.sum(output * weight) if output.shape == weight.shape else np.nan
        return total

    def recorded(self, i: int, displacement: Array) -> tuple[list[Any], list[Any]]:
        """Return leaves at a point beside the inputs, and what the function makes of them."""
        moved = list(self.arrays)
        moved[i] = np.asarray(moved[i] + displacement)
        leaves = [
            handle(np.array(array)[()], None) if is_tensor(given) else given
            for array, given in zip(moved, self.inputs, strict=True)
        ]
        for k in self.asked:
            leaves[k].requires_grad_()
        return leaves, sequence(self.func(*leaves))

    # ------------------------------------------------------------ comparing

    def by_element(self, i: int) -> None:
        """Compare the gradient of input i with differences, one element at a time."""
        analytic = self.gradients[i]
        numeric = np.zeros(analytic.shape)
        for place in np.ndindex(numeric.shape):
            numeric[place] = self.numeric(i, _unit(numeric.shape, place))
        self._note(i, analytic, numeric, self.atol + self.rtol * np.abs(numeric))

    def along_directions(self, i: int) -> None:
        """Compare the slope of input i along random directions of signs."""
        gradient = self.gradients[i]
        directions = self.random.choice([-1.0, 1.0], (DIRECTIONS, *gradient.shape))
        numeric = np.array([self.numeric(i, direction) for direction in directions])
        analytic = np.array([np.sum(gradient * direction) for direction in directions])
        norm = float(np.sqrt(np.sum(gradient**2)))
        allowed = np.full(DIRECTIONS, self.atol + self.rtol * norm)
        self._note(i, analytic, numeric, allowed, directions)

    def _note(
        self,
        i: int,
        analytic: Array,
        numeric: Array,
        allowed: Array,
        directions: Array | None = None,
    ) -> None:
        report = self.report
        report.analytic[i], report.numeric[i] = analytic, numeric
        wrong = ~(np.abs(analytic - numeric) <= allowed)
        for place in map(tuple, np.argwhere(wrong).tolist()):
            direction = _unit(analytic.shape, place) if directions is None else directions[place]
            reason = self.kink(i, direction)
            if reason is None:
                self._fail(i, place, direction, wrong, directions is not None)
                break
            kink_place = place if directions is None else None
            values = float(analytic[place]), float(numeric[place])
            report.kinks.append(Kink(i, kink_place, reason, *values))
            wrong[place] = False
            allowed = np.where(_unit(allowed.shape, place) == 1, np.nan, allowed)
        smooth = ~np.isnan(allowed)
        error = np.abs(analytic - numeric)
        size = np.maximum(np.maximum(np.abs(analytic), np.abs(numeric)), 1e-8)
        report.max_absolute_error = max(
            report.max_absolute_error, float(np.max(error, initial=0, where=smooth))
        )
        report.max_relative_error = max(
            report.max_relative_error, float(np.max(error / size, initial=0, where=smooth))
        )

    def _fail(
        self, i: int, place: tuple[int, ...], direction: Array, wrong: Array, projected: bool
    ) -> None:
        if self.scheme == "complex":
            name = find_not_analytic(self.outputs)
            if name is not None:
                raise ValueError(
                    f"gradcheck: {name} is not analytic, so a complex step gives no derivative of "
                    "it; use the scheme 'centred'"
                )
        a, n = self.report.analytic[i][place], self.report.numeric[i][place]
        kind = {"complex": "complex steps", "forward": "forward differences"}.get(
            self.scheme, "centred differences"
        )
        where, size = f"at {place}", f"{int(wrong.sum())} of {wrong.size} elements differ"
        if projected:
            where, size = f"along random direction {place[0]}", self._located(i, direction)
        self.report.passed = False
        self.report.failure = (
            f"gradcheck: the gradient of input {i} differs {where}: the engine says {a:.9g}, "
            f"{kind} say {n:.9g} (h = {self.h:g}; {size})"
        )

    def _located(self, i: int, direction: Array) -> str:
        """Halve a direction until one wrong element is left, and say which."""
        flat, gradient = direction.reshape(-1), self.gradients[i].reshape(-1)
        low, high = 0, flat.size

        def off(start: int, stop: int) -> tuple[float, float]:
            part = np.zeros(flat.size)
            part[start:stop] = flat[start:stop]
            numeric = self.numeric(i, part.reshape(direction.shape), at=self.arrays[i])
            return float(np.sum(part * gradient)), numeric

        while high - low > 1:
            middle = (low + high) // 2
            left, right = off(low, middle), off(middle, high)
            if abs(left[0] - left[1]) >= abs(right[0] - right[1]):
                high = middle
            else:
                low = middle
        a, n = off(low, high)
        place = tuple(int(k) for k in np.unravel_index(low, direction.shape))
        sign = float(flat[low])
        return f"the element at {place}: {a * sign:.9g} and {n * sign:.9g}"

    # ------------------------------------------------------------ kinks

    def kink(self, i: int, direction: Array) -> str | None:
        """Return why the difference along a direction says nothing, None if it says something.

        An op decides otherwise within the step, and a hundred times closer the gradient is right:
        here, or if that is within a kink still, on both sides of it.
        """
        h = STEP_OF_KINKS if self.scheme == "complex" else self.h
        reason = self._decides_otherwise(i, direction, 0.0, h)
        if reason is None:
            return None
        near = h / 100
        exactly = self._decides_otherwise(i, direction, 0.0, near)
        places = (-3 * near, 3 * near) if exactly else (0.0,)
        found = [self._right_at(i, direction, at, near) for at in places]
        return reason if any(found) and False not in found else None

    def _decides_otherwise(self, i: int, direction: Array, shift: float, h: float) -> str | None:
        points = [self.recorded(i, (shift + p * h) * direction) for p in POINTS]
        return find_kink([outputs for _, outputs in points])

    def _right_at(self, i: int, direction: Array, shift: float, h: float) -> bool | None:
        """Tell whether the gradient is right close by; None if there are no numbers to say so."""
        with np.errstate(all="ignore"):
            numeric = self.numeric(i, direction, self.arrays[i] + shift * direction, h)
            leaves, outputs = self.recorded(i, shift * direction)
            slope = float(np.sum(self.slopes(outputs, leaves)[i] * direction))
        if abs(slope - numeric) <= self.atol + self.rtol * abs(numeric):
            return True
        if not np.isfinite(numeric):
            return None
        return bool(self._decides_otherwise(i, direction, shift, h))

    # ------------------------------------------------------------ refusals, forward mode

    def refuse_random(self, tolerance: float) -> None:
        """Refuse a function whose outputs differ from call to call."""
        again = sequence(self.func(*self.inputs))
        for k, (output, other) in enumerate(zip(self.outputs, again, strict=True)):
            a, b = as_array(output), as_array(other)
            if a.shape != b.shape or not np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True):
                raise RuntimeError(
                    f"gradcheck: output {k} differs when the function is called again with the "
                    "same inputs, so differences say nothing; draw its random numbers once, "
                    "outside, or pass nondet_tol"
                )

    def compare_modes(self) -> None:
        """Compare a forward sweep along a random direction with the gradients."""
        places = self.asked
        primals = tuple(handle(self.arrays[i], None) for i in places)
        tangents = tuple(self.random.standard_normal(p.shape) for p in primals)

        def func(*moved: Any) -> tuple[Any, ...]:
            given = list(self.inputs)
            for i, value in zip(places, moved, strict=True):
                given[i] = value
            outputs = sequence(self.func(*given))
            return tuple(o for o, w in zip(outputs, self.weights, strict=True) if w is not None)

        _, pushed = jvp(func, primals, tangents)
        weights = [weight for weight in self.weights if weight is not None]
        pairs = list(zip(weights, pushed, strict=True))
        forward = sum(float(np.sum(w * as_array(t))) for w, t in pairs)
        reverse = sum(
            float(np.sum(self.gradients[i] * t)) for i, t in zip(places, tangents, strict=True)
        )
        scale = sum(float(np.sum(np.abs(w * as_array(t)))) for w, t in pairs)
        if not abs(forward - reverse) <= 1e-9 * max(scale, 1.0):
            self.report.passed = False
            self.report.failure = (
                f"gradcheck: forward mode differs from reverse mode along a random direction: "
                f"{forward:.9g} and {reverse:.9g}"
            )


def _unit(shape: tuple[int, ...], place: tuple[int, ...]) -> Array:
    unit = np.zeros(shape)
    unit[place] = 1
    return unit


def _refuse_inputs(inputs: list[Any], asked: list[int], h: float) -> None:
    if not asked:
        raise ValueError("gradcheck: no input requires grad, so there is nothing to check")
    for i in asked:
        dtype = inputs[i].dtype
        if dtype != np.float64:
            rounding = float(np.finfo(dtype).eps)
            raise ValueError(
                f"gradcheck: input {i} is {dtype}; differences need float64 ({dtype} rounds to "
                f"{rounding:.0e} of a value, which a step of {h:g} turns into an error of about "
                f"{rounding / h:.0e}; pass x.double())"
            )
        payload = inputs[i].payload
        steps = zip(payload.strides, payload.shape, strict=True)
        if payload.size and any(step == 0 and n > 1 for step, n in steps):
            raise RuntimeError(
                f"gradcheck: input {i} overlaps itself in memory (strides {payload.strides} of an "
                "expanded tensor), so its elements do not move one by one; pass a clone()"
            )
    for i, j in _pairs(asked):
        if np.may_share_memory(inputs[i].payload, inputs[j].payload) and np.shares_memory(
            inputs[i].payload, inputs[j].payload
        ):
            raise RuntimeError(
                f"gradcheck: inputs {i} and {j} overlap in memory, so one does not move without "
                "the other; pass clones"
            )


def _pairs(places: list[int]) -> Iterator[tuple[int, int]]:
    return ((i, j) for k, i in enumerate(places) for j in places[k + 1 :])
