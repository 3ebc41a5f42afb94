"""Every option of backward and grad does what PyTorch's does: one program, run by both."""

import numpy as np
import pytest

import autograd


class Ours:
    """Backlight behind the names that the programs use."""

    grad = staticmethod(autograd.grad)
    backward = staticmethod(autograd.backward)

    def leaf(self, *values, dtype="float64"):
        return autograd.tensor(list(values), dtype=dtype, requires_grad=True)

    def scalar(self, value):
        return autograd.tensor(value, dtype="float64", requires_grad=True)

    def constant(self, *values, dtype="float64"):
        return autograd.tensor(list(values), dtype=dtype)


class Theirs:
    """PyTorch behind the same names."""

    def __init__(self, torch):
        self.torch = torch
        self.grad = torch.autograd.grad
        self.backward = torch.autograd.backward

    def leaf(self, *values, dtype="float64"):
        return self.constant(*values, dtype=dtype).requires_grad_()

    def scalar(self, value):
        return self.torch.tensor(value, dtype=self.torch.float64, requires_grad=True)

    def constant(self, *values, dtype="float64"):
        return self.torch.tensor(list(values), dtype=getattr(self.torch, dtype))


def plain(result):
    """Return Tensors as (values, dtype, requires_grad)."""
    if isinstance(result, (tuple, list)):
        return [plain(item) for item in result]
    if hasattr(result, "tolist"):
        return result.tolist(), str(result.dtype).removeprefix("torch."), result.requires_grad
    return result


SAME = []
REFUSED = []


def same(program):
    SAME.append(program)
    return program


def refused(error, match):
    """Register a program that both refuse, ours with ``error`` and a sentence."""

    def register(program):
        REFUSED.append(pytest.param(program, error, match, id=program.__name__))
        return program

    return register


# ---------------------------------------------------------------- inputs of grad


@same
def an_unused_input_is_none_where_allowed(lib):
    x, w = lib.leaf(1.0, 2.0), lib.leaf(3.0)
    return lib.grad((x * 2).sum(), [x, w], allow_unused=True)


@same
def only_inputs_as_gradient_penalties_say_it(lib):
    x = lib.leaf(1.0, 2.0)
    y = x * x
    (slope,) = lib.grad(y, x, y * 0 + 1, True, True, only_inputs=True)
    return slope, lib.grad((slope * slope).sum(), x, None, None, False, True, True)


@same
def an_unused_input_is_zero_where_materialized(lib):
    x, w = lib.leaf(1.0, 2.0), lib.leaf(3.0)
    y = (x * 2).sum()
    plain = lib.grad(y, [x, w], materialize_grads=True, retain_graph=True)
    return plain, lib.grad(y, [x, w], materialize_grads=True, create_graph=True)[1]


@refused(RuntimeError, "the outputs do not depend on input 1; pass allow_unused=True")
def an_unused_input(lib):
    x, w = lib.leaf(1.0, 2.0), lib.leaf(3.0)
    lib.grad((x * 2).sum(), [x, w])


@refused(ValueError, "materialize_grads=True allows what allow_unused=False forbids")
def materialized_but_not_allowed(lib):
    x = lib.leaf(1.0)
    lib.grad(x.sum(), x, allow_unused=False, materialize_grads=True)


@same
def inputs_that_were_computed(lib):
    x = lib.leaf(1.0, 2.0)
    h = x * 3
    return lib.grad((h * h).sum(), [h, x])


@same
def an_input_twice(lib):
    x = lib.leaf(1.0, 2.0)
    return lib.grad((x * x).sum(), [x, x])


@same
def an_output_that_is_an_input(lib):
    x = lib.scalar(2.0)
    y = x * x
    return lib.grad(x, x), lib.grad(y, [y, x])


@same
def a_view_that_the_output_does_not_come_from(lib):
    x = lib.leaf(1.0, 2.0)
    return lib.grad((x * x).sum(), x[0], allow_unused=True)


@refused(RuntimeError, r"inputs: expected Tensors that require a gradient, got one of shape \(2,\)")
def an_input_that_requires_none(lib):
    x = lib.leaf(1.0, 2.0)
    lib.grad(x.sum(), [x, lib.constant(1.0, 2.0)], allow_unused=True)


@refused(RuntimeError, "inputs: expected Tensors that require a gradient")
def an_integer_input(lib):
    x = lib.leaf(1.0, 2.0)
    lib.grad(x.sum(), lib.constant(1, 2, dtype="int64"))


@refused(TypeError, "inputs: expected Tensors that require a gradient, got int")
def an_input_that_is_no_tensor(lib):
    lib.grad(lib.leaf(1.0).sum(), 3)


@refused(RuntimeError, "grad: inputs is empty")
def no_inputs(lib):
    lib.grad(lib.leaf(1.0).sum(), [])


# ---------------------------------------------------------------- outputs and their gradients


@same
def an_output_twice(lib):
    x = lib.scalar(2.0)
    y = x * x
    return lib.grad([y, y], x)


@same
def a_gradient_of_another_dtype_is_cast(lib):
    x = lib.leaf(1.0, 2.0)
    one = lib.grad(x * 2, x, lib.constant(1.0, 2.0, dtype="float32"))
    return one, lib.grad(x * 2, x, lib.constant(1, 2, dtype="int64"))


@same
def some_gradients_may_be_left_out(lib):
    x = lib.leaf(1.0, 2.0)
    return lib.grad([x.sum(), x * 2], x, [None, lib.constant(1.0, 1.0)])


@same
def a_list_of_one(lib):
    x = lib.leaf(1.0, 2.0)
    return lib.grad(x * 2, x, [lib.constant(1.0, 1.0)])


@same
def gradients_have_their_inputs_dtype(lib):
    x = lib.leaf(1.0, 2.0, dtype="float32")
    return lib.grad((lib.constant(1.0, 2.0) * x).sum(), x)


@refused(RuntimeError, r"expected a gradient of shape \(2,\), got \(3,\)")
def a_gradient_of_another_shape(lib):
    x = lib.leaf(1.0, 2.0)
    lib.grad(x * 2, x, lib.constant(1.0, 2.0, 3.0))


@refused(RuntimeError, r"expected a gradient of shape \(2,\), got \(1,\)")
def a_gradient_that_would_broadcast(lib):
    x = lib.leaf(1.0, 2.0)
    lib.grad(x * 2, x, lib.constant(1.0))


@refused(RuntimeError, r"a tensor of shape \(2,\) is no scalar; pass its gradient")
def no_gradient_for_what_is_no_scalar(lib):
    x = lib.leaf(1.0, 2.0)
    lib.grad([x * 2], x, [None])


@refused(RuntimeError, "got 2 roots and 1 gradients")
def too_few_gradients(lib):
    x = lib.leaf(1.0, 2.0)
    lib.grad([x.sum(), x * 2], x, [lib.constant(1.0, 1.0)])


@refused(RuntimeError, "the tensor requires no gradient; no operand had requires_grad=True")
def an_output_that_requires_none(lib):
    x = lib.leaf(1.0, 2.0)
    lib.grad([x.sum(), lib.constant(1.0).sum()], x)


@refused(TypeError, "expected a Tensor to go back from, got int")
def an_output_that_is_no_tensor(lib):
    lib.grad(3, lib.leaf(1.0))


# ---------------------------------------------------------------- batches of gradients


@same
def a_batch_of_gradients(lib):
    x, w = lib.leaf(1.0, 2.0), lib.leaf(3.0)
    rows = lib.constant([1.0, 0.0], [0.0, 1.0], [2.0, 3.0])
    y = x * x * w
    return lib.grad(y, [x, w], rows, is_grads_batched=True)


@refused(RuntimeError, "with is_grads_batched=True each of grad_outputs has to have one more axis")
def batches_of_different_lengths(lib):
    x = lib.leaf(1.0, 2.0)
    pair = [lib.constant([1.0, 0.0]), lib.constant([1.0, 0.0], [0.0, 1.0])]
    lib.grad([x * 2, x * 3], x, pair, is_grads_batched=True)


def test_a_batch_of_gradients_can_be_differentiated():
    x = Ours().leaf(1.0, 2.0)
    eye = np.eye(2)
    (rows,) = autograd.grad(x * x * x, x, eye, create_graph=True, is_grads_batched=True)
    assert rows.tolist() == [[3, 0], [0, 12]]
    assert autograd.grad(rows.sum(), x)[0].tolist() == [6, 12]


# ---------------------------------------------------------------- backward


@same
def backward_with_pytorchs_names(lib):
    x = lib.leaf(1.0, 2.0)
    lib.backward(tensors=[x * 2], grad_tensors=[lib.constant(1.0, 2.0)])
    lib.backward(x * 2, lib.constant(1.0, 2.0))
    lib.backward([x.sum(), x.sum()], [None, None])
    return x.grad


@same
def backward_by_position(lib):
    x = lib.leaf(1.0, 2.0)
    y = x * x
    y.backward(lib.constant(1.0, 1.0), True)
    y.backward(lib.constant(1.0, 1.0), True, False, [x])
    return x.grad


@same
def backward_of_one_element(lib):
    x = lib.leaf(1.0)
    (x * 2).backward()
    return x.grad


@same
def inputs_that_were_computed_accumulate(lib):
    x = lib.leaf(1.0, 2.0)
    h = x * 3
    y = (h * h).sum()
    y.backward(inputs=[h], retain_graph=True)
    y.backward(inputs=[h], retain_graph=True)
    only = h.grad.tolist(), x.grad
    y.backward(inputs=[h, x], retain_graph=True)
    y.backward()  # a tensor that was an input once retains its gradient
    return only, h.grad, x.grad, h.retains_grad


@same
def inputs_that_retain_receive_once(lib):
    x = lib.leaf(1.0, 2.0)
    h = x * 3
    h.retain_grad()
    (h * h).sum().backward(inputs=[h])
    return h.grad


@same
def inputs_that_repeat_or_are_not_reached(lib):
    x, w = lib.leaf(1.0, 2.0), lib.leaf(3.0)
    x.sum().backward(inputs=[x, x])
    x.sum().backward(inputs=x)
    x.sum().backward(inputs=[w])
    return x.grad, w.grad


@refused(RuntimeError, "backward: inputs is empty; leave it out to go to all leaves")
def backward_to_no_inputs(lib):
    lib.leaf(1.0).sum().backward(inputs=[])


@refused(RuntimeError, "inputs: expected Tensors that require a gradient")
def backward_to_what_requires_none(lib):
    lib.leaf(1.0).sum().backward(inputs=[lib.constant(1.0)])


@refused(RuntimeError, "sum was passed by an earlier backward.*retain_graph=True")
def backward_twice(lib):
    x = lib.leaf(1.0, 2.0)
    y = (x * x).sum()
    y.backward()
    y.backward()


@refused(RuntimeError, "spent; give that one retain_graph=True")
def grad_twice(lib):
    x = lib.scalar(2.0)
    y = x * x
    lib.grad(y, x)
    lib.grad(y, x)


@refused(RuntimeError, "spent; give that one retain_graph=True")
def create_graph_without_retaining(lib):
    x = lib.scalar(2.0)
    y = x * x
    lib.grad(y, x, create_graph=True, retain_graph=False)
    lib.grad(y, x)


@same
def create_graph_retains(lib):
    x = lib.scalar(2.0)
    y = x * x
    lib.grad(y, x, create_graph=True)
    return lib.grad(y, x)


@same
def backward_with_create_graph(lib):
    x = lib.leaf(1.0, 2.0)
    (x * x).sum().backward(create_graph=True)
    slope, x.grad = x.grad, None
    return slope, lib.grad(slope.sum(), x)


# ---------------------------------------------------------------- .grad


@same
def grad_is_one_tensor_that_grows(lib):
    x = lib.leaf(1.0, 2.0)
    x.grad = given = lib.constant(10.0, 20.0)
    for _ in range(2):
        x.sum().backward()
    return x.grad is given, given


@refused(RuntimeError, r"grad: expected shape \(2,\) and dtype float64, got \(1,\)")
def grad_of_another_shape(lib):
    lib.leaf(1.0, 2.0).grad = lib.constant(1.0)


@refused(RuntimeError, "got .* float32")
def grad_of_another_dtype(lib):
    lib.leaf(1.0, 2.0).grad = lib.constant(1.0, 2.0, dtype="float32")


@refused(TypeError, "grad: expected a Tensor or None, got float")
def grad_that_is_no_tensor(lib):
    lib.leaf(1.0, 2.0).grad = 3.0


# ---------------------------------------------------------------- leaves


@same
def what_a_leaf_is(lib):
    x = lib.leaf(1.0)
    y = x * 2
    constant = lib.constant(1.0)
    tensors = [x, y, y.detach(), constant, constant * 2]
    return [(t.is_leaf, t.requires_grad, t.grad_fn is None) for t in tensors]


@same
def detached_in_place(lib):
    x = lib.leaf(1.0)
    y = x * 2
    z = y * 3
    again = y.detach_()
    z.sum().backward()
    leaf = lib.leaf(1.0)
    leaf.detach_()
    return again is y, y.is_leaf, y.requires_grad, x.grad, leaf.requires_grad


@refused(RuntimeError, r"detach_: a view cannot be detached in place; use detach\(\)")
def a_view_detached_in_place(lib):
    (lib.leaf(1.0, 2.0) * 1)[0].detach_()


@same
def requires_grad_of_what_was_computed(lib):
    return (lib.leaf(1.0) * 2).requires_grad_(True).requires_grad


@refused(RuntimeError, "only leaves can be told so; use detach")
def requires_grad_taken_from_what_was_computed(lib):
    (lib.leaf(1.0) * 2).requires_grad_(False)


@refused(RuntimeError, "only floating-point tensors can require a gradient, got int64")
def requires_grad_of_integers(lib):
    lib.constant(1, 2, dtype="int64").requires_grad_()


# ---------------------------------------------------------------- the comparison


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("program", SAME, ids=lambda program: program.__name__)
def test_both_do_the_same(program, torch):
    assert plain(program(Ours())) == plain(program(Theirs(torch)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("program", "error", "match"), REFUSED)
def test_both_refuse(program, error, match, torch):
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        program(Theirs(torch))
    with pytest.raises(error, match=match):
        program(Ours())


def test_gradients_of_other_tensors_are_not_what_grad_returns():  # PyTorch only warns
    x = autograd.ones(2, requires_grad=True)
    with pytest.raises(ValueError, match="only_inputs=False would accumulate into .grad"):
        autograd.grad(x.sum(), x, only_inputs=False)
