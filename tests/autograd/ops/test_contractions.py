"""Contractions: any einsum against PyTorch, the forms it is written in, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd

SIZES = {"a": 2, "b": 3, "c": 2, "d": 1}


@st.composite
def einsums(draw):
    """Draw subscripts, with repeated and broadcast indices and ``...``, and shapes."""
    terms, shapes, ellipsis = [], [], draw(st.booleans())
    for _ in range(draw(st.integers(1, 4))):
        letters = draw(st.lists(st.sampled_from("abcd"), max_size=3))
        shape = [SIZES[i] for i in letters]
        once = [k for k, i in enumerate(letters) if letters.count(i) == 1]
        if once and draw(st.integers(0, 4)) == 0:
            shape[draw(st.sampled_from(once))] = 1
        at = draw(st.integers(0, len(letters))) if ellipsis else None
        if at is not None:
            lead = draw(st.sampled_from([(), (2,), (1,), (2, 2), (2, 1)]))
            letters[at:at], shape[at:at] = ["..."], lead
        terms.append("".join(letters))
        shapes.append(tuple(shape))
    text = ",".join(terms)
    if draw(st.booleans()):
        known = sorted(set(text) & set("abcd"))
        kept = draw(st.permutations(draw(st.lists(st.sampled_from(known), unique=True)))
                    ) if known else []  # fmt: skip
        text += "->" + ("..." if ellipsis and draw(st.booleans()) else "") + "".join(kept)
    return text, shapes


def test_any_einsum_equals_torch(torch):
    @settings(max_examples=300)
    @given(einsums(), st.integers(0, 2**32 - 1))
    def check(drawn, seed):
        text, shapes = drawn
        random = np.random.default_rng(seed)
        arrays = [random.standard_normal(shape) for shape in shapes]
        theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
        ours = [autograd.tensor(a, requires_grad=True) for a in arrays]
        expected, z = torch.einsum(text, *theirs), autograd.einsum(text, *ours)
        assert z.shape == tuple(expected.shape)
        np.testing.assert_allclose(z.payload, expected.detach().numpy(), rtol=1e-10, atol=1e-12)
        weights = random.standard_normal(z.shape)
        (expected * expected * torch.tensor(weights)).sum().backward()
        (z * z * autograd.tensor(weights)).sum().backward()
        for x, y in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(x.grad.payload, y.grad.numpy(), rtol=1e-10, atol=1e-11)

    check()


def test_both_forms_and_a_list_of_operands_are_read_alike():
    x, y = autograd.arange(6.0).reshape(2, 3), autograd.arange(12.0).reshape(3, 4)
    expected = (x @ y).tolist()
    assert autograd.einsum("ij,jk->ik", x, y).tolist() == expected
    assert autograd.einsum("i j, j k -> i k", [x, y]).tolist() == expected
    assert autograd.einsum(x, [0, 1], y, [1, 2], [0, 2]).tolist() == expected
    assert autograd.einsum(x, [0, 1], y, [1, 2]).tolist() == expected
    assert autograd.einsum(x, [..., 1], y, [1, 2], [..., 2]).tolist() == expected
    assert autograd.einsum("bA,aB", x, x).shape == (3, 3, 2, 2)  # capitals first: A, B, a, b


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ij,kl", (2, 2)), "for 2 operands, got 1"),
        (("iij", (2, 2)), r"'iij' has 3 indices, but its operand has shape \(2, 2\)"),
        (("i", (2, 2)), "'i' has 1 indices"),
        (("ii", (2, 3)), r"'ii' repeats 'i', but the shape is \(2, 3\)"),
        (("ii->ik", (2, 2)), "the result's index 'k' is in no operand"),
        (("ij->ii", (2, 2)), "the result 'ii' repeats 'i'"),
        (("i.j", (2, 2)), "expected letters and at most one '...' a term, got '.'"),
        (("i1", (2, 2)), "got '1' in 'i1'"),
        (("ij->ji->", (2, 2)), "got '-'"),
        (("ij,jk", (2, 3), (2, 3)), r"'j' has length 3 and 2; the operands have shapes \(2, 3\)"),
        (("...i,...i", (2, 3), (4, 3)), "an axis under '...' has length 2 and 4"),
        ((), "expected subscripts and operands, got nothing"),
    ],
)
def test_subscripts_that_do_not_fit_are_refused(arguments, message, torch):
    text, *shapes = arguments or ("",)
    with pytest.raises(RuntimeError, match=f"einsum: .*{message}"):
        if not arguments:
            autograd.einsum()
        autograd.einsum(text, *map(autograd.ones, shapes))
    if arguments:
        with pytest.raises(RuntimeError):
            torch.einsum(text, *map(torch.ones, shapes))


def test_integers_for_axes_are_checked():
    with pytest.raises(RuntimeError, match="einsum: expected a list of integers from 0 to 51"):
        autograd.einsum(autograd.ones(2), [52])


def test_a_product_of_matrices_is_one_op_with_its_subscripts():
    x = autograd.tensor(np.ones((2, 3)), requires_grad=True)
    z = autograd.einsum("ij,kj->ik", x, autograd.tensor(np.ones((4, 3))))
    assert z.node.name == "einsum" and z.node.attributes == {"subscripts": "ij,kj->ik"}


def test_a_result_in_place_of_its_operand_is_followed():
    x = autograd.tensor([[1.0, 2.0], [3.0, 4.0]])
    diagonal = autograd.einsum("ii->i", x)  # a view, as in PyTorch
    diagonal.zero_()
    assert x.tolist() == [[0, 2], [3, 0]]


@pytest.mark.parametrize(
    ("dims", "error", "message"),
    [
        (3, RuntimeError, "cannot sum over 3 axes"),
        (-1, RuntimeError, "cannot sum over -1 axes"),
        (([0], [0, 1]), RuntimeError, "as many axes of a as of b"),
        (([0], [1]), RuntimeError, "axis 0 of shape .* and axis 1 of shape .* differ"),
        (([0, 0], [0, 0]), RuntimeError, "name an axis twice"),
        (([5], [0]), IndexError, "out of range"),
    ],
)
def test_tensordot_refuses_axes_that_do_not_pair(dims, error, message):
    with pytest.raises(error, match=f"tensordot: .*{message}"):
        autograd.tensordot(autograd.ones(2, 3), autograd.ones(2, 3), dims)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: autograd.trace(autograd.ones(3)), RuntimeError, "trace: expected a matrix"),
        (lambda: autograd.cross(autograd.ones(2), autograd.ones(2)), RuntimeError, "length 3"),
        (lambda: autograd.cross(autograd.ones(2, 3), autograd.ones(3)), RuntimeError, "rank"),
        (lambda: autograd.cross(autograd.ones(3), autograd.ones(3), 1), IndexError, "dim 1"),
        (
            lambda: autograd.linalg.cross(autograd.ones(3, 4), autograd.ones(3, 4)),
            RuntimeError,
            "expected length 3 along dim -1",
        ),
        (
            lambda: autograd.linalg.cross(autograd.ones(2, 3), autograd.ones(4, 3)),
            RuntimeError,
            "do not broadcast",
        ),
    ],
)
def test_trace_and_cross_check_shapes(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_trace_of_an_infinite_upstream_leaves_the_rest_at_zero():
    x = autograd.ones(2, 2, requires_grad=True)
    autograd.trace(x).backward(np.float32(np.inf))
    assert x.grad.tolist() == [[np.inf, 0], [0, np.inf]]
