"""Mini-batches, and digits to make them of."""

from optim.data.mnist import mnist

__all__ = ["mnist"]
