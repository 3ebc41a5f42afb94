"""Kernels of layers as operations with their derivatives."""
