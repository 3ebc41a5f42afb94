"""Update rules: memory of any kind, graphs that notice, threads."""

import threading

import numpy as np
import pytest

import autograd
import optim
from optim import blocks

ELEMENTWISE = {
    "SGD": {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True},
    "Adagrad": {"lr": 0.1, "maximize": True},
    "Adadelta": {"weight_decay": 0.1},
    "RMSprop": {"lr": 0.1, "centered": True, "momentum": 0.5, "eps": 1e-2},
    "Adam": {"lr": 0.1, "amsgrad": True},
    "AdamW": {"lr": 0.1},
    "Adamax": {"lr": 0.1},
    "NAdam": {"lr": 0.1},
    "RAdam": {"lr": 0.1},
    "ASGD": {"lr": 0.1},
    "Rprop": {"lr": 0.1},
}
EVERY = {**ELEMENTWISE, "Muon": {"lr": 0.1}, "LBFGS": {"lr": 0.1, "max_iter": 3}}


def stepped(rule, parameter, gradient, steps=3):
    optimizer = getattr(optim, rule)([parameter], **EVERY[rule])
    for _ in range(steps):
        if rule == "LBFGS":
            parameter.grad = gradient
            optimizer.step(lambda: 1.0)
        else:
            parameter.grad = gradient
            optimizer.step()
    return parameter.detach().numpy()


@pytest.mark.parametrize("rule", EVERY)
def test_blocks_and_layouts_change_nothing(rule, monkeypatch):
    """More than one block; memory in any order; a gradient that is a view, read-only or shared."""
    monkeypatch.setattr(blocks, "BLOCK", 1 << 12)
    monkeypatch.setattr(blocks, "_held", threading.local())
    rng = np.random.default_rng(0)
    values, slope = rng.standard_normal((130, 260)), rng.standard_normal((130, 260))

    def after(parameter, gradient):
        tensor = autograd.from_numpy(parameter).requires_grad_()
        before = gradient.copy()
        path = stepped(rule, tensor, autograd.from_numpy(gradient))
        np.testing.assert_array_equal(gradient, before)
        return path

    expected = after(values.copy(), slope.copy())
    read_only = slope.copy()
    read_only.flags.writeable = False
    wide, reverse = np.zeros((130, 520)), values[::-1].copy()
    wide[:, ::2] = slope
    bordered = np.full((132, 262), 7.0)
    bordered[1:-1, 1:-1] = values
    tolerance = 1e-12 if rule != "Muon" else 1e-2  # whose sums depend on the order
    for parameter, gradient in [
        (values.T.copy().T, slope),
        (values.T.copy().T, slope.T.copy().T),
        (values.copy(), wide[:, ::2]),
        (values.copy(), read_only),
        (values.copy(), slope.T.copy().T),
        (reverse[::-1], slope),
        (bordered[1:-1, 1:-1], slope),
    ]:
        actual = after(parameter, gradient)
        np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)
        assert np.shares_memory(actual, parameter)
    assert (bordered[[0, -1]] == 7).all() and (bordered[:, [0, -1]] == 7).all()


@pytest.mark.parametrize("rule", ELEMENTWISE)
def test_a_gradient_may_lie_in_the_parameter_itself(rule):
    rng = np.random.default_rng(0)
    values = rng.standard_normal(140_000)
    expected = stepped(
        rule, autograd.tensor(values).requires_grad_(), autograd.tensor(values[::-1].copy()), 1
    )
    memory = values.copy()
    actual = stepped(
        rule,
        autograd.from_numpy(memory).requires_grad_(),
        autograd.from_numpy(memory[::-1]),
        1,
    )
    np.testing.assert_allclose(actual, expected, rtol=1e-12)
    memory = autograd.tensor(values).requires_grad_()
    expected = stepped(rule, autograd.tensor(values).requires_grad_(), autograd.tensor(values), 1)
    np.testing.assert_allclose(stepped(rule, memory, memory.detach(), 1), expected, rtol=1e-12)


@pytest.mark.parametrize("rule", ELEMENTWISE)
def test_scalars_and_empty_parameters_are_stepped_as_arrays_are(rule):
    scalar = autograd.tensor(0.7, dtype=np.float64, requires_grad=True)
    array = autograd.tensor([0.7], dtype=np.float64, requires_grad=True)
    shared = autograd.tensor(0.7, dtype=np.float64, requires_grad=True)
    assert shared.share()
    gradient = autograd.tensor(0.3, dtype=np.float64)
    expected = stepped(rule, array, gradient.reshape(1))
    assert stepped(rule, scalar, gradient) == expected == stepped(rule, shared, gradient)
    empty = autograd.zeros((0, 3), dtype=np.float64, requires_grad=True)
    assert stepped(rule, empty, autograd.zeros((0, 3), dtype=np.float64)).shape == (0, 3)


def test_one_gradient_may_serve_two_parameters():
    a, b = (autograd.ones(2, requires_grad=True) for _ in range(2))
    a.grad = b.grad = autograd.tensor([1.0, 2.0])
    optim.SGD([a, b], lr=0.5, weight_decay=1.0, maximize=True).step()
    assert a.tolist() == b.tolist() == [1, 1.5] and a.grad.tolist() == [1, 2]


def test_read_only_memory_is_refused():
    w = autograd.from_numpy(np.broadcast_to(np.float64(1), (3,))).requires_grad_()
    w.grad = autograd.ones(3, dtype=np.float64)
    with pytest.raises(ValueError, match=r"parameter of shape \(3,\) lies in read-only memory"):
        optim.SGD([w]).step()


def test_any_number_of_threads_gives_the_same_bits():
    rng = np.random.default_rng(0)
    values, slope = rng.standard_normal(600_001, np.float32), rng.standard_normal(600_001)

    def after(threads):
        before = autograd.get_num_threads()
        autograd.set_num_threads(threads)
        try:
            w = autograd.tensor(values, requires_grad=True)
            optimizer = optim.Adam([w], lr=0.1)
            w.grad = autograd.tensor(slope.astype(np.float32))
            optimizer.step()
            return w.numpy().tobytes()
        finally:
            autograd.set_num_threads(before)

    assert after(1) == after(2) == after(3)


@pytest.mark.parametrize("rule", ELEMENTWISE)
@pytest.mark.parametrize("shape", [(), (2,)])
def test_a_step_counts_as_a_change_in_place(rule, shape):
    w = autograd.tensor(np.ones(shape), requires_grad=True)
    out = (w * w).sum()
    out.backward(retain_graph=True)
    optimizer = getattr(optim, rule)([w], lr=0.1)
    operation = out.node.operands[0] if out.node.name == "sum" else out.node
    assert operation.changed == (False, False)
    optimizer.step()
    assert operation.changed == (True, True)
    if shape:
        with pytest.raises(RuntimeError, match="changed in place"):
            out.backward()


def test_a_step_records_nothing_and_keeps_the_leaf():
    w = autograd.tensor([1.0], requires_grad=True)
    leaf = w.node
    optimizer = optim.Adam([w], lr=0.1)
    (w * w).sum().backward()
    optimizer.step()
    assert w.node is leaf and leaf.value is w.payload
    assert not optimizer.state[w]["exp_avg"].requires_grad


def test_a_closure_that_raises_leaves_lbfgs_where_its_search_began():
    w = autograd.tensor([3.0, -2.0], dtype=np.float64, requires_grad=True)
    optimizer = optim.LBFGS([w], line_search_fn="strong_wolfe")
    calls = []

    def closure():
        calls.append(w.tolist())
        if len(calls) == 3:
            raise RuntimeError("no more")
        optimizer.zero_grad()
        loss = (w**4).sum()
        loss.backward()
        return loss

    with pytest.raises(RuntimeError, match="no more"):
        optimizer.step(closure)
    assert calls[2] not in ([3.0, -2.0], w.tolist())
    assert (w**4).sum().item() < 97 and autograd.is_grad_enabled()


def test_lbfgs_of_nothing_moves_nothing():
    w = autograd.zeros((0, 2), requires_grad=True)
    assert optim.LBFGS([w]).step(lambda: 1.5) == 1.5


@pytest.mark.parametrize("weight", [0.0, 0.1, 0.499, 0.5, 0.7, 1.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_means_move_from_the_nearer_end(torch, weight, dtype):
    """So that nothing of a large number is left where it is to be forgotten."""
    rng = np.random.default_rng(0)
    mean = rng.standard_normal(999).astype(dtype)
    end = (1e-6 * rng.standard_normal(999)).astype(dtype)
    expected = torch.tensor(mean).lerp(torch.tensor(end), weight).numpy()
    blocks.approach(mean, end, weight, np.empty_like(mean))
    assert (np.abs(mean - expected) <= 2 * np.finfo(dtype).eps * np.abs(expected)).all()


@pytest.mark.parametrize("rule", [rule for rule in EVERY if rule != "LBFGS"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_gradients_that_are_no_numbers_do_what_they_do_in_pytorch(torch, rule, dtype):
    """Nan, infinity and zeros of either sign, between ordinary gradients."""
    rng = np.random.default_rng(0)
    special = np.array([[np.nan, np.inf, -np.inf], [0.0, -0.0, 1e-30], [1.0, -1e3, np.nan]])
    if rule == "Muon":  # in which one spoils all
        special = np.array([[np.nan, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
    steps = [rng.standard_normal((3, 3)), special, -special, *rng.standard_normal((3, 3, 3))]

    def path(library, rules):
        w = library.tensor(np.ones((3, 3), dtype)).requires_grad_()
        optimizer, values = getattr(rules, rule)([w], **EVERY[rule]), []
        for gradient in steps:
            w.grad = library.tensor(gradient.astype(dtype))
            optimizer.step()
            values.append(np.array(w.detach().numpy()))
        return values

    tolerance = 1e-10 if dtype == "float64" else 1e-5
    with np.errstate(invalid="ignore", over="ignore"):
        mine = path(autograd, optim)
    np.testing.assert_allclose(mine, path(torch, torch.optim), rtol=tolerance, atol=tolerance)


def test_rprop_goes_on_after_a_gradient_of_nan():
    w = autograd.tensor([1.0], requires_grad=True)
    optimizer = optim.Rprop([w], lr=0.1)
    for slope in (1.0, float("nan"), 1.0, 1.0):
        w.grad = autograd.tensor([slope])
        optimizer.step()
    assert w.item() == pytest.approx(1 - 0.1 - 0.1 - 0.12)  # none by nan, and none after it grown
