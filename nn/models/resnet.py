"""ResNets: stages of residual blocks, y = relu(F(x) + x), for ImageNet and for CIFAR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import Tensor
from nn import (
    AdaptiveAvgPool2d,
    BatchNorm2d,
    Conv2d,
    Identity,
    Linear,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    init,
)
from nn.functional.arguments import check_count

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "ResNet",
    "cifar_resnet",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
]


class BasicBlock(Module):
    """Residual block of two 3x3 convolutions: y = relu(x' + bn(conv(relu(bn(conv(x)))))).

    x' is x, or its 1x1 convolution (``downsample``) where the stride or the channels differ.

    Shapes: x (N, inplanes, H, W) -> (N, planes, H / stride, W / stride).

    Examples
    --------
    >>> import autograd, nn
    >>> block = nn.models.BasicBlock(8, 16, stride=2)
    >>> block(autograd.zeros(1, 8, 6, 6)).shape, list(block.downsample[0].kernel_size)
    ((1, 16, 3, 3), [1, 1])

    Source: He et al. (2015), "Deep residual learning for image recognition".
    """

    expansion = 1

    def __init__(self, inplanes: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = BatchNorm2d(planes)
        self.relu = ReLU(inplace=True)
        self.conv2 = Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = BatchNorm2d(planes)
        self.downsample = _shortcut(inplanes, planes, stride)

    @property
    def last_norm(self) -> BatchNorm2d:
        """The normalisation that ends the branch."""
        return self.bn2

    def forward(self, x: Tensor) -> Tensor:
        """Add the branch to its input."""
        shortcut = x if self.downsample is None else self.downsample(x)
        branch = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(branch)) + shortcut)


class Bottleneck(Module):
    """Residual block of a 1x1, a 3x3 and a 1x1 convolution, narrow in the middle.

    The stride is on the 3x3 convolution, as in torchvision and not as in the paper, where the first
    1x1 skips three of four pixels.

    Shapes: x (N, inplanes, H, W) -> (N, 4 planes, H / stride, W / stride).

    Examples
    --------
    >>> import nn
    >>> convs = nn.models.Bottleneck(256, 64)
    >>> convs.conv1.weight.numel() + convs.conv2.weight.numel() + convs.conv3.weight.numel()
    69632

    Source: He et al. (2015), "Deep residual learning for image recognition".
    """

    expansion = 4

    def __init__(self, inplanes: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        wide = planes * self.expansion
        self.conv1 = Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = BatchNorm2d(planes)
        self.conv2 = Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn2 = BatchNorm2d(planes)
        self.conv3 = Conv2d(planes, wide, 1, bias=False)
        self.bn3 = BatchNorm2d(wide)
        self.relu = ReLU(inplace=True)
        self.downsample = _shortcut(inplanes, wide, stride)

    @property
    def last_norm(self) -> BatchNorm2d:
        """The normalisation that ends the branch."""
        return self.bn3

    def forward(self, x: Tensor) -> Tensor:
        """Add the branch to its input."""
        shortcut = x if self.downsample is None else self.downsample(x)
        branch = self.relu(self.bn1(self.conv1(x)))
        branch = self.relu(self.bn2(self.conv2(branch)))
        return self.relu(self.bn3(self.conv3(branch)) + shortcut)


def _shortcut(inplanes: int, outplanes: int, stride: int) -> Sequential | None:
    if stride == 1 and inplanes == outplanes:
        return None
    return Sequential(Conv2d(inplanes, outplanes, 1, stride, bias=False), BatchNorm2d(outplanes))


DEPTHS = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}
STEMS = ("imagenet", "cifar")


class ResNet(Module):
    """ResNet: a stem, stages of residual blocks of which each but the first halves the image.

    Shapes: x (N, 3, H, W) -> (N, num_classes); H = W = 224 for ImageNet, 32 for CIFAR.

    Parameters
    ----------
    depth : {18, 34, 50, 101, 152}, or None
        Layers with weights; None where ``blocks`` are given.
    num_classes : int
    blocks : sequence of int, optional
        Number of blocks of each stage.
    block : type, optional
        ``BasicBlock`` or ``Bottleneck``; by depth if not given.
    width : int
        Channels of the stem and (before expansion) of the first stage; each stage doubles them.
    stem : {"imagenet", "cifar"}
        7x7 of stride 2 and a max-pooling of stride 2, or 3x3 of stride 1 for small images.
    zero_init_residual : bool
        Start the last normalisation of each branch at 0, so that each block starts as identity.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     found = nn.geometry.trace(nn.models.ResNet(50), (3, 224, 224))
    >>> found.parameters, found["layer4.2.conv3"].field
    (25557032, (427, 427))

    Source: He et al. (2015); ``torchvision.models.ResNet``.
    """

    def __init__(
        self,
        depth: int | None = 18,
        num_classes: int = 1000,
        *,
        blocks: Sequence[int] | None = None,
        block: type[BasicBlock] | type[Bottleneck] | None = None,
        width: int = 64,
        stem: str = "imagenet",
        zero_init_residual: bool = False,
    ) -> None:
        super().__init__()
        if depth not in DEPTHS and not (depth is None and blocks):
            raise ValueError(
                f"ResNet: depth must be one of {list(DEPTHS)}, or None beside blocks, got {depth!r}"
            )
        if stem not in STEMS:
            raise ValueError(f"ResNet: stem must be one of {', '.join(STEMS)}, got {stem!r}")
        check_count("ResNet", 1, width=width)
        usual, counts = DEPTHS.get(depth, (BasicBlock, ()))  # type: ignore[arg-type]
        kind, counts = block or usual, tuple(blocks or counts)
        small = stem == "cifar"
        self.conv1 = Conv2d(3, width, 3 if small else 7, 1 if small else 2, 1 if small else 3,
                            bias=False)  # fmt: skip
        self.bn1 = BatchNorm2d(width)
        self.relu = ReLU(inplace=True)
        self.maxpool = Identity() if small else MaxPool2d(3, 2, 1)
        channels = width
        self.stages: list[str] = []
        for number, count in enumerate(counts, start=1):
            check_count("ResNet", 1, blocks=count)
            planes = width * 2 ** (number - 1)
            stage = []
            for position in range(count):
                stride = 2 if number > 1 and position == 0 else 1
                stage.append(kind(channels, planes, stride))
                channels = planes * kind.expansion
            self.add_module(f"layer{number}", Sequential(*stage))
            self.stages.append(f"layer{number}")
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.fc = Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif zero_init_residual and isinstance(module, (BasicBlock, Bottleneck)):
                init.zeros_(module.last_norm.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Classify a batch of images."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for stage in self.stages:
            x = self.get_submodule(stage)(x)
        return self.fc(self.avgpool(x).flatten(1))


def resnet18(**kwargs: Any) -> ResNet:
    """Build ResNet-18; arguments are those of ``ResNet``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.resnet18().parameters())
    11689512

    Source: ``torchvision.models.resnet18``.
    """
    return ResNet(18, **kwargs)


def resnet34(**kwargs: Any) -> ResNet:
    """Build ResNet-34; see ``resnet18``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.resnet34().parameters())
    21797672

    Source: ``torchvision.models.resnet34``.
    """
    return ResNet(34, **kwargs)


def resnet50(**kwargs: Any) -> ResNet:
    """Build ResNet-50; see ``resnet18``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.resnet50().parameters())
    25557032

    Source: ``torchvision.models.resnet50``.
    """
    return ResNet(50, **kwargs)


def resnet101(**kwargs: Any) -> ResNet:
    """Build ResNet-101; see ``resnet18``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.resnet101().parameters())
    44549160

    Source: ``torchvision.models.resnet101``.
    """
    return ResNet(101, **kwargs)


def resnet152(**kwargs: Any) -> ResNet:
    """Build ResNet-152; see ``resnet18``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.resnet152().parameters())
    60192808

    Source: ``torchvision.models.resnet152``.
    """
    return ResNet(152, **kwargs)


def cifar_resnet(
    depth: int = 20, num_classes: int = 10, *, width: int = 16, **kwargs: Any
) -> ResNet:
    """Build the paper's ResNet for CIFAR: three stages of (depth - 2) / 6 basic blocks.

    Shortcuts are projections where the shape changes (the paper's option B).

    Raises
    ------
    ValueError
        ``depth`` is not 6 n + 2.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     sum(p.numel() for p in nn.models.cifar_resnet(20).parameters())
    272474

    Source: He et al. (2015), section 4.2.
    """
    if isinstance(depth, bool) or not isinstance(depth, int) or depth < 8 or depth % 6 != 2:
        raise ValueError(f"cifar_resnet: depth must be 6 n + 2 (8, 14, 20, ...), got {depth!r}")
    blocks = ((depth - 2) // 6,) * 3
    return ResNet(None, num_classes, blocks=blocks, width=width, stem="cifar", **kwargs)
