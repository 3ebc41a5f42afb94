"""Layers and functions of noise: what is dropped, how often, what it is divided by, in place."""

import numpy as np
import pytest

import autograd
import nn
from nn import functional as F

FEATURES = [
    ("dropout1d", (40, 30, 3)),
    ("dropout1d", (1200, 3)),
    ("dropout2d", (40, 30, 2, 2)),
    ("dropout3d", (40, 30, 2, 1, 2)),
    ("dropout3d", (1200, 2, 1, 2)),
]


def ones(*shape, **options):
    return autograd.ones(*shape, dtype=np.float64, **options)


def several_share(share, p, count):
    """Tell whether a share of ``count`` draws is p, within five standard errors."""
    return abs(share - p) < 5 * np.sqrt(p * (1 - p) / count)


@pytest.mark.parametrize(("name", "shape"), FEATURES)
def test_whole_maps_are_dropped(name, shape):
    x = ones(*shape, requires_grad=True)
    y = getattr(F, name)(x, 0.3)
    y.sum().backward()
    batched = shape[0] == 40
    maps = y.detach().numpy().reshape(1200, -1)
    assert batched or len(shape) < 5
    assert (maps == maps[:, :1]).all()
    np.testing.assert_allclose(np.unique(maps), [0, 1 / 0.7])
    assert several_share((maps[:, 0] == 0).mean(), 0.3, 1200)
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())


def test_maps_of_other_numbers_of_axes():
    with pytest.warns(UserWarning, match=r"dropout2d: expects input \(N, C, H, W\), got .* 4, 2\)"):
        y = F.dropout2d(ones(300, 4, 2), 0.5).numpy()
    assert (y[..., :1] == y).all() and (y[:, :1] != y).any()
    with pytest.warns(UserWarning, match="dropout3d: expects input"):
        y = F.dropout3d(ones(300, 4), 0.5).numpy()
    assert (y == y[:, :1]).all() and (y != y[0]).any()
    with pytest.raises(RuntimeError, match=r"dropout1d: expected .* got shape \(2,\)"):
        F.dropout1d(ones(2))
    with (
        pytest.warns(UserWarning, match="dropout2d"),
        pytest.raises(RuntimeError, match=r"dropout2d: expected input .* got shape \(2,\)"),
    ):
        F.dropout2d(ones(2))
    with pytest.raises(RuntimeError, match="feature_alpha_dropout: expected input"):
        F.feature_alpha_dropout(ones(2), 0.5, True)


IN_PLACE = [
    ("dropout", (5, 4)),
    ("dropout1d", (5, 4)),
    ("dropout2d", (5, 4, 2, 2)),
    ("dropout3d", (5, 4, 1, 2, 2)),
    ("alpha_dropout", (5, 4)),
    ("feature_alpha_dropout", (5, 4, 2)),
]


@pytest.mark.parametrize(("name", "shape"), IN_PLACE)
@pytest.mark.parametrize("p", [0.5, 1.0])
def test_in_place_changes_the_input_and_its_gradient(name, shape, p):
    function = getattr(F, name)
    leaf = autograd.randn(*shape, dtype=np.float64).requires_grad_()
    states, results = autograd.get_rng_state(), []
    for inplace in (False, True):
        autograd.set_rng_state(states)
        x = leaf * 2
        y = function(x, p, training=True, inplace=inplace)
        assert (y is x) == inplace
        leaf.grad = None
        (y * y).sum().backward()
        results.append((y.detach().numpy(), leaf.grad.numpy()))
    np.testing.assert_array_equal(*(values for values, _ in results))
    np.testing.assert_array_equal(*(gradients for _, gradients in results))
    with pytest.raises(RuntimeError, match=f"{name}: a leaf that requires grad"):
        function(leaf, 0.5, training=True, inplace=True)
    assert function(leaf, 0.0, training=True, inplace=True) is leaf
    assert function(leaf, 0.5, training=False, inplace=True) is leaf


@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
def test_alpha_dropout_takes_two_values_at_zero_as_pytorch(torch, name):
    p, shape = 0.2, (200, 5, 1)
    x = autograd.zeros(*shape, dtype=np.float64, requires_grad=True)
    y = getattr(F, name)(x, p, True)
    theirs = getattr(torch.nn.functional, name)(torch.zeros(shape, dtype=torch.float64), p, True)
    np.testing.assert_allclose(np.unique(y.detach().numpy()), np.unique(theirs.numpy()), rtol=1e-12)
    kept = y.detach().numpy() > 0
    y.sum().backward()
    slope = theirs.max().item() / (p * 1.7580993408473766)
    np.testing.assert_allclose(x.grad.numpy(), np.where(kept, slope, 0), rtol=1e-12)
    assert several_share(1 - kept.mean(), p, kept.size)


def test_functions_train_by_default_where_pytorch_s_do():
    x = ones(100, 2)
    assert F.alpha_dropout(x) is x and F.feature_alpha_dropout(x) is x
    assert F.dropout(x) is not x and F.dropout1d(x) is not x


def test_masks_differ_from_call_to_call_and_repeat_with_the_seed():
    for layer, shape in [
        (nn.Dropout1d(), (50, 4, 2)),
        (nn.AlphaDropout(), (50, 4)),
        (nn.StochasticDepth(0.5), (50, 2)),
        (nn.DropConnect(nn.Linear(20, 10)), (3, 20)),
    ]:
        x = autograd.randn(*shape)
        autograd.manual_seed(5)
        first, second = layer(x), layer(x)
        autograd.manual_seed(5)
        assert (first != second).any() and autograd.equal(layer(x), first)


@pytest.mark.parametrize("mode", ["row", "batch"])
def test_stochastic_depth_drops_whole_samples(mode):
    layer = nn.StochasticDepth(0.25, mode)
    x = ones(8, 2, 3, requires_grad=True)
    dropped = []
    for _ in range(400):
        x.grad = None
        y = layer(x)
        y.sum().backward()
        samples = y.detach().numpy().reshape(8, -1)
        assert (samples == samples[:, :1]).all()
        np.testing.assert_allclose(samples * 0.75, samples > 0)
        np.testing.assert_array_equal(x.grad.numpy().reshape(8, -1), samples)
        dropped.append(samples[:, 0] == 0)
    dropped = np.array(dropped)
    alike = (dropped == dropped[:, :1]).all()
    assert alike == (mode == "batch")
    assert several_share(dropped[:, 0].mean(), 0.25, 400)
    assert repr(layer) == f"StochasticDepth(p=0.25, mode={mode})"  # torchvision's
    assert layer.eval()(x) is x


def test_drop_connect_masks_the_named_parameter_of_any_layer():
    x = autograd.randn(2, 3, 5, 5, dtype=np.float64)
    inner = nn.Conv2d(3, 4, 3).double()
    layer = nn.DropConnect(inner, 0.4)
    full = {name: value.numpy().copy() for name, value in inner.state_dict().items()}
    y = layer(x)
    weight = inner.weight
    mask = y.node.operands[1].attributes["mask"]
    masked = F.conv2d(x, weight * mask / 0.6, inner.bias)
    np.testing.assert_allclose(y.detach().numpy(), masked.detach().numpy(), rtol=1e-12)
    assert y.node.module == "layer"
    y.sum().backward()
    assert not weight.grad.numpy()[~mask].any() and weight.grad.numpy()[mask].all()
    assert inner.bias.grad is not None
    for name, value in inner.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), full[name])
    on_bias = nn.DropConnect(nn.Linear(2, 3), 1.0, "bias", convention="inverted")
    y = on_bias(autograd.zeros(1, 2))
    assert not y.detach().numpy().any() and "name='bias'" in repr(on_bias)
    assert autograd.equal(on_bias.eval()(autograd.zeros(1, 2))[0], on_bias.layer.bias)


def test_conventions_of_a_weight_and_a_branch():
    x, linear = ones(1, 3), nn.Linear(3, 2, bias=False).double()
    keep = nn.DropConnect(linear, 0.8, convention="keep").eval()
    np.testing.assert_allclose(keep(x).detach().numpy(), 0.8 * linear(x).detach().numpy())
    branch = nn.StochasticDepth(0.8, convention="keep")
    assert set(branch(ones(50, 1)).numpy().ravel()) == {0, 1}
    np.testing.assert_allclose(branch.eval()(x).numpy(), 0.8)
    assert repr(branch) == "StochasticDepth(p=0.8, mode=row, convention='keep')"
    assert nn.Dropout(1.0, convention="keep")(x) is x
    assert not nn.Dropout(0.0, convention="keep")(x).numpy().any()
    y = x * 1
    assert F.dropout(y, 0.5, False, True, convention="keep") is y and y.tolist() == [[0.5] * 3]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.Dropout2d(-0.1), ValueError, r"Dropout2d: p must be .* \[0, 1\], got -0.1"),
        (lambda: F.dropout3d(ones(1, 1, 1, 1), 2), ValueError, "dropout3d: p must be .* got 2"),
        (lambda: F.alpha_dropout(ones(1), "x"), ValueError, "alpha_dropout: p must be"),
        (lambda: F.dropout(autograd.tensor([1, 2])), TypeError, "dropout: input .* got int64"),
        (lambda: F.dropout(ones(2), convention="kept"), ValueError, "convention must .* 'kept'"),
        (lambda: F.stochastic_depth(ones(2), 0.5, "col"), ValueError, "mode must be .* got 'col'"),
        (lambda: F.stochastic_depth(ones(()), 0.5, "row"), ValueError, r"needs input \(N, ...\)"),
        (lambda: nn.StochasticDepth(1.5), ValueError, "StochasticDepth: p must be"),
        (lambda: nn.DropConnect(3), TypeError, "layer must be a Module, got int"),
        (
            lambda: nn.DropConnect(nn.Linear(2, 3, bias=False), name="bias"),
            AttributeError,
            r"Linear has no parameter 'bias'; it has \['weight'\]",
        ),
        (lambda: F.drop_connect(autograd.tensor(1)), TypeError, "drop_connect: weight must be"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
