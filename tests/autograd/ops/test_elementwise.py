"""Elementwise operations beyond the table: arguments, aliases, in place, dtypes, errors."""

import numpy as np
import pytest

import autograd

NAN, INF = float("nan"), float("inf")

UNARY = (
    *("abs", "absolute", "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan"),
    *("arctanh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "deg2rad", "erf", "erfc"),
    *("exp", "exp2", "expm1", "fix", "floor", "frac", "log", "log10", "log1p", "log2", "logit"),
    *("nan_to_num", "neg", "negative", "rad2deg", "reciprocal", "relu", "round", "rsqrt", "sgn"),
    *("sigmoid", "sign", "sin", "sinc", "sinh", "sqrt", "square", "tan", "tanh", "trunc"),
)
BINARY = (
    *("add", "arctan2", "atan2", "clamp_max", "clamp_min", "copysign", "div", "divide"),
    *("float_power", "floor_divide", "fmod", "hypot", "mul", "multiply", "pow", "remainder"),
    *("sub", "subtract", "true_divide", "xlogy"),
)
FURTHER = (
    ("add", (0.5,), {"alpha": 3}),
    ("sub", (0.5,), {"alpha": 3}),
    ("div", (0.25,), {"rounding_mode": "trunc"}),
    ("div", (0.25,), {"rounding_mode": "floor"}),
    ("round", (), {"decimals": 1}),
    ("clamp", (0.4, 0.6), {}),
    ("clip", (), {"max": 0.5}),
    ("logit", (0.3,), {}),
    ("nan_to_num", (2.0,), {}),
    ("pow", (2,), {}),
)
BITS = ("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift")
LOGIC = ("logical_and", "logical_or", "logical_xor")


def draw(*shape, low=0.1, high=0.9):
    return np.random.default_rng(3).uniform(low, high, shape)


def in_both(torch, name, arrays, arguments=(), options=None):
    """Compare a change in place, and the gradient through it, with PyTorch's ordinary function.

    (PyTorch has no derivative of some of its own in-place methods, such as acosh_.)
    """
    options = options or {}
    low = 1.1 if name in ("acosh", "arccosh") else 0.0
    ours = [autograd.tensor(a + low, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a + low, requires_grad=True) for a in arrays]
    first, *rest = [leaf * 1 for leaf in ours]
    assert getattr(first, name + "_")(*rest, *arguments, **options) is first
    expected = getattr(theirs[0], name)(*theirs[1:], *arguments, **options)
    np.testing.assert_allclose(first.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
    first.sum().backward()
    if name == "floor_divide":  # PyTorch has no derivative of it
        assert not any(leaf.grad.numpy().any() for leaf in ours)
        return
    expected.sum().backward()
    for x, y in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(force=True), rtol=1e-11)


@pytest.mark.parametrize("name", UNARY)
def test_unary_operations_in_place_equal_torch(name, torch):
    in_both(torch, name, [draw(2, 3)])


@pytest.mark.parametrize("name", BINARY)
def test_binary_operations_in_place_equal_torch(name, torch):
    in_both(torch, name, [draw(2, 3), draw(3, low=0.2)])


@pytest.mark.parametrize("name", ["addcmul", "addcdiv", "lerp"])
def test_operations_of_three_in_place_equal_torch(name, torch):
    in_both(torch, name, [draw(2, 3), draw(3, low=0.2), draw(2, 1, low=0.3)])
    if name != "lerp":
        in_both(torch, name, [draw(2, 3), draw(3), draw(2, 1, low=0.3)], options={"value": -2})


@pytest.mark.parametrize(("name", "arguments", "options"), FURTHER)
def test_further_arguments_in_place_equal_torch(name, arguments, options, torch):
    in_both(torch, name, [draw(2, 3)], arguments, options)


@pytest.mark.parametrize("name", BITS + LOGIC)
def test_bits_and_logic_equal_torch(name, torch):
    x, y = np.array([5, 0, -7, 1]), np.array([2, 3, 1, 0])
    for left, right in ((x, y), (x.astype(np.uint8), 1), (x > 0, y > 1)):
        if left.dtype == bool and "shift" in name:
            continue
        ours = autograd.from_numpy(left.copy())
        theirs = torch.tensor(left)
        as_ours = autograd.from_numpy(right) if isinstance(right, np.ndarray) else right
        as_theirs = torch.tensor(right) if isinstance(right, np.ndarray) else right
        if name in LOGIC and not isinstance(right, np.ndarray):
            continue
        z, expected = (
            getattr(autograd, name)(ours, as_ours),
            getattr(torch, name)(theirs, as_theirs),
        )
        assert (z.tolist(), str(z.dtype)) == (expected.tolist(), str(expected.dtype)[6:])
        assert getattr(ours, name)(as_ours).tolist() == expected.tolist()
        assert getattr(ours, name + "_")(as_ours) is ours
        assert ours.tolist() == getattr(theirs, name + "_")(as_theirs).tolist()


def test_shifts_beyond_the_width_equal_torch(torch):
    x, places = [1, -8, 5], [70, 64, 1]
    for shift in (lambda a, b: a << b, lambda a, b: a >> b):
        found = shift(autograd.tensor(x), autograd.tensor(places))
        assert found.tolist() == shift(torch.tensor(x), torch.tensor(places)).tolist()
    assert (2 << autograd.tensor([1, 3])).tolist() == [4, 16]
    assert (32 >> autograd.tensor([1, 3])).tolist() == [16, 4]


def test_the_operators_of_assignment_change_in_place():
    x = autograd.tensor([7, 12])
    same = x
    x //= 2
    x %= 4
    x |= 8
    x &= 11
    x ^= 1
    x <<= 2
    x >>= 1
    assert same is x and x.tolist() == [20, 22]


# ---------------------------------------------------------------- dtypes


def test_results_of_integers_and_booleans_have_the_dtypes_of_torch(torch):
    flags, wholes = [True, False], [1, -2]
    calls = [
        lambda t: t.square(t.tensor(flags)),
        lambda t: t.tensor(flags) ** 2,
        lambda t: t.sign(t.tensor(flags)),
        lambda t: t.add(t.tensor(flags), t.tensor(flags), alpha=2),
        lambda t: t.clamp(t.tensor(wholes), 0.5),
        lambda t: t.clamp(t.tensor(wholes), t.tensor(0.5)),
        lambda t: t.clamp(t.tensor(flags), 0, 1),
        lambda t: t.copysign(t.tensor(wholes), -1.0),
        lambda t: t.atan2(t.tensor(wholes), t.tensor(wholes)),
        lambda t: t.xlogy(t.tensor([2, 1]), t.tensor([1, 3])),
        lambda t: t.fmod(t.tensor(wholes), 1.5),
        lambda t: t.div(t.tensor([7, -7]), 2, rounding_mode="trunc"),
        lambda t: t.div(t.tensor([7, -7]), 2.0, rounding_mode="trunc"),
        lambda t: t.float_power(t.tensor(wholes), 2),
        lambda t: t.float_power(2, t.tensor([1.0, 2.0])),
        lambda t: t.nan_to_num(t.tensor(wholes)),
        lambda t: t.tensor([1, -1, 2, 0]) ** t.tensor([-1, -3, -1, 2]),
        lambda t: t.where(t.tensor(flags), t.tensor([1.0, 2.0]), t.tensor([1, 2])),
        lambda t: t.where(t.tensor(flags), 1, 0),
        lambda t: t.addcmul(t.tensor(wholes), t.tensor(wholes), t.tensor(wholes), value=2),
    ]
    for number, call in enumerate(calls):
        found, expected = call(autograd), call(torch)
        assert str(found.dtype) == str(expected.dtype)[6:], number
        np.testing.assert_allclose(found.numpy(), expected.numpy(), err_msg=str(number))


def test_float_power_in_place_needs_double():
    x = autograd.tensor([2.0])
    y = autograd.float_power(x, 0.5)
    assert y.dtype == np.float64 and y.item() == 2**0.5
    w = autograd.tensor([2.0], dtype=np.float64)
    assert w.float_power_(2) is w and w.item() == 4
    with pytest.raises(RuntimeError, match="float_power_: .* float32 cannot hold the result"):
        x.float_power_(2)


def test_nothing_divided_by_zero_is_nothing():
    nothing = autograd.tensor(np.zeros(0, int))
    for empty in (nothing // 0, nothing % 0, nothing.fmod(0)):
        assert empty.tolist() == []


def test_a_condition_may_be_bytes():
    condition = autograd.tensor(np.array([0, 2], np.uint8))
    assert autograd.where(condition, autograd.tensor([1, 2]), -1).tolist() == [-1, 2]


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (RuntimeError, "add: .* integer alpha, got 0.5", lambda i: autograd.add(i, i, alpha=0.5)),
        (RuntimeError, "subtract: .* integer alpha", lambda i: i.sub(i, alpha=0.5)),
        (RuntimeError, "addcmul: .* integer value", lambda i: i.addcmul(i, i, value=0.5)),
        (NotImplementedError, "addcdiv: expected floating", lambda i: autograd.addcdiv(i, i, i)),
        (NotImplementedError, "lerp: expected floating", lambda i: autograd.lerp(i, i, 1)),
        (NotImplementedError, "frac: expected a floating", lambda i: autograd.frac(i)),
        (
            ValueError,
            "divide: expected rounding_mode .* 'up'",
            lambda i: i.div(2, rounding_mode="up"),
        ),
        (ZeroDivisionError, "divide: integers", lambda i: i.div(0, rounding_mode="trunc")),
        (ZeroDivisionError, "floor_divide: integers", lambda i: i // 0),
        (ZeroDivisionError, "remainder: integers", lambda i: i % 0),
        (ZeroDivisionError, "fmod: integers", lambda i: i.fmod(0)),
        (RuntimeError, "power: .* negative power -1", lambda i: i**-1),
        (ValueError, "clamp: at least one of min and max", lambda i: i.clamp()),
        (TypeError, "where: expected a condition and two", lambda i: autograd.where(i > 0, i)),
        (TypeError, "where: expected .* booleans, got int64", lambda i: autograd.where(i, 1, 2)),
        (RuntimeError, "isclose: expected one dtype", lambda i: i.isclose(i.double())),
        (ValueError, "allclose: rtol must not be negative", lambda i: i.allclose(i, rtol=-1)),
        (
            RuntimeError,
            r"isclose: .*\(2,\) and \(3,\)",
            lambda i: i.isclose(autograd.ones(3).long()),
        ),
        (
            NotImplementedError,
            "bitwise_and: expected integers or booleans, got float64",
            lambda i: i.double() & 1,
        ),
        (
            NotImplementedError,
            "bitwise_not: expected integers or booleans, got float64",
            lambda i: ~i.double(),
        ),
        (NotImplementedError, "absolute: is not defined for bool", lambda i: abs(i > 0)),
        (
            NotImplementedError,
            "negative: expected numbers, got bool;",
            lambda i: -(i > 0),
        ),
        (RuntimeError, "subtract: booleans cannot be subtracted", lambda i: (i > 0) - (i > 0)),
        (NotImplementedError, "positive: is not defined", lambda i: +(i > 0)),
        (NotImplementedError, "floor: is not defined", lambda i: (i > 0).floor()),
        (NotImplementedError, "round: is not defined", lambda i: (i > 0).round()),
        (NotImplementedError, "relu: is not defined", lambda i: (i > 0).relu()),
        (ValueError, "polygamma: expected an order", lambda i: autograd.polygamma(-1, i)),
        (RuntimeError, r"add: .*\(2,\) and \(3,\)", lambda i: i + autograd.ones(3)),
        (RuntimeError, "exp_: .* cannot hold the result of dtype", lambda i: i.exp_()),
    ],
)
def test_misuse_is_refused_with_a_sentence(error, message, call):
    with pytest.raises(error, match=message):
        call(autograd.tensor([1, -2]))


# ---------------------------------------------------------------- conventions


def gradient(function, *values):
    inputs = [autograd.tensor(v, dtype=np.float64, requires_grad=True) for v in values]
    function(*inputs).sum().backward()
    return [x.grad.tolist() for x in inputs]


def test_nan_is_treated_as_in_torch():
    assert autograd.sign(autograd.tensor([NAN, -0.0])).tolist() == [0, 0]
    assert autograd.sign(autograd.tensor(NAN)).item() == 0
    assert np.isnan(np.sign(autograd.tensor([NAN])).item())  # NumPy's name keeps NumPy's meaning
    assert gradient(autograd.absolute, [NAN, 0.0, -2.0]) == [[0, 0, -1]]
    assert gradient(autograd.relu, [NAN, 0.0, -2.0, 3.0]) == [[1, 0, 0, 1]]
    assert gradient(autograd.fmax, [NAN, 1.0, 1.0, 0.0], [1.0, NAN, 1.0, 2.0]) == [
        [0, 1, 1, 0],
        [1, 0, 0, 1],
    ]


def test_neither_inf_nor_nan_passes_a_closed_gate():
    x = autograd.tensor([-1.0, NAN, INF, 0.0], requires_grad=True)
    for gate in (
        autograd.relu,
        lambda x: autograd.clamp(x, 0.5, 2),
        lambda x: autograd.clamp(x, autograd.tensor(0.5), 2),
        lambda x: autograd.where(autograd.tensor([False] * 4), x, 1.0),
        lambda x: autograd.nan_to_num(x) * 1,
        lambda x: autograd.maximum(x, autograd.tensor([1.0, 1.0, INF, 1.0])),
    ):
        for bad in (INF, NAN):
            (slope,) = autograd.grad(gate(x), x, [np.full(4, bad)], allow_unused=False)
            closed = slope.numpy()[[0]]
            if gate(x).numpy()[0] == -1:  # nan_to_num keeps a number
                closed = slope.numpy()[[1, 2]]
            assert closed.tolist() == [0] * len(closed)


def test_bounds_that_are_tensors_receive_the_gradient_of_what_they_limit():
    x, low, high = [-2.0, 0.5, 3.0, 0.0], [-1.0, 0.0, 0.0, 2.0], [1.0, 1.0, 1.0, 1.0]
    assert gradient(autograd.clamp, x, low, high) == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1]]
    assert gradient(autograd.clamp_min, x, low) == [[0, 1, 1, 0], [1, 0, 0, 1]]
    assert gradient(autograd.clamp_max, x, high) == [[1, 1, 0, 1], [0, 0, 1, 0]]
    assert gradient(lambda x, low: autograd.clamp(x, low, 1.0), x, low)[1] == [1, 0, 0, 0]


def test_where_of_a_condition_alone_gives_indices(torch):
    for flags in ([[True, False], [False, True]], True, False, []):
        flags = np.array(flags, bool)
        found, expected = autograd.where(autograd.tensor(flags)), torch.where(torch.tensor(flags))
        assert [f.tolist() for f in found] == [e.tolist() for e in expected]
        assert {str(f.dtype) for f in found} == {"int64"}


def test_comparisons_of_whole_tensors_follow_torch(torch):
    x, y = [1.0, NAN, INF], [1.0 + 1e-9, NAN, INF]
    for t in (autograd, torch):
        a, b = (t.tensor(v, dtype=t.float64) for v in (x, y))
        assert t.isclose(a, b).tolist() == [True, False, True]
        assert t.isclose(a, b, equal_nan=True).tolist() == [True, True, True]
        assert t.isclose(a, b, rtol=0, atol=0).tolist() == [False, False, True]
        assert t.allclose(a, b, equal_nan=True) and not t.allclose(a, b)
        assert not t.equal(a, b) and t.equal(a[:1], a[:1]) and not t.equal(a[:1], a[0])
        assert t.equal(a[:1], a[:1].float())


@pytest.mark.parametrize("name", ["copysign", "atan2", "pow"])
def test_first_and_second_slopes_at_the_origin_are_0_and_warn_of_nothing(name):
    operands = [autograd.tensor(np.zeros(1), requires_grad=True) for _ in range(2)]
    z = getattr(autograd, name)(*operands)
    first = autograd.grad(z, operands, create_graph=True)
    assert [slope.item() for slope in first] == [0, 0]
    second = autograd.grad(first[0] + first[1], operands)
    assert [slope.item() for slope in second] == [0, 0]


def test_a_number_wins_a_tie():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    assert autograd.grad(autograd.maximum(x, 1).sum(), x)[0].tolist() == [0, 1]
    assert autograd.grad(autograd.minimum(2, x).sum(), x)[0].tolist() == [1, 0]


def test_the_first_operand_may_win_ties():
    x, y = (autograd.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    for function in (autograd.maximum, autograd.minimum):
        with autograd.ties("first"):
            z = function(x, y)
        slopes = autograd.grad(z, [x, y], [np.float32([2, -3])])
        assert [slope.tolist() for slope in slopes] == [[2, -3], [0, 0]]


@pytest.mark.parametrize("eps", [0.0, 0.25])
def test_logit_at_its_limits_equals_torch(eps, torch):
    values = np.array([-0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5])
    x, y = autograd.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    with np.errstate(divide="ignore"):
        autograd.logit(x, eps).backward(np.ones(7))
    torch.logit(y, eps).backward(torch.ones(7))
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-14)


def test_sinc_has_every_derivative_at_zero():
    x = autograd.tensor([0.0, 0.149, 0.151], dtype=np.float64, requires_grad=True)
    (first,) = autograd.grad(autograd.sinc(x).sum(), x, create_graph=True)
    (second,) = autograd.grad(first.sum(), x, create_graph=True)
    (third,) = autograd.grad(second.sum(), x, create_graph=True)
    (fourth,) = autograd.grad(third.sum(), x)
    np.testing.assert_allclose(second.numpy()[0], -(np.pi**2) / 3, rtol=1e-14)
    np.testing.assert_allclose(fourth.numpy()[0], np.pi**4 / 5, rtol=1e-13)
    # On both sides of the place where the series gives over to the formula.
    np.testing.assert_allclose(second.numpy()[1], second.numpy()[2], rtol=5e-3)


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
def test_numpys_functions_have_numpys_arguments():
    x = autograd.tensor([1.25, -2.5, 3.5], dtype=np.float64, requires_grad=True)
    values = x.detach().numpy()
    for function in (
        lambda x: np.round(x),
        lambda x: np.round(x, 1),
        lambda x: np.around(x, decimals=1),
        lambda x: np.fix(x),
        lambda x: np.nan_to_num(x, nan=1.0),
        lambda x: np.fabs(x),
        lambda x: np.sinc(x),
        lambda x: np.isneginf(x),
        lambda x: np.isclose(x, [1.25, 0, 3.5]),
        lambda x: np.radians(x),
        lambda x: np.degrees(x),
        lambda x: np.float_power(x, 2),
    ):
        z = function(x)
        assert isinstance(z, autograd.Tensor)
        np.testing.assert_allclose(z.detach().numpy(), function(values), rtol=1e-14)
    with pytest.raises(TypeError, match="copy=False cannot be recorded"):
        np.nan_to_num(x, copy=False)
