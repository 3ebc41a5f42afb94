"""Group MT: tasks that share parameters, and trainings that start from another."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import optim
from optim import transfer


def number(value):
    return autograd.tensor(float(value), dtype=np.float64, requires_grad=True)


def test_MT_01_hard_sharing_adds_the_gradients_of_the_tasks():
    w, x, a, b = number(1), 2.0, number(0.5), number(-1)

    def losses():
        h = w * x
        return h, 0.5 * (a * h - 1) ** 2, 0.5 * (b * h + 1) ** 2

    gradients = []
    for task in (1, 2):
        w.grad = None
        losses()[task].backward()
        gradients.append(w.grad.item())
    assert gradients == [0, 2]
    w.grad = None
    h, first, second = losses()
    joint = first + second
    joint.backward()
    assert w.grad.item() == 2 == sum(gradients)
    uses, seen, order = 0, {joint.node}, [joint.node]
    for node in order:  # the graph forks at h: two operations read it
        for operand in getattr(node, "operands", ()):
            uses += operand is h.node
            if operand is not None and operand not in seen:
                seen.add(operand)
                order.append(operand)
    assert uses == 2


def test_MT_02_soft_sharing_pulls_own_parameters_together():
    a = autograd.tensor([1.0, 2.0], dtype=np.float64, requires_grad=True)
    b = autograd.tensor([0.0, 4.0], dtype=np.float64, requires_grad=True)
    penalty = F.l2_penalty(a - b, 0.1)
    penalty.backward()
    assert penalty.item() == pytest.approx(0.5)
    assert a.grad.tolist() == pytest.approx([0.2, -0.4])
    assert b.grad.tolist() == pytest.approx([-0.2, 0.4])


def test_MT_06_exact_sharing_is_the_limit_of_closeness():
    """Tasks 1/2 (u - 1)^2 and 1/2 (v - 3)^2: one leaf used twice, or two with a penalty."""

    def minimum(parameters, loss, rate):
        optimizer = optim.SGD(parameters, lr=rate)
        for _ in range(400):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()

    w = number(0)
    minimum([w], lambda: 0.5 * (w - 1) ** 2 + 0.5 * (w - 3) ** 2, 0.2)
    assert w.item() == pytest.approx(2)
    distances = []
    for strength in (0, 0.1, 1, 10):
        u, v = number(0), number(0)
        minimum(
            [u, v],
            lambda u=u, v=v, s=strength: 0.5 * (u - 1) ** 2 + 0.5 * (v - 3) ** 2 + s * (u - v) ** 2,
            0.9 / (1 + 4 * strength),
        )
        distances.append(v.item() - u.item())
        assert distances[-1] == pytest.approx(2 / (1 + 4 * strength), abs=1e-3)
        assert u.item() + v.item() == pytest.approx(4, abs=1e-3)
    assert distances == sorted(distances, reverse=True)


def trunk_and_head(classes):
    trunk = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU())
    return nn.ModuleDict({"trunk": trunk, "head": nn.Linear(16, classes)})


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.parts = trunk_and_head(classes)

    def forward(self, x):
        return self.parts["head"](self.parts["trunk"](x))


def task(n, seed, classes):
    """Points whose class depends on two directions that all tasks share."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 8)).astype(np.float32)
    directions = np.random.default_rng(7).standard_normal((2, 8)).astype(np.float32)
    signs = x @ directions.T > 0
    y = signs[:, 0] * 2 + signs[:, 1] if classes == 4 else signs[:, 0] ^ signs[:, 1]
    return optim.TensorDataset(x, y.astype(np.int64))


def trained(model, dataset, optimizer, epochs, **options):
    return optim.fit(
        model,
        nn.CrossEntropyLoss(),
        optim.DataLoader(dataset, 25, shuffle=True),
        optimizer=optimizer,
        epochs=epochs,
        progress=False,
        watch=0,
        **options,
    )


@pytest.mark.parametrize("seed", range(5))
def test_MT_09_a_pretrained_trunk_reaches_90_percent_with_fifty_samples(seed):
    """Of five different trainings, samples and first weights, each does; from scratch, none."""
    few, held_out = task(50, 20 + seed, 2), optim.DataLoader(task(500, 3, 2), 500)

    def epochs_to_90(model):
        history = trained(
            model,
            few,
            optim.Adam(model.parameters(), lr=0.05),
            30,
            validation=held_out,
            callback=lambda history: history["validation_accuracy"][-1] >= 0.9,
        )
        return len(history.epochs), max(history["validation_accuracy"])

    autograd.manual_seed(100 + seed)
    epochs, best = epochs_to_90(Net(2))
    assert epochs == 30 and best < 0.85
    autograd.manual_seed(seed)
    old = Net(4)
    trained(old, task(1500, 1, 4), optim.Adam(old.parameters(), lr=0.01), 12)
    autograd.manual_seed(100 + seed)
    model = Net(2)
    report = optim.load_partial(
        model, old.state_dict(), rename=lambda name: None if "head" in name else name
    )
    assert report.missing == ["parts.head.weight", "parts.head.bias"]
    optim.freeze(model, "parts.trunk")
    epochs, best = epochs_to_90(model)
    assert epochs < 25 and best >= 0.9


def test_MT_05_a_claim_of_theory_is_called_one():
    assert "a bound from theory" in transfer.__doc__ and "nothing here measures" in transfer.__doc__


def test_MT_10_how_much_to_tune_is_told_in_a_table():
    for words in ("similar to the old", "little data", "much data", "new head only", "all layers"):
        assert words in transfer.__doc__


def test_groups_and_frozen_parts_by_path():
    model = Net(2)
    groups = optim.parameter_groups(
        model, {"parts": 0.1, "parts.trunk.0": {"lr": 0.01, "momentum": 0.5}}, decay_all=False
    )
    optimizer = optim.SGD(groups, lr=1.0, weight_decay=0.3)
    found = [
        (len(g["params"]), g["lr"], g["momentum"], g["weight_decay"])
        for g in optimizer.param_groups
    ]
    assert found == [(2, 0.1, 0, 0.3), (2, 0.1, 0, 0.0), (1, 0.01, 0.5, 0.3), (1, 0.01, 0.5, 0.0)]
    optim.freeze(model, "parts.head.bias")
    assert [len(g["params"]) for g in optim.parameter_groups(model, {"parts.head": 1.0})] == [1, 4]
    assert len(optim.freeze(model)) == 6 and optim.parameter_groups(model, {}) == []
    thawed = Net(2)
    with pytest.raises(ValueError, match="freeze: the model has no parameter below 'part'"):
        optim.freeze(thawed, "parts", "part")
    assert all(p.requires_grad for p in thawed.parameters())
    with pytest.raises(ValueError, match="parameter_groups: the model has no parameter below 'x'"):
        optim.parameter_groups(model, {"x": 1.0})
    with pytest.raises(ValueError, match="two entries are given the name a"):
        optim.load_partial(model, {"x": np.ones(1), "y": np.ones(1)}, rename=lambda name: "a")
    with pytest.raises(ValueError, match="there is no w to adapt"):
        optim.load_partial(model, {}, adapt={"w": lambda w: w})


class Tied(nn.Module):
    """Two layers with one weight, which a model counts by its first name."""

    def __init__(self):
        super().__init__()
        self.below, self.above = nn.Linear(3, 3), nn.Linear(3, 3)
        self.above.weight = self.below.weight

    def forward(self, x):
        return self.above(self.below(x))


def test_a_shared_parameter_has_all_its_names():
    model = Tied()
    assert optim.freeze(model, "above") == ["above.weight", "above.bias"]
    assert [p.requires_grad for p in model.parameters()] == [False, True, False]
    groups = optim.parameter_groups(Tied(), {"above": 0.1, "above.weight": 0.2})
    assert [(len(g["params"]), g.get("lr")) for g in groups] == [(1, 0.1), (1, 0.2), (1, None)]
    report = optim.load_partial(model, {"above.weight": np.ones((3, 3))})
    assert report.loaded == ["above.weight"] and report.missing == ["below.bias", "above.bias"]
    assert (model.below.weight == 1).all()
