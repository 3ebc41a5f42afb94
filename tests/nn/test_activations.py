"""Nonlinearities as functions: what the table of modules does not say of them."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from autograd import blocks, parallel, rules

POINTS = [-4.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.5, 3.0, 6.0, 7.0]
AT_KINKS = {
    "relu": {},
    "relu6": {},
    "leaky_relu": {"negative_slope": 0.3},
    "rrelu": {"lower": 0.2, "upper": 0.4},
    "threshold": {"threshold": 1.0, "value": -2.0},
    "hardtanh": {"min_val": -0.5, "max_val": 2.5},
    "hardsigmoid": {},
    "hardswish": {},
    "hardshrink": {},
    "softshrink": {},
    "softsign": {},
    "tanhshrink": {},
    "softplus": {"beta": 2.0, "threshold": 2.0},
    "logsigmoid": {},
    "elu": {"alpha": 1.5},
    "celu": {"alpha": 2.0},
    "selu": {},
    "silu": {},
    "mish": {},
    "gelu": {},
}


def both(torch, name, options, points=POINTS):
    """Return the input and the result of both libraries."""
    ours = autograd.tensor(points, dtype=np.float64, requires_grad=True)
    theirs = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    expected = getattr(torch.nn.functional, name)(theirs, **options)
    return ours, getattr(F, name)(ours, **options), theirs, expected


@pytest.mark.parametrize("name", AT_KINKS)
def test_values_and_slopes_at_kinks_are_pytorchs(torch, name):
    x, z, theirs, expected = both(torch, name, AT_KINKS[name])
    close = 1e-7 if name == "hardsigmoid" else 1e-12
    np.testing.assert_allclose(z.numpy(), expected.detach().numpy(), rtol=close, atol=1e-15)
    z.backward(autograd.ones_like(z))
    expected.backward(torch.ones_like(expected))
    np.testing.assert_allclose(x.grad.numpy(), theirs.grad.numpy(), rtol=close, atol=1e-15)


@pytest.mark.parametrize("name", ["elu", "celu", "selu", "relu", "hardtanh", "leaky_relu", "rrelu"])
def test_names_that_end_in_a_line_work_in_place(name):
    x = autograd.tensor(POINTS, requires_grad=True)
    y = x * 1
    z = getattr(F, f"{name}_")(y)
    assert z is y
    expected = getattr(F, name)(x)
    np.testing.assert_array_equal(z.numpy(), expected.numpy())
    upstream = autograd.tensor(np.arange(1, 12, dtype=np.float32))
    (slope,) = autograd.grad(z, x, upstream)
    (wanted,) = autograd.grad(expected, x, upstream)
    np.testing.assert_array_equal(slope.numpy(), wanted.numpy())


def test_threshold_works_in_place():
    x = autograd.tensor([0.5, 2.0])
    assert F.threshold_(x, 1, -3) is x
    assert x.tolist() == [-3, 2]


def test_a_leaf_is_not_changed_in_place():
    x = autograd.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="elu_: a leaf that requires grad"):
        F.elu_(x)
    with pytest.raises(TypeError, match="silu: only a Tensor can be changed in place, got ndarray"):
        F.silu(np.ones(2), inplace=True)


@pytest.mark.parametrize("name", ["relu", "relu6", "hardtanh", "threshold", "softsign"])
def test_integers_give_what_pytorch_gives(torch, name):
    given = (1, 7) if name == "threshold" else ()
    values = [-3, -1, 0, 1, 2, 9]
    z = getattr(F, name)(autograd.tensor(values), *given)
    expected = getattr(torch.nn.functional, name)(torch.tensor(values), *given)
    assert str(z.dtype) == str(expected.dtype).removeprefix("torch.")
    np.testing.assert_allclose(z.numpy(), expected.numpy(), rtol=1e-6)


@pytest.mark.parametrize(
    "name",
    ["elu", "celu", "selu", "gelu", "silu", "mish", "leaky_relu", "hardswish", "hardsigmoid"]
    + ["hardshrink", "softshrink", "softplus", "logsigmoid", "rrelu", "glu"],
)
def test_integers_are_refused_where_pytorch_refuses_them(torch, name):
    values = [1, 2]
    with pytest.raises(NotImplementedError):
        getattr(torch.nn.functional, name)(torch.tensor(values))
    with pytest.raises(NotImplementedError, match=f"{name}: is defined for floating-point tensors"):
        getattr(F, name)(autograd.tensor(values))


def test_random_slopes_are_uniform_and_kept_for_the_backward_pass():
    autograd.manual_seed(0)
    x = autograd.full((200, 100), -2.0, dtype=np.float64, requires_grad=True)
    z = F.rrelu(x, 0.25, 0.75, training=True)
    slopes = z.numpy() / -2
    assert slopes.min() >= 0.25 and slopes.max() < 0.75
    assert slopes.mean() == pytest.approx(0.5, abs=5e-3)
    assert slopes.var() == pytest.approx(1 / 48, rel=0.02)
    z.backward(autograd.ones_like(z))
    np.testing.assert_allclose(x.grad.numpy(), slopes)
    layer = nn.RReLU(0.25, 0.75)
    assert (layer(x).numpy() != layer(x).numpy()).any()
    assert (layer.eval()(x).numpy() == -1).all()
    kept = F.rrelu(autograd.tensor([1.0, 2.0]), training=True)
    assert kept.tolist() == [1, 2]


def test_gumbel_softmax_draws_classes_as_often_as_softmax_says():
    autograd.manual_seed(1)
    logits = autograd.tensor(np.log([0.2, 0.5, 0.3])).broadcast_to((20000, 3)).requires_grad_()
    drawn = F.gumbel_softmax(logits, tau=0.5, hard=True)
    assert set(np.unique(drawn.numpy().round(12))) == {0, 1}
    np.testing.assert_allclose(drawn.numpy().mean(0), [0.2, 0.5, 0.3], atol=0.012)
    autograd.manual_seed(1)
    soft = F.gumbel_softmax(logits, tau=0.5)
    np.testing.assert_allclose(soft.numpy().sum(1), 1)
    assert (soft.argmax(1).numpy() == drawn.argmax(1).numpy()).all()
    upstream = autograd.tensor(np.random.default_rng(0).standard_normal((20000, 3)))
    (slope,) = autograd.grad(drawn, logits, upstream)  # that of the soft ones
    (wanted,) = autograd.grad(soft, logits, upstream)
    np.testing.assert_allclose(slope.numpy(), wanted.numpy())
    with pytest.warns(UserWarning, match="gumbel_softmax: eps is deprecated"):
        F.gumbel_softmax(logits[:1], eps=1e-5)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (2, 3, 4, 1)])
@pytest.mark.filterwarnings("ignore:Implicit dimension")
def test_a_dim_that_is_not_given_is_guessed_as_pytorch_does(torch, name, shape):
    x = np.random.default_rng(0).standard_normal(shape)
    with pytest.warns(UserWarning, match=f"{name}: dim was not given, and guessed to be"):
        z = getattr(F, name)(autograd.tensor(x))
    expected = getattr(torch.nn.functional, name)(torch.tensor(x))
    np.testing.assert_allclose(z.numpy(), expected.numpy(), rtol=1e-12)


def test_softmax_converts_first():
    z = F.softmax(autograd.tensor([1, 2]), 0, dtype=np.float64)
    assert z.dtype == np.float64
    np.testing.assert_allclose(z.numpy(), [1 / (1 + np.e), np.e / (1 + np.e)])
    assert F.softmin(autograd.tensor([1.0]), 0, dtype=np.float64).dtype == np.float64
    assert autograd.tensor([0.0, 0.0]).softmax(0).tolist() == [0.5, 0.5]
    assert autograd.tensor([0.0]).log_softmax(-1).tolist() == [0]


def test_one_slope_or_one_a_channel(torch):
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    for shape, weight in [((2, 3, 4), [0.5, -1.0, 2.0]), ((2, 3), [0.5, -1.0, 2.0]), ((3,), [0.5]),
                          ((), [0.5]), ((), 0.5), ((2, 3), 0.5)]:  # fmt: skip
        x = np.random.default_rng(0).standard_normal(shape)
        ours = [autograd.tensor(np.array(a, float), requires_grad=True) for a in (x, weight)]
        theirs = [torch.tensor(np.array(a, float), requires_grad=True) for a in (x, weight)]
        z, expected = F.prelu(*ours), torch.nn.functional.prelu(*theirs)
        np.testing.assert_allclose(z.numpy(), expected.detach().numpy())
        (z * z).sum().backward()
        (expected * expected).sum().backward()
        for one, other in zip(ours, theirs, strict=True):
            assert one.grad.shape == tuple(other.grad.shape)
            np.testing.assert_allclose(one.grad.numpy(), other.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", ["gelu", "silu", "mish", "selu", "softplus", "hardswish", "relu6"])
def test_large_arrays_are_computed_in_blocks_to_the_same_numbers(name):
    x = np.random.default_rng(0).standard_normal((520, 1030)).astype(np.float32) * 3
    whole = autograd.tensor(x, requires_grad=True)
    z = getattr(F, name)(whole)
    z.backward(autograd.ones_like(z))
    rows = slice(100, 110)
    part = autograd.tensor(x[rows], requires_grad=True)
    y = getattr(F, name)(part)
    y.backward(autograd.ones_like(y))
    np.testing.assert_allclose(z.numpy()[rows], y.numpy(), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(whole.grad.numpy()[rows], part.grad.numpy(), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", ["gelu", "silu", "elu"])
def test_any_number_of_threads_gives_the_same_bits(name, monkeypatch):
    monkeypatch.setattr(parallel, "WORTH_SHARING", 0)
    monkeypatch.setattr(blocks, "LARGE", 1000)
    monkeypatch.setattr(rules, "LARGE", 1000)
    monkeypatch.setattr(blocks, "BLOCK", 300)
    monkeypatch.setattr(blocks, "TIMED", 100)
    x = np.random.default_rng(0).standard_normal((50, 41)).astype(np.float32)
    results = []
    before = autograd.get_num_threads()
    try:
        for threads in (1, 2, 3):
            autograd.set_num_threads(threads)
            leaf = autograd.tensor(x, requires_grad=True)
            z = getattr(F, name)(leaf)
            z.backward(autograd.tensor(x))
            results.append((z.numpy(force=True).tobytes(), leaf.grad.numpy().tobytes()))
    finally:
        autograd.set_num_threads(before)
    assert results[0] == results[1] == results[2]


def test_gelu_in_float32_is_exact_to_a_rounding(torch):
    x = np.concatenate([np.linspace(-12, 12, 24001), [0.0, -0.0, 1e-30, -1e-30, 1e-42, 1e30]])
    x = x.astype(np.float32)
    exact = torch.tensor(x.astype(np.float64), requires_grad=True)
    expected = torch.nn.functional.gelu(exact)
    expected.backward(torch.ones_like(expected))
    leaf = autograd.tensor(x, requires_grad=True)
    z = F.gelu(leaf)
    z.backward(autograd.ones_like(z))
    found, wanted = z.numpy(force=True), expected.detach().numpy()
    np.testing.assert_allclose(found, wanted, rtol=4e-7, atol=4e-7)
    np.testing.assert_allclose(leaf.grad.numpy(), exact.grad.numpy(), atol=6e-7)
    with np.errstate(invalid="ignore"):
        ends = F.gelu(autograd.tensor([np.inf, -np.inf, np.nan])).numpy()
    assert ends[0] == np.inf and np.isnan(ends[1:]).all()


@pytest.mark.parametrize("name", [n for n in AT_KINKS if n not in ("rrelu", "threshold")])
def test_half_precision_neither_overflows_nor_strays(name):
    x = np.array([-60, -11.5, -3, -0.5, 0, 0.5, 3, 11.5, 60, 600], np.float16)
    z = getattr(F, name)(autograd.tensor(x))
    expected = getattr(F, name)(autograd.tensor(x.astype(np.float64)))
    assert z.dtype == np.float16
    np.testing.assert_allclose(z.numpy(), expected.numpy(), rtol=4e-3, atol=2e-3)


def test_maxout_takes_the_first_of_equals_along_any_axis():
    x = autograd.tensor([[1.0, 5.0], [3.0, 2.0], [7.0, 7.0], [7.0, 8.0]], requires_grad=True)
    z = F.maxout(x, 2, dim=0)
    assert z.tolist() == [[3, 5], [7, 8]]
    z.backward(autograd.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert x.grad.tolist() == [[0, 2], [1, 0], [3, 0], [0, 4]]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: F.hardtanh(x, 1, -1), ValueError, "expected min_val <= max_val, got 1 and -1"),
        (lambda x: nn.Hardtanh(1, 1), ValueError, "Hardtanh: expected min_val < max_val"),
        (lambda x: F.celu(x, 0), RuntimeError, "celu: alpha must not be 0"),
        (lambda x: F.softshrink(x, -1), RuntimeError, "softshrink: expected lambd >= 0, got -1"),
        (lambda x: F.glu(x), RuntimeError, r"glu: expected an even size along axis 1, .* \(2, 3\)"),
        (lambda x: F.glu(x.sum()), RuntimeError, "glu: a 0-d tensor has no halves"),
        (lambda x: F.gelu(x, approximate="erf"), RuntimeError, "'none' or 'tanh', got 'erf'"),
        (lambda x: F.rrelu(x, 0.5, 0.1), RuntimeError, "expected lower <= upper, got 0.5 and 0.1"),
        (lambda x: F.prelu(x, autograd.ones(2)), RuntimeError, "2 slopes for 3 channels"),
        (lambda x: F.prelu(x, autograd.ones(1, 1)), RuntimeError, r"shape \(\) or \(C,\), got"),
        (lambda x: F.prelu(x, autograd.ones(3).double()), RuntimeError, "of one dtype"),
        (lambda x: F.elu(x, "1"), TypeError, "elu: expected a number as alpha, got '1'"),
        (lambda x: F.softmax(x, 2), IndexError, "softmax: dim 2 is out of range for 2 dimensions"),
        (lambda x: F.softmax(x.long(), 0), NotImplementedError, "softmax: is defined for floating"),
        (lambda x: nn.Softmax2d()(x), ValueError, r"Softmax2d: expected .*, got \(2, 3\)"),
        (lambda x: F.maxout(x, 2), ValueError, r"axis 1 of shape \(2, 3\) is no multiple of 2"),
        (lambda x: nn.Maxout(2, 3, 0), ValueError, "Maxout: pieces must be at least 1, got 0"),
        (lambda x: F.step(x.long()), NotImplementedError, "step: is defined for floating-point"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_a_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call(autograd.ones(2, 3))


def test_old_names_of_the_bounds_are_accepted_with_a_warning():
    with pytest.warns(FutureWarning, match="min_value is deprecated: use min_val"):
        layer = nn.Hardtanh(min_value=-3.0)
    assert (layer.min_val, layer.max_val) == (-3, 1)
