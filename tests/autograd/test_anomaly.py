"""Anomaly detection: the first NaN or Inf, the op that made it and the line that called the op."""

import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import modes

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")


def leaf(*values):
    return autograd.tensor(list(values), dtype=np.float64, requires_grad=True)


def here(lines=0):
    """Return the caller's place, so many lines further down."""
    frame = sys._getframe(1)
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno + lines}"


# ---------------------------------------------------------------- forward


def test_the_first_op_that_makes_inf_of_finite_numbers():
    x = leaf(1.0, 0.0, 0.0)
    with autograd.detect_anomaly(), modes.module_scope("block1"), modes.module_scope("conv"):
        with pytest.raises(RuntimeError) as caught:
            place = here(1)
            h = autograd.log(x * 1)
            autograd.exp(h)
    said = str(caught.value)
    assert said.startswith("detect_anomaly: log in module block1.conv (")
    assert f"{place}) made -inf at index (1,) of its output from finite operands: x = 0.0" in said


def test_the_first_op_that_makes_nan():
    x = autograd.tensor([[1.0, 2.0], [3.0, -4.0]], requires_grad=True)
    with (
        autograd.detect_anomaly(),
        pytest.raises(RuntimeError, match=r"sqrt .* nan at index \(1, 1\)"),
    ):
        autograd.sqrt(x)


def test_values_of_operands_that_broadcast():
    x, y = leaf(1.0, 2.0), autograd.tensor([[1.0], [0.0]], dtype=np.float64)
    with autograd.detect_anomaly(), pytest.raises(RuntimeError) as caught:
        x / y
    assert "divide" in str(caught.value)
    assert "made inf at index (1, 0) of its output from finite operands" in str(caught.value)
    assert str(caught.value).endswith("x = 1.0; y = 0.0")


@pytest.mark.parametrize("required", [True, False])
def test_scalars_and_constants_too(required):
    x = autograd.tensor(0.0, requires_grad=required)
    with autograd.detect_anomaly():
        with pytest.raises(RuntimeError, match="log .* made -inf as its output"):
            autograd.log(x)
        with pytest.raises(RuntimeError, match=r"divide .* made inf .*x = 1.0; y = 0.0"):
            1.0 / x
        with autograd.no_grad(), pytest.raises(RuntimeError, match="log .* made -inf"):
            autograd.log(x)


def test_structural_ops_tell_the_range_of_their_operands():
    x = autograd.full((2, 2), 1e200, dtype=np.float64)
    with autograd.detect_anomaly(), pytest.raises(RuntimeError) as caught:
        x @ x
    assert "matmul" in str(caught.value)
    assert str(caught.value).endswith(
        "x (2, 2) from 1e+200 to 1e+200; y (2, 2) from 1e+200 to 1e+200"
    )


def test_what_is_not_finite_to_begin_with_is_passed_over():
    mask = autograd.tensor([0.0, -np.inf])
    x = leaf(1.0, 2.0)
    with autograd.detect_anomaly():
        weights = autograd.exp(x + mask)
        weights.sum().backward()
        bad = autograd.tensor(np.nan) * x
    assert weights.tolist() == [np.exp(1.0), 0] and np.isnan(bad.tolist()).all()
    np.testing.assert_allclose(x.grad.tolist(), [np.exp(1.0), 0])


def test_integers_and_empty_tensors_are_finite():
    with autograd.detect_anomaly():
        assert (autograd.tensor([1, 2]) + 1).tolist() == [2, 3]
        assert autograd.exp(autograd.zeros(0)).tolist() == []


# ---------------------------------------------------------------- backward


def test_the_first_rule_that_makes_inf_of_a_finite_upstream():
    x = leaf(4.0, 0.0)
    with autograd.detect_anomaly():
        with modes.module_scope("head"):
            place = here(1)
            h = autograd.sqrt(x * 1)
        with pytest.raises(RuntimeError) as caught:
            (h * 2).sum().backward()
    said = str(caught.value)
    assert said.startswith("detect_anomaly: the derivative of sqrt in module head (")
    assert f"{place}) made inf at index (1,) of the gradient of x from finite upstream" in said
    assert said.endswith("upstream (2,) from 2.0 to 2.0; x = 0.0")
    assert x.grad is None


def test_the_first_rule_that_makes_nan():
    x = autograd.tensor(0.0, dtype=np.float64, requires_grad=True)
    with autograd.detect_anomaly(check_inf=False):
        y = autograd.sqrt(x) * 0.0
        with pytest.raises(
            RuntimeError, match="the derivative of sqrt .* made nan as the gradient"
        ):
            y.backward()


def test_under_create_graph_and_grad():
    x = leaf(4.0, 0.0)
    with autograd.detect_anomaly():
        y = autograd.sqrt(x).sum()
        with pytest.raises(RuntimeError, match=r"the derivative of sqrt .* made inf"):
            autograd.grad(y, x, create_graph=True)


def test_a_graph_recorded_before_is_checked_without_its_lines():
    x = leaf(0.0)
    y = autograd.sqrt(x).sum()
    with autograd.detect_anomaly():
        with pytest.raises(RuntimeError, match="detect_anomaly: the derivative of sqrt made inf"):
            y.backward()
    y = autograd.sqrt(x).sum()
    y.backward()
    assert np.isinf(x.grad.tolist()).all()


def test_contributions_whose_sum_overflows():
    x = leaf(1.0)
    with autograd.detect_anomaly():
        h = x * 1
        y = (h * 1e308).sum() * 0.5 + (h * 1e308).sum() * 0.5
        with pytest.raises(RuntimeError, match="the sum of the contributions made inf .* multiply"):
            y.backward(np.array(2.0))


class Reciprocal(autograd.Function):
    """1/x by NumPy, so that no op computes it."""

    @staticmethod
    def forward(ctx, x):
        return autograd.from_numpy(1 / x.detach().numpy())

    @staticmethod
    def backward(ctx, grad):
        return grad


class ReciprocalInPlace(autograd.Function):
    """Write 1/x over x."""

    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        np.divide(1, x.payload, out=x.payload)
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad


@pytest.mark.parametrize("function", [Reciprocal, ReciprocalInPlace])
@pytest.mark.parametrize("recorded", [True, False])
def test_the_forward_of_a_function(function, recorded):
    x = leaf(1.0, 0.0).requires_grad_(recorded) * 1
    with autograd.detect_anomaly(), modes.module_scope("head"):
        with pytest.raises(RuntimeError) as caught:
            place = here(1)
            function.apply(x)
        infinite = autograd.tensor([np.inf, 0.0])
        assert Reciprocal.apply(infinite)[1] == np.inf  # blames no one, as an op's does not
    said = str(caught.value)
    assert f"{function.__name__} in module head (" in said
    assert f"{place}) made inf at index (1,) of its output from finite arguments: arg" in said


def test_the_first_tangent_that_is_not_finite():
    def function(x):
        return autograd.exp(autograd.sqrt(x * 1))

    x, direction = leaf(4.0, 0.0).detach(), leaf(1.0, 1.0).detach()
    assert autograd.jvp(function, x, direction)[1][1] == np.inf
    with autograd.detect_anomaly(), pytest.raises(RuntimeError) as caught:
        autograd.jvp(function, x, direction)
    said = str(caught.value)
    assert "the derivative of sqrt (" in said
    assert "made inf at index (1,) of the tangent of its output from finite tangents: " in said
    assert said.endswith("tangent of x (2,) from 1.0 to 1.0; x = 0.0")
    with autograd.detect_anomaly():  # what came in bad blames no op
        assert autograd.jvp(lambda x: x * 2, x, direction * np.inf)[1][0] == np.inf


@pytest.mark.parametrize("of_a_leaf", [True, False])
def test_a_hook_that_makes_nan(of_a_leaf):
    x = leaf(1.0, 2.0)
    h = x if of_a_leaf else x * 3
    h.register_hook(lambda gradient: gradient * np.nan)
    with autograd.detect_anomaly(), pytest.raises(RuntimeError) as caught:
        (h * 2).sum().backward()
    whose = "a leaf" if of_a_leaf else "the output of multiply"
    assert f"a hook made nan at index (0,) of the gradient of {whose}" in str(caught.value)


def test_a_gradient_that_came_in_bad_blames_no_op():
    x = leaf(1.0, 2.0)
    with autograd.detect_anomaly():
        (x * x).backward(np.array([np.nan, 1.0]))
    assert np.isnan(x.grad.tolist()[0]) and x.grad.tolist()[1] == 4


def test_finite_computations_are_what_they_are_without():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = (autograd.exp(x) * w).sum()
    y.backward()
    expected = x.grad.tolist(), w.grad.tolist()
    x.grad = w.grad = None
    with autograd.detect_anomaly():
        y = (autograd.exp(x) * w).sum()
        y.backward()
    assert (x.grad.tolist(), w.grad.tolist()) == expected
    assert Path(y.grad_fn.source[0]).name == "test_anomaly.py"


# ---------------------------------------------------------------- the switch


def test_what_is_looked_for():
    x = autograd.tensor(0.0, requires_grad=True)
    with autograd.detect_anomaly(check_inf=False):
        assert autograd.log(x).item() == -np.inf
        with pytest.raises(RuntimeError, match="sqrt .* made nan"):
            autograd.sqrt(x - 1)
    with autograd.detect_anomaly(check_nan=False):
        assert autograd.log(x).item() == -np.inf
        assert autograd.log(x).grad_fn.source is not None


def test_set_detect_anomaly_at_once_as_block_and_as_decorator():
    assert not autograd.is_anomaly_enabled()
    with autograd.set_detect_anomaly(True):
        assert autograd.is_anomaly_enabled()
        with autograd.set_detect_anomaly(False):
            assert not autograd.is_anomaly_enabled()
        assert autograd.is_anomaly_enabled()
    assert not autograd.is_anomaly_enabled()
    autograd.set_detect_anomaly(True)
    assert autograd.is_anomaly_enabled()
    autograd.set_detect_anomaly(False)
    assert not autograd.is_anomaly_enabled()

    @autograd.detect_anomaly()
    def watched():
        return autograd.is_anomaly_enabled()

    @autograd.set_detect_anomaly(True)
    def also():
        return autograd.is_anomaly_enabled()

    assert not autograd.is_anomaly_enabled()
    assert watched() and also() and also()
    assert not autograd.is_anomaly_enabled()


def test_other_threads_are_not_watched():
    seen = []
    with autograd.detect_anomaly():
        thread = threading.Thread(target=lambda: seen.append(autograd.is_anomaly_enabled()))
        thread.start()
        thread.join()
    assert seen == [False]
