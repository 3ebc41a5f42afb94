"""Reading images at the places of a grid: beside PyTorch, derivatives, and what is refused."""

import itertools

import numpy as np
import pytest

import autograd
from nn import functional as F

MODES = [
    (rank, *rest)
    for rank, *rest in itertools.product(
        (2, 3), ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection"), (False, True)
    )
    if (rank, rest[0]) != (3, "bicubic")
]


@pytest.mark.parametrize(("rank", "mode", "padding", "corners"), MODES)
def test_grid_sample_as_pytorch(torch, rank, mode, padding, corners):
    rng = np.random.default_rng(rank)
    for turn in range(3):
        x = rng.standard_normal((2, 3, *rng.integers(1, 6, rank)))
        grid = rng.uniform(-2.4, 2.4, (2, *rng.integers(1, 5, rank), rank))
        grid = np.round(grid) if turn == 2 else grid  # at edges and centres
        ours = [autograd.tensor(a, requires_grad=True) for a in (x, grid)]
        theirs = [torch.tensor(a, requires_grad=True) for a in (x, grid)]
        z = F.grid_sample(*ours, mode, padding, corners)
        expected = torch.nn.functional.grid_sample(*theirs, mode, padding, corners)
        np.testing.assert_allclose(z.detach().numpy(), expected.detach().numpy(), atol=1e-10)
        upstream = rng.standard_normal(z.shape)
        z.backward(autograd.tensor(upstream))
        expected.backward(torch.tensor(upstream))
        for t, reference in zip(ours, theirs, strict=True):
            found = np.zeros(t.shape) if t.grad is None else t.grad.numpy()
            np.testing.assert_allclose(found, reference.grad.numpy(), atol=1e-9)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_derivatives_by_finite_differences(mode, padding):
    rng = np.random.default_rng(5)
    x = autograd.tensor(rng.standard_normal((1, 2, 3, 4)), requires_grad=True)
    grid = autograd.tensor(rng.uniform(-1.6, 1.6, (1, 2, 2, 2)), requires_grad=True)

    def function(x, grid):
        return F.grid_sample(x * x, grid, mode, padding)

    assert autograd.gradcheck(function, [x, grid], check_forward_ad=True)
    assert autograd.gradgradcheck(function, [x, grid], fast_mode=True)


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("rank", [2, 3])
def test_affine_grids_as_pytorch_and_the_identity_reads_the_image_itself(torch, rank, corners):
    rng = np.random.default_rng(rank)
    size = (2, 3, 2, *(4, 5)[: rank - 1])
    theta = rng.standard_normal((2, rank, rank + 1))
    found = F.affine_grid(autograd.tensor(theta), size, corners)
    expected = torch.nn.functional.affine_grid(torch.tensor(theta), size, corners)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), atol=1e-12)
    identity = np.eye(rank, rank + 1)[None].repeat(2, 0)
    x = autograd.tensor(rng.standard_normal(size))
    grid = F.affine_grid(autograd.tensor(identity), size, corners)
    same = F.grid_sample(x, grid, align_corners=corners)
    np.testing.assert_allclose(same.numpy(), x.numpy(), atol=1e-12)


def image(*shape):
    return autograd.zeros(*shape)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: F.grid_sample(image(2, 1, 3, 3), image(1, 2, 2, 2)),
            ValueError,
            r"got \(2, 1, 3, 3\) and \(1, 2, 2, 2\)",
        ),
        (
            lambda: F.grid_sample(image(1, 1, 3, 3), image(1, 2, 2, 3)),
            ValueError,
            "grid_sample: input and grid must have shapes",
        ),
        (lambda: F.grid_sample(image(1, 0, 3, 3), image(1, 2, 2, 2)), ValueError, "no empty axis"),
        (
            lambda: F.grid_sample(image(1, 1, 3, 3, 3), image(1, 2, 2, 2, 3), "bicubic"),
            ValueError,
            r"mode must be .* got 'bicubic' for input of shape \(1, 1, 3, 3, 3\)",
        ),
        (
            lambda: F.grid_sample(image(1, 1, 3, 3), image(1, 2, 2, 2), padding_mode="edge"),
            ValueError,
            "padding_mode must be .* got 'edge'",
        ),
        (
            lambda: F.grid_sample(image(1, 1, 3, 3), image(1, 2, 2, 2).double()),
            TypeError,
            "grid_sample: input is float32 but grid is float64",
        ),
        (
            lambda: F.affine_grid(image(2, 2, 3), (3, 1, 4, 4)),
            ValueError,
            r"theta must have shape \(3, 2, 3\), got \(2, 2, 3\)",
        ),
        (lambda: F.affine_grid(image(2, 2, 3), (2, 4)), ValueError, "size must be"),
    ],
)
def test_wrong_input_is_refused_in_a_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call()
