"""The calculators: sentences, rounding as PyTorch's, and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from nn import geometry

small = st.integers(1, 4)


@given(st.integers(1, 20), small, small, st.integers(0, 3), small)
def test_sizes_are_those_of_a_convolution(size, kernel, stride, padding, dilation):
    span = dilation * (kernel - 1) + 1
    if span > size + 2 * padding:
        with pytest.raises(ValueError, match="the kernel does not fit"):
            geometry.output_size(size, kernel, stride, padding, dilation)
        return
    output = geometry.output_size(size, kernel, stride, padding, dilation, rounding="floor")
    positions = [i for i in range(size + 2 * padding) if i % stride == 0]
    assert output == sum(i + span <= size + 2 * padding for i in positions)
    least = max(dilation * (kernel - 1) + 1 + stride * (output - 1) - 2 * padding, 1)
    if least == span + stride * (output - 1) - 2 * padding:
        assert geometry.input_size(output, kernel, stride, padding, dilation) == least <= size
        assert geometry.output_size(least, kernel, stride, padding, dilation) == output
    total = geometry.total_padding(least, output, kernel, stride, dilation)
    assert geometry.output_size(least, kernel, stride, dilation=dilation, total_padding=total) == (
        output
    )
    if span + stride * (size - 1) > 2 * padding:
        back = geometry.transposed_output_size(size, kernel, stride, padding, dilation=dilation)
        assert geometry.output_size(back, kernel, stride, padding, dilation) == size


@pytest.mark.parametrize("size", range(3, 12))
@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(2, 2, 0), (3, 2, 1), (3, 3, 0), (2, 3, 1)]
)
def test_rounding_up_is_that_of_pooling(torch, size, kernel, stride, padding):
    pool = torch.nn.MaxPool1d(kernel, stride, padding, ceil_mode=True)
    expected = pool(torch.zeros(1, size)).shape[-1]
    got = geometry.output_size(size, kernel, stride, padding, rounding="ceil")
    assert got == expected


def test_each_formula_is_a_sentence_that_holds():
    sentences = [
        geometry.effective_kernel(3, 2, formula=True),
        geometry.output_size(32, 5, padding=2, formula=True),
        geometry.output_size(32, 3, 1, total_padding=3, dilation=2, formula=True),
        geometry.input_size(7, 3, 2, 1, formula=True),
        geometry.input_size(7, 3, 2, total_padding=1, formula=True),
        geometry.total_padding(32, 16, 3, 2, formula=True),
        geometry.transposed_output_size(7, 3, 2, 1, 1, 2, formula=True),
        geometry.conv_parameters(6, 4, (3, 5), bias=False, groups=2, formula=True),
        geometry.linear_parameters(6, 4, formula=True),
        geometry.linear_parameters(6, 4, bias=False, formula=True),
        geometry.conv_multiply_adds(6, 4, 3, (8, 9), groups=2, formula=True),
        geometry.linear_multiply_adds(6, 4, formula=True),
        geometry.pool_comparisons(4, (2, 3), (8, 9), formula=True),
        geometry.uniform_field(4, 3, formula=True),
        *geometry.receptive_field([(5, 2), (3, 1)], formula=True).split("; "),
    ]
    for sentence in sentences:
        calculation, result = sentence.split(" = ")
        assert eval(calculation) == int(result), sentence
    assert geometry.output_size(7, 2, 2, rounding="ceil", formula=True) == (
        "ceil((7 + 2*0 - 2)/2) + 1 = 4"
    )


def test_counts_are_those_of_layers():
    for bias in (True, False):
        layer = nn.Conv2d(6, 4, (3, 5), bias=bias)
        count = sum(p.numel() for p in layer.parameters())
        assert count == geometry.conv_parameters(6, 4, (3, 5), bias)
        row = geometry.trace(layer, (6, 8, 9))[0]
        assert row.multiply_adds == geometry.conv_multiply_adds(6, 4, (3, 5), row.output[1:])
    assert geometry.conv_parameters(6, 4, 3, groups=2) == 4 * (9 * 3 + 1)
    assert geometry.linear_multiply_adds(7, 5) == 35
    assert geometry.pool_comparisons(64, 2, (16, 16)) == 49_152
    assert geometry.conv_multiply_adds(64, 64, 1, (32, 32)) == 85 * 49_152 + 16_384


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: geometry.output_size(32.0, 5), "output_size: size must be an int, got 32.0"),
        (lambda: geometry.output_size(32, True), "output_size: kernel must be an int, got True"),
        (lambda: geometry.output_size(32, 5, 0), "output_size: stride must be at least 1, got 0"),
        (lambda: geometry.output_size(32, 5, padding=-1), "padding must be at least 0, got -1"),
        (lambda: geometry.output_size(32, 5, rounding="up"), "rounding must be one of error, warn"),
        (lambda: geometry.output_size(9, 3, padding=1, total_padding=2), "not both"),
        (lambda: geometry.input_size(9, 3, padding=1, total_padding=2), "not both"),
        (lambda: geometry.output_size(2, 5), "it spans 5, the padded input 2"),
        (lambda: geometry.input_size(1, 3, padding=2), r"3 \+ 1\*\(1 - 1\) - 2\*2 = -1: no input"),
        (lambda: geometry.total_padding(9, 2, 3), "the input would have to be cropped"),
        (lambda: geometry.transposed_output_size(1, 1, padding=1), "less padding is needed"),
        (lambda: geometry.conv_parameters(6, 4, 3, groups=4), "groups=4 does not divide 6 input"),
        (lambda: geometry.conv_parameters(6, 4, 0), "kernel must be at least 1, got 0"),
        (lambda: geometry.receptive_field([(3, 0)]), "stride must be at least 1, got 0"),
        (lambda: geometry.receptive_field([(3, 1)], 0), "units must be at least 1, got 0"),
        (lambda: geometry.support(np.zeros(3)), "the map is zero everywhere"),
    ],
)
def test_refusals(call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        call()


def test_a_field_knows_where_it_lies():
    first, second = geometry.receptive_fields([(3, 2, 1), (3, 1, 2, 2)])
    assert first == (3, 3, 2, -1) and first.centre == 0
    assert second == (5, 11, 2, -5) and second.centre == 0
    assert second.covers(3) == (1, 11)
    assert geometry.Window(3, dilation=2).span == 5


def test_gradient_field_refuses_what_has_no_places():
    flat = nn.Sequential(nn.Flatten(), nn.Linear(9, 2))
    with pytest.raises(ValueError, match=r"does not name a place in an output of shape \(1, 2\)"):
        geometry.gradient_field(flat, (1, 3, 3))
    with pytest.raises(ValueError, match="it needs one index for each axis from 2 on"):
        geometry.gradient_field(nn.Conv2d(1, 1, 3), (1, 5, 5), unit=(1,))


def test_gradient_field_sees_every_channel_and_leaves_the_model_as_it_was():
    model = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2))
    with autograd.no_grad():
        model[0].weight[0] = 1.0
        model[0].weight[1] = -1.0  # plain sums over channels would cancel
    heat = geometry.gradient_field(model, (1, 5, 5), draws=3)
    assert geometry.support(heat) == ((1, 3), (1, 3))
    assert model.training and model[1].num_batches_tracked.item() == 0
    assert all(p.grad is None for p in model.parameters())
