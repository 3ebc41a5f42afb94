"""Layers, losses and initialisers, built on ``autograd``."""
