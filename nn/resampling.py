"""Layers that change the size of images: pixels from channels, and interpolation."""

from __future__ import annotations

from autograd import Tensor

from . import functional as F
from .module import Module

__all__ = [
    "ChannelShuffle",
    "PixelShuffle",
    "PixelUnshuffle",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
]

Sizes = int | tuple[int, ...] | None
Factors = float | tuple[float, ...] | None


class PixelShuffle(Module):
    """Give each pixel an r x r square of pixels, from r^2 channels: r = ``upscale_factor``.

    Shapes: x (..., C r^2, H, W) -> y (..., C, H r, W r).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.PixelShuffle(3)(autograd.ones(1, 9, 4, 4)).shape
    (1, 1, 12, 12)

    Source: ``torch.nn.PixelShuffle``; Shi et al. (2016).
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Spread channels over pixels."""
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """Return the argument."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Make an r x r square of pixels r^2 channels: the inverse of ``PixelShuffle``.

    Shapes: x (..., C, H r, W r) -> y (..., C r^2, H, W).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.PixelUnshuffle(3)(autograd.ones(1, 1, 12, 12)).shape
    (1, 9, 4, 4)

    Source: ``torch.nn.PixelUnshuffle``.
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Gather pixels into channels."""
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """Return the argument."""
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Deal the channels of ``groups`` groups out in turn.

    Shapes: x (N, C, ...) -> y (N, C, ...).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ChannelShuffle(2)(autograd.arange(6.0).reshape(1, 6, 1)).flatten().tolist()
    [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]

    Source: ``torch.nn.ChannelShuffle``.
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Tensor) -> Tensor:
        """Put the channels in another order."""
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        """Return the argument."""
        return f"groups={self.groups}"


class Upsample(Module):
    """Resample images to ``size``, or by ``scale_factor``; see ``nn.functional.interpolate``.

    Shapes: x (N, C, L), (N, C, H, W) or (N, C, D, H, W) -> y with other sizes.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Upsample(scale_factor=2, mode="bilinear")(autograd.ones(1, 3, 4, 5)).shape
    (1, 3, 8, 10)

    Source: ``torch.nn.Upsample``.
    """

    def __init__(
        self,
        size: Sizes = None,
        scale_factor: Factors = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        if isinstance(scale_factor, (tuple, list)):
            self.scale_factor: Factors = tuple(float(factor) for factor in scale_factor)
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Resample."""
        return F.interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        """Return size or scale, and the mode."""
        given = "size" if self.scale_factor is None else "scale_factor"
        return f"{given}={getattr(self, given)!r}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Repeat the nearest pixel of images.

    Shapes: x (N, C, H, W) -> y with ``size``, or H and W times ``scale_factor``.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.UpsamplingNearest2d(scale_factor=2)(autograd.tensor([[[[1.0, 2.0]]]])).tolist()
    [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]

    Source: ``torch.nn.UpsamplingNearest2d``.
    """

    def __init__(self, size: Sizes = None, scale_factor: Factors = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Interpolate images linearly, the centres of the corner pixels staying corners.

    Shapes: x (N, C, H, W) -> y with ``size``, or H and W times ``scale_factor``.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.UpsamplingBilinear2d(size=(1, 3))(autograd.tensor([[[[1.0, 2.0]]]])).tolist()
    [[[[1.0, 1.5, 2.0]]]]

    Source: ``torch.nn.UpsamplingBilinear2d``.
    """

    def __init__(self, size: Sizes = None, scale_factor: Factors = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
