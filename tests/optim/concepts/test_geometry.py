"""Group GE: what the surface of a loss does to a step, by the numbers of the course."""

import numpy as np
import pytest

import autograd
import nn.functional as F
import optim
from autograd.functional import hessian


def tensor(value):
    return autograd.tensor(value, dtype=np.float64, requires_grad=True)


def descend(f, start, steps, **options):
    """Return all points of gradient descent on f from start, the start included."""
    w = tensor(start)
    optimizer, points = optim.SGD([w], **options), [np.array(start, float)]
    for _ in range(steps):
        optimizer.zero_grad()
        f(w).backward()
        optimizer.step()
        points.append(np.array(w.detach().numpy()))
    return np.array(points)


def wells(x):
    return x**4 - 2 * x**2 + 0.3 * x


GLOBAL, TOP, LOCAL = -1.03557871, 0.07542916, 0.96014956


@pytest.mark.parametrize(
    ("place", "value", "curvature"),
    [(GLOBAL, -1.30542848, 8.869), (TOP, 0.011282, -3.932), (LOCAL, -0.70585352, 7.063)],
)
def test_GE_01_critical_points(place, value, curvature):
    x = tensor(place)
    wells(x).backward()
    assert x.grad.item() == pytest.approx(0, abs=1e-7)
    assert wells(x).item() == pytest.approx(value, abs=1e-6)
    assert hessian(wells, x).item() == pytest.approx(curvature, abs=1e-3)


def test_GE_01_a_local_minimum_holds_gradient_descent():
    assert descend(wells, 1.5, 2000, lr=0.01)[-1] == pytest.approx(LOCAL, abs=1e-8)
    assert descend(wells, 1.5, 2000, lr=0.01, momentum=0.95)[-1] == pytest.approx(GLOBAL, abs=1e-8)


@pytest.mark.parametrize(("momentum", "end"), [(0.8, GLOBAL), (0.9, GLOBAL), (0.95, LOCAL)])
def test_GE_02_momentum_is_not_a_guarantee(momentum, end):
    path = descend(wells, 2.0, 2000, lr=0.01, momentum=momentum)
    assert path[-1] == pytest.approx(end, abs=1e-8)
    assert path.min() < TOP  # each of them has been on the better side


def test_GE_03_a_plateau_of_the_squared_error_is_a_slope_of_the_cross_entropy():
    w, one = tensor(-10.0), autograd.tensor(1.0, dtype=np.float64)
    loss = (w.sigmoid() - 1) ** 2 / 2
    loss.backward()
    assert loss.item() == pytest.approx(0.49995460, abs=1e-8)
    assert w.grad.item() == pytest.approx(-4.53937e-5, abs=1e-10)
    w.grad = None
    loss = F.binary_cross_entropy_with_logits(w, one)
    loss.backward()
    assert loss.item() == pytest.approx(10.0000454, abs=1e-7)
    assert w.grad.item() == pytest.approx(-0.99995460, abs=1e-8)


def saddle(w):
    return w[0] ** 2 - w[1] ** 2


def test_GE_04_a_saddle_draws_in_along_one_axis_and_lets_go_along_the_other():
    assert hessian(saddle, tensor([0.0, 0.0])).tolist() == [[2, 0], [0, -2]]
    np.testing.assert_allclose(descend(saddle, [1.0, 0.0], 200, lr=0.1)[-1], [0, 0], atol=1e-12)
    path = descend(saddle, [1.0, 1e-6], 76, lr=0.1)
    np.testing.assert_allclose(path[:, 1], 1e-6 * 1.2 ** np.arange(77), rtol=1e-9)
    assert np.argmax(np.abs(path[:, 1]) >= 1) == 76


def test_GE_05_a_direction_of_negative_curvature_leads_out_of_a_saddle():
    def loss(w):
        return (1 - w[0] * w[1]) ** 2

    w = tensor([0.0, 0.0])
    loss(w).backward()
    assert w.grad.tolist() == [0, 0]  # nothing to descend along
    matrix = hessian(loss, w).numpy()
    assert matrix.tolist() == [[0, -2], [-2, 0]]
    values, vectors = np.linalg.eigh(matrix)
    assert values.tolist() == [-2, 2]
    direction = vectors[:, 0] / np.sign(vectors[0, 0])
    np.testing.assert_allclose(direction, np.ones(2) / np.sqrt(2))
    assert loss(tensor(0.1 * direction)).item() < loss(w).item() == 1


def bowl(w):
    return (w[0] ** 2 + 100 * w[1] ** 2) / 2


@pytest.mark.parametrize(
    ("lr", "x", "y"),
    [
        (0.0199, 0.13398, 0.36603),
        (0.02, 0.13262, 1),
        (0.0201, 0.13127, 2.70481),
        (2 / 101, 0.13533, 0.13533),
    ],
)
def test_GE_06_ill_conditioning_bounds_the_rate_by_the_steepest_direction(lr, x, y):
    values = np.linalg.svd(hessian(bowl, tensor([1.0, 1.0])).numpy(), compute_uv=False)
    assert values[0] / values[-1] == 100
    path = descend(bowl, [1.0, 1.0], 100, lr=lr)
    np.testing.assert_allclose(np.abs(path[-1]), [x, y], atol=1e-5)
    if lr == 2 / 101:  # the best rate shrinks both by (100 - 1) / (100 + 1) a step
        np.testing.assert_allclose(np.abs(path[1:] / path[:-1]), 0.98019802, atol=1e-8)


def test_GE_07_steep_directions_jitter_and_shallow_ones_crawl():
    path = descend(bowl, [1.0, 1.0], 10, lr=0.018)
    np.testing.assert_allclose(path[1:4, 1], [-0.8, 0.64, -0.512], rtol=1e-12)
    assert path[-1, 0] == pytest.approx(0.83390, abs=1e-5)
    heavy = descend(bowl, [1.0, 1.0], 100, lr=0.03305785, momentum=0.66942149)[-1]
    plain = descend(bowl, [1.0, 1.0], 100, lr=2 / 101)[-1]
    assert np.linalg.norm(heavy) == pytest.approx(3.54e-7, rel=5e-3)
    assert np.linalg.norm(plain) == pytest.approx(0.19138, abs=1e-5)
