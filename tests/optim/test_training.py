"""The training loop: what it does to a model, what it writes down, and how it ends."""

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
    with pytest.raises(FloatingPointError, match=r"nan at .* parameter bias of shape \(2,\) holds"):
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


def test_a_progress_bar_counts_the_steps(capsys):
    fit(network(), progress=True, epochs=2)
    shown = capsys.readouterr().err
    assert "epoch 2/2" in shown and "6/6" in shown and "loss=" in shown
