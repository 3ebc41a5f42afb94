"""Embedding: which rows learn, tables that are given or scaled, bags with weights, refusals."""

import numpy as np
import pytest

import autograd
import nn
from nn.functional import bilinear, embedding, embedding_bag, one_hot
from nn.ops.embedding import embedding_gradient, embedding_read

TABLE = np.random.default_rng(0).standard_normal((5, 3))
WORDS = np.array([[1, 2, 2], [4, 0, 2]])


def table():
    return autograd.tensor(TABLE, requires_grad=True)


def test_a_row_receives_the_sum_over_its_uses_and_padding_nothing():
    weight = table()
    upstream = np.arange(18.0).reshape(2, 3, 3)
    embedding(autograd.tensor(WORDS), weight).backward(autograd.tensor(upstream))
    expected = np.zeros((5, 3))
    np.add.at(expected, WORDS, upstream)
    np.testing.assert_array_equal(weight.grad.numpy(), expected)
    weight.grad = None
    embedding(autograd.tensor(WORDS), weight, -1).backward(autograd.tensor(upstream))
    expected[4] = 0
    np.testing.assert_array_equal(weight.grad.numpy(), expected)
    weight.grad = None
    embedding(WORDS, weight, scale_grad_by_freq=True).backward(autograd.tensor(upstream))
    once = np.array([1, 1, 3, 1, 1])[:, None]
    np.add.at(expected, 4, upstream[1, 0])
    np.testing.assert_allclose(weight.grad.numpy(), expected / once)


@pytest.mark.parametrize("options", [{}, {"padding_idx": 2}, {"by_frequency": True}])
def test_reading_and_adding_are_transposes(options):
    rng = np.random.default_rng(1)
    x, weight = rng.standard_normal((2, 3, 3)), rng.standard_normal((5, 3))
    sent = embedding_gradient(x, WORDS, rows=5, **options)
    read = embedding_read(weight, WORDS, **options)
    np.testing.assert_allclose((sent * weight).sum(), (read * x).sum())
    operands = [autograd.tensor(x, requires_grad=True)]
    assert autograd.gradcheck(lambda x: embedding_gradient(x, WORDS, rows=5, **options), operands)
    assert autograd.gradgradcheck(
        lambda x: embedding_gradient(x, WORDS, rows=5, **options) ** 2, operands
    )
    assert autograd.gradcheck(lambda w: embedding_read(w, WORDS, **options) ** 2, table())


def test_wide_rows_that_repeat(torch):
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 7, (40, 9))
    arrays = rng.standard_normal((7, 80)).astype(np.float32), rng.standard_normal((40, 9, 80))
    mine, other = autograd.tensor(arrays[0], requires_grad=True), torch.tensor(arrays[0])
    other.requires_grad_()
    upstream = arrays[1].astype(np.float32)
    embedding(autograd.tensor(ids), mine).backward(autograd.tensor(upstream))
    torch.nn.functional.embedding(torch.tensor(ids), other).backward(torch.tensor(upstream))
    np.testing.assert_allclose(mine.grad.numpy(), other.grad.numpy(), rtol=1e-4, atol=1e-4)


def test_an_index_that_changed_is_refused():
    ids = autograd.tensor([1, 2])
    y = embedding(ids, table())
    ids[0] = 0
    with pytest.raises(RuntimeError, match="embedding: its operand 'index', .* changed in place"):
        y.sum().backward()


def test_long_rows_are_scaled_in_the_table():
    layer = nn.Embedding.from_pretrained(autograd.tensor([[3.0, 4.0], [0.3, 0.4]]), max_norm=1.0)
    np.testing.assert_allclose(layer(autograd.tensor([1])).tolist(), [[0.3, 0.4]])
    assert layer.weight[0].tolist() == [3, 4]
    np.testing.assert_allclose(layer(autograd.tensor([0, 1])).tolist()[0], [0.6, 0.8], rtol=1e-6)
    np.testing.assert_allclose(layer.weight.tolist()[0], [0.6, 0.8], rtol=1e-6)
    array = np.array([[3.0, 4.0]])
    embedding(np.array([0]), array, max_norm=7.0, norm_type=1.0)
    np.testing.assert_array_equal(array, [[3, 4]])
    embedding(np.array([0]), array, max_norm=3.5, norm_type=1.0)
    np.testing.assert_allclose(array, [[1.5, 2.0]])


def test_a_given_table_is_frozen_unless_asked():
    layer = nn.Embedding.from_pretrained(autograd.tensor(TABLE), padding_idx=-1)
    assert not layer.weight.requires_grad and layer.padding_idx == 4
    assert layer.weight.dtype == np.float64
    assert nn.Embedding.from_pretrained(autograd.tensor(TABLE), freeze=False).weight.requires_grad
    bag = nn.EmbeddingBag.from_pretrained(autograd.tensor(TABLE), mode="sum")
    assert not bag.weight.requires_grad and bag.mode == "sum"
    np.testing.assert_allclose(bag(autograd.tensor(WORDS)).numpy(), TABLE[WORDS].sum(1))


def test_the_row_of_padding_starts_as_zero():
    weight = nn.Embedding(5, 3, padding_idx=1).weight.detach().numpy()
    assert not weight[1].any() and np.all(weight[[0, 2, 3, 4]] != 0)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("padding_idx", [None, 2])
def test_bags_with_a_factor_for_each_row(torch, padding_idx, flat):
    factors = np.random.default_rng(3).standard_normal(WORDS.shape)
    ids = WORDS.reshape(-1) if flat else WORDS
    factors = factors.reshape(ids.shape)
    offsets = [0, 1, 1] if flat else None
    mine = [table(), autograd.tensor(factors, requires_grad=True)]
    others = [torch.tensor(TABLE).requires_grad_(), torch.tensor(factors).requires_grad_()]
    results = []
    for library, function, (weight, each) in (
        (autograd, embedding_bag, mine),
        (torch, torch.nn.functional.embedding_bag, others),
    ):
        y = function(
            library.tensor(ids),
            weight,
            None if offsets is None else library.tensor(offsets),
            mode="sum",
            per_sample_weights=each,
            padding_idx=padding_idx,
        )
        (y * y).sum().backward()
        results.append([y.detach().numpy(), weight.grad.numpy(), each.grad.numpy()])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-13)


def test_frequency_counts_within_all_bags():
    # PyTorch 2.13 divides row 2, read once, by 3 here; we divide by what the word says.
    weight = table()
    ids = autograd.tensor([1, 1, 2, 1])
    embedding_bag(
        ids, weight, autograd.tensor([0, 2]), mode="sum", scale_grad_by_freq=True
    ).sum().backward()
    np.testing.assert_allclose(weight.grad.numpy()[:, 0], [0, 1, 1, 0, 0])


def test_the_first_of_equal_rows_wins_a_maximum(torch):
    array = np.array([[1.0, 5.0], [1.0, 2.0], [0.0, 5.0]])
    mine, other = autograd.tensor(array, requires_grad=True), torch.tensor(array).requires_grad_()
    for library, weight in ((autograd, mine), (torch, other)):
        bag = library.tensor([[0, 1, 2]])
        function = embedding_bag if library is autograd else torch.nn.functional.embedding_bag
        function(bag, weight, mode="max").sum().backward()
    np.testing.assert_array_equal(mine.grad.numpy(), other.grad.numpy())
    assert mine.grad.tolist() == [[1, 1], [0, 0], [0, 0]]


def test_bags_without_numbers():
    weight = table()
    for mode in ("sum", "mean", "max"):
        y = embedding_bag(autograd.zeros(2, 0).long(), weight, mode=mode)
        assert y.tolist() == [[0.0] * 3] * 2
        offsets = autograd.tensor([], dtype=np.int64)
        assert embedding_bag(autograd.tensor([1]), weight, offsets, mode=mode).shape == (0, 3)


def test_rows_without_numbers():
    """A table of width 0 is read and learns: nothing, in as many rows."""
    layer, ids = nn.Embedding(5, 0), autograd.tensor([[2, 4, 2]])
    y = layer(ids)
    y.sum().backward()
    assert y.shape == (1, 3, 0) and layer.weight.grad.shape == (5, 0)
    assert nn.EmbeddingBag(5, 0, max_norm=1.0)(ids).shape == (1, 0)


def test_one_hot_is_the_core_s():
    assert one_hot is autograd.one_hot
    hot = one_hot(autograd.tensor([1, 0, 2])).to(np.float64)
    np.testing.assert_array_equal((hot @ autograd.tensor(TABLE[:3])).numpy(), TABLE[[1, 0, 2]])


IDS, WEIGHT = autograd.tensor([0, 1, 1]), autograd.zeros(5, 3)
OFFSETS = autograd.tensor([0, 2])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: embedding(autograd.tensor([5]), WEIGHT), IndexError, "5 is none of the 5 rows"),
        (lambda: embedding(autograd.tensor([-1]), WEIGHT), IndexError, "-1 is none of the 5 rows"),
        (lambda: embedding(WEIGHT, WEIGHT), RuntimeError, "embedding: expected an index of inte"),
        (lambda: embedding(IDS > 0, WEIGHT), RuntimeError, "expected an index of integers, got bo"),
        (lambda: embedding(IDS, WEIGHT[0]), ValueError, r"must have shape \(V, D\), got \(3,\)"),
        (lambda: embedding(IDS, WEIGHT.long()), TypeError, "weight must be a floating-point"),
        (lambda: embedding(IDS, WEIGHT, -6), ValueError, r"must lie in \[-5, 5\), got -6"),
        (lambda: embedding(IDS, WEIGHT, sparse=True), ValueError, "gradients are dense here"),
        (
            lambda: embedding(IDS, WEIGHT, max_norm=-1.0),
            ValueError,
            "max_norm must not be negative",
        ),
        (
            lambda: nn.Embedding(5, 3, 5),
            ValueError,
            r"Embedding: padding_idx must lie in \[-5, 5\)",
        ),
        (lambda: nn.Embedding(5, 3, sparse=True), ValueError, "Embedding: gradients are dense"),
        (lambda: nn.Embedding(-1, 3), ValueError, "num_embeddings must be at least 0"),
        (lambda: nn.Embedding(5, 2, _weight=WEIGHT), ValueError, r"_weight must have shape \(5, 2"),
        (lambda: nn.Embedding.from_pretrained(IDS), ValueError, r"expected a table .* got \(3,\)"),
        (
            lambda: nn.EmbeddingBag(5, 3, mode="x"),
            ValueError,
            "mode must be 'sum', 'mean' or 'max'",
        ),
        (
            lambda: nn.EmbeddingBag(5, 3, mode="max", scale_grad_by_freq=True),
            ValueError,
            "scale_grad_by_freq is not for mode 'max'",
        ),
        (lambda: embedding_bag(IDS, WEIGHT), ValueError, r"shape \(3,\) without offsets"),
        (lambda: embedding_bag(IDS[None], WEIGHT, OFFSETS), ValueError, "bags as rows: no offsets"),
        (lambda: embedding_bag(IDS, WEIGHT, IDS + 1), RuntimeError, r"begin with 0.* \[1, 2, 2\]"),
        (lambda: embedding_bag(IDS, WEIGHT, OFFSETS * 2), RuntimeError, "not exceed the 3 numbers"),
        (lambda: embedding_bag(IDS, WEIGHT, OFFSETS, mode="x"), ValueError, "mode must be"),
        (
            lambda: embedding_bag(IDS, WEIGHT, OFFSETS, mode="max", scale_grad_by_freq=True),
            ValueError,
            "not for mode 'max'",
        ),
        (
            lambda: embedding_bag(IDS, WEIGHT, OFFSETS, per_sample_weights=WEIGHT[:, 0]),
            ValueError,
            "per_sample_weights are for mode 'sum', got mode 'mean'",
        ),
        (
            lambda: embedding_bag(
                IDS, WEIGHT, OFFSETS, mode="sum", per_sample_weights=WEIGHT[:, 0]
            ),
            ValueError,
            r"must have the input's shape \(3,\), got \(5,\)",
        ),
        (
            lambda: bilinear(WEIGHT, WEIGHT[:4], autograd.zeros(2, 3, 3)),
            ValueError,
            r"bilinear: weight expects inputs .* got shapes \(5, 3\) and \(4, 3\)",
        ),
        (lambda: bilinear(WEIGHT, WEIGHT, WEIGHT), ValueError, r"shape \(out, in1, in2\)"),
        (
            lambda: bilinear(WEIGHT, WEIGHT, autograd.zeros(2, 3, 3), autograd.zeros(3)),
            ValueError,
            r"bilinear: bias must have shape \(2,\)",
        ),
        (lambda: nn.Bilinear(0, 3, 2), ValueError, "Bilinear: in1_features must be at least 1"),
        (lambda: nn.Unflatten(1, 3), TypeError, "must be a tuple or list of ints, got 3"),
        (lambda: nn.Unflatten(1, (2, "a")), TypeError, "must be a tuple or list of ints"),
        (lambda: nn.Unflatten(1, (2, 2))(WEIGHT), RuntimeError, "do not multiply up to 3"),
    ],
)
def test_misuse_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
