"""The walk: what steps yields, in which mode, what is spent, and what an error leaves."""

import contextvars
import gc
import threading

import numpy as np
import pytest

import autograd
from autograd import backprop, modes
from autograd.op import elementwise, structural


def leaf(*values, dtype=np.float64):
    return autograd.tensor(list(values), dtype=dtype, requires_grad=True)


def scalar(value):
    return autograd.tensor(value, requires_grad=True)


# ---------------------------------------------------------------- y = x*x + x


def test_two_uses_are_two_edges_and_their_contributions_add():
    x = scalar(3.0)
    y = x * x + x
    total, square = y.node, y.node.operands[0]
    assert (total.name, square.name) == ("add", "multiply")
    assert square.operands == (x.node, x.node) and total.operands == (square, x.node)
    y.backward()
    assert [c.item() for c in square.contributions] == [3, 3]
    assert [c.item() for c in total.contributions] == [1, 1]
    assert x.grad.item() == 3 + 3 + 1 == 7


def test_backward_twice_with_retain_graph_doubles_the_leaf():
    x = scalar(3.0)
    y = x * x + x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 14


@pytest.mark.parametrize("make", [scalar, leaf], ids=["scalar", "array"])
def test_a_second_backward_says_that_the_graph_is_spent(make):
    x = make(3.0)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(
        RuntimeError, match=r"(sum|multiply) was passed .* spent.*retain_graph=True"
    ):
        y.backward()
    assert x.grad.sum().item() == 6


def test_a_second_backward_of_scalars_alone_says_so_too():
    x = scalar(3.0)
    y = x * x
    y.backward()
    with pytest.raises(RuntimeError, match="multiply was passed by an earlier backward"):
        y.backward()
    with pytest.raises(RuntimeError, match="multiply was passed by an earlier backward"):
        (y * 2).backward()
    assert x.grad.item() == 6


def test_spent_ops_are_marked():
    x = leaf(3.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    assert not y.node.spent and not y.node.operands[0].spent
    y.backward()
    assert y.node.spent and y.node.operands[0].spent


# ---------------------------------------------------------------- steps


def test_steps_yield_each_op_once_with_its_complete_upstream():
    x = leaf(2.0)
    h = x * 3
    y = (h * h + h).sum()
    walked = list(autograd.steps(y))
    assert [s.op.name for s in walked] == ["sum", "add", "multiply", "multiply"]
    assert walked[-1].upstream.tolist() == [2 * 6 + 1]
    assert walked[-1].contributions[0].tolist() == [39] and walked[-1].contributions[1] is None
    assert x.grad.tolist() == [39]


def test_backward_grad_and_steps_go_through_one_loop(monkeypatch):
    x = scalar(3.0)
    walks = []

    def counted(*arguments):
        walks.append(arguments[-1])
        return original(*arguments)

    original = backprop.walk
    monkeypatch.setattr(backprop, "walk", counted)
    (x * x).backward()
    autograd.grad(x * x, x)
    list(autograd.steps(x * x))
    assert walks == [False, False, True]  # watched: only a step-through yields
    assert x.grad.item() == 12
    monkeypatch.setattr(backprop, "walk", lambda *arguments: iter(()))
    (x * x).backward()
    assert x.grad.item() == 12


def test_the_callers_mode_is_unchanged_between_steps():
    x = leaf(2.0)
    y = (autograd.sin(x) * x).sum()
    with autograd.no_grad(), autograd.ties("first"):
        mode = modes.MODE.get()
        for _ in autograd.steps(y, create_graph=True):
            assert modes.MODE.get() is mode
        assert modes.MODE.get() is mode


def test_a_mode_entered_between_steps_is_the_callers():
    x = leaf(2.0)
    walk = autograd.steps((x * x).sum())
    next(walk)
    with autograd.no_grad():
        next(walk)
        assert not autograd.is_grad_enabled()
    assert autograd.is_grad_enabled()
    walk.close()


def test_two_walks_of_one_graph_interleave():
    x = leaf(2.0, 5.0)
    h = autograd.exp(x)
    y = (h * h + h).sum()
    first = autograd.steps(y, retain_graph=True, accumulate=False)
    second = autograd.steps(y, retain_graph=True)
    expected = [s.upstream for s in autograd.steps(y, retain_graph=True, accumulate=False)]
    seen = [(next(first).upstream, next(second).upstream) for _ in expected]
    assert next(first, None) is None and next(second, None) is None
    for upstream, (one, other) in zip(expected, seen, strict=True):
        np.testing.assert_array_equal(one, upstream)
        np.testing.assert_array_equal(other, upstream)
    e = np.exp([2.0, 5.0])
    np.testing.assert_allclose(x.grad.numpy(), 2 * e * e + e)


def test_a_backward_within_a_walk_does_not_disturb_it():
    x, w = leaf(2.0), leaf(3.0)
    for step in autograd.steps((x * x * x).sum()):
        (w * w).sum().backward()
        assert step.op.name in ("sum", "multiply")
    assert x.grad.tolist() == [12] and w.grad.tolist() == [18]


def test_steps_without_accumulation_touch_no_grad():
    x = leaf(2.0)
    y = (x * x).sum()
    list(autograd.steps(y, retain_graph=True, accumulate=False))
    assert x.grad is None
    y.backward()
    assert x.grad.tolist() == [4]


def test_a_walk_left_half_way_leaves_the_rest_undone():
    x = leaf(2.0)
    walk = autograd.steps((x * x).sum())
    next(walk)
    del walk
    assert x.grad is None
    assert autograd.is_grad_enabled()


def test_several_roots_start_together():
    x = leaf(2.0)
    h = x * x
    autograd.backward([h.sum(), (h * 3).sum()])
    assert x.grad.tolist() == [4 + 12]


def test_a_root_among_another_roots_operands():
    x = leaf(2.0)
    h = x * x
    autograd.backward([h, h * 3], [np.array([1.0]), np.array([10.0])])
    assert x.grad.tolist() == [31 * 4]


def test_a_leaf_may_be_the_root():
    x = scalar(3.0)
    x.backward()
    x.backward()
    assert x.grad.item() == 2


def test_inputs_receive_and_other_leaves_do_not():
    x, w = leaf(2.0), leaf(3.0)
    h = x * w
    autograd.backward((h * h).sum(), inputs=[w])
    assert x.grad is None and w.grad.tolist() == [2 * 6 * 2]


def test_only_asked_for_contributions_are_computed():
    calls = []

    @structural(
        x=lambda upstream, y: (calls.append("x"), upstream * y)[1],
        y=lambda upstream, x: (calls.append("y"), upstream * x)[1],
    )
    def counted(x, y):
        return x * y

    image, weight = autograd.ones(2), autograd.ones(2, requires_grad=True)
    counted(image, weight).sum().backward()
    assert calls == ["y"]
    x = autograd.ones(2, requires_grad=True)
    autograd.grad(counted(x, weight).sum(), x)
    assert calls == ["y", "x"]


# ---------------------------------------------------------------- errors


def test_backward_of_no_scalar_says_so():
    with pytest.raises(RuntimeError, match=r"shape \(2,\) is no scalar; pass its gradient"):
        (leaf(1.0, 2.0) * 2).backward()


def test_backward_of_a_constant_says_so():
    with pytest.raises(RuntimeError, match="requires no gradient; no operand had requires_grad"):
        autograd.ones(()).backward()


def test_backward_with_a_gradient_that_does_not_fit_says_so():
    with pytest.raises(RuntimeError, match=r"expected a gradient of shape \(2,\), got \(3,\)"):
        (leaf(1.0, 2.0) * 2).backward(np.ones(3))


class Broken(Exception):
    pass


@structural(x=lambda upstream, x: _raise(upstream))
def breaking(x):
    return x * 1


def _raise(upstream):
    raise Broken("on purpose")


def test_an_error_in_the_rule_of_a_scalar_names_op():
    @elementwise(x=lambda x: _raise(x))
    def failing(x):
        return x * 1

    x = scalar(2.0)
    with modes.module_scope("head"):
        y = failing(x)
    with pytest.raises(Broken) as caught:
        (y * 3).backward()
    assert "derivative of failing in module head" in caught.value.__notes__[0]


def test_an_error_in_a_rule_names_op_and_module_and_leaves_nothing_half_set():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    with modes.module_scope("block1"), modes.module_scope("conv"):
        h = breaking(x)
    y = (h * w).sum()
    mode = modes.MODE.get()
    with pytest.raises(Broken, match="on purpose") as caught:
        y.backward()
    (note,) = caught.value.__notes__
    assert "derivative of breaking in module block1.conv" in note
    assert "output (2,) float64, operands [(2,)], upstream (2,)" in note
    assert modes.MODE.get() is mode
    assert w.grad.tolist() == [1, 2] and x.grad is None
    with pytest.raises(Broken):
        autograd.grad((breaking(x) * w).sum(), x, create_graph=True)
    assert modes.MODE.get() is mode
    (x * w).sum().backward()
    assert x.grad.tolist() == [3, 4]


# ---------------------------------------------------------------- threads


def test_threads_have_their_own_modes_and_share_leaves():
    w = leaf(*np.ones(50))
    number, rounds = 8, 20
    barrier = threading.Barrier(number)
    failures = []

    def work(i):
        try:
            barrier.wait()
            for _ in range(rounds):
                with autograd.no_grad() if i % 2 else autograd.enable_grad():
                    assert autograd.is_grad_enabled() == (i % 2 == 0)
                    h = w * 2
                    assert h.requires_grad == (i % 2 == 0)
                (w * w).sum().backward()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    np.testing.assert_array_equal(w.grad.numpy(), np.full(50, 2.0 * number * rounds))


def test_a_copied_context_keeps_the_callers_mode():
    with autograd.no_grad():
        context = contextvars.copy_context()
    assert autograd.is_grad_enabled()
    assert not context.run(autograd.is_grad_enabled)


def test_leaf_gradients_of_concurrent_walks_over_one_graph_add_up():
    x = leaf(*np.linspace(0, 1, 30))
    y = autograd.exp(x).sum()
    threads = [
        threading.Thread(target=y.backward, kwargs={"retain_graph": True}) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_allclose(x.grad.numpy(), 16 * np.exp(np.linspace(0, 1, 30)))
    gc.collect()
