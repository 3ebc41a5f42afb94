"""Dtypes: PyTorch's promotion for every pair of operands, and float32 kept throughout."""

import itertools
import operator

import numpy as np
import pytest

import autograd
from tests.autograd.cases import CASES

DTYPES = (np.bool_, np.uint8, np.int8, np.int32, np.int64, np.float16, np.float32, np.float64)
OPERATORS = (operator.add, operator.mul, operator.truediv, operator.lt)
NUMBERS = (True, 2, 2.0)


def name(dtype):
    return str(dtype).rpartition(".")[2]


def operands(library, make):
    """Yield (label, tensor or number): each dtype with a dimension and without, and numbers."""
    for dtype in DTYPES:
        for shape in ((), (2,)):
            yield f"{np.dtype(dtype)}{list(shape)}", make(np.ones(shape, dtype))
    for number in NUMBERS:
        yield repr(number), number


@pytest.mark.parametrize("function", OPERATORS, ids=lambda f: f.__name__)
def test_every_pair_promotes_as_in_torch(function, torch):
    ours = list(operands(autograd, autograd.from_numpy))
    theirs = list(operands(torch, torch.tensor))
    different = []
    for i, j in itertools.product(range(len(ours)), repeat=2):
        (label, x), (other, y) = ours[i], ours[j]
        if not isinstance(x, autograd.Tensor) and not isinstance(y, autograd.Tensor):
            continue
        expected = function(theirs[i][1], theirs[j][1])
        found = function(x, y)
        same = name(found.dtype) == name(expected.dtype) and found.shape == tuple(expected.shape)
        if not same or not np.allclose(found.payload, expected.numpy()):
            different.append(f"{label}, {other}: {found.dtype}, PyTorch {expected.dtype}")
    assert not different, "\n".join(different)


def test_promotion_without_torch():
    one = {d: autograd.from_numpy(np.ones(2, d)) for d in DTYPES}
    point = {d: autograd.from_numpy(np.ones((), d)) for d in DTYPES}
    expected = {
        (one[np.float32] * point[np.float64]): np.float32,
        (one[np.float32] * one[np.float64]): np.float64,
        (one[np.int64] / one[np.int64]): np.float32,
        (one[np.int64] * one[np.float32]): np.float32,
        (one[np.int64] * one[np.float16]): np.float16,
        (one[np.int32] * 2.5): np.float32,
        (one[np.bool_] + 1): np.int64,
        (one[np.bool_] + True): np.bool_,
        (one[np.int8] + point[np.int64]): np.int8,
        (one[np.uint8] + one[np.int8]): np.int16,
        autograd.exp(one[np.int64]): np.float32,
        autograd.exp(one[np.float16]): np.float16,
        (one[np.float32] * np.sqrt(2.0)): np.float32,
        (one[np.float32] * np.float64(2)): np.float32,
    }
    for z, dtype in expected.items():
        assert z.dtype == dtype


@pytest.mark.parametrize("one", DTYPES, ids=lambda d: d.__name__)
def test_promote_types_equals_torch(one, torch):
    for other in DTYPES:
        found = autograd.promote_types(np.dtype(one), np.dtype(other))
        pair = (torch.tensor(np.ones(1, d)).dtype for d in (one, other))
        assert name(found) == name(torch.promote_types(*pair))


def test_gradients_take_the_dtype_of_their_operand():
    x = autograd.tensor([1.0, 2.0], dtype=np.float32, requires_grad=True)
    y = autograd.tensor([3.0, 4.0], dtype=np.float64, requires_grad=True)
    h = autograd.tensor(2.0, dtype=np.float16, requires_grad=True)
    z = x * y * h
    assert z.dtype == np.float64
    z.sum().backward()
    assert [t.grad.dtype for t in (x, y, h)] == [np.float32, np.float64, np.float16]
    assert x.grad.tolist() == [6, 8] and h.grad.item() == 11


def test_a_constant_of_integers_does_not_widen_a_gradient():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    (x * np.array([2, 3]) + autograd.tensor([1, 1]) / 2).sum().backward()
    assert x.grad.dtype == np.float32 and x.grad.tolist() == [2, 3]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_list_counts_as_a_tensor_of_the_default_dtype(dtype):
    x = autograd.tensor([1.0, 2.0], dtype=dtype, requires_grad=True)
    z = x * [3.0, 4.0] + [1, 2]
    assert z.dtype == dtype and z.tolist() == [4, 10]
    z.sum().backward()
    assert x.grad.tolist() == [3, 4]
    w = x * 1
    w[:] = [0.1, 0.2]
    assert w.tolist() == [dtype(0.1), dtype(0.2)]
    assert autograd.where([True, False], x, [5.0, 6.0]).tolist() == [1, 6]


KEEPING = [c for c in CASES if c.differentiable and c.elementwise]
KEEPING = [c for c in KEEPING if c.name not in ("cast", "float_power")]


@pytest.mark.parametrize("case", KEEPING, ids=str)
def test_float32_stays_float32(case):
    for shape in ((), (2, 3)):
        random = np.random.default_rng(0)
        arrays = [np.asarray(domain(random, shape)) for domain in case.domains]
        inputs = [autograd.tensor(a, dtype=None if a.dtype == bool else np.float32) for a in arrays]
        for x in inputs:
            x.requires_grad_(x.dtype.kind == "f")
        z = case(*inputs)
        assert z.dtype == np.float32
        asked = [x for x in inputs if x.requires_grad]
        for slope in autograd.grad(z, asked, [np.ones(shape)], create_graph=True):
            assert slope.dtype == np.float32


def test_the_default_dtype_decides_what_python_floats_become():
    assert autograd.get_default_dtype() == np.float32
    autograd.set_default_dtype(np.float64)
    try:
        assert autograd.tensor(1.0).dtype == np.float64
        assert autograd.zeros(2).dtype == np.float64
        assert (autograd.tensor([1, 2]) / 2).dtype == np.float64
        assert autograd.rand(2).dtype == np.float64
    finally:
        autograd.set_default_dtype(np.float32)
    with pytest.raises(TypeError, match="expected a floating-point dtype, got int64"):
        autograd.set_default_dtype(np.int64)
