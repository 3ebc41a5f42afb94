"""Distances of coinciding points, and covariances of few or weighted observations."""

import numpy as np
import pytest

import autograd


@pytest.mark.parametrize("p", [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, float("inf")])
def test_coinciding_points_have_torchs_gradient(p, torch):
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [0.0, 0.0], [1.0, 2.0]])
    ours = [autograd.tensor(a, requires_grad=True) for a in (x, y)]
    theirs = [torch.tensor(a, requires_grad=True) for a in (x, y)]
    z, expected = autograd.cdist(*ours, p), torch.cdist(*theirs, p)
    np.testing.assert_allclose(z.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
    z.sum().backward()
    expected.sum().backward()
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_points_at_distance_1_have_the_gradient_of_any_others():
    x = autograd.tensor(np.zeros((1, 2)), requires_grad=True)
    autograd.cdist(x, np.array([[1.0, 0.0], [0.0, 2.0]])).sum().backward()
    assert x.grad.tolist() == [[-1, -1]]


def test_many_points_take_one_matrix_product_and_few_are_exact():
    random = np.random.default_rng(0)
    x, y = random.standard_normal((30, 200)), random.standard_normal((500, 200))
    expected = np.linalg.norm(x[:, None] - y, axis=-1)
    exact = autograd.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")
    np.testing.assert_allclose(exact, expected, rtol=1e-13)
    np.testing.assert_allclose(autograd.cdist(x, y), expected, rtol=1e-11)
    far = autograd.tensor([[1e4, 0.0], [1e4, 1e-2]])
    assert abs(autograd.cdist(far, far)[0, 1].item() - 0.01) < 1e-6
    fast = autograd.cdist(far, far, compute_mode="use_mm_for_euclid_dist")
    assert np.isfinite(fast.numpy()).all()  # a rounded square below 0 has no root


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: autograd.cdist(x.long(), x), RuntimeError, "cdist: expected x1 to be rows of"),
        (lambda x: autograd.cdist(x, x[0]), RuntimeError, "cdist: expected x2 to be rows of"),
        (lambda x: autograd.cdist(x, x[:, :1]), RuntimeError, "differ in dimension"),
        (lambda x: autograd.cdist(x, x, -1), RuntimeError, "cdist: expected p >= 0"),
        (lambda x: autograd.cdist(x, x.double()), RuntimeError, "cdist: .* of one dtype"),
        (lambda x: autograd.cdist(x, x, compute_mode="x"), ValueError, "compute_mode"),
        (lambda x: autograd.cov(x.reshape(1, 2, 2)), RuntimeError, "at most two dimensions"),
        (lambda x: autograd.cov(x, fweights=x[0]), RuntimeError, "fweights to be 2 integers"),
        (lambda x: autograd.cov(x, fweights=[1]), RuntimeError, "fweights to be 2 integers"),
        (lambda x: autograd.cov(x, fweights=[1, -1]), RuntimeError, "none negative"),
        (lambda x: autograd.cov(x, aweights=[1, 1]), RuntimeError, "aweights to be 2 floating"),
        (lambda x: autograd.cov(x, aweights=[0.0, 0.0]), RuntimeError, "the weights sum to 0"),
        (
            lambda x: autograd.cov(x, aweights=[1.0, float("nan")]),
            RuntimeError,
            "none negative",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(autograd.ones(2, 2))


@pytest.mark.parametrize("name", ["cov", "corrcoef"])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0), (0, 3), (2, 1), (1, 3)])
def test_few_observations_give_what_torch_gives(shape, name, torch):
    x = np.arange(np.prod(shape, dtype=int), dtype=float).reshape(shape) ** 2
    with np.errstate(all="ignore"):
        z = getattr(autograd, name)(autograd.tensor(x))
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's "degrees of freedom is <= 0"
        expected = getattr(torch, name)(torch.tensor(x))
    assert z.shape == tuple(expected.shape)
    np.testing.assert_array_equal(z.numpy(), expected.numpy())


def test_correlations_do_not_leave_the_interval_of_minus_one_to_one():
    x = autograd.tensor(np.array([[0.1, 0.2, 0.7], [0.3, 0.6, 2.1]]), requires_grad=True)
    assert np.abs(autograd.corrcoef(x).detach().numpy()).max() <= 1


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, float("inf")])
def test_each_set_of_points_gets_its_gradient_without_the_other(p):
    rng = np.random.default_rng(4)
    first, second = rng.standard_normal((2, 5, 3))
    both = [autograd.tensor(points, requires_grad=True) for points in (first, second)]
    wanted = autograd.grad(autograd.cdist(*both, p=p).sum(), both)
    for i in (0, 1):
        alone = [
            autograd.tensor(points, requires_grad=i == k)
            for k, points in enumerate((first, second))
        ]
        (found,) = autograd.grad(autograd.cdist(*alone, p=p).sum(), [alone[i]])
        np.testing.assert_array_equal(found.numpy(), wanted[i].numpy())
