"""Optimizer: groups, refusals, state dicts in both directions."""

import numpy as np
import pytest

import autograd
import nn
import optim


def parameter(*shape, dtype=np.float64):
    return autograd.ones(shape, dtype=dtype, requires_grad=True)


def train(optimizer, parameters, library, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        for i, p in enumerate(parameters):
            ((p - i) * (p - i) * (i + 1)).sum().backward()
        optimizer.step()


def test_groups_have_settings_of_their_own():
    a, b = parameter(2), parameter(2)
    optimizer = optim.SGD([{"params": [a], "lr": 1.0}, {"params": b}], lr=0.1, momentum=0.5)
    (a.sum() + b.sum()).backward()
    optimizer.step()
    assert a.tolist() == [0, 0] and b.tolist() == [0.9, 0.9]
    optimizer.param_groups[1]["lr"] = 10.0
    assert [group["momentum"] for group in optimizer.param_groups] == [0.5, 0.5]


def test_a_group_may_be_added_later():
    a, b = parameter(1), parameter(1)
    optimizer = optim.Adam([a])
    optimizer.add_param_group({"params": b, "lr": 0.5})
    b.sum().backward()
    optimizer.step()
    assert a.tolist() == [1] and b.tolist() == pytest.approx([0.5])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (lambda: ([],), ValueError, "SGD: got no parameters to optimise"),
        (lambda: ([{"params": []}],), ValueError, "a parameter group without parameters"),
        (lambda: (parameter(2),), TypeError, "expected a list of tensors .* got a Tensor"),
        (lambda: ({parameter(2)},), TypeError, "in a fixed order, got a set"),
        (lambda: (None,), TypeError, "expected a list of tensors .* got NoneType"),
        (lambda: (nn.Linear(1, 1),), TypeError, "got Linear; pass model.parameters"),
        (lambda: ([[1.0]],), TypeError, "parameter 0 must be a Tensor, got list"),
        (lambda: ([{"lr": 1.0}],), TypeError, "a group must be a dict with 'params'"),
        (lambda: ([parameter(2) * 2],), ValueError, r"parameter 0 of shape \(2,\) is not a leaf"),
        (lambda: ([autograd.tensor([1])],), TypeError, "must be floating-point, got int64"),
        (lambda: ([p := parameter(3), p],), ValueError, r"parameter 1 of shape \(3,\) is given tw"),
        (
            lambda: ([{"params": [p := parameter(3)]}, {"params": [p]}],),
            ValueError,
            "parameter 0 .* is given twice",
        ),
        (lambda: ([parameter(1)], -1.0), ValueError, "SGD: lr must be at least 0, got -1.0"),
        (lambda: ([parameter(1)], "fast"), TypeError, "lr must be a number, got 'fast'"),
        (lambda: ([parameter(1)], 0.1, -0.9), ValueError, "momentum must be at least 0"),
        (lambda: ([parameter(1)], 0.1, 0, 0, -1), ValueError, "weight_decay must be at least 0"),
        (lambda: ([parameter(1)], 0.1, 0, 0, 0, True), ValueError, "nesterov needs a momentum"),
    ],
)
def test_wrong_arguments_are_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        optim.SGD(*arguments())


def test_wrong_betas_and_eps_are_refused():
    for betas in [(0.9, 1.0), (-0.1, 0.9)]:
        with pytest.raises(ValueError, match=r"Adam: betas must be in \[0, 1\)"):
            optim.Adam([parameter(1)], betas=betas)
    with pytest.raises(TypeError, match="AdamW: betas must be a pair, got 0.9"):
        optim.AdamW([parameter(1)], betas=0.9)
    with pytest.raises(ValueError, match="eps must be at least 0"):
        optim.Adam([parameter(1)], eps=-1e-8)


def test_parameters_without_a_gradient_stay():
    a, frozen = parameter(2), autograd.ones(2)
    optimizer = optim.Adam([a, frozen], weight_decay=0.5)
    optimizer.step()
    optimizer.zero_grad()
    assert a.tolist() == [1, 1] and frozen.tolist() == [1, 1]


def test_zero_grad_forgets_or_fills():
    a = parameter(2)
    optimizer = optim.SGD([a])
    a.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert a.grad.tolist() == [0, 0]
    optimizer.zero_grad()
    assert a.grad is None


def test_a_closure_computes_the_loss_anew():
    a = parameter(2)
    optimizer = optim.SGD([a], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (a * a).sum()
        loss.backward()
        return loss

    with autograd.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == 2 and a.tolist() == [0, 0]


RULES = [
    ("SGD", {"lr": 0.01, "momentum": 0.9}),
    ("Adam", {"lr": 0.01, "amsgrad": True}),
    ("AdamW", {"lr": 0.01}),
]


@pytest.mark.parametrize(("rule", "options"), RULES, ids=str)
def test_a_run_resumes_from_its_state_dict(rule, options):
    whole = [parameter(2, 2), parameter(3), parameter()]
    train(optimizer := getattr(optim, rule)(whole, **options), whole, autograd, 7)

    first = [parameter(2, 2), parameter(3), parameter()]
    before = getattr(optim, rule)(first, **options)
    train(before, first, autograd, 4)
    second = [autograd.tensor(p.detach(), requires_grad=True) for p in first]
    after = getattr(optim, rule)(second, lr=99.0)
    after.load_state_dict(before.state_dict())
    train(after, second, autograd, 3)
    for p, q in zip(whole, second, strict=True):
        np.testing.assert_array_equal(p.numpy(), q.numpy())
    assert optimizer.param_groups[0]["lr"] == after.param_groups[0]["lr"] == 0.01


@pytest.mark.parametrize(("rule", "options"), RULES, ids=str)
@pytest.mark.parametrize("direction", ["from", "to"])
def test_state_dicts_travel_to_and_from_pytorch(torch, rule, options, direction):
    ours = [parameter(2, 2), parameter(3)]
    theirs = [torch.ones(2, 2).double().requires_grad_(), torch.ones(3).double().requires_grad_()]
    mine = getattr(optim, rule)(ours, **options)
    reference = getattr(torch.optim, rule)(theirs, **options)
    if direction == "from":
        train(reference, theirs, torch, 4)
        mine.load_state_dict(reference.state_dict())
        with autograd.no_grad():
            for p, q in zip(ours, theirs, strict=True):
                p.copy_(q.detach().numpy())
    else:
        train(mine, ours, autograd, 4)
        state = mine.state_dict()
        state["state"] = {
            number: {
                key: torch.tensor(np.asarray(v)) if key != "step" else torch.tensor(float(v))
                for key, v in entry.items()
            }
            for number, entry in state["state"].items()
        }
        reference.load_state_dict(state)
        with torch.no_grad():
            for p, q in zip(ours, theirs, strict=True):
                q.copy_(torch.tensor(np.array(p.numpy())))
    train(mine, ours, autograd, 3)
    train(reference, theirs, torch, 3)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-12)


def test_a_state_dict_that_does_not_fit_changes_nothing():
    a = parameter(2)
    optimizer = optim.Adam([a], lr=0.3)
    train(optimizer, [a], autograd, 1)
    state = optimizer.state_dict()
    other = optim.Adam([parameter(2), parameter(2)])
    with pytest.raises(ValueError, match=r"groups have \[1\] parameters where \[2\] are expected"):
        other.load_state_dict(state)
    wrong = optim.Adam([parameter(3)], lr=0.7)
    with pytest.raises(ValueError, match=r"exp_avg of parameter 0 has shape \(2,\) where \(3,\)"):
        wrong.load_state_dict(state)
    assert not wrong.state and wrong.param_groups[0]["lr"] == 0.7
    with pytest.raises(TypeError, match="expects a dict with 'state' and 'param_groups', got list"):
        wrong.load_state_dict([1])


def test_printing_names_the_settings_of_each_group():
    text = repr(optim.SGD([parameter(1)], lr=0.1, momentum=0.9))
    assert text.startswith("SGD (\nParameter Group 0\n    dampening: 0\n    lr: 0.1\n")
