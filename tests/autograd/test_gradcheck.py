"""Gradient checking: worked numbers of the course material, kinks, schemes, refusals."""

import numpy as np
import pytest

import autograd
from autograd.gradient_checking import (
    GradcheckReport,
    Kink,
    numerical_derivative,
    relative_error,
    step_study,
)
from autograd.op import structural


def leaf(*values):
    return autograd.tensor(np.array(values, np.float64), requires_grad=True)


def cube(x):
    return x**3


def planted(function, factor=-1.0):
    """Return a function of the same values whose gradient is ``factor`` times as large."""

    def wrong(*x):
        z = function(*x)
        return z.detach() * (1 - factor) + factor * z

    return wrong


# ---------------------------------------------------------------- the rows of the material


def test_GC_01_gradcheck_counts_its_evaluations_and_finds_a_planted_sign():
    calls = []

    def function(x):
        calls.append(1)
        return autograd.sin(x).sum()

    x = autograd.tensor(np.linspace(-1, 1, 5), requires_grad=True)
    report = autograd.gradcheck(function, x, report=True)
    assert report and report.evaluations == 2 * 5 and not report.kinks
    assert len(calls) == 2 + 2 * 5  # twice for the gradient, to see that it is no other
    assert autograd.gradcheck(function, x, scheme="complex", report=True).evaluations == 5
    assert autograd.gradcheck(function, x, scheme="forward", report=True).evaluations == 5 + 1
    wrong = planted(function)
    with pytest.raises(RuntimeError, match=r"gradient of input 0 differs at \(0,\): the engine "):
        autograd.gradcheck(wrong, x)
    assert autograd.gradcheck(wrong, x, raise_exception=False) is False
    report = autograd.gradcheck(wrong, x, raise_exception=False, report=True)
    assert not report.passed and report.max_relative_error == pytest.approx(2, rel=1e-6)
    assert "5 of 5 elements differ" in report.failure and "failed" in str(report)


@pytest.mark.parametrize(
    ("h", "forward", "centred"), [(0.1, 0.31, 0.01), (0.01, 0.0301, 1e-4), (0.001, 0.003001, 1e-6)]
)
def test_GC_02_forward_differences_err_in_h_and_centred_in_h_squared(h, forward, centred):
    x = leaf(1.0)
    cube(x).sum().backward()
    assert x.grad.item() == 3
    one_sided = numerical_derivative(cube, 1.0, h, "forward")
    both_sided = numerical_derivative(cube, 1.0, h, "centred")
    assert one_sided - 3 == pytest.approx(forward, rel=1e-6)
    assert both_sided - 3 == pytest.approx(centred, rel=1e-4)


def test_GC_03_the_error_over_the_step_is_a_u():
    study = step_study(autograd.exp, 1.0, [1e-4, 1e-5, 1e-6, 1e-8, 1e-11])
    expected = [4.5e-9, 5.9e-11, 1.6e-10, 6.6e-9, 1.0e-5]
    np.testing.assert_allclose(study.centred, expected, rtol=0.05)
    assert study.best == 1e-5 and len(study) == 5
    whole = step_study(autograd.exp, 1.0)
    assert 1e-7 <= whole.best <= 1e-4
    np.testing.assert_allclose(np.diff(np.log10(whole.centred[:4])), -2, atol=0.1)  # h^2
    np.testing.assert_allclose(np.diff(np.log10(whole.forward[:6])), -1, atol=0.1)  # h
    assert whole.centred[-1] > 1e4 * whole.centred.min()  # rounding: 1/h
    assert whole.forward.min() > 10 * whole.centred.min()
    assert str(study).splitlines()[2].split() == ["1e-05", "1.4e-05", "5.9e-11"]
    single = numerical_derivative(cube, np.float32(1), 1e-5)
    assert single == pytest.approx(3.004074, abs=1e-6) and single.dtype == np.float32


@pytest.mark.parametrize(
    ("at", "analytic", "forward", "centred"),
    [(1e-6, 1, 1, 0.55), (-1e-6, 0, 0.9, 0.45), (0, 0, 1, 0.5)],
)
def test_GC_04_differences_across_the_kink_of_relu(at, analytic, forward, centred):
    h = 1e-5
    x = leaf(float(at))
    autograd.relu(x).sum().backward()
    assert x.grad.item() == analytic
    assert numerical_derivative(autograd.relu, at, h, "forward") == pytest.approx(forward)
    assert numerical_derivative(autograd.relu, at, h, "centred") == pytest.approx(centred)
    assert autograd.gradcheck(autograd.relu, x, h)
    report = autograd.gradcheck(autograd.relu, x, h, report=True)
    (kink,) = report.kinks
    assert str(kink) == "kink inside +-h at input (0,): relu changed its winner"
    weight = np.random.default_rng(0).standard_normal(1).item()
    assert kink.analytic == pytest.approx(weight * analytic)
    assert kink.numeric == pytest.approx(weight * centred)
    assert report.max_relative_error == 0  # kinks do not count


def test_GC_05_maxima_and_hinges_have_kinks_too():
    h, other = 1e-5, 1 - 4e-6

    def largest(x):
        return autograd.stack([x, autograd.full_like(x, other)]).amax(0)

    def hinge(score):
        return autograd.maximum(1 - score, 0.0)

    assert numerical_derivative(largest, 1.0, h) == pytest.approx(0.7)
    assert numerical_derivative(hinge, 1 - 2e-6, h) == pytest.approx(-0.6)
    for function, at, reason in (
        (largest, 1.0, "amax changed its winner"),
        (hinge, 1 - 2e-6, "maximum changed its winner"),
    ):
        report = autograd.gradcheck(function, leaf(at), h, report=True)
        assert report.passed
        assert [str(k) for k in report.kinks] == [f"kink inside +-h at input (0,): {reason}"]
        assert abs(report.kinks[0].analytic) != pytest.approx(abs(report.kinks[0].numeric))


def test_GC_06_centred_differences_meet_more_kinks():
    h, number = 0.01, 400_000
    x = np.random.default_rng(0).uniform(-1, 1, number)

    def affected(scheme):
        found = {
            "forward": (np.maximum(x + h, 0) - np.maximum(x, 0)) / h,
            "centred": (np.maximum(x + h, 0) - np.maximum(x - h, 0)) / (2 * h),
        }
        return np.abs(found[scheme] - (x > 0)) > 1e-9

    share = {scheme: affected(scheme).mean() for scheme in ("centred", "forward")}
    assert share["centred"] == pytest.approx(0.01, abs=5e-4)  # the material drew .01013
    assert share["forward"] == pytest.approx(0.005, abs=4e-4)  # and .00503
    few = np.concatenate([x[affected("centred")][:20], x[:40]])
    for scheme in ("centred", "forward"):
        report = autograd.gradcheck(autograd.relu, leaf(*few), h, scheme=scheme, report=True)
        inside = np.abs(few) < h if scheme == "centred" else (few < 0) & (few > -h)
        assert report.passed
        assert [k.place[0] for k in report.kinks] == np.flatnonzero(inside).tolist()


def test_GC_07_relative_error_and_the_complex_step():
    assert numerical_derivative(cube, 1.0, scheme="complex") == 3
    x = np.linspace(0.5, 2, 7)
    inputs = leaf(*x)
    cube(inputs).sum().backward()
    exact = np.diag(numerical_derivative(cube, x, scheme="complex"))
    assert relative_error(inputs.grad.numpy(), exact).max() < 1e-15
    np.testing.assert_allclose(relative_error([2.0, 0, 1e-12], [1.0, 0, 0]), [0.5, 0, 1e-4])
    report = autograd.gradcheck(cube, inputs, scheme="complex", report=True)
    assert report.max_relative_error < 1e-15
    assert 1e-12 < autograd.gradcheck(cube, inputs, report=True).max_relative_error < 1e-7
    assert 1e-9 < autograd.gradcheck(cube, inputs, scheme="forward", report=True).max_relative_error


# ---------------------------------------------------------------- kinks

BRANCHED = "the function branched, getitem of shape (1,) here and getitem of shape (2,) there"
KINKS = {
    "relu": (autograd.relu, [0.0, 3e-7, -3e-7], "relu changed its winner"),
    "abs": (autograd.absolute, [0.0, 3e-7], "absolute changed its winner"),
    "maximum": (
        lambda x: autograd.maximum(x, x * 0 + 0.5),
        [0.5 + 2e-7],
        "maximum changed its winner",
    ),
    "minimum": (lambda x: autograd.minimum(x * x, x), [1 + 1e-7], "minimum changed its winner"),
    "a number": (lambda x: autograd.minimum(x, 0.5), [0.5 - 2e-7], "minimum changed its winner"),
    "amax": (lambda x: x.amax(), [1.0, 1 + 2e-7, 0.0], "amax changed its winner"),
    "max": (lambda x: x.max(dim=0).values, [1.0, 1 - 2e-7], "max changed its winner"),
    "min": (lambda x: x.min(dim=0).values, [1.0, 1 - 2e-7], "min changed its winner"),
    "clamp": (lambda x: autograd.clamp(x, -1, 1), [1.0, -1 - 2e-7], "clamp changed its winner"),
    "where": (lambda x: autograd.where(x > 0, x, 3 * x), [2e-7], "where changed its winner"),
    "a jump": (lambda x: autograd.where(x > 0, x, x + 1), [2e-7], "where changed its winner"),
    "floor": (autograd.floor, [1 + 2e-7], "floor made a step"),
    "sign": (lambda x: autograd.sign(x) * x, [2e-7], "sign made a step"),
    "remainder": (lambda x: x % 1.0, [1 - 2e-7], "remainder made a step"),
    "indices": (lambda x: x[autograd.argmax(x)] * 2, [1.0, 1 - 2e-7], None),
    "a branch": (lambda x: x * 2 if x.sum() > 0 else x.exp() * 2 - 2, [2e-7], None),
    "a selection": (lambda x: (x[x > 0] ** 2).sum() + x.sum(), [2e-7, 1.0], None),
    "another shape": (lambda x: x[x > 0] ** 2, [2e-7, 1.0], BRANCHED),
    "sort": (lambda x: autograd.sort(x).values, [1.0, 1 - 2e-7, 3], "gather changed its winner"),
    "argsort": (
        lambda x: x[autograd.argsort(x)] * 2,
        [1.0, 1 - 2e-7],
        "getitem changed its winner",
    ),
    "kthvalue": (
        lambda x: autograd.kthvalue(x, 1).values,
        [1.0, 1 - 2e-7],
        "kthvalue changed its winner",
    ),
    "cummax": (
        lambda x: autograd.cummax(x, 0).values,
        [1.0, 1 - 2e-7],
        "cummax changed its winner",
    ),
    "round": (lambda x: autograd.round(x) * x, [0.5], "round made a step"),
    "frac": (autograd.frac, [1 + 2e-7], "frac made a step"),
    "fmod": (lambda x: autograd.fmod(x, 1.0), [1 + 2e-7], "fmod made a step"),
    "topk": (lambda x: autograd.topk(x, 1).values, [1.0, 1 - 2e-7], "gather changed its winner"),
}


@pytest.mark.parametrize("name", KINKS)
def test_a_kink_within_the_step_is_named_and_is_no_failure(name):
    function, at, reason = KINKS[name]
    report = autograd.gradcheck(function, leaf(*at), report=True)
    assert report.passed
    if reason is not None:
        assert report.kinks
        for kink in report.kinks:
            assert kink.reason == reason
    far = leaf(*[value + 0.23 + 0.01 * i for i, value in enumerate(at)])
    assert not autograd.gradcheck(function, far, report=True).kinks


@pytest.mark.parametrize("name", KINKS)
def test_a_kink_does_not_excuse_a_wrong_gradient(name):
    function, at, _ = KINKS[name]
    if name in ("floor",):
        return  # its gradient is 0 on both sides
    assert not autograd.gradcheck(planted(function, 3.0), leaf(*at), raise_exception=False)


def _arranged_rule(upstream, wanted, x, z):
    values, _, total = upstream
    order = np.argsort(z[1])
    sent = 0
    if values is not None:
        sent = sent + values[order]
    if total is not None:
        sent = sent + total + 0 * x
    return (sent,)


@structural(outputs=("values", "order", "total"), vjp=_arranged_rule)
def arranged(x):
    order = np.argsort(x)
    return x[order], order, np.sum(x)


def test_an_op_of_several_outputs_may_have_kinks():
    x = leaf(1.0, 1 - 2e-7, 3.0)
    report = autograd.gradcheck(lambda x: arranged(x)[0], x, report=True)
    assert [k.reason for k in report.kinks] == ["arranged changed its winner"] * 2
    assert autograd.gradcheck(lambda x: arranged(x)[2] * x, x, report=True).kinks == []
    assert not autograd.gradcheck(planted(lambda x: arranged(x)[0]), x, raise_exception=False)


def test_kinks_within_a_checkpoint_are_seen_from_the_outside():
    def function(x):
        inner = autograd.checkpoint(lambda x: autograd.exp(x) * 2, x)
        return autograd.relu(inner - 2)

    assert autograd.gradcheck(function, leaf(0.0, 2e-7, 0.5), report=True).kinks


def test_a_branch_that_only_adds_ops_is_seen():
    def function(x):
        y = x * 3
        return y if x.sum() < 0 else y + x * x * 1e6

    (kink,) = autograd.gradcheck(function, leaf(-2e-7), report=True).kinks
    assert kink.reason.startswith("the function branched")


def test_a_wrong_gradient_close_to_the_kink_is_found():
    def wrong(x):  # relu, but for a slope of 5 between 1e-7 and 3e-7
        z = autograd.relu(x)
        inside = (x.detach() > 1e-7) & (x.detach() < 3e-7)
        return z + 4 * inside.double() * (x - x.detach())

    assert autograd.gradcheck(wrong, leaf(0.3, 4e-7, -1e-7, 0.0), report=True).kinks
    with pytest.raises(RuntimeError, match=r"differs at \(1,\): the engine says"):
        autograd.gradcheck(wrong, leaf(0.3, 2e-7))


@pytest.mark.parametrize("values", [[1.0, 1 - 2e-7, 1 + 3e-7], [1.0, 1.0, 1.0]])
def test_two_kinks_within_the_step_are_none_the_worse(values):
    report = autograd.gradcheck(autograd.median, leaf(*values), report=True)
    assert report.passed and report.kinks


@pytest.mark.parametrize("shape", [(), (1,), (2, 0)])
def test_inputs_of_few_dimensions(shape):
    x = autograd.from_numpy(np.full(shape, 0.7)).requires_grad_()
    y = autograd.tensor(np.float64(1.3), requires_grad=True)
    for options in ({}, {"fast_mode": True}, {"scheme": "complex"}, {"scheme": "forward"}):
        assert autograd.gradcheck(lambda x, y: autograd.sin(x) * y, (x, y), **options)
        wrong = planted(lambda x, y: (autograd.sin(x) * y).sum() + y)
        assert not autograd.gradcheck(wrong, (x, y), raise_exception=False, **options)
    assert autograd.gradgradcheck(lambda x, y: autograd.sin(x) * y * y, (x, y))


def test_a_kink_is_placed_by_input_and_element():
    x = leaf(1.0, 2.0)
    y = autograd.tensor(np.array([[0.3, 4.0], [2 - 2e-7, 0.0]]), requires_grad=True)
    report = autograd.gradcheck(lambda x, y: autograd.maximum(x[0], y), (x, y), report=True)
    assert not report.kinks
    report = autograd.gradcheck(lambda x, y: autograd.maximum(x[1], y), (x, y), report=True)
    assert [str(kink).partition(": ")[0] for kink in report.kinks] == [
        "kink inside +-h at input (1,)",
        "kink inside +-h at input 1 (1, 0)",
    ]


def test_a_strong_curvature_is_no_kink():
    # centred differences with h = .5 are far off, yet nothing decides otherwise
    assert not autograd.gradcheck(autograd.exp, leaf(1.0), 0.5, raise_exception=False)
    assert not autograd.gradcheck(lambda x: x**3, leaf(0.0), 0.5, raise_exception=False)
    assert not autograd.gradcheck(
        lambda x: planted(autograd.tanh)(1000 * x), leaf(1e-4), raise_exception=False
    )


def test_a_domain_that_ends_beside_the_kink_is_no_failure():
    with np.errstate(invalid="ignore"):
        function = lambda x: autograd.where(x > 2e-6, x, 2 * x) + autograd.sqrt(x) * 0  # noqa: E731
        report = autograd.gradcheck(function, leaf(2.1e-6), report=True)
    assert report.passed and len(report.kinks) == 1


def test_no_kink_is_claimed_where_there_are_no_numbers():
    with np.errstate(all="ignore"), pytest.raises(RuntimeError, match="input 0 differs at"):
        autograd.gradcheck(autograd.log, leaf(0.0, 0.0))  # -inf here, and nan to one side


def test_second_derivatives_meet_kinks_as_well():
    def function(x):
        return autograd.relu(x) ** 3 + autograd.absolute(x)

    report = autograd.gradgradcheck(function, leaf(2e-7, 0.7), report=True)
    assert report.passed and report.kinks
    assert autograd.gradgradcheck(function, leaf(0.3, -0.7), report=True).kinks == []


# ---------------------------------------------------------------- schemes

ANALYTIC = {
    "tanh": autograd.tanh,
    "exp": autograd.exp,
    "multiply": lambda x: x * x * 2.5,
    "divide": lambda x: 1 / x + x / 3,
    "matmul": lambda x: (x.reshape(2, 2) @ x.reshape(2, 2)).sum(),
    "sum": lambda x: x.reshape(2, 2).sum(0),
    "var": lambda x: x.var(),
    "log": autograd.log,
    "sqrt": autograd.sqrt,
    "power": lambda x: x**1.5 + x**x,
    "sin": lambda x: autograd.sin(x) * autograd.cos(x),
    "index": lambda x: x[1:] * x[[0, 0, 1]],
    "cat": lambda x: autograd.cat([x, x**2]),
    "relu": autograd.relu,
    "where": lambda x: autograd.where(x.detach().numpy().real > 1, x, x**2),
}


@pytest.mark.parametrize("name", ANALYTIC)
def test_complex_steps_are_exact_to_rounding(name):
    x = leaf(0.5, 1.2, 0.9, 2.0)
    report = autograd.gradcheck(ANALYTIC[name], x, scheme="complex", report=True)
    assert report.max_relative_error < 1e-14 and report.evaluations == 4
    assert not autograd.gradcheck(
        planted(ANALYTIC[name]), x, scheme="complex", raise_exception=False
    )


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (autograd.absolute, "absolute is not analytic"),
        (lambda x: autograd.exp(abs(x).mean()), "absolute is not analytic"),
        (autograd.floor, "complex step needs a function that computes with complex numbers"),
        (lambda x: autograd.tensor(x.numpy().astype(float)) * 2, "complex step needs a function"),
    ],
)
def test_what_is_not_analytic_is_refused_for_complex_steps(function, message):
    with pytest.raises(ValueError, match=message):
        autograd.gradcheck(function, leaf(0.5, -1.2), scheme="complex")


def test_differences_of_functions_of_any_shape():
    x = np.arange(6.0).reshape(2, 3)
    block = numerical_derivative(lambda x: x.sum(0) ** 2, x)
    expected = autograd.jacobian(lambda x: x.sum(0) ** 2, x).numpy()
    np.testing.assert_allclose(block, expected, atol=1e-7)
    assert numerical_derivative(lambda x: x * 2, np.zeros((0,))).shape == (0, 0)
    assert numerical_derivative(lambda x: x**2, 3).dtype == np.float64
    assert numerical_derivative(lambda x: float(x.sum()), leaf(1.0, 2.0)).shape == (2,)


# ---------------------------------------------------------------- the fast mode


def test_random_directions_find_a_sign_in_one_of_ten_thousand_elements():
    size, place = 10_000, 7_123
    x = autograd.tensor(np.random.default_rng(3).uniform(-1, 1, (100, 100)), requires_grad=True)
    flags = np.ones(size)
    flags[place] = -1
    flags = flags.reshape(100, 100)

    def right(x):
        return autograd.sin(x).sum()

    def wrong(x):  # the values of sin, and one slope of the wrong sign
        z = autograd.sin(x)
        return (z * flags + (z * (1 - flags)).detach()).sum()

    report = autograd.gradcheck(right, x, fast_mode=True, report=True)
    assert report.passed and report.evaluations == 20
    for seed in range(20):  # a single one is found with certainty, whatever the directions
        with pytest.raises(RuntimeError, match="the gradient of input 0 differs along random") as e:
            autograd.gradcheck(wrong, x, fast_mode=True, seed=seed)
        assert "the element at (71, 23)" in str(e.value)


def test_errors_that_may_cancel_are_found_by_some_direction():
    x = autograd.tensor(np.linspace(0.5, 1, 10), requires_grad=True)
    flags = np.ones(10)
    flags[[2, 3]] = -1  # nearly equal slopes: half of the directions cancel them

    def wrong(x):
        z = x * 2
        return (z * flags + (z * (1 - flags)).detach()).sum()

    found = [
        not autograd.gradcheck(wrong, x, fast_mode=True, seed=s, raise_exception=False)
        for s in range(200)
    ]
    assert np.mean(found) >= 1 - 2**-9


def test_the_fast_mode_names_kinks_too():
    x = autograd.tensor(np.linspace(-1, 1, 101), requires_grad=True)  # 0 is among them
    report = autograd.gradcheck(autograd.relu, x, fast_mode=True, report=True)
    assert report.passed and len(report.kinks) == 10
    assert str(report.kinks[0]) == (
        "kink inside +-h along a random direction of input 0: relu changed its winner"
    )
    assert autograd.gradgradcheck(autograd.tanh, x, fast_mode=True)


# ---------------------------------------------------------------- outputs, modes, refusals


@pytest.mark.parametrize("returned", [None, {"loss": 1.0}, "loss"])
def test_what_is_no_number_is_refused_by_name(returned):
    x = autograd.tensor([1.0], dtype=np.float64, requires_grad=True)
    with pytest.raises(TypeError, match=f"gradcheck: .* got {type(returned).__name__}"):
        autograd.gradcheck(lambda x: returned, x)


def test_every_output_is_checked_and_integers_are_left_out():
    x = leaf(0.3, 2.0, 0.5)
    assert autograd.gradcheck(lambda x: (x * 2, autograd.argmax(x), x.sum()), x)
    with pytest.raises(RuntimeError, match="differs"):
        autograd.gradcheck(lambda x: (x * 2, (x * 3).detach()), x)
    assert autograd.gradcheck(lambda x, n, c: x * n + c, (x, autograd.tensor(2), np.ones(3)))


def test_an_independent_input_has_a_gradient_of_zeros():
    x, y = leaf(1.0), leaf(2.0)
    assert autograd.gradcheck(lambda x, y: x * 2, (x, y))


def test_forward_mode_is_compared_too():
    x = leaf(0.3, 2.0, 0.5)
    assert autograd.gradcheck(lambda x: (x * autograd.sin(x), x.sum()), x, check_forward_ad=True)


def test_a_forward_mode_that_differs_is_found(monkeypatch):
    monkeypatch.setattr("autograd.forward.is_linear", lambda row: row.name == "amax")
    with pytest.raises(RuntimeError, match="forward mode differs from reverse mode"):
        autograd.gradcheck(lambda x: x.amax(), leaf(3.0, 2.0, 1.0, 0.0), check_forward_ad=True)


def test_gradcheck_refuses_what_it_cannot_check():
    with pytest.raises(ValueError, match="no input requires grad"):
        autograd.gradcheck(autograd.sin, autograd.ones(2))
    with pytest.raises(
        ValueError,
        match=r"input 0 is float32; differences need float64 \(float32 rounds to 1e-07 .* a step "
        r"of 1e-06 turns into an error of about 1e-01; pass x.double\(\)\)",
    ):
        autograd.gradcheck(autograd.sin, autograd.ones(2, requires_grad=True))
    with pytest.raises(ValueError, match="expected scheme forward, centred, complex, got 'back"):
        autograd.gradcheck(autograd.sin, leaf(1.0), scheme="backward")
    with pytest.raises(ValueError, match="expected a positive step, got -1"):
        autograd.gradcheck(autograd.sin, leaf(1.0), -1)
    with pytest.raises(ValueError, match="numerical_derivative: expected scheme"):
        numerical_derivative(autograd.sin, 1.0, scheme="x")


def test_a_function_that_draws_random_numbers_is_refused():
    def noisy(x):
        return x * 2 + autograd.randn(2)

    with pytest.raises(RuntimeError, match="output 0 differs when the function is called again"):
        autograd.gradcheck(noisy, leaf(1.0, 2.0))
    random = np.random.default_rng(0)

    def slightly(x):
        return x * 2 + 1e-14 * random.standard_normal(2)

    with pytest.raises(RuntimeError, match="draw its random numbers once"):
        autograd.gradcheck(slightly, leaf(1.0, 2.0))
    assert autograd.gradcheck(slightly, leaf(1.0, 2.0), nondet_tol=1e-12)


def test_inputs_that_overlap_in_memory_are_refused():
    x = leaf(1.0, 2.0)
    expanded = x.detach().expand(2, 2)
    expanded.requires_grad_()
    with pytest.raises(RuntimeError, match=r"input 0 overlaps itself in memory \(strides"):
        autograd.gradcheck(autograd.sin, expanded)
    with pytest.raises(RuntimeError, match="inputs 0 and 1 overlap in memory"):
        autograd.gradcheck(lambda x, y: x * y, (x, x))
    with pytest.raises(RuntimeError, match="inputs 0 and 1 overlap in memory"):
        autograd.gradcheck(lambda a, b: a * b, (x[:1], x[:1]))
    base = leaf(1.0, 2.0, 3.0, 4.0)
    assert autograd.gradcheck(lambda a, b: a * b, (base[::2], base[1::2]))


def test_nothing_is_left_in_grad():
    x = leaf(1.0, 2e-7)
    autograd.gradcheck(autograd.relu, x)
    autograd.gradcheck(autograd.tanh, x, fast_mode=True, check_forward_ad=True)
    autograd.gradgradcheck(autograd.tanh, x)
    assert x.grad is None


def test_a_report_speaks():
    report = GradcheckReport(
        evaluations=4, kinks=[Kink(1, (2, 3), "amax changed its winner", 1, 0)]
    )
    assert str(report).splitlines() == [
        "gradcheck passed: largest relative error 0.0e+00, 4 evaluations",
        "kink inside +-h at input 1 (2, 3): amax changed its winner",
    ]
    found = autograd.gradcheck(cube, leaf(1.0, 2.0), report=True)
    np.testing.assert_allclose(found.analytic[0], found.numeric[0], rtol=1e-6)
    assert found.max_absolute_error < 1e-7
