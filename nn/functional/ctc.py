"""Connectionist temporal classification: the likelihood of labels, over all their alignments.

A sequence of T outputs says the S labels if they are what is left when repetitions are joined and
blanks taken out.  The labels with a blank before, between and after them are 2 S + 1 states; the
forward recursion adds up, in logarithms, the ways to be in each of them at each time.  It is made
of recorded operations, so it can be differentiated to any order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.naming import naming

from .arguments import check_floating, shape_of
from .reductions import array_of, reduced, reduction_of

__all__ = ["ctc_loss"]

NEVER = -1e30  # the logarithm of a probability that is as good as 0, and can be added to


@naming
def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """-log p(labels), summed over all alignments of the labels to the outputs.

    The derivative is that of the formula, minus the probability of each class at each time given
    the labels; PyTorch's adds e^(log_probs), which a log-softmax before it takes away again.

    Shapes: log_probs (T, N, C) or (T, C); targets (N, S), or all labels in a row; lengths (N,) or
    (); the losses (N,) or ().

    Parameters
    ----------
    log_probs : Tensor
        Logarithms of the classes' probabilities at each time, from ``log_softmax``.
    targets : Tensor or array of int
        Labels; not the blank.
    input_lengths, target_lengths : Tensor, tuple or int
        How much of each sequence, and of each row of labels, counts.
    blank : int
        The class that says nothing.
    reduction : {'mean', 'sum', 'none'}
        'mean' divides each loss by its number of labels first.
    zero_infinity : bool
        Whether a loss is 0, and moves nothing, where no alignment is long enough; else it is inf,
        and its gradient inf or nan.

    Raises
    ------
    RuntimeError
        The shapes, lengths, labels or the blank do not fit.
    ValueError
        The reduction is unknown.

    Examples
    --------
    >>> import autograd, nn.functional as F
    >>> log_probs = F.log_softmax(autograd.zeros(2, 1, 3), 2)
    >>> round(ctc_loss(log_probs, autograd.tensor([[1]]), [2], [1]).item(), 4)  # 3 ways of 9
    1.0986

    Source: ``torch.nn.functional.ctc_loss``; Graves et al. (2006).
    """
    reduction = reduction_of("ctc_loss", reduction)
    check_floating("ctc_loss", log_probs=log_probs)
    alone = log_probs.ndim == 2
    if alone:
        log_probs = autograd.unsqueeze(log_probs, 1)
    if log_probs.ndim != 3:
        raise RuntimeError(
            f"ctc_loss: expected log_probs of shape (T, N, C) or (T, C), got {shape_of(log_probs)}"
        )
    labels, times, numbers = _checked(log_probs, targets, input_lengths, target_lengths, blank)
    losses = -_log_likelihood(log_probs, labels, times, numbers, blank)
    impossible = array_of(losses) > -NEVER / 2
    if impossible.any():
        if zero_infinity:
            losses = autograd.where(autograd.tensor(impossible), 0.0, losses)
        else:  # and the gradient is infinite times 0, which shows: 0 would pass for learnt
            losses = losses * np.where(impossible, np.inf, 1).astype(log_probs.dtype)
    if reduction == "mean":
        losses = losses / np.maximum(numbers, 1).astype(log_probs.dtype)
    return losses.reshape(()) if alone and reduction == "none" else reduced(losses, reduction)


def _log_likelihood(log_probs: Any, labels: Any, times: Any, numbers: Any, blank: int) -> Any:
    """Return log p of each row of labels, NEVER or less where there is no alignment."""
    total, batch, _ = log_probs.shape
    states = np.full((batch, 2 * labels.shape[1] + 1), blank)
    states[:, 1::2] = labels
    # A label may follow another without a blank between them, unless they are the same.
    jumps = np.full(states.shape, NEVER, log_probs.dtype)
    jumps[:, 2:][(states[:, 2:] != blank) & (states[:, 2:] != states[:, :-2])] = 0
    scores = autograd.gather(log_probs, 2, np.broadcast_to(states, (total, *states.shape)))
    never = np.full((batch, 2), NEVER, log_probs.dtype)
    start = np.full(states.shape, NEVER, log_probs.dtype)
    start[:, :2] = 0
    paths = scores[0] + start if total else autograd.tensor(start) + 0 * autograd.sum(log_probs)
    for time in range(1, total):
        padded = autograd.cat([autograd.tensor(never), paths], 1)
        ways = autograd.logaddexp(paths, padded[:, 1:-1])
        ways = autograd.logaddexp(ways, padded[:, :-2] + jumps)
        running = autograd.tensor((time < times)[:, None])
        paths = autograd.where(running, scores[time] + ways, paths)
    # The sequence ends in the last label or in the blank after it.
    last = 2 * numbers[:, None]
    ends = autograd.gather(paths, 1, np.concatenate([last, np.maximum(last - 1, 0)], 1))
    found = autograd.logaddexp(ends[:, 0], ends[:, 1])
    return autograd.where(autograd.tensor(numbers > 0), found, ends[:, 0])


def _checked(
    log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int
) -> tuple[Any, Any, Any]:
    """Return labels (N, S), and the numbers of times and of labels of each sequence."""
    total, batch, classes = log_probs.shape
    if not 0 <= blank < classes:
        raise RuntimeError(f"ctc_loss: blank must be one of {classes} classes, got {blank}")
    times, numbers = (
        np.atleast_1d(array_of(lengths)) for lengths in (input_lengths, target_lengths)
    )
    labels = array_of(targets)
    for name, lengths in (("input_lengths", times), ("target_lengths", numbers)):
        if lengths.shape != (batch,) or lengths.dtype.kind not in "iu" or (lengths < 0).any():
            raise RuntimeError(
                f"ctc_loss: {name} must be {batch} whole numbers, none negative, got {lengths!r}"
            )
    if (times > total).any():
        raise RuntimeError(f"ctc_loss: input_lengths reach {times.max()}, but T is {total}")
    if labels.dtype.kind not in "iu":
        raise RuntimeError(f"ctc_loss: targets must be integers, got {labels.dtype}")
    longest = int(numbers.max(initial=0))
    counted = np.arange(longest) < numbers[:, None]
    rows = np.full((batch, longest), blank)
    if labels.ndim == 1 and labels.size == numbers.sum():
        rows[counted] = labels
    elif labels.ndim == 2 and len(labels) == batch and labels.shape[1] >= longest:
        rows = np.where(counted, labels[:, :longest], blank)
    else:
        raise RuntimeError(
            f"ctc_loss: targets of shape {labels.shape} are neither ({batch}, S) with S of at "
            f"least {longest}, nor the {numbers.sum()} labels in a row"
        )
    wrong = rows[(rows < 0) | (rows >= classes)]
    if wrong.size:
        raise RuntimeError(f"ctc_loss: target {wrong[0]} is not one of the {classes} classes")
    return rows, times, numbers
