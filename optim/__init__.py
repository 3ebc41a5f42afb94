"""Optimisers, mini-batches and the training loop."""

import autograd

if getattr(autograd, "__distribution__", None) != "backlight":
    raise ImportError(
        "optim needs Backlight's autograd, but found another package of that name at "
        f"{getattr(autograd, '__file__', None)}; run `pip uninstall -y autograd` and install "
        "backlight again"
    )

from . import lr_scheduler
from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .adamax import Adamax
from .asgd import ASGD
from .checkpoint import Checkpoint
from .data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    random_split,
)
from .early_stopping import EarlyStopping
from .evaluation import evaluate
from .flat_loss import FlatLoss, diagnose_flat_loss
from .guard import GuardedTestSet
from .history import History
from .lbfgs import LBFGS
from .metrics import accuracy, confusion_matrix, f1_score, precision, recall, top_k_accuracy
from .muon import Muon
from .nadam import NAdam
from .optimizer import Optimizer
from .overfitting import diagnose_fit, overfit_epoch
from .radam import RAdam
from .rmsprop import RMSprop
from .rprop import Rprop
from .sanity import SanityReport, SanityRow, sanity_check
from .sgd import SGD
from .training import fit
from .transfer import PartialLoad, freeze, load_partial, parameter_groups
from .units import active_shares, dead_units, saturation
from .watching import activation_statistics, gradient_statistics

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Checkpoint",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "EarlyStopping",
    "FlatLoss",
    "GuardedTestSet",
    "History",
    "IterableDataset",
    "Muon",
    "NAdam",
    "Optimizer",
    "PartialLoad",
    "RAdam",
    "RMSprop",
    "Rprop",
    "SanityReport",
    "SanityRow",
    "Subset",
    "TensorDataset",
    "accuracy",
    "activation_statistics",
    "active_shares",
    "confusion_matrix",
    "dead_units",
    "diagnose_fit",
    "diagnose_flat_loss",
    "evaluate",
    "f1_score",
    "fit",
    "freeze",
    "gradient_statistics",
    "load_partial",
    "lr_scheduler",
    "overfit_epoch",
    "parameter_groups",
    "precision",
    "random_split",
    "recall",
    "sanity_check",
    "saturation",
    "top_k_accuracy",
]
