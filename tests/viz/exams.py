"""The 1-D ConvNet of the exam, with the numbers of each case."""

import autograd
import viz
from autograd import maximum

X = (1, 2, -1, 0, 3)

# case -> k, b, y, dL/dw, dL/dz, dL/dk, dL/db, dL/dx
CASES = {
    "EX-A": ((1, -2, -2), 0, 8, (20, 20), (0, 15, 0), (30, -15, 0), 15, (0, 15, -30, -30, 0)),
    "EX-B": ((-2, 1, -2), 0, 3, (4, 0), (4, 0, 0), (4, 8, -4), 4, (-8, 4, -8, 0, 0)),
    "EX-C": ((-2, 2, 1), 0, 5, (3, 15), (6, 0, 3), (3, 12, 3), 9, (-12, 12, 0, 6, 3)),
    "EX-D": ((1, 1, -2), 0, 10, (10, 2), (4, 2, 0), (8, 6, -4), 6, (4, 6, -6, -4, 0)),
    "EX-E": ((1, -2, 2), 0, 16, (-8, -10), (0, -4, -2), (-6, 4, -6), -6, (0, -4, 6, -4, -4)),
    "EX-F": ((-2, -2, 2), -1, 6, (0, 14), (0, 0, 2), (-2, 0, 6), 2, (0, 0, -4, -4, 4)),
    "EX-G": ((-2, -1, -2), 0, 0, (0, 0), (0, 0, 0), (0, 0, 0), 0, (0, 0, 0, 0, 0)),
}


def leaf(value):
    return autograd.tensor(float(value), requires_grad=True)


def network(k, b, y, x=X, backward=True):
    """Return L and every value by its name."""
    x1, x2, x3, x4, x5 = map(leaf, x)
    k1, k2, k3 = map(leaf, k)
    b, w1, w2, a = map(leaf, (b, 2, 1, 1))
    y = float(y)
    z1 = k1 * x1 + k2 * x2 + k3 * x3 + b
    z2 = k1 * x2 + k2 * x3 + k3 * x4 + b
    z3 = k1 * x3 + k2 * x4 + k3 * x5 + b
    v1 = maximum(maximum(z1, z2), 0)
    v2 = maximum(maximum(z2, z3), 0)
    yhat = w1 * v1 + w2 * v2 + a
    L = (y - yhat) ** 2 / 2
    if backward:
        L.backward()
    return L, {name: value for name, value in locals().items() if hasattr(value, "payload")}


def picture(case="EX-A", **options):
    """Draw a case; extra options go to ``viz.graph``."""
    k, b, y, *_ = CASES[case]
    L, values = network(k, b, y)
    return viz.graph(L, names=values, **options)
