"""Reverse-mode automatic differentiation: tensors, operations, and the graph they record."""
