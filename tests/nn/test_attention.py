"""Attention as functions: masks of every kind, shared heads, dropout, static keys, refusals."""

import numpy as np
import pytest

import autograd
import nn
from nn.functional import multi_head_attention_forward, scaled_dot_product_attention

SEEN = np.array([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]) > 0
ADDED = np.random.default_rng(5).standard_normal((2, 1, 3, 5))

CASES = {
    "plain": ([(2, 3, 4), (2, 5, 4), (2, 5, 6)], {}),
    "a matrix each": ([(3, 4), (5, 4), (5, 2)], {}),
    "two leading axes": ([(2, 2, 3, 4), (2, 2, 5, 4), (2, 2, 5, 4)], {}),
    "leading axes broadcast": ([(2, 2, 3, 4), (2, 1, 5, 4), (5, 4)], {}),
    "causal": ([(2, 5, 4), (2, 5, 4), (2, 5, 4)], {"is_causal": True}),
    "causal, more keys": ([(2, 3, 4), (2, 5, 4), (2, 5, 4)], {"is_causal": True}),
    "causal, more queries": ([(2, 5, 4), (2, 3, 4), (2, 3, 4)], {"is_causal": True}),
    "causal, broadcast": ([(2, 3, 4), (3, 4), (3, 4)], {"is_causal": True}),
    "bool mask": ([(2, 3, 4), (2, 5, 4), (2, 5, 4)], {"attn_mask": SEEN}),
    "bool mask, broadcast": ([(2, 3, 4), (5, 4), (5, 4)], {"attn_mask": SEEN}),
    "keys masked": ([(2, 3, 4), (2, 5, 4), (2, 5, 4)], {"attn_mask": SEEN[:1]}),
    "float mask": ([(2, 2, 3, 4), (2, 2, 5, 4), (2, 2, 5, 4)], {"attn_mask": ADDED}),
    "scale": ([(2, 3, 4), (2, 5, 4), (2, 5, 4)], {"scale": 0.3}),
    "scale 0": ([(2, 3, 4), (2, 5, 4), (2, 5, 4)], {"scale": 0.0}),
    "shared heads": ([(2, 4, 3, 2), (2, 2, 5, 2), (2, 1, 5, 2)], {"enable_gqa": True}),
    "no batch": ([(0, 3, 4), (0, 5, 4), (0, 5, 4)], {}),
    "no queries": ([(2, 0, 4), (2, 5, 4), (2, 5, 4)], {}),
    "no keys": ([(2, 3, 4), (2, 0, 4), (2, 0, 4)], {}),
}


def tensors(library, arrays):
    return [library.tensor(a).requires_grad_() for a in arrays]


def given(library, options):
    return {
        name: library.tensor(value) if isinstance(value, np.ndarray) else value
        for name, value in options.items()
    }


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_pytorch(torch, name):
    shapes, options = CASES[name]
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    mine, others = tensors(autograd, arrays), tensors(torch, arrays)
    z = scaled_dot_product_attention(*mine, **given(autograd, options))
    expected = torch.nn.functional.scaled_dot_product_attention(*others, **given(torch, options))
    np.testing.assert_allclose(z.detach().numpy(), expected.detach().numpy(), atol=1e-12)
    upstream = rng.standard_normal(z.shape)
    z.backward(autograd.tensor(upstream))
    expected.backward(torch.tensor(upstream))
    for a, b in zip(mine, others, strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("name", [n for n in CASES if "no " not in n and n != "shared heads"])
def test_has_derivatives_of_both_orders(name):
    shapes, options = CASES[name]
    rng = np.random.default_rng(1)
    operands = tensors(autograd, [rng.standard_normal(shape) for shape in shapes])
    options = given(autograd, options)

    def function(*operands):
        return scaled_dot_product_attention(*operands, **options)

    assert autograd.gradcheck(function, operands, check_forward_ad=True, fast_mode=True)
    assert autograd.gradgradcheck(function, operands, fast_mode=True)


def test_a_mask_may_learn():
    rng = np.random.default_rng(1)
    operands = tensors(
        autograd, [rng.standard_normal(s) for s in [(2, 3, 4), (2, 5, 4), (2, 5, 2)]]
    )
    mask = autograd.tensor(rng.standard_normal((3, 5)), requires_grad=True)

    def function(mask, *operands):
        return scaled_dot_product_attention(*operands, mask)

    assert autograd.gradcheck(function, [mask, *operands], fast_mode=True)
    fixed = function(mask.detach(), *operands)
    np.testing.assert_allclose(fixed.tolist(), function(mask, *operands).tolist(), atol=1e-13)
    assert fixed.node.name == "attention"


def test_dropout_drops_weights():
    q, k = autograd.zeros(1, 400, 2), autograd.zeros(1, 50, 2)
    z = scaled_dot_product_attention(q, k, autograd.ones(1, 50, 1), dropout_p=0.2).numpy()
    kept = np.round(z * 50 * 0.8)  # of the 50 equal weights
    np.testing.assert_allclose(z, kept / 40, atol=1e-5)
    assert abs(z.mean() - 1) < 0.02 and z.std() > 0.03
    gone = scaled_dot_product_attention(q, k, autograd.ones(1, 50, 1), dropout_p=1.0)
    assert not gone.numpy().any()


def arguments(layer, **changed):
    """Return a layer's parameters as the function takes them."""
    return {
        "embed_dim_to_check": 4,
        "num_heads": 2,
        "in_proj_weight": layer.in_proj_weight,
        "in_proj_bias": layer.in_proj_bias,
        "bias_k": None,
        "bias_v": None,
        "add_zero_attn": False,
        "dropout_p": 0.0,
        "out_proj_weight": layer.out_proj.weight,
        "out_proj_bias": layer.out_proj.bias,
        **changed,
    }


def test_static_keys_and_values(torch):
    rng = np.random.default_rng(0)
    x, k, v = (rng.standard_normal(s) for s in [(3, 2, 4), (4, 5, 2), (4, 5, 2)])
    theirs, ours = torch.nn.MultiheadAttention(4, 2).double(), nn.MultiheadAttention(4, 2).double()
    ours.load_state_dict(theirs.state_dict())
    results = []
    for library, layer, function in (
        (autograd, ours, multi_head_attention_forward),
        (torch, theirs, torch.nn.functional.multi_head_attention_forward),
    ):
        x_, k_, v_ = (library.tensor(a) for a in (x, k, v))
        options = arguments(layer, static_k=k_, static_v=v_)
        results.append([t.detach().numpy() for t in function(x_, x_, x_, **options)])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)
    x_ = autograd.tensor(x)
    with pytest.raises(RuntimeError, match=r"static_k must have shape \(4, S, 2\), got \(5, 5, 2"):
        static = autograd.zeros(5, 5, 2).double()
        multi_head_attention_forward(x_, x_, x_, **arguments(ours, static_k=static))


@pytest.mark.parametrize("need_weights", [True, False])
def test_a_query_that_sees_nothing_gets_zero(need_weights):
    layer = nn.MultiheadAttention(4, 2)  # PyTorch gives nan with the weights, 0 without
    x = autograd.randn(3, 2, 4, requires_grad=True)
    padding = autograd.tensor([[True] * 3, [False] * 3])
    z, weights = layer(x, x, x, key_padding_mask=padding, need_weights=need_weights)
    assert z[:, 0].tolist() == [[0.0] * 4] * 3
    assert weights is None or not weights[0].numpy().any()
    z.sum().backward()
    assert (
        np.isfinite(x.grad.numpy()).all() and np.isfinite(layer.in_proj_weight.grad.numpy()).all()
    )


def test_masks_of_both_kinds_together():
    layer = nn.MultiheadAttention(4, 2, batch_first=True).double()
    x = autograd.randn(2, 3, 4, dtype=np.float64)
    causal = np.triu(np.ones((3, 3), bool), 1)
    padding = np.array([[False, False, True], [False, True, False]])
    floats = np.where(causal, -np.inf, 0.0)
    expected = layer(x, x, x, autograd.tensor(padding), attn_mask=autograd.tensor(causal))
    for mask in (autograd.tensor(floats), autograd.tensor(np.stack([floats] * 4))):
        for need_weights in (True, False):
            found = layer(x, x, x, autograd.tensor(padding), need_weights, mask)
            np.testing.assert_allclose(found[0].tolist(), expected[0].tolist(), atol=1e-13)


def test_dropout_is_for_training():
    layer = nn.MultiheadAttention(8, 2, dropout=0.5)
    x = autograd.randn(6, 2, 8)
    for need_weights in (True, False):
        layer.train()
        first, second = (layer(x, x, x, need_weights=need_weights)[0] for _ in range(2))
        assert not np.array_equal(first.detach().numpy(), second.detach().numpy())
        layer.eval()
        first, second = (layer(x, x, x, need_weights=need_weights)[0] for _ in range(2))
        np.testing.assert_array_equal(first.detach().numpy(), second.detach().numpy())


def test_self_attention_projects_in_one_product():
    layer, x = nn.MultiheadAttention(4, 2, batch_first=True), autograd.randn(2, 3, 4)

    def products(query, key, value):
        names, stack, seen = [], [layer(query, key, value)[0].node], set()
        while stack:
            node = stack.pop()
            if node is None or node in seen or isinstance(node, autograd.Leaf):
                continue
            seen.add(node)
            names.append(node.name)
            stack += node.operands
        return names.count("linear"), names.count("softmax")

    other = autograd.randn(2, 5, 4)
    assert products(x, x, x) == (2, 1)
    assert products(x, other, other) == (3, 1)
    assert products(x, other, other * 1) == (4, 1)


Q, K, V = autograd.zeros(2, 3, 4), autograd.zeros(2, 5, 4), autograd.zeros(2, 5, 6)
sdpa = scaled_dot_product_attention


def attend(*inputs, args=(4, 2), **kwargs):
    return nn.MultiheadAttention(*args, batch_first=True)(*inputs, **kwargs)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sdpa(Q, K, V, Q[0, :, :1], is_causal=True), RuntimeError, "not both"),
        (lambda: sdpa(Q, K[..., :3], V), RuntimeError, r"got shapes \(2, 3, 4\), \(2, 5, 3\)"),
        (lambda: sdpa(Q, K, V[:, :4]), RuntimeError, "expected query"),
        (lambda: sdpa(Q[0, 0], K, V), RuntimeError, "expected query"),
        (lambda: sdpa(Q, autograd.zeros(3, 5, 4), V), RuntimeError, "expected query"),
        (lambda: sdpa(Q.double(), K, V), TypeError, "input is float64 but key is float32"),
        (lambda: sdpa(Q.long(), K, V), TypeError, "must be a floating-point tensor"),
        (lambda: sdpa(Q, K, V, dropout_p=2.0), ValueError, r"probability in \[0, 1\], got 2.0"),
        (lambda: sdpa(Q, K, V, autograd.zeros(4, 5)), RuntimeError, "does not broadcast to the sc"),
        (
            lambda: sdpa(Q, K, V, autograd.zeros(3, 5).long()),
            TypeError,
            "attn_mask must be bool",
        ),
        (
            lambda: sdpa(autograd.zeros(4, 3, 4), autograd.zeros(3, 5, 4), V[:1], enable_gqa=True),
            RuntimeError,
            "with enable_gqa the heads of key and value",
        ),
        (lambda: attend(Q, K, K, args=(5, 2)), ValueError, "embed_dim must be a multiple of num_h"),
        (lambda: attend(Q, K, K, args=(0, 2)), ValueError, "embed_dim must be at least 1"),
        (lambda: attend(Q, K, K, args=(4, 2, 1.5)), ValueError, r"probability in \[0, 1\]"),
        (
            lambda: attend(Q, K, K, is_causal=True),
            RuntimeError,
            "is_causal is a hint",
        ),
        (
            lambda: attend(Q, K, K, attn_mask=autograd.zeros(3, 4)),
            RuntimeError,
            r"\(3, 5\) or",
        ),
        (
            lambda: attend(Q, K, K, attn_mask=autograd.zeros(3, 5).long()),
            TypeError,
            "must be bool",
        ),
        (lambda: attend(Q, K, K, autograd.zeros(2, 4)), RuntimeError, r"must have shape \(2, 5\)"),
        (lambda: attend(Q, K, K, autograd.zeros(5)), RuntimeError, r"must have shape \(2, 5\)"),
        (lambda: attend(Q, K[:1], K[:1]), RuntimeError, "differ in the batch: 2 and 1"),
        (lambda: attend(Q, K, K[:, :4]), RuntimeError, "expected query"),
        (lambda: attend(Q, V, V), ValueError, "linear: weight expects 4 input features"),
        (lambda: attend(V, K, K), RuntimeError, "expected an embedding of 4"),
        (lambda: attend(Q[0], K, K), RuntimeError, "expected query"),
        (lambda: attend(Q[0, 0], K, K), RuntimeError, "expected query"),
        (lambda: attend(Q.double(), K.double(), K.double()), TypeError, "projection is float32"),
    ],
)
def test_misuse_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
