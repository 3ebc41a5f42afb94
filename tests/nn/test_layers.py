"""Layers against PyTorch: the same weights, outputs, gradients and buffers."""

import numpy as np
import pytest

import autograd
import nn

DTYPES = ["float64", "float32"]


def run(library, layer, array, upstream):
    """Output, gradient of the input and of the parameters, buffers."""
    x = library.tensor(array)
    x.requires_grad_()
    out = layer(x)
    if upstream is None:
        upstream = np.random.default_rng(1).standard_normal(out.shape).astype(array.dtype)
    out.backward(library.tensor(upstream))
    results = {"output": out.detach().numpy(), "input": x.grad.numpy()}
    results |= {name: p.grad.numpy() for name, p in layer.named_parameters()}
    results |= {name: np.array(b.numpy()) for name, b in layer.named_buffers()}
    return results, upstream


def compare(torch, make, shape, dtype, calls=1, modes=(True,)):
    """Both libraries' layers on the same arrays, with the same weights."""
    theirs, ours = make(torch.nn), make(nn)
    if dtype == "float64":
        theirs, ours = theirs.double(), ours.double()
    rng = np.random.default_rng(0)
    with torch.no_grad():
        for parameter in theirs.parameters():  # not the initial ones and zeros of batch norm
            parameter.copy_(torch.tensor(rng.standard_normal(parameter.shape)))
    ours.load_state_dict(theirs.state_dict())
    tolerance = 1e-10 if dtype == "float64" else 1e-4
    for mode in modes:
        ours.train(mode)
        theirs.train(mode)
        for _ in range(calls):
            array = rng.standard_normal(shape).astype(dtype)
            theirs.zero_grad()
            ours.zero_grad()
            expected, upstream = run(torch, theirs, array, None)
            got, _ = run(autograd, ours, array, upstream)
            assert got.keys() == expected.keys()
            for name, value in expected.items():
                assert got[name].dtype == value.dtype, name
                np.testing.assert_allclose(
                    got[name], value, rtol=tolerance, atol=tolerance, err_msg=name
                )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ((3, 4), (5, 3)),
        ((3, 4, False), (5, 3)),
        ((3, 4), (3,)),
        ((3, 4), (2, 5, 3)),
        ((3, 4), (0, 3)),
    ],
)
def test_linear(torch, options, shape, dtype):
    compare(torch, lambda library: library.Linear(*options), shape, dtype)


@pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"kernel_size": 3}, (2, 3, 7, 6)),
        ({"kernel_size": 3, "padding": 1, "bias": False}, (1, 3, 5, 5)),
        ({"kernel_size": (2, 3), "stride": (2, 1), "padding": (0, 2)}, (2, 3, 7, 6)),
        ({"kernel_size": 5, "stride": 3, "padding": 2}, (2, 3, 11, 9)),
        ({"kernel_size": 1}, (2, 3, 4, 4)),
        ({"kernel_size": 3, "padding": "same"}, (2, 3, 5, 6)),
        ({"kernel_size": (2, 4), "padding": "same"}, (2, 3, 5, 6)),
        ({"kernel_size": 3, "padding": "valid"}, (2, 3, 5, 6)),
        ({"kernel_size": 3}, (3, 5, 5)),
    ],
    ids=str,
)
def test_conv2d(torch, options, shape, dtype):
    compare(torch, lambda library: library.Conv2d(3, 4, **options), shape, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"kernel_size": 2}, (2, 3, 6, 6)),
        ({"kernel_size": 2}, (2, 3, 7, 5)),
        ({"kernel_size": 2}, (3, 6, 4)),
        ({"kernel_size": 3, "stride": 2, "padding": 1}, (2, 3, 7, 6)),
        ({"kernel_size": (3, 2), "stride": (1, 2)}, (2, 3, 7, 6)),
        ({"kernel_size": 3, "stride": 2, "ceil_mode": True}, (2, 3, 8, 7)),
        ({"kernel_size": 2, "ceil_mode": True}, (2, 3, 7, 5)),
    ],
    ids=str,
)
@pytest.mark.parametrize("pool", ["MaxPool2d", "AvgPool2d"])
def test_pooling(torch, pool, options, shape, dtype):
    compare(torch, lambda library: getattr(library, pool)(**options), shape, dtype)


@pytest.mark.parametrize(
    "options",
    [
        {"padding": 1, "count_include_pad": False},
        {"padding": 1, "divisor_override": 5},
        {"padding": 1, "ceil_mode": True, "stride": 2},
    ],
    ids=str,
)
def test_average_pooling_divides_as_asked(torch, options):
    compare(torch, lambda library: library.AvgPool2d(3, **options), (2, 2, 8, 7), "float64")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("kind", "shape", "options"),
    [
        ("BatchNorm2d", (4, 3, 5, 4), {}),
        ("BatchNorm2d", (4, 3, 5, 4), {"momentum": None, "eps": 1e-2}),
        ("BatchNorm2d", (4, 3, 5, 4), {"momentum": 0.4, "affine": False}),
        ("BatchNorm2d", (4, 3, 5, 4), {"track_running_stats": False}),
        ("BatchNorm2d", (4, 3, 5, 4), {"bias": False}),
        ("BatchNorm2d", (1, 3, 2, 1), {}),
        ("BatchNorm1d", (6, 3), {}),
        ("BatchNorm1d", (6, 3, 4), {}),
    ],
    ids=str,
)
def test_batch_norm(torch, kind, shape, options, dtype):
    """Three batches in training, then two with the running statistics."""
    compare(
        torch,
        lambda library: getattr(library, kind)(3, **options),
        shape,
        dtype,
        calls=3,
        modes=(True, False),
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda library: library.ReLU(),
        lambda library: library.LeakyReLU(0.1),
        lambda library: library.Sigmoid(),
        lambda library: library.Tanh(),
        lambda library: library.Softmax(dim=1),
        lambda library: library.Softmax(dim=-1),
        lambda library: library.LogSoftmax(dim=0),
        lambda library: library.Flatten(),
        lambda library: library.Flatten(0, 1),
        lambda library: library.Identity(),
        lambda library: library.Dropout(0.0),
        lambda library: library.Dropout(1.0),
    ],
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_layers_without_parameters(torch, make, dtype):
    compare(torch, make, (4, 3, 2), dtype)


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
        (lambda: nn.Conv2d(2, 2, 3, groups=2), NotImplementedError, "only groups=1"),
        (lambda: nn.Conv2d(1, 1, 3, dilation=2), NotImplementedError, "only dilation=1"),
        (
            lambda: nn.Conv2d(1, 1, 3, padding_mode="reflect"),
            NotImplementedError,
            "only padding_mode='zeros' is supported, got 'reflect'",
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
            lambda: nn.functional.conv2d(
                autograd.ones(2, 4, 4), autograd.ones(2, 1, 3, 3), groups=2
            ),
            NotImplementedError,
            "only groups=1",
        ),
        (
            lambda: nn.functional.conv2d(
                autograd.ones(1, 9, 9), autograd.ones(1, 1, 3, 3), dilation=2
            ),
            NotImplementedError,
            "only dilation=1",
        ),
        (
            lambda: nn.functional.batch_norm(autograd.ones(2, 3), autograd.ones(3), None),
            ValueError,
            "give both running_mean and running_var, or neither",
        ),
        (
            lambda: nn.functional.leaky_relu(autograd.ones(2), inplace=True),
            NotImplementedError,
            "leaky_relu: inplace=True",
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
            lambda: nn.MaxPool2d(2, dilation=2)(autograd.ones(1, 4, 4)),
            NotImplementedError,
            "only dilation=1",
        ),
        (
            lambda: nn.MaxPool2d(2, return_indices=True)(autograd.ones(1, 4, 4)),
            NotImplementedError,
            "return_indices",
        ),
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
        (
            lambda: nn.Softmax()(autograd.ones(2, 3)),
            TypeError,
            r"softmax: give the axis .* got input of shape \(2, 3\)",
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
