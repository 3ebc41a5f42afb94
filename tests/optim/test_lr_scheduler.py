"""Schedules against PyTorch's: rates, momenta, chains, and round trips in the middle."""

import copy
import pickle
import warnings

import pytest

import autograd
import optim
from optim import lr_scheduler

EPOCHS = 40


class Falling:
    """A callable with a state, which schedules save."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, epoch):
        return self.rate**epoch


CASES = {
    "LambdaLR": ({"lr_lambda": lambda epoch: 0.95**epoch}, {"lr_lambda": Falling(0.9)}),
    "LambdaLR of each group": (
        {"lr_lambda": [lambda epoch: 0.95**epoch, lambda epoch: 1 / (1 + epoch)]},
    ),
    "MultiplicativeLR": ({"lr_lambda": lambda epoch: 0.95 if epoch % 3 else 1.01},),
    "StepLR": ({"step_size": 7}, {"step_size": 1, "gamma": 0.9}),
    "MultiStepLR": ({"milestones": [3, 9, 9, 25]}, {"milestones": [1], "gamma": 0.5}),
    "ConstantLR": ({}, {"factor": 0.25, "total_iters": 9}),
    "LinearLR": ({}, {"start_factor": 0.1, "total_iters": 12}, {"end_factor": 0.2}),
    "ExponentialLR": ({"gamma": 0.9},),
    "PolynomialLR": ({}, {"total_iters": 20, "power": 2.0}, {"total_iters": 30, "power": 0.5}),
    "CosineAnnealingLR": ({"T_max": 8}, {"T_max": 100, "eta_min": 0.01}, {"T_max": 1}),
    "CosineAnnealingWarmRestarts": ({"T_0": 5}, {"T_0": 3, "T_mult": 2, "eta_min": 1e-3}),
    "CyclicLR": (
        {"base_lr": 0.01, "max_lr": 0.2, "step_size_up": 4},
        {"base_lr": 0.01, "max_lr": [0.1, 0.3], "step_size_up": 4, "step_size_down": 7},
        {"base_lr": 0.01, "max_lr": 0.2, "step_size_up": 3, "mode": "triangular2"},
        {"base_lr": 0.01, "max_lr": 0.2, "step_size_up": 3, "mode": "exp_range", "gamma": 0.99},
        {
            "base_lr": 0.01,
            "max_lr": 0.2,
            "step_size_up": 3,
            "scale_fn": lambda x: 1 / x,
            "cycle_momentum": False,
        },
        {
            "base_lr": 0.01,
            "max_lr": 0.2,
            "step_size_up": 3,
            "scale_fn": Falling(0.9),
            "scale_mode": "iterations",
        },
    ),
    "OneCycleLR": (
        {"max_lr": 0.3, "total_steps": 50},
        {"max_lr": [0.3, 0.1], "epochs": 10, "steps_per_epoch": 5, "anneal_strategy": "linear"},
        {"max_lr": 0.3, "total_steps": 45, "three_phase": True, "pct_start": 0.25},
        {"max_lr": 0.3, "total_steps": 60, "cycle_momentum": False, "div_factor": 5.0},
    ),
}
EVERY = [
    pytest.param(name.split()[0], options, id=f"{name}-{index}")
    for name, each in CASES.items()
    for index, options in enumerate(each)
]


def optimizer_of(package, rule="SGD", **options):
    """Return an optimiser of two groups with different rates."""
    tensors, rules = (autograd, optim) if package == "ours" else package
    groups = [
        {"params": [tensors.tensor([1.0], requires_grad=True)]},
        {"params": [tensors.tensor([2.0], requires_grad=True)], "lr": 0.05},
    ]
    if rule == "SGD":
        options = {"momentum": 0.9, **options}
    return getattr(rules, rule)(groups, lr=0.1, **options)


def trace(optimizer, schedule, epochs):
    """Step both; return the rates and momenta of every epoch."""
    rows = []
    for _ in range(epochs):
        rows.append(
            [group["lr"] for group in optimizer.param_groups]
            + [group.get("momentum", group.get("betas")) for group in optimizer.param_groups]
            + list(schedule.get_last_lr())
        )
        optimizer.step()
        schedule.step()
    return rows


def equal(got, expected):
    """Compare nested rates to twelve digits."""
    assert len(got) == len(expected)
    for epoch, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
        for a, b in zip(mine, theirs, strict=True):
            assert a == pytest.approx(b, rel=1e-11, abs=1e-14), f"epoch {epoch}: {mine} {theirs}"


def copied(options):
    return {name: copy.deepcopy(value) for name, value in options.items()}


@pytest.mark.parametrize(("name", "options"), EVERY)
@pytest.mark.parametrize("rule", ["SGD", "Adam"])
def test_rates_are_pytorchs(torch, name, options, rule):
    theirs = optimizer_of((torch, torch.optim), rule)
    ours = optimizer_of("ours", rule)
    expected = trace(theirs, getattr(torch.optim.lr_scheduler, name)(theirs, **options), EPOCHS)
    equal(trace(ours, getattr(lr_scheduler, name)(ours, **options), EPOCHS), expected)


@pytest.mark.parametrize(("name", "options"), EVERY)
def test_a_round_trip_in_the_middle_changes_nothing(name, options):
    make = getattr(lr_scheduler, name)
    optimizer = optimizer_of("ours")
    expected = trace(optimizer, make(optimizer, **copied(options)), EPOCHS)
    optimizer = optimizer_of("ours")
    schedule = make(optimizer, **copied(options))
    begun = trace(optimizer, schedule, 13)
    saved = pickle.loads(pickle.dumps((optimizer.state_dict(), schedule.state_dict())))
    optimizer = optimizer_of("ours")
    schedule = make(optimizer, **copied(options))
    optimizer.load_state_dict(saved[0])
    schedule.load_state_dict(saved[1])
    equal(begun + trace(optimizer, schedule, EPOCHS - 13), expected)


# All but OneCycleLR, whose phases PyTorch keeps in attributes of its own.
SHARED = [each for each in EVERY if each.values[0] != "OneCycleLR"]


@pytest.mark.parametrize(("name", "options"), SHARED)
def test_pytorchs_state_is_gone_on_from(torch, name, options):
    make = getattr(torch.optim.lr_scheduler, name)
    theirs = optimizer_of((torch, torch.optim))
    expected = trace(theirs, make(theirs, **copied(options)), EPOCHS)[13:]
    theirs = optimizer_of((torch, torch.optim))
    schedule = make(theirs, **copied(options))
    trace(theirs, schedule, 13)
    ours = optimizer_of("ours")
    gone_on = getattr(lr_scheduler, name)(ours, **copied(options))
    ours.load_state_dict(theirs.state_dict())
    gone_on.load_state_dict(schedule.state_dict())
    equal(trace(ours, gone_on, EPOCHS - 13), expected)


def composed(library, optimizer, kind):
    parts = library.LinearLR(optimizer, 0.1, total_iters=5)
    if kind == "sequential":
        rest = [library.CosineAnnealingLR(optimizer, 10), library.StepLR(optimizer, 3)]
        return library.SequentialLR(optimizer, [parts, *rest], [5, 20])
    return library.ChainedScheduler([parts, library.ExponentialLR(optimizer, 0.9)])


@pytest.mark.parametrize("kind", ["sequential", "chained"])
def test_compositions_are_pytorchs_also_after_a_round_trip(torch, kind):
    theirs = optimizer_of((torch, torch.optim))
    expected = trace(theirs, composed(torch.optim.lr_scheduler, theirs, kind), EPOCHS)
    ours = optimizer_of("ours")
    schedule = composed(lr_scheduler, ours, kind)
    got = trace(ours, schedule, 9)
    saved = copy.deepcopy((ours.state_dict(), schedule.state_dict()))
    ours = optimizer_of("ours")
    schedule = composed(lr_scheduler, ours, kind)
    ours.load_state_dict(saved[0])
    schedule.load_state_dict(saved[1])
    equal(got + trace(ours, schedule, EPOCHS - 9), expected)


def test_a_sequence_within_a_sequence_is_one_sequence():
    """PyTorch's inner sequence is an epoch ahead of itself; here it is not."""

    def members(optimizer):
        return (
            lr_scheduler.LinearLR(optimizer, 0.1, total_iters=5),
            lr_scheduler.StepLR(optimizer, 4),
            lr_scheduler.ExponentialLR(optimizer, 0.8),
        )

    optimizer = optimizer_of("ours")
    flat = lr_scheduler.SequentialLR(optimizer, members(optimizer), [7, 17])
    expected = trace(optimizer, flat, EPOCHS)
    optimizer = optimizer_of("ours")
    first, second, third = members(optimizer)
    inner = lr_scheduler.SequentialLR(optimizer, [first, second], [7])
    equal(
        trace(optimizer, lr_scheduler.SequentialLR(optimizer, [inner, third], [17]), EPOCHS),
        expected,
    )


def test_a_ratio_that_comes_second_goes_on_from_the_present_rate(torch):
    def run(optimizer, library):
        parts = [
            library.LinearLR(optimizer, 0.2, 0.7, total_iters=6),
            library.MultiplicativeLR(optimizer, Falling(0.5)),
        ]
        return trace(optimizer, library.SequentialLR(optimizer, parts, [3]), 9)

    theirs = optimizer_of((torch, torch.optim))
    equal(run(optimizer_of("ours"), lr_scheduler), run(theirs, torch.optim.lr_scheduler))


@pytest.mark.parametrize("name", ["ExponentialLR", "CosineAnnealingLR", "CyclicLR", "plateau"])
def test_a_rate_that_is_a_tensor_stays_the_same_tensor(torch, name):
    """Whoever holds it sees the rate, and may change it; the rate at the start is a copy."""

    def run(tensors, rules):
        lr = tensors.tensor(0.1, dtype=tensors.float64)
        optimizer = rules.SGD([tensors.tensor([1.0], requires_grad=True)], lr=lr, momentum=0.5)
        library, rows = rules.lr_scheduler, []
        if name == "plateau":
            schedule = library.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
        elif name == "CyclicLR":
            schedule = library.CyclicLR(optimizer, 0.01, 0.3, step_size_up=3)
        else:
            schedule = getattr(library, name)(optimizer, *([0.5] if name[0] == "E" else [7]))
        for epoch in range(6):
            optimizer.step()
            schedule.step(*([1.0] if name == "plateau" else []))
            assert optimizer.param_groups[0]["lr"] is lr
            if epoch == 2:
                with tensors.no_grad():
                    lr.mul_(2)
            base = optimizer.param_groups[0].get("initial_lr", 0.0)
            rows.append([float(lr), float(base), float(schedule.get_last_lr()[0])])
        return rows

    equal(run(autograd, optim), run(torch, torch.optim))


def test_a_composition_can_come_second():
    """From its milestone on it does what it would do from the start."""
    alone = optimizer_of("ours")
    expected = trace(alone, composed(lr_scheduler, alone, "chained"), 20)
    for kind in ("chained", "sequential"):
        optimizer = optimizer_of("ours")
        first = lr_scheduler.ConstantLR(optimizer, 0.5, 99)
        second = composed(lr_scheduler, optimizer, kind)
        rows = trace(optimizer, lr_scheduler.SequentialLR(optimizer, [first, second], [4]), 24)
        assert [row[0] for row in rows[:4]] == [0.05] * 4
        if kind == "chained":
            equal(rows[4:], expected)
        else:
            assert rows[4][0] == pytest.approx(0.01) and rows[9][0] == pytest.approx(0.1)


@pytest.mark.parametrize(
    "options",
    [
        {"patience": 2},
        {"mode": "max", "factor": 0.5, "patience": 1, "cooldown": 3},
        {"patience": 0, "threshold": 0.05, "threshold_mode": "abs", "min_lr": [0.01, 0.001]},
        {"mode": "max", "threshold_mode": "abs", "patience": 1, "eps": 1e-3},
    ],
    ids=str,
)
def test_a_plateau_is_pytorchs(torch, options):
    metrics = [1.0, 0.9, 0.9, 0.89, 0.9, 0.95, 0.5, 0.6, 0.7, 0.6, 0.6, float("nan"), 0.4] * 3

    def run(optimizer, library, middle):
        schedule = library.ReduceLROnPlateau(optimizer, **options)
        rows = []
        for epoch, metric in enumerate(metrics):
            if epoch == 15 and middle:
                saved = copy.deepcopy(schedule.state_dict())
                schedule = library.ReduceLROnPlateau(optimizer, **options)
                schedule.load_state_dict(saved)
            schedule.step(metric)
            rows.append([*schedule.get_last_lr(), schedule.num_bad_epochs, schedule.last_epoch])
        return rows

    theirs = optimizer_of((torch, torch.optim))
    expected = run(theirs, torch.optim.lr_scheduler, False)
    equal(run(optimizer_of("ours"), lr_scheduler, True), expected)


def test_a_plateau_takes_tensors():
    optimizer = optimizer_of("ours")
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    for loss in (1.0, 2.0):
        schedule.step(autograd.tensor(loss))
    assert schedule.get_last_lr() == pytest.approx([0.01, 0.005])


@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("StepLR", {"step_size": 3}),
        ("MultiStepLR", {"milestones": [2, 5]}),
        ("ConstantLR", {}),
        ("LinearLR", {}),
        ("ExponentialLR", {"gamma": 0.9}),
        ("PolynomialLR", {"total_iters": 9}),
        ("CosineAnnealingLR", {"T_max": 6}),
        ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2}),
        ("LambdaLR", {"lr_lambda": Falling(0.5)}),
        ("MultiplicativeLR", {"lr_lambda": Falling(0.5)}),
    ],
)
def test_an_epoch_can_be_jumped_to_as_in_pytorch(torch, name, options):
    def run(optimizer, library):
        schedule = getattr(library, name)(optimizer, **options)
        optimizer.step()
        rows = []
        for epoch in (0, 4, 2, 9, 8):
            schedule.step(epoch)
            rows.append(list(schedule.get_last_lr()))
        return rows

    theirs = optimizer_of((torch, torch.optim))
    equal(run(optimizer_of("ours"), lr_scheduler), run(theirs, torch.optim.lr_scheduler))


def test_restarts_go_on_within_an_epoch(torch):
    def run(optimizer, library):
        schedule = library.CosineAnnealingWarmRestarts(optimizer, 2, 2)
        optimizer.step()
        rows = []
        for batch in range(40):
            schedule.step(batch / 4)
            rows.append([*schedule.get_last_lr(), schedule.T_cur, schedule.T_i])
        return rows

    theirs = optimizer_of((torch, torch.optim))
    equal(run(optimizer_of("ours"), lr_scheduler), run(theirs, torch.optim.lr_scheduler))


@pytest.mark.parametrize(
    "name", ["ExponentialLR", "StepLR", "LinearLR", "LambdaLR", "PolynomialLR"]
)
def test_a_run_can_be_resumed_at_an_epoch(name):
    options = {
        "ExponentialLR": {"gamma": 0.9},
        "StepLR": {"step_size": 3},
        "LinearLR": {"total_iters": 9},
        "LambdaLR": {"lr_lambda": Falling(0.9)},
        "PolynomialLR": {"total_iters": 20},
    }[name]
    make = getattr(lr_scheduler, name)
    optimizer = optimizer_of("ours")
    expected = trace(optimizer, make(optimizer, **options), 12)
    optimizer = optimizer_of("ours")
    trace(optimizer, make(optimizer, **options), 5)
    resumed = make(optimizer, **options, last_epoch=4)
    equal(trace(optimizer, resumed, 7), expected[5:])
    with pytest.raises(KeyError, match="group 0 has no 'initial_lr' to resume epoch 4 with"):
        make(optimizer_of("ours"), **options, last_epoch=4)


def test_OP_12_linear_warm_up_in_both_conventions():
    optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=0.1)
    rates = [row[0] for row in trace(optimizer, lr_scheduler.LinearWarmup(optimizer, 5), 6)]
    assert rates == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1, 0.1], rel=1e-12)
    optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=0.1)
    schedule = lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=5)
    rates = [row[0] for row in trace(optimizer, schedule, 6)]
    assert rates == pytest.approx([0.01, 0.028, 0.046, 0.064, 0.082, 0.1], rel=1e-12)


def rates_of(make, epochs):
    optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=0.1)
    rows = trace(optimizer, make(optimizer), max(epochs) + 1)
    return [rows[epoch][0] for epoch in epochs]


def test_OP_13_exponential_decay():
    rates = rates_of(lambda o: lr_scheduler.ExponentialLR(o, 0.95), [0, 1, 10, 100])
    assert rates == pytest.approx([0.1, 0.095, 0.05987369, 0.00059205], abs=5e-9)


def test_OP_14_time_based_decay():
    rates = rates_of(lambda o: lr_scheduler.InverseTimeLR(o, 0.01), [0, 1, 10, 100])
    assert rates == pytest.approx([0.1, 0.0990099, 0.09090909, 0.05], abs=5e-9)


def test_OP_15_steps_and_cosine():
    rates = rates_of(lambda o: lr_scheduler.StepLR(o, 30), [0, 29, 30, 59, 60, 90])
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.0001], rel=1e-12)
    rates = rates_of(lambda o: lr_scheduler.CosineAnnealingLR(o, 100), [0, 25, 50, 75, 100])
    assert rates == pytest.approx([0.1, 0.08535534, 0.05, 0.01464466, 0], abs=5e-9)


def test_a_schedule_before_its_optimiser_warns():
    optimizer = optimizer_of("ours")
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.9)
    with pytest.warns(UserWarning, match=r"ExponentialLR: step\(\) before optimizer.step\(\)"):
        schedule.step()
    optimizer = optimizer_of("ours")
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.9)
    optimizer.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schedule.step()


def test_a_constant_of_zero_comes_back():
    optimizer = optimizer_of("ours")
    rows = trace(optimizer, lr_scheduler.ConstantLR(optimizer, 0.0, 3), 5)
    assert [row[:2] for row in rows] == [[0, 0]] * 3 + [[0.1, 0.05]] * 2


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda o: lr_scheduler.StepLR(3, 1), TypeError, "StepLR: expected an Optimizer, got int"),
        (lambda o: lr_scheduler.StepLR(o, 0), ValueError, "step_size must be an int of at least 1"),
        (lambda o: lr_scheduler.ConstantLR(o, 2.0), ValueError, r"must be in \[0, 1\], got 2.0"),
        (lambda o: lr_scheduler.LinearLR(o, 0.0), ValueError, r"start_factor must be in \(0, 1\]"),
        (lambda o: lr_scheduler.LinearLR(o, end_factor=2), ValueError, "end_factor must be in"),
        (lambda o: lr_scheduler.LinearWarmup(o, 0), ValueError, "warmup_steps must be an int of"),
        (lambda o: lr_scheduler.InverseTimeLR(o, -1), ValueError, "decay must be at least 0"),
        (lambda o: lr_scheduler.PolynomialLR(o, 0), ValueError, "total_iters must be at least 1"),
        (lambda o: lr_scheduler.CosineAnnealingLR(o, 0), ValueError, "T_max must be at least 1"),
        (
            lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2.5),
            ValueError,
            "T_0 must be an int of at least 1, got 2.5",
        ),
        (
            lambda o: lr_scheduler.LambdaLR(o, [abs]),
            ValueError,
            "expected 2 functions, one a group",
        ),
        (lambda o: lr_scheduler.LambdaLR(o, 3), TypeError, "expected functions of the epoch, got"),
        (lambda o: lr_scheduler.CyclicLR(o, 0.1, 1, mode="x"), ValueError, "mode must be"),
        (lambda o: lr_scheduler.CyclicLR(o, [0.1], 1), ValueError, "expected 2 values of base_lr"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1), ValueError, "give total_steps, or epochs and"),
        (
            lambda o: lr_scheduler.OneCycleLR(o, 1, 0),
            ValueError,
            "total_steps must be an int of at least 1, got 0",
        ),
        (
            lambda o: lr_scheduler.OneCycleLR(o, 1, 5, pct_start=2),
            ValueError,
            r"pct_start must be in \[0, 1\], got 2",
        ),
        (
            lambda o: lr_scheduler.CyclicLR(optimizer_of("ours", "Adagrad"), 0.1, 1),
            ValueError,
            "needs an optimiser with momentum or betas, got Adagrad",
        ),
        (
            lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.StepLR(o, 1)], [3]),
            ValueError,
            "1 schedules need 0 milestones, got 1",
        ),
        (
            lambda o: lr_scheduler.ChainedScheduler([]),
            ValueError,
            "at least one schedule, got none",
        ),
        (
            lambda o: lr_scheduler.ChainedScheduler(
                [lr_scheduler.StepLR(o, 1), lr_scheduler.StepLR(optimizer_of("ours"), 1)]
            ),
            ValueError,
            "schedule 1 belongs to another optimiser",
        ),
        (
            lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.ReduceLROnPlateau(o)]),
            ValueError,
            "whose step needs a metric",
        ),
        (
            lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=1),
            ValueError,
            "factor must be below 1",
        ),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, "low"), ValueError, "mode must be 'min' or"),
        (
            lambda o: lr_scheduler.StepLR(o, 1).load_state_dict({"gamma": 2}),
            KeyError,
            "the state has no 'step_size'",
        ),
        (
            lambda o: lr_scheduler.StepLR(o, 1).load_state_dict(3),
            TypeError,
            "expected a mapping, got int",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make(optimizer_of("ours"))


def test_a_cycle_ends():
    optimizer = optimizer_of("ours")
    schedule = lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=3)
    trace(optimizer, schedule, 3)
    with pytest.raises(ValueError, match="step 4 of a cycle of 3 steps: it is over"):
        schedule.step()


def test_schedules_and_optimisers_die_without_the_collector():
    import gc
    import weakref

    gc.collect()
    gc.disable()
    try:
        optimizer = optimizer_of("ours")
        schedule = lr_scheduler.ExponentialLR(optimizer, 0.9)
        trace(optimizer, schedule, 2)
        gone = weakref.ref(optimizer)
        del optimizer, schedule
        assert gone() is None
    finally:
        gc.enable()
