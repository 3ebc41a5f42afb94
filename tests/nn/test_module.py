"""Module: registration, names, order, modes, hooks, printing; against PyTorch where it has it."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.register_buffer("count", autograd.zeros(2))
        self.register_buffer("scratch", autograd.zeros(1), persistent=False)
        self.scale = nn.Parameter([1.0, 2.0, 3.0])

    def forward(self, x):
        return self.fc(x) * self.scale


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Block()
        self.second = Block()
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(3, 1))

    def forward(self, x):
        return self.head(self.second(self.first(x)))


def test_state_dict_lists_parameters_then_buffers_then_children():
    assert list(Net().state_dict()) == [
        "first.scale",
        "first.count",
        "first.fc.weight",
        "first.fc.bias",
        "second.scale",
        "second.count",
        "second.fc.weight",
        "second.fc.bias",
        "head.1.weight",
        "head.1.bias",
    ]


def test_the_walks_follow_registration():
    net = Net()
    assert [name for name, _ in net.named_modules()] == [
        "", "first", "first.fc", "second", "second.fc", "head", "head.0", "head.1",
    ]  # fmt: skip
    assert [name for name, _ in net.named_children()] == ["first", "second", "head"]
    assert [name for name, _ in net.named_buffers()][:2] == ["first.count", "first.scratch"]
    assert len(list(net.parameters())) == 8
    assert len(list(net.parameters(recurse=False))) == 0
    assert net.get_submodule("second.fc") is net.second.fc
    assert net.get_parameter("head.1.bias") is net.head[1].bias


def test_a_shared_parameter_is_met_once_and_saved_twice():
    net = Net()
    net.second.fc.weight = net.first.fc.weight
    names = [name for name, _ in net.named_parameters()]
    assert "first.fc.weight" in names and "second.fc.weight" not in names
    assert "second.fc.weight" in net.state_dict()


def test_operations_know_their_module_and_leaves_their_name():
    net = Net()
    out = net(autograd.ones(2, 3)).sum()
    ops = [step.op for step in autograd.steps(out, retain_graph=True)]
    assert [(op.name, op.module) for op in ops] == [
        ("sum", ""),
        ("linear", "head.1"),
        ("relu", "head.0"),
        ("multiply", "second"),
        ("linear", "second.fc"),
        ("multiply", "first"),
        ("linear", "first.fc"),
    ]
    assert [leaf.name for leaf in ops[-1].operands[1:]] == ["weight", "bias"]


def test_lists_and_dicts_put_their_name_before_their_childrens():
    class Lists(nn.Module):
        def __init__(self):
            super().__init__()
            self.blocks = nn.ModuleList([nn.Linear(2, 2), nn.ModuleDict({"a": nn.Linear(2, 2)})])

        def forward(self, x):
            return self.blocks[1]["a"](self.blocks[0](x))

    net = Lists()
    out = net(autograd.ones(1, 2)).sum()
    modules = [step.op.module for step in autograd.steps(out)]
    assert modules == ["", "blocks.1.a", "blocks.0"]
    assert list(net.state_dict())[2] == "blocks.1.a.weight"


def test_a_name_survives_freezing_and_conversion():
    layer = nn.Linear(2, 2)
    layer.requires_grad_(False)
    assert [p.requires_grad for p in layer.parameters()] == [False, False]
    layer.requires_grad_(True).double()
    assert layer.weight.node.name == "weight"
    assert layer.weight.dtype == np.float64 and layer.weight.node.dtype == np.float64


def test_conversion_keeps_the_gradient_and_integer_buffers():
    layer = nn.BatchNorm2d(2)
    layer.weight.grad = autograd.ones(2)
    layer.double()
    assert layer.weight.grad.dtype == np.float64
    assert layer.running_var.dtype == np.float64
    assert layer.num_batches_tracked.dtype == np.int64
    assert layer.to("cpu") is layer
    with pytest.raises(RuntimeError, match=r"to: there is no device but the CPU, got 'cuda'"):
        layer.to("cuda")


def test_train_and_eval_reach_every_module():
    net = Net().eval()
    assert not any(module.training for module in net.modules())
    net.train()
    assert all(module.training for module in net.modules())
    with pytest.raises(ValueError, match="train: mode must be a bool, got 1"):
        net.train(1)


def test_apply_goes_children_first():
    met = []
    net = Net()
    assert net.apply(met.append) is net
    assert met[-1] is net and met[0] is net.first.fc


def test_zero_grad_forgets_or_fills():
    layer = nn.Linear(2, 1)
    layer(autograd.ones(1, 2)).sum().backward()
    layer.zero_grad(set_to_none=False)
    assert layer.weight.grad.tolist() == [[0, 0]]
    layer.zero_grad()
    assert layer.weight.grad is None


def test_hooks_see_and_may_replace_input_and_output():
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, 2.0)
    seen = []
    before = layer.register_forward_pre_hook(lambda module, args: (args[0] * 10,))
    after = layer.register_forward_hook(lambda module, args, out: seen.append(args) or out + 1)
    assert layer(autograd.ones(1, 1)).item() == 21
    assert seen[0][0].item() == 10
    before.remove()
    before.remove()
    with after:
        assert layer(autograd.ones(1, 1)).item() == 3
    assert layer(autograd.ones(1, 1)).item() == 2
    with pytest.raises(TypeError, match="a hook must be callable, got int"):
        layer.register_forward_hook(3)


def test_a_forward_that_raises_leaves_the_module_path():
    class Broken(nn.Module):
        def forward(self, x):
            raise RuntimeError("broken")

    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Broken()

        def forward(self, x):
            return self.inner(x)

    with pytest.raises(RuntimeError, match="broken"):
        Outer()(1)
    from autograd.modes import MODE

    assert MODE.get().module == ""


def test_attribute_errors_are_sentences():
    net = Net()
    with pytest.raises(AttributeError, match="Net has no attribute 'frist'"):
        net.frist  # noqa: B018
    assert "first" in dir(net)
    with pytest.raises(AttributeError, match="Net has no module 'first.conv': Block has no child"):
        net.get_submodule("first.conv")
    with pytest.raises(AttributeError, match="Net has no parameter 'first.fc.weigth'"):
        net.get_parameter("first.fc.weigth")
    with pytest.raises(NotImplementedError, match="Module has no forward"):
        nn.Module()(1)


def test_a_forgotten_super_init_is_named():
    class Forgetful(nn.Module):
        def __init__(self):
            self.fc = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match=r"Forgetful .* begin its __init__ with super"):
        Forgetful()

    class Silent(nn.Module):
        def __init__(self):
            pass

    with pytest.raises(AttributeError, match=r"Silent cannot be called before"):
        Silent()(1)


def test_registration_refuses_what_it_cannot_hold():
    net = Net()
    with pytest.raises(TypeError, match="head is registered: expected a Module or None, got int"):
        net.head = 3
    with pytest.raises(TypeError, match="expected a Parameter or None, got Tensor"):
        net.first.scale = autograd.ones(3)
    with pytest.raises(TypeError, match="register_buffer: mean must be a Tensor or None"):
        net.register_buffer("mean", np.zeros(2))
    with pytest.raises(TypeError, match="register_parameter: w must be a Parameter"):
        net.register_parameter("w", autograd.ones(1))
    with pytest.raises(ValueError, match="non-empty string without dots, got 'a.b'"):
        net.add_module("a.b", nn.ReLU())
    with pytest.raises(KeyError, match="Net already has an attribute 'forward'"):
        net.add_module("forward", nn.ReLU())
    with pytest.raises(TypeError, match="child x must be a Module or None, got str"):
        net.add_module("x", "relu")


def test_assignment_moves_a_name_between_the_tables():
    layer = nn.Linear(2, 2)
    layer.bias = None
    assert list(layer.state_dict()) == ["weight"]
    assert layer(autograd.ones(1, 2)).shape == (1, 2)
    layer.extra = 3
    layer.extra = nn.Linear(1, 1)
    assert "extra.weight" in layer.state_dict()
    del layer.extra
    assert "extra.weight" not in layer.state_dict()
    layer.count = 1
    del layer.count
    assert not hasattr(layer, "count")


def test_a_parameter_knows_its_name_and_says_what_it_is():
    layer = nn.Linear(1, 1)
    assert layer.weight.name == "weight" and nn.Parameter([1.0]).name is None
    assert repr(layer.weight).startswith("Parameter containing:\ntensor([[")
    assert not isinstance(layer.weight + 1, nn.Parameter)


def test_a_deep_copy_is_independent():
    net = Net()
    other = copy.deepcopy(net)
    with autograd.no_grad():
        other.first.scale.zero_()
    assert net.first.scale.tolist() == [1, 2, 3]
    out = other(autograd.ones(1, 3)).sum()
    out.backward()
    assert other.first.scale.grad is not None and net.first.scale.grad is None


def networks(library):
    """The same nested network of either library."""
    return library.Sequential(
        library.Conv2d(1, 2, 3, padding="same", bias=False),
        library.Sequential(library.BatchNorm2d(2), library.ReLU(), library.MaxPool2d(2)),
        library.ModuleList([library.Linear(2, 2), library.Linear(2, 2), library.Identity()]),
        library.ModuleDict({"a": library.AvgPool2d(3, 2, 1), "b": library.LeakyReLU(0.1)}),
        library.Flatten(),
        library.Dropout(0.2),
        library.BatchNorm1d(3, affine=False),
        library.Softmax(dim=1),
        library.LogSoftmax(1),
        library.Tanh(),
        library.Sigmoid(),
        library.CrossEntropyLoss(),
        library.Sequential(),
    )


def test_printing_is_pytorchs(torch):
    ours, theirs = repr(networks(nn)), repr(networks(torch.nn))
    assert ours == theirs


def test_containers_behave_as_sequences():
    net = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    assert len(net) == 3 and net[-1].out_features == 1
    assert isinstance(net[:2], nn.Sequential) and len(net[:2]) == 2
    net.append(nn.Tanh()).insert(1, nn.Identity())
    assert [type(m).__name__ for m in net] == ["Linear", "Identity", "ReLU", "Linear", "Tanh"]
    del net[1]
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    net[1] = nn.Sigmoid()
    assert isinstance(net[1], nn.Sigmoid)
    assert len(net + nn.Sequential(nn.ReLU())) == 5
    named = nn.Sequential({"conv": nn.Linear(1, 1), "act": nn.ReLU()})
    assert list(named.state_dict()) == ["conv.weight", "conv.bias"]
    del named[0]
    assert list(named._modules) == ["act"]
    with pytest.raises(IndexError, match="Sequential has 4 modules, index 7 is out of range"):
        net[7]
    with pytest.raises(TypeError, match="Sequential: expected modules, got function at '1'"):
        nn.Sequential(nn.ReLU(), len.__class__.__call__ and (lambda x: x))
    layers = nn.ModuleList([nn.ReLU()])
    layers.extend([nn.Tanh(), nn.Sigmoid()])
    assert len(layers) == 3 and len(layers[1:]) == 2 and len(layers + [nn.ReLU()]) == 4
    table = nn.ModuleDict({"a": nn.ReLU()})
    table["b"] = nn.Tanh()
    assert list(table) == ["a", "b"] and "a" in table and len(table) == 2
    del table["a"]
    assert list(table.keys()) == ["b"] and [m for _, m in table.items()] == list(table.values())


def test_hooks_and_dtypes_survive_pickle_and_copies():
    layer = nn.Linear(2, 1)
    handle = layer.register_forward_hook(_doubled)
    x = autograd.ones(1, 2)
    for again in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        assert again(x).item() == layer(x).item()
        # NumPy's own object, by which short paths know a dtype
        assert all(p.payload.dtype is np.dtype(np.float32) for p in again.parameters())
        handle.remove()
        assert again(x).item() == 2 * layer(x).item()
        handle = layer.register_forward_hook(_doubled)


def _doubled(module, args, output):
    return output * 2


def test_a_buffer_is_registered_by_assignment():
    layer = nn.Module()
    layer.mean, layer.cache = nn.Buffer([1.0, 2.0]), nn.Buffer(autograd.ones(1), persistent=False)
    for each in (layer, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert list(each.state_dict()) == ["mean"] and not each.mean.requires_grad
        assert [name for name, _ in each.named_buffers()] == ["mean", "cache"]
    layer.mean = autograd.zeros(3)  # it stays what it is
    assert layer.get_buffer("mean").shape == (3,)
    layer.cache = nn.Buffer([5.0])
    assert list(layer.state_dict()) == ["mean", "cache"]
    linear = nn.Linear(2, 2)
    linear.weight = nn.Buffer(autograd.ones(2, 2))
    assert [name for name, _ in linear.named_parameters()] == ["bias"]
    alone = nn.Buffer([1.0], persistent=False)
    assert not copy.deepcopy(alone).persistent
    assert not pickle.loads(pickle.dumps(alone)).persistent
