"""VGG: stacks of 3x3 convolutions, written as the channels of each stage."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import (
    AdaptiveAvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Linear,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    init,
)
from nn.functional.arguments import check_count

__all__ = [
    "VGG",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]

CONVOLUTIONS = {  # of each of the five stages
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}
GROWTH = (1, 2, 4, 8, 8)  # channels of each stage, in those of the first


class VGG(Module):
    """VGG: five stages of 3x3 convolutions, each halved by max-pooling, and three linear layers.

    Shapes: x (N, 3, 224, 224) -> (N, num_classes); any size of 32 or more.

    Parameters
    ----------
    depth : {11, 13, 16, 19}
        Layers with weights.
    num_classes : int
    batch_norm : bool
        Normalise before each ReLU of the stages.
    dropout : float
        After each hidden linear layer.
    width : int
        Channels of the first stage; the others have 2, 4, 8 and 8 times as many.
    hidden : int
        Units of the linear layers.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     model = nn.models.VGG(19)
    >>> sum(p.numel() for p in model.parameters())
    143667240

    Source: Simonyan & Zisserman (2014); ``torchvision.models.VGG``.
    """

    def __init__(
        self,
        depth: int = 16,
        num_classes: int = 1000,
        *,
        batch_norm: bool = False,
        dropout: float = 0.5,
        width: int = 64,
        hidden: int = 4096,
    ) -> None:
        super().__init__()
        if depth not in CONVOLUTIONS:
            raise ValueError(f"VGG: depth must be one of {list(CONVOLUTIONS)}, got {depth!r}")
        check_count("VGG", 1, width=width, hidden=hidden)
        layers: list[Module] = []
        channels = 3
        for convolutions, growth in zip(CONVOLUTIONS[depth], GROWTH, strict=True):
            for _ in range(convolutions):
                layers.append(Conv2d(channels, width * growth, 3, padding=1))
                layers += [BatchNorm2d(width * growth)] if batch_norm else []
                layers.append(ReLU(inplace=True))
                channels = width * growth
            layers.append(MaxPool2d(2, 2))
        self.features = Sequential(*layers)
        self.avgpool = AdaptiveAvgPool2d((7, 7))
        self.classifier = Sequential(
            Linear(channels * 7 * 7, hidden),
            ReLU(inplace=True),
            Dropout(dropout),
            Linear(hidden, hidden),
            ReLU(inplace=True),
            Dropout(dropout),
            Linear(hidden, num_classes),
        )
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                init.zeros_(module.bias)
            elif isinstance(module, Linear):
                init.normal_(module.weight, std=0.01)
                init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Classify a batch of images."""
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def vgg11(**kwargs: Any) -> VGG:
    """Build VGG-11 (configuration A); arguments are those of ``VGG``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.vgg11().parameters())
    132863336

    Source: ``torchvision.models.vgg11``.
    """
    return VGG(11, **kwargs)


def vgg11_bn(**kwargs: Any) -> VGG:
    """Build VGG-11 with batch normalisation; see ``vgg11``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.vgg11_bn().parameters())
    132868840

    Source: ``torchvision.models.vgg11_bn``.
    """
    return VGG(11, batch_norm=True, **kwargs)


def vgg13(**kwargs: Any) -> VGG:
    """Build VGG-13 (configuration B); see ``vgg11``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.vgg13().parameters())
    133047848

    Source: ``torchvision.models.vgg13``.
    """
    return VGG(13, **kwargs)


def vgg13_bn(**kwargs: Any) -> VGG:
    """Build VGG-13 with batch normalisation; see ``vgg11``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.vgg13_bn().parameters())
    133053736

    Source: ``torchvision.models.vgg13_bn``.
    """
    return VGG(13, batch_norm=True, **kwargs)


def vgg16(**kwargs: Any) -> VGG:
    """Build VGG-16 (configuration D); see ``vgg11``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.vgg16().parameters())
    138357544

    Source: ``torchvision.models.vgg16``.
    """
    return VGG(16, **kwargs)


def vgg16_bn(**kwargs: Any) -> VGG:
    """Build VGG-16 with batch normalisation; see ``vgg11``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.vgg16_bn().parameters())
    138365992

    Source: ``torchvision.models.vgg16_bn``.
    """
    return VGG(16, batch_norm=True, **kwargs)


def vgg19(**kwargs: Any) -> VGG:
    """Build VGG-19 (configuration E); see ``vgg11``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.vgg19().parameters())
    143667240

    Source: ``torchvision.models.vgg19``.
    """
    return VGG(19, **kwargs)


def vgg19_bn(**kwargs: Any) -> VGG:
    """Build VGG-19 with batch normalisation; see ``vgg11``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.vgg19_bn().parameters())
    143678248

    Source: ``torchvision.models.vgg19_bn``.
    """
    return VGG(19, batch_norm=True, **kwargs)
