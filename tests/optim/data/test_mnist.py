"""The digits that ship with the package: what is in them, and what a damaged file says."""

import importlib
import pathlib

import numpy as np
import pytest

from optim.data.mnist import mnist

module = importlib.import_module("optim.data.mnist")  # the name in optim.data is the function


@pytest.mark.parametrize(("train", "per_class"), [(True, 500), (False, 100)])
def test_every_class_has_equally_many_digits(train, per_class):
    images, labels = mnist(train=train)
    assert images.shape == (10 * per_class, 1, 28, 28)
    assert images.dtype == np.float32
    assert labels.dtype == np.int64
    assert np.bincount(labels).tolist() == [per_class] * 10


def test_pixels_are_standardised_on_request():
    standard, _ = mnist()
    plain, _ = mnist(standardize=False)
    assert plain.min() == 0 and plain.max() == 1
    assert abs(standard.mean()) < 0.02 and abs(standard.std() - 1) < 0.02
    np.testing.assert_allclose(standard, (plain - 0.13066) / 0.30811, rtol=1e-5, atol=1e-6)


def test_no_digit_is_there_twice():
    both = np.concatenate([mnist(train=True)[0], mnist(train=False)[0]])
    assert len({image.tobytes() for image in both}) == 6000


def test_digits_are_recognised_by_their_nearest_neighbour():
    # Guards the pairing of images and labels: shuffled against each other this would be 10 %.
    images, labels = (array[::10] for array in mnist(train=True))
    held_out, expected = (array[::10] for array in mnist(train=False))
    near = images.reshape(500, -1) @ held_out.reshape(100, -1).T
    distance = (images**2).sum((1, 2, 3))[:, None] - 2 * near
    assert (labels[distance.argmin(0)] == expected).mean() > 0.7


def corrupt(content):
    middle = len(content) // 2
    return content[:middle] + bytes(64) + content[middle + 64 :]


@pytest.mark.parametrize(
    "damage",
    [lambda content: content[:100_000], lambda content: b"", lambda content: b"no", corrupt],
    ids=["truncated", "empty", "not an npz", "overwritten"],
)
def test_a_damaged_file_is_named_in_a_sentence(damage, tmp_path, monkeypatch):
    file = tmp_path / "digits.npz"
    file.write_bytes(damage(pathlib.Path(module._FILE).read_bytes()))
    monkeypatch.setattr(module, "_FILE", file)
    with pytest.raises(ValueError, match=r"mnist: .*digits\.npz.* is damaged: .*reinstall"):
        mnist(), mnist(train=False)


def test_other_digits_in_the_file_are_not_taken(tmp_path, monkeypatch):
    file = tmp_path / "digits.npz"
    with np.load(module._FILE) as arrays:
        np.savez(file, **{**arrays, "test_labels": arrays["test_labels"][::-1]})
    monkeypatch.setattr(module, "_FILE", file)
    with pytest.raises(ValueError, match="test_labels should have SHA-256 21f4d4f38982"):
        mnist(train=False)


def test_a_missing_file_is_named_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_FILE", tmp_path / "digits.npz")
    with pytest.raises(FileNotFoundError, match=r"mnist: .*digits\.npz is missing"):
        mnist()
