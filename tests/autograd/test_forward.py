"""Forward mode: every row's tangent against differences and against the transpose of its rules."""

import numpy as np
import pytest

import autograd
from autograd.forward import factors, is_linear
from autograd.functional import grad
from autograd.op import ROWS, structural
from autograd.record import handle
from tests.autograd.test_operations import DIFFERENTIABLE, drawn, generator, pairs
from tests.autograd.test_parts import turn


class Drawn:
    """A case at drawn operands, as a function of those that are floats."""

    def __init__(self, case, example, dtype=np.float64):
        random = generator(case, example, "forward")
        self.arrays = drawn(case, example.shapes, random, dtype)
        self.places = [i for i, a in enumerate(self.arrays) if a.dtype.kind == "f"]
        self.case, self.attributes = case, example.attributes
        self.primals = tuple(autograd.from_numpy(self.arrays[i]) for i in self.places)
        self.tangents = tuple(
            autograd.from_numpy(np.asarray(random.standard_normal(p.shape), dtype))
            for p in self.primals
        )
        shape = self(*self.primals).shape
        self.cotangent = autograd.from_numpy(np.asarray(random.standard_normal(shape), dtype))

    def __call__(self, *floats):
        operands = [autograd.from_numpy(a) for a in self.arrays]
        for place, value in zip(self.places, floats, strict=True):
            operands[place] = value
        return self.case(*operands, **self.attributes)

    def moved(self, step):
        moved = [
            autograd.from_numpy(np.asarray(p.numpy() + step * t.numpy()))
            for p, t in zip(self.primals, self.tangents, strict=True)
        ]
        return self(*moved).numpy()


@pytest.mark.parametrize(("case", "example"), pairs(DIFFERENTIABLE))
def test_a_tangent_equals_differences_along_a_direction(case, example):
    at, h = Drawn(case, example), 1e-6
    z, tangent = autograd.jvp(at, at.primals, at.tangents)
    assert (tangent.shape, tangent.dtype) == (z.shape, z.dtype)
    assert not tangent.requires_grad and not z.requires_grad
    numeric = (at.moved(h) - at.moved(-h)) / (2 * h)
    np.testing.assert_allclose(tangent.numpy(), numeric, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("case", "example"), pairs(DIFFERENTIABLE))
def test_forward_and_reverse_are_transposes(case, example):
    for dtype, close in ((np.float64, 1e-12), (np.float32, 3e-5)):
        at = Drawn(case, example, dtype)
        z, tangent = autograd.jvp(at, at.primals, at.tangents)
        assert tangent.dtype == z.dtype
        gradients = autograd.vjp(at, *at.primals)[1](at.cotangent)
        forward = np.sum(at.cotangent.numpy() * tangent.numpy())
        pairs = zip(gradients, at.tangents, strict=True)
        reverse = sum(np.sum(g.numpy() * t.numpy()) for g, t in pairs)
        scale = 1 + abs(at.cotangent.numpy() * tangent.numpy()).sum()
        np.testing.assert_allclose(forward, reverse, rtol=close, atol=close * scale)


@pytest.mark.parametrize(("case", "example"), pairs(DIFFERENTIABLE))
def test_a_recorded_tangent_has_the_value_and_the_slope_of_the_gradient(case, example):
    """The gradient of <u, Jv> with respect to x is that of <J^T u, v>: both orders of nesting."""
    at = Drawn(case, example)
    _, plain = autograd.jvp(at, at.primals, at.tangents)

    def forward(*primals):
        _, tangent = autograd.jvp(at, primals, at.tangents)
        np.testing.assert_allclose(tangent.detach().numpy(), plain.numpy(), rtol=1e-12, atol=1e-14)
        return (tangent * at.cotangent).sum()

    def reverse(*primals):
        gradients = autograd.vjp(at, *primals)[1](at.cotangent)
        return sum((g * t).sum() for g, t in zip(gradients, at.tangents, strict=True))

    every = tuple(range(len(at.primals)))
    pairs = zip(grad(forward, every)(*at.primals), grad(reverse, every)(*at.primals), strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-9, atol=1e-11)
    _, twice = autograd.jvp(lambda *x: autograd.jvp(at, x, at.tangents)[1], at.primals, at.tangents)
    _, mixed = autograd.jvp(
        lambda *x: autograd.vjp(at, *x)[1](at.cotangent), at.primals, at.tangents
    )
    total = sum(np.sum(m.numpy() * t.numpy()) for m, t in zip(mixed, at.tangents, strict=True))
    np.testing.assert_allclose(
        np.sum(twice.numpy() * at.cotangent.numpy()), total, rtol=1e-9, atol=1e-10
    )


def test_linear_rows_are_known_by_their_rules():
    linear = {row.function.__name__ for row in ROWS if row.differentiable and is_linear(row)}
    assert {"sum_over", "mean_over", "reshape_to", "permute_axes", "expand_to"} <= linear
    assert not {"matmul", "amax_over", "var_over", "logsumexp_over", "linear"} & linear
    products = {row.function.__name__ for row in ROWS if row.differentiable and factors(row)}
    assert {"matmul", "linear"} <= products
    assert not {"add", "multiply", "var_over", "index_put"} & products


def test_an_offset_that_no_rule_names_does_not_move(monkeypatch):
    @structural(x=lambda upstream: upstream[1:-1])
    def bordered(x, *, value):
        return np.concatenate([[value], x, [value]])

    @structural(x=lambda upstream: upstream)
    def shifted(x):
        return x + 1

    x, v = np.array([1.0, 2.0]), np.array([5.0, 7.0])
    _, tangent = autograd.jvp(lambda x: bordered(x, value=3.0), x, v)
    assert tangent.tolist() == [0, 5, 7, 0]
    monkeypatch.setattr("autograd.forward.OURS", ("tests",))
    assert not is_linear(bordered.row)
    assert is_linear(shifted.row)
    monkeypatch.undo()
    assert not is_linear(shifted.row)  # a user's may hide an offset
    _, tangent = autograd.jvp(shifted, x, v)
    assert tangent.tolist() == [5, 7]


def test_several_outputs_move_together_and_any_alone():
    x, v = np.array([0.3, 2.0, 0.5]), np.array([1.0, -1.0, 2.0])
    _, (sine, cosine) = autograd.jvp(lambda x: turn(x)[:2], x, v)
    np.testing.assert_allclose(sine.numpy(), np.cos(x) * v)
    np.testing.assert_allclose(cosine.numpy(), -np.sin(x) * v)
    _, alone = autograd.jvp(lambda x: turn(x)[1], x, v)
    np.testing.assert_allclose(alone.numpy(), -np.sin(x) * v)
    _, third = autograd.jvp(lambda x: autograd.jvp(lambda y: turn(y)[0], x, v)[1], x, v)
    np.testing.assert_allclose(third.numpy(), -np.sin(x) * v * v)


# ---------------------------------------------------------------- the sweep


def test_one_sweep_visits_each_op_between_once_whatever_the_outputs():
    x = autograd.ones(3, requires_grad=True)
    other = autograd.ones(3, requires_grad=True)
    y = autograd.tanh(x) * autograd.exp(other)
    outputs = [y, y + 1, y.sum()]
    names = [step.op.name for step in autograd.forward_steps(outputs, x, np.ones(3))]
    assert names == ["tanh", "multiply", "add", "sum"]  # not exp, which x does not reach


def test_a_step_says_what_came_in_and_what_goes_on():
    x = autograd.tensor(3.0, requires_grad=True)
    w = autograd.tensor(2.0, requires_grad=True)
    steps = list(autograd.forward_steps(x * w + 1, x, 10.0))
    assert [(s.op.name, s.tangents, float(s.tangent)) for s in steps] == [
        ("multiply", (10.0, None), 20.0),
        ("add", (20.0, None), 20.0),
    ]


def test_an_input_that_depends_on_another_moves_with_both():
    x = autograd.tensor(3.0, requires_grad=True)
    y = x * x
    z = y * 2
    *_, last = autograd.forward_steps(z, [x, y], [1.0, 10.0])
    assert last.tangent == 2 * (10 + 6)  # the transpose of grad(z, [x, y]) = (12, 2)
    *_, last = autograd.forward_steps(z, [x, x], [1.0, 2.0])
    assert last.tangent == 36


def test_a_deep_graph_is_swept_without_recursion():
    def deep(x):
        for _ in range(20_000):
            x = x + 0.0
        return x

    assert autograd.jvp(deep, 1.0, 2.0)[1].item() == 2


def test_tangents_are_let_go_after_their_last_use():
    x = autograd.ones(1000, requires_grad=True)
    y = x
    for _ in range(5):
        y = autograd.tanh(y)
    from autograd.forward import sweep
    from autograd.walk import lead

    order, _ = lead({y.node: None}, {x.node})
    moving = {x.node: np.ones(1000, np.float32)}
    for _ in sweep(order, moving, {y.node}, False):
        assert len(moving) == 1
    assert list(moving) == [y.node]


def test_a_write_through_a_view_moves_too():
    def written(x):
        z = x * 1
        z[1:] = x[:-1] ** 2
        return z

    x, v = np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0])
    z, tangent = autograd.jvp(written, x, v)
    assert z.tolist() == [1, 1, 4]
    assert tangent.tolist() == [1, 2, 40]


def test_an_infinite_value_does_not_spoil_the_transpose():
    x = np.array([[np.inf, 1.0], [2.0, 3.0]])
    _, tangent = autograd.jvp(lambda x: x @ np.ones((2, 1)), x, np.ones((2, 2)))
    assert tangent.tolist() == [[2], [2]]


def test_misuse_is_refused():
    x = autograd.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"forward_steps: expected a tangent of shape \(3,\)"):
        list(autograd.forward_steps(x * 2, x, np.ones(2)))
    with pytest.raises(RuntimeError, match="got 1 inputs and 2 tangents"):
        list(autograd.forward_steps(x * 2, x, [np.ones(3), np.ones(3)]))
    with pytest.raises(RuntimeError, match="requires none"):
        list(autograd.forward_steps(x * 2, autograd.ones(3), np.ones(3)))
    y = autograd.exp(x)
    y.sum().backward()
    with pytest.raises(RuntimeError, match="spent"):
        list(autograd.forward_steps(y, x, np.ones(3)))


def test_a_rule_that_raises_says_whose_tangent_it_was():

    def broken(upstream, x):
        raise ZeroDivisionError("no rule")

    @structural(x=broken)
    def strange(x):
        return x * 1

    with pytest.raises(ZeroDivisionError) as caught:
        autograd.jvp(strange, np.ones(2), np.ones(2))
    assert "raised by the tangent of <Op strange (2,) float64>" in caught.value.__notes__


def test_a_value_changed_in_place_is_refused():
    def changed(x):
        y = x * 1
        z = y * y
        y.add_(1)
        return z

    def changed_factor(x):
        y = x * 1
        z = y @ y
        y.add_(1)
        return z

    for function in (changed, changed_factor):
        with pytest.raises(RuntimeError, match="changed in place"):
            autograd.jvp(function, np.ones(2), np.ones(2))


def test_checkpointed_calls_compute_their_values_again():
    x, v = np.array([0.3, 0.7]), np.array([1.0, -2.0])

    def plain(x):
        s, c, _ = turn(x * x)
        return s * c

    def again(x):
        return autograd.checkpoint(plain, x) * x

    def moved(f):
        return lambda x: autograd.jvp(f, x, v)[1]

    first, second = again, lambda x: plain(x) * x
    for _ in range(3):
        first, second = moved(first), moved(second)
        np.testing.assert_allclose(first(x).numpy(), second(x).numpy(), rtol=1e-14)


def test_what_is_returned_is_ones_own():
    x, v = handle(np.ones(3), None), handle(np.ones(3), None)
    _, tangent = autograd.jvp(lambda x: x, x, v)
    tangent.add_(1)
    assert v.tolist() == [1, 1, 1]
    _, tangent = autograd.jvp(lambda x: x.reshape(3, 1).expand(3, 2), x, v)
    tangent.add_(1)
    assert v.tolist() == [1, 1, 1] and tangent.tolist() == [[2, 2]] * 3


# ---------------------------------------------------------------- users' own ops


class Powers(autograd.Function):
    """x^2 and x^3, without a jvp: its backward is transposed."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2, x**3

    @staticmethod
    def backward(ctx, square, cube):
        (x,) = ctx.saved_tensors
        return square * 2 * x + cube * 3 * x**2


class Told(Powers):
    """The same with a jvp, which says ten times as much, so that it is seen to be used."""

    @staticmethod
    def jvp(ctx, tangent):
        (x,) = ctx.saved_tensors
        return tangent * 20 * x, tangent * 30 * x**2


def test_a_function_is_transposed_or_says_its_tangents():
    x, v = np.array([1.0, 2.0]), np.array([1.0, 10.0])
    _, (square, cube) = autograd.jvp(Powers.apply, x, v)
    assert square.tolist() == [2, 40] and cube.tolist() == [3, 120]
    _, (square, cube) = autograd.jvp(Told.apply, x, v)
    assert square.tolist() == [20, 400] and cube.tolist() == [30, 1200]
    for function, factor in ((Powers, 1), (Told, 10)):
        twice = grad(lambda x, f=function: autograd.jvp(f.apply, x, v)[1][1].sum())(x)
        assert twice.tolist() == [factor * 6, factor * 120]


def test_a_function_that_is_once_differentiable_has_no_transpose():
    class Once(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        @autograd.once_differentiable
        def backward(ctx, grad):
            return grad * 2

    with pytest.raises(RuntimeError, match="once_differentiable"):
        autograd.jvp(Once.apply, np.ones(2), np.ones(2))
