"""Recurrent layers: given states, packed sequences, what they record, and refusals."""

import numpy as np
import pytest

import autograd
import nn
from nn.utils import rnn

LAYERS = ["RNN", "LSTM", "GRU"]


def both(torch, name, *args, **kwargs):
    """Return PyTorch's layer and ours with the same weights, in float64."""
    theirs = getattr(torch.nn, name)(*args, **kwargs).double()
    ours = getattr(nn, name)(*args, **kwargs).double()
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def leaves(library, arrays):
    return [library.tensor(a).requires_grad_() for a in arrays]


def compare_gradients(torch, theirs, ours, outputs, references, tensors, originals):
    """Send the same upstreams back through both and compare values and gradients."""
    rng = np.random.default_rng(0)
    for mine, other in zip(outputs, references, strict=True):
        np.testing.assert_allclose(mine.detach().numpy(), other.detach().numpy(), atol=1e-12)
    upstreams = [rng.standard_normal(tuple(o.shape)) for o in references]
    autograd.backward(list(outputs), [autograd.tensor(u) for u in upstreams])
    torch.autograd.backward(list(references), [torch.tensor(u) for u in upstreams])
    pairs = list(zip(tensors, originals, strict=True))
    pairs += list(zip(ours.parameters(), theirs.parameters(), strict=True))
    for mine, other in pairs:
        np.testing.assert_allclose(mine.grad.numpy(), other.grad.numpy(), atol=1e-11)


def states_of(name, shapes):
    return shapes if name == "LSTM" else shapes[:1]


@pytest.mark.parametrize("options", [{}, {"proj_size": 2}])
@pytest.mark.parametrize("shape", [(4, 3, 3), (4, 3)])
@pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")
def test_lstm_starts_from_a_given_state(torch, options, shape):
    theirs, ours = both(torch, "LSTM", 3, 4, 2, bidirectional=True, **options)
    rng = np.random.default_rng(3)
    batch = shape[1:2] if len(shape) == 3 else ()
    arrays = [rng.standard_normal(shape)]
    arrays += [rng.standard_normal((4, *batch, options.get("proj_size", 4)))]
    arrays += [rng.standard_normal((4, *batch, 4))]
    mine, others = leaves(autograd, arrays), leaves(torch, arrays)
    y, (h, c) = ours(mine[0], tuple(mine[1:]))
    z, (h_n, c_n) = theirs(others[0], tuple(others[1:]))
    compare_gradients(torch, theirs, ours, [y, h, c], [z, h_n, c_n], mine, others)


@pytest.mark.parametrize("given", [False, True], ids=["from zero", "from a state"])
@pytest.mark.parametrize("lengths", [[4, 4, 2, 1], [2, 4, 1, 3], [3], [2, 2]])
@pytest.mark.parametrize("name", LAYERS)
def test_packed_sequences(torch, name, lengths, given):
    theirs, ours = both(torch, name, 3, 2, 2, bidirectional=True)
    rng = np.random.default_rng(3)
    arrays = [rng.standard_normal((max(lengths), len(lengths), 3))]
    if given:
        arrays += [rng.standard_normal((4, len(lengths), 2)) for _ in states_of(name, "hc")]
    mine, others = leaves(autograd, arrays), leaves(torch, arrays)

    def run(library, layer, tensors):
        pack = library.nn.utils.rnn if library is torch else rnn
        packed = pack.pack_padded_sequence(tensors[0], lengths, enforce_sorted=False)
        state = tensors[1] if len(tensors) == 2 else tuple(tensors[1:])
        y, last = layer(packed, state) if given else layer(packed)
        padded, counts = pack.pad_packed_sequence(y, padding_value=7.0, total_length=5)
        assert counts.tolist() == lengths
        return [padded, *(last if isinstance(last, tuple) else [last])]

    outputs, references = run(autograd, ours, mine), run(torch, theirs, others)
    compare_gradients(torch, theirs, ours, outputs, references, mine, others)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("reverse", [False, True])
def test_a_packed_batch_has_second_derivatives(name, reverse):
    layer = getattr(nn, name)(2, 2, bidirectional=reverse).double()
    data = autograd.tensor(np.random.default_rng(0).standard_normal((4, 2)), requires_grad=True)
    names = [n for n, _ in layer.named_parameters() if "weight" in n]
    weights = [layer.get_parameter(n).detach().requires_grad_() for n in names]

    def function(data, *values):
        for n, value in zip(names, values, strict=True):
            layer._parameters[n] = value
        y, _ = layer(rnn.PackedSequence(data, autograd.tensor([2, 1, 1])))
        return y.data

    kept = dict(layer._parameters)
    assert autograd.gradcheck(function, [data, *weights], check_forward_ad=True)
    assert autograd.gradgradcheck(function, [data, *weights], fast_mode=True)
    layer._parameters.update(kept)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_its_cell_in_a_loop(name):
    layer, cell = getattr(nn, name)(3, 4).double(), getattr(nn, f"{name}Cell")(3, 4).double()
    cell.load_state_dict({n[: -len("_l0")]: w for n, w in layer.state_dict().items()})
    x = autograd.tensor(np.random.default_rng(0).standard_normal((5, 2, 3)))
    y, last = layer(x)
    state, outputs = None, []
    for x_t in x:
        state = cell(x_t, state)
        outputs.append(state[0] if name == "LSTM" else state)
    np.testing.assert_allclose(autograd.stack(outputs).tolist(), y.tolist(), atol=1e-13)
    np.testing.assert_allclose(autograd.stack(outputs)[-1].tolist(), y[-1].tolist(), atol=1e-13)
    (y * y).sum().backward()
    (autograd.stack(outputs) ** 2).sum().backward()
    np.testing.assert_allclose(cell.weight_hh.grad.numpy(), layer.weight_hh_l0.grad.numpy())
    np.testing.assert_allclose(cell.bias_ih.grad.numpy(), layer.bias_ih_l0.grad.numpy())


def ops_of(tensor):
    """Count the recorded ops that a tensor depends on, by name."""
    counts, stack, seen = {}, [tensor.node], set()
    while stack:
        node = stack.pop()
        if node is None or node in seen or isinstance(node, autograd.Leaf):
            continue
        seen.add(node)
        counts[node.name] = counts.get(node.name, 0) + 1
        stack += node.operands
    return counts


def test_an_rnn_records_its_steps_and_an_lstm_one_op():
    x = autograd.zeros(6, 2, 3)
    counts = ops_of(nn.RNN(3, 4)(x)[0])
    assert counts["tanh"] == 6 and counts["linear"] == 1 + 6
    assert "tanh" not in ops_of(nn.LSTM(3, 4)(x)[0])
    assert ops_of(nn.LSTM(3, 4, 2, bidirectional=True)(x)[0])["lstm"] == 4
    assert ops_of(nn.GRU(3, 4)(x)[0])["gru"] == 1


@pytest.mark.parametrize("name", LAYERS)
def test_dropout_stands_between_layers_in_training_only(name):
    layer = getattr(nn, name)(3, 40, 2, dropout=0.5)
    x = autograd.randn(3, 2, 3)
    assert not np.array_equal(layer(x)[0].detach().numpy(), layer(x)[0].detach().numpy())
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].detach().numpy(), layer(x)[0].detach().numpy())
    single = getattr(nn, name)(3, 40, 2, dropout=1.0)
    first = getattr(nn, name)(3, 40)
    first.load_state_dict({n: w for n, w in single.state_dict().items() if "l0" in n})
    h = single(x)[1]
    h = h[0] if name == "LSTM" else h
    expected = first(x)[1]
    expected = expected[0] if name == "LSTM" else expected
    np.testing.assert_allclose(h[0].tolist(), expected[0].tolist(), rtol=1e-5)


def test_all_weights_are_listed_by_layer_and_direction():
    layer = nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2)
    assert [len(each) for each in layer.all_weights] == [5] * 4
    assert layer.all_weights[3][4] is layer.weight_hr_l1_reverse
    assert layer.flatten_parameters() is None
    assert (layer.mode, nn.RNN(3, 4).mode, nn.GRU(3, 4).mode) == ("LSTM", "RNN_TANH", "GRU")


ZEROS = autograd.zeros(5, 2, 3)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: nn.RNN(3, 4, nonlinearity="x"), ValueError, "RNN: nonlinearity must be 'tanh'"),
        (lambda: nn.RNNCell(3, 4, nonlinearity="x"), ValueError, "RNNCell: nonlinearity must be"),
        (lambda: nn.LSTM(3, 0), ValueError, "LSTM: hidden_size must be at least 1, got 0"),
        (lambda: nn.LSTM(0, 3), ValueError, "LSTM: input_size must be at least 1, got 0"),
        (lambda: nn.LSTM(3, 4, 0), ValueError, "LSTM: num_layers must be at least 1, got 0"),
        (lambda: nn.LSTM(3, 4.0), TypeError, "LSTM: hidden_size must be an int, got 4.0"),
        (lambda: nn.GRU(3, 4, 2, dropout=2), ValueError, r"GRU: dropout must be .*\[0, 1\], got 2"),
        (lambda: nn.GRU(3, 4, 2, dropout=True), ValueError, "GRU: dropout must be"),
        (lambda: nn.LSTM(3, 4, proj_size=4), ValueError, "proj_size must be smaller than hidden_s"),
        (lambda: nn.LSTM(3, 4, proj_size=-1), ValueError, "proj_size must be at least 0, got -1"),
        (lambda: nn.RNN(3, 4, dropout=0.5), UserWarning, "there is only one layer"),
        (lambda: nn.RNN(3, 4)(autograd.zeros(3)), ValueError, r"RNN: input must have .*got \(3,\)"),
        (lambda: nn.RNN(3, 4)(autograd.zeros(5, 2, 4)), RuntimeError, "RNN: expected 3 numbers"),
        (lambda: nn.RNN(3, 4)(autograd.zeros(0, 2, 3)), RuntimeError, "RNN: expected at least one"),
        (lambda: nn.RNN(3, 4)(ZEROS.double()), TypeError, "RNN: input is float64 but weight_ih_l0"),
        (lambda: nn.RNN(3, 4)(ZEROS.long()), TypeError, "RNN: input must be a floating-point"),
        (lambda: nn.GRU(3, 4)(ZEROS, autograd.zeros(2, 2, 4)), RuntimeError, r"\(1, 2, 4\)"),
        (lambda: nn.GRU(3, 4)(ZEROS, autograd.zeros(2, 4)), RuntimeError, "expected h_0 of shape"),
        (lambda: nn.GRU(3, 4)(ZEROS, (ZEROS,)), TypeError, "GRU: hx must be a tensor h_0, got tup"),
        (lambda: nn.LSTM(3, 4)(ZEROS, ZEROS), TypeError, "LSTM: hx must be a pair of tensors"),
        (
            lambda: nn.LSTM(3, 4)(ZEROS, (autograd.zeros(1, 2, 4), autograd.zeros(1, 2, 5))),
            RuntimeError,
            r"LSTM: expected c_0 of shape \(1, 2, 4\)",
        ),
        (
            lambda: nn.GRU(3, 4)(ZEROS, autograd.zeros(1, 2, 4).double()),
            TypeError,
            "GRU: input is float32 but h_0 is float64",
        ),
        (lambda: nn.LSTMCell(3, 4)(ZEROS), ValueError, r"LSTMCell: input must have shape \(N, I\)"),
        (lambda: nn.LSTMCell(3, 4)(ZEROS[0][:, :2]), RuntimeError, "LSTMCell: expected 3 numbers"),
        (lambda: nn.LSTMCell(3, 4)(ZEROS[0], ZEROS), TypeError, "LSTMCell: hx must be a pair"),
        (
            lambda: nn.GRUCell(3, 4)(ZEROS[0], autograd.zeros(3, 4)),
            RuntimeError,
            r"GRUCell: expected h of shape \(2, 4\) for input of shape \(2, 3\), got \(3, 4\)",
        ),
        (lambda: nn.GRUCell(3, -1), ValueError, "GRUCell: hidden_size must be at least 0"),
        (lambda: nn.GRUCell(3, 4)(ZEROS[0].double()), TypeError, "GRUCell: input is float64"),
    ],
)
def test_misuse_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()
