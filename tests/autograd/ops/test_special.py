"""Special functions: how exact erf and erfc are, and what SciPy computes where it is installed."""

import doctest
import importlib.util
import math
import subprocess
import sys

import numpy as np
import pytest

import autograd
from autograd.ops import special

HAS_SCIPY = importlib.util.find_spec("scipy") is not None
needs_scipy = pytest.mark.skipif(
    not HAS_SCIPY, reason="SciPy computes these functions: pip install scipy adds their tests"
)
# Every magnitude, both signs, the places where one approximation gives over to the next.
POINTS = np.concatenate(
    [
        np.linspace(-7, 28, 20011),
        np.geomspace(1e-300, 1, 1001),
        [0.46875, np.nextafter(0.46875, 1), 4, np.nextafter(4, 5), -4, -0.46875, 3.95, -6],
    ]
)


def units(found, expected):
    """Return the largest difference in units of the last place."""
    tiny = np.finfo(found.dtype).tiny  # below, a unit is no longer relative
    scale = np.spacing(np.maximum(np.abs(expected), tiny).astype(found.dtype)).astype(np.float64)
    return (np.abs(found.astype(np.float64) - expected) / scale).max()


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_float64_is_exact_to_a_few_units_of_the_last_place(name):
    expected = np.array([getattr(math, name)(x) for x in POINTS])
    found = getattr(autograd, name)(autograd.from_numpy(POINTS)).numpy()
    assert units(found, expected) <= 7  # the C library's own erfc is up to 2.3 from the truth


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_float32_is_exact_to_a_few_units_of_the_last_place(name):
    points = POINTS.astype(np.float32)
    expected = np.array([getattr(math, name)(float(x)) for x in points])
    found = getattr(autograd, name)(autograd.from_numpy(points)).numpy()
    assert found.dtype == np.float32
    assert units(found, expected) <= 6


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_ends_are_exact(dtype):
    x = autograd.from_numpy(np.array([0.0, -0.0, 9.5, -9.5, np.inf, -np.inf, np.nan], dtype))
    one, other = autograd.erf(x).numpy(), autograd.erfc(x).numpy()
    assert (one.dtype, other.dtype) == (dtype, dtype)
    np.testing.assert_array_equal(one, [0, 0, 1, -1, 1, -1, np.nan])
    assert np.signbit(one[1])
    np.testing.assert_array_equal(other[[0, 1, 3, 4, 5, 6]], [1, 1, 2, 0, 2, np.nan])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_and_layouts_do_not_show(dtype):
    x = np.random.default_rng(0).normal(size=(150, 130)).astype(dtype)  # more than two blocks
    whole = autograd.erf(autograd.from_numpy(x)).numpy()
    rows = np.stack([autograd.erf(autograd.from_numpy(row)).numpy() for row in x])
    turned = autograd.erf(autograd.from_numpy(x.T)).numpy().T
    skipped = autograd.erf(autograd.from_numpy(x[::-3, ::2])).numpy()
    np.testing.assert_array_equal(whole, rows)
    np.testing.assert_array_equal(whole, turned)
    np.testing.assert_array_equal(whole[::-3, ::2], skipped)
    assert autograd.erf(autograd.from_numpy(x[:0])).shape == (0, 130)


def test_without_scipy_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    x = autograd.tensor([0.5])
    for name in ("erfinv", "lgamma", "digamma"):
        with pytest.raises(ImportError, match=f"{name}: .* SciPy, .*pip install scipy"):
            getattr(autograd, name)(x)
    with pytest.raises(ImportError, match="polygamma: .* SciPy"):
        autograd.polygamma(1, x)


def test_scipy_is_imported_by_the_call_that_needs_it():
    program = "import sys, autograd; autograd.erf(1.0); print('scipy' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout.strip() == "False", result.stderr


@needs_scipy
@pytest.mark.parametrize("name", ["erfinv", "lgamma", "digamma", "polygamma"])
def test_the_examples_of_the_docstrings_run(name):
    text = getattr(special, name).__doc__.replace("  # doctest: +SKIP", "")
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    assert doctest.DocTestRunner().run(test) == (0, 2)


@needs_scipy
def test_values_at_special_points_equal_torch(torch):
    points = [0.0, -0.0, 1.0, -1.5, 0.5, 30.0, np.inf, np.nan, -1.0]
    for name in ("erfinv", "lgamma", "digamma"):
        for dtype in (np.float32, np.float64):
            x = np.array(points, dtype)
            found = getattr(autograd, name)(autograd.from_numpy(x)).numpy()
            expected = getattr(torch, name)(torch.tensor(x)).numpy()
            assert found.dtype == dtype
            np.testing.assert_allclose(found, expected, rtol=2e-6, err_msg=name)


@needs_scipy
def test_polygamma_of_order_0_is_digamma_and_the_method_takes_the_order():
    x = autograd.tensor([0.5, 3.0], dtype=np.float64)
    assert autograd.polygamma(0, x).tolist() == autograd.digamma(x).tolist()
    np.testing.assert_allclose(x.polygamma(1).numpy(), [np.pi**2 / 2, np.pi**2 / 6 - 1.25])
    with np.errstate(all="ignore"):
        assert x.clone().lgamma_().tolist() == autograd.lgamma(x).tolist()


def test_the_slope_of_i1_at_0_is_a_half():
    x = autograd.tensor([0.0, 1e-35, -1e-20, 1e-4], dtype=autograd.float64, requires_grad=True)
    autograd.special.i1(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 0.5, rtol=1e-8)
