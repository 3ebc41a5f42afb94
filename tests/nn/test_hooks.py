"""Hooks of modules: what they see, when, and what they may change, as in PyTorch."""

import pytest

import autograd
import nn


def values(grads):
    return [None if grad is None else grad.tolist() for grad in grads]


def test_backward_hooks_see_what_pytorchs_see(torch):
    def run(tensors, library):
        seen = []

        class Two(library.Module):
            def forward(self, x, y):
                return x * y, (x + y).sum()

        module = Two()
        module.register_full_backward_hook(lambda m, gi, go: seen.append((values(gi), values(go))))
        module.register_full_backward_hook(lambda m, gi, go: tuple(2 * g for g in gi), prepend=True)
        module.register_full_backward_pre_hook(
            lambda m, go: tuple(None if g is None else 3 * g for g in go)
        )
        x = tensors.tensor([1.0, 2.0], requires_grad=True)
        y = tensors.tensor([3.0, 4.0], requires_grad=True)
        product, total = module(x, y)
        (product.sum() + total + x.sum()).backward()
        seen.append(values([x.grad, y.grad]))
        _, total = module(x, x)  # the product is not used
        total.backward()
        seen.append(values([x.grad]))
        return seen

    assert run(autograd, nn) == run(torch, torch.nn)


def test_a_backward_hook_runs_where_no_input_waits_for_a_gradient():
    layer = nn.Linear(2, 1)
    seen = []
    layer.register_full_backward_hook(lambda m, gi, go: seen.append((values(gi), values(go))))
    layer(autograd.ones(3, 2)).sum().backward()
    assert seen == [([None], [[[1.0], [1.0], [1.0]]])]
    assert layer.bias.grad.tolist() == [3]


def test_backward_hooks_come_and_go_and_leave_other_modes_alone():
    layer = nn.Linear(2, 1)
    seen = []
    handle = layer.register_full_backward_hook(lambda m, gi, go: seen.append(1))
    with autograd.no_grad():
        assert not layer(autograd.ones(1, 2)).requires_grad
    handle.remove()
    x = autograd.ones(1, 2, requires_grad=True)
    out = layer(x)
    assert out.node.name == "linear"
    out.sum().backward()
    assert seen == []


def test_a_backward_hook_must_return_as_many_gradients():
    layer = nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0]))
    x = autograd.ones(1, 2, requires_grad=True)
    with pytest.raises(RuntimeError, match="returned 2 gradients in place of a grad_input of 1"):
        layer(x).sum().backward()


def test_second_derivatives_pass_a_boundary():
    class Cube(nn.Module):
        def forward(self, x):
            return x**3

    module = Cube()
    module.register_full_backward_hook(lambda m, gi, go: None)
    x = autograd.tensor(2.0, requires_grad=True)
    (first,) = autograd.grad(module(x), x, create_graph=True)
    (second,) = autograd.grad(first, x)
    assert (first.item(), second.item()) == (12, 12)


def test_forward_hooks_with_keywords_and_order_are_pytorchs(torch):
    def run(tensors, library):
        seen = []

        class Scale(library.Module):
            def forward(self, x, by=1):
                return x * by

        module = Scale()
        module.register_forward_pre_hook(
            lambda m, args, kwargs: (args, {"by": kwargs["by"] + 1}), with_kwargs=True
        )
        module.register_forward_pre_hook(lambda m, args: args[0] + 1, prepend=True)
        module.register_forward_hook(
            lambda m, args, kwargs, out: seen.append((values(args), kwargs, out.tolist())),
            with_kwargs=True,
        )
        module.register_forward_hook(lambda m, args, out: -out, prepend=True)
        return module(tensors.tensor([1.0, 2.0]), by=2).tolist(), seen

    assert run(autograd, nn) == run(torch, torch.nn)


def test_a_hook_can_ask_to_be_called_when_forward_raises():
    class Broken(nn.Module):
        def forward(self, x):
            raise ValueError("no")

    module, seen = Broken(), []
    module.register_forward_hook(lambda m, args, out: seen.append("ordinary"))
    module.register_forward_hook(lambda m, args, out: seen.append(out), always_call=True)
    with pytest.raises(ValueError, match="no"):
        module(1)
    assert seen == [None]


def test_a_pre_hook_with_keywords_returns_both_or_nothing():
    layer = nn.ReLU()
    layer.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True)
    with pytest.raises(RuntimeError, match=r"must return None or a tuple \(args, kwargs\)"):
        layer(autograd.ones(1))
