"""Linear systems by LAPACK, in the precision of their matrices.

``numpy.linalg`` computes single precision in double: for float32 that is twice the time and, with
the copies of operands and result, three times the memory.  The loops for single precision are
there, beneath the functions, where NumPy promises nothing; a NumPy without them serves by its
functions, of which nothing but time and memory is lost.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

__all__ = ["cholesky", "inv", "solve"]

LOOPS = getattr(np.linalg, "_umath_linalg", None)


def single(name: str) -> Any:
    """Return NumPy's loop for single precision, None where this NumPy has none.

    Examples
    --------
    >>> single("no such loop") is None
    True
    """
    loop = getattr(LOOPS, name, None)
    types = [kinds for kinds in getattr(loop, "types", ()) if set(kinds) == set("f->")]
    return loop if types else None


SINGLE_INV, SINGLE_SOLVE, SINGLE_CHOLESKY = map(single, ("inv", "solve", "cholesky_lo"))


def inv(x: Any) -> Any:
    """Invert matrices.

    Raises
    ------
    LinAlgError
        If one is singular.
    """
    if SINGLE_INV is None or x.dtype.char != "f":
        return np.linalg.inv(x)
    return _watched(SINGLE_INV, "Singular matrix", x)


def solve(a: Any, b: Any) -> Any:
    """Solve A X = B for matrices B.

    Raises
    ------
    LinAlgError
        If a matrix A is singular.
    """
    if SINGLE_SOLVE is None or not a.dtype.char == "f" == b.dtype.char:
        return np.linalg.solve(a, b)
    return _watched(SINGLE_SOLVE, "Singular matrix", a, b)


def cholesky(x: Any) -> Any:
    """Return the lower triangular L with L L^T = A, of which the lower half is read.

    Raises
    ------
    LinAlgError
        If a matrix is not positive-definite.
    """
    if SINGLE_CHOLESKY is None or x.dtype.char != "f":
        return np.linalg.cholesky(x)
    return _watched(SINGLE_CHOLESKY, "Matrix is not positive definite", x)


def _watched(loop: Any, message: str, *operands: Any) -> Any:
    """Run a loop, which tells of a failure by the processor's flag for an invalid operation."""

    def fail(error: str, flag: int) -> NoReturn:
        raise np.linalg.LinAlgError(message)

    with np.errstate(call=fail, invalid="call", over="ignore", divide="ignore", under="ignore"):
        return loop(*operands)
