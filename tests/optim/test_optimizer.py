"""Optimizer: groups, refusals, state dicts in both directions."""

import pickle

import numpy as np
import pytest

import autograd
import nn
import optim

RULES = [
    *["SGD", "Adagrad", "Adadelta", "RMSprop", "Adam", "AdamW", "Adamax", "NAdam", "RAdam"],
    *["ASGD", "Rprop", "LBFGS", "Muon"],
]


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
        (lambda: ([("w", parameter(1)), parameter(2)],), ValueError, "must have names, or none"),
        (
            lambda: ([{"params": [("w", parameter(1))]}, {"params": [parameter(2)]}],),
            ValueError,
            "all parameter groups must have names, or none",
        ),
        (lambda: ([{"params": {parameter(2)}}],), TypeError, "in a fixed order, got a set"),
        (
            lambda: ([parameter(1)], autograd.ones(2)),
            ValueError,
            r"one number, got .* shape \(2,\)",
        ),
        (lambda: ([parameter(1)], float("nan")), ValueError, "lr must be at least 0, got nan"),
        (lambda: ([{"params": []}],), ValueError, "a parameter group without parameters"),
        (lambda: (parameter(2),), TypeError, "expected a list of tensors .* got a Tensor"),
        (lambda: ({parameter(2)},), TypeError, "in a fixed order, got a set"),
        (lambda: (None,), TypeError, "expected a list of tensors .* got NoneType"),
        (lambda: (nn.Linear(1, 1),), TypeError, "got Linear; pass model.parameters"),
        (lambda: ([[1.0]],), TypeError, "parameter 0 must be a Tensor, got list"),
        (lambda: ([{"lr": 1.0}],), TypeError, "a group must be a dict with 'params'"),
        (lambda: ([parameter(2) * 2],), ValueError, r"parameter 0 of shape \(2,\) is not a leaf"),
        (lambda: ([autograd.tensor([1])],), TypeError, "must be floating-point, got int64"),
        (
            lambda: ([{"params": [p := parameter(3)]}, {"params": [p]}],),
            ValueError,
            r"parameter 0 of shape \(3,\) is in another group, too",
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


@pytest.mark.parametrize("rule", RULES)
def test_a_parameter_given_twice_is_warned_of_and_updated_twice_as_by_pytorch(torch, rule):
    def run(library, rules, words):
        a, b, c = (library.tensor(np.full((2, 2), float(i))).requires_grad_() for i in (1, 2, 3))
        with pytest.warns(UserWarning, match=words):
            optimizer = getattr(rules, rule)([a, b, a, c], lr=0.01)
        for _ in range(3):
            optimizer.step(closure_for(optimizer, [a, b, c]))
        state = optimizer.state_dict()
        assert len({id(each) for each in (a, b, c)}) == 3
        values = [each.detach().numpy() for each in (a, b, c)]
        return values, list(state["state"]), state["param_groups"][0]["params"]

    words = rf"{rule}: parameters 0 and 2 are the same one, of shape \(2, 2\): each step will"
    values, states, numbers = run(autograd, optim, words)
    expected = run(torch, torch.optim, "duplicate parameters")
    np.testing.assert_allclose(values, expected[0], rtol=1e-10)
    assert states == expected[1] and numbers == expected[2] == [2, 1, 2, 3]


def test_a_parameter_given_twice_survives_a_round_trip():
    def start():
        a, b = parameter(2), parameter(3)
        with pytest.warns(UserWarning, match="Adam: parameters 0 and 1 are the same one"):
            return [a, b], optim.Adam([a, a, b], lr=0.1)

    whole, optimizer = start()
    for _ in range(3):
        optimizer.step(closure_for(optimizer, whole))
    parts, again = start()
    again.step(closure_for(again, parts))
    saved = again.state_dict()
    rest, again = start()
    for p, q in zip(rest, parts, strict=True):
        p.data = q.detach().clone()
    again.load_state_dict(saved)
    for _ in range(2):
        again.step(closure_for(again, rest))
    for p, q in zip(rest, whole, strict=True):
        np.testing.assert_array_equal(p.numpy(), q.numpy())


def test_wrong_betas_and_eps_are_refused():
    for betas in [(0.9, 1.0), (-0.1, 0.9)]:
        with pytest.raises(ValueError, match=r"Adam: betas must be in \[0, 1\)"):
            optim.Adam([parameter(1)], betas=betas)
    with pytest.raises(TypeError, match="AdamW: betas must be a pair, got 0.9"):
        optim.AdamW([parameter(1)], betas=0.9)
    with pytest.raises(ValueError, match="eps must be at least 0"):
        optim.Adam([parameter(1)], eps=-1e-8)


@pytest.mark.parametrize(
    ("rule", "options", "error", "words"),
    [
        *[
            (rule, {"lr": -1}, ValueError, f"{rule}: lr must be at least 0, got -1")
            for rule in RULES
        ],
        *[
            (rule, {"betas": (0.9, 1.0)}, ValueError, rf"{rule}: betas must be in \[0, 1\)")
            for rule in ("Adam", "AdamW", "Adamax", "NAdam", "RAdam")
        ],
        ("Adagrad", {"lr_decay": -1}, ValueError, "lr_decay must be at least 0"),
        (
            "Adagrad",
            {"initial_accumulator_value": -1},
            ValueError,
            "initial_accumulator_value must",
        ),
        (
            "Adagrad",
            {"fused": True, "foreach": True},
            RuntimeError,
            "fused and foreach cannot both",
        ),
        ("Adadelta", {"rho": 1.1}, ValueError, r"rho must be in \[0, 1\], got 1.1"),
        ("RMSprop", {"alpha": -0.1}, ValueError, "alpha must be at least 0"),
        ("NAdam", {"momentum_decay": -0.1}, ValueError, "momentum_decay must be at least 0"),
        ("Rprop", {"etas": (1.1, 1.2)}, ValueError, "etas must be 0 < down < 1 < up, got"),
        ("Rprop", {"step_sizes": 1}, TypeError, "step_sizes must be a pair, got 1"),
        ("LBFGS", {"line_search_fn": "armijo"}, ValueError, "must be 'strong_wolfe' or None"),
        ("Muon", {"adjust_lr_fn": "mine"}, ValueError, "adjust_lr_fn must be 'original'"),
        ("LBFGS", {"history_size": 0}, ValueError, "history_size must be an int of at least 1"),
        ("Muon", {"ns_steps": 100}, ValueError, "ns_steps must be at least 0 and below 100"),
        ("Muon", {"ns_steps": -1}, ValueError, "ns_steps must be at least 0 and below 100"),
        ("Muon", {"ns_steps": 2.5}, TypeError, "ns_steps must be an int, got 2.5"),
        ("Muon", {"ns_coefficients": (1, 2)}, ValueError, "must be three numbers"),
        ("Adam", {"differentiable": True}, NotImplementedError, "a step records nothing"),
    ],
)
def test_wrong_settings_are_refused(rule, options, error, words):
    with pytest.raises(error, match=words):
        getattr(optim, rule)([parameter(2, 2)], **options)


def test_lbfgs_has_one_group_and_muon_matrices():
    with pytest.raises(ValueError, match="LBFGS: there can be one parameter group only"):
        optim.LBFGS([{"params": [parameter(1)]}, {"params": [parameter(1)]}])
    with pytest.raises(ValueError, match=r"Muon: parameter 1 must be a matrix, got shape \(3,\)"):
        optim.Muon([parameter(2, 2), parameter(3)])


def test_choices_among_pytorchs_implementations_change_nothing():
    results = []
    for options in ({}, {"foreach": True}, {"fused": True}, {"capturable": True}):
        w = parameter(3)
        optimizer = optim.Adam([w], lr=0.1, **options)
        optimizer.step(closure_for(optimizer, [w]))
        assert optimizer.param_groups[0].items() >= options.items()
        results.append(w.tolist())
    assert all(result == results[0] for result in results)


def test_named_parameters_keep_their_names():
    model = nn.Linear(2, 1)
    optimizer = optim.Adam(model.named_parameters())
    group = optimizer.param_groups[0]
    assert group["param_names"] == ["weight", "bias"]
    assert group["params"][0] is model.weight and group["params"][1] is model.bias
    saved = optimizer.state_dict()
    assert saved["param_groups"][0]["param_names"] == ["weight", "bias"]
    other = optim.Adam([("a", parameter(1, 2)), ("b", parameter(1))])
    other.load_state_dict(saved)
    assert other.param_groups[0]["param_names"] == ["weight", "bias"]
    del saved["param_groups"][0]["param_names"]
    other.load_state_dict(saved)
    assert other.param_groups[0]["param_names"] == ["weight", "bias"]


def test_a_group_may_be_empty_beside_another():
    w = parameter(1)
    optimizer = optim.SGD([{"params": [w]}, {"params": [], "weight_decay": 0.1}], lr=0.5)
    w.sum().backward()
    optimizer.step()
    assert w.tolist() == [0.5]


def test_a_rate_may_be_a_tensor_that_is_changed_from_outside():
    w, rate = parameter(2), autograd.tensor(0.5)
    optimizer = optim.SGD([w], lr=rate)
    w.grad = autograd.ones(2, dtype=np.float64)
    optimizer.step()
    rate.fill_(0.25)
    optimizer.step()
    assert w.tolist() == [0.25, 0.25]


def test_hooks_are_called_around_steps():
    w, calls = parameter(1), []
    optimizer = optim.SGD([w], lr=0.5)

    def closure():
        calls.append("closure")
        w.grad = autograd.ones(1, dtype=np.float64)
        return 7.0

    def before(of, args, kwargs):
        calls.append(("before", of is optimizer, args[1:], kwargs))
        return (of, closure), {}

    first = optimizer.register_step_pre_hook(before)
    with optimizer.register_step_post_hook(lambda of, args, kwargs: calls.append("after")):
        assert optimizer.step() == 7 and w.tolist() == [0.5]
    assert calls == [("before", True, (), {}), "closure", "after"]
    first.remove()
    assert optimizer.step() is None and len(calls) == 3
    optimizer.register_step_pre_hook(lambda *_: "something")
    with pytest.raises(RuntimeError, match="SGD.step: a pre-hook returns None or a pair"):
        optimizer.step()


def test_a_step_of_ones_own_has_hooks_and_calls_its_bases_once():
    class Twice(optim.SGD):
        def step(self, closure=None):
            super().step(closure)
            return super().step(closure)

    w, calls = parameter(1), []
    optimizer = Twice([w], lr=0.25)
    optimizer.register_step_post_hook(lambda *_: calls.append(w.tolist()))
    w.grad = autograd.ones(1, dtype=np.float64)
    optimizer.step()
    assert calls == [[0.5]]


def test_hooks_are_called_around_state_dicts():
    w, calls = parameter(1), []
    optimizer = optim.SGD([w], lr=0.5)
    optimizer.register_state_dict_pre_hook(lambda of: calls.append("second"))
    optimizer.register_state_dict_pre_hook(lambda of: calls.append("first"), prepend=True)
    optimizer.register_state_dict_post_hook(lambda of, saved: {**saved, "more": 1})
    saved = optimizer.state_dict()
    assert calls == ["first", "second"] and saved["more"] == 1

    def slower(of, given):
        given["param_groups"] = [{**given["param_groups"][0], "lr": 0.125}]

    optimizer.register_load_state_dict_pre_hook(slower)
    optimizer.register_load_state_dict_post_hook(lambda of: calls.append(of.param_groups[0]["lr"]))
    optimizer.load_state_dict(saved)
    assert calls[-1] == 0.125 and saved["param_groups"][0]["lr"] == 0.5


def test_the_effective_rate_of_each_weight():
    w, other = parameter(2), parameter(2)
    optimizer = optim.RMSprop([w], lr=0.1, alpha=0.75)
    with pytest.raises(
        ValueError, match=r"RMSprop.effective_lr: the parameter of shape \(2,\) has"
    ):
        optimizer.effective_lr(w)
    w.grad = autograd.tensor([1.0, 10.0], dtype=np.float64)
    optimizer.step()
    assert optimizer.effective_lr(w).tolist() == pytest.approx([0.2, 0.02])
    with pytest.raises(ValueError, match="has had no step of this optimiser"):
        optimizer.effective_lr(other)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in ("LBFGS", "Muon")])
def test_every_effective_rate_has_the_parameters_shape(rule):
    w = parameter(2, 3)
    optimizer = getattr(optim, rule)([w], lr=0.1)
    optimizer.step(closure_for(optimizer, [w]))
    if rule == "Rprop":
        with pytest.raises(ValueError, match="does not depend on the size of the gradient"):
            optimizer.effective_lr(w)
    else:
        assert optimizer.effective_lr(w).shape == (2, 3)


def test_a_rule_of_ones_own_has_to_be_defined():
    w = parameter(1)
    optimizer = optim.Optimizer([w], {"lr": 1.0})
    w.grad = autograd.ones(1, dtype=np.float64)
    with pytest.raises(NotImplementedError, match="Optimizer defines no update rule"):
        optimizer.step()


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


def test_zero_grad_fills_what_may_not_be_written():
    a, b = parameter(2), parameter()
    read_only = np.ones(2)
    read_only.flags.writeable = False
    a.grad = autograd.from_numpy(read_only)
    ((b * b) * b).backward(create_graph=True)
    optim.SGD([a, b]).zero_grad(set_to_none=False)
    assert a.grad.tolist() == [0, 0] and read_only.tolist() == [1, 1]
    assert b.grad.item() == 0 and not b.grad.requires_grad


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


MORE = {
    "SGD": {"momentum": 0.9},
    "Adam": {"amsgrad": True},
    "RMSprop": {"momentum": 0.9, "centered": True},
    "LBFGS": {"max_iter": 3},
}


def closure_for(optimizer, parameters):
    def closure():
        optimizer.zero_grad()
        loss = sum(((p - i) * (p - i) * (i + 1)).sum() for i, p in enumerate(parameters))
        loss.backward()
        return loss

    return closure


def parameters_for(rule):
    return [
        parameter(2, 2),
        parameter(3, 2),
        *([] if rule == "Muon" else [parameter(3), parameter()]),
    ]


@pytest.mark.parametrize("rule", RULES)
def test_a_run_resumes_from_its_state_dict(rule):
    options = {"lr": 0.01, **MORE.get(rule, {})}
    whole = parameters_for(rule)
    optimizer = getattr(optim, rule)(whole, **options)
    for _ in range(7):
        optimizer.step(closure_for(optimizer, whole))
    first = parameters_for(rule)
    before = getattr(optim, rule)(first, **options)
    for _ in range(4):
        before.step(closure_for(before, first))
    second = [autograd.tensor(p.detach(), requires_grad=True) for p in first]
    after = getattr(optim, rule)(second, lr=99.0)
    after.load_state_dict(before.state_dict())
    saved = pickle.dumps(before.state_dict())
    for _ in range(3):
        after.step(closure_for(after, second))
    for p, q in zip(whole, second, strict=True):
        np.testing.assert_array_equal(p.numpy(), q.numpy())
    assert optimizer.param_groups[0]["lr"] == after.param_groups[0]["lr"] == 0.01
    assert pickle.dumps(before.state_dict()) == saved  # what was loaded are copies


def entries(value):
    """Return the names, types, shapes and dtypes in a state dict."""
    if isinstance(value, dict):
        return {key: entries(part) for key, part in value.items()}
    if hasattr(value, "dtype"):
        return tuple(value.shape), str(value.dtype).removeprefix("torch.")
    if isinstance(value, list):
        return [entries(part) for part in value]
    return value if isinstance(value, (str, bool, tuple)) or value is None else "number"


@pytest.mark.parametrize("rule", RULES)
def test_a_state_dict_is_laid_out_as_pytorchs(torch, rule):
    options = MORE.get(rule, {})
    mine = parameters_for(rule)
    theirs = [torch.tensor(np.array(p.detach().numpy())).requires_grad_() for p in mine]
    ours = getattr(optim, rule)(mine, **options)
    reference = getattr(torch.optim, rule)(theirs, **options)
    assert entries(ours.defaults) == entries(reference.defaults)
    for _ in range(2):
        ours.step(closure_for(ours, mine))
        reference.step(closure_for(reference, theirs))
    state, peer = entries(ours.state_dict()), entries(reference.state_dict())
    if rule == "LBFGS":  # which need not keep what it computes anew, and has numbers for tensors
        assert peer["state"][0].pop("al") and peer["state"][0].pop("t") == state["state"][0].pop(
            "t"
        )
    assert state == peer


@pytest.mark.parametrize("rule", RULES)
def test_an_optimizer_survives_pickling(rule):
    w = parameters_for(rule)
    optimizer = getattr(optim, rule)(w, **MORE.get(rule, {}))
    optimizer.step(closure_for(optimizer, w))
    again = pickle.loads(pickle.dumps(optimizer))
    copies = again.param_groups[0]["params"]
    for each, members in ((optimizer, w), (again, copies)):
        each.step(closure_for(each, members))
    for p, q in zip(w, copies, strict=True):
        np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())
    assert again.register_step_post_hook(print)


def test_a_state_dict_of_numbers_is_understood():
    """Older files, and formats that know no 0-d arrays, count steps in plain numbers."""
    for rule, numbers in {
        "Adam": {"step": 3},
        "NAdam": {"step": 3.0, "mu_product": 0.5},
        "ASGD": {"step": np.int64(3), "eta": 0.1, "mu": 1.0},
    }.items():
        w = parameter(2)
        optimizer = getattr(optim, rule)([w], lr=0.1)
        optimizer.step(closure_for(optimizer, [w]))
        saved = optimizer.state_dict()
        saved["state"][0].update(numbers)
        optimizer.load_state_dict(saved)
        for key, value in numbers.items():
            held = optimizer.state[w][key]
            assert (
                held.shape == ()
                and held.dtype == np.float32
                and held.item() == pytest.approx(value)
            )
        optimizer.step(closure_for(optimizer, [w]))
        assert optimizer.state[w]["step"].item() == 4


def test_an_older_state_dict_leaves_newer_settings_alone():
    w = parameter(2)
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    optimizer.load_state_dict(
        {"state": {0: {"momentum_buffer": None}}, "param_groups": [{"lr": 0.5, "params": [7]}]}
    )
    assert optimizer.param_groups[0] == {**optimizer.defaults, "lr": 0.5, "params": [w]}
    optimizer.step(closure_for(optimizer, [w]))
    assert optimizer.state[w]["momentum_buffer"].tolist() == [2, 2]


def test_lbfgs_resumes_where_the_first_parameter_is_a_scalar():
    first, other = parameter(), parameter(2)
    optimizer = optim.LBFGS([first, other], lr=0.1, max_iter=3)
    optimizer.step(closure_for(optimizer, [first, other]))
    again = optim.LBFGS([first, other])
    again.load_state_dict(optimizer.state_dict())
    again.step(closure_for(again, [first, other]))
    assert again.state[first]["n_iter"] == 4  # two moves a step, for three evaluations
    with pytest.raises(ValueError, match=r"LBFGS.*has shape \(3,\) where \(2,\) is expected"):
        optim.LBFGS([other]).load_state_dict(
            {**again.state_dict(), "param_groups": [{"params": [0]}]}
        )


def test_adamw_stays_decoupled_whatever_it_loads():
    w = parameter(2)
    optimizer = optim.AdamW([w])
    optimizer.load_state_dict(optim.Adam([w]).state_dict())
    assert optimizer.param_groups[0]["decoupled_weight_decay"] is True


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
    assert text.startswith(
        "SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n"
    )
    assert "\n    lr: 0.1\n" in text and text.endswith("    weight_decay: 0\n)")


def test_printing_is_pytorchs(torch):
    for rule in RULES:
        ours = getattr(optim, rule)([parameter(2, 2)])
        assert repr(ours) == repr(getattr(torch.optim, rule)([torch.ones(2, 2)]))


def test_the_state_of_another_rule_is_refused():
    def stepped(rule, **options):
        w = autograd.tensor([1.0, 2.0], requires_grad=True)
        optimizer = rule([w], lr=0.1, **options)
        w.sum().backward()
        optimizer.step()
        return optimizer

    momentum, adam = stepped(optim.SGD, momentum=0.9), stepped(optim.Adam)
    before = adam.state_dict()["state"][0]
    with pytest.raises(
        ValueError, match=r"Adam.load_state_dict: .* it has momentum_buffer and no exp_avg, exp_avg"
    ):
        adam.load_state_dict(momentum.state_dict())
    assert adam.state_dict()["state"][0] == before and adam.param_groups[0]["lr"] == 0.1
    with pytest.raises(
        ValueError, match="Rprop.load_state_dict: .* another rule, it has step, exp"
    ):
        stepped(optim.Rprop).load_state_dict(adam.state_dict())
    stepped(optim.AdamW).load_state_dict(adam.state_dict())  # remembers the same


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda w: optim.Adam([w], betas=("a", 0.9)), "Adam: betas must be two numbers, got"),
        (lambda w: optim.SGD([w]).step(3), "SGD.step: expected a closure to call, got 3"),
        (lambda w: optim.LBFGS([w]).step(None), "LBFGS.step: expected a closure to call, got None"),
        (lambda w: optim.LBFGS([w]).step(lambda: None), "must return the loss, .* got NoneType"),
        (lambda w: optim.LBFGS([w]).step(lambda: w * 1), r"got Tensor of shape \(2,\)"),
    ],
)
def test_what_is_no_closure_and_no_number_is_named(call, words):
    with pytest.raises(TypeError, match=words):
        call(autograd.tensor([1.0, 2.0], requires_grad=True))
