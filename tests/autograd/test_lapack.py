"""Linear systems in the precision of their matrices, with NumPy's loops for it and without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import lapack

LOOPS = {"inv": "SINGLE_INV", "solve": "SINGLE_SOLVE", "cholesky": "SINGLE_CHOLESKY"}


@pytest.fixture(params=["NumPy's loops", "NumPy's functions"])
def which(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Compute with the loops for single precision, or as a NumPy without them would."""
    if request.param == "NumPy's functions":
        for name in LOOPS.values():
            monkeypatch.setattr(lapack, name, None)
    return str(request.param)


def operands(name: str, batch: tuple[int, ...], n: int, dtype: str) -> list[Any]:
    draws = np.random.default_rng(7)
    a = draws.standard_normal((*batch, n, n))
    a = a @ a.swapaxes(-1, -2) + np.eye(n)
    found = [a.astype(dtype)]
    if name == "solve":
        found.append(draws.standard_normal((*batch, n, 3)).astype(dtype))
    return found


def test_this_numpy_has_the_loops() -> None:
    assert all(getattr(lapack, name) is not None for name in LOOPS.values())


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("batch", [(), (0,), (2, 3)])
@pytest.mark.parametrize("n", [0, 1, 5, 70])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-4), ("float64", 1e-12)])
def test_values(
    name: str, batch: tuple[int, ...], n: int, dtype: str, tolerance: float, which: str
) -> None:
    given = operands(name, batch, n, dtype)
    found = getattr(lapack, name)(*given)
    expected = getattr(np.linalg, name)(*[x.astype(np.float64) for x in given])
    assert found.dtype == dtype, which
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance, err_msg=which)


def test_operands_of_any_strides(which: str) -> None:
    a, b = operands("solve", (2,), 6, "float32")
    strided = np.repeat(a, 2, axis=-1)[..., ::2].swapaxes(-1, -2)[:, ::-1]
    expected = np.linalg.solve(strided.astype(np.float64), b)
    np.testing.assert_allclose(lapack.solve(strided, b), expected, 1e-3, 1e-4, err_msg=which)
    np.testing.assert_allclose(lapack.solve(a, b[:1]), lapack.solve(a, b[[0, 0]]), err_msg=which)


def test_mixed_precision_is_double(which: str) -> None:
    a, b = operands("solve", (), 4, "float32")
    assert lapack.solve(a, b.astype(np.float64)).dtype == np.float64, which


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_fails_raises(name: str, dtype: str, which: str) -> None:
    given = operands(name, (3,), 4, dtype)
    given[0][1] = 0
    with pytest.raises(np.linalg.LinAlgError):
        getattr(lapack, name)(*given)
    getattr(lapack, name)(*[x[::2] for x in given])  # an earlier failure leaves no mark


@pytest.mark.parametrize("name", ["inv", "solve"])
def test_nan_is_no_failure(name: str, which: str) -> None:
    given = operands(name, (), 4, "float32")
    given[0][0, 0] = np.nan
    assert np.isnan(getattr(lapack, name)(*given)).any(), which


def test_foreign_dtypes_are_refused_as_numpy_does(which: str) -> None:
    with pytest.raises(TypeError, match="float16 is unsupported"):
        lapack.inv(np.eye(2, dtype=np.float16))
