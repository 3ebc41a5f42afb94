"""Attention and transformers."""

import numpy as np

from tests.nn.cases import ModuleCase

# Query, key and value: three tensors; other lengths; a batch of one; an empty one; no batch.
ALIKE = [((3, 2, 4),) * 3, ((2, 1, 4), (3, 1, 4), (3, 1, 4)), ((2, 0, 4),) * 3, ((3, 4),) * 3]
FIRST = [((2, 3, 4), (2, 5, 4), (2, 5, 4)), ((0, 3, 4),) * 3, ((3, 4), (5, 4), (5, 4))]
PARTS = "its layers are checked"
NAMED = "PyTorch's name for the last Linear speaks of quantisation"
BLOCKED = np.array([[0, 1, 0, 0, 1], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0]]) > 0
PADDED = np.array([[0, 0, 0, 0, 1], [0, 0, 1, 1, 1]]) > 0
SHORT = FIRST[:1]
CAUSAL = np.triu(np.ones((3, 3)), 1) > 0


def _encoder_layer(library):
    return library.TransformerEncoderLayer(4, 2, 3, 0.0, norm_first=True)


def _decoder_layer(library):
    return library.TransformerDecoderLayer(4, 2, 3, 0.0, "gelu")


def _norm(library):
    return library.LayerNorm(4)


def attention(*args, calls=ALIKE, call_kwargs=None, random="", **kwargs):
    options = {"calls": calls, "call_kwargs": call_kwargs or {}, "random": random}
    return ModuleCase("MultiheadAttention", args, kwargs, own_repr=NAMED, **options)


CASES = [
    attention(4, 2),
    attention(4, 1, bias=False, batch_first=True, calls=FIRST),
    attention(4, 2, 0.5, random="dropout of the weights"),
    attention(4, 2, kdim=3, vdim=2, calls=[((3, 2, 4), (5, 2, 3), (5, 2, 2))]),
    attention(4, 2, kdim=3, vdim=2, bias=False, calls=[((3, 2, 4), (5, 2, 3), (5, 2, 2))]),
    attention(
        4,
        2,
        add_bias_kv=True,
        add_zero_attn=True,
        batch_first=True,
        calls=SHORT,
        call_kwargs={"attn_mask": BLOCKED, "key_padding_mask": PADDED},
    ),
    attention(4, 2, add_bias_kv=True, call_kwargs={"average_attn_weights": False}),
    attention(4, 2, add_zero_attn=True, call_kwargs={"need_weights": False}),
    attention(
        4,
        2,
        batch_first=True,
        calls=SHORT,
        call_kwargs={"attn_mask": BLOCKED.astype(float) - 0.3, "need_weights": False},
    ),
    attention(
        4,
        2,
        batch_first=True,
        calls=SHORT,
        call_kwargs={"attn_mask": np.stack([BLOCKED] * 4), "is_causal": True},
    ),
    attention(
        4,
        2,
        batch_first=True,
        calls=SHORT,
        call_kwargs={"key_padding_mask": PADDED.astype(float), "need_weights": False},
    ),
    *[
        ModuleCase("TransformerEncoderLayer", args, kwargs, own_repr=NAMED, **options)
        for args, kwargs, options in [
            ((4, 2, 3, 0.0), {}, {"calls": [(3, 2, 4), (1, 1, 4), (3, 0, 4), (3, 4)]}),
            (
                (4, 2, 3, 0.0, "gelu", 1e-3, True, True),
                {},
                {"calls": [(2, 5, 4)], "call_kwargs": {"src_key_padding_mask": PADDED}},
            ),
            (
                (4, 2, 3, 0.0),
                {"bias": False},
                {"calls": [(3, 2, 4)], "call_kwargs": {"src_mask": CAUSAL, "is_causal": True}},
            ),
            (
                (4, 2, 3, 0.3),
                {},
                {"calls": [(3, 2, 4)], "random": "dropout", "differentiable": PARTS},
            ),
        ]
    ],
    *[
        ModuleCase("TransformerDecoderLayer", args, kwargs, own_repr=NAMED, **options)
        for args, kwargs, options in [
            (
                (4, 2, 3, 0.0),
                {},
                {
                    "calls": [((2, 1, 4), (2, 1, 4)), ((3, 0, 4), (2, 0, 4)), ((3, 4), (2, 4))],
                    "twice": PARTS,
                },
            ),
            (
                (4, 2, 3, 0.0, "gelu", 1e-5, True, True, False),
                {},
                {
                    "calls": [((2, 3, 4), (2, 5, 4))],
                    "call_kwargs": {
                        "tgt_mask": CAUSAL,
                        "tgt_is_causal": True,
                        "memory_key_padding_mask": PADDED,
                        "memory_mask": np.array([[0, 1, 0, 0, 0]] * 3) > 0,
                        "tgt_key_padding_mask": PADDED[:, ::2],
                    },
                    "twice": PARTS,
                },
            ),
            (
                (4, 2, 3, 0.3),
                {},
                {
                    "calls": [((3, 2, 4), (2, 2, 4))],
                    "random": "dropout",
                    "differentiable": PARTS,
                },
            ),
        ]
    ],
    ModuleCase(
        "TransformerEncoder",
        (_encoder_layer, 2),
        {"norm": _norm, "enable_nested_tensor": False},
        calls=[(3, 2, 4)],
        call_kwargs={"mask": CAUSAL},
        own_repr=NAMED,
        differentiable=PARTS,
        dtypes=("float64",),
    ),
    ModuleCase(
        "TransformerDecoder",
        (_decoder_layer, 1),
        calls=[((3, 2, 4), (2, 2, 4))],
        call_kwargs={"tgt_mask": CAUSAL, "tgt_is_causal": True},
        own_repr=NAMED,
        differentiable=PARTS,
        dtypes=("float64",),
    ),
    ModuleCase(
        "Transformer",
        (4, 2, 1, 1, 3, 0.0),
        calls=[((3, 2, 4), (2, 2, 4)), ((3, 0, 4), (2, 0, 4)), ((3, 4), (2, 4))],
        own_repr=NAMED,
        differentiable=PARTS,
    ),
    ModuleCase(
        "Transformer",
        (4, 2, 1, 1, 3, 0.0),
        {"batch_first": True, "norm_first": True, "activation": "gelu", "bias": False},
        calls=[((2, 5, 4), (2, 3, 4))],
        call_kwargs={
            "src_mask": np.triu(np.ones((5, 5)), 2) > 0,
            "tgt_mask": CAUSAL,
            "memory_mask": np.array([[0, 1, 0, 0, 0]] * 3) > 0,
            "src_key_padding_mask": PADDED,
            "tgt_key_padding_mask": PADDED[:, ::2],
            "memory_key_padding_mask": PADDED,
        },
        own_repr=NAMED,
        differentiable=PARTS,
        dtypes=("float64",),
    ),
]
