"""Train in child processes that kill themselves, until one is left to end; compare the bits.

Run by test_checkpoint.py. A child kills itself (SIGKILL) at its n-th function call, so that it can
die anywhere, also while it writes a checkpoint; n is drawn at random, up to a whole training.
"""

import os
import signal
import sys
from pathlib import Path

import numpy as np

import autograd
import nn
import optim


def train(path=None):
    autograd.manual_seed(0)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((48, 5)).astype(np.float32)
    data = optim.TensorDataset(x, (x.sum(1) > 0).astype(np.int64))
    model = nn.Sequential(
        nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 2)
    )
    optim.fit(
        model, nn.CrossEntropyLoss(), optim.DataLoader(data, 8, shuffle=True, generator=1),
        optimizer=optim.Adam(model.parameters(), lr=0.01), epochs=4, progress=False, watch=3,
        validation=optim.DataLoader(data, 24), early_stopping=3,
        checkpoint=path and optim.Checkpoint(path, every=2), resume=path is not None,
    )  # fmt: skip
    return b"".join(t.numpy().tobytes() for t in model.state_dict().values())


def count_calls(limit=None):
    """Count this process's function calls; at ``limit``, die."""
    calls = [0]

    def profile(frame, event, argument):
        calls[0] += 1
        if calls[0] == limit:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(profile)
    return calls


def child(work):
    """Return how a process ended that does ``work``, and what it wrote."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        try:
            os.write(writing, work())
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    os.close(writing)
    with open(reading, "rb") as pipe:
        written = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), written


def main(directory):
    path = Path(directory) / "run.safetensors"
    whole = train()
    calls = count_calls()
    train()
    sys.setprofile(None)
    rng, killed = np.random.default_rng(0), 0
    while killed < 20:
        limit = int(rng.integers(1, calls[0] // 3))

        def dying(limit=limit):
            autograd.set_num_threads(1 + limit % 2)
            count_calls(limit)
            return train(path)

        code, _ = child(dying)
        if code == 0:  # it came to its end: begin again
            path.unlink()
        elif code == -signal.SIGKILL:
            killed += 1
        else:
            sys.exit(f"a run ended with {code}")
    code, resumed = child(lambda: train(path))
    print(killed, "killed,", "same bits" if resumed == whole else "other bits")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
