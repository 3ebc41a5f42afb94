"""Initialisers: bounds and moments from fans and gains, PyTorch's starts of layers."""

from math import erfc, sqrt

import numpy as np
import pytest

import autograd
import nn
from nn import init

WIDE = (256, 400)


def filled(function, shape=WIDE, dtype=np.float32, **arguments):
    tensor = autograd.zeros(*shape, dtype=dtype)
    assert function(tensor, **arguments) is tensor
    return tensor.numpy()


def test_gains_are_pytorchs(torch):
    names = ["linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "selu"]
    for name in [*names, "leaky_relu"]:
        assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))
    assert init.calculate_gain("leaky_relu", 0.3) == pytest.approx(
        torch.nn.init.calculate_gain("leaky_relu", 0.3)
    )
    with pytest.raises(ValueError, match="unknown nonlinearity 'rely', expected one of conv1d"):
        init.calculate_gain("rely")
    with pytest.raises(ValueError, match="the slope must be a number, got '1'"):
        init.calculate_gain("leaky_relu", "1")


@pytest.mark.parametrize(
    ("function", "arguments", "std"),
    [
        (init.xavier_uniform_, {}, sqrt(2 / 656)),
        (init.xavier_normal_, {}, sqrt(2 / 656)),
        (init.xavier_normal_, {"mode": "fan_in"}, sqrt(1 / 400)),
        (init.kaiming_uniform_, {}, sqrt(2 / 400)),
        (init.kaiming_normal_, {"mode": "fan_out", "nonlinearity": "relu"}, sqrt(2 / 256)),
        (init.kaiming_normal_, {"a": 0.5}, sqrt(2 / 1.25 / 400)),
        (init.uniform_, {"a": -1.0, "b": 1.0}, sqrt(1 / 3)),
        (init.normal_, {"mean": 0.0, "std": 0.2}, 0.2),
    ],
)
def test_spread_follows_the_fans(function, arguments, std):
    values = filled(function, **arguments)
    assert values.dtype == np.float32
    assert values.std() == pytest.approx(std, rel=0.01)
    assert abs(values.mean()) < 0.01 * std * 3
    if "uniform" in function.__name__:
        assert np.abs(values).max() <= sqrt(3) * std * (1 + 1e-6)
        assert np.abs(values).max() > sqrt(3) * std * 0.99


def test_fans_of_a_kernel_count_its_field():
    values = filled(init.kaiming_normal_, shape=(64, 32, 3, 3))
    assert values.std() == pytest.approx(sqrt(2 / (32 * 9)), rel=0.02)
    with pytest.raises(ValueError, match=r"kaiming_normal_: fans need .* got shape \(3,\)"):
        filled(init.kaiming_normal_, shape=(3,))


def test_constants():
    assert filled(init.zeros_).max() == 0
    assert filled(init.ones_).min() == 1
    assert filled(init.constant_, val=0.5).mean() == 0.5
    assert (filled(init.eye_, shape=(2, 3)) == np.eye(2, 3)).all()
    with pytest.raises(ValueError, match="eye_: expected a matrix"):
        filled(init.eye_, shape=(2,))


def test_draws_take_a_generator_of_autograd_or_of_numpy():
    given = (autograd.Generator().manual_seed(4), np.random.default_rng(4))
    ours, numpys = (filled(init.uniform_, generator=generator) for generator in given)
    np.testing.assert_array_equal(ours, numpys)
    with pytest.raises(TypeError, match="expected generator to be a Generator, got int"):
        filled(init.uniform_, generator=4)


def test_draws_follow_the_seed_or_a_generator():
    autograd.manual_seed(3)
    first = filled(init.normal_).copy()
    autograd.manual_seed(3)
    np.testing.assert_array_equal(filled(init.normal_), first)
    rng = np.random.default_rng(1)
    own = filled(init.uniform_, generator=rng, dtype=np.float64)
    np.testing.assert_array_equal(own, np.random.default_rng(1).random(WIDE))


def test_wrong_modes_are_named():
    with pytest.raises(ValueError, match="kaiming_uniform_: mode must be .* got 'fan'"):
        filled(init.kaiming_uniform_, mode="fan")
    with pytest.raises(ValueError, match="xavier_normal_: mode must be"):
        filled(init.xavier_normal_, mode="fan")
    with pytest.raises(ValueError, match="normal_: std must not be negative"):
        filled(init.normal_, std=-1)


@pytest.mark.parametrize(
    ("layer", "fan_in"), [(lambda: nn.Linear(400, 300), 400), (lambda: nn.Conv2d(16, 64, 5), 400)]
)
def test_layers_start_uniform_within_one_over_the_root_of_fan_in(layer, fan_in):
    layer = layer()
    bound = 1 / sqrt(fan_in)
    for values in (layer.weight.numpy(), layer.bias.numpy()):
        assert np.abs(values).max() <= bound * (1 + 1e-6)
        assert values.std() == pytest.approx(bound / sqrt(3), rel=0.15)
    assert layer.weight.numpy().std() == pytest.approx(bound / sqrt(3), rel=0.01)


def test_batch_norm_starts_as_the_identity():
    layer = nn.BatchNorm2d(3)
    assert layer.weight.tolist() == [1, 1, 1] and layer.bias.tolist() == [0, 0, 0]
    assert layer.running_mean.tolist() == [0, 0, 0] and layer.running_var.tolist() == [1, 1, 1]


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 2, 3), (1, 1)])
def test_orthogonal_matrices_are_orthogonal(shape):
    values = filled(init.orthogonal_, shape, np.float64, gain=2.0).reshape(shape[0], -1)
    gram = values @ values.T if values.shape[0] <= values.shape[1] else values.T @ values
    np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-12)
    with pytest.raises(ValueError, match=r"orthogonal_: expected two axes or more, got shape"):
        filled(init.orthogonal_, (3,))


def test_orthogonal_matrices_favour_no_sign():
    """Without the signs of R the first entry of Q would never be positive."""
    draws = np.array([filled(init.orthogonal_, (2, 2))[0, 0] for _ in range(200)])
    assert 60 < (draws > 0).sum() < 140


@pytest.mark.parametrize(
    ("shape", "groups"), [((3, 2, 3), 1), ((4, 2, 3, 5), 2), ((2, 3, 2, 3, 4), 1), ((6, 1, 1), 3)]
)
def test_dirac_is_pytorchs(torch, shape, groups):
    expected = torch.nn.init.dirac_(torch.empty(shape), groups).numpy()
    np.testing.assert_array_equal(filled(init.dirac_, shape, groups=groups), expected)


def test_dirac_kernels_hand_channels_on():
    layer = nn.Conv2d(2, 2, 3, padding=1, bias=False)
    init.dirac_(layer.weight)
    x = autograd.randn(1, 2, 4, 5)
    np.testing.assert_allclose(layer(x).detach().numpy(), x.numpy(), rtol=1e-6)
    with pytest.raises(ValueError, match="dirac_: 2 groups do not divide 3 output channels"):
        filled(init.dirac_, (3, 1, 1), groups=2)
    with pytest.raises(ValueError, match=r"dirac_: expected a kernel of 3 to 5 axes, got"):
        filled(init.dirac_, (3, 1))


def test_sparse_columns_have_the_asked_zeros():
    values = filled(init.sparse_, (40, 30), sparsity=0.3, std=0.5)
    assert ((values == 0).sum(0) == 12).all()
    assert values[values != 0].std() == pytest.approx(0.5, rel=0.1)
    assert len({tuple(column) for column in (values == 0).T}) == 30  # each its own rows
    with pytest.raises(ValueError, match=r"sparse_: sparsity must be in \[0, 1\], got 2"):
        filled(init.sparse_, sparsity=2)
    with pytest.raises(ValueError, match="sparse_: expected a matrix"):
        filled(init.sparse_, (2,), sparsity=0.1)


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [
        (0.0, 1.0, -2.0, 2.0),  # most of the distribution
        (1.0, 2.0, 0.9, 1.3),  # a thin slice around the mean
        (0.0, 1.0, 0.0, 0.2),  # one from the mean on
        (0.0, 1.0, 3.0, 9.0),  # a tail
        (0.0, 1.0, -4.5, -4.0),
        (0.0, 0.5, 1.0, float("inf")),
    ],
)
def test_truncated_normals_follow_their_distribution(mean, std, a, b):
    values = np.sort(
        filled(init.trunc_normal_, (20_000,), np.float64, mean=mean, std=std, a=a, b=b)
    )
    assert a <= values[0] and values[-1] <= b
    tail = np.vectorize(lambda z: erfc(z / sqrt(2)) / 2)  # exact far out on the right
    sign = -1 if b <= mean else 1  # a left tail is the mirror image
    low, high = sorted((sign * (a - mean) / std, sign * (b - mean) / std))
    z = np.sort(sign * (values - mean) / std)
    share = (tail(low) - tail(z)) / (tail(low) - tail(high))
    expected = (np.arange(len(z)) + 0.5) / len(z)
    assert np.abs(share - expected).max() < 1.95 / sqrt(len(z))  # Kolmogorov-Smirnov, 1 in 1000


def test_truncated_normals_refuse_what_has_no_draws():
    with pytest.raises(ValueError, match="trunc_normal_: a must be below b, got 1 and 1"):
        filled(init.trunc_normal_, a=1, b=1)
    with pytest.raises(ValueError, match="trunc_normal_: std must not be negative, got -1"):
        filled(init.trunc_normal_, std=-1)
    assert (filled(init.trunc_normal_, (3,), std=0.0, mean=5.0) == 2).all()


def test_lecun_keeps_the_variance_of_fan_in():
    assert filled(init.lecun_normal_).std() == pytest.approx(sqrt(1 / 400), rel=0.01)
    uniform = filled(init.lecun_uniform_)
    assert uniform.std() == pytest.approx(sqrt(1 / 400), rel=0.01)
    assert np.abs(uniform).max() <= sqrt(3 / 400) * (1 + 1e-6)


def test_every_initialiser_of_pytorch_is_there(torch):
    theirs = {name for name in dir(torch.nn.init) if name.endswith("_") and name[0] != "_"}
    assert theirs <= set(init.__all__)
