"""LeNet-5, by the names of its paper."""

from __future__ import annotations

from collections.abc import Callable

from nn import AvgPool2d, Conv2d, Flatten, Linear, Module, Sequential, Tanh

__all__ = ["LeNet5"]


class LeNet5(Sequential):
    """LeNet-5 as it is taught: two convolutions, each with a pooling, and three linear layers.

    Shapes: x (N, 1, 32, 32), or (N, 1, 28, 28) with ``padding=2`` -> (N, num_classes). It has
    61,706 parameters. The paper's differs in three details: trained subsampling, a partial
    connection from S2 to C3, radial basis functions at the end.

    Parameters
    ----------
    num_classes : int
    in_channels : int
    padding : int
        Of the first convolution: 2 for images of 28 x 28.
    activation, pool : callable
        Make the nonlinearity, ``nn.Tanh``, and a pooling of windows of 2, ``nn.AvgPool2d``.

    Examples
    --------
    >>> import autograd, nn
    >>> model = nn.models.LeNet5(padding=2)
    >>> model(autograd.zeros(2, 1, 28, 28)).shape, sum(p.numel() for p in model.parameters())
    ((2, 10), 61706)

    Source: LeCun et al. (1998), "Gradient-based learning applied to document recognition".
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_channels: int = 1,
        *,
        padding: int = 0,
        activation: Callable[[], Module] = Tanh,
        pool: Callable[[int], Module] = AvgPool2d,
    ) -> None:
        super().__init__(
            {
                "c1": Conv2d(in_channels, 6, 5, padding=padding),
                "act1": activation(),
                "s2": pool(2),
                "c3": Conv2d(6, 16, 5),
                "act3": activation(),
                "s4": pool(2),
                "flatten": Flatten(),
                "c5": Linear(16 * 5 * 5, 120),  # a convolution of 5 x 5 in the paper: the same
                "act5": activation(),
                "f6": Linear(120, 84),
                "act6": activation(),
                "output": Linear(84, num_classes),
            }
        )
