"""Views that are replaced, distances of no points, tensors that come back: misuse and odd calls."""

import numpy as np
import pytest

import autograd


def test_a_replaced_view_leaves_its_tensor_and_takes_its_dtype():
    x = autograd.zeros(2, 3, dtype=autograd.int64)
    z = x.select_scatter(autograd.tensor([1.5, 2.5, 3.5]), 0, 1)
    assert (x.tolist(), z.tolist()) == ([[0, 0, 0]] * 2, [[0, 0, 0], [1, 2, 3]])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x.select_scatter(autograd.ones(2), 0, 1), RuntimeError, r"shape \(3,\)"),
        (lambda x: x.select_scatter(autograd.ones(3), 0, 2), IndexError, "index 2"),
        (lambda x: x.slice_scatter(autograd.ones(2, 2)), RuntimeError, r"shape \(2, 3\)"),
        (lambda x: x.slice_scatter(x, step=-1), RuntimeError, "step of 1 or more"),
        (lambda x: x.diagonal_scatter(autograd.ones(3)), RuntimeError, r"shape \(2,\)"),
        (lambda x: x.diagonal_scatter(x, 0, 1, 1), RuntimeError, "same axis"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, words):
    with pytest.raises(error, match=f"_scatter: .*{words}"):
        call(autograd.zeros(2, 3))


def test_no_points_have_no_distances():
    x = autograd.zeros(0, 3, requires_grad=True)
    z = autograd.pdist(x)
    z.sum().backward()
    assert (z.shape, x.grad.shape) == ((0,), (0, 3))


def test_slices_within_the_limit_pass_no_nan_on():
    x = autograd.tensor([[np.nan, 1.0], [3.0, 4.0]], requires_grad=True)
    x.renorm(2, 0, 1.0).sum().backward()
    assert x.grad[0].tolist() == [1, 1]


def test_halves_are_scaled_in_single_precision():
    x = np.arange(12, dtype=np.float16).reshape(3, 4) * 100
    z = autograd.tensor(x).renorm(2, 0, 5.0)
    exact = autograd.tensor(x.astype(np.float64)).renorm(2, 0, 5.0)
    np.testing.assert_array_equal(z.numpy(), exact.numpy().astype(np.float16))


def test_places_are_counted_around():
    found = autograd.unravel_index(autograd.tensor([6, -1]), (2, 3))
    assert [axis.tolist() for axis in found] == [[0, 1], [0, 2]]
    with pytest.raises(RuntimeError, match="no element"):
        autograd.unravel_index(autograd.tensor([0]), (0, 3))
    with pytest.raises(ValueError, match="out of bounds"):
        np.unravel_index(autograd.tensor([6]), (2, 3))


def test_renorm_takes_norms_whose_squares_overflow():
    """PyTorch does where a slice has one element, and where it has more it makes 0 of it."""
    x = np.array([[0.0, 3e-30], [1e30, -2e30], [2.0, 1.0]])
    upstream = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    found = []
    for dtype in (np.float32, np.float64):
        leaf = autograd.tensor(x.astype(dtype), requires_grad=True)
        z = leaf.renorm(2, 0, 0.5)
        z.backward(autograd.tensor(upstream.astype(dtype)))
        found.append([z.detach().numpy(), leaf.grad.numpy()])
    for single, double in zip(*found, strict=True):
        np.testing.assert_allclose(single, double, rtol=1e-5, atol=1e-7)
    assert found[0][0][1].tolist() == pytest.approx([0.05**0.5, -(0.2**0.5)])
