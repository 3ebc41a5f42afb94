"""Convert MTCNN's weights and cut the photograph, as README.md says; needs nothing but Backlight.

The weights come as files of old ``torch.save``: pickles that describe tensors, then their numbers.
Here they are read by an unpickler that knows three names and refuses all others. The PNG is decoded
by hand, for Backlight needs no Pillow either.
"""

import pickle
import struct
import sys
import zlib
from collections import OrderedDict
from pathlib import Path

import numpy as np

import autograd

HERE = Path(__file__).parent
TOP, LEFT, SIDE, SHRINK = 36, 160, 144, 3  # the window for O-Net: head and shoulders


class Unpickler(pickle.Unpickler):
    """Reads a state dict of float32 tensors; their numbers are filled in later."""

    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module, name):
        """Return one of the three names that such a file needs."""
        known = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): self.tensor,
            ("torch", "FloatStorage"): np.float32,
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} is not part of a dict of weights")
        return known[module, name]

    def persistent_load(self, described):
        """Make room for the numbers of one storage."""
        _, dtype, key, _, length, _ = described
        return self.storages.setdefault(key, np.empty(length, dtype))

    @staticmethod
    def tensor(storage, offset, shape, strides, *rest):
        """View a storage as a tensor."""
        steps = [4 * step for step in strides]
        return np.ndarray(shape, np.float32, storage, 4 * offset, steps)


def read_weights(path):
    """Return the arrays of a file of old ``torch.save`` by name."""
    with open(path, "rb") as file:
        for _ in range(3):  # a magic number, a version, facts about the machine
            pickle.load(file)
        reader = Unpickler(file)
        state = reader.load()
        for key in pickle.load(file):
            (length,) = struct.unpack("<q", file.read(8))
            reader.storages[key][:] = np.frombuffer(file.read(4 * length), "<f4")
    return {name: np.ascontiguousarray(array) for name, array in state.items()}


def read_png(path):
    """Return an image of 8 bits a channel, without interlacing, as (H, W, channels)."""
    data = Path(path).read_bytes()
    at, packed = 8, b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    channels = {2: 3, 6: 4}[colour]
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, -1)
    image = np.zeros((height + 1, width + 1, channels), np.int64)  # a border of zeros
    for row, line in enumerate(lines.astype(np.int64), start=1):
        pixels = line[1:].reshape(width, channels)
        for column in range(1, width + 1):
            left, above, corner = (
                image[row, column - 1],
                image[row - 1, column],
                image[row - 1, column - 1],
            )
            guess = (0, left, above, (left + above) // 2, _paeth(left, above, corner))[line[0]]
            image[row, column] = (pixels[column - 1] + guess) & 255
    return image[1:, 1:].astype(np.uint8)


def _paeth(left, above, corner):
    """Return of three neighbours the one that is nearest to left + above - corner."""
    off_left, off_above = np.abs(above - corner), np.abs(left - corner)
    off_corner = np.abs(left + above - 2 * corner)
    other = np.where(off_above <= off_corner, above, corner)
    return np.where((off_left <= off_above) & (off_left <= off_corner), left, other)


def shrunk(image, by):
    """Return the means of squares of ``by`` pixels, rounded."""
    height, width, channels = image.shape
    squares = image.reshape(height // by, by, width // by, by, channels)
    return np.rint(squares.mean((1, 3))).astype(np.uint8)


def main(weights, photograph):
    """Write the three files beside this one."""
    for name in ("pnet", "onet"):
        autograd.save(read_weights(Path(weights) / f"{name}.pt"), HERE / f"{name}.safetensors")
    image = read_png(photograph)[..., :3]
    face = image[TOP : TOP + SIDE, LEFT : LEFT + SIDE]
    np.savez_compressed(
        HERE / "astronaut.npz", face=shrunk(face, SHRINK), photograph=shrunk(image, 4)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
