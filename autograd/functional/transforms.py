"""Transforms: the gradient of a function as a function, and its products with vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from autograd.functional.call import Call, requires_grad, zeros_like
from autograd.functional.tree import build, flatten, structure
from autograd.modes import MODE
from autograd.record import is_tensor

Argnums = int | tuple[int, ...]


def grad(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """Return the function that computes the gradient of ``func``: x -> df/dx.

    Shapes: the output is one number, (); a gradient has the shape of its argument.

    Parameters
    ----------
    func : callable
        Returns a 0-d Tensor, or with ``has_aux`` a pair ``(output, aux)``.
    argnums : int or tuple of int
        Which positional arguments to differentiate with respect to; each may be a Tensor, a
        number, or a nested tuple, list or dict of them.
    has_aux : bool
        Whether the function returns something besides, which is passed on.

    Returns
    -------
    callable
        Returns the gradient (a tuple of them if ``argnums`` is one), or ``(gradient, aux)``.
        An argument that the output does not depend on has a gradient of zeros.

    Raises
    ------
    RuntimeError
        If the output is no scalar, an argument is no floating-point tensor, or there is no such
        argument.

    Examples
    --------
    >>> import autograd
    >>> from autograd.functional import grad
    >>> third = grad(grad(grad(lambda x: x**4)))
    >>> third(autograd.tensor(2.0))
    tensor(48.)

    Source: ``torch.func.grad``.
    """
    both = _differentiated("grad", func, argnums, has_aux)

    @wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        _, found, aux = both(args, kwargs)
        return (found, aux) if has_aux else found

    return gradient


def value_and_grad(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """Return the function that computes ``(f(x), df/dx)``; with ``has_aux`` ``((f, aux), df/dx)``.

    Parameters, errors: as of :func:`grad`.

    Shapes: the output is one number, (); a gradient has the shape of its argument.

    Raises
    ------
    RuntimeError, TypeError
        As :func:`autograd.functional.grad`.

    Examples
    --------
    >>> import autograd
    >>> autograd.value_and_grad(lambda x: x * x)(autograd.tensor(3.0))
    (tensor(9.), tensor(6.))

    Source: ``jax.value_and_grad``; :func:`grad_and_value` has PyTorch's order.
    """
    both = _differentiated("value_and_grad", func, argnums, has_aux)

    @wraps(func)
    def value_first(*args: Any, **kwargs: Any) -> Any:
        value, found, aux = both(args, kwargs)
        return ((value, aux) if has_aux else value), found

    return value_first


def grad_and_value(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """Return the function that computes ``(df/dx, f(x))``; with ``has_aux`` ``(df/dx, (f, aux))``.

    Parameters, errors: as of :func:`grad`.

    Shapes: the output is one number, (); a gradient has the shape of its argument.

    Raises
    ------
    RuntimeError, TypeError
        As :func:`autograd.functional.grad`.

    Examples
    --------
    >>> import autograd
    >>> from autograd.functional import grad_and_value
    >>> grad_and_value(lambda x: x * x)(autograd.tensor(3.0))
    (tensor(6.), tensor(9.))

    Source: ``torch.func.grad_and_value``.
    """
    both = _differentiated("grad_and_value", func, argnums, has_aux)

    @wraps(func)
    def gradient_first(*args: Any, **kwargs: Any) -> Any:
        value, found, aux = both(args, kwargs)
        return found, ((value, aux) if has_aux else value)

    return gradient_first


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """Compute f(x), and the function that maps a vector u to u^T J: reverse mode.

    Shapes: u as the output; each gradient as its primal.

    Parameters
    ----------
    func : callable
        Returns a Tensor, or Tensors in tuples, lists or dicts; with ``has_aux`` a pair.
    *primals : Tensor, number, or a tree of them
        Where to differentiate, with respect to all of them.
    has_aux : bool
        Whether the function returns something besides.

    Returns
    -------
    output, vjp_fn : Tensor or tree, callable
        And ``aux``.  ``vjp_fn(cotangents)`` takes a tree like the output and returns a tuple, one
        gradient a primal; it may be called again and again.

    Raises
    ------
    RuntimeError
        If the cotangents do not fit the output, or a primal is no floating-point tensor.

    Examples
    --------
    >>> import autograd
    >>> output, vjp_fn = autograd.vjp(lambda x, y: x * y, autograd.tensor(2.0), 3.0)
    >>> output, vjp_fn(autograd.tensor(10.0))
    (tensor(6.), (tensor(30.), tensor(20.)))

    Source: ``torch.func.vjp``.
    """
    call = Call("vjp", func, primals, range(len(primals)), has_aux)
    _, rebuild = flatten(list(primals))
    result = call.result
    shape = structure(result)

    def vjp_fn(cotangents: Any = None) -> tuple[Any, ...]:
        if cotangents is None and len(call.outputs) == 1:
            given = [None]
        elif structure(cotangents) != shape:
            raise RuntimeError(
                f"vjp: expected cotangents of the structure of the output, {shape}, got "
                f"{structure(cotangents)}"
            )
        else:
            given, _ = flatten(cotangents)
        _check_shapes("vjp", "cotangent", "output", call.outputs, given)
        seeds = [_one(o) if c is None else c for o, c in zip(call.outputs, given, strict=True)]
        graph = MODE.get().recording and (call.graph or requires_grad(seeds))
        found = call.outward(_filled(call.inputs, call.pull(seeds, graph)))
        return tuple(build(rebuild, found))

    return (result, vjp_fn, call.aux) if has_aux else (result, vjp_fn)


def jvp(
    func: Callable[..., Any],
    primals: Any,
    tangents: Any,
    *,
    strict: bool = False,
    has_aux: bool = False,
) -> Any:
    """Compute f(x) and how it moves as x moves by v, J v: forward mode, one sweep.

    Shapes: tangents as the primals; what comes out of it as the output.

    Parameters
    ----------
    func : callable
        Returns a Tensor, or Tensors in tuples, lists or dicts; with ``has_aux`` a pair.
    primals, tangents : tuple of Tensor (or trees), or one Tensor
        The arguments, and how each moves.
    strict : bool
        Whether an output that does not depend on the primals is an error instead of zeros.
    has_aux : bool
        Whether the function returns something besides.

    Returns
    -------
    output, tangent : Tensor or tree
        And ``aux``.

    Raises
    ------
    RuntimeError
        If the tangents do not fit the primals, or one is no floating-point tensor.

    Examples
    --------
    >>> import autograd
    >>> x, v = autograd.tensor([1.0, 2.0]), autograd.tensor([1.0, 0.0])
    >>> autograd.jvp(lambda x: x * x, (x,), (v,))
    (tensor([1., 4.]), tensor([2., 0.]))

    Source: ``torch.func.jvp``.
    """
    arguments = tuple(primals) if isinstance(primals, (tuple, list)) else (primals,)
    moves = tuple(tangents) if isinstance(tangents, (tuple, list)) else (tangents,)
    if structure(arguments) != structure(moves):
        raise RuntimeError(
            f"jvp: expected tangents of the structure of the primals, {structure(arguments)}, got "
            f"{structure(moves)}"
        )
    given, _ = flatten(moves)
    if any(tangent is None for tangent in given):
        raise TypeError("jvp: expected tangents as Tensors, got NoneType")
    call = Call("jvp", func, arguments, range(len(arguments)), has_aux)
    graph = call.graph or call.recording and requires_grad(given)
    found = call.push(given, graph)
    for i, tangent in enumerate(found if strict else []):
        if tangent is None:
            raise RuntimeError(
                f"jvp: output {i} does not depend on the primals, and strict is True"
            )
    pushed = build(call.rebuild, call.outward(_filled(call.outputs, found)))
    return (call.result, pushed, call.aux) if has_aux else (call.result, pushed)


# ---------------------------------------------------------------- shared


def _differentiated(
    name: str, func: Callable[..., Any], argnums: Argnums, has_aux: bool
) -> Callable[[tuple[Any, ...], dict[str, Any]], tuple[Any, Any, Any]]:
    """Return the function of (args, kwargs) that gives value, gradient and aux."""
    if not callable(func):
        raise TypeError(f"{name}: expected a function, got {type(func).__name__}")

    def both(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
        places = argument_places(name, argnums, len(args))
        call = Call(name, func, args, places, has_aux, kwargs)
        output = scalar_of(name, call)
        found = call.outward(_filled(call.inputs, call.pull([_one(output)], call.graph)))
        _, rebuild = flatten([args[i] for i in places])
        gradients = tuple(build(rebuild, found))
        return call.result, gradients if isinstance(argnums, tuple) else gradients[0], call.aux

    return both


def argument_places(name: str, argnums: Argnums, number: int) -> tuple[int, ...]:
    """Return ``argnums`` as places counted from 0."""
    places = argnums if isinstance(argnums, tuple) else (argnums,)
    for place in places:
        if not isinstance(place, int) or isinstance(place, bool):
            raise TypeError(f"{name}: argnums is an int or a tuple of int, got {argnums!r}")
        if not -number <= place < number:
            raise RuntimeError(f"{name}: there is no argument {place}, {number} were given")
    counted = tuple(place % number for place in places)
    if not counted or len(set(counted)) != len(counted):
        raise RuntimeError(f"{name}: argnums {argnums} names no argument, or one twice")
    return counted


def scalar_of(name: str, call: Call) -> Any:
    """Return a call's only output, which must be a scalar."""
    (output,) = call.outputs if len(call.outputs) == 1 else (None,)
    if output is None or not is_tensor(call.result):
        raise RuntimeError(
            f"{name}: expected the function to return one scalar Tensor, got "
            f"{structure(call.result)}; pass has_aux=True if it returns something besides"
        )
    if output.ndim:
        raise RuntimeError(
            f"{name}: expected the function to return a scalar Tensor, got one of shape "
            f"{output.shape}; reduce it (.sum(), .mean()) or use vjp or jacobian"
        )
    if output.dtype.kind != "f":
        raise RuntimeError(
            f"{name}: expected the function to return a floating-point Tensor, got {output.dtype}"
        )
    return output


def _one(output: Any) -> Any:
    """Return the cotangent of a scalar: 1."""
    if output.payload.size != 1:
        raise RuntimeError(f"vjp: the output of shape {output.shape} needs cotangents of its shape")
    return zeros_like(output) + 1


def _filled(tensors: Sequence[Any], found: Sequence[Any]) -> list[Any]:
    """Put zeros where nothing was found."""
    return [zeros_like(t) if f is None else f for t, f in zip(tensors, found, strict=True)]


def _check_shapes(
    name: str, what: str, of: str, tensors: Sequence[Any], given: Sequence[Any]
) -> None:
    for i, (tensor, value) in enumerate(zip(tensors, given, strict=True)):
        shape = getattr(value, "shape", ())
        if value is not None and shape != tensor.shape:
            raise RuntimeError(
                f"{name}: {of} {i} has shape {tensor.shape}, its {what} has shape {shape}"
            )
