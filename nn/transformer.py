"""Transformers: stacks of encoder and decoder layers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from . import functional as F
from . import init
from .container import ModuleList
from .functional.arguments import check_count, check_tensor, layer_dtype
from .module import Module
from .normalization import LayerNorm
from .representation import described
from .transformer_layers import TransformerDecoderLayer, TransformerEncoderLayer

__all__ = ["Transformer", "TransformerDecoder", "TransformerEncoder"]


def _copies(name: str, layer: Module, number: int, norm: Module | None) -> ModuleList:
    check_count(name, 0, num_layers=number)
    for what, module in (("layer", layer), ("norm", norm)):
        if not isinstance(module, Module) and (module is not None or what == "layer"):
            raise TypeError(f"{name}: {what} must be a Module, got {described(module)}")
    return ModuleList(copy.deepcopy(layer) for _ in range(number))


class TransformerEncoder(Module):
    """A stack of encoder layers: copies of one, which start alike, and a norm at the end.

    Shapes: as of the layer.

    Parameters
    ----------
    encoder_layer : TransformerEncoderLayer
        Copied ``num_layers`` times.
    norm : Module, optional
        Runs last.
    enable_nested_tensor, mask_check
        For PyTorch's calls: they choose a faster way there and change no number.

    Examples
    --------
    >>> import autograd, nn
    >>> encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), num_layers=2)
    >>> encoder(autograd.randn(5, 3, 8)).shape
    (5, 3, 8)

    Source: ``torch.nn.TransformerEncoder``.
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _copies("TransformerEncoder", encoder_layer, num_layers, norm)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """Run the layers in order; masks as in ``MultiheadAttention``."""
        x = src
        for layer in self.layers:
            x = layer(x, mask, src_key_padding_mask, is_causal=bool(is_causal))
        return x if self.norm is None else self.norm(x)


class TransformerDecoder(Module):
    """A stack of decoder layers: copies of one, which start alike, and a norm at the end.

    Shapes: as of the layer.

    Parameters
    ----------
    decoder_layer : TransformerDecoderLayer
        Copied ``num_layers`` times.
    norm : Module, optional
        Runs last.

    Examples
    --------
    >>> import autograd, nn
    >>> decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), num_layers=2)
    >>> decoder(autograd.randn(5, 3, 8), autograd.randn(7, 3, 8)).shape
    (5, 3, 8)

    Source: ``torch.nn.TransformerDecoder``.
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _copies("TransformerDecoder", decoder_layer, num_layers, norm)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Run the layers in order; masks as in ``MultiheadAttention``."""
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        x = tgt
        for layer in self.layers:
            x = layer(x, memory, *masks, bool(tgt_is_causal), memory_is_causal)
        return x if self.norm is None else self.norm(x)


class Transformer(Module):
    """Encoder and decoder: what the source says is looked at while the target is written.

    Shapes: src (S, N, d_model), tgt (T, N, d_model), with ``batch_first`` N first, or both without
    N -> as tgt.

    Parameters
    ----------
    num_encoder_layers, num_decoder_layers : int
    d_model, nhead, dim_feedforward, dropout, activation, norm_first, bias
        As of ``TransformerEncoderLayer``.
    custom_encoder, custom_decoder : Module, optional
        Take the place of a stack.

    Raises
    ------
    RuntimeError
        src and tgt differ in the batch, or are not d_model wide.

    Examples
    --------
    >>> import autograd, nn
    >>> model = nn.Transformer(8, 2, 1, 1, 16)
    >>> src, tgt = autograd.randn(7, 3, 8), autograd.randn(5, 3, 8)
    >>> model(src, tgt, tgt_mask=model.generate_square_subsequent_mask(5)).shape
    (5, 3, 8)

    Source: ``torch.nn.Transformer``; Vaswani et al., "Attention is all you need", 2017.
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[..., Any] = F.relu,
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        options = (dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first)
        arguments = (d_model, nhead, *options, bias, device, dtype)

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, device=device, dtype=dtype)

        if custom_encoder is None:
            layer: Module = TransformerEncoderLayer(*arguments)
            custom_encoder = TransformerEncoder(layer, num_encoder_layers, norm())
        if custom_decoder is None:
            layer = TransformerDecoderLayer(*arguments)
            custom_decoder = TransformerDecoder(layer, num_decoder_layers, norm())
        self.encoder = custom_encoder
        self.decoder = custom_decoder
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw all matrices from Xavier's uniform distribution."""
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Encode src, and decode tgt with it; masks as in ``MultiheadAttention``."""
        check_tensor("Transformer", src=src, tgt=tgt)
        batch = 0 if self.batch_first else 1
        if len(src.shape) == 3 == len(tgt.shape) and src.shape[batch] != tgt.shape[batch]:
            raise RuntimeError(
                f"Transformer: src and tgt differ in the batch: shapes {tuple(src.shape)} and "
                f"{tuple(tgt.shape)}"
            )
        if src.shape[-1:] != (self.d_model,) or tgt.shape[-1:] != (self.d_model,):
            raise RuntimeError(
                f"Transformer: src and tgt must have width {self.d_model} (d_model), got shapes "
                f"{tuple(src.shape)} and {tuple(tgt.shape)}"
            )
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        return self.decoder(
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal,
            memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """Return the mask of (sz, sz) that lets a position look at itself and those before it.

        0 on and below the diagonal, -inf above.

        Raises
        ------
        TypeError
            ``dtype`` is no floating-point dtype.

        Examples
        --------
        >>> import nn
        >>> nn.Transformer.generate_square_subsequent_mask(2).tolist()
        [[0.0, -inf], [0.0, 0.0]]
        """
        dtype = layer_dtype("generate_square_subsequent_mask", device, dtype)
        seen = np.tri(sz, dtype=bool)
        return autograd.from_numpy(np.where(seen, 0, -np.inf).astype(dtype))
