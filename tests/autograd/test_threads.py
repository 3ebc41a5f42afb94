"""Threads and tasks: modes of their own, graphs of their own, and one leaf that they share."""

import asyncio
import gc
import sys
import threading

import numpy as np
import pytest

import autograd
from autograd import hooks
from autograd.modes import MODE

THREADS = 16


def leaf(*values):
    return autograd.tensor(list(values), dtype=np.float64, requires_grad=True)


def at_once(work, number=THREADS):
    """Run ``work(i)`` in threads that start together and switch often; raise what they raise."""
    barrier, failures = threading.Barrier(number), []

    def run(i):
        try:
            barrier.wait()
            work(i)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(number)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    if failures:
        raise failures[0]


SWITCHES = [
    autograd.no_grad,
    autograd.enable_grad,
    lambda: autograd.ties("first"),
    autograd.detect_anomaly,
    autograd.inference_mode,
    lambda: autograd.set_grad_enabled(False),
]


# ---------------------------------------------------------------- modes


def test_every_thread_has_its_own_modes_and_its_own_graph():
    def work(i):
        assert autograd.is_grad_enabled() and not autograd.is_anomaly_enabled()
        x = leaf(1.0, 2.0)
        for _ in range(20):
            with SWITCHES[i % len(SWITCHES)]():
                mode = MODE.get()
                h = autograd.exp(x) * x
                assert h.requires_grad == mode.recording == autograd.is_grad_enabled()
                assert MODE.get() is mode
            (autograd.exp(x) * x).sum().backward()
            (slope,) = autograd.grad((x * x * x).sum(), x, create_graph=True)
            (curvature,) = autograd.grad(slope.sum(), x)
            assert curvature.tolist() == [6, 12]
        e = np.exp([1.0, 2.0])
        np.testing.assert_allclose(x.grad.numpy(), 20 * (e + e * [1, 2]))

    at_once(work)
    assert autograd.is_grad_enabled()


def test_every_task_has_its_own_modes():
    turns = []

    async def worker(i):
        x = leaf(float(i))
        with SWITCHES[i % len(SWITCHES)]():
            mode = MODE.get()
            for _ in range(3):
                await asyncio.sleep(0)
                turns.append(i)
                assert MODE.get() is mode
                assert (x * 2).requires_grad == mode.recording
        assert autograd.is_grad_enabled() and not autograd.is_anomaly_enabled()
        y = (x * x).sum()
        await asyncio.sleep(0)
        y.backward()
        return x.grad.item()

    async def main():
        with autograd.ties("even"):
            inherited = asyncio.create_task(tie())
        return await asyncio.gather(*(worker(i) for i in range(12))), await inherited

    async def tie():
        return MODE.get().ties

    gradients, inherited = asyncio.run(main())
    assert gradients == [2.0 * i for i in range(12)]
    assert inherited == "even"
    assert turns[:12] == list(range(12))  # they did take turns


def test_set_grad_enabled_at_once_as_block_and_as_decorator():
    x = leaf(2.0)
    autograd.set_grad_enabled(False)
    assert not (x * x).requires_grad
    autograd.set_grad_enabled(True)
    assert (x * x).requires_grad
    switch = autograd.set_grad_enabled(False)
    with switch:
        assert not autograd.is_grad_enabled()
        with autograd.set_grad_enabled(True):
            assert (x * x).requires_grad
        assert not autograd.is_grad_enabled()
    assert autograd.is_grad_enabled()
    with switch:
        assert not autograd.is_grad_enabled()

    @autograd.set_grad_enabled(False)
    def square(x):
        return x * x

    assert autograd.is_grad_enabled()
    assert not square(x).requires_grad and not square(x).requires_grad
    assert autograd.is_grad_enabled()
    with pytest.raises(TypeError, match="set_grad_enabled: expected a bool, got int"):
        autograd.set_grad_enabled(1)


def test_inference_mode():
    x = leaf(2.0)
    with autograd.inference_mode():
        y = x * x
        with autograd.inference_mode(False):
            assert (x * x).requires_grad
    assert not y.requires_grad and (y * x).requires_grad

    @autograd.inference_mode
    def bare(x):
        return x * x

    @autograd.inference_mode()
    def called(x):
        return x * x

    assert not bare(x).requires_grad and not called(x).requires_grad


# ---------------------------------------------------------------- one shared leaf


@pytest.mark.parametrize("size", [None, 1, 50, 20_000], ids=["scalar", "one", "small", "large"])
def test_the_sum_at_a_shared_leaf_is_complete(size):
    values = 1.0 if size is None else np.ones(size)
    w = autograd.tensor(values, dtype=np.float64, requires_grad=True)
    rounds = 10

    def work(i):
        for k in range(rounds):
            (w * float(i) + w * w * float(k)).sum().backward()

    at_once(work)
    expected = sum(i + 2 * k for i in range(THREADS) for k in range(rounds))
    np.testing.assert_array_equal(w.grad.numpy(), np.full(w.shape, float(expected)))


def test_hooks_of_a_shared_leaf_see_whole_gradients():
    w = leaf(1.0, 1.0)
    seen = []
    w.register_hook(lambda grad: (seen.append(grad.tolist()), grad * 2)[1])

    def work(i):
        for _ in range(5):
            (w * float(i) + w).sum().backward()

    at_once(work)
    assert sorted(seen) == sorted([[i + 1.0] * 2 for i in range(THREADS)] * 5)
    assert w.grad.tolist() == [2.0 * sum(a for a, _ in seen)] * 2


def test_threads_may_walk_one_graph_with_checkpoints():
    x, w = leaf(0.5, 1.5), leaf(2.0, 3.0)
    inner = autograd.checkpoint(lambda x: autograd.exp(x * w) * x, x)
    y = (inner * w).sum()
    expected = [g.tolist() for g in autograd.grad(y, [x, w], retain_graph=True)]

    def work(i):
        for _ in range(3):
            found = autograd.grad(y, [x, w], retain_graph=True)
            assert [g.tolist() for g in found] == expected

    at_once(work)


def test_retained_gradients_of_threads_add_up():
    x = leaf(1.0, 2.0)
    h = x * 2
    h.retain_grad()
    at_once(lambda i: (h * float(i)).sum().backward(inputs=[h], retain_graph=True))
    assert h.grad.tolist() == [float(sum(range(THREADS)))] * 2


# ---------------------------------------------------------------- many ops, many graphs


@pytest.mark.parametrize("arrays", [False, True], ids=["scalars", "arrays"])
def test_a_hundred_thousand_ops_share_one_leaf(arrays):
    number = 100_000  # half of them multiply the leaf, half add up
    x = leaf(1.0) if arrays else autograd.tensor(1.0, dtype=np.float64, requires_grad=True)
    parts = [x * float(i % 3) for i in range(number // 2)]
    while len(parts) > 1:
        parts = [a + b for a, b in zip(parts[::2], parts[1::2], strict=False)] + (
            [parts[-1]] if len(parts) % 2 else []
        )
    parts[0].sum().backward()
    assert float(x.grad.sum()) == sum(i % 3 for i in range(number // 2))


def grown(program, number):
    """Return how many more blocks of memory there are after a program has run so often."""
    for _ in range(50):
        program()
    gc.collect()  # empties Python's free lists, too
    gc.disable()
    try:
        before = sys.getallocatedblocks()
        for _ in range(number):
            program()
        assert gc.collect() == 0
        return sys.getallocatedblocks() - before
    finally:
        gc.enable()


def test_ten_thousand_graphs_leave_no_memory_behind():
    w = leaf(*np.linspace(-1, 1, 8))

    def train():
        h = autograd.tanh(w * 2 + 1)
        loss = (h * h).sum()
        loss.backward()
        with autograd.no_grad():
            w.sub_(0.01 * w.grad)
        w.grad = None

    assert grown(train, 10_000) < 200


def test_graphs_with_all_that_is_seldom_leave_no_memory_behind():
    w = leaf(1.0, 2.0)

    class Double(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2 + ctx.saved_tensors[0] * 0

    def program():
        h = autograd.checkpoint(lambda x: Double.apply(autograd.exp(x)), w)
        h.register_hook(lambda grad: grad * 2)
        h.retain_grad()
        with autograd.detect_anomaly():
            (slope,) = autograd.grad((h * h).sum(), w, create_graph=True)
        slope.sum().backward()
        w.grad = None
        h.grad = None  # a retained gradient of create_graph holds the graph that holds it

    alive = len(hooks.ALIVE)
    assert grown(program, 1000) < 200
    assert len(hooks.ALIVE) == alive
