"""Convolutions of every rank, with dilation and groups: PyTorch, adjoints, threads, layouts."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd
import nn
from nn.ops import convolution

F = nn.functional
FIXTURES = [HealthCheck.function_scoped_fixture]  # the same for all examples
FAMILIES = {
    rank: tuple(
        getattr(convolution, name.format(rank))
        for name in ("conv{}d", "conv{}d_input", "conv{}d_weight", "conv_transpose{}d")
    )
    for rank in (1, 2, 3)
}


# What makes a choice between kernels, or cuts work, is made small, so that small arrays reach it.
@pytest.fixture(params=[2, 100], ids=["pixels", "rows"])
def small_blocks(monkeypatch, request):
    monkeypatch.setattr("nn.ops.depthwise.COLUMNS", 4)
    monkeypatch.setattr("nn.ops.depthwise.ROWS", 2)
    monkeypatch.setattr("nn.ops.depthwise.BLOCK_FLOATS", 200)
    monkeypatch.setattr("nn.ops.window_products.BLOCK_BYTES", 1000)
    monkeypatch.setattr("nn.ops.pointwise.LEAST_DEPTH", 7)
    monkeypatch.setattr("nn.ops.pointwise.PIECE", 4)
    monkeypatch.setattr("nn.ops.pointwise.WORTH_SHARING", 0)
    monkeypatch.setattr("nn.ops.pointwise.APART", 3)
    monkeypatch.setattr("nn.ops.pointwise.APART_FLOATS", 50)
    monkeypatch.setattr("nn.ops.pointwise.STACK_FLOATS", 90)
    monkeypatch.setattr("nn.ops.pointwise.TILE", (3, 2))
    monkeypatch.setattr("nn.ops.pointwise.LEAST_TILE", 2)
    monkeypatch.setattr("nn.ops.pointwise.LEAST_TILED", 3)
    monkeypatch.setattr("nn.ops.calls.LEAST_ROWS", 2)
    monkeypatch.setattr("nn.ops.row_products.MANY", 9)
    monkeypatch.setattr("nn.ops.row_products.TILE", (3, 2))
    monkeypatch.setattr("nn.ops.row_products.LEAST_TILE", 2)
    monkeypatch.setattr("nn.ops.row_products.LEAST_TILED", 5)
    monkeypatch.setattr("nn.ops.small_products.SMALL", 60)
    monkeypatch.setattr("nn.ops.row_products.SMALL", 60)
    monkeypatch.setattr("nn.ops.phase_products.LEAST_CHANNELS", request.param // 2)
    monkeypatch.setattr("nn.ops.phase_products.LEAST_PIXELS", 1)
    monkeypatch.setattr("nn.ops.phase_products.STRIP_FLOATS", 300)
    monkeypatch.setattr("nn.ops.phase_products.COLUMNS", 5)
    monkeypatch.setattr("nn.ops.row_layout.COLUMNS", 5)
    monkeypatch.setattr("nn.ops.row_products.POSITIONS", 6)
    monkeypatch.setattr("nn.ops.row_products.FEW_LINES", 4)
    monkeypatch.setattr("nn.ops.row_layout.STRIP_FLOATS", 300)
    monkeypatch.setattr("nn.ops.row_layout.BAND_FLOATS", 90)
    monkeypatch.setattr("nn.ops.row_layout.LEAST_ROWS", 1)
    monkeypatch.setattr("nn.ops.row_layout.WORTH_BANDS", 0)
    monkeypatch.setattr("nn.ops.pixel_products.LEAST_CHANNELS", request.param)
    monkeypatch.setattr("nn.ops.pixel_products.LEAST_WINDOWS", 5)
    monkeypatch.setattr("nn.ops.pixel_products.MATRIX_BYTES", 100)
    monkeypatch.setattr("nn.ops.volumes.BLOCK_FLOATS", 300)


@st.composite
def geometries(draw, ranks=(1, 2, 2, 2, 3)):
    """Draw shapes of an image and a kernel, and the window that slides."""
    rank = draw(st.sampled_from(ranks))

    def sizes(least, most):
        return draw(st.tuples(*[st.integers(least, most)] * rank))

    groups = draw(st.sampled_from((1, 1, 2, 3)))
    depth = draw(st.sampled_from((1, 1, 2, 3)))
    kernel, dilation, padding = sizes(1, 4), sizes(1, 3), sizes(0, 2)
    room = sizes(0, 5)
    image = tuple(
        max(1, d * (k - 1) + 1 - 2 * p + r)
        for k, d, p, r in zip(kernel, dilation, padding, room, strict=True)
    )
    x = draw(st.integers(1, 9)), groups * depth, *image
    weight = groups * draw(st.integers(1, 3)), x[1] // groups, *kernel
    window = {"stride": sizes(1, 4), "padding": padding, "dilation": dilation, "groups": groups}
    return x, weight, window


def normal(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def close(found, expected):
    scale = np.max(np.abs(expected), initial=1.0)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11 * scale)


@given(geometries())
@settings(max_examples=50, deadline=None, suppress_health_check=FIXTURES)
def test_any_geometry_is_as_pytorch(torch, small_blocks, geometry):
    x_shape, weight_shape, window = geometry
    rank = len(x_shape) - 2
    x, weight = normal(x_shape), normal(weight_shape, 1)
    conv, conv_input, conv_weight, _ = FAMILIES[rank]
    arrays = [torch.tensor(a, requires_grad=True) for a in (x, weight)]
    expected = getattr(torch.nn.functional, f"conv{rank}d")(*arrays, **window)
    u = normal(tuple(expected.shape), 2)
    expected.backward(torch.tensor(u))
    close(conv(x, weight, **window), expected.detach().numpy())
    close(conv_input(u, weight, size=x_shape[2:], **window), arrays[0].grad.numpy())
    close(conv_weight(u, x, kernel=weight_shape[2:], **window), arrays[1].grad.numpy())


@given(geometries())
@settings(max_examples=40, deadline=None)
def test_adjoints_have_equal_inner_products(geometry):
    x_shape, weight_shape, window = geometry
    conv, conv_input, conv_weight, _ = FAMILIES[len(x_shape) - 2]
    x, weight = normal(x_shape), normal(weight_shape, 1)
    y = conv(x, weight, **window)
    u = normal(y.shape, 2)
    dx = conv_input(u, weight, size=x_shape[2:], **window)
    dw = conv_weight(u, x, kernel=weight_shape[2:], **window)
    expected = (u * y).sum()
    np.testing.assert_allclose([(dx * x).sum(), (dw * weight).sum()], expected, atol=1e-9)


LARGE = {  # by the kernel that computes it
    "rows": ((9, 3, 15, 14), (8, 3, 5, 5), {"stride": (2, 2)}),
    "rows in bands": ((1, 8, 130, 120), (16, 8, 5, 5), {"padding": (2, 2)}),
    "rows, side by side": ((9, 12, 15, 7), (8, 12, 3, 3), {}),
    "pixels": ((9, 96, 9, 7), (8, 96, 3, 3), {"stride": (2, 2), "padding": (1, 1)}),
    "rows, groups": ((9, 12, 15, 14), (8, 6, 3, 3), {"groups": 2, "padding": (1, 1)}),
    "windows, dilated": ((9, 4, 20, 17), (5, 4, 3, 2), {"dilation": (2, 3), "stride": (2, 1)}),
    "pointwise": ((9, 12, 15, 14), (8, 12, 1, 1), {}),
    "pointwise, in pieces": ((9, 12, 32, 32), (8, 12, 1, 1), {}),
    "pointwise, one image": ((1, 64, 90, 80), (48, 64, 1, 1), {}),
    "pointwise, groups": ((9, 12, 15, 14), (8, 6, 1, 1), {"groups": 2}),
    "one window": ((9, 12, 7, 5), (8, 12, 7, 5), {}),
    "depthwise": ((9, 12, 40, 30), (12, 1, 3, 3), {"groups": 12, "padding": (1, 1)}),
    "depthwise, side by side": ((9, 12, 10, 7), (12, 1, 3, 3), {"groups": 12}),
    "depthwise, many outputs": ((9, 4, 40, 33), (8, 1, 3, 5), {"groups": 4, "stride": (2, 2)}),
    "depthwise, wide": ((3, 2, 40, 80), (2, 1, 3, 3), {"groups": 2, "stride": (2, 1)}),
    "depthwise, wide, strided": ((2, 2, 9, 140), (4, 1, 3, 4), {"groups": 2, "stride": (1, 2)}),
    "signals": ((9, 12, 300), (8, 12, 5), {"padding": (2,)}),
    "volumes": ((5, 6, 8, 9, 10), (4, 3, 3, 3, 2), {"groups": 2, "stride": (2, 1, 1)}),
}


def all_three(x_shape, weight_shape, window, laid=lambda a: a):
    """Return the bytes of output, image's gradient and kernel's gradient in float32."""
    rank = len(x_shape) - 2
    window = {"stride": (1,) * rank, "padding": (0,) * rank, "dilation": (1,) * rank, **window}
    conv, conv_input, conv_weight, turned = FAMILIES[rank]
    x, weight = normal(x_shape).astype(np.float32), normal(weight_shape, 1).astype(np.float32)
    bias = normal(len(weight), 2).astype(np.float32)
    y = conv(laid(x), laid(weight), bias, **window)
    size = {"size": x_shape[2:], **window}
    shift = normal(x_shape[1], 3).astype(np.float32)
    return [
        array.tobytes()
        for array in (
            y,
            conv_input(laid(y), laid(weight), **size),
            turned(laid(y), laid(weight), shift, **size),
            conv_weight(laid(y), laid(x), kernel=weight_shape[2:], **window),
        )
    ]


@pytest.mark.parametrize("name", LARGE)
def test_same_bits_for_any_number_of_threads(threads, name):
    results = []
    for number in (1, 2, 3):
        threads(number)
        results.append(all_three(*LARGE[name]))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("name", LARGE)
def test_memory_layout_of_operands_does_not_matter(name):
    def channels_last(a):
        return np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 1, -1)), -1, 1)

    def backwards(a):
        turned = (slice(None, None, -1),) * a.ndim
        return np.ascontiguousarray(a[turned])[turned]

    def every_other(a):
        wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
        wide[..., ::2] = a
        return wide[..., ::2]

    expected = all_three(*LARGE[name])
    for laid in (channels_last, backwards, every_other):
        assert all_three(*LARGE[name], laid) == expected


@pytest.mark.parametrize(
    ("rank", "window", "extra"),
    [
        (1, {"stride": (3,), "padding": (1,)}, (2,)),
        (2, {"stride": (1, 2), "dilation": (3, 1), "padding": (1, 1)}, (2, 1)),
        (2, {"stride": (2, 3), "dilation": (5, 1)}, (4, 2)),
        (3, {"stride": (1, 1, 2), "dilation": (2, 1, 1)}, (1, 0, 0)),
    ],
)
def test_output_padding_of_any_size_to_second_order(leaf, rank, window, extra):
    """It may reach beyond what any window of the adjoint convolution meets."""
    transpose = getattr(F, f"conv_transpose{rank}d")
    operands = [leaf(normal((2, 2, *(3, 2, 2)[:rank]))), leaf(normal((2, 1, *(2, 2, 1)[:rank]), 1))]
    operands.append(leaf(normal(1, 2)))

    def function(x, weight, bias):
        return transpose(x, weight, bias, output_padding=extra, **window)

    assert autograd.gradcheck(function, operands)
    assert autograd.gradgradcheck(function, operands)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_adjoints_are_differentiable_in_both_operands(leaf, rank):
    window = {"stride": (2,) * rank, "dilation": (1, 2, 1)[:rank], "groups": 2}
    conv, conv_input, conv_weight, _ = FAMILIES[rank]
    x, weight = leaf(normal((1, 2, *(4, 3, 2)[:rank]))), leaf(normal((2, 1, *(2, 2, 1)[:rank]), 1))
    y = leaf(normal(conv(x, weight, **window).shape, 2))
    for function, operands in (
        (lambda y, w: conv_input(y, w, size=x.shape[2:], **window), (y, weight)),
        (lambda y, x: conv_weight(y, x, kernel=weight.shape[2:], **window), (y, x)),
    ):
        assert autograd.gradcheck(function, operands)
        assert autograd.gradgradcheck(function, operands)


@pytest.mark.parametrize("groups", [1, 3])
def test_an_infinite_pixel_reaches_its_own_windows_only(torch, leaf, groups):
    image = normal((2, 3, 6, 7))
    image[0, 1, 2, 3], image[1, 2, 5, 6] = np.inf, np.nan
    weight = normal((6, 3 // groups, 3, 2), 1)
    upstream = normal((2, 6, 6, 6), 2)
    upstream[1, 4, 0, 0] = -np.inf
    window = {"padding": (1, 0), "groups": groups}
    ours = [leaf(image), leaf(weight)]
    theirs = [torch.tensor(a, requires_grad=True) for a in (image, weight)]
    y, expected = F.conv2d(*ours, **window), torch.nn.functional.conv2d(*theirs, **window)
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), rtol=1e-10)
    with np.errstate(invalid="ignore"):
        y.backward(autograd.tensor(upstream))
    expected.backward(torch.tensor(upstream))
    np.testing.assert_allclose(ours[0].grad.numpy(), theirs[0].grad.numpy(), rtol=1e-10)


def test_names_on_the_graph(leaf):
    x, weight = leaf(normal((1, 2, 5))), leaf(normal((2, 2, 3)))
    assert F.conv1d(x, weight).node.name == "conv1d"
    op = F.conv_transpose1d(x, weight, stride=2).node
    assert op.name == "conv_transpose1d"
    assert op.attributes == {
        "size": (11,), "stride": (2,), "padding": (0,), "dilation": (1,), "groups": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shapes", "options", "words"),
    [
        (((1, 3, 6, 6), (4, 3, 3, 3)), {"dilation": (3, 1)}, r"dilated to \(7, 3\)\) does not fit"),
        (((1, 3, 6, 6), (4, 3, 3, 3)), {"dilation": (0, 1)}, "dilation >= 1"),
        (((1, 3, 6, 6), (4, 3, 3, 3)), {"groups": 3}, r"divide the 4 kernels.*got groups=3"),
        (((1, 3, 6, 6), (4, 3, 3, 3)), {"groups": 2}, "and groups=2 expects 6 input channels"),
    ],
)
def test_what_does_not_fit_is_refused(shapes, options, words):
    with pytest.raises(ValueError, match=words):
        convolution.conv2d(*(np.zeros(shape) for shape in shapes), **options)
