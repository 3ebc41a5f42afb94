"""Transformers: copies of layers, activations, causality, refusals."""

import numpy as np
import pytest

import autograd
import nn


def test_layers_of_a_stack_start_alike_and_are_their_own():
    layer = nn.TransformerEncoderLayer(4, 2, 8)
    stack = nn.TransformerEncoder(layer, 3, nn.LayerNorm(4))
    first, last = stack.layers[0], stack.layers[2]
    assert first.linear1.weight is not last.linear1.weight
    np.testing.assert_array_equal(first.linear1.weight.numpy(), last.linear1.weight.numpy())
    assert len(list(stack.parameters())) == 3 * len(list(layer.parameters())) + 2
    x = autograd.randn(3, 2, 4)
    stack.eval()
    y = x
    for each in stack.layers:
        y = each(y)
    np.testing.assert_array_equal(stack.norm(y).tolist(), stack(x).tolist())


def test_an_activation_may_be_a_module_or_a_function():
    by_name = nn.TransformerEncoderLayer(4, 2, 8, 0.0, "gelu")
    by_module = nn.TransformerEncoderLayer(4, 2, 8, 0.0, nn.GELU())
    by_function = nn.TransformerDecoderLayer(4, 2, 8, 0.0, autograd.tanh)
    by_module.load_state_dict(by_name.state_dict())
    x = autograd.randn(3, 2, 4)
    np.testing.assert_array_equal(by_name(x).tolist(), by_module(x).tolist())
    assert "activation" in dict(by_module.named_children())
    assert by_function.activation is autograd.tanh


def test_a_position_does_not_see_those_after_it():
    model = nn.Transformer(8, 2, 1, 1, 16, dropout=0.0)
    src = autograd.randn(4, 1, 8)
    tgt = autograd.randn(5, 1, 8, requires_grad=True)
    mask = model.generate_square_subsequent_mask(5)
    y = model(src, tgt, tgt_mask=mask, tgt_is_causal=True)
    (slopes,) = autograd.grad(y[2, 0, 0], tgt)
    reached = np.abs(slopes.numpy()).sum((1, 2)) > 0
    assert reached.tolist() == [True, True, True, False, False]
    assert mask.double().dtype == np.float64
    assert model.generate_square_subsequent_mask(2, dtype=np.float64).dtype == np.float64


def test_a_bypass_keeps_the_gradient_where_the_norm_comes_first():
    """Of 12 layers, norm first: dy/dx holds the identity, so it does not fade."""
    layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, norm_first=True)
    deep = nn.TransformerEncoder(layer, 12, enable_nested_tensor=False)
    with autograd.no_grad():
        for parameter in deep.parameters():
            parameter.mul_(0.01)
    x = autograd.randn(3, 1, 8, requires_grad=True)
    deep(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 1, atol=0.01)


def test_custom_parts_take_the_place_of_stacks():
    class Echo(nn.Module):
        def forward(self, src, *masks):
            return src

    model = nn.Transformer(4, 2, custom_encoder=Echo(), custom_decoder=Echo())
    x = autograd.randn(3, 1, 4)
    assert model(x, x) is x and (model.d_model, model.nhead, model.batch_first) == (4, 2, False)


def small(*args, **kwargs):
    return nn.Transformer(4, 2, 1, 1, 8, *args, **kwargs)


X = autograd.zeros(3, 2, 4)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.TransformerEncoderLayer(4, 3), ValueError, "embed_dim must be a multiple of"),
        (lambda: nn.TransformerEncoderLayer(4, 2, 0), ValueError, "dim_feedforward must be at lea"),
        (lambda: nn.TransformerDecoderLayer(4, 2, 8, 2.0), ValueError, r"probability in \[0, 1\]"),
        (
            lambda: nn.TransformerEncoderLayer(4, 2, 8, activation="tanh"),
            RuntimeError,
            "TransformerEncoderLayer: activation must be 'relu', 'gelu' or a function, got 'tanh'",
        ),
        (lambda: nn.TransformerEncoderLayer(4, 2, 8)(X, is_causal=True), RuntimeError, "is a hint"),
        (lambda: small()(X, autograd.zeros(3, 3, 4)), RuntimeError, "differ in the batch: shapes"),
        (lambda: small()(X[..., :3], X), RuntimeError, r"must have width 4 .* \(3, 2, 3\)"),
        (lambda: small(device="cuda"), RuntimeError, "cuda"),
        (lambda: nn.TransformerEncoder(nn.Linear(2, 2), -1), ValueError, "num_layers must be at l"),
    ],
)
def test_misuse_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
