"""Group DA, preprocessing and augmentation, by the worked numbers of the course."""

import numpy as np
import pytest

import autograd
from optim.data import (
    Augmented,
    Standardizer,
    TensorDataset,
    mnist,
)
from optim.data.transforms import RandomHorizontalFlip, Rotate, label_changes


class TestPreprocessing:
    """Column by column."""

    column = np.array([2.0, 4, 10])

    def test_DA_01_mean_subtraction(self):
        data = np.random.default_rng(0).integers(0, 256, (50, 4), dtype=np.uint8)
        before = data.copy()
        with pytest.raises(TypeError, match="Cannot cast ufunc"):
            data -= data.mean(0)  # what the course writes; bytes cannot hold the result
        centred = Standardizer(scale=None).fit_transform(data)
        np.testing.assert_allclose(centred.mean(0), 0, atol=1e-4)
        np.testing.assert_allclose(centred.std(0), data.std(0), rtol=1e-5)
        np.testing.assert_array_equal(data, before)

    def test_DA_02_z_score(self):
        z = Standardizer().fit_transform(self.column)
        np.testing.assert_allclose(z, [-0.98058068, -0.39223227, 1.37281295], atol=5e-9)
        assert z.std() == pytest.approx(1)

    @pytest.mark.parametrize("value", [0, 3, 0.1, 1e9, -1 / 3])
    @pytest.mark.parametrize("scale", ["std", "range"])
    @pytest.mark.parametrize("kind", [np.float32, np.float64])
    def test_DA_02_a_constant_column_stays_finite(self, value, scale, kind):
        data = np.stack([np.full(77, value), np.arange(77)], axis=1).astype(kind)
        assert Standardizer(scale).fit_transform(data)[:, 0] == pytest.approx(0, abs=1e-5)

    def test_DA_03_min_max(self):
        assert Standardizer("range").fit_transform(self.column).tolist() == [0, 0.25, 1]
        fitted = Standardizer("range").fit(self.column)
        assert fitted.transform(np.array([12.0])).tolist() == [1.25]  # test data may lie outside

    def test_DA_04_principal_components_and_whitening(self):
        rng = np.random.default_rng(0)
        data = rng.standard_normal((500, 5)) @ rng.standard_normal((5, 5))
        centred = Standardizer(scale=None).fit_transform(data)
        variances, axes = autograd.linalg.eigh(autograd.tensor(centred.T @ centred / 500))
        rotated = centred @ axes.numpy()
        covariance = rotated.T @ rotated / 500
        assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-12
        whitened = rotated / np.sqrt(variances.numpy())
        np.testing.assert_allclose(whitened.T @ whitened / 500, np.eye(5), atol=1e-12)
        retained = np.cumsum(np.diag(covariance)[::-1]) / np.trace(covariance)
        kept = int(np.searchsorted(retained, 0.9)) + 1
        assert retained[kept - 1] >= 0.9 > (retained[kept - 2] if kept > 1 else 0)

    def test_DA_05_statistics_are_of_the_training_data_alone(self):
        train, test = np.array([1.0, 3]), np.array([10.0])
        fitted = Standardizer().fit(train)
        assert fitted.shift == 2 and fitted.scale == 1
        assert fitted.transform(test).tolist() == [8]
        leaked = Standardizer().fit(np.concatenate([train, test]))
        assert leaked.shift == pytest.approx(4.66666667)
        for method in ("transform", "inverse_transform"):
            with pytest.raises(RuntimeError, match=f"on the training data before {method}"):
                getattr(Standardizer(), method)(test)

    def test_DA_08_zero_mean_data_take_the_common_sign_away(self):
        data = np.random.default_rng(0).random((200, 3))  # all positive, as after a sigmoid
        centred = Standardizer(scale=None).fit_transform(data)

        def share_of_one_sign(inputs):
            w = autograd.tensor(np.zeros(3), requires_grad=True)
            signs = []
            for x in inputs:
                (slopes,) = autograd.grad(-0.7 * (w * x).sum(), [w])
                signs.append(len(set(np.sign(slopes.numpy()).tolist())) == 1)
            return np.mean(signs)

        assert share_of_one_sign(data) == 1
        assert share_of_one_sign(centred) == pytest.approx(1 / 4, abs=0.1)  # 2 of 8 octants


def test_DA_07_a_turned_6_is_a_9():
    digits, labels = mnist(train=False)
    turn = Rotate(180)
    changes = label_changes(turn, digits, labels, share=0.4)
    assert changes[9, 6] > 0.85 and changes[6, 9] > 0.45
    assert label_changes(Rotate(10), digits, labels) == {}
    # The flag is of the data set: the same flip is wrong for digits and right for photographs.
    assert not turn.label_safe
    with pytest.warns(UserWarning, match="Rotate may make labels wrong, as a turned 6 is a 9"):
        Augmented(TensorDataset(digits, labels), turn)
    photographs = TensorDataset(np.zeros((4, 3, 8, 8)), np.arange(4))
    assert Augmented(photographs, RandomHorizontalFlip(), label_safe=True).label_safe
