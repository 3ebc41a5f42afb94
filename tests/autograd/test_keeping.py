"""What stays of a graph after backward, and what an op tells about it."""

import gc
import tracemalloc

import numpy as np
import pytest

import autograd
from autograd import keeping
from autograd.op import elementwise, structural

BIG = 200_000  # float32: 800 kB an array; ninety of them are more than stays whole


def chain(x, length):
    for _ in range(length):
        x = autograd.tanh(x)
    return x


def ops_of(root):
    found, left = [], [root.node]
    while left:
        node = left.pop()
        if isinstance(node, autograd.Op) and node not in found:
            found.append(node)
            left.extend(node.operands)
    return found


def test_a_small_graph_stays_whole():
    x = autograd.ones(3, requires_grad=True)
    y = (autograd.exp(x) * x).sum()
    y.backward()
    for op in ops_of(y):
        assert op.value is not None and op.grad is not None and op.contributions is not None
        assert all(saved is not None for saved in op.saved)
    product = y.node.operands[0]
    np.testing.assert_allclose(product.contributions[1], np.exp(np.ones(3)), rtol=1e-6)


def test_nothing_is_known_before_backward():
    x = autograd.ones(3, requires_grad=True)
    y = (x * 2).sum()
    assert y.node.grad is None and y.node.contributions is None and x.grad is None
    scalar = autograd.tensor(2.0, requires_grad=True) * 3
    assert scalar.node.grad is None and scalar.node.contributions is None


def test_a_large_graph_lets_go_of_its_large_payloads():
    x = autograd.ones(BIG, requires_grad=True)
    y = chain(x, 100).sum()
    y.backward()
    *_, first = ops_of(y)
    assert first.value is None and first.saved == (None,) and first.grad is None
    assert y.node.value is not None and y.node.grad == 1
    with pytest.raises(RuntimeError, match="spent"):
        y.backward()


def test_a_large_graph_that_is_retained_keeps_what_its_rules_need():
    x = autograd.ones(BIG, requires_grad=True)
    y = chain(x, 100).sum()
    y.backward(retain_graph=True)
    first = x.grad.payload.copy()
    y.backward()
    np.testing.assert_allclose(x.grad.payload, 2 * first, rtol=1e-6)


def test_inspect_keeps_a_large_graph():
    x = autograd.ones(BIG, requires_grad=True)
    with autograd.inspect():
        y = chain(x, 100).sum()
    y.backward()
    assert all(op.value is not None and op.grad is not None for op in ops_of(y))
    held = ops_of(y)[-1].contributions[0]
    assert not np.shares_memory(held, x.grad.payload)


def test_the_last_large_graph_is_released_when_the_next_is_recorded():
    x = autograd.ones(BIG, requires_grad=True)
    loss = (x * x).sum()
    loss.backward()
    square = loss.node.operands[0]
    assert square.value is not None
    small = autograd.ones(3, requires_grad=True) * 2
    assert square.value is not None and small.requires_grad
    x * x
    assert square.value is None and square.grad is None and square.contributions is None
    assert not keeping.pending_release()


def test_a_release_spares_graphs_that_can_be_walked_again():
    x = autograd.ones(BIG, requires_grad=True)
    loss = (x * x).sum()
    loss.backward(retain_graph=True)
    x * x
    loss.backward()
    assert x.grad.payload[0] == 4


def test_rebinding_the_loss_holds_one_graph_at_a_time():
    x = autograd.ones(BIG, requires_grad=True)
    loss = None
    held = []
    for _ in range(3):
        loss = chain(x * 1, 3).sum()
        loss.backward()
        held.append(loss.node)
    older = [op for root in held[:-1] for op in walk(root)]
    assert all(op.value is None for op in older if op.shape == (BIG,))


def walk(root):
    yield root
    for node in root.operands:
        if isinstance(node, autograd.Op):
            yield from walk(node)


def test_while_recording_a_large_output_that_no_rule_names_is_not_held():
    x = autograd.ones(600_000, requires_grad=True)  # 2.4 MB
    y = x + 1
    assert y.node.value is None and y.node.saved[0] is None
    z = autograd.exp(x)
    assert z.node.value is z.payload


def test_a_leaf_takes_what_waited_for_it_without_a_copy(monkeypatch):
    monkeypatch.setattr(keeping, "WHOLE_LIMIT", 0)
    x = autograd.ones(BIG, requires_grad=True)
    z = x[autograd.arange(BIG)]
    upstream = autograd.ones(BIG)
    tracemalloc.start()
    try:
        z.backward(upstream)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * x.payload.nbytes


def test_leaves_never_share_what_was_passed_on_to_them(monkeypatch):
    monkeypatch.setattr(keeping, "WHOLE_LIMIT", 0)
    x, y = (autograd.ones(BIG, requires_grad=True) for _ in range(2))
    upstream = autograd.ones(BIG)
    (x + y).backward(upstream)
    arrays = x.grad.payload, y.grad.payload, upstream.payload
    assert not any(np.shares_memory(arrays[i], arrays[j]) for i, j in ((0, 1), (0, 2), (1, 2)))


def test_changed_tells_which_operand_was_changed_since():
    x, w = autograd.ones(3, requires_grad=True), autograd.ones(3, requires_grad=True)
    y = (x * w).sum()
    y.backward()
    product = y.node.operands[0]
    assert product.changed == (False, False)
    with autograd.no_grad():
        w -= 0.1 * w.grad
    assert product.changed == (False, True)


def test_changed_of_scalars():
    x, w = autograd.tensor(3.0, requires_grad=True), autograd.tensor(2.0, requires_grad=True)
    y = x * w
    y.backward()
    assert y.node.changed == (False, False)
    with autograd.no_grad():
        w -= 0.1 * w.grad
    assert y.node.changed == (False, True)
    assert y.node.saved == (3, 2)


# ---------------------------------------------------------------- what an op tells


def test_an_op_reads_the_same_however_many_operands_it_has():
    x = autograd.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    s = autograd.tensor(2.0, requires_grad=True)
    unary, binary = autograd.exp(s).node, (s * 3).node
    total, joined = x.sum(0).node, autograd.cat([x, autograd.ones(1, 2), x]).node
    assert (unary.name, unary.operands, unary.operand_names) == ("exp", (s.node,), ("x",))
    assert (binary.operands, binary.saved, binary.operand_names) == (
        (s.node, None),
        (2, 3),
        ("x", "y"),
    )
    assert (total.attributes, total.shape, total.dtype) == (
        {"dim": 0, "keepdim": False},
        (2,),
        np.float32,
    )
    assert joined.operands == (x.node, None, x.node)
    assert joined.operand_names == ("tensors[0]", "tensors[1]", "tensors[2]")
    for op in (unary, binary, total, joined):
        assert len(op.partials) == len(op.saved) == len(op.changed) == len(op.operands)
        assert op.value is not None and op.source is None and op.module == "" and op.ties == "torch"
    assert unary.sequence < binary.sequence < total.sequence < joined.sequence
    assert "exp" in repr(unary) and "cat" in repr(joined)


def test_partials_are_the_rules_with_an_upstream_of_one():
    x = autograd.tensor([1.0, -2.0, 4.0], requires_grad=True)
    y = autograd.tensor([2.0, 2.0, 2.0], requires_grad=True)
    partials = {
        "multiply": (x * y).node.partials,
        "divide": (x / y).node.partials,
        "relu": autograd.relu(x).node.partials,
        "add": (x + y).node.partials,
        "power": (x**2).node.partials,
    }
    assert [p.tolist() for p in partials["multiply"]] == [[2, 2, 2], [1, -2, 4]]
    assert [p.tolist() for p in partials["divide"]] == [[0.5] * 3, [-0.25, 0.5, -1]]
    assert partials["relu"][0].tolist() == [1, 0, 1]
    assert [p.tolist() for p in partials["add"]] == [[1] * 3, [1] * 3]
    assert partials["power"][0].tolist() == [2, -4, 8] and partials["power"][1] is None
    assert x.sum().node.partials == (None,)


def test_an_absent_operand_has_no_edge():
    @structural(x=lambda upstream: upstream, bias=lambda upstream: upstream)
    def shifted(x, bias=None):
        return x * 1 if bias is None else x + bias

    x, b = autograd.ones(2, requires_grad=True), autograd.ones(2, requires_grad=True)
    y = shifted(x)
    assert y.node.operands == (x.node, None) and y.node.saved[1] is None
    shifted(x, b).sum().backward()
    y.sum().backward()
    assert x.grad.tolist() == [2, 2] and b.grad.tolist() == [1, 1]


def test_a_rule_for_something_unknown_is_refused_at_once():
    with pytest.raises(TypeError, match=r"wrong: rules for \{'w'\}, which are not operands"):

        @elementwise(w=1)
        def wrong(x):
            return x

    with pytest.raises(TypeError, match=r"wrong: a rule names \{'weight'\}"):

        @elementwise(x=lambda weight: weight)
        def wrong(x):
            return x


def test_nodes_hash_by_identity():
    x = autograd.ones(2, requires_grad=True)
    one, other = (x * 2).node, (x * 2).node
    assert len({one, other, x.node}) == 3 and one == one and one != other


def test_leaves_tell_their_value_and_gradient():
    x = autograd.ones(2, requires_grad=True)
    leaf = x.node
    assert leaf.value is x.payload and leaf.shape == (2,) and leaf.dtype == np.float32
    assert leaf.grad is None and leaf.name is None
    x.sum().backward()
    assert leaf.grad is x.grad
    gc.collect()
