"""The loader: its share of the demo's training, and its passes against PyTorch's.

Run with ``python -m tests.benchmarks.bench_data``; PyTorch comes with the extra ``reference``, and
without it only the share is measured.

The share is a pass of the loader over 1,000 digits against a training epoch over the same batches,
prepared before. The other rows time passes over 5,000 digits in batches of 128.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import autograd
import optim
from nn import functional as F
from optim.data import Augmented, DataLoader, Dataset, TensorDataset, mnist, transforms
from tests.benchmarks.measure import Row, compare, noise, table, threads
from viz.demo.network import BATCH_SIZE, digit_net


def passing(batches: Iterable[Any]) -> Callable[[], object]:
    """Return a pass over the batches."""

    def run() -> None:
        for _ in batches:
            pass

    return run


def share(name: str, augmented: bool, target: float | None, quick: bool) -> Row:
    """Return a pass of the loader against an epoch of the demo's training."""
    images, labels = (array[:1000] for array in mnist())
    data: Dataset = TensorDataset(images, labels)
    if augmented:
        data = Augmented(data, transforms.RandomCrop(28, padding=2, fill=float(images.min())))
    loader = DataLoader(data, BATCH_SIZE, shuffle=True)
    prepared, model = list(loader), digit_net()
    optimizer = optim.Adam(model.parameters())

    def epoch() -> None:
        for x, y in prepared:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()

    return compare(name, passing(loader), epoch, target=target, seconds=1.0, quick=quick)


class OneByOne:
    """Samples asked for one after the other, as a dataset of files is."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images, self.labels = images, labels

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Any:
        return self.images[index], self.labels[index]


def against_torch(quick: bool) -> list[Row]:
    """Return passes over tensors, and over samples one by one."""
    import torch
    from torch.utils import data as torch_data

    images, labels = mnist()
    theirs = torch_data.TensorDataset(torch.from_numpy(images), torch.from_numpy(labels))
    single = OneByOne(images, labels)
    return [
        compare(
            name,
            passing(DataLoader(ours, 128, shuffle=True)),
            passing(torch_data.DataLoader(peers, 128, shuffle=True)),
            target=1.0,
            quick=quick,
        )
        for name, ours, peers in (
            ("a shuffled pass over tensors", TensorDataset(images, labels), theirs),
            ("a shuffled pass over samples one by one", single, single),
        )
    ]


def main() -> None:
    """Print the table, and how noisy the machine is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    autograd.manual_seed(0)
    print(noise())
    with threads(options.threads):
        print(f"{options.threads} thread(s); peer: the demo's training epoch")
        name = "a pass of the loader"
        rows = [share(name, False, 0.05, options.quick)]
        print(table([*rows, share(f"{name}, digits cropped", True, None, options.quick)]))
        if importlib.util.find_spec("torch") is not None:
            print(f"{options.threads} thread(s) for both; peer: PyTorch")
            print(table(against_torch(options.quick)))


if __name__ == "__main__":
    main()
