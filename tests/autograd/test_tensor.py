"""Tensor as a Python object: comparing, formatting, printing, and operands that are no numbers."""

import numpy as np
import pytest

import autograd


def test_what_is_no_number_equals_nothing():
    x = autograd.tensor([1.0, 2.0])
    for other in (None, "1", [1.0, 2.0], object()):
        assert (x == other) is False
        assert (x != other) is True
    assert (x == 1).tolist() == [True, False]
    assert (x != np.array([1, 3])).tolist() == [False, True]


def test_a_scalar_formats_as_its_number():
    x = autograd.tensor(2.5, requires_grad=True)
    assert f"{x}" == "2.5" and f"{x:.2f}" == "2.50"
    assert f"{autograd.tensor([1.0, 2.0])}" == "tensor([1., 2.])"
    with pytest.raises(TypeError, match=r"format: '.2f' formats one number, got shape \(2,\)"):
        f"{autograd.tensor([1.0, 2.0]):.2f}"


@pytest.mark.parametrize(
    ("make", "written"),
    [
        (lambda: autograd.tensor([]), "tensor([])"),
        (lambda: autograd.zeros(2, 0), "tensor([], size=(2, 0))"),
        (lambda: autograd.zeros(0, dtype=np.int64), "tensor([], dtype=int64)"),
    ],
)
def test_empty_tensors_print_their_size_where_it_does_not_show(make, written):
    assert repr(make()) == written


@pytest.mark.parametrize("shape", [(), (2,)])
@pytest.mark.parametrize("other", [None, "a", 1j, {}], ids=repr)
def test_operands_that_are_no_numbers_are_named(shape, other):
    x = autograd.ones(shape, requires_grad=True)
    message = f"expected a Tensor, an array or a number, got {type(other).__name__}"
    for operation in (lambda: x * other, lambda: other * x, lambda: autograd.add(x, other)):
        with pytest.raises(TypeError, match=message):
            operation()


def test_a_list_among_the_operands_holds_numbers():
    x = autograd.ones(2, requires_grad=True)
    with pytest.raises(TypeError, match="multiply: got a list of Tensors; join them with"):
        x * [autograd.tensor(1.0), autograd.tensor(2.0)]
    with pytest.raises(TypeError, match="multiply: expected numbers, got a list of dtype"):
        x * ["a", "b"]


def test_ragged_lists_are_refused():
    with pytest.raises(ValueError, match="tensor: expected lists of equal length"):
        autograd.tensor([[1.0, 2.0], [3.0]])


def test_a_gradient_must_be_a_tensor():
    x = autograd.ones(2, requires_grad=True)
    with pytest.raises(TypeError, match="grad: expected a Tensor or None, got float"):
        x.grad = 1.0
    with pytest.raises(RuntimeError, match="only on a leaf that requires grad, got the output of"):
        (x * 2).grad = autograd.ones(2)
    with pytest.raises(RuntimeError, match="got a tensor that requires none"):
        autograd.ones(2).grad = autograd.ones(2)


@pytest.mark.parametrize("value", [None, "a", {}], ids=repr)
def test_only_numbers_can_be_written(value):
    x = autograd.zeros(2)
    with pytest.raises(TypeError, match=r"x\[index\] = value: expected a Tensor, an array or a nu"):
        x[0] = value
    with pytest.raises(TypeError, match="got a list of Tensors; join them with autograd.stack"):
        x[:] = [autograd.tensor(1.0), autograd.tensor(2.0)]
    x[:] = [3, 4]
    assert x.tolist() == [3, 4]
    y = autograd.zeros(2, dtype=np.float64)
    y[:] = [0.1, 0.2]
    assert y.tolist() == [0.1, 0.2]


def test_the_larger_of_two_tensors():
    x = autograd.tensor([1.0, 5.0], requires_grad=True)
    y = autograd.tensor([2.0, 2.0], requires_grad=True)
    (autograd.max(x, y).sum() + 10 * autograd.min(x, y).sum()).backward()
    assert x.grad.tolist() == [10, 1] and y.grad.tolist() == [1, 10]


def test_reductions_take_numpys_names_as_pytorchs_do():
    x = autograd.tensor([[1.0, 2.0], [3.0, 5.0]])
    assert x.sum(axis=0, keepdims=True).tolist() == [[4, 7]]
    assert x.max(axis=1).indices.tolist() == [1, 1]
    assert autograd.mean(x, axis=1).tolist() == [1.5, 4]
    with pytest.raises(TypeError, match="unexpected keyword argument 'along'"):
        x.sum(along=0)


def test_variances_take_unbiased_too():
    x = autograd.tensor([[1.0, 2.0], [3.0, 6.0]])
    assert x.var(0, unbiased=False).tolist() == [1, 4]
    assert x.std(0, unbiased=True).tolist() == x.std(0).tolist()


def test_joining_takes_any_iterable_and_names_the_usual_slip():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    assert autograd.stack(v * 2 for v in x).tolist() == [2, 4]
    assert autograd.cat(v for v in (x, x)).tolist() == [1, 2, 1, 2]
    with pytest.raises(TypeError, match="cat: expected the tensors as one list, .* got Tensor"):
        autograd.cat(x, x)


def test_numpy_does_not_lose_a_gradient_unasked():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    for lose in (lambda: np.asarray(x), lambda: np.sum([x[0], x[1]]), lambda: np.array([x, x])):
        with pytest.raises(RuntimeError, match="NumPy would lose the gradient .* autograd.stack"):
            lose()
    assert np.asarray(x.detach()).tolist() == x.numpy().tolist() == [1, 2]


def test_inner_products():
    x, y = autograd.tensor([1.0, 2.0], requires_grad=True), autograd.tensor([3.0, 4.0])
    assert x.dot(y).item() == np.dot(x, y).item() == 11
    assert np.dot(autograd.eye(2), x).tolist() == [1, 2] and np.dot(2.0, x).tolist() == [2, 4]
    with pytest.raises(RuntimeError, match=r"dot: expected two vectors, got shapes \(2, 2\)"):
        autograd.eye(2).dot(x)
    assert np.dot(autograd.ones(2, 2, 2), x).tolist() == [[3, 3], [3, 3]]


def test_integers_are_not_divided_by_zero():
    for divide in (lambda x: x // 0, lambda x: x % 0, lambda x: x // autograd.tensor([0, 1])):
        with pytest.raises(ZeroDivisionError, match="integers cannot be divided by 0"):
            divide(autograd.tensor([1, 2]))


def test_random_integers_take_pytorchs_arguments():
    assert autograd.randint(5, (20,)).shape == (20,)
    drawn = autograd.randint(3, 5, (2, 50))
    assert set(drawn.numpy().ravel()) == {3, 4}
    with pytest.raises(RuntimeError, match=r"randint: there is no integer in \[5, 5\)"):
        autograd.randint(5, 5, (2,))


def test_a_mode_on_a_generator_function_holds_while_it_runs():
    def modes():
        try:
            got = yield autograd.is_grad_enabled()
            yield got, autograd.is_grad_enabled()
        except KeyError:
            yield "caught", autograd.is_grad_enabled()
        return "end"

    for decorate in (autograd.no_grad(), autograd.no_grad):
        going = decorate(modes)()
        assert next(going) is False and autograd.is_grad_enabled()
        assert going.send(7) == (7, False) and autograd.is_grad_enabled()
        assert going.throw(KeyError()) == ("caught", False) and autograd.is_grad_enabled()
        with pytest.raises(StopIteration, match="end"):
            next(going)
        left = decorate(modes)()
        next(left)
        left.close()
        assert autograd.is_grad_enabled()


def test_lengths_and_steps_of_new_tensors_are_checked():
    with pytest.raises(RuntimeError, match=r"zeros: expected lengths of 0 or more, got \(2, -1\)"):
        autograd.zeros(2, -1)
    with pytest.raises(RuntimeError, match="arange: step must not be 0"):
        autograd.arange(0, 5, 0)
    with pytest.raises(RuntimeError, match="linspace: steps must be 0 or more, got -1"):
        autograd.linspace(0, 1, -1)


def test_where_a_walk_begins_and_ends_is_checked():
    x = autograd.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="backward: got 1 root and 2 gradients"):
        (x * 2).backward([1, 2])
    for root in (3.0, [3.0], None):
        with pytest.raises(TypeError, match="grad: expected a Tensor to go back from, got "):
            autograd.grad(root, x)
    with pytest.raises(TypeError, match="inputs: expected Tensors that require a gradient, got nd"):
        (x * 2).sum().backward(inputs=[np.ones(2)])
    with pytest.raises(TypeError, match="no_grad: expected nothing, or a function to decorate, go"):
        autograd.no_grad(5)


def test_a_leaf_that_is_frozen_and_freed_keeps_its_gradient_and_its_place_in_graphs():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    y = (x * 3).sum()
    x.requires_grad_(False)
    assert x.grad.tolist() == [2, 4] and not (x * 2).requires_grad
    z = x * 1
    x.requires_grad_()
    y.backward(retain_graph=True)
    assert x.grad.tolist() == [5, 7] and not z.requires_grad
    x.requires_grad_(False)
    y.backward()
    assert x.grad.tolist() == [5, 7]
    x.requires_grad_(False)
    x.grad = None
    x.requires_grad_()
    assert x.grad is None


def test_a_shape_is_not_taken_for_a_value_and_a_wish_for_a_gradient():
    with pytest.raises(TypeError, match=r"Tensor: requires_grad is True or False, got 3"):
        autograd.Tensor(2.0, 3)
    assert autograd.Tensor(2.0, np.True_).requires_grad
