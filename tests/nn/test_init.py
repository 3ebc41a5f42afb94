"""Initialisers: bounds and moments from fans and gains, PyTorch's starts of layers."""

from math import sqrt

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
