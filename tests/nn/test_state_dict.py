"""Loading state dicts: PyTorch's and our own, whole or not at all."""

import numpy as np
import pytest

import autograd
import nn


def network(library):
    return library.Sequential(
        library.Conv2d(1, 2, 3),
        library.BatchNorm2d(2),
        library.Flatten(),
        library.Linear(2 * 4 * 4, 3),
    )


def arrays_of(module):
    return {name: np.array(tensor.numpy()) for name, tensor in module.state_dict().items()}


def test_keys_order_shapes_and_dtypes_are_pytorchs(torch):
    ours, theirs = network(nn).state_dict(), network(torch.nn).state_dict()
    assert list(ours) == list(theirs)
    assert [t.shape for t in ours.values()] == [tuple(t.shape) for t in theirs.values()]
    assert [str(t.dtype) for t in ours.values()] == [
        str(t.dtype).removeprefix("torch.") for t in theirs.values()
    ]


@pytest.mark.parametrize("form", ["tensors", "arrays"])
def test_a_state_dict_of_pytorch_loads_as_it_is(torch, form):
    theirs, ours = network(torch.nn), network(nn)
    x = np.random.default_rng(0).standard_normal((5, 1, 6, 6)).astype(np.float32)
    theirs(torch.tensor(x))  # so that the running statistics are not the initial ones
    state = theirs.state_dict() if form == "tensors" else arrays_of(theirs)
    assert ours.load_state_dict(state) == ([], [])
    np.testing.assert_allclose(
        ours.eval()(autograd.tensor(x)).numpy(),
        theirs.eval()(torch.tensor(x)).detach().numpy(),
        atol=1e-6,
    )


def test_pytorch_loads_ours(torch):
    ours, theirs = network(nn), network(torch.nn)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in arrays_of(ours).items()})
    for name, value in arrays_of(theirs).items():
        np.testing.assert_array_equal(value, arrays_of(ours)[name])


def test_a_state_dict_that_does_not_fit_loads_nothing_and_says_all_of_it():
    net = network(nn)
    before = arrays_of(net)
    state = {name: value + 1 for name, value in before.items()}
    state["3.bias"] = np.zeros(4)
    state["0.weight"] = "not numbers"
    state["0.bias"] = [[1], [2, 3]]
    state["9.weight"] = np.zeros(1)
    del state["1.running_var"]
    with pytest.raises(RuntimeError) as error:
        net.load_state_dict(state)
    message = str(error.value)
    assert "nothing was loaded" in message
    assert "3.bias has shape (4,) where Sequential expects (3,)" in message
    assert "0.weight is an array of <U11 where float32 of shape (2, 1, 3, 3)" in message
    assert "0.bias is of type list where float32 of shape (2,)" in message
    assert "missing: 1.running_var" in message and "unexpected: 9.weight" in message
    for name, value in arrays_of(net).items():
        np.testing.assert_array_equal(value, before[name])


def test_not_strict_reports_what_it_skipped_but_refuses_wrong_shapes():
    net = network(nn)
    report = net.load_state_dict({"3.bias": [1, 2, 3], "fc.bias": [0]}, strict=False)
    assert net[3].bias.tolist() == [1, 2, 3]
    assert "0.weight" in report.missing_keys and report.unexpected_keys == ["fc.bias"]
    with pytest.raises(RuntimeError, match=r"3.bias has shape \(2,\)"):
        net.load_state_dict({"3.bias": [1, 2]}, strict=False)
    with pytest.raises(TypeError, match="expects a mapping .* got list"):
        net.load_state_dict([1, 2])


def test_loading_keeps_the_leaves_and_their_gradients():
    layer = nn.Linear(2, 1)
    leaf = layer.weight.node
    layer(autograd.ones(1, 2)).sum().backward()
    layer.load_state_dict({"weight": [[5, 6]], "bias": [7]})
    assert layer.weight.node is leaf and layer.weight.grad is not None
    assert layer.weight.dtype == np.float32
    assert layer(autograd.ones(1, 2)).item() == 18


def test_a_state_dict_shares_memory_unless_it_is_asked_for_the_tensors():
    layer = nn.Linear(2, 1)
    state = layer.state_dict()
    with autograd.no_grad():
        layer.weight.zero_()
    assert state["weight"].tolist() == [[0, 0]] and not state["weight"].requires_grad
    assert layer.state_dict(keep_vars=True)["weight"] is layer.weight
    assert list(layer.state_dict(prefix="fc.")) == ["fc.weight", "fc.bias"]


def test_assign_takes_memory_and_dtype_over(torch):
    theirs, ours = torch.nn.Linear(2, 3), nn.Linear(2, 3)
    arrays = {"weight": np.arange(6.0).reshape(3, 2), "bias": np.ones(3, np.float32)}
    state = {name: autograd.tensor(array) for name, array in arrays.items()}
    theirs.load_state_dict({k: torch.tensor(v) for k, v in arrays.items()}, assign=True)
    weight = ours.weight
    assert ours.load_state_dict(state, assign=True) == ([], [])
    assert [str(p.dtype) for p in ours.parameters()] == ["float64", "float32"]
    assert [str(p.dtype) for p in theirs.parameters()] == ["torch.float64", "torch.float32"]
    assert all(p.requires_grad for p in (*ours.parameters(), *theirs.parameters()))
    assert ours.weight is weight and weight.name == "weight"
    state["weight"].zero_()
    assert not ours.weight.numpy().any()
    ours.load_state_dict(arrays, assign=True)
    assert arrays["weight"].tolist() == ours.weight.tolist()
    ours.weight.sum().backward()
    assert ours.weight.grad.dtype == np.float64
    before = ours.weight.tolist()
    with pytest.raises(RuntimeError, match="weight holds int64 where a parameter takes floating"):
        ours.load_state_dict({"weight": np.ones((3, 2), int), "bias": arrays["bias"]}, assign=True)
    assert ours.weight.tolist() == before
