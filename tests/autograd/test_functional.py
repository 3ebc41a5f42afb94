"""Functional transforms: nested to any order, on trees, on closures, with nothing left behind."""

import gc
import itertools
import math
import threading

import numpy as np
import pytest

import autograd
from autograd import functional
from autograd.functional import grad, grad_and_value, jacfwd, jacrev
from autograd.functional.tree import build, flatten, structure


def vector(*values):
    return autograd.tensor(np.array(values, np.float64))


def number(value, **options):
    return autograd.tensor(np.float64(value), **options)


def derivative_by_reverse(f):
    return grad(f)


def derivative_by_forward(f):
    return lambda x: autograd.jvp(f, (x,), (x * 0 + 1,))[1]


def derivative_by_jacobian(f):
    return jacrev(f)


def derivative_by_pull(f):
    return lambda x: autograd.vjp(f, x)[1](number(1.0))[0]


WAYS = (
    derivative_by_reverse,
    derivative_by_forward,
    derivative_by_jacobian,
    derivative_by_pull,
)


# ---------------------------------------------------------------- nesting


ORDERS = list(itertools.product(WAYS, repeat=3))


def names(ways):
    return "-".join(way.__name__.removeprefix("derivative_by_") for way in ways)


@pytest.mark.parametrize("ways", ORDERS, ids=names)
def test_derivatives_nest_in_every_order(ways):
    def f(x):
        return autograd.sin(x) * x**3

    for way in ways:
        f = way(f)
    x = 0.7
    expected = (
        6 * np.sin(x) + 18 * x * np.cos(x) - 9 * x**2 * np.sin(x) - x**3 * np.cos(x)
    )  # the third derivative, by Leibniz
    assert f(number(x)).item() == pytest.approx(expected, rel=1e-12)
    assert not f(number(x)).requires_grad


def test_a_sixth_derivative():
    f = autograd.exp
    for _ in range(6):
        f = grad(f)
    assert f(number(0.3)).item() == pytest.approx(np.exp(0.3), rel=1e-14)


@pytest.mark.parametrize("outer", WAYS)
@pytest.mark.parametrize("inner", WAYS)
def test_perturbations_are_not_confused(outer, inner):
    # d/dx (x * d/dy (x + y) at y = 1) is 1, not 2
    f = outer(lambda x: x * inner(lambda y: x + y)(number(1.0)))
    assert f(number(3.0)).item() == 1
    g = outer(lambda x: inner(lambda y: x * x * y * y)(x))  # 2 x^3
    assert g(number(3.0)).item() == pytest.approx(54)


def test_what_does_not_lead_out_is_plain():
    x = number(2.0)
    assert not grad(lambda x: x**3)(x).requires_grad
    output, _ = autograd.vjp(lambda x: x**3, x)
    assert not output.requires_grad
    # An inner call's own input is not something outside of the outer call.
    outer = grad(lambda x: autograd.vjp(lambda y: x * y, number(5.0))[0])(x)
    assert outer.item() == 5 and not outer.requires_grad
    w = number(3.0, requires_grad=True)
    first, second = autograd.vjp(lambda x: (x * x, w * x), x)[0]
    assert second.requires_grad and not first.requires_grad


# ---------------------------------------------------------------- closures, modes, .grad


@pytest.mark.parametrize("way", WAYS)
def test_closures_over_tensors_that_require_grad_are_differentiated(way):
    w = number(3.0, requires_grad=True)
    slope = way(lambda x: w**2 * x**2)(number(5.0))
    assert slope.item() == 90 and w.grad is None
    (found,) = autograd.grad(slope, w)  # d/dw 2 w^2 x
    assert found.item() == 60


@pytest.mark.parametrize("way", WAYS)
def test_inputs_that_require_grad_are_differentiated_too(way):
    x = number(2.0, requires_grad=True)
    slope = way(lambda x: x**3)(x)
    assert x.grad is None
    slope.backward()
    assert x.grad.item() == 12


def test_results_inside_no_grad_are_plain_and_right():
    x = number(2.0, requires_grad=True)
    with autograd.no_grad():
        slope = grad(lambda x: x**3)(x)
        _, tangent = autograd.jvp(lambda x: x**3, x, 1.0)
        second = grad(grad(lambda x: x**3))(x)
        block = autograd.jacobian(lambda x: x**3, x)
    assert [t.item() for t in (slope, tangent, second, block)] == [12, 12, 12, 12]
    assert not any(t.requires_grad for t in (slope, tangent, second, block))


def test_no_grad_inside_the_function_is_respected():
    def f(x):
        with autograd.no_grad():
            c = x**2
        return c * x

    assert grad(f)(number(3.0)).item() == 9


def test_no_gradient_is_touched_and_no_graph_is_spent():
    x = vector(1.0, 2.0).requires_grad_()
    w = vector(3.0, 4.0).requires_grad_()
    y = x * w

    def loss(z):
        return (z * y).sum()

    grad(loss)(x)
    autograd.jvp(loss, x, np.ones(2))
    autograd.hessian(loss, x)
    autograd.jacobian(lambda z: z * y, x)
    autograd.hvp(loss, x, np.ones(2))
    assert x.grad is None and w.grad is None and y.grad is None
    y.sum().backward()  # still there
    assert x.grad.tolist() == [3, 4]


def test_a_vjp_may_be_asked_again_and_with_a_recorded_cotangent():
    x = vector(1.0, 2.0)
    output, pull = autograd.vjp(lambda x: x**2, x)
    assert pull(vector(1.0, 0.0))[0].tolist() == [2, 0]
    assert pull(vector(0.0, 1.0))[0].tolist() == [0, 4]
    u = vector(1.0, 1.0).requires_grad_()
    (g,) = pull(u)
    assert g.requires_grad
    g.sum().backward()
    assert u.grad.tolist() == [2, 4]
    x.mul_(10)
    with pytest.raises(RuntimeError, match="changed in place"):
        pull(vector(1.0, 1.0))


def test_a_function_may_not_change_its_input_in_place():
    x = vector(1.0, 2.0)
    with pytest.raises(RuntimeError, match="mul_: a leaf that requires grad"):
        grad(lambda x: x.mul_(2).sum())(x)


# ---------------------------------------------------------------- arguments and trees


def test_argnums_and_aux():
    def f(x, y, scale=1.0):
        return (x * y).sum() * scale, {"product": x * y, "note": "said"}

    x, y = vector(1.0, 2.0), vector(3.0, 5.0)
    g, aux = grad(f, has_aux=True)(x, y, scale=10.0)
    assert g.tolist() == [30, 50] and aux["note"] == "said"
    assert aux["product"].tolist() == [3, 10] and not aux["product"].requires_grad
    (gx, gy), _ = grad(f, argnums=(0, -1), has_aux=True)(x, y)
    assert gx.tolist() == y.tolist() and gy.tolist() == x.tolist()
    (value, _), slope = autograd.value_and_grad(f, 1, has_aux=True)(x, y)
    assert value.item() == 13 and slope.tolist() == [1, 2]
    slope, (value, _) = grad_and_value(f, 1, has_aux=True)(x, y)
    assert value.item() == 13 and slope.tolist() == [1, 2]
    output, pull, aux = autograd.vjp(f, x, y, has_aux=True)
    assert pull(number(2.0))[1].tolist() == [2, 4] and aux["note"] == "said"
    output, tangent, aux = autograd.jvp(f, (x, y), (x, y), has_aux=True)
    assert (output.item(), tangent.item(), aux["note"]) == (13, 26, "said")
    block, aux = jacrev(f, has_aux=True)(x, y)
    assert block.tolist() == [3, 5] and aux["note"] == "said"


def test_trees_of_parameters_and_of_outputs():
    parameters = {"weight": vector(1.0, 2.0), "layers": [number(3.0), (number(4.0),)]}

    def f(p, x):
        return {"y": (p["weight"] * x).sum() * p["layers"][0], "z": [p["layers"][1][0] * x]}

    x = vector(5.0, 6.0)
    g = grad(lambda p: f(p, x)["y"])(parameters)
    assert g["weight"].tolist() == [15, 18]
    assert g["layers"][0].item() == 17 and g["layers"][1][0].item() == 0
    output, pull = autograd.vjp(lambda p: f(p, x), parameters)
    (back,) = pull({"y": number(1.0), "z": [vector(1.0, 1.0)]})
    assert back["layers"][1][0].item() == 11
    _, tangent = autograd.jvp(lambda p: f(p, x), (parameters,), (parameters,))
    assert tangent["y"].item() == 2 * output["y"].item()
    assert tangent["z"][0].tolist() == output["z"][0].tolist()
    blocks = jacrev(lambda p: f(p, x))(parameters)
    assert blocks["z"][0]["layers"][1][0].tolist() == [5, 6]
    assert blocks["z"][0]["weight"].tolist() == [[0, 0], [0, 0]]


def test_a_tree_of_other_leaves_keeps_its_types():
    pair = autograd.max(vector(1.0, 2.0), dim=0)
    leaves, rebuild = flatten({"a": [1, (2, 3)], "b": pair})
    assert leaves[:3] == [1, 2, 3]
    again = build(rebuild, "vwxyz")
    assert again["a"] == ["v", ("w", "x")] and again["b"].indices == "z"
    assert structure({"a": [1, (2,)]}) == "{'a': [*, (*,)]}"


def test_numbers_and_arrays_are_arguments_too():
    assert grad(lambda x: x * x)(3.0).item() == 6
    assert grad(lambda x: (x * x).sum())(np.array([1.0, 2.0])).tolist() == [2, 4]
    assert grad(lambda x: x * x)(3.0).dtype == np.float32
    value, slope = autograd.value_and_grad(autograd.sin)(np.float64(0.5))
    assert (value.item(), slope.item()) == (np.sin(0.5), np.cos(0.5))


def test_an_independent_input_has_zeros_and_strict_says_so():
    x, y = vector(1.0, 2.0), vector(3.0, 4.0)
    gx, gy = grad(lambda x, y: x.sum(), (0, 1))(x, y)
    assert gy.tolist() == [0, 0]
    constant = autograd.ones(2)
    _, tangent = autograd.jvp(lambda x: constant, x, y)
    assert tangent.tolist() == [0, 0] and tangent.dtype == np.float32
    assert autograd.vjp(lambda x: constant, x)[1](constant)[0].tolist() == [0, 0]
    assert autograd.jacobian(lambda x: constant, x).tolist() == [[0, 0], [0, 0]]
    assert autograd.hessian(lambda x: x.sum(), x).tolist() == [[0, 0], [0, 0]]
    assert autograd.hvp(lambda x: x.sum(), x, y)[1].tolist() == [0, 0]
    with pytest.raises(RuntimeError, match="jvp: output 0 does not depend on the primals"):
        autograd.jvp(lambda x: constant, x, y, strict=True)
    for strategy in ("reverse-mode", "forward-mode"):
        with pytest.raises(RuntimeError, match="jacobian: output 1 does not depend on input 0"):
            autograd.jacobian(lambda x: (x, constant), x, strict=True, strategy=strategy)
    with pytest.raises(RuntimeError, match="does not depend on input 0"):
        autograd.hessian(lambda x: x.sum(), x, strict=True)
    with pytest.raises(RuntimeError, match="does not depend on input 0"):
        autograd.hvp(lambda x: constant.sum(), x, y, strict=True)


# ---------------------------------------------------------------- Jacobians, Hessians


def quadratic(x, y):
    return (x[0] * x[1] ** 2 * y).sum() + autograd.exp(y).sum()


@pytest.mark.parametrize("strategy", ["reverse-mode", "forward-mode"])
def test_jacobians_equal_torchs(torch, strategy):
    a, b = np.array([1.0, 2.0]), np.array([[3.0, 4.0, 5.0]])

    def f(sin, x, y):
        return sin(x), x[:, None] * y, (x.sum() * y).sum()

    for create_graph in (None, False, True):
        ours = autograd.jacobian(
            lambda x, y: f(autograd.sin, x, y),
            (autograd.from_numpy(a), autograd.from_numpy(b)),
            create_graph,
            strategy=strategy,
        )
        theirs = torch.autograd.functional.jacobian(
            lambda x, y: f(torch.sin, x, y), (torch.tensor(a), torch.tensor(b))
        )
        assert type(ours) is tuple and type(ours[0]) is tuple
        for row, expected in zip(ours, theirs, strict=True):
            for block, other in zip(row, expected, strict=True):
                np.testing.assert_allclose(block.numpy(), other.numpy(), rtol=1e-14)
                assert block.shape == tuple(other.shape)


@pytest.mark.parametrize("strategy", ["reverse-mode", "forward-mode"])
def test_hessians_and_their_products_equal_torchs(torch, strategy):
    a, b = np.array([1.0, 2.0]), np.array([3.0, 0.5])
    ours = autograd.hessian(
        quadratic, (autograd.from_numpy(a), autograd.from_numpy(b)),
        outer_jacobian_strategy=strategy,
    )  # fmt: skip

    def theirs_of(x, y):
        return (x[0] * x[1] ** 2 * y).sum() + torch.exp(y).sum()

    inputs = (torch.tensor(a), torch.tensor(b))
    theirs = torch.autograd.functional.hessian(theirs_of, inputs)
    for row, expected in zip(ours, theirs, strict=True):
        for block, other in zip(row, expected, strict=True):
            np.testing.assert_allclose(block.numpy(), other.numpy(), rtol=1e-14)
    v = (np.array([1.0, -1.0]), np.array([2.0, 0.5]))
    value, product = autograd.hvp(quadratic, (a, b), v)
    expected = torch.autograd.functional.hvp(theirs_of, inputs, tuple(map(torch.tensor, v)))
    assert value.item() == pytest.approx(expected[0].item(), rel=1e-14)
    for ours_i, theirs_i in zip(product, expected[1], strict=True):
        np.testing.assert_allclose(ours_i.numpy(), theirs_i.numpy(), rtol=1e-13)


def test_shapes_of_blocks():
    x = autograd.from_numpy(np.arange(6.0).reshape(2, 3))
    for jac in (jacrev, jacfwd):
        block = jac(lambda x: x.sum(0) ** 2)(x)
        assert block.shape == (3, 2, 3)
        np.testing.assert_array_equal(block.numpy()[1], [[0, 10, 0], [0, 10, 0]])
        assert jac(lambda x: x.sum())(x).shape == (2, 3)
        assert jac(lambda x: x * 2)(number(1.0)).shape == ()
        assert jac(lambda x: x[:0])(vector(1.0, 2.0)).shape == (0, 2)
        assert jac(lambda x: x.sum())(vector()).shape == (0,)
        (one,) = jac(lambda x: x * 2, argnums=(0,))(vector(1.0))
        assert one.tolist() == [[2]]
    second = jacfwd(jacrev(lambda x: (x**3).sum(0)))(x)
    assert second.shape == (3, 2, 3, 2, 3)


def test_an_empty_block_depends_on_all_it_has():
    for strategy in ("reverse-mode", "forward-mode"):
        options = {"strict": True, "strategy": strategy}
        assert autograd.jacobian(lambda x: x[:0], vector(1.0, 2.0), **options).shape == (0, 2)
        assert autograd.jacobian(lambda x: x.sum(), vector(), **options).shape == (0,)


def test_a_strict_forward_sweep_of_several_outputs():
    x = vector(1.0, 2.0)
    _, (a, b) = autograd.jvp(lambda x: (x * 2, x * x), x, x, strict=True)
    assert a.tolist() == [2, 4] and b.tolist() == [2, 8]


def test_a_jacobian_can_be_differentiated():
    x = vector(1.0, 2.0)
    third = grad(lambda x: autograd.hessian(lambda x: (x**3).sum(), x).sum())(x)
    assert third.tolist() == [6, 6]
    x.requires_grad_()
    for strategy in ("reverse-mode", "forward-mode"):
        block = autograd.jacobian(lambda x: x**2, x, strategy=strategy)
        (slope,) = autograd.grad(block.sum(), x)
        assert slope.tolist() == [2, 2]
        assert not autograd.jacobian(lambda x: x**2, x, False, strategy=strategy).requires_grad
    value, product = autograd.hvp(lambda x: (x**3).sum(), x, np.ones(2))
    assert autograd.grad(product.sum(), x)[0].tolist() == [6, 6]
    assert not autograd.hvp(lambda x: (x**3).sum(), x, np.ones(2), create_graph=False)[
        1
    ].requires_grad


def test_a_function_is_called_once_for_a_jacobian():
    calls = []

    def f(x):
        calls.append(1)
        return x**2

    for strategy in ("reverse-mode", "forward-mode"):
        autograd.jacobian(f, vector(1.0, 2.0, 3.0), strategy=strategy)
    autograd.hvp(lambda x: f(x).sum(), vector(1.0, 2.0), vector(1.0, 1.0))
    assert len(calls) == 3


# ---------------------------------------------------------------- misuse


def raises(error, message):
    return pytest.raises(error, match=message)


def test_misuse_is_refused_with_sentences():
    x = vector(1.0, 2.0)
    with raises(RuntimeError, r"grad: expected .* a scalar Tensor, got one of shape \(2,\)"):
        grad(lambda x: x)(x)
    with raises(RuntimeError, "grad: expected the function to return one scalar"):
        grad(lambda x: (x.sum(), x.sum()))(x)
    with raises(RuntimeError, "grad: expected the function to return one scalar"):
        grad(lambda x: (x.sum(),))(x)
    with raises(RuntimeError, "grad: expected the function to return a Tensor, .* got float"):
        grad(lambda x: 3.0)(x)
    with raises(RuntimeError, "return a floating-point Tensor, got int64"):
        grad(lambda x: autograd.argmax(x))(x)
    with raises(RuntimeError, "only floating-point tensors have derivatives, got .* int64"):
        grad(lambda x: x.sum())(autograd.tensor([1, 2]))
    with raises(RuntimeError, "only floating-point tensors have derivatives, got .* int64"):
        autograd.jvp(lambda x: x * 2.0, 3, 1)
    with raises(TypeError, "grad: expected Tensors to differentiate .*, got str"):
        grad(lambda x: x)("x")
    with raises(RuntimeError, "grad: there is no argument 2, 1 were given"):
        grad(lambda x: x.sum(), argnums=2)(x)
    with raises(TypeError, "argnums is an int or a tuple"):
        grad(lambda x: x.sum(), argnums="x")(x)
    with raises(RuntimeError, "names no argument, or one twice"):
        grad(lambda x: x.sum(), argnums=(0, -1))(x)
    with raises(RuntimeError, r"with has_aux=True the function returns \(output, aux\)"):
        grad(lambda x: x.sum(), has_aux=True)(x)
    with raises(TypeError, "value_and_grad: expected a function, got Tensor"):
        autograd.value_and_grad(x)
    with raises(TypeError, "jacrev: expected a function, got Tensor"):
        jacrev(x)
    with raises(RuntimeError, r"jvp: expected tangents of the structure of the primals, \(\*,\)"):
        autograd.jvp(lambda x: x, (x,), (x, x))
    with raises(RuntimeError, r"jvp: expected a tangent of shape \(2,\), that of its primal"):
        autograd.jvp(lambda x: x, x, np.ones(3))
    with raises(RuntimeError, r"vjp: expected cotangents of the structure of the output, \(\*, \*"):
        autograd.vjp(lambda x: (x, x), x)[1](x)
    with raises(RuntimeError, r"vjp: output 0 has shape \(2,\), its cotangent has shape \(3,\)"):
        autograd.vjp(lambda x: x * 2, x)[1](np.ones(3))
    with raises(RuntimeError, r"vjp: the output of shape \(2,\) needs cotangents"):
        autograd.vjp(lambda x: x * 2, x)[1]()
    with raises(TypeError, "jvp: expected tangents as Tensors, got NoneType"):
        autograd.jvp(lambda x: x, 1.0, None)
    with raises(TypeError, "jvp: expected tangents as Tensors, got str"):
        autograd.jvp(lambda x: x, 1.0, "x")
    with raises(RuntimeError, "grad: there is no argument 0, 0 were given"):
        grad(lambda: 1)()
    with raises(ValueError, "jacobian: expected strategy reverse-mode or forward-mode"):
        autograd.jacobian(lambda x: x, x, strategy="sideways")
    with raises(RuntimeError, r"hessian: expected the function to return one number, got shape"):
        autograd.hessian(lambda x: x, x)
    with raises(RuntimeError, r"hvp: expected a vector v of shape \(2,\), .* got \(3,\)"):
        autograd.hvp(lambda x: x.sum(), vector(1.0, 2.0), np.ones(3))
    with raises(TypeError, "vjp: 2 inputs are as many arguments .*takes 1 .*; the vector is an"):
        autograd.vjp(lambda x: x * 2, x, x)  # as torch.autograd.functional has it
    with raises(TypeError, "hessian: 2 inputs are as many arguments .* but .*takes 1"):
        autograd.hessian(lambda pair: pair[0] * pair[1], (x, x))
    with raises(TypeError, "^add: expected a Tensor"):
        autograd.vjp(lambda x: x * 2 + None, x)
    with raises(RuntimeError, "hvp: got 1 inputs and 2 vectors"):
        autograd.hvp(lambda x: x.sum(), x, (x, x))
    with raises(RuntimeError, "hvp: v can be left out only if the input is one number"):
        autograd.hvp(lambda x: x.sum(), x)


def test_one_number_needs_no_vector():
    assert autograd.hvp(lambda x: x**3, number(2.0))[1].item() == 12
    assert autograd.hvp(lambda x: x**3, 2.0)[1].item() == 12
    assert autograd.vjp(lambda x: x**3, number(2.0))[1]()[0].item() == 12
    assert autograd.hessian(lambda x: (x**3).reshape(1, 1), number(2.0)).item() == 12


# ---------------------------------------------------------------- names, memory, threads


def test_every_name_but_grad_that_does_not_collide_is_at_the_top():
    for name in ("value_and_grad", "vjp", "jvp", "jacobian", "jacrev", "jacfwd", "hessian", "hvp"):
        assert getattr(autograd, name) is getattr(functional, name)
    assert autograd.grad is not functional.grad


def test_transforms_keep_the_functions_name():
    def energy(x):
        """Say what it is."""

    for transform in (grad, grad_and_value, autograd.value_and_grad, jacrev, jacfwd):
        assert transform(energy).__name__ == "energy"


def test_nothing_is_left_for_the_collector():
    x = vector(1.0, 2.0)

    def run():
        grad(grad(lambda x: x**3))(number(2.0))
        autograd.hessian(lambda x: (x**3).sum(), x)
        autograd.hvp(lambda x: (x**3).sum(), x, x)
        autograd.jvp(lambda x: autograd.vjp(autograd.tanh, x)[1](x)[0], x, x)

    run()
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            run()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_threads_do_not_meet():
    x = vector(*np.linspace(0.1, 1, 8))
    expected = autograd.hessian(lambda x: (autograd.sin(x) * x.sum()).sum(), x).numpy()
    wrong = []

    def work():
        for _ in range(5):
            found = autograd.hessian(lambda x: (autograd.sin(x) * x.sum()).sum(), x).numpy()
            if not np.array_equal(found, expected):
                wrong.append(found)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_newtons_method_finds_the_minimum_of_rosenbrocks_valley():
    def valley(x):
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    x = np.array([-1.2, 1.0])
    for _ in range(10):
        slope = grad(valley)(x).numpy()
        x = x - np.linalg.solve(autograd.hessian(valley, x).numpy(), slope)
    np.testing.assert_allclose(x, [1, 1], rtol=1e-10)
    assert math.isclose(valley(x), 0, abs_tol=1e-18)
