"""Lazy layers: sized by their first input or by a state dict, and then the layers themselves."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
import optim

LAYERS = {
    "Linear": ((4,), {}, (5, 3)),
    "Conv1d": ((4, 3), {"groups": 2}, (2, 6, 5)),
    "Conv2d": ((4, 3), {"stride": 2, "padding": 1, "bias": False}, (2, 3, 5, 5)),
    "Conv3d": ((2, 2), {"padding_mode": "circular"}, (1, 3, 4, 4, 4)),
    "ConvTranspose1d": ((4, 3), {"groups": 2}, (2, 6, 5)),
    "ConvTranspose2d": ((4, 3), {"stride": 2}, (2, 3, 5, 5)),
    "ConvTranspose3d": ((2, 2), {}, (1, 3, 3, 3, 3)),
    "BatchNorm1d": ((), {}, (4, 3)),
    "BatchNorm2d": ((), {"affine": False}, (4, 3, 2, 2)),
    "BatchNorm3d": ((), {"track_running_stats": False}, (4, 3, 2, 2, 2)),
    "InstanceNorm1d": ((), {"affine": True}, (4, 3, 5)),
    "InstanceNorm2d": ((), {"affine": True, "track_running_stats": True}, (4, 3, 2, 2)),
    "InstanceNorm3d": ((), {"affine": False}, (2, 3, 2, 2, 2)),
}
every = pytest.mark.parametrize("name", LAYERS)


def lazy(library, name):
    args, kwargs, shape = LAYERS[name]
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    return getattr(library, f"Lazy{name}")(*args, **kwargs), x


@every
@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_the_first_input_makes_the_layer(torch, name):
    (ours, x), (theirs, _) = lazy(nn, name), lazy(torch.nn, name)
    assert repr(ours) == repr(theirs) and isinstance(ours, getattr(nn, name))
    parameters = list(ours.parameters())
    theirs(torch.tensor(x)), ours(autograd.tensor(x))
    assert type(ours) is getattr(nn, name) and repr(ours) == repr(theirs)
    assert all(a is b for a, b in zip(ours.parameters(), parameters, strict=True))
    ours.load_state_dict(theirs.state_dict())
    assert not ours._forward_pre_hooks
    found, wanted = ours(autograd.tensor(x)), theirs(torch.tensor(x))
    np.testing.assert_allclose(found.detach(), wanted.detach(), rtol=1e-4, atol=1e-5)


def test_every_lazy_layer_is_here():
    assert {f"Lazy{name}" for name in LAYERS} == set(nn.lazy.__all__)


@every
def test_it_starts_as_the_layer_does(name):
    made, x = lazy(nn, name)
    args, kwargs, _ = LAYERS[name]
    autograd.manual_seed(1)
    made(autograd.tensor(x))
    autograd.manual_seed(1)
    features = x.shape[-1] if name == "Linear" else x.shape[-1 - int(name[-2])]
    features = x.shape[1] if name.startswith("Batch") else features
    if name.startswith("Instance"):  # as in PyTorch
        kwargs = {"affine": True, "track_running_stats": True} | kwargs
    layer = getattr(nn, name)(features, *args, **kwargs)
    layer(autograd.tensor(x))
    for mine, other in zip(made.state_dict().values(), layer.state_dict().values(), strict=True):
        np.testing.assert_array_equal(mine, other)


@every
def test_a_state_makes_the_layer_too(name):
    sized, x = lazy(nn, name)
    wanted = sized(autograd.tensor(x))
    again, _ = lazy(nn, name)
    for made in (again, copy.deepcopy(again), pickle.loads(pickle.dumps(again))):
        made.load_state_dict(sized.state_dict())
        made.train(sized.training)
        if "Norm" not in name:
            np.testing.assert_array_equal(made(autograd.tensor(x)).detach(), wanted.detach())
        else:
            made(autograd.tensor(x))
        assert type(made) is getattr(nn, name) and repr(made) == repr(sized)


def test_what_does_not_fit_loads_nothing():
    net = nn.Sequential(nn.LazyLinear(2), nn.Linear(2, 1))
    state = {"0.weight": np.ones((2, 7)), "0.bias": np.ones(2), "1.weight": np.ones((1, 3))}
    with pytest.raises(RuntimeError, match=r"1.weight has shape \(1, 3\)"):
        net.load_state_dict(state, strict=False)
    assert net[0].weight.shape == (2, 0) and type(net[0]) is nn.LazyLinear
    with pytest.raises(RuntimeError, match=r"0.weight has shape \(3, 7\)"):
        net.load_state_dict({"0.weight": np.ones((3, 7))}, strict=False)


def test_an_optimizer_may_be_made_before():
    net = nn.Sequential(nn.LazyLinear(3), nn.ReLU(), nn.LazyLinear(1)).double()
    optimizer = optim.Adam(net.parameters(), lr=0.1)
    x, losses = autograd.randn(8, 5, dtype=np.float64), []
    for _ in range(20):
        optimizer.zero_grad()
        loss = ((net(x) - x[:, :1]) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert net[0].weight.dtype == np.float64 and losses[-1] < losses[0] / 2


def test_shapes_alone_size_it_too():
    with nn.shape_only():
        net = nn.Sequential(nn.LazyConv2d(8, 3, bias=False), nn.Flatten(), nn.LazyLinear(10**6))
    found = nn.geometry.trace(net, (3, 6, 6))
    assert found.parameters == 8 * 3 * 9 + 129 * 10**6


def test_an_input_without_features_is_refused():
    with pytest.raises(TypeError, match="LazyLinear: input must be a tensor, got list"):
        nn.LazyLinear(2)([1.0])
    with pytest.raises(ValueError, match=r"LazyConv2d: input of shape \(3,\) has no axis"):
        nn.LazyConv2d(2, 3)(autograd.ones(3))
