"""Interpolation beside PyTorch's over modes and sizes, and what is refused."""

import numpy as np
import pytest

import autograd
import nn
from nn import functional as F

MODES = {
    1: ["nearest", "nearest-exact", "linear", "area"],
    2: ["nearest", "nearest-exact", "bilinear", "bicubic", "area"],
    3: ["nearest", "nearest-exact", "trilinear", "area"],
}
CALLS = [(rank, mode) for rank, modes in MODES.items() for mode in modes]


def image(*shape):
    return autograd.tensor(np.random.default_rng(3).standard_normal(shape))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("rank", "mode"), CALLS)
def test_interpolation_as_pytorch(torch, rank, mode, dtype):
    rng = np.random.default_rng(rank)
    smooth = mode in ("linear", "bilinear", "bicubic", "trilinear")
    for _ in range(12):
        x = rng.standard_normal((2, 2, *rng.integers(2, 9, rank))).astype(dtype)
        options = {"mode": mode}
        if rng.random() < 0.5:
            options["size"] = tuple(int(n) for n in rng.integers(2, 14, rank))
        else:  # PyTorch's gradient in 3-D is that of other factors unless they are equal
            known = [0.6, 1.3, 2.0, 2.6] if smooth else [0.6, 1.6, 2.0, 3.0]
            factors = rng.choice(known, 1 if rank == 3 else rank)
            options["scale_factor"] = tuple(float(f) for f in np.resize(factors, rank))
            options["recompute_scale_factor"] = [None, True, False][rng.integers(3)]
        if smooth:
            options["align_corners"] = [None, True, False][rng.integers(3)]
        if mode in ("bilinear", "bicubic"):
            options["antialias"] = bool(rng.integers(2)) and "size" in options
        ours, theirs = autograd.tensor(x, requires_grad=True), torch.tensor(x).requires_grad_()
        z, expected = (
            F.interpolate(ours, **options),
            torch.nn.functional.interpolate(theirs, **options),
        )
        tolerance = 1e-11 if dtype == "float64" else 2e-5
        np.testing.assert_allclose(
            z.detach().numpy(), expected.detach().numpy(), atol=tolerance, err_msg=str(options)
        )
        upstream = rng.standard_normal(z.shape).astype(dtype)
        z.backward(autograd.tensor(upstream))
        expected.backward(torch.tensor(upstream))
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=10 * tolerance)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_the_nearest_pixel_as_pytorch(torch, mode):
    for size in (2, 3, 7, 10, 24):
        for output in range(1, 60):
            row = np.arange(size, dtype=np.float64)[None, None]
            expected = torch.nn.functional.interpolate(torch.tensor(row), output, mode=mode)
            found = F.interpolate(autograd.tensor(row), output, mode=mode)
            np.testing.assert_array_equal(found.numpy(), expected.numpy())


def test_a_factor_that_changes_no_size_changes_nothing():
    """PyTorch's images stay; its lines change, but are differentiated as if they stayed."""
    x = image(1, 2, 3)
    assert np.array_equal(F.interpolate(x, scale_factor=1.3).numpy(), x.numpy())
    assert np.array_equal(F.interpolate(x, scale_factor=1.3, mode="linear").numpy(), x.numpy())


def test_antialiasing_averages_what_it_leaves_out():
    stripes = np.tile([0.0, 1.0], 8)[None, None, None].repeat(4, 2)
    plain = F.interpolate(autograd.tensor(stripes), (4, 4), mode="bilinear")
    smooth = F.interpolate(autograd.tensor(stripes), (4, 4), mode="bilinear", antialias=True)
    assert plain.numpy().std() == 0 and abs(smooth.numpy()[..., 1:-1] - 0.5).max() < 1e-12
    row = F.interpolate(autograd.tensor(stripes), (4, 1), mode="bilinear", antialias=True)
    assert abs(row.numpy() - 0.5).max() < 1e-12


def test_shuffles_undo_each_other():
    x = image(2, 8, 3, 4)
    np.testing.assert_array_equal(F.pixel_unshuffle(F.pixel_shuffle(x, 2), 2).numpy(), x.numpy())
    np.testing.assert_array_equal(F.channel_shuffle(F.channel_shuffle(x, 2), 4).numpy(), x.numpy())
    empty = autograd.zeros(0, 8, 3, 4, requires_grad=True)
    F.pixel_shuffle(empty, 2).sum().backward()
    assert F.pixel_shuffle(empty, 2).shape == (0, 2, 6, 8) and empty.grad.shape == (0, 8, 3, 4)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.interpolate(image(1, 1, 4)), ValueError, "give either size or scale_factor"),
        (lambda: F.interpolate(image(1, 1, 4), 2, 2), ValueError, "give either size or scale_f"),
        (lambda: F.interpolate(image(1, 1, 4), 2, mode="best"), ValueError, "mode must be one of"),
        (
            lambda: F.interpolate(image(1, 1, 4), 2, mode="bilinear"),
            ValueError,
            r"mode 'bilinear' expects a non-empty input \(N, C, H, W\), got \(1, 1, 4\)",
        ),
        (lambda: F.interpolate(image(4, 4), 2), ValueError, r"got \(4, 4\)"),
        (lambda: F.interpolate(image(1, 0, 4), 2), ValueError, r"non-empty .*got \(1, 0, 4\)"),
        (
            lambda: F.interpolate(image(1, 1, 4), 2, align_corners=True),
            ValueError,
            "align_corners has no meaning for mode 'nearest'",
        ),
        (
            lambda: F.interpolate(image(1, 1, 4), 2, mode="linear", antialias=True),
            ValueError,
            "antialias is for bilinear and bicubic, got mode 'linear'",
        ),
        (
            lambda: F.interpolate(image(1, 1, 4), 2, recompute_scale_factor=True),
            ValueError,
            "recompute_scale_factor needs a scale_factor",
        ),
        (lambda: F.interpolate(image(1, 1, 4), (2, 2)), TypeError, "size must be an int or one"),
        (lambda: F.interpolate(image(1, 1, 4), 0), ValueError, "size must be at least 1, got 0"),
        (
            lambda: F.interpolate(image(1, 1, 4, 4), scale_factor=(1, 2, 3)),
            TypeError,
            "scale_factor must be a number or 2 of them",
        ),
        (
            lambda: F.interpolate(image(1, 1, 4), scale_factor="2"),
            TypeError,
            "scale_factor must be a number or 1 of them, got '2'",
        ),
        (lambda: F.interpolate(image(1, 1, 4), scale_factor=-1), ValueError, "must be positive"),
        (lambda: F.interpolate(image(1, 1, 4), scale_factor=0.1), ValueError, "leaves nothing of"),
        (
            lambda: F.interpolate(autograd.ones(1, 1, 4, dtype=np.int64), 2),
            TypeError,
            "interpolate: input must be a floating-point tensor, got int64",
        ),
        (
            lambda: F.pixel_shuffle(image(1, 6, 2, 2), 2),
            ValueError,
            r"upscale_factor 2 needs channels that 4 divides, got shape \(1, 6, 2, 2\)",
        ),
        (
            lambda: F.pixel_unshuffle(image(1, 6, 2, 3), 2),
            ValueError,
            r"downscale_factor 2 must divide height and width, got shape \(1, 6, 2, 3\)",
        ),
        (lambda: F.pixel_shuffle(image(4, 2), 2), ValueError, r"shape \(..., C, H, W\), got"),
        (lambda: F.pixel_shuffle(image(4, 2, 2), 0), ValueError, "upscale_factor must be at leas"),
        (lambda: F.pixel_shuffle(image(4, 2, 2), 2.0), TypeError, "upscale_factor must be an int"),
        (
            lambda: F.channel_shuffle(image(1, 6, 2), 4),
            ValueError,
            r"channel_shuffle: groups 4 must divide the channels, got shape \(1, 6, 2\)",
        ),
        (lambda: F.channel_shuffle(image(1, 6), 2), ValueError, r"must have shape \(N, C, ...\)"),
    ],
)
def test_wrong_input_is_refused_in_a_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call()


# ---------------------------------------------------------------- padding


def test_the_function_of_padding_as_pytorch(torch):
    x = image(2, 3, 4, 5)
    for arguments in [
        ((1, 2),),
        ((1, 0, 2, 1), "constant", 2.5),
        ((2, 1, 3, 0), "reflect"),
        ((2, 1, 0, 3), "replicate"),
        ((5, 1, 0, 4), "circular"),
    ]:
        found = F.pad(x, *arguments).numpy()
        expected = torch.nn.functional.pad(torch.tensor(x.numpy()), *arguments).numpy()
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.ZeroPad2d((1, 2)), TypeError, "ZeroPad2d: padding must be an int or 4 ints"),
        (lambda: nn.ReflectionPad1d(1.0), TypeError, "ReflectionPad1d: padding must be an int or"),
        (lambda: nn.CircularPad1d((True, 1)), TypeError, "CircularPad1d: padding must be an int"),
        (
            lambda: nn.ReflectionPad2d(4)(image(1, 1, 4, 5)),
            RuntimeError,
            r"a border of \(4, 4\) by reflect does not fit an axis of length 4; the widest is 3",
        ),
        (
            lambda: nn.ReplicationPad2d(1)(image(4, 5)),
            ValueError,
            r"ReplicationPad2d: input must have shape \(N, C, H, W\) or \(C, H, W\), got \(4, 5\)",
        ),
    ],
)
def test_wrong_padding_is_refused_in_a_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_LY_34_padded_cells_receive_no_gradient():
    """The gradient of the border stops there; flattening back is a reshape."""
    x = image(1, 2, 3, 3).requires_grad_()
    flat = nn.Flatten()(nn.ZeroPad2d((1, 0, 2, 1))(x))
    upstream = np.arange(flat.numel(), dtype=float).reshape(flat.shape)
    flat.backward(autograd.tensor(upstream))
    np.testing.assert_array_equal(x.grad.numpy(), upstream.reshape(1, 2, 6, 4)[:, :, 2:5, 1:])
