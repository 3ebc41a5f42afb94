"""A Tensor's value seen from Python: numbers, lists, lengths, memory, casts; PyTorch's answers."""

import copy
import math
import operator
import weakref

import numpy as np
import pytest

import autograd

ASKED = {
    "size": lambda t: tuple(t.size()),
    "size of an axis": lambda t: t.size(-1),
    "numel": lambda t: (t.numel(), t.nelement(), t.dim(), t.ndim, t.ndimension()),
    "bytes": lambda t: (t.element_size(), t.itemsize, t.nbytes),
    "stride": lambda t: t.stride(),
    "stride of an axis": lambda t: t.stride(0),
    "storage_offset": lambda t: t.storage_offset(),
    "is_contiguous": lambda t: t.is_contiguous(),
    "contiguous": lambda t: (t.contiguous().stride(), t.contiguous().tolist()),
    "kind": lambda t: (t.is_floating_point(), t.is_complex(), t.is_signed(), t.is_cuda),
    "device": lambda t: (t.device.type, str(t.device), repr(t.device)),
    "tolist": lambda t: t.tolist(),
    "reversed": lambda t: reversed(t).tolist(),
    "len": len,
    "iteration": lambda t: [part.tolist() for part in t],
    "in": lambda t: (1 in t, 99 in t, 4.0 in t),
    "deepcopy": lambda t: (copy.deepcopy(t).tolist(), copy.deepcopy(t).stride()),
}
MADE = {
    "vector": lambda lib: lib.arange(5),
    "matrix": lambda lib: lib.arange(6.0).reshape(2, 3),
    "transpose": lambda lib: lib.arange(6.0).reshape(2, 3).t(),
    "part": lambda lib: lib.arange(12.0).reshape(4, 3)[1:, 1:],
    "column": lambda lib: lib.arange(12.0).reshape(4, 3)[1:, 2],
    "expanded": lambda lib: lib.arange(2.0).reshape(2, 1).expand(2, 3),
    "empty": lambda lib: lib.zeros(0, 3),
    "bytes": lambda lib: lib.tensor([1, 2], dtype=lib.uint8),
    "halves": lambda lib: lib.tensor([[1.5]], dtype=lib.float16),
}


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("asked", ASKED)
def test_what_is_asked_of_a_value_is_answered_as_in_torch(made, asked, torch):
    assert ASKED[asked](MADE[made](autograd)) == ASKED[asked](MADE[made](torch))


NUMBERS = {
    "float": float,
    "int": int,
    "complex": complex,
    "bool": bool,
    "item": lambda t: t.item(),
    "floor": math.floor,
    "ceil": math.ceil,
    "index": lambda t: [10, 20, 30][t],
    "range": range,
    "format": lambda t: f"{t}",
    "len": len,
    "list": list,
    "sum": lambda t: sum(t).item(),
    "none": lambda t: t == None,  # noqa: E711
    "hash": lambda t: hash(t) == id(t) or hash(t) == object.__hash__(t),
    "size out of range": lambda t: t.size(7),
    "stride out of range": lambda t: t.stride(7),
    "contains a string": lambda t: "a" in t,
    "contains None": lambda t: None in t,
    "shape assigned": lambda t: setattr(t, "shape", (1,)),
    "dtype assigned": lambda t: setattr(t, "dtype", None),
    "to another device": lambda t: t.to("bogus"),
    "no tensor for data": lambda t: setattr(t, "data", [1, 2]),
}
VALUES = [2, True, 2.5, -2.5, math.nan, math.inf, [2], [2.5], [True], [1, 2], [], [[1.0, 2.0]]]


def outcome(function, *arguments):
    """Return the result, or the class of the error."""
    try:
        return function(*arguments)
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("name", NUMBERS)
def test_one_number_is_a_number_and_others_raise_as_in_torch(name, value, torch):
    function = NUMBERS[name]
    ours, theirs = autograd.tensor(value), torch.tensor(value)
    found, expected = outcome(function, ours), outcome(function, theirs)
    if name == "list":
        found, expected = (
            [t if isinstance(t, type) else t.item() for t in r]
            if isinstance(r, list) and np.ndim(value) == 1
            else type(r)
            for r in (found, expected)
        )
    if name == "format":
        found, expected = found.replace("torch.", ""), expected.replace("torch.", "")
    assert repr(found) == repr(expected)


def test_the_sentences_name_the_function_and_the_shape():
    x = autograd.tensor([1.0, 2.0])
    for function, error, words in [
        (float, ValueError, r"float: only a tensor of one element is a number, got shape \(2,\)"),
        (int, ValueError, "int: only a tensor of one element"),
        (bool, RuntimeError, r"bool: a tensor of shape \(2,\) has no single truth value"),
        (operator.index, TypeError, r"index: only an integer .* got float32 of shape \(2,\)"),
        (lambda t: t.item(), RuntimeError, r"item: expected one element, got .* shape \(2,\)"),
        (lambda t: "a" in t, RuntimeError, "in: expected a Tensor or a number .* got str"),
        (lambda t: t.cuda(), RuntimeError, "cuda: there is no device but the CPU"),
        (lambda t: t.to("cuda"), RuntimeError, "to: there is no device but the CPU, got 'cuda'"),
        (lambda t: t.to(3.5), TypeError, "to: expected a dtype such as .*, got 3.5"),
        (lambda t: t.to(complex), TypeError, "to: expected real numbers .*, got dtype complex128"),
        (lambda t: t.to(int, float), TypeError, "to: got two dtypes"),
        (lambda t: t.type_as(1), TypeError, "type_as: expected a Tensor, got int"),
        (lambda t: autograd.device("cuda:1"), RuntimeError, "device: there is no device but"),
    ]:
        with pytest.raises(error, match=words):
            function(x)


def test_rounding_and_division_with_remainder():
    x = autograd.tensor([7.25, -7.25], requires_grad=True)
    quotient, rest = divmod(x, 2)
    assert quotient.tolist() == [3, -4] and rest.tolist() == [1.25, 0.75]
    quotient, rest = divmod(30, x)
    assert quotient.tolist() == [4, -5] and rest.tolist() == [1, -6.25]
    assert round(x).tolist() == [7, -7] and round(x, 1).tolist() == pytest.approx([7.2, -7.2])
    assert math.trunc(autograd.tensor(-2.7)) == -2 and abs(-x).tolist() == [7.25, 7.25]


def test_tensors_are_keys_and_can_be_referred_to_weakly():
    x, y = autograd.ones(2), autograd.ones(2)
    assert {x: 1, y: 2}[y] == 2 and x in {x}
    reference = weakref.ref(x)
    assert reference() is x
    del x
    assert reference() is None


def test_rows_of_an_iteration_are_views_with_gradients():
    x = autograd.zeros(2, 3)
    for i, row in enumerate(x):
        row.fill_(i + 1)
    assert x.tolist() == [[1, 1, 1], [2, 2, 2]]
    w = autograd.ones(2, requires_grad=True)
    first, second = w
    (first + 3 * second).backward()
    assert w.grad.tolist() == [1, 3]


def test_casts_have_torchs_names(torch):
    values = [[-1.5, 2.5], [3.0, 0.0]]
    names = ["half", "float", "double", "char", "short", "int", "long", "bool"]
    for name in names:
        found = getattr(autograd.tensor(values), name)()
        expected = getattr(torch.tensor(values), name)()
        assert str(expected.dtype) == f"torch.{found.dtype}" and found.tolist() == expected.tolist()
        assert name == "char" or found.dtype == getattr(autograd, name)
    assert autograd.tensor([300]).byte().tolist() == [44]


def test_to_takes_dtypes_devices_and_tensors():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    other = autograd.tensor([1.0], dtype=autograd.float64)
    cpu = autograd.device("cpu")
    assert x.to("cpu") is x.to(cpu) is x.to(x.dtype) is x.to() is x.cpu() is x
    assert x.to(device="cpu", dtype=np.float32, non_blocking=True) is x
    for y in (x.to(float), x.to("cpu", np.float64), x.to(other), x.type_as(other), x.to("float64")):
        assert y.dtype == np.float64 and y.requires_grad
    y = x.to(x.dtype, copy=True)
    assert y is not x and y.requires_grad and y.data_ptr() != x.data_ptr()
    assert x.type() == "float32" and x.type(autograd.int64).tolist() == [1, 2]
    assert x.astype(np.float64).dtype == np.float64 and x.astype(np.float32) is not x
    assert x.device == "cpu" == cpu and copy.deepcopy(x.device) == "cpu"
    (x.double() * 3).sum().backward()
    assert x.grad.tolist() == [3, 3] and x.grad.dtype == np.float32


def test_memory_addresses_tell_views_from_copies():
    x = autograd.arange(6.0)
    assert x[2:].data_ptr() == x.data_ptr() + 2 * x.element_size()
    assert x.detach().data_ptr() == x.data_ptr() != x.clone().data_ptr()


def test_versions_count_changes_in_place(torch):
    for lib in (autograd, torch):
        x = lib.zeros(3)
        view = x[1:]
        versions = [x._version]
        x.add_(1)
        view.mul_(2)
        x[0] = 5.0
        versions += [x._version, view._version, x.detach()._version, x.clone()._version]
        point = lib.tensor(1.0)
        point.add_(1)
        assert versions == [0, 3, 3, 3, 0] and point._version == 1


def test_data_shares_memory_and_can_be_replaced():
    x = autograd.ones(2, requires_grad=True)
    x.data.mul_(3)
    assert x.tolist() == [3, 3] and not x.data.requires_grad
    value = autograd.zeros(3)
    x.data = value
    value.add_(1)
    assert x.tolist() == [1, 1, 1] and x.requires_grad and x.is_leaf
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 2, 2]
    with pytest.raises(RuntimeError, match="data: a tensor that requires grad .* got int64"):
        x.data = autograd.arange(3)
    y = autograd.ones(2)
    y.data = autograd.arange(2)
    assert y.dtype == np.int64


def test_a_change_through_data_is_caught():
    x = autograd.ones(2, requires_grad=True)
    loss = (x * x).sum()
    x.data.mul_(3)
    with pytest.raises(RuntimeError, match="changed in place since"):
        loss.backward()
    loss = (x * x).sum()
    x.data = autograd.zeros(2)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()
