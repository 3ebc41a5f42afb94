"""The training loop: what it does to a model, what it writes down, and how it ends."""

import signal

import numpy as np
import pytest

import autograd
import nn
import optim


def points(n=96):
    """Two classes on either side of a line."""
    x = np.random.default_rng(0).standard_normal((n, 2)).astype(np.float32)
    return optim.TensorDataset(x, (x[:, 0] + x[:, 1] > 0).astype(np.int64))


def network():
    return nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))


def loss(scores, classes):
    return nn.functional.nll_loss(nn.functional.log_softmax(scores, 1), classes)


def fit(model, data=None, **options):
    options = {"epochs": 3, "progress": False, **options}
    options.setdefault("optimizer", optim.Adam(model.parameters(), lr=0.05))
    data = optim.DataLoader(points(), 32, shuffle=True) if data is None else data
    return optim.fit(model, loss, data, **options)


def test_training_learns_and_writes_it_down():
    held_out = optim.DataLoader(points(40), 40)
    history = fit(network(), epochs=15, validation=held_out)
    assert len(history.steps) == 45 and len(history.epochs) == 15
    assert history["epoch"] == list(range(1, 16))
    assert history["loss"][0] > history["loss"][-1]
    assert history["accuracy"][-1] > 0.9 and history["validation_accuracy"][-1] > 0.9
    assert history["validation_loss"][-1] < history["validation_loss"][0]
    assert not history.interrupted
    table = str(history).splitlines()
    assert table[0].split() == list(history.epochs[0]) and len(table) == 16
    with pytest.raises(KeyError, match="no 'acuracy', it has epoch, loss, accuracy"):
        history["acuracy"]


def test_OP_19_a_step_is_start_forward_compare_update_repeat():
    """Each stage changes what it should, and nothing else."""
    model = network()  # 1: a random start
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    x, y = next(iter(optim.DataLoader(points(), 32)))

    def weights():
        return [p.detach().clone().tolist() for p in model.parameters()]

    losses = []
    for _ in range(3):
        start = weights()
        scores = model(x)  # 2: forward
        assert weights() == start and all(p.grad is None for p in model.parameters())
        value = loss(scores, y)  # 3: compare
        losses.append(value.item())
        value.backward()
        assert weights() == start and all(p.grad is not None for p in model.parameters())
        gradients = [p.grad.tolist() for p in model.parameters()]
        optimizer.step()  # 4: update
        assert all(new != old for new, old in zip(weights(), start, strict=True))
        assert [p.grad.tolist() for p in model.parameters()] == gradients
        optimizer.zero_grad()  # 5: repeat
    assert losses[0] > losses[1] > losses[2]


def test_means_weigh_samples_not_batches():
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.scores = nn.Parameter([[1.0, 0.0]])

        def forward(self, x):
            return self.scores + 0 * x

    data = [(autograd.zeros(3, 2), autograd.tensor([0, 0, 0]))]
    data += [(autograd.zeros(1, 2), autograd.tensor([1]))]
    means = optim.evaluate(Constant(), loss, data)
    assert means["accuracy"] == 0.75
    assert means["loss"] == pytest.approx((3 * 0.31326169 + 1.31326169) / 4)


def test_batches_of_dicts_and_tuples_weigh_their_samples_too():
    """Ten samples in batches of 4, 4 and 2, whichever way their targets are packed."""
    x, y = points(10).tensors
    model = network()
    expected = optim.evaluate(model, loss, [(x, y)])["loss"]
    packings = (
        (lambda y: {"class": y, "again": y}, lambda y: y["class"]),
        (lambda y: (y,), lambda y: y[0]),
        (lambda y: [{"class": y}, y], lambda y: y[1]),
        (lambda y: y.tolist(), autograd.tensor),
    )
    for packed, unpacked in packings:
        batches = [(x[i : i + 4], packed(y[i : i + 4])) for i in (0, 4, 8)]
        found = optim.evaluate(model, lambda s, t, u=unpacked: loss(s, u(t)), batches)
        assert found["loss"] == pytest.approx(expected, rel=1e-6)


def test_the_mode_is_that_of_the_phase_and_returns():
    modes = []

    class Recording(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 2)

        def forward(self, x):
            modes.append((self.training, autograd.is_grad_enabled()))
            return self.fc(x)

    model = Recording().eval()
    fit(model, epochs=1, validation=optim.DataLoader(points(), 96))
    assert modes == [(True, True)] * 3 + [(False, False)]
    assert not model.training


def test_metrics_clip_and_callback_are_called():
    model = network()
    seen = []
    history = fit(
        model,
        metrics={"margin": lambda scores, y: float(np.ptp(scores.numpy()))},
        clip=lambda parameters: nn.utils.clip_grad_norm_(parameters, 1e-9),
        callback=lambda history: seen.append(len(history.epochs)),
        optimizer=optim.SGD(model.parameters(), lr=1.0),
    )
    assert seen == [1, 2, 3] and "accuracy" not in history.epochs[0]
    assert history["loss"][0] == pytest.approx(history["loss"][2], rel=1e-6)
    assert history["margin"][0] > 0


def test_ctrl_c_keeps_what_was_trained():
    model = network()
    before = model[0].weight.tolist()

    def interrupted(batches):
        yield from list(optim.DataLoader(points(), 32))[:batches]
        raise KeyboardInterrupt

    history = fit(model, data=interrupted(2))
    assert history.interrupted and len(history.steps) == 2 and history.epochs == []
    assert model[0].weight.tolist() != before and model.training
    assert str(history) == "no finished epoch"


def test_a_loss_that_is_not_a_number_names_the_operation_and_updates_nothing():
    class Overflowing(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 2)

        def forward(self, x):
            return autograd.exp(self.fc(x) * 1e4)

    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Overflowing()

        def forward(self, x):
            return self.inner(x)

    model = Outer()
    before = model.inner.fc.weight.tolist()
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"epoch 1, step 1; .* exp in inner \(output of"),
    ):
        fit(model)
    assert model.inner.fc.weight.tolist() == before


def test_a_parameter_that_is_not_a_number_is_named():
    model = network()
    with autograd.no_grad():
        model[2].bias.fill_(float("nan"))
    words = r"nan at .* parameter 2.bias of shape \(2,\) holds"
    with pytest.raises(FloatingPointError, match=words):
        fit(model)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="fit: the data has no batch"):
        fit(network(), data=[])
    with pytest.raises(ValueError, match="evaluate: the data has no batch"):
        optim.evaluate(network(), loss, [])
    with pytest.raises(ValueError, match="fit: epochs must not be negative, got -1"):
        fit(network(), epochs=-1)
    with pytest.raises(ValueError, match=r"must be a single number, got shape \(32, 2\)"):
        optim.fit(
            model := network(),
            lambda scores, y: scores,
            optim.DataLoader(points(), 32),
            optimizer=optim.SGD(model.parameters()),
            progress=False,
        )
    with pytest.raises(TypeError, match="the loss must be a Tensor to go back from, got float"):
        optim.fit(
            model := network(),
            lambda scores, y: 1.0,
            optim.DataLoader(points(), 32),
            optimizer=optim.SGD(model.parameters()),
            progress=False,
        )
    with pytest.raises(ValueError, match="no batch in epoch 2: .* anew each epoch, got a gene"):
        fit(network(), data=(batch for batch in optim.DataLoader(points(), 32)), epochs=2)
    assert fit(network(), epochs=0).epochs == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 1.5}, "epochs must be a whole number, got 1.5"),
        ({"epochs": True}, "epochs must be a whole number, got True"),
        ({"watch": 0.5}, "watch must be a whole number, got 0.5"),
        ({"schedule": 3}, "schedule cannot be asked to step: got 3"),
        ({"clip": 3}, "clip cannot be called: got 3"),
        ({"callback": 3}, "callback must be a function of the history, or a list of them, got 3"),
        ({"callback": [None]}, "callback must be a function of the history, or a list"),
        ({"metrics": [optim.accuracy]}, "metrics must be a dict of names and functions of"),
        ({"metrics": {"accuracy": "accuracy"}}, "metrics must be a dict of names and functions"),
        ({"validation": 3}, "validation must be an iterable of batches .*, got 3"),
        ({"data": None}, "data must be an iterable of batches .*, got None"),
        ({"optimizer": optim.SGD}, "optimizer must be made first, got the class SGD itself"),
        ({"optimizer": None}, "optimizer cannot be asked to zero_grad and step: got None"),
        ({"loss": None}, "loss cannot be called: got None"),
        ({"model": nn.Linear}, "model must be made first, got the class Linear itself"),
    ],
    ids=range(15),
)
def test_what_is_no_part_of_a_training_is_named(options, words):
    model = network()
    given = {"model": model, "loss": loss, "data": optim.DataLoader(points(), 32)}
    given |= {"optimizer": optim.SGD(model.parameters()), "progress": False} | options
    with pytest.raises(TypeError, match=f"^fit: {words}"):
        optim.fit(given.pop("model"), given.pop("loss"), given.pop("data"), **given)


def test_parts_of_different_trainings_are_noticed():
    model, other = network(), network()
    optimizer = optim.SGD(other.parameters(), lr=0.1)
    schedule = optim.lr_scheduler.StepLR(optimizer, 1)
    with pytest.raises(ValueError, match=r"the schedule \(StepLR\) sets the rates of another opt"):
        fit(model, schedule=schedule)
    with pytest.warns(UserWarning, match="optimiser holds none of the model's parameters") as seen:
        fit(model, optimizer=optimizer, schedule=schedule, epochs=1)
    assert seen[0].filename.endswith("test_training.py")


def test_batches_that_are_no_pairs_are_named():
    alone = autograd.zeros(2, 2)
    with pytest.raises(
        ValueError, match=r"fit: expected batches \(inputs, targets\), got a Tensor;"
    ):
        fit(network(), data=[alone])
    with pytest.raises(ValueError, match="evaluate: expected batches .*, got a list of 3; a colla"):
        optim.evaluate(network(), loss, [[alone, alone, alone]])


def test_a_history_goes_through_a_file(tmp_path):
    history = fit(network(), watch=2)
    history.interrupted = True
    history.epochs[-1]["told"] = 0.5
    autograd.save(history.state_dict(), tmp_path / "history.npz")
    again = optim.History()
    again.load_state_dict(autograd.load(tmp_path / "history.npz"))
    assert again == history and again.ends == [3, 6, 9]
    np.testing.assert_array_equal(again["told"], [np.nan, np.nan, 0.5])
    assert str(again).splitlines()[0].split()[-1] == "told" and "interrupted" in str(again)
    with pytest.raises(KeyError, match="history has no 'f1', it has epoch, loss"):
        again["f1"]


def test_a_progress_bar_counts_the_steps(capsys):
    fit(network(), progress=True, epochs=2)
    shown = capsys.readouterr().err
    assert "epoch 2/2" in shown and "6/6" in shown and "loss=" in shown


def test_TP_05_RG_11_early_stopping_restores_the_best_weights():
    """Validation losses 1, .8, .7, .75, .9 and patience 2: stops after the 5th, takes the 3rd."""
    losses = iter([1, 0.8, 0.7, 0.75, 0.9, 0.0])
    model, after = network(), []

    class Given(nn.Module):
        """A loss that training lowers, and a validation loss that is given."""

        def forward(self, scores, classes):
            return loss(scores, classes) if model.training else autograd.tensor(next(losses))

    history = optim.fit(
        model,
        Given(),
        optim.DataLoader(points(), 32),
        optimizer=optim.SGD(model.parameters(), lr=0.1),
        epochs=20,
        validation=optim.DataLoader(points(), 96),
        early_stopping=2,
        progress=False,
        callback=lambda history: after.append(model[0].weight.tolist()),
    )
    assert history["validation_loss"] == pytest.approx([1, 0.8, 0.7, 0.75, 0.9])
    assert history.best_epoch == 3 and model[0].weight.tolist() == after[2] != after[4]
    assert history.stopped == "stopped early: epoch 3 was the best"
    assert str(history).endswith(history.stopped)


def test_early_stopping_restores_buffers_that_a_state_dict_leaves_out():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("seen", autograd.zeros(()), persistent=False)

        def forward(self, x):
            if self.training:
                self.seen += len(x)
            return x

    model, losses = nn.Sequential(Counting(), *network()), iter([3.0, 1.0, 2.0, 2.0])
    history = fit(
        model,
        epochs=4,
        early_stopping=optim.EarlyStopping(2),
        monitor="validation_told",
        validation=optim.DataLoader(points(), 96),
        metrics={"told": lambda outputs, y: next(losses) if not model.training else 0.0},
    )
    assert history.best_epoch == 2 and len(history.epochs) == 4
    assert model[0].seen.item() == 2 * len(points())


def test_early_stopping_watches_any_entry_in_either_direction():
    stopping = optim.EarlyStopping(1, mode="max", min_delta=0.7)
    history = fit(network(), epochs=9, early_stopping=stopping, monitor="accuracy")
    assert len(history.epochs) == 2 and stopping.best == history["accuracy"][0]
    fit(network(), epochs=1, early_stopping=stopping, monitor="accuracy")
    assert stopping.best_epoch == 1 and stopping.waited == 0  # it began afresh
    with pytest.raises(ValueError, match="no validation_f1 to monitor, an epoch's record has ep"):
        fit(network(), epochs=1, early_stopping=1, monitor="validation_f1")
    with pytest.raises(ValueError, match="mode must be 'min' or 'max', got 'least'"):
        optim.EarlyStopping(1, mode="least")
    with pytest.raises(ValueError, match="patience must be at least 1, got 0"):
        fit(network(), early_stopping=0)
    with pytest.raises(TypeError, match="patience must be a number of epochs, got True"):
        fit(network(), early_stopping=True)
    with pytest.raises(ValueError, match="min_delta must be at least 0, got nan"):
        optim.EarlyStopping(1, min_delta=float("nan"))


class Halving:
    """A schedule as any other: it has ``step``."""

    def __init__(self, optimizer):
        self.optimizer = optimizer

    def step(self):
        self.optimizer.param_groups[0]["lr"] /= 2


def test_schedules_are_stepped_after_epochs_or_batches():
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    history = fit(model, optimizer=optimizer, schedule=Halving(optimizer))
    assert [rate for (rate,) in history.rates] == [1.0] * 3 + [0.5] * 3 + [0.25] * 3
    assert history["lr"] == [1.0, 0.5, 0.25]
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    schedule = Halving(optimizer)
    history = fit(model, optimizer=optimizer, epochs=1, schedule=schedule, schedule_per="batch")
    assert history.rates == [[1.0], [0.5], [0.25]]
    with pytest.raises(ValueError, match="schedule_per must be 'epoch' or 'batch', got 'step'"):
        fit(model, schedule=schedule, schedule_per="step")


def test_a_schedule_that_looks_at_a_metric_is_given_it():
    class Plateau:
        seen = ()

        def step(self, metrics):
            self.seen += (metrics,)

    schedule = Plateau()
    history = fit(network(), schedule=schedule)
    assert list(schedule.seen) == history["loss"]
    schedule = Plateau()
    history = fit(network(), schedule=schedule, validation=optim.DataLoader(points(), 96))
    assert list(schedule.seen) == history["validation_loss"]
    schedule = Plateau()
    history = fit(network(), schedule=schedule, monitor="accuracy")
    assert list(schedule.seen) == history["accuracy"]
    with pytest.raises(ValueError, match="Plateau looks at epochs, not at batches"):
        fit(network(), schedule=schedule, schedule_per="batch")


def test_a_rule_that_needs_a_closure_gets_it():
    model = network()
    optimizer = optim.LBFGS(model.parameters(), lr=0.5)
    history = fit(model, optim.DataLoader(points(), 96), optimizer=optimizer, epochs=2)
    assert len(history.steps) == 2 and history["loss"][1] < history["loss"][0]


def test_callbacks_see_steps_and_epochs_and_may_end_the_training():
    class Counting:
        steps = 0

        def __call__(self, history):
            return len(history.epochs) == 2

        def after_step(self, history):
            self.steps += 1
            assert len(history.steps) == self.steps

    counting, seen = Counting(), []
    history = fit(network(), epochs=9, callback=[seen.append, counting])
    assert counting.steps == 6 and len(history.epochs) == len(seen) == 2
    assert history.stopped == "stopped by a callback"


def test_TP_06_gradients_updates_and_activations_are_watched_by_layer():
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    weight = model[0].weight.detach().clone().numpy()
    bias = model[0].bias.detach().clone().numpy()
    data = optim.DataLoader(points(), 32)
    x, y = next(iter(data))
    loss(model(x), y).backward()
    gradient = np.append(model[0].weight.grad.numpy(), model[0].bias.grad.numpy())
    hidden = np.tanh(x.numpy() @ weight.T + bias)
    history = fit(model, data, optimizer=optimizer, epochs=2, watch=1)
    assert history.watched == [1, 2, 3, 4, 5, 6] and list(history.layers) == ["0", "1", "2"]
    first = {name: series[0] for name, series in history.layers["0"].items()}
    assert first["gradient_norm"] == pytest.approx(np.linalg.norm(gradient), rel=1e-5)
    assert first["gradient_mean"] == pytest.approx(gradient.mean(), rel=1e-4)
    assert first["gradient_std"] == pytest.approx(gradient.std(), rel=1e-5)
    assert first["gradient_zeros"] == 0
    size = np.linalg.norm(np.append(weight, bias))
    assert first["update_ratio"] == pytest.approx(0.5 * np.linalg.norm(gradient) / size, rel=1e-4)
    assert history.layers["1"]["activation_mean"][0] == pytest.approx(hidden.mean(), abs=1e-6)
    assert history.layers["1"]["activation_std"][0] == pytest.approx(hidden.std(), rel=1e-5)
    assert "gradient_norm" not in history.layers["1"]
    assert not model[1]._forward_hooks
    assert fit(network(), watch=4).watched == [1, 5, 9] and fit(network(), watch=0).layers == {}
    with pytest.raises(ValueError, match="watch must not be negative"):
        fit(network(), watch=-1)


def test_a_layer_without_a_gradient_is_watched_where_there_is_one():
    model = network()
    model[0].requires_grad_(False)

    def thaw(history):
        model[0].requires_grad_(True)

    layers = fit(model, epochs=2, watch=1, callback=thaw).layers
    norms = layers["0"]["gradient_norm"]
    assert np.isnan(norms[:3]).all() and np.isfinite(norms[3:]).all()
    assert len(norms) == len(layers["2"]["gradient_norm"]) == 6


class Signals:
    """Ctrl-C while a step is made."""

    def __init__(self, step, times):
        self.step, self.times, self.later = step, times, False

    def __call__(self, history):
        pass

    def after_step(self, history):
        if len(history.steps) == self.step:
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)
            self.later = True


def test_ctrl_c_lets_the_step_end_and_a_second_one_does_not_wait(tmp_path):
    before = signal.getsignal(signal.SIGINT)
    path = tmp_path / "run.safetensors"
    signals = Signals(4, times=1)
    history = fit(network(), callback=signals, checkpoint=path)
    assert history.interrupted and len(history.steps) == 4 and signals.later
    assert len(autograd.load(path)["history"]["steps"]) == 4  # the place to go on from
    signals = Signals(4, times=2)
    history = fit(network(), callback=signals)
    assert history.interrupted and len(history.steps) == 4 and not signals.later
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_keeps_the_last_weights_not_the_best():
    model, after = network(), []
    callbacks = [lambda history: after.append(model[0].weight.tolist()), Signals(8, times=1)]
    history = fit(model, early_stopping=5, callback=callbacks)
    assert history.interrupted and history.best_epoch == 2
    assert model[0].weight.tolist() not in after


def test_modules_keep_their_modes():
    model = network()
    model[1].eval()
    fit(model, epochs=1)
    assert model.training and not model[1].training


def test_not_a_number_in_a_large_layer_is_found_by_running_again():
    """Its output is larger than what a graph keeps."""

    class Roots(nn.Module):
        def forward(self, x):
            return autograd.sqrt(autograd.sqrt(x) - 1e9).detach() + x

    model = nn.Sequential(nn.Linear(2, 600), nn.Dropout(), Roots(), nn.BatchNorm1d(600))
    data = [(autograd.ones(600, 2), autograd.zeros(600, dtype=np.int64))]
    random = []
    model[0].register_forward_hook(lambda *_: random.append(autograd.get_rng_state().tolist()))
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"first layer to put out nan.* is 2 \(Roots\)"),
    ):
        fit(model, data)
    assert random[1] != random[0] and model[3].num_batches_tracked.item() == 1


def test_inputs_that_are_no_numbers_are_named():
    data = [(autograd.tensor([[1.0, float("nan")]]), autograd.tensor([0]))]
    with pytest.raises(FloatingPointError, match="the inputs of this batch hold nan or infinity"):
        fit(network(), data)


def test_a_model_need_not_be_a_module():
    class Line:
        """A slope, and the two modes."""

        training = False

        def __init__(self):
            self.slope = autograd.tensor(0.0, requires_grad=True)

        def train(self, mode=True):
            self.training = mode

        def eval(self):
            self.training = False

        def __call__(self, x):
            return self.slope * x

    class Halfway:
        """A rule of one line, without groups."""

        def zero_grad(self):
            line.slope.grad = None

        def step(self):
            with autograd.no_grad():
                line.slope -= 0.25 * line.slope.grad

    line, x = Line(), autograd.ones(4)
    history = optim.fit(
        line,
        lambda outputs, targets: ((outputs - targets) * (outputs - targets)).mean(),
        [(x, 2 * x)],
        optimizer=Halfway(),
        epochs=3,
        validation=[(x, 2 * x)],
        progress=False,
    )
    assert history["loss"] == [4, 1, 0.25] and history["validation_loss"] == [1, 0.25, 0.0625]
    assert history.rates == [[], [], []] and "lr" not in history.epochs[0] and not line.training
