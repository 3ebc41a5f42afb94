"""CM-03: the classifiers of the course's first weeks, on points that a line separates."""

import numpy as np
import pytest

import autograd
import nn
import optim

CENTRES = np.array([[2.0, 0.0], [-1.0, 1.8], [-1.0, -1.8]])


def points(n, seed, spread=0.45):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    return autograd.tensor(CENTRES[y] + spread * rng.standard_normal((n, 2))), autograd.tensor(y)


def nearest_neighbours(x, y, queries, k):
    """Return the class that most of the k nearest points have; of ties the least."""
    nearest = autograd.cdist(queries, x).topk(k, largest=False)[1].numpy()
    votes = (y.numpy()[nearest][:, :, None] == np.arange(3)).sum(1)
    return votes.argmax(1)


def linear_classifier(loss, data):
    """Train scores w x + b; the loss decides whether it is an SVM or a softmax classifier."""
    model = nn.Linear(2, 3).double()
    history = optim.fit(
        model,
        loss,
        optim.DataLoader(optim.TensorDataset(*data), 30, shuffle=True, generator=0),
        optimizer=optim.SGD(model.parameters(), lr=0.2, weight_decay=1e-3),
        epochs=20,
        progress=False,
        watch=0,
    )
    return model, history


def test_CM_03_one_neighbour_knows_all_it_has_seen():
    x, y = points(150, seed=0, spread=2.0)  # clouds that overlap
    assert (nearest_neighbours(x, y, x, k=1) == y.numpy()).all()
    assert (nearest_neighbours(x, y, x, k=15) == y.numpy()).mean() < 0.95
    others, theirs = points(300, seed=1, spread=2.0)
    accuracy = {k: (nearest_neighbours(x, y, others, k) == theirs.numpy()).mean() for k in (1, 15)}
    assert accuracy[1] < accuracy[15]  # what it knows by heart is no knowledge


@pytest.mark.parametrize("loss", [nn.MulticlassHingeLoss(), nn.CrossEntropyLoss()])
def test_CM_03_svm_and_softmax_classifier(loss):
    autograd.manual_seed(0)
    model, history = linear_classifier(loss, points(150, seed=0))
    assert history["accuracy"][-1] >= 0.98
    unseen, theirs = points(300, seed=1)
    assert optim.accuracy(model(unseen), theirs) >= 0.98
    scores = model(unseen)
    margins = scores.gather(1, theirs[:, None]) - scores
    satisfied = ((margins > 1) | (margins == 0)).all(1).numpy().mean()
    assert satisfied > 0.8
    if isinstance(loss, nn.MulticlassHingeLoss):  # done with most samples; softmax never is
        assert (loss.__class__(reduction="none")(scores, theirs) == 0).numpy().mean() > 0.8
    else:
        assert (loss.__class__(reduction="none")(scores, theirs) > 0).all()


def test_CM_03_decision_maps():
    """Linear regions are convex and meet in lines; those of one neighbour follow each point."""
    autograd.manual_seed(0)
    data = points(150, seed=0)
    axis = np.linspace(-3, 3, 41)
    grid = autograd.tensor(np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2))
    maps = {
        name: linear_classifier(loss, data)[0](grid).argmax(1).numpy()
        for name, loss in [("svm", nn.MulticlassHingeLoss()), ("softmax", nn.CrossEntropyLoss())]
    }
    maps["neighbour"] = nearest_neighbours(*data, grid, k=1)
    near = (autograd.cdist(grid, autograd.tensor(CENTRES)).min(1)[0] < 1).numpy()
    for one in maps.values():
        assert set(one.tolist()) == {0, 1, 2}
        assert (one == maps["neighbour"])[near].all()  # all agree where there are points
        assert (one == maps["neighbour"]).mean() > 0.9

    def turns(one):
        """How often the class changes along the rows: a line cuts convex regions once each."""
        return (np.diff(one.reshape(41, 41), axis=1) != 0).sum(1).max()

    assert turns(maps["svm"]) <= 2 and turns(maps["softmax"]) <= 2
