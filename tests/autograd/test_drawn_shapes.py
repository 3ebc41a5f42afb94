"""Shapes, dims and equations that Hypothesis draws: value, shape and gradient beside PyTorch's.

The table of cases lists what should be tried of a structural op; here nobody chooses.  Values are
distinct, so that no tie makes a winner a matter of order.
"""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, broadcastable_shapes

import autograd

SHAPES = array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
FULL = array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)
EXAMPLES = settings(max_examples=15)


def distinct(shape, start=0):
    """Return different numbers between -1 and 1, none of them 0, in no order."""
    size = math.prod(shape)
    order = (np.arange(size) * 7 + 3 + start) % max(size, 1) if size % 7 else np.arange(size)[::-1]
    return (2 * order.reshape(shape) + 1.0) / (2 * size + 1 or 1) * 2 - 1


def compare(torch, call, *shapes):
    """Compare what a call gives on each library's tensors of these shapes: the result or error."""
    arrays = [distinct(shape, i) for i, shape in enumerate(shapes)]
    ours = [autograd.tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # PyTorch of degrees of freedom, and so do we
        try:
            expected = call(torch, *theirs)
        except (RuntimeError, IndexError, ValueError, TypeError) as error:
            with pytest.raises((RuntimeError, IndexError, ValueError, TypeError)) as caught:
                call(autograd, *ours)
            assert str(caught.value), error
            return
        found = call(autograd, *ours)
        parts = isinstance(expected, (tuple, list))
        found, expected = (list(z) if parts else [z] for z in (found, expected))
        for z, reference in zip(found, expected, strict=True):
            assert z.shape == tuple(reference.shape)
            assert str(z.dtype) == str(reference.dtype)[6:]
            theirs_now = reference.detach().numpy()
            np.testing.assert_allclose(z.detach().numpy(), theirs_now, rtol=1e-9, atol=1e-12)
        roots = [i for i, z in enumerate(expected) if z.requires_grad and z.is_floating_point()]
        assert roots == [i for i, z in enumerate(found) if z.requires_grad]
        if not roots:
            return
        upstreams = [distinct(tuple(expected[i].shape), 5) for i in roots]
        options = {"allow_unused": True}
        slopes = torch.autograd.grad(
            [expected[i] for i in roots], theirs, list(map(torch.tensor, upstreams)), **options
        )
        mine = autograd.grad([found[i] for i in roots], ours, upstreams, **options)
    for slope, reference in zip(mine, slopes, strict=True):
        if reference is None:
            assert slope is None or not slope.detach().numpy().any()
            continue
        reference = reference.detach().numpy()
        np.testing.assert_allclose(slope.detach().numpy(), reference, rtol=1e-8, atol=1e-10)


def axes_of(draw, ndim):
    """Draw an axis, several or none, negative ones too, now and then one that does not exist."""
    axis = st.integers(-ndim - 1, ndim) if draw(st.integers(0, 9)) == 0 else st.integers(
        -max(ndim, 1), max(ndim, 1) - 1
    )  # fmt: skip
    return draw(st.one_of(st.none(), axis, st.lists(axis, max_size=3).map(tuple)))


REDUCTIONS = ["sum", "mean", "amax", "amin", "var", "std", "nansum", "nanmean", "logsumexp"]
REDUCTIONS += ["any", "all", "count_nonzero", "linalg.vector_norm", "var_mean"]
ALONG = ["prod", "max", "min", "argmax", "argmin", "median", "cumsum", "cumprod", "cummax"]
ALONG += ["cummin", "logcumsumexp", "sort", "argsort", "mode", "aminmax"]


def named(lib, name):
    for part in name.split("."):
        lib = getattr(lib, part)
    return lib


@EXAMPLES
@given(data=st.data())
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_over_axes(name, data, torch):
    shape = data.draw(SHAPES)
    options = {"dim": axes_of(data.draw, len(shape))}
    if name != "count_nonzero":
        options["keepdim"] = data.draw(st.booleans())
    if name == "logsumexp" and options["dim"] is None:
        options["dim"] = 0
    if options["dim"] == () and name in ("any", "all", "var", "std", "var_mean", "logsumexp"):
        return  # PyTorch's methods disagree about it, its gradients are infinite, or it fails
    compare(torch, lambda lib, x: named(lib, name)(x, **options), shape)


@EXAMPLES
@given(data=st.data())
@pytest.mark.parametrize("name", ALONG)
def test_reductions_along_an_axis(name, data, torch):
    # Of nothing PyTorch's median and mode are undefined, and cummax does not look at its dim.
    shape = data.draw(FULL if name in ("median", "mode", "cummax", "cummin") else SHAPES)
    ndim = max(len(shape), 1)
    options = {"dim": data.draw(st.integers(-ndim, ndim - (data.draw(st.integers(0, 9)) != 0)))}
    if name in ("prod", "max", "min", "argmax", "argmin", "median", "mode", "aminmax"):
        options["keepdim"] = data.draw(st.booleans())
    compare(torch, lambda lib, x: named(lib, name)(x, **options), shape)


def factorisation(draw, size):
    """Draw a shape of so many elements, one length now and then left to be inferred."""
    lengths = []
    while size > 1 and len(lengths) < 4:
        divisors = [n for n in range(1, size + 1) if size % n == 0]
        lengths.append(draw(st.sampled_from(divisors)))
        size //= lengths[-1]
    lengths = [*lengths, size]
    if draw(st.booleans()):
        lengths[draw(st.integers(0, len(lengths) - 1))] = -1
    return tuple(lengths)


@settings(max_examples=20)
@given(data=st.data())
def test_shapes_made_of_shapes(data, torch):
    shape = data.draw(SHAPES)
    ndim = len(shape)
    beyond = int(math.prod(shape) > 0)  # of nothing PyTorch does not look at every dim
    axis = data.draw(st.integers(-ndim - beyond, ndim - 1 + beyond)) if ndim + beyond else 0
    other = data.draw(st.integers(-max(ndim, 1), max(ndim, 1) - 1))
    order = data.draw(st.permutations(range(ndim)))
    again = factorisation(data.draw, math.prod(shape))
    wider = data.draw(broadcastable_shapes(shape, min_dims=ndim, max_dims=4, min_side=0))
    repeats = data.draw(st.lists(st.integers(0, 2), min_size=ndim, max_size=4))
    shift = data.draw(st.integers(-5, 5))
    for call in (
        lambda lib, x: x.reshape(again),
        lambda lib, x: x.unsqueeze(axis),
        lambda lib, x: x.squeeze(axis),
        lambda lib, x: x.squeeze(),
        lambda lib, x: x.permute(tuple(order)),
        lambda lib, x: x.transpose(axis, other),
        lambda lib, x: lib.movedim(x, axis, other),
        lambda lib, x: x.flatten(min(axis, other), max(axis, other)),
        lambda lib, x: x.expand(wider),
        lambda lib, x: lib.broadcast_to(x, wider),
        lambda lib, x: x.flip(axis),
        lambda lib, x: x.roll(shift, axis),
        lambda lib, x: x.roll(shift),
        lambda lib, x: x.repeat(tuple(repeats)),
        lambda lib, x: x.tile(tuple(repeats)),
        lambda lib, x: lib.repeat_interleave(x, 2, axis),
        lambda lib, x: lib.cat([x, x], axis),
        lambda lib, x: lib.stack([x, x], axis),
        lambda lib, x: lib.chunk(x, 2, axis),
        lambda lib, x: lib.split(x, 2, axis),
        lambda lib, x: lib.tensor_split(x, 3, axis),
        lambda lib, x: lib.unbind(x, axis),
        lambda lib, x: x.narrow(axis, 0, 1),
        lambda lib, x: x.select(axis, -1),
        lambda lib, x: x.tril(shift),
        lambda lib, x: x.triu(shift),
        lambda lib, x: x.diagonal(shift, axis, other),
        lambda lib, x: lib.diag_embed(x, shift),
        lambda lib, x: x.unfold(axis, 1, 2),
        lambda lib, x: lib.rot90(x, shift, (axis, other)),
    ):
        compare(torch, call, shape)


@settings(max_examples=20)
@given(data=st.data())
def test_picking_along_an_axis(data, torch):
    shape = data.draw(FULL)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    length = shape[axis]
    ids = data.draw(st.lists(st.integers(0, length - 1), max_size=4))
    inside = tuple(data.draw(st.integers(0, n)) if i != axis % len(shape) else 3
                   for i, n in enumerate(shape))  # fmt: skip
    spread = (np.arange(math.prod(inside)) * 5 % length).reshape(inside)
    mask = distinct(shape, 2) > 0
    count = data.draw(st.integers(0, length))

    def index(lib, array):
        return lib.tensor(np.asarray(array, np.int64))

    for call in (
        lambda lib, x: lib.index_select(x, axis, index(lib, ids)),
        lambda lib, x: lib.gather(x, axis, index(lib, spread)),
        lambda lib, x: lib.take_along_dim(x, index(lib, np.argsort(distinct(shape), axis)), axis),
        lambda lib, x: lib.take(x, index(lib, spread) % x.numel()),
        lambda lib, x: lib.topk(x, count, axis),
        lambda lib, x: lib.kthvalue(x, max(count, 1), axis),
        lambda lib, x: x[lib.tensor(mask)],
        lambda lib, x: lib.masked_fill(x, lib.tensor(mask), 2.0),
        lambda lib, x: lib.index_fill(x, axis, index(lib, ids), 2.0),
        lambda lib, x: lib.index_add(x, axis, index(lib, range(length)), x),
        lambda lib, x: lib.scatter_add(x, axis, index(lib, spread % length), lib.ones(
            inside, dtype=lib.float64)),
    ):  # fmt: skip
        compare(torch, call, shape)


@settings(max_examples=20)
@given(data=st.data())
def test_products_of_broadcast_batches(data, torch):
    batch = data.draw(array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=3))
    other = data.draw(broadcastable_shapes(batch, max_dims=2, max_side=3))
    n, k, m = data.draw(st.tuples(*[st.integers(0, 3)] * 3))
    matmul = lambda lib, x, y: lib.matmul(x, y)  # noqa: E731
    compare(torch, matmul, (*batch, n, k), (*other, k, m))
    compare(torch, matmul, (k,), (*other, k, m))
    compare(torch, matmul, (*batch, n, k), (k,))
    compare(torch, matmul, (k,), (k,))
    compare(torch, matmul, (*batch, n, k), (*other, k + 1, m))
    compare(torch, lambda lib, x, y: lib.linalg.vecdot(x, y)
            if hasattr(lib.linalg, "vecdot") and hasattr(autograd.linalg, "vecdot")
            else (x * y).sum(-1), (*batch, k), (*other, k))  # fmt: skip
    compare(torch, lambda lib, x, y: lib.tensordot(x, y, 1), (*batch, n, k), (k, m))
    compare(torch, lambda lib, x, y: lib.kron(x, y), (n, k), (k, m))


@settings(max_examples=20)
@given(data=st.data())
def test_equations_of_einsum(data, torch):
    letters = "abcd"
    lengths = {letter: data.draw(st.integers(1, 3)) for letter in letters}
    terms = data.draw(
        st.lists(st.text(letters, max_size=3), min_size=1, max_size=3).filter(any)
    )  # fmt: skip
    used = sorted(set("".join(terms)))
    kept = data.draw(st.lists(st.sampled_from(used), unique=True, max_size=4))
    equation = ",".join(terms) + data.draw(st.sampled_from(["->" + "".join(kept), ""]))
    shapes = [tuple(lengths[letter] for letter in term) for term in terms]
    compare(torch, lambda lib, *operands: lib.einsum(equation, *operands), *shapes)
