"""Products: what NumPy's matmul gives, and the same bits for 1, 2 and 3 threads."""

import numpy as np
import pytest

import autograd
from autograd.blas import product


@pytest.fixture
def each_number_of_threads():
    before = autograd.get_num_threads()

    def results(call):
        found = []
        for threads in (1, 2, 3):
            autograd.set_num_threads(threads)
            found.append(np.asarray(call()))
        return found

    yield results
    autograd.set_num_threads(before)


SHAPES = [
    ((128, 784), (784, 256)),
    ((300, 320), (320, 301)),
    ((2000, 449), (449, 333)),
    ((700, 600), (600, 700)),
    ((3, 20_000), (20_000, 7)),
    ((1, 9000), (9000, 300)),
    ((300, 9000), (9000, 1)),
    ((20_000,), (20_000,)),
    ((20_000,), (20_000, 3)),
    ((5, 20_000), (20_000,)),
    ((64, 100, 130), (64, 130, 90)),
    ((64, 100, 130), (1, 130, 90)),
    ((4, 300, 500), (500, 200)),
    ((2, 1, 200, 300), (3, 300, 200)),
]


def laid_out(array, layout):
    """Return equal numbers in column-major order, or with strides that BLAS does not know."""
    if layout == "columns" and array.ndim > 1:
        return np.swapaxes(np.ascontiguousarray(np.swapaxes(array, -1, -2)), -1, -2)
    if layout == "strides" and array.ndim > 1:
        return np.repeat(np.repeat(array, 2, -1), 2, 0)[::-2, ..., ::2][::-1]
    return array


@pytest.mark.parametrize("layout", ["rows", "columns", "strides"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("left", "right"), SHAPES, ids=str)
def test_products_have_the_same_bits(left, right, dtype, layout, each_number_of_threads):
    rng = np.random.default_rng(0)
    x, y = (laid_out(rng.standard_normal(s).astype(dtype), layout) for s in (left, right))
    one, *others = each_number_of_threads(lambda: product(x, y))
    expected = np.matmul(x.astype("float64"), y.astype("float64"))
    np.testing.assert_allclose(one, expected, rtol=0, atol=abs(expected).max() * (
        1e-5 if dtype == "float32" else 1e-13
    ))  # fmt: skip
    assert one.dtype == dtype and one.shape == expected.shape
    assert all(np.array_equal(one, other) for other in others)


def test_products_of_drawn_shapes_have_the_same_bits(each_number_of_threads):
    rng = np.random.default_rng(1)
    for dtype in ("float32", "float64"):
        for _ in range(40):
            n, k, m = rng.integers(1, 700, 3)
            x, y = (
                rng.standard_normal((n, k)).astype(dtype),
                rng.standard_normal((k, m)).astype(dtype),
            )
            one, *others = each_number_of_threads(lambda x=x, y=y: product(x, y))
            assert all(np.array_equal(one, other) for other in others), (n, k, m, dtype)


@pytest.mark.parametrize("shape", [(1000, 1000), (33, 50_000), (1_000_003,)], ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "var", "norm"])
def test_sums_have_the_same_bits(name, shape, each_number_of_threads):
    x = autograd.tensor(np.random.default_rng(0).standard_normal(shape), dtype=autograd.float32)
    for options in ({}, *({"dim": axis} for axis in range(len(shape)))):
        one, *others = each_number_of_threads(lambda o=options: getattr(x, name)(**o).payload)
        assert all(np.array_equal(one, other) for other in others), options


@pytest.mark.parametrize("shapes", [((2, 3), (4, 2)), ((500, 600), (601, 500)), ((9, 2), (3,))])
def test_what_does_not_fit_is_refused(shapes):
    x, y = (np.ones(shape, np.float32) for shape in shapes)
    with pytest.raises(ValueError, match="mismatch|not aligned"):
        product(x, y)
