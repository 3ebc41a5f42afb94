"""Modes: no_grad, enable_grad, ties, inspect and module paths, as blocks and as decorators."""

import threading
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import modes
from autograd.graph import Leaf


def leaf(*values):
    return autograd.tensor(list(values), dtype=np.float64, requires_grad=True)


@autograd.no_grad
def bare(x):
    return x * 2


@autograd.no_grad()
def called(x):
    """Have a docstring."""
    return x * 2


class Model:
    @autograd.no_grad
    def bare(self, x):
        return x * 2

    @autograd.no_grad()
    def called(self, x):
        return x * 2


def test_no_grad_as_block_and_decorator():
    x = leaf(1.0)
    with autograd.no_grad():
        assert not autograd.is_grad_enabled()
        assert not (x * 2).requires_grad
        with autograd.enable_grad():
            assert (x * 2).requires_grad
    assert autograd.is_grad_enabled() and (x * 2).requires_grad
    for function in (bare, called, Model().bare, Model().called):
        assert not function(x).requires_grad
    assert (bare.__name__, called.__name__, called.__doc__) == (
        "bare",
        "called",
        "Have a docstring.",
    )


def test_a_decorated_function_may_recurse_and_raise():
    @autograd.no_grad()
    def count(n):
        assert not autograd.is_grad_enabled()
        if n == 0:
            raise KeyError("end")
        count(n - 1)

    with pytest.raises(KeyError):
        count(5)
    assert autograd.is_grad_enabled()


def test_a_decorated_function_may_run_in_many_threads():
    barrier = threading.Barrier(4)
    failures = []

    @autograd.no_grad()
    def meet():
        barrier.wait()
        assert not autograd.is_grad_enabled()
        barrier.wait()

    def work():
        try:
            for _ in range(5):
                meet()
            assert autograd.is_grad_enabled()
        except BaseException as error:
            barrier.abort()
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_one_block_may_be_entered_again():
    block = autograd.no_grad()
    for _ in range(2):
        with block, block:
            assert not autograd.is_grad_enabled()
    assert autograd.is_grad_enabled()


def test_a_leaf_made_under_no_grad_requires_a_gradient():
    with autograd.no_grad():
        x = leaf(1.0)
    assert x.requires_grad and isinstance(x.node, Leaf)


def test_views_taken_under_no_grad_follow_their_root():
    x = leaf(1.0, 2.0) * 1
    with autograd.no_grad():
        view = x[:1]
    assert not view.requires_grad
    x.mul_(3)
    assert view.tolist() == [3]


def test_modes_combine():
    with autograd.no_grad(), autograd.ties("even"), modes.module_scope("block"):
        mode = modes.MODE.get()
        assert (mode.recording, mode.ties, mode.module) == (False, "even", "block")
    assert repr(modes.MODE.get()) == repr(modes.Mode())


def test_module_paths_are_pushed_and_popped():
    x = leaf(1.0)
    with modes.module_scope("block1"):
        outer = x * 2
        with modes.module_scope("conv"):
            inner = x * 2
    token = modes.enter_module("head")
    after = x * 2
    modes.leave(token)
    paths = [t.node.module for t in (outer, inner, after, x * 2)]
    assert paths == ["block1", "block1.conv", "head", ""]


def test_threads_begin_with_the_default_mode():
    seen = []
    with autograd.no_grad():
        thread = threading.Thread(target=lambda: seen.append(autograd.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


# ---------------------------------------------------------------- ties


def winners(function, policy, *values):
    xs = [leaf(*value) for value in values]
    with autograd.ties(policy):
        z = function(*xs)
    z.sum().backward()
    return [x.grad.tolist() for x in xs]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("torch", [[0.5, 1, 0], [0.5, 0, 1]]),
        ("even", [[0.5, 1, 0], [0.5, 0, 1]]),
        ("first", [[1, 1, 0], [0, 0, 1]]),
        ("none", [[0, 1, 0], [0, 0, 1]]),
    ],
)
def test_ties_of_maximum_and_minimum(policy, expected):
    values = ([2.0, 3.0, 1.0], [2.0, 1.0, 3.0])
    assert winners(autograd.maximum, policy, *values) == expected
    negated = ([-v for v in value] for value in values)
    assert winners(autograd.minimum, policy, *negated) == expected


THIRD = 1 / 3
PER_ROW = {
    "even": [[0.5, 0.5, 0], [0, 0, 1], [THIRD, THIRD, THIRD]],
    "first": [[1, 0, 0], [0, 0, 1], [1, 0, 0]],
    "none": [[0, 0, 0], [0, 0, 1], [0, 0, 0]],
}


@pytest.mark.parametrize("policy", modes.TIES)
@pytest.mark.parametrize("name", ["amax", "max", "amin", "min"])
def test_ties_of_reductions(name, policy):
    sign = 1 if "max" in name else -1
    x = autograd.tensor(sign * np.array([[2.0, 2, 1], [0, 1, 2], [3, 3, 3]]), requires_grad=True)
    with autograd.ties(policy):
        found = getattr(autograd, name)(x, 1)
    values = found if name.startswith("a") else found.values
    values.sum().backward()
    default = "even" if name.startswith("a") else "first"
    np.testing.assert_allclose(x.grad.numpy(), PER_ROW[default if policy == "torch" else policy])


@pytest.mark.parametrize(
    ("policy", "expected"), [("torch", 0.5), ("even", 0.5), ("first", 1), ("none", 0)]
)
def test_ties_of_the_whole(policy, expected):
    x = leaf(1.0, 4.0, 4.0)
    with autograd.ties(policy):
        x.max().backward()
    assert x.grad.tolist() == [0, expected, 0.5 if expected == 0.5 else 0]


@pytest.mark.parametrize("policy", ["torch", "even"])
def test_more_than_two_are_compared_in_pairs(policy):
    assert winners(autograd.maximum, policy, [1.0], [1.0], [1.0]) == [[0.25], [0.25], [0.5]]
    assert winners(autograd.minimum, policy, [2.0], [1.0], [1.0]) == [[0], [0.5], [0.5]]
    together = winners(lambda *xs: autograd.stack(xs).amax(0), policy, [1.0], [1.0], [1.0])
    np.testing.assert_allclose(together, [[THIRD]] * 3)


@pytest.mark.parametrize("policy", modes.TIES)
def test_a_number_wins_a_tie_as_in_relu(policy):
    assert winners(lambda x: autograd.maximum(x, 0), policy, [0.0, 1.0, -1.0]) == [[0, 1, 0]]
    assert winners(lambda x: autograd.minimum(0, x), policy, [0.0, 1.0, -1.0]) == [[0, 0, 1]]


def test_the_policy_is_recorded_on_the_op():
    x = leaf(1.0, 1.0)
    with autograd.ties("first"):
        y = x.amax()
    assert y.node.ties == "first" and x.amax().node.ties == "torch"
    (slope,) = autograd.grad(y, x, create_graph=True)
    assert slope.tolist() == [1, 0]


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="expected one of torch, even, first, none, got 'last'"):
        autograd.ties("last")


# ---------------------------------------------------------------- inspect


def line_of(marker):
    """Return the number of the line of this file that ends in ``# marker``."""
    lines = Path(__file__).read_text().splitlines()
    (number,) = [n for n, line in enumerate(lines, 1) if line.endswith(f"# {marker}")]
    return number


def test_inspect_knows_the_users_line():
    x, w = leaf(1.0, 2.0), leaf(3.0)
    with autograd.inspect():
        y = x * 2  # a product
        z = autograd.sum(
            np.exp(y)  # an exponential
        )
        s = w[0] + 1  # a scalar
        y.mul_(3)  # a change
    exponential = z.node.operands[0]
    for op, marker in (
        (exponential, "an exponential"),
        (s.node, "a scalar"),
        (exponential.operands[0], "a product"),
        (y.node, "a change"),
    ):
        filename, line = op.source
        assert Path(filename).name == "test_modes.py", op
        assert line == line_of(marker), op
    assert (x * 2).node.source is None


def test_inspect_keeps_copies():
    x = leaf(1.0, 2.0)
    with autograd.inspect():
        h = x * 1
        y = (h * h).sum()
    y.backward()
    square = y.node.operands[0]
    with autograd.no_grad():
        h.zero_()
        x.zero_()
    assert [s.tolist() for s in square.saved] == [[1, 2], [1, 2]]
    assert square.value.tolist() == [1, 4] and square.changed == (False, False)
    assert square.contributions[0].tolist() == [1, 2]


def test_inspect_gives_the_same_gradients_and_survives_a_change():
    x = leaf(1.0, 2.0)
    with autograd.inspect():
        h = x * 1
        y = (h * h).sum()
    h.zero_()
    y.backward()
    assert x.grad.tolist() == [2, 4]


def test_inspect_of_scalars():
    x = autograd.tensor(3.0, requires_grad=True)
    with autograd.inspect():
        y = x * x  # square of a scalar
    y.backward()
    assert x.grad.item() == 6
    assert y.node.source[1] == line_of("square of a scalar")
    assert [p.item() for p in y.node.partials] == [3, 3]
