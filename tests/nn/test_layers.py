"""What layers do beyond their row of the table: states, in-place work, refusals."""

import numpy as np
import pytest

import autograd
import nn


def test_softmax_can_change_the_dtype():
    assert nn.functional.softmax(autograd.ones(2), 0, dtype=np.float64).dtype == np.float64


def test_running_statistics_count_as_changed_in_place():
    layer = nn.BatchNorm1d(2)
    x = autograd.randn(4, 2)
    mean = layer.running_mean
    view = mean.detach()
    first = layer(x).node
    assert first.changed == (False,) * 5
    layer(x)
    assert first.changed == (False, False, False, True, True)
    assert layer.running_mean is mean and view.tolist() == mean.tolist()


def test_batch_norm_starts_again_when_told():
    layer = nn.BatchNorm1d(2)
    layer(autograd.randn(8, 2) + 5)
    with autograd.no_grad():
        layer.weight.fill_(3.0)
    layer.reset_parameters()
    fresh = nn.BatchNorm1d(2).state_dict()
    assert {k: v.tolist() for k, v in layer.state_dict().items()} == {
        k: v.tolist() for k, v in fresh.items()
    }


def test_relu_in_place_changes_its_operand():
    x = autograd.tensor([-1.0, 2.0], requires_grad=True)
    y = x * 1
    assert nn.ReLU(inplace=True)(y) is y
    y.sum().backward()
    assert y.tolist() == [0, 2] and x.grad.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: nn.Conv2d(3, 4, 3)(autograd.ones(8, 1, 28, 28)),
            ValueError,
            r"conv2d: weight of shape \(4, 3, 3, 3\) expects 3 input channels, got input of shape "
            r"\(8, 1, 28, 28\)",
        ),
        (
            lambda: nn.Conv2d(1, 1, 5)(autograd.ones(1, 1, 3, 3)),
            ValueError,
            r"kernel \(5, 5\) does not fit in the padded input \(3, 3\)",
        ),
        (
            lambda: nn.Conv2d(1, 1, 3)(autograd.ones(9)),
            ValueError,
            r"conv2d: input must have shape \(N, C, H, W\) or \(C, H, W\), got \(9,\)",
        ),
        (
            lambda: nn.Conv2d(1, 1, 3)(np.ones((1, 1, 3, 3))),
            TypeError,
            "input is float64 but weight is float32; convert one",
        ),
        (
            lambda: nn.Conv2d(1, 1, 3)(np.ones((1, 1, 3, 3), int)),
            TypeError,
            "conv2d: input must be a floating-point tensor, got int64 of shape",
        ),
        (lambda: nn.Conv2d(0, 1, 3), ValueError, "Conv2d: in_channels must be at least"),
        (lambda: nn.Conv2d(1, 1, 0), ValueError, "Conv2d: kernel_size must be at least 1, got 0"),
        (lambda: nn.Conv2d(1, 1, 3, padding=-1), ValueError, "padding must be at least 0, got -1"),
        (lambda: nn.Conv2d(1, 1, 3, stride=1.5), TypeError, "stride must be an int or a pair"),
        (lambda: nn.Conv2d(1, 1, 3, padding="full"), ValueError, "'same', 'valid' or ints, got"),
        (
            lambda: nn.Conv2d(1, 1, 3, 2, "same"),
            ValueError,
            r"padding='same' needs stride 1, got stride \(2, 2\)",
        ),
        (
            lambda: nn.Linear(3, 2)(autograd.ones(4, 5)),
            ValueError,
            r"linear: weight expects 3 input features, got input of shape \(4, 5\)",
        ),
        (
            lambda: nn.Linear(3, 2)(autograd.ones(4, 3, dtype=np.float64)),
            TypeError,
            "linear: input is float64 but weight is float32; convert one",
        ),
        (lambda: nn.Linear(-1, 2), ValueError, "Linear: in_features must be at least 0, got -1"),
        (lambda: nn.Linear("2", 2), TypeError, "Linear: in_features must be an int, got '2'"),
        (lambda: nn.Conv2d(1.5, 2, 3), TypeError, "Conv2d: in_channels must be an int, got 1.5"),
        (
            lambda: nn.functional.linear(autograd.ones(3), autograd.ones(3)),
            ValueError,
            r"linear: weight must have shape \(out_features, in_features\), got \(3,\)",
        ),
        (
            lambda: nn.functional.linear(autograd.ones(3), autograd.ones(2, 3), autograd.ones(3)),
            ValueError,
            r"linear: bias must have shape \(2,\), got \(3,\)",
        ),
        (
            lambda: nn.functional.conv2d(
                autograd.ones(1, 4, 4), autograd.ones(1, 1, 3, 3), padding="full"
            ),
            ValueError,
            "conv2d: padding must be 'same', 'valid' or ints, got 'full'",
        ),
        (
            lambda: nn.functional.conv2d(
                autograd.ones(1, 4, 4), autograd.ones(1, 1, 3, 3), stride=2, padding="same"
            ),
            ValueError,
            "padding='same' needs stride 1",
        ),
        (
            lambda: nn.functional.batch_norm(autograd.ones(2, 3), autograd.ones(3), None),
            ValueError,
            "give both running_mean and running_var, or neither",
        ),
        (
            lambda: nn.MaxPool2d(3, padding=2)(autograd.ones(1, 1, 4, 4)),
            ValueError,
            "max_pool2d: padding must be at most half the kernel",
        ),
        (
            lambda: nn.MaxPool2d(5)(autograd.ones(1, 1, 4, 4)),
            ValueError,
            r"max_pool2d: kernel_size \(5, 5\) does not fit in the input of shape \(1, 1, 4, 4\)",
        ),
        (lambda: nn.MaxPool2d(2)(autograd.ones(4, 4)), ValueError, r"max_pool2d: .* got \(4, 4\)"),
        (
            lambda: nn.BatchNorm2d(3)(autograd.ones(2, 4, 5, 5)),
            ValueError,
            r"BatchNorm2d: expects 3 channels, got input of shape \(2, 4, 5, 5\)",
        ),
        (
            lambda: nn.BatchNorm2d(3)(autograd.ones(2, 3)),
            ValueError,
            r"BatchNorm2d: input must have shape \(N, C, H, W\), got \(2, 3\)",
        ),
        (lambda: nn.BatchNorm1d(3)(autograd.ones(1, 3)), ValueError, "more than one value"),
        (lambda: nn.BatchNorm1d(-3), ValueError, "num_features must be at least 0"),
        (lambda: nn.Dropout(1.5), ValueError, r"Dropout: p must be .* in \[0, 1\], got 1.5"),
        (
            lambda: nn.functional.dropout(autograd.ones(2), -0.1),
            ValueError,
            r"dropout: p must be a probability in \[0, 1\], got -0.1",
        ),
        (lambda: nn.Softmax(2)(autograd.ones(2, 3)), IndexError, "dim 2 is out of range"),
        (
            lambda: nn.functional.batch_norm(autograd.ones(2, 3), None, None),
            ValueError,
            "without training it needs running_mean and running_var",
        ),
    ],
)
def test_wrong_input_is_refused_in_a_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_layers_start_in_the_default_dtype():
    layers = {
        "Linear": (2, 3),
        "Conv2d": (1, 2, 3),
        "BatchNorm1d": (3,),
        "LayerNorm": (3,),
        "Embedding": (3, 2),
        "PReLU": (),
        "Maxout": (2, 3),
        "LSTM": (2, 3),
        "MultiheadAttention": (4, 2),
    }
    before = autograd.get_default_dtype()
    autograd.set_default_dtype(autograd.float64)
    try:
        for name, args in layers.items():
            layer = getattr(nn, name)(*args)
            assert {str(p.dtype) for p in layer.parameters()} == {"float64"}, name
    finally:
        autograd.set_default_dtype(before)
    assert nn.Linear(2, 3).weight.dtype == np.float32
