"""Multi-head attention as a layer."""

from __future__ import annotations

from typing import Any

import autograd
from autograd import Tensor

from . import functional as F
from . import init
from .functional.arguments import check_count, check_probability, layer_dtype
from .hollow import empty
from .linear import Linear
from .module import Module
from .parameter import Parameter

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Module):
    """Attention in several heads: each looks at the keys in a projection of its own.

    head_i = softmax(q_i k_i^T / sqrt(d)) v_i with d = embed_dim / num_heads and q, k, v projections
    of query, key and value; the output is a projection of all heads side by side.

    Shapes: query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim), with ``batch_first`` N
    before L and S, or all without N -> output as query, and weights (N, L, S).

    Parameters
    ----------
    dropout : float
        Probability with which weights become 0 in training.
    bias : bool
        Whether the projections have biases.
    add_bias_kv : bool
        One more key and value, which are learned.
    add_zero_attn : bool
        One more key and value of zeros: something to look at when nothing fits.
    kdim, vdim : int, optional
        Widths of key and value, embed_dim if not given.

    Raises
    ------
    ValueError
        embed_dim is not a multiple of num_heads, or an argument is out of its range.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.MultiheadAttention(4, 2, batch_first=True)
    >>> x = autograd.randn(3, 5, 4)
    >>> y, weights = layer(x, x, x)
    >>> y.shape, weights.shape, weights.sum(-1).allclose(autograd.ones(3, 5))
    ((3, 5, 4), (3, 5, 5), True)

    Source: ``torch.nn.MultiheadAttention``; Vaswani et al., "Attention is all you need", 2017.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        name = "MultiheadAttention"
        check_count(name, 1, embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(
                f"{name}: embed_dim must be a multiple of num_heads, got {embed_dim} and "
                f"{num_heads}"
            )
        check_probability(name, dropout)
        dtype = layer_dtype(name, device, dtype)
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        check_count(name, 1, kdim=self.kdim, vdim=self.vdim)
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn
        shapes: dict[str, tuple[int, ...] | None] = dict.fromkeys(
            ["in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias"]
        )
        if self.kdim == self.vdim == embed_dim:
            shapes["in_proj_weight"] = (3 * embed_dim, embed_dim)
        else:
            widths = {"q": embed_dim, "k": self.kdim, "v": self.vdim}
            shapes |= {f"{each}_proj_weight": (embed_dim, n) for each, n in widths.items()}
        if bias:
            shapes["in_proj_bias"] = (3 * embed_dim,)
        shapes |= dict.fromkeys(["bias_k", "bias_v"], (1, 1, embed_dim) if add_bias_kv else None)
        for each, shape in shapes.items():
            made = None if shape is None else Parameter(empty(shape, dtype))
            self.register_parameter(each, made)
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw the projections from Xavier's uniform distribution; biases are 0."""
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            if self._parameters[name] is not None:
                init.xavier_uniform_(self._parameters[name])
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the output, and the weights (None unless they are needed).

        A query that may look at no key gets 0.

        Parameters
        ----------
        query, key, value : Tensor
            One tensor for all three is self-attention.
        key_padding_mask : Tensor, optional
            (N, S), or (S,) without N: True for a key that is padding and not looked at; a float is
            added to the scores.
        need_weights : bool
            Without them attention is one fast operation.
        attn_mask : Tensor, optional
            (L, S), or (N num_heads, L, S): True where a query must not look; a float is added.
        average_attn_weights : bool
            Whether weights are the mean over the heads, (N, L, S), or (N, num_heads, L, S).
        is_causal : bool
            A hint that ``attn_mask`` is causal; the mask itself has to be given.
        """
        inputs: tuple[Any, ...] = (query, key, value)
        turned = self.batch_first and len(query.shape) == 3
        if turned:
            made: dict[int, Any] = {}  # the same tensor stays the same: one projection for it
            for x in inputs:
                if id(x) not in made:
                    made[id(x)] = autograd.transpose(x, 0, 1) if len(x.shape) > 1 else x
            inputs = tuple(made[id(x)] for x in inputs)
        separate = self.in_proj_weight is None
        output, weights = F.multi_head_attention_forward(
            *inputs,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            self.training,
            key_padding_mask,
            need_weights,
            attn_mask,
            separate,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return (autograd.transpose(output, 0, 1) if turned else output), weights
