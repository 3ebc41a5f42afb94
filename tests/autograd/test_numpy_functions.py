"""Every NumPy function that means something for a Tensor, called as NumPy lets it be called.

One table names each function of the protocol that is no ufunc, once, with arguments by NumPy's
names.  From it come two calls, one that gives by position what may be given so and one by keyword
only; both have to give NumPy's values, dtypes and structure, and gradients that finite differences
confirm.
"""

import inspect

import numpy as np
import pytest

import autograd
from autograd.op import NUMPY

RANDOM = np.random.default_rng(11)
VECTOR = RANDOM.permutation(5) * 0.4 - 0.7
MATRIX = RANDOM.permutation(12).reshape(3, 4) * 0.3 - 1.43
SQUARE = RANDOM.uniform(-1, 1, (3, 3)) + 2 * np.eye(3)
SYMMETRIC = SQUARE @ SQUARE.T
STACK = RANDOM.uniform(-1, 1, (2, 2, 3))
WITH_NAN = np.where(MATRIX > 1, np.nan, MATRIX)
MASK = MATRIX > 0

# name: calls, each a dict of arguments by NumPy's names; floating-point arrays become tensors.
TABLE = {
    "copy": [{"a": MATRIX}],
    "round": [{"a": MATRIX, "decimals": 1}],
    "around": [{"a": MATRIX}],
    "fix": [{"x": MATRIX}],
    "isclose": [{"a": MATRIX, "b": MATRIX + 1e-6, "rtol": 0.0, "atol": 1e-5, "equal_nan": True}],
    "allclose": [{"a": MATRIX, "b": MATRIX + 1e-6, "rtol": 0.0, "atol": 1e-5}],
    "array_equal": [{"a1": WITH_NAN, "a2": WITH_NAN, "equal_nan": True}],
    "isposinf": [{"x": np.array([1.0, np.inf, -np.inf])}],
    "isneginf": [{"x": np.array([1.0, np.inf, -np.inf])}],
    "sinc": [{"x": MATRIX}],
    "i0": [],  # below: SciPy computes it
    "isreal": [{"x": WITH_NAN}],
    "real": [{"val": MATRIX}],
    "take": [
        {"a": MATRIX, "indices": [0, -1, 0], "axis": 1},
        {"a": MATRIX, "indices": [[0, 11], [3, 3]]},
        {"a": MATRIX, "indices": [7, -9], "axis": 0, "mode": "wrap"},
        {"a": MATRIX, "indices": [7, -9], "axis": 0, "mode": "clip"},
    ],
    "take_along_axis": [{"arr": MATRIX, "indices": np.argsort(MATRIX, 1), "axis": 1}],
    "compress": [{"condition": [True, False, True], "a": MATRIX, "axis": 0}],
    "extract": [{"condition": MASK, "arr": MATRIX}],
    "choose": [{"a": np.array([1, 0, 1, 0]), "choices": [MATRIX[0], MATRIX[1]], "mode": "clip"}],
    "sort": [
        {"a": MATRIX, "axis": 0},
        {"a": MATRIX, "axis": None},
        {"a": MATRIX, "kind": "stable"},
    ],
    "argsort": [{"a": MATRIX, "axis": 0}, {"a": MATRIX, "axis": None}],
    "nonzero": [{"a": MATRIX}],
    "flatnonzero": [{"a": MATRIX}],
    "argwhere": [{"a": MATRIX}],
    "unravel_index": [{"indices": np.array([[5, 0], [11, 7]]), "shape": (3, 4)}],
    "unique": [{"ar": np.round(MATRIX), "return_inverse": True, "return_counts": True}],
    "bincount": [{"x": np.array([0, 2, 2]), "weights": VECTOR[:3], "minlength": 4}],
    "searchsorted": [{"a": np.sort(VECTOR), "v": MATRIX, "side": "right"}],
    "digitize": [{"x": MATRIX, "bins": np.sort(VECTOR), "right": True}],
    "histogram": [{"a": MATRIX, "bins": 4, "range": (-1.0, 1.0)}],
    "isin": [{"element": MATRIX, "test_elements": MATRIX[0], "invert": True}],
    "concatenate": [
        {"arrays": [MATRIX, MATRIX[:1]], "axis": 0},
        {"arrays": [MATRIX], "axis": None},
    ],
    "stack": [{"arrays": [MATRIX, MATRIX + 1], "axis": -1}],
    "hstack": [{"tup": [MATRIX, MATRIX[:, :1]]}],
    "vstack": [{"tup": [MATRIX, MATRIX[:1]]}],
    "dstack": [{"tup": [MATRIX, MATRIX]}],
    "column_stack": [{"tup": [MATRIX, MATRIX[:, 0]]}],
    "append": [{"arr": MATRIX, "values": MATRIX[:1], "axis": 0}, {"arr": MATRIX, "values": 2.0}],
    "split": [{"ary": MATRIX, "indices_or_sections": [1, 3], "axis": 1}],
    "array_split": [{"ary": MATRIX, "indices_or_sections": 3, "axis": 1}],
    "hsplit": [{"ary": MATRIX, "indices_or_sections": 2}],
    "vsplit": [{"ary": MATRIX, "indices_or_sections": 3}],
    "dsplit": [{"ary": STACK, "indices_or_sections": 3}],
    "unstack": [{"x": MATRIX, "axis": 1}],
    "zeros_like": [{"a": MATRIX, "dtype": np.float32, "shape": (2,)}],
    "ones_like": [{"a": MATRIX}],
    "full_like": [{"a": MATRIX, "fill_value": 3.0}],
    "dot": [{"a": SQUARE, "b": SQUARE + 1}, {"a": STACK, "b": STACK[0].T}, {"a": 2.0, "b": VECTOR}],
    "vdot": [{"a": MATRIX, "b": MATRIX + 1}],
    "inner": [{"a": MATRIX, "b": MATRIX[0]}],
    "outer": [{"a": MATRIX, "b": VECTOR}],
    "tensordot": [
        {"a": SQUARE, "b": SYMMETRIC, "axes": 1},
        {"a": STACK, "b": MATRIX, "axes": ([2], [0])},
    ],
    "kron": [{"a": MATRIX[:2], "b": SQUARE[:2]}],
    "einsum": [],  # below: its operands have no names
    "cross": [
        {"a": SQUARE, "b": SYMMETRIC},
        {"a": SQUARE, "b": SYMMETRIC, "axisa": 0, "axisb": 0, "axisc": 1},
        {"a": SQUARE, "b": SYMMETRIC, "axis": 0},
    ],
    "trace": [{"a": MATRIX, "offset": 1}, {"a": STACK, "offset": 0, "axis1": 1, "axis2": 2}],
    "matrix_transpose": [{"x": STACK}],
    "cov": [
        {"m": MATRIX, "rowvar": False, "bias": True},
        {"m": MATRIX, "y": MATRIX[:1], "ddof": 0, "aweights": np.array([1.0, 2.0, 0.5, 1.5])},
    ],
    "corrcoef": [{"x": MATRIX, "rowvar": True}],
    "sum": [{"a": MATRIX, "axis": 1, "keepdims": True}, {"a": MATRIX, "axis": ()}],
    "nansum": [{"a": WITH_NAN, "axis": 1}, {"a": WITH_NAN, "axis": ()}],
    "mean": [{"a": MATRIX, "axis": (0, 1)}, {"a": MATRIX, "axis": (), "keepdims": True}],
    "nanmean": [{"a": WITH_NAN, "axis": 0, "keepdims": True}],
    "average": [
        {"a": MATRIX, "axis": 1, "weights": np.array([1.0, 2.0, 3.0, 4.0])},
        {"a": MATRIX, "axis": (), "weights": MATRIX**2},
    ],
    "prod": [{"a": MATRIX, "axis": 0}, {"a": MATRIX, "axis": ()}, {"a": MATRIX, "axis": (0, 1)}],
    "nanprod": [{"a": WITH_NAN, "axis": 1}, {"a": WITH_NAN, "axis": ()}],
    "var": [{"a": MATRIX, "axis": 1, "ddof": 1}, {"a": MATRIX, "axis": 0, "correction": 1}],
    "std": [{"a": MATRIX, "axis": 0, "ddof": 1, "keepdims": True}],
    "max": [{"a": MATRIX, "axis": 1, "keepdims": True}, {"a": MATRIX, "axis": ()}],
    "amax": [{"a": MATRIX}],
    "min": [{"a": MATRIX, "axis": (0, 1)}, {"a": MATRIX, "axis": ()}],
    "amin": [{"a": MATRIX, "axis": 0}],
    "ptp": [{"a": MATRIX, "axis": 1}, {"a": MATRIX, "axis": ()}],
    "nanmax": [{"a": WITH_NAN, "axis": 1}, {"a": MATRIX, "axis": ()}],
    "nanmin": [{"a": WITH_NAN, "axis": 0, "keepdims": True}],
    "argmax": [
        {"a": MATRIX, "axis": 1, "keepdims": True},
        {"a": MATRIX, "axis": 1, "keepdims": None},
    ],
    "argmin": [{"a": MATRIX}],
    "any": [{"a": MASK * MATRIX, "axis": 1}, {"a": MASK * MATRIX, "axis": ()}],
    "all": [{"a": MASK * MATRIX, "axis": 0, "keepdims": True}, {"a": MASK * MATRIX, "axis": ()}],
    "count_nonzero": [
        {"a": MASK * MATRIX, "axis": 1, "keepdims": True},
        {"a": MASK * MATRIX, "axis": ()},
    ],
    "cumsum": [{"a": MATRIX, "axis": 1}, {"a": MATRIX}],
    "cumprod": [{"a": MATRIX, "axis": 0}, {"a": MATRIX}],
    "diff": [
        {"a": MATRIX, "n": 2, "axis": 0},
        {"a": MATRIX, "axis": 1, "prepend": 2.0, "append": MATRIX[:, :2]},
        {"a": MATRIX, "n": 0},
    ],
    "trapezoid": [
        {"y": MATRIX, "dx": 0.5, "axis": 0},
        {"y": MATRIX, "x": np.sort(VECTOR[:4])},
        {"y": MATRIX, "x": MATRIX**2, "axis": 0},
    ],
    "gradient": [
        {"f": MATRIX},
        {"f": VECTOR, "edge_order": 2},
        {"f": STACK, "axis": (0, 2)},
    ],
    "interp": [
        {"x": MATRIX, "xp": np.sort(VECTOR), "fp": VECTOR**2, "left": -3.0},
        {"x": VECTOR, "xp": np.sort(VECTOR)[:2], "fp": VECTOR[:2], "right": 0.5},
        {"x": VECTOR, "xp": VECTOR[:1], "fp": VECTOR[1:2]},
    ],
    "vander": [{"x": VECTOR}, {"x": VECTOR, "N": 3, "increasing": True}],
    "quantile": [{"a": MATRIX, "q": 0.3, "axis": 1, "method": "linear", "keepdims": True}],
    "nanquantile": [{"a": WITH_NAN, "q": np.array([0.2, 0.9]).tolist(), "axis": 1}],
    "percentile": [{"a": MATRIX, "q": [20, 70], "axis": 0}, {"a": MATRIX, "q": [9, 8], "axis": ()}],
    "nanpercentile": [{"a": WITH_NAN, "q": 20, "axis": 0}],
    "median": [{"a": MATRIX, "axis": 1, "keepdims": True}],
    "nanmedian": [{"a": WITH_NAN, "axis": 1}, {"a": MATRIX, "axis": (), "keepdims": True}],
    "where": [{"condition": MASK, "x": MATRIX, "y": -1.0}],
    "clip": [{"a": MATRIX, "a_min": -0.5, "a_max": 0.5}, {"a": MATRIX, "min": -0.5, "max": 0.5}],
    "nan_to_num": [{"x": WITH_NAN, "copy": True, "nan": 2.0}],
    "reshape": [{"a": MATRIX, "shape": (2, -1), "order": "C"}],
    "ravel": [{"a": MATRIX, "order": "C"}],
    "transpose": [{"a": STACK, "axes": (1, 2, 0)}, {"a": STACK}],
    "swapaxes": [{"a": STACK, "axis1": 0, "axis2": -1}],
    "moveaxis": [{"a": STACK, "source": [0, 1], "destination": [2, 0]}],
    "expand_dims": [{"a": MATRIX, "axis": (0, 2)}],
    "squeeze": [{"a": MATRIX[None, :, None], "axis": (0, 2)}, {"a": MATRIX[None], "axis": ()}],
    "broadcast_to": [{"array": MATRIX, "shape": (2, 3, 4)}],
    "broadcast_arrays": [],  # below
    "meshgrid": [],
    "atleast_1d": [],
    "atleast_2d": [],
    "atleast_3d": [],
    "flip": [{"m": MATRIX, "axis": 0}, {"m": MATRIX, "axis": ()}],
    "fliplr": [{"m": MATRIX}],
    "flipud": [{"m": MATRIX}],
    "roll": [{"a": MATRIX, "shift": (1, -2), "axis": (0, 1)}],
    "rot90": [{"m": STACK, "k": 3, "axes": (1, 2)}],
    "tile": [{"A": MATRIX, "reps": (2, 1, 2)}],
    "repeat": [{"a": MATRIX, "repeats": [1, 0, 2], "axis": 0}],
    "pad": [{"array": MATRIX, "pad_width": ((1, 0), (0, 2)), "mode": "edge"}],
    "tril": [{"m": MATRIX, "k": 1}],
    "triu": [{"m": STACK, "k": -1}],
    "diag": [{"v": VECTOR, "k": -1}],
    "diagflat": [{"v": SQUARE, "k": 1}],
    "diagonal": [{"a": STACK, "offset": 1, "axis1": 1, "axis2": 2}],
    "shape": [{"a": MATRIX}],
    "ndim": [{"a": MATRIX}],
    "size": [{"a": MATRIX, "axis": 1}],
    "linalg.matmul": [{"x1": STACK, "x2": MATRIX}],
    "linalg.vecdot": [{"x1": STACK, "x2": STACK[0] + 1, "axis": -1}],
    "linalg.outer": [{"x1": VECTOR, "x2": VECTOR + 1}],
    "linalg.tensordot": [{"x1": SQUARE, "x2": SYMMETRIC, "axes": 1}],
    "linalg.trace": [{"x": STACK, "offset": 1}],
    "linalg.diagonal": [{"x": STACK, "offset": -1}],
    "linalg.cross": [{"x1": SQUARE, "x2": SYMMETRIC, "axis": 0}],
    "linalg.matrix_transpose": [{"x": STACK}],
    "linalg.norm": [{"x": MATRIX, "ord": 1, "axis": 1, "keepdims": True}, {"x": STACK}],
    "linalg.vector_norm": [{"x": STACK, "axis": (0, 2), "keepdims": True, "ord": 3}],
    "linalg.matrix_norm": [{"x": STACK, "keepdims": True, "ord": "nuc"}],
    "linalg.inv": [{"a": SQUARE}],
    "linalg.solve": [{"a": SQUARE, "b": SQUARE[:, :2]}],
    "linalg.det": [{"a": SQUARE}],
    "linalg.slogdet": [{"a": SQUARE}],
    "linalg.cholesky": [{"a": SYMMETRIC, "upper": True}],
    "linalg.qr": [{"a": SQUARE, "mode": "reduced"}],
    "linalg.svd": [{"a": STACK[0], "full_matrices": False, "compute_uv": True}],
    "linalg.svdvals": [{"x": MATRIX}],
    "linalg.eigh": [{"a": SYMMETRIC, "UPLO": "U"}],
    "linalg.eigvalsh": [{"a": SYMMETRIC, "UPLO": "U"}],
    "linalg.pinv": [{"a": STACK[0], "rcond": 1e-12, "hermitian": False}],
    "linalg.lstsq": [{"a": STACK[0].T, "b": VECTOR[:3], "rcond": None}],
    "linalg.matrix_power": [{"a": SQUARE, "n": -2}],
    "linalg.matrix_rank": [{"A": SQUARE, "tol": 1e-8}],
    "linalg.multi_dot": [{"arrays": [STACK[0], SQUARE, MATRIX]}],
    "linalg.tensorinv": [{"a": SQUARE[:, None], "ind": 2}],
    "linalg.tensorsolve": [{"a": SQUARE[:, None], "b": STACK[:1, 0].T, "axes": None}],
    "linalg.cond": [{"x": SQUARE, "p": 2}],
}
VARIADIC = {
    "einsum": lambda x, y: np.einsum("ij,jk->ki", x, y),
    "einsum implicit": lambda x, y: np.einsum("ij,jk", x, y, optimize=False),
    "einsum by sublists": lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2]),
    "broadcast_arrays": lambda x, y: np.broadcast_arrays(x, y[0]),
    "gradient at distances": lambda x, y: np.gradient(x, 0.5, 2.0, edge_order=2),
    "gradient at places": lambda x, y: np.gradient(x, y[0] ** 2, axis=1),
    "gradient at places, edges": lambda x, y: np.gradient(x, y[0] ** 2, axis=1, edge_order=2),
    "meshgrid": lambda x, y: np.meshgrid(x[0], y[0], indexing="ij"),
    "atleast_1d": lambda x, y: np.atleast_1d(x[0, 0], y),
    "atleast_2d": lambda x, y: np.atleast_2d(x[0], y[0, 0]),
    "atleast_3d": lambda x, y: np.atleast_3d(x, y[0]),
}
# Not what is compared: NumPy leaves memory as it is; a row of bits decides about signs.
APART = {"empty_like"}
# Vectors of a sign that is free, and functions that read half of a symmetric matrix; their
# gradients are tested with the functions of autograd.linalg.
NO_GRADIENT = {f"linalg.{name}" for name in ("svd", "qr", "eigh", "eigvalsh", "cholesky", "lstsq")}


def name_of(function):
    module = function.__module__.replace("numpy", "", 1).lstrip(".")
    return f"{module}.{function.__name__}" if module else function.__name__


def function_of(name):
    return getattr(np.linalg if name.startswith("linalg.") else np, name.rpartition(".")[2])


REGISTERED = {name_of(f): f for f in NUMPY if not isinstance(f, np.ufunc)}


def test_the_table_names_every_function_once():
    aliases = {"linalg.matrix_transpose", "linalg.vecdot"}  # where NumPy has one object for two
    assert set(TABLE) - aliases <= set(REGISTERED)
    assert set(REGISTERED) - APART <= set(TABLE)


def by_position(signature, arguments):
    """Return positional and keyword arguments: by position whatever can be given so in a row."""
    positional, named = [], dict(arguments)
    for parameter in signature.parameters.values():
        if parameter.name not in named or parameter.kind is parameter.KEYWORD_ONLY:
            break
        positional.append(named.pop(parameter.name))
    return positional, named


def by_keyword(signature, arguments):
    """Return as few positional arguments as the signature allows."""
    named = dict(arguments)
    positional = [
        named.pop(name)
        for name, parameter in signature.parameters.items()
        if parameter.kind is parameter.POSITIONAL_ONLY and name in named
    ]
    return positional, named


def tracked(value, leaves):
    """Put tensors in the place of floating-point arrays."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        leaves.append(autograd.tensor(value, requires_grad=True))
        return leaves[-1]
    if isinstance(value, list) and any(isinstance(each, np.ndarray) for each in value):
        return [tracked(each, leaves) for each in value]
    return value


def parts(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


def compared(found, expected):
    assert len(parts(found)) == len(parts(expected))
    for z, array in zip(parts(found), parts(expected), strict=True):
        array = np.asarray(array)
        assert np.shape(z) == array.shape
        if array.dtype != np.int32:  # NumPy's rank of lstsq, an int64 of ours
            assert getattr(z, "dtype", array.dtype) == array.dtype
        if isinstance(z, autograd.Tensor):
            z = z.detach().numpy()
        np.testing.assert_allclose(z, array, rtol=1e-12, atol=1e-14)


CALLS = [(name, i) for name, calls in TABLE.items() for i in range(len(calls))]


@pytest.mark.parametrize("form", [by_position, by_keyword], ids=["position", "keyword"])
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("name", "i"), CALLS, ids=[f"{name}-{i}" for name, i in CALLS])
def test_a_function_is_numpys_in_each_form_of_its_call(name, i, form):
    function, arguments = function_of(name), TABLE[name][i]
    positional, named = form(inspect.signature(function), arguments)
    expected = function(*positional, **named)
    leaves = []
    positional = [tracked(value, leaves) for value in positional]
    named = {key: tracked(value, leaves) for key, value in named.items()}
    compared(function(*positional, **named), expected)


def with_leaves(value, given):
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return next(given)
    if isinstance(value, list) and any(isinstance(each, np.ndarray) for each in value):
        return [with_leaves(each, given) for each in value]
    return value


@pytest.mark.parametrize(("name", "i"), CALLS, ids=[f"{name}-{i}" for name, i in CALLS])
def test_a_functions_gradient_is_that_of_finite_differences(name, i):
    function, arguments = function_of(name), TABLE[name][i]
    positional, named = by_position(inspect.signature(function), arguments)
    leaves = []
    for value in [*positional, *named.values()]:
        tracked(value, leaves)

    def call(*tensors):
        given = iter(tensors)
        first = [with_leaves(value, given) for value in positional]
        rest = {key: with_leaves(value, given) for key, value in named.items()}
        made = parts(function(*first, **rest))
        return tuple(made if places is None else [made[i] for i in places])

    places = None
    results = enumerate(call(*leaves)) if leaves else ()
    places = [i for i, z in results if isinstance(z, autograd.Tensor) and z.requires_grad]
    if name in NO_GRADIENT or not places:
        return
    leaves = [leaf.detach().requires_grad_() for leaf in leaves]
    assert autograd.gradcheck(call, tuple(leaves))


@pytest.mark.parametrize("name", VARIADIC)
def test_a_function_of_several_arrays_is_numpys(name):
    arrays = (SQUARE, SYMMETRIC)
    compared(
        VARIADIC[name](*[autograd.tensor(a, requires_grad=True) for a in arrays]),
        VARIADIC[name](*arrays),
    )
    tensors = [autograd.tensor(array, requires_grad=True) for array in arrays]
    assert autograd.gradcheck(lambda x, y: tuple(parts(VARIADIC[name](x, y))), tuple(tensors))


@pytest.mark.parametrize("function", [np.var, np.std])
def test_one_number_is_subtracted_from_the_count(function):
    x = autograd.tensor(MATRIX)
    assert function(x, correction=1).item() == pytest.approx(function(MATRIX, ddof=1))
    for operand in (x, MATRIX):
        with pytest.raises(ValueError, match="ddof"):
            function(operand, ddof=1, correction=1)


def test_the_bessel_function_is_numpys():
    pytest.importorskip("scipy")
    compared(np.i0(autograd.tensor(MATRIX)), np.i0(MATRIX))
    assert np.i0(autograd.tensor([1, 2])).dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("spacing", [2, 2.0, np.array([0.0, 1.0, 3.0, 4.0])], ids=str)
@pytest.mark.parametrize("edge_order", [1, 2])
def test_slopes_have_the_dtype_of_the_function(dtype, spacing, edge_order):
    f = np.array([1.0, 3.0, 2.0, 5.0], dtype)
    x = autograd.tensor(f, requires_grad=True)
    z = np.gradient(x, spacing, edge_order=edge_order)
    expected = np.gradient(f, spacing, edge_order=edge_order)
    np.testing.assert_allclose(z.numpy(force=True), expected, 2e-3, strict=True)
    z.sum().backward()
    assert x.grad.dtype == dtype


@pytest.mark.skipif(not hasattr(np, "trapezoid"), reason="has that name from NumPy 2.0 on")
@pytest.mark.parametrize("dtype", [np.uint8, np.bool_])
@pytest.mark.parametrize("shape", [(3,), (1, 3)])
def test_an_integral_over_places_that_cannot_be_negative_may_go_back(dtype, shape):
    y = autograd.tensor([1.0, 2.0, 4.0])
    places = autograd.tensor(np.array([0, 1, 0], dtype).reshape(shape))
    area = np.trapezoid(y.reshape(shape), places)
    assert area.item() == 1.5 - 3.0  # where NumPy's differences wrap
    assert area.dtype == np.float32
