"""conv2d and its adjoints: worked numbers, PyTorch, finite differences, layouts, errors."""

import numpy as np
import pytest

import autograd
import nn
from autograd.rules import contributions
from nn.ops import convolution, winograd
from nn.ops.convolution import conv2d, conv2d_input, conv2d_weight

X = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
K = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])

# (batch, channels, height, width), (outputs, kernel_h, kernel_w), stride, padding
CASES = [
    ((2, 3, 6, 5), (4, 3, 3), (1, 1), (1, 1)),
    ((2, 1, 7, 8), (3, 2, 3), (1, 1), (0, 2)),
    ((3, 2, 9, 7), (2, 3, 3), (2, 2), (1, 1)),
    ((2, 3, 8, 8), (4, 1, 1), (1, 1), (0, 0)),
    ((2, 3, 8, 8), (4, 1, 1), (2, 2), (0, 0)),
    ((1, 2, 11, 10), (3, 5, 4), (2, 3), (2, 0)),
    ((2, 2, 5, 5), (3, 2, 2), (3, 3), (1, 1)),
    ((1, 1, 1, 1), (1, 1, 1), (1, 1), (0, 0)),
    ((2, 4, 3, 3), (2, 3, 3), (1, 1), (0, 0)),
    ((1, 2, 3, 3), (1, 3, 3), (1, 1), (3, 3)),
    ((20, 2, 4, 4), (3, 3, 3), (1, 1), (1, 1)),
    ((0, 3, 6, 5), (4, 3, 3), (1, 1), (1, 1)),
]


def arrays(rng, image, kernel, dtype):
    x = rng.standard_normal(image).astype(dtype)
    weight = rng.standard_normal((kernel[0], image[1], *kernel[1:])).astype(dtype)
    return x, weight, rng.standard_normal(kernel[0]).astype(dtype)


def test_LY_01_convolution_is_cross_correlation():
    assert conv2d(X, K).tolist() == [[[[37, 47], [67, 77]]]]
    assert conv2d(X, K[:, :, ::-1, ::-1]).tolist() == [[[[23, 33], [53, 63]]]]


@pytest.mark.parametrize(
    ("upstream", "dx", "dw", "db"),
    [
        ([[1, 1], [1, 1]], [[1, 3, 2], [4, 10, 6], [3, 7, 4]], [[12, 16], [24, 28]], 4),
        ([[1, -1], [2, 0]], [[1, 1, -2], [5, 5, -4], [6, 8, 0]], [[7, 9], [13, 15]], 2),
    ],
)
def test_LY_02_gradients_of_convolution(leaf, upstream, dx, dw, db):
    x, weight, bias = leaf(X), leaf(K), leaf(np.zeros(1))
    y = conv2d(x, weight, bias)
    y.backward(autograd.tensor([[upstream]], dtype=np.float64))
    assert x.grad.tolist() == [[dx]]
    assert weight.grad.tolist() == [[dw]]
    assert bias.grad.tolist() == [db]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize(("image", "kernel", "stride", "padding"), CASES)
def test_as_pytorch(
    torch, agrees_with_torch, rng, image, kernel, stride, padding, dtype, with_bias
):
    x, weight, bias = arrays(rng, image, kernel, dtype)
    agrees_with_torch(
        lambda *t: conv2d(*t, stride=stride, padding=padding),
        lambda *t: torch.nn.functional.conv2d(*t, stride=stride, padding=padding),
        x,
        weight,
        bias if with_bias else None,
    )


@pytest.mark.parametrize(("image", "kernel", "stride", "padding"), CASES[:7])
def test_first_and_second_order_by_finite_differences(rng, leaf, image, kernel, stride, padding):
    operands = [leaf(a) for a in arrays(rng, image, kernel, np.float64)]

    def function(x, weight, bias):
        return conv2d(x, weight, bias, stride=stride, padding=padding)

    assert autograd.gradcheck(function, operands)
    assert autograd.gradgradcheck(function, operands)


def test_adjoints_by_finite_differences(rng, leaf):
    x, weight, _ = (leaf(a) for a in arrays(rng, (2, 2, 5, 6), (3, 3, 2), np.float64))
    window = {"stride": (2, 1), "padding": (1, 0)}
    y = leaf(rng.standard_normal((2, 3, 3, 5)))
    for function, operands in (
        (lambda y, w: conv2d_input(y, w, size=(5, 6), **window), (y, weight)),
        (lambda y, x: conv2d_weight(y, x, kernel=(3, 2), **window), (y, x)),
    ):
        assert autograd.gradcheck(function, operands)
        assert autograd.gradgradcheck(function, operands)


@pytest.mark.parametrize(("image", "kernel", "stride", "padding"), CASES)
def test_adjoints_have_equal_inner_products(rng, image, kernel, stride, padding):
    x, weight, _ = arrays(rng, image, kernel, np.float64)
    y = conv2d(x, weight, stride=stride, padding=padding)
    u = rng.standard_normal(y.shape)
    dx = conv2d_input(u, weight, size=x.shape[2:], stride=stride, padding=padding)
    dw = conv2d_weight(u, x, kernel=weight.shape[2:], stride=stride, padding=padding)
    np.testing.assert_allclose([(dx * x).sum(), (dw * weight).sum()], (u * y).sum(), atol=1e-9)


def test_memory_layout_of_operands_does_not_matter(rng):
    x, weight, bias = arrays(rng, (3, 4, 8, 7), (5, 3, 3), np.float32)
    window = {"stride": (2, 1), "padding": (1, 1)}
    expected = conv2d(x, weight, bias, **window)
    u = rng.standard_normal(expected.shape).astype(np.float32)
    dx = conv2d_input(u, weight, size=(8, 7), **window)
    dw = conv2d_weight(u, x, kernel=(3, 3), **window)

    def channels_last(a):
        return np.ascontiguousarray(a.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)

    def backwards(a):
        return np.ascontiguousarray(a[::-1, :, ::-1, ::-1])[::-1, :, ::-1, ::-1]

    def every_other(a):
        wide = np.zeros((*a.shape[:3], 2 * a.shape[3]), a.dtype)
        wide[..., ::2] = a
        return wide[..., ::2]

    for laid in (channels_last, backwards, every_other):
        assert np.array_equal(conv2d(laid(x), laid(weight), bias, **window), expected)
        assert np.array_equal(conv2d_input(laid(u), laid(weight), size=(8, 7), **window), dx)
        assert np.array_equal(conv2d_weight(laid(u), laid(x), kernel=(3, 3), **window), dw)


@pytest.mark.parametrize(
    ("image", "kernel", "stride"),
    [
        ((8, 16, 32, 32), (16, 3, 3), (2, 2)),
        ((9, 32, 15, 15), (32, 3, 3), (1, 1)),
        ((64, 1, 28, 28), (8, 3, 3), (1, 1)),
    ],
)
def test_same_bits_for_any_number_of_threads(threads, rng, image, kernel, stride):
    x, weight, bias = arrays(rng, image, kernel, np.float32)
    results = []
    for number in (1, 2, 3):
        threads(number)
        y = conv2d(x, weight, bias, stride=stride, padding=(1, 1))
        dx = conv2d_input(y, weight, size=image[2:], stride=stride, padding=(1, 1))
        dw = conv2d_weight(y, x, kernel=(3, 3), stride=stride, padding=(1, 1))
        results.append((y.tobytes(), dx.tobytes(), dw.tobytes()))
    assert results[0] == results[1] == results[2]


def test_an_image_that_needs_no_gradient_costs_no_kernel(monkeypatch, rng, leaf):
    calls = []
    for name in ("correlate_input", "correlate_weight"):
        kernel = getattr(convolution, name)
        monkeypatch.setattr(
            convolution, name, lambda *a, name=name, kernel=kernel: calls.append(name) or kernel(*a)
        )
    x, weight, bias = arrays(rng, (2, 1, 6, 6), (3, 3, 3), np.float32)
    conv2d(autograd.tensor(x), leaf(weight), leaf(bias)).sum().backward()
    assert calls == ["correlate_weight"]
    conv2d(leaf(x), autograd.tensor(weight), leaf(bias)).sum().backward()
    assert calls == ["correlate_weight", "correlate_input"]


def test_the_graph_names_operands_and_attributes(rng, leaf):
    x, weight, bias = (leaf(a) for a in arrays(rng, (2, 3, 6, 6), (4, 3, 3), np.float32))
    op = conv2d(x, weight, bias, stride=(2, 2), padding=(1, 1)).node
    assert op.name == "conv2d"
    assert op.operand_names == ("x", "weight", "bias")
    assert op.operands == (x.node, weight.node, bias.node)
    window = {"stride": (2, 2), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
    assert op.attributes == window


@pytest.mark.parametrize(
    ("shapes", "options", "error", "words"),
    [
        (((1, 3, 6, 6), (4, 2, 3, 3)), {}, ValueError, "expects 2 input channels.*1, 3, 6, 6"),
        (((3, 6, 6), (4, 3, 3, 3)), {}, ValueError, r"expects x \(N, C, H, W\).*\(3, 6, 6\)"),
        (((1, 3, 2, 6), (4, 3, 3, 3)), {}, ValueError, r"kernel \(3, 3\) does not fit.*\(2, 6\)"),
        (((1, 3, 6, 6), (4, 3, 3, 3), (3,)), {}, ValueError, r"bias of shape \(4,\), got \(3,\)"),
        (((1, 3, 6, 6), (4, 3, 3, 3)), {"stride": (0, 1)}, ValueError, "stride >= 1"),
        (((1, 3, 6, 6), (4, 3, 3, 3)), {"padding": (-1, 1)}, ValueError, "padding >= 0"),
    ],
)
def test_what_does_not_fit_is_refused(shapes, options, error, words):
    with pytest.raises(error, match=words):
        conv2d(*(np.zeros(shape) for shape in shapes), **options)


def test_mixed_and_integer_dtypes_are_refused():
    with pytest.raises(TypeError, match="one floating dtype, got float32, float64"):
        conv2d(X.astype(np.float32), K)
    with pytest.raises(TypeError, match="one floating dtype, got int64"):
        conv2d(X.astype(np.int64), K.astype(np.int64))


def test_adjoints_refuse_outputs_of_another_size():
    with pytest.raises(
        ValueError, match=r"outputs of shape \(1, 1, 2, 2\), got shape \(1, 1, 3, 2"
    ):
        conv2d_input(np.zeros((1, 1, 3, 2)), K, size=(3, 3))
    with pytest.raises(
        ValueError, match=r"outputs of shape \(1, 1, 2, 2\), got shape \(1, 1, 3, 2"
    ):
        conv2d_weight(np.zeros((1, 1, 3, 2)), X, kernel=(2, 2))


# ---------------------------------------------------------------- Winograd

WINOGRAD = [
    ((2, 32, 8, 8), 32, (1, 1)),
    ((3, 33, 13, 10), 32, (1, 1)),
    ((2, 32, 17, 31), 40, (0, 0)),
    ((1, 64, 40, 9), 32, (2, 1)),
    ((20, 32, 7, 7), 48, (1, 1)),
    ((0, 32, 8, 8), 32, (1, 1)),
]


@pytest.fixture
def winograd_calls(monkeypatch):
    """Count what takes Winograd's way, which few tiles may take too."""
    monkeypatch.setattr(winograd, "TOGETHER", 1)
    monkeypatch.setattr(winograd, "LEAST_TILES", 1)
    calls = []
    for name in ("correlate", "correlate_weight"):
        kernel = getattr(winograd, name)
        monkeypatch.setattr(
            winograd, name, lambda *a, name=name, kernel=kernel: calls.append(name) or kernel(*a)
        )
    return calls


@pytest.mark.parametrize(("image", "outputs", "padding"), WINOGRAD)
def test_winograd_is_as_pytorch_within_its_error(
    torch, agrees_with_torch, winograd_calls, rng, image, outputs, padding
):
    x, weight, bias = arrays(rng, image, (outputs, 3, 3), np.float32)
    agrees_with_torch(
        lambda *t: conv2d(*t, padding=padding),
        lambda *t: torch.nn.functional.conv2d(*t, padding=padding),
        x,
        weight,
        bias,
        tolerance=2e-5,
    )
    assert winograd_calls == (["correlate", "correlate", "correlate_weight"] if len(x) else [])


@pytest.mark.parametrize(("image", "outputs", "padding"), WINOGRAD[:5])
def test_winograd_error_in_float64_terms(winograd_calls, rng, image, outputs, padding):
    x, weight, bias = arrays(rng, image, (outputs, 3, 3), np.float32)
    exact = conv2d(*(a.astype(np.float64) for a in (x, weight, bias)), padding=padding)
    assert winograd_calls == []
    error = np.linalg.norm(conv2d(x, weight, bias, padding=padding) - exact)
    assert error < 4e-6 * np.linalg.norm(exact)
    assert winograd_calls == ["correlate"]


def test_winograd_can_be_switched_off(winograd_calls, rng):
    x, weight, bias = arrays(rng, (2, 32, 12, 12), (32, 3, 3), np.float32)
    exact = conv2d(*(a.astype(np.float64) for a in (x, weight, bias)))
    with nn.set_winograd(False):
        direct = conv2d(x, weight, bias)
        with nn.set_winograd(True):
            conv2d(x, weight, bias)
        conv2d(x, weight, bias)
    assert winograd_calls == ["correlate"]
    assert np.linalg.norm(direct - exact) < 5e-7 * np.linalg.norm(exact)
    nn.set_winograd(False)
    try:
        conv2d(x, weight, bias)
    finally:
        assert repr(nn.set_winograd(True)) == "set_winograd(True)"
    assert winograd_calls == ["correlate"]
    conv2d(x, weight, bias)
    assert winograd_calls == ["correlate"] * 2
    with pytest.raises(TypeError, match="set_winograd: expected a bool, got int"):
        nn.set_winograd(0)


def test_winograd_of_each_group(torch, agrees_with_torch, winograd_calls, rng):
    x, weight, bias = arrays(rng, (2, 64, 8, 9), (96, 3, 3), np.float32)
    weight = weight[:, :32]
    agrees_with_torch(
        lambda *t: conv2d(*t, padding=(1, 1), groups=2),
        lambda *t: torch.nn.functional.conv2d(*t, padding=1, groups=2),
        x,
        weight,
        bias,
        tolerance=2e-5,
    )
    assert winograd_calls == ["correlate"] * 4 + ["correlate_weight"] * 2


def test_few_tiles_are_not_worth_it(winograd_calls, monkeypatch, rng):
    x, weight, bias = arrays(rng, (5, 32, 16, 16), (32, 3, 3), np.float32)
    conv2d(x, weight, bias, padding=(1, 1))
    for limit, value in (
        ("TOGETHER", 33),  # of the 16 tiles of two images there are 32
        ("LEAST_TILES", 81),  # five images have 80
    ):
        with monkeypatch.context() as changed:
            changed.setattr(winograd, limit, value)
            conv2d(x, weight, bias, padding=(1, 1))
    assert winograd_calls == ["correlate"]


def test_winograd_is_never_used_where_it_must_not_be(winograd_calls, rng):
    for image, kernel, options, dtype in (
        ((2, 32, 12, 12), (32, 3, 3), {}, np.float64),
        ((2, 32, 12, 12), (32, 3, 3), {"stride": (2, 2)}, np.float32),
        ((2, 32, 12, 12), (32, 5, 5), {}, np.float32),
        ((2, 8, 12, 12), (64, 3, 3), {}, np.float32),
        ((2, 32, 12, 12), (32, 3, 3), {"padding": (3, 3)}, np.float32),
        ((2, 32, 12, 12), (32, 3, 3), {"padding": (2, 2), "dilation": (2, 2)}, np.float32),
    ):
        x, weight, bias = arrays(rng, image, kernel, dtype)
        y = conv2d(x, weight, bias, **options)
        exact = conv2d(*(a.astype(np.float64) for a in (x, weight, bias)), **options)
        np.testing.assert_allclose(y, exact, atol=2e-5 * np.abs(exact).max())
        conv2d_input(y, weight, size=image[2:], **options)
        conv2d_weight(y, x, kernel=kernel[1:], **options)
    assert winograd_calls == []


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])
def test_an_infinite_pixel_reaches_only_the_offsets_that_met_it(torch, rng, stride, padding):
    x, weight, _ = arrays(rng, (2, 3, 6, 7), (4, 3, 3), np.float64)
    x[0, 1, 0, 0] = np.inf  # met by few offsets, and by windows that wrap around the row ends
    options = {"stride": (stride,) * 2, "padding": (padding,) * 2}
    dy = rng.standard_normal(conv2d(x, weight, **options).shape)
    dw = conv2d_weight(dy, x, kernel=(3, 3), **options)
    expected = torch.nn.grad.conv2d_weight(
        torch.tensor(x), weight.shape, torch.tensor(dy), **options
    ).numpy()
    assert np.isinf(dw).sum() == np.isinf(expected).sum() == 4
    np.testing.assert_allclose(dw, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("size", "stride"), [(1, 1), (3, 2)])
def test_the_gradient_of_an_image_is_an_array_of_its_own(rng, size, stride):
    """A leaf takes such an array as it is, and copies a view."""
    x = autograd.tensor(rng.standard_normal((2, 8, 8, 8), np.float32), requires_grad=True)
    weight = rng.standard_normal((8, 8, size, size), np.float32)
    z = nn.functional.conv2d(x, autograd.tensor(weight), stride=stride)
    upstream = np.ones(z.shape, np.float32)
    dx, *_ = contributions(z.node, upstream, (True, *[False] * (len(z.node.operands) - 1)))
    assert dx.base is None


@pytest.mark.parametrize("stride", [(1, 1), (2, 2)])
@pytest.mark.parametrize(("channels", "width"), [(3, 6), (16, 6), (16, 40)])
def test_what_memory_held_before_does_not_matter(monkeypatch, rng, stride, channels, width):
    x, weight, bias = arrays(rng, (4, channels, 7, width), (18, 3, 3), np.float64)
    options = {"stride": stride, "padding": (1, 1)}

    def results():
        y = conv2d(x, weight, bias, **options)
        dx = conv2d_input(y, weight, size=x.shape[2:], **options)
        return y, dx, conv2d_weight(y, x, kernel=(3, 3), **options)

    expected, empty = results(), np.empty

    def filled(*arguments, **keywords):
        array = empty(*arguments, **keywords)
        if array.dtype.kind == "f":
            array[...] = np.inf
        return array

    monkeypatch.setattr(np, "empty", filled)
    for given, wanted in zip(results(), expected, strict=True):
        np.testing.assert_array_equal(given, wanted)
