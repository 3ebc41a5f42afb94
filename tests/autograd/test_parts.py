"""Operations of several outputs: one node, and a small one for each output that has a gradient."""

import gc

import numpy as np
import pytest

import autograd
from autograd.backprop import formula_vjp
from autograd.op import structural


def _rule(upstream, wanted, x, z):
    sine, cosine, _ = upstream
    total = 0
    if sine is not None:
        total = total + sine * np.cos(x)
    if cosine is not None:
        total = total - cosine * z[0]
    return (total,)


@structural(outputs=("sine", "cosine", "order"), vjp=_rule)
def turn(x):
    return np.sin(x), np.cos(x), np.argsort(x)


@pytest.fixture
def x():
    return autograd.tensor(np.array([0.3, 2.0, 0.5]), requires_grad=True)


def test_the_outputs_are_one_op_and_integers_are_plain(x):
    sine, cosine, order = turn(x)
    assert sine.node.operands == cosine.node.operands
    assert sine.node.name == "turn.sine"
    assert order.tolist() == [0, 2, 1] and not order.requires_grad
    (sine * cosine).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.cos(2 * x.detach().numpy()))


@pytest.mark.parametrize("used", [(0,), (1,), (0, 1)])
def test_any_outputs_may_be_used_to_any_order(x, used):
    def function(x):
        outputs = turn(x)
        return [outputs[i] * outputs[i] for i in used]

    assert autograd.gradcheck(function, x)
    assert autograd.gradgradcheck(function, x)


def test_an_output_used_twice_arrives_once_complete(x):
    sine, _, _ = turn(x)
    seen = [s.upstream for s in autograd.steps((sine + 2 * sine).sum()) if s.op.name == "turn.sine"]
    np.testing.assert_array_equal(seen, [[3.0, 3.0, 3.0]])


def test_a_changed_output_that_the_rule_needs_is_refused(x):
    sine, cosine, _ = turn(x)
    sine.mul_(2)
    with pytest.raises(
        RuntimeError, match="turn: its output, .* changed in place since it was used"
    ):
        cosine.sum().backward()
    sine, cosine, order = turn(x)
    cosine.sum().backward()  # nothing changed


def test_without_tensors_or_recording_nothing_is_recorded(x):
    assert all(isinstance(z, np.ndarray) for z in turn(x.detach().numpy()))
    with autograd.no_grad():
        assert not any(z.requires_grad for z in turn(x))


def test_inspection_keeps_copies_of_the_outputs(x):
    with autograd.inspect():
        sine, cosine, _ = turn(x)
    before = sine.node.operands[0].value[0].copy()
    with autograd.no_grad():
        sine.mul_(2)
    np.testing.assert_array_equal(sine.node.operands[0].value[0], before)
    cosine.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), -np.sin(x.detach().numpy()))


def test_a_graph_with_several_outputs_is_freed_by_counting(x):
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            sine, cosine, _ = turn(x)
            (slope,) = autograd.grad((sine * cosine).sum(), x, create_graph=True)
            autograd.grad(slope.sum(), x)
        del sine, cosine, slope, _
        assert gc.collect() == 0
    finally:
        gc.enable()


def _again(upstream, wanted, x, kept):
    """The rule of an op that keeps what it computed, as a formula of several outputs."""
    np.testing.assert_array_equal(kept, np.exp(x.numpy() if hasattr(x, "numpy") else x))
    return formula_vjp(lambda x: (np.sin(x) * x, x * x), (x,), upstream, wanted)


@structural(outputs=("first", "second"), vjp=_again, caches=("kept",))
def twofold(x):
    return (np.sin(x) * x, x * x), np.exp(x)


@pytest.mark.parametrize("used", [(0,), (1,), (0, 1)])
def test_an_op_of_several_outputs_may_keep_caches_and_have_a_formula_as_its_rule(x, used):
    def function(x):
        return [twofold(x)[i] for i in used]

    assert autograd.gradcheck(function, x, check_forward_ad=True)
    assert autograd.gradgradcheck(function, x)
    z = twofold(x.detach().numpy())
    assert len(z) == 2 and all(isinstance(each, np.ndarray) for each in z)
