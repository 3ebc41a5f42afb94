"""Recurrent layers and their cells."""

from tests.nn.cases import ModuleCase

# (T, N, I) with a state; a batch of one; an empty batch; one step; no batch.
BATCHES = [(3, 2, 3), (2, 1, 3), (2, 0, 3), (1, 3, 3), (4, 3)]

EVAL = "in eval mode it is the layer without dropout"

CASES = [
    ModuleCase("RNN", (3, 2), calls=[*BATCHES, ((3, 2, 3), (1, 2, 2)), ((3, 3), (1, 2))]),
    ModuleCase("RNN", (3, 2, 2, "relu", False, True), calls=[(2, 3, 3), (3, 3), (0, 2, 3)]),
    ModuleCase("RNN", (3, 2, 2), {"bidirectional": True}, calls=[*BATCHES, ((2, 2, 3), (4, 2, 2))]),
    ModuleCase(
        "RNN",
        (3, 2, 2),
        {"dropout": 0.5},
        calls=[(3, 2, 3)],
        random="dropout between layers",
        differentiable=EVAL,
    ),
    ModuleCase("LSTM", (3, 2), calls=BATCHES),
    ModuleCase("LSTM", (3, 2, 2, False, True), calls=[(2, 3, 3), (3, 3), (0, 2, 3)]),
    ModuleCase("LSTM", (3, 2, 2), {"bidirectional": True}, calls=BATCHES),
    ModuleCase(
        "LSTM",
        (3, 2, 2),
        {"dropout": 0.5},
        calls=[(3, 2, 3)],
        random="dropout between layers",
        differentiable=EVAL,
    ),
    ModuleCase(
        "LSTM",
        (3, 3, 2),
        {"proj_size": 2, "bidirectional": True},
        calls=[(2, 1, 3), (3, 2, 3), (2, 0, 3), (4, 3)],
        differentiable="one direction is checked",
    ),
    ModuleCase("LSTM", (3, 3), {"proj_size": 1, "bias": False}, calls=[(2, 2, 3)]),
    ModuleCase("LSTM", (3, 37), calls=[(5, 70, 3)], differentiable="small ones are checked"),
    ModuleCase("GRU", (3, 2), calls=[*BATCHES, ((3, 2, 3), (1, 2, 2)), ((3, 3), (1, 2))]),
    ModuleCase("GRU", (3, 2, 2, False, True), calls=[(2, 3, 3), (3, 3), (0, 2, 3)]),
    ModuleCase("GRU", (3, 2, 2), {"bidirectional": True}, calls=[*BATCHES, ((2, 2, 3), (4, 2, 2))]),
    ModuleCase(
        "GRU",
        (3, 2, 2),
        {"dropout": 0.5},
        calls=[(3, 2, 3)],
        random="dropout between layers",
        differentiable=EVAL,
    ),
    ModuleCase("GRU", (3, 37), calls=[(5, 70, 3)], differentiable="small ones are checked"),
    ModuleCase("RNNCell", (3, 4), calls=[(2, 3), ((2, 3), (2, 4)), (3,), ((3,), (4,)), (0, 3)]),
    ModuleCase("RNNCell", (3, 4, False, "relu"), calls=[(2, 3), ((1, 3), (1, 4))]),
    ModuleCase("LSTMCell", (3, 4), calls=[(2, 3), (1, 3), (3,), (0, 3)]),
    ModuleCase("LSTMCell", (3, 4, False), calls=[(2, 3)]),
    ModuleCase("GRUCell", (3, 4), calls=[(2, 3), ((2, 3), (2, 4)), (3,), ((3,), (4,)), (0, 3)]),
    ModuleCase("GRUCell", (3, 4, False), calls=[(2, 3)]),
]
