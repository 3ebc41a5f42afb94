"""Group MT, continued: auxiliary heads, the three kinds of transfer, other heads and inputs."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import optim

CROSS_ENTROPY = nn.CrossEntropyLoss()


class Face(nn.Module):
    """Landmarks, and next to them what helps to find them: pose, smile, glasses."""

    def __init__(self, auxiliary=("pose", "smile", "glasses")):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(6, 8), nn.Tanh())
        self.landmarks = nn.Linear(8, 10)
        self.auxiliary = nn.ModuleDict({name: nn.Linear(8, 2) for name in auxiliary})

    def forward(self, x):
        h = self.trunk(x)
        return self.landmarks(h), {name: head(h) for name, head in self.auxiliary.items()}


def face_gradients(model, x, weights):
    """Return the gradients of L0 + sum of c_i L_i, by name."""
    model.zero_grad()
    landmarks, others = model(x)
    loss = landmarks.square().mean()
    for name, c in weights.items():
        loss = loss + c * F.cross_entropy(others[name], autograd.tensor([0, 1, 1, 0]))
    loss.backward()
    return {
        name: None if p.grad is None else p.grad.numpy() for name, p in model.named_parameters()
    }


def test_MT_04_auxiliary_tasks_of_weight_0_leave_the_main_gradients_unchanged():
    model, x = Face().double(), autograd.randn(4, 6, dtype=np.float64)
    alone = face_gradients(model, x, {})
    silent = face_gradients(model, x, {"pose": 0.0, "smile": 0.0, "glasses": 0.0})
    for name, gradient in alone.items():
        if not name.startswith("auxiliary"):
            np.testing.assert_array_equal(silent[name], gradient)
    pose, smile, both = (
        face_gradients(model, x, weights)["trunk.0.weight"] - alone["trunk.0.weight"]
        for weights in ({"pose": 0.5}, {"smile": 1.0}, {"pose": 0.5, "smile": 2.0})
    )
    np.testing.assert_allclose(both, pose + 2 * smile, atol=1e-15)
    assert np.abs(pose).max() > 1e-3


def test_MT_04_auxiliary_heads_are_dropped_at_test_time():
    trained, x = Face(), autograd.randn(4, 6)
    model = Face(auxiliary=())
    report = optim.load_partial(model, trained.state_dict())
    assert not report.missing and not report.mismatched
    assert report.unexpected == [
        f"auxiliary.{name}.{part}"
        for name in ("pose", "smile", "glasses")
        for part in ("weight", "bias")
    ]
    assert model(x)[1] == {}
    np.testing.assert_array_equal(model(x)[0].detach().numpy(), trained(x)[0].detach().numpy())


def clouds(centres, n=150, seed=0, shift=0.0):
    """Points around the centres, and the number of the centre of each."""
    rng = np.random.default_rng(seed)
    which = rng.integers(0, len(centres), n)
    points = np.array(centres)[which] + shift + 0.3 * rng.standard_normal((n, 2))
    return autograd.tensor(points).float(), autograd.tensor(which)


RING = [[np.cos(angle), np.sin(angle)] for angle in np.arange(6) * np.pi / 3]


def classifier(classes):
    model = nn.Sequential()
    model.add_module("trunk", nn.Sequential(nn.Linear(2, 16), nn.Tanh()))
    model.add_module("head", nn.Linear(16, classes))
    return model


def train(model, data, optimizer, epochs=15, **options):
    return optim.fit(
        model,
        CROSS_ENTROPY,
        optim.DataLoader(optim.TensorDataset(*data), 25, shuffle=True, generator=0),
        optimizer=optimizer,
        epochs=epochs,
        progress=False,
        watch=0,
        **options,
    )


def bits(module):
    return [p.numpy().tobytes() for p in module.parameters()]


OLD = clouds(RING)
TASKS = {
    "another task, the same data": (3, (OLD[0], OLD[1] // 2)),
    "the same task, other data": (6, clouds(RING, seed=1, shift=0.2)),
    "both": (2, clouds([[-1.0, 0.5], [1.0, -0.5]], seed=2)),
}


@pytest.mark.parametrize("kind", TASKS)
def test_MT_07_a_trained_trunk_is_frozen_under_a_new_head_and_then_fine_tuned(kind):
    old = classifier(6)
    train(old, OLD, optim.Adam(old.parameters(), lr=0.03))
    classes, data = TASKS[kind]
    model = classifier(classes)
    report = optim.load_partial(model, {**old.state_dict(), "head.weight": np.zeros((9, 9))})
    assert report.loaded[:2] == ["trunk.0.weight", "trunk.0.bias"]
    assert report.mismatched["head.weight"] == ((9, 9), (classes, 16))
    # Only the head learns: the trunk keeps its bits and gets no gradient.
    assert optim.freeze(model, "trunk") == ["trunk.0.weight", "trunk.0.bias"]
    history = train(model, data, optim.Adam(model.parameters(), lr=0.03, weight_decay=0.01))
    assert bits(model.trunk) == bits(old.trunk)
    assert all(p.grad is None for p in model.trunk.parameters())
    assert all(p.grad is not None for p in model.head.parameters())
    assert history["accuracy"][-1] > 0.85
    # Then both, the trunk at a tenth of the rate.
    model.trunk.requires_grad_(True)
    before = [p.detach().clone() for p in model.parameters()]
    optimizer = optim.SGD(optim.parameter_groups(model, {"trunk": 0.01}), lr=0.1)
    assert [group["lr"] for group in optimizer.param_groups] == [0.01, 0.1]
    x, y = data
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
    for old_value, p, rate in zip(before, model.parameters(), [0.01] * 2 + [0.1] * 2, strict=True):
        expected = (old_value - rate * p.grad).numpy()
        np.testing.assert_allclose(p.detach().numpy(), expected, rtol=1e-6, atol=1e-8)
    assert bits(model.trunk) != bits(old.trunk)


def convolutions(channels):
    return nn.Sequential(
        nn.Conv2d(channels, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 8, 3, padding=1), nn.ReLU()
    )


class Classifier(nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.trunk = convolutions(channels)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        return self.fc(self.trunk(x).mean((2, 3)))


class Segmenter(nn.Module):
    """The same trunk, and a class for each pixel."""

    def __init__(self, channels=3):
        super().__init__()
        self.trunk = convolutions(channels)
        self.pixels = nn.Conv2d(8, 2, 1)

    def forward(self, x):
        return self.pixels(self.trunk(x))


def test_MT_08_the_trunk_of_a_classifier_under_another_head():
    trained, model = Classifier(), Segmenter()
    report = optim.load_partial(model, trained.state_dict())
    assert report.loaded == [f"trunk.{i}.{part}" for i in (0, 2) for part in ("weight", "bias")]
    assert report.missing == ["pixels.weight", "pixels.bias"]
    assert report.unexpected == ["fc.weight", "fc.bias"]
    assert report.mismatched == {}
    x = autograd.randn(2, 3, 6, 5)
    np.testing.assert_array_equal(
        model.trunk(x).detach().numpy(), trained.trunk(x).detach().numpy()
    )
    assert model(x).shape == (2, 2, 6, 5)
    assert str(report).splitlines()[1:] == [
        "missing 2: pixels.weight, pixels.bias",
        "unexpected 2: fc.weight, fc.bias",
    ]


def test_MT_08_one_channel_instead_of_three_by_summing_the_first_filters():
    """On a grey picture, whose three channels are equal, the sum of the filters does the same."""
    trained, model = Classifier(3).double(), Classifier(1).double()
    state = trained.state_dict()
    report = optim.load_partial(model, state)
    assert report.mismatched == {"trunk.0.weight": ((4, 3, 3, 3), (4, 1, 3, 3))}
    summed = {"trunk.0.weight": lambda weight: weight.sum(1, keepdims=True)}
    assert len(optim.load_partial(model, state, adapt=summed).loaded) == len(state)
    grey = autograd.randn(2, 1, 6, 5, dtype=np.float64)
    colour = autograd.cat([grey] * 3, 1)
    np.testing.assert_allclose(
        model(grey).detach().numpy(), trained(colour).detach().numpy(), rtol=1e-12
    )


def test_MT_07_what_is_frozen_does_not_move_by_decay_or_momentum_either():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))
    x = autograd.randn(8, 3)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)

    def step():
        optimizer.zero_grad(set_to_none=False)
        model(x).square().sum().backward()
        optimizer.step()

    step()
    optim.freeze(model, "0", "1.bias")
    before, statistics = bits(model), model[1].running_mean.tolist()
    step()
    moved = [old != new for old, new in zip(before, bits(model), strict=True)]
    assert moved == [False, False, True, False, True, True]
    assert model[1].running_mean.tolist() != statistics  # no parameters: eval mode stills them
    model.requires_grad_(True)
    step()
    assert bits(model)[0] != before[0]


def test_MT_08_a_state_dict_of_pytorch_loads_in_part(torch):
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 7))
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    report = optim.load_partial(model, theirs.state_dict())
    assert report.loaded == ["0.weight", "0.bias"]
    assert report.mismatched["1.weight"] == ((7, 4), (2, 4))
    assert model[0].weight.tolist() == theirs[0].weight.tolist()


def test_a_partial_load_says_what_it_did():
    said = str(optim.load_partial(nn.Linear(2, 3), {"weight": np.ones((3, 2)), "scale": 1.0}))
    assert said == "loaded 1: weight\nmissing 1: bias\nunexpected 1: scale"
    with pytest.warns(UserWarning, match="nothing was loaded: the state dict has bias, Linear has"):
        said = str(optim.load_partial(nn.Linear(2, 3), {"bias": np.ones(4)}))
    assert "loaded 0: nothing" in said and "left out bias: it has shape (4,), the model ex" in said
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    report = optim.load_partial(model, nn.Sequential(nn.Linear(2, 2)).state_dict())
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    assert report.missing == [f"1.{name}" for name in ("weight", "bias", *statistics)]
