"""Sparse maps along axes: adjoints, rounds, infinities, threads; and reading at places."""

import numpy as np
import pytest

import autograd
from nn.ops.resampling import interpolate, interpolate_adjoint
from nn.ops.taps import Taps, resampling_taps
from nn.ops.unpooling import add_at, take_at, unpool

MODES = ["nearest", "nearest-exact", "linear", "cubic"]


def dense(taps):
    matrix = np.full(taps.shape, np.nan)
    matrix[:] = interpolate(np.eye(taps.shape[1])[None], maps=(taps,), mode="").swapaxes(1, 2)[0]
    return matrix


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("size", "output"), [(1, 1), (5, 3), (3, 7), (4, 8), (1, 6), (9, 1)])
@pytest.mark.parametrize("antialias", [False, True])
def test_weights_of_an_output_add_up_to_one_and_the_transposed_map_is_its_adjoint(
    mode, size, output, antialias
):
    taps = resampling_taps(mode, size, output, antialias=antialias)
    matrix = dense(taps)
    np.testing.assert_allclose(matrix.sum(1), 1)
    np.testing.assert_array_equal(dense(taps.transposed), matrix.T)
    assert repr(taps) == f"Taps({size} -> {output})"


def test_taps_of_one_pair_add_up_and_zeros_are_left_out():
    taps = Taps((3, 2), np.array([0, 0, 2, 2]), np.array([1, 1, 0, 1]), np.array([0.5, 2, 1, 0.0]))
    np.testing.assert_array_equal(dense(taps), [[0, 2.5], [0, 0], [1, 0]])
    assert len(taps.rounds) == 1


@pytest.mark.parametrize("mode", MODES)
def test_each_axis_is_resampled_as_alone(rng, mode):
    x = rng.standard_normal((2, 3, 5, 4, 6))
    maps = tuple(resampling_taps(mode, n, m) for n, m in zip((5, 4, 6), (3, 9, 7), strict=True))
    z = interpolate(x, maps=maps, mode=mode)
    expected = np.einsum("ncdhw,xd,yh,zw->ncxyz", x, *map(dense, maps))
    np.testing.assert_allclose(z, expected, atol=1e-12)
    y = rng.standard_normal(z.shape)
    back = interpolate_adjoint(y, maps=maps, mode=mode)
    np.testing.assert_allclose((back * x).sum(), (y * z).sum())


def test_an_infinite_pixel_reaches_only_who_reads_it(rng):
    x = rng.standard_normal((1, 1, 8))
    x[0, 0, 2] = np.inf
    z = interpolate(x, maps=(resampling_taps("linear", 8, 15, align_corners=True),), mode="linear")
    assert np.isinf(z[0, 0, 3:6]).all() and np.isfinite(z[0, 0, :3]).all()
    assert np.isfinite(z[0, 0, 6:]).all()


def test_same_bits_for_any_number_of_threads(threads, rng):
    x = rng.standard_normal((8, 16, 40, 41)).astype(np.float32)
    maps = (resampling_taps("cubic", 40, 61), resampling_taps("cubic", 41, 80))
    results = []
    for number in (1, 2, 3):
        threads(number)
        z = interpolate(x, maps=maps, mode="bicubic")
        back = interpolate_adjoint(z, maps=maps, mode="bicubic")
        results.append((z.tobytes(), back.tobytes()))
    assert results[0] == results[1] == results[2]


def test_memory_layout_does_not_matter(rng):
    x = rng.standard_normal((6, 5, 3, 2)).transpose(3, 2, 1, 0)
    maps = (resampling_taps("linear", 5, 8), resampling_taps("linear", 6, 4))
    expected = interpolate(np.ascontiguousarray(x), maps=maps, mode="bilinear")
    np.testing.assert_array_equal(interpolate(x, maps=maps, mode="bilinear"), expected)
    indices = rng.integers(0, 30, (2, 3, 4))
    np.testing.assert_array_equal(
        take_at(x, indices=indices), take_at(np.ascontiguousarray(x), indices=indices)
    )


def test_reading_and_adding_at_places_are_adjoint_also_where_places_repeat(rng, leaf):
    indices = rng.integers(0, 6, (2, 3, 4, 2))
    x, y = rng.standard_normal((2, 3, 2, 3)), rng.standard_normal(indices.shape)
    read, added = take_at(x, indices=indices), add_at(y, indices=indices, size=(2, 3))
    np.testing.assert_allclose((read * y).sum(), (added * x).sum())

    def function(x):
        return take_at(x * x, indices=indices)

    assert autograd.gradcheck(function, [leaf(x)]) and autograd.gradgradcheck(function, [leaf(x)])


def test_of_several_values_for_one_place_the_last_stays():
    x = np.array([[[1.0, 2.0, 3.0]]])
    assert unpool(x, indices=np.array([[[0, 2, 0]]]), size=(4,)).tolist() == [[[3, 0, 2, 0]]]
