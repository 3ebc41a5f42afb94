"""The network of the demo, how it is trained, and the digit that it finds hard.

conv-bn-relu-pool twice, dropout, linear: the smallest network that has everything the pictures are
about. A convolution that batch norm follows has no bias, since the norm would subtract it again.
"""

import math
import time
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

import autograd
import nn
import nn.functional as F
import optim
from optim.data import DataLoader, TensorDataset
from optim.data.mnist import MNIST_MEAN, MNIST_STD, mnist

__all__ = ["Step", "Training", "digit_net", "hard_digit", "one_step", "train"]

LEARNING_RATE = 0.01
BATCH_SIZE = 64


@dataclass(frozen=True)
class Training:
    """A trained network and what was written down on the way.

    ``accuracy_before`` is that of the untrained network on the held-out digits.
    """

    model: nn.Module
    history: optim.History
    accuracy_before: float
    seconds: float
    digits: int

    @property
    def accuracy(self) -> float:
        """Share of the held-out digits that are read rightly after the last epoch."""
        return self.history["validation_accuracy"][-1]

    @property
    def parameters(self) -> int:
        """Number of trained numbers."""
        return sum(parameter.numel() for parameter in self.model.parameters())


@dataclass(frozen=True)
class Step:
    """One training step on one digit: the graph after ``backward``, not yet updated."""

    image: np.ndarray  # (28, 28), in [0, 1]
    label: int
    x: autograd.Tensor  # (1, 1, 28, 28), with its gradient
    pooled: autograd.Tensor  # the output of block1.pool
    loss: autograd.Tensor
    probabilities: np.ndarray  # (10,)


def digit_net() -> nn.Sequential:
    """Return the untrained network: (N, 1, 28, 28) -> logits (N, 10)."""

    def block(in_channels: int, out_channels: int) -> nn.Sequential:
        return nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
                bn=nn.BatchNorm2d(out_channels),
                relu=nn.ReLU(),
                pool=nn.MaxPool2d(2),
            )
        )

    head = OrderedDict(flatten=nn.Flatten(), dropout=nn.Dropout(0.25), fc=nn.Linear(16 * 7 * 7, 10))
    return nn.Sequential(
        OrderedDict(block1=block(1, 8), block2=block(8, 16), head=nn.Sequential(head))
    )


def train(epochs: int, seed: int = 0, digits: int = 5000, progress: bool = True) -> Training:
    """Train the network with Adam, the learning rate falling along half a cosine.

    Parameters
    ----------
    epochs : int
        Passes over the training digits, at least 1.
    seed : int
        Of the initial weights, the order of the digits and dropout.
    digits : int
        How many of the 5,000 shipped training digits to use.
    progress : bool
        Whether to show a bar.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C ended the training.
    """
    autograd.manual_seed(seed)
    model = digit_net()
    images, labels = mnist(train=True)
    batches = DataLoader(TensorDataset(images[:digits], labels[:digits]), BATCH_SIZE, shuffle=True)
    held_out = DataLoader(TensorDataset(*mnist(train=False)), 250)
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)

    def anneal(history: optim.History) -> None:
        done = len(history.epochs) / epochs
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * (1 + math.cos(math.pi * done)) / 2

    before = optim.evaluate(model, F.cross_entropy, held_out)["accuracy"]
    began = time.perf_counter()
    history = optim.fit(
        model,
        F.cross_entropy,
        batches,
        optimizer=optimizer,
        epochs=epochs,
        validation=held_out,
        progress=progress,
        callback=anneal,
    )
    if history.interrupted:
        raise KeyboardInterrupt  # what is half trained is not worth drawing
    return Training(model, history, before, time.perf_counter() - began, min(digits, len(labels)))


def hard_digit(model: nn.Module, seed: int = 0, candidates: int = 30) -> Step:
    """Return a training step on a held-out digit that the network reads rightly, but only just.

    Among the digits that it nearly loses to another class, the one with the smallest probability
    of the right class that still wins in training mode (with dropout, and batch norm over this one
    image), because that is the step that the pictures show.
    """
    images, labels = mnist(train=False)
    model.eval()
    with autograd.no_grad():
        logits = model(autograd.tensor(images)).numpy()
    each = np.arange(len(labels))
    others = logits.copy()
    others[each, labels] = -np.inf
    margin = logits[each, labels] - others.max(1)
    right = np.flatnonzero(margin > 0)
    nearest = right[np.argsort(margin[right], kind="stable")][:candidates]

    def confidence(index: int) -> float:
        step = one_step(model, images[index], int(labels[index]), seed)
        p = step.probabilities
        return float(p[step.label]) if p.argmax() == step.label else 1 + float(p.max())

    hardest = min(nearest, key=confidence)
    return one_step(model, images[hardest], int(labels[hardest]), seed)


def one_step(model: nn.Module, image: np.ndarray, label: int, seed: int = 0) -> Step:
    """Run one digit forward and backward in training mode, keeping everything for the pictures.

    Parameters
    ----------
    model : Module
        Made by ``digit_net``; its gradients afterwards are those of this step.
    image : ndarray
        Shape (1, 28, 28), standardised.
    label : int
        The digit's class.
    seed : int
        Of dropout.
    """
    autograd.manual_seed(seed)
    model.train()
    model.zero_grad()
    outputs = []
    hook = model.block1.register_forward_hook(lambda module, args, output: outputs.append(output))
    x = autograd.tensor(image[None], requires_grad=True)
    with autograd.inspect():
        logits = model(x)
        loss = F.cross_entropy(logits, autograd.tensor([label]))
    hook.remove()
    loss.backward()
    return Step(
        image=image[0] * MNIST_STD + MNIST_MEAN,
        label=label,
        x=x,
        pooled=outputs[0],
        loss=loss,
        probabilities=F.softmax(logits.detach(), dim=1).numpy()[0],
    )
