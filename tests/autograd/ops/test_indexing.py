"""Reading and writing at an index: what NumPy and PyTorch say of drawn indices, and misuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd.ops import adding_at

# ---------------------------------------------------------------- drawn indices


@st.composite
def parts_for(draw, lengths, count):
    """Draw parts of an index for axes of these lengths; its arrays have ``count`` positions."""
    parts = []
    for length in lengths:
        kinds = ["int", "slice", "slice", "array", "array", "rows", "scalar tensor"]
        kind = draw(st.sampled_from(kinds + (["mask"] if count <= length else [])))
        if draw(st.integers(0, 5)) == 0:
            parts.append(None)
        position = st.integers(-length, length - 1)
        if kind == "int":
            parts.append(draw(position))
        elif kind == "scalar tensor":
            parts.append(np.array(draw(position)))
        elif kind == "slice":
            ends = st.none() | st.integers(-length - 1, length + 1)
            parts.append(slice(draw(ends), draw(ends), draw(st.sampled_from([None, 1, 2, 3]))))
        elif kind == "mask":
            held = draw(st.permutations(range(length)))[:count]
            parts.append(np.isin(np.arange(length), held))
        else:
            shape = (count,) if kind == "array" else (2, count)
            size = int(np.prod(shape))
            drawn = draw(st.lists(position, min_size=size, max_size=size))
            dtype = draw(st.sampled_from([np.int32, np.int64]))
            parts.append(np.array(drawn, dtype).reshape(shape))
    return parts


@st.composite
def shapes_and_indices(draw):
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    left = draw(st.integers(0, len(shape)))
    right = draw(st.integers(left, len(shape)))
    count = draw(st.integers(0, 3))
    index = draw(parts_for(shape[:left], count))
    if right < len(shape) or draw(st.booleans()):
        index += [Ellipsis, *draw(parts_for(shape[right:], count))]
    return shape, tuple(index)


def for_torch(torch, index):
    return tuple(torch.tensor(p) if isinstance(p, np.ndarray) else p for p in index)


def for_us(index):
    """Return every second array as a Tensor."""
    return tuple(
        autograd.tensor(p) if isinstance(p, np.ndarray) and i % 2 else p
        for i, p in enumerate(index)
    )


@settings(max_examples=300)
@given(shapes_and_indices(), st.integers(0, 2**32 - 1))
def test_reading_and_two_derivatives_equal_torch(torch, drawn, seed):
    shape, index = drawn
    values = np.random.default_rng(seed).standard_normal(shape)
    x, y = autograd.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    z, expected = x[for_us(index)], y[for_torch(torch, index)]
    assert z.shape == tuple(expected.shape)
    np.testing.assert_array_equal(z.detach().numpy(), expected.detach().numpy())
    (slope,) = autograd.grad((z * z * z).sum(), x, create_graph=True)
    (other,) = torch.autograd.grad((expected**3).sum(), y, create_graph=True)
    np.testing.assert_allclose(slope.detach().numpy(), other.detach().numpy(), atol=1e-12)
    if other.requires_grad:
        (curve,) = autograd.grad((slope * slope).sum(), x)
        (bend,) = torch.autograd.grad((other * other).sum(), y)
        np.testing.assert_allclose(curve.numpy(), bend.numpy(), atol=1e-11)


@settings(max_examples=200)
@given(shapes_and_indices(), st.integers(0, 2**32 - 1))
def test_reading_equals_numpy_where_no_integer_is_among_arrays(drawn, seed):
    shape, index = drawn
    scalars = [p for p in index if isinstance(p, int) or np.ndim(p) == 0 and p is not None]
    scalars = [p for p in scalars if not isinstance(p, (slice, type(Ellipsis)))]
    values = np.random.default_rng(seed).standard_normal(shape)
    found = autograd.tensor(values)[index]
    arrays = any(isinstance(p, np.ndarray) and p.ndim for p in index)
    expected = values[index]
    if not (arrays and (scalars or Ellipsis in [p for p in index if not np.ndim(p)])):
        assert found.shape == expected.shape
        np.testing.assert_array_equal(found.numpy(), expected)
    else:  # the same elements, perhaps with other axes first
        np.testing.assert_array_equal(np.sort(found.numpy(), None), np.sort(expected, None))


@settings(max_examples=300)
@given(shapes_and_indices(), st.booleans(), st.integers(0, 2**32 - 1))
def test_writing_and_its_gradients_equal_torch(torch, drawn, single, seed):
    shape, index = drawn
    random = np.random.default_rng(seed)
    values = random.standard_normal(shape)
    window = autograd.tensor(values)[index].shape
    written = random.standard_normal(() if single else window)
    x, v = (autograd.tensor(a, requires_grad=True) for a in (values, written))
    y, w = (torch.tensor(a, requires_grad=True) for a in (values, written))
    z, expected = x * 1, y * 1
    z[for_us(index)] = v
    expected[for_torch(torch, index)] = w
    np.testing.assert_array_equal(z.detach().numpy(), expected.detach().numpy())
    (z * z).sum().backward()
    (expected * expected).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(v.grad.numpy(), w.grad.numpy(), atol=1e-12)
    plain = autograd.tensor(values)
    plain[index] = written
    np.testing.assert_array_equal(plain.numpy(), expected.detach().numpy())


# ---------------------------------------------------------------- kinds of index

X = np.arange(12.0).reshape(3, 4)
KINDS = [
    [0, 2],
    range(2),
    [True, False, True],
    np.array([1, 0, 1], np.uint8),
    np.array([2, 0], np.int32),
    np.uint8(1),
    np.int16(-1),
    True,
    False,
    np.array(True),
    np.array(False),
    [],
    (slice(None), [True, False, True, True]),
    (slice(None), True, [1, 2]),
    (True, slice(None), [1, 2]),
    (None, [0, 1], None, [1, 2]),
    ([[0], [2]], [1, 3]),
    (),
    Ellipsis,
    None,
    slice(1, 3),
]


@pytest.mark.filterwarnings("ignore:indexing with dtype torch.uint8")
@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")
@pytest.mark.parametrize("index", KINDS, ids=repr)
def test_every_kind_of_index_reads_what_torch_reads(index, torch):
    ours, theirs = autograd.tensor(X), torch.tensor(X)
    part = torch.tensor(index) if isinstance(index, np.ndarray) else index
    found, expected = ours[index], theirs[part]
    assert found.shape == tuple(expected.shape)
    np.testing.assert_array_equal(found.numpy(), expected.numpy())
    if isinstance(index, np.ndarray):
        assert ours[autograd.tensor(index)].shape == found.shape


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint16, np.uint32])
def test_positions_of_any_integer_dtype_are_read(dtype):
    index = autograd.tensor(np.array([2, 0, 2], dtype))
    x = autograd.tensor(X, requires_grad=True)
    x[index].sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [[1] * 4, [0] * 4, [2] * 4])


def test_lists_may_hold_tensors_and_slices_be_bounded_by_them():
    x, one = autograd.tensor(X), autograd.tensor(1)
    assert x[[one, autograd.tensor(0)]].tolist() == X[[1, 0]].tolist()
    assert x[one : autograd.tensor(3)].tolist() == X[1:3].tolist()
    assert x[np.array([])].shape == (0, 4)


def test_a_negative_step_reads_backwards_as_in_numpy():
    x = autograd.tensor(X, requires_grad=True)
    assert x[::-1, ::-2].tolist() == X[::-1, ::-2].tolist()
    (x[::-1] * autograd.tensor([[1.0], [2.0], [3.0]])).sum().backward()
    assert x.grad[:, 0].tolist() == [3, 2, 1]


@pytest.mark.parametrize("index", [0, -1, (0,), autograd.tensor(1), np.array(2), (Ellipsis, 1)])
def test_a_scalar_index_gives_a_view(index):
    x = autograd.tensor([1.0, 2.0, 3.0])
    x[index].mul_(10)
    assert x.sum().item() in (15.0, 24.0, 33.0)


def test_integers_are_taken_before_arrays():
    x = autograd.zeros(2, 3, 4)
    assert x[0, :, [1, 2]].shape == (3, 2)
    assert x[autograd.tensor(0), :, autograd.tensor([1, 2])].shape == (3, 2)
    assert x[[0, 1], :, [1, 2]].shape == (2, 3)


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        (
            5,
            IndexError,
            r"index 5 does not fit shape \(3, 4\): .* out of bounds for axis 0",
        ),
        ([5], IndexError, "index 5 is out of bounds"),
        (([0, 1], [0, -9]), IndexError, "index -9 is out of bounds for axis 1 with size 4"),
        ((0, 0, 0), IndexError, "too many indices"),
        (([0], [0], [0]), IndexError, "too many indices"),
        (0.5, IndexError, "got float"),
        (np.array([0.5]), IndexError, "index arrays hold integers or booleans, got float64"),
        ([True, False], IndexError, "boolean index did not match"),
        (np.ones((1, 1), bool), IndexError, "boolean index did not match"),
        (([0, 1], [0, 1, 2]), IndexError, "do not broadcast|could not be broadcast"),
        ((Ellipsis, Ellipsis, [0]), IndexError, "single ellipsis"),
        ([[0], [1, 2]], IndexError, "lists of equal length"),
        ({}, IndexError, "got dict"),
        ("a", IndexError, "got str"),
    ],
)
def test_an_index_that_does_not_fit_is_named(index, error, message):
    x = autograd.tensor(X)
    with pytest.raises(error, match=message):
        x[index]
    before = X.copy()
    with pytest.raises(error, match=r"x\[index\] = value: .*x has shape \(3, 4\)"):
        x[index] = 1.0
    np.testing.assert_array_equal(x.numpy(), before)


def test_an_index_that_was_changed_since_is_refused():
    x, index = autograd.tensor(X, requires_grad=True), autograd.tensor([0, 2])
    z = x[index]
    index.add_(1)
    with pytest.raises(RuntimeError, match="its index, .* was changed in place since"):
        z.sum().backward()


# ---------------------------------------------------------------- writing


@pytest.mark.parametrize(
    ("index", "value"),
    [
        (0, [1, 2, 3, 4]),
        (0, np.ones(4, np.int32)),
        (0, autograd.tensor([1, 2, 3, 4])),
        (X > 5, autograd.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])),
        ([0, 2], autograd.tensor([[1.0], [2.0]])),
        ((), 5),
        (True, 7),
        (False, 7),
        ([0], np.ones((1, 1, 4))),
        (0, np.ones((1, 1, 4))),
        ([], 5),
        ((0, [1, 2]), [7.0, 8.0]),
        ((0, slice(None), None), 5),
    ],
    ids=repr,
)
def test_values_are_cast_and_broadcast_as_torch_does(index, value, torch):
    ours, theirs = autograd.tensor(X), torch.tensor(X)
    for_it = torch.tensor(index) if isinstance(index, np.ndarray) else index
    values = value.numpy() if isinstance(value, autograd.Tensor) else value
    ours[index] = value
    theirs[for_it] = torch.tensor(values, dtype=torch.float64)
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert ours.dtype == np.float64


def test_floats_written_to_integers_are_cut():
    x = autograd.arange(4)
    x[0] = 1.7
    x[[1, 2]] = autograd.tensor([2.9, -3.9])
    assert x.tolist() == [1, 2, -3, 3]


@pytest.mark.parametrize(
    ("index", "value", "error", "message"),
    [
        (0, np.ones(2), RuntimeError, r"value of shape \(2,\) does not fit x\[index\] of shape"),
        ([0, 1], np.ones((3, 2, 4)), RuntimeError, r"shape \(3, 2, 4\) does not fit"),
        (X > 5, np.ones(2), RuntimeError, r"does not fit x\[index\] of shape \(6,\)"),
        (0, None, TypeError, "expected a Tensor, an array or a number, got NoneType"),
        (0, "a", TypeError, "got str"),
    ],
)
def test_values_that_do_not_fit_are_refused(index, value, error, message):
    x = autograd.tensor(X)
    with pytest.raises(error, match=message):
        x[index] = value
    np.testing.assert_array_equal(x.numpy(), X)


def test_a_write_that_records_nothing_is_seen_by_what_was_saved():
    x, w = autograd.tensor(X), autograd.tensor(X, requires_grad=True)
    z = (x * w).sum()
    x[[0]] = 1.0
    with pytest.raises(RuntimeError, match="changed in place since"):
        z.backward()
    with autograd.no_grad():
        w[[0]] = 3.0
    assert w[0].tolist() == [3.0] * 4
    with pytest.raises(RuntimeError, match="a leaf that requires grad"):
        w[[0]] = 1.0
    read_only = autograd.from_numpy(X.view())
    read_only.payload.flags.writeable = False
    with pytest.raises(RuntimeError, match="read-only"):
        read_only[[0]] = 1.0


def test_index_put_refuses_what_torch_refuses():
    x, one = autograd.tensor(X), autograd.tensor(np.ones(()))
    with pytest.raises(TypeError, match="index_put: expected a tuple of index tensors, got Tensor"):
        autograd.index_put(x, autograd.tensor([0]), one)
    with pytest.raises(RuntimeError, match="index_put: expected values of x's dtype float64, got"):
        autograd.index_put(x, ([0],), autograd.tensor(1))
    with pytest.raises(RuntimeError, match=r"index_put: values of shape \(3, 4\) do not broadcast"):
        autograd.index_put(x, ([0, 0],), x)
    with pytest.raises(IndexError, match=r"index_put: .*out of bounds.*; x has shape \(3, 4\)"):
        autograd.index_put(x, ([9],), one, accumulate=True)
    changed = x.clone()
    assert changed.index_put_(([0, 0],), one, True) is changed
    assert changed[0].tolist() == (X[0] + 2).tolist()


# ---------------------------------------------------------------- adding up


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", [(), (3,), (20,), (5, 8)])
@pytest.mark.parametrize(
    "kind",
    ["repeats", "few repeats", "some often", "one cell", "distinct", "a heavy cell", "few cells"],
)
def test_adding_rows_equals_adding_one_by_one(kind, width, dtype, monkeypatch):
    monkeypatch.setattr(adding_at, "NARROW", 16)  # or rows would have to be wide
    random = np.random.default_rng(0)
    ids = {
        "repeats": random.integers(0, 500, 400),
        "few repeats": random.integers(0, 500, 150),
        "some often": random.permutation(np.r_[np.arange(500), np.repeat(np.arange(20), 6)]),
        "one cell": np.full(300, 7),
        "distinct": random.permutation(500)[:200],
        "a heavy cell": np.where(random.random(900) < 0.5, 3, random.integers(0, 500, 900)),
        "few cells": random.integers(0, 40, 3000),
    }[kind]
    x = random.standard_normal((len(ids), *width)).astype(dtype)
    z = np.zeros((500, *width), dtype)
    adding_at.add_rows(z, ids, x)
    expected = np.zeros((500, *width))
    np.add.at(expected, ids, x.astype(np.float64))
    scale = np.zeros((500, *width))
    np.add.at(scale, ids, np.abs(x).astype(np.float64))
    assert np.all(np.abs(z - expected) <= 200 * np.finfo(dtype).eps * scale)
    again = np.zeros((500, *width), dtype)
    adding_at.add_rows(again, ids, x)
    np.testing.assert_array_equal(z, again)  # to the bit
    written = np.zeros((500, *width), dtype)
    adding_at.add_rows(written, ids, x, blank=True)
    assert np.all(np.abs(written - expected) <= 200 * np.finfo(dtype).eps * scale)
    adding_at.add_rows(again := np.zeros_like(z), ids, x, blank=True)
    np.testing.assert_array_equal(written, again)
    adding_at.add_rows(written, ids, x)
    np.testing.assert_allclose(written, 2 * expected, atol=1e-3)


def test_large_blocks_and_strided_cells_are_added_up(monkeypatch):
    monkeypatch.setattr(adding_at, "BLOCK", 256)
    monkeypatch.setattr(adding_at, "NARROW", 16)
    random = np.random.default_rng(1)
    for index, shape in [
        (([3, 3, 0, 1, 3],), (4, 40)),
        ((slice(None), np.array([3, 3, 0, 1, 3])), (30, 4)),
        ((np.arange(50) % 7, np.arange(50) % 3), (7, 3)),
        ((np.arange(50) % 7, np.arange(50) % 3), (7, 3, 4)),
        ((slice(None), np.arange(50).reshape(5, 10) % 7, np.arange(10) % 3), (20, 7, 3)),
    ]:
        x = autograd.tensor(random.standard_normal(shape), requires_grad=True)
        z = x[index]
        upstream = random.standard_normal(z.shape)
        z.backward(upstream)
        expected = np.zeros(shape)
        np.add.at(expected, index, upstream)
        np.testing.assert_allclose(x.grad.numpy(), expected, atol=1e-12)
        np.testing.assert_array_equal(z.detach().numpy(), x.detach().numpy()[index])


@pytest.mark.parametrize("index", [[True, False, True], [2, 0]])
def test_an_index_that_was_changed_is_refused_and_a_number_is_kept(index):
    x, index = autograd.ones(3, requires_grad=True), autograd.tensor(index)
    z = x[index]
    index[0] = 1 - int(index[0])
    with pytest.raises(RuntimeError, match="its index, .* was changed in place"):
        z.sum().backward()
    number = autograd.tensor(1)
    z = x[number, None]
    number += 1
    z.sum().backward()
    assert x.grad.tolist() == [0, 1, 0]
