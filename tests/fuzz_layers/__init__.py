"""Random layers beside PyTorch's: ``python -m tests.fuzz_layers --calls 10000``.

A configuration of a layer is drawn from a seed and its number alone (configurations.py): sizes,
strides, modes, masks, memory layouts, and in one of four something that is spoilt. It runs in both
libraries with the same weights (comparing.py), forward and backward, in training and in evaluation
and to the second order; outputs, gradients, buffers, state dicts and errors are compared.
"""
