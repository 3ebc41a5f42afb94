"""NumPy's names of linear algebra mean on Tensors what they mean on arrays."""

import numpy as np
import pytest

import autograd

RANDOM = np.random.default_rng(7)
INF = np.inf


def drawn(*shape):
    return RANDOM.standard_normal(shape)


A, B = drawn(3, 3) + 3 * np.eye(3), drawn(2, 3, 3) + 3 * np.eye(3)
S = A @ A.T
X = drawn(3, 5)
PAIRS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 2)),
    ((2, 3, 4), (5, 4, 2)),
    ((2, 3, 4), (4,)),
    ((3,), (2, 3, 4)),
    ((), (3,)),
]
COUNTS, SHARES = np.arange(1, 6), np.arange(1, 6) / 3.0
CALLS = [
    *((np.dot, (drawn(*a), drawn(*b)), {}) for a, b in PAIRS),
    *((np.matmul, (drawn(*a), drawn(*b)), {}) for a, b in PAIRS[:4]),
    *((f, (drawn(2, 3), drawn(2, 3)), {}) for f in (np.inner, np.outer, np.vdot, np.kron)),
    (np.inner, (drawn(2, 3), drawn(4, 2, 3)), {}),
    (np.linalg.outer, (drawn(2), drawn(3)), {}),
    (np.vecdot, (drawn(2, 3), drawn(3)), {}),
    (np.linalg.vecdot, (drawn(2, 3), drawn(2, 3)), {"axis": 0}),
    (np.linalg.matmul, (A, A), {}),
    (np.tensordot, (drawn(2, 3, 4), drawn(3, 4, 2)), {}),
    (np.tensordot, (drawn(2, 3, 4), drawn(4, 2)), {"axes": ([0, 2], [1, 0])}),
    (np.linalg.tensordot, (drawn(2, 3), drawn(3, 2)), {"axes": 1}),
    (np.einsum, ("ij,jk->ik", drawn(2, 3), drawn(3, 4)), {}),
    (np.einsum, ("...ij->...ji", drawn(2, 3, 4)), {"optimize": True}),
    (np.einsum, (drawn(2, 3), [0, 1], drawn(3, 4), [1, 2], [2, 0]), {}),
    (np.cross, (drawn(4, 3), drawn(3)), {}),
    (np.cross, (drawn(3, 4), drawn(3, 4)), {"axis": 0}),
    (np.cross, (drawn(3, 4), drawn(4, 3)), {"axisa": 0}),
    (np.cross, (drawn(4, 3), drawn(4, 3)), {"axisc": 0}),
    (np.linalg.cross, (drawn(4, 3), drawn(4, 3)), {}),
    *((np.trace, (drawn(3, 4), offset), {}) for offset in (0, 1, -2, 7)),
    (np.trace, (drawn(3, 4, 2), 0, -1, 0), {}),
    (np.linalg.trace, (drawn(2, 3, 4),), {"offset": 1}),
    (np.linalg.diagonal, (drawn(2, 3, 4),), {"offset": 1}),
    (np.linalg.matrix_transpose, (drawn(2, 3, 4),), {}),
    *(
        (getattr(np.linalg, name), (x,), {})
        for name in ("inv", "det", "slogdet", "qr", "svd", "svdvals", "pinv", "matrix_rank", "cond")
        for x in (A, B)
    ),
    (np.linalg.svd, (drawn(3, 2),), {"full_matrices": False}),
    (np.linalg.svd, (drawn(3, 2),), {"compute_uv": False}),
    (np.linalg.qr, (A, "r"), {}),
    (np.linalg.qr, (drawn(3, 2), "complete"), {}),
    (np.linalg.cholesky, (S,), {}),
    (np.linalg.cholesky, (S,), {"upper": True}),
    (np.linalg.eigh, (S,), {}),
    (np.linalg.eigvalsh, (S, "U"), {}),
    (np.linalg.pinv, (np.diag([1.0, 0.1]),), {"rcond": 0.5}),
    (np.linalg.matrix_rank, (np.diag([1.0, 0.1]),), {"tol": 0.5}),
    (np.linalg.solve, (A, drawn(3)), {}),
    (np.linalg.solve, (B, drawn(3)), {}),
    (np.linalg.solve, (B, drawn(3, 2)), {}),
    (np.linalg.solve, (A, drawn(2, 3, 1)), {}),
    (np.linalg.lstsq, (drawn(4, 2), drawn(4)), {}),
    (np.linalg.lstsq, (drawn(4, 2), drawn(4, 3)), {}),
    (np.linalg.lstsq, (drawn(2, 4), drawn(2)), {}),
    *((np.linalg.matrix_power, (A, n), {}) for n in (3, 0, -2)),
    (np.linalg.tensorinv, (np.eye(4).reshape(4, 2, 2), 1), {}),
    (np.linalg.tensorsolve, (np.eye(4).reshape(4, 2, 2), drawn(4)), {}),
    (np.linalg.norm, (drawn(4),), {}),
    (np.linalg.norm, (drawn(2, 3, 4),), {"keepdims": True}),
    *((np.linalg.norm, (drawn(4), p), {}) for p in (1, 0, 3, -2, INF)),
    *((np.linalg.norm, (drawn(3, 4), p), {}) for p in (1, -1, 2, -2, INF, -INF, "fro", "nuc")),
    *((np.linalg.norm, (drawn(3, 4), None, axis), {}) for axis in (0, -1, (0, 1), (1,))),
    (np.linalg.norm, (drawn(3, 4), 1, (1, 0)), {"keepdims": True}),
    (np.linalg.vector_norm, (drawn(3, 4),), {"axis": 1, "ord": 1}),
    (np.linalg.matrix_norm, (drawn(2, 3, 4),), {"ord": "nuc", "keepdims": True}),
    (np.cov, (X,), {}),
    (np.cov, (X,), {"rowvar": False}),
    (np.cov, (X,), {"bias": True}),
    (np.cov, (X,), {"ddof": 2}),
    (np.cov, (X[0], X[1]), {}),
    (np.cov, (X,), {"fweights": COUNTS, "aweights": SHARES}),
    (np.corrcoef, (X,), {}),
    (np.corrcoef, (X, drawn(1, 5)), {}),
    (np.corrcoef, (X,), {"rowvar": False}),
    (np.matmul, (drawn(2, 2).astype(np.float32), drawn(2, 2)), {}),
    (np.dot, (np.arange(3), drawn(3)), {}),
]


def as_tensor(value):
    return autograd.from_numpy(value) if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize(
    "call", [pytest.param(c, id=f"{c[0].__name__}-{i}") for i, c in enumerate(CALLS)]
)
def test_a_function_of_numpy_keeps_its_meaning(call):
    function, arguments, options = call
    expected = function(*arguments, **options)
    z = function(*map(as_tensor, arguments), **options)
    if not isinstance(expected, tuple):
        expected, z = (expected,), (z,)
    for one, other in zip(expected, z, strict=True):
        assert isinstance(other, autograd.Tensor)
        assert np.shape(one) == other.shape
        assert np.asarray(one).dtype.kind == other.dtype.kind  # a rank is int64, NumPy's int32
        np.testing.assert_allclose(other.numpy(), one, rtol=1e-10, atol=1e-12)


def test_a_chain_of_numpy():
    arrays = [drawn(2, 3), drawn(3, 4), drawn(4)]
    z = np.linalg.multi_dot([*map(as_tensor, arrays)])
    np.testing.assert_allclose(z.numpy(), np.linalg.multi_dot(arrays))


def test_gradients_flow_through_numpys_names():
    x = autograd.tensor(A, requires_grad=True)

    def function(x):
        return np.linalg.inv(x) @ np.dot(x, x), np.linalg.norm(x), np.cov(x)

    assert autograd.gradcheck(function, x)


def test_what_has_no_meaning_is_refused():
    x = autograd.tensor(A)
    with pytest.raises(TypeError, match="np.linalg.qr: mode='raw' has no recorded counterpart"):
        np.linalg.qr(x, "raw")
    with pytest.raises(ValueError, match="np.linalg.norm: expected a vector or a matrix"):
        np.linalg.norm(autograd.tensor(B), 1)
