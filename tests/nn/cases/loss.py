"""Losses: scores or predictions, and targets."""

import numpy as np

from tests.nn.cases import ModuleCase

CLASSES = np.array([2, 0, 1, 1])
WEIGHT = np.array([0.5, 2.0, 1.0], np.float32)


def weight(library):
    """Return class weights as the library's tensor."""
    if library.__name__ == "nn":
        import autograd

        return autograd.tensor(WEIGHT)
    import torch

    return torch.tensor(WEIGHT)


def probabilities(rng):
    """Draw targets that sum to one."""
    return rng.dirichlet(np.ones(3), 4)


CASES = [
    ModuleCase("CrossEntropyLoss", calls=[((4, 3), CLASSES), ((3,), np.array(1))]),
    ModuleCase("CrossEntropyLoss", (weight,), calls=[((4, 3), CLASSES)]),
    ModuleCase("NLLLoss", calls=[((4, 3), CLASSES), ((3,), np.array(1))]),
    ModuleCase("MSELoss", calls=[((4, 3), (4, 3)), ((0, 3), (0, 3))]),
    ModuleCase("L1Loss", calls=[((4, 3), (4, 3))]),
    ModuleCase("BCEWithLogitsLoss", calls=[((4, 3), lambda rng: rng.random((4, 3)))]),
]
