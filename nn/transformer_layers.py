"""Layers of a transformer: attention and a small network at each position, each with a bypass.

Each block computes x + dropout(block(x)) and is normalised, after the sum as in the paper, or
before the block (``norm_first``), which leaves the way of the gradient along the bypass free.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Tensor

from . import functional as F
from .attention import MultiheadAttention
from .dropout import Dropout
from .functional.arguments import check_count
from .linear import Linear
from .module import Module
from .normalization import LayerNorm

__all__ = ["TransformerDecoderLayer", "TransformerEncoderLayer"]

ACTIVATIONS: dict[str, Callable[..., Any]] = {"relu": F.relu, "gelu": F.gelu}


class _Layer(Module):
    """What both layers share: the network at each position, and how a block is added."""

    activation: Callable[..., Any]

    def _make(
        self,
        attentions: list[str],
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        dropout: float,
        activation: str | Callable[..., Any],
        layer_norm_eps: float,
        batch_first: bool,
        norm_first: bool,
        bias: bool,
        options: dict[str, Any],
    ) -> None:
        name = type(self).__name__
        check_count(name, 1, dim_feedforward=dim_feedforward)
        for attention in attentions:
            made = MultiheadAttention(
                d_model, nhead, dropout, bias, batch_first=batch_first, **options
            )
            setattr(self, attention, made)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **options)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **options)
        self.norm_first = norm_first
        blocks = range(1, len(attentions) + 2)
        for number in blocks:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, **options)
            setattr(self, f"norm{number}", norm)
        for number in blocks:
            setattr(self, f"dropout{number}", Dropout(dropout))
        if isinstance(activation, str):
            if activation not in ACTIVATIONS:
                raise RuntimeError(
                    f"{name}: activation must be 'relu', 'gelu' or a function, got {activation!r}"
                )
            activation = ACTIVATIONS[activation]
        if not callable(activation):
            raise TypeError(
                f"{name}: activation must be 'relu', 'gelu' or a function, got {activation!r}"
            )
        self.activation = activation

    def _added(self, x: Tensor, number: int, block: Callable[[Tensor], Tensor]) -> Tensor:
        """Return x plus a block of it, normalised after the sum or before the block."""
        norm, dropout = getattr(self, f"norm{number}"), getattr(self, f"dropout{number}")
        if self.norm_first:
            return x + dropout(block(norm(x)))
        return norm(x + dropout(block(x)))

    def _feed_forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_Layer):
    """Self-attention, then a network of two linear layers at each position, each with a bypass.

    y = norm1(x + attention(x)), z = norm2(y + linear2(relu(linear1(y)))), with dropout in each
    block; with ``norm_first`` y = x + attention(norm1(x)) and so on.

    Shapes: (S, N, d_model), with ``batch_first`` (N, S, d_model), or (S, d_model) -> the same.

    Parameters
    ----------
    d_model, nhead : int
        Width, and number of heads, which divides it.
    dim_feedforward : int
        Width of the hidden layer at each position.
    dropout : float
    activation : {"relu", "gelu"} or callable
    norm_first : bool
        Normalise before each block, not after the sum.
    bias : bool
        Whether linear layers and norms have biases.

    Raises
    ------
    RuntimeError
        The activation is an unknown word.
    TypeError
        It is neither a word nor a function.
    ValueError
        nhead does not divide d_model, or an argument is out of its range.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.TransformerEncoderLayer(8, 2, 16)(autograd.randn(5, 3, 8)).shape
    (5, 3, 8)

    Source: ``torch.nn.TransformerEncoderLayer``; Vaswani et al., 2017; norm first: Xiong et al.,
    2020.
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[..., Any] = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._make(
            ["self_attn"],
            *(d_model, nhead, dim_feedforward, dropout, activation),
            *(layer_norm_eps, batch_first, norm_first, bias),
            {"device": device, "dtype": dtype},
        )

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Run the layer; masks as in ``MultiheadAttention``."""

        def attention(x: Tensor) -> Tensor:
            z, _ = self.self_attn(
                x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal
            )
            return z

        return self._added(self._added(src, 1, attention), 2, self._feed_forward)


class TransformerDecoderLayer(_Layer):
    """Self-attention, attention to an encoder's output, then a network at each position.

    Shapes: tgt (T, N, d_model), memory (S, N, d_model), with ``batch_first`` N first, or both
    without N -> as tgt.

    Parameters
    ----------
    d_model, nhead, dim_feedforward, dropout, activation, norm_first, bias
        As of ``TransformerEncoderLayer``.

    Raises
    ------
    RuntimeError
        The activation is an unknown word.
    TypeError
        It is neither a word nor a function.
    ValueError
        nhead does not divide d_model, or an argument is out of its range.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.TransformerDecoderLayer(8, 2, 16)
    >>> layer(autograd.randn(5, 3, 8), autograd.randn(7, 3, 8)).shape
    (5, 3, 8)

    Source: ``torch.nn.TransformerDecoderLayer``; Vaswani et al., 2017.
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[..., Any] = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._make(
            ["self_attn", "multihead_attn"],
            *(d_model, nhead, dim_feedforward, dropout, activation),
            *(layer_norm_eps, batch_first, norm_first, bias),
            {"device": device, "dtype": dtype},
        )

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Run the layer; masks as in ``MultiheadAttention``."""

        def own(x: Tensor) -> Tensor:
            z, _ = self.self_attn(
                x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal
            )
            return z

        def other(x: Tensor) -> Tensor:
            padding, causal = memory_key_padding_mask, memory_is_causal
            z, _ = self.multihead_attn(
                x, memory, memory, padding, False, memory_mask, is_causal=causal
            )
            return z

        x = self._added(self._added(tgt, 1, own), 2, other)
        return self._added(x, 3, self._feed_forward)
