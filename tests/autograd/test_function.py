"""Users' own ops: classes with forward and backward as in PyTorch, and rows of their own."""

import gc
import weakref

import numpy as np
import pytest

import autograd
from autograd import modes


def leaf(*values):
    return autograd.tensor(list(values), dtype=np.float64, requires_grad=True)


def scalar(value):
    return autograd.tensor(value, dtype=np.float64, requires_grad=True)


def torch_leaf(torch, *values):
    return torch.tensor(list(values), dtype=torch.float64, requires_grad=True)


def listed(tensors):
    return [None if t is None else t.tolist() for t in tensors]


def make(forward, backward, base=autograd.Function, **more):
    """Make a Function, Backlight's or PyTorch's, of plain functions."""
    members = {"forward": forward, "backward": backward, **more}
    return type("Mine", (base,), {name: staticmethod(f) for name, f in members.items()})


def both(torch, program):
    """Run a program with either library: ``program(library, Function, leaf)``."""
    theirs = program(torch, torch.autograd.Function, lambda *v: torch_leaf(torch, *v))
    ours = program(autograd, autograd.Function, leaf)
    assert ours == theirs
    return ours


class Cube(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 3 * x * x


class Scaled(autograd.Function):
    """x y + n, with an argument that is no tensor."""

    @staticmethod
    def forward(x, y, n=1):
        return x * y + n

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, y, _ = inputs
        ctx.save_for_backward(x, y)

    @staticmethod
    def backward(ctx, grad):
        x, y = ctx.saved_tensors
        return grad * y, grad * x, None


# ---------------------------------------------------------------- the record


@pytest.mark.parametrize("x", [scalar(2.0), leaf(2.0, -1.0)], ids=["scalar", "array"])
def test_any_order_of_derivative_follows_from_backward(x):
    assert autograd.gradcheck(Cube.apply, [x])
    assert autograd.gradgradcheck(Cube.apply, [x])
    (slope,) = autograd.grad(Cube.apply(x).sum(), x, create_graph=True)
    (curvature,) = autograd.grad(slope.sum(), x, create_graph=True)
    (third,) = autograd.grad(curvature.sum(), x)
    np.testing.assert_allclose(curvature.payload, 6 * x.payload)
    np.testing.assert_allclose(third.payload, np.full(x.shape, 6.0))


def test_a_function_is_one_op_under_its_name():
    x, y = leaf(2.0, 3.0), leaf(5.0, 7.0)
    with modes.module_scope("head"):
        z = Scaled.apply(x, y, 4)
    op = z.grad_fn
    assert (op.name, op.module, op.operand_names) == ("Scaled", "head", ("x", "y"))
    assert op.operands == (x.node, y.node) and op.attributes == {"n": 4}
    assert [step.op.name for step in autograd.steps(z.sum())] == ["sum", "Scaled"]
    assert z.tolist() == [14, 25]
    assert listed([x.grad, y.grad]) == [[5, 7], [2, 3]]


def test_arguments_may_be_named():
    x, y = leaf(2.0), leaf(5.0)
    assert Scaled.apply(x, n=3, y=y).tolist() == [13]
    with pytest.raises(TypeError, match=r"Scaled.apply: got an unexpected keyword argument 'm'"):
        Scaled.apply(x, y, m=3)


def test_what_needs_no_gradient_records_nothing():
    x = leaf(2.0)
    assert not Cube.apply(x.detach()).requires_grad
    with autograd.no_grad():
        assert not Cube.apply(x).requires_grad
    identity = make(lambda ctx, x: x, lambda ctx, grad: grad)
    with autograd.no_grad():
        assert not identity.apply(x).requires_grad
    assert Cube.apply(x).requires_grad


def test_the_forward_is_not_recorded_and_knows_what_needs_a_gradient():
    seen = []

    def forward(ctx, x, n, y):
        seen.append((autograd.is_grad_enabled(), ctx.needs_input_grad))
        return x * y

    mine = make(forward, lambda ctx, grad: (grad, None, None))
    mine.apply(leaf(1.0), 3, autograd.ones(1))
    assert seen == [(False, (True, False, False))]


def test_the_backward_records_only_under_create_graph():
    seen = []

    def backward(ctx, grad):
        seen.append((autograd.is_grad_enabled(), type(grad) is autograd.Tensor))
        return grad * 2

    mine, x = make(lambda ctx, x: x * 2, backward), leaf(1.0)
    mine.apply(x).sum().backward()
    autograd.grad(mine.apply(x).sum(), x, create_graph=True)
    assert seen == [(False, True), (True, True)]


def test_the_same_argument_twice(torch):
    def program(library, base, leaf):
        x = leaf(1.0, 2.0)
        mine = make(lambda ctx, a, b: a * b, lambda ctx, g: (g * 10, g * 100), base)
        mine.apply(x, x).sum().backward()
        return x.grad.tolist()

    assert both(torch, program) == [110, 110]


def test_the_gradient_of_a_leaf_is_its_own():
    ones = autograd.ones(2, dtype=np.float64)
    mine, x = make(lambda ctx, x: x * 1, lambda ctx, grad: ones), leaf(1.0, 2.0)
    for _ in range(2):
        mine.apply(x).sum().backward()
    assert x.grad.tolist() == [2, 2] and ones.tolist() == [1, 1]


def test_a_gradient_is_summed_to_its_arguments_shape_and_cast(torch):
    def program(library, base, leaf):
        x = leaf(1.0)
        mine = make(lambda ctx, x: x * 2, lambda ctx, g: library.ones(3, 1), base)
        mine.apply(x).sum().backward()
        return x.grad.tolist(), str(x.grad.dtype)[-7:]

    assert both(torch, program) == ([3], "float64")


# ---------------------------------------------------------------- several outputs


def test_several_outputs_and_what_comes_to_none_of_them(torch):
    def program(library, base, leaf):
        seen = []

        def forward(ctx, x):
            return x * 2, x * 3, x.long() if hasattr(x, "long") else x, None, 7

        def backward(ctx, *grads):
            seen.append(listed(g if hasattr(g, "tolist") else None for g in grads))
            return grads[0] * 2 + grads[1] * 3

        mine, x = make(forward, backward, base), leaf(1.0, 2.0)
        a, b, c, d, e = mine.apply(x)
        a.sum().backward(retain_graph=True)
        (a + b * 2).sum().backward()
        return seen, x.grad.tolist(), c.requires_grad, c.tolist(), d, e

    assert both(torch, program)[0][0] == [[1, 1], [0, 0], [0, 0], None, None]


def test_gradients_that_are_not_materialized(torch):
    def program(library, base, leaf):
        seen = []

        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        def backward(ctx, a, b):
            seen.append((a is None, b is None))
            return b * 3

        mine, x = make(forward, backward, base), leaf(1.0)
        mine.apply(x)[1].sum().backward()
        return seen, x.grad.tolist()

    assert both(torch, program) == ([(True, False)], [3])


def test_outputs_without_derivative(torch):
    def program(library, base, leaf):
        def forward(ctx, x):
            a, b = x * 2, x * 3
            ctx.mark_non_differentiable(b)
            ctx.save_for_backward(b)
            return a, b

        def backward(ctx, a, b):
            return a * ctx.saved_tensors[0] + b

        mine, x = make(forward, backward, base), leaf(1.0, 2.0)
        a, b = mine.apply(x)
        a.sum().backward()
        return b.requires_grad, a.requires_grad, x.grad.tolist()

    assert both(torch, program) == (False, True, [3, 6])


def test_second_derivatives_through_a_saved_output(torch):
    def program(library, base, leaf):
        def forward(ctx, x):
            y = library.exp(x)
            z = y * 2
            ctx.save_for_backward(y)
            return y, z

        def backward(ctx, a, b):
            (y,) = ctx.saved_tensors
            return a * y + b * 2 * y

        mine, x = make(forward, backward, base), leaf(0.5, 1.0)
        y, z = mine.apply(x)
        (slope,) = library.autograd.grad((y * z).sum(), x, create_graph=True)
        (curvature,) = library.autograd.grad(slope.sum(), x)
        return [np.round(t.detach().numpy(), 9).tolist() for t in (slope, curvature)]

    class Ours:
        exp = staticmethod(autograd.exp)
        autograd = autograd

    theirs = program(torch, torch.autograd.Function, lambda *v: torch_leaf(torch, *v))
    ours = program(Ours, autograd.Function, leaf)
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)
    np.testing.assert_allclose(ours[1], 8 * np.exp([1.0, 2.0]), rtol=1e-8)


def test_a_saved_single_output():
    def forward(ctx, x):
        y = autograd.exp(x)
        ctx.save_for_backward(y)
        return y

    mine = make(forward, lambda ctx, grad: grad * ctx.saved_tensors[0])
    for x in (leaf(0.5, 1.0), scalar(0.5)):
        assert autograd.gradcheck(mine.apply, [x]) and autograd.gradgradcheck(mine.apply, [x])


# ---------------------------------------------------------------- in place


def test_a_dirty_argument_is_returned_with_the_new_record(torch):
    def program(library, base, leaf):
        def forward(ctx, x):
            x.mul_(2)
            ctx.mark_dirty(x)
            return x

        mine, x = make(forward, lambda ctx, grad: grad * 2, base), leaf(1.0, 2.0)
        h = x * 3
        y = mine.apply(h)
        (h * 5).sum().backward()
        return y is h, h.tolist(), x.grad.tolist()

    assert both(torch, program) == (True, [6, 12], [30, 30])


def test_a_dirty_view_changes_its_root():
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)

    mine, x = make(forward, lambda ctx, grad: grad * 2), leaf(1.0, 2.0)
    h = x * 3
    mine.apply(h[0])
    h.sum().backward()
    assert h.tolist() == [6, 6] and x.grad.tolist() == [6, 3]


def test_dirty_arguments_that_cannot_be(torch):
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)

    mine = make(forward, lambda ctx, grad: grad * 2)
    with pytest.raises(RuntimeError, match="Mine: a leaf that requires grad cannot be changed"):
        mine.apply(leaf(1.0))
    lost = make(lambda ctx, x: (ctx.mark_dirty(x), x.mul_(2) * 1)[1], lambda ctx, grad: grad)
    with pytest.raises(RuntimeError, match="Mine: a tensor that is marked dirty has to be an arg"):
        lost.apply(leaf(1.0) * 1)


def test_an_argument_that_is_returned_is_another_tensor(torch):
    def program(library, base, leaf):
        mine, x = make(lambda ctx, x: x, lambda ctx, grad: grad * 2, base), leaf(1.0, 2.0)
        y = mine.apply(x)
        y.sum().backward()
        return y is x, y.tolist(), x.grad.tolist()

    assert both(torch, program) == (False, [1, 2], [2, 2])


def test_an_output_does_not_share_memory_with_an_argument():
    mine, x = make(lambda ctx, x: x[:1], lambda ctx, grad: grad), leaf(1.0, 2.0)
    y = mine.apply(x * 1)
    with autograd.no_grad():
        h = x * 1
    y = make(lambda ctx, x, w: x, lambda ctx, g: (None, g)).apply(h, x)
    y.mul_(10)
    assert h.tolist() == [1, 2]


@pytest.mark.parametrize("which", ["argument", "output", "within"])
def test_a_saved_tensor_that_was_changed_is_refused(which):
    kept = []

    def forward(ctx, x):
        within = x * 2
        y = x * x
        kept.append(within)
        ctx.save_for_backward(x, y, within)
        return y

    def backward(ctx, grad):
        return grad * 2 * ctx.saved_tensors[0]

    mine, x = make(forward, backward), leaf(1.0, 2.0)
    h = x * 1
    y = mine.apply(h)
    {"argument": h, "output": y, "within": kept[0]}[which].mul_(2)
    with pytest.raises(RuntimeError, match=r"Mine: saved tensor \d of shape \(2,\).*changed in pl"):
        y.sum().backward()


# ---------------------------------------------------------------- misuse


@pytest.mark.parametrize(
    ("arguments", "sent", "error", "match"),
    [
        (2, lambda g: g, RuntimeError, "Mine: backward has to return 2 gradients, .* got 1"),
        (1, lambda g: (g, g), RuntimeError, "Mine: backward has to return 1 gradient, .* got 2"),
        (1, lambda g: 3.0, TypeError, "Mine: .* Tensors or None, got float for argument 0"),
        (
            1,
            lambda g: autograd.ones(3),
            RuntimeError,
            r"Mine: backward returned a gradient of shape \(3,\) for x, which has shape \(2,\)",
        ),
    ],
)
def test_gradients_that_do_not_fit(arguments, sent, error, match):
    mine = make(lambda ctx, x, y=None: x * 2, lambda ctx, g: sent(g))
    with pytest.raises(error, match=match) as caught:
        mine.apply(*[leaf(1.0, 2.0) for _ in range(arguments)]).sum().backward()
    assert "raised by the derivative of Mine" in caught.value.__notes__[0]


def test_a_gradient_for_what_is_no_tensor():
    mine = make(lambda ctx, x, n: x * n, lambda ctx, g: (g, g))
    with pytest.raises(RuntimeError, match="a gradient for argument 1, which is no Tensor"):
        mine.apply(leaf(1.0), 2).sum().backward()


def test_further_nones_are_allowed_and_none_is_no_gradient(torch):
    def program(library, base, leaf):
        x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
        mine = make(lambda ctx, x, w: x * w, lambda ctx, g: (None, g, None, None), base)
        mine.apply(x, w).sum().backward()
        return listed([x.grad, w.grad])

    assert both(torch, program) == [None, [1, 1]]


def test_what_a_function_must_define():
    x = leaf(1.0)
    only_forward = type(
        "Half", (autograd.Function,), {"forward": staticmethod(lambda ctx, x: x * 2)}
    )
    with pytest.raises(NotImplementedError, match="has to define a static backward"):
        only_forward.apply(x).sum().backward()
    with pytest.raises(NotImplementedError, match="has to define a static forward"):
        type("Empty", (autograd.Function,), {}).apply(x)


def test_vjp_is_another_name_of_backward():
    mine = type(
        "Mine",
        (autograd.Function,),
        {
            "forward": staticmethod(lambda ctx, x: x * 2),
            "vjp": staticmethod(lambda ctx, grad: grad * 2),
        },
    )
    x = leaf(1.0)
    mine.apply(x).sum().backward()
    assert x.grad.tolist() == [2]


def test_what_forward_may_return_and_save():
    x = leaf(1.0)
    with pytest.raises(TypeError, match="Mine: forward has to return Tensors, got ndarray"):
        make(lambda ctx, x: np.ones(1), None).apply(x)
    with pytest.raises(TypeError, match="Mine: forward has to return a tuple of Tensors, got a l"):
        make(lambda ctx, x: [x * 2], None).apply(x)
    with pytest.raises(TypeError, match="save_for_backward: expected Tensors, got int at 1"):
        make(lambda ctx, x: ctx.save_for_backward(x, 3), None).apply(x)


def test_saved_tensors_go_with_the_graph():
    x = autograd.ones(3000, 2000, requires_grad=True)
    y = Cube.apply(x)
    ctx = y.grad_fn.cached["call"].ctx
    saved = weakref.ref(ctx.saved_tensors[0].payload)
    total = y.sum()
    total.backward()
    with pytest.raises(RuntimeError, match="Cube: the tensors saved for backward were let go"):
        _ = ctx.saved_tensors
    with pytest.raises(RuntimeError, match="spent"):
        total.backward()
    del y, total, x
    assert saved() is None


def test_once_differentiable(torch):
    def squared(once, base):
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        return make(forward, once(lambda ctx, grad: grad * 2 * ctx.saved_tensors[0]), base)

    x = leaf(1.0, 2.0)
    mine = squared(autograd.once_differentiable, autograd.Function)
    mine.apply(x).sum().backward()
    assert x.grad.tolist() == [2, 4]
    (slope,) = autograd.grad(mine.apply(x).sum(), x, create_graph=True)
    assert slope.tolist() == [2, 4]
    with pytest.raises(RuntimeError, match="Mine.backward is marked once_differentiable"):
        autograd.grad(slope.sum(), x)


# ---------------------------------------------------------------- other ways through


def test_functions_under_forward_mode():
    x = leaf(1.0, 2.0)
    (out,) = [autograd.jvp(Cube.apply, (x,), (autograd.tensor([1.0, 10.0], dtype=np.float64),))[1]]
    assert out.tolist() == [3, 120]

    class Own(Cube):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_forward(x)
            return x * x * x

        @staticmethod
        def jvp(ctx, tangent):
            return tangent * 1000

    assert autograd.jvp(Own.apply, (x,), (x.detach(),))[1].tolist() == [1000, 2000]


def test_functions_with_hooks_inspection_and_checkpoints():
    x = leaf(1.0, 2.0)
    with autograd.inspect():
        y = Cube.apply(x)
    assert y.grad_fn.source[0].endswith("test_function.py")
    seen = []
    y.register_hook(lambda grad: seen.append(grad.tolist()))
    y.sum().backward()
    assert seen == [[1, 1]] and x.grad.tolist() == [3, 12]
    x.grad = None
    autograd.checkpoint(lambda x: Cube.apply(x) * 2, x).sum().backward()
    assert x.grad.tolist() == [6, 24]


def test_an_anomaly_in_a_backward_names_the_function():
    x = leaf(1.0, 0.0)
    mine = make(lambda ctx, x: x * 1, lambda ctx, grad: grad * np.inf)
    with (
        autograd.detect_anomaly(),
        pytest.raises(RuntimeError, match="derivative of Mine .*made inf"),
    ):
        mine.apply(x).sum().backward()


def test_functions_leave_nothing_for_the_collector():
    def program():
        x = leaf(1.0, 2.0)
        y = Cube.apply(x)
        (slope,) = autograd.grad(y.sum(), x, create_graph=True)
        autograd.grad(slope.sum(), x)
        a, b = pair.apply(x)
        (a * b).sum().backward()

    def forward(ctx, x):
        y = x * 2
        ctx.save_for_backward(x, y)
        return y, y * 3

    pair = make(forward, lambda ctx, a, b: a * 2 + b * 6)
    program()
    gc.collect()
    gc.disable()
    try:
        for _ in range(50):
            program()
        assert gc.collect() == 0
    finally:
        gc.enable()


# ---------------------------------------------------------------- rows of one's own


def test_a_row_of_ones_own_in_two_lines():
    @autograd.elementwise(x=lambda x: 3 * x * x)
    def cube(x):
        return x**3

    for x in (scalar(2.0), leaf(2.0, -1.0)):
        assert autograd.gradcheck(cube, [x]) and autograd.gradgradcheck(cube, [x])
    assert cube(leaf(2.0)).grad_fn.name == "cube"
    assert cube(2.0) == 8.0


def test_rows_of_ones_own_go_when_they_are_no_longer_used():
    def program():
        @autograd.structural(x=lambda upstream: upstream * 2)
        def doubled(x):
            return x * 2

        return weakref.ref(doubled.row)

    row = program()
    gc.collect()
    assert row() is None
