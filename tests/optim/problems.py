"""Two trainings that start from the same numbers in both libraries: a valley and a small CNN.

A path that multiplies rounding at each step says after fifty of them nothing about the rule, in
either library: L-BFGS divides differences of gradients by each other, and where there is no minimum
(two classes that can be told apart ever more surely) it divides rounding by rounding; rules that
divide by the size of the gradient throw a weight about whose gradient lingers near 0. So both are
trainings with a minimum and a start, the same for all rules, from which none of them does that:
Rosenbrock's valley from (0.3, 0.3), short of its turn, and a network that is to find again the
weights that made its targets, from farther away than fifty steps of most rules lead. (Starts from
0.3 to 0.5 times a normal sample away do as well as 0.4.)
"""

import numpy as np


class Problem:
    """Parameters, and a closure that gives them gradients and returns the loss."""

    def __init__(self, library, dtype, parameters):
        self.library, self.dtype, self.parameters = library, dtype, parameters

    def values(self):
        return [np.array(p.detach().numpy()) for p in self.parameters]

    def copy(self, values):
        with self.library.no_grad():
            for parameter, value in zip(self.parameters, values, strict=True):
                parameter.copy_(self.library.tensor(value))

    def advance(self, optimizer, steps):
        """Make steps; returns all weights after each of them."""
        points = []
        closure = self.closure(optimizer)
        for _ in range(steps):
            optimizer.step(closure)
            points.append(np.concatenate([value.ravel() for value in self.values()]))
        return np.array(points)


class Valley(Problem):
    """Rosenbrock's function of two weights, whose gradient is written out; for Muon of matrices."""

    def __init__(self, library, nn, dtype, rule):
        rng = np.random.default_rng(0)
        self.weights = rng.random((4, 3)) if rule == "Muon" else 1
        start = list(rng.standard_normal((2, 4, 3))) if rule == "Muon" else [np.array([0.3, 0.3])]
        tensors = [library.tensor(value.astype(dtype)).requires_grad_() for value in start]
        super().__init__(library, dtype, tensors)
        self.calls = []  # the loss and the gradients of each

    def gradients(self, *values):
        """Return the loss and the gradients, by the same NumPy operations in both libraries."""
        x, y = values if len(values) == 2 else values[0]
        a, b = (1 - x) * self.weights, y - x * x
        loss = float(np.sum(a * a + 10 * b * b))
        slopes = -2 * a * self.weights - 40 * x * b, 20 * b
        return (loss, *slopes) if len(values) == 2 else (loss, np.array(slopes))

    def closure(self, optimizer):
        def closure():
            optimizer.zero_grad()
            self.calls.append(self.gradients(*self.values()))
            return self.give(*self.calls[-1])

        return closure

    def give(self, loss, *gradients):
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = self.library.tensor(gradient.astype(self.dtype))
        return loss


class Recorded(Valley):
    """The valley with the losses and gradients of another's calls, wherever its weights are."""

    def __init__(self, library, nn, dtype, rule, calls):
        super().__init__(library, nn, dtype, rule)
        self.calls = list(calls)

    def closure(self, optimizer):
        return lambda: self.give(*self.calls.pop(0))


class Network(Problem):
    """A convolution and a linear layer on a hundred pictures; Muon trains the matrix only."""

    def __init__(self, library, nn, dtype, rule):
        rng = np.random.default_rng(2)
        self.model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(8, 3))
        parameters = list(self.model.parameters())
        wide = [0.4 if p.ndim == 2 else 0.8 for p in parameters]
        right = [
            w * rng.standard_normal(tuple(p.shape)) for w, p in zip(wide, parameters, strict=True)
        ]
        self.x = library.tensor(rng.standard_normal((100, 1, 4, 4)).astype(dtype))
        self.loss_of = nn.MSELoss()
        for parameter, value in zip(parameters, right, strict=True):
            parameter.data = library.tensor(value.astype(dtype))
        with library.no_grad():
            self.y = self.model(self.x).detach()
        for parameter, value in zip(parameters, right, strict=True):
            value = value + 0.4 * rng.standard_normal(value.shape)
            parameter.data = library.tensor(value.astype(dtype))
        super().__init__(library, dtype, [p for p in parameters if rule != "Muon" or p.ndim == 2])

    def closure(self, optimizer):
        def closure():
            optimizer.zero_grad()
            loss = self.loss_of(self.model(self.x), self.y)
            loss.backward()
            return loss

        return closure
