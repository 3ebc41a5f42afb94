"""Systems, determinants and least squares where matrices are singular, triangular or large."""

import numpy as np
import pytest

import autograd
from autograd import linalg

SINGULAR = {
    "rank 1 of 2": ([[1.0, 2.0], [2.0, 4.0]], [[4.0, -2.0], [-2.0, 1.0]]),
    "rank 2 of 3": (
        [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]],
        [[-3.0, 6.0, -3.0], [6.0, -12.0, 6.0], [-3.0, 6.0, -3.0]],
    ),
    "rank 1 of 3": (np.ones((3, 3)), np.zeros((3, 3))),
    "rank 0 of 1": ([[0.0]], [[1.0]]),
    "rank 1 of 2, diagonal": ([[3.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 3.0]]),
}


def tensor(array, requires_grad=False):
    return autograd.tensor(np.asarray(array, np.float64), requires_grad=requires_grad)


@pytest.mark.parametrize("name", SINGULAR)
def test_the_gradient_of_a_singular_determinant_is_the_matrix_of_cofactors(name):
    a, cofactors = SINGULAR[name]
    x = tensor(a, True)
    autograd.det(x).backward()
    np.testing.assert_allclose(x.grad.numpy(), cofactors, atol=1e-12)
    assert autograd.gradcheck(autograd.det, tensor(a, True))
    assert autograd.gradgradcheck(autograd.det, tensor(a, True))


def test_a_negative_determinant_has_two_derivatives():
    for a in ([[1.0, 2.0], [3.0, 4.0]], [[0.0, 1.0], [1.0, 0.0]]):
        assert np.linalg.det(a) < 0
        assert autograd.gradgradcheck(autograd.det, tensor(a, True))


@pytest.mark.parametrize("asked", [0, 1])
def test_either_side_of_a_system_has_a_gradient_of_its_own(asked):
    sides = [[[2.0, 0.5], [-1.0, 3.0]], [[1.0, 2.0, -1.0], [0.5, 1.0, 4.0]]]
    operands = [tensor(side, i == asked) for i, side in enumerate(sides)]

    def solved(x):
        return linalg.solve(*[x if i == asked else y for i, y in enumerate(operands)])

    assert autograd.gradcheck(solved, operands[asked])


def test_a_batch_of_singular_and_regular_determinants():
    x = tensor([[[1.0, 2.0], [2.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]]], True)
    autograd.det(x).sum().backward()
    expected = [[[4, -2], [-2, 1]], [[4, -3], [-2, 1]]]
    np.testing.assert_allclose(x.grad.numpy(), expected, atol=1e-12)


def test_determinants_to_third_order():
    x = tensor([[2.0, 0.3, 0.1], [0.2, 1.0, 0.4], [0.1, -0.3, 0.5]], True)

    def gradient(x):
        return autograd.grad(autograd.det(x) ** 2, x, create_graph=True)[0]

    assert autograd.gradgradcheck(gradient, x)


def test_logarithms_of_singular_and_negative_determinants_equal_torch(torch):
    for a in ([[1.0, 2.0], [2.0, 4.0]], [[0.0, 1.0], [1.0, 0.0]], [[2.0, 1.0], [1.0, 3.0]]):
        ours, theirs = tensor(a, True), torch.tensor(a, dtype=torch.float64, requires_grad=True)
        z, expected = autograd.logdet(ours), torch.logdet(theirs)
        np.testing.assert_array_equal(z.item(), expected.item())
        z.backward()
        expected.backward()
        if z.item() == -np.inf:  # of either sign, as rounding in the zero pivot has it
            assert np.isinf(ours.grad.numpy()).all() and np.isinf(theirs.grad.numpy()).all()
        else:
            np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-12)
        sign, size = autograd.slogdet(ours)
        expected = torch.linalg.slogdet(theirs)
        assert (sign.item(), size.item()) == (expected[0].item(), expected[1].item())
        assert not sign.requires_grad and size.requires_grad


def test_a_determinant_that_overflows_has_a_logarithm():
    x = tensor(np.eye(200) * 1e5, True)
    z = autograd.slogdet(x).logabsdet
    z.backward()
    np.testing.assert_allclose(z.item(), 200 * np.log(1e5))
    np.testing.assert_allclose(x.grad.numpy(), np.eye(200) * 1e-5)


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("unitriangular", [False, True])
@pytest.mark.parametrize("n", [64, 65, 200])
def test_large_triangular_systems(n, unitriangular, upper):
    random = np.random.default_rng(n)
    a = random.standard_normal((2, n, n)) / n + 2 * np.eye(n)
    b = random.standard_normal((n, 3))
    x = linalg.solve_triangular(tensor(a), tensor(b), upper=upper, unitriangular=unitriangular)
    half = np.triu(a) if upper else np.tril(a)
    if unitriangular:
        half[:, range(n), range(n)] = 1
    np.testing.assert_allclose(half @ x.numpy(), np.broadcast_to(b, (2, n, 3)), atol=1e-12)


@pytest.mark.parametrize("upper", [False, True])
def test_the_right_side_of_a_triangular_system_has_a_gradient_of_its_own(upper):
    a = tensor([[2.0, 0.5], [-1.0, 3.0]])
    b = tensor([[1.0, 2.0, -1.0], [0.5, 1.0, 4.0]], True)
    assert autograd.gradcheck(lambda b: linalg.solve_triangular(a, b, upper=upper), b)


@pytest.mark.parametrize("upper", [False, True])
def test_a_singular_triangular_system_gives_infinity_as_in_torch(upper, torch):
    a = np.array([[2.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 4.0]])
    b = np.array([[2.0, 0.0], [3.0, 0.0], [4.0, 1.0]])
    x = linalg.solve_triangular(tensor(a), tensor(b), upper=upper)
    expected = torch.linalg.solve_triangular(torch.tensor(a), torch.tensor(b), upper=upper)
    np.testing.assert_array_equal(x.numpy(), expected.numpy())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: linalg.solve(x, autograd.ones(3)), r"solve: shapes .* and \(3,\) do not fit"),
        (lambda x: linalg.solve(x, autograd.ones(2), left=False), "expected matrices B"),
        (lambda x: linalg.solve(x, x.double()), "solve: expected operands of one dtype"),
        (
            lambda x: linalg.solve(x.reshape(1, 2, 2).expand(3, 2, 2), autograd.ones(2, 2, 1)),
            "solve: the batches of shapes .* do not broadcast",
        ),
        (lambda x: linalg.solve_triangular(x, autograd.ones(2), upper=True), "do not fit"),
        (lambda x: autograd.cholesky_solve(autograd.ones(3, 1), x), "cholesky_solve: shapes"),
        (lambda x: linalg.multi_dot([x]), "multi_dot: expected at least two tensors, got 1"),
        (lambda x: linalg.multi_dot([x, x[0], x]), "multi_dot: expected matrices"),
        (lambda x: linalg.multi_dot([x, autograd.ones(3, 2)]), "multi_dot: shapes .* do not fit"),
        (lambda x: linalg.matrix_power(x[0], 2), "matrix_power: expected square matrices"),
        (lambda x: linalg.tensorinv(x, 0), "tensorinv: expected ind > 0"),
        (lambda x: linalg.tensorinv(x, 3), "tensorinv: shape .* has no 3 axes"),
        (lambda x: linalg.tensorinv(autograd.ones(2, 3), 1), "tensorinv: .* is no square"),
        (lambda x: linalg.tensorsolve(x, autograd.ones(3)), "tensorsolve: shapes .* do not fit"),
        (lambda x: linalg.lstsq(x, autograd.ones(3)), "lstsq: shapes .* do not fit"),
        (lambda x: linalg.lstsq(x, x, driver="x"), "lstsq: expected driver 'gels'"),
    ],
)
def test_systems_that_do_not_fit_are_refused(call, message):
    with pytest.raises(RuntimeError, match=message):
        call(autograd.eye(2))
    with pytest.raises(TypeError, match="matrix_power: expected an integer as exponent, got 0.5"):
        linalg.matrix_power(autograd.eye(2), 0.5)


def test_the_power_0_is_the_identity_with_a_gradient_of_0():
    x = tensor([[np.nan, 1.0], [2.0, 3.0]], True)
    z = linalg.matrix_power(x, 0)
    z.sum().backward()
    assert z.tolist() == [[1, 0], [0, 1]] and x.grad.tolist() == [[0, 0], [0, 0]]


def test_a_chain_is_multiplied_where_it_is_cheapest():
    tall, wide = tensor(np.ones((100, 1)), True), tensor(np.ones((1, 100)))
    z = linalg.multi_dot([tall, wide, tall])
    assert z.node.operands[0] is tall.node  # tall @ (wide @ tall), not (tall @ wide) @ tall


def test_a_pseudo_inverse_of_lower_rank_has_a_derivative_along_it():
    a = tensor([[1.0], [2.0], [-1.0]], True)
    b = tensor([[3.0, 1.0]], True)
    function = lambda a, b: linalg.pinv(a @ b)  # noqa: E731
    assert autograd.gradcheck(function, [a, b]) and autograd.gradgradcheck(function, [a, b])


@pytest.mark.parametrize("options", [{"atol": 1.5}, {"rtol": 0.6}, {"atol": 0.5, "rtol": 0.9}, {}])
def test_small_singular_values_are_cut_as_in_torch(options, torch):
    a = np.diag([2.0, 1.4, 1e-20])
    for name in ("pinv", "matrix_rank"):
        z = getattr(linalg, name)(tensor(a), **options)
        expected = getattr(torch.linalg, name)(torch.tensor(a), **options)
        np.testing.assert_allclose(z.numpy(), expected.numpy())
    z = linalg.pinv(tensor(np.stack([a, a])), rtol=tensor([0.1, 0.8]))
    np.testing.assert_allclose(z.numpy()[:, 1, 1], [1 / 1.4, 0])


@pytest.mark.parametrize("driver", [None, "gels", "gelsy", "gelsd", "gelss"])
@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (2, 3, 2)])
def test_least_squares_reports_what_torchs_drivers_report(shape, driver, torch):
    random = np.random.default_rng(3)
    a, b = random.standard_normal(shape), random.standard_normal((*shape[:-1], 2))
    found = linalg.lstsq(tensor(a), tensor(b), driver=driver)
    expected = torch.linalg.lstsq(torch.tensor(a), torch.tensor(b), driver=driver)
    for z, other in zip(found, expected, strict=True):
        assert (z.shape, str(z.dtype)) == (tuple(other.shape), str(other.dtype)[6:])
        np.testing.assert_allclose(z.numpy(), other.numpy(), rtol=1e-10)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0, 0), (0, 3, 3)])
def test_the_condition_of_nothing_is_0(shape, torch):
    expected = torch.linalg.cond(torch.ones(shape))
    assert linalg.cond(autograd.ones(shape)).tolist() == expected.tolist()


def test_a_singular_matrix_has_an_infinite_condition():
    with np.errstate(divide="ignore"):
        assert linalg.cond(tensor([[1.0, 0.0], [0.0, -0.0]])).item() == np.inf


def test_a_determinant_of_rounding_has_its_gradient():
    # In single precision the matrix is singular; in double, in which det is computed, it is not.
    x = np.array([[15.81, 8.16], [11.78, 6.08]], np.float32)
    A = autograd.tensor(x, requires_grad=True)
    autograd.linalg.det(A).backward()
    np.testing.assert_allclose(A.grad.numpy(), [[6.08, -11.78], [-8.16, 15.81]], rtol=1e-6)
    A.grad = None
    autograd.linalg.slogdet(A).logabsdet.backward()
    assert np.isfinite(A.grad.numpy()).all()
