"""``out=`` is refused by every function that PyTorch or NumPy gives it, with one sentence."""

import inspect
import re

import numpy as np
import pytest

import autograd
from autograd import linalg


def takes_out(function):
    """Tell whether a function of PyTorch or NumPy has an ``out``, as its signature or page says."""
    if function is None or inspect.isclass(function):
        return False
    if isinstance(function, np.ufunc):
        return True
    try:
        return "out" in inspect.signature(function).parameters
    except (ValueError, TypeError):  # written in C
        return re.search(r"\bout=None|\bout \(Tensor", function.__doc__ or "") is not None


def with_out(torch):
    """Return the public functions, as (name, function), whose namesakes have an ``out``."""
    rooms = [
        ("", autograd, (torch, torch.nn.functional, torch.special, np)),
        ("linalg.", linalg, (torch.linalg, np.linalg)),
    ]
    return [
        (prefix + name, getattr(ours, name))
        for prefix, ours, theirs in rooms
        for name in ours.__all__
        if inspect.isfunction(getattr(ours, name))
        and any(takes_out(getattr(library, name, None)) for library in theirs)
    ]


def operands_of(function, x):
    """Return what has to be given, by the signature: a tensor each."""
    given, named = [], {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL and not given:
            given.append(x)
        elif parameter.default is not parameter.empty:
            continue
        elif parameter.kind is parameter.KEYWORD_ONLY:
            named[parameter.name] = x
        elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            given.append(x)
    return given, named


def test_every_function_whose_namesake_has_out_refuses_it_with_its_name(torch):
    x = autograd.tensor([[1.0, 2.0], [0.5, 4.0]])
    functions = with_out(torch)
    assert len(functions) > 230
    for name, function in functions:
        given, named = operands_of(function, x)
        into = autograd.zeros(2, 2)
        with pytest.raises(TypeError) as caught:
            function(*given, **named, out=into)
        known = {name.rpartition(".")[2], function.__name__, getattr(function, "row", None)}
        word, _, sentence = str(caught.value).partition(": ")
        assert word in {getattr(k, "name", k) for k in known}, name
        assert sentence.startswith("out= cannot be recorded; assign the result, or write"), name
        assert not into.numpy().any()


@pytest.mark.parametrize("name", ["exp", "multiply", "add", "sum", "matmul", "lerp", "mm"])
def test_out_of_none_is_none(name):
    x = autograd.tensor([[1.0, 2.0], [0.5, 4.0]])
    given, _ = operands_of(getattr(autograd, name), x)
    plain = getattr(autograd, name)(*given)
    assert getattr(autograd, name)(*given, out=None).tolist() == plain.tolist()


def test_a_scalar_and_a_recorded_operand_refuse_it_too():
    for x in (autograd.tensor(2.0), autograd.tensor([2.0], requires_grad=True), np.array([2.0])):
        with pytest.raises(TypeError, match="^exp: out= cannot be recorded"):
            autograd.exp(x, out=np.zeros(1))
        with pytest.raises(TypeError, match="^multiply: out= cannot be recorded"):
            autograd.multiply(x, x, out=np.zeros(1))


def test_the_signature_is_the_forwards():
    assert str(inspect.signature(autograd.exp)) == "(x: 'Any') -> 'Any'"


def test_a_row_of_ones_own_may_have_an_operand_of_that_name():
    @autograd.elementwise(out=lambda: 3)
    def tripled(out):
        return 3 * out

    x = autograd.tensor(2.0, requires_grad=True)
    tripled(out=x).backward()
    assert x.grad.item() == 3.0


def test_an_array_that_shall_take_a_tensor_in_place_is_told_what_to_write():
    array, x = np.ones(2), autograd.ones(2, dtype=autograd.float64)
    with pytest.raises(TypeError, match=r"np\.add: an array cannot be changed in place"):
        array += x
    with pytest.raises(TypeError, match=r"np\.subtract: .* np\.subtract\(array, tensor\), or"):
        array -= x
    array += x.detach().numpy()
    assert array.tolist() == [2, 2]
    assert (array + x).tolist() == [3, 3]
