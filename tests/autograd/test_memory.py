"""Graphs are freed by reference counting alone, however deep; nothing is left for the collector."""

import contextlib
import gc
import sys
import threading
import weakref

import numpy as np
import pytest

import autograd
from autograd.op import structural

GRAPHS = 200


@structural(x=lambda upstream, x: 1 / 0)
def breaking(x):
    return x * 1


def leaf(scalars=False):
    return autograd.tensor(0.5 if scalars else [0.5, 1.5], requires_grad=True)


def backward_arrays():
    x = leaf()
    (autograd.exp(x) * x / (x + 1)).sum().backward()


def backward_scalars():
    x = leaf(scalars=True)
    (autograd.exp(x) * x / (x + 1)).backward()


def forward_only():
    x = leaf()
    autograd.logsumexp(x.reshape(1, 2) @ x.unsqueeze(1) + x[0], 0)


def second_order():
    x = leaf()
    (slope,) = autograd.grad((x * autograd.sin(x)).sum(), x, create_graph=True)
    autograd.grad(slope.sum(), x)


def second_order_left_undone():
    x = leaf()
    autograd.grad((x * autograd.sin(x)).sum(), x, create_graph=True)


def second_order_scalars():
    x = leaf(scalars=True)
    (slope,) = autograd.grad(x * autograd.sin(x), x, create_graph=True)
    slope.backward()


def rule_that_raises():
    x = leaf()
    with contextlib.suppress(ZeroDivisionError):
        (breaking(x) * x).sum().backward()


def second_order_rule_that_raises():
    x = leaf()
    with contextlib.suppress(ZeroDivisionError):
        autograd.grad((breaking(x) * x).sum(), x, create_graph=True)


def stepper_left_half_way():
    x = leaf()
    walk = autograd.steps((autograd.exp(x) * x).sum())
    next(walk)
    next(walk)


def second_order_in_grad():
    x = leaf()
    (x * autograd.sin(x)).sum().backward(create_graph=True)
    x.grad = None  # which ends the cycle of leaf, gradient and graph


def stepper_kept_with_its_steps():
    x = leaf()
    y = (autograd.exp(x) * x).sum()
    steps = list(autograd.steps(y, create_graph=True, accumulate=False))
    assert len(steps) == 3


def views_and_changes():
    x = leaf() * 1
    view = x[:1]
    view.mul_(3)
    x[0] = x[1] * 2
    x.T.reshape(-1).add_(1)
    assert view.requires_grad
    (x * 2).sum().backward()


def inspected():
    x = leaf()
    with autograd.inspect():
        y = (x * x).sum()
    y.backward()


def update_of_a_leaf():
    x = leaf()
    (x * x).sum().backward()
    with autograd.no_grad():
        x -= x.grad
    x.grad = None


PROGRAMS = [
    backward_arrays,
    backward_scalars,
    forward_only,
    second_order,
    second_order_left_undone,
    second_order_scalars,
    rule_that_raises,
    second_order_rule_that_raises,
    stepper_left_half_way,
    second_order_in_grad,
    stepper_kept_with_its_steps,
    views_and_changes,
    inspected,
    update_of_a_leaf,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_nothing_is_left_for_the_collector(program):
    program()
    gc.collect()
    gc.disable()
    try:
        for _ in range(GRAPHS):
            program()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_graph_goes_with_its_root():
    x = leaf()
    h = autograd.exp(x)
    y = (h * h).sum()
    nodes = [weakref.ref(t.node) for t in (h, y)]
    del h
    assert nodes[0]() is not None
    del y
    assert nodes[0]() is None and nodes[1]() is None


def test_intermediate_tensors_die_at_once():
    x = leaf()
    h = x * 2
    handle = weakref.ref(h)
    y = h + 1
    del h
    assert handle() is None
    y.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_a_million_scalar_ops_are_recorded_differentiated_and_freed():
    x = autograd.tensor(1.0, dtype=np.float64, requires_grad=True)
    y = x
    for _ in range(500_000):
        y = y * 1.0
        y = y + x
    y.backward()
    assert x.grad.item() == 500_001
    assert sys.getrefcount(x.node) > 500_000
    del y
    assert sys.getrefcount(x.node) < 10


def test_a_deep_graph_of_scalars_has_second_derivatives():
    x = autograd.tensor(1.0, dtype=np.float64, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y * x
    (slope,) = autograd.grad(y, x, create_graph=True)
    (curvature,) = autograd.grad(slope, x)
    assert (slope.item(), curvature.item()) == (20_001, 20_001 * 20_000)
    assert sys.getrefcount(x.node) > 20_000
    del y, slope
    assert sys.getrefcount(x.node) < 10


def test_threads_may_record_large_graphs_at_once():
    failures = []

    def work():
        try:
            for _ in range(10):
                w = autograd.ones(20_000, requires_grad=True)
                (w * w).sum().backward()
                assert w.grad.payload[-1] == 2
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_deep_graph_of_arrays_has_second_derivatives():
    x = leaf()
    y = x
    for _ in range(3000):
        y = y * 1.001
    (slope,) = autograd.grad((y * y).sum(), x, create_graph=True)
    (curvature,) = autograd.grad(slope.sum(), x)
    np.testing.assert_allclose(curvature.numpy(), 2 * 1.001**6000, rtol=1e-3)


def test_many_changes_through_views_stay_flat():
    x = leaf() * 1
    for _ in range(500):
        x[0] = x[1] * 1.0
    x.sum().backward()
    assert x.requires_grad
