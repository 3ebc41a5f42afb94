"""Checkpoints: the same derivatives of less memory."""

import contextlib
import gc
import tracemalloc

import numpy as np
import pytest

import autograd
from autograd import hooks


def leaf(*shape, seed=0):
    random = np.random.default_rng(seed)
    return autograd.tensor(random.normal(0, 1, shape), requires_grad=True)


def plain(function, *args, **kwargs):
    return function(*args, **kwargs)


def derivatives(wrap, program, *leaves):
    """Return value, gradients and second derivatives of ``program(wrap, *leaves)``."""
    for x in leaves:
        x.grad = None
    z = program(wrap, *leaves)
    first = autograd.grad(z, leaves, create_graph=True)
    total = sum((slope * slope).sum() for slope in first)
    second = autograd.grad(total, leaves, retain_graph=True)
    z.backward()
    found = [z, *first, *second, *(x.grad for x in leaves)]
    return [t.detach().numpy() for t in found]


def one(wrap, x, w):
    return wrap(lambda x: autograd.tanh(x @ w) * x, x).sum()


def chain(wrap, x, w):
    for _ in range(3):
        x = wrap(lambda x: autograd.tanh(x @ w), x)
    return (x * x).sum()


def nested(wrap, x, w):
    def inner(x):
        return autograd.tanh(x @ w)

    def middle(x):
        h = wrap(inner, x)
        return wrap(inner, h * 2), h

    def outer(x):
        h, other = wrap(middle, autograd.exp(x))
        return wrap(inner, h) * other

    return wrap(outer, wrap(inner, x)).sum()


def only_checkpoints(wrap, x, w):
    return wrap(lambda x: wrap(lambda x: wrap(lambda x: autograd.exp(x @ w * 0.1), x), x), x).sum()


def several_outputs(wrap, x, w):
    def split(x, factor=1):
        h = x @ w
        return {"h": autograd.sin(h), "rest": [h * factor, 3, x]}

    out = wrap(split, x, factor=2)
    return (out["h"] * out["rest"][0]).sum() + out["rest"][2].sum()


def in_place(wrap, x, w):
    def change(x):
        h = autograd.sin(x)
        h[0] = h[1] * 2
        h.mul_(x)
        return h.T @ w

    return wrap(change, x).sum()


def scalars(wrap, x, w):
    def mixed(x):
        s = (x * x * w).sum()
        return autograd.sin(s) * s + autograd.exp(x).sum()

    return wrap(mixed, x)


def several_parts(wrap, x, w):
    def extremes(x):
        values, _ = Halves.apply(x @ w)
        return values * x

    return wrap(extremes, x).sum()


class Halves(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x / 2, x * 3

    @staticmethod
    def backward(ctx, a, b):
        (x,) = ctx.saved_tensors
        return a * x + b * 3


PROGRAMS = [
    one,
    chain,
    nested,
    only_checkpoints,
    several_outputs,
    in_place,
    scalars,
    several_parts,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_every_derivative_is_what_it_is_without(program):
    x, w = leaf(3, 3), leaf(3, 3, seed=1)
    expected = derivatives(plain, program, x, w)
    found = derivatives(autograd.checkpoint, program, x, w)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)
        assert np.abs(theirs).max() > 0


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_forward_mode(program):
    x, w = leaf(3, 3), leaf(3, 3, seed=1)
    tangent = leaf(3, 3, seed=2).detach()
    value, expected = autograd.jvp(lambda x: program(plain, x, w), (x,), (tangent,))
    _, found = autograd.jvp(lambda x: program(autograd.checkpoint, x, w), (x,), (tangent,))
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-10)


def test_the_ops_are_there_and_hold_nothing():
    x, w = leaf(3, 3), leaf(3, 3)
    z = autograd.checkpoint(lambda x: autograd.tanh(x @ w) * x, x)
    names = [step.op.name for step in autograd.steps(z.sum(), retain_graph=True)]
    assert names == ["sum", "multiply", "tanh", "matmul"]
    tanh = z.node.operands[0]
    for op in (z.node, tanh, tanh.operands[0]):
        assert op.value is None and set(op.saved) == {None}


def test_the_function_runs_once_more_in_each_backward():
    calls = []

    def counted(x):
        calls.append(autograd.is_grad_enabled())
        return autograd.exp(x)

    x = leaf(3)
    z = autograd.checkpoint(counted, x, use_reentrant=False).sum()
    assert calls == [True]
    with autograd.no_grad():
        z.backward(retain_graph=True)
        z.backward()
    assert calls == [True] * 3
    np.testing.assert_allclose(x.grad.numpy(), 2 * np.exp(x.payload))
    with pytest.raises(RuntimeError, match="spent"):
        z.backward()


def test_what_does_not_lead_to_the_inputs_is_not_run_again():
    calls = []
    x, w = leaf(3), leaf(3)
    z = autograd.checkpoint(lambda x: (calls.append(1), autograd.exp(x))[1], x) * w
    autograd.grad(z.sum(), w)
    assert calls == [1]


def test_without_recording_and_under_inspect_it_is_a_call():
    x = leaf(3)
    with autograd.no_grad():
        assert not autograd.checkpoint(autograd.exp, x).requires_grad
    with autograd.inspect():
        z = autograd.checkpoint(autograd.exp, x)
    assert z.node.value is not None


def test_random_numbers_are_drawn_again():
    x = leaf(200)

    def dropped(x):
        return x * autograd.bernoulli(autograd.full((200,), 0.5)) * autograd.rand(200)

    z = autograd.checkpoint(dropped, x)
    after = autograd.rand(3).tolist()
    z.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), z.detach().numpy() / x.payload)
    state = autograd.get_rng_state()
    autograd.manual_seed(0)
    first = autograd.checkpoint(dropped, x)
    following = autograd.rand(3).tolist()
    autograd.manual_seed(0)
    autograd.checkpoint(dropped, x)
    first.sum().backward()  # leaves the generator where it was
    assert autograd.rand(3).tolist() == following != after
    autograd.set_rng_state(state)


def test_modes_are_those_of_the_first_run():
    seen = []

    def tied(x):
        seen.append(autograd.modes.MODE.get().ties)
        with autograd.no_grad():
            factor = autograd.exp(x)
        return autograd.maximum(x * factor, x * factor)

    x = leaf(3)
    with autograd.ties("first"):
        z = autograd.checkpoint(tied, x)
    z.sum().backward()
    assert seen == ["first", "first"]
    np.testing.assert_allclose(x.grad.numpy(), np.exp(x.payload))


def test_hooks_within_a_checkpoint_run_once_each_backward():
    seen = []
    x = leaf(3)

    def hooked(x):
        h = autograd.exp(x)
        h.register_hook(lambda grad: (seen.append(grad.tolist()), grad * 10)[1])
        return h * 2

    autograd.checkpoint(hooked, x).sum().backward()
    assert seen == [[2, 2, 2]]
    np.testing.assert_allclose(x.grad.numpy(), 20 * np.exp(x.payload))


def test_errors_within_name_the_op():
    x = leaf(3)

    @autograd.structural(x=lambda upstream, x: 1 / 0)
    def breaking(x):
        return x * 1

    with pytest.raises(ZeroDivisionError) as caught:
        autograd.checkpoint(breaking, x).sum().backward()
    assert "derivative of breaking" in caught.value.__notes__[0]


# ---------------------------------------------------------------- what cannot be computed again


def test_a_function_that_records_otherwise_is_refused():
    calls = []

    def changing(x):
        calls.append(1)
        return autograd.exp(x) if len(calls) == 1 else autograd.exp(x) * 2

    with pytest.raises(RuntimeError, match="changing recorded 1 ops in forward and 2 when run aga"):
        autograd.checkpoint(changing, leaf(3)).sum().backward()

    def other(x):
        calls.append(1)
        return autograd.exp(x) if len(calls) == 1 else autograd.sin(x)

    calls.clear()
    with pytest.raises(RuntimeError, match=r"recorded exp of shape \(3,\).* and sin of \(3,\)"):
        autograd.checkpoint(other, leaf(3)).sum().backward()


@pytest.mark.parametrize("which", ["argument", "closure"])
def test_what_was_changed_in_place_is_refused(which):
    x, w = leaf(3), leaf(3)
    h = x * 1
    z = autograd.checkpoint(lambda h: autograd.exp(h * w), h)
    with autograd.no_grad():
        (h if which == "argument" else w).mul_(2)
    with pytest.raises(RuntimeError, match="checkpoint: an argument of <lambda>, or a leaf"):
        z.sum().backward()


# ---------------------------------------------------------------- memory


def deep(wrap, x, segments, layers):
    def part(x):
        for _ in range(layers // segments):
            x = autograd.sin(x) * 1.01
        return x

    for _ in range(segments):
        x = wrap(part, x)
    return x


def peak_of(wrap, segments, layers=100, size=40_000):
    x = autograd.ones(size, dtype=np.float64, requires_grad=True)
    gc.collect()
    tracemalloc.start()
    try:
        deep(wrap, x, segments, layers).sum().backward()
        return tracemalloc.get_traced_memory()[1] / (8 * size)
    finally:
        tracemalloc.stop()


def test_a_deep_chain_needs_less_memory():
    assert peak_of(plain, 10) > 100  # arrays alive at once
    assert peak_of(autograd.checkpoint, 10) < 45

    def recursive(x, depth):
        if not depth:
            return autograd.sin(x) * 1.01
        return autograd.checkpoint(
            lambda x: recursive(autograd.checkpoint(recursive, x, depth - 1), depth - 1), x
        )

    x = autograd.ones(40_000, dtype=np.float64, requires_grad=True)
    tracemalloc.start()
    try:
        recursive(x, 7).sum().backward()  # 128 layers
        assert tracemalloc.get_traced_memory()[1] / (8 * 40_000) < 35
    finally:
        tracemalloc.stop()


def test_nothing_is_left():
    def program():
        x, w = leaf(3, 3), leaf(3, 3)
        nested(autograd.checkpoint, x, w).backward()
        only_checkpoints(autograd.checkpoint, x, w)
        z = one(autograd.checkpoint, x, w)
        (slope,) = autograd.grad(z, x, create_graph=True)
        autograd.grad(slope.sum(), x)
        with contextlib.suppress(ValueError):
            autograd.checkpoint(lambda x: int("x"), x)

    program()
    gc.collect()
    gc.disable()
    try:
        before = len(hooks.ALIVE)
        for _ in range(20):
            program()
        assert len(hooks.ALIVE) == before
        assert gc.collect() == 0
    finally:
        gc.enable()


# ---------------------------------------------------------------- sequences


def test_checkpoint_sequential():
    x, w = leaf(3, 3), leaf(3, 3, seed=1)
    layers = [lambda x: autograd.tanh(x @ w), autograd.exp, lambda x: x * 2, autograd.sin] * 2
    expected = derivatives(plain, lambda wrap, x, w: through(layers, x).sum(), x, w)
    for segments in (1, 3, 8):
        found = derivatives(
            plain,
            lambda wrap, x, w, n=segments: autograd.checkpoint_sequential(layers, n, x).sum(),
            x,
            w,
        )
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10)
    with pytest.raises(ValueError, match="expected 1 to 8 segments, got 9"):
        autograd.checkpoint_sequential(layers, 9, x)


def through(layers, x):
    for layer in layers:
        x = layer(x)
    return x
