"""Differences from PyTorch (or NumPy) that are meant, each with its reason.

An entry is (functions, kinds, what the detail contains, reason), of which the first three are
regular expressions, and perhaps a fifth, which looks at the call: whether the cause is there that
the reason speaks of.
"""

import re

import numpy as np

from tests.fuzz.values import Drawn

# ---------------------------------------------------------------- what the calls hold


def drawn_in(call):
    """Return every tensor among a call's arguments."""

    def walk(value):
        if isinstance(value, Drawn):
            yield value
        elif isinstance(value, (list, tuple)):
            for part in value:
                yield from walk(part)

    return [d for value in [*call.args, *call.kwargs.values()] for d in walk(value)]


def extreme(call):
    """Tell whether a float is nan or inf, or so large or small that its powers may be."""
    sizes = [np.abs(d.values) for d in drawn_in(call) if d.dtype.kind == "f" and d.values.size]
    sizes += [np.abs(v) for v in call.args if isinstance(v, float)]
    return any(
        (~((size == 0) | ((size > 1e-30) & (size < 1e30)))).any() for size in map(np.asarray, sizes)
    )


def not_finite(call):
    """Tell whether the first tensor, the matrix, holds nan or inf."""
    return not np.isfinite(drawn_in(call)[0].values.astype(np.float64)).all()


def empty(call):
    return any(not d.values.size for d in drawn_in(call))


def whole(call):
    """Tell whether an operand is of integers or truths."""
    return any(d.dtype.kind in "biu" for d in drawn_in(call))


def ties(call):
    """Tell whether the first tensor holds equal elements (or nans, which are none and alike)."""
    x = drawn_in(call)[0].values.astype(np.float64)
    return np.unique(x).size < x.size or np.isnan(x).any()


def singular(call):
    """Tell whether a matrix has no inverse, or is hardly telling, or holds nan or inf."""
    if extreme(call):
        return True
    for x in drawn_in(call):
        a = x.values.astype(np.float64)
        if a.ndim >= 2 and a.size:
            s = np.linalg.svd(a, compute_uv=False)
            if (s[..., -1] <= 1e-5 * s[..., 0]).any():
                return True
    return False


def at_a_pole(call):
    """Tell whether a gamma function is asked near a pole, or far away."""
    x = np.concatenate([d.values.astype(np.float64).ravel() for d in drawn_in(call)])
    pole = (x <= 0) & (x == np.floor(x))
    return bool((pole | ~np.isfinite(x) | (np.abs(x) < 1e-20) | (np.abs(x) > 1e15)).any())


def repeated(call):
    """Tell whether an index names a place twice."""
    x, index = drawn_in(call)[:2]
    places = index.values.astype(np.int64).ravel() % max(x.values.size, 1)
    return np.unique(places).size < places.size


def drawn_numbers(call):
    """Return the Python numbers among the arguments, and what integer tensors hold."""
    numbers = [v for v in [*call.args, *call.kwargs.values()] if isinstance(v, (int, float))]
    whole = [d.values for d in drawn_in(call) if d.dtype.kind in "iu" and d.values.size]
    return numbers + [int(v) for x in whole for v in (x.min(), x.max())]


def with_positional_options(call):
    return len(call.args) > 1


def of_numbers_alone(call):
    return not any(not d.array for d in drawn_in(call))


def scaled_by_0(call):
    return 0 in [call.kwargs.get("alpha", 1), call.kwargs.get("beta", 1)]


def beyond_the_index(call):
    """Tell whether scatter's source is larger than its index, or the self is left out."""
    sources = [d.shape for d in drawn_in(call)]
    return "include_self" in call.kwargs or len(set(sources[-2:])) > 1 or extreme(call)


# ---------------------------------------------------------------- what is meant

ACCEPTED = [
    (
        r".*\.(polygamma|digamma|lgamma)_?",
        "value|gradient",
        "",
        "SciPy has the limits at poles and at inf, where PyTorch has nan or a large number",
        at_a_pole,
    ),
    (
        r".*\.(unique_consecutive|unique)",
        "shape|value|structure",
        "",
        "PyTorch reads unique_consecutive's positional options in another order than it documents",
        with_positional_options,
    ),
    (
        r".*\.addmv_?",
        "shape",
        "",
        "PyTorch forgets the shape of addmv's product when the matrix is empty",
        empty,
    ),
    (
        r"in_place\.logical_\w+_",
        "gradient",
        "",
        "PyTorch lets the gradient pass an in-place logical operation, whose derivative is 0",
    ),
    (
        r".*\.(kthvalue|median|nanmedian|mode|topk|sort|argsort|msort)",
        "value|gradient",
        r"^ ?(\[1\]|at)",
        "which of equal elements is picked is open, in PyTorch too",
        ties,
    ),
    (
        r".*\.(median|nanmedian)",
        "value",
        "",
        "PyTorch sorts the one cell that the elements of an expanded tensor share",
        lambda call: drawn_in(call)[0].layout == "expanded",
    ),
    (
        r".*\.mode",
        "value",
        r"PyTorch np.float..\(nan\)",
        "PyTorch takes a nan for the commonest, which equals no other",
    ),
    (
        r".*\.(eigh|svd|qr)",
        "value|gradient",
        "",
        "the signs of singular and eigenvectors are open, and so is the basis of equal values",
    ),
    (r"numpy\.np\.empty_like", "value|nan", "", "the values of an empty tensor are open"),
    (
        r"numpy\..*",
        "stricter",
        "has no recorded counterpart|expected a number to fill with",
        "options of NumPy that have no derivative are refused with a sentence",
    ),
    (
        r"numpy\..*",
        "stricter",
        "at least one of min and max|does not fit an axis|method must be one of|cannot be recorded",
        "options of NumPy that have no derivative are refused with a sentence",
    ),
    (
        r"numpy\.np\.(tril|triu)",
        "stricter",
        "expected at least 2 dimensions",
        "NumPy makes a matrix of a vector here, PyTorch refuses",
    ),
    (
        r".*\.(cholesky_inverse|cholesky_solve)",
        "gradient",
        r"(: np.float..\(-?0.0\)|nan)",
        "PyTorch gives a gradient to the triangle that the function does not read",
    ),
    (
        r".*\.(prod|cumprod|nanprod)_?",
        "gradient",
        "",
        "PyTorch divides the product by each factor, ours multiplies the others: exact with "
        "subnormal factors, and 0 times inf is 0",
        extreme,
    ),
    (
        r".*\.(amax|amin|aminmax|max|min)",
        "gradient",
        r"PyTorch np.float..\(nan\)",
        "no element equals nan, by whose number of equals PyTorch divides; ours picks the nan",
    ),
    (
        r".*\.(nanquantile|quantile)",
        "gradient",
        "",
        "which of equal elements is picked is open, in PyTorch too",
        ties,
    ),
    (
        r".*\.(add(mm|mv|bmm|r)|baddbmm)_?",
        "gradient|value",
        r"PyTorch np.float..\(nan\)",
        "PyTorch's products look at what alpha=0 multiplies, some of them and some not",
        scaled_by_0,
    ),
    (
        r".*\.(arctan2|atan2|hypot)_?",
        "gradient",
        "",
        "PyTorch squares integers in their own dtype, where they overflow",
        whole,
    ),
    (
        r".*\.bincount",
        "dtype",
        "PyTorch int64",
        "PyTorch forgets the weights' dtype where there is nothing to count",
        empty,
    ),
    (
        r"in_place\..*|index\.setitem|operator\.i.*",
        "stricter",
        "several elements of an expanded view",
        "writes into expanded views are refused, of which PyTorch allows some and warns",
    ),
    (
        r"index\.(get|set)item",
        "stricter",
        "index arrays hold integers or booleans, got float",
        "lists of floats are no positions; PyTorch rounds them",
    ),
    (
        r".*",
        "stricter",
        r"integer tensors need an integer",
        "a fraction of an integer tensor is refused; PyTorch drops it in some functions",
    ),
    (
        r"functional\.jacfwd",
        "value|shape|structure|dtype",
        "",
        "PyTorch's jacfwd answers 0 for a negative argnums",
    ),
    (
        r".*\.(det|slogdet|logdet|inv|inverse|solve|cholesky_solve|cholesky_inverse|matrix_power|"
        r"lstsq|solve_triangular|tensorinv|tensorsolve|pinv|pinverse|multi_dot)",
        "value|gradient",
        r"nan|inf|PyTorch np.float..\(-?0.0\)",
        "of singular matrices and of nan and inf the libraries' LAPACKs answer differently",
        singular,
    ),
    (
        r".*\.(det|slogdet|logdet|inv|inverse|solve|cholesky_solve|cholesky_inverse|matrix_power|"
        r"lstsq|solve_triangular|tensorinv|tensorsolve|pinv|pinverse|multi_dot|qr|cholesky)",
        "nan|gradient nan",
        "",
        "a matrix that holds nan or inf: LAPACK spreads nan as it is built",
        not_finite,
    ),
    (
        r"functional\.hvp",
        "shape",
        "",
        "the value of a function of one number is returned without dimensions",
    ),
    (
        r".*\.index_add_?",
        "stricter",
        "of length 0",
        "PyTorch takes any index where x is empty",
    ),
    (
        r".*\.logit_?",
        "gradient",
        "inf",
        "at -0 the slope is that at 0, inf; PyTorch gives -inf",
    ),
    (r".*\.lstsq", "value", "", "the rank of matrices with 1e300 in them is open"),
    (
        r".*\.(i?mod|remainder|floor_divide|i?floordiv|fmod|divmod|div|divide|i?truediv)_?|"
        r".*true_divide_?",
        "value|gradient",
        r"nan|inf",
        "PyTorch's quotients by subnormal numbers overflow",
        extreme,
    ),
    (
        r"method\.view(_as)?|autograd\.view",
        "stricter",
        "is not contiguous",
        "memory in reverse order, which PyTorch does not have, needs a copy",
    ),
    (
        r"numpy\.np\.(vstack|hstack|dstack|stack|column_stack|concatenate)",
        "stricter",
        "expected a list of tensors",
        "NumPy takes an array for the list of its rows, PyTorch refuses",
    ),
    (
        r"numpy\.np\.cross",
        "stricter",
        "expected length 3",
        "NumPy's cross product of the plane is deprecated",
    ),
    (
        r"numpy\.np\.full_like",
        "unnamed error",
        "np.copyto",
        "NumPy's own full_like, of an array, with a tensor to fill in",
    ),
    (
        r"autograd\.(linspace|logspace)",
        "value",
        r"np.u?int",
        "PyTorch cuts the ends of an integer range before it divides it",
    ),
    (
        r".*\.(searchsorted|bucketize)",
        "value",
        "",
        "PyTorch casts the number sought to the sequence's dtype, where -1 becomes 255",
    ),
    (
        r".*\.(var|std|var_mean|std_mean)",
        "value|gradient",
        r"inf|nan",
        "with a correction of n or more, and of inf, PyTorch divides by 0 in another order",
        extreme,
    ),
    (
        r".*\.(tensordot|matmul|mm|bmm|mv|dot|einsum|inner|vdot|rmatmul|add(mm|mv|bmm)|baddbmm)_?",
        "value|gradient",
        r"nan|inf",
        "BLAS may skip the zeros that would make nan of inf, and does so as it is built",
        extreme,
    ),
    (
        r".*\.(cond|pinv|pinverse|matrix_rank)",
        "value|gradient",
        "",
        "which singular values are 0 is open where they are as small as rounding",
        singular,
    ),
    (
        r".*\.addmv_?",
        "dtype",
        "",
        "PyTorch answers in the operands' dtype if the matrix is empty, whatever it is",
        empty,
    ),
    (
        r".*\.logcumsumexp",
        "gradient",
        "",
        "PyTorch loses digits where it exponentiates, and makes nan of inf - inf",
    ),
    (
        r".*\.(cdist|pow|power|float_power|ipow)_?|operator\.pow",
        "gradient",
        r"PyTorch np.float..\((nan|inf|-inf)\)",
        "PyTorch multiplies by powers that overflow, or computes y - 1 in y's small integers",
    ),
    (
        r".*\.scatter_reduce_?",
        "gradient",
        "",
        "PyTorch reads src beyond the index and counts what include_self=False leaves out",
        beyond_the_index,
    ),
    (
        r"numpy\.np\.(argsort|sort)",
        "shape",
        "",
        "of a 0-d tensor PyTorch answers 0-d, NumPy a vector",
    ),
    (
        r"numpy\.np\.(std|var|mean|nanmean|average|median|nanmedian|ptp)",
        "stricter",
        "expected a floating-point",
        "moments in a dtype of integers are refused",
    ),
    (
        r".*\.index_add_?",
        "stricter",
        "out of bounds",
        "PyTorch takes any index where x is empty",
    ),
    (
        r".*\.(pow|power)|operator\.i?pow|in_place\.pow_",
        "gradient",
        "",
        "PyTorch computes y - 1 in floats, where it is y, and odd is even",
        lambda call: any(isinstance(v, int) and abs(v) > 1 << 24 for v in call.args),
    ),
    (
        r".*\.(vector_norm|matrix_norm|norm)",
        "gradient",
        r"PyTorch np.float..\(nan\)",
        "PyTorch divides by a power of the norm that underflowed, and by no number of nans",
        extreme,
    ),
    (
        r"autograd\.(div|divide|true_divide|add|sub|mul|pow|power).*",
        "dtype",
        "",
        "of numbers alone the result is NumPy's, and no tensor",
        of_numbers_alone,
    ),
    (
        r"autograd\.as(_tensor|array)",
        "dtype",
        "PyTorch float32",
        "NumPy's scalars keep their dtype",
        lambda call: isinstance(call.args[0], np.generic),
    ),
    (
        r".*\.(nanmean|nanquantile)",
        "gradient|value",
        r"PyTorch np.float..\(nan\)",
        "PyTorch has nan where there is no number, and makes inf - inf of one infinity",
        extreme,
    ),
    (
        r".*\.unique",
        "value|nan|shape",
        "",
        "where rows that hold nan stand among the others is open",
        not_finite,
    ),
    (
        r"autograd\.(celu|selu|elu|hardshrink|softshrink|lerp)|(method|in_place)\.lerp_?",
        "gradient|value",
        "",
        "of nan and inf PyTorch has another gate, which differs with its vectors, or inf - inf",
        extreme,
    ),
    (
        r".*\.(eigvalsh|eigh)",
        "gradient",
        "",
        "vectors of values that are nothing beside 1e200 are open",
        extreme,
    ),
    (
        r".*\.cov",
        "value",
        "",
        "PyTorch takes means of integers that overflow",
        whole,
    ),
    (
        r"numpy\.np\.(nan)?(quantile|percentile|median)",
        "value",
        r"PyTorch np.float..\(nan\)",
        "NumPy multiplies an infinite gap by 0",
        extreme,
    ),
    (
        r".*\.cond",
        "gradient nan",
        "",
        "the square of a singular value overflows",
        extreme,
    ),
    (
        r".*\.(lstsq|pinv|pinverse)",
        "nan",
        "",
        "the inverse of a subnormal number is inf, and inf times 0 nan",
        extreme,
    ),
    (
        r"numpy\.np\.linalg\.(norm|vector_norm|matrix_norm)",
        "value",
        r"PyTorch np.float..\(inf\)",
        "NumPy squares also a single number",
        extreme,
    ),
    (
        r".*\.take_along_dim",
        "stricter",
        "out of bounds",
        "PyTorch reads what lies beyond a vector",
    ),
    (
        r".*\.(add|sub|subtract)_?",
        "value",
        r"PyTorch np.float..\(nan\)",
        "PyTorch casts a number to the tensor's dtype, where it is inf, before alpha=0 scales it",
        scaled_by_0,
    ),
    (
        r".*",
        "nan|gradient nan",
        "np.float16",
        "PyTorch computes with float16 in float32, and a number beyond 65504 is inf in float16",
        lambda call: any(
            isinstance(v, (int, float)) and abs(v) > 65504 for v in drawn_numbers(call)
        ),
    ),
    (
        r".*\.cross",
        "value|nan",
        "",
        "PyTorch's fused multiply and add rounds and overflows once, where products cancel",
        extreme,
    ),
    (
        r".*\.(slogdet|logdet)",
        "gradient",
        r": np.float..\(-?0.0\)",
        "of the logarithm of 0 PyTorch's slopes are what dividing by a pivot of 0 leaves",
        singular,
    ),
    (
        r".*\.(var|std|var_mean|std_mean)",
        "gradient",
        "",
        "the spread of equal numbers is their mean's rounding, whose slope is open",
        ties,
    ),
    (
        r".*\.(cholesky)",
        "value",
        "",
        "a matrix that holds nan or inf: LAPACK spreads nan as it is built",
        not_finite,
    ),
    (
        r".*pow(er)?_?",
        "nan",
        r"PyTorch np.float..\(inf\)",
        "the root of -inf is nan or inf, as the exponent lies in memory, in NumPy and in PyTorch",
        extreme,
    ),
    (
        r"numpy\.np\.nan(quantile|percentile)",
        "nan",
        r"PyTorch np.float..\(-inf\)",
        "inf - inf between two infinities, where NumPy's quantile has nan, too",
        extreme,
    ),
    (
        r"numpy\.np\.cov",
        "stricter",
        "expected fweights",
        "NumPy takes floats for numbers of times",
    ),
    (
        r".*\.isin",
        "value",
        "",
        "PyTorch casts the number sought to the tensor's dtype, where it wraps around",
        lambda call: any(isinstance(v, int) and abs(v) > 255 for v in call.args),
    ),
    (
        r"numpy\.np\..*",
        "stricter",
        "NumPy would lose the gradient",
        "a list of tensors that require grad is no array",
    ),
    (
        r"numpy\.np\..*",
        "stricter",
        "'NoneType' object",
        "None is no flag, though NumPy takes it for False",
    ),
    (
        r"in_place\.cum(sum|prod)_",
        "stricter",
        "dtype bool cannot hold",
        "PyTorch leaves one truth as it is, and refuses several",
    ),
    (
        r".*\.(cov|corrcoef)",
        "value",
        "nan",
        "BLAS may skip the zeros that would make nan of inf",
        extreme,
    ),
    (
        r"functional\..*",
        "stricter",
        "expected the function to return a floating-point Tensor",
        "a function that returns integers has no derivative, though PyTorch answers 0",
    ),
    (
        r"numpy\.np\.cov",
        "value",
        "",
        "NumPy takes a bias of None for True",
        lambda call: call.kwargs.get("bias", False) not in (False, True),
    ),
    (
        r"numpy\.np\.(var|std)",
        "nan",
        "",
        "0 / 0, where NumPy divides what rounding to the dtype has left",
        lambda call: "dtype" in call.kwargs,
    ),
    (
        r".*\.block_diag",
        "gradient",
        "",
        "PyTorch forgets the row that an empty vector takes",
    ),
    (
        r".*\.svdvals",
        "gradient",
        "",
        "the sign of the slope at a singular value of 0 is open",
        singular,
    ),
    (
        r".*\.(lerp|ipow|pow|power|addcdiv|addcmul)_?",
        "gradient|value",
        "",
        "PyTorch computes 1 - weight and y - 1 in small integers, where they overflow",
        whole,
    ),
    (
        r"in_place\.(add(mm|mv|bmm|r)|baddbmm)_",
        "stricter",
        "cannot hold the result of shape",
        "PyTorch gives the tensor the shape of the product",
    ),
    (
        r".*",
        "stricter",
        r"out of bounds|out of range for|there is no element|that is not empty|"
        r"expected a floating-point|is defined for floating-point",
        "PyTorch lets some mistakes pass where a tensor is empty",
        empty,
    ),
    (
        r".*\.tensordot",
        "stricter",
        "one dtype|cannot sum over",
        "PyTorch multiplies mixed integers of one element, NumPy reads -1 as 0 axes",
    ),
    (
        r".*\.(pow|ipow|power)_?",
        "stricter",
        "not defined for booleans|negative powers",
        "PyTorch takes truths and negative powers of some integer tensors",
    ),
    (
        r"operator\.mul",
        "structure",
        "",
        "PyTorch repeats a list as often as a 0-d integer tensor says",
    ),
    (
        r".*\.put_?",
        "value|gradient",
        "",
        "which of the values for one place stays is open",
        repeated,
    ),
    (
        r"functional\..*",
        "value",
        r"PyTorch np.float..\(nan\)",
        "PyTorch's vectorized rules multiply inf by 0",
    ),
    (
        r".*\.index_add_?",
        "value",
        "np.(True|False)_",
        "half a truth: PyTorch's alpha of 0.5 is True, ours int(0.5)",
    ),
    (
        r".*\.cholesky|numpy\.np\.linalg\..*",
        "stricter",
        "float16|not positive-definite|cannot be interpreted as an integer",
        "NumPy reads one triangle and takes None for False; LAPACK has no half floats",
    ),
    (
        r"functional\.jvp",
        "dtype",
        "PyTorch float64",
        "PyTorch's forward mode widens a 0-d float32 that a Python number multiplies",
    ),
    (
        r".*\.pad",
        "stricter",
        "does not fit an axis",
        "a border that cuts one side and repeats the other of an axis too short for it",
    ),
    (
        r"in_place\.addr_|.*\.eigvalsh|numpy\.np\.linalg\.vector_norm",
        "stricter",
        "dtype bool cannot hold|got int|as ord, got None",
        "truths scaled, empty integers decomposed, NumPy's None for an order",
    ),
]


def reason_for(call, verdict):
    """Return why a verdict's difference is meant, or None."""
    for functions, kinds, detail, reason, *when in ACCEPTED:
        if (
            re.fullmatch(functions, call.key)
            and re.fullmatch(kinds, verdict.kind)
            and re.search(detail, verdict.detail)
            and all(holds(call) for holds in when)
        ):
            return reason
    return None
