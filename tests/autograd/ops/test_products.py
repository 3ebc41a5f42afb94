"""Products of matrices: ranks, dtypes, memory, and what is refused."""

import numpy as np
import pytest

import autograd
from autograd import linalg
from autograd.ops.products import product


def ones(*shape, dtype=np.float64):
    return autograd.ones(shape, dtype=dtype)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: autograd.mm(ones(2), ones(2, 2)), r"mm: expected input to be a matrix, got .*2,"),
        (lambda: autograd.mm(ones(2, 2), ones(3, 2)), r"mm: shapes \(2, 2\) and \(3, 2\) do not"),
        (lambda: autograd.bmm(ones(2, 2), ones(2, 2)), "bmm: expected input to be a batch"),
        (lambda: autograd.bmm(ones(1, 2, 2), ones(3, 2, 2)), "bmm: shapes"),
        (lambda: autograd.mv(ones(2, 2), ones(2, 2)), "mv: expected vec to be a vector"),
        (lambda: autograd.mv(ones(2, 2), ones(3)), "mv: shapes"),
        (lambda: autograd.dot(ones(2, 2), ones(2)), "dot: expected two vectors"),
        (lambda: autograd.dot(ones(2), ones(3)), "dot: shapes"),
        (lambda: autograd.vdot(ones(2, 2), ones(2)), "vdot: expected x to be a vector"),
        (lambda: autograd.inner(ones(2, 2), ones(3)), "inner: the last axes of shapes"),
        (lambda: autograd.outer(ones(2, 2), ones(3)), "outer: expected input to be a vector"),
        (lambda: autograd.addmm(ones(3), ones(2, 2), ones(2, 2)), "addmm: input of shape"),
        (lambda: autograd.addmm(ones(1, 2, 2), ones(2, 2), ones(2, 2)), "addmm: input of shape"),
        (lambda: autograd.addbmm(ones(1), ones(2, 1, 2), ones(3, 2, 1)), "addbmm: shapes"),
        (
            lambda: ones(2) @ autograd.ones((), dtype=np.float64),
            r"matmul: shapes \(2,\) and \(\) do not fit: an operand is 0-d",
        ),
        (lambda: ones(2, 2, 3) @ ones(3, 3, 2), "matmul: .* the batch dimensions do not broadcast"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(call, message):
    with pytest.raises(RuntimeError, match=message):
        call()


@pytest.mark.parametrize("number", [3.0, 2, True, None])
def test_a_number_is_no_operand_of_a_matrix_product(number, torch):
    for call in (lambda x: x @ number, lambda x: type(x).matmul(x, number)):
        with pytest.raises(TypeError):
            call(torch.ones(2))
        with pytest.raises(TypeError, match=f"matmul: expected two Tensors, got {number}"):
            call(ones(2))


MIXED = {
    "matmul": ((2, 2), (2, 2)),
    "mm": ((2, 2), (2, 2)),
    "bmm": ((1, 2, 2), (1, 2, 2)),
    "mv": ((2, 2), (2,)),
    "dot": ((2,), (2,)),
    "vdot": ((2,), (2,)),
    "inner": ((2,), (2,)),
    "tensordot": ((2, 2), (2, 2)),
    "cross": ((3,), (3,)),
    "cdist": ((2, 2), (2, 2)),
}


@pytest.mark.parametrize("dtype", ["float16", "float64"])
@pytest.mark.parametrize("name", MIXED)
def test_dtypes_are_not_mixed_as_in_torch(name, dtype, torch):
    message = {torch: None, autograd: f"{name}: expected operands of one dtype, got float32"}
    for t in (torch, autograd):
        x, y = map(t.ones, MIXED[name])
        with pytest.raises(RuntimeError, match=message[t]):
            getattr(t, name)(x, y.to(getattr(t, dtype)))


def test_elementwise_products_promote():
    x, y = ones(2, dtype=np.float32), ones(2)
    for z in (autograd.outer(x, y), autograd.kron(x, y), autograd.einsum("i,j->ij", x, y)):
        assert z.dtype == np.float64
    with pytest.raises(RuntimeError, match="einsum: expected operands of one dtype"):
        autograd.einsum("i,i", x, y)


def test_beta_0_lets_neither_nan_nor_infinity_pass():
    x = autograd.tensor([np.nan, np.inf], requires_grad=True)
    m = autograd.eye(2)
    z = autograd.addmm(x, m, m, beta=0)
    assert z.tolist() == [[1, 0], [0, 1]]
    z.sum().backward()
    assert x.grad.tolist() == [0, 0]
    whole = autograd.eye(2).long()
    assert autograd.addmm(whole, whole, whole, beta=0.5, alpha=2.5).tolist() == [[2, 0], [0, 2]]


@pytest.mark.parametrize("layout", ["contiguous", "transposed", "strided"])
def test_a_batch_that_meets_one_matrix_is_one_product(layout):
    random = np.random.default_rng(0)
    x = random.standard_normal((4, 3, 6))
    x = {"contiguous": x, "transposed": np.asfortranarray(x), "strided": x[:, :, ::2]}[layout]
    y = random.standard_normal((x.shape[-1], 5))
    np.testing.assert_allclose(product(x, y), np.matmul(x, y), rtol=1e-13)


def test_the_gradient_of_the_one_matrix_needs_no_gradient_of_each():
    x = autograd.tensor(np.ones((4, 2, 3)))
    y = autograd.tensor(np.ones((3, 5)), requires_grad=True)
    (step, *_) = autograd.steps((x @ y), np.ones((4, 2, 5)))
    assert step.contributions[1].shape == (3, 5)
    np.testing.assert_array_equal(y.grad.numpy(), np.full((3, 5), 8.0))


def test_lists_and_arrays_are_constants():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    z = autograd.dot(x, [3.0, 4.0]) + autograd.outer(np.ones(1, np.float32), x).sum()
    z.backward()
    assert x.grad.tolist() == [4, 5]
    with pytest.raises(TypeError, match="inner: expected a Tensor or an array, got str"):
        autograd.inner(x, "ab")


def test_methods_are_the_functions():
    m, v = autograd.tensor([[2.0, 1.0], [1.0, 3.0]]), autograd.tensor([1.0, 2.0])
    assert m.mm(m).tolist() == (m @ m).tolist()
    assert m.reshape(1, 2, 2).bmm(m.reshape(1, 2, 2)).tolist() == [(m @ m).tolist()]
    assert m.mv(v).tolist() == [4, 7]
    assert (v.dot(v).item(), v.vdot(v).item(), v.inner(v).item()) == (5, 5, 5)
    assert v.outer(v).tolist() == v.ger(v).tolist() == [[1, 2], [2, 4]]
    assert m.addmm(m, m).tolist() == (m + m @ m).tolist()
    assert v.addmv(m, v).tolist() == [5, 9]
    assert m.addr(v, v).tolist() == [[3, 3], [3, 7]]
    assert m.trace().item() == 5 and m.kron(v).shape == (2, 4)
    assert m.addbmm(m.reshape(1, 2, 2), m.reshape(1, 2, 2)).tolist() == (m + m @ m).tolist()
    assert m.baddbmm(m.reshape(1, 2, 2), m.reshape(1, 2, 2)).tolist() == [(m + m @ m).tolist()]
    assert autograd.eye(3).cross(autograd.eye(3)).tolist() == [[0.0] * 3] * 3
    np.testing.assert_allclose([m.det().item(), m.logdet().item()], [5, np.log(5)], rtol=1e-6)
    assert m.slogdet().sign.item() == 1
    for inverse in (m.inverse(), m.pinverse(), m.cholesky().cholesky_inverse(), m.matrix_power(-1)):
        np.testing.assert_allclose((inverse @ m).numpy(), np.eye(2), atol=1e-6)
    np.testing.assert_allclose(m.cholesky_solve(m.cholesky()).numpy(), np.eye(2), atol=1e-6)
    assert m.cov().shape == m.corrcoef().shape == (2, 2)


def test_every_function_of_linalg_is_in_the_table():
    from tests.autograd.cases import CASES

    tested = {case.name.removeprefix("linalg.").partition(" ")[0] for case in CASES}
    assert set(linalg.__all__) - {"LinAlgError"} <= tested
