"""Noise while training, with PyTorch's arguments; masks come from ``autograd``'s generator.

Two conventions exist. *Inverted* (the default, PyTorch's): ``p`` is the probability of dropping,
what is kept is divided by 1 - p in training, and evaluation does nothing. *Keep* (the first papers
and many courses): ``p`` is the probability of keeping, training only masks, and evaluation
multiplies by p. The two agree up to the factor p.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from autograd.ops.in_place import in_place
from autograd.record import is_tensor
from nn.ops.dropout import (
    alpha_masked,
    apply_mask,
    draw_mask,
    inverse_of_kept,
    mask_branch,
    mask_weight,
)

from .arguments import check_floating, check_probability, shape_of

__all__ = [
    "alpha_dropout",
    "drop_connect",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
    "stochastic_depth",
]


def dropout(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    convention: str = "inverted",
) -> Any:
    """Dropout: each element becomes 0 with probability p, else x / (1 - p).

    Outside of training, or with p = 0, it is the identity. The backward pass uses the same mask.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    p : float
        Probability of dropping; with ``convention="keep"`` of keeping.
    training : bool
        Whether to drop at all.
    inplace : bool
        Whether ``input`` itself is changed.
    convention : {'inverted', 'keep'}
        With 'keep' training gives x or 0 and evaluation x p.

    Raises
    ------
    ValueError
        p is not in [0, 1].
    TypeError
        The input is not floating-point.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.functional.dropout(autograd.ones(2), 1.0).tolist()
    [0.0, 0.0]
    >>> nn.functional.dropout(autograd.ones(2), 0.8, training=False, convention="keep").tolist()
    [0.800000011920929, 0.800000011920929]

    Source: ``torch.nn.functional.dropout``; 'keep': Srivastava et al., 2014.
    """
    check_floating("dropout", input=input)
    return _masked("dropout", apply_mask, input, p, training, inplace, None, convention)


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Drop whole channels with probability p: each x[n, c] becomes 0, else x[n, c] / (1 - p).

    Shapes: (N, C, L) or (C, L) -> the same.

    Raises
    ------
    ValueError
        p is not in [0, 1].
    RuntimeError
        The input has not 2 or 3 axes.

    Examples
    --------
    >>> import autograd, nn
    >>> y = nn.functional.dropout1d(autograd.ones(4, 3, 5), 0.5)
    >>> bool((y == y[:, :, :1]).all())
    True

    Source: ``torch.nn.functional.dropout1d``.
    """
    axes = len(_checked("dropout1d", input, p))
    if axes not in (2, 3):
        raise RuntimeError(
            f"dropout1d: expected input (N, C, L) or (C, L), got shape {shape_of(input)}"
        )
    return _features("dropout1d", input, p, training, inplace, batched=axes == 3)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Drop whole feature maps with probability p: each x[n, c] becomes 0, else x[n, c] / (1 - p).

    Shapes: (N, C, H, W), or (N, C, L), which is deprecated in PyTorch -> the same.

    Warns
    -----
    UserWarning
        The input has not 4 axes: its first two are taken for N and C.

    Raises
    ------
    ValueError
        p is not in [0, 1].
    RuntimeError
        The input has fewer than 2 axes.

    Examples
    --------
    >>> import autograd
    >>> maps = dropout2d(autograd.ones(1, 2, 2, 2))
    >>> bool(((maps == 0) | (maps == 2)).all()), bool((maps[0, 0] == maps[0, 0].max()).all())
    (True, True)

    Source: ``torch.nn.functional.dropout2d``.
    """
    axes = len(_checked("dropout2d", input, p))
    if axes != 4:
        _warn("dropout2d", "(N, C, H, W)", input)
    return _features("dropout2d", input, p, training, inplace)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Drop whole volumes with probability p: each x[n, c] becomes 0, else x[n, c] / (1 - p).

    Shapes: (N, C, D, H, W) or (C, D, H, W) -> the same.

    Warns
    -----
    UserWarning
        The input has not 4 or 5 axes: its first one is taken for C.

    Raises
    ------
    ValueError
        p is not in [0, 1].

    Examples
    --------
    >>> import autograd
    >>> maps = dropout3d(autograd.ones(1, 2, 1, 2, 2))
    >>> bool(((maps == 0) | (maps == 2)).all()), bool((maps[0, 0] == maps[0, 0].max()).all())
    (True, True)

    Source: ``torch.nn.functional.dropout3d``.
    """
    axes = len(_checked("dropout3d", input, p))
    if axes not in (4, 5):
        _warn("dropout3d", "(N, C, D, H, W) or (C, D, H, W)", input)
    return _features("dropout3d", input, p, training, inplace, batched=axes == 5)


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Alpha dropout: z = a x + b, what is dropped first set to -1.758..., where SELU saturates.

    a and b are such that mean 0 and variance 1 stay: a = 1 / sqrt((1 - p) (1 + 1.758^2 p)),
    b = 1.758 a p. Outside of training, or with p = 0, it is the identity; with p = 1 all is 0.

    Raises
    ------
    ValueError
        p is not in [0, 1].

    Examples
    --------
    >>> import autograd, nn
    >>> y = nn.functional.alpha_dropout(autograd.randn(10000), 0.5, training=True)
    >>> bool(abs(y.mean()) < 0.1), bool(abs(y.std() - 1) < 0.1)
    (True, True)

    Source: ``torch.nn.functional.alpha_dropout``; Klambauer et al., 2017.
    """
    shape = _checked("alpha_dropout", input, p)
    return _alpha("alpha_dropout", input, p, training, inplace, shape)


def feature_alpha_dropout(
    input: Any, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Any:
    """Alpha dropout of whole channels: all of x[n, c] is dropped, or nothing of it.

    Shapes: (N, C, ...) -> the same.

    Raises
    ------
    ValueError
        p is not in [0, 1].
    RuntimeError
        The input has fewer than 2 axes.

    Examples
    --------
    >>> import autograd
    >>> maps = feature_alpha_dropout(autograd.ones(1, 3, 4), training=True)
    >>> bool((maps == maps[:, :, :1]).all())
    True

    Source: ``torch.nn.functional.feature_alpha_dropout``.
    """
    shape = _checked("feature_alpha_dropout", input, p)
    if training and 0 < p < 1:
        shape = _feature_shape("feature_alpha_dropout", shape, 2)
    return _alpha("feature_alpha_dropout", input, p, training, inplace, shape)


def drop_connect(
    weight: Any, p: float = 0.5, training: bool = True, *, convention: str = "inverted"
) -> Any:
    """DropConnect: each entry of a weight becomes 0 with probability p, else w / (1 - p).

    What is masked gets gradient 0. One mask is drawn a call: all samples share it. Outside of
    training, or with p = 0, it is the identity.

    Parameters
    ----------
    weight : Tensor
        Of any shape.
    p, convention
        As of :func:`dropout`.

    Raises
    ------
    ValueError
        p is not in [0, 1].

    Examples
    --------
    >>> import autograd, nn
    >>> x, w = autograd.ones(1, 3), autograd.ones(2, 3)
    >>> nn.functional.linear(x, nn.functional.drop_connect(w, 1.0)).tolist()
    [[0.0, 0.0]]

    Source: Wan et al., 2013 (there a mask a sample).
    """
    check_floating("drop_connect", weight=weight)
    return _masked("drop_connect", mask_weight, weight, p, training, False, None, convention)


def stochastic_depth(
    input: Any,
    p: float,
    mode: str,
    training: bool = True,
    *,
    convention: str = "inverted",
) -> Any:
    """Stochastic depth: a sample of a residual branch becomes 0 with probability p.

    What survives is divided by the survival probability 1 - p. Outside of training, or with p = 0,
    it is the identity.

    Parameters
    ----------
    input : Tensor
        (N, ...), the output of the branch, before the shortcut is added.
    p : float
        Probability of dropping; with ``convention="keep"`` of survival: then training only drops,
        and evaluation multiplies by it.
    mode : {'row', 'batch'}
        Whether each sample is drawn for itself, or all at once.

    Raises
    ------
    ValueError
        p is not in [0, 1], or the mode is another one.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.functional.stochastic_depth(autograd.ones(2, 3), 1.0, "batch").tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]

    Source: ``torchvision.ops.stochastic_depth``; Huang et al., 2016 ('keep').
    """
    check_floating("stochastic_depth", input=input)
    check_mode("stochastic_depth", mode)
    axes = len(shape_of(input))
    shape = (1,) * axes
    if mode == "row":
        if not axes:
            raise ValueError("stochastic_depth: mode 'row' needs input (N, ...), got shape ()")
        shape = (shape_of(input)[0], *shape[1:])
    options = (p, training, False, shape, convention)
    return _masked("stochastic_depth", mask_branch, input, *options)


def check_mode(function: str, mode: Any) -> None:
    """Refuse a mode that is not 'row' or 'batch'."""
    if mode not in ("row", "batch"):
        raise ValueError(f"{function}: mode must be 'row' or 'batch', got {mode!r}")


def check_convention(function: str, convention: Any) -> None:
    """Refuse a convention that is not 'inverted' or 'keep'."""
    if convention not in ("inverted", "keep"):
        raise ValueError(f"{function}: convention must be 'inverted' or 'keep', got {convention!r}")


def _checked(function: str, input: Any, p: float) -> tuple[int, ...]:
    check_probability(function, p)
    check_floating(function, input=input)
    return shape_of(input)


def _masked(
    function: str,
    op: Callable[..., Any],
    input: Any,
    p: float,
    training: bool,
    inplace: bool,
    shape: tuple[int, ...] | None = None,
    convention: str = "inverted",
) -> Any:
    """Mask by a fresh mask of ``shape`` (None: the input's), and scale as the convention says."""
    check_probability(function, p)
    check_convention(function, convention)
    drop, scale = p, inverse_of_kept(p)
    if convention == "keep":
        drop, scale = 1 - p, 1.0
        if not training and p != 1:
            return _changed(function, lambda x: x * p, input, inplace)
    if not training or drop == 0 or not _size(input):
        return input
    mask = draw_mask(shape_of(input) if shape is None else shape, drop)
    return _changed(function, op, input, inplace, mask=mask, p=drop, scale=scale)


def _alpha(
    function: str, input: Any, p: float, training: bool, inplace: bool, shape: tuple[int, ...]
) -> Any:
    if p == 1:
        return _masked(function, apply_mask, input, p, training, inplace)
    if not training or p == 0 or not _size(input):
        return input
    mask = draw_mask(shape, p)
    return _changed(function, alpha_masked, input, inplace, mask=mask, p=p)


def _features(
    function: str, input: Any, p: float, training: bool, inplace: bool, batched: bool = True
) -> Any:
    shape = _feature_shape(function, shape_of(input), 1 + batched)
    return _masked(function, apply_mask, input, p, training, inplace, shape)


def _feature_shape(function: str, shape: tuple[int, ...], leading: int) -> tuple[int, ...]:
    """Return the shape of a mask with one element a feature map."""
    if len(shape) < leading:
        raise RuntimeError(f"{function}: expected input (N, C, ...), got shape {shape}")
    return shape[:leading] + (1,) * (len(shape) - leading)


def _changed(
    function: str, op: Callable[..., Any], input: Any, inplace: bool, **attributes: Any
) -> Any:
    """Apply an op, to the input itself if ``inplace``."""
    if inplace and is_tensor(input):
        return in_place(function, input, op, **attributes)
    return op(input, **attributes)


def _size(input: Any) -> int:
    return 0 if 0 in shape_of(input) else 1


def _warn(function: str, expected: str, input: Any) -> None:
    warnings.warn(
        f"{function}: expects input {expected}, got shape {shape_of(input)}; use dropout for "
        "single elements, dropout1d for (N, C, L)",
        stacklevel=3,
    )
