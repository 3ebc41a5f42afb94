"""SH: sizes, parameters and receptive fields, by formula, by the graph and by gradients."""

import numpy as np
import pytest

import nn
from nn import geometry


@pytest.mark.parametrize(
    ("size", "padding", "kernel", "stride", "output"),
    [(32, 4, 5, 1, 32), (32, 0, 5, 1, 28), (32, 0, 2, 2, 16), (227, 0, 11, 4, 55)],
)
def test_SH_01_the_output_size(size, padding, kernel, stride, output):
    assert geometry.output_size(size, kernel, stride, total_padding=padding) == output
    assert geometry.output_size(size, kernel, stride, padding // 2) == output
    assert geometry.input_size(output, kernel, stride, total_padding=padding) == size
    assert geometry.total_padding(size, output, kernel, stride) == padding


def test_SH_01_a_size_that_is_not_whole_raises_or_warns():
    sentence = r"\(224 \+ 2\*0 - 11\)/4 \+ 1 = 54.25 is not whole: the last 1 inputs meet no window"
    with pytest.raises(ValueError, match=sentence):
        geometry.output_size(224, kernel=11, stride=4)
    with pytest.warns(UserWarning, match=sentence + ", the output has 54"):
        assert geometry.output_size(224, kernel=11, stride=4, rounding="warn") == 54
    assert geometry.output_size(224, kernel=11, stride=4, rounding="floor") == 54
    assert geometry.output_size(224, kernel=11, stride=4, rounding="ceil") == 55


def test_SH_02_the_exam_as_printed():
    model = nn.Sequential(nn.Conv2d(1, 10, 5, padding=2), nn.MaxPool2d(2))
    found = geometry.trace(model, (1, 32, 32))
    assert np.prod(found.inputs[0]) == 1024
    assert [layer.output for layer in found] == [(10, 32, 32), (10, 16, 16)]
    assert [layer.activations for layer in found] == [10_240, 2_560]
    assert [layer.parameters for layer in found] == [260, 0]
    assert geometry.conv_parameters(1, 10, 5, formula=True) == "10*(5*5*1 + 1) = 260"


def test_SH_03_the_exam_continued():
    start = [nn.Conv2d(1, 10, 5, padding=2), nn.MaxPool2d(2)]
    ending = [nn.Flatten(), nn.Linear(2560, 10)]
    found = geometry.trace(nn.Sequential(*start, *ending), (1, 32, 32))
    assert found["3"].parameters == geometry.linear_parameters(2560, 10) == 25_610
    assert found.parameters == 25_870
    middle = [nn.Conv2d(10, 10, 5, padding=2), nn.MaxPool2d(2)]
    ending = [nn.Flatten(), nn.Linear(640, 10)]
    found = geometry.trace(nn.Sequential(*start, *middle, *ending), (1, 32, 32))
    rows = [(layer.output, layer.parameters) for layer in found]
    assert rows[2:4] == [((10, 16, 16), 2_510), ((10, 8, 8), 0)]
    assert found["3"].activations == 640
    assert rows[5] == ((10,), 6_410) and found.parameters == 9_180


@pytest.mark.parametrize(
    ("arguments", "counts"), [((5, 1, 10), (250, 260)), ((3, 64, 64), (36_864, 36_928))]
)
def test_SH_04_parameters_of_a_convolution(arguments, counts):
    kernel, inputs, outputs = arguments
    without = geometry.conv_parameters(inputs, outputs, kernel, bias=False)
    assert (without, geometry.conv_parameters(inputs, outputs, kernel)) == counts
    with nn.shape_only():
        layer = nn.Conv2d(inputs, outputs, kernel)
    row = geometry.trace(layer, (inputs, 8, 8))[0]
    assert (row.weights, row.parameters) == counts


def test_SH_05_parameters_of_a_fully_connected_layer():
    assert geometry.linear_parameters(512 * 7 * 7, 4096) == 102_764_544
    with nn.shape_only():
        layer = nn.Linear(512 * 7 * 7, 4096)
    assert geometry.trace(layer, (512 * 7 * 7,)).parameters == 102_764_544


def test_SH_06_parameters_of_filters_of_any_rank():
    assert geometry.conv_parameters(3, 10, (3, 3)) == 280
    assert geometry.conv_parameters(3, 10, (3, 3, 3)) == 820


@pytest.mark.parametrize(
    ("channels", "small", "large"),
    [
        (1, 27, 49),
        (64, 110_592, 200_704),
        (256, 1_769_472, 3_211_264),
        (512, 7_077_888, 12_845_056),
    ],
)
def test_SH_07_three_small_kernels_cost_less_than_a_large_one(channels, small, large):
    count = geometry.conv_parameters
    assert 3 * count(channels, channels, 3, bias=False) == small
    assert count(channels, channels, 7, bias=False) == large
    assert small / large == pytest.approx(0.55102041, abs=5e-9)
    assert 3 * count(channels, channels, 3) == small + 3 * channels
    assert count(channels, channels, 7) == large + channels


def test_SH_08_they_see_as_much_with_more_nonlinearity():
    def stack(kernel, layers):
        parts = [(nn.Conv2d(1, 1, kernel), nn.ReLU()) for _ in range(layers)]
        return nn.Sequential(*[module for part in parts for module in part])

    three, one = stack(3, 3), stack(7, 1)
    for model, activations in ((three, 3), (one, 1)):
        found = geometry.trace(model, (1, 15, 15))
        assert found[-1].field == (7, 7)
        assert sum(layer.kind == "ReLU" for layer in found) == activations


@pytest.mark.parametrize(
    ("kernel", "stride", "units", "inputs"),
    [(5, 2, 1, 5), (5, 2, 3, 9), (3, 1, 1, 3), (5, 1, 3, 7)],
)
def test_SH_09_what_several_units_see(kernel, stride, units, inputs):
    assert geometry.input_size(units, kernel, stride) == inputs
    assert geometry.receptive_field([(kernel, stride)], units) == inputs
    assert geometry.output_size(inputs, kernel, stride) == units


STACKS = [
    ([(5, 1), (3, 1)], 7),
    ([(5, 2), (3, 1)], 9),
    ([(3, 1)] * 3, 7),
    ([(7, 1)], 7),
    ([(5, 1), (2, 2)], 6),
    ([(5, 1), (2, 2)] * 2, 16),
]


@pytest.mark.parametrize(("layers", "field"), STACKS)
def test_SH_10_both_recursions_agree(layers, field):
    assert geometry.receptive_field(layers) == field
    top = geometry.receptive_fields(layers)[-1]
    assert top.field == field
    assert top.jump == np.prod([stride for _, stride in layers])
    assert top.covers(0) == (0, field - 1)
    # and the graph of a real stack: kernels of 2 stand for pooling, as in the row
    model = nn.Sequential(
        *[nn.MaxPool2d(k, s) if k == 2 else nn.Conv2d(1, 1, k, s) for k, s in layers]
    )
    row = geometry.trace(model, (1, 40, 40))[-1]
    assert row.field == (field, field) and row.jump == (top.jump, top.jump)


@pytest.mark.parametrize(("kernel", "fields"), [(3, [3, 5, 7, 9, 11]), (5, [5, 9, 13, 17, 21])])
def test_SH_11_equal_layers_of_stride_1(kernel, fields):
    for layers, field in enumerate(fields, start=1):
        assert geometry.uniform_field(layers, kernel) == field
        assert geometry.receptive_field([(kernel, 1)] * layers) == field
    with pytest.raises(ValueError, match=r"1 \+ L \(K - 1\) holds for stride 1 alone, got 2"):
        geometry.uniform_field(3, kernel, stride=2)


def test_SH_12_the_field_is_in_the_networks_input():
    top = geometry.receptive_fields([(5, 1), (3, 1)])[-1]
    assert (top.direct, top.field) == (3, 7)
    row = geometry.trace(nn.Sequential(nn.Conv2d(1, 2, 5), nn.Conv2d(2, 1, 3)), (1, 9, 9))[-1]
    assert (row.direct, row.field) == ((3, 3), (7, 7))


def test_SH_13_gradients_show_the_field():
    model = nn.Sequential(nn.Conv2d(1, 2, 5), nn.Tanh(), nn.Conv2d(2, 1, 3)).double()
    heat = geometry.gradient_field(model, (1, 15, 15), unit=(4, 4))
    assert geometry.support(heat) == ((4, 10), (4, 10))  # 7 wide, from 4 on
    row = geometry.trace(model, (1, 15, 15))[-1]
    first = [start + 4 * jump for start, jump in zip(row.start, row.jump, strict=True)]
    assert [(a, a + f - 1) for a, f in zip(first, row.field, strict=True)] == [(4, 10), (4, 10)]


def test_SH_13_the_effective_field_is_a_bell_and_smaller():
    layers = [nn.Conv2d(1, 1, 3, bias=False).double() for _ in range(6)]
    rng = np.random.default_rng(0)
    total = 0
    for _ in range(30):
        for layer in layers:
            nn.init.normal_(layer.weight, generator=rng)
        heat = geometry.gradient_field(nn.Sequential(*layers), (1, 25, 25), generator=rng)
        total = total + heat
    ((top, bottom), (left, right)) = geometry.support(total)
    assert bottom - top + 1 == right - left + 1 == 13
    profile = total[top : bottom + 1].sum(1)
    assert profile.argmax() in (5, 6, 7) and profile[6] > 3 * max(profile[0], profile[-1])
    (first, last), _ = geometry.support(total, threshold=0.3)
    assert last - first + 1 <= 9


def test_SH_17_dilation_widens_the_kernel():
    assert [geometry.effective_kernel(3, d) for d in (1, 2, 4)] == [3, 5, 9]
    layers = [(3, 1, 0, d) for d in (1, 2, 4)]
    assert geometry.receptive_field(layers) == geometry.receptive_fields(layers)[-1].field == 15
    assert geometry.output_size(32, kernel=3, dilation=4) == 24
