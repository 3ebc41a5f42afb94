"""Differences from PyTorch (or NumPy) that are meant, each with its reason.

An entry is (functions, kinds, what the detail contains, reason); the first two and the third are
regular expressions.
"""

import re

ACCEPTED = [
    (
        r".*\.(polygamma|digamma|lgamma)_?",
        "value|nan|gradient.*",
        "",
        "SciPy has the limits at poles and at inf, where PyTorch has nan or a large number",
    ),
    (
        r".*\.(unique_consecutive|unique)",
        "shape|value|structure",
        "",
        "PyTorch reads unique_consecutive's positional options in another order than it documents",
    ),
    (
        r".*\.addmv_?",
        "shape",
        "",
        "PyTorch forgets the shape of addmv's product when the matrix is empty",
    ),
    (
        r"in_place\.logical_\w+_",
        "gradient.*",
        "",
        "PyTorch lets the gradient pass an in-place logical operation, whose derivative is 0",
    ),
    (
        r".*\.(kthvalue|median|nanmedian|mode|topk|sort|argsort|msort)",
        "value|gradient",
        "",
        "which of equal elements is picked is open, in PyTorch too",
    ),
    (
        r".*\.(eigh|svd|qr)",
        "value|gradient.*",
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
        r".*\.(svd|svdvals|eigh|eigvalsh|pinv|pinverse|matrix_rank|cond|norm|matrix_norm|lstsq)",
        "stricter",
        "holds nan or inf",
        "iterations on nan or inf are refused; LAPACK answers nan, refuses, or never ends",
    ),
    (
        r".*\.(cholesky_inverse|cholesky_solve)",
        "gradient",
        r"(: np.float..\(-?0.0\)|nan)",
        "PyTorch gives a gradient to the triangle that the function does not read",
    ),
    (
        r".*\.(prod|cumprod|nanprod)_?",
        "gradient.*",
        r"nan|inf",
        "PyTorch divides the product by each factor, ours multiplies the others: of inf and nan "
        "they differ, and either may be nan where the other is not",
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
    ),
    (
        r".*\.(add(mm|mv|bmm|r)|baddbmm)_?",
        "gradient.*|value",
        r"PyTorch np.float..\(nan\)",
        "PyTorch's products look at what alpha=0 multiplies, some of them and some not",
    ),
    (
        r".*\.(arctan2|atan2|hypot)_?",
        "gradient",
        "",
        "PyTorch squares integers in their own dtype, where they overflow",
    ),
    (
        r".*\.bincount",
        "dtype",
        "PyTorch int64",
        "PyTorch forgets the weights' dtype where there is nothing to count",
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
        "value|nan|gradient.*",
        r"nan|inf|PyTorch np.float..\(-?0.0\)",
        "of singular matrices and of nan and inf the libraries' LAPACKs answer differently",
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
        r".*\.(mod|imod|remainder|floor_divide|floordiv|ifloordiv|fmod|divmod|div|divide)_?",
        "value|gradient|nan",
        r"nan|inf",
        "PyTorch's quotients by subnormal numbers overflow",
    ),
    (
        r"autograd\..*|numpy\..*",
        "unnamed error",
        "StrDType|could not be safely coerced|<U1",
        "an array of text, with no tensor beside it, is NumPy's to refuse",
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
        "gradient.*|value",
        r"inf|nan",
        "with a correction of n or more, and of inf, PyTorch divides by 0 in another order",
    ),
    (
        r".*\.(tensordot|matmul|mm|bmm|mv|dot|einsum|inner|vdot|rmatmul|add(mm|mv|bmm)|baddbmm)_?",
        "value|nan|gradient.*",
        r"nan|inf",
        "BLAS may skip the zeros that would make nan of inf, and does so as it is built",
    ),
    (
        r".*\.(cond|pinv|pinverse|matrix_rank)",
        "value|gradient.*",
        "",
        "which singular values are 0 is open where they are as small as rounding",
    ),
    (
        r".*\.addmv_?",
        "dtype",
        "",
        "PyTorch answers in the operands' dtype if the matrix is empty, whatever it is",
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
        "gradient.*",
        "",
        "PyTorch reads src beyond the index and counts what include_self=False leaves out",
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
        r".*",
        "unnamed error",
        "truth value of an array|inhomogeneous shape|convert string to float|invalid literal|"
        "not supported between instances|unsupported operand|is unsupported in linalg|reduce: |"
        "`bins` must be|iteration over a 0-d tensor",
        "a list, text or an array where a flag or a number is expected: Python's or NumPy's words",
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
    ),
    (
        r".*\.(lerp|ipow|pow|power|addcdiv|addcmul)_?",
        "gradient|value",
        "",
        "PyTorch computes 1 - weight and y - 1 in small integers, where they overflow",
    ),
    (
        r".*\.cdist",
        "gradient nan",
        "",
        "inf times the sum of no distances is nan; PyTorch does not multiply",
    ),
    (
        r"numpy\.np\.(linalg\.cond|quantile|percentile|nanquantile|nanpercentile)",
        "nan|value",
        "",
        "0 / 0 and -inf + inf stand for what NumPy returns by a branch",
    ),
    (
        r".*\.(where|asarray|add(mm|mv|bmm|r)_?|baddbmm_?|clamp|clip)",
        "dtype",
        "",
        "numbers of 64 bits without a sign, NumPy's scalars, products of empty booleans",
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
        r"out of bounds|out of range for a tensor|there is no element|that is not empty|"
        r"expected a floating-point dtype",
        "PyTorch lets some mistakes pass where a tensor is empty",
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
    ),
    (
        r"functional\..*",
        "value|nan",
        r"PyTorch np.float..\(nan\)",
        "PyTorch's vectorized rules multiply inf by 0",
    ),
    (
        r".*\.(histogram|histc)",
        "value",
        "",
        "to which bin a number on an edge counts is a matter of rounding",
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
        r".*\.cumprod",
        "gradient",
        "",
        "dividing by a subnormal factor, as PyTorch does, loses all digits",
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
    (
        r".*\.(digamma|polygamma|lgamma)_?",
        "value|gradient.*",
        r"inf|PyTorch np.float..\(nan\)|np.float64\(0.0\)",
        "at the poles, -inf and 5e-324 SciPy has inf (or 0), where PyTorch rounds to large numbers",
    ),
]


def reason_for(call, verdict):
    """Return why a verdict's difference is meant, or None."""
    for functions, kinds, detail, reason in ACCEPTED:
        if (
            re.fullmatch(functions, call.key)
            and re.fullmatch(kinds, verdict.kind)
            and re.search(detail, verdict.detail)
        ):
            return reason
    return None
