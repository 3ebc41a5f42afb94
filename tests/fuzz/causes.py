"""What a call holds that makes libraries differ: the causes that ``accepted`` speaks of."""

import numpy as np

import autograd
from tests.fuzz.values import Drawn, realize


def drawn_in(call):
    """Return every tensor among a call's arguments."""

    def walk(value):
        if isinstance(value, Drawn):
            yield value
        elif isinstance(value, (list, tuple)):
            for part in value:
                yield from walk(part)

    return [d for value in [*call.args, *call.kwargs.values()] for d in walk(value)]


def extreme(call):
    """Tell whether a float is nan or inf, or so large or small that its powers may be."""
    sizes = [np.abs(d.values) for d in drawn_in(call) if d.dtype.kind == "f" and d.values.size]
    given = [*call.args, *call.kwargs.values()]
    sizes += [np.asarray(np.abs(v)) for v in given if isinstance(v, float)]
    return any((~((size == 0) | _has_powers(size))).any() for size in sizes)


def _has_powers(size):
    limit = 1e18 if size.dtype == np.float32 else 1e30
    return (size > 1 / limit) & (size < limit)


def not_finite(call):
    """Tell whether the first tensor, the matrix, holds nan or inf."""
    return not np.isfinite(drawn_in(call)[0].values.astype(np.float64)).all()


def not_finite_anywhere(call):
    """Tell whether any of the tensors holds nan or inf."""
    return any(not np.isfinite(d.values.astype(np.float64)).all() for d in drawn_in(call))


def empty(call):
    return any(not d.values.size for d in drawn_in(call))


def whole(call):
    """Tell whether an operand is of integers or truths."""
    return any(d.dtype.kind in "biu" for d in drawn_in(call))


def whole_extreme(call):
    """Tell whether an operand holds an integer near an end of its dtype."""
    found = [d.values for d in drawn_in(call) if d.dtype.kind in "iu" and d.values.size]
    return any((np.abs(x.astype(np.float64)) > np.iinfo(x.dtype).max / 4).any() for x in found)


def arrays_alone(call):
    """Tell whether the first operand is an array, not a tensor."""
    return drawn_in(call)[0].array


def ties(call):
    """Tell whether the first tensor holds equal elements (or nans, which are none and alike)."""
    x = drawn_in(call)[0].values.astype(np.float64)
    return np.unique(x).size < x.size or np.isnan(x).any()


def singular(call):
    """Tell whether a matrix has no inverse, or is hardly telling, or holds nan or inf."""
    if extreme(call):
        return True
    for x in drawn_in(call):
        a = x.values.astype(np.float64)
        if a.ndim >= 2 and a.size:
            s = np.linalg.svd(a, compute_uv=False)
            if (s[..., -1] <= 1e-5 * s[..., 0]).any():
                return True
    return False


def degenerate(call):
    """Tell whether a matrix is singular, or has a singular value twice."""
    a = drawn_in(call)[0].values.astype(np.float64)
    if singular(call):
        return True
    s = np.linalg.svd(a if a.ndim >= 2 else np.atleast_2d(a), compute_uv=False)
    return bool((np.abs(np.diff(s)) <= 1e-5 * s[..., :1]).any())


def solved_as_by_numpy(call):
    """Tell whether our least squares are NumPy's, for each matrix of a batch."""
    a, b = (d.values.astype(np.float64) for d in drawn_in(call)[:2])
    ours = autograd.linalg.lstsq(a, b).solution
    if a.ndim != b.ndim or a.shape[:-2] != b.shape[:-2]:
        return False
    each = [np.linalg.lstsq(a[i], b[i], rcond=None)[0] for i in np.ndindex(a.shape[:-2])]
    return np.allclose(ours, np.reshape(each, ours.shape), rtol=1e-6)


def at_a_pole(call):
    """Tell whether a gamma function is asked near a pole, or far away."""
    x = np.concatenate([d.values.astype(np.float64).ravel() for d in drawn_in(call)])
    pole = (x <= 0) & (x == np.floor(x))
    return bool((pole | ~np.isfinite(x) | (np.abs(x) < 1e-20) | (np.abs(x) > 1e15)).any())


def repeated(call):
    """Tell whether an index names a place twice."""
    x, index = drawn_in(call)[:2]
    places = index.values.astype(np.int64).ravel() % max(x.values.size, 1)
    return np.unique(places).size < places.size


def picks_nothing(call):
    """Tell whether a slice among the indices is empty, of one of the tensor's axes."""
    slices = [v for v in call.args[1:] if isinstance(v, slice)]
    lengths = drawn_in(call)[0].shape
    return any(not len(range(*each.indices(n))) for each in slices for n in lengths)


def drawn_numbers(call):
    """Return the Python numbers among the arguments, and what integer tensors hold."""
    numbers = [v for v in [*call.args, *call.kwargs.values()] if isinstance(v, (int, float))]
    whole = [d.values for d in drawn_in(call) if d.dtype.kind in "iu" and d.values.size]
    return numbers + [int(v) for x in whole for v in (x.min(), x.max())]


def on_an_edge(call):
    """Tell whether a number lies where two bins of a histogram meet, but for rounding."""
    x = drawn_in(call)[0].values.astype(np.float64).ravel()
    bins = call.kwargs.get("bins", next((v for v in call.args[1:] if isinstance(v, int)), 100))
    low, high = call.kwargs.get("range", (call.kwargs.get("min", 0), call.kwargs.get("max", 0)))
    if low == high:
        low, high = np.min(x, initial=np.inf), np.max(x, initial=-np.inf)
    if low == high:
        low, high = low - 1, high + 1
    place = (x - low) / (high - low) * bins
    return bool((np.abs(place - np.rint(place)) < 1e-4).any())


def products_overflow(call):
    """Tell whether products of the tensors' largest elements are beyond their dtype, or inf is."""
    largest = [
        np.max(np.abs(d.values.astype(np.float64)), initial=1, where=~np.isnan(d.values))
        for d in drawn_in(call)
    ]
    limit = min(np.finfo(d.dtype).max for d in drawn_in(call) if d.dtype.kind == "f")
    return bool(np.prod(np.asarray(largest)) > limit)


def sums_are_open(call):
    """Tell whether a sum's order decides it: it overflows on the way, or its rounding is seen."""
    for drawn in drawn_in(call):
        size = np.abs(drawn.values.astype(np.float64))
        size = size[np.isfinite(size)]
        limits = np.finfo(drawn.dtype if drawn.dtype.kind == "f" else np.float64)
        with np.errstate(over="ignore"):
            if 4 * size.sum() > limits.max or size.max(initial=0) * limits.eps > 1e-6:
                return True
    return False


def as_in_double(call):
    """Tell whether results and gradients of half floats are those of double precision, rounded.

    Then it is PyTorch whose halves are beyond 65504 on the way, or lose their digits.
    """
    if not any(d.dtype == np.float16 for d in drawn_in(call)):
        return False
    halves, doubles = (_results(call, dtype) for dtype in (np.float16, np.float64))
    return len(halves) == len(doubles) and all(map(_alike, halves, doubles))


def of_finite_halves(call):
    """Tell whether the tensors are finite half floats."""
    drawn = drawn_in(call)
    return all(d.dtype == np.float16 and np.isfinite(d.values).all() for d in drawn)


def _results(call, dtype):
    """Return results and gradients with the half floats cast to ``dtype``."""

    def cast(value):
        if isinstance(value, (list, tuple)):
            return type(value)(map(cast, value))
        if isinstance(value, Drawn) and value.dtype == np.float16:
            return Drawn(value.values.astype(dtype), value.layout, value.grad, value.array)
        return value

    named = {key: cast(value) for key, value in call.kwargs.items()}
    made = realize(autograd, [cast(value) for value in call.args], named, call.in_place)
    result = call.ours()(*made.args, **made.kwargs)
    result = result if isinstance(result, (list, tuple)) else [result]
    outputs = [z for z in result if isinstance(z, autograd.Tensor)]
    roots = [z for z in outputs if z.requires_grad]
    random = np.random.default_rng(7)
    sent = [np.round(random.standard_normal(z.shape), 2) + 1.5 for z in roots]
    if roots:
        autograd.backward(
            roots, [autograd.tensor(g, dtype=z.dtype) for g, z in zip(sent, roots, strict=True)]
        )
    grads = [x.grad for x in made.leaves if x.grad is not None]
    return [np.asarray(z.detach().payload, np.float64) for z in (*outputs, *grads)]


def _alike(half, double):
    with np.errstate(over="ignore"):
        double = double.astype(np.float16).astype(np.float64)
    return half.shape == double.shape and np.allclose(half, double, 3e-2, 1e-2, equal_nan=True)


def no_freedom(call):
    """Tell whether as many numbers as a variance's correction, or fewer, may be reduced."""
    correction = call.kwargs.get("correction", call.kwargs.get("ddof", 1))
    return min(drawn_in(call)[0].shape, default=1) <= (1 if correction is None else correction)


def with_positional_options(call):
    return len(call.args) > 1


def of_numbers_alone(call):
    return not any(not d.array for d in drawn_in(call))


def of_two_dtypes(call):
    return len({d.dtype for d in drawn_in(call)}) > 1 or bool(drawn_numbers(call)) or extreme(call)


def scaled_by_0(call):
    return 0 in [call.kwargs.get("alpha", 1), call.kwargs.get("beta", 1)]


def beyond_the_index(call):
    """Tell whether scatter's source is larger than its index, or the self is left out."""
    sources = [d.shape for d in drawn_in(call)]
    return "include_self" in call.kwargs or len(set(sources[-2:])) > 1 or extreme(call)
