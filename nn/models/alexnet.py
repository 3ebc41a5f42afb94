"""AlexNet: the paper's with its two groups, the same without them, and torchvision's form."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import (
    AdaptiveAvgPool2d,
    Conv2d,
    Dropout,
    Linear,
    LocalResponseNorm,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    init,
)
from nn.functional.arguments import check_count

__all__ = ["AlexNet", "alexnet"]

# (channels, kernel, stride, padding, grouped, whether a pooling follows)
ORIGINAL = (
    (96, 11, 4, 0, False, True),
    (256, 5, 1, 2, True, True),
    (384, 3, 1, 1, False, False),
    (384, 3, 1, 1, True, False),
    (256, 3, 1, 1, True, True),
)
TORCHVISION = (
    (64, 11, 4, 2, False, True),
    (192, 5, 1, 2, False, True),
    (384, 3, 1, 1, False, False),
    (256, 3, 1, 1, False, False),
    (256, 3, 1, 1, False, True),
)
FORMS = ("torchvision", "original", "ungrouped")


class AlexNet(Module):
    """AlexNet: five convolutions, of which three are pooled, and three linear layers.

    Shapes: x (N, 3, 227, 227), or (N, 3, 224, 224) in torchvision's form -> (N, num_classes).

    Parameters
    ----------
    num_classes : int
    dropout : float
        Before each of the first two linear layers.
    form : {"torchvision", "original", "ungrouped"}
        "original" is the paper's: two groups in convolutions 2, 4 and 5, as it ran on two cards,
        and local response normalisation; it has 60,965,224 parameters, and 62,378,344 "ungrouped".
        "torchvision" is Krizhevsky's second: no groups, no normalisation, 61,100,840 parameters.
    width : int, optional
        Channels of the first convolution, 96 or 64; all others are in proportion.
    hidden : int
        Units of the linear layers.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     model = nn.models.AlexNet(form="original")
    >>> found = nn.geometry.trace(model, (3, 227, 227))
    >>> found.parameters, found["features.conv5"].field
    (60965224, (163, 163))

    Source: Krizhevsky, Sutskever & Hinton (2012); ``torchvision.models.AlexNet``.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        dropout: float = 0.5,
        *,
        form: str = "torchvision",
        width: int | None = None,
        hidden: int = 4096,
    ) -> None:
        super().__init__()
        if form not in FORMS:
            raise ValueError(f"AlexNet: form must be one of {', '.join(FORMS)}, got {form!r}")
        layers = TORCHVISION if form == "torchvision" else ORIGINAL
        whole = layers[0][0]
        width = whole if width is None else width
        check_count("AlexNet", 2, width=width)
        features: dict[str, Module] = {}
        channels = 3
        for number, (full, kernel, stride, padding, grouped, pooled) in enumerate(layers, start=1):
            wide = 2 * max(1, round(full * width / whole / 2))  # even, for two groups
            groups = 2 if grouped and form == "original" else 1
            block: list[tuple[str, Module]] = [
                ("conv", Conv2d(channels, wide, kernel, stride, padding, groups=groups)),
                ("relu", ReLU(inplace=True)),
            ]
            if number <= 2 and form != "torchvision":
                block.append(("norm", LocalResponseNorm(5, k=2.0)))
            if pooled:
                block.append(("pool", MaxPool2d(3, 2)))
            for name, module in block:
                named = f"{name}{number}" if form != "torchvision" else str(len(features))
                features[named] = module
            channels = wide
        self.features = Sequential(features)
        self.avgpool = AdaptiveAvgPool2d((6, 6))
        self.classifier = Sequential(
            Dropout(dropout),
            Linear(channels * 6 * 6, hidden),
            ReLU(inplace=True),
            Dropout(dropout),
            Linear(hidden, hidden),
            ReLU(inplace=True),
            Linear(hidden, num_classes),
        )
        if form != "torchvision":
            self._start_as_the_paper()

    def _start_as_the_paper(self) -> None:
        """N(0, .01^2) weights; biases 1 where the ReLU behind them shall start open, else 0."""
        opened = {"features.conv2", "features.conv4", "features.conv5"}
        opened |= {"classifier.1", "classifier.4"}
        for path, module in self.named_modules():
            if isinstance(module, (Conv2d, Linear)):
                init.normal_(module.weight, std=0.01)
                init.constant_(module.bias, 1.0 if path in opened else 0.0)

    def forward(self, x: Tensor) -> Tensor:
        """Classify a batch of images."""
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def alexnet(**kwargs: Any) -> AlexNet:
    """Build torchvision's AlexNet; arguments are those of ``AlexNet``.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     model = nn.models.alexnet(num_classes=10)
    >>> model.classifier[-1].out_features
    10

    Source: ``torchvision.models.alexnet``.
    """
    return AlexNet(**kwargs)
