"""The methods of a Tensor that are operations: the functions of ``autograd.ops``, one line each.

Names are PyTorch's, and PyTorch's meaning (``std`` divides by n - 1).  Signatures and docstrings
are the functions' own.
"""

from __future__ import annotations

from autograd import casting
from autograd.ops import (
    arithmetic,
    arrangement,
    axes,
    comparison,
    contractions,
    counting,
    determinants,
    diagonals,
    distances,
    distinct,
    exponential,
    factorizations,
    gathering,
    in_place,
    indexing,
    least_squares,
    masking,
    products,
    reduction,
    rounding,
    scattering,
    selection,
    slices,
    solving,
    sorting,
    splitting,
    triangular,
    trigonometric,
)
from autograd.ops import shape as shapes


class Methods:
    """What ``Tensor`` inherits: the table of its operations."""

    __slots__ = ()

    # ------------------------------------------------------------ arithmetic

    add = __add__ = arithmetic.add
    sub = subtract = __sub__ = arithmetic.subtract
    mul = multiply = __mul__ = arithmetic.multiply
    div = divide = true_divide = __truediv__ = arithmetic.divide
    pow = __pow__ = arithmetic.power
    floor_divide = __floordiv__ = arithmetic.floor_divide
    remainder = __mod__ = arithmetic.remainder
    neg = negative = __neg__ = arithmetic.negative
    matmul = __matmul__ = products.matmul
    __radd__ = lambda self, other: arithmetic.add(other, self)  # noqa: E731
    __rsub__ = lambda self, other: arithmetic.subtract(other, self)  # noqa: E731
    __rmul__ = lambda self, other: arithmetic.multiply(other, self)  # noqa: E731
    __rtruediv__ = lambda self, other: arithmetic.divide(other, self)  # noqa: E731
    __rfloordiv__ = lambda self, other: arithmetic.floor_divide(other, self)  # noqa: E731
    __rmod__ = lambda self, other: arithmetic.remainder(other, self)  # noqa: E731
    __rpow__ = lambda self, other: arithmetic.power(other, self)  # noqa: E731
    __rmatmul__ = lambda self, other: products.matmul(other, self)  # noqa: E731
    __pos__ = lambda self: self  # noqa: E731
    abs = absolute = __abs__ = arithmetic.absolute
    square = arithmetic.square
    reciprocal = arithmetic.reciprocal
    exp = exponential.exp
    expm1 = exponential.expm1
    log = exponential.log
    log1p = exponential.log1p
    sqrt = arithmetic.sqrt
    sin = trigonometric.sin
    cos = trigonometric.cos
    tan = trigonometric.tan
    sinh = trigonometric.sinh
    cosh = trigonometric.cosh
    tanh = trigonometric.tanh
    sigmoid = exponential.sigmoid
    relu = selection.relu
    sign = arithmetic.sign
    floor = rounding.floor
    ceil = rounding.ceil
    maximum = selection.maximum
    minimum = selection.minimum
    clamp = clip = selection.clamp

    # ------------------------------------------------------------ comparison

    eq = comparison.eq
    ne = comparison.ne
    lt = __lt__ = comparison.lt
    le = __le__ = comparison.le
    gt = __gt__ = comparison.gt
    ge = __ge__ = comparison.ge
    logical_and = comparison.logical_and
    logical_or = comparison.logical_or
    logical_not = comparison.logical_not
    isnan = comparison.isnan
    isinf = comparison.isinf
    isfinite = comparison.isfinite
    __and__ = __rand__ = comparison.bitwise_and
    __or__ = __ror__ = comparison.bitwise_or
    __xor__ = __rxor__ = comparison.bitwise_xor
    __invert__ = comparison.invert

    # ------------------------------------------------------------ reductions

    sum = reduction.sum
    mean = reduction.mean
    var = reduction.var
    std = reduction.std
    max = reduction.max
    min = reduction.min
    amax = reduction.amax
    amin = reduction.amin
    argmax = reduction.argmax
    argmin = reduction.argmin
    logsumexp = reduction.logsumexp
    any = reduction.any
    all = reduction.all

    # ------------------------------------------------------------ linear algebra

    mm = products.mm
    bmm = products.bmm
    mv = products.mv
    dot = products.dot
    vdot = products.vdot
    inner = products.inner
    outer = ger = products.outer
    addmm = products.addmm
    addmv = products.addmv
    addr = products.addr
    addbmm = products.addbmm
    baddbmm = products.baddbmm
    kron = contractions.kron
    cross = contractions.cross
    trace = contractions.trace
    det = determinants.det
    slogdet = determinants.slogdet
    logdet = determinants.logdet
    inverse = solving.inverse
    matrix_power = solving.matrix_power
    cholesky = factorizations.cholesky
    cholesky_solve = triangular.cholesky_solve
    cholesky_inverse = triangular.cholesky_inverse
    pinverse = least_squares.pinverse
    cov = distances.cov
    corrcoef = distances.corrcoef

    # ------------------------------------------------------------ shape, indexing

    reshape = shapes.reshape
    reshape_as = shapes.reshape_as
    view = shapes.view
    view_as = shapes.view_as
    flatten = shapes.flatten
    unflatten = shapes.unflatten
    ravel = shapes.ravel
    squeeze = shapes.squeeze
    unsqueeze = shapes.unsqueeze
    permute = axes.permute
    transpose = swapaxes = swapdims = axes.transpose
    movedim = moveaxis = axes.movedim
    t = axes.t
    expand = axes.expand
    expand_as = axes.expand_as
    broadcast_to = axes.broadcast_to
    narrow = splitting.narrow
    select = splitting.select
    split = splitting.split
    tensor_split = splitting.tensor_split
    hsplit = splitting.hsplit
    vsplit = splitting.vsplit
    dsplit = splitting.dsplit
    chunk = splitting.chunk
    unbind = splitting.unbind
    unfold = splitting.unfold
    flip = arrangement.flip
    fliplr = arrangement.fliplr
    flipud = arrangement.flipud
    roll = arrangement.roll
    rot90 = arrangement.rot90
    repeat = arrangement.repeat
    tile = arrangement.tile
    repeat_interleave = arrangement.repeat_interleave
    diagonal = diagonals.diagonal
    diag = diagonals.diag
    diag_embed = diagonals.diag_embed
    diagflat = diagonals.diagflat
    tril = diagonals.tril
    triu = diagonals.triu
    __getitem__ = indexing.getitem

    # ------------------------------------------------------------ dtype and device

    to = casting.to
    type = casting.as_type
    astype = casting.astype
    type_as = casting.type_as
    half = casting.half
    float = casting.float_
    double = casting.double
    char = casting.char
    short = casting.short
    int = casting.int_
    long = casting.long
    byte = casting.byte
    bool = casting.bool_
    cpu = casting.cpu
    cuda = casting.cuda
    # ------------------------------------------------------------ gathering, masks, sorting
    gather = gathering.gather
    take = gathering.take
    take_along_dim = gathering.take_along_dim
    put = gathering.put
    scatter = scattering.scatter
    scatter_add = scattering.scatter_add
    scatter_reduce = scattering.scatter_reduce
    index_select = slices.index_select
    index_add = slices.index_add
    index_copy = slices.index_copy
    index_fill = slices.index_fill
    index_put = indexing.index_put
    masked_fill = masking.masked_fill
    masked_select = masking.masked_select
    masked_scatter = masking.masked_scatter
    nonzero = masking.nonzero
    argwhere = masking.argwhere
    sort = sorting.sort
    argsort = sorting.argsort
    msort = sorting.msort
    topk = sorting.topk
    unique = distinct.unique
    unique_consecutive = distinct.unique_consecutive
    bincount = counting.bincount
    histc = counting.histc
    histogram = counting.histogram

    # ------------------------------------------------------------ in place

    __setitem__ = in_place.setitem
    add_ = __iadd__ = in_place.add_
    sub_ = __isub__ = in_place.sub_
    mul_ = __imul__ = in_place.mul_
    div_ = __itruediv__ = in_place.div_
    pow_ = __ipow__ = in_place.pow_
    neg_ = in_place.neg_
    exp_ = in_place.exp_
    log_ = in_place.log_
    sqrt_ = in_place.sqrt_
    tanh_ = in_place.tanh_
    sigmoid_ = in_place.sigmoid_
    relu_ = in_place.relu_
    abs_ = in_place.abs_
    clamp_ = in_place.clamp_
    copy_ = in_place.copy_
    fill_ = in_place.fill_
    zero_ = in_place.zero_
    scatter_ = in_place.scatter_
    scatter_add_ = in_place.scatter_add_
    scatter_reduce_ = in_place.scatter_reduce_
    index_add_ = in_place.index_add_
    index_copy_ = in_place.index_copy_
    index_fill_ = in_place.index_fill_
    index_put_ = in_place.index_put_
    masked_fill_ = in_place.masked_fill_
    masked_scatter_ = in_place.masked_scatter_
    put_ = in_place.put_
