"""Group TP: sanity checks, memorising, and how much a model keeps."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import optim

CHECKS = ["bounds", "chance", "no regularisation", "penalty", "over-fitting"]


def classifier(*extra):
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), *extra, nn.Linear(64, 10))
    return model, (autograd.randn(40, 12), autograd.randint(0, 10, (40,)))


def failed(report):
    assert [row.check for row in report] == CHECKS
    return [row.check for row in report if not row.passed]


def test_TP_04_five_checks_in_a_table(capsys):
    model, data = classifier(nn.BatchNorm1d(64), nn.Dropout(0.5))
    before = {name: t.detach().clone().numpy() for name, t in model.state_dict().items()}
    model.eval()[0].train()
    random = autograd.get_rng_state().tolist()
    report = optim.sanity_check(model, nn.CrossEntropyLoss(), [data])
    assert report.passed and failed(report) == []
    table = capsys.readouterr().out.splitlines()
    assert len(table) == 6 and all(line.endswith("passed") for line in table[1:])
    assert "2.3026 = log 10" in table[2] and "20 samples" in table[5] and "100%" in table[5]
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name])
    assert all(p.grad is None for p in model.parameters()) and model[3].p == 0.5
    assert [m.training for m in model] == [True, False, False, False, False]
    assert autograd.get_rng_state().tolist() == random


def check(loss, model=None, data=None, **options):
    own, own_data = classifier()
    options = {"show": False, "steps": 300, **options}
    return optim.sanity_check(model or own, loss, data or own_data, **options)


def test_TP_04_each_check_finds_its_mistake():
    model, data = classifier()
    cross_entropy = nn.CrossEntropyLoss()
    below = check(lambda scores, y: cross_entropy(scores, y) - 3)
    assert failed(below)[:2] == ["bounds", "chance"] and "[0, inf)" in below[0].expected
    summed = check(nn.CrossEntropyLoss(reduction="sum"))
    assert failed(summed) == ["chance", "over-fitting"] or failed(summed) == ["chance"]
    hidden = check(
        lambda scores, y: cross_entropy(scores, y) + 0.1 * F.l2_penalty(model.parameters()), model
    )
    assert "no regularisation" in failed(hidden)
    rewarded = check(cross_entropy, penalty=lambda ps: -1 * F.l2_penalty(ps, 0.1))
    assert failed(rewarded) == ["penalty"]
    slow = check(cross_entropy, optimizer=lambda ps: optim.SGD(ps, lr=1e-5))
    assert failed(slow) == ["over-fitting"] and not slow.passed
    decayed = check(cross_entropy, optimizer=lambda ps: optim.AdamW(ps, lr=0.01, weight_decay=30))
    assert decayed[4].expected.endswith("without weight_decay")
    shuffled = check(cross_entropy, nn.Sequential(nn.Linear(12, 10), nn.Softmax(1), nn.Softmax(1)))
    assert failed(shuffled) == ["over-fitting"]
    with pytest.raises(ValueError, match="sanity_check: the data has no batch"):
        optim.sanity_check(model, cross_entropy, [])


class Detached(nn.Linear):
    def forward(self, x):
        return super().forward(x).detach()


def test_TP_04_a_model_that_cannot_learn_fails_the_last_check():
    for model in (nn.Linear(12, 10).requires_grad_(False), Detached(12, 10)):
        report = check(nn.CrossEntropyLoss(), model)
        assert failed(report) == ["over-fitting"] and report[4].found.startswith("no ")
    ignoring = check(
        nn.CrossEntropyLoss(), nn.Sequential(nn.Threshold(1e9, 0.0), nn.Linear(12, 10))
    )
    assert failed(ignoring) == ["over-fitting"]  # it never sees its inputs
    exploding = check(lambda scores, y: nn.CrossEntropyLoss()(scores * 1e38 * 1e10, y))
    assert failed(exploding) == CHECKS
    contradicting = autograd.zeros(20, 12), autograd.arange(20) % 10
    assert failed(check(nn.CrossEntropyLoss(), data=contradicting)) == ["over-fitting"]
    with pytest.raises(ValueError, match="samples and steps must be at least 1, got 20 and 0"):
        check(nn.CrossEntropyLoss(), steps=0)


def test_TP_04_of_the_hinge_and_of_values():
    hinge = nn.MultiMarginLoss()
    report = check(lambda scores, y: 10 * hinge(scores, y))  # PyTorch's divides by C
    assert failed(report) == [] and report[1].expected == "9 = C - 1"
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
    x = autograd.randn(50, 3)
    loader = optim.DataLoader(optim.TensorDataset(x, x.sum(1, keepdim=True)), 8)
    report = optim.sanity_check(model, nn.MSELoss(), loader, show=False)
    assert failed(report) == [] and "of predicting 0" in report[1].expected
    assert "20 samples" in report[4].expected
    assert failed(check(nn.CrossEntropyLoss(), chance=2.0)) == ["chance"]


def test_TP_08_a_model_can_memorise():
    autograd.manual_seed(0)
    x, y = autograd.randn(20, 10), autograd.randint(0, 5, (20,))
    model = nn.Sequential(nn.Linear(10, 50), nn.ReLU(), nn.Linear(50, 5))
    history = optim.fit(
        model,
        nn.CrossEntropyLoss(),
        [(x, y)],
        optimizer=optim.Adam(model.parameters(), lr=0.02),
        epochs=150,
        progress=False,
    )
    assert history["accuracy"][-1] == 1 and history["loss"][-1] < 0.01


def test_TP_09_what_neighbours_keep_and_a_linear_model_does():
    assert 50_000 * 3072 == 153_600_000
    linear = nn.Linear(3072, 10)
    numbers = sum(p.numel() for p in linear.parameters())
    assert numbers == 30_730 and 153_600_000 // numbers == 4998
    rng = np.random.default_rng(0)
    centres = np.array([[2.0, 2.0], [-2.0, -2.0]])
    classes = rng.integers(0, 2, 80)
    points = centres[classes] + 0.3 * rng.standard_normal((80, 2))
    train, held_out = slice(0, 60), slice(60, 80)
    away = ((points[held_out, None] - points[None, train]) ** 2).sum(-1)
    nearest = classes[train][away.argmin(1)]  # k = 1
    model = nn.Linear(2, 2).double()
    data = [(autograd.tensor(points[train]), autograd.tensor(classes[train]))]
    optim.fit(
        model,
        nn.CrossEntropyLoss(),
        data,
        optimizer=optim.SGD(model.parameters(), lr=0.5),
        epochs=20,
        progress=False,
    )
    scores = model(autograd.tensor(points[held_out]))
    assert scores.argmax(1).tolist() == nearest.tolist() == classes[held_out].tolist()


@pytest.mark.parametrize("samples", [25, 103])
def test_TP_02_five_folds_from_one_random_split(samples):
    """Each part is held out once, while the other four train."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((samples, 2))
    y = x @ [1.0, -2.0] + 0.1 * rng.standard_normal(samples)
    folds = optim.random_split(optim.TensorDataset(x, y), [0.2] * 5, generator=0)
    sizes = [len(fold) for fold in folds]
    assert sum(sizes) == samples and max(sizes) - min(sizes) <= 1
    assert sorted(i for fold in folds for i in fold.indices) == list(range(samples))
    scores = []
    for k, held_out in enumerate(folds):
        train = optim.ConcatDataset(folds[:k] + folds[k + 1 :])
        assert len(train) == samples - len(held_out)
        model = nn.Linear(2, 1).double()
        history = optim.fit(
            model,
            lambda output, target: nn.functional.mse_loss(output[:, 0], target),
            optim.DataLoader(train, len(train)),
            optimizer=optim.SGD(model.parameters(), lr=0.3),
            epochs=25,
            validation=optim.DataLoader(held_out, len(held_out)),
            progress=False,
            watch=0,
        )
        scores.append(history["validation_loss"][-1])
    assert np.mean(scores) == pytest.approx(0.01, rel=0.5) and 0 < np.std(scores) < 0.01
