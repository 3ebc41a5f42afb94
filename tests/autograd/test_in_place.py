"""In-place changes and views: named examples (programs.py draws ten thousand others)."""

import numpy as np
import pytest

import autograd


def leaf(*values, dtype=np.float64):
    return autograd.tensor(list(values), dtype=dtype, requires_grad=True)


def test_earlier_records_do_not_follow_a_change():
    w = leaf(2.0)
    x = w * 1
    y = x + x
    x.mul_(10)
    (y + x).sum().backward()
    assert w.grad.tolist() == [12]


def test_earlier_records_of_a_scalar_do_not_follow_a_change():
    w = autograd.tensor(2.0, requires_grad=True)
    x = w * 1
    y = x + x
    x.mul_(10)
    (y + x).backward()
    assert w.grad.item() == 12


def test_a_change_of_a_value_that_a_rule_needs_is_caught():
    w = leaf(1.0, 2.0)
    x = w * 1
    y = x * x
    x.add_(1)
    x.add_(1)
    message = "multiply: its operand '[xy]', .* changed in place since it was used"
    with pytest.raises(RuntimeError, match=message):
        y.sum().backward()


def test_a_change_of_an_output_that_a_rule_needs_is_caught():
    w = leaf(1.0, 2.0)
    y = autograd.exp(w)
    y.mul_(2)
    with pytest.raises(
        RuntimeError, match="exp: its output, .* changed in place since it was used"
    ):
        y.sum().backward()


def test_a_change_of_a_value_that_no_rule_needs_is_allowed():
    w = leaf(1.0, 2.0)
    x = w * 1
    y = x + 3
    x.add_(1)
    y.sum().backward()
    assert w.grad.tolist() == [1, 1]


def test_a_quotient_may_be_changed():
    x = autograd.tensor([1.0, 3.0], requires_grad=True)
    share = x / x.sum()
    share *= 8
    share[0].backward()
    assert x.grad.tolist() == [1.5, -0.5]


def test_a_change_after_create_graph_is_caught_by_the_second_derivative():
    x = leaf(1.0, 2.0)
    (slope,) = autograd.grad(autograd.sin(x).sum(), x, create_graph=True)
    with autograd.no_grad():
        x.mul_(2)
    with pytest.raises(
        RuntimeError, match="cos: its operand 'x', .* changed in place since it was used"
    ):
        autograd.grad(slope.sum(), x)


def test_an_operand_that_the_write_overwrites_is_copied():
    w = leaf(3.0)
    x = w * 1
    x.mul_(x)
    x.mul_(x)
    x.sum().backward()
    assert w.grad.tolist() == [4 * 27]


@pytest.mark.parametrize("change", ["add_", "mul_", "copy_"])
def test_leaves_refuse(change):
    w = leaf(1.0)
    with pytest.raises(RuntimeError, match=f"{change}: a leaf that requires grad cannot"):
        getattr(w, change)(2.0)
    assert w.tolist() == [1]


def test_views_of_leaves_refuse():
    w = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"leaf that requires grad \(through a view\)"):
        w[0].add_(1)
    with pytest.raises(RuntimeError, match=r"leaf that requires grad \(through a view\)"):
        w[0] = 5.0
    with pytest.raises(RuntimeError, match="leaf that requires grad"):
        w[[0, 1]] = 5.0
    assert w.tolist() == [1, 2]


def test_a_view_that_became_a_leaf_refuses_and_stays_a_leaf():
    base = autograd.zeros(2, 3)
    row = base[0].requires_grad_()
    with pytest.raises(RuntimeError, match="leaf that requires grad"):
        row.add_(1)
    base.add_(1)
    assert row.is_leaf and row.requires_grad
    (row * 2).sum().backward()
    assert row.grad.tolist() == [2, 2, 2]


def test_updates_under_no_grad_keep_the_leaf():
    w = leaf(1.0, 2.0)
    (w * w).sum().backward()
    with autograd.no_grad():
        w -= 0.25 * w.grad
    assert w.is_leaf and w.requires_grad
    assert w.tolist() == [0.5, 1]
    w.grad = None
    (w * w).sum().backward()
    assert w.grad.tolist() == [1, 2]


def test_updates_of_a_scalar_under_no_grad_keep_the_leaf():
    w = autograd.tensor(2.0, requires_grad=True)
    (w * w).backward()
    with autograd.no_grad():
        w -= 0.25 * w.grad
    w.grad = None
    (w * w).backward()
    assert (w.item(), w.grad.item(), w.node.value) == (1, 2, 1)


def test_an_update_between_forward_and_backward_is_caught():
    w = leaf(1.0, 2.0)
    loss = (w * w).sum()
    with autograd.no_grad():
        w.add_(1)
    with pytest.raises(RuntimeError, match="multiply: its operand '[xy]'"):
        loss.backward()


def test_an_item_is_a_view():
    x = autograd.zeros(3)
    first = x[0]
    first.add_(5)
    assert x.tolist() == [5, 0, 0]
    x[0] = 7.0
    assert first.item() == 7


def test_a_change_through_a_view_reaches_the_root_and_other_views():
    w = leaf(1.0, 2.0, 3.0, 4.0)
    x = w * 1
    left, middle = x[:2], x[1:3]
    left.mul_(10)
    assert x.tolist() == [10, 20, 3, 4] and middle.tolist() == [20, 3]
    (middle * 3).sum().backward()
    assert w.grad.tolist() == [0, 30, 3, 0]


def test_a_change_of_the_root_reaches_its_views():
    w = leaf(1.0, 2.0)
    x = w * 1
    last = x[1]
    x.mul_(5)
    last.backward()
    assert w.grad.tolist() == [0, 5]


def test_views_of_views():
    w = autograd.tensor(np.arange(12.0).reshape(3, 4), requires_grad=True)
    x = w * 1
    corner = x[1:].T[::2][0]
    assert corner.tolist() == [4, 8]
    corner.mul_(corner)
    assert x[:, 0].tolist() == [0, 16, 64]
    x.sum().backward()
    expected = np.ones((3, 4))
    expected[1:, 0] = [8, 16]
    np.testing.assert_array_equal(w.grad.numpy(), expected)


def test_a_view_of_a_view_shares_its_chain():
    x = leaf(1.0, 2.0) * 1
    inner = x[:1]
    outer = inner[None]
    assert outer.view_of.chain[0] is inner.view_of.chain  # or n views of views took n^2 / 2 links
    for _ in range(100_000):
        inner = inner[:]
    inner.mul_(3)
    assert x.tolist() == [3, 2]
    outer.sum().backward()


def test_a_view_in_the_roots_own_memory_order():
    # The root is column-major and so is its flattened transpose a view; the gradient is row-major.
    w = autograd.from_numpy(np.asfortranarray(np.arange(6.0).reshape(2, 3))).requires_grad_()
    x = w * 1
    flat = x.T.reshape(-1)
    flat.mul_(2)
    assert np.shares_memory(flat.payload, x.payload)
    x.sum().backward()
    np.testing.assert_array_equal(w.grad.numpy(), np.full((2, 3), 2.0))


@pytest.mark.parametrize(
    ("index", "value", "kept"),
    [
        ((0, slice(None)), 9.0, [[0, 0, 0], [1, 1, 1]]),
        ((slice(None), 1), 9.0, [[1, 0, 1], [1, 0, 1]]),
        (Ellipsis, 9.0, [[0, 0, 0], [0, 0, 0]]),
        (([1, 0], [2, 2]), 9.0, [[1, 1, 0], [1, 1, 0]]),
        (np.array([[True, False, True], [False, True, False]]), 9.0, [[0, 1, 0], [1, 0, 1]]),
    ],
    ids=["row", "column", "all", "integers", "mask"],
)
def test_setitem_cuts_the_gradient_of_what_it_overwrites(index, value, kept):
    w = autograd.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    v = autograd.tensor(value, dtype=np.float64, requires_grad=True)
    x = w * 1
    x[index] = v * 1
    expected = np.arange(6.0).reshape(2, 3)
    expected[index] = value
    np.testing.assert_array_equal(x.detach().numpy(), expected)
    (x * 2).sum().backward()
    np.testing.assert_array_equal(w.grad.numpy(), 2 * np.array(kept))
    assert v.grad.item() == 2 * (6 - np.sum(kept))


def test_setitem_takes_a_tensor_as_index_and_repeats_the_value():
    x = autograd.zeros(3, 2)
    x[autograd.tensor([0, 2])] = autograd.tensor([1.0, 2.0])
    assert x.tolist() == [[1, 2], [0, 0], [1, 2]]
    x[:2] = np.ones((1, 2, 2))
    assert x.tolist() == [[1, 1], [1, 1], [1, 2]]


def test_setitem_of_overlapping_parts():
    w = leaf(1.0, 2.0, 3.0)
    x = w * 1
    x[1:] = x[:-1]
    assert x.tolist() == [1, 1, 2]
    (x * autograd.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert w.grad.tolist() == [11, 100, 0]


def test_setitem_into_a_scalar_and_an_integer_tensor():
    x = autograd.tensor(1.0)
    x[...] = 4.0
    assert x.item() == 4
    n = autograd.tensor([1, 2])
    n[0] = 2.7
    assert n.tolist() == [2, 2]


def test_setitem_refuses_what_does_not_fit():
    x = autograd.zeros(2, 3)
    with pytest.raises(RuntimeError, match=r"shape \(2,\) does not fit x\[index\] of shape \(3,\)"):
        x[0] = autograd.ones(2)
    with pytest.raises(RuntimeError, match=r"shape \(4,\) does not fit x\[index\] of shape \(2, 3"):
        x[[0, 1]] = np.ones(4)
    with pytest.raises(IndexError, match=r"index 5 .* x has shape \(2, 3\)"):
        x[5] = 1.0
    with pytest.raises(RuntimeError, match=r"copy_: values of shape \(4,\) do not fit .*\(2, 3\)"):
        x.copy_(autograd.ones(4))
    with pytest.raises(RuntimeError, match=r"add_: a tensor of shape \(2, 3\) cannot hold"):
        x.add_(autograd.ones(4, 2, 3))


def test_a_change_keeps_the_dtype():
    x = autograd.ones(2)
    x.mul_(autograd.tensor([2.0, 3.0], dtype=np.float64))
    assert x.dtype == np.float32
    n = autograd.tensor([1, 2])
    with pytest.raises(RuntimeError, match=r"dtype int64 cannot hold the result of dtype float32"):
        n.mul_(1.5)


def test_detach_shares_memory_and_versions():
    w = leaf(1.0, 2.0)
    x = w * 1
    y = x * x
    apart = x.detach()
    assert not apart.requires_grad and np.shares_memory(apart.payload, x.payload)
    apart.add_(1)
    assert x.tolist() == [2, 3]
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()


def test_detach_of_a_scalar_shares_memory():
    x = autograd.tensor(1.0)
    x.detach().add_(1)
    assert x.item() == 2
    x.data.mul_(3)
    assert x.item() == 6


def test_numpy_shares_memory_and_is_read_only_where_a_gradient_flows():
    x = autograd.tensor([1.0, 2.0])
    x.numpy()[0] = 5
    assert x.tolist() == [5, 2]
    with pytest.raises(ValueError, match="read-only"):
        leaf(1.0).numpy()[0] = 5


def test_a_read_only_tensor_refuses():
    array = np.ones(3)
    array.flags.writeable = False
    x = autograd.from_numpy(array)
    for change in (lambda: x.mul_(2), lambda: x.fill_(2), lambda: x.__setitem__(0, 2.0)):
        with pytest.raises(RuntimeError, match="the tensor's memory is read-only"):
            change()
    assert array.tolist() == [1, 1, 1]


def test_an_expanded_tensor_refuses():
    x = autograd.ones(2, 1).expand(2, 3)
    with pytest.raises(RuntimeError, match="mul_: .* change a clone"):
        x.mul_(2)
    assert x.clone().mul_(2).tolist() == [[2, 2, 2], [2, 2, 2]]


def test_a_change_that_is_refused_leaves_what_rules_need():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    wide = y.expand(2, 2)
    for change in (lambda: wide.add_(1), lambda: wide.__setitem__(wide > 0, 0.25)):
        with pytest.raises(RuntimeError, match="one cell of memory"):
            change()
    (y + wide.sum(0)).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 3 * np.exp([1, 2]), rtol=1e-6)


CHANGES = {
    "fill_ beyond": lambda lib, x: x.fill_(300),
    "fill_ below": lambda lib, x: x.fill_(-1),
    "fill_ nan": lambda lib, x: x.fill_(float("nan")),
    "fill_ fraction": lambda lib, x: x.fill_(2.7),
    "fill_ tensor": lambda lib, x: x.fill_(lib.tensor(300)),
    "fill_ bool": lambda lib, x: x.fill_(True),
    "fill_ vector": lambda lib, x: x.fill_(lib.ones(2)),
    "fill_ text": lambda lib, x: x.fill_("a"),
    "copy_ tensor": lambda lib, x: x.copy_(lib.tensor([300, -200])),
    "copy_ one": lambda lib, x: x.copy_(lib.tensor([[5.5]])),
    "copy_ None": lambda lib, x: x.copy_(None),
    "copy_ longer": lambda lib, x: x.copy_(lib.ones(3)),
    "set beyond": lambda lib, x: x.__setitem__(0, 300),
    "set below": lambda lib, x: x.__setitem__(0, -1),
    "set nan": lambda lib, x: x.__setitem__(0, float("nan")),
    "set fraction": lambda lib, x: x.__setitem__(0, 0.5),
    "set tensor": lambda lib, x: x.__setitem__(0, lib.tensor(300)),
    "set None": lambda lib, x: x.__setitem__(0, None),
    "set text": lambda lib, x: x.__setitem__(0, "a"),
    "set longer": lambda lib, x: x.__setitem__(slice(None), lib.ones(3)),
    "set outside": lambda lib, x: x.__setitem__(5, 1),
    "set at a float": lambda lib, x: x.__setitem__(1.5, 1),
    "add_ beyond": lambda lib, x: x.add_(300),
    "add_ fraction": lambda lib, x: x.add_(0.5),
    "add_ longer": lambda lib, x: x.add_(lib.ones(3, 2, dtype=x.dtype)),
    "add_ text": lambda lib, x: x.add_("a"),
    "mul_ wide": lambda lib, x: x.mul_(lib.tensor([2.0, 3.0], dtype=lib.float64)),
    "div_": lambda lib, x: x.div_(2),
    "exp_": lambda lib, x: x.exp_(),
    "zero_": lambda lib, x: x.zero_(),
    "del": lambda lib, x: x.__delitem__(0),
}


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int64", "float16", "float32"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_a_dtype_holds_and_refuses_is_torchs(change, dtype, torch):
    results = []
    for lib in (autograd, torch):
        x = lib.tensor([1, 1], dtype=getattr(lib, dtype))
        try:
            CHANGES[change](lib, x)
        except (RuntimeError, TypeError, IndexError) as error:
            results.append(type(error))
        else:
            assert str(x.dtype).endswith(dtype)
            results.append(x.tolist())
    found, expected = results
    if isinstance(expected, list):
        np.testing.assert_allclose(found, expected, rtol=1e-3)
    elif change == "del":
        assert found is TypeError
    else:
        assert issubclass(found, expected)


@pytest.mark.parametrize(
    "change",
    ["exp_", "log_", "sqrt_", "tanh_", "sigmoid_", "relu_", "abs_", "neg_", "zero_"],
)
def test_unary_changes_are_their_ops(change):
    values = [0.5, 1.5, 2.5]
    w, v = leaf(*values), leaf(*values)
    x = w * 1
    assert getattr(x, change)() is x
    y = v * 0 if change == "zero_" else getattr(v, change[:-1])()
    np.testing.assert_array_equal(x.detach().numpy(), y.detach().numpy())
    x.sum().backward()
    y.sum().backward()
    np.testing.assert_array_equal(w.grad.numpy(), v.grad.numpy())


@pytest.mark.parametrize("change", ["add_", "sub_", "mul_", "div_", "pow_", "clamp_", "fill_"])
def test_changes_with_a_number_are_their_ops(change):
    w, v = leaf(0.5, 1.5, 3.5), leaf(0.5, 1.5, 3.5)
    x = w * 1
    getattr(x, change)(2.0)
    y = v * 0 + 2 if change == "fill_" else getattr(v, change[:-1])(2.0)
    np.testing.assert_array_equal(x.detach().numpy(), y.detach().numpy())
    x.sum().backward()
    y.sum().backward()
    np.testing.assert_array_equal(w.grad.numpy(), v.grad.numpy())


def test_augmented_assignment_changes_in_place():
    x = autograd.tensor([4.0, 9.0])
    same = x
    x += 1
    x -= 2
    x *= 3
    x /= 4
    x **= 2
    assert x is same
    np.testing.assert_allclose(x.numpy(), ((np.array([4.0, 9.0]) - 1) * 3 / 4) ** 2)


def test_a_change_of_a_value_that_was_cast_is_allowed():
    w, n = leaf(1.0, 2.0), autograd.tensor([3, 4])
    y = (w * n).sum()
    n.add_(1)
    y.backward()
    assert w.grad.tolist() == [3, 4]


def test_an_operand_on_the_same_memory_is_copied_whoever_made_it():
    w = leaf(3.0)
    x = w * 1
    other = autograd.from_numpy(x.payload)
    x.mul_(other)
    x.sum().backward()
    assert w.grad.tolist() == [3]


def test_a_view_asked_under_no_grad_keeps_its_record():
    w = leaf(1.0, 2.0)
    x = w * 1
    view = x[0]
    x.mul_(5)
    with autograd.no_grad():
        assert view.requires_grad
    view.backward()
    assert w.grad.tolist() == [5, 0]
