"""Special functions: the error function and its relatives, and the gamma function's logarithm.

``erf`` and ``erfc`` are computed by error_function.py; the others are SciPy's, imported when one of
them is first called.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arguments import an_integer
from autograd.naming import naming
from autograd.op import elementwise
from autograd.ops import error_function
from autograd.ops.passing import gate

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "i0",
    "lgamma",
    "polygamma",
]

_ROOT_PI = math.sqrt(math.pi)


@elementwise(
    promotes="float",
    scalar=lambda x: type(x)(math.erf(x)),
    x=lambda x: 2 / _ROOT_PI * np.exp(-(x * x)),
)
def erf(x: Any) -> Any:
    """Error function: z = 2 pi^(-1/2) (integral of e^(-t^2) from 0 to x), range (-1, 1).

    dz/dx = 2 pi^(-1/2) e^(-x^2).  The normal distribution function is (1 + erf(x / 2^(1/2))) / 2.

    Examples
    --------
    >>> import autograd
    >>> autograd.erf(autograd.tensor([0.0, 1.0, -2.0]))
    tensor([ 0.0000,  0.8427, -0.9953])

    Source: ``torch.erf``; Cody (1969).
    """
    return error_function.erf(x)


@elementwise(
    promotes="float",
    scalar=lambda x: type(x)(math.erfc(x)),
    x=lambda x: -2 / _ROOT_PI * np.exp(-(x * x)),
)
def erfc(x: Any) -> Any:
    """Complementary error function, exact also where it is tiny: z = 1 - erf(x).

    dz/dx = -2 pi^(-1/2) e^(-x^2).

    Examples
    --------
    >>> import autograd
    >>> autograd.erfc(autograd.tensor([0.0, 1.0, 5.0]))
    tensor([1.0000e+00, 1.5730e-01, 1.5375e-12])

    Source: ``torch.erfc``; Cody (1969).
    """
    return error_function.erfc(x)


def _scipy(name: str, function: str, *operands: Any) -> Any:
    """Call a function of ``scipy.special`` and keep the dtype of its last operand."""
    try:
        from scipy import special
    except ImportError:
        raise ImportError(
            f"{name}: this function is computed by SciPy, which is not installed; "
            "install it with `pip install scipy`"
        ) from None
    x = operands[-1]
    return getattr(special, function)(*operands).astype(np.asarray(x).dtype)[()]


@elementwise(promotes="float", x=lambda z: _ROOT_PI / 2 * np.exp(z * z))
def erfinv(x: Any) -> Any:
    """Inverse error function: erf(z) = x, inf at 1, nan outside of [-1, 1].

    dz/dx = pi^(1/2) / 2 e^(z^2).  At 2p - 1, and times 2^(1/2), it is the normal quantile of p.

    Raises
    ------
    ImportError
        If SciPy, which computes it, is not installed.

    Examples
    --------
    >>> import autograd
    >>> autograd.erfinv(autograd.tensor([0.0, 0.5]))  # doctest: +SKIP
    tensor([0.0000, 0.4769])

    Source: ``torch.erfinv``, ``scipy.special.erfinv``.
    """
    return _scipy("erfinv", "erfinv", x)


@elementwise(promotes="float", x=lambda x: digamma(x))  # type: ignore[has-type]
def lgamma(x: Any) -> Any:
    """Logarithm of the gamma function's size: z = log |gamma(x)|, log (x-1)! for integers.

    dz/dx = digamma(x).

    Raises
    ------
    ImportError
        If SciPy, which computes it, is not installed.

    Examples
    --------
    >>> import autograd
    >>> autograd.lgamma(autograd.tensor([1.0, 4.0]))  # doctest: +SKIP
    tensor([0.0000, 1.7918])

    Source: ``torch.lgamma``, ``scipy.special.gammaln``.
    """
    z = _scipy("lgamma", "gammaln", x)
    return np.where(np.isinf(x), np.abs(z), z)[()]  # SciPy has -inf at -inf


@elementwise(promotes="float", x=lambda x: polygamma(1, x))  # type: ignore[has-type]
def digamma(x: Any) -> Any:
    """Logarithmic derivative of the gamma function: z = gamma'(x) / gamma(x).

    dz/dx = polygamma(1, x).

    Raises
    ------
    ImportError
        If SciPy, which computes it, is not installed.

    Examples
    --------
    >>> import autograd
    >>> autograd.digamma(autograd.tensor([1.0, 2.0]))  # doctest: +SKIP
    tensor([-0.5772,  0.4228])

    Source: ``torch.digamma``, ``scipy.special.psi``.
    """
    return _scipy("digamma", "psi", x)


@elementwise(
    name="polygamma",
    promotes="float",
    x=lambda upstream, x, n: upstream * polygamma(n + 1, x),  # type: ignore[has-type]
)
def polygamma_of(x: Any, *, n: int) -> Any:
    """Differentiate digamma n times; see :func:`polygamma`."""
    return _scipy("polygamma", "polygamma", n, x)


@naming
def polygamma(n: int, x: Any) -> Any:
    """Differentiate digamma n times: z = d^n digamma(x) / dx^n; dz/dx = polygamma(n+1, x).

    Raises
    ------
    ImportError
        If SciPy, which computes it, is not installed.
    ValueError
        If n is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.polygamma(1, autograd.tensor([1.0, 2.0]))  # doctest: +SKIP
    tensor([1.6449, 0.6449])

    Source: ``torch.polygamma``, ``scipy.special.polygamma``.
    """
    n = an_integer(n, "n", "polygamma")
    if n < 0:
        raise ValueError(f"polygamma: expected an order of at least 0, got {n}")
    return digamma(x) if n == 0 else polygamma_of(x, n=n)


@naming
def polygamma_method(self: Any, n: int) -> Any:
    """Differentiate digamma n times at the tensor's elements; see :func:`polygamma`.

    Raises
    ------
    ImportError, ValueError
        As :func:`polygamma`.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1.0]).polygamma(1)  # doctest: +SKIP
    tensor([1.6449])

    Source: ``torch.Tensor.polygamma``.
    """
    return polygamma(n, self)


# ---------------------------------------------------------------- entropies and the normal law


@elementwise(promotes="float", x=lambda upstream, x: -upstream * (np.log(x) + 1))
def entr(x: Any) -> Any:
    """Entropy of a probability: z = -x log x, 0 at 0, and -inf below; dz/dx = -(log x + 1).

    Examples
    --------
    >>> import autograd
    >>> autograd.special.entr(autograd.tensor([0.0, 0.5, 1.0, -1.0]))
    tensor([0.0000, 0.3466, -0.0000,   -inf])

    Source: ``torch.special.entr``.
    """
    positive = x > 0
    z = -x * np.log(np.where(positive, x, 1))
    return np.where(positive | np.isnan(x), z, np.where(x == 0, 0, -np.inf)).astype(z.dtype)[()]


@elementwise(
    promotes="float",
    x=lambda upstream, x, y: gate(xlog1py(upstream, y), np.logical_not((x == 0) & (y <= -1))),  # type: ignore[has-type]
    y=lambda upstream, x, y: upstream * x / (1 + y),
    single=True,
)
def xlog1py(x: Any, y: Any) -> Any:
    """Multiply by a logarithm: z = x log(1 + y), and 0 where x = 0 (also at y = -1, not at nan).

    dz/dx = log(1 + y) (0 where x = 0 and y <= -1), dz/dy = x / (1 + y).

    Examples
    --------
    >>> import autograd
    >>> autograd.special.xlog1py(autograd.tensor([0.0, 2.0]), autograd.tensor([-1.0, 1.0]))
    tensor([0.0000, 1.3863])

    Source: ``torch.special.xlog1py``.
    """
    if not hasattr(y, "dtype"):
        y = np.asarray(x).dtype.type(y)
    none = np.equal(x, 0) & ~np.isnan(y)
    return np.where(none, 0, x * np.log1p(np.where(none, 0, y)))[()]


@elementwise(promotes="float", x=lambda x: np.exp(-(x * x) / 2) / (math.sqrt(2) * _ROOT_PI))
def ndtr(x: Any) -> Any:
    """Integrate the normal density: z = (1 + erf(x / 2^(1/2))) / 2, exact in its lower tail, too.

    dz/dx = (2 pi)^(-1/2) e^(-x^2 / 2).

    Examples
    --------
    >>> import autograd
    >>> autograd.special.ndtr(autograd.tensor([0.0, 1.0, -1.0]))
    tensor([0.5000, 0.8413, 0.1587])

    Source: ``torch.special.ndtr``.
    """
    return error_function.erfc(x * -math.sqrt(0.5)) / 2


@elementwise(promotes="float", x=lambda x, z: 2 * x * z - 2 / _ROOT_PI)
def erfcx(x: Any) -> Any:
    """Scaled complement of the error function: z = e^(x^2) erfc(x); dz/dx = 2 x z - 2 pi^(-1/2).

    Raises
    ------
    ImportError
        If SciPy, which computes it, is not installed.

    Examples
    --------
    >>> import autograd
    >>> autograd.special.erfcx(autograd.tensor([0.0, 10.0]))  # doctest: +SKIP
    tensor([1.0000, 0.0561])

    Source: ``torch.special.erfcx``, ``scipy.special.erfcx``.
    """
    return _scipy("erfcx", "erfcx", x)


@elementwise(promotes="float", x=lambda x, z: -z * (x + z))
def density_ratio(x: Any) -> Any:
    """Return the normal density over its distribution function: the slope of ``log_ndtr``."""
    return math.sqrt(2) / _ROOT_PI / _scipy("log_ndtr", "erfcx", x * -math.sqrt(0.5))


@elementwise(promotes="float", x=lambda x: density_ratio(x))
def log_ndtr(x: Any) -> Any:
    """Logarithm of the normal distribution function, far into its lower tail.

    dz/dx = (2 / pi)^(1/2) / erfcx(-x / 2^(1/2)).

    Raises
    ------
    ImportError
        If SciPy, which computes it, is not installed.

    Examples
    --------
    >>> import autograd
    >>> autograd.special.log_ndtr(autograd.tensor([0.0, -3.0]))  # doctest: +SKIP
    tensor([-0.6931, -6.6077])

    Source: ``torch.special.log_ndtr``, ``scipy.special.log_ndtr``.
    """
    return _scipy("log_ndtr", "log_ndtr", x)


# ---------------------------------------------------------------- Bessel functions


@elementwise(promotes="float", x=lambda x: i1(x))  # type: ignore[has-type]
def i0(x: Any) -> Any:
    """Return the modified Bessel function of order 0; dz/dx = i1(x).

    Raises
    ------
    ImportError
        If SciPy, which computes it, is not installed.

    Examples
    --------
    >>> import autograd
    >>> autograd.i0(autograd.tensor([0.0, 1.0, -2.0]))  # doctest: +SKIP
    tensor([1.0000, 1.2661, 2.2796])

    Source: ``torch.i0``, ``scipy.special.i0``.
    """
    return _scipy("i0", "i0", x)


@elementwise(
    promotes="float",
    x=lambda x, z: i0(x) - np.where(np.abs(x) < 1e-30, 0.5, z / (x + (np.abs(x) < 1e-30))),
)
def i1(x: Any) -> Any:
    """Return the modified Bessel function of order 1; dz/dx = i0(x) - z / x, 1/2 at 0.

    Raises
    ------
    ImportError
        If SciPy, which computes it, is not installed.

    Examples
    --------
    >>> import autograd
    >>> autograd.special.i1(autograd.tensor([0.0, 1.0, -2.0]))  # doctest: +SKIP
    tensor([ 0.0000,  0.5652, -1.5906])

    Source: ``torch.special.i1``, ``scipy.special.i1``.
    """
    return _scipy("i1", "i1", x)
