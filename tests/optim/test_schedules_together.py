"""Schedules beside PyTorch's where they meet: after one another, together, resumed, reloaded."""

import copy
import math
import warnings

import pytest

from optim import lr_scheduler

from .test_lr_scheduler import EVERY, Falling, equal, optimizer_of, trace

ONE = {
    "LambdaLR": {"lr_lambda": Falling(0.9)},
    "MultiplicativeLR": {"lr_lambda": Falling(0.99)},
    "StepLR": {"step_size": 2},
    "MultiStepLR": {"milestones": [0, 3, 9, 9], "gamma": 0.5},
    "ConstantLR": {"total_iters": 4},
    "LinearLR": {"start_factor": 0.1, "end_factor": 0.7, "total_iters": 6},
    "ExponentialLR": {"gamma": 0.9},
    "PolynomialLR": {"total_iters": 9, "power": 2.0},
    "CosineAnnealingLR": {"T_max": 3, "eta_min": 0.01},
    "CosineAnnealingWarmRestarts": {"T_0": 3, "T_mult": 2, "eta_min": 1e-3},
    "CyclicLR": {"base_lr": 0.01, "max_lr": [0.1, 0.3], "step_size_up": 2, "step_size_down": 3},
    "OneCycleLR": {"max_lr": 0.3, "total_steps": 40},
}


def made(library, optimizer, name, options=None, **more):
    options = copy.deepcopy(ONE[name] if options is None else options)
    return getattr(library, name)(optimizer, **options, **more)


def both(torch, run):
    """Run the same with either library, and compare the rates."""
    expected = run(torch.optim.lr_scheduler, lambda **k: optimizer_of((torch, torch.optim), **k))
    equal(run(lr_scheduler, lambda **k: optimizer_of("ours", **k)), expected)


def after(library, optimizer, first, second):
    """The second is made in the middle of the first's way, and goes on alone."""
    rows = trace(optimizer, made(library, optimizer, first), 5)
    return rows + trace(optimizer, made(library, optimizer, second), 9)


def beside(library, optimizer, first, second):
    """Both step; what each says of the rate depends on who came last."""
    pair = [made(library, optimizer, name) for name in (first, second)]
    rows = []
    for _ in range(10):
        rows.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        for schedule in pair:
            schedule.step()
            rows[-1] += schedule.get_last_lr()
    return rows


def chained(library, optimizer, first, second):
    pair = [made(library, optimizer, name) for name in (first, second)]
    return trace(optimizer, library.ChainedScheduler(pair), 12)


def in_sequence(library, optimizer, first, second):
    pair = [made(library, optimizer, name) for name in (first, second)]
    return trace(optimizer, library.SequentialLR(optimizer, pair, [4]), 12)


def in_resumed_sequence(library, optimizer, first, second):
    pair = [made(library, optimizer, name) for name in (first, second)]
    return trace(optimizer, library.SequentialLR(optimizer, pair, [3], last_epoch=2), 9)


@pytest.mark.parametrize("meet", [after, beside, chained, in_sequence, in_resumed_sequence])
@pytest.mark.parametrize("first", ONE)
def test_any_two_are_pytorchs(torch, meet, first):
    for second in ONE:
        both(torch, lambda library, make, s=second: meet(library, make(), first, s))


def composed(library, optimizer, kind, first, second):
    pair = [made(library, optimizer, name) for name in (first, second)]
    chained = kind == "chain"
    return library.ChainedScheduler(pair) if chained else library.SequentialLR(optimizer, pair, [3])


@pytest.mark.parametrize("kind", ["chain", "sequence"])
@pytest.mark.parametrize("first", ONE)
def test_compositions_in_a_chain_are_pytorchs(torch, first, kind):
    def run(library, make, second, order):
        optimizer = make()
        parts = [
            lambda: composed(library, optimizer, kind, first, second),
            lambda: made(library, optimizer, "StepLR"),
        ]
        return trace(optimizer, library.ChainedScheduler([part() for part in parts[::order]]), 12)

    for second in ONE:
        for order in (1, -1):
            both(torch, lambda library, make, s=second, o=order: run(library, make, s, o))


STARTS_ALONE = [name for name in ONE if name not in ("CyclicLR", "OneCycleLR")]  # others set rates


@pytest.mark.parametrize("kind", ["chain", "sequence"])
@pytest.mark.parametrize("first", STARTS_ALONE)
def test_a_composition_in_a_sequence_goes_as_on_its_own(first, kind):
    """PyTorch raises where it comes second, and is ahead of itself where it comes first."""

    def alone(part, epochs):
        optimizer = optimizer_of("ours")
        return trace(optimizer, part(optimizer), epochs)

    for second in STARTS_ALONE:
        parts = [
            lambda optimizer, s=second: composed(lr_scheduler, optimizer, kind, first, s),
            lambda optimizer: made(lr_scheduler, optimizer, "ExponentialLR"),
        ]
        for before, behind in (parts, parts[::-1]):
            if behind is parts[0] and first == "MultiplicativeLR":
                continue  # which goes on from the present rate
            optimizer = optimizer_of("ours")
            both_parts = [before(optimizer), behind(optimizer)]
            rows = trace(optimizer, lr_scheduler.SequentialLR(optimizer, both_parts, [5]), 12)
            equal(rows, alone(before, 5) + alone(behind, 7))


@pytest.mark.filterwarnings("ignore:Detected call of .lr_scheduler.step:UserWarning")
@pytest.mark.parametrize(
    ("kind", "ours", "theirs"),
    [
        ("chain", [0.1, 0.09, 0.0081], [0.09, 0.081, 0.00729]),
        ("sequence", [0.1, 0.1, 0.01, 0.1, 0.09], [0.1, 0.1, 0.1, 0.09, 0.081]),
    ],
)
def test_pytorch_is_ahead_of_itself_or_raises_there(torch, kind, ours, theirs):
    """What the docstring says of it: were it mended, this would tell."""

    def run(library, optimizer, order):
        parts = [
            composed(library, optimizer, kind, "StepLR", "ExponentialLR"),
            made(library, optimizer, "ConstantLR"),
        ][::order]
        rows = trace(optimizer, library.SequentialLR(optimizer, parts, [5]), 6)
        return [row[0] for row in rows][: len(ours)]

    peer = torch.optim.lr_scheduler
    assert run(lr_scheduler, optimizer_of("ours"), 1) == pytest.approx(ours)
    assert run(peer, optimizer_of((torch, torch.optim)), 1) == pytest.approx(theirs)
    with pytest.raises(NotImplementedError):
        run(peer, optimizer_of((torch, torch.optim)), -1)


@pytest.mark.parametrize("kind", ["chain", "sequence"])
@pytest.mark.parametrize("outer", ["chain", "sequence"])
def test_nested_compositions_go_on_from_a_state_dict(outer, kind):
    def start():
        optimizer = optimizer_of("ours")
        parts = [
            composed(lr_scheduler, optimizer, kind, "LinearLR", "CosineAnnealingLR"),
            composed(lr_scheduler, optimizer, "chain", "StepLR", "PolynomialLR"),
        ]
        if outer == "chain":
            return optimizer, lr_scheduler.ChainedScheduler(parts)
        return optimizer, lr_scheduler.SequentialLR(optimizer, parts, [5])

    whole = trace(*start(), 12)
    for at in (1, 4, 5, 8):
        optimizer, schedule = start()
        rows = trace(optimizer, schedule, at)
        saved = copy.deepcopy((optimizer.state_dict(), schedule.state_dict()))
        optimizer, schedule = start()
        optimizer.load_state_dict(saved[0])
        schedule.load_state_dict(saved[1])
        equal(rows + trace(optimizer, schedule, 12 - at), whole)


@pytest.mark.parametrize(("name", "options"), EVERY)
def test_a_run_resumed_at_an_epoch_is_pytorchs(torch, name, options):
    """By a schedule made anew with ``last_epoch``, for the old optimiser or for one reloaded."""

    def run(library, make, at, reload):
        optimizer = make()
        schedule = made(library, optimizer, name, options)
        rows = trace(optimizer, schedule, at)
        if reload:
            saved = copy.deepcopy(optimizer.state_dict())
            optimizer = make()
            optimizer.load_state_dict(saved)
        resumed = made(library, optimizer, name, options, last_epoch=schedule.last_epoch)
        return rows + trace(optimizer, resumed, 10)

    for at in (1, 2, 3, 4, 7, 8):
        for reload in (False, True):
            both(torch, lambda library, make, a=at, r=reload: run(library, make, a, r))


@pytest.mark.parametrize(("name", "options"), EVERY)
def test_a_round_trip_and_a_change_by_hand_are_pytorchs(torch, name, options):
    def run(library, make, at):
        optimizer = make()
        schedule = made(library, optimizer, name, options)
        rows = trace(optimizer, schedule, at)
        for group in optimizer.param_groups:
            group["lr"] *= 0.5
        saved = copy.deepcopy((optimizer.state_dict(), schedule.state_dict()))
        optimizer = make()
        schedule = made(library, optimizer, name, options)
        optimizer.load_state_dict(saved[0])
        schedule.load_state_dict(saved[1])
        return rows + trace(optimizer, schedule, 12)

    for at in (1, 4, 9):
        both(torch, lambda library, make, a=at: run(library, make, a))


@pytest.mark.parametrize(
    ("name", "options"), [*EVERY, ("ChainedScheduler", None), ("SequentialLR", None)]
)
def test_either_library_goes_on_from_the_others_state_dict(torch, name, options):
    def start(library, optimizer):
        if options is not None:
            return made(library, optimizer, name, options)
        kind = "chain" if name == "ChainedScheduler" else "sequence"
        return composed(library, optimizer, kind, "LinearLR", "CosineAnnealingLR")

    ours = (lr_scheduler, lambda: optimizer_of("ours"))
    peer = (torch.optim.lr_scheduler, lambda: optimizer_of((torch, torch.optim)))
    for first, then in ((ours, peer), (peer, ours)):
        for at in (1, 5):
            optimizer = first[1]()
            schedule = start(first[0], optimizer)
            trace(optimizer, schedule, at)
            saved = copy.deepcopy((optimizer.state_dict(), schedule.state_dict()))
            expected = trace(optimizer, schedule, 9)
            optimizer = then[1]()
            schedule = start(then[0], optimizer)
            optimizer.load_state_dict(saved[0])
            schedule.load_state_dict(saved[1])
            equal(trace(optimizer, schedule, 9), expected)


@pytest.mark.parametrize("name", [*ONE, "plateau"])
def test_a_rate_below_0_is_reloaded(torch, name):
    """A factor below 0, or a hand, may take it there; the optimiser climbs then, in both."""

    def run(library, make):
        optimizer = make()
        if name == "plateau":
            schedule = library.ReduceLROnPlateau(optimizer, factor=-0.5, patience=0, min_lr=-1)
            for metric in (1.0, 2.0):
                schedule.step(metric)
        else:
            schedule = made(library, optimizer, name)
            trace(optimizer, schedule, 2)
            for group in optimizer.param_groups:
                group["lr"] *= -1
        saved = copy.deepcopy((optimizer.state_dict(), schedule.state_dict()))
        assert all(group["lr"] < 0 for group in optimizer.param_groups)
        optimizer = make()
        optimizer.load_state_dict(saved[0])
        if name == "plateau":
            return [[group["lr"] for group in optimizer.param_groups]]
        schedule = made(library, optimizer, name)
        optimizer.load_state_dict(saved[0])
        schedule.load_state_dict(saved[1])
        return trace(optimizer, schedule, 5)

    both(torch, run)


def test_a_rate_that_is_no_number_is_not_reloaded():
    optimizer = optimizer_of("ours")
    saved = optimizer.state_dict()
    for rate, error in ((math.nan, ValueError), ("fast", TypeError)):
        saved["param_groups"][1]["lr"] = rate
        with pytest.raises(error, match="SGD: lr must be"):
            optimizer.load_state_dict(saved)
    assert optimizer.param_groups[1]["lr"] == 0.05


@pytest.mark.parametrize("other", [None, *ONE])
def test_a_plateau_beside_another_schedule_is_pytorchs(torch, other):
    metrics = [1.0, 0.9, 0.9, 0.89, 0.9, 0.95, 0.5, 0.6, math.nan, 0.6, math.inf, 0.4, 0.4, 0.4]
    choices = [{"patience": 1}, {"mode": "max", "factor": 0.5, "patience": 0, "cooldown": 2}]

    def run(library, make, options, other_first):
        optimizer = make()
        beside = made(library, optimizer, other) if other and other_first else None
        schedule = library.ReduceLROnPlateau(optimizer, **options)
        if other and not other_first:
            beside = made(library, optimizer, other)
        rows = []
        for metric in metrics:
            optimizer.step()
            schedule.step(metric)
            if beside:
                beside.step()
            rows.append([group["lr"] for group in optimizer.param_groups])
            rows[-1] += [*schedule.get_last_lr(), schedule.best, schedule.num_bad_epochs]
        return rows

    for options in choices:
        for order in (False, True):
            both(torch, lambda library, make, o=options, f=order: run(library, make, o, f))


@pytest.mark.parametrize("name", [name for name in ONE if name not in ("CyclicLR", "OneCycleLR")])
def test_jumps_between_steps_are_pytorchs(torch, name):
    def run(library, make):
        optimizer = make()
        schedule = made(library, optimizer, name)
        optimizer.step()
        rows = []
        for epoch in (None, 4, None, 2, 9, None, None, 0, None):
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "The epoch parameter", UserWarning)
                schedule.step(epoch)
            rows.append([*schedule.get_last_lr(), schedule.last_epoch])
        return rows

    both(torch, run)
