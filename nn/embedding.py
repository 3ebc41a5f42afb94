"""Embedding: a table of vectors that are learned, one for each word or class."""

from __future__ import annotations

from typing import Any

import autograd
from autograd import Tensor
from autograd.arguments import an_integer

from . import functional as F
from . import init
from .functional.arguments import check_count, layer_dtype
from .hollow import empty
from .module import Module
from .parameter import Parameter

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """What both layers share: a table of vectors, one of which may stand for padding."""

    def _make(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        weight: Any,
        freeze: bool,
        sparse: bool,
        device: Any,
        dtype: Any,
    ) -> None:
        name = type(self).__name__
        check_count(name, 0, num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        if padding_idx is not None:
            padding_idx = an_integer(padding_idx, "padding_idx", name)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(
                f"{name}: padding_idx must lie in [-{num_embeddings}, {num_embeddings}), got "
                f"{padding_idx}"
            )
        if sparse:
            raise ValueError(f"{name}: gradients are dense here; leave sparse=True out")
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.sparse = False
        shape = (num_embeddings, embedding_dim)
        dtype = layer_dtype(name, device, dtype)
        if weight is None:
            self.weight = Parameter(empty(shape, dtype), requires_grad=not freeze)
            self.reset_parameters()
        else:
            if tuple(weight.shape) != shape:
                raise ValueError(f"{name}: _weight must have shape {shape}, got {weight.shape}")
            self.weight = Parameter(weight, requires_grad=not freeze)

    def reset_parameters(self) -> None:
        """Draw the table from N(0, 1); the row of padding is 0."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with autograd.no_grad():
                init.zeros_(self.weight[self.padding_idx])

    def _arguments(self, *names: str) -> str:
        """Return the sizes, and the named arguments that are not the defaults."""
        defaults = {"norm_type": 2.0, "scale_grad_by_freq": False, "mode": None}
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        for name in names:
            if getattr(self, name) != defaults.get(name):
                value = getattr(self, name)
                parts.append(f"{name}={value!r}" if name == "mode" else f"{name}={value}")
        return ", ".join(parts)


class Embedding(_Table):
    """A learned table of vectors: y = weight[x].

    Shapes: x (*) of integers in [0, num_embeddings) -> y (*, embedding_dim); weight
    (num_embeddings, embedding_dim), from N(0, 1).

    Parameters
    ----------
    padding_idx : int, optional
        A row that starts as 0 and does not learn.
    max_norm : float, optional
        Rows that are read and longer than this are first scaled to it, in the table itself.
    norm_type : float
        The p of that norm.
    scale_grad_by_freq : bool
        Divide a row's gradient by how often it is in the batch.
    sparse : bool
        Only False: gradients are dense arrays here.

    Raises
    ------
    ValueError
        ``padding_idx`` lies outside, or ``sparse`` is True.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Embedding(10, 3)(autograd.tensor([[1, 2, 4, 5], [4, 3, 2, 9]])).shape
    (2, 4, 3)

    Source: ``torch.nn.Embedding``.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self._make(
            num_embeddings, embedding_dim, padding_idx, _weight, _freeze, sparse, device, dtype
        )

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Embedding:
        """Make a layer of a given table (num_embeddings, embedding_dim); ``freeze`` keeps it.

        Raises
        ------
        ValueError
            The table is no matrix.

        Examples
        --------
        >>> import autograd, nn
        >>> layer = nn.Embedding.from_pretrained(autograd.tensor([[1.0, 2.0], [3.0, 4.0]]))
        >>> layer(autograd.tensor([1])).tolist()
        [[3.0, 4.0]]
        """
        rows, columns = _shape_of_table("Embedding.from_pretrained", embeddings)
        options = (padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)
        return cls(rows, columns, *options, embeddings, freeze)

    def forward(self, input: Tensor) -> Tensor:
        """Read rows."""
        return F.embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
        )

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        return self._arguments("padding_idx", "max_norm", "norm_type", "scale_grad_by_freq")


class EmbeddingBag(_Table):
    """Mean, sum or maximum of bags of rows of a learned table, without the rows in between.

    Shapes: x (B, N), or (n,) with offsets (B,), where each bag begins -> y (B, embedding_dim).

    Parameters
    ----------
    max_norm, norm_type, scale_grad_by_freq, sparse
        As of ``Embedding``.
    mode : {"mean", "sum", "max"}
    include_last_offset : bool
        Whether ``offsets`` also says where the last bag ends.
    padding_idx : int, optional
        A row that counts as not being in the bag.

    Raises
    ------
    ValueError
        The mode is none of these, ``padding_idx`` lies outside, or ``sparse`` is True.

    Examples
    --------
    >>> import autograd, nn
    >>> bags = autograd.tensor([[1, 2, 4], [4, 3, 9]])
    >>> nn.EmbeddingBag(10, 3, mode="sum")(bags).shape
    (2, 3)

    Source: ``torch.nn.EmbeddingBag``.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if mode not in ("sum", "mean", "max"):
            raise ValueError(f"EmbeddingBag: mode must be 'sum', 'mean' or 'max', got {mode!r}")
        if mode == "max" and scale_grad_by_freq:
            raise ValueError("EmbeddingBag: scale_grad_by_freq is not for mode 'max'")
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.mode = mode
        self.include_last_offset = include_last_offset
        self._make(
            num_embeddings, embedding_dim, padding_idx, _weight, False, sparse, device, dtype
        )

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> EmbeddingBag:
        """Make a layer of a given table (num_embeddings, embedding_dim); ``freeze`` keeps it.

        Raises
        ------
        ValueError
            The table is no matrix.

        Examples
        --------
        >>> import autograd, nn
        >>> layer = nn.EmbeddingBag.from_pretrained(autograd.tensor([[1.0, 2.0], [3.0, 4.0]]))
        >>> layer(autograd.tensor([[0, 1]])).tolist()
        [[2.0, 3.0]]
        """
        rows, columns = _shape_of_table("EmbeddingBag.from_pretrained", embeddings)
        options = (max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings)
        made = cls(rows, columns, *options, include_last_offset, padding_idx)
        made.weight.requires_grad_(not freeze)
        return made

    def forward(
        self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Any = None
    ) -> Tensor:
        """Read bags of rows and reduce them."""
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        names = ("max_norm", "norm_type", "scale_grad_by_freq", "mode", "padding_idx")
        return self._arguments(*names)


def _shape_of_table(name: str, embeddings: Any) -> tuple[int, int]:
    shape = tuple(getattr(embeddings, "shape", ()))
    if len(shape) != 2:
        raise ValueError(f"{name}: expected a table (num_embeddings, embedding_dim), got {shape}")
    return shape
