"""What every structural operation makes of nan, inf, zeros and nothing, in each kind of dtype.

Value, shape and dtype are PyTorch's wherever both answer; where PyTorch refuses a dtype, ours may
answer (booleans multiply, integers have a hypotenuse).  The elementwise operations have their
special points in test_operations.py, LAPACK's functions tests of their own.
"""

import numpy as np
import pytest

import autograd
from tests.autograd.cases import CASES, factorizations, solving
from tests.autograd.cases.case import counts, truths
from tests.autograd.test_operations import drawn, examples_of, generator

NAN, INF = np.nan, np.inf
# Rows of the table that are no functions of PyTorch's, or whose reference is in another dtype.
INTERNAL = {
    *("shift", "recurrence", "exclusive_product", "signs_along", "sum_to", "spread_along"),
    *("write_at", "bincount", "scatter, multiplying", "setitem"),
}
ORDERED = {"searchsorted", "bucketize"}  # a sequence out of order has no places
# PyTorch counts nan with its neighbours; of equals any is picked; PyTorch takes the ends, inf, from
# a sum that is inf.
OPEN = {"mode", "topk, indices", "trapezoid", "trapz"}
# Of a matrix that holds inf the exponential is nan; PyTorch's in half precision is no exponential.
EXPONENTIALS = {"matrix_exp", "linalg.matrix_exp", "exponentials of matrices that are halved often"}
NUCLEAR = {"ord": "nuc"}  # of a matrix that holds inf PyTorch finds singular values nan
LEFT_OUT = [*factorizations.CASES, *solving.CASES]
NOT_ASKED = INTERNAL | ORDERED | OPEN | EXPONENTIALS
STRUCTURAL = [
    case
    for case in CASES
    if not case.elementwise and case not in LEFT_OUT and case.name not in NOT_ASKED
]
POOLS = {
    "zeros": [0.0, -0.0],
    "nan": [NAN, 1.0, 0.0],
    "inf": [INF, -INF, 1.0],
    "all": [NAN, INF, -INF, 0.0, -0.0, 2.0],
}
DTYPES = [np.float16, np.float32, np.float64, np.int64, np.uint8, np.bool_]
ERRORS = (RuntimeError, IndexError, TypeError, ValueError)


def parts(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


def filled(case, arrays, pool, dtype, random):
    """Draw the floats among the operands from a pool; integers from 0 to 2, for a dtype of them."""
    made = []
    for domain, array in zip(case.domains, arrays, strict=False):
        if array.dtype.kind in "bi" or domain in (truths, counts):
            made.append(array)
        elif np.dtype(dtype).kind == "f":
            made.append(random.choice(pool, array.shape).astype(dtype))
        else:
            made.append(random.integers(0, 3, array.shape).astype(dtype))
    return made


def calls_of(case, dtype):
    """Yield operands and attributes: each example with each pool, and one with nothing in it."""
    for example in examples_of(case)[:3]:
        if example.attributes == NUCLEAR:
            continue
        random = generator(case, example)
        arrays = drawn(case, example.shapes, random)
        for pool in POOLS.values() if np.dtype(dtype).kind == "f" else [None]:
            yield filled(case, arrays, pool, dtype, random), example.attributes
        nothing = [np.zeros((0, *a.shape[1:]) if a.ndim else (), a.dtype) for a in arrays]
        yield filled(case, nothing, [1.0], dtype, random), example.attributes


@pytest.mark.filterwarnings("ignore")  # of nan, and of degrees of freedom
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("case", STRUCTURAL, ids=str)
def test_values_of_nan_inf_zeros_and_nothing_equal_torch(case, dtype, torch):
    for arrays, attributes in calls_of(case, dtype):
        try:
            expected = case.torch(torch, *map(torch.tensor, arrays), **attributes)
        except (*ERRORS, NotImplementedError):
            continue
        if not arrays[0].size:
            try:
                found = case(*map(autograd.from_numpy, arrays), **attributes)
            except ERRORS as error:
                assert str(error)  # PyTorch lets some mistakes pass where a tensor is empty
                continue
        else:
            found = case(*map(autograd.from_numpy, arrays), **attributes)
        for mine, reference in zip(parts(found), parts(expected), strict=True):
            if not isinstance(reference, torch.Tensor) or reference.dtype == torch.bfloat16:
                continue
            close = {2: 2e-2, 4: 1e-5}.get(reference.dtype.itemsize, 1e-9)
            message = f"{attributes} of {[a.tolist() for a in arrays]}"
            assert (mine.shape, str(mine.dtype)) == (
                tuple(reference.shape),
                str(reference.dtype)[6:],
            ), message
            np.testing.assert_allclose(
                np.asarray(mine.payload, np.float64),
                reference.numpy().astype(np.float64),
                rtol=close,
                atol=close,
                err_msg=message,
            )
