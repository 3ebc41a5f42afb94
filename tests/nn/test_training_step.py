"""The demo's network in a training step: PyTorch's trajectory, no leak, no memory of the last step.

conv, batch norm, relu and max-pool twice, dropout, linear, cross-entropy.
"""

import gc
import tracemalloc

import numpy as np
import pytest

import autograd
import nn
import optim


def network(library, dropout=0.0):
    def block(inputs, outputs):
        return library.Sequential(
            library.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            library.BatchNorm2d(outputs),
            library.ReLU(),
            library.MaxPool2d(2),
        )

    return library.Sequential(
        block(1, 4),
        block(4, 8),
        library.Flatten(),
        library.Dropout(dropout),
        library.Linear(8 * 7 * 7, 10),
    )


def batches(steps, size, dtype):
    rng = np.random.default_rng(0)
    for _ in range(steps):
        images = rng.standard_normal((size, 1, 28, 28)).astype(dtype)
        yield images, rng.integers(0, 10, size)


def train(library, model, optimizer, loss, steps, size, dtype):
    losses = []
    for images, classes in batches(steps, size, dtype):
        optimizer.zero_grad()
        value = loss(model(library.tensor(images)), library.tensor(classes))
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


@pytest.mark.parametrize(
    ("rule", "options"),
    [("SGD", {"lr": 0.01, "momentum": 0.9, "weight_decay": 1e-3}), ("Adam", {"lr": 1e-3})],
)
def test_fifty_steps_of_a_network_are_pytorchs(torch, rule, options):
    theirs, ours = network(torch.nn).double(), network(nn).double()
    ours.load_state_dict(theirs.state_dict())
    runs = []
    for library, layers, optimizers, model in [
        (autograd, nn, optim, ours),
        (torch, torch.nn, torch.optim, theirs),
    ]:
        optimizer = getattr(optimizers, rule)(model.parameters(), **options)
        loss = layers.CrossEntropyLoss()
        runs.append(train(library, model, optimizer, loss, 50, 4, np.float64))
    np.testing.assert_allclose(*runs, rtol=1e-10)
    for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-9, atol=1e-10, err_msg=name)


def test_one_step_in_float32_is_pytorchs(torch):
    theirs, ours = network(torch.nn), network(nn)
    ours.load_state_dict(theirs.state_dict())
    images, classes = next(batches(1, 8, np.float32))
    loss = torch.nn.functional.cross_entropy(theirs(torch.tensor(images)), torch.tensor(classes))
    mine = nn.functional.cross_entropy(ours(autograd.tensor(images)), autograd.tensor(classes))
    loss.backward()
    mine.backward()
    assert mine.item() == pytest.approx(loss.item(), rel=1e-5)
    for (name, a), b in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert a.grad.dtype == np.float32
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), atol=1e-5, err_msg=name)


def test_fifty_steps_leave_nothing_for_the_garbage_collector():
    model = network(nn, dropout=0.3)
    optimizer = optim.Adam(model.parameters())
    loss = nn.CrossEntropyLoss()
    train(autograd, model, optimizer, loss, 2, 4, np.float32)
    gc.collect()
    gc.disable()
    try:
        train(autograd, model, optimizer, loss, 50, 4, np.float32)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_the_training_loop_leaves_nothing_for_the_garbage_collector():
    data = optim.TensorDataset(*next(batches(1, 16, np.float32)))
    model = network(nn)
    optimizer = optim.SGD(model.parameters(), lr=0.01)

    def fit(epochs):
        loader = optim.DataLoader(data, 4, shuffle=True)
        return optim.fit(
            model,
            nn.CrossEntropyLoss(),
            loader,
            optimizer=optimizer,
            epochs=epochs,
            validation=loader,
            progress=False,
        )

    fit(1)
    gc.collect()
    gc.disable()
    try:
        fit(2)
        assert gc.collect() == 0
    finally:
        gc.enable()


def peak_of_ten_steps(forget):
    """Peak of traced memory over ten steps at batch 64, without what was there before."""
    autograd.manual_seed(0)
    model = network(nn, dropout=0.3)
    optimizer = optim.Adam(model.parameters())
    criterion = nn.CrossEntropyLoss()
    data = [(autograd.tensor(x), autograd.tensor(y)) for x, y in batches(2, 64, np.float32)]

    def step(images, classes):
        optimizer.zero_grad()
        loss = criterion(model(images), classes)
        loss.backward()
        optimizer.step()
        return loss

    for images, classes in data:
        step(images, classes)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for i in range(10):
            images, classes = data[i % 2]
            if forget:
                loss = step(images, classes)
                del loss
            else:
                loss = step(images, classes)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_a_loss_that_is_simply_rebound_costs_no_memory():
    threads = autograd.get_num_threads()
    autograd.set_num_threads(1)  # how far two threads' buffers overlap in time is chance
    try:
        rebound, deleted = peak_of_ten_steps(forget=False), peak_of_ten_steps(forget=True)
    finally:
        autograd.set_num_threads(threads)
    assert rebound <= 1.05 * deleted


def test_an_image_that_needs_no_gradient_gets_none():
    model = network(nn)
    image = autograd.tensor(next(batches(1, 2, np.float32))[0])
    loss = model(image).sum()
    steps = list(autograd.steps(loss))
    (first,) = [s for s in steps if s.op.module == "0.0"]
    assert first.op.name == "conv2d"
    assert [c is None for c in first.contributions] == [True, False, True]


def test_a_second_order_product_through_the_network_agrees_with_finite_differences():
    """The Hessian of the loss times a direction, by differentiating the gradient."""
    autograd.manual_seed(1)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3),
        nn.BatchNorm2d(2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2 * 3 * 3, 3),
    ).double()
    rng = np.random.default_rng(3)
    images, classes = autograd.tensor(rng.standard_normal((4, 1, 8, 8))), np.array([0, 1, 2, 1])
    weights = list(model.parameters())
    direction = [rng.standard_normal(w.shape) for w in weights]

    def gradient(create_graph=False):
        loss = nn.functional.cross_entropy(model(images), classes)
        return autograd.grad(loss, weights, create_graph=create_graph)

    slopes = gradient(create_graph=True)
    product = autograd.grad(
        sum((g * d).sum() for g, d in zip(slopes, direction, strict=True)), weights
    )

    def shifted(h):
        with autograd.no_grad():
            for w, d in zip(weights, direction, strict=True):
                w.add_(h * d)
        result = [g.numpy().copy() for g in gradient()]
        with autograd.no_grad():
            for w, d in zip(weights, direction, strict=True):
                w.sub_(h * d)
        return result

    h = 1e-5
    above, below = shifted(h), shifted(-h)
    numeric = [(a - b) / (2 * h) for a, b in zip(above, below, strict=True)]
    scale = max(np.abs(n).max() for n in numeric)
    for exact, estimate in zip(product, numeric, strict=True):
        np.testing.assert_allclose(exact.numpy(), estimate, atol=1e-6 * scale)
