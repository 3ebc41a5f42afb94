"""Operations as methods that change their tensor in place, ``add_`` and its kin: one line each.

What a change in place is stands in ``in_place``.  Each line has the operation, the method's name
and the operands of the example in its docstring.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.naming import named, naming
from autograd.ops import (
    affine,
    arithmetic,
    clamping,
    comparison,
    cumulative,
    diagonals,
    division,
    divisors,
    exponential,
    factors,
    floating_point,
    gathering,
    indexing,
    logic,
    masking,
    norms,
    powers,
    rounding,
    scattering,
    selection,
    slices,
    special,
    trigonometric,
)
from autograd.ops.in_place import in_place

if TYPE_CHECKING:
    from autograd.tensor import Tensor

SCIPY = "  # doctest: +SKIP"  # which need not be installed

DOCSTRING = """Compute ``{base}`` and write the result into the tensor, which is returned.

    Raises
    ------
    RuntimeError
        If the tensor is a leaf that requires grad (or a view of one) and operations are recorded,
        or if it cannot hold the result's shape or kind of dtype.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor({x})
    >>> x.clone().{name}({operands}).equal(x.{base}({operands})){needs}
    True

    Source: ``torch.Tensor.{name}``.
    """


def _method(
    function: Callable[..., Any],
    name: str,
    operands: str = "",
    x: str = "[0.25, 0.75]",
    needs: str = "",
) -> Callable[..., Tensor]:
    """Make the method that computes ``function`` in place; its example is x.name(operands)."""

    def change(self: Tensor, *operands: Any, **attributes: Any) -> Tensor:
        try:
            return in_place(name, self, function, *operands, **attributes)
        except Exception as error:
            raise named(error, name, operands) from None

    change.__name__ = change.__qualname__ = name
    change.__doc__ = DOCSTRING.format(
        name=name, base=name[:-1], operands=operands, x=x, needs=needs
    )
    return change


def _polygamma(x: Any, n: int) -> Any:
    return special.polygamma(n, x)


add_ = _method(arithmetic.add, "add_", "2")
sub_ = _method(arithmetic.subtract, "sub_", "2")
subtract_ = _method(arithmetic.subtract, "subtract_", "2")
mul_ = _method(arithmetic.multiply, "mul_", "2")
multiply_ = _method(arithmetic.multiply, "multiply_", "2")
neg_ = _method(arithmetic.negative, "neg_")
negative_ = _method(arithmetic.negative, "negative_")
abs_ = _method(arithmetic.absolute, "abs_", x="[-1.5, 1.5]")
absolute_ = _method(arithmetic.absolute, "absolute_", x="[-1.5, 1.5]")
sign_ = _method(arithmetic.sign, "sign_", x="[-1.5, 1.5]")
sgn_ = _method(arithmetic.sign, "sgn_", x="[-1.5, 1.5]")
copysign_ = _method(arithmetic.copysign, "copysign_", "autograd.tensor([2.0, -3.0])")
lerp_ = _method(arithmetic.lerp, "lerp_", "autograd.tensor([1.0, 2.0]), 0.5")
addcmul_ = _method(
    arithmetic.addcmul, "addcmul_", "autograd.tensor([1.0, 2.0]), autograd.tensor([3.0, 4.0])"
)
addcdiv_ = _method(
    arithmetic.addcdiv, "addcdiv_", "autograd.tensor([1.0, 2.0]), autograd.tensor([3.0, 4.0])"
)
div_ = _method(division.divide, "div_", "2")
divide_ = _method(division.divide, "divide_", "2")
true_divide_ = _method(division.true_divide, "true_divide_", "2")
floor_divide_ = _method(division.floor_divide, "floor_divide_", "2")
remainder_ = _method(division.remainder, "remainder_", "2")
fmod_ = _method(division.fmod, "fmod_", "2")
pow_ = _method(powers.power, "pow_", "2")
square_ = _method(powers.square, "square_")
reciprocal_ = _method(powers.reciprocal, "reciprocal_")
sqrt_ = _method(powers.sqrt, "sqrt_")
rsqrt_ = _method(powers.rsqrt, "rsqrt_")
floor_ = _method(rounding.floor, "floor_", x="[-1.5, 1.5]")
ceil_ = _method(rounding.ceil, "ceil_", x="[-1.5, 1.5]")
round_ = _method(rounding.round, "round_", x="[0.5, 1.5]")
trunc_ = _method(rounding.trunc, "trunc_", x="[-1.5, 1.5]")
fix_ = _method(rounding.trunc, "fix_", x="[-1.5, 1.5]")
frac_ = _method(rounding.frac, "frac_", x="[-1.5, 1.5]")
heaviside_ = _method(rounding.heaviside, "heaviside_", "autograd.tensor(0.5)", x="[-1.5, 0.0]")
gcd_ = _method(divisors.gcd, "gcd_", "autograd.tensor(6)", x="[4, 15]")
lcm_ = _method(divisors.lcm, "lcm_", "autograd.tensor(6)", x="[4, 15]")
ldexp_ = _method(floating_point.ldexp, "ldexp_", "autograd.tensor(2)")
nextafter_ = _method(floating_point.nextafter, "nextafter_", "autograd.tensor(1.0)")
exp_ = _method(exponential.exp, "exp_")
exp2_ = _method(exponential.exp2, "exp2_")
expm1_ = _method(exponential.expm1, "expm1_")
log_ = _method(exponential.log, "log_")
log2_ = _method(exponential.log2, "log2_")
log10_ = _method(exponential.log10, "log10_")
log1p_ = _method(exponential.log1p, "log1p_")
logit_ = _method(exponential.logit, "logit_")
sigmoid_ = _method(exponential.sigmoid, "sigmoid_")
xlogy_ = _method(exponential.xlogy, "xlogy_", "autograd.tensor([2.0, 3.0])")
sin_ = _method(trigonometric.sin, "sin_")
cos_ = _method(trigonometric.cos, "cos_")
tan_ = _method(trigonometric.tan, "tan_")
asin_ = _method(trigonometric.asin, "asin_")
arcsin_ = _method(trigonometric.asin, "arcsin_")
acos_ = _method(trigonometric.acos, "acos_")
arccos_ = _method(trigonometric.acos, "arccos_")
atan_ = _method(trigonometric.atan, "atan_")
arctan_ = _method(trigonometric.atan, "arctan_")
atan2_ = _method(trigonometric.atan2, "atan2_", "autograd.tensor([2.0, -3.0])")
arctan2_ = _method(trigonometric.atan2, "arctan2_", "autograd.tensor([2.0, -3.0])")
sinh_ = _method(trigonometric.sinh, "sinh_")
cosh_ = _method(trigonometric.cosh, "cosh_")
tanh_ = _method(trigonometric.tanh, "tanh_")
asinh_ = _method(trigonometric.asinh, "asinh_")
arcsinh_ = _method(trigonometric.asinh, "arcsinh_")
acosh_ = _method(trigonometric.acosh, "acosh_", x="[1.5, 2.0]")
arccosh_ = _method(trigonometric.acosh, "arccosh_", x="[1.5, 2.0]")
atanh_ = _method(trigonometric.atanh, "atanh_")
arctanh_ = _method(trigonometric.atanh, "arctanh_")
hypot_ = _method(trigonometric.hypot, "hypot_", "autograd.tensor([2.0, -3.0])")
sinc_ = _method(trigonometric.sinc, "sinc_")
deg2rad_ = _method(trigonometric.deg2rad, "deg2rad_")
rad2deg_ = _method(trigonometric.rad2deg, "rad2deg_")
erf_ = _method(special.erf, "erf_")
erfc_ = _method(special.erfc, "erfc_")
erfinv_ = _method(special.erfinv, "erfinv_", needs=SCIPY)
i0_ = _method(special.i0, "i0_", needs=SCIPY)
lgamma_ = _method(special.lgamma, "lgamma_", needs=SCIPY)
digamma_ = _method(special.digamma, "digamma_", needs=SCIPY)
polygamma_ = _method(_polygamma, "polygamma_", "1", needs=SCIPY)
relu_ = _method(selection.relu, "relu_", x="[-1.5, 1.5]")
clamp_ = _method(clamping.clamp, "clamp_", "0.5, 1")
clip_ = _method(clamping.clamp, "clip_", "0.5, 1")
clamp_min_ = _method(clamping.clamp_min, "clamp_min_", "0.5")
clamp_max_ = _method(clamping.clamp_max, "clamp_max_", "0.5")
nan_to_num_ = _method(selection.nan_to_num, "nan_to_num_", x='[1.0, float("nan")]')
eq_ = _method(comparison.eq, "eq_", "True", "[True, False]")
ne_ = _method(comparison.ne, "ne_", "True", "[True, False]")
not_equal_ = _method(comparison.ne, "not_equal_", "True", "[True, False]")
lt_ = _method(comparison.lt, "lt_", "True", "[True, False]")
less_ = _method(comparison.lt, "less_", "True", "[True, False]")
le_ = _method(comparison.le, "le_", "True", "[True, False]")
less_equal_ = _method(comparison.le, "less_equal_", "True", "[True, False]")
gt_ = _method(comparison.gt, "gt_", "True", "[True, False]")
greater_ = _method(comparison.gt, "greater_", "True", "[True, False]")
ge_ = _method(comparison.ge, "ge_", "True", "[True, False]")
greater_equal_ = _method(comparison.ge, "greater_equal_", "True", "[True, False]")
logical_and_ = _method(
    logic.logical_and, "logical_and_", "autograd.tensor([True, True])", "[True, False]"
)
logical_or_ = _method(
    logic.logical_or, "logical_or_", "autograd.tensor([True, True])", "[True, False]"
)
logical_xor_ = _method(
    logic.logical_xor, "logical_xor_", "autograd.tensor([True, True])", "[True, False]"
)
logical_not_ = _method(logic.logical_not, "logical_not_", x="[True, False]")
bitwise_and_ = _method(logic.bitwise_and, "bitwise_and_", "2", "[6, 3]")
bitwise_or_ = _method(logic.bitwise_or, "bitwise_or_", "2", "[6, 3]")
bitwise_xor_ = _method(logic.bitwise_xor, "bitwise_xor_", "2", "[6, 3]")
bitwise_not_ = _method(logic.bitwise_not, "bitwise_not_", x="[6, 3]")
bitwise_left_shift_ = _method(logic.bitwise_left_shift, "bitwise_left_shift_", "2", "[6, 3]")
bitwise_right_shift_ = _method(logic.bitwise_right_shift, "bitwise_right_shift_", "2", "[6, 3]")
cumsum_ = _method(cumulative.cumsum, "cumsum_", "0")
cumprod_ = _method(factors.cumprod, "cumprod_", "0")
renorm_ = _method(norms.renorm, "renorm_", "2, 0, 1", x="[[3.0, 4.0], [0.3, 0.4]]")
addmm_ = _method(
    affine.addmm, "addmm_", "autograd.eye(2), autograd.eye(2)", "[[1.0, 2.0], [3.0, 4.0]]"
)
addmv_ = _method(affine.addmv, "addmv_", "autograd.eye(2), autograd.ones(2)")
addr_ = _method(
    affine.addr, "addr_", "autograd.ones(2), autograd.ones(2)", "[[1.0, 2.0], [3.0, 4.0]]"
)
addbmm_ = _method(
    affine.addbmm,
    "addbmm_",
    "autograd.ones(3, 2, 1), autograd.ones(3, 1, 2)",
    "[[1.0, 2.0], [3.0, 4.0]]",
)
baddbmm_ = _method(
    affine.baddbmm,
    "baddbmm_",
    "autograd.ones(1, 2, 1), autograd.ones(1, 1, 2)",
    "[[[1.0, 2.0], [3.0, 4.0]]]",
)
tril_ = _method(diagonals.tril, "tril_", "", "[[1.0, 2.0], [3.0, 4.0]]")
triu_ = _method(diagonals.triu, "triu_", "", "[[1.0, 2.0], [3.0, 4.0]]")
scatter_ = _method(
    scattering.scatter, "scatter_", "0, autograd.tensor([1]), autograd.tensor([5.0])"
)
scatter_add_ = _method(
    scattering.scatter_add, "scatter_add_", "0, autograd.tensor([1]), autograd.tensor([5.0])"
)
scatter_reduce_ = _method(
    scattering.scatter_reduce,
    "scatter_reduce_",
    '0, autograd.tensor([1]), autograd.tensor([5.0]), "amax"',
)
index_add_ = _method(
    slices.index_add, "index_add_", "0, autograd.tensor([1]), autograd.tensor([5.0])"
)
index_copy_ = _method(
    slices.index_copy, "index_copy_", "0, autograd.tensor([1]), autograd.tensor([5.0])"
)
index_fill_ = _method(slices.index_fill, "index_fill_", "0, autograd.tensor([1]), 5.0")
index_put_ = _method(
    indexing.index_put, "index_put_", "(autograd.tensor([1]),), autograd.tensor([5.0])"
)
masked_fill_ = _method(masking.masked_fill, "masked_fill_", "autograd.tensor([True, False]), 5.0")
masked_scatter_ = _method(
    masking.masked_scatter,
    "masked_scatter_",
    "autograd.tensor([True, False]), autograd.tensor([5.0])",
)
put_ = _method(gathering.put, "put_", "autograd.tensor([1]), autograd.tensor([5.0])")


@naming
def fill_diagonal_(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Set the elements whose indices are all equal to a number; returns the tensor itself.

    Shapes: (m, n), or more dimensions of one length.

    Parameters
    ----------
    fill_value : number, or 0-d Tensor
    wrap : bool
        Whether the diagonal of a tall matrix begins again below each full square.

    Raises
    ------
    RuntimeError
        If there are fewer than 2 dimensions, or more than 2 of different lengths.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(2, 3).fill_diagonal_(1)
    tensor([[1., 0., 0.],
            [0., 1., 0.]])

    Source: ``torch.Tensor.fill_diagonal_``.
    """
    if self.ndim < 2 or (self.ndim > 2 and len(set(self.shape)) > 1):
        raise RuntimeError(
            "fill_diagonal_: expected a matrix, or more dimensions of one length, got shape "
            f"{self.shape}"
        )
    mask = np.zeros(self.shape, bool)
    if mask.size:
        np.fill_diagonal(mask, True, wrap)
    return in_place("fill_diagonal_", self, masking.masked_fill, mask, fill_value)
