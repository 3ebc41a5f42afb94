"""Checkpoints: a resumed training ends with the bits of one that was never interrupted."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
import optim
from optim import lr_scheduler as schedules
from optim.data import DataLoader, TensorDataset

KILLED = Path(__file__).with_name("killed_runs.py")


def digits(n=40):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, 1, 6, 6)).astype(np.float32)
    return TensorDataset(x, (x.mean((1, 2, 3)) > 0).astype(np.int64))


def network():
    return nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Dropout(0.3),
        nn.Linear(48, 2),
    )  # fmt: skip


class Training:
    """Everything that a program makes anew when it is started again."""

    def __init__(self, path=None, every=None, rule="Adam", shuffle="manual_seed", **options):
        autograd.manual_seed(3)
        self.model = network()
        generator = {"manual_seed": None, "own": 5, "mt": np.random.Generator(np.random.MT19937(5))}
        self.data = DataLoader(digits(), 8, shuffle=True, generator=generator[shuffle])
        self.held_out = DataLoader(digits(16), 8, shuffle=True, generator=7)
        self.optimizer = getattr(optim, rule)(self.model.parameters(), lr=0.02)
        self.options = options
        if path is not None:
            self.options["checkpoint"] = optim.Checkpoint(path, every)

    def run(self, epochs=3, **options):
        options = {"epochs": epochs, "progress": False, "watch": 2, **self.options, **options}
        self.history = optim.fit(
            self.model, nn.CrossEntropyLoss(), self.data, optimizer=self.optimizer,
            validation=self.held_out, **options,
        )  # fmt: skip
        return self

    def bits(self):
        """Every number of the model, and of the history but the seconds."""
        history = self.history.state_dict()
        for record in history["epochs"]:
            del record["seconds"]
        layers = [s.tobytes() for layer in history["layers"].values() for s in layer.values()]
        steps = (history["steps"].tolist(), history["rates"].tolist(), history["epochs"], layers)
        return {n: t.numpy().tobytes() for n, t in self.model.state_dict().items()}, steps


class Stop(Exception):
    pass


class StopAfter:
    def __init__(self, step):
        self.step = step

    def __call__(self, history):
        pass

    def after_step(self, history):
        if len(history.steps) == self.step:
            raise Stop


def stopped(path, step, **options):
    with pytest.raises(Stop):
        Training(path, **options).run(callback=StopAfter(step))


@pytest.mark.parametrize("shuffle", ["manual_seed", "own", "mt"])
@pytest.mark.parametrize("step", [3, 5, 6, 13])
def test_a_resumed_training_ends_with_the_same_bits(tmp_path, step, shuffle):
    """Five steps an epoch: in the first epoch, at its end, at a beginning, in the third."""
    path = tmp_path / "run.safetensors"
    whole = Training(shuffle=shuffle).run().bits()
    stopped(path, step, every=2, shuffle=shuffle)
    again = Training(path, every=2, shuffle=shuffle)
    autograd.manual_seed(99)  # the file knows better
    assert again.run(resume=True).bits() == whole


@pytest.mark.parametrize("rule", ["SGD", "RMSprop", "NAdam", "LBFGS", "Muon", "Rprop"])
def test_every_kind_of_state_goes_on(tmp_path, rule):
    path = tmp_path / "run.npz"
    if rule == "Muon":  # for matrices only

        def make(*args, **options):
            training = Training(*args, **options)
            matrices = [training.model[5].weight]
            training.optimizer = optim.Muon(matrices, lr=0.02)
            return training
    else:

        def make(*args, **options):
            return Training(*args, rule=rule, **options)

    whole = make().run(2).bits()
    with pytest.raises(Stop):
        make(path, every=7).run(2, callback=StopAfter(7))
    assert make(path, every=7).run(2, resume=True).bits() == whole


SCHEDULES = {
    "lambda": lambda o: schedules.LambdaLR(o, lambda epoch: 0.9**epoch),
    "multi-step": lambda o: schedules.MultiStepLR(o, [2, 5], 0.3),
    "cosine": lambda o: schedules.CosineAnnealingLR(o, 9),
    "restarts": lambda o: schedules.CosineAnnealingWarmRestarts(o, 2),
    "cyclic": lambda o: schedules.CyclicLR(o, 0.001, 0.01, 3, cycle_momentum=False),
    "one cycle": lambda o: schedules.OneCycleLR(o, 0.1, 15),
    "sequential": lambda o: schedules.SequentialLR(
        o, [schedules.LinearLR(o, 0.1), schedules.ExponentialLR(o, 0.9)], [3]
    ),
    "chained": lambda o: schedules.ChainedScheduler(
        [schedules.StepLR(o, 2), schedules.PolynomialLR(o, 9)]
    ),
    "plateau": lambda o: schedules.ReduceLROnPlateau(o, factor=0.5, patience=0, threshold=0.1),
}


@pytest.mark.parametrize("kind", SCHEDULES)
def test_every_kind_of_schedule_goes_on(tmp_path, kind):
    path = tmp_path / "run.safetensors"
    per = "epoch" if kind == "plateau" else "batch"

    def make(*given):
        training = Training(*given, rule="SGD", watch=0)
        training.options["schedule"] = SCHEDULES[kind](training.optimizer)
        training.options["schedule_per"] = per
        return training

    whole = make().run().bits()
    rates = whole[1][1]
    with pytest.raises(Stop):
        make(path, 4).run(callback=StopAfter(13))
    assert make(path, 4).run(resume=True).bits() == whole
    assert len({rate for (rate,) in rates}) > 1


def test_early_stopping_goes_on_with_its_best_weights(tmp_path):
    path = tmp_path / "run.safetensors"
    options = {"early_stopping": optim.EarlyStopping(3, min_delta=0.06), "rule": "SGD"}
    whole = Training(**options).run(12)
    with pytest.raises(Stop):
        Training(path, **options).run(12, callback=StopAfter(16))
    again = Training(path, **options).run(12, resume=True)
    assert again.bits() == whole.bits()
    assert again.history.best_epoch == whole.history.best_epoch
    ended = Training(path, **options).run(12, resume=True)  # nothing is left to do
    assert ended.bits() == whole.bits()
    epochs = len(whole.history.epochs)
    patient = Training(path, **{**options, "early_stopping": 9}).run(epochs + 1, resume=True)
    assert whole.history.stopped and len(patient.history.epochs) == epochs + 1


def test_the_number_of_threads_changes_no_bit(tmp_path):
    path = tmp_path / "run.safetensors"
    threads = autograd.get_num_threads()
    try:
        autograd.set_num_threads(1)
        whole = Training().run().bits()
        autograd.set_num_threads(2)
        stopped(path, 8, every=3)
        autograd.set_num_threads(3)
        assert Training(path, every=3).run(resume=True).bits() == whole
    finally:
        autograd.set_num_threads(threads)


def test_the_number_of_threads_changes_no_bit_of_long_sums(tmp_path):
    """BLAS adds up 784 products in another order on two threads than on one."""
    x = np.random.default_rng(0).standard_normal((64, 784)).astype(np.float32)
    data = DataLoader(TensorDataset(x, np.arange(64) % 10), 32)

    def weights(threads, **options):
        before = autograd.get_num_threads()
        autograd.set_num_threads(threads)
        try:
            autograd.manual_seed(0)
            model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
            optim.fit(
                model, nn.CrossEntropyLoss(), data, optimizer=optim.Adam(model.parameters()),
                progress=False, watch=0, **options,
            )  # fmt: skip
        finally:
            autograd.set_num_threads(before)
        return [p.detach().numpy().tobytes() for p in model.parameters()]

    whole = weights(1, epochs=2, checkpoint=tmp_path / "whole.npz")
    for threads in (2, 3):
        path = tmp_path / f"{threads}.npz"
        weights(threads, epochs=1, checkpoint=path)
        assert weights(5 - threads, epochs=2, resume=path) == whole


def test_data_without_a_position_is_passed_over(tmp_path):
    path = tmp_path / "run.safetensors"
    options = {"loss": nn.CrossEntropyLoss(), "epochs": 2, "progress": False}

    class Drawn:
        """Batches that are drawn one by one, from the default generator."""

        def __iter__(self):
            for _ in range(4):
                yield autograd.randn(8, 1, 6, 6), autograd.randint(0, 2, (8,))

    def run(**more):
        autograd.manual_seed(3)
        model = network()
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        optim.fit(model, data=Drawn(), optimizer=optimizer, **options, **more)
        return [p.numpy().tobytes() for p in model.parameters()]

    whole = run()
    with pytest.raises(Stop):
        run(checkpoint=optim.Checkpoint(path, 1), callback=StopAfter(6))
    assert run(checkpoint=path, resume=True) == whole


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork: not on this system")
def test_a_run_killed_twenty_times_ends_with_the_same_bits(tmp_path):
    """SIGKILL at the n-th function call, n drawn at random: also while a file is written."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sys.path))}
    done = subprocess.run(
        [sys.executable, str(KILLED), str(tmp_path)],
        capture_output=True, text=True, env=environment, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["20", "killed,", "same", "bits"]
    assert [p.name for p in tmp_path.iterdir()] == ["run.safetensors"]


def refused(path, sentence, make=Training, **options):
    """Resuming from this file changes neither the file nor the model nor anything else."""
    content = path.read_bytes()
    training = make(path)
    before = [t.numpy().tobytes() for t in training.model.state_dict().values()]
    random = autograd.get_rng_state().tolist()
    with pytest.raises(ValueError, match=sentence) as caught:
        training.run(**{"resume": True, **options})
    assert str(caught.value).startswith("fit: ")
    assert path.read_bytes() == content
    assert [t.numpy().tobytes() for t in training.model.state_dict().values()] == before
    assert not training.optimizer.state and autograd.get_rng_state().tolist() == random
    assert list(path.parent.iterdir()) == [path]


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "run.safetensors"
    Training(path).run(1)
    return path


@pytest.mark.parametrize("resume", [True, False])
def test_a_file_that_is_no_whole_checkpoint_is_refused_and_stays(written, resume):
    whole = written.read_bytes()
    for length in (0, 7, 100, len(whole) // 2, len(whole) - 1):
        written.write_bytes(whole[:length])
        refused(written, "is not a whole safetensors file: .*; nothing was ch", resume=resume)
    flipped = bytearray(whole)
    flipped[len(whole) - 40] ^= 1
    written.write_bytes(flipped)
    refused(written, "its checksum is another", resume=resume)
    written.write_bytes(b"my thesis")
    refused(written, "not a whole safetensors file", resume=resume)
    autograd.save(network().state_dict(), written)
    refused(written, "run.safetensors is not a checkpoint of a training run", resume=resume)
    autograd.save({**autograd.load(written), "kind": "backlight training checkpoint"}, written)
    refused(written, "a checkpoint of version None, expected 2", resume=resume)


def another(change):
    def make(path):
        training = Training(path)
        change(training)
        return training

    return make


def test_a_checkpoint_of_another_model_or_training_is_refused(written):
    def model(index, layer):
        def change(training):
            training.model[index] = layer
            training.optimizer = optim.Adam(training.model.parameters())

        return another(change)

    wider = "another model: its 5.weight is float32 of shape (2, 48), the model's is float32 of sh"
    refused(written, wider.replace("(", r"\(").replace(")", r"\)"), model(5, nn.Linear(48, 3)))
    refused(written, "it has 2: ReLU where the model has 2: Tanh", model(2, nn.Tanh()))
    refused(written, "another model: it has 5.bias, which the", model(5, nn.Linear(48, 2, False)))
    refused(written, "it has no 0.extra", another(
        lambda t: t.model[0].register_buffer("extra", autograd.zeros(1))))  # fmt: skip

    def optimizer(make):
        return another(lambda t: setattr(t, "optimizer", make(t.model.parameters())))

    refused(written, "its optimizer is Adam, here it is SGD", optimizer(optim.SGD))
    groups = optimizer(lambda ps: optim.Adam([{"params": [p]} for p in ps]))
    refused(written, "its optimizer does not fit: .* parameters where .* expected", groups)
    refused(written, "its early stopping is none, here it is EarlyStop", early_stopping=2)
    seedless = another(lambda t: setattr(t, "data", DataLoader(digits(), 8, shuffle=True,
                       generator=np.random.Generator(np.random.MT19937(1)))))  # fmt: skip
    refused(written, "its data does not fit: the state is of 0 generators", seedless)


def test_what_to_resume_from(written, tmp_path):
    other = tmp_path / "other.safetensors"
    again = Training(other).run(2, resume=written)
    assert again.history["epoch"] == [1, 2] and other.exists()
    assert again.bits() == Training().run(2).bits()
    assert Training(tmp_path / "new.safetensors").run(1, resume=True).history["epoch"] == [1]
    with pytest.raises(FileNotFoundError, match="there is no checkpoint .*none.npz to resume"):
        Training().run(resume=tmp_path / "none.npz")
    with pytest.raises(ValueError, match="resume=True needs a checkpoint"):
        Training().run(resume=True)
    with pytest.warns(UserWarning, match="that reached epoch 1, will be overwritten; resume=True"):
        Training(written).run(1)


def test_where_checkpoints_go(tmp_path):
    with pytest.raises(ValueError, match=r"ends in .safetensors or .npz, got run.pt"):
        optim.Checkpoint(tmp_path / "run.pt")
    with pytest.raises(FileNotFoundError, match="there is no directory"):
        optim.Checkpoint(tmp_path / "no" / "run.npz")
    with pytest.raises(ValueError, match="every must be at least 1 step, got 0"):
        optim.Checkpoint(tmp_path / "run.npz", every=0)


def test_what_a_killed_run_began_to_write_is_removed(tmp_path):
    path, other = tmp_path / "run[1].npz", tmp_path / ".mine.run[1].npz.tmp"
    for leftover in (tmp_path / ".run[1].npz.77.140.tmp", other):
        leftover.write_bytes(b"half")
    Training(path).run(1)
    assert sorted(tmp_path.iterdir()) == sorted([path, other])


def test_what_is_frozen_stays_frozen(tmp_path):
    path = tmp_path / "run.safetensors"
    training = Training(path)
    training.model[0].requires_grad_(False)
    training.run(1)
    again = Training(path).run(2, resume=True)
    assert [p.requires_grad for p in again.model.parameters()] == [False] * 2 + [True] * 4


class Counting(nn.Module):
    """Counts its calls in a buffer that its state dict leaves out, and scales by them."""

    def __init__(self):
        super().__init__()
        self.register_buffer("calls", autograd.zeros(1), persistent=False)

    def forward(self, x):
        self.calls += 1
        return x * (1 + 0.1 * self.calls)


def test_buffers_outside_of_the_state_dict_go_on(tmp_path):
    path = tmp_path / "run.safetensors"

    def make(*given, **options):
        training = Training(*given, **options)
        training.model[2] = Counting()
        return training

    whole = make().run(2)
    with pytest.raises(Stop):
        make(path, 2).run(2, callback=StopAfter(6))
    again = make(path, 2).run(2, resume=True)
    assert again.bits() == whole.bits() and again.model[2].calls.item() > 10


class Interrupting(optim.Dataset):
    """Samples of which one, when it is asked for, comes with a Ctrl-C."""

    def __init__(self, samples, at):
        self.samples, self.at, self.asked = samples, at, 0

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        self.asked += 1
        if self.asked == self.at:
            signal.raise_signal(signal.SIGINT)
        return self.samples[index]


@pytest.mark.parametrize(
    ("where", "at", "steps"),
    [("training", 3, 1), ("training", 95, 12), ("held out", 3, 5), ("held out", 20, 10)],
)
def test_what_ctrl_c_ends_goes_on_with_the_same_bits(tmp_path, where, at, steps):
    """While a batch is fetched its step is made as well; a validation is begun anew."""
    path = tmp_path / "run.safetensors"

    def make(at, *given):
        training = Training(*given)
        at_training, at_held_out = (at, 0) if where == "training" else (0, at)
        training.data = DataLoader(Interrupting(digits(), at_training), 8, shuffle=True)
        training.held_out = DataLoader(Interrupting(digits(16), at_held_out), 8, generator=7)
        return training

    whole = make(0).run()
    ended = make(at, path).run()
    assert ended.history.interrupted and len(ended.history.steps) == steps
    again = make(0, path).run(resume=True)
    assert again.bits() == whole.bits() and not again.history.interrupted


def test_metrics_of_the_whole_epoch_go_on(tmp_path):
    path = tmp_path / "run.safetensors"
    options = {"metrics": {"f1": optim.f1_score}}
    whole = Training(**options).run(2)
    with pytest.raises(Stop):
        Training(path, 2, **options).run(2, callback=StopAfter(9))
    assert Training(path, 2, **options).run(2, resume=True).bits() == whole.bits()
    assert 0 < whole.history["f1"][1] < 1


def test_callbacks_with_a_state_go_on(tmp_path):
    path = tmp_path / "run.safetensors"

    class Steps:
        def __init__(self, end=None):
            self.seen, self.end = 0, end

        def __call__(self, history):
            pass

        def after_step(self, history):
            if self.seen == self.end:
                raise Stop
            self.seen += 1

        def state_dict(self):
            return {"seen": self.seen}

        def load_state_dict(self, state):
            self.seen = state["seen"]

    with pytest.raises(Stop):
        Training(path).run(2, callback=Steps(end=7))
    steps = Steps()
    Training(path).run(2, callback=[steps], resume=True)
    assert steps.seen == 10
