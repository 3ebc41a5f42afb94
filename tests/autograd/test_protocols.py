"""NumPy's functions on Tensors: recorded, and with NumPy's meaning."""

import numpy as np
import pytest

import autograd
from autograd.op import NUMPY

ARRAY = np.arange(12.0).reshape(3, 4) / 5 - 1.03
CALLS = {
    "sum": lambda a: np.sum(a, axis=1, keepdims=True),
    "mean": lambda a: np.mean(a, axis=0),
    "var": lambda a: np.var(a, axis=1),
    "var ddof": lambda a: np.var(a, ddof=1),
    "std": lambda a: np.std(a, axis=0),
    "std ddof": lambda a: np.std(a, axis=1, ddof=1, keepdims=True),
    "max": lambda a: np.max(a, axis=1),
    "amin": lambda a: np.amin(a, axis=0, keepdims=True),
    "argmax": lambda a: np.argmax(a, axis=1),
    "argmin": lambda a: np.argmin(a),
    "prod": lambda a: np.prod(a, axis=(0, 1)),
    "prod kept": lambda a: np.prod(a, axis=1, keepdims=True),
    "nanprod": lambda a: np.nanprod(a, axis=0),
    "nansum": lambda a: np.nansum(a, axis=1),
    "nanmean": lambda a: np.nanmean(a, axis=(0, 1), keepdims=True),
    "ptp": lambda a: np.ptp(a, axis=1),
    "nanmax": lambda a: np.nanmax(a, axis=1),
    "nanmin": lambda a: np.nanmin(a),
    "median": lambda a: np.median(a, axis=1),
    "median of all": lambda a: np.median(a),
    "nanmedian": lambda a: np.nanmedian(a, axis=(0, 1), keepdims=True),
    "quantile": lambda a: np.quantile(a, 0.3, axis=0),
    "quantiles": lambda a: np.quantile(a, [0.1, 0.7], axis=1, keepdims=True, method="lower"),
    "quantile of axes": lambda a: np.quantile(a, 0.3, axis=(0, 1), keepdims=True),
    "nanquantile": lambda a: np.nanquantile(a, 0.3, method="higher"),
    "percentile": lambda a: np.percentile(a, [30, 90], axis=1),
    "nanpercentile": lambda a: np.nanpercentile(a, 30, axis=-1, method="nearest"),
    "cumsum": lambda a: np.cumsum(a),
    "cumsum axis": lambda a: np.cumsum(a, axis=1),
    "cumprod": lambda a: np.cumprod(a, axis=0),
    "cumprod flat": lambda a: np.cumprod(a),
    "count_nonzero": lambda a: np.count_nonzero(a > 0, axis=1, keepdims=True),
    "average": lambda a: np.average(a, axis=0, weights=[1.0, 2.0, 3.0]),
    "average alike": lambda a: np.average(a, weights=ARRAY**2),
    "average plain": lambda a: np.average(a, axis=1, keepdims=True),
    "any": lambda a: np.any(a > 0, axis=1),
    "all": lambda a: np.all(a > 0),
    "where": lambda a: np.where(a > 0, a, -a),
    "clip": lambda a: np.clip(a, -0.5, 0.5),
    "clip by name": lambda a: np.clip(a, a_min=None, a_max=0.5),
    "reshape": lambda a: np.reshape(a, (2, -1)),
    "reshape flat": lambda a: np.reshape(a, -1),
    "ravel": lambda a: np.ravel(a),
    "transpose": lambda a: np.transpose(a),
    "transpose axes": lambda a: np.transpose(a[None], (1, 0, 2)),
    "swapaxes": lambda a: np.swapaxes(a, 0, -1),
    "expand_dims": lambda a: np.expand_dims(a, 1),
    "squeeze": lambda a: np.squeeze(a[None], 0),
    "broadcast_to": lambda a: np.broadcast_to(a, (2, 3, 4)),
    "concatenate": lambda a: np.concatenate([a, a[:1]], axis=0),
    "stack": lambda a: np.stack([a, a], axis=-1),
    "take": lambda a: np.take(a, [0, 2, 0], axis=1),
    "take flat": lambda a: np.take(a, [0, 5, 11]),
    "split sections": lambda a: np.split(a, 2, axis=1)[1],
    "split indices": lambda a: np.split(a, [1, 3], axis=1)[1],
    "concatenate flat": lambda a: np.concatenate([a, a[:1]], axis=None),
    "concatenate dtype": lambda a: np.concatenate([a, a], dtype=np.float64),
    "stack dtype": lambda a: np.stack([a, a], dtype=np.float64),
    "split indices beyond": lambda a: np.split(a, [1, 9], axis=1)[0],
    "array_split": lambda a: np.array_split(a, 3, axis=1)[0],
    "hsplit": lambda a: np.hsplit(a, 2)[1],
    "hsplit vector": lambda a: np.hsplit(a[0], [1])[1],
    "vsplit": lambda a: np.vsplit(a, 3)[2],
    "dsplit": lambda a: np.dsplit(a[None], [1, 2])[1],
    "hstack": lambda a: np.hstack([a, a[:, :1]]),
    "vstack": lambda a: np.vstack([a, a[0]]),
    "dstack": lambda a: np.dstack([a, a]),
    "column_stack": lambda a: np.column_stack([a, a[:, 0]]),
    "append": lambda a: np.append(a, [1.0, 2.0]),
    "append axis": lambda a: np.append(a, a[:1], axis=0),
    "moveaxis": lambda a: np.moveaxis(a[None], 0, -1),
    "matrix_transpose": lambda a: np.matrix_transpose(a),
    "expand_dims two": lambda a: np.expand_dims(a, (0, -1)),
    "squeeze all": lambda a: np.squeeze(a[None]),
    "broadcast_arrays": lambda a: np.broadcast_arrays(a, a[0])[1],
    "meshgrid": lambda a: np.meshgrid(a[0], a[:, 0])[0],
    "meshgrid ij": lambda a: np.meshgrid(a[0], a[:, 0], indexing="ij")[1],
    "atleast_1d": lambda a: np.atleast_1d(a[0, 0]),
    "atleast_2d": lambda a: np.atleast_2d(a[0]),
    "atleast_3d": lambda a: np.atleast_3d(a),
    "flip": lambda a: np.flip(a),
    "flip axis": lambda a: np.flip(a, 1),
    "fliplr": lambda a: np.fliplr(a),
    "flipud": lambda a: np.flipud(a),
    "roll": lambda a: np.roll(a, 5),
    "roll axis": lambda a: np.roll(a, -1, axis=1),
    "roll axes": lambda a: np.roll(a, 1, axis=(0, 1)),
    "rot90": lambda a: np.rot90(a, -1),
    "tile": lambda a: np.tile(a, 2),
    "tile more": lambda a: np.tile(a, (2, 1, 2)),
    "repeat": lambda a: np.repeat(a, 2),
    "repeat axis": lambda a: np.repeat(a, [1, 0, 2], axis=0),
    "pad": lambda a: np.pad(a, 1),
    "pad constant": lambda a: np.pad(a, ((1, 0), (0, 2)), constant_values=3.0),
    "pad reflect": lambda a: np.pad(a, (1, 2), mode="reflect"),
    "pad edge": lambda a: np.pad(a, ((0, 4), (2, 0)), mode="edge"),
    "pad wrap": lambda a: np.pad(a, ((0, 1), (2, 3)), mode="wrap"),
    "tril": lambda a: np.tril(a, 1),
    "triu": lambda a: np.triu(a, -1),
    "diag": lambda a: np.diag(a, 1),
    "diag vector": lambda a: np.diag(a[0]),
    "diagflat": lambda a: np.diagflat(a[:2, :2], 1),
    "diagonal": lambda a: np.diagonal(a[None], 1, 1, 2),
    "matmul": lambda a: np.matmul(a, np.ones((4, 2))),
    "operator matmul": lambda a: np.ones((2, 3)) @ a,
    "ndarray first": lambda a: np.ones((3, 4)) * 2 - a,
    "numpy scalar first": lambda a: np.float64(2) * a,
    "copy": lambda a: np.copy(a),
    "amax": lambda a: np.amax(a, axis=1),
    "min": lambda a: np.min(a, axis=0, keepdims=True),
    "cumsum flat": lambda a: np.cumsum(a),
    "median even": lambda a: np.median(a, axis=1),
    "isposinf": lambda a: np.isposinf(a),
    "unstack": lambda a: np.unstack(a, axis=1)[2],
    "det": lambda a: np.linalg.det(a[:, :3] + np.eye(3)),
    "slogdet": lambda a: np.linalg.slogdet(a[:, :3] + 2 * np.eye(3))[1],
    "svdvals": lambda a: np.linalg.svdvals(a[:2]),
}


@pytest.mark.parametrize("name", CALLS)
def test_functions_mean_what_numpy_means(name):
    x = autograd.tensor(ARRAY, requires_grad=True)
    z, expected = CALLS[name](x), CALLS[name](ARRAY)
    assert isinstance(z, autograd.Tensor)
    assert z.shape == expected.shape and z.dtype == expected.dtype
    np.testing.assert_allclose(z.detach().numpy(), expected, rtol=1e-14)
    assert z.requires_grad == (expected.dtype.kind == "f")
    if z.requires_grad:
        assert autograd.gradcheck(CALLS[name], x)


def test_numpys_std_is_the_populations_and_the_methods_the_samples():
    x = autograd.tensor([1.0, 2.0, 3.0, 6.0], dtype=np.float64)
    assert np.std(x).item() == pytest.approx(np.std(x.numpy()))
    assert x.std().item() == pytest.approx(np.std(x.numpy(), ddof=1))


def test_functions_that_return_no_tensor():
    x = autograd.tensor(ARRAY, requires_grad=True)
    assert np.shape(x) == (3, 4) and np.ndim(x) == 2 and np.size(x) == 12 and np.size(x, 1) == 4
    assert np.allclose(x, ARRAY) and np.array_equal(x, ARRAY)
    assert type(np.zeros_like(x)) is np.ndarray and np.ones_like(x, dtype=int).sum() == 12


def test_np_split_refuses_uneven_sections():
    with pytest.raises(ValueError, match="np.split: 4 does not divide into 3 parts"):
        np.split(autograd.tensor(ARRAY), 3, axis=1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.array_split(x, 0), ValueError, "np.array_split: 3 does not divide into 0"),
        (lambda x: np.hsplit(x, 3), ValueError, "np.hsplit: 4 does not divide into 3 parts"),
        (lambda x: np.dsplit(x, 1), ValueError, r"np.dsplit: expected at least 3 .* \(3, 4\)"),
        (lambda x: np.squeeze(x, 0), ValueError, r"np.squeeze: axis 0 of shape \(3, 4\) is not"),
        (lambda x: np.pad(x, 1, mode="mean"), TypeError, "np.pad: recorded are the modes constant"),
        (lambda x: np.pad(x, 1, constant_values=(1, 2)), TypeError, "np.pad: .* one constant_val"),
        (lambda x: np.ravel(x, order="F"), TypeError, "np.ravel: only the row-major order 'C'"),
        (lambda x: np.meshgrid(x[0], x[0], sparse=True), TypeError, "np.meshgrid: sparse=True"),
        (lambda x: np.meshgrid(x[0], indexing="yx"), ValueError, "np.meshgrid: indexing must"),
        (lambda x: np.full_like(x, x[0, 0]), TypeError, "np.full_like: expected a number"),
    ],
)
def test_misuse_of_functions_of_shapes_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call(autograd.tensor(ARRAY))


def test_arrays_like_a_tensor_are_plain():
    x = autograd.tensor(ARRAY, requires_grad=True)
    assert np.empty_like(x).shape == (3, 4) and np.zeros_like(x, shape=(2,)).tolist() == [0, 0]
    full = np.full_like(x, 2, dtype=np.int64)
    assert type(full) is np.ndarray and full.dtype == np.int64 and full.min() == 2


def test_arrays_of_tensors_are_views():
    x = autograd.tensor([1.0, 2.0])
    np.asarray(x)[0] = 7
    assert x.tolist() == [7, 2]
    assert np.array(x, dtype=np.float64).dtype == np.float64
    copied = np.array(x)
    copied[0] = 9
    assert x.tolist() == [7, 2]


UFUNCS = sorted((f for f in NUMPY if isinstance(f, np.ufunc)), key=lambda f: f.__name__)
STEPPED = {"floor", "ceil", "rint", "trunc", "sign", "floor_divide", "remainder", "fmod", "divmod"}


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
def test_every_ufunc_registered_is_numpys(ufunc):
    floats = any(types.startswith("d") for types in ufunc.types)
    random = np.random.default_rng(1)
    arrays = [random.uniform(0.1, 0.9, (3, 4)), random.uniform(0.1, 0.9, (4,))][: ufunc.nin]
    if ufunc.__name__ == "arccosh":
        arrays = [1 + arrays[0]]
    if ufunc.__name__ == "matmul":
        arrays[1] = arrays[0].T.copy()
    if ufunc.__name__ == "vecdot":
        arrays[1] = arrays[0][::-1].copy()
    if ufunc.__name__ == "ldexp":
        arrays[1] = (9 * arrays[1]).astype(np.int64)
    if not floats:
        arrays = [(9 * array).astype(np.int64) for array in arrays]
    tensors = [autograd.tensor(array, requires_grad=array.dtype.kind == "f") for array in arrays]
    expected, found = ufunc(*arrays), ufunc(*tensors)
    for z, array in zip(
        *((r if isinstance(r, tuple) else (r,)) for r in (found, expected)), strict=True
    ):
        assert isinstance(z, autograd.Tensor) and z.shape == array.shape and z.dtype == array.dtype
        np.testing.assert_allclose(z.detach().numpy(), array, rtol=1e-12)
    mixed = ufunc(*arrays[:-1], tensors[-1])
    assert isinstance(mixed if not isinstance(mixed, tuple) else mixed[0], autograd.Tensor)
    if floats and ufunc.nout == 1 and expected.dtype.kind == "f" and ufunc.__name__ not in STEPPED:
        assert autograd.gradcheck(ufunc, tuple(tensors)) and found.requires_grad


OPTIONS = {
    "add reduce": lambda a: np.add.reduce(a),
    "add reduce axis": lambda a: np.add.reduce(a, axis=1, keepdims=True),
    "add reduce all": lambda a: np.add.reduce(a, axis=None),
    "maximum reduce": lambda a: np.maximum.reduce(a, 1),
    "minimum reduce": lambda a: np.minimum.reduce(a),
    "logical reduce": lambda a: np.logical_and.reduce(a > 0, axis=1),
    "subtract outer": lambda a: np.subtract.outer(a[0], a),
    "outer with an array": lambda a: np.multiply.outer(np.ones(2), a),
    "less outer": lambda a: np.less.outer(a, a),
    "dtype": lambda a: np.add(a, 1, dtype=np.float64),
    "usual options": lambda a: np.add(a, a, where=True, casting="same_kind", order="K", out=None),
    "usual order": lambda a: np.copy(a, order="C"),
    "no out": lambda a: np.sum(a, 0, None, None),
    "where all": lambda a: np.sum(a, where=True),
    "no value": lambda a: np.mean(a, keepdims=np._NoValue),
    "out of concatenate": lambda a: np.concatenate([a, a], axis=1, out=None),
    "clip positional": lambda a: np.clip(a, -0.5, 0.5, None),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_with_their_usual_values_and_methods_of_ufuncs(name):
    x = autograd.tensor(ARRAY, requires_grad=True)
    z, expected = OPTIONS[name](x), OPTIONS[name](ARRAY)
    assert z.shape == expected.shape and z.dtype == expected.dtype
    np.testing.assert_allclose(z.detach().numpy(), expected, rtol=1e-14)
    if expected.dtype.kind == "f":
        assert autograd.gradcheck(OPTIONS[name], x)


def test_a_ufunc_computes_in_the_dtype_asked_for():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    z = np.multiply(x, 3, dtype=np.float64)
    z.sum().backward()
    assert z.dtype == np.float64 and x.grad.dtype == np.float32 and x.grad.tolist() == [3, 3]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.fft.fft(x), "np.fft.fft has no recorded counterpart"),
        (lambda x: np.add.reduceat(x, [0]), "np.add.reduceat has no recorded counterpart"),
        (lambda x: np.subtract.reduce(x), "np.subtract.reduce has no recorded counterpart"),
        (lambda x: np.add.at(x, [0], 1), "np.add.at has no recorded counterpart"),
        (lambda x: np.add(x, x, out=np.zeros(2)), "np.add: out= cannot be recorded; assign the"),
        (lambda x: np.add(x, x, np.zeros(2)), "np.add: out= cannot be recorded; assign the"),
        (lambda x: np.add(np.ones(2), 1, out=x), "np.add: out= cannot be recorded"),
        (lambda x: np.add.reduce(x, out=np.zeros(())), "np.add.reduce: out= cannot be recorded"),
        (lambda x: np.sum(x, out=np.zeros(())), "np.sum: out= cannot be recorded"),
        (lambda x: np.sum(x, 0, None, np.zeros(())), "np.sum: out= cannot be recorded"),
        (lambda x: np.clip(x, 0, 1, out=np.zeros(2)), "np.clip: out= cannot be recorded"),
        (lambda x: np.concatenate([x, x], 0, np.zeros(4)), "np.concatenate: out= cannot be"),
        (lambda x: np.sum(x, initial=3), "np.sum: initial=3 has no recorded counterpart"),
        (
            lambda x: np.sum(x, where=[True, False]),
            r"np.sum: where=\[True, False\] has no recorded",
        ),
        (lambda x: np.var(x, mean=1.0), "np.var: mean=1.0 has no recorded counterpart"),
        (lambda x: np.add(x, x, order="F"), "np.add: order='F' has no recorded counterpart"),
        (lambda x: np.add(x, x, casting="safe"), "np.add: casting='safe' has no recorded"),
        (lambda x: np.add(x, x, dtype=complex), "np.add: expected real numbers"),
        (lambda x: np.copy(x, order="F"), "np.copy: order='F' has no recorded counterpart"),
        (lambda x: np.where(x > 0), "np.where: with a Tensor expected a condition and two"),
        (lambda x: np.sum(x, bogus=1), "unexpected keyword argument 'bogus'"),
    ],
)
def test_what_cannot_be_recorded_says_so(call, message):
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError, match=message):
        call(x)
    assert x.tolist() == [1, 2]


WITHOUT_COUNTERPART = [
    *("angle", "apply_along_axis", "apply_over_axes", "busday_count"),
    *("choose", "common_type", "compress", "convolve", "correlate", "digitize", "ediff1d"),
    *("extract", "fix", "gradient", "histogram", "histogram2d", "i0", "imag", "insert", "interp"),
    *("intersect1d", "isin", "iscomplex", "lexsort", "nanmax", "nanmin"),
    *("nanvar", "packbits", "partition", "piecewise", "place", "poly", "polyfit", "polyval"),
    *("putmask", "real", "real_if_close", "roots", "save", "select", "setdiff1d", "sinc"),
    *("trim_zeros", "union1d", "unwrap", "vander"),
]


@pytest.mark.parametrize("name", WITHOUT_COUNTERPART)
def test_functions_without_a_counterpart_say_so_or_have_one_by_now(name):
    function = getattr(np, name)
    if function in autograd.op.NUMPY:
        return
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    tries = [(x,), (x, x), (x, x, x), (x, 0, x), (np.sum, 0, x), ([x > 0], [x]), ("file", x)]
    for arguments in tries:
        try:
            function(*arguments)
        except Exception as error:
            if f"np.{name} has no recorded counterpart" in str(error):
                return
    raise AssertionError(f"np.{name} never said that it has no counterpart")


def test_operands_of_another_kind_are_refused():
    with pytest.raises(TypeError, match="add: expected a Tensor, an array or a number, got str"):
        autograd.tensor([1.0]) + "one"
    with pytest.raises(TypeError, match="multiply: expected .* got dict"):
        autograd.tensor([1.0]) * {}


def test_without_a_tensor_operations_are_plain_numpy():
    z = autograd.exp(np.zeros(2))
    assert type(z) is np.ndarray and z.tolist() == [1, 1]
    assert type(autograd.sum(np.ones((2, 3)), 0)) is np.ndarray
    assert autograd.matmul(np.eye(2), np.ones(2)).tolist() == [1, 1]


def test_shapes_that_do_not_fit_are_named():
    x, y = autograd.ones(2, 3), autograd.ones(4)
    for call, message in (
        (lambda: x + y, r"add: operands of shapes \(2, 3\) and \(4,\) do not broadcast"),
        (lambda: x @ y, r"matmul: shapes \(2, 3\) and \(4,\) do not fit"),
        (lambda: x @ autograd.tensor(1.0), r"matmul: shapes \(2, 3\) and \(\) do not fit"),
        (lambda: autograd.cat([x, y]), r"cat: shapes must agree .* \[\(2, 3\), \(4,\)\]"),
        (lambda: autograd.stack([x, y]), r"stack: expected tensors of one shape, got"),
        (lambda: x.reshape(4), r"reshape: shape \(4,\) is invalid for a tensor of shape \(2, 3\)"),
        (lambda: x.reshape(-1, -1), r"reshape: expected at most one -1"),
        (lambda: x.T.view(6), r"view: shape \(6,\) needs a copy"),
        (lambda: x.expand(2, 4), r"expand: shape \(2, 3\) cannot be expanded to \(2, 4\)"),
        (lambda: x.permute(0, 0), r"permute: dims \(0, 0\) do not order .* \(2, 3\)"),
        (lambda: autograd.zeros(2, 2, 2).t(), r"t: expected at most 2 dimensions"),
        (lambda: x.sum((0, 0)), r"sum: dim \(0, 0\) names an axis twice"),
        (lambda: autograd.mean(autograd.arange(3)), "mean: expected a floating-point tensor, got"),
        (lambda: x.flatten(1, 0), "flatten: start_dim 1 comes after end_dim 0"),
    ):
        with pytest.raises(RuntimeError, match=message):
            call()


def test_dims_that_do_not_exist_are_named():
    x = autograd.ones(2, 3)
    for name in ("sum", "mean", "var", "amax", "max", "argmax", "any", "logsumexp"):
        function = getattr(autograd, name)
        with pytest.raises(IndexError, match=r"dim 2 is out of range for .* 2 dimensions"):
            function(x, 2)
    for call in (
        lambda: x.transpose(0, 2),
        lambda: x.unsqueeze(4),
        lambda: x.squeeze(-3),
        lambda: autograd.cat([x, x], 2),
    ):
        with pytest.raises(IndexError, match=r"dim -?\d is out of range for \d dimensions"):
            call()
    with pytest.raises(IndexError, match=r"index 7 does not fit shape \(2, 3\)"):
        x[7]
    with pytest.raises(ValueError, match="clamp: at least one of min and max must be given"):
        x.clamp()
