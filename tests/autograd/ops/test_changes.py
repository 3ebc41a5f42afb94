"""Every in-place method: that it is PyTorch's op and then a write, and that none is missing.

PyTorch's op is the reference, and not its in-place version, where both exist: of some (``asinh_``)
it has no derivative, and after ``logical_and_`` it passes the gradient on as if nothing were done.
"""

import numpy as np
import pytest

import autograd

DRAWN = np.random.default_rng(3).uniform(0.2, 0.8, (3, 3))
SQUARE, OTHER = DRAWN, DRAWN[::-1].copy()
INDEX = np.array([[0, 2, 1], [2, 1, 0]])
# Arguments (arrays become tensors of each library) beside the tensor that is changed.
ARGUMENTS = {
    **dict.fromkeys(("eq_", "ne_", "not_equal_", "lt_", "less_", "le_", "less_equal_"), (0.5,)),
    **dict.fromkeys(("gt_", "greater_", "ge_", "greater_equal_"), (OTHER,)),
    **dict.fromkeys(("add_", "sub_", "subtract_", "mul_", "multiply_", "copysign_"), (OTHER,)),
    **dict.fromkeys(("div_", "divide_", "true_divide_", "floor_divide_", "remainder_"), (OTHER,)),
    **dict.fromkeys(("fmod_", "pow_", "float_power_", "xlogy_", "atan2_", "arctan2_"), (OTHER,)),
    **dict.fromkeys(("hypot_", "clamp_min_", "clamp_max_", "copy_"), (OTHER,)),
    **dict.fromkeys(("logical_and_", "logical_or_", "logical_xor_"), (OTHER > 0.5,)),
    **dict.fromkeys(("clamp_", "clip_"), (0.4, 0.6)),
    **dict.fromkeys(("addcmul_", "addcdiv_"), (OTHER, SQUARE)),
    **dict.fromkeys(("addmm_",), (OTHER, SQUARE)),
    **dict.fromkeys(("cumsum_", "cumprod_"), (1,)),
    "lerp_": (OTHER, 0.3),
    "heaviside_": (OTHER,),
    "nextafter_": (OTHER,),
    "ldexp_": (INDEX[0],),
    "renorm_": (2, 0, 0.5),
    "addr_": (SQUARE[0], OTHER[1]),
    "addbmm_": (np.stack([SQUARE, OTHER]), np.stack([OTHER, SQUARE])),
    "polygamma_": (1,),
    "fill_": (0.5,),
    "fill_diagonal_": (0.5,),
    "tril_": (-1,),
    "triu_": (1,),
    "scatter_": (0, INDEX, OTHER[:2]),
    "scatter_add_": (0, INDEX, OTHER[:2]),
    "scatter_reduce_": (0, INDEX, OTHER[:2], "amax"),
    "index_add_": (0, INDEX[0][:2], OTHER[:2]),
    "index_copy_": (0, INDEX[0][:2], OTHER[:2]),
    "index_fill_": (0, INDEX[0][:2], 0.5),
    "index_put_": ((INDEX[0],), OTHER),
    "masked_fill_": (OTHER > 0.5, 0.1),
    "masked_scatter_": (OTHER > 0.5, SQUARE),
    "put_": (INDEX, OTHER[:2]),
}
WHOLE = {"bitwise_and_", "bitwise_or_", "bitwise_xor_", "bitwise_not_"} | {
    *("bitwise_left_shift_", "bitwise_right_shift_", "gcd_", "lcm_"),
}
# The slopes of what has no derivative in PyTorch, where going back raises.
SLOPES = {"floor_divide_": 0, "heaviside_": 0, "nextafter_": SQUARE != OTHER}
ON_OTHER_SHAPES = {
    "baddbmm_": (SQUARE[None], (SQUARE[None], OTHER[None])),
    "addmv_": (SQUARE[1], (OTHER, SQUARE[0])),
    **dict.fromkeys(("acosh_", "arccosh_"), (SQUARE + 1.5, ())),
}
RANDOM = {
    *("uniform_", "normal_", "bernoulli_", "random_", "exponential_", "log_normal_", "cauchy_"),
    *("geometric_",),
}
SHAPES = {"squeeze_", "unsqueeze_", "transpose_", "swapaxes_", "swapdims_", "t_"}
# Reached in tests of their own: no op, a change of shape, or it needs SciPy.
ELSEWHERE = {"requires_grad_", "detach_", "erfinv_", "lgamma_", "digamma_", "polygamma_"}
ELSEWHERE |= RANDOM | SHAPES
# What PyTorch has besides: other storage, functions called for each element, and functions that
# Backlight does not have.
NOT_OURS = {
    *("apply_", "map_", "map2_", "as_strided_", "resize_", "resize_as_", "resize_as_sparse_"),
    *("set_", "share_memory_", "sparse_resize_", "sparse_resize_and_clear_", "rename_"),
    *("conj_physical_", "igamma_", "igammac_", "index_reduce_", "mvlgamma_"),
}
OURS = sorted(name for name in dir(autograd.Tensor) if name[-1] == "_" and name[0] != "_")


def test_no_method_of_torch_is_missing(torch):
    theirs = {name for name in dir(torch.Tensor) if name[-1] == "_" and name[0] != "_"}
    assert theirs - set(OURS) <= NOT_OURS
    assert set(OURS) <= theirs


def of(lib, value):
    if isinstance(value, tuple):
        return tuple(of(lib, part) for part in value)
    return lib.tensor(value) if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("name", [name for name in OURS if name not in ELSEWHERE | WHOLE])
def test_a_change_is_torchs_in_value_and_gradient(name, torch):
    start, arguments = ON_OTHER_SHAPES.get(name, (SQUARE, ARGUMENTS.get(name, ())))
    upstream = np.resize(OTHER, start.shape)
    w = autograd.tensor(start, requires_grad=True)
    x = w * 1
    assert getattr(x, name)(*of(autograd, arguments)) is x
    v = torch.tensor(start, requires_grad=True)
    y = v * 1
    y = getattr(y, name[:-1] if hasattr(y, name[:-1]) else name)(*of(torch, arguments))
    np.testing.assert_allclose(x.detach().numpy(), y.detach().double().numpy(), rtol=1e-12)
    if x.requires_grad:
        x.backward(autograd.tensor(upstream))
    expected = torch.tensor(upstream * SLOPES.get(name, 0))
    if y.requires_grad and name not in SLOPES:
        (expected,) = torch.autograd.grad(y, v, torch.tensor(upstream), materialize_grads=True)
    slope = np.zeros_like(start) if w.grad is None else w.grad.numpy()
    np.testing.assert_allclose(slope, expected.numpy(force=True), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_change_of_integers_is_torchs(name, torch):
    arguments = () if name == "bitwise_not_" else (INDEX,)
    ours, theirs = autograd.tensor(INDEX + 3), torch.tensor(INDEX + 3)
    getattr(ours, name)(*of(autograd, arguments))
    getattr(theirs, name)(*of(torch, arguments))
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize(
    ("shape", "wrap"),
    [((2, 4), False), ((5, 2), False), ((5, 2), True), ((7, 2), True), ((3, 3, 3), False)],
)
def test_fill_diagonal_is_torchs(shape, wrap, torch):
    ours, theirs = autograd.zeros(shape), torch.zeros(shape)
    ours.fill_diagonal_(2, wrap)
    theirs.fill_diagonal_(2, wrap)
    assert ours.tolist() == theirs.tolist()


def test_fill_diagonal_refuses_other_shapes():
    for shape in ((3,), (2, 2, 3)):
        with pytest.raises(RuntimeError, match="fill_diagonal_: expected a matrix, or more"):
            autograd.zeros(shape).fill_diagonal_(1)


OUTPUTS = {
    "max": lambda lib, x: lib.max(x, 0),
    "min": lambda lib, x: lib.min(x, 0),
    "cummax": lambda lib, x: lib.cummax(x, 0),
    "cummin": lambda lib, x: lib.cummin(x, 0),
    "median": lambda lib, x: lib.median(x, 0),
    "kthvalue": lambda lib, x: lib.kthvalue(x, 2, 0),
    "mode": lambda lib, x: lib.mode(x, 0),
    "sort": lambda lib, x: lib.sort(x, 0),
    "topk": lambda lib, x: lib.topk(x, 2, 0),
    "std_mean": lambda lib, x: lib.std_mean(x, 0),
    "var_mean": lambda lib, x: lib.var_mean(x, 0),
    "aminmax": lambda lib, x: lib.aminmax(x, dim=0),
}


@pytest.mark.parametrize("changed", [0, 1])
@pytest.mark.parametrize("name", OUTPUTS)
def test_only_the_outputs_that_a_rule_reads_are_guarded(name, changed, torch):
    found = []
    for lib in (autograd, torch):
        x = lib.tensor([1.0, 3.0, 2.0, 4.0], requires_grad=True)
        outputs = OUTPUTS[name](lib, x)
        result = (outputs[0] * 2).sum()
        with lib.no_grad():
            outputs[changed].mul_(2)
        try:
            result.backward()
        except RuntimeError as error:
            assert "in place" in str(error) or "inplace" in str(error)
            found.append("refused")
        else:
            found.append(x.grad.tolist())
    if isinstance(found[1], list):
        np.testing.assert_allclose(found[0], found[1], rtol=1e-6)
    else:
        assert found[0] == found[1]
