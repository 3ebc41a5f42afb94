"""Groups DA, and of TP and RG what is about data: the worked numbers of the course."""

import numpy as np
import pytest

import autograd
import optim
from nn import functional as F
from optim.data import (
    Augmented,
    DataLoader,
    RandomSampler,
    Standardizer,
    Subset,
    TensorDataset,
    mnist,
    random_split,
)
from optim.data.transforms import RandomHorizontalFlip, Rotate, label_changes


def test_OP_11_the_noise_of_a_mini_batch_falls_with_the_root_of_its_size():
    # Gradients of 4,000 samples with sigma 2.0003; the course drew these deviations of their means.
    drawn = {1: 2.022, 4: 0.992, 16: 0.492, 64: 0.250, 256: 0.123}
    samples = np.random.default_rng(0).standard_normal(4000)
    samples = (samples - samples.mean()) / samples.std() * 2.0003
    data = TensorDataset(samples)
    w = autograd.tensor(0.0, dtype=np.float64, requires_grad=True)
    for size, deviation in drawn.items():
        order = RandomSampler(data, replacement=True, num_samples=500 * size)
        gradients = [
            autograd.grad((w * batch).mean(), [w])[0].item()
            for (batch,) in DataLoader(data, size, sampler=order)
        ]
        expected = 2.0003 / np.sqrt(size)
        assert np.std(gradients) == pytest.approx(expected, rel=0.1)
        assert deviation == pytest.approx(expected, rel=0.03)


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


@pytest.mark.parametrize("samples", [25, 103])
def test_TP_02_five_folds(samples):
    selection = pytest.importorskip(
        "sklearn.model_selection", reason="folds are scikit-learn's, which is not installed"
    )
    rng = np.random.default_rng(0)
    x = rng.standard_normal((samples, 2))
    data = TensorDataset(x, x @ [1.0, -2.0] + 0.1 * rng.standard_normal(samples))
    seen, sizes, scores = [], [], []
    for train, held_out in selection.KFold(5, shuffle=True, random_state=0).split(x):
        ((inputs, targets),) = DataLoader(Subset(data, train), samples)
        w = np.linalg.lstsq(inputs.numpy(), targets.numpy(), rcond=None)[0]
        ((inputs, targets),) = DataLoader(Subset(data, held_out), samples)
        scores.append(float(((inputs.numpy() @ w - targets.numpy()) ** 2).mean()))
        seen += held_out.tolist()
        sizes.append(len(held_out))
    assert sorted(seen) == list(range(samples)) and max(sizes) - min(sizes) <= 1
    assert np.mean(scores) == pytest.approx(0.01, rel=0.5) and np.std(scores) < 0.01


def test_RG_10_more_data_lower_the_test_loss_and_raise_the_training_loss():
    rng = np.random.default_rng(0)
    x, true = rng.standard_normal((3000, 8)), rng.standard_normal(8)
    data = TensorDataset(x, x @ true + rng.standard_normal(3000))
    pool, held_out = random_split(data, [1000, 2000], generator=0)
    ((test_x, test_y),) = DataLoader(held_out, 2000)
    curve = []
    for n in (10, 30, 100, 300, 1000):
        ((inputs, targets),) = DataLoader(Subset(pool, range(n)), n)
        w = autograd.tensor(np.zeros(8), requires_grad=True)
        optimizer = optim.LBFGS([w], max_iter=60, line_search_fn="strong_wolfe")

        def loss(x, y, w=w):
            return F.mse_loss(x @ w, y)

        def closure(optimizer=optimizer, loss=loss, inputs=inputs, targets=targets):
            optimizer.zero_grad()
            value = loss(inputs, targets)
            value.backward()
            return value

        optimizer.step(closure)
        curve.append((loss(inputs, targets).item(), loss(test_x, test_y).item()))
    train, test = zip(*curve, strict=True)
    # With 8 weights and noise of variance 1: (1 - 8/N) in training, more than 1 in the test.
    assert train[0] < 0.4 < train[1] < train[-1] == pytest.approx(1, abs=0.1)
    assert list(test) == sorted(test, reverse=True) and test[0] > 2
    assert test[-1] == pytest.approx(1, abs=0.1)
