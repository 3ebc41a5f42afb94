"""Functions of pooling: global pooling, indices, zeros under a norm, and what is refused."""

import numpy as np
import pytest

import autograd
import nn
from nn import functional as F


def image(*shape):
    return autograd.tensor(np.random.default_rng(3).standard_normal(shape))


def test_global_pooling_is_the_mean_and_the_maximum():
    x = image(2, 3, 5, 4)
    mean = F.adaptive_avg_pool2d(x, 1)
    assert mean.shape == (2, 3, 1, 1)
    np.testing.assert_array_equal(mean.numpy(), x.numpy().mean((2, 3), keepdims=True))
    np.testing.assert_array_equal(
        F.adaptive_max_pool2d(x, 1).numpy(), x.numpy().max((2, 3), keepdims=True)
    )
    assert F.adaptive_avg_pool2d(x.requires_grad_(), (1, 1)).node.name == "mean"


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_indices_point_at_the_winners(rank):
    x = image(2, 3, *(6, 5, 4)[:rank])
    flat = x.numpy().reshape(2, 3, -1)
    calls = [
        getattr(F, f"max_pool{rank}d_with_indices")(x, 2),
        getattr(F, f"max_pool{rank}d")(x, 3, 1, 1, return_indices=True),
        getattr(F, f"adaptive_max_pool{rank}d_with_indices")(x, 2),
        getattr(F, f"adaptive_max_pool{rank}d")(x, 7, return_indices=True),
    ]
    for values, indices in calls:
        assert indices.dtype == np.int64 and indices.shape == values.shape
        found = np.take_along_axis(flat, indices.numpy().reshape(2, 3, -1), 2)
        np.testing.assert_array_equal(found.reshape(values.shape), values.numpy())
    assert not calls[0][1].requires_grad


@pytest.mark.parametrize("p", [2, 3, 1.5])
def test_the_gradient_of_a_window_of_zeros_under_a_norm_is_zero(torch, p):
    zeros = np.zeros((1, 1, 2, 4), np.float32)
    zeros[..., 2:] = 2
    ours, theirs = autograd.tensor(zeros, requires_grad=True), torch.tensor(zeros).requires_grad_()
    F.lp_pool2d(ours, p, 2).sum().backward()
    torch.nn.functional.lp_pool2d(theirs, p, 2).sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-6)
    assert (ours.grad.numpy()[..., :2] == 0).all() and (ours.grad.numpy()[..., 2:] > 0).all()


def test_the_stride_of_a_norm_is_its_kernel_by_default(torch):
    x = np.random.default_rng(0).standard_normal((1, 2, 6, 6)) ** 2
    for arguments in [(2, (2, 3)), (3, 2, 1), (1, 3, 2, True)]:
        np.testing.assert_allclose(
            F.lp_pool2d(autograd.tensor(x), *arguments).numpy(),
            torch.nn.functional.lp_pool2d(torch.tensor(x), *arguments).numpy(),
        )


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: nn.MaxPool2d(3, padding=2)(image(1, 1, 6, 6)),
            ValueError,
            r"max_pool2d: padding must be at most half the kernel, got padding \(2, 2\)",
        ),
        (
            lambda: F.max_pool2d(image(1, 5, 5), 3, padding=-1),
            ValueError,
            "max_pool2d: padding must be at least 0, got -1",
        ),
        (
            lambda: F.max_pool3d(image(1, 1, 4, 4, 4), 3, dilation=2),
            ValueError,
            r"max_pool3d: kernel_size \(3, 3, 3\) does not fit in the input of shape "
            r"\(1, 1, 4, 4, 4\) with padding \(0, 0, 0\) and dilation \(2, 2, 2\)",
        ),
        (lambda: F.max_pool2d(image(1, 4, 4), 2, dilation=0), ValueError, "dilation must be at"),
        (lambda: F.max_pool2d(image(1, 4, 4), (2, 2, 2)), TypeError, "kernel_size must be an int"),
        (lambda: F.max_pool2d(image(1, 4, 4), 2.0), TypeError, "kernel_size must be an int or a"),
        (
            lambda: F.max_pool1d(image(4), 2),
            ValueError,
            r"max_pool1d: input must have shape \(N, C, L\) or \(C, L\), got \(4,\)",
        ),
        (
            lambda: F.avg_pool3d(image(1, 0, 4, 4, 4), 2),
            ValueError,
            r"avg_pool3d: .* without an empty axis but N, got \(1, 0, 4, 4, 4\)",
        ),
        (
            lambda: F.avg_pool2d(autograd.ones(1, 4, 4, dtype=np.int64), 2),
            TypeError,
            "avg_pool2d: input must be a floating-point tensor, got int64",
        ),
        (
            lambda: F.avg_pool2d(image(1, 4, 4), 2, divisor_override=0),
            ValueError,
            "avg_pool2d: divisor_override must not be 0",
        ),
        (
            lambda: F.avg_pool3d(image(1, 4, 4, 4), 2, divisor_override=1.5),
            TypeError,
            "avg_pool3d: divisor_override must be an int, got 1.5",
        ),
        (lambda: F.lp_pool1d(image(1, 4), 0, 2), ValueError, "lp_pool1d: norm_type must not be 0"),
        (lambda: F.lp_pool1d(image(1, 4), "2", 2), TypeError, "norm_type must be a number"),
        (lambda: F.lp_pool2d(image(4, 4), 2, 2), ValueError, r"lp_pool2d: input must have shape"),
        (
            lambda: F.adaptive_avg_pool2d(image(1, 4, 4), (2, 2, 2)),
            TypeError,
            r"adaptive_avg_pool2d: output_size must be an int or None, or 2 of them",
        ),
        (
            lambda: F.adaptive_max_pool1d(image(1, 4), -1),
            ValueError,
            "adaptive_max_pool1d: output_size must be at least 0, got -1",
        ),
        (
            lambda: F.adaptive_max_pool2d(image(1, 2, 0, 4), 1),
            ValueError,
            r"adaptive_max_pool2d: .* without an empty axis but N, got \(1, 2, 0, 4\)",
        ),
        (lambda: F.adaptive_avg_pool1d(image(1, 4), 1.0), TypeError, "output_size must be an int"),
        (lambda: nn.AvgPool1d((2, 2)), TypeError, "AvgPool1d: kernel_size must be an int or one"),
    ],
)
def test_wrong_input_is_refused_in_a_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("size", [0, (0, 2)])
def test_no_window_at_all_gives_an_empty_result(size):
    for pool in (F.adaptive_avg_pool2d, F.adaptive_max_pool2d):
        x = image(2, 3, 4, 4).requires_grad_()
        z = pool(x, size)
        assert z.shape == (2, 3, *((0, 0) if size == 0 else size))
        z.sum().backward()
        assert (x.grad.numpy() == 0).all()


# ---------------------------------------------------------------- unpooling


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_unpooling_puts_the_maxima_back(rank):
    x = image(2, 3, *(6, 5, 7)[:rank])
    values, indices = getattr(F, f"max_pool{rank}d")(x, 2, return_indices=True)
    back = getattr(F, f"max_unpool{rank}d")(values, indices, 2, output_size=x.shape).numpy()
    kept = back != 0
    assert kept.sum() == values.numel()
    np.testing.assert_array_equal(back[kept], x.numpy()[kept])


def test_fractional_windows_are_drawn_anew_for_every_plane():
    autograd.manual_seed(0)
    x = autograd.arange(400.0).reshape(1, 1, 20, 20) + autograd.zeros(2, 3, 1, 1)
    pooled = F.fractional_max_pool2d(x, 2, output_ratio=0.6).numpy().reshape(6, -1)
    assert len({tuple(row) for row in pooled}) == 6
    rows = np.unique(pooled[0] // 20)
    assert len(rows) == 12 and rows[-1] == 19 and set(np.diff(rows)) == {1, 2}


def test_fractional_pooling_takes_the_last_nan():
    x = np.zeros((1, 1, 4, 4))
    x[0, 0, 0, 1] = x[0, 0, 1, 0] = np.nan
    values, indices = F.fractional_max_pool2d_with_indices(autograd.tensor(x), 2, output_size=2)
    assert np.isnan(values.numpy()[0, 0, 0, 0]) and indices.numpy()[0, 0, 0, 0] == 4


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: F.max_unpool2d(image(1, 2, 2), autograd.zeros(1, 2, 2), 2),
            TypeError,
            "max_unpool2d: indices must be int64, got float32",
        ),
        (
            lambda: F.max_unpool2d(image(1, 2, 2), np.zeros((1, 2, 1), np.int64), 2),
            ValueError,
            r"must have the same shape, got \(1, 2, 2\) and \(1, 2, 1\)",
        ),
        (
            lambda: F.max_unpool1d(image(1, 2), np.array([[0, 4]]), 2),
            ValueError,
            r"indices must be in \[0, 4\) of a plane of \(4,\), got 0 to 4",
        ),
        (
            lambda: F.max_unpool1d(image(1, 2), np.array([[0, -1]]), 2),
            ValueError,
            "got -1 to 0",
        ),
        (
            lambda: F.max_unpool1d(image(1, 2), np.array([[0, 2]]), 2, output_size=(6,)),
            ValueError,
            r"output_size \(6,\) must be less than a stride \(2,\) from \(4,\)",
        ),
        (
            lambda: F.max_unpool2d(image(1, 1, 1), np.array([[[0]]]), 2, output_size=(2,)),
            ValueError,
            "output_size must have 2 entries",
        ),
        (lambda: nn.MaxUnpool2d((2, 2, 2)), TypeError, "MaxUnpool2d: kernel_size must be an int"),
        (
            lambda: F.fractional_max_pool2d(image(1, 4, 4), 2),
            ValueError,
            "fractional_max_pool2d: give either output_size or output_ratio",
        ),
        (
            lambda: F.fractional_max_pool2d(image(1, 4, 4), 2, 2, 0.5),
            ValueError,
            "fractional_max_pool2d: give either output_size or output_ratio",
        ),
        (lambda: nn.FractionalMaxPool3d(2), ValueError, "FractionalMaxPool3d: give either output"),
        (lambda: nn.FractionalMaxPool2d(2, output_ratio=1.5), ValueError, "between 0 and 1, got"),
        (
            lambda: F.fractional_max_pool2d(image(1, 4, 4), 2, output_ratio=(0.5, 2)),
            ValueError,
            "output_ratio must be between 0 and 1",
        ),
        (
            lambda: F.fractional_max_pool2d(image(1, 4, 4), 3, output_size=3),
            ValueError,
            r"\(3, 3\) windows of \(3, 3\) do not fit in the input of shape \(1, 4, 4\)",
        ),
        (
            lambda: F.fractional_max_pool2d(image(1, 4, 4), 2, 2, _random_samples=image(1, 1, 3)),
            ValueError,
            r"_random_samples must have shape \(1, 1, 2\), got \(1, 1, 3\)",
        ),
    ],
)
def test_wrong_unpooling_is_refused_in_a_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call()
