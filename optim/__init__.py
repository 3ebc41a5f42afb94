"""Optimisers, mini-batches and the training loop."""
