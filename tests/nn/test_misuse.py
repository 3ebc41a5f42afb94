"""What a learner gets wrong: each mistake is told by its name, with what came and what was due."""

import re

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from tests.nn import cases
from tests.nn.test_modules import call_kwargs

ONE_OF_EACH = {case.name: case for case in reversed(cases.ALL) if case.name != "Identity"}


def probabilities(*values):
    return autograd.tensor(list(values))


MISTAKES = {
    "targets that are no probabilities": (
        lambda: F.binary_cross_entropy(probabilities(0.5, 0.2), probabilities(2.0, 0.0)),
        RuntimeError,
        r"binary_cross_entropy: target must hold probabilities in \[0, 1\], got values from 0.0 to",
    ),
    "a weight of more losses than there are": (
        lambda: F.binary_cross_entropy(
            probabilities(0.5), probabilities(1.0), weight=autograd.ones(3)
        ),
        RuntimeError,
        r"binary_cross_entropy: weight of shape \(3,\) does not broadcast .* shape \(1,\)",
    ),
    "a pos_weight of more classes than there are": (
        lambda: F.binary_cross_entropy_with_logits(
            autograd.zeros(4, 1), autograd.zeros(4, 1), pos_weight=autograd.ones(3)
        ),
        RuntimeError,
        r"with_logits: pos_weight of shape \(3,\) does not broadcast .* shape \(4, 1\)",
    ),
    "a weight of other classes": (
        lambda: F.multilabel_soft_margin_loss(
            autograd.zeros(2, 1), autograd.zeros(2, 1), weight=autograd.ones(2)
        ),
        RuntimeError,
        r"multilabel_soft_margin_loss: weight of shape \(2,\) does not broadcast",
    ),
    "no such axis, cosine similarity": (
        lambda: F.cosine_similarity(autograd.ones(3), autograd.ones(3)),
        IndexError,
        "cosine_similarity: dim 1 is out of range for 1 dimensions",
    ),
    "no such axis, softmin": (
        lambda: F.softmin(autograd.ones(3), 1),
        IndexError,
        "softmin: dim 1 is out of range for 1 dimensions",
    ),
    "no such axis, normalize": (
        lambda: F.normalize(autograd.ones(3)),
        IndexError,
        "^normalize: dim 1 is out of range for 1 dimensions",
    ),
    "a shape to initialise": (
        lambda: nn.init.xavier_uniform_((3, 4)),
        TypeError,
        "xavier_uniform_: expected a Tensor, got tuple",
    ),
    "a list to fill": (
        lambda: nn.init.zeros_([1.0]),
        TypeError,
        "nn.init: expected a Tensor, got list",
    ),
    "a number to make orthogonal": (
        lambda: nn.init.orthogonal_(3),
        TypeError,
        "orthogonal_: expected a Tensor, got int",
    ),
    "integers to draw": (
        lambda: nn.init.normal_(autograd.tensor([1, 2])),
        TypeError,
        "nn.init: draws need a floating-point tensor, got one of int64",
    ),
    "bounds the wrong way round": (
        lambda: nn.init.uniform_(autograd.zeros(2), 1, 0),
        ValueError,
        "uniform_: expected a <= b, got 1 and 0",
    ),
    "a model to clip": (
        lambda: nn.utils.clip_grad_norm_(nn.Linear(2, 2), 1.0),
        TypeError,
        r"clip_grad_norm_: expected .* such as model.parameters\(\), got Linear",
    ),
    "a limit that is no number": (
        lambda: nn.utils.clip_grad_value_(nn.Linear(2, 2).parameters(), "x"),
        TypeError,
        "clip_grad_value_: expected a number as clip_value, got 'x'",
    ),
    "what was not packed": (
        lambda: nn.utils.rnn.pad_packed_sequence(autograd.ones(3)),
        TypeError,
        "pad_packed_sequence: expected a PackedSequence, got Tensor",
    ),
    "more taken off than there is": (
        lambda: nn.CircularPad2d((-1, -1, 2, 0))(autograd.ones(2, 1, 1)),
        RuntimeError,
        r"pad: \(-1, -1, 2, 0\) takes off more than there is in shape \(2, 1, 1\)",
    ),
    "a class instead of a module": (
        lambda: nn.Sequential(nn.ReLU),
        TypeError,
        r"Sequential: expected modules, got the class ReLU; write ReLU\(...\) to make one at '0'",
    ),
    "a class appended": (
        lambda: nn.ModuleList().append(nn.ReLU),
        TypeError,
        r"child 0 must be a Module or None, got the class ReLU; write ReLU\(...\)",
    ),
    "a name as index": (
        lambda: nn.Sequential(nn.ReLU())["0"],
        TypeError,
        "Sequential: index must be an integer, got '0'",
    ),
    "modules without names": (
        lambda: nn.ModuleDict([nn.ReLU()]),
        TypeError,
        r"ModuleDict: expected a dict of modules or \(name, module\) pairs, got list",
    ),
    "a length that is no integer": (
        lambda: nn.LayerNorm(3.0),
        TypeError,
        "LayerNorm: normalized_shape must be an int or ints, got 3.0",
    ),
    "another device": (
        lambda: nn.Linear(2, 2).to(device="cuda"),
        RuntimeError,
        "to: there is no device but the CPU, got 'cuda'",
    ),
    "a graphics card": (
        lambda: nn.Linear(2, 2).cuda(),
        RuntimeError,
        "cuda: there is no device but the CPU",
    ),
    "integers as parameters": (
        lambda: nn.Linear(2, 2).to(autograd.int64),
        TypeError,
        "to: a module takes floating-point dtypes, got int64",
    ),
    "an eps for each channel": (
        lambda: F.group_norm(autograd.ones(2, 4, 3), 2, eps=[1.0]),
        TypeError,
        r"group_norm: expected a number as eps, got \[1.0\]",
    ),
    "several eps of a root mean square": (
        lambda: nn.RMSNorm(3, eps=(1, 2, 3))(autograd.ones(2, 3)),
        TypeError,
        r"rms_norm: expected a number as eps, got \(1, 2, 3\)",
    ),
    "a momentum for each channel": (
        lambda: F.batch_norm(autograd.ones(4, 3), None, None, training=True, momentum=(1, 2, 3)),
        TypeError,
        r"batch_norm: expected a number as momentum, got \(1, 2, 3\)",
    ),
    "several k of a response": (
        lambda: F.local_response_norm(autograd.ones(1, 2, 2), 1, k=(1, 2)),
        TypeError,
        r"local_response_norm: expected a number as k, got \(1, 2\)",
    ),
    "an eps for each coordinate": (
        lambda: F.pairwise_distance(autograd.ones(2, 1), autograd.ones(2, 1), eps=[1.0]),
        TypeError,
        r"pairwise_distance: expected a number as eps, got \[1.0\]",
    ),
    "vectors of two lengths": (
        lambda: F.cosine_similarity(autograd.ones(2, 3), autograd.ones(2, 4)),
        RuntimeError,
        r"cosine_similarity: x1 and x2 do not broadcast, got shapes \(2, 3\) and \(2, 4\)",
    ),
    "an index to ignore among probabilities": (
        lambda: F.cross_entropy(autograd.ones(2, 3), autograd.full((2, 3), 1 / 3), ignore_index=1),
        RuntimeError,
        "cross_entropy: ignore_index=1 is for classes, and the target holds probabilities",
    ),
    "a smoothing for each class": (
        lambda: F.cross_entropy(autograd.ones(1, 2), autograd.tensor([0]), label_smoothing=(0, 1)),
        TypeError,
        r"cross_entropy: expected a number as label_smoothing, got \(0, 1\)",
    ),
    "variances that are true or false": (
        lambda: F.gaussian_nll_loss(
            autograd.ones(2), autograd.ones(2), autograd.tensor([True, False])
        ),
        TypeError,
        "gaussian_nll_loss: var must be a floating-point tensor, got bool",
    ),
    "a mask that is no tensor": (
        lambda: nn.TransformerEncoderLayer(2, 1, 2)(autograd.ones(2, 1, 2), src_mask=True),
        TypeError,
        "multi_head_attention_forward: attn_mask must be a tensor, got bool",
    ),
    "padding that is no tensor": (
        lambda: nn.MultiheadAttention(2, 1)(*[autograd.ones(1, 1, 2)] * 3, key_padding_mask=[1]),
        TypeError,
        "multi_head_attention_forward: key_padding_mask must be a tensor, got list",
    ),
    "a list as mask": (
        lambda: F.scaled_dot_product_attention(*[autograd.ones(1, 2)] * 3, attn_mask=[1]),
        TypeError,
        "scaled_dot_product_attention: attn_mask must be a tensor, got list",
    ),
    "several scales": (
        lambda: F.scaled_dot_product_attention(*[autograd.ones(1, 2)] * 3, scale=[1.0]),
        TypeError,
        r"scaled_dot_product_attention: expected a number as scale, got \[1.0\]",
    ),
    "an activation that is no function": (
        lambda: nn.TransformerDecoderLayer(2, 1, 2, activation=-1),
        TypeError,
        "TransformerDecoderLayer: activation must be 'relu', 'gelu' or a function, got -1",
    ),
    "a bound for each side": (
        lambda: nn.Hardtanh(min_val=(-1, 1)),
        TypeError,
        r"Hardtanh: expected a number as min_val, got \(-1, 1\)",
    ),
    "a margin that is no number": (
        lambda: nn.TripletMarginLoss(margin="a"),
        TypeError,
        "TripletMarginLoss: expected a number as margin, got 'a'",
    ),
    "a norm that is no module": (
        lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(2, 1, 2), 1, norm=0),
        TypeError,
        "TransformerDecoder: norm must be a Module, got int",
    ),
    "a state of another dtype": (
        lambda: nn.RNNCell(2, 2)(autograd.ones(1, 2), autograd.ones(1, 2).double()),
        TypeError,
        "RNNCell: input is float32 but h is float64",
    ),
    "a flag that is a number": (
        lambda: nn.GRU(2, 2, batch_first=2.5),
        TypeError,
        "GRU: batch_first must be True or False, got 2.5",
    ),
    "several probabilities of dropout": (
        lambda: nn.LSTM(2, 2, 2, dropout=[0.5]),
        ValueError,
        r"LSTM: dropout must be a probability in \[0, 1\], got \[0.5\]",
    ),
    "a longest row that is no number": (
        lambda: F.embedding(autograd.tensor([0]), autograd.ones(1, 2), max_norm="a"),
        TypeError,
        "embedding: expected a number as max_norm, got 'a'",
    ),
    "several norms of rows": (
        lambda: nn.Embedding(2, 2, max_norm=0.5, norm_type=(1, 2))(autograd.tensor([0])),
        TypeError,
        r"embedding: expected a number as norm_type, got \(1, 2\)",
    ),
    "half a row": (
        lambda: nn.EmbeddingBag(5, 2, padding_idx=2.5),
        TypeError,
        "EmbeddingBag: expected an integer as padding_idx, got 2.5",
    ),
    "a norm that is no number": (
        lambda: nn.LPPool2d("a", 3),
        TypeError,
        "LPPool2d: expected a number as norm_type, got 'a'",
    ),
    "one size for two axes": (
        lambda: nn.ConvTranspose2d(1, 1, 2)(autograd.ones(1, 1, 2, 2), output_size=3),
        TypeError,
        "ConvTranspose2d: output_size must be 2 ints, got 3",
    ),
    "one size to unpool two axes to": (
        lambda: F.max_unpool2d(
            autograd.ones(1, 1, 1), autograd.tensor([[[0]]]), 2, output_size=True
        ),
        TypeError,
        "max_unpool2d: output_size must be 2 ints, got True",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake):
    call, error, words = MISTAKES[mistake]
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("name", ONE_OF_EACH)
@pytest.mark.filterwarnings("ignore:NLLLoss2d:FutureWarning")
def test_an_input_that_is_no_tensor_is_refused_by_name(name):
    case = ONE_OF_EACH[name]
    drawn = case.inputs(case.calls[0], np.random.default_rng(0), "float32")
    rest = [autograd.tensor(array) for array, _ in drawn[1:]]
    module = case.make(nn).eval()
    for given in (None, "cat.png"):
        with pytest.raises((TypeError, ValueError, RuntimeError, IndexError)) as caught:
            module(given, *rest, **call_kwargs(autograd, case, "float32"))
        words = str(caught.value)
        assert re.match(r"\w+: ", words) and "object has no attribute" not in words


def test_a_tensor_of_another_library_is_refused_by_name(torch):
    for layer in (nn.Linear(2, 2), nn.ReLU6(), nn.Hardtanh(), nn.GELU(), nn.BatchNorm1d(2)):
        with pytest.raises((TypeError, NotImplementedError), match=r"^\w+: .*Tensor"):
            layer(torch.zeros(2, 2))


def test_a_module_does_not_hold_itself():
    net = nn.Sequential(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="Sequential: child me would be itself"):
        net.me = net
    inner = nn.Module()
    net.inner = inner
    with pytest.raises(ValueError, match="Module: child parent would be a Sequential that holds"):
        inner.parent = net
    with pytest.raises(ValueError, match="child 0 would be a Sequential that holds it"):
        inner.add_module("0", net)
    inner.friends = [net]  # this is no child, and so it may
    assert [name for name, _ in net.named_modules()] == ["", "0", "inner"]


def test_a_prefix_that_all_names_have_is_pointed_out():
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    saved = {f"module.{name}": value for name, value in net.state_dict().items()}
    with pytest.raises(RuntimeError, match=r"the names fit without the prefix 'module.'"):
        net.load_state_dict(saved)
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(saved | {"module.9.weight": saved["module.0.weight"]})
    assert "prefix" not in str(caught.value)


def test_a_module_goes_where_a_tensor_goes():
    net, like = nn.Linear(2, 2), autograd.zeros(1, dtype=autograd.float64)
    assert net.to("cpu") is net.to(autograd.device("cpu")) is net.to(device="cpu") is net
    assert net.to("cpu", autograd.float64).weight.dtype == np.float64
    assert net.to(dtype=autograd.float32).weight.dtype == np.float32
    assert net.to(like).bias.dtype == np.float64
    assert net.to("float16").bias.dtype == np.float16


def test_arrays_pass_as_tensors_do():
    """Where shapes are put in another order, and as the state of a recurrence."""
    x = np.arange(32.0).reshape(1, 8, 2, 2).astype(np.float32)
    for layer in (nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.ChannelShuffle(2)):
        np.testing.assert_array_equal(layer(x), layer(autograd.tensor(x)).numpy())
    steps, state = np.ones((3, 1, 2), np.float32), np.ones((1, 1, 2), np.float32)
    for layer in (nn.GRU(2, 2), nn.RNN(2, 2)):
        expected, _ = layer(steps, autograd.tensor(state))
        np.testing.assert_array_equal(layer(steps, state)[0].detach(), expected.detach())
    cell = nn.GRUCell(2, 2)
    expected = cell(steps[0], autograd.tensor(state[0]))
    np.testing.assert_array_equal(cell(steps[0], state[0]).detach(), expected.detach())
