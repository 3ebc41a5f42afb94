"""Containers behave as the lists and dicts that they are, and as PyTorch's."""

import numpy as np
import pytest

import autograd
import nn


def both(torch):
    return (nn, autograd), (torch.nn, torch)


def test_sequential_repeats_shares_and_pops(torch):
    def run(library):
        block = library.Sequential(library.Linear(2, 2), library.ReLU())
        deep = 2 * block
        deep += library.Sequential(library.Tanh())
        deep *= 2
        last = deep.pop(-1)
        deep.insert(1, library.Sigmoid())
        del deep[-2:]
        return repr(deep), repr(last), len(list(deep.parameters())), list(deep.state_dict())

    assert run(nn) == run(torch.nn)


@pytest.mark.parametrize("times", [0, -1])
def test_sequential_cannot_be_repeated_less_than_once(times):
    with pytest.raises(ValueError, match=f"can be repeated 1 or more times, got {times}"):
        nn.Sequential(nn.ReLU()) * times
    with pytest.raises(TypeError):
        nn.Sequential(nn.ReLU()) * 1.5


def test_module_list_and_dict_shrink_and_grow(torch):
    def run(library):
        modules = library.ModuleList([library.ReLU(), library.Tanh()])
        modules += [library.Sigmoid()]
        first = modules.pop(0)
        named = library.ModuleDict({"a": library.ReLU(), "b": library.Tanh()})
        gone = named.pop("a")
        kept = list(named)
        named.clear()
        return repr(modules), repr(first), repr(gone), kept, len(named)

    assert run(nn) == run(torch.nn)
    with pytest.raises(KeyError, match="c"):
        nn.ModuleDict({}).pop("c")
    with pytest.raises(IndexError, match="ModuleList has 0 modules, index -1 is out of range"):
        nn.ModuleList().pop()
    with pytest.raises(TypeError, match="ModuleList: expected an iterable of modules, got int"):
        nn.ModuleList().extend(3)
    with pytest.raises(TypeError, match="ModuleList: expected a Module, got int"):
        nn.ModuleList().insert(0, 3)


def test_parameter_list_is_pytorchs(torch):
    def run(library, tensors):
        weights = library.ParameterList([tensors.zeros(2, 3)])
        weights.append(library.Parameter(tensors.ones(1)))
        weights += [tensors.ones(2), 3]
        weights[-2] = tensors.full((4,), 2.0)
        names = [name for name, _ in weights.named_parameters()]
        values = [v.tolist() if hasattr(v, "tolist") else v for v in weights[1:]]
        return len(weights), names, values, list(weights.state_dict()), len(weights[:2])

    (ours, theirs) = both(torch)
    assert run(*ours) == run(*theirs)


def test_parameter_list_says_what_is_wrong():
    weights = nn.ParameterList([autograd.zeros(2)])
    with pytest.raises(IndexError, match="has 1 entries, index 1 is out of range"):
        weights[1]
    with pytest.raises(TypeError, match="expected an iterable of tensors, got Tensor"):
        weights.extend(autograd.zeros(2))
    with pytest.raises(RuntimeError, match="holds parameters and is not to be called"):
        weights(1)
    assert repr(nn.ParameterList()) == "ParameterList()"
    assert "(1): Object of type: int" in repr(nn.ParameterList([autograd.zeros(1), 3]))


def test_parameter_dict_is_pytorchs(torch):
    def run(library, tensors):
        heads = library.ParameterDict({"a": tensors.zeros(2), "b": tensors.ones(1)})
        heads["c"] = tensors.full((3,), 2.0)
        other = heads.copy()
        other |= library.ParameterDict({"d": tensors.ones(4)})
        both = heads | library.ParameterDict({"e": tensors.ones(1)})
        heads.setdefault("f", tensors.ones(1))
        last, popped = heads.popitem()[0], heads.pop("a").tolist()
        return (
            list(heads.keys()),
            sorted(both.keys()),
            [(k, v.tolist()) for k, v in other.items()],
            last,
            popped,
            [v.tolist() for v in heads.values()],
            "b" in heads,
            len(heads),
            heads.get("z"),
            list(heads.state_dict()),
            list(heads.fromkeys(["x", "y"], 1).keys()),
        )

    ours, theirs = both(torch)
    assert run(*ours) == run(*theirs)


def test_parameter_dict_says_what_is_wrong():
    heads = nn.ParameterDict({"a": autograd.zeros(2)})
    with pytest.raises(KeyError, match="'keys' cannot be a key: it is empty, dotted or taken"):
        heads["keys"] = autograd.zeros(1)
    with pytest.raises(TypeError, match="a key must be a str, got int"):
        heads[3] = autograd.zeros(1)
    with pytest.raises(KeyError, match="b"):
        heads["b"]
    with pytest.raises(TypeError, match="expected a mapping or pairs, got int"):
        heads.update(3)
    heads.clear()
    assert len(heads) == 0 and list(heads.parameters()) == []
    with pytest.raises(KeyError, match="popitem of an empty dict"):
        heads.popitem()
    with pytest.raises(RuntimeError, match="is not to be called"):
        heads()
    assert repr(heads) == "ParameterDict()"


def test_parameters_in_containers_are_trained_and_survive_a_copy():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.weights = nn.ParameterList([autograd.ones(2), autograd.full((2,), 2.0)])
            self.scales = nn.ParameterDict({"s": autograd.tensor(3.0)})

        def forward(self, x):
            return ((self.weights[0] * x + self.weights[1]) * self.scales["s"]).sum()

    net = Net()
    net(autograd.tensor([1.0, 2.0])).backward()
    assert net.weights[0].grad.tolist() == [3, 6]
    assert net.scales["s"].grad.item() == 1 + 2 + 4
    assert list(net.state_dict()) == ["weights.0", "weights.1", "scales.s"]
    other = Net()
    other.load_state_dict({k: np.zeros(v.shape) for k, v in net.state_dict().items()})
    assert other.weights[1].tolist() == [0, 0]


def test_buffers_and_submodules_are_found_and_replaced_by_path():
    net = nn.Sequential(nn.Sequential(nn.BatchNorm1d(2)))
    assert net.get_buffer("0.0.running_var").tolist() == [1, 1]
    with pytest.raises(AttributeError, match=r"no buffer '0\.0\.mean'"):
        net.get_buffer("0.0.mean")
    net.set_submodule("0.0", nn.ReLU())
    assert isinstance(net[0][0], nn.ReLU)
    with pytest.raises(AttributeError, match="has no child '7'"):
        net.set_submodule("0.7", nn.ReLU())


def test_keys_of_a_dict_of_parameters_from_the_last_on():
    scales = nn.ParameterDict({"b": autograd.ones(1), "a": autograd.ones(2)})
    assert list(reversed(scales)) == ["a", "b"]
