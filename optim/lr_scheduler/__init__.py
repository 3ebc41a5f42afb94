"""Schedules: how the learning rate changes while one trains (PyTorch's ``lr_scheduler``).

schedule = CosineAnnealingLR(optimizer, T_max=epochs)
for epoch in range(epochs):
    ...                  # train: optimizer.step() for each batch
    schedule.step()
"""

from .base import ChainableLR, LRScheduler
from .composition import ChainedScheduler, SequentialLR
from .cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from .cycles import CyclicLR, OneCycleLR
from .decay import ExponentialLR, InverseTimeLR, MultiStepLR, PolynomialLR, StepLR
from .functions import LambdaLR, MultiplicativeLR
from .plateau import ReduceLROnPlateau
from .warmup import ConstantLR, LinearLR, LinearWarmup

__all__ = [
    "ChainableLR",
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "InverseTimeLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "LinearWarmup",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
