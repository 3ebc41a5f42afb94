"""Special functions under the names of ``torch.special``; the operations are in ``autograd.ops``.

>>> import autograd
>>> autograd.special.ndtr(autograd.tensor([0.0, 1.0]))
tensor([0.5000, 0.8413])
"""

from autograd.ops.exponential import exp2, expm1, log1p, logit, xlogy
from autograd.ops.exponential import sigmoid as expit
from autograd.ops.probabilities import log_softmax, softmax
from autograd.ops.reduction import logsumexp
from autograd.ops.rounding import round
from autograd.ops.special import (
    digamma,
    entr,
    erf,
    erfc,
    erfcx,
    erfinv,
    i0,
    i1,
    log_ndtr,
    ndtr,
    polygamma,
    xlog1py,
)
from autograd.ops.special import lgamma as gammaln
from autograd.ops.trigonometric import sinc

psi = digamma

__all__ = [
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammaln",
    "i0",
    "i1",
    "log1p",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "ndtr",
    "polygamma",
    "psi",
    "round",
    "sinc",
    "softmax",
    "xlog1py",
    "xlogy",
]
