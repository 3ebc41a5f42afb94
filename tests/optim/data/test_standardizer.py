"""Standardizer: shapes, dtypes, what is refused; the numbers of the course are in concepts."""

import numpy as np
import pytest

import autograd
from optim.data import Augmented, DataLoader, Standardizer, TensorDataset
from optim.data.transforms import Compose, RandomCrop

DATA = np.random.default_rng(0).normal(3, 2, (50, 4))
IMAGES = np.random.default_rng(0).normal(3, [[[1]], [[2]], [[3]]], (20, 3, 5, 6))


@pytest.mark.parametrize("scale", ["std", "range", None])
@pytest.mark.parametrize("per_channel", [False, True])
def test_the_inverse_gives_the_data_back(scale, per_channel):
    standardizer = Standardizer(scale, per_channel=per_channel)
    y = standardizer.fit_transform(IMAGES)
    assert y.shape == IMAGES.shape
    np.testing.assert_allclose(standardizer.inverse_transform(y), IMAGES, rtol=1e-12)
    np.testing.assert_array_equal(standardizer.transform(IMAGES[3]), y[3])


def test_columns_are_entries_or_channels():
    y = Standardizer().fit_transform(IMAGES)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(0), 1)
    channels = Standardizer(per_channel=True).fit(IMAGES)
    assert channels.shift.shape == channels.scale.shape == (3, 1, 1)
    y = channels.transform(IMAGES)
    np.testing.assert_allclose(y.mean((0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.std((0, 2, 3)), 1)
    assert channels.transform(np.ones((2, 3, 9, 9))).shape == (2, 3, 9, 9)


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32, np.float64, bool])
def test_floats_stay_what_they_are_and_others_become_the_default(kind):
    data = (DATA * 10).astype(kind)
    y = Standardizer().fit_transform(data)
    assert y.dtype == (kind if np.dtype(kind).kind == "f" else np.float32)
    expected = (data - data.mean(0)) / data.std(0, dtype=np.float64) if kind is not bool else y
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)


def test_more_rows_than_are_summed_at_once():
    data = np.random.default_rng(0).normal(100, 1, (10_000, 2)).astype(np.float32)
    fitted = Standardizer().fit(data)
    np.testing.assert_allclose(fitted.scale, data.std(0, dtype=np.float64), rtol=1e-12)


def test_tensors_stay_tensors_and_their_gradients_flow():
    x = autograd.tensor(DATA, requires_grad=True)
    fitted = Standardizer().fit(x)
    y = fitted.transform(x)
    y.sum().backward()
    np.testing.assert_array_equal(y.detach().numpy(), fitted.transform(DATA))
    np.testing.assert_allclose(x.grad.numpy(), np.broadcast_to(1 / fitted.scale, DATA.shape))
    assert fitted.transform(autograd.tensor(np.ones(4, np.uint8))).dtype == np.float32


def test_it_ends_a_chain_of_transforms():
    fitted = Standardizer(per_channel=True).fit(IMAGES)
    data = TensorDataset(IMAGES, np.arange(20))
    chain = Compose([RandomCrop((5, 6)), fitted])
    ((images, _),) = DataLoader(Augmented(data, chain), batch_size=20)
    np.testing.assert_array_equal(images.numpy(), fitted.transform(IMAGES))


def test_its_state_goes_through_a_file(tmp_path):
    fitted = Standardizer(per_channel=True).fit(IMAGES)
    autograd.save(fitted.state_dict(), tmp_path / "state.npz")
    other = Standardizer(per_channel=True)
    other.load_state_dict(autograd.load(tmp_path / "state.npz"))
    np.testing.assert_array_equal(other.transform(IMAGES), fitted.transform(IMAGES))
    with pytest.raises(ValueError, match=r"a state of shift and scale, got \['mean'\]"):
        other.load_state_dict({"mean": 0})
    with pytest.raises(RuntimeError, match="fit it on the training data before state_dict"):
        Standardizer().state_dict()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Standardizer("max"), "scale must be 'std', 'range' or None, got 'max'"),
        (lambda: Standardizer().fit(np.zeros((0, 3))), r"a sample in it, got shape \(0, 3\)"),
        (lambda: Standardizer().fit(3.0), r"expected data \(N, ...\) with a sample in it"),
        (lambda: Standardizer(per_channel=True).fit(DATA), r"expected data \(N, C, ...\)"),
        (lambda: Standardizer().fit([[1.0, np.nan]]), "hold nan or infinity"),
        (lambda: Standardizer().fit([[1.0, np.inf]]), "hold nan or infinity"),
        (lambda: Standardizer("range").fit([[1.0], [-np.inf]]), "hold nan or infinity"),
        (lambda: Standardizer().fit(["a"]), "expected numbers, got <U1"),
        (lambda: Standardizer().fit(DATA).transform(DATA[:, :3]), r"shape \(4,\), got \(50, 3\)"),
        (lambda: Standardizer().fit(IMAGES).transform(IMAGES[0, 0]), r"got \(5, 6\)"),
    ],
)
def test_wrong_data_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
