"""In-place changes: the ordinary op, then a write into the buffer and a new node.

A Tensor changed in place gets the node of the op that computed the new value.  Changed through a
view, it is the root that adopts a node, ``assign(old root, new value, view)``, and every view of
that storage derives its node again when next asked.  What earlier ops saved is guarded by the
storage's version; an operand that the write overwrites and the rule names is copied first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.graph import Leaf, Node, Op
from autograd.hooks import move_retention
from autograd.modes import MODE
from autograd.op import elementwise, structural
from autograd.ops import (
    arithmetic,
    division,
    exponential,
    gathering,
    indexing,
    logic,
    masking,
    powers,
    rounding,
    scattering,
    selection,
    slices,
    special,
    trigonometric,
)
from autograd.ops.indexing import getitem_at, is_basic, parts_of, plain, put_at, shown, window
from autograd.ops.passing import cast
from autograd.ops.shape import reshape
from autograd.payload import payload_of
from autograd.promotion import category
from autograd.record import handle, is_tensor, numbers, record_without_forward
from autograd.storage import Chain, follow, new_storage

if TYPE_CHECKING:
    from autograd.tensor import Tensor


@structural(
    x=lambda upstream, chain: assign(upstream, upstream.dtype.type(0), chain=chain),  # type: ignore[has-type]
    value=lambda upstream, chain: follow(upstream, chain),
)
def assign(x: Any, value: Any, *, chain: Chain) -> Any:
    """Return a copy of x in which the view that ``chain`` describes holds ``value``."""
    z = np.array(x, order="C")
    window = follow(z, chain)
    if np.may_share_memory(window, z):
        window[...] = value
    else:  # the view exists in the root's memory order, which a gradient need not have
        z.reshape(-1)[follow(np.arange(z.size).reshape(z.shape), chain)] = value
    return z


@elementwise(promotes=None, x=0, source=1)
def copied(x: Any, source: Any) -> Any:
    """Forget x and take the source's values, cast to x's dtype and repeated to its shape."""
    source = np.asarray(source, x.dtype)
    if not _fits(source.shape, x.shape):
        raise RuntimeError(f"copy_: values of shape {source.shape} do not fit shape {x.shape}")
    source = source.reshape(source.shape[max(source.ndim - x.ndim, 0) :])  # leading 1s
    return np.array(np.broadcast_to(source, x.shape))[()]


def _fits(source: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Tell whether values of one shape can be repeated to fill another."""
    lead = len(source) - len(target)
    pairs = zip(source[::-1], target[::-1], strict=False)
    return all(n == 1 for n in source[: max(lead, 0)]) and all(n in (1, m) for n, m in pairs)


def in_place(
    name: str, target: Tensor, function: Callable[..., Any], *operands: Any, **attributes: Any
) -> Tensor:
    """Compute ``function(target, *operands)``, write it into ``target`` and return it.

    ``name`` is what errors call the change: ``mul_``.

    Raises
    ------
    RuntimeError
        If the target is a leaf that requires grad (or a view of one) and operations are being
        recorded, if the result has another shape, or if its dtype cannot be held.
    """
    recording = MODE.get().recording
    view = target.view_of
    root = target if view is None else view.root
    if recording and (isinstance(root.node, Leaf) or isinstance(target.node, Leaf)):
        raise RuntimeError(
            f"{name}: a leaf that requires grad{' (through a view)' if view else ''} cannot be "
            "changed in place while operations are recorded; use torch's idiom, "
            "`with autograd.no_grad():`"
        )
    first, *rest = [_apart(operand, target) for operand in (target, *operands)]
    result = function(first, *rest, **attributes)
    _check(name, target, result)
    if result.dtype != target.dtype:
        result = cast(result, dtype=target.dtype)
    _keep_what_was(target, root, first)
    if type(target.payload) is np.ndarray:
        _writable(name, target)
        target.payload[...] = result.payload
    else:
        target.payload = result.payload
        if isinstance(target._node, Leaf):
            target._node.value = result.payload
    storage = target.storage
    if storage is None:
        storage = target.storage = new_storage()
        if isinstance(target._node, Leaf):
            target._node.storage = storage
    storage.touch()
    if recording:
        before = root._node
        _adopt(target, root, result)
        move_retention(before, root._node)
    return target


def _writable(name: str, target: Tensor) -> None:
    """Refuse memory that cannot be written to, or in which several elements are one cell."""
    array = target.payload
    if not array.flags.writeable:
        raise RuntimeError(
            f"{name}: the tensor's memory is read-only, or its windows overlap; change a clone() "
            "of it"
        )
    if 0 in array.strides and any(
        n > 1 and not step for n, step in zip(array.shape, array.strides, strict=True)
    ):
        raise RuntimeError(
            f"{name}: several elements of an expanded view are one cell of memory; change a "
            "clone() of it"
        )


def _keep_what_was(target: Tensor, root: Tensor, before: Any) -> None:
    """Let the op that made the target keep the value it computed, not what is written over it."""
    for tensor, value in ((target, before.payload), (root, None)):
        node = tensor._node
        if (
            isinstance(node, Op)
            and type(tensor.payload) is np.ndarray
            and node.value is tensor.payload
        ):
            node.value = value


def _apart(operand: Any, target: Tensor) -> Any:
    """Copy an operand that the write will overwrite, so that what an op saves stays true."""
    if not is_tensor(operand) or type(operand.payload) is not np.ndarray:
        return operand
    if operand is target or (operand.storage is not None and operand.storage is target.storage):
        return handle(operand.payload.copy(), operand.node)
    if np.may_share_memory(operand.payload, target.payload):
        return handle(operand.payload.copy(), operand.node)
    return operand


def _check(name: str, target: Tensor, result: Any) -> None:
    if result.shape != target.shape:
        raise RuntimeError(
            f"{name}: a tensor of shape {target.shape} cannot hold the result of shape "
            f"{result.shape}"
        )
    if category(result.dtype) > category(target.dtype):
        raise RuntimeError(
            f"{name}: a tensor of dtype {target.dtype} cannot hold the result of dtype "
            f"{result.dtype}"
        )


def _adopt(target: Tensor, root: Tensor, result: Tensor) -> None:
    """Give the root (and so its views) the node of the new value."""
    view = target.view_of
    if view is None or root.storage is not target.storage:  # or the root got other data since
        target.view_of = None
        target._node = result._node
    elif root.node is not None or result._node is not None:
        nodes = (root.node, result._node)
        root._node = record_without_forward(
            assign.row,  # type: ignore[attr-defined]
            nodes,
            root.shape,
            root.dtype,
            chain=view.chain,
        )
    if target.storage is not None:
        target.storage.rebased += 1


def _method(function: Callable[..., Any], name: str) -> Callable[..., Tensor]:
    def change(self: Tensor, *operands: Any, **attributes: Any) -> Tensor:
        return in_place(name, self, function, *operands, **attributes)

    change.__name__ = change.__qualname__ = name
    change.__doc__ = f"In-place version of ``{name.rstrip('_')}``; returns the tensor itself."
    return change


add_ = _method(arithmetic.add, "add_")
sub_ = _method(arithmetic.subtract, "sub_")
subtract_ = _method(arithmetic.subtract, "subtract_")
mul_ = _method(arithmetic.multiply, "mul_")
multiply_ = _method(arithmetic.multiply, "multiply_")
neg_ = _method(arithmetic.negative, "neg_")
negative_ = _method(arithmetic.negative, "negative_")
abs_ = _method(arithmetic.absolute, "abs_")
absolute_ = _method(arithmetic.absolute, "absolute_")
sign_ = _method(arithmetic.sign, "sign_")
sgn_ = _method(arithmetic.sign, "sgn_")
copysign_ = _method(arithmetic.copysign, "copysign_")
lerp_ = _method(arithmetic.lerp, "lerp_")
addcmul_ = _method(arithmetic.addcmul, "addcmul_")
addcdiv_ = _method(arithmetic.addcdiv, "addcdiv_")
div_ = _method(division.divide, "div_")
divide_ = _method(division.divide, "divide_")
true_divide_ = _method(division.true_divide, "true_divide_")
floor_divide_ = _method(division.floor_divide, "floor_divide_")
remainder_ = _method(division.remainder, "remainder_")
fmod_ = _method(division.fmod, "fmod_")
pow_ = _method(powers.power, "pow_")
square_ = _method(powers.square, "square_")
reciprocal_ = _method(powers.reciprocal, "reciprocal_")
sqrt_ = _method(powers.sqrt, "sqrt_")
rsqrt_ = _method(powers.rsqrt, "rsqrt_")
floor_ = _method(rounding.floor, "floor_")
ceil_ = _method(rounding.ceil, "ceil_")
round_ = _method(rounding.round, "round_")
trunc_ = _method(rounding.trunc, "trunc_")
fix_ = _method(rounding.trunc, "fix_")
frac_ = _method(rounding.frac, "frac_")
exp_ = _method(exponential.exp, "exp_")
exp2_ = _method(exponential.exp2, "exp2_")
expm1_ = _method(exponential.expm1, "expm1_")
log_ = _method(exponential.log, "log_")
log2_ = _method(exponential.log2, "log2_")
log10_ = _method(exponential.log10, "log10_")
log1p_ = _method(exponential.log1p, "log1p_")
logit_ = _method(exponential.logit, "logit_")
sigmoid_ = _method(exponential.sigmoid, "sigmoid_")
xlogy_ = _method(exponential.xlogy, "xlogy_")
sin_ = _method(trigonometric.sin, "sin_")
cos_ = _method(trigonometric.cos, "cos_")
tan_ = _method(trigonometric.tan, "tan_")
asin_ = _method(trigonometric.asin, "asin_")
arcsin_ = _method(trigonometric.asin, "arcsin_")
acos_ = _method(trigonometric.acos, "acos_")
arccos_ = _method(trigonometric.acos, "arccos_")
atan_ = _method(trigonometric.atan, "atan_")
arctan_ = _method(trigonometric.atan, "arctan_")
atan2_ = _method(trigonometric.atan2, "atan2_")
arctan2_ = _method(trigonometric.atan2, "arctan2_")
sinh_ = _method(trigonometric.sinh, "sinh_")
cosh_ = _method(trigonometric.cosh, "cosh_")
tanh_ = _method(trigonometric.tanh, "tanh_")
asinh_ = _method(trigonometric.asinh, "asinh_")
arcsinh_ = _method(trigonometric.asinh, "arcsinh_")
acosh_ = _method(trigonometric.acosh, "acosh_")
arccosh_ = _method(trigonometric.acosh, "arccosh_")
atanh_ = _method(trigonometric.atanh, "atanh_")
arctanh_ = _method(trigonometric.atanh, "arctanh_")
hypot_ = _method(trigonometric.hypot, "hypot_")
sinc_ = _method(trigonometric.sinc, "sinc_")
deg2rad_ = _method(trigonometric.deg2rad, "deg2rad_")
rad2deg_ = _method(trigonometric.rad2deg, "rad2deg_")
erf_ = _method(special.erf, "erf_")
erfc_ = _method(special.erfc, "erfc_")
erfinv_ = _method(special.erfinv, "erfinv_")
lgamma_ = _method(special.lgamma, "lgamma_")
digamma_ = _method(special.digamma, "digamma_")
polygamma_ = _method(lambda x, n: special.polygamma(n, x), "polygamma_")
relu_ = _method(selection.relu, "relu_")
clamp_ = _method(selection.clamp, "clamp_")
clip_ = _method(selection.clamp, "clip_")
clamp_min_ = _method(selection.clamp_min, "clamp_min_")
clamp_max_ = _method(selection.clamp_max, "clamp_max_")
nan_to_num_ = _method(selection.nan_to_num, "nan_to_num_")
logical_and_ = _method(logic.logical_and, "logical_and_")
logical_or_ = _method(logic.logical_or, "logical_or_")
logical_xor_ = _method(logic.logical_xor, "logical_xor_")
logical_not_ = _method(logic.logical_not, "logical_not_")
bitwise_and_ = _method(logic.bitwise_and, "bitwise_and_")
bitwise_or_ = _method(logic.bitwise_or, "bitwise_or_")
bitwise_xor_ = _method(logic.bitwise_xor, "bitwise_xor_")
bitwise_not_ = _method(logic.bitwise_not, "bitwise_not_")
bitwise_left_shift_ = _method(logic.bitwise_left_shift, "bitwise_left_shift_")
bitwise_right_shift_ = _method(logic.bitwise_right_shift, "bitwise_right_shift_")
scatter_ = _method(scattering.scatter, "scatter_")
scatter_add_ = _method(scattering.scatter_add, "scatter_add_")
scatter_reduce_ = _method(scattering.scatter_reduce, "scatter_reduce_")
index_add_ = _method(slices.index_add, "index_add_")
index_copy_ = _method(slices.index_copy, "index_copy_")
index_fill_ = _method(slices.index_fill, "index_fill_")
index_put_ = _method(indexing.index_put, "index_put_")
masked_fill_ = _method(masking.masked_fill, "masked_fill_")
masked_scatter_ = _method(masking.masked_scatter, "masked_scatter_")
put_ = _method(gathering.put, "put_")


def copy_(self: Tensor, source: Any, non_blocking: bool = False) -> Tensor:
    """Take the values of ``source``, cast and repeated to fit; returns the tensor itself.

    Source: ``torch.Tensor.copy_``.
    """
    source = _written("copy_", self, source)
    if np.ndim(source) > self.ndim:
        raise RuntimeError(f"copy_: values of shape {np.shape(source)} do not fit {self.shape}")
    return in_place("copy_", self, copied, source)


def float_power_(self: Tensor, exponent: Any) -> Tensor:
    """In-place version of ``float_power``, whose result only a float64 tensor can hold."""
    if self.dtype != np.float64:
        raise RuntimeError(
            f"float_power_: a tensor of dtype {self.dtype} cannot hold the result, which is float64"
        )
    return in_place("float_power_", self, powers.float_power, exponent)


def fill_(self: Tensor, value: Any) -> Tensor:
    """Set every element to ``value``, a number or a 0-d tensor; returns the tensor itself.

    Source: ``torch.Tensor.fill_``.
    """
    if np.ndim(value):
        raise RuntimeError(f"fill_: expected one number, got shape {np.shape(value)}")
    return in_place("fill_", self, copied, _written("fill_", self, value))


def _written(name: str, target: Tensor, value: Any) -> Any:
    """Return a value that can be written: a Tensor, an array, or a number that the dtype holds."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if target.dtype.kind in "fb" else payload_of(value, target.dtype, name=name)
    if not (is_tensor(value) or isinstance(value, (np.ndarray, bool))):
        raise TypeError(
            f"{name}: expected a Tensor, an array or a number, got {type(value).__name__}"
        )
    return value


def zero_(self: Tensor) -> Tensor:
    """Set every element to 0; returns the tensor itself."""
    return in_place("zero_", self, copied, 0)


def setitem(self: Tensor, index: Any, value: Any) -> None:
    """Write ``value`` at ``index``: ``x[index] = value``.

    Numbers, lists, arrays and tensors are cast to the tensor's dtype and broadcast.

    Raises
    ------
    IndexError
        If the index does not fit the tensor.
    RuntimeError
        If the value does not broadcast to ``x[index]``.
    TypeError
        If the value holds no numbers.

    Source: ``torch.Tensor.__setitem__``.
    """
    if isinstance(value, (list, tuple)):
        value = numbers("x[index] = value", value, self.dtype)
    value = _written("x[index] = value", self, value)
    if type(self.payload) is not np.ndarray:
        self.share()
    try:
        basic, arrays = plain(index), None
        if not is_basic(basic):
            basic, arrays = parts_of(basic, self.ndim)
        target = self if basic is None else getitem_at(self, index=basic)
        shape = target.shape if arrays is None else window(target.shape, arrays)
    except IndexError as error:
        raise IndexError(
            f"x[index] = value: {error}; x has shape {self.shape}, index is {shown(index)}"
        ) from None
    if not _fits(np.shape(value), shape):
        raise RuntimeError(
            f"x[index] = value: a value of shape {np.shape(value)} does not fit x[index] of shape "
            f"{shape}"
        )
    if arrays is None:
        in_place("x[index] = value", target, copied, value)
        return
    if np.ndim(value) > len(shape):
        value = reshape(value, np.shape(value)[np.ndim(value) - len(shape) :])  # leading 1s
    if _is_recorded(target, value):
        in_place("x[index] = value", target, put_at, value, index=arrays)
    else:
        _writable("x[index] = value", target)
        target.payload[arrays] = value.payload if is_tensor(value) else value
        target.share().touch()


def _is_recorded(target: Tensor, value: Any) -> bool:
    """Tell whether a write changes or needs a record, beyond the count of changes."""
    root = target if target.view_of is None else target.view_of.root
    given = [value] if is_tensor(value) else []
    nodes = [tensor.node for tensor in (target, root, *given)]
    return any(isinstance(node, Op if not MODE.get().recording else Node) for node in nodes)
