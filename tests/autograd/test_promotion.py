"""Dtypes: PyTorch's promotion for every pair of operands, and float32 kept throughout."""

import itertools
import operator
import pickle

import numpy as np
import pytest

import autograd
from tests.autograd.cases import CASES

DTYPES = (
    *(np.bool_, np.uint8, np.int8, np.int16, np.int32, np.int64),
    *(np.float16, np.float32, np.float64),
)
NUMBERS = (True, 2, 2.5)
OPERATORS = [
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift"),
    *("lt", "le", "gt", "ge", "eq", "ne", "and_", "or_", "xor"),
]
IN_PLACE = [f"i{name.rstrip('_')}" for name in OPERATORS[:7] + ["and_", "or_", "xor"]]
# Functions that in PyTorch take tensors only; ours take a number as the operators do.
FUNCTIONS = ["maximum", "minimum", "logical_and", "logical_or", "logical_xor", "cat", "stack"]
CONDITION = np.array([True, False, True])


def name(dtype):
    return str(dtype).rpartition(".")[2]


def operands(make, point, vector):
    """Yield (label, tensor or number): each dtype with a dimension and without, and numbers."""
    for dtype in DTYPES:
        yield f"{np.dtype(dtype)}[]", make(np.asarray(point, dtype))
        yield f"{np.dtype(dtype)}[3]", make(np.asarray(vector, dtype))
    for number in NUMBERS:
        yield repr(number), number


def applied(library, operation, x, y):
    if operation == "where":
        return library.where(library.from_numpy(CONDITION), x, y)
    if operation in ("cat", "stack"):
        return getattr(library, operation)([x, y])
    if operation in FUNCTIONS:
        return getattr(library, operation)(x, y)
    if operation in IN_PLACE:
        x = x.clone()
    return getattr(operator, operation)(x, y)


def outcome(*arguments):
    try:
        return applied(*arguments)
    except Exception as error:
        return type(error)


def differs(found, expected):
    if isinstance(expected, type):
        return not (isinstance(found, type) and issubclass(found, expected))
    if isinstance(found, type) or found.shape != tuple(expected.shape):
        return True
    half = found.dtype == np.float16
    return name(found.dtype) != name(expected.dtype) or not np.allclose(
        np.asarray(found.payload, float),
        expected.numpy().astype(float),
        rtol=2e-3 if half else 1e-6,
    )


@pytest.fixture(params=["float32", "float64"])
def default_dtype(request, torch):
    autograd.set_default_dtype(getattr(autograd, request.param))
    torch.set_default_dtype(getattr(torch, request.param))
    yield request.param
    autograd.set_default_dtype(autograd.float32)
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("operation", [*OPERATORS, *IN_PLACE, *FUNCTIONS, "where"])
def test_every_pair_gives_torchs_dtype_value_or_error(operation, torch, default_dtype):
    sides = [(3, [1, 3, 2]), (2, [2, 2, 3])]
    ours = [list(operands(autograd.tensor, *side)) for side in sides]
    theirs = [list(operands(torch.tensor, *side)) for side in sides]
    different, compared = [], 0
    for i, j in itertools.product(range(len(ours[0])), repeat=2):
        (label, x), (other, y) = ours[0][i], ours[1][j]
        tensors = isinstance(x, autograd.Tensor) + isinstance(y, autograd.Tensor)
        if tensors == 0 or (operation in IN_PLACE and not isinstance(x, autograd.Tensor)):
            continue
        if tensors == 1 and operation in FUNCTIONS:
            continue
        if operation in ("pow", "ipow") and label.startswith("bool") and y is True:
            continue  # PyTorch raises a boolean to True, and to no other boolean
        if operation in ("sub", "isub") and "True" in (label, other) and "float" in label + other:
            continue  # PyTorch refuses; here Python's True is the number 1 beside a float
        found = outcome(autograd, operation, x, y)
        expected = outcome(torch, operation, theirs[0][i][1], theirs[1][j][1])
        compared += 1
        if differs(found, expected):
            different.append(f"{label}, {other}: {found}, PyTorch {expected}")
    assert not different, "\n".join(different)
    assert compared > 300


def test_numbers_are_weak_in_functions_of_tensors():
    x = autograd.tensor([1, 3], dtype=autograd.int8)
    assert autograd.maximum(x, 2).dtype == np.int8 and autograd.minimum(2.5, x).dtype == np.float32
    assert autograd.logical_and(x, 0).tolist() == [False, False]


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x * -1,
        lambda x: x - 5,
        lambda x: -x,
        lambda x: x + 300,
        lambda x: 300 + x,
        lambda x: x * x * x,
        lambda x: x + x[-1],
        lambda x: x[-1] + x[-1],
        lambda x: x[-1] * 100,
        lambda x: x == 257,
        lambda x: x < -1,
        lambda x: x & 511,
        lambda x: abs(x - 120),
        lambda x: x.sum(),
    ],
)
@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int64"])
def test_integers_wrap_around_as_in_torch_without_a_word(change, dtype, torch):
    found = change(autograd.tensor([1, 2, 127], dtype=getattr(autograd, dtype)))
    expected = change(torch.tensor([1, 2, 127], dtype=getattr(torch, dtype)))
    assert name(found.dtype) == name(expected.dtype) and found.tolist() == expected.tolist()


def test_integers_beyond_64_bits():
    n = autograd.tensor([1, 2])
    for call in (lambda: n * 2**64, lambda: 2**100 + n, lambda: n == -(2**70)):
        with pytest.raises(OverflowError, match="the integer -?[0-9]* does not fit in the 64 bits"):
            call()
    assert (n * 2**63).tolist() == [-(2**63), 0]
    assert (autograd.tensor([0.5]) * 2**100).item() == 2.0**99
    for data in (2**63, [1, 2**64], [[-(2**63) - 1]]):
        with pytest.raises(ValueError, match="tensor: an integer does not fit in 64 bits, got"):
            autograd.tensor(data)
    assert autograd.tensor([2**70, 1.0]).dtype == np.float32
    for data, dtype in ((300, np.uint8), (-129, np.int8), (float("nan"), np.int64), (1e30, int)):
        with pytest.raises(RuntimeError, match="tensor: a number does not fit in u?int"):
            autograd.tensor([data], dtype=dtype)
    assert autograd.tensor([-1, 2], dtype=np.uint8).tolist() == [255, 2]


def test_booleans_are_not_subtracted_nor_negated():
    mask = autograd.tensor([True, False])
    for call in (lambda: mask - mask, lambda: 1 - mask, lambda: mask - 1.0, lambda: mask - True):
        with pytest.raises(RuntimeError, match="subtract: booleans cannot be subtracted; invert"):
            call()
    with pytest.raises((RuntimeError, TypeError), match="negative: "):
        operator.neg(mask)
    with pytest.raises(NotImplementedError, match="floor_divide: is not defined for booleans"):
        operator.floordiv(mask, True)
    assert (mask + mask).dtype == np.bool_ and (~mask).tolist() == [False, True]


@pytest.mark.parametrize("scalar", [np.float64, np.float32, np.float16, np.int64, np.uint8])
def test_numpys_scalars_count_as_pythons_numbers(scalar, torch):
    for dtype in ("int8", "int64", "float16", "float32", "float64"):
        for shape in ((), (2,)):
            ours = autograd.ones(shape, dtype=getattr(autograd, dtype))
            theirs = torch.ones(shape, dtype=getattr(torch, dtype))
            expected = (theirs * scalar(2)).dtype
            assert name((ours * scalar(2)).dtype) == name(expected)
            assert name((scalar(2) * ours).dtype) == name(expected)


def test_numpys_arrays_are_tensors_and_give_tensors():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    array = np.array([2.0, 3.0])
    for z in (x * array, array * x, array - x, array / x, array**x, array + x):
        assert isinstance(z, autograd.Tensor) and z.requires_grad and z.dtype == np.float64
    assert isinstance(array < x, autograd.Tensor) and (np.array(2.0) * x).dtype == np.float32
    array_of_ints = np.array([2, 3])
    assert (array_of_ints * x).dtype == np.float32


def test_complex_numbers_are_refused_in_one_sentence_everywhere():
    sentence = "expected real numbers .complex tensors are not part of Backlight.*, got"
    for call in (
        lambda: autograd.tensor(1j),
        lambda: autograd.tensor([1.0, 2j]),
        lambda: autograd.tensor(np.ones(2, complex)),
        lambda: autograd.from_numpy(np.ones(2, complex)),
        lambda: autograd.as_tensor(np.ones(2, np.complex64)),
        lambda: autograd.tensor([1.0], dtype=complex),
        lambda: autograd.tensor([1.0]).to(np.complex64),
        lambda: autograd.set_default_dtype(complex),
        lambda: autograd.result_type(autograd.ones(2), 1j),
        lambda: autograd.promote_types(np.complex64, np.float32),
    ):
        with pytest.raises(TypeError, match=sentence):
            call()


DTYPE_QUESTIONS = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float64"]


@pytest.mark.parametrize("one", DTYPE_QUESTIONS)
def test_questions_about_dtypes_have_torchs_answers(one, torch):
    for two in DTYPE_QUESTIONS:
        ours = [getattr(autograd, dtype) for dtype in (one, two)]
        theirs = [getattr(torch, dtype) for dtype in (one, two)]
        assert autograd.can_cast(*ours) == torch.can_cast(*theirs)
        assert name(autograd.promote_types(*ours)) == name(torch.promote_types(*theirs))
        for shape in ((), (1,)):
            pair = autograd.ones(1, dtype=ours[0]), autograd.ones(shape, dtype=ours[1])
            torchs = torch.ones(1, dtype=theirs[0]), torch.ones(shape, dtype=theirs[1])
            assert name(autograd.result_type(*pair)) == name(torch.result_type(*torchs))
    x, y = autograd.ones(1, dtype=ours[0]), torch.ones(1, dtype=theirs[0])
    assert autograd.is_floating_point(x) == torch.is_floating_point(y)
    assert autograd.is_complex(x) == torch.is_complex(y) and autograd.is_nonzero(x)
    assert name(autograd.result_type(x, 2.5)) == name(torch.result_type(y, 2.5))
    if one != "bool":
        info, theirs_info = ("finfo",) * 2 if one[0] == "f" else ("iinfo",) * 2
        assert getattr(autograd, info)(ours[0]).max == getattr(torch, theirs_info)(theirs[0]).max


def test_there_is_one_object_for_a_dtype():
    foreign = np.ones(2, np.dtype(np.float32).newbyteorder("="))
    stored = pickle.loads(pickle.dumps(autograd.ones(2)))
    for x in (
        autograd.tensor(foreign),
        autograd.from_numpy(foreign),
        autograd.tensor(np.ones(2, ">f4")),
        autograd.ones(2).double().to("<f4"),
        autograd.tensor([1.0], dtype=np.dtype("=f4")),
        stored,
    ):
        assert x.dtype is np.dtype(np.float32)
    assert np.shares_memory(autograd.from_numpy(foreign).payload, foreign)
    autograd.set_default_dtype(np.dtype(np.float32).newbyteorder("="))
    assert autograd.get_default_dtype() is np.dtype(np.float32)


def test_what_is_no_dtype_is_named():
    for call, words in (
        (lambda: autograd.promote_types("bogus", "int8"), "promote_types: expected a dtype .*'bo"),
        (lambda: autograd.can_cast(3, "int8"), "can_cast: expected a dtype .* got 3"),
        (lambda: autograd.tensor([1], dtype="O"), "tensor: a tensor cannot have the dtype object"),
        (lambda: autograd.set_default_dtype(None), "set_default_dtype: expected a dtype"),
        (lambda: autograd.result_type(1, "a"), "result_type: expected tensors or numbers, got str"),
        (lambda: autograd.is_floating_point(1.0), "is_floating_point: expected a Tensor, got flo"),
    ):
        with pytest.raises(TypeError, match=words):
            call()
    with pytest.raises(RuntimeError, match="promote_types: there is no integer dtype that holds"):
        autograd.promote_types(np.uint64, np.int64)


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
