"""Copies of tensors: deepcopy is independent, pickles hold values, records are not copied."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn


def test_a_deep_copy_is_a_leaf_of_its_own_with_its_gradient():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    y = copy.deepcopy(x)
    with autograd.no_grad():
        y.add_(1)
    y.grad.zero_()
    (y * 3).sum().backward()
    assert x.tolist() == [1, 2] and x.grad.tolist() == [2, 4]
    assert y.tolist() == [2, 3] and y.grad.tolist() == [3, 3]


def test_tensors_on_one_array_are_on_one_array_in_the_copy():
    x = autograd.tensor([1.0, 2.0])
    y, z = copy.deepcopy([x, x.detach()])
    y.mul_(10)
    assert z.tolist() == [10, 20] and x.tolist() == [1, 2]


def test_a_deep_copy_of_a_view_leaves_its_root_behind():
    x = autograd.tensor([[1.0, 2.0], [3.0, 4.0]])
    row = copy.deepcopy(x[0])
    row.fill_(0)
    x[1] = 7
    assert row.tolist() == [0, 0] and x.tolist() == [[1, 2], [7, 7]]


def test_views_of_one_memory_are_views_of_one_memory_in_the_copy(torch):
    for lib in (autograd, torch):
        x = lib.arange(12.0).reshape(3, 4).t()
        whole, part, column = copy.deepcopy((x, x[1:3], x[:, 2]))
        part.fill_(0)
        column[3] = 50.0
        assert whole.tolist() == [[0, 4, 8], [0, 0, 0], [0, 0, 0], [3, 7, 50]]
        assert part.stride() == x[1:3].stride() and x[1, 1] == 5


def test_a_shallow_copy_shares_memory(torch):
    for lib in (autograd, torch):
        x = lib.tensor([1.0, 2.0], requires_grad=True)
        y = copy.copy(x)
        with lib.no_grad():
            y.mul_(10)
        assert y is not x and x.tolist() == [10, 20] and y.requires_grad and y.is_leaf


def test_a_pickle_of_views_holds_their_values():
    x = autograd.arange(6)
    y, z, w = pickle.loads(pickle.dumps([x, x[2:4], x]))
    assert y is w and y.tolist() == [0, 1, 2, 3, 4, 5] and z.tolist() == [2, 3]


def test_a_recorded_result_cannot_be_deep_copied():
    x = autograd.tensor(1.0, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"deepcopy: only leaves .* multiply; use t.detach"):
        copy.deepcopy(x * 2)


@pytest.mark.parametrize("make", [lambda x: x, lambda x: x * 2], ids=["leaf", "result"])
def test_a_pickle_holds_values_and_whether_a_gradient_is_asked_for(make):
    x = make(autograd.tensor([1.0, 2.0], requires_grad=True))
    y = pickle.loads(pickle.dumps(x))
    assert y.tolist() == x.tolist() and y.requires_grad and y.is_leaf
    (y * y).sum().backward()
    assert y.grad.tolist() == (2 * x).tolist()


def test_a_scalar_survives_a_pickle():
    y = pickle.loads(pickle.dumps(autograd.tensor(3, dtype=np.int32)))
    assert y.item() == 3 and y.dtype == np.int32 and not y.requires_grad


def test_a_copied_model_has_parameters_of_its_own_and_no_gradients():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    model(autograd.tensor([[1.0, 2.0], [3.0, 5.0]])).sum().backward()
    weight, mean = model[0].weight.tolist(), model[1].running_mean.tolist()
    other = copy.deepcopy(model)
    assert all(parameter.grad is None for parameter in other.parameters())
    assert [n for n, _ in other.named_parameters()] == [n for n, _ in model.named_parameters()]
    assert other[0].weight.node.name == "weight"
    with autograd.no_grad():
        other[0].weight.fill_(7)
    other(autograd.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert model[0].weight.tolist() == weight and model[1].running_mean.tolist() == mean


def test_tied_weights_stay_tied_in_a_copied_or_pickled_model():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other[1].weight is other[0].weight is not model[0].weight
        assert other[0].weight.tolist() == model[0].weight.tolist()
