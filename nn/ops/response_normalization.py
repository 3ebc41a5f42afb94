"""Local response normalisation: each number divided by a power of its neighbours in channels."""

from __future__ import annotations

import numpy as np

from autograd.op import structural

__all__ = ["channel_window_sums", "local_response_norm"]


@structural(
    x=lambda upstream, before, after: channel_window_sums(upstream, before=after, after=before)
)
def channel_window_sums(x, *, before, after):
    """Sum over neighbours: z[:, c] = sum of x[:, c'], c - before <= c' <= c + after.

    The adjoint is the same with ``before`` and ``after`` exchanged.

    Examples
    --------
    >>> channel_window_sums(np.array([[1, 10, 100]]), before=1, after=0).tolist()
    [[1, 11, 110]]
    """
    z = np.array(x)
    channels = x.shape[1]
    for by in range(1, min(before, channels - 1) + 1):
        z[:, by:] += x[:, : channels - by]
    for by in range(1, min(after, channels - 1) + 1):
        z[:, : channels - by] += x[:, by:]
    return z


def _scale(x, size, alpha, k):
    sums = channel_window_sums(x * x, before=size // 2, after=(size - 1) // 2)
    return sums * (alpha / size) + k


def _rule(upstream, x, size, alpha, beta, k):
    scale = _scale(x, size, alpha, k)
    direct = upstream * scale**-beta
    through = channel_window_sums(direct * x / scale, before=(size - 1) // 2, after=size // 2)
    return direct - x * through * (2 * alpha * beta / size)


@structural(x=_rule)
def local_response_norm(x, *, size, alpha, beta, k):
    """Divide by the neighbours: z = x / s^beta, s_c = k + alpha / size * sum of x_c'^2.

    The sum is over size // 2 channels before c, c itself, and (size - 1) // 2 after it.
    dx = y s^-beta - 2 alpha beta / size x sum(y x s^(-beta - 1)), summed over those that have x
    in their window.

    Examples
    --------
    >>> x = np.ones((1, 2, 1))
    >>> local_response_norm(x, size=2, alpha=2.0, beta=1.0, k=1.0).ravel().round(4).tolist()
    [0.5, 0.3333]
    """
    return x * _scale(x, size, alpha, k) ** -beta
