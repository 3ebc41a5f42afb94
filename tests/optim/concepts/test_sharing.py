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


def test_MT_04_an_auxiliary_task_without_weight_changes_nothing():
    autograd.manual_seed(0)
    trunk, main, other = nn.Linear(4, 6), nn.Linear(6, 2), nn.Linear(6, 3)
    x, y, z = autograd.randn(10, 4), autograd.randint(0, 2, (10,)), autograd.randint(0, 3, (10,))

    def gradients(weight):
        for part in (trunk, main, other):
            part.zero_grad()
        h = trunk(x).tanh()
        loss = F.cross_entropy(main(h), y) + weight * F.cross_entropy(other(h), z)
        loss.backward()
        return trunk.weight.grad.numpy().copy(), main.weight.grad.numpy().copy()

    alone, with_none, with_half = gradients(0.0), None, gradients(0.5)
    main.zero_grad()
    trunk.zero_grad()
    F.cross_entropy(main(trunk(x).tanh()), y).backward()
    with_none = trunk.weight.grad.numpy(), main.weight.grad.numpy()
    for one, two in zip(alone, with_none, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-6, atol=1e-9)
    assert np.abs(with_half[0] - alone[0]).max() > 1e-3  # the trunk learns from both
    np.testing.assert_allclose(with_half[1], alone[1], rtol=1e-6)
    assert main(trunk(x).tanh()).shape == (10, 2)  # the other head is dropped at test


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


@pytest.fixture(scope="module")
def pretrained():
    autograd.manual_seed(0)
    model = Net(4)
    trained(model, task(1500, 1, 4), optim.Adam(model.parameters(), lr=0.01), 12)
    return model.state_dict()


def transferred(pretrained):
    autograd.manual_seed(1)
    model = Net(2)
    report = optim.load_partial(
        model, pretrained, rename=lambda name: None if "head" in name else name
    )
    assert report.missing == ["parts.head.weight", "parts.head.bias"]
    return model


def test_MT_07_frozen_layers_keep_their_bits_and_a_new_head_learns(pretrained):
    model = transferred(pretrained)
    frozen = optim.freeze(model, "parts.trunk")
    assert frozen == [f"parts.trunk.{i}.{name}" for i in (0, 2) for name in ("weight", "bias")]
    before = [p.numpy().tobytes() for p in model.parts["trunk"].parameters()]
    head = model.parts["head"].weight.tolist()
    optimizer = optim.Adam(model.parameters(), lr=0.05, weight_decay=0.1)
    trained(model, task(50, 2, 2), optimizer, 3)
    assert [p.numpy().tobytes() for p in model.parts["trunk"].parameters()] == before
    assert all(p.grad is None for p in model.parts["trunk"].parameters())
    assert model.parts["head"].weight.tolist() != head


def test_MT_07_fine_tuning_with_two_rates(pretrained):
    model = transferred(pretrained)
    before = {name: p.detach().clone().numpy() for name, p in model.named_parameters()}
    groups = optim.parameter_groups(model, {"parts.trunk": 1e-4})
    history = trained(model, task(50, 2, 2), optim.SGD(groups, lr=0.1), 3)
    assert history.rates[0] == [1e-4, 0.1]
    moved = {n: np.abs(p.numpy() - before[n]).max() for n, p in model.named_parameters()}
    assert 0 < moved["parts.trunk.0.weight"] < 0.01 * moved["parts.head.weight"]


def test_MT_09_a_pretrained_trunk_reaches_90_percent_with_fifty_samples(pretrained):
    few, held_out = task(50, 2, 2), optim.DataLoader(task(500, 3, 2), 500)

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

    autograd.manual_seed(1)
    epochs, best = epochs_to_90(Net(2))
    assert epochs == 30 and best < 0.8  # from scratch: never
    model = transferred(pretrained)
    optim.freeze(model, "parts.trunk")
    epochs, best = epochs_to_90(model)
    assert epochs < 25 and best >= 0.9


def test_MT_08_a_partial_load_tells_what_it_did():
    classifier = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 25, 10)
    )
    segmenting = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 1), nn.BatchNorm2d(2)
    )
    untouched = segmenting[2].weight.tolist()
    report = optim.load_partial(
        segmenting,
        classifier.state_dict(),
        adapt={"0.weight": lambda weight: weight.sum(1, keepdims=True)},
    )
    assert report.loaded == ["0.weight", "0.bias"]
    assert report.unexpected == []
    assert report.mismatched == {"3.weight": ((10, 100), (2,)), "3.bias": ((10,), (2,))}
    assert report.missing == ["2.weight", "2.bias"] + [
        f"3.{name}" for name in ("running_mean", "running_var", "num_batches_tracked")
    ]
    assert segmenting[2].weight.tolist() == untouched
    grey = autograd.randn(2, 1, 5, 5)
    as_colours = autograd.cat([grey, grey, grey], 1)
    np.testing.assert_allclose(
        segmenting[0](grey).detach().numpy(),
        classifier[0](as_colours).detach().numpy(),
        rtol=1e-4,
        atol=1e-6,
    )
    said = str(optim.load_partial(nn.Linear(2, 3), {"weight": np.ones((3, 2)), "scale": 1.0}))
    assert said == "loaded 1: weight\nmissing 1: bias\nunexpected 1: scale"
    with pytest.warns(UserWarning, match="nothing was loaded: the state dict has bias, Linear has"):
        said = str(optim.load_partial(nn.Linear(2, 3), {"bias": np.ones(4)}))
    assert "loaded 0: nothing" in said and "left out bias: it has shape (4,), the model ex" in said


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
