"""Exam problem 3.3, a 1-D ConvNet: its seven cases, ties, and four ways to write its maximum.

L = (y - yhat)^2 / 2, yhat = w1 v1 + w2 v2 + a, v1 = max(z1, z2, 0), v2 = max(z2, z3, 0),
z_i = k1 x_i + k2 x_{i+1} + k3 x_{i+2} + b.
"""

from dataclasses import dataclass

import numpy as np
import pytest

import autograd

POLICIES = ("torch", "even", "first", "none")
X, W, A = [1.0, 2.0, -1.0, 0.0, 3.0], [2.0, 1.0], 1.0


@dataclass
class Expected:
    k: list
    b: float
    y: float
    z: list
    v: list
    outcome: tuple  # yhat, L, e
    dw: list
    d: list
    dz: list
    dk: list
    db: float
    dx: list


CASES = {
    "A": Expected([1, -2, -2], 0, 8, [-1, 4, -7], [4, 4], (13, 12.5, 5), [20, 20], [10, 5],
                  [0, 15, 0], [30, -15, 0], 15, [0, 15, -30, -30, 0]),
    "B": Expected([-2, 1, -2], 0, 3, [2, -5, -4], [2, 0], (5, 2, 2), [4, 0], [4, 2],
                  [4, 0, 0], [4, 8, -4], 4, [-8, 4, -8, 0, 0]),
    "C": Expected([-2, 2, 1], 0, 5, [1, -6, 5], [1, 5], (8, 4.5, 3), [3, 15], [6, 3],
                  [6, 0, 3], [3, 12, 3], 9, [-12, 12, 0, 6, 3]),
    "D": Expected([1, 1, -2], 0, 10, [5, 1, -7], [5, 1], (12, 2, 2), [10, 2], [4, 2],
                  [4, 2, 0], [8, 6, -4], 6, [4, 6, -6, -4, 0]),
    "E": Expected([1, -2, 2], 0, 16, [-5, 4, 5], [4, 5], (14, 2, -2), [-8, -10], [-4, -2],
                  [0, -4, -2], [-6, 4, -6], -6, [0, -4, 6, -4, -4]),
    "F": Expected([-2, -2, 2], -1, 6, [-9, -3, 7], [0, 7], (8, 2, 2), [0, 14], [4, 2],
                  [0, 0, 2], [-2, 0, 6], 2, [0, 0, -4, -4, 4]),
    "G": Expected([-2, -1, -2], 0, 0, [-2, -3, -4], [0, 0], (1, 0.5, 1), [0, 0], [2, 1],
                  [0, 0, 0], [0, 0, 0], 0, [0, 0, 0, 0, 0]),
}  # fmt: skip


def pool(z):
    """Max-pooling of windows of two: the first index wins a tie, as in torch.max_pool1d."""
    windows = autograd.stack([z[0:2], z[1:3]])
    return autograd.max(windows, 1).values


SPELLINGS = {
    "ReLU then max-pool": lambda z: pool(autograd.relu(z)),
    "max-pool then ReLU": lambda z: autograd.relu(pool(z)),
    "maximum then ReLU": lambda z: autograd.relu(autograd.maximum(z[0:2], z[1:3])),
    "three-way max": lambda z: autograd.maximum(z[0:2], z[1:3], 0),
}


@pytest.fixture(params=POLICIES)
def policy(request):
    return request.param


@pytest.fixture(params=SPELLINGS)
def spelling(request):
    return request.param


class Net:
    """The problem in tensors; every symbol is a leaf, z and v keep what they received."""

    def __init__(self, spelling, k, b, y, x=X, w=W, a=A):
        leaves = {"x": x, "k": k, "b": b, "w": w, "a": a, "y": y}
        for name, value in leaves.items():
            setattr(self, name, autograd.tensor(value, dtype=np.float64, requires_grad=True))
        windows = autograd.stack([self.x[0:3], self.x[1:4], self.x[2:5]])
        self.z = windows @ self.k + self.b
        self.v = SPELLINGS[spelling](self.z)
        self.yhat = self.w @ self.v + self.a
        self.loss = 0.5 * (self.y - self.yhat) ** 2


def check_arrays(case, spelling, policy):
    expected = CASES[case]
    with autograd.ties(policy):
        net = Net(spelling, expected.k, expected.b, expected.y)
    net.loss.backward()
    yhat, loss, e = expected.outcome
    assert net.z.tolist() == expected.z and net.v.tolist() == expected.v
    assert (net.yhat.item(), net.loss.item()) == (yhat, loss)
    found = {name: getattr(net, name).grad.tolist() for name in ("w", "v", "z", "k", "b", "x")}
    wanted = {name: getattr(expected, f"d{name}" if name != "v" else "d") for name in found}
    assert found == wanted
    assert (net.a.grad.item(), net.y.grad.item(), net.yhat.grad.item()) == (e, -e, e)


def check_scalars(case, policy):
    """The same in scalars, as on paper: z2 feeds both windows."""
    expected = CASES[case]
    k1, k2, k3, b, w1, w2, a = leaves = [
        autograd.tensor(float(v), requires_grad=True) for v in (*expected.k, expected.b, *W, A)
    ]
    z = [k1 * X[i] + k2 * X[i + 1] + k3 * X[i + 2] + b for i in range(3)]
    with autograd.ties(policy):
        v1, v2 = autograd.maximum(z[0], z[1], 0), autograd.maximum(z[1], z[2], 0)
    yhat = w1 * v1 + w2 * v2 + a
    loss = 0.5 * (expected.y - yhat) ** 2
    loss.backward()
    e = expected.outcome[2]
    assert [v1.grad.item(), v2.grad.item()] == expected.d
    assert [zi.grad.item() for zi in z] == expected.dz
    assert [leaf.grad.item() for leaf in leaves] == [*expected.dk, expected.db, *expected.dw, e]


def check_descent(case, lowers_others):
    """A step of gradient descent lowers the loss; where both windows are clamped a alone moves."""
    expected = CASES[case]
    net = Net("three-way max", expected.k, expected.b, expected.y)
    net.loss.backward()
    after = {n: getattr(net, n).item() - 0.001 * getattr(net, n).grad.item() for n in ("a", "b")}
    after |= {n: (getattr(net, n) - 0.001 * getattr(net, n).grad).tolist() for n in ("k", "w")}
    again = Net("three-way max", y=expected.y, **after)
    assert again.loss.item() < net.loss.item()
    moved = [n for n in ("k", "b", "w") if np.any(getattr(net, n).grad.numpy())]
    assert bool(moved) == lowers_others


def check(case, spelling, policy):
    check_arrays(case, spelling, policy)
    check_scalars(case, policy)
    check_descent(case, lowers_others=case != "G")


def test_EX_A_z2_wins_both_windows_and_its_gradients_add(spelling, policy):
    check("A", spelling, policy)
    net = Net(spelling, [1, -2, -2], 0, 8)
    net.loss.backward()
    assert net.z.grad.tolist()[1] == 10 + 5


def test_EX_B_z1_wins_and_the_second_window_is_clamped(spelling, policy):
    check("B", spelling, policy)


def test_EX_C_z1_and_z3_win(spelling, policy):
    check("C", spelling, policy)


def test_EX_D_z1_and_z2_win(spelling, policy):
    check("D", spelling, policy)


def test_EX_E_z2_and_z3_win_and_the_error_is_negative(spelling, policy):
    check("E", spelling, policy)


def test_EX_F_the_first_window_is_clamped_and_z3_wins(spelling, policy):
    check("F", spelling, policy)


def test_EX_G_both_windows_are_clamped(spelling, policy):
    check("G", spelling, policy)


def tied(spelling, policy):
    with autograd.ties(policy):
        net = Net(spelling, [1, 1, -1], 0, 1, x=[1.0] * 5)
    net.loss.backward()
    assert net.z.tolist() == [1, 1, 1] and net.v.grad.tolist() == [6, 3]
    return net.z.grad.tolist()


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("even", [3, 4.5, 1.5]), ("first", [6, 3, 0]), ("none", [0, 0, 0])],
)
def test_EX_H_ties_follow_the_policy(spelling, policy, expected):
    assert tied(spelling, policy) == expected


def test_EX_H_ties_follow_pytorchs_function_by_default(spelling):
    pooled = "max-pool" in spelling
    assert tied(spelling, "torch") == ([6, 3, 0] if pooled else [3, 4.5, 1.5])


def test_EX_H_the_policy_is_the_recorded_one():
    with autograd.ties("first"):
        net = Net("maximum then ReLU", [1, 1, -1], 0, 1, x=[1.0] * 5)
    with autograd.ties("none"):
        net.loss.backward()
    assert net.z.grad.tolist() == [6, 3, 0]
    assert net.v.node.ties == "first"


def test_EX_I_all_z_zero_pass_nothing(spelling, policy):
    with autograd.ties(policy):
        net = Net(spelling, [0, 0, 0], 0, 3)
    net.loss.backward()
    assert net.z.tolist() == [0, 0, 0] and net.z.grad.tolist() == [0, 0, 0]


def test_EX_J_four_spellings_agree_away_from_ties():
    random = np.random.default_rng(0)
    for _ in range(200):
        numbers = {n: random.normal(size=s) for n, s in (("k", 3), ("x", 5), ("w", 2))}
        numbers |= {n: float(random.normal()) for n in ("b", "a", "y")}
        results = []
        for spelling in SPELLINGS:
            net = Net(spelling, **numbers)
            net.loss.backward()
            gradients = [getattr(net, n).grad.payload for n in ("x", "k", "b", "w", "a", "y", "z")]
            results.append([net.loss.payload, *gradients])
        for other in results[1:]:
            for one, two in zip(results[0], other, strict=True):
                np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-14)
        z, e = net.z.numpy(), net.yhat.item() - net.y.item()
        d1, d2 = e * numbers["w"]
        dz = [d1 * (z[0] > z[1]) * (z[0] > 0),
              d1 * (z[1] > z[0]) * (z[1] > 0) + d2 * (z[1] > z[2]) * (z[1] > 0),
              d2 * (z[2] > z[1]) * (z[2] > 0)]  # fmt: skip
        np.testing.assert_allclose(net.z.grad.numpy(), dz, rtol=1e-12)


def test_EX_chain_rule_over_two_paths():
    x = autograd.tensor(3.0, requires_grad=True)
    y1, y2 = x**2, 2 * x
    (y1 * y2).backward()
    assert (y1.grad.item(), y2.grad.item()) == (6, 9)
    assert x.grad.item() == 2 * 3 * 6 + 2 * 9 == 54
