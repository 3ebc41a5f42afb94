"""Training on augmented batches goes on from a checkpoint to the same bits, with any workers."""

import numpy as np
import pytest

import autograd
import nn
import optim
from nn import functional as F
from optim.data import Augmented, DataLoader, TensorDataset
from optim.data.transforms import Compose, GaussianNoise, RandomCrop


class Stopped(Exception):
    pass


def training(path, workers, *, stop_at=None, resume=False, own=None, seed=4):
    """The weights after three epochs of a small network with dropout; or none, if stopped."""
    autograd.manual_seed(seed)
    rng = np.random.default_rng(0)
    data = TensorDataset(rng.random((30, 1, 6, 6)).astype(np.float32), rng.integers(0, 3, 30))
    augment = Compose([RandomCrop(6, padding=1, generator=own), GaussianNoise(generator=own)])
    batches = DataLoader(
        Augmented(data, augment), 8, shuffle=True, num_workers=workers, generator=own
    )
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 8), nn.Dropout(0.5), nn.Linear(8, 3))
    steps = 0

    def loss(outputs, targets):
        nonlocal steps
        steps += 1
        if steps == stop_at:
            raise Stopped
        return F.cross_entropy(outputs, targets)

    optim.fit(
        model,
        loss,
        batches,
        optimizer=optim.Adam(model.parameters(), lr=0.01),
        epochs=3,
        checkpoint=optim.Checkpoint(path, every=1),
        resume=resume,
        progress=False,
    )
    return [parameter.numpy().copy() for parameter in model.parameters()]


@pytest.mark.parametrize("own", [None, 5])
@pytest.mark.parametrize("stop_at", [3, 5, 12])
def test_a_stopped_training_goes_on_to_the_same_bits(tmp_path, stop_at, own):
    expected = training(tmp_path / "whole.npz", 0, own=own)
    path = tmp_path / "run.npz"
    with pytest.raises(Stopped):
        training(path, 2, stop_at=stop_at, own=own)
    resumed = training(path, 1, resume=True, own=own, seed=99)
    for one, other in zip(expected, resumed, strict=True):
        np.testing.assert_array_equal(one, other)
