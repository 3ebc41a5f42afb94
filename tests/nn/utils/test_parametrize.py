"""Weights that are computed from others: PyTorch's numbers and names, and what goes wrong."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from nn.utils import parametrizations, parametrize
from nn.utils.parametrizations.orthogonal import _exponential

LAYERS = {
    "linear": (lambda library: library.Linear(3, 4), (5, 3)),
    "wide": (lambda library: library.Linear(4, 2, bias=False), (5, 4)),
    "square": (lambda library: library.Linear(3, 3), (2, 3)),
    "conv": (lambda library: library.Conv2d(2, 3, 3), (2, 2, 4, 5)),
    "transposed": (lambda library: library.ConvTranspose1d(2, 3, 3), (2, 2, 4)),
}


def pair(torch, layer, kind, **options):
    """Return both libraries' parametrized layers in float64, with one state."""
    make, shape = LAYERS[layer]
    theirs, ours = make(torch.nn).double(), make(nn).double()
    for module, library in ((theirs, torch.nn), (ours, nn)):
        assert getattr(library.utils.parametrizations, kind)(module, **options) is module
    saved = theirs.state_dict()
    assert list(ours.state_dict()) == list(saved)
    assert ours.load_state_dict(saved) == ([], [])
    assert not theirs.load_state_dict(
        {name: torch.tensor(value.numpy()) for name, value in ours.state_dict().items()}
    ).missing_keys
    return theirs, ours, np.random.default_rng(0).standard_normal(shape)


def compared(torch, theirs, ours, x):
    """Compare outputs, gradients and buffers of three steps in training and one after it."""
    for training in (True, True, True, False):
        for module in (theirs, ours):
            module.train(training).zero_grad()
        y, z = ours(autograd.tensor(x)), theirs(torch.tensor(x))
        (y * y * y).sum().backward(), (z * z * z).sum().backward()
        close = {"rtol": 1e-9, "atol": 1e-10}
        np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), **close)
        others = dict(theirs.named_parameters())
        for name, parameter in ours.named_parameters():
            np.testing.assert_allclose(parameter.grad.numpy(), others[name].grad.numpy(), **close)
        for mine, other in zip(ours.buffers(), theirs.buffers(), strict=True):
            np.testing.assert_allclose(mine.numpy(), other.numpy(), **close)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("weight_norm", {}),
        ("weight_norm", {"dim": 1}),
        ("weight_norm", {"dim": None}),
        ("weight_norm", {"dim": -1}),
        ("spectral_norm", {}),
        ("spectral_norm", {"n_power_iterations": 3, "dim": 1}),
    ],
)
def test_normalised_weights_are_pytorchs(torch, layer, kind, options):
    compared(torch, *pair(torch, layer, kind, **options))


@pytest.mark.parametrize("layer", ["linear", "wide", "square", "transposed"])
@pytest.mark.parametrize("way", ["matrix_exp", "cayley", "householder", None])
@pytest.mark.parametrize("base", [True, False])
def test_orthogonal_weights_are_pytorchs(torch, layer, way, base):
    theirs, ours, x = pair(torch, layer, "orthogonal", orthogonal_map=way, use_trivialization=base)
    original = theirs.parametrizations.weight.original
    moved = 0.3 * torch.randn_like(original)
    if way == "householder" or (way is None and layer != "square"):  # signs are on the diagonal
        moved = moved.triu(1) if layer == "wide" else moved.tril(-1)
    with torch.no_grad():
        original += moved
    ours.load_state_dict(theirs.state_dict())
    compared(torch, theirs, ours, x)
    q = ours.weight.detach().numpy()
    q = q if q.shape[-2] >= q.shape[-1] else np.swapaxes(q, -1, -2)
    products = np.swapaxes(q, -1, -2) @ q
    np.testing.assert_allclose(
        products, np.broadcast_to(np.eye(q.shape[-1]), products.shape), atol=1e-10
    )


@pytest.mark.parametrize("way", ["matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("shape", [(3, 3), (5, 2), (2, 5), (2, 4, 3)])
def test_an_orthogonal_weight_starts_where_it_was(way, shape):
    layer, tall = nn.Module(), shape[-2] >= shape[-1]
    drawn = np.random.default_rng(1).standard_normal(shape)
    start = np.linalg.qr(drawn if tall else drawn.T)[0]
    start = start if tall else start.T
    layer.weight = nn.Parameter(autograd.tensor(start))
    parametrizations.orthogonal(layer, orthogonal_map=way)
    np.testing.assert_allclose(layer.weight.detach().numpy(), start, atol=1e-12)
    layer.weight = autograd.tensor(-start)
    np.testing.assert_allclose(layer.weight.detach().numpy(), -start, atol=1e-12)


@pytest.mark.parametrize("size", [1e-3, 0.3, 2.0, 40.0])
def test_the_exponential_of_a_matrix(torch, size):
    a = size * np.random.default_rng(3).standard_normal((2, 4, 4)) / 4
    a = a - np.swapaxes(a, -1, -2)
    found, wanted = _exponential(autograd.tensor(a)), torch.matrix_exp(torch.tensor(a))
    np.testing.assert_allclose(found.numpy(), wanted.numpy(), atol=1e-12 * max(1, size))
    small = autograd.tensor(a[0, :3, :3] / max(1.0, size), requires_grad=True)
    assert autograd.gradcheck(_exponential, [small])
    assert autograd.gradgradcheck(_exponential, [small], fast_mode=True)


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).T

    def right_inverse(self, x):
        return x.triu()


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(autograd.tensor(2.0))

    def forward(self, x):
        return x * self.scale


def test_a_parametrization_of_ones_own():
    layer = parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    assert [name for name, _ in layer.named_parameters()] == [
        "bias",
        "parametrizations.weight.original",
    ]
    wanted = autograd.tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]])
    layer.weight = wanted
    assert layer.weight.tolist() == wanted.tolist() and layer.weight.requires_grad
    assert layer.parametrizations.weight.original.tolist()[2] == [0, 0, 6]
    layer(autograd.ones(1, 3)).sum().backward()
    gradient = layer.parametrizations.weight.original.grad
    assert gradient.tolist() == [[1, 2, 2], [0, 1, 2], [0, 0, 1]]
    parametrize.register_parametrization(layer, "weight", Scaled())
    assert layer.weight.tolist() == (2 * wanted).tolist()
    assert "parametrizations.weight.1.scale" in layer.state_dict()
    assert "Symmetric()" in repr(layer) and "ParametrizationList" in repr(layer)
    with pytest.raises(RuntimeError, match="Scaled has no right_inverse"):
        layer.weight = wanted
    for again in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        with autograd.no_grad():
            again.parametrizations.weight[1].scale.fill_(3.0)
        assert again.weight.tolist() == (3 * wanted).tolist()
        assert layer.weight.tolist() == (2 * wanted).tolist()
    parametrize.remove_parametrizations(layer, "weight")
    assert layer.weight.tolist() == (2 * wanted).tolist() and layer.weight.is_leaf
    assert list(layer.state_dict()) == ["bias", "weight"] and not parametrize.is_parametrized(layer)


def test_a_buffer_that_is_computed_stays_a_buffer():
    layer = nn.BatchNorm1d(2)
    parametrize.register_parametrization(layer, "running_mean", Scaled())
    assert "parametrizations.running_mean.original" in layer.state_dict()
    assert len(list(layer.parameters())) == 3
    parametrize.remove_parametrizations(layer, "running_mean", leave_parametrized=False)
    assert layer.running_mean.tolist() == [0, 0] and "running_mean" in layer.state_dict()


def test_what_is_read_many_times_is_computed_once():
    layer, calls = nn.Linear(2, 2), []

    class Counting(nn.Module):
        def forward(self, x):
            calls.append(1)
            return x * 1

    parametrize.register_parametrization(layer, "weight", Counting(), unsafe=True)
    with parametrize.cached():
        for _ in range(3):
            layer(autograd.ones(1, 2))
        with parametrize.cached():
            assert layer.weight is layer.weight
    assert len(calls) == 1
    layer(autograd.ones(1, 2))
    assert len(calls) == 2


def test_what_computes_a_weight_is_work_of_its_layer():
    """The module path of every operation is the layer's."""
    net = nn.Sequential(parametrizations.weight_norm(nn.Linear(2, 2)))
    loss = net(autograd.ones(1, 2)).sum()
    paths, waiting = set(), [loss.node]
    while waiting:
        op = waiting.pop()
        if hasattr(op, "operands"):
            paths.add(op.module)
            waiting += [operand for operand in op.operands if operand is not None]
    assert paths == {"0", ""}  # and the sum


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: parametrize.register_parametrization(nn.ReLU(), "weight", Symmetric()),
            ValueError,
            "register_parametrization: ReLU has no parameter or buffer 'weight'",
        ),
        (
            lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", Symmetric),
            TypeError,
            "expected a Module, got the class Symmetric",
        ),
        (
            lambda: parametrize.register_parametrization(nn.Linear(2, 3), "weight", nn.Flatten(0)),
            ValueError,
            r"Flatten makes float32 of shape \(6,\) of float32 of shape \(3, 2\); unsafe=True",
        ),
        (
            lambda: parametrize.remove_parametrizations(nn.Linear(2, 2), "weight"),
            ValueError,
            "remove_parametrizations: 'weight' of Linear is not computed",
        ),
        (
            lambda: parametrize.remove_parametrizations(
                parametrizations.weight_norm(nn.Linear(2, 2)), "weight", False
            ),
            ValueError,
            "'weight' has 2 originals",
        ),
        (
            lambda: setattr(parametrizations.weight_norm(nn.Linear(2, 2)), "weight", 3.0),
            TypeError,
            "parametrize: expected a Tensor to assign, got float",
        ),
        (
            lambda: parametrizations.orthogonal(nn.Linear(2, 2), "bias"),
            ValueError,
            r"orthogonal: expected a matrix, got bias of shape \(2,\)",
        ),
        (
            lambda: parametrizations.orthogonal(nn.Linear(2, 2), orthogonal_map="qr"),
            ValueError,
            "orthogonal_map must be one of .*, got 'qr'",
        ),
        (
            lambda: parametrizations.weight_norm(nn.Linear(2, 2), dim=2),
            IndexError,
            r"weight_norm: dim 2 is out of range for shape \(2, 2\)",
        ),
        (
            lambda: parametrizations.spectral_norm(nn.Linear(2, 2), n_power_iterations=0),
            ValueError,
            "spectral_norm: n_power_iterations must be at least 1, got 0",
        ),
    ],
)
def test_misuse_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_way_that_cannot_be_undone_is_told():
    layer = parametrizations.orthogonal(nn.Linear(2, 2), use_trivialization=False)
    with pytest.raises(NotImplementedError, match="matrix_exp without trivialization"):
        layer.weight = autograd.eye(2)


@pytest.mark.parametrize("kind", ["weight_norm", "spectral_norm"])
def test_a_refused_norm_leaves_the_weight(kind):
    for norms in (nn.utils, parametrizations):
        layer = nn.Linear(2, 2)
        with pytest.raises(IndexError):
            getattr(norms, kind)(layer, dim=5)
        assert sorted(layer.state_dict()) == ["bias", "weight"]
