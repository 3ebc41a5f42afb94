"""Functions take arguments under PyTorch's names too: ``sum(input=x)``, ``x.add(other=y)``."""

import ast
import pathlib

import numpy as np
import pytest

import autograd

# What PyTorch's overloads have and we do not: memory, devices, sparsity, older names.
ELSEWHERE = {"device", "layout", "memory_format", "names", "non_blocking", "out", "out_dtype"}
ELSEWHERE |= {"pin_memory", "self"}
LEFT_OUT = {
    ("expand", "implicit"),
    ("gather", "sparse_grad"),
    ("random_", "from_"),
    ("requires_grad_", "mode"),
    ("rrelu", "generator"),
    ("set_num_threads", "num"),
    ("to", "other"),
    ("tril_indices", "requires_grad"),
    ("triu_indices", "requires_grad"),
    ("uniform_", "from_"),
}

A = np.array([[4.0, 1.0], [2.0, 3.0]])
CALLS = {  # PyTorch's keywords, and the same by position
    "exp": (lambda f, x: f.exp(input=x), lambda f, x: f.exp(x)),
    "multiply": (lambda f, x: f.multiply(input=x, other=x), lambda f, x: f.multiply(x, x)),
    "method": (lambda f, x: x.mul(other=3), lambda f, x: x * 3),
    "add": (lambda f, x: x.add(other=x, alpha=2), lambda f, x: x + 2 * x),
    "in place": (lambda f, x: x.clone().add_(other=2), lambda f, x: x + 2),
    "pow": (lambda f, x: f.pow(input=x, exponent=2), lambda f, x: x**2),
    "lerp": (lambda f, x: f.lerp(input=x, end=-x, weight=0.25), lambda f, x: x / 2),
    "sum": (lambda f, x: f.sum(input=x, dim=0), lambda f, x: x.sum(0)),
    "std": (lambda f, x: f.std(input=x, dim=1), lambda f, x: x.std(1)),
    "max of two": (lambda f, x: f.max(input=x, other=-x), lambda f, x: f.maximum(x, -x)),
    "where": (lambda f, x: f.where(x > 2, input=x, other=0), lambda f, x: f.where(x > 2, x, 0)),
    "clamp": (lambda f, x: f.clamp(input=x, min=2), lambda f, x: x.clamp(2)),
    "dot": (lambda f, x: f.dot(input=x[0], tensor=x[1]), lambda f, x: x[0] @ x[1]),
    "swapaxes": (lambda f, x: f.swapaxes(x, axis0=0, axis1=1), lambda f, x: x.T),
    "reshape": (lambda f, x: f.reshape(input=x, shape=(4,)), lambda f, x: x.flatten()),
    "permute": (lambda f, x: f.permute(input=x, dims=(1, 0)), lambda f, x: x.T),
    "split": (lambda f, x: x.split(split_size=1)[1], lambda f, x: x[1:]),
    "hsplit": (lambda f, x: f.hsplit(input=x, indices=(1,))[1], lambda f, x: x[:, 1:]),
    "view": (lambda f, x: x.view(dtype=f.int64).view(f.float64), lambda f, x: x),
    "view's size": (lambda f, x: x.view(size=(4,)), lambda f, x: x.flatten()),
    "copy_": (lambda f, x: f.zeros_like(input=x).copy_(other=x), lambda f, x: x),
    "zeros": (lambda f, x: f.zeros(size=(2, 3)), lambda f, x: f.zeros(2, 3)),
    "arange": (lambda f, x: f.arange(end=3), lambda f, x: f.arange(3)),
}


@pytest.mark.parametrize("call", CALLS)
def test_pytorchs_keywords_mean_what_the_positions_mean(call, torch):
    named, placed = CALLS[call]
    ours = named(autograd, autograd.tensor(A))
    assert ours.equal(placed(autograd, autograd.tensor(A)))
    theirs = named(torch, torch.tensor(A))
    np.testing.assert_allclose(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_a_dtype_by_position(name, torch):
    ours, theirs = (getattr(t, name)(t.tensor([1.0, 2.0]), 0, t.float64) for t in (autograd, torch))
    assert ours.dtype == np.float64
    np.testing.assert_allclose(ours.numpy(), theirs.numpy())


def test_the_gradient_comes_to_what_was_given_by_keyword():
    x = autograd.tensor(A, requires_grad=True)
    autograd.multiply(input=x, other=autograd.exp(input=x)).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), (1 + A) * np.exp(A))


def test_our_own_operation_has_both_names_too():
    @autograd.elementwise(x=lambda y: y, y=lambda x: x)
    def product(x, y):
        return x * y

    x = autograd.tensor(2.0, requires_grad=True)
    product(input=x, other=3.0).backward()
    assert x.grad == 3
    assert product(y=5, x=x) == 10


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda x: autograd.exp(x, input=x), "exp: got both x and input"),
        (lambda x: autograd.multiply(x, x, input=x), "multiply: got both x and input"),
        (lambda x: autograd.multiply(x, x, other=x), "multiply: got both y and other"),
        (lambda x: x.add(x, other=x), "add: got both y and other"),
        (lambda x: autograd.gather(x, 0, x, input=x), "gather: got both x and input"),
        (lambda x: autograd.sum(x=x, input=x), r"sum\(\) got multiple values"),
        (lambda x: autograd.exp(), "exp: .* got nothing"),
        (lambda x: autograd.multiply(x), "multiply: .* got nothing"),
        (lambda x: autograd.gather(x, 0), "gather: missing index"),
        (lambda x: autograd.gather(input=x), "gather: missing dim and index"),
        (lambda x: autograd.sum(), "sum: .* got nothing"),
        (lambda x: autograd.flip(dims=(0,)), "flip: .*nothing"),
    ],
)
def test_an_argument_comes_once(call, message):
    with pytest.raises(TypeError, match=message):
        call(autograd.tensor(A))


def overloads(path):
    """Return PyTorch's functions of a stub file, each with its parameters' names."""
    body = ast.parse(path.read_text()).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    methods = next((node.body for node in classes if node.name == "TensorBase"), body)
    for node in methods:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            arguments = node.args
            yield (
                node.name,
                [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)],
            )


@pytest.mark.parametrize(
    "path, owner, first",
    [
        ("_C/_VariableFunctions.pyi", autograd, False),
        ("_C/__init__.pyi", autograd.Tensor, True),
    ],
    ids=["functions", "methods"],
)
def test_every_keyword_of_pytorch_is_known(path, owner, first, torch):
    refused, asked = [], 0
    for function, parameters in overloads(pathlib.Path(torch.__path__[0], path)):
        ours = getattr(owner, function, None)
        if not callable(ours) or isinstance(ours, type):
            continue
        for parameter in set(parameters) - ELSEWHERE:
            asked += 1
            try:
                ours(*[autograd.tensor(A)] * first, **{parameter: object()})
            except Exception as error:
                unknown = f"unexpected keyword argument '{parameter}'" in str(error)
                unknown |= f"{{'{parameter}': <object" in str(error)
                if unknown and (function, parameter) not in LEFT_OUT:
                    refused.append((function, parameter))
    assert not refused
    assert asked > 300
