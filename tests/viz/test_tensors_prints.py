"""Prints and histograms: what is small is not white, what is zero is not print, PNG is PNG."""

import struct
import zlib

import numpy as np
import pytest

from viz.tensors.histogram import histogram
from viz.tensors.png import palette_png, rgb_png
from viz.tensors.thumbnails import diverging, fold, image, ink


def decode(png):
    """Read a PNG of eight bits a cell without row filters: (cells, palette or None)."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(kind + body)
        chunks[kind] = body
        at += 12 + length
    width, height, bits, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    depth = {2: 3, 3: 1}[colour]
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8)
    rows = rows.reshape(height, 1 + width * depth)
    assert bits == 8 and not rows[:, 0].any()
    cells = rows[:, 1:].reshape(height, width, depth)
    palette = chunks.get(b"PLTE")
    return cells, None if palette is None else np.frombuffer(palette, np.uint8).reshape(-1, 3)


def colours(thumbnail):
    """The colour of each shown cell, enlarged pixels taken once."""
    cells, palette = decode(thumbnail.png)
    times = cells.shape[0] // thumbnail.rows
    small = cells[::times, ::times]
    return small if palette is None else palette[small[..., 0]]


def test_a_palette_image_reads_back():
    indices = np.arange(6).reshape(2, 3)
    palette = np.arange(18).reshape(6, 3) * 10
    cells, read = decode(palette_png(indices, palette))
    assert np.array_equal(cells[..., 0], indices) and np.array_equal(read, palette)


def test_a_colour_image_reads_back():
    picture = np.random.default_rng(0).integers(0, 256, (3, 4, 3))
    cells, palette = decode(rgb_png(picture))
    assert palette is None and np.array_equal(cells, picture)


@pytest.mark.parametrize(
    ("indices", "palette", "said"),
    [
        (np.zeros((0, 3)), np.zeros((1, 3)), r"non-empty \(H, W\)"),
        (np.zeros((2, 2, 2)), np.zeros((1, 3)), r"got \(2, 2, 2\)"),
        (np.full((1, 1), 4), np.zeros((2, 3)), "the palette has 2 colours"),
        (np.zeros((1, 1)), np.zeros((300, 3)), "at most 256"),
    ],
)
def test_bad_images_are_refused(indices, palette, said):
    with pytest.raises(ValueError, match=said):
        palette_png(indices, palette)


def test_zero_is_white_the_limit_full_hue_and_minus_graphite():
    shown = colours(diverging(np.array([[0.0, 2.0, -2.0]]), 2.0, "value"))
    assert shown[0].tolist() == [[255, 255, 255], [0x00, 0x5A, 0x9C], [0x3D, 0x46, 0x50]]
    assert colours(diverging(np.array([[2.0]]), 2.0, "gradient"))[0, 0].tolist() == [194, 65, 12]


def test_small_is_not_zero():
    shown = colours(diverging(np.array([[0.0, 1e-9, -1e-9]]), 1.0, "value"))
    assert (shown[0, 1] != 255).any() and (shown[0, 2] != 255).any()
    assert (shown[0, 1] != shown[0, 2]).any()


def test_gradients_grow_faster_near_zero():
    value = colours(diverging(np.array([[0.1]]), 1.0, "value"))[0, 0]
    gradient = colours(diverging(np.array([[0.1]]), 1.0, "gradient"))[0, 0]
    assert gradient.astype(int).sum() < value.astype(int).sum()


def test_what_is_not_finite_has_a_colour_of_its_own():
    shown = colours(diverging(np.array([[np.nan, np.inf, 1.0]]), 1.0, "value"))[0]
    assert shown[0].tolist() == shown[1].tolist() == [0xCC, 0x79, 0xA7] != shown[2].tolist()


def test_prints_are_enlarged_by_a_whole_number():
    cells, _ = decode(diverging(np.arange(49.0).reshape(7, 7), 48, "value").png)
    assert cells.shape[:2] == (140, 140)
    assert decode(diverging(np.ones((28, 28)), 1, "value").png)[0].shape[:2] == (140, 140)


def test_large_maps_keep_their_largest_entries():
    cells = np.zeros((224, 224))
    cells[100, 57] = -5.0
    thumbnail = diverging(cells, 5.0, "value")
    assert thumbnail.rows <= 70
    assert (colours(thumbnail) == [0x3D, 0x46, 0x50]).all(-1).sum() == 1


def test_ink_and_colour_images():
    assert colours(ink(np.array([[0.0, 1.0]])))[0].tolist() == [[255] * 3, [0] * 3]
    assert colours(image(np.stack([np.eye(2)] * 3)))[0].tolist() == [[255] * 3, [0] * 3]


@pytest.mark.parametrize("size", [11, 84, 97, 120, 256, 997])
def test_a_vector_folds_to_a_broad_map(size):
    shown = fold(np.arange(1.0, size + 1))
    assert np.array_equal(shown.ravel()[:size], np.arange(1, size + 1))
    assert not shown.ravel()[size:].any() and shown.shape[0] <= shown.shape[1]


def test_exact_zeros_are_counted_apart():
    counted = histogram(np.array([0.0, 0.0, 0.0, 1.0, -1.0, 0.01, np.nan]))
    assert counted.zeros == 3 and sum(counted.counts) == 3 and counted.limit == 1
    assert counted.counts[8] == 1 and max(counted.heights) == 1
    assert counted.zero_share == 3 / 7


def test_nothing_but_zeros_has_no_bars():
    counted = histogram(np.zeros(5))
    assert not any(counted.heights) and counted.zero_share == 1
