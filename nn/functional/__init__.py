"""Layers without state: PyTorch's functions, which check their arguments and call ``nn.ops``."""

from autograd import flatten

from .activation import leaky_relu, log_softmax, relu, sigmoid, softmax, tanh
from .convolution import conv2d
from .dropout import dropout
from .linear import linear
from .loss import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    l1_loss,
    mse_loss,
    nll_loss,
)
from .normalization import batch_norm
from .pooling import avg_pool2d, max_pool2d

__all__ = [
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "conv2d",
    "cross_entropy",
    "dropout",
    "flatten",
    "l1_loss",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pool2d",
    "mse_loss",
    "nll_loss",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
