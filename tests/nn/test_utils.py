"""nn.utils: norms of gradients, parameters as vectors, normalised weights."""

import copy

import numpy as np
import pytest

import autograd
import nn
from nn import utils

LAYERS = {
    "Linear": (lambda library: library.Linear(3, 4), (5, 3)),
    "Conv2d": (lambda library: library.Conv2d(2, 3, 3), (2, 2, 4, 5)),
}


def same_weights(torch, ours, theirs, seed=0):
    """Draw a state for PyTorch's module and load it into ours."""
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for tensor in theirs.state_dict().values():
            tensor.copy_(torch.tensor(rng.standard_normal(tuple(tensor.shape))))
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])


def step(tensors, module, array):
    out = module(tensors.tensor(array))
    module.zero_grad()
    (out**2).sum().backward()
    found = {"output": out.detach().numpy()}
    found |= {name: p.grad.numpy() for name, p in module.named_parameters()}
    found |= {name: np.array(b.numpy()) for name, b in module.named_buffers()}
    return found


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("weight_norm", {}),
        ("weight_norm", {"dim": 1}),
        ("weight_norm", {"dim": None}),
        ("spectral_norm", {}),
        ("spectral_norm", {"n_power_iterations": 3, "dim": 1}),
    ],
    ids=str,
)
def test_normalised_weights_are_pytorchs(torch, layer, kind, options):
    make, shape = LAYERS[layer]
    theirs = getattr(torch.nn.utils, kind)(make(torch.nn).double(), **options)
    ours = getattr(utils, kind)(make(nn).double(), **options)
    same_weights(torch, ours, theirs)
    rng = np.random.default_rng(1)
    for mode in (True, True, False):
        ours.train(mode)
        theirs.train(mode)
        array = rng.standard_normal(shape)
        expected, got = step(torch, theirs, array), step(autograd, ours, array)
        assert got.keys() == expected.keys()
        for name, value in expected.items():
            np.testing.assert_allclose(got[name], value, rtol=1e-9, atol=1e-9, err_msg=name)
    getattr(torch.nn.utils, f"remove_{kind}")(theirs)
    getattr(utils, f"remove_{kind}")(ours)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    np.testing.assert_allclose(ours.weight.detach().numpy(), theirs.weight.detach().numpy())
    assert isinstance(ours.weight, nn.Parameter)


@pytest.mark.parametrize("kind", ["weight_norm", "spectral_norm"])
def test_a_normalised_weight_starts_as_it_was_and_is_refused_twice(kind):
    layer = nn.Linear(3, 4)
    before = layer.weight.tolist()
    normalise, remove = getattr(utils, kind), getattr(utils, f"remove_{kind}")
    assert normalise(layer) is layer
    assert layer.weight.tolist() == before
    with pytest.raises(RuntimeError, match=f"{kind}: 'weight' of Linear has one"):
        normalise(layer)
    remove(layer)
    with pytest.raises(ValueError, match=f"remove_{kind}: 'weight' of Linear is an ordinary"):
        remove(layer)
    with pytest.raises(ValueError, match=f"{kind}: Linear has no parameter 'kernel'"):
        normalise(layer, "kernel")
    with pytest.raises(TypeError, match=f"{kind}: expected a Module, got int"):
        normalise(3)
    with pytest.raises(IndexError, match=f"{kind}: dim 2 is out of range for shape"):
        normalise(nn.Linear(3, 4), dim=2)


def test_two_forwards_before_one_backward():
    """As a discriminator is trained: the vectors of the first forward are kept for it."""
    layer = utils.spectral_norm(nn.Linear(3, 1))
    loss = layer(autograd.ones(1, 3)).sum() - layer(autograd.zeros(1, 3)).sum()
    loss.backward()
    assert layer.weight_orig.grad.shape == (1, 3)


def test_the_iterations_are_checked():
    with pytest.raises(ValueError, match="n_power_iterations must be at least 1, got 0"):
        utils.spectral_norm(nn.Linear(2, 2), n_power_iterations=0)
    with pytest.raises(TypeError, match="n_power_iterations must be an int, got 1.5"):
        utils.spectral_norm(nn.Linear(2, 2), n_power_iterations=1.5)


def test_a_normalised_layer_can_be_copied_before_its_first_forward():
    layer = utils.weight_norm(nn.Linear(3, 4))
    again = copy.deepcopy(layer)
    x = autograd.randn(2, 3)
    assert again(x).tolist() == layer(x).tolist()
    assert again.weight_v is not layer.weight_v


def test_parameters_become_a_vector_and_back():
    layer = nn.Linear(3, 2)
    vector = utils.parameters_to_vector(layer.parameters())
    assert vector.tolist() == layer.weight.flatten().tolist() + layer.bias.tolist()
    vector.sum().backward()
    assert layer.weight.grad.tolist() == [[1, 1, 1], [1, 1, 1]]
    utils.vector_to_parameters(autograd.arange(8.0), layer.parameters())
    assert layer.weight.tolist() == [[0, 1, 2], [3, 4, 5]] and layer.bias.tolist() == [6, 7]
    with pytest.raises(ValueError, match=r"have 8 elements, got a vector of shape \(7,\)"):
        utils.vector_to_parameters(autograd.zeros(7), layer.parameters())
    assert layer.bias.tolist() == [6, 7]
    with pytest.raises(TypeError, match="expected a Tensor, got list"):
        utils.vector_to_parameters([1.0], layer.parameters())
    with pytest.raises(ValueError, match="at least one parameter, got none"):
        utils.parameters_to_vector([])


@pytest.mark.parametrize("norm_type", [1, 2, 3.5, float("inf"), "inf", 0, -1, -2.5, -float("inf")])
@pytest.mark.parametrize("last", [1.5, 0.0])
def test_norms_are_pytorchs(torch, norm_type, last):
    arrays = [np.array([[3.0, -4.0]]), np.array([last])]
    empty = autograd.zeros(0, 2)  # changes nothing, also where PyTorch has no maximum
    ours = utils.get_total_norm([*map(autograd.tensor, arrays), empty], norm_type)
    theirs = torch.nn.utils.get_total_norm([torch.tensor(a) for a in arrays], norm_type)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-12)
    with pytest.raises(TypeError, match="norm_type"):
        utils.get_total_norm(autograd.tensor([1.0]), "two")
    with pytest.raises(RuntimeError, match="get_total_norm: the norm of the gradients is nan"):
        utils.get_total_norm(autograd.tensor([float("nan")]), error_if_nonfinite=True)


def test_gradients_are_scaled_by_a_given_norm():
    w = autograd.zeros(2, requires_grad=True)
    w.grad = autograd.tensor([3.0, 4.0])
    utils.clip_grads_with_norm_([w], 10.0, utils.get_total_norm(w.grad))
    assert w.grad.tolist() == [3, 4]
    utils.clip_grads_with_norm_([w], 1.0, utils.get_total_norm(w.grad))
    assert w.grad.tolist() == pytest.approx([0.6, 0.8], rel=1e-5)


def test_ways_of_computing_may_be_named():
    """As in PyTorch's calls; ``foreach`` changes no number."""
    layer = nn.Linear(2, 1)
    layer(3 * autograd.ones(1, 2)).sum().backward()
    assert utils.clip_grad_norm_(layer.parameters(), 1.0, foreach=False).item() > 4
    utils.clip_grads_with_norm_(layer.parameters(), 1.0, 4.0, foreach=False)
    utils.clip_grad_value_(layer.parameters(), 0.01, foreach=False)
    total = utils.get_total_norm([p.grad for p in layer.parameters()], foreach=False)
    assert total.item() == pytest.approx(0.01 * 3**0.5, rel=1e-5)
