"""Every module of the table of cases: it can be traced, and sees no more than its field says."""

import numpy as np
import pytest

import autograd
import nn
from nn import geometry
from tests.nn import cases

# Statistics of a sample, which a field leaves out (as it does those of a batch).
NORMALISED = {"GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "LayerNorm"}
NORMALISED |= {"RMSNorm"}
# These take a batch second, several inputs, or shapes that say no batch at all.
OTHERWISE = {"Unflatten", "RNN", "LSTM", "GRU", "FractionalMaxPool2d", "FractionalMaxPool3d"}
# At an edge they look back into the image; a field goes on beyond it.
OTHERWISE |= {
    f"{kind}Pad{n}d" for kind in ("Reflection", "Replication", "Circular") for n in (1, 2, 3)
}


def single(case):
    """Return the shape of the case's first batch, if it is called on a batch of floats alone."""
    call = case.calls[0] if case.calls else ()
    if len(call) == 1 and isinstance(call[0], tuple):
        call = call[0]
    plain = case.kwargs.get("padding_mode", "zeros") == "zeros"
    plain &= case.kwargs.get("track_running_stats", True)
    fits = (
        plain and len(call) > 2 and all(isinstance(n, int) for n in call) and not case.call_kwargs
    )
    return call if fits and case.name not in OTHERWISE else None


CASES = [case for case in cases.ALL if single(case) and case.name in dir(nn)]


def called(module, x):
    output = module(x)
    return output[0] if isinstance(output, tuple) else output


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_traced(case):
    shape = single(case)
    module = case.make(nn).double().eval()
    output = called(module, autograd.randn(*shape, dtype=np.float64))
    found = geometry.trace(module, shape[1:])
    if output.shape[0] == shape[0]:
        assert found.output == output.shape[1:]
    assert found.parameters == sum(p.numel() for p in module.parameters())
    assert len(found.field) == len(shape) - 2
    if output.ndim != len(shape) or case.name in NORMALISED or output.shape[0] != shape[0]:
        return
    x = autograd.tensor(np.random.default_rng(0).random((1, *shape[1:])), requires_grad=True)
    output = called(module, x * 1)  # which may be changed in place
    places = output.shape[2:]
    for unit in {(0,) * len(places), tuple(n // 2 for n in places), tuple(n - 1 for n in places)}:
        (gradient,) = autograd.grad(output[(0, slice(None), *unit)].sum(), [x], retain_graph=True)
        heat = np.abs(gradient.numpy()[0]).sum(0)
        if not heat.any():
            continue
        for axis, (first, last) in enumerate(geometry.support(heat)):
            seen = found.covers(*unit)[axis]
            assert seen[0] <= first and last <= seen[1], (unit, axis)
