"""Optimisers, mini-batches and the training loop."""

import autograd

if getattr(autograd, "__distribution__", None) != "backlight":
    raise ImportError(
        "optim needs Backlight's autograd, but found another package of that name at "
        f"{getattr(autograd, '__file__', None)}; run `pip uninstall -y autograd` and install "
        "backlight again"
    )

from .adam import Adam, AdamW
from .data import DataLoader, Dataset, Subset, TensorDataset, random_split
from .history import History
from .metrics import accuracy
from .optimizer import Optimizer
from .sgd import SGD
from .training import evaluate, fit

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "DataLoader",
    "Dataset",
    "History",
    "Optimizer",
    "Subset",
    "TensorDataset",
    "accuracy",
    "evaluate",
    "fit",
    "random_split",
]
