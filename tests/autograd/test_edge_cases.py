"""Where numbers end: each case that could go otherwise, by name, beside PyTorch's answer.

A case is a function and the numbers that it is given.  Value, dtype and gradient have to be
PyTorch's, or the class of the error where PyTorch raises one; where ours is better, what it is.
"""

import numpy as np
import pytest

import autograd

NAN, INF = float("nan"), float("inf")
SPECIAL = [NAN, INF, -INF, 0.0, -0.0, 1.0]


def of(name, *arguments, **options):
    """Return a call of the library's function; a dot leads to a submodule."""

    def call(lib, *tensors):
        function = lib
        for part in name.split("."):
            function = getattr(function, part)
        return function(*tensors, *arguments, **options)

    call.__name__ = name
    return call


EMPTY = {
    "sum": (of("sum"), [[]]),
    "sum dim": (of("sum", 0), [np.zeros((0, 3))]),
    "sum of the axis that is not empty": (of("sum", 1), [np.zeros((0, 3))]),
    "mean": (of("mean"), [[]]),
    "mean dim": (of("mean", 0), [np.zeros((0, 3))]),
    "prod": (of("prod"), [[]]),
    "prod dim": (of("prod", 0), [np.zeros((0, 3))]),
    "var": (of("var"), [[]]),
    "var of one": (of("var"), [[2.0]]),
    "std of one": (of("std"), [[2.0]]),
    "std without correction": (of("std", correction=0), [[]]),
    "norm": (of("linalg.vector_norm"), [[]]),
    "norm inf": (of("linalg.vector_norm", INF), [[]]),
    "norm dim": (of("linalg.vector_norm", dim=0), [np.zeros((0, 3))]),
    "logsumexp": (of("logsumexp", 0), [np.zeros((0, 3))]),
    "max": (of("max"), [[]]),
    "max dim": (lambda lib, x: lib.max(x, 0).values, [np.zeros((0, 3))]),
    "max of the axis that is not empty": (lambda lib, x: lib.max(x, 1)[0], [np.zeros((0, 3))]),
    "amax": (of("amax"), [[]]),
    "amax dim": (of("amax", 0), [np.zeros((0, 3))]),
    "argmax": (of("argmax"), [[]]),
    "argmin dim": (of("argmin", 0), [np.zeros((0, 3))]),
    "all": (of("all"), [[]]),
    "any": (of("any"), [[]]),
    "median": (of("median"), [[]]),
    "median dim": (lambda lib, x: lib.median(x, 0)[0], [np.zeros((0, 3))]),
    "mode": (lambda lib, x: lib.mode(x)[0], [[]]),
    "kthvalue": (lambda lib, x: lib.kthvalue(x, 1)[0], [[]]),
    "quantile": (of("quantile", 0.5), [[]]),
    "nansum": (of("nansum"), [[]]),
    "nanmean": (of("nanmean"), [[]]),
    "cumsum": (of("cumsum", 0), [np.zeros((0, 3))]),
    "cumprod": (of("cumprod", 0), [np.zeros((0, 3))]),
    "cummax": (lambda lib, x: lib.cummax(x, 0)[0], [np.zeros((0, 3))]),
    "logcumsumexp": (of("logcumsumexp", 0), [[]]),
    "sort": (lambda lib, x: lib.sort(x)[0], [[]]),
    "topk of none": (lambda lib, x: lib.topk(x, 0)[0], [[1.0]]),
    "unique": (of("unique"), [[]]),
    "cat": (lambda lib, x, y: lib.cat([x, y]), [[], [1.0]]),
    "stack": (lambda lib, x: lib.stack([x, x]), [[]]),
    "reshape": (of("reshape", (0, 3)), [[]]),
    "flatten": (of("flatten"), [np.zeros((2, 0))]),
    "split": (lambda lib, x: lib.split(x, 2)[0], [[]]),
    "matmul": (of("matmul"), [np.zeros((2, 0)), np.zeros((0, 3))]),
    "dot": (of("dot"), [[], []]),
    "einsum": (lambda lib, x: lib.einsum("ij->i", x), [np.zeros((2, 0))]),
    "det": (of("linalg.det"), [np.zeros((0, 0))]),
    "inv": (of("linalg.inv"), [np.zeros((0, 0))]),
    "trace": (of("trace"), [np.zeros((0, 0))]),
    "index": (lambda lib, x: x[lib.tensor([], dtype=lib.int64)], [[1.0, 2.0]]),
    "mask": (lambda lib, x: x[lib.tensor([False, False])], [[1.0, 2.0]]),
    "gather": (lambda lib, x: lib.gather(x, 0, lib.zeros(0, dtype=lib.int64)), [[1.0]]),
    "where": (lambda lib, x: lib.where(x > 0, x, x), [[]]),
    "cdist": (of("cdist"), [np.zeros((0, 2)), np.zeros((3, 2))]),
    "exp": (of("exp"), [[]]),
    "clamp": (of("clamp", 0, 1), [[]]),
}
UNARY = """
    abs acos acosh asin asinh atan atanh ceil cos cosh deg2rad erf erfc exp exp2 expm1 floor frac
    isfinite isinf isnan log log10 log1p log2 logit nan_to_num neg reciprocal relu round rsqrt
    sigmoid sign signbit sin sinc sinh sqrt square tan tanh trunc
""".split()
BINARY = """
    add sub mul div floor_divide remainder fmod pow atan2 hypot copysign xlogy logaddexp maximum
    minimum fmax fmin eq ne lt le gt ge isclose
""".split()
REDUCING = """
    sum mean prod max min amax amin var std median nansum nanmean argmax argmin any all
    count_nonzero nanmedian
""".split()
ALONG = ["logsumexp", "cumsum", "cumprod", "logcumsumexp", "argmax", "argmin", "amax", "amin"]
PAIRS = [(a, b) for a in SPECIAL for b in SPECIAL]
NOT_A_NUMBER = {
    **{name: (of(name), [SPECIAL]) for name in UNARY},
    **{name: (of(name), [list(side) for side in zip(*PAIRS, strict=True)]) for name in BINARY},
    **{f"{name} with nan": (of(name), [[1.0, NAN, 3.0]]) for name in REDUCING},
    **{f"{name} with inf": (of(name), [[1.0, INF, -3.0]]) for name in REDUCING},
    **{f"{name} along, with nan": (of(name, 0), [[1.0, NAN, 3.0]]) for name in ALONG},
    **{f"{name} along, with inf": (of(name, 0), [[1.0, INF, 3.0]]) for name in ALONG},
    "logsumexp of -inf": (of("logsumexp", 0), [[-INF, -INF]]),
    "max dim": (lambda lib, x: lib.max(x, 0)[0], [[1.0, NAN, 3.0]]),
    "cummax": (lambda lib, x: lib.cummax(x, 0)[0], [[1.0, NAN, 3.0]]),
    "sort": (lambda lib, x: lib.sort(x)[0], [[1.0, NAN, -INF, INF, 3.0]]),
    "topk": (lambda lib, x: lib.topk(x, 2)[0], [[1.0, NAN, 3.0]]),
    "norm": (of("linalg.vector_norm"), [[1.0, NAN]]),
    "norm of inf": (of("linalg.vector_norm"), [[1.0, INF]]),
    "clamp": (of("clamp", 0, 1), [SPECIAL]),
    "matmul": (of("matmul"), [[1.0, INF], [0.0, 0.0]]),
}
POWERS = {
    "0 ** 0": (of("pow", 0.0), [[0.0]]),
    "0 ** 0 of the exponent": (of("pow"), [[0.0], [0.0]]),
    "a number 0 ** 0": (lambda lib, x: lib.pow(0.0, x), [[0.0]]),
    "0 ** -1": (of("pow", -1.0), [[0.0]]),
    "0 ** 0.5": (of("pow", 0.5), [[0.0]]),
    "0 ** 1": (of("pow", 1.0), [[0.0]]),
    "0 ** 2 of the exponent": (of("pow"), [[0.0], [2.0]]),
    "0 ** -2 of the exponent": (of("pow"), [[0.0], [-2.0]]),
    "(-2) ** 0.5": (of("pow", 0.5), [[-2.0]]),
    "(-2) ** 3 of the exponent": (of("pow"), [[-2.0], [3.0]]),
    "1 ** inf": (of("pow"), [[1.0], [INF]]),
    "nan ** 0": (of("pow", 0.0), [[NAN]]),
    "0 / 0": (of("div"), [[0.0], [0.0]]),
    "1 / 0": (of("div"), [[1.0, -1.0], [0.0, 0.0]]),
    "0 // 0": (of("floor_divide"), [[0.0], [0.0]]),
    "1 % 0": (of("remainder"), [[1.0], [0.0]]),
    "log 0": (of("log"), [[0.0]]),
    "log -1": (of("log"), [[-1.0]]),
    "log1p -1": (of("log1p"), [[-1.0]]),
    "xlogy 0 0": (of("xlogy"), [[0.0], [0.0]]),
    "sqrt 0": (of("sqrt"), [[0.0]]),
    "sqrt -1": (of("sqrt"), [[-1.0]]),
    "rsqrt 0": (of("rsqrt"), [[0.0]]),
    "reciprocal 0": (of("reciprocal"), [[0.0]]),
    "abs 0": (of("abs"), [[0.0, -0.0]]),
    "hypot 0 0": (of("hypot"), [[0.0], [0.0]]),
    "atan2 0 0": (of("atan2"), [[0.0], [0.0]]),
}
ZEROS = {
    "norm": (of("norm"), [[0.0, 0.0]]),
    "norm of a row": (of("linalg.vector_norm", dim=1), [[[0.0, 0.0], [3.0, 4.0]]]),
    **{f"norm {p}": (of("norm", p), [[0.0, 0.0]]) for p in (0, 0.5, 1, 1.5, 2, 3, INF, -INF, -1)},
    "norm 1 with a 0": (of("norm", 1), [[0.0, -2.0]]),
    "matrix norm": (of("linalg.matrix_norm"), [[[0.0, 0.0], [0.0, 0.0]]]),
    "std of equals": (of("std"), [[2.0, 2.0]]),
    "cdist of equals": (of("cdist"), [[[1.0, 2.0]], [[1.0, 2.0]]]),
    "prod, one 0": (of("prod"), [[2.0, 0.0, 3.0]]),
    "prod, two 0": (of("prod"), [[2.0, 0.0, 0.0, 3.0]]),
    "prod, three 0": (of("prod"), [[0.0, 0.0, 0.0]]),
    "prod dim": (of("prod", 1), [[[2.0, 0.0, 3.0], [0.0, 0.0, 4.0], [1.0, 2.0, 3.0]]]),
    "cumprod, one 0": (of("cumprod", 0), [[2.0, 0.0, 3.0]]),
    "cumprod, two 0": (of("cumprod", 0), [[2.0, 0.0, 3.0, 0.0, 4.0]]),
}
WINNERS = {
    "argmax of nan": (of("argmax"), [[1.0, NAN, NAN]]),
    "argmin of nan": (of("argmin"), [[1.0, NAN, NAN]]),
    "argmax dim of nan": (of("argmax", 1), [[[1.0, NAN, 2.0], [1.0, 3.0, 2.0]]]),
    "argmax of equals": (of("argmax"), [[1.0, 3.0, 3.0]]),
    "max dim of nan, index": (lambda lib, x: lib.max(x, 1)[1], [[[1.0, NAN, 2.0]]]),
    "cummax of nan, index": (lambda lib, x: lib.cummax(x, 0)[1], [[1.0, NAN, 2.0]]),
    "argsort of nan": (of("argsort"), [[NAN, 1.0, -INF]]),
    "median of nan, index": (lambda lib, x: lib.median(x, 0)[1], [[1.0, NAN, 2.0]]),
    "argmax of -inf": (of("argmax"), [[-INF, -INF]]),
}


WITHOUT_DERIVATIVE = {"unique", "floor_divide"}  # in PyTorch; in ours they pass none on
# Gradients in which PyTorch lets one nan or inf spoil what does not depend on it: the product of
# the other factors, and the losers beside a nan that won.
OURS_IS_EXACT = {
    "prod with nan": [NAN, 3.0, NAN],
    "prod with inf": [-INF, -3.0, INF],
    "cumprod along, with nan": [NAN, 4.0, NAN],
    "cumprod along, with inf": [INF, 4.0, INF],
    **{
        f"{name}{how} with nan": [0.0, 1.0, 0.0]
        for name in ("amax", "amin")
        for how in ("", " along,")
    },
}


def outcome(lib, call, numbers):
    """Return the value, its dtype and the gradients; or the error."""
    leaves = [lib.tensor(np.array(n, np.float64), requires_grad=True) for n in numbers]
    try:
        value = call(lib, *leaves)
    except (RuntimeError, IndexError, ValueError, TypeError, NotImplementedError) as error:
        return error
    gradients = [np.zeros(np.shape(n)) for n in numbers]
    if value.requires_grad and call.__name__ not in WITHOUT_DERIVATIVE:
        value.sum().backward()
        gradients = [
            zero if leaf.grad is None else leaf.grad.numpy()
            for zero, leaf in zip(gradients, leaves, strict=True)
        ]
    return value.detach().numpy(), str(value.dtype).rpartition(".")[2], gradients


@np.errstate(all="ignore")  # NumPy warns of what is the subject here
def check(torch, call, numbers, exact=None):
    found, expected = outcome(autograd, call, numbers), outcome(torch, call, numbers)
    if isinstance(expected, Exception):
        assert isinstance(found, type(expected)), (found, expected)
        return
    assert not isinstance(found, Exception), found
    close = {"rtol": 1e-7, "atol": 1e-12}
    assert found[1] == expected[1]
    np.testing.assert_allclose(found[0], expected[0], **close)
    for ours, theirs in zip(found[2], [exact] if exact else expected[2], strict=True):
        np.testing.assert_allclose(ours, theirs, **close)


@pytest.mark.filterwarnings("ignore:.*of freedom")  # which PyTorch warns of too
@pytest.mark.parametrize("name", EMPTY)
def test_empty_inputs(name, torch):
    check(torch, *EMPTY[name])


@pytest.mark.parametrize("name", NOT_A_NUMBER)
def test_nan_and_inf(name, torch):
    check(torch, *NOT_A_NUMBER[name], OURS_IS_EXACT.get(name))


@pytest.mark.parametrize("name", POWERS)
def test_0_to_the_0_and_0_by_0_and_log_0_and_sqrt_0(name, torch):
    check(torch, *POWERS[name])


@pytest.mark.parametrize("name", ZEROS)
def test_norm_at_0_and_prod_with_zeros(name, torch):
    check(torch, *ZEROS[name])


@pytest.mark.parametrize("name", WINNERS)
def test_argmax_of_nan(name, torch):
    check(torch, *WINNERS[name])
