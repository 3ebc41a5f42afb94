"""Charts of activation functions: the numbers that they show, and that these are drawn."""

import numpy as np
import pytest

import nn
import viz
from viz.plots import profile_of

FACTS = {
    "sigmoid": ("range (0, 1)", "zero-centred: no, mean 0.50", "saturates left and right"),
    "tanh": ("range (−1, 1)", "zero-centred: yes", "saturates left and right"),
    "relu": ("range [0, ∞)", "zero-centred: no, mean 0.40", "saturates left"),
    "elu": ("range (−1, ∞)", "zero-centred: no, mean 0.16", "saturates left"),
    "selu": ("range (−1.76, ∞)", "zero-centred: yes", "saturates left"),
    "silu": ("range [−0.278, ∞)", "zero-centred: no, mean 0.21", "saturates left"),
    "leaky_relu": ("range (−∞, ∞)", "zero-centred: no, mean 0.39", "saturates left"),
    "hardtanh": ("range [−1, 1]", "zero-centred: yes", "saturates left and right"),
    "softsign": ("range (−1, 1)", "zero-centred: yes", "saturates nowhere"),
}


@pytest.mark.parametrize("name", FACTS)
def test_AC_18_range_centre_and_saturation(name):
    profile = profile_of(name)
    assert profile.facts == FACTS[name]
    flat = np.abs(profile.slope) <= 0.02 * np.abs(profile.slope).max()
    shaded = np.zeros(len(profile.x), bool)
    for start, end in profile.saturated:
        shaded |= (profile.x >= start) & (profile.x <= end)
    assert not (shaded & ~flat).any() and (profile.saturated != ()) == flat.any()


@pytest.mark.filterwarnings("ignore:step")
def test_a_function_without_slope_is_flat_everywhere():
    profile = profile_of("step")
    assert profile.facts[0] == "range [0, 1]"
    assert profile.facts[2] == "flat everywhere: no gradient passes"
    assert not profile.slope.any()


def test_AC_18_the_chart_draws_the_function_its_slope_and_where_it_saturates():
    matplotlib = pytest.importorskip("matplotlib", reason="charts are drawn by matplotlib")
    with matplotlib.rc_context({"backend": "Agg"}):
        ax = viz.plot_activation("tanh", limits=(-4.0, 4.0))
        lines = {line.get_label(): line for line in ax.get_lines()}
        x = lines["f(x)"].get_xdata()
        assert (x[0], x[-1]) == (-4, 4)
        np.testing.assert_allclose(lines["f(x)"].get_ydata(), np.tanh(x))
        np.testing.assert_allclose(lines["slope f′(x)"].get_ydata(), 1 - np.tanh(x) ** 2)
        edge = np.arctanh(np.sqrt(0.98))  # where the slope is 2 % of the steepest
        spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]
        np.testing.assert_allclose(spans, [(-4, -edge), (edge, 4)], atol=0.01)
        assert ax.get_title(loc="left") == "tanh"
        assert [text.get_text() for text in ax.texts] == [" · ".join(FACTS["tanh"])]
        again = viz.plot_activation(nn.LeakyReLU(0.1), ax)
        assert again is ax and ax.get_title(loc="left") == "LeakyReLU(negative_slope=0.1)"
        from matplotlib import pyplot

        pyplot.close(ax.figure)


def test_what_is_no_function_is_refused():
    with pytest.raises(ValueError, match="nn.functional has no function 'rely'"):
        viz.plot_activation("rely")
    with pytest.raises(ValueError, match=r"limits must be in order, got \(1, 1\)"):
        profile_of("relu", (1, 1))
