"""Real handwritten digits that come with the package: 5,000 for training, 1,000 held out.

A stratified draw from MNIST, small enough to ship (1 MB), so the demo, the notebooks and the tests
train on real data without a network. ``mnist_subset/README.md`` says where the digits come from,
under which licence, and how they were drawn.
"""

import os
import zlib

import numpy as np

__all__ = ["MNIST_MEAN", "MNIST_STD", "mnist"]

MNIST_MEAN, MNIST_STD = 0.13066, 0.30811  # of the 60,000 official training digits, scaled to [0, 1]

_FILE = os.path.join(os.path.dirname(__file__), "mnist_subset", "digits.npz")
_SHA256 = {
    "train_images": "94f432b0de529eb8417920b1f2eff5d6b72a2a1ea4e69e30e243e47fef79fa8a",
    "train_labels": "e4a89fbecaddbcc0fc7605bfdffb2fa8ae920f85cc410fdfea4be3fb099608ce",
    "test_images": "cd06b6b1b72cb281697d265dd0dfc2d2d579cee1defcac5d8a9434193ff56330",
    "test_labels": "21f4d4f38982968d5af18de3efdcea3d65c7372a59ac08c241bf4f6e7f9580cc",
}


def mnist(train: bool = True, standardize: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Return the shipped digits and their classes as two arrays.

    pixel = (byte / 255 - 0.13066) / 0.30811, or byte / 255 with ``standardize=False``

    Parameters
    ----------
    train : bool
        The 5,000 training digits (500 of each class, from MNIST's training part), or the 1,000
        held-out digits (100 of each class, from its test part).
    standardize : bool
        Whether pixels have mean 0 and standard deviation 1 over MNIST's training part.

    Returns
    -------
    images : ndarray of float32, shape (N, 1, 28, 28)
    labels : ndarray of int64, shape (N,)

    Raises
    ------
    FileNotFoundError
        If the file of digits is missing.
    ValueError
        If it is damaged: each array is checked against its SHA-256.

    Examples
    --------
    >>> images, labels = mnist(train=False)
    >>> images.shape, images.dtype, labels[:5]
    ((1000, 1, 28, 28), dtype('float32'), array([...]))
    """
    part = "train" if train else "test"
    images = _checked(f"{part}_images")[:, None].astype(np.float32) / np.float32(255)
    if standardize:
        images = (images - np.float32(MNIST_MEAN)) / np.float32(MNIST_STD)
    return images, _checked(f"{part}_labels").astype(np.int64)


def _checked(name: str) -> np.ndarray:
    """Return one array of the file, or say in a sentence what is wrong with the file."""
    import hashlib  # here: to import both takes 6 ms, which who reads no digits need not wait for
    from zipfile import BadZipFile

    remedy = "reinstall backlight, or restore the file with git checkout"
    try:
        with open(_FILE, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            array = arrays[name]
    except FileNotFoundError:
        raise FileNotFoundError(f"mnist: {_FILE} is missing; {remedy}") from None
    except (BadZipFile, EOFError, KeyError, OSError, ValueError, zlib.error) as error:
        raise ValueError(
            f"mnist: {_FILE} ({os.path.getsize(_FILE):,} bytes) is damaged: "
            f"{name} cannot be read ({error}); {remedy}"
        ) from error
    found = hashlib.sha256(array.tobytes()).hexdigest()
    if found != _SHA256[name]:
        raise ValueError(
            f"mnist: {_FILE} is damaged: {name} should have SHA-256 {_SHA256[name][:12]}..., "
            f"found {found[:12]}...; {remedy}"
        )
    return array
