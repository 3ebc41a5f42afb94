"""Hooks: who sees which gradient, in which order, and what becomes of what they return."""

import gc
import weakref

import numpy as np
import pytest

import autograd
from autograd import hooks
from autograd.op import structural
from autograd.watch import watch


def leaf(*values):
    return autograd.tensor(list(values), dtype=np.float64, requires_grad=True)


def scalar(value):
    return autograd.tensor(value, dtype=np.float64, requires_grad=True)


MAKERS = pytest.mark.parametrize("make", [scalar, leaf], ids=["scalar", "array"])


def values(gradient):
    return np.ravel(gradient.payload).tolist()


@structural(
    outputs=("low", "high"),
    vjp=lambda upstream: (
        sum(w * u for w, u in zip((1, 10), upstream, strict=True) if u is not None),
    ),
)
def both(x):
    return x, 10 * x


# ---------------------------------------------------------------- on what was computed


@MAKERS
def test_a_hook_sees_the_complete_upstream_once(make):
    x = make(2.0)
    h = x * 3
    seen = []
    h.register_hook(lambda grad: seen.append(grad))
    (h * h + h).sum().backward()
    (grad,) = seen
    assert values(grad) == [2 * 6 + 1] and grad.shape == h.shape and not grad.requires_grad
    assert values(x.grad) == [39]


@MAKERS
def test_what_a_hook_returns_takes_the_gradients_place_for_all_that_follow(make):
    x = make(2.0)
    h = x * 3
    seen = []
    h.register_hook(lambda grad: grad * 10)
    h.register_hook(lambda grad: seen.append(values(grad)))
    h.register_hook(lambda grad: grad + 1)
    steps = list(autograd.steps((h * 5).sum()))
    assert seen == [[50]]
    assert values(x.grad) == [3 * 51]
    assert np.ravel(steps[-1].upstream).tolist() == [51]


@MAKERS
def test_a_removed_hook_is_not_called(make):
    x = make(2.0)
    h = x * 3
    handle = h.register_hook(lambda grad: grad * 10)
    with h.register_hook(lambda grad: grad * 100):
        (h * 1).sum().backward(retain_graph=True)
    assert values(x.grad) == [3000]
    handle.remove()
    handle.remove()
    (h * 1).sum().backward()
    assert values(x.grad) == [3003]


def test_a_hook_may_remove_itself_and_others():
    x = leaf(2.0)
    h = x * 3
    calls = []
    first = h.register_hook(lambda grad: (calls.append("first"), first.remove(), None)[2])
    for _ in range(2):
        h.sum().backward(retain_graph=True)
    assert calls == ["first"]


@MAKERS
def test_a_gradient_changed_in_place_by_a_hook_is_what_flows_and_nothing_else_changes(make):
    x, w = make(2.0), make(5.0)
    h = x * 1
    h.register_hook(lambda grad: grad.mul_(7) and None)
    (h + w).sum().backward()  # add sends one array to both
    assert values(x.grad) == [7] and values(w.grad) == [1]


def test_hooks_on_a_root():
    x = leaf(2.0)
    y = (x * x).sum()
    y.register_hook(lambda grad: grad * 3)
    y.backward()
    assert x.grad.tolist() == [12]


def test_a_hook_stays_with_the_value_it_was_registered_on(torch):
    def program(library, x):
        seen = []
        h = x * 3
        h.register_hook(lambda grad: seen.append(("before", grad.tolist())))
        h.mul_(2)
        h.register_hook(lambda grad: seen.append(("after", grad.tolist())))
        (h * 5).sum().backward()
        return seen, x.grad.tolist()

    ours = program(autograd, leaf(2.0))
    theirs = program(torch, torch.tensor([2.0], dtype=torch.float64, requires_grad=True))
    assert ours == theirs == ([("after", [5.0]), ("before", [10.0])], [30.0])


def test_a_hook_on_a_view():
    x = leaf(1.0, 2.0)
    h = x * 1
    view = h[0]
    seen = []
    view.register_hook(lambda grad: seen.append(grad.item()))
    (view * 4 + h.sum()).backward()
    assert seen == [4] and x.grad.tolist() == [5, 1]


def test_a_hook_on_one_output_of_several():
    x = leaf(3.0, 1.0)
    low, high = both(x)
    high.register_hook(lambda grad: grad * 2)
    seen = []
    high.grad_fn.operands[0].register_prehook(lambda grads: seen.append(grads))
    high.sum().backward()
    assert x.grad.tolist() == [20, 20]
    ((nothing, grad),) = seen
    assert nothing is None and grad.tolist() == [2, 2]


# ---------------------------------------------------------------- on leaves


@MAKERS
def test_a_leafs_hook_sees_its_complete_gradient_before_it_is_added(make):
    x = make(2.0)
    seen = []
    x.register_hook(lambda grad: seen.append((values(grad), x.grad)))
    x.register_hook(lambda grad: grad * 2)
    (x * x * x).sum().backward()
    assert seen == [([12], None)] and values(x.grad) == [24]
    (x * 5).sum().backward()
    assert seen[1][0] == [5] and values(x.grad) == [34]


def test_a_leafs_hook_where_the_leaf_is_the_root():
    x = scalar(2.0)
    x.register_hook(lambda grad: grad * 4)
    x.backward()
    autograd.backward([x, x * 2])
    assert x.grad.item() == 4 + 12


@MAKERS
def test_hooks_after_accumulation_see_the_tensor_itself(make):
    x = make(2.0)
    seen = []
    x.register_post_accumulate_grad_hook(lambda t: seen.append((t is x, values(t.grad))))
    for _ in range(2):
        (x * x).sum().backward()
    assert seen == [(True, [4]), (True, [8])]


def test_a_leaf_receives_as_soon_as_its_gradient_is_complete():
    x, w = leaf(2.0), leaf(3.0)
    done = []
    x.register_post_accumulate_grad_hook(lambda t: done.append("x"))
    w.register_post_accumulate_grad_hook(lambda t: done.append("w"))
    h = x * 2
    y = ((h * w) * w).sum()
    for step in autograd.steps(y):
        done.append(step.op.sequence)
    assert done.index("w") == len(done) - 3 and done[-1] == "x"


def test_a_post_accumulate_hook_must_return_none():
    x = leaf(2.0)
    x.register_post_accumulate_grad_hook(lambda t: t)
    with pytest.raises(RuntimeError, match="expected it to return None, got Tensor"):
        (x * 2).sum().backward()


def test_a_post_accumulate_hook_is_not_called_by_grad_nor_for_other_inputs():
    x, w = leaf(2.0), leaf(3.0)
    calls = []
    x.register_post_accumulate_grad_hook(lambda t: calls.append("x"))
    autograd.grad((x * w).sum(), x)
    (x * w).sum().backward(inputs=[w])
    assert calls == []
    (x * w).sum().backward(inputs=[x])
    assert calls == ["x"]


def test_hooks_of_a_leaf_survive_freezing():
    x = leaf(2.0)
    x.register_hook(lambda grad: grad * 3)
    x.requires_grad_(False)
    x.requires_grad_()
    (x * 1).sum().backward()
    assert x.grad.tolist() == [3]


# ---------------------------------------------------------------- grad, inputs, create_graph


@MAKERS
def test_grad_returns_what_hooks_make_of_it(make):
    x = make(2.0)
    h = x * 3
    h.register_hook(lambda grad: grad * 10)
    x.register_hook(lambda grad: grad + 1)
    dh, dx = autograd.grad((h * h).sum(), [h, x])
    assert values(dh) == [120] and values(dx) == [361] and x.grad is None
    (only,) = autograd.grad((h * h).sum(), h)
    assert values(only) == [120]


def test_hooks_run_only_where_the_walk_comes():
    x, w = leaf(2.0), leaf(3.0)
    h = x * 1
    calls = []
    h.register_hook(lambda grad: calls.append("h"))
    x.register_hook(lambda grad: calls.append("x"))
    autograd.grad((h * w).sum(), w)
    assert calls == []
    (h * w).sum().backward(inputs=[x])
    assert calls == ["h", "x"] and w.grad is None


@MAKERS
def test_hooks_are_differentiated_under_create_graph(make):
    x = make(2.0)
    h = x * x
    h.register_hook(lambda grad: grad * x)
    x.register_hook(lambda grad: grad * grad)
    (slope,) = autograd.grad((h * 1).sum(), x, create_graph=True)  # (2 x x) ** 2
    assert values(slope) == [64] and slope.requires_grad
    (curvature,) = autograd.grad(slope.sum(), x, create_graph=True)
    # 16 x ** 3 through the graph; the hooks run again on their own way back
    assert curvature.requires_grad and np.isfinite(values(curvature)).all()


def test_second_derivatives_with_hooks_equal_torchs(torch):
    def program(library, x):
        h = x * x
        h.register_hook(lambda grad: grad * x)
        (slope,) = library.grad((h * h).sum(), x, create_graph=True)
        (curvature,) = library.grad(slope.sum(), x)
        return slope.tolist(), curvature.tolist()

    theirs = program(
        torch.autograd, torch.tensor([2.0, 3.0], dtype=torch.float64, requires_grad=True)
    )
    assert program(autograd, leaf(2.0, 3.0)) == theirs


def test_a_hook_records_only_under_create_graph():
    x = leaf(2.0)
    modes = []
    x.register_hook(lambda grad: modes.append((autograd.is_grad_enabled(), grad.requires_grad)))
    (x * x).sum().backward()
    autograd.grad((x * x).sum(), x, create_graph=True)
    with autograd.no_grad():
        list(autograd.steps(autograd.enable_grad(lambda: (x * x).sum())(), create_graph=True))
        x.grad = None
    assert modes == [(False, False), (True, True), (True, True)]


# ---------------------------------------------------------------- hooks of nodes


@MAKERS
def test_hooks_around_an_ops_rule(make):
    x, w = make(2.0), make(3.0)
    y = x * w
    seen = []

    def before(grad_outputs):
        seen.append(("before", [values(g) for g in grad_outputs]))
        return (grad_outputs[0] * 10,)

    def after(grad_inputs, grad_outputs):
        seen.append(("after", [values(g) for g in grad_inputs], [values(g) for g in grad_outputs]))
        return grad_inputs[0] + 1, None

    y.register_hook(lambda grad: seen.append(("tensor", values(grad))))
    y.grad_fn.register_prehook(before)
    y.grad_fn.register_hook(after)
    y.sum().backward()
    assert seen == [("tensor", [1]), ("before", [[1]]), ("after", [[30], [20]], [[10]])]
    assert values(x.grad) == [31] and w.grad is None


def test_gradients_that_hooks_of_nodes_drop(torch):
    def program(x, w):
        y = x * w
        y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: (grad_inputs[0], None))
        z = y * 2
        z.grad_fn.register_prehook(lambda grad_outputs: (None,))
        (y * 3 + z).sum().backward()
        return x.grad.tolist(), w.grad

    theirs = program(*(torch.tensor([v], requires_grad=True) for v in (2.0, 3.0)))
    assert program(leaf(2.0), leaf(3.0)) == theirs == ([9], None)
    x = leaf(2.0)
    y = x * 3
    y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: (grad_inputs[0], grad_inputs[0]))
    with pytest.raises(RuntimeError, match="a gradient that is None cannot be replaced"):
        y.sum().backward()


def test_nodes_hooks_run_only_where_the_op_is_executed():
    x = leaf(2.0)
    h = x * 3
    calls = []
    h.register_hook(lambda grad: calls.append("tensor"))
    h.grad_fn.register_prehook(lambda grads: calls.append("before"))
    autograd.grad((h * 2).sum(), h)
    assert calls == ["tensor"]


def test_a_hook_of_a_node_has_to_return_as_many():
    x = leaf(2.0)
    y = x * x
    y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: grad_inputs[:1])
    with pytest.raises(RuntimeError, match="the output of multiply: expected 2 gradients, got 1"):
        y.sum().backward()


def test_next_functions_are_the_operands_nodes():
    x = leaf(2.0)
    h = x * 3
    y = h + x
    assert y.grad_fn.next_functions == ((h.grad_fn, 0), (x.node, 0))
    assert h.grad_fn.next_functions == ((x.node, 0), (None, 0))


# ---------------------------------------------------------------- errors


def test_hooks_of_what_requires_no_gradient_are_refused():
    x = autograd.ones(2)
    for register in (x.register_hook, x.register_post_accumulate_grad_hook):
        with pytest.raises(RuntimeError, match="no gradient comes to a tensor that requires none"):
            register(lambda grad: None)
    with pytest.raises(RuntimeError, match="only leaves accumulate, got the output of multiply"):
        (leaf(1.0) * 2).register_post_accumulate_grad_hook(lambda t: None)
    with pytest.raises(TypeError, match="a hook must be callable, got int"):
        leaf(1.0).register_hook(3)


@pytest.mark.parametrize(
    ("returned", "error", "match"),
    [
        (lambda grad: 3.0, TypeError, "expected it to return a Tensor or None, got float"),
        (lambda grad: grad[:1], RuntimeError, r"shape \(2,\) and dtype float64, got \(1,\)"),
        (lambda grad: grad.float(), RuntimeError, r"got \(2,\) and float32"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_ops_name(returned, error, match):
    x = leaf(1.0, 2.0)
    h = autograd.exp(x)
    h.register_hook(returned)
    with pytest.raises(error, match=rf"<lambda>.*on the output of exp.*{match}"):
        h.sum().backward()
    assert x.grad is None
    x.register_hook(returned)
    with pytest.raises(error, match=rf"on leaf of shape \(2,\).*{match}"):
        (x * 1).sum().backward()


def test_an_error_in_a_hook_says_where():
    x = leaf(1.0)
    h = x * 2
    h.register_hook(lambda grad: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        h.sum().backward()
    assert "raised by the hook '<lambda>' on the output of multiply" in caught.value.__notes__
    assert autograd.is_grad_enabled()


# ---------------------------------------------------------------- retain_grad


@MAKERS
def test_a_retained_gradient_accumulates(make):
    x = make(2.0)
    h = x * 3
    assert not h.retains_grad
    h.retain_grad()
    h.retain_grad()
    assert h.retains_grad and h.grad is None
    for _ in range(2):
        (h * 5).sum().backward(retain_graph=True)
    assert values(h.grad) == [10] and values(x.grad) == [30]
    assert h.grad is h.grad
    h.grad = None
    assert h.grad is None
    (h * 5).sum().backward()
    assert values(h.grad) == [5]


def test_a_retained_gradient_is_there_in_a_large_graph():
    x = autograd.ones(3000, 2000, requires_grad=True)
    h = x * 2
    other = h * 1
    h.retain_grad()
    other.sum().backward()
    assert other.grad is None
    assert h.grad.shape == h.shape and h.grad.payload.min() == 1 == h.grad.payload.max()


def test_retained_gradients_come_after_the_hooks(torch):
    def program(x):
        h = x * 3
        h.retain_grad()
        h.register_hook(lambda grad: grad * 2)
        (h * 5).sum().backward()
        return h.grad.tolist()

    theirs = program(torch.tensor([2.0], requires_grad=True))
    assert program(leaf(2.0)) == theirs == [10]


def test_retention_moves_with_the_tensor(torch):
    def program(x):
        h = x * 3
        h.retain_grad()
        h.mul_(2)
        (h * 5).sum().backward()
        return h.retains_grad, h.grad.tolist(), x.grad.tolist()

    theirs = program(torch.tensor([2.0], requires_grad=True))
    assert program(leaf(2.0)) == theirs == (True, [5], [30])


def test_retention_of_a_view_whose_root_changes():
    x = leaf(2.0, 3.0)
    h = x * 1
    view = h[:1]
    view.retain_grad()
    view.mul_(2)
    assert view.retains_grad
    (view * 5).sum().backward()
    assert view.grad.tolist() == [5] and x.grad.tolist() == [10, 0]


def test_retain_grad_on_leaves_and_constants():
    x = leaf(2.0)
    x.retain_grad()
    assert not x.retains_grad
    with pytest.raises(RuntimeError, match="retain_grad: no gradient comes to a tensor"):
        autograd.ones(2).retain_grad()


def test_grad_leaves_what_is_retained_as_torch_does(torch):
    def program(grad, x):
        h = x * 3
        h.retain_grad()
        grad((h * 5).sum(), [x])
        return h.grad.tolist()

    theirs = program(torch.autograd.grad, torch.tensor([2.0], requires_grad=True))
    assert program(autograd.grad, leaf(2.0)) == theirs == [5]


def test_retained_gradients_under_create_graph_can_be_differentiated():
    x = leaf(2.0)
    h = x * x
    h.retain_grad()
    (h * h).sum().backward(create_graph=True)
    (second,) = autograd.grad(h.grad.sum(), x)
    assert second.tolist() == [8]
    h.grad = x.grad = None


# ---------------------------------------------------------------- memory


def test_hooks_leave_nothing_behind():
    def program():
        x = leaf(1.0, 2.0)
        h = x * 3
        h.register_hook(lambda grad: grad * 2)
        h.retain_grad()
        once = h.register_hook(lambda grad: once.remove())
        x.register_post_accumulate_grad_hook(lambda t: None)
        h.sum().backward()

    program()
    gc.collect()
    gc.disable()
    try:
        before = len(hooks.ALIVE)
        for _ in range(50):
            program()
        assert len(hooks.ALIVE) == before
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_handle_holds_no_graph():
    x = leaf(1.0)
    h = x * 2
    handle = h.register_hook(lambda grad: None)
    op = weakref.ref(h.node)
    del h
    assert op() is None
    handle.remove()


def test_hooks_on_another_graph_are_not_watched():
    x, other = leaf(2.0), leaf(1.0)
    other.register_hook(lambda grad: None)
    y = x * x
    assert watch([y.node], {y.node: 1.0}, None, False) is None
    y.register_hook(lambda grad: None)
    assert watch([y.node], {y.node: 1.0}, None, False) is not None
    assert watch([], {y.node: 1.0}, {x.node}, False) is None
    assert watch([], {y.node: 1.0}, {y.node}, False) is not None
