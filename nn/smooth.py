"""Smooth nonlinearities and gates as layers: each keeps its function's arguments."""

from __future__ import annotations

from autograd import Tensor

from . import functional as F
from .module import Module
from .rectifiers import InPlace

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "LogSigmoid",
    "Mish",
    "SELU",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softsign",
    "Tanh",
    "Tanhshrink",
]


class Sigmoid(Module):
    """Logistic function: y = 1 / (1 + e^-x), range (0, 1); the derivative is at most 1/4.

    It saturates at both ends and is not centred on 0 (its mean is 1/2), so it is for outputs and
    gates that have to be in [0, 1], not for hidden layers.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Sigmoid()(autograd.tensor([0.0, -1000.0])).tolist()
    [0.5, 0.0]

    Source: ``torch.nn.Sigmoid``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Squash to (0, 1)."""
        return F.sigmoid(input)


class Tanh(Module):
    """Hyperbolic tangent, range (-1, 1), centred on 0; saturates at both ends.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Tanh()(autograd.tensor([0.0, 1000.0])).tolist()
    [0.0, 1.0]

    Source: ``torch.nn.Tanh``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Squash to (-1, 1)."""
        return F.tanh(input)


class ELU(InPlace):
    """Exponential linear unit: y = x where x > 0, else alpha (e^x - 1); its limit is -alpha.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ELU()(autograd.tensor([2.0, -1000.0])).tolist()
    [2.0, -1.0]

    Source: ``torch.nn.ELU``; Clevert et al. (2016).
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        """Bend the negative side."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return self._also(f"alpha={self.alpha}")


class CELU(ELU):
    """Exponential linear unit with slope 1 at 0: y = x where x > 0, else alpha (e^(x/alpha) - 1).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.CELU(2.0)(autograd.tensor([2.0, -1000.0])).tolist()
    [2.0, -2.0]

    Source: ``torch.nn.CELU``; Barron (2017).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Bend the negative side."""
        return F.celu(input, self.alpha, self.inplace)


class SELU(InPlace):
    """Exponential linear unit, scaled: normal numbers of mean 0 and variance 1 keep both.

    y = s x where x > 0, else s a (e^x - 1), with s = 1.0507009873554805, a = 1.6732632423543772.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.SELU()(autograd.tensor([-1.0, 1.0]))
    tensor([-1.1113,  1.0507])

    Source: ``torch.nn.SELU``; Klambauer et al. (2017).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Bend the negative side, and scale."""
        return F.selu(input, self.inplace)


class Softplus(Module):
    """Smooth rectifier: y = log(1 + e^(beta x)) / beta, and x where beta x > threshold.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Softplus()(autograd.tensor([0.0, 30.0]))
    tensor([ 0.6931, 30.0000])

    Source: ``torch.nn.Softplus``.
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """Rectify smoothly."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"beta={self.beta}, threshold={self.threshold}"


class LogSigmoid(Module):
    """Logarithm of the logistic function: y = -log(1 + e^-x), without overflow.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.LogSigmoid()(autograd.tensor([-1000.0])).tolist()
    [-1000.0]

    Source: ``torch.nn.LogSigmoid``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Squash to (-inf, 0)."""
        return F.logsigmoid(input)


class Softsign(Module):
    """Squash to (-1, 1), slowly: y = x / (1 + |x|).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Softsign()(autograd.tensor([-1.0, 3.0])).tolist()
    [-0.5, 0.75]

    Source: ``torch.nn.Softsign``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Squash to (-1, 1)."""
        return F.softsign(input)


class Tanhshrink(Module):
    """Subtract the hyperbolic tangent: y = x - tanh x.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Tanhshrink()(autograd.tensor([-1.0, 0.0]))
    tensor([-0.2384,  0.0000])

    Source: ``torch.nn.Tanhshrink``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shrink."""
        return F.tanhshrink(input)


class SiLU(InPlace):
    """Swish: y = x s(x), s the logistic function; least at x = -1.278, so not monotone.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.SiLU()(autograd.tensor([-1.0, 1.0]))
    tensor([-0.2689,  0.7311])

    Source: ``torch.nn.SiLU``; Ramachandran et al. (2017).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Gate the input by itself."""
        return F.silu(input, self.inplace)


class Mish(InPlace):
    """Gate by a smooth rectifier: y = x tanh(log(1 + e^x)).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Mish()(autograd.tensor([-1.0, 1.0]))
    tensor([-0.3034,  0.8651])

    Source: ``torch.nn.Mish``; Misra (2019).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Gate the input by itself."""
        return F.mish(input, self.inplace)


class GELU(Module):
    """Gaussian error linear unit: y = x Phi(x), Phi the normal distribution function.

    ``approximate="tanh"`` computes Phi by a hyperbolic tangent, off by 5e-4.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.GELU()(autograd.tensor([-1.0, 1.0]))
    tensor([-0.1587,  0.8413])

    Source: ``torch.nn.GELU``; Hendrycks and Gimpel (2016).
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Gate the input by its rank among normal numbers."""
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"approximate={self.approximate!r}"


class GLU(Module):
    """Gated linear unit: y = a s(b), where a and b are the halves of x along ``dim``.

    Shapes: (..., 2 n, ...) -> (..., n, ...).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.GLU()(autograd.tensor([1.0, 2.0, 0.0, 1000.0])).tolist()
    [0.5, 2.0]

    Source: ``torch.nn.GLU``; Dauphin et al. (2017).
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Gate one half by the other."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"dim={self.dim}"
