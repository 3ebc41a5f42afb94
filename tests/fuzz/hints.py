"""What the functions like to get: by the name of the parameter, and for some by their own.

``PARAMETERS`` draws one argument from its name alone, which is enough for most functions.
``FUNCTIONS`` draws all arguments of those that agree on shapes among each other (products, indices,
decompositions); about one call in ten has one argument spoilt afterwards, whatever the function.
"""

import numpy as np

from tests.fuzz.values import DTYPES, FLOATS, Drawn, DType, Program

OMIT = object()

# ---------------------------------------------------------------- by the parameter's name


def any_dtype(draw):
    if draw.chance(0.5):
        return None
    return DType(draw.one(FLOATS[:2]) if draw.chance(0.6) else draw.one(DTYPES))


def split_sizes(draw):
    return draw.integer(1, 3) if draw.chance(0.6) else [draw.integer(0, 3) for _ in range(2)]


def sections(draw):
    if draw.chance(0.6):
        return draw.integer(1, 3)
    cuts = [draw.integer(-1, 4) for _ in range(draw.integer(1, 3))]
    return cuts if draw.chance(0.7) else tuple(sorted(cuts))


def tensors(draw):
    if draw.chance(0.03):
        return []
    shapes = [draw.shape for _ in range(draw.integer(1, 3))]
    if draw.chance(0.1):
        shapes.append(draw.any_shape(len(draw.shape)))
    dtypes = [draw.dtype if draw.chance(0.8) else draw.one(DTYPES) for _ in shapes]
    made = [draw.tensor(s, d) for s, d in zip(shapes, dtypes, strict=True)]
    return made if draw.chance(0.6) else tuple(made)


def quantile(draw):
    if draw.chance(0.6):
        return draw.one([0, 0.0, 0.25, 0.5, 1.0, 0.9])
    q = draw.random.random(draw.one([(), (1,), (3,)]))
    return Drawn(q.astype(draw.dtype if np.dtype(draw.dtype).kind == "f" else "float32"))


def pairs(draw):
    count = draw.integer(0, max(len(draw.shape), 1))
    return tuple(draw.integer(-1, 2) for _ in range(2 * count))


def permutation(draw):
    order = [int(d) for d in draw.random.permutation(len(draw.shape))]
    order = [d - len(order) if draw.chance(0.2) else d for d in order]
    return tuple(order) if draw.chance(0.6) else order


def reshaped(draw):
    size = int(np.prod(draw.shape))
    if draw.chance(0.1):
        return draw.size()
    sizes = []
    while size > 1 and draw.chance(0.7):
        divisors = [n for n in range(1, size + 1) if not size % n]
        sizes.append(draw.one(divisors))
        size //= sizes[-1]
    sizes = (*sizes, size)
    if draw.chance(0.3):
        at = draw.integer(0, len(sizes) - 1)
        sizes = (*sizes[:at], -1, *sizes[at + 1 :])
    return sizes


def expanded(draw):
    shape = tuple(3 if n == 1 and draw.chance(0.5) else n for n in draw.shape)
    shape = (*(draw.integer(1, 2) for _ in range(draw.integer(0, 1))), *shape)
    return tuple(-1 if draw.chance(0.1) else n for n in shape)


def shifts(draw):
    return draw.integer(-4, 7)


def mask(draw):
    return draw.tensor(draw.like(), "bool", grad=False)


def small(low, high):
    return lambda draw: draw.integer(low, high)


def option(*values):
    return lambda draw: draw.one(values)


def flag(draw):
    return draw.flag()


def first(draw):
    return draw.tensor()


def other(draw):
    return draw.operand()


def axis(draw):
    return draw.dim()


def axes(draw):
    return draw.dims()


def maybe_axis(draw):
    return None if draw.chance(0.3) else draw.dim()


PARAMETERS = {
    # tensors
    **dict.fromkeys(("x", "input", "A", "a", "m", "v", "ary", "arr", "array", "L", "self"), first),
    **dict.fromkeys(("x1", "prototype", "ar", "elements", "element", "data", "obj", "nd"), first),
    **dict.fromkeys(("y", "other", "end_", "weight", "tensor1", "tensor2", "b", "x2"), other),
    **dict.fromkeys(("test_elements", "a1", "a2", "values", "fill_value", "value"), other),
    "tensors": tensors,
    "arrays": tensors,
    "tup": tensors,
    "condition": mask,
    "mask": mask,
    "min": lambda draw: None if draw.chance(0.3) else draw.operand(),
    "max": lambda draw: None if draw.chance(0.3) else draw.operand(),
    "a_min": lambda draw: draw.number(),
    "a_max": lambda draw: draw.number(),
    # axes
    "dim": axis,
    "dims": axes,
    "axis": axis,
    **dict.fromkeys(("dim0", "dim1", "dim2", "axis1", "axis2", "start_dim", "end_dim"), axis),
    **dict.fromkeys(("source", "destination", "dimension"), axis),
    "axes": permutation,
    # options
    **dict.fromkeys(
        ("keepdim", "keepdims", "descending", "stable", "largest", "sorted", "as_tuple", "right"),
        flag,
    ),
    **dict.fromkeys(("equal_nan", "accumulate", "upper", "left", "unitriangular", "invert"), flag),
    **dict.fromkeys(("full_matrices", "hermitian", "include_self", "density", "out_int32"), flag),
    **dict.fromkeys(("return_inverse", "return_counts", "return_index", "replacement"), flag),
    **dict.fromkeys(
        ("assume_unique", "rowvar", "bias", "returned", "sparse", "requires_grad"), flag
    ),
    "unbiased": lambda draw: draw.one([None, True, False]),
    "correction": lambda draw: draw.one([0, 1, 1, 2, 0.5, None]),
    "ddof": small(0, 2),
    "dtype": any_dtype,
    "device": option(None, "cpu", "cpu"),
    "interpolation": option("linear", "lower", "higher", "midpoint", "nearest", "other"),
    "method": option("linear", "lower", "higher", "midpoint", "nearest", "hazen"),
    "rounding_mode": option(None, "floor", "trunc", "other"),
    "indexing": option("ij", "xy", "other"),
    "UPLO": option("L", "U", "l", "X"),
    "side": option(None, "left", "right", "middle"),
    "reduce": option("sum", "prod", "mean", "amax", "amin", "other"),
    # numbers
    **dict.fromkeys(("rtol", "atol"), option(1e-5, 0.1, 0.0, 0, 1e-8, -1.0)),
    **dict.fromkeys(("alpha", "beta"), option(1, 2, 0.5, -1, 0, 1.0)),
    **dict.fromkeys(("nan", "posinf", "neginf"), option(None, 0.0, 1, 2.5, -1.0)),
    "eps": option(None, 1e-6, 0.1, 0.0, -1.0),
    "p": option(0.5, 1, 2, 0, float("inf"), 3.0),
    "ord": option(None, 2, 1, 0, float("inf"), -float("inf"), 3, -1, 0.5, "fro", "nuc"),
    **dict.fromkeys(("offset", "diagonal", "k"), small(-3, 3)),
    "decimals": small(-2, 3),
    "chunks": small(0, 4),
    "repeats": small(0, 3),
    **dict.fromkeys(("shifts", "shift"), shifts),
    **dict.fromkeys(("n", "m", "row", "col", "minlength", "bins", "steps"), small(-1, 5)),
    "num_samples": small(0, 4),
    "q": quantile,
    "num_classes": option(-1, 6, 8, 3),
    **dict.fromkeys(("start", "end", "step", "base", "low", "high"), lambda draw: draw.number()),
    **dict.fromkeys(
        ("mean", "std"), lambda draw: draw.number() if draw.chance(0.5) else first(draw)
    ),
    "ind": small(0, 2),
    # shapes
    "size": lambda draw: draw.size(),
    "shape": reshaped,
    "reps": lambda draw: draw.size(),
    "sizes": reshaped,
    "indices_or_sections": sections,
    "sections": small(0, 4),
    "indices": sections,
    "split_size_or_sections": split_sizes,
    "memory_format": option(None),
    "non_blocking": flag,
    "copy": flag,
    "generator": option(None),
    "pad": pairs,
}

# ---------------------------------------------------------------- by the function's name

FUNCTIONS = {}


def of(*names):
    def register(function):
        for name in names:
            FUNCTIONS[name] = function
        return function

    return register


def batch(draw):
    return () if draw.chance(0.6) else draw.any_shape(draw.integer(1, 2))


def square(draw, positive=False, n=None, lead=None):
    """Return a square matrix (or several), seldom a singular one."""
    n = draw.integer(0 if draw.chance(0.1) else 1, 4) if n is None else n
    shape = (*(batch(draw) if lead is None else lead), n, n)
    values = draw.random.standard_normal(shape)
    if positive:
        values = values @ np.swapaxes(values, -1, -2)
    values = values + (2 + n) * np.eye(n)
    if draw.chance(0.06):
        values[..., :1, :] = 0.0
    if draw.chance(0.05):
        values[..., -1:] = draw.one([np.nan, np.inf, 1e200])
    return draw.tensor(shape, float_dtype(draw), lambda _: values)


def float_dtype(draw):
    if draw.chance(0.06):
        return draw.one(DTYPES)
    return draw.one(FLOATS[:2])


@of("mm")
def mm(draw):
    n, k, m = (draw.one((0, 1, 2, 3)) for _ in range(3))
    return [draw.tensor((n, k)), draw.tensor((k, m))], {}


@of("matmul", "__matmul__", "__rmatmul__", "np.matmul", "np.linalg.matmul", "np.dot")
def matmul(draw):
    n, k, m = (draw.one((1, 2, 3)) for _ in range(3))
    left, right = (k,) if draw.chance(0.3) else (n, k), (k,) if draw.chance(0.3) else (k, m)
    lead = batch(draw)
    left = (*lead, *left) if draw.chance(0.8) and len(left) > 1 else left
    right = (*lead, *right) if draw.chance(0.6) and len(right) > 1 else right
    return [draw.tensor(left), draw.tensor(right)], {}


@of("bmm")
def bmm(draw):
    b, n, k, m = (draw.one((0, 1, 2, 3)) for _ in range(4))
    return [draw.tensor((b, n, k)), draw.tensor((b, k, m))], {}


@of("mv")
def mv(draw):
    n, k = draw.integer(0, 3), draw.integer(0, 3)
    return [draw.tensor((n, k)), draw.tensor((k,))], {}


@of("dot", "vdot", "np.vdot")
def dot(draw):
    n = draw.integer(0, 4)
    return [draw.tensor((n,)), draw.tensor((n,))], {}


@of("outer", "ger", "np.outer", "np.linalg.outer")
def outer(draw):
    return [draw.tensor((draw.integer(0, 3),)), draw.tensor((draw.integer(0, 3),))], {}


@of("inner", "np.inner")
def inner(draw):
    k = draw.integer(1, 3)
    return [draw.tensor((*batch(draw), k)), draw.tensor((*batch(draw), k))], {}


def scaled(draw):
    named = {}
    for name in ("alpha", "beta"):
        if draw.chance(0.4):
            named[name] = draw.one([1, 2, 0.5, -1, 0])
    return named


@of("addmm")
def addmm(draw):
    n, k, m = (draw.one((0, 1, 2, 3)) for _ in range(3))
    bias = draw.like((n, m))
    return [draw.tensor(bias), draw.tensor((n, k)), draw.tensor((k, m))], scaled(draw)


@of("addmv")
def addmv(draw):
    n, k = draw.integer(0, 3), draw.integer(0, 3)
    return [draw.tensor(draw.like((n,))), draw.tensor((n, k)), draw.tensor((k,))], scaled(draw)


@of("addr")
def addr(draw):
    n, k = draw.integer(0, 3), draw.integer(0, 3)
    return [draw.tensor(draw.like((n, k))), draw.tensor((n,)), draw.tensor((k,))], scaled(draw)


@of("addbmm", "baddbmm")
def baddbmm(draw):
    b, n, k, m = (draw.one((0, 1, 2, 3)) for _ in range(4))
    bias = draw.like((n, m))
    return [draw.tensor(bias), draw.tensor((b, n, k)), draw.tensor((b, k, m))], scaled(draw)


@of("einsum", "np.einsum")
def einsum(draw):
    sizes = dict(zip("ijk", (draw.integer(1, 3) for _ in range(3)), strict=True))
    equations = [
        "ij,jk->ik", "ij,jk", "ii->i", "ii", "ij->ji", "i,j->ij", "ij,ij->", "...i,...i->...",
        "ij,kj->ik", "ij->", "ijk,ik->j", "i,i,i->i", "ij,jk,ki->", "...ij->...ji", "ji",
        " i j , j -> i", "ij,", "i->ii", "i-j", "ij->k", "I,I->",
    ]  # fmt: skip
    equation = draw.one(equations)
    operands = []
    for term in equation.split("->")[0].replace(" ", "").lower().split(","):
        lead = draw.like((2, 3)) if "..." in term else ()
        shape = (*lead, *(sizes.get(letter, 2) for letter in term.replace("...", "")))
        operands.append(draw.tensor(shape))
    if draw.chance(0.1) and operands:
        return [equation, operands], {}
    return [equation, *operands], {}


@of("tensordot", "np.tensordot")
def tensordot(draw):
    i, j, k, m = (draw.integer(1, 3) for _ in range(4))
    return draw.one(
        [
            ([draw.tensor((i, j, k)), draw.tensor((j, k, m)), 2], {}),
            ([draw.tensor((i, j)), draw.tensor((j, m)), 1], {}),
            ([draw.tensor((i, j)), draw.tensor((m, k)), 0], {}),
            ([draw.tensor((i, j, k)), draw.tensor((k, m)), ([2], [0])], {}),
            ([draw.tensor((i, j, k)), draw.tensor((k, m)), [[-1], [0]]], {}),
            ([draw.tensor((i, j)), draw.tensor((j, m)), draw.integer(-1, 3)], {}),
        ]
    )


@of("kron", "np.kron")
def kron(draw):
    return [draw.tensor(draw.any_shape(draw.integer(0, 3))) for _ in range(2)], {}


@of("cross", "linalg.cross", "np.cross", "np.linalg.cross")
def cross(draw):
    shape = list(draw.any_shape(draw.integer(1, 3)))
    at = draw.integer(0, len(shape) - 1)
    shape[at] = 3
    named = {} if draw.chance(0.3) else {"dim": at if draw.chance(0.5) else at - len(shape)}
    return [draw.tensor(shape), draw.tensor(shape if draw.chance(0.8) else draw.like(shape))], named


@of("cdist")
def cdist(draw):
    m, p, r = draw.integer(0, 3), draw.integer(0, 3), draw.integer(1, 3)
    lead = batch(draw)
    named = {} if draw.chance(0.4) else {"p": draw.one([0.0, 1.0, 2.0, 3.0, 0.5, float("inf")])}
    dtype = float_dtype(draw)
    return [draw.tensor((*lead, m, r), dtype), draw.tensor((*lead, p, r), dtype)], named


@of("cov", "corrcoef")
def cov(draw):
    return [draw.tensor((draw.integer(1, 3), draw.integer(2, 5)), float_dtype(draw))], {}


@of("det", "slogdet", "logdet", "inverse", "inv", "np.linalg.det", "np.linalg.slogdet",
    "np.linalg.inv", "trace", "np.linalg.trace")  # fmt: skip
def of_square(draw):
    return [square(draw)], {}


@of("matrix_power", "np.linalg.matrix_power")
def matrix_power(draw):
    return [square(draw), draw.integer(-2, 4)], {}


@of("cholesky", "np.linalg.cholesky")
def cholesky(draw):
    return [square(draw, positive=True)], {"upper": draw.flag()} if draw.chance(0.4) else {}


def factor(draw, n=None, lead=None):
    """Return a triangular matrix and the options that say which."""
    a = square(draw, positive=True, n=n, lead=lead)
    upper = draw.chance(0.4)
    values = np.triu(a.values) if upper else np.tril(a.values)
    return Drawn(values, grad=a.grad), {"upper": upper} if upper or draw.chance(0.3) else {}


@of("cholesky_inverse")
def cholesky_inverse(draw):
    a, named = factor(draw)
    return [a], named


@of("eigh", "eigvalsh", "np.linalg.eigh", "np.linalg.eigvalsh")
def eigh(draw):
    return [square(draw, positive=True)], {"UPLO": draw.one("LU")} if draw.chance(0.3) else {}


@of("qr", "np.linalg.qr")
def qr(draw):
    a = draw.tensor((*batch(draw), draw.integer(1, 4), draw.integer(1, 4)), float_dtype(draw))
    return [a], {"mode": draw.one(["reduced", "complete", "r", "q"])} if draw.chance(0.4) else {}


@of("svd", "svdvals", "matrix_rank", "pinv", "pinverse", "cond", "np.linalg.svd",
    "np.linalg.svdvals", "np.linalg.pinv", "np.linalg.matrix_rank", "np.linalg.cond")  # fmt: skip
def of_matrix(draw):
    shape = (*batch(draw), draw.integer(1, 4), draw.integer(1, 4))
    return [draw.tensor(shape, float_dtype(draw))], {}


@of("lstsq", "np.linalg.lstsq")
def lstsq(draw):
    m, n, k = draw.integer(1, 4), draw.integer(1, 3), draw.integer(1, 3)
    lead, dtype = batch(draw), float_dtype(draw)
    return [draw.tensor((*lead, m, n), dtype), draw.tensor((*lead, m, k), dtype)], {}


@of("solve", "np.linalg.solve")
def solve(draw):
    n, lead = draw.integer(0 if draw.chance(0.1) else 1, 4), batch(draw)
    a = square(draw, n=n, lead=lead)
    shape = (*lead, n) if draw.chance(0.3) else (*lead, n, draw.integer(0, 3))
    named = {} if draw.chance(0.8) else {"left": draw.flag()}
    return [a, draw.tensor(shape, a.dtype)], named


@of("solve_triangular")
def solve_triangular(draw):
    n, lead = draw.integer(1, 4), batch(draw)
    a = square(draw, n=n, lead=lead)
    named = {"upper": draw.flag()}
    if draw.chance(0.3):
        named |= {"left": draw.flag(), "unitriangular": draw.flag()}
    return [a, draw.tensor((*lead, n, draw.integer(0, 3)), a.dtype)], named


@of("cholesky_solve")
def cholesky_solve(draw):
    n = draw.integer(1, 3)
    a, named = factor(draw, n, ())
    return [draw.tensor((n, 2), a.dtype), a], named


@of("multi_dot", "np.linalg.multi_dot")
def multi_dot(draw):
    sizes = [draw.integer(1, 3) for _ in range(draw.integer(2, 5))]
    chain = [draw.tensor(pair) for pair in zip(sizes, sizes[1:], strict=False)]
    return [chain], {}


@of("tensorinv", "np.linalg.tensorinv")
def tensorinv(draw):
    a = square(draw, n=4, lead=())
    a = Drawn(a.values.reshape(2, 2, 4), grad=a.grad)
    return [a if draw.chance(0.7) else Drawn(a.values.reshape(4, 2, 2), grad=a.grad)], {
        "ind": draw.one([2, 2, 1, 0])
    }


@of("tensorsolve", "np.linalg.tensorsolve")
def tensorsolve(draw):
    a = square(draw, n=4, lead=())
    a = Drawn(a.values.reshape(2, 2, 4), grad=a.grad)
    return [a, draw.tensor((2, 2), a.dtype)], {}


@of("vecdot", "np.vecdot", "np.linalg.vecdot")
def vecdot(draw):
    shape = (*batch(draw), draw.integer(0, 3))
    return [draw.tensor(shape), draw.tensor(shape if draw.chance(0.7) else draw.like(shape))], {}


@of("gather", "np.take_along_axis")
def gather(draw):
    at = draw.dim()
    ndim = len(draw.shape)
    n = draw.shape[at] if ndim and -ndim <= at < ndim else 1
    shape = [draw.integer(0, size) for size in draw.shape]
    index = draw.integers(shape, 0 if draw.chance(0.95) else -2, n + draw.chance(0.05))
    return [draw.tensor(), at, index], {}


@of("take_along_dim")
def take_along_dim(draw):
    args, _ = gather(draw)
    x, at, index = args
    return draw.one([([x, index, at], {}), ([x, index], {"dim": at}), ([x, index], {})])


@of("scatter", "scatter_add", "scatter_reduce")
def scatter(draw, name):
    args, _ = gather(draw)
    x, at, index = args
    source = draw.tensor([n + draw.chance(0.1) for n in index.shape])
    if name.startswith("scatter_reduce"):
        reduce = draw.one(["sum", "prod", "mean", "amax", "amin"])
        named = {"include_self": draw.flag()} if draw.chance(0.4) else {}
        return [x, at, index, source, reduce], named
    if name.startswith("scatter_add"):
        return [x, at, index, source], {}
    if draw.chance(0.3):
        return [x, at, index, draw.one([1.5, 2, 0, -1.0])], {}
    named = {"reduce": draw.one(["add", "multiply", "sum"])} if draw.chance(0.1) else {}
    return [x, at, index, source], named


@of("index_select", "np.take")
def index_select(draw):
    at = draw.dim()
    ndim = len(draw.shape)
    n = draw.shape[at] if ndim and -ndim <= at < ndim else 1
    return [draw.tensor(), at, draw.integers((draw.integer(0, 4),), 0, n + draw.chance(0.05))], {}


@of("index_add", "index_copy", "index_fill")
def index_add(draw, name):
    (x, at, index), _ = index_select(draw)
    if name.startswith("index_fill"):
        return [x, at, index, draw.number() if draw.chance(0.7) else draw.tensor(())], {}
    shape = list(draw.shape)
    if shape and -len(shape) <= at < len(shape):
        shape[at] = index.shape[0]
    named = {"alpha": draw.one([1, 2, 0.5])} if name.startswith("index_add") else {}
    return [x, at, index, draw.tensor(shape)], named if draw.chance(0.4) else {}


@of("index_put")
def index_put(draw):
    count = draw.integer(1, max(len(draw.shape), 1))
    indices = [draw.integers((3,), 0, n) for n in draw.shape[:count]]
    values = draw.tensor(draw.like((3, *draw.shape[count:])))
    if draw.chance(0.2):
        indices, values = [draw.tensor(draw.shape, "bool", grad=False)], draw.tensor(())
    return [draw.tensor(), tuple(indices), values], (
        {"accumulate": draw.flag()} if draw.chance(0.5) else {}
    )


@of("take", "put")
def take(draw, name):
    size = int(np.prod(draw.shape))
    index = draw.integers(draw.any_shape(draw.integer(0, 2)), -size, size + draw.chance(0.05))
    if name.startswith("put"):
        named = {"accumulate": draw.flag()} if draw.chance(0.5) else {}
        return [draw.tensor(), index, draw.tensor(index.shape)], named
    return [draw.tensor(), index], {}


@of("masked_fill")
def masked_fill(draw):
    return [draw.tensor(), mask(draw), draw.number() if draw.chance(0.7) else draw.tensor(())], {}


@of("masked_scatter")
def masked_scatter(draw):
    return [draw.tensor(), mask(draw), draw.tensor((draw.integer(3, 100),))], {}


@of("narrow")
def narrow(draw):
    at = draw.dim()
    ndim = len(draw.shape)
    n = draw.shape[at] if ndim and -ndim <= at < ndim else 1
    start = draw.integer(-n, n)
    return [draw.tensor(), at, start, draw.integer(0, max(n - start % max(n, 1), 0))], {}


@of("select")
def select(draw):
    at = draw.dim()
    ndim = len(draw.shape)
    n = draw.shape[at] if ndim and -ndim <= at < ndim else 1
    return [draw.tensor(), at, draw.integer(-n, n - 1 + draw.chance(0.1))], {}


@of("kthvalue", "topk")
def kthvalue(draw, name):
    at = draw.dim()
    ndim = len(draw.shape)
    n = draw.shape[at] if ndim and -ndim <= at < ndim else 1
    named = {} if draw.chance(0.5) else {"largest" if name == "topk" else "keepdim": draw.flag()}
    return [draw.tensor(), draw.integer(name == "kthvalue", n + draw.chance(0.1)), at], named


@of("unfold")
def unfold(draw):
    return [
        draw.tensor(),
        draw.dim(),
        draw.integer(0, 3),
        draw.integer(1 - draw.chance(0.1), 3),
    ], {}


@of("unflatten")
def unflatten(draw):
    at = draw.dim()
    ndim = len(draw.shape)
    n = draw.shape[at] if ndim and -ndim <= at < ndim else 1
    return [draw.tensor(), at, draw.one([(n, 1), (-1, 1), (1, n, 1), [n], (2, -1)])], {}


@of("permute", "np.transpose")
def permute(draw):
    return [draw.tensor(), permutation(draw)], {}


@of("expand", "broadcast_to", "np.broadcast_to")
def expand(draw):
    return [draw.tensor(), expanded(draw)], {}


@of("view_as", "reshape_as", "expand_as", "type_as")
def shaped_as(draw, name):
    shape = draw.shape if name == "type_as" else tuple(abs(n) for n in reshaped(draw))
    if name == "expand_as":
        shape = tuple(abs(n) for n in expanded(draw))
    return [draw.tensor(), draw.tensor(shape)], {}


@of("flip", "np.flip")
def flip(draw):
    dims = draw.dims()
    return [draw.tensor(), tuple(range(len(draw.shape))) if dims is None else dims], {}


@of("roll", "np.roll")
def roll(draw):
    if draw.chance(0.4):
        return [draw.tensor(), shifts(draw)], {}
    if draw.chance(0.6):
        return [draw.tensor(), shifts(draw), draw.dim()], {}
    return [draw.tensor(), (shifts(draw), shifts(draw)), (draw.dim(), draw.dim())], {}


@of("rot90", "np.rot90")
def rot90(draw):
    return [draw.tensor(draw.any_shape(draw.integer(2, 3))), draw.integer(-3, 5)], {}


@of("movedim", "moveaxis", "np.moveaxis")
def movedim(draw):
    if draw.chance(0.6):
        return [draw.tensor(), draw.dim(), draw.dim()], {}
    count = draw.integer(0, len(draw.shape))
    return [draw.tensor(), permutation(draw)[:count], permutation(draw)[:count]], {}


@of("repeat", "tile", "np.tile")
def repeat(draw):
    lead = draw.integer(0, 1)
    repeats = tuple(draw.integer(0, 2) for _ in range(len(draw.shape) + lead))
    return [draw.tensor(), repeats], {}


@of("repeat_interleave", "np.repeat")
def repeat_interleave(draw):
    if draw.chance(0.5):
        return [draw.tensor(), draw.integer(0, 3)], {} if draw.chance(0.3) else {"dim": draw.dim()}
    at = draw.dim()
    ndim = len(draw.shape)
    n = draw.shape[at] if ndim and -ndim <= at < ndim else 1
    return [draw.tensor(), draw.integers((n,), 0, 3)], {"dim": at}


@of("pad")
def pad(draw):
    named = {"mode": draw.one(["constant", "reflect", "replicate", "circular", "other"])}
    if draw.chance(0.5):
        named = {"value": draw.one([0.0, 1.5, None, 2])} if draw.chance(0.6) else {}
    return [draw.tensor(), pairs(draw)], named


@of("np.pad")
def np_pad(draw):
    width = draw.one([1, 0, (1, 2), ((1, 0),), tuple((1, 2) for _ in draw.shape)])
    return [draw.tensor(), width], {"mode": draw.one(["constant", "constant", "reflect", "edge"])}


@of("meshgrid", "np.meshgrid")
def meshgrid(draw):
    made = [draw.tensor((draw.integer(0, 3),)) for _ in range(draw.integer(1, 3))]
    return made, {"indexing": draw.one(["ij", "xy"])} if draw.chance(0.5) else {}


@of("atleast_1d", "atleast_2d", "atleast_3d", "block_diag", "broadcast_tensors",
    "np.atleast_1d", "np.atleast_2d", "np.atleast_3d", "np.broadcast_arrays")  # fmt: skip
def several(draw, name):
    shapes = [draw.like() for _ in range(draw.integer(1, 3))]
    if name == "block_diag":
        shapes = [draw.any_shape(draw.integer(0, 2)) for _ in shapes]
    return [draw.tensor(shape) for shape in shapes], {}


@of("broadcast_shapes")
def broadcast_shapes(draw):
    return [draw.like() for _ in range(draw.integer(0, 3))], {}


@of("diag", "diagflat", "np.diag", "np.diagflat", "tril", "triu")
def diag(draw, name):
    ndim = draw.integer(2, 3) if name in ("tril", "triu") else draw.integer(1, 2)
    return [draw.tensor(draw.any_shape(ndim))], {} if draw.chance(0.4) else {
        (
            "k" if name[:3] == "np." else "offset" if name == "diagflat" else "diagonal"
        ): draw.integer(-3, 3)
    }


@of("one_hot")
def one_hot(draw):
    named = {"num_classes": draw.one([-1, 5, 6, 2])} if draw.chance(0.6) else {}
    return [draw.integers(draw.shape, 0 if draw.chance(0.9) else -1, 5)], named


@of("bincount", "np.bincount")
def bincount(draw):
    n = draw.integer(0, 5)
    named = {} if draw.chance(0.6) else {"minlength": draw.integer(0, 8)}
    if draw.chance(0.4):
        named["weights"] = draw.tensor((n,), grad=False)
    return [draw.integers((n,), 0 if draw.chance(0.9) else -1, 6)], named


@of("histc")
def histc(draw):
    named = {"bins": draw.integer(1 - draw.chance(0.1), 6)}
    if draw.chance(0.5):
        named |= {"min": draw.one([0, -1.0, 2]), "max": draw.one([0, 1.0, 5])}
    return [draw.tensor(dtype=float_dtype(draw), grad=False)], named


@of("histogram", "np.histogram")
def histogram(draw, name):
    if name == "histogram" and draw.chance(0.3):
        return [draw.tensor(grad=False), Drawn(np.arange(4.0).astype(draw.dtype))], {}
    named = {"range": (-1.0, 2.0)} if draw.chance(0.5) else {}
    return [draw.tensor(grad=False, dtype=float_dtype(draw)), draw.integer(1, 5)], named


@of("searchsorted", "np.searchsorted")
def searchsorted(draw):
    n = draw.integer(0, 5)
    line = np.sort(draw.values((n,), draw.dtype))
    named = {"right": draw.flag()} if draw.chance(0.4) else {}
    return [Drawn(line), draw.tensor(grad=False) if draw.chance(0.8) else draw.number()], named


@of("bucketize", "np.digitize")
def bucketize(draw):
    args, named = searchsorted(draw)
    return args[::-1], named


@of("multinomial")
def multinomial(draw):
    n = draw.integer(1, 5)
    weights = np.abs(draw.values((n,), "float32")) + 0.1
    return [Drawn(weights.astype("float32")), draw.integer(1, n), draw.flag()], {}


@of("bernoulli", "poisson")
def bernoulli(draw):
    return [draw.tensor(domain=lambda shape: draw.random.random(shape), dtype="float32")], {}


@of("autograd.polygamma", "special.polygamma")
def polygamma(draw):
    return [draw.integer(-1, 3), draw.tensor()], {}


@of("method.polygamma", "in_place.polygamma_")
def polygamma_of(draw):
    return polygamma(draw)[0][::-1], {}


def of_integers(draw):
    dtype = draw.one(DTYPES[3:8])
    return [draw.tensor(dtype=dtype), draw.tensor(draw.like(), draw.one([dtype, "int64"]))], {}


FUNCTIONS |= dict.fromkeys(("gcd", "lcm", "np.gcd", "np.lcm"), of_integers)


@of("ldexp", "np.ldexp")
def ldexp(draw):
    return [draw.tensor(), draw.integers(draw.like(), -5, 6)], {}


@of("heaviside", "nextafter", "dist")
def of_one_dtype(draw, name):
    dtype = float_dtype(draw)
    named = {"p": draw.one([0, 1, 2, 3.0, float("inf")])} if name == "dist" else {}
    return [draw.tensor(dtype=dtype), draw.tensor(draw.like(), dtype)], named


@of("diff", "np.diff")
def diff(draw, name):
    named = {"n": draw.integer(0, 3)} if draw.chance(0.5) else {}
    if draw.chance(0.5):
        named["axis" if name == "np.diff" else "dim"] = draw.dim()
    if draw.chance(0.3):
        named[draw.one(["prepend", "append"])] = draw.tensor()
    return [draw.tensor()], named


@of("trapezoid", "trapz", "cumulative_trapezoid", "np.trapezoid")
def trapezoid(draw, name):
    ndim = len(draw.shape)
    at = draw.dim()
    named = {"axis" if name == "np.trapezoid" else "dim": at} if draw.chance(0.6) else {}
    if draw.chance(0.3):
        return [draw.tensor()], named | {"dx": draw.one([1, 0.5, 2])}
    n = draw.shape[(at if named else -1) % ndim] if ndim else 1
    return [draw.tensor(), draw.tensor((n,) if draw.chance(0.6) else None)], named


@of("np.gradient")
def np_gradient(draw):
    named = {"edge_order": draw.integer(1, 2)} if draw.chance(0.4) else {}
    shape = tuple(n + 2 for n in draw.shape) if draw.chance(0.9) else draw.shape
    if not shape or draw.chance(0.5):
        return [draw.tensor(shape)], named
    at = draw.integer(0, len(shape) - 1)
    places = np.cumsum(draw.random.uniform(0.5, 2, shape[at]))
    spacing = draw.one([0.5, Drawn(places)])
    return [draw.tensor(shape), spacing], named | {"axis": at}


@of("np.interp")
def np_interp(draw):
    n = draw.integer(1, 5)
    places = Drawn(np.cumsum(draw.random.uniform(0.5, 2, n)))
    named = {draw.one(["left", "right"]): draw.number()} if draw.chance(0.3) else {}
    return [draw.tensor(), places, draw.tensor((n,), "float64")], named


@of("cartesian_prod")
def cartesian_prod(draw):
    return [draw.tensor((draw.integer(0, 3),)) for _ in range(draw.integer(1, 3))], {}


@of("combinations")
def combinations(draw):
    named = {"with_replacement": draw.flag()} if draw.chance(0.4) else {}
    return [draw.tensor((draw.integer(0, 5),))], named | {"r": draw.integer(-1, 4)}


@of("vander", "np.vander", "linalg.vander")
def vander(draw, name):
    shape = (draw.integer(1, 4),)
    named = {"N": draw.integer(0, 5)} if draw.chance(0.5) else {}
    if name == "linalg.vander":
        return [draw.tensor((*batch(draw), *shape))], named
    return [draw.tensor(shape)], named | ({"increasing": draw.flag()} if draw.chance(0.4) else {})


@of("matrix_exp")
def matrix_exp(draw):
    return [square(draw)], {}


@of("pdist")
def pdist(draw):
    named = {} if draw.chance(0.4) else {"p": draw.one([0.0, 1.0, 2.0, 3.0, 0.5, float("inf")])}
    # PyTorch's derivative of no pairs at all ends the process.
    return [draw.tensor((draw.integer(2, 4), draw.integer(1, 3)), draw.one(FLOATS[:2]))], named


@of("renorm")
def renorm(draw):
    x = draw.tensor(draw.any_shape(draw.integer(2, 3)), float_dtype(draw))
    return [x, draw.one([1, 2, 0.5, 3.0]), draw.integer(-2, 1), draw.one([0, 0.5, 1, 2.0])], {}


@of("select_scatter", "slice_scatter", "diagonal_scatter")
def scatter_into_a_view(draw, name):
    shape = draw.any_shape(draw.integer(2, 3))
    at = draw.integer(0, len(shape) - 1)
    x = draw.tensor(shape)
    if name.startswith("select"):
        return [x, draw.tensor((*shape[:at], *shape[at + 1 :])), at, draw.integer(-1, 1)], {}
    if name.startswith("slice"):
        ends = draw.integer(-2, 2), draw.one([None, 1, 3]), draw.integer(1, 2)
        n = len(range(shape[at])[slice(*ends)])
        return [x, draw.tensor((*shape[:at], n, *shape[at + 1 :])), at, *ends], {}
    offset = draw.integer(-1, 1)
    n = np.diagonal(np.empty(shape), offset).shape
    return [x, draw.tensor(n), offset], {}


@of("unravel_index", "np.unravel_index")
def unravel_index(draw):
    size = int(np.prod(draw.shape))
    return [draw.integers(draw.any_shape(draw.integer(0, 2)), 0, max(size, 1)), draw.shape], {}


@of("sum_to_size")
def sum_to_size(draw):
    return [draw.tensor(), draw.like()], {}


@of("split_with_sizes")
def split_with_sizes(draw):
    at = draw.dim()
    ndim = len(draw.shape)
    n = draw.shape[at] if -ndim <= at < ndim else 1
    first = draw.integer(0, n)
    return [draw.tensor(), [first, n - first], at], {}


@of("where")
def where(draw):
    if draw.chance(0.1):
        return [mask(draw)], {}
    return [mask(draw), draw.operand(), draw.operand()], {}


@of("np.where")
def np_where(draw):
    return [mask(draw), draw.tensor(), draw.operand()], {}


@of("lerp")
def lerp(draw):
    return [draw.tensor(), draw.tensor(draw.like()), draw.operand()], {}


@of("addcmul", "addcdiv")
def addcmul(draw):
    named = {"value": draw.one([1, 2, 0.5, -1])} if draw.chance(0.5) else {}
    return [draw.tensor(), draw.tensor(draw.like()), draw.tensor(draw.like())], named


@of("tensor", "as_tensor", "asarray", "new_tensor")
def tensor(draw, name):
    data = draw.one([1.5, 2, True, [1, 2], [1.0, 2], [[1.0], [2.0]], [], [[]], (1, 2.5), [True, 2]])
    if draw.chance(0.4):
        data = draw.tensor(grad=False)
    named = {"dtype": any_dtype(draw)} if draw.chance(0.5) else {}
    return [draw.tensor(), data] if name == "new_tensor" else [data], named


@of("arange")
def arange(draw):
    numbers = [draw.one([0, 1, 5, 2.5, -3, 0.5, -1]) for _ in range(draw.integer(1, 3))]
    return numbers, {"dtype": any_dtype(draw)} if draw.chance(0.4) else {}


@of("linspace", "logspace")
def linspace(draw):
    ends = [draw.one([0, 1, 5, 2.5, -3, 0.5, -1]) for _ in range(2)]
    return [*ends, draw.integer(0, 7)], {"dtype": any_dtype(draw)} if draw.chance(0.4) else {}


@of("randint")
def randint(draw):
    return [draw.integer(-3, 2), draw.integer(2, 6), draw.size()], {}


@of("randint_like")
def randint_like(draw):
    return [draw.tensor(), draw.integer(-3, 2), draw.integer(2, 6)], {}


@of("can_cast", "promote_types")
def two_dtypes(draw):
    return [DType(draw.one(DTYPES)), DType(draw.one(DTYPES))], {}


@of("to", "type", "astype")
def to(draw, name):
    target = DType(draw.one(DTYPES))
    if name == "to" and draw.chance(0.3):
        target = draw.one(["cpu", draw.tensor(())])
    return [draw.tensor(), target], {"copy": draw.flag()} if name == "to" and draw.chance(
        0.3
    ) else {}


@of("np.split", "np.array_split", "np.hsplit", "np.vsplit", "np.dsplit")
def np_split(draw):
    return [draw.tensor(), sections(draw)], {}


@of("np.append")
def np_append(draw):
    return [draw.tensor(), draw.tensor()], {} if draw.chance(0.5) else {"axis": draw.dim()}


@of("np.compress", "np.extract")
def np_compress(draw):
    return [draw.tensor((4,), "bool", grad=False), draw.tensor((4,))], {}


@of("np.choose")
def np_choose(draw):
    return [draw.integers(draw.shape, 0, 2), [draw.tensor(), draw.tensor()]], {}


@of("solve_", "from_numpy", "from_dlpack")
def from_numpy(draw):
    drawn = draw.tensor(grad=False)
    drawn.array = True
    return [drawn], {}


# ---------------------------------------------------------------- functions of functions

ONE = [
    "x: (x * x).sum()",
    "x: x.exp().sum()",
    "x: x * 2.0",
    "x: x",
    "x: x.sin() + x.sum()",
    "x: x.reshape(-1)",
    "x: (x ** 3).mean()",
    "x: x.relu().sum()",
    "x: 1.0",
    "x: x.detach()",
    "x: x.nothing()",
    "x: (x.exp(), x.sum())",
]
TWO = ["x, y: (x * y).sum()", "x, y: x * y", "x, y: x.sum() * y.sin()", "x, y: x.sum()"]


@of("functional.grad", "functional.grad_and_value", "functional.value_and_grad",
    "functional.jacrev", "functional.jacfwd")  # fmt: skip
def transform(draw):
    """Return the program, its options, and what the function that comes back is called with."""
    named = {"argnums": draw.one([0, 0, (0,), 1, -1, (0, 1), 5, "a"])} if draw.chance(0.3) else {}
    if draw.chance(0.6):
        return [Program(draw.one(ONE)), draw.tensor(dtype=float_dtype(draw), grad=False)], named
    x, y = (draw.tensor(dtype=float_dtype(draw), grad=False) for _ in range(2))
    return [Program(draw.one(TWO)), x, y], named


@of("functional.jacobian", "functional.hessian", "functional.hvp", "functional.vjp",
    "functional.jvp")  # fmt: skip
def of_function(draw, name):
    two = draw.chance(0.35)
    count = 2 if two else 1
    given = tuple(draw.tensor(dtype=float_dtype(draw), grad=False) for _ in range(count))
    program = Program(draw.one(TWO if two else ONE))
    tangents = tuple(draw.tensor(t.shape, t.dtype, grad=False) for t in given)
    if name.endswith("vjp"):
        return [program, *given], {}
    if name.endswith("jvp"):
        return [program, given, tangents], {}
    if not two and draw.chance(0.7):
        given, tangents = given[0], tangents[0]
    return [program, given, *([tangents] if name.endswith("hvp") and draw.chance(0.9) else [])], {}
