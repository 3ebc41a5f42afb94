"""What users of tensors get wrong: PyTorch's class of error, and a sentence that names it all.

A function of the library (``autograd`` or PyTorch) makes the mistake in both; ours must raise the
same class, or one derived from it, and name the function and what came.
"""

import operator

import numpy as np
import pytest

import autograd


def vector(lib):
    return lib.tensor([1.0, 2.0])


def leaf(lib):
    return lib.tensor([1.0, 2.0], requires_grad=True)


def matrix(lib):
    return lib.ones(2, 3)


def twice(lib):
    loss = (leaf(lib) ** 2).sum()
    loss.backward()
    loss.backward()


def overwritten(lib):
    y = leaf(lib).exp()
    y.mul_(2)
    y.sum().backward()


def grad(lib):
    return autograd.grad if lib is autograd else lib.autograd.grad


def unused(lib):
    grad(lib)(leaf(lib).sum(), leaf(lib))


def few(lib):
    x = leaf(lib)
    grad(lib)([x.sum(), x.sum()], x, [lib.tensor(1.0)])


def other_shape(lib):
    x = leaf(lib)
    grad(lib)(x * 2, x, lib.ones(3))


MISUSES = {
    # shapes
    "add": (lambda lib: matrix(lib) + lib.ones(4), r"add: .*\(2, 3\) and \(4,\) do not broadcast"),
    "mul": (lambda lib: matrix(lib) * vector(lib), r"multiply: .*\(2, 3\) and \(2,\) do not broad"),
    "compare": (lambda lib: matrix(lib) < lib.ones(4), r"lt: .*\(2, 3\) and \(4,\) do not broad"),
    "where": (lambda lib: lib.where(matrix(lib) > 0, vector(lib), 0.0), r"where: .*\(2,\)"),
    "matmul": (lambda lib: matrix(lib) @ matrix(lib), r"matmul: .*\(2, 3\) and \(2, 3\)"),
    "matmul number": (lambda lib: matrix(lib) @ 2.0, "matmul: expected two Tensors, got 2.0"),
    "matmul 0-d": (lambda lib: matrix(lib) @ lib.tensor(1.0), r"matmul: .*\(2, 3\) and \(\)"),
    "dot": (lambda lib: matrix(lib).dot(vector(lib)), r"dot: .*\(2, 3\)"),
    "reshape": (lambda lib: matrix(lib).reshape(4, 2), r"reshape: .*\(4, 2\).*\(2, 3\)"),
    "reshape -1": (lambda lib: matrix(lib).reshape(-1, 4), r"reshape: .*\(-1, 4\)"),
    "reshape -1s": (lambda lib: matrix(lib).reshape(-1, -1), "reshape: .*one -1"),
    "view": (lambda lib: matrix(lib).t().view(6), "view: .*contiguous"),
    "expand": (lambda lib: matrix(lib).expand(4, 3), r"expand: .*\(2, 3\).*\(4, 3\)"),
    "permute": (lambda lib: matrix(lib).permute(0, 0), r"permute: .*\(0, 0\)"),
    "cat": (lambda lib: lib.cat([matrix(lib), lib.ones(2, 2)]), r"cat: .*\(2, 3\).*\(2, 2\)"),
    "cat of none": (lambda lib: lib.cat([]), "cat: "),
    "stack": (lambda lib: lib.stack([vector(lib), lib.ones(3)]), r"stack: .*\(2,\).*\(3,\)"),
    "mean of integers": (lambda lib: lib.arange(3).mean(), "mean: .*int64"),
    "max of nothing": (lambda lib: lib.zeros(0).max(), r"max: .*\(0,\)"),
    # dims and indices
    "sum dim": (lambda lib: matrix(lib).sum(2), "sum: dim 2 .* 2 dimensions"),
    "sum dim twice": (lambda lib: matrix(lib).sum((0, 0)), r"sum: dim \(0, 0\)"),
    "transpose": (lambda lib: matrix(lib).transpose(0, 2), "transpose: dim 2 .* 2 dimensions"),
    "unsqueeze": (lambda lib: matrix(lib).unsqueeze(4), "unsqueeze: dim 4"),
    "size": (lambda lib: matrix(lib).size(2), "size: dim 2 .* 2 dimensions"),
    "index": (lambda lib: matrix(lib)[5], r"index 5 .*\(2, 3\)"),
    "indices": (lambda lib: matrix(lib)[0, 0, 0], r"index.*\(2, 3\)"),
    "list index": (lambda lib: vector(lib)[[0, 7]], r"7.*\(2,\)"),
    "mask": (lambda lib: vector(lib)[lib.tensor([True, False, True])], r"index.*\(2,\)"),
    "float index": (lambda lib: vector(lib)[1.5], r"index.*1\.5"),
    "float tensor index": (lambda lib: vector(lib)[lib.tensor([0.0])], "index.*float32"),
    "set index": (lambda lib: vector(lib).__setitem__(5, 1.0), r"index 5 .*\(2,\)"),
    "set shape": (lambda lib: matrix(lib).__setitem__(0, vector(lib)), r"\(2,\) does not fit.*\(3"),
    "delete": (lambda lib: vector(lib).__delitem__(0), "del x.index.: "),
    # one number
    "item": (lambda lib: vector(lib).item(), r"item: .*\(2,\)"),
    "bool": (lambda lib: bool(vector(lib)), r"bool: .*\(2,\)"),
    "if of a comparison": (lambda lib: not vector(lib) > 1, r"bool: .*\(2,\)"),
    "float": (lambda lib: float(vector(lib)), r"float: .*\(2,\)"),
    "int": (lambda lib: int(vector(lib)), r"int: .*\(2,\)"),
    "range": (lambda lib: range(lib.tensor(2.0)), "index: .*float32"),
    "len": (lambda lib: len(lib.tensor(1.0)), "0-d tensor"),
    "iteration": (lambda lib: list(lib.tensor(1.0)), "0-d tensor"),
    "format": (lambda lib: f"{vector(lib):.2f}", r"format: '.2f' .*\(2,\)"),
    "int of nan": (lambda lib: int(lib.tensor(float("nan"))), "NaN"),
    # operands
    "text": (lambda lib: vector(lib) + "a", "add: .*str"),
    "none": (lambda lib: vector(lib) * None, "multiply: .*NoneType"),
    "text sorted": (lambda lib: lib.sort("a"), "sort: .*str"),
    "text indices": (lambda lib: lib.argsort("a"), "argsort: .*str"),
    "text msorted": (lambda lib: lib.msort("a"), "msort: .*str"),
    "text of the largest": (lambda lib: lib.topk("a", 1), "topk: .*str"),
    "text gathered": (lambda lib: lib.gather("a", 0, lib.tensor([0])), "gather: .*str"),
    "text taken along": (lambda lib: lib.take_along_dim("a", lib.tensor([0])), "take_al.*: .*str"),
    "text selected": (lambda lib: lib.index_select("a", 0, lib.tensor([0])), "index_se.*: .*str"),
    "text masked": (lambda lib: lib.masked_select("a", lib.tensor([True])), "masked_.*: .*str"),
    "text spanned": (lambda lib: lib.meshgrid("a"), "meshgrid: .*str"),
    "mask of none": (lambda lib: lib.masked_select(vector(lib), None), "masked_select: .*None"),
    "trace of none": (lambda lib: lib.trace(None), "trace: .*None"),
    "dict": (lambda lib: vector(lib) / {}, "divide: .*dict"),
    "none compared": (lambda lib: vector(lib) < None, "lt: .*NoneType"),
    "text on the left": (lambda lib: "a" - vector(lib), "subtract: .*str"),
    "in": (lambda lib: "a" in vector(lib), "in: .*str"),
    "cat of tensors": (lambda lib: lib.cat(vector(lib), vector(lib)), "cat: .*Tensor"),
    "masks subtracted": (lambda lib: 1 - (vector(lib) > 1), "subtract: booleans"),
    "mask negated": (lambda lib: -(vector(lib) > 1), "negative: "),
    "bitwise and of floats": (lambda lib: vector(lib) & 1, "bitwise_and: .*float32"),
    "integers to a negative power": (lambda lib: lib.arange(3) ** -1, "power: "),
    "an integer too large": (lambda lib: lib.arange(3) * 2**64, "multiply: .*18446744073709551616"),
    # making tensors
    "ragged": (lambda lib: lib.tensor([[1.0], [2.0, 3.0]]), "tensor: .*equal length"),
    "text made": (lambda lib: lib.tensor("a"), "tensor: .*str 'a'"),
    "integer made too large": (lambda lib: lib.tensor(2**64), "tensor: .*18446744073709551616"),
    "integer out of the dtype": (lambda lib: lib.tensor(300, dtype=lib.int8), "int8, got 300"),
    "from_numpy": (lambda lib: lib.from_numpy([1.0]), "from_numpy: .*list"),
    "unknown dtype": (lambda lib: lib.tensor([1.0], dtype="bogus"), "tensor: .*'bogus'"),
    "default dtype": (lambda lib: lib.set_default_dtype(lib.int64), "set_default_dtype: .*int64"),
    "unknown device": (lambda lib: vector(lib).to("tpu9"), "to: .*'tpu9'"),
    "from_dlpack": (lambda lib: np.from_dlpack(leaf(lib)), "dlpack: .*requires grad"),
    # gradients
    "backward of many": (lambda lib: (leaf(lib) * 2).backward(), r"backward: .*\(2,\)"),
    "backward of a constant": (lambda lib: vector(lib).sum().backward(), "backward: "),
    "backward twice": (twice, "passed by an earlier backward.*retain_graph"),
    "backward after a change": (overwritten, "exp: .*changed in place since"),
    "gradient of another shape": (
        lambda lib: (leaf(lib) * 2).backward(lib.ones(3)),
        r"backward: .*\(3,\).*\(2,\)|\(2,\).*\(3,",
    ),
    "grad of many": (lambda lib: grad(lib)(leaf(lib) * 2, leaf(lib)), r"grad: .*\(2,\)"),
    "grad of a constant": (lambda lib: grad(lib)(vector(lib).sum(), leaf(lib)), "grad: the tensor"),
    "grad with too few": (few, "grad: got 2 roots and 1 gradients"),
    "grad with another shape": (other_shape, r"grad: expected a gradient .*\(2,\), got \(3,\)"),
    "unused input": (unused, "grad: .*allow_unused"),
    "integers": (lambda lib: lib.tensor([1, 2], requires_grad=True), "requires_grad: .*int64"),
    "integers later": (lambda lib: lib.arange(2).requires_grad_(), "requires_grad: .*int64"),
    "leaf": (lambda lib: leaf(lib).add_(1), "add_: a leaf that requires grad"),
    "leaf +=": (lambda lib: operator.iadd(leaf(lib), 1), "add_: a leaf that requires grad"),
    "view of a leaf": (lambda lib: leaf(lib)[0].mul_(2), "mul_: .*through a view"),
    "leaf[0] =": (lambda lib: leaf(lib).__setitem__(0, 1.0), "value: .*leaf .*through a view"),
    "freeze a result": (
        lambda lib: (leaf(lib) * 2).requires_grad_(False), r"requires_grad_\(False\): only leaves"
    ),
    "deepcopy of a result": (
        lambda lib: __import__("copy").deepcopy(leaf(lib) * 2), "deepcopy: .*multiply"
    ),
    "asarray": (lambda lib: np.asarray(leaf(lib)), "array: .*requires grad"),
    "grad assigned": (lambda lib: setattr(leaf(lib), "grad", 1.0), "grad: .*float"),
    "grad of another shape": (
        lambda lib: setattr(leaf(lib), "grad", lib.ones(3)), r"grad: .*\(2,\).*\(3,\)"
    ),
    "data assigned": (lambda lib: setattr(leaf(lib), "data", [1.0]), "data: .*list"),
    # in place
    "in place wider": (lambda lib: lib.arange(2).mul_(1.5), "mul_: .*int64 .*float32"),
    "in place broadcast": (
        lambda lib: vector(lib).add_(lib.ones(3, 2)), r"add_: .*\(2,\).*\(3, 2\)"
    ),
    "in place expanded": (lambda lib: lib.ones(2, 1).expand(2, 3).add_(1), "add_: .*clone"),
    "fill_": (lambda lib: vector(lib).fill_("a"), "fill_: .*str"),
    "fill_ beyond": (lambda lib: lib.zeros(2, dtype=lib.int8).fill_(300), "fill_: .*int8, got 300"),
    "copy_": (lambda lib: vector(lib).copy_(lib.ones(3)), r"copy_: .*\(3,\).*\(2,\)"),
}  # fmt: skip


def error_of(function, lib):
    try:
        function(lib)
    except Exception as error:
        return error
    return None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MISUSES)
def test_the_same_mistake_raises_the_same_class_and_a_sentence_that_names_it(name, torch):
    function, words = MISUSES[name]
    expected = error_of(function, torch)
    assert expected is not None, "PyTorch allows it"
    with pytest.raises(type(expected), match=words):
        function(autograd)


def test_out_is_refused_by_name():
    x = autograd.tensor([1.0, 2.0])
    for name in ("add", "exp", "sum", "cat", "matmul", "clamp", "maximum", "where", "argmax"):
        arguments = {"cat": ([x, x],), "where": (x > 1, x, x), "clamp": (x, 0.0)}.get(name)
        if arguments is None:
            arguments = (x, x) if name in ("add", "matmul", "maximum") else (x,)
        getattr(autograd, name)(*arguments)
        with pytest.raises(TypeError, match="out"):
            getattr(autograd, name)(*arguments, out=autograd.zeros(2))


def test_a_tensor_of_another_library_is_called_by_its_whole_name(torch):
    ours, theirs = autograd.ones(2), torch.ones(2)
    for call in (lambda: ours + theirs, lambda: theirs * ours, lambda: ours.fill_(theirs)):
        with pytest.raises(TypeError, match=r"expected a Tensor, .* got torch\.Tensor"):
            call()
