"""Linear algebra under the names of ``torch.linalg``; the operations are in ``autograd.ops``.

>>> import autograd
>>> A = autograd.tensor([[2.0, 0.0], [0.0, 4.0]])
>>> autograd.linalg.inv(A)
tensor([[0.5000, 0.0000],
        [0.0000, 0.2500]])
"""

from autograd.ops.cross_products import linalg_cross as cross
from autograd.ops.determinants import det, slogdet
from autograd.ops.diagonals import linalg_diagonal as diagonal
from autograd.ops.factorizations import cholesky, eigh, eigvalsh, qr, svd, svdvals
from autograd.ops.least_squares import cond, lstsq, matrix_rank, pinv
from autograd.ops.matrices import LinAlgError
from autograd.ops.matrix_exponential import matrix_exp
from autograd.ops.norms import linalg_norm as norm
from autograd.ops.norms import matrix_norm, vector_norm
from autograd.ops.products import matmul, vecdot
from autograd.ops.solving import inv, matrix_power, multi_dot, solve, tensorinv, tensorsolve
from autograd.ops.triangular import solve_triangular
from autograd.ops.vandermonde import linalg_vander as vander

__all__ = [
    "LinAlgError",
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensorinv",
    "tensorsolve",
    "vander",
    "vecdot",
    "vector_norm",
]
