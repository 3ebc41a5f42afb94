"""Small networks and one recorded step of each: the subjects of the layer pictures' tests."""

from collections import OrderedDict

import numpy as np

import autograd
import nn
import nn.functional as F


def stroke(samples=1, size=28):
    """Images of a slanted stroke, (N, 1, size, size), a little different each."""
    rows, columns = np.mgrid[:size, :size] / size
    images = [
        np.exp(-(((columns - 0.3 - 0.4 * rows - 0.02 * n) / 0.08) ** 2)) * (abs(rows - 0.5) < 0.35)
        for n in range(samples)
    ]
    return np.stack(images)[:, None].astype(np.float32)


def block(inside, outside):
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(inside, outside, 3, padding=1, bias=False),
            bn=nn.BatchNorm2d(outside),
            relu=nn.ReLU(),
            pool=nn.MaxPool2d(2),
        )
    )


def digit_net():
    """conv-bn-relu-pool twice, flatten, dropout, linear."""
    head = OrderedDict(flatten=nn.Flatten(), dropout=nn.Dropout(0.25), fc=nn.Linear(784, 10))
    return nn.Sequential(
        OrderedDict(block1=block(1, 8), block2=block(8, 16), head=nn.Sequential(head))
    )


def mlp(*sizes):
    layers = []
    for inside, outside in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(inside, outside), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class LeNet(nn.Module):
    """Functional calls in a forward: relu, pool and reshape have no module of their own."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2 = nn.Linear(256, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class Residual(nn.Module):
    """A block whose input comes back after two convolutions."""

    def __init__(self, inside, outside, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, padding=1, stride=stride)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1)
        self.down = nn.Conv2d(inside, outside, 1, stride=stride) if inside != outside else None

    def forward(self, x):
        y = self.conv2(self.relu(self.conv1(x)))
        return F.relu(y + (x if self.down is None else self.down(x)))


def residual_net():
    return nn.Sequential(
        OrderedDict(
            stem=nn.Conv2d(1, 4, 3, padding=1),
            same=Residual(4, 4),
            wider=Residual(4, 8, 2),
            pool=nn.AvgPool2d(14),
            flatten=nn.Flatten(),
            fc=nn.Linear(8, 10),
        )
    )


def one_step(net, images=None, classes=(2,), *, wanted=True, backward=True, keep=True):
    """Run one step and return its loss; the gradients are there if ``backward``."""
    autograd.manual_seed(7)
    images = stroke(len(classes)) if images is None else images
    x = autograd.tensor(images, requires_grad=wanted)

    def forward():
        return F.cross_entropy(net(x), autograd.tensor(list(classes)))

    if keep:
        with autograd.inspect():
            loss = forward()
    else:
        loss = forward()
    if backward:
        loss.backward()
    return loss


def seeded(make, *arguments):
    """Make a network whose first weights are always the same."""
    autograd.manual_seed(3)
    return make(*arguments)
