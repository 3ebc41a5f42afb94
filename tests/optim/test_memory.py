"""What a step takes beside the parameter, its gradient and what the rule remembers.

A temporary for one term, as large as the parameter, would be a share of 1; as large as a block of
the updates, 1/4 of this parameter. Buffers of blocks that a thread keeps are made by earlier steps.
"""

import tracemalloc

import numpy as np
import pytest

import autograd
import optim

from .options import one_by_one

SHAPE = (1024, 1024)
HISTORY = 3


def remembered(rule, options):
    """Return how many arrays as large as the parameter the rule keeps."""
    return {
        "SGD": int(options.get("momentum", 0) != 0),
        "Adagrad": 1,
        "Adadelta": 2,
        "RMSprop": 1 + (options.get("momentum", 0) != 0) + options.get("centered", False),
        "Adam": 2 + options.get("amsgrad", False),
        "AdamW": 2 + options.get("amsgrad", False),
        "Adamax": 2,
        "NAdam": 2,
        "RAdam": 2,
        "ASGD": 1,
        "Rprop": 2,
        "LBFGS": 2 + 2 * HISTORY,  # the last gradient and direction, and both of each pair
        "Muon": 1,
    }[rule]


def peak_of_the_last(step, steps):
    """Return by how many bytes the last of some steps exceeds what was held before it."""
    threads = autograd.get_num_threads()
    autograd.set_num_threads(1)
    tracemalloc.start()  # now, for what is given back is known only of what was seen taken
    try:
        for _ in range(steps - 1):
            step()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        step()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
        autograd.set_num_threads(threads)


def share_of_a_step(rule, options, shape=SHAPE, dtype=np.float32):
    """Return the peak of a later step, and what is kept in all, as shares of the parameter."""
    start = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    w = autograd.tensor(start, requires_grad=True)
    w.grad = autograd.zeros_like(w)
    steepness = np.linspace(1, 3, w.numel(), dtype=dtype).reshape(shape)
    optimizer = getattr(optim, rule)([w], **options)

    def closure():  # takes no memory
        np.multiply(w.payload, steepness, out=w.grad.payload)
        return float(np.vdot(w.payload, w.grad.payload)) / 2

    def step():
        if rule == "LBFGS":  # from afar, so that it goes on moving and remembering
            w.payload[...] = start
        optimizer.step(closure)

    peak = peak_of_the_last(step, 6 if rule == "LBFGS" else 3)
    held = 0
    for value in optimizer.state[w].values():
        for each in value if isinstance(value, list) else [value]:
            held += each.payload.nbytes if isinstance(each, autograd.Tensor) else 0
    return peak / start.nbytes, held / start.nbytes


@pytest.mark.parametrize(("rule", "options"), one_by_one(), ids=str)
def test_a_step_takes_no_temporary_for_a_term(rule, options):
    if rule == "LBFGS":
        options = {**options, "history_size": HISTORY, "max_iter": 4, "max_eval": 12}
    peak, held = share_of_a_step(rule, options, (512, 512) if rule == "Muon" else SHAPE)
    assert held == pytest.approx(remembered(rule, options), abs=1e-3)
    if rule == "LBFGS":  # a gradient; of a search: start, and gradients of two points
        assert peak < (3 if options["line_search_fn"] else 1) + 0.05
    elif rule == "Muon":  # X, A, half of it in bfloat16; rows of a product, a piece made double
        assert peak < 1 + 1 + 0.5 + 1 / 8 + 1 / 4 + 0.1
    else:
        assert peak < 0.01


@pytest.mark.parametrize("rule", ["SGD", "AdamW", "RMSprop", "Rprop", "LBFGS"])
def test_a_step_in_double_precision_takes_no_more(rule):
    options = {"history_size": HISTORY, "max_iter": 4} if rule == "LBFGS" else {}
    assert share_of_a_step(rule, options, dtype=np.float64)[0] < (1.05 if options else 0.01)


@pytest.mark.parametrize("lr", [1e-4, 4.0])
def test_a_search_keeps_the_gradients_of_two_points(lr):
    """Whether it has to go on or to come back: beside them there is the start only."""
    options = {"lr": lr, "history_size": HISTORY, "line_search_fn": "strong_wolfe", "max_iter": 4}
    assert 1.9 < share_of_a_step("LBFGS", options)[0] < 3.05


@pytest.mark.parametrize("shape", [(256, 4096), (4096, 256)])
def test_muon_takes_little_for_a_long_matrix(shape):
    """X and, of the sixteenth that A is, two and a half; a quarter for a block of columns."""
    assert share_of_a_step("Muon", {}, shape)[0] < 1 + 1 / 16 + 1 / 4 + 0.1


def test_many_matrices_share_what_muon_takes():
    parameters = [autograd.ones(512, 512, requires_grad=True) for _ in range(4)]
    optimizer = optim.Muon(parameters)
    for w in parameters:
        w.grad = autograd.eye(512)
    peak = peak_of_the_last(optimizer.step, 2)
    assert peak < 3 * parameters[0].payload.nbytes


def test_a_history_that_is_made_shorter_forgets_the_oldest():
    w = autograd.tensor(np.linspace(-2, 3, 6), requires_grad=True)
    optimizer = optim.LBFGS([w], lr=0.1, max_iter=6)

    def closure():
        optimizer.zero_grad()
        loss = (w**4).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    kept = optimizer.state[w]["old_dirs"]
    assert len(kept) == 5
    optimizer.param_groups[0]["history_size"] = 2
    latest = kept[-1]
    optimizer.param_groups[0]["max_iter"] = 1
    optimizer.step(closure)
    for key in ("old_dirs", "old_stps", "ro"):
        assert len(optimizer.state[w][key]) == 2
    assert optimizer.state[w]["old_dirs"][0] is latest
