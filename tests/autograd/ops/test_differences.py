"""Differences, trapezoids and what NumPy makes of them: misuse, booleans, integers, dtypes."""

import numpy as np
import pytest

import autograd


def test_differences_of_booleans_say_where_they_change():
    x = autograd.tensor([True, True, False])
    assert x.diff().tolist() == [False, True]
    assert np.diff(x).tolist() == [False, True]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"n": -1}, RuntimeError, "n of 0 or more"),
        ({"dim": 1}, IndexError, "dim 1"),
        ({"prepend": np.zeros((1, 1))}, RuntimeError, "prepend of 1 dimensions"),
    ],
)
def test_diff_says_what_is_wrong(options, error, words):
    with pytest.raises(error, match=f"diff: .*{words}"):
        autograd.tensor([1.0, 2.0]).diff(**options)


def test_no_samples_have_no_area():
    assert autograd.trapezoid(autograd.zeros(2, 0)).tolist() == [0, 0]
    assert autograd.cumulative_trapezoid(autograd.zeros(2, 0)).shape == (2, 0)


def test_trapezoids_say_what_is_wrong():
    y = autograd.ones(3)
    with pytest.raises(RuntimeError, match="trapezoid: 2 places x for 3 samples"):
        autograd.trapezoid(y, autograd.ones(2))
    with pytest.raises(TypeError, match="trapezoid: got both x and dx"):
        autograd.trapezoid(y, y, dx=1)
    with pytest.raises(RuntimeError, match="trapz: expected numbers"):
        autograd.trapz(y > 0)


def test_numpys_slopes_and_areas_of_integers_are_doubles():
    x = np.arange(4) ** 2
    t = autograd.tensor(x)
    for function in (np.gradient, np.trapezoid):
        assert function(t).dtype == np.float64
        np.testing.assert_array_equal(function(t).numpy(), function(x))


def test_an_axis_too_short_for_a_slope_is_refused():
    with pytest.raises(ValueError, match="np.gradient: axis 0 of shape .* too short"):
        np.gradient(autograd.ones(2), edge_order=2)
    with pytest.raises(ValueError, match="np.interp: expected vectors of one length"):
        np.interp(autograd.ones(2), np.ones(2), np.ones(3))
