"""Convolutions as functions and layers: what the table of modules does not say."""

import numpy as np
import pytest

import autograd
import nn

F = nn.functional


def ones(*shape):
    return autograd.ones(*shape)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_functions_take_pytorchs_positional_arguments(torch, rank):
    x, weight = np.random.default_rng(0).standard_normal((2, 2, 4, 5, 5, 5), np.float32)[:, 0, :2]
    x, weight = x.reshape(2, -1)[:, :125], weight.reshape(-1)[: 2 * 2**rank]
    x = x.reshape(1, 2, *(125,) if rank == 1 else (25, 5) if rank == 2 else (5, 5, 5))
    weight = weight.reshape(2, 1, *(2,) * rank)
    bias = np.array([1, -2], np.float32)
    stride = (2, 1, 3)[:rank]
    for name, rest in ((f"conv{rank}d", (1, 2, 2)), (f"conv_transpose{rank}d", (1, 0, 2, 1))):
        ours = getattr(F, name)(*map(autograd.tensor, (x, weight, bias)), stride, *rest)
        theirs = getattr(torch.nn.functional, name)(
            *map(torch.tensor, (x, weight, bias)), stride, *rest
        )
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-5)


def test_a_layer_keeps_pytorchs_attributes(torch):
    for name, args, kwargs in (
        ("Conv1d", (4, 2, 3), {"padding": "same", "groups": 2}),
        ("Conv2d", (4, 6, (3, 2), 2, 1, 3, 2, False, "circular"), {}),
        ("Conv3d", (2, 2, 1), {}),
        ("ConvTranspose1d", (4, 2, 3, 2, 1, 1), {}),
        ("ConvTranspose2d", (4, 6, 3, 2, 0, 1, 2, False, 3), {}),
        ("ConvTranspose3d", (2, 2, 1), {}),
    ):
        ours, theirs = getattr(nn, name)(*args, **kwargs), getattr(torch.nn, name)(*args, **kwargs)
        for attribute in (
            "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation",
            "transposed", "output_padding", "groups", "padding_mode",
        ):  # fmt: skip
            assert getattr(ours, attribute) == getattr(theirs, attribute), (name, attribute)


@pytest.mark.parametrize("name", ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d"])
def test_layers_start_uniform_with_the_bound_of_their_fan(name):
    layer = getattr(nn, name)(32, 16, 3, groups=2)
    per_output = layer.weight.shape[1] * 3 ** (layer.weight.ndim - 2)
    bound = per_output**-0.5
    values = layer.weight.detach().numpy()
    assert np.abs(values).max() <= bound
    assert np.abs(values).max() > 0.97 * bound
    assert abs(values.mean()) < 0.06 * bound
    assert values.std() == pytest.approx(bound / 3**0.5, rel=0.06)
    assert 0.6 * bound < np.abs(layer.bias.detach().numpy()).max() <= bound


@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d", "unfold"])
def test_lists_and_numpy_ints_are_as_good_as_tuples(name):
    x, weight = ones(1, 2, 5, 4), ones(2, 2, 2, 3)
    calls = {
        "conv2d": lambda s, p: F.conv2d(x, weight, None, s, p),
        "conv_transpose2d": lambda s, p: F.conv_transpose2d(x, weight, None, s, p),
        "unfold": lambda s, p: F.unfold(x, 2, 1, p, s),
    }
    expected = calls[name]((2, 1), (1, 1))
    assert calls[name]([np.int64(2), 1], np.int64(1)).tolist() == expected.tolist()


def test_every_output_size_between_the_strides_can_be_asked_for(torch):
    ours = nn.ConvTranspose1d(2, 3, 3, stride=3, padding=1)
    theirs = torch.nn.ConvTranspose1d(2, 3, 3, stride=3, padding=1)
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in ours.state_dict().items()})
    x = np.random.default_rng(0).standard_normal((2, 2, 4)).astype(np.float32)
    for size in ([10], (11,), [2, 3, 12]):
        got = ours(autograd.tensor(x), size)
        np.testing.assert_allclose(
            got.detach().numpy(), theirs(torch.tensor(x), size).detach().numpy(), atol=1e-6
        )
    single = ours(autograd.tensor(x[0]), [3, 11])
    assert single.shape == (3, 11)


@pytest.mark.parametrize("size", [(9,), (13,), (0,)])
def test_an_output_size_out_of_reach_is_refused(size):
    with pytest.raises(ValueError, match="output_size"):
        nn.ConvTranspose1d(1, 1, 3, stride=3, padding=1)(ones(1, 1, 4), size)


def test_an_empty_batch_runs_without_values():
    with nn.shape_only():
        model = nn.Sequential(
            nn.Conv2d(3, 64, 3, padding=1),
            nn.Conv2d(64, 64, 3, groups=64, dilation=2),
            nn.ConvTranspose2d(64, 8, 2, 2),
            nn.Conv2d(8, 8, 3, padding="same", padding_mode="circular"),
        )
    assert model(autograd.zeros(0, 3, 12, 12)).shape == (0, 8, 16, 16)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.Conv2d(4, 6, 3, groups=4), ValueError, "groups must divide in_channels and"),
        (lambda: nn.Conv1d(3, 6, 3, groups=2), ValueError, "got groups=2, in_channels=3"),
        (lambda: nn.Conv2d(2, 2, 3, groups=0), ValueError, "groups must be at least 1, got 0"),
        (lambda: nn.Conv3d(2, 2, 3, dilation=0), ValueError, "Conv3d: dilation must be at least 1"),
        (
            lambda: nn.Conv1d(2, 2, (3, 3)),
            TypeError,
            r"Conv1d: kernel_size must be an int or one int in a tuple, got \(3, 3\)",
        ),
        (
            lambda: nn.Conv3d(2, 2, 3, stride=(1, 2)),
            TypeError,
            r"Conv3d: stride must be an int or three ints, got \(1, 2\)",
        ),
        (
            lambda: nn.Conv2d(1, 1, 3, padding_mode="mirror"),
            ValueError,
            "Conv2d: padding_mode must be one of .*'circular'.*, got 'mirror'",
        ),
        (
            lambda: nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"),
            ValueError,
            r"ConvTranspose2d: padding_mode must be one of \('zeros',\), got 'reflect'",
        ),
        (lambda: nn.ConvTranspose2d(1, 1, 3, padding="same"), TypeError, "padding must be an int"),
        (
            lambda: nn.ConvTranspose2d(1, 1, 3, output_padding=1)(ones(1, 1, 3, 3)),
            ValueError,
            r"output_padding must be less than stride or dilation, got output_padding \(1, 1\)",
        ),
        (
            lambda: F.conv_transpose1d(ones(1, 1, 1), ones(1, 1, 2), padding=1),
            ValueError,
            r"would give an output of size \(0,\)",
        ),
        (
            lambda: F.conv_transpose2d(ones(1, 3, 4, 4), ones(2, 2, 3, 3)),
            ValueError,
            r"conv_transpose2d: weight of shape \(2, 2, 3, 3\) expects 2 input channels",
        ),
        (
            lambda: F.conv_transpose2d(ones(1, 2, 4, 4), ones(2, 2, 3, 3), ones(3)),
            ValueError,
            r"expects bias of shape \(2,\), got \(3,\)",
        ),
        (lambda: F.conv1d(ones(1, 1, 4, 4), ones(1, 1, 3)), ValueError, r"\(N, C, L\) or \(C, L\)"),
        (lambda: F.conv3d(ones(1, 4, 4), ones(1, 1, 3, 3, 3)), ValueError, r"\(C, D, H, W\)"),
        (lambda: F.conv1d(ones(1, 4), ones(1, 3)), ValueError, "weight must have 3 axes"),
        (
            lambda: F.conv1d(ones(1, 4), ones(1, 1, 3), dilation=2),
            ValueError,
            r"conv1d: kernel \(3,\) \(dilated to \(5,\)\) does not fit in the padded input \(4,\)",
        ),
        (lambda: F.conv2d(ones(2, 4, 4), ones(2, 1, 3, 3), groups=2.0), TypeError, "groups must"),
        (lambda: F.unfold(ones(1, 1, 3, 3), 4), ValueError, "does not fit in images of size"),
        (lambda: F.unfold(ones(3, 3), 2), ValueError, r"unfold: input must have shape"),
        (lambda: F.fold(ones(1, 4, 5), (3, 3), 2), ValueError, r"input of shape \(N, C \* 4, 4\)"),
        (lambda: F.fold(ones(1, 3, 4), (3, 3), 2), ValueError, r"C \* 4, 4\), got \(1, 3, 4\)"),
        (lambda: F.fold(ones(4), (3, 3), 2), ValueError, "fold: input must have shape"),
        (lambda: F.unfold(np.ones((1, 1, 3, 3), int), 2), TypeError, "input must be a float"),
        (lambda: F.conv_matrix(ones(3), 2), ValueError, "1 to n=2 numbers, got shape"),
        (lambda: F.conv_matrix(ones(3, 1), 4), ValueError, "expected a vector"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused_in_a_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_failed_layer_names_itself_and_its_shapes():
    layer = nn.Conv2d(4, 4, 3, groups=2)
    with pytest.raises(ValueError, match=r"and groups=2 expects 4 input channels, got input of"):
        layer(ones(1, 2, 5, 5))
