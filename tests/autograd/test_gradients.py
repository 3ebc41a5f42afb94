"""Gradients: what grad returns, derivatives of derivatives, and who owns the arrays."""

import tracemalloc

import numpy as np
import pytest

import autograd
from autograd import modes


def leaf(*values, dtype=np.float64):
    return autograd.tensor(list(values), dtype=dtype, requires_grad=True)


def scalar(value):
    return autograd.tensor(value, requires_grad=True)


# ---------------------------------------------------------------- grad


def test_grad_returns_a_tuple_and_touches_no_grad():
    x, w = leaf(2.0), leaf(3.0)
    dx, dw = autograd.grad((x * w).sum(), [x, w])
    assert (dx.tolist(), dw.tolist()) == ([3], [2])
    assert x.grad is None and w.grad is None
    assert not dx.requires_grad


def test_grad_of_a_value_in_between_leaves_what_lies_below_it():
    x = leaf(1.0, 2.0)
    h = x * 2
    (slope,) = autograd.grad((h * h).sum(), h)
    assert slope.tolist() == [4, 8]
    h.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_grad_does_not_ask_whether_ops_off_its_way_are_spent():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    h = autograd.exp(x)
    h.sum().backward()
    (slope,) = autograd.grad((h * w).sum(), w)
    np.testing.assert_array_equal(slope.numpy(), np.exp([1.0, 2.0]))


def test_grad_with_respect_to_nested_values():
    x = leaf(2.0)
    h = x * x
    k = h * h
    dx, dh, dk = autograd.grad(k.sum(), [x, h, k])
    assert (dx.tolist(), dh.tolist(), dk.tolist()) == ([32], [8], [1])


def test_grad_of_an_unrelated_input():
    x, w = leaf(2.0), leaf(3.0)
    assert autograd.grad((x * x).sum(), [x, w], allow_unused=True)[1] is None
    with pytest.raises(RuntimeError, match="do not depend on input 1; pass allow_unused=True"):
        autograd.grad((x * x).sum(), [x, w])
    with pytest.raises(
        RuntimeError, match="inputs: expected Tensors that require a gradient, got one of shape"
    ):
        autograd.grad((x * x).sum(), autograd.ones(2))


def test_grad_weighs_outputs():
    x = leaf(2.0, 3.0)
    (slope,) = autograd.grad(x * x, x, [np.array([1.0, 10.0])])
    assert slope.tolist() == [4, 60]


def test_higher_derivatives():
    x = scalar(2.0)
    y = x**5
    for expected in (80, 160, 240, 240, 120):
        (y,) = autograd.grad(y, x, create_graph=True)
        assert y.item() == expected


def test_backward_with_create_graph_leaves_gradients_that_can_be_differentiated():
    x = leaf(2.0, 3.0)
    (x**3).sum().backward(create_graph=True)
    slope, x.grad = x.grad, None
    slope.sum().backward()
    assert x.grad.tolist() == [12, 18]


def test_create_graph_records_whatever_the_callers_mode():
    x = scalar(2.0)
    y = x * x * x
    with autograd.no_grad():
        (slope,) = autograd.grad(y, x, create_graph=True)
    (curvature,) = autograd.grad(slope, x)
    assert curvature.item() == 12
    z, u = leaf(2.0, 3.0), leaf(1.0, 1.0)
    h = z * z
    with autograd.no_grad():
        autograd.backward([h, h], [u, u * 2], create_graph=True)
    slope, z.grad = z.grad, None
    slope.sum().backward()
    assert z.grad.tolist() == [6, 6]


def test_gradients_with_a_graph_are_owned_too():
    x, y = leaf(1.0), leaf(2.0)
    (x + y).sum().backward(create_graph=True)
    assert x.grad is not y.grad
    assert not np.shares_memory(x.grad.payload, y.grad.payload)


def test_second_derivative_of_sin_of_a_square_times_exp():
    x = autograd.tensor(np.linspace(-1.4, 1.5, 7), requires_grad=True)
    y = (autograd.sin(x**2) * autograd.exp(x)).sum()
    (slope,) = autograd.grad(y, x, create_graph=True)
    (curvature,) = autograd.grad(slope.sum(), x)

    def value(at):
        return np.sin(at**2) * np.exp(at)

    v, h = x.numpy(), 1e-3
    stencil = [-1 / 12, 4 / 3, -5 / 2, 4 / 3, -1 / 12]
    numeric = sum(c * value(v + k * h) for k, c in zip(range(-2, 3), stencil, strict=True)) / h**2
    np.testing.assert_allclose(curvature.numpy(), numeric, rtol=1e-6)


# ---------------------------------------------------------------- gradients are owned


def test_gradients_are_writable_and_share_no_memory():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x + y).sum().backward()
    assert x.grad.payload.flags.writeable and y.grad.payload.flags.writeable
    assert not np.shares_memory(x.grad.payload, y.grad.payload)
    x.grad.mul_(5)
    assert y.grad.tolist() == [1, 1]


def test_gradients_share_no_memory_with_what_the_graph_keeps():
    x = leaf(1.0, 2.0)
    h = x * 2
    y = (h * np.array([3.0, 4.0])).sum()
    y.backward()
    x.grad.zero_()
    assert h.node.grad.tolist() == [3, 4] and h.node.contributions[0].tolist() == [6, 8]


def test_what_grad_returns_shares_no_memory():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    z = x + y
    dx, dy, dz = autograd.grad((z * np.array([1.0, 2.0])).sum(), [x, y, z])
    dx.mul_(5)
    assert (dy.tolist(), dz.tolist()) == ([1, 2], [1, 2])
    assert z.node.grad is None or z.node.grad.tolist() == [1, 2]


def test_a_gradient_handed_in_stays_the_callers():
    x = leaf(1.0, 2.0)
    given = np.array([1.0, 2.0])
    x.backward(given)
    (x * 1).backward(given)
    x.grad.mul_(7)
    assert given.tolist() == [1, 2]


def test_accumulation_keeps_the_gradients_memory():
    x = leaf(1.0, 2.0)
    (x * 2).sum().backward()
    held = x.grad
    (x * 3).sum().backward()
    assert x.grad is held and held.tolist() == [5, 5]


def test_the_gradient_of_a_value_in_between_is_what_its_op_kept():
    x = leaf(1.0, 2.0)
    h = x * 2
    assert h.grad is None
    (h * h).sum().backward()
    assert h.grad.tolist() == [4, 8]


def test_a_gradient_can_be_set_only_where_it_fits():
    x = leaf(1.0, 2.0)
    x.grad = autograd.zeros(2, dtype=np.float64)
    with pytest.raises(RuntimeError, match=r"expected shape \(2,\) and dtype float64, got \(3,\)"):
        x.grad = autograd.zeros(3)
    with pytest.raises(RuntimeError, match="only on a leaf"):
        (x * 2).grad = autograd.zeros(2)
    with pytest.raises(RuntimeError, match="cannot be its own gradient"):
        x.grad = x
    del x.grad
    assert x.grad is None


def test_gradients_of_a_large_graph_share_no_memory():
    x, y = (autograd.ones(200_000, requires_grad=True) for _ in range(2))
    z = x + y
    for _ in range(40):  # more than stays whole
        z = z * 0.5
    z.sum().backward()
    assert z.node.value is None
    assert not np.shares_memory(x.grad.payload, y.grad.payload)
    twice = x * 1
    for _ in range(40):
        twice = twice * 0.5
    before = x.grad.payload[0]
    (twice + twice + x).sum().backward()
    assert x.grad.payload[0] == before + 2 * 0.5**40 + 1


def test_a_gradient_in_use_is_guarded_against_accumulation():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x * x).sum().backward()
    y = (w * x.grad).sum()
    (x * x).sum().backward()
    with pytest.raises(
        RuntimeError, match="multiply: its operand 'y', .* changed in place since it was used"
    ):
        y.backward()


def test_a_root_that_is_a_leaf_receives_only_if_it_is_asked_for():
    x, w = leaf(1.0), leaf(3.0)
    autograd.backward([x, (w * w).sum()], inputs=[w])
    assert x.grad is None and w.grad.tolist() == [6]


def test_division_is_exact_and_does_not_overflow_in_between():
    x, y = leaf(1.0, 1e-5), leaf(3.0, 1e-310)
    (slope,) = autograd.grad(x / y, x, [np.array([5.0, 1e-5])])
    assert slope.tolist() == [5 / 3, 1e-5 / 1e-310]


def test_nan_is_the_maximum_and_receives_the_gradient():
    for name in ("amax", "amin", "max", "min"):
        x = leaf(1.0, np.nan, 3.0)
        getattr(x, name)().backward()
        assert x.grad.tolist() == [0, 1, 0]


def test_a_closed_gate_passes_neither_inf_nor_nan():
    for upstream in (np.inf, np.nan):
        x = leaf(-1.0, 2.0)
        autograd.relu(x).backward(np.array([upstream, 1.0]))
        assert x.grad.tolist() == [0, 1]
        s = scalar(-1.0)
        autograd.relu(s).backward(np.float32(upstream))
        assert s.grad.item() == 0


def test_a_partial_that_is_a_boolean_operand_is_a_gate():
    @autograd.elementwise(promotes=None, x=lambda mask: mask)
    def kept(x, mask):
        return np.where(mask, x, 0)

    for shape in ((4,), ()):
        x = autograd.ones(shape, dtype=np.float64, requires_grad=True)
        for upstream in (np.inf, np.nan):
            for graph in (False, True):
                result = kept(x, np.zeros(shape, bool))
                (slope,) = autograd.grad(result, x, np.full(shape, upstream), create_graph=graph)
                assert not slope.detach().numpy().any()


def test_derivatives_bear_the_module_of_their_op():
    x = leaf(2.0)
    with modes.module_scope("block"):
        y = autograd.sin(x)
    (slope,) = autograd.grad(y.sum(), x, create_graph=True)
    assert slope.node.module == "block" and modes.MODE.get().module == ""


def test_a_detached_gradient_of_a_scalar_sees_the_sum_grow():
    x = autograd.tensor(2.0, requires_grad=True)
    (x * x).backward()
    shared, kept = x.grad.detach(), x.grad
    (x * x).backward()
    assert shared.item() == 8.0
    assert x.grad is kept


def test_a_view_of_replaced_data_writes_to_what_it_saw():
    w = autograd.tensor([1.0, 2.0]) * 1
    view = w[0]
    w.data = autograd.tensor([5.0, 6.0])
    view.add_(autograd.tensor(1.0, requires_grad=True))
    assert w.tolist() == [5.0, 6.0]
    assert not w.requires_grad
    assert view.requires_grad


# ---------------------------------------------------------------- what is not copied


def large(*values):
    """A leaf whose gradient is too large to be copied for nothing."""
    return autograd.tensor(np.resize(np.array(values), 20_000), requires_grad=True)


def peak_of(function):
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        function()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_slices_of_one_array_add_up_in_place():
    x = autograd.tensor(np.ones((300, 1000)), requires_grad=True)
    y = x * 1
    loss = autograd.stack([(k + 1) * row.sum() for k, row in enumerate(y)]).sum()
    peak = peak_of(loss.backward)
    assert peak < 6 * x.nbytes, "each slice sent an array of the whole"
    expected = np.repeat(np.arange(1.0, 301.0)[:, None], 1000, 1)
    np.testing.assert_array_equal(x.grad.numpy(), expected)
    (found,) = autograd.grad(autograd.stack([row.sum() for row in x]).sum(), x)
    np.testing.assert_array_equal(found.numpy(), np.ones((300, 1000)))


def test_slices_meet_other_uses():
    x = autograd.tensor(np.arange(12.0).reshape(3, 4), requires_grad=True)

    def function(x):
        y = x * 2
        return (y[0] * y[1]).sum() + (y * y).sum() + y[1:, ::2].sum() + y[[0, 0]].sum()

    assert autograd.gradcheck(function, x)
    function(x).backward()
    steps = autograd.steps(function(x), accumulate=False)
    sums = [s for s in steps if s.op.name == "getitem"]
    assert [s.contributions[0].shape for s in sums] == [(3, 4)] * 4


def test_what_a_slice_sent_is_worked_out_when_asked_for():
    x = autograd.tensor(np.ones(3), requires_grad=True)
    y = x[1:]
    (y * y).sum().backward()
    np.testing.assert_array_equal(y.node.contributions[0], [0, 2, 2])


def test_a_gradient_is_lent_and_known_until_it_is_changed():
    x, w = large(1.0, 2.0), large(3.0)
    y = x * w
    (y + y).sum().backward()
    sent = y.node.contributions
    assert sent[0] is x.grad.payload  # one array, not a copy
    with autograd.no_grad():
        x.grad.mul_(2)
    assert y.node.contributions[0] is None
    np.testing.assert_array_equal(y.node.contributions[1], w.grad.numpy())
    z = x * w
    z.sum().backward()  # adds to x.grad, in place
    np.testing.assert_array_equal(x.grad.numpy(), 2 * 2 * 3.0 + 3.0 + 0 * x.detach().numpy())


def test_an_upstream_passed_on_belongs_to_one_leaf_alone():
    a, b = large(1.0), large(2.0)
    g = autograd.tensor(np.full(20_000, 5.0))
    (a + b).backward(g)
    assert not np.may_share_memory(a.grad.payload, b.grad.payload)
    assert not np.may_share_memory(a.grad.payload, g.payload)
    with autograd.no_grad():
        a.grad.mul_(0)
    assert b.grad.numpy()[0] == 5 == g.numpy()[0]
