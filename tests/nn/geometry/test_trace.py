"""Tracing a model: rows, totals, and fields along every kind of path."""

from fractions import Fraction

import numpy as np
import pytest

import autograd
import nn
from nn import geometry
from nn.functional import linear, log_softmax, max_pool2d, relu, softmax


class Residual(nn.Module):
    def __init__(self, branch, shortcut):
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, x):
        return self.branch(x) + self.shortcut(x)


class Function(nn.Module):
    """A function of tensors as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


class MnistNet(nn.Module):
    """PyTorch's example, with pooling and the flattening as functions."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = relu(self.conv2(relu(self.conv1(x))))
        x = max_pool2d(x, 2)
        x = x.view(x.size(0), -1)
        return log_softmax(self.fc2(self.dropout(relu(self.fc1(x)))), dim=1)


class TestRows:
    def test_modules_and_functions_in_the_order_of_their_calls(self):
        found = geometry.trace(MnistNet(), (1, 28, 28))
        assert [(row.path, row.kind, row.output) for row in found] == [
            ("conv1", "Conv2d", (32, 26, 26)),
            ("conv2", "Conv2d", (64, 24, 24)),
            ("", "F.max_pool2d", (64, 12, 12)),
            ("fc1", "Linear", (128,)),
            ("dropout", "Dropout", (128,)),
            ("fc2", "Linear", (10,)),
            ("", "F.log_softmax", (10,)),
        ]
        assert found.parameters == found.trainable == 1_199_882
        assert found.weights == 1_199_882 - 234
        assert found.multiply_adds == sum(
            [26 * 26 * 32 * 9, 24 * 24 * 64 * 9 * 32, 9216 * 128, 128 * 10]
        )
        assert found["conv2"].field == (5, 5) and found["fc1"].field == (28, 28)
        assert found.activations == sum(
            [784, 32 * 26 * 26, 64 * 24 * 24, 64 * 12 * 12, 128, 10, 10]
        )
        assert found.activation_bytes == 4 * found.activations
        assert found.parameter_bytes == 4 * found.parameters
        assert found.output == (10,) and found.inputs == ((1, 28, 28),)
        with pytest.raises(KeyError, match="no row has the path 'conv3'"):
            found["conv3"]

    def test_what_is_shared_is_counted_once(self):
        layer = nn.Linear(3, 3)
        found = geometry.trace(nn.Sequential(layer, nn.ReLU(), layer), (3,))
        assert [row.parameters for row in found] == [12, 0, 0] and found.parameters == 12
        assert [row.multiply_adds for row in found] == [9, 0, 9]

    def test_parameters_of_a_module_with_parts_and_of_one_that_is_not_called(self):
        class Tied(nn.Module):
            def __init__(self):
                super().__init__()
                self.scale = nn.Parameter(autograd.ones(3))
                self.inner = nn.Linear(3, 3)
                self.unused = nn.Linear(3, 5)

            def forward(self, x):
                return linear(self.inner(x) * self.scale, self.unused.weight)

        found = geometry.trace(nn.Sequential(Tied()), (3,))
        assert [(row.path, row.output, row.weights, row.biases) for row in found] == [
            ("0", (5,), 3, 0),
            ("0.inner", (3,), 9, 3),
            ("0.unused", None, 15, 5),
        ]
        assert [row.multiply_adds for row in found] == [15, 9, 0]
        assert found.parameters == 35

    def test_buffers_frozen_parameters_and_dtype(self):
        model = nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3)).double()
        model[0].requires_grad_(False)
        found = geometry.trace(model, (2, 4, 4))
        assert (found.parameters, found.trainable, found.buffers) == (15, 6, 7)
        assert found.itemsize == 8 and found.activation_bytes == 8 * (32 + 48 + 48)

    def test_the_model_is_left_as_it_was(self):
        model = nn.Sequential(nn.BatchNorm2d(2), nn.Dropout(0.5)).train()
        model[1].eval()
        state = {name: t.numpy().copy() for name, t in model.state_dict().items()}
        with autograd.no_grad():
            geometry.trace(model, (2, 3, 3))
            assert not autograd.is_grad_enabled()
        assert [m.training for m in model.modules()] == [True, True, False]
        assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
        for name, tensor in model.state_dict().items():
            np.testing.assert_array_equal(tensor.numpy(), state[name])
        assert all(p.grad is None for p in model.parameters())

    def test_what_forward_raises_says_how_it_was_called(self):
        model = nn.Sequential(nn.Conv2d(3, 4, 5))
        with pytest.raises(ValueError, match="does not fit|larger than") as error:
            geometry.trace(model, (3, 4, 4))
        assert error.value.__notes__ == [
            "geometry: Sequential was run on an empty batch, on inputs of shape (0, 3, 4, 4)"
        ]
        assert not any(m._forward_hooks for m in model.modules()) and model.training

    @pytest.mark.parametrize("shape", [(3, 0, 4), (3, None, 4), [(3, 4), (3, 0)]])
    def test_shapes_are_of_one_sample(self, shape):
        with pytest.raises(ValueError, match="input_shape is the shape of one sample"):
            geometry.trace(nn.Identity(), shape)

    @pytest.mark.parametrize("shape", [3, 3.0, autograd.ones(2, 3), "3x4", [(3, 4), 5]])
    def test_what_is_no_shape(self, shape):
        with pytest.raises(TypeError, match="input_shape is the shape of one sample"):
            geometry.trace(nn.Identity(), shape)

    def test_what_is_no_model(self):
        with pytest.raises(TypeError, match="geometry: expected a Module, got function"):
            geometry.trace(lambda x: x, (3,))
        with pytest.raises(TypeError, match="got the class ReLU; write ReLU"):
            geometry.trace(nn.ReLU, (3,))

    def test_inputs_given_by_name(self):
        conv = nn.Conv2d(2, 3, 3)

        class Named(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = conv

            def forward(self, image):
                return self.conv(input=image)

        assert geometry.trace(Named(), (2, 5, 5))["conv"].direct == (3, 3)

    def test_several_inputs_and_outputs(self):
        model = Function(lambda x, y: {"sum": x + y, "both": (x @ y.transpose(1, 2),)})
        found = geometry.trace(model, [(4, 5), (4, 5)])
        assert found.output == (4, 5) and found.inputs == ((4, 5), (4, 5))
        assert found[0].multiply_adds == 4 * 4 * 5
        assert found.activations == 2 * 20 + 16

    def test_only_while_tracing_is_the_length_of_no_elements_guessed(self):
        x = autograd.zeros(0, 3, 4)
        with pytest.raises(RuntimeError, match="-1 can be any length"):
            x.view(0, -1)
        model = Function(lambda x: x.view(len(x), 3, -1).reshape(x.shape[0], -1))
        assert geometry.trace(model, (3, 2, 2)).output == (12,)
        with pytest.raises(RuntimeError, match="-1 can be any length"):
            x.view(0, -1)


def traced(model, shape=(2, 16, 16), **options):
    """Return the last row of a model or a function."""
    model = model if isinstance(model, nn.Module) else Function(model)
    return geometry.trace(model, shape, **options)[-1]


class TestFields:
    def test_a_sum_of_paths_sees_what_the_widest_sees(self):
        wide = nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 2, 5, padding=2))
        model = nn.Sequential(Residual(wide, nn.Identity()), nn.Conv2d(2, 1, 1))
        assert traced(model).field == (7, 7) and traced(model).start == (-3, -3)

    def test_paths_that_look_to_different_sides_see_both(self):
        first = lambda x: x[:, :, :-3]  # noqa: E731
        last = lambda x: x[:, :, 3:]  # noqa: E731
        row = traced(lambda x: first(x) + last(x))
        assert row.field == (4, 1) and row.start == (0, 0)

    def test_slices_shift_and_thin_out(self):
        row = traced(lambda x: x[..., 2::3, 5])
        assert (row.field, row.jump, row.start) == ((1, 1), (3, 1), (2, 5))
        row = traced(lambda x: x[:, None, 0, -4:])
        assert row.start == (12, 0) and row.output == (1, 4, 16)

    def test_axes_are_followed_through_views(self):
        row = traced(
            lambda x: linear(x.permute(0, 2, 3, 1), autograd.ones(5, 2)).permute(0, 3, 1, 2)
        )
        assert row.field == (1, 1) and row.output == (5, 16, 16)
        row = traced(lambda x: x.unsqueeze(1).reshape(len(x), 2, 1, 16, 16).squeeze(2) * 2)
        assert row.field == (1, 1) and row.jump == (1, 1)

    def test_flattened_positions_are_united_by_what_sums_over_them(self):
        conv = nn.Conv2d(2, 3, 3)
        model = nn.Sequential(conv, nn.Flatten(), nn.ReLU(), nn.Linear(3 * 14 * 14, 4), nn.ReLU())
        fields = [row.field for row in geometry.trace(model, (2, 16, 16))]
        assert fields == [(3, 3)] * 3 + [(16, 16)] * 2

    @pytest.mark.parametrize("keepdim", [True, False])
    def test_a_mean_over_places_sees_them_all(self, keepdim):
        conv = nn.Conv2d(2, 3, 3)
        assert traced(lambda x: conv(x).mean((2, 3), keepdim=keepdim)).field == (16, 16)
        row = traced(lambda x: conv(x).amax(3, keepdim=keepdim))
        assert row.field == (3, 16) and row.jump[0] == 1
        assert traced(lambda x: conv(x).sum()).field == (16, 16)
        assert traced(lambda x: conv(x).max(2, keepdim=keepdim).values * 1).field == (16, 3)

    def test_softmax_sees_along_its_axis(self):
        assert traced(lambda x: softmax(x, 1)).field == (1, 1)
        row = traced(lambda x: softmax(x, 3))
        assert row.field == (1, 16) and row.output == (2, 16, 16)
        assert traced(lambda x: nn.Conv2d(2, 1, 3)(softmax(x, 3))).field == (3, 16)

    def test_joined_and_stacked(self):
        pools = [nn.MaxPool2d(k, 1, k // 2) for k in (3, 5)]
        assert traced(lambda x: autograd.cat([p(x) for p in pools], 1)).field == (5, 5)
        row = traced(lambda x: autograd.stack([x, x], 2).sum(2))
        assert row.field == (1, 1) and row.output == (2, 16, 16)

    def test_matrix_products(self):
        row = traced(lambda x: x @ autograd.ones(16, 3))
        assert row.field == (1, 16)
        row = traced(lambda x: autograd.ones(3, 16) @ x)
        assert row.field == (16, 1)
        row = traced(lambda x: x @ x.transpose(2, 3))
        assert row.field == (16, 16)

    def test_what_is_not_known_sees_everything(self):
        assert traced(lambda x: x.cumsum(2)).field == (16, 16)
        assert traced(lambda x: x.flip(3)).field == (16, 16)

    def test_normalisation_does_not_count(self):
        model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.AvgPool2d(2))
        assert [row.field for row in geometry.trace(model, (2, 16, 16))] == [
            (3, 3),
            (3, 3),
            (4, 4),
        ]

    def test_of_a_sequence_and_without_places(self):
        row = traced(nn.Linear(5, 2), (7, 5), spatial=(1,))
        assert (row.field, row.jump) == ((1,), (1,))
        assert traced(nn.Linear(5, 2), (5,)).field == ()
        assert traced(nn.Linear(5, 2), (7, 5)).field == (5,)

    def test_another_place_of_the_batch(self):
        found = geometry.trace(nn.Linear(5, 2), (7, 5), batch_axis=1)
        assert found.output == (7, 2) and found.multiply_adds == 7 * 10


class TestWork:
    """Multiply-adds and values, where shapes alone do not say them."""

    def test_groups_transposition_and_dilation(self):
        row = traced(nn.Conv2d(4, 6, 3, groups=2, dilation=2), (4, 9, 9))
        assert (row.weights, row.multiply_adds) == (6 * 2 * 9, 5 * 5 * 6 * 2 * 9)
        assert row.field == (5, 5)
        row = traced(nn.ConvTranspose2d(3, 4, 3, stride=2), (3, 7, 7))
        assert row.multiply_adds == 7 * 7 * 3 * 4 * 9
        assert row.field == (2, 2) and row.jump == (Fraction(1, 2),) * 2

    def test_what_is_folded_into_the_batch(self):
        layer = nn.Linear(5, 3)
        found = geometry.trace(
            Function(lambda x: layer(x.reshape(-1, 5)).reshape(len(x), 7, 3)), (7, 5)
        )
        assert found.multiply_adds == 7 * 5 * 3 and found.activations == 7 * 5 + 7 * 3

    @pytest.mark.parametrize(
        ("layer", "gates"), [(nn.RNN, 1), (nn.GRU, 3), (nn.LSTM, 4)], ids=["rnn", "gru", "lstm"]
    )
    def test_recurrent_layers(self, layer, gates):
        model = layer(8, 16, num_layers=2, bidirectional=True, batch_first=True)
        row = traced(model, (5, 8))
        first, second = gates * 16 * (8 + 16), gates * 16 * (32 + 16)
        assert row.weights == 2 * (first + second) and row.multiply_adds == 5 * row.weights
        assert row.output == (5, 32) and row.activations == 2 * 5 * 32
        row = traced(layer(8, 16), (5, 8), batch_axis=1)
        assert row.multiply_adds == 5 * first and row.activations == 5 * 16

    def test_attention(self):
        found = geometry.trace(nn.MultiheadAttention(8, 2, batch_first=True), [(5, 8)] * 3)
        row = found[""]
        assert row.multiply_adds == 4 * 5 * 8 * 8 + 2 * 5 * 5 * 8
        found = geometry.trace(nn.TransformerEncoderLayer(8, 2, 16), (5, 8), batch_axis=1)
        assert found["linear1"].multiply_adds == 5 * 8 * 16
        assert found["self_attn.out_proj"].output is None  # its weights are read, not called
        assert sum(row.parameters for row in found) == found.parameters

    def test_products_by_subscripts(self):
        row = traced(nn.Bilinear(3, 4, 5), [(3,), (4,)])
        assert row.multiply_adds == 3 * 4 * 5 + 4 * 5
        traces = geometry.trace(Function(lambda x: autograd.einsum("nij->nji", x)), (3, 4))
        assert traces.multiply_adds == 0

    def test_what_is_done_to_weights_alone_is_not_done_for_each_sample(self):
        plain = geometry.trace(nn.Linear(6, 4), (6,))
        normed = geometry.trace(nn.utils.weight_norm(nn.Linear(6, 4)), (6,))
        assert (normed.multiply_adds, normed.activations) == (24, 10)
        assert (plain.multiply_adds, plain.activations) == (24, 10)
        assert [row.kind for row in normed] == ["Linear"]

    def test_an_adaptive_pooling_that_changes_nothing_holds_nothing(self):
        assert traced(nn.AdaptiveAvgPool2d(4), (2, 4, 4)).activations == 0
        assert traced(nn.AdaptiveAvgPool2d(2), (2, 4, 4)).activations == 8


class TestContext:
    """Paths that see everything, beside paths that see a window."""

    def test_a_gate_by_a_global_mean_sees_everything_from_everywhere(self):
        conv = nn.Conv2d(2, 2, 3, padding=1)
        row = geometry.trace(
            Function(lambda x: conv(x) * conv(x).mean((2, 3), keepdim=True).sigmoid()), (2, 9, 9)
        )
        assert row.field == (11, 11) and row.jump == (0, 0)
        assert row.covers(0, 8) == ((-1, 9), (-1, 9))
        row = geometry.trace(Function(lambda x: conv(x * x.mean((2, 3), keepdim=True))), (2, 9, 9))
        assert row.field == (9, 9)  # windows over what sees everything add nothing

    def test_attention_sees_all_steps(self):
        encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.0), 2
        )
        found = geometry.trace(encoder, (5, 8), spatial=(1,))
        assert {row.field for row in found if row.output} == {(5,)}
        assert found.covers(3) == ((0, 4),)

    def test_a_gated_unit(self):
        assert traced(nn.GLU(1), (4, 6)).field == (1,)
        assert traced(nn.GLU(2), (4, 6)).field == (6,)


def test_a_model_may_change_its_input_in_place():
    model = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(2, 1, 3))
    assert traced(model).field == (3, 3)


def test_a_model_without_parameters_takes_the_dtype_of_its_buffers():
    model = nn.BatchNorm2d(2, affine=False).double()
    found = geometry.trace(model, (2, 3, 3))
    assert found.itemsize == 8 and found.buffers == 5


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Sequential(nn.Conv2d(2, 3, 3, 2, 1), nn.Conv2d(3, 3, (2, 5), 1, (1, 2))),
        lambda: nn.Sequential(nn.Conv2d(2, 3, 4, 3, 2), nn.AvgPool2d(2), nn.Conv2d(3, 2, 1)),
        lambda: Residual(nn.Conv2d(2, 2, 5, 2, 2), nn.Conv2d(2, 2, 1, 2)),
        lambda: nn.Sequential(nn.Conv2d(2, 3, 3), Function(lambda x: x[:, :, 1::2, 2:])),
        lambda: nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.PixelShuffle(2)),
        lambda: nn.ConvTranspose2d(2, 2, 4, 2, 1),
        lambda: nn.Sequential(nn.Conv2d(2, 2, 3, dilation=3), nn.Upsample(scale_factor=2)),
    ],
)
def test_the_field_is_where_gradients_are(make):
    """Of several units, in the middle and at edges, clipped to the input."""
    model = make().double()
    found = geometry.trace(model, (2, 17, 19))
    for unit in [(0, 0), (2, 1), (found.output[1] - 1, found.output[2] - 1)]:
        heat = geometry.gradient_field(model, (2, 17, 19), unit)
        expected = tuple(
            (max(first, 0), min(last, size - 1))
            for (first, last), size in zip(found.covers(*unit), (17, 19), strict=True)
        )
        assert geometry.support(heat) == expected, unit


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: [nn.Upsample(scale_factor=3), nn.Conv2d(2, 2, 3, padding=1)], 2),
        (lambda: [nn.Upsample(scale_factor=2), nn.Upsample(scale_factor=3), nn.Conv2d(2, 2, 7)], 2),
        (lambda: [nn.Conv2d(2, 2, 2, 2, dilation=2), nn.Upsample(scale_factor=2)], 3),
        (lambda: [nn.AvgPool2d(2, 3, 1), nn.AvgPool2d(2, 2, 1), nn.Upsample(scale_factor=2)], 5),
    ],
)
def test_no_unit_sees_what_its_field_leaves_out(make, field):
    """Of every unit along an axis: repeated pixels do not begin at even distances."""
    model = nn.Sequential(*make()).double()
    found = geometry.trace(model, (2, 17, 19))
    widest = 0
    for unit in range(found.output[1]):
        heat = geometry.gradient_field(model, (2, 17, 19), (unit, found.output[2] // 2))
        seen, covered = geometry.support(heat)[0], found.covers(unit, found.output[2] // 2)[0]
        assert covered[0] <= seen[0] and seen[1] <= covered[1], unit
        widest = max(widest, seen[1] - seen[0] + 1)
    assert widest == field <= found.field[0]


def test_fractions_stay_exact():
    assert geometry.Field(1, 1, Fraction(1, 3), Fraction(-1, 3)).covers(4) == (1, 1)
