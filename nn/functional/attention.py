"""Attention: every query takes a mean of values, weighted by how well their keys fit it."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.arguments import a_number
from autograd.naming import naming
from autograd.record import is_tensor
from nn import ops
from nn.ops.attention import attention_weights

from .affine import linear
from .arguments import check_dtype, check_probability, check_tensor, shape_of
from .noise import dropout

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]


@naming
def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """Attention: softmax(query key^T / sqrt(E)) value.

    Shapes: query (..., L, E), key (..., S, E), value (..., S, V) -> (..., L, V).

    One operation, which does not keep the (L, S) weights, if there is no dropout and the mask needs
    no gradient; otherwise products and a softmax.

    Parameters
    ----------
    attn_mask : tensor, optional
        Broadcasts to (..., L, S): a bool is True where a key may be looked at, a float is added to
        the scores. A query that may look at nothing gets 0.
    dropout_p : float
        Probability with which weights become 0; there is no training flag here.
    is_causal : bool
        Query i looks at the keys 0..i.
    scale : float, optional
        Instead of 1 / sqrt(E).
    enable_gqa : bool
        Whether query may have n times as many heads (axis -3), n of which share a key and a value.

    Raises
    ------
    RuntimeError
        Shapes do not fit, or both ``attn_mask`` and ``is_causal`` are given.
    TypeError
        The dtypes differ or are not floating-point; the mask's may be bool.
    ValueError
        ``dropout_p`` is not in [0, 1].

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> scaled_dot_product_attention(x, x, x, is_causal=True, scale=1.0).round(decimals=2).tolist()
    [[1.0, 0.0], [0.27..., 0.73...]]

    Source: ``torch.nn.functional.scaled_dot_product_attention``; Vaswani et al., 2017.
    """
    name = "scaled_dot_product_attention"
    check_dtype(name, query, key=key, value=value)
    check_probability(name, dropout_p)
    shapes = [shape_of(each) for each in (query, key, value)]
    fits = all(len(shape) >= 2 for shape in shapes)
    fits = fits and shapes[0][-1] == shapes[1][-1] and shapes[1][-2] == shapes[2][-2]
    if fits and enable_gqa:
        query, key, value = _shared(name, query, key, value)
        shapes = [shape_of(each) for each in (query, key, value)]
    try:
        leading = np.broadcast_shapes(*[shape[:-2] for shape in shapes])
        wanted = (*leading, shapes[0][-2], shapes[1][-2])
    except (ValueError, IndexError):
        fits = False
    if not fits:
        raise RuntimeError(
            f"{name}: expected query (..., L, E), key (..., S, E) and value (..., S, V), got "
            f"shapes {shapes[0]}, {shapes[1]} and {shapes[2]}"
        )
    if attn_mask is not None:
        if is_causal:
            raise RuntimeError(f"{name}: give attn_mask or is_causal, not both")
        attn_mask = _bias(name, attn_mask, query.dtype, wanted)
    scale = 1 / sqrt(shapes[0][-1]) if scale is None else float(a_number(scale, "scale", name))
    whole = all(shape[:-2] == leading for shape in shapes)
    constant = not (isinstance(attn_mask, Tensor) and attn_mask.requires_grad)
    if dropout_p == 0 and whole and constant:
        return ops.attention(query, key, value, attn_mask, scale=scale, causal=bool(is_causal))
    if is_causal:
        attn_mask = np.where(np.tri(*wanted[-2:], dtype=bool), 0, -np.inf).astype(query.dtype)
    weights = attention_weights(query, key, attn_mask, scale=scale)
    return autograd.matmul(dropout(weights, dropout_p), value)


def _shared(name: str, query: Any, key: Any, value: Any) -> tuple[Any, Any, Any]:
    """Repeat each head of key and value for the heads of query that share it."""
    heads = [shape_of(each)[-3:-2] or (0,) for each in (query, key, value)]
    (number,), (keys,), (values,) = heads
    if not keys or not values or number % keys or number % values:
        raise RuntimeError(
            f"{name}: with enable_gqa the heads of key and value (axis -3) divide those of query, "
            f"got shapes {shape_of(query)}, {shape_of(key)} and {shape_of(value)}"
        )
    repeated = [
        each if n == number else autograd.repeat_interleave(each, number // n, -3)
        for each, n in ((key, keys), (value, values))
    ]
    return query, *repeated


def _bias(name: str, mask: Any, dtype: Any, wanted: tuple[int, ...]) -> Any:
    """Return a mask as what is added to the scores: a bool as 0 or -inf."""
    check_tensor(name, attn_mask=mask)
    shape = shape_of(mask)
    if mask.dtype != np.bool_ and mask.dtype != dtype:
        raise TypeError(f"{name}: attn_mask must be bool or {dtype} as query, got {mask.dtype}")
    try:
        fits = np.broadcast_shapes(shape, wanted) == wanted
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(
            f"{name}: attn_mask of shape {shape} does not broadcast to the scores' {wanted}"
        )
    return _added(mask, dtype) if mask.dtype == np.bool_ else mask


def _added(allowed: Any, dtype: Any) -> Any:
    """Return 0 where a bool mask is True, and -inf elsewhere."""
    allowed = allowed.payload if is_tensor(allowed) else allowed
    return np.where(allowed, 0, -np.inf).astype(dtype)


def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Any, Any]:
    """Attention in several heads, whose queries, keys and values are projections of the inputs.

    head_i = softmax(q_i k_i^T / sqrt(d)) v_i with d = E / num_heads; the output is the projection
    of all heads side by side. ``MultiheadAttention`` explains the masks.

    Shapes: query (L, N, E), key (S, N, K), value (S, N, V), or all without N -> output (L, N, E)
    and weights (N, L, S), or (N, num_heads, L, S) if not averaged, or None.

    Parameters
    ----------
    in_proj_weight, in_proj_bias
        (3E, E) and (3E,): the projections of query, key and value, one below the other.
    bias_k, bias_v : tensor, optional
        (1, 1, E): one more key and value.
    add_zero_attn : bool
        One more key and value of zeros.
    static_k, static_v : tensor, optional
        (N num_heads, S, d): instead of the projected key and value.
    use_separate_proj_weight : bool
        Take ``q_proj_weight``, ``k_proj_weight`` and ``v_proj_weight`` for ``in_proj_weight``.

    Raises
    ------
    RuntimeError
        Shapes do not fit, or ``is_causal`` comes without an ``attn_mask``.
    TypeError
        The dtypes differ, or a mask is neither bool nor floating-point.

    Examples
    --------
    >>> import autograd, nn
    >>> layer, x = nn.MultiheadAttention(4, 2), autograd.ones(3, 1, 4)
    >>> first, last = (layer.in_proj_weight, layer.in_proj_bias), layer.out_proj.parameters()
    >>> out, shares = multi_head_attention_forward(
    ...     x, x, x, 4, 2, *first, None, None, False, 0.0, *last
    ... )
    >>> out.shape, shares.shape
    ((3, 1, 4), (1, 3, 3))

    Source: ``torch.nn.functional.multi_head_attention_forward``; Vaswani et al., 2017.
    """
    name = "multi_head_attention_forward"
    separate = [q_proj_weight, k_proj_weight, v_proj_weight]
    weights = separate if use_separate_proj_weight else [in_proj_weight]
    check_dtype(name, query, key=key, value=value, projection=weights[0])
    single = len(query.shape) == 2
    _check_inputs(name, query, key, value, embed_dim_to_check, num_heads)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            f"{name}: is_causal is a hint about attn_mask, which is missing; make one with "
            "Transformer.generate_square_subsequent_mask"
        )
    q, k, v = _projected(query, key, value, weights, in_proj_bias)
    if single:
        q, k, v = (autograd.unsqueeze(each, 1) for each in (q, k, v))
    length, batch, width = q.shape
    size = width // num_heads
    added = 0
    if bias_k is not None and bias_v is not None:
        k, v = (
            autograd.cat([each, autograd.broadcast_to(extra, (1, batch, width))])
            for each, extra in ((k, bias_k), (v, bias_v))
        )
        added += 1
    q, k, v = (_heads(each, num_heads) for each in (q, k, v))
    if static_k is not None:
        k = _static(name, "static_k", static_k, batch, num_heads, size)
    if static_v is not None:
        v = _static(name, "static_v", static_v, batch, num_heads, size)
    if add_zero_attn:
        zeros = autograd.zeros((batch, num_heads, 1, size), dtype=q.dtype)
        k, v = autograd.cat([k, zeros], 2), autograd.cat([v, zeros], 2)
        added += 1
    wanted = (batch, num_heads, length, k.shape[2])
    bias = _masks(name, attn_mask, key_padding_mask, single, wanted, added, q.dtype)
    scale = 1 / sqrt(size)
    found = None
    if need_weights:
        found = dropout(attention_weights(q, k, bias, scale=scale), dropout_p, training)
        z = autograd.matmul(found, v)
        if average_attn_weights:
            found = autograd.mean(found, 1)
        found = found[0] if single else found
    else:
        p = dropout_p if training else 0.0
        z = scaled_dot_product_attention(q, k, v, bias, p, scale=scale)
    z = autograd.reshape(autograd.permute(z, (2, 0, 1, 3)), (length, batch, width))
    z = linear(z, out_proj_weight, out_proj_bias)
    return (z[:, 0] if single else z), found


def _check_inputs(name: str, query: Any, key: Any, value: Any, width: int, heads: int) -> None:
    check_tensor(name, query=query, key=key, value=value)
    shapes = [tuple(each.shape) for each in (query, key, value)]
    if {len(shape) for shape in shapes} not in ({2}, {3}) or shapes[1][:-1] != shapes[2][:-1]:
        raise RuntimeError(
            f"{name}: expected query (L, N, E), key and value (S, N, ...), or all without N, got "
            f"shapes {shapes[0]}, {shapes[1]} and {shapes[2]}"
        )
    if len(shapes[0]) == 3 and shapes[0][1] != shapes[1][1]:
        raise RuntimeError(
            f"{name}: query and key differ in the batch: {shapes[0][1]} and {shapes[1][1]}"
        )
    if shapes[0][-1] != width:
        raise RuntimeError(f"{name}: expected an embedding of {width}, got query {shapes[0]}")
    if width % heads:
        raise RuntimeError(f"{name}: {heads} heads do not divide an embedding of {width}")


def _projected(query: Any, key: Any, value: Any, weights: list[Any], bias: Any) -> list[Any]:
    """Project the inputs; those that are the same tensor in one product."""
    if len(weights) == 3:
        width = weights[0].shape[0]
        biases = [None] * 3 if bias is None else autograd.split(bias, width)
        inputs = (query, key, value)
        return [linear(x, w, b) for x, w, b in zip(inputs, weights, biases, strict=True)]
    (weight,) = weights
    width = weight.shape[1]
    if query is key and key is value:
        return list(autograd.split(linear(query, weight, bias), width, -1))

    def part(first: int, last: int) -> tuple[Any, Any]:
        rows = slice(first * width, last * width)
        return weight[rows], None if bias is None else bias[rows]

    q = linear(query, *part(0, 1))
    if key is value:
        return [q, *autograd.split(linear(key, *part(1, 3)), width, -1)]
    return [q, linear(key, *part(1, 2)), linear(value, *part(2, 3))]


def _heads(x: Any, number: int) -> Any:
    """Return (n, N, E) as (N, heads, n, d)."""
    length, batch, width = x.shape
    parts = autograd.reshape(x, (length, batch, number, width // number))
    return autograd.permute(parts, (1, 2, 0, 3))


def _static(name: str, what: str, x: Any, batch: int, heads: int, size: int) -> Any:
    shape = tuple(x.shape)
    if len(shape) != 3 or shape[0] != batch * heads or shape[2] != size:
        raise RuntimeError(
            f"{name}: {what} must have shape ({batch * heads}, S, {size}), got {shape}"
        )
    return autograd.reshape(x, (batch, heads, shape[1], size))


def _masks(
    name: str,
    attn_mask: Any,
    padding: Any,
    single: bool,
    wanted: tuple[int, ...],
    added: int,
    dtype: Any,
) -> Any:
    """Return both masks as what is added to the scores; keys that were added are looked at."""
    batch, heads, length, keys = wanted
    keys -= added
    total = None
    if attn_mask is not None:
        check_tensor(name, attn_mask=attn_mask)
        shape = tuple(attn_mask.shape)
        if shape not in ((length, keys), (batch * heads, length, keys)):
            raise RuntimeError(
                f"{name}: attn_mask must have shape {(length, keys)} or "
                f"{(batch * heads, length, keys)}, got {shape}"
            )
        total = _blocking(name, "attn_mask", attn_mask, dtype)
        if len(shape) == 3:
            total = autograd.reshape(total, (batch, heads, length, keys))
    if padding is not None:
        check_tensor(name, key_padding_mask=padding)
        shape = tuple(padding.shape)
        if shape != ((keys,) if single else (batch, keys)):
            raise RuntimeError(
                f"{name}: key_padding_mask must have shape "
                f"{(keys,) if single else (batch, keys)}, got {shape}"
            )
        padding = _blocking(name, "key_padding_mask", padding, dtype)
        padding = autograd.reshape(padding, (batch, 1, 1, keys))
        total = padding if total is None else total + padding
    if added and total is not None:
        zeros = np.zeros((*total.shape[:-1], added), dtype)
        total = autograd.cat([total, zeros], -1)
    return total


def _blocking(name: str, what: str, mask: Any, dtype: Any) -> Any:
    """Return a mask that is True where a key is not looked at, or a float, as what is added."""
    if mask.dtype == np.bool_:
        return _added(np.logical_not(mask.payload if is_tensor(mask) else mask), dtype)
    if mask.dtype != dtype:
        raise TypeError(f"{name}: {what} must be bool or {dtype} as query, got {mask.dtype}")
    return mask
