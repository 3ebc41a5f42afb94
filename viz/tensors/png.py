"""PNG files from arrays, written with zlib alone.

A thumbnail is a picture of at most a few thousand cells in few colours: a palette image holds
it in about a kilobyte, and needs no imaging library. Images are enlarged here by a whole number,
because renderers differ in how they honour ``image-rendering`` when they enlarge.
"""

import base64
import struct
import zlib

import numpy as np

__all__ = ["data_uri", "palette_png", "rgb_png"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def palette_png(indices: np.ndarray, palette: np.ndarray) -> bytes:
    r"""Encode an image of palette indices.

    Parameters
    ----------
    indices : (H, W) array of int
        The entry of the palette for each cell.
    palette : (K, 3) array of uint8
        At most 256 colours, red green blue.

    Returns
    -------
    bytes
        A PNG file of colour type 3, eight bits a cell. Equal input gives equal bytes.

    Examples
    --------
    >>> png = palette_png(np.array([[0, 1]]), np.array([[0, 0, 0], [255, 255, 255]]))
    >>> png[:4], png[16:24].hex()
    (b'\x89PNG', '0000000200000001')
    """
    indices, palette = np.asarray(indices), np.asarray(palette)
    if indices.ndim != 2 or not indices.size:
        raise ValueError(f"palette_png: expected a non-empty (H, W) image, got {indices.shape}")
    if palette.ndim != 2 or palette.shape[1] != 3 or len(palette) > 256:
        raise ValueError(f"palette_png: expected at most 256 RGB rows, got {palette.shape}")
    if indices.min() < 0 or indices.max() >= len(palette):
        raise ValueError(
            f"palette_png: indices run from {indices.min()} to {indices.max()}, "
            f"the palette has {len(palette)} colours"
        )
    rows = indices.astype(np.uint8)[:, :, None]
    return _encode(rows, 3, _chunk(b"PLTE", palette.astype(np.uint8).tobytes()))


def rgb_png(image: np.ndarray) -> bytes:
    """Encode an (H, W, 3) image of uint8 as a PNG file of colour type 2."""
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(f"rgb_png: expected a non-empty (H, W, 3) image, got {image.shape}")
    return _encode(image.astype(np.uint8), 2, b"")


def data_uri(png: bytes) -> str:
    """Put a PNG file into the text of an ``href``."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _encode(cells: np.ndarray, colour_type: int, palette: bytes) -> bytes:
    height, width, depth = cells.shape
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    filtered = np.zeros((height, 1 + width * depth), np.uint8)  # a leading 0: no row filter
    filtered[:, 1:] = cells.reshape(height, width * depth)
    body = zlib.compress(filtered.tobytes(), 9)
    return SIGNATURE + _chunk(b"IHDR", header) + palette + _chunk(b"IDAT", body) + _chunk(b"IEND")


def _chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
