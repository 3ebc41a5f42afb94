"""What inf, nan and 0 from above become on their way down, beside PyTorch, for every operation.

The elementwise ones meet them at their special points in test_operations.py; here are all others,
with operands as they are drawn, with zeros among them, and all zeros.  Where PyTorch has a number
or an infinity, ours is the same, and never nan.  Where PyTorch has nan ours may know better: a gate
that is closed passes nothing (test_gates.py).  What comes of inf in a factorization is the order of
its products, which is LAPACK's and nobody's; these are left out.
"""

import numpy as np
import pytest

import autograd
from tests.autograd.cases import CASES, factorizations, solving
from tests.autograd.test_operations import drawn, examples_of, generator, leaves

OF_MATRICES = [*factorizations.CASES, *solving.CASES]
STRUCTURAL = [
    case
    for case in CASES
    if case.differentiable and not case.elementwise and case not in OF_MATRICES
]
EVERYWHERE = [np.inf, -np.inf, np.nan, 0.0]
ZEROS = {
    "as drawn": lambda a: a,
    "two zeros": lambda a: np.where(np.arange(a.size).reshape(a.shape) % 3 == 0, 0, a),
    "zeros": lambda a: np.zeros_like(a),
}
TIES = ("kthvalue", "topk")  # which of equal zeros is picked is open
NUCLEAR = {"ord": "nuc"}  # of zeros the singular vectors are open
# Whether PyTorch's number is asked for under an upstream, by the name of the case.
ASKED = {
    # PyTorch tells positive from negative upstreams, and counts nan to neither: a nan is lost.
    "logcumsumexp": lambda upstream: not np.isnan(upstream).any(),
    # Whether rounding takes a correlation of 1 beyond the edge at which clipping stops the slope.
    "corrcoef": lambda upstream: np.isfinite(upstream).all(),
    # Powers of 0 have the slope 0, and inf times 0 is nan; PyTorch's are cumulative products.
    "vander": lambda upstream: np.isfinite(upstream).all(),
    "linalg.vander": lambda upstream: np.isfinite(upstream).all(),
    # The order in which three operands are multiplied.
    "einsum": lambda upstream: np.isfinite(upstream).all(),
}


def upstreams(shape):
    """Yield each special upstream: everywhere, in one place, and everywhere but in one."""
    for special in EVERYWHERE:
        yield np.full(shape, special)
        if np.prod(shape, dtype=int) > 1 and special not in (-np.inf, 0):
            for one, others in ((special, 1.0), (0.0, special)):
                arriving = np.full(shape, others)
                arriving.flat[arriving.size // 2] = one
                yield arriving


def changed(arrays, change):
    return [change(a).astype(a.dtype) if a.dtype.kind == "f" else a for a in arrays]


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("case", STRUCTURAL, ids=str)
def test_inf_nan_and_0_from_above_become_what_they_become_in_torch(case, dtype, torch):
    close = {"rtol": 3e-5, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-9, "atol": 1e-11}
    asked_of = ASKED.get(case.name, lambda upstream: True)
    for example in examples_of(case)[:4]:
        arrays = drawn(case, example.shapes, generator(case, example), dtype)
        for how, change in ZEROS.items():
            if how != "as drawn" and (case.name in TIES or example.attributes == NUCLEAR):
                continue
            ours, theirs = leaves(torch, case, changed(arrays, change))
            try:
                expected = case.torch(torch, *theirs, **example.attributes)
            except RuntimeError:  # of zeros there is no inverse
                continue
            with np.errstate(all="ignore"):
                z = case(*ours, **example.attributes)
            asked = [i for i, y in enumerate(theirs) if y.requires_grad]
            for upstream in filter(asked_of, upstreams(z.shape)):
                upstream = upstream.astype(z.dtype)
                options = {"retain_graph": True, "allow_unused": True}
                with np.errstate(all="ignore"):
                    found = autograd.grad(z, [ours[i] for i in asked], [upstream], **options)
                wanted = torch.autograd.grad(
                    expected, [theirs[i] for i in asked], torch.tensor(upstream), **options
                )
                for i, mine, reference in zip(asked, found, wanted, strict=True):
                    if reference is None:
                        continue
                    reference = reference.numpy(force=True)
                    known = ~np.isnan(reference)
                    mine = np.zeros(ours[i].shape) if mine is None else mine.payload
                    message = f"{example}, {how}, upstream {upstream.tolist()}"
                    np.testing.assert_allclose(
                        mine[known], reference[known], **close, err_msg=message
                    )
