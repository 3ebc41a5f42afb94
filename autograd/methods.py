"""The methods of a Tensor that are operations: the functions of ``autograd.ops``, one line each.

Names are PyTorch's, and PyTorch's meaning (``std`` divides by n - 1).  Signatures and docstrings
are the functions' own.
"""

from __future__ import annotations

from autograd import casting, distributions, fresh
from autograd.ops import (
    affine,
    arithmetic,
    arrangement,
    axes,
    clamping,
    comparison,
    contractions,
    counting,
    cross_products,
    cumulative,
    determinants,
    diagonals,
    differences,
    distances,
    distinct,
    division,
    divisors,
    exponential,
    extrema,
    factorizations,
    factors,
    filling,
    floating_point,
    gathering,
    identities,
    in_place,
    in_place_methods,
    indexing,
    least_squares,
    logic,
    masking,
    matrix_exponential,
    moments,
    norms,
    order_statistics,
    pairs,
    powers,
    probabilities,
    products,
    quantiles,
    rectifiers,
    reduction,
    rounding,
    scattering,
    selection,
    shape_in_place,
    slices,
    sliding,
    solving,
    sorting,
    special,
    splitting,
    triangular,
    trigonometric,
    truths,
    view_scatter,
)
from autograd.ops import shape as shapes


class Methods:
    """What ``Tensor`` inherits: the table of its operations."""

    __slots__ = ()

    # ------------------------------------------------------------ arithmetic

    add, __add__ = arithmetic.add, arithmetic.plus
    sub, __sub__ = arithmetic.subtract, arithmetic.minus
    subtract = arithmetic.subtract
    mul, __mul__ = arithmetic.multiply, arithmetic.times
    multiply = arithmetic.multiply
    div, __truediv__ = division.divide, division.quotient
    divide = division.divide
    true_divide = division.true_divide
    pow, __pow__ = powers.power, powers.raised
    float_power = powers.float_power
    floor_divide = __floordiv__ = division.floor_divide
    remainder = __mod__ = division.remainder
    fmod = division.fmod
    neg = negative = __neg__ = arithmetic.negative
    positive = __pos__ = arithmetic.positive
    matmul = __matmul__ = products.matmul
    __radd__ = lambda self, other: arithmetic.plus(other, self)  # noqa: E731
    __rsub__ = lambda self, other: arithmetic.minus(other, self)  # noqa: E731
    __rmul__ = lambda self, other: arithmetic.times(other, self)  # noqa: E731
    __rtruediv__ = lambda self, other: division.quotient(other, self)  # noqa: E731
    __rfloordiv__ = lambda self, other: division.floor_divide(other, self)  # noqa: E731
    __rmod__ = lambda self, other: division.remainder(other, self)  # noqa: E731
    __rpow__ = lambda self, other: powers.raised(other, self)  # noqa: E731
    __rmatmul__ = lambda self, other: products.matmul(other, self)  # noqa: E731
    abs = absolute = __abs__ = arithmetic.absolute
    sign = sgn = arithmetic.sign
    copysign = arithmetic.copysign
    lerp = arithmetic.lerp
    addcmul = arithmetic.addcmul
    addcdiv = arithmetic.addcdiv
    square = powers.square
    reciprocal = powers.reciprocal
    sqrt = powers.sqrt
    rsqrt = powers.rsqrt
    floor = rounding.floor
    ceil = rounding.ceil
    round = rounding.round
    trunc = fix = rounding.trunc
    frac = rounding.frac
    heaviside = rounding.heaviside
    gcd = divisors.gcd
    lcm = divisors.lcm
    frexp = floating_point.frexp
    ldexp = floating_point.ldexp
    nextafter = floating_point.nextafter

    # ------------------------------------------------------------ functions of one variable

    exp = exponential.exp
    exp2 = exponential.exp2
    expm1 = exponential.expm1
    log = exponential.log
    log2 = exponential.log2
    log10 = exponential.log10
    log1p = exponential.log1p
    logaddexp = exponential.logaddexp
    logaddexp2 = exponential.logaddexp2
    logit = exponential.logit
    sigmoid = exponential.sigmoid
    xlogy = exponential.xlogy
    sin = trigonometric.sin
    cos = trigonometric.cos
    tan = trigonometric.tan
    asin = arcsin = trigonometric.asin
    acos = arccos = trigonometric.acos
    atan = arctan = trigonometric.atan
    atan2 = arctan2 = trigonometric.atan2
    sinh = trigonometric.sinh
    cosh = trigonometric.cosh
    tanh = trigonometric.tanh
    asinh = arcsinh = trigonometric.asinh
    acosh = arccosh = trigonometric.acosh
    atanh = arctanh = trigonometric.atanh
    hypot = trigonometric.hypot
    sinc = trigonometric.sinc
    deg2rad = trigonometric.deg2rad
    rad2deg = trigonometric.rad2deg
    erf = special.erf
    erfc = special.erfc
    erfinv = special.erfinv
    i0 = special.i0
    lgamma = special.lgamma
    digamma = special.digamma
    polygamma = special.polygamma_method

    # ------------------------------------------------------------ selection

    relu = selection.relu
    prelu = rectifiers.prelu
    hardshrink = rectifiers.hardshrink
    maximum = selection.maximum
    minimum = selection.minimum
    fmax = selection.fmax
    fmin = selection.fmin
    clamp = clip = clamping.clamp
    clamp_min = clamping.clamp_min
    clamp_max = clamping.clamp_max
    nan_to_num = selection.nan_to_num

    # ------------------------------------------------------------ comparison, logic

    eq = comparison.eq
    ne = not_equal = comparison.ne
    lt = less = __lt__ = comparison.lt
    le = less_equal = __le__ = comparison.le
    gt = greater = __gt__ = comparison.gt
    ge = greater_equal = __ge__ = comparison.ge
    isnan = comparison.isnan
    isinf = comparison.isinf
    isfinite = comparison.isfinite
    isposinf = comparison.isposinf
    isneginf = comparison.isneginf
    isreal = comparison.isreal
    signbit = comparison.signbit
    isclose = comparison.isclose
    allclose = comparison.allclose
    equal = comparison.equal
    logical_and = logic.logical_and
    logical_or = logic.logical_or
    logical_xor = logic.logical_xor
    logical_not = logic.logical_not
    bitwise_and = __and__ = __rand__ = logic.bitwise_and
    bitwise_or = __or__ = __ror__ = logic.bitwise_or
    bitwise_xor = __xor__ = __rxor__ = logic.bitwise_xor
    bitwise_not = __invert__ = logic.bitwise_not
    bitwise_left_shift = __lshift__ = logic.bitwise_left_shift
    bitwise_right_shift = __rshift__ = logic.bitwise_right_shift
    __rlshift__ = lambda self, other: logic.bitwise_left_shift(other, self)  # noqa: E731
    __rrshift__ = lambda self, other: logic.bitwise_right_shift(other, self)  # noqa: E731

    # ------------------------------------------------------------ reductions

    sum = reduction.sum
    sum_to_size = reduction.sum_to_size
    nansum = reduction.nansum
    mean = reduction.mean
    nanmean = reduction.nanmean
    logsumexp = reduction.logsumexp
    softmax = probabilities.softmax
    log_softmax = probabilities.log_softmax
    var = moments.var
    std = moments.std
    prod = factors.prod
    cumprod = factors.cumprod
    norm = norms.norm
    renorm = norms.renorm
    dist = pairs.dist
    any = truths.any
    all = truths.all
    count_nonzero = truths.count_nonzero
    max = extrema.max
    min = extrema.min
    amax = extrema.amax
    amin = extrema.amin
    aminmax = extrema.aminmax
    argmax = extrema.argmax
    argmin = extrema.argmin
    cumsum = cumulative.cumsum
    cummax = cumulative.cummax
    cummin = cumulative.cummin
    logcumsumexp = cumulative.logcumsumexp
    diff = differences.diff
    median = order_statistics.median
    nanmedian = order_statistics.nanmedian
    mode = order_statistics.mode
    kthvalue = order_statistics.kthvalue
    quantile = quantiles.quantile
    nanquantile = quantiles.nanquantile

    # ------------------------------------------------------------ linear algebra

    mm = products.mm
    bmm = products.bmm
    mv = products.mv
    dot = products.dot
    vdot = products.vdot
    inner = products.inner
    outer = ger = products.outer
    addmm = affine.addmm
    addmv = affine.addmv
    addr = affine.addr
    addbmm = affine.addbmm
    baddbmm = affine.baddbmm
    kron = contractions.kron
    cross = cross_products.cross
    trace = contractions.trace
    det = determinants.det
    slogdet = determinants.slogdet
    logdet = determinants.logdet
    inverse = solving.inverse
    matrix_power = solving.matrix_power
    matrix_exp = matrix_exponential.matrix_exp
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
    split_with_sizes = splitting.split_with_sizes
    tensor_split = splitting.tensor_split
    hsplit = splitting.hsplit
    vsplit = splitting.vsplit
    dsplit = splitting.dsplit
    chunk = splitting.chunk
    unbind = splitting.unbind
    unfold = sliding.unfold
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
    conj = identities.conj
    conj_physical = identities.conj_physical
    resolve_conj = identities.resolve_conj
    resolve_neg = identities.resolve_neg
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
    select_scatter = view_scatter.select_scatter
    slice_scatter = view_scatter.slice_scatter
    diagonal_scatter = view_scatter.diagonal_scatter
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
    add_ = __iadd__ = in_place_methods.add_
    sub_ = __isub__ = in_place_methods.sub_
    subtract_ = in_place_methods.subtract_
    mul_ = __imul__ = in_place_methods.mul_
    multiply_ = in_place_methods.multiply_
    neg_ = in_place_methods.neg_
    negative_ = in_place_methods.negative_
    abs_ = in_place_methods.abs_
    absolute_ = in_place_methods.absolute_
    sign_ = in_place_methods.sign_
    sgn_ = in_place_methods.sgn_
    copysign_ = in_place_methods.copysign_
    lerp_ = in_place_methods.lerp_
    addcmul_ = in_place_methods.addcmul_
    addcdiv_ = in_place_methods.addcdiv_
    div_ = __itruediv__ = in_place_methods.div_
    divide_ = in_place_methods.divide_
    true_divide_ = in_place_methods.true_divide_
    floor_divide_ = __ifloordiv__ = in_place_methods.floor_divide_
    remainder_ = __imod__ = in_place_methods.remainder_
    fmod_ = in_place_methods.fmod_
    pow_ = __ipow__ = in_place_methods.pow_
    square_ = in_place_methods.square_
    reciprocal_ = in_place_methods.reciprocal_
    sqrt_ = in_place_methods.sqrt_
    rsqrt_ = in_place_methods.rsqrt_
    float_power_ = in_place.float_power_
    floor_ = in_place_methods.floor_
    ceil_ = in_place_methods.ceil_
    round_ = in_place_methods.round_
    trunc_ = in_place_methods.trunc_
    fix_ = in_place_methods.fix_
    frac_ = in_place_methods.frac_
    heaviside_ = in_place_methods.heaviside_
    gcd_ = in_place_methods.gcd_
    lcm_ = in_place_methods.lcm_
    ldexp_ = in_place_methods.ldexp_
    nextafter_ = in_place_methods.nextafter_
    exp_ = in_place_methods.exp_
    exp2_ = in_place_methods.exp2_
    expm1_ = in_place_methods.expm1_
    log_ = in_place_methods.log_
    log2_ = in_place_methods.log2_
    log10_ = in_place_methods.log10_
    log1p_ = in_place_methods.log1p_
    logit_ = in_place_methods.logit_
    sigmoid_ = in_place_methods.sigmoid_
    xlogy_ = in_place_methods.xlogy_
    sin_ = in_place_methods.sin_
    cos_ = in_place_methods.cos_
    tan_ = in_place_methods.tan_
    asin_ = in_place_methods.asin_
    arcsin_ = in_place_methods.arcsin_
    acos_ = in_place_methods.acos_
    arccos_ = in_place_methods.arccos_
    atan_ = in_place_methods.atan_
    arctan_ = in_place_methods.arctan_
    atan2_ = in_place_methods.atan2_
    arctan2_ = in_place_methods.arctan2_
    sinh_ = in_place_methods.sinh_
    cosh_ = in_place_methods.cosh_
    tanh_ = in_place_methods.tanh_
    asinh_ = in_place_methods.asinh_
    arcsinh_ = in_place_methods.arcsinh_
    acosh_ = in_place_methods.acosh_
    arccosh_ = in_place_methods.arccosh_
    atanh_ = in_place_methods.atanh_
    arctanh_ = in_place_methods.arctanh_
    hypot_ = in_place_methods.hypot_
    sinc_ = in_place_methods.sinc_
    deg2rad_ = in_place_methods.deg2rad_
    rad2deg_ = in_place_methods.rad2deg_
    erf_ = in_place_methods.erf_
    erfc_ = in_place_methods.erfc_
    erfinv_ = in_place_methods.erfinv_
    i0_ = in_place_methods.i0_
    lgamma_ = in_place_methods.lgamma_
    digamma_ = in_place_methods.digamma_
    polygamma_ = in_place_methods.polygamma_
    relu_ = in_place_methods.relu_
    clamp_ = in_place_methods.clamp_
    clip_ = in_place_methods.clip_
    clamp_min_ = in_place_methods.clamp_min_
    clamp_max_ = in_place_methods.clamp_max_
    nan_to_num_ = in_place_methods.nan_to_num_
    eq_ = in_place_methods.eq_
    ne_ = in_place_methods.ne_
    not_equal_ = in_place_methods.not_equal_
    lt_ = in_place_methods.lt_
    less_ = in_place_methods.less_
    le_ = in_place_methods.le_
    less_equal_ = in_place_methods.less_equal_
    gt_ = in_place_methods.gt_
    greater_ = in_place_methods.greater_
    ge_ = in_place_methods.ge_
    greater_equal_ = in_place_methods.greater_equal_
    logical_and_ = in_place_methods.logical_and_
    logical_or_ = in_place_methods.logical_or_
    logical_xor_ = in_place_methods.logical_xor_
    logical_not_ = in_place_methods.logical_not_
    bitwise_and_ = __iand__ = in_place_methods.bitwise_and_
    bitwise_or_ = __ior__ = in_place_methods.bitwise_or_
    bitwise_xor_ = __ixor__ = in_place_methods.bitwise_xor_
    bitwise_not_ = in_place_methods.bitwise_not_
    bitwise_left_shift_ = __ilshift__ = in_place_methods.bitwise_left_shift_
    bitwise_right_shift_ = __irshift__ = in_place_methods.bitwise_right_shift_
    copy_ = in_place.copy_
    fill_ = in_place.fill_
    zero_ = in_place.zero_
    cumsum_ = in_place_methods.cumsum_
    cumprod_ = in_place_methods.cumprod_
    renorm_ = in_place_methods.renorm_
    addmm_ = in_place_methods.addmm_
    addmv_ = in_place_methods.addmv_
    addr_ = in_place_methods.addr_
    addbmm_ = in_place_methods.addbmm_
    baddbmm_ = in_place_methods.baddbmm_
    tril_ = in_place_methods.tril_
    triu_ = in_place_methods.triu_
    fill_diagonal_ = in_place_methods.fill_diagonal_
    scatter_ = in_place_methods.scatter_
    scatter_add_ = in_place_methods.scatter_add_
    scatter_reduce_ = in_place_methods.scatter_reduce_
    index_add_ = in_place_methods.index_add_
    index_copy_ = in_place_methods.index_copy_
    index_fill_ = in_place_methods.index_fill_
    index_put_ = in_place_methods.index_put_
    masked_fill_ = in_place_methods.masked_fill_
    masked_scatter_ = in_place_methods.masked_scatter_
    put_ = in_place_methods.put_
    squeeze_ = shape_in_place.squeeze_
    unsqueeze_ = shape_in_place.unsqueeze_
    transpose_ = shape_in_place.transpose_
    swapaxes_ = shape_in_place.swapaxes_
    swapdims_ = shape_in_place.swapdims_
    t_ = shape_in_place.t_

    # ------------------------------------------------------------ random numbers, in place

    uniform_ = filling.uniform_
    normal_ = filling.normal_
    bernoulli_ = filling.bernoulli_
    random_ = filling.random_
    exponential_ = filling.exponential_
    log_normal_ = filling.log_normal_
    cauchy_ = filling.cauchy_
    geometric_ = filling.geometric_

    # ------------------------------------------------------------ new tensors of this dtype

    new_zeros = fresh.new_zeros
    new_ones = fresh.new_ones
    new_empty = fresh.new_empty
    new_full = fresh.new_full
    new_tensor = fresh.new_tensor
    bernoulli = distributions.bernoulli
    multinomial = distributions.multinomial
