"""Max- and average pooling: worked numbers, PyTorch, ties, NaN, finite differences, threads."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd
from nn.ops import averaging, pooling
from nn.ops.averaging import avg_pool2d, spread, window_sums
from nn.ops.lines import adaptive_line, pool_lines
from nn.ops.pooling import max_pool2d, max_pool_indices, max_pool_input, max_pool_winners

BOARD = np.array([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])
HALVES = {"kernel_size": (2, 2), "stride": (2, 2)}
WINDOWS = [
    {"kernel_size": k, "stride": s, "padding": p, "ceil_mode": c}
    for k, s, p, c in itertools.product(
        [(2, 2), (3, 3), (3, 2), (1, 1)],
        [(2, 2), (1, 1), (2, 3), (3, 3), (4, 4)],
        [(0, 0), (1, 1), (1, 0)],
        [False, True],
    )
    if all(2 * a <= b for a, b in zip(p, k, strict=True))
]
SOME = [
    {**HALVES, "padding": (0, 0)},
    {"kernel_size": (3, 3), "stride": (2, 2), "padding": (1, 1)},
    {"kernel_size": (2, 3), "stride": (1, 2), "padding": (0, 1)},
]


def images(rng, dtype, size, ties):
    shape = (2, 3, *size)
    return (rng.integers(-3, 3, shape) if ties else rng.standard_normal(shape)).astype(dtype)


def lines_of(x, kernel_size, stride, padding=(0, 0), dilation=(1, 1), ceil_mode=False):
    return pool_lines("pool", x.shape, kernel_size, stride, padding, dilation, ceil_mode)


def distinct(rng, shape):
    return rng.permutation(np.prod(shape)).reshape(shape) * 0.1


# ---------------------------------------------------------------- worked numbers


def test_LY_10_max_pooling(leaf):
    x = leaf(BOARD)
    z = max_pool2d(x, **HALVES)
    assert z.tolist() == [[[[6, 8], [3, 4]]]]
    z.sum().backward()
    assert x.grad.tolist() == [[[[0, 0, 0, 0], [0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 1]]]]


def test_LY_11_average_pooling(leaf):
    x = leaf(BOARD)
    z = avg_pool2d(x, **HALVES)
    assert z.tolist() == [[[[3.25, 5.25], [2, 2]]]]
    upstream = np.array([[[[4.0, 8.0], [12.0, 16.0]]]])
    z.backward(autograd.tensor(upstream, dtype=np.float64))
    assert np.array_equal(x.grad.numpy(), upstream.repeat(2, 2).repeat(2, 3) / 4)


def test_LY_13_overlapping_windows_add_gradients(leaf):
    x = leaf(BOARD)
    z = max_pool2d(x, kernel_size=(3, 3), stride=(1, 1))
    assert z.tolist() == [[[[7, 8], [7, 8]]]]
    z.sum().backward()
    assert x.grad.tolist() == [[[[0, 0, 0, 0], [0, 0, 2, 2], [0, 0, 0, 0], [0, 0, 0, 0]]]]


# ---------------------------------------------------------------- PyTorch


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [(8, 8), (7, 5)])
@pytest.mark.parametrize("ties", [False, True])
def test_max_pooling_as_pytorch(torch, agrees_with_torch, rng, dtype, size, ties):
    for window in WINDOWS:
        agrees_with_torch(
            lambda x, window=window: max_pool2d(x, **window),
            lambda x, window=window: torch.nn.functional.max_pool2d(x, **window),
            images(rng, dtype, size, ties),
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [(8, 8), (7, 5)])
def test_average_pooling_as_pytorch(torch, agrees_with_torch, rng, dtype, size):
    counts = [
        {"count_include_pad": True},
        {"count_include_pad": False},
        {"divisor_override": 3},
    ]
    for window, count in itertools.product(WINDOWS, counts):
        options = {**window, **count}
        agrees_with_torch(
            lambda x, options=options: avg_pool2d(x, **options),
            lambda x, options=options: torch.nn.functional.avg_pool2d(x, **options),
            images(rng, dtype, size, False),
        )


@pytest.mark.parametrize("window", SOME)
def test_nan_and_infinity_as_pytorch(torch, leaf, rng, window):
    x = images(rng, np.float32, (8, 8), True)
    x[rng.random(x.shape) < 0.15] = np.nan
    x[0, 0] = -np.inf
    x[1, 1, :3, :3] = np.inf
    ours, theirs = leaf(x), torch.tensor(x, requires_grad=True)
    z, reference = max_pool2d(ours, **window), torch.nn.functional.max_pool2d(theirs, **window)
    assert np.array_equal(z.detach().numpy(), reference.detach().numpy(), equal_nan=True)
    upstream = rng.standard_normal(z.shape).astype(np.float32)
    z.backward(autograd.tensor(upstream))
    reference.backward(torch.tensor(upstream))
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=1e-6)


@pytest.mark.parametrize("window", SOME)
def test_an_infinite_upstream_does_not_touch_losers(leaf, rng, window):
    x = leaf(distinct(rng, (1, 1, 6, 6)))
    z = max_pool2d(x, **window)
    upstream = np.zeros(z.shape)
    upstream[0, 0, 1, 1] = np.inf
    z.backward(autograd.tensor(upstream, dtype=np.float64))
    assert np.sum(np.isinf(x.grad.numpy())) == 1
    assert not np.isnan(x.grad.numpy()).any()


# ---------------------------------------------------------------- ties


def test_ties_by_policy(leaf):
    x = np.array([[[[3.0, 3.0, 1.0, 2.0], [0.0, 3.0, 0.0, 1.0]]]])
    expected = {
        "torch": [[6, 0, 0, 6], [0, 0, 0, 0]],
        "first": [[6, 0, 0, 6], [0, 0, 0, 0]],
        "even": [[2, 2, 0, 6], [0, 2, 0, 0]],
        "none": [[0, 0, 0, 6], [0, 0, 0, 0]],
    }
    for policy, gradient in expected.items():
        with autograd.ties(policy):
            t = leaf(x)
            z = max_pool2d(t, **HALVES)
        (6 * z).sum().backward()
        assert t.grad.tolist() == [[gradient]], policy


def test_EX_H_ties_of_overlapping_windows(leaf):
    """The exam's pooling on z = [1, 1, 1] with upstreams [6, 3]: two windows that share z2."""
    expected = {"torch": [6, 3, 0], "even": [3, 4.5, 1.5], "none": [0, 0, 0]}
    for policy, gradient in expected.items():
        with autograd.ties(policy):
            z = leaf(np.ones((1, 1, 1, 3)))
            pooled = max_pool2d(z, kernel_size=(1, 2), stride=(1, 1))
        pooled.backward(autograd.tensor([[[[6.0, 3.0]]]], dtype=np.float64))
        assert z.grad.tolist() == [[[gradient]]], policy


# ---------------------------------------------------------------- derivatives of every order


@pytest.mark.parametrize("window", SOME)
@pytest.mark.parametrize("policy", ["torch", "even", "none"])
def test_max_pooling_by_finite_differences(leaf, rng, window, policy):
    x = leaf(distinct(rng, (2, 1, 6, 6)))
    with autograd.ties(policy):

        def function(x):
            return max_pool2d(x * x, **window)

        assert autograd.gradcheck(function, [x])
        assert autograd.gradgradcheck(function, [x])


@pytest.mark.parametrize("window", SOME)
def test_average_pooling_by_finite_differences(leaf, rng, window):
    x = leaf(rng.standard_normal((2, 1, 6, 6)))

    def function(x):
        return avg_pool2d(x * x, count_include_pad=False, **window)

    assert autograd.gradcheck(function, [x])
    assert autograd.gradgradcheck(function, [x])


@pytest.mark.parametrize("window", SOME)
@pytest.mark.parametrize("policy", ["first", "even", "none"])
def test_adjoints_have_equal_inner_products(rng, window, policy):
    x = images(rng, np.float64, (7, 6), True)
    lines = lines_of(x, **window)
    assert_adjoint(rng, x, lines, policy)


@pytest.mark.parametrize("policy", ["first", "even", "none"])
@pytest.mark.parametrize(
    ("size", "output"), [((7,), (3,)), ((5, 6), (7, 2)), ((3, 4, 5), (2, 9, 4))]
)
def test_adjoints_of_adaptive_windows(rng, policy, size, output):
    x = images(rng, np.float64, size, True)
    assert_adjoint(rng, x, tuple(map(adaptive_line, size, output)), policy)


def assert_adjoint(rng, x, lines, policy):
    z = np.empty((*x.shape[:2], *(line.windows for line in lines)))
    y, u = rng.standard_normal(z.shape), rng.standard_normal(x.shape)
    sent = max_pool_input(y, x, lines=lines, policy=policy)
    read = max_pool_winners(u, x, lines=lines, policy=policy)
    assert sent.any() and read.any()
    np.testing.assert_allclose((sent * u).sum(), (read * y).sum())
    sums = window_sums(u, lines=lines)
    np.testing.assert_allclose((spread(y, lines=lines) * u).sum(), (sums * y).sum())


# ---------------------------------------------------------------- lines, volumes, dilation


def met_by(line):
    return np.concatenate([np.arange(line.windows)[windows] for windows, _ in line.meets] or [[]])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_pooling_of_any_rank_as_pytorch(torch, data):
    """Values, winners (the first of ties, the last of NaNs) and gradients."""
    rank = data.draw(st.integers(1, 3))
    size, kernel, stride, dilation = (
        tuple(data.draw(st.integers(low, high)) for _ in range(rank))
        for low, high in ((1, 9), (1, 4), (1, 4), (1, 3))
    )
    extents = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    ceil_mode, strange = data.draw(st.booleans()), data.draw(st.booleans())
    sizes = zip(size, padding, extents, strict=True)
    assume(all(n + 2 * p >= extent for n, p, extent in sizes))
    lines = lines_of(np.empty((2, 1, *size)), kernel, stride, padding, dilation, ceil_mode)
    # A dilated window may miss the image; PyTorch's index then points outside it.
    assume(all(np.isin(range(line.windows), met_by(line)).all() for line in lines))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x = rng.integers(-3, 3, (2, 1, *size)).astype(np.float64)
    if strange:
        x[rng.random(x.shape) < 0.2] = np.nan
    theirs = torch.tensor(x, requires_grad=True)
    function = getattr(torch.nn.functional, f"max_pool{rank}d")
    expected, indices = function(
        theirs, kernel, stride, padding, dilation, ceil_mode, return_indices=True
    )
    ours = autograd.tensor(x, requires_grad=True)
    z = getattr(pooling, f"max_pool{rank}d")(
        ours,
        kernel_size=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )
    np.testing.assert_array_equal(z.detach().numpy(), expected.detach().numpy())
    np.testing.assert_array_equal(max_pool_indices(x, lines=lines), indices.numpy())
    upstream = rng.standard_normal(z.shape)
    z.backward(autograd.tensor(upstream))
    expected.backward(torch.tensor(upstream))
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_adaptive_pooling_of_any_rank_as_pytorch(torch, data):
    rank = data.draw(st.integers(1, 3))
    size, output = (
        tuple(data.draw(st.integers(1, 12 if rank < 3 else 6)) for _ in range(rank)) for _ in "io"
    )
    x = np.random.default_rng(5).integers(-3, 3, (2, 1, *size)).astype(np.float64)
    for kind, room in (("max", pooling), ("avg", averaging)):
        name = f"adaptive_{kind}_pool{rank}d"
        ours, theirs = autograd.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
        z = getattr(room, name)(ours, output_size=output)
        expected = getattr(torch.nn.functional, name)(theirs, output)
        np.testing.assert_allclose(z.detach().numpy(), expected.detach().numpy(), atol=1e-12)
        upstream = np.random.default_rng(6).standard_normal(z.shape)
        z.backward(autograd.tensor(upstream))
        expected.backward(torch.tensor(upstream))
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=1e-12)


def test_long_windows_are_reduced_as_short_ones_are(rng):
    """Where there are fewer windows than places in each, they are taken one by one."""
    x = rng.integers(-9, 9, (2, 2, 12, 23)).astype(np.float64)
    lines = (adaptive_line(12, 2), adaptive_line(23, 3))
    assert all(line.windows < len(line.meets) for line in lines)
    for i, j in np.ndindex(2, 3):
        (top, left), (bottom, right) = (
            [int(getattr(line, end)[at]) for line, at in zip(lines, (i, j), strict=True)]
            for end in ("starts", "stops")
        )
        window = x[:, :, top:bottom, left:right]
        found = pooling.adaptive_max_pool2d(x, output_size=(2, 3))[:, :, i, j]
        np.testing.assert_array_equal(found, window.max((2, 3)))
        np.testing.assert_allclose(
            averaging.adaptive_avg_pool2d(x, output_size=(2, 3))[:, :, i, j], window.mean((2, 3))
        )


# ---------------------------------------------------------------- layouts, threads, errors


@pytest.mark.parametrize("window", SOME)
def test_memory_layout_does_not_matter(rng, window):
    x = images(rng, np.float32, (8, 6), True)
    lines, z = lines_of(x, **window), max_pool2d(x, **window)
    y = rng.standard_normal(z.shape).astype(np.float32)
    for order in [(0, 1, 3, 2), (3, 2, 1, 0), (1, 0, 2, 3)]:
        strange = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
        backwards = np.ascontiguousarray(strange[:, :, ::-1, ::-1])[:, :, ::-1, ::-1]
        for variant in (strange, backwards):
            assert np.array_equal(max_pool2d(variant, **window), z)
            assert np.array_equal(avg_pool2d(variant, **window), avg_pool2d(x, **window))
            sent = max_pool_input(y, variant, lines=lines)
            assert np.array_equal(sent, max_pool_input(y, x, lines=lines))


@pytest.mark.parametrize("window", SOME)
def test_same_bits_for_any_number_of_threads(threads, rng, window):
    x = rng.standard_normal((32, 8, 64, 64)).astype(np.float32)
    results = []
    for number in (1, 2, 3):
        threads(number)
        z = max_pool2d(x, **window)
        sent = max_pool_input(z, x, lines=lines_of(x, **window))
        mean = avg_pool2d(x, **window)
        results.append((z.tobytes(), sent.tobytes(), mean.tobytes()))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("shape", [(0, 3, 8, 8), (2, 0, 8, 8)])
@pytest.mark.parametrize("window", SOME)
def test_empty_batches(leaf, shape, window):
    for pool in (max_pool2d, avg_pool2d):
        x = leaf(np.zeros(shape))
        z = pool(x, **window)
        assert z.shape[:2] == shape[:2] and z.size() == pool(np.zeros(shape), **window).shape
        z.sum().backward()
        assert x.grad.shape == shape


def test_no_index_is_kept(leaf, rng):
    """Pairs of float32 apart (`test_pairs.py`)."""
    op = max_pool2d(leaf(distinct(rng, (1, 2, 4, 4))), **HALVES).node
    assert op.name == "max_pool2d" and op.operand_names == ("x",)
    assert op.attributes == {**HALVES, "padding": (0, 0), "dilation": (1, 1), "ceil_mode": False}
    assert op.cached == {"shifts": None}


@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
@pytest.mark.parametrize(
    ("shape", "window", "words"),
    [
        ((3, 8, 8), HALVES, r"expects x \(N, C, H, W\), got shape \(3, 8, 8\)"),
        ((1, 1, 1, 8), HALVES, r"kernel_size \(2, 2\) does not fit in the input of shape"),
        ((1, 1, 8, 8), {**HALVES, "padding": (2, 2)}, "at most half the kernel, got padding"),
        ((1, 1, 8, 8), {**HALVES, "padding": (-1, 0)}, "at most half the kernel, got padding"),
        (
            (1, 1, 8, 8),
            {"kernel_size": (2, 2), "stride": (0, 2)},
            "kernel_size, stride and dilation >= 1",
        ),
    ],
)
def test_what_does_not_fit_is_refused(pool, shape, window, words):
    with pytest.raises(ValueError, match=rf"^{pool.__name__}: .*{words}"):
        pool(np.zeros(shape), **window)


@pytest.mark.parametrize("strange", [False, True])
@pytest.mark.parametrize("shape", [(2, 3, 5), (2, 3, 4, 5), (2, 1, 3, 2, 4), (1, 1, 1, 1)])
def test_a_window_of_the_whole_plane_as_pytorch(torch, leaf, rng, shape, strange):
    """Value, winner and gradient; and its adjoint, which reads at the winner."""
    x = rng.integers(-2, 2, shape).astype(np.float32)
    if strange:
        x[rng.random(shape) < 0.3] = np.nan
    rank = len(shape) - 2
    lines = tuple(adaptive_line(n, 1) for n in shape[2:])
    assert all(line.single for line in lines)
    theirs = torch.tensor(x, requires_grad=True)
    pool = getattr(torch.nn.functional, f"max_pool{rank}d")
    expected, indices = pool(theirs, shape[2:], return_indices=True)
    ours = leaf(x)
    z = getattr(pooling, f"max_pool{rank}d")(ours, kernel_size=shape[2:], stride=shape[2:])
    np.testing.assert_array_equal(z.detach().numpy(), expected.detach().numpy())
    np.testing.assert_array_equal(max_pool_indices(x, lines=lines), indices.numpy())
    upstream = rng.standard_normal(z.shape).astype(np.float32)
    z.backward(autograd.tensor(upstream))
    expected.backward(torch.tensor(upstream))
    np.testing.assert_array_equal(ours.grad.numpy(), theirs.grad.numpy())
    u = rng.standard_normal(shape).astype(np.float32)
    read = max_pool_winners(u, x, lines=lines)
    places = indices.numpy().reshape(*shape[:2], 1)
    expected = np.take_along_axis(u.reshape(*shape[:2], -1), places, 2)
    np.testing.assert_array_equal(read.reshape(places.shape), expected)
