"""The line search: the points that it accepts, and how it gets to them."""

from math import cos, inf, sin

import numpy as np
import pytest

import autograd
import optim
from optim.line_search import CURVATURE, SUFFICIENT, Point, strong_wolfe


def search(f, slope, step=1.0, rounds=25, tolerance=1e-9):
    """Search along the line from 0; returns the point, how many were seen, and which."""
    seen = []

    def at(t):
        seen.append(t)
        return Point(t, f(t), None, slope(t))

    start = Point(0, f(0), None, slope(0))
    found, calls = strong_wolfe(at, start, step, longest=1.0, tolerance=tolerance, rounds=rounds)
    assert calls == len(seen) and found.step in (0, *seen)
    return found, seen


LINES = {
    "parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "far": (lambda t: (t - 500) ** 2, lambda t: 2 * (t - 500)),
    "steep": (lambda t: (1000 * t - 1) ** 2, lambda t: 2000 * (1000 * t - 1)),
    "waves": (lambda t: sin(5 * t) - t / 2, lambda t: 5 * cos(5 * t) - 0.5),
    "quartic": (lambda t: (t - 1) ** 4 - t, lambda t: 4 * (t - 1) ** 3 - 1),
}


@pytest.mark.parametrize("step", [1e-3, 0.3, 1.0, 7.0, 1000.0])
@pytest.mark.parametrize("name", ["parabola", "far", "steep", "quartic"])
def test_the_strong_wolfe_conditions_hold(name, step):
    f, slope = LINES[name]
    found, _ = search(f, slope, step)
    assert found.loss <= f(0) + SUFFICIENT * found.step * slope(0)
    assert abs(found.slope) <= CURVATURE * abs(slope(0))


@pytest.mark.parametrize("seed", range(40))
def test_a_rugged_line_is_never_climbed(seed):
    rng = np.random.default_rng(seed)
    height, speed, phase = rng.random((3, 4)) * [[1], [30], [6]]
    height *= np.sign(np.sum(height * speed * np.cos(phase))) * -1  # downhill at 0

    def f(t):
        return float(np.sum(height * np.sin(speed * t + phase)))

    def slope(t):
        return float(np.sum(height * speed * np.cos(speed * t + phase)))

    found, seen = search(f, slope, step=float(10 ** rng.uniform(-3, 1)))
    assert found.loss <= f(0) and len(seen) <= 26


def test_a_good_first_step_is_taken_at_once():
    assert search(*LINES["parabola"], step=3.0)[1] == [3.0]


def test_steps_grow_until_they_bracket():
    _, seen = search(*LINES["far"], step=0.01)
    assert seen == sorted(seen) and all(b <= 10 * a for a, b in zip(seen, seen[1:], strict=False))


def test_among_waves_the_best_point_is_kept():
    f, slope = (lambda t: -sin(5 * t) - t / 2), (lambda t: -5 * cos(5 * t) - 0.5)
    found, seen = search(f, slope, step=4.0)
    assert found.loss == min(map(f, seen)) < f(0)


@pytest.mark.parametrize("rounds", [0, 1, 2])
def test_no_more_rounds_than_allowed(rounds):
    found, seen = search(*LINES["steep"], step=1000.0, rounds=rounds)
    assert len(seen) <= rounds + 1 and found.loss <= 1


def test_a_wall_of_infinity_is_backed_away_from():
    found, _ = search(lambda t: t * t - t if t < 0.9 else inf, lambda t: 2 * t - 1, step=4.0)
    assert found.loss < 0


def test_slopes_too_steep_to_square_in_single_precision_are_halved():
    f, slope = (lambda t: 1e27 * (t * t - t)), (lambda t: np.float32(1e27 * (2 * t - 1)))
    assert search(f, slope, step=4.0)[1][1] == pytest.approx(2)


def test_a_narrow_bracket_ends_the_search():
    f, slope = (lambda t: abs(t - 0.3)), (lambda t: 1.0 if t > 0.3 else -1.0)
    _, seen = search(f, slope, tolerance=0.5)
    assert len(seen) == 3 and len(search(f, slope)[1]) > 3


def test_a_straight_line_is_followed_as_far_as_allowed():
    """Its cubic has no lowest point, and falls on: each step is ten times the last."""
    _, seen = search(lambda t: -2 * t, lambda t: -2.0, step=0.1, rounds=3)
    assert seen == pytest.approx([0.1, 1, 10, 100])


@pytest.mark.parametrize("loss", ["line", "corner", "quartic"])
def test_lbfgs_evaluates_the_points_that_pytorch_does(torch, loss):
    def points(library, rules):
        w = library.tensor(np.array([3.0, -2.0, 0.5])).requires_grad_()
        optimizer = rules.LBFGS([w], line_search_fn="strong_wolfe", max_iter=3)
        seen = []

        def closure():
            seen.append(w.tolist())
            optimizer.zero_grad()
            value = {"line": lambda: w, "corner": w.abs, "quartic": lambda: w**4}[loss]().sum()
            value.backward()
            return value

        for _ in range(3):
            optimizer.step(closure)
        return seen

    np.testing.assert_allclose(points(autograd, optim), points(torch, torch.optim), rtol=1e-12)
