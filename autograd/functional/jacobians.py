"""Jacobians and Hessians: every output's derivative with respect to every input.

A block of a Jacobian has the shape ``(*output.shape, *input.shape)``.  Reverse mode walks back once
an output element, forward mode sweeps once an input element; the function itself runs once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd.functional.call import Call, called, requires_grad, zeros_like
from autograd.functional.transforms import Argnums, argument_places, grad_and_value, jvp
from autograd.functional.tree import build, flatten
from autograd.ops.axes import permute_axes
from autograd.ops.joining import stack
from autograd.ops.shape import reshape, reshape_to
from autograd.record import handle, is_tensor
from autograd.sums import recorded

STRATEGIES = ("reverse-mode", "forward-mode")


def jacrev(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """Return the function that computes the Jacobian J[i, j] = df_i/dx_j by reverse mode.

    Shapes: a block is ``(*output.shape, *input.shape)``; the result is the output's tree of the
    arguments' trees.

    Parameters, errors: as of :func:`autograd.functional.grad`, but any output is welcome.

    Raises
    ------
    TypeError
        If ``func`` is no function.

    Examples
    --------
    >>> import autograd
    >>> from autograd.functional import jacrev
    >>> jacrev(lambda x: x**2)(autograd.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])

    Source: ``torch.func.jacrev``.
    """
    return _jacobian_function("jacrev", _reverse, func, argnums, has_aux)


def jacfwd(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """Return the function that computes the Jacobian J[i, j] = df_i/dx_j by forward mode.

    Cheaper than :func:`jacrev` where there are more outputs than inputs.

    Shapes, parameters, errors: as of :func:`jacrev`.

    Raises
    ------
    TypeError
        If ``func`` is no function.

    Examples
    --------
    >>> import autograd
    >>> from autograd.functional import jacfwd, jacrev
    >>> hessian = jacfwd(jacrev(lambda x: (x**3).sum()))
    >>> hessian(autograd.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])

    Source: ``torch.func.jacfwd``.
    """
    return _jacobian_function("jacfwd", _forward, func, argnums, has_aux)


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool | None = None,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """Compute the Jacobian J[i, j] = df_i/dx_j of ``func`` at ``inputs``.

    Shapes: a block is ``(*output.shape, *input.shape)``; of a tuple of inputs a tuple, of a tuple
    of outputs a tuple (of tuples).

    Parameters
    ----------
    func : callable
        Takes the inputs one by one; returns a Tensor or a tuple of Tensors.
    inputs : Tensor or tuple of Tensor
    create_graph : bool, optional
        Whether the result can be differentiated; if None, where something outside wants it.
    strict : bool
        Whether an output that is independent of an input is an error instead of zeros.
    vectorize : bool
        PyTorch's hint; there is one way here, and it is taken.
    strategy : {"reverse-mode", "forward-mode"}
        One walk an output element, or one sweep an input element.

    Raises
    ------
    RuntimeError
        If an input is no floating-point tensor, or with ``strict`` if there is no dependence.
    ValueError
        If the strategy is neither of the two.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0])
    >>> autograd.jacobian(lambda x: x.sum() * x, x)
    tensor([[4., 1.],
            [2., 5.]])

    Source: ``torch.autograd.functional.jacobian``.
    """
    _check_strategy("jacobian", strategy)
    blocks = _reverse if strategy == "reverse-mode" else _forward
    arguments, single = _arguments(inputs)
    call = Call("jacobian", func, arguments, range(len(arguments)))
    found = blocks(call, _graph(call, create_graph))
    forward = blocks is _forward
    return _finish("jacobian", call, found, arguments, single, create_graph, strict, forward)


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool | None = None,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """Compute the Hessian H[i, j] = d^2 f / dx_i dx_j of a function with one number as output.

    Shapes: ``(*input.shape, *input.shape)``; of a tuple of inputs a tuple of tuples, block [i][j]
    of shape ``(*inputs[i].shape, *inputs[j].shape)``.

    Parameters
    ----------
    func, inputs, create_graph, strict, vectorize
        As of :func:`jacobian`.
    outer_jacobian_strategy : {"reverse-mode", "forward-mode"}
        How the gradient, which is taken by reverse mode, is differentiated.

    Raises
    ------
    RuntimeError, ValueError
        As of :func:`jacobian`, and if the function returns more than one number.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0])
    >>> autograd.hessian(lambda x: (x[0] * x[1] ** 2), x)
    tensor([[0., 4.],
            [4., 2.]])

    Source: ``torch.autograd.functional.hessian``.
    """
    _check_strategy("hessian", outer_jacobian_strategy)
    gradient = grad_and_value(*_with_all("hessian", func, inputs))

    def slopes(*arguments: Any) -> Any:
        found, _ = gradient(*arguments)
        return found if isinstance(inputs, (tuple, list)) else found[0]

    return jacobian(slopes, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)


def hvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool | None = None,
    strict: bool = False,
) -> Any:
    """Compute ``(f(x), H v)``: the product of the Hessian with a vector, without the Hessian.

    A forward sweep over the gradient: a few times the cost of the function, however large x is.

    Shapes: the output is one number; v and H v have those of the inputs.

    Parameters
    ----------
    func, inputs, create_graph, strict
        As of :func:`jacobian`; the function returns one number.
    v : Tensor or tuple of Tensor, optional
        Of the inputs' structure and shapes; 1 if the input is one number.

    Returns
    -------
    output, product : Tensor, and Tensor or tuple of Tensor
        The product has the structure of the inputs.

    Raises
    ------
    RuntimeError
        If v does not fit the inputs, or the function returns more than one number.

    Examples
    --------
    >>> import autograd
    >>> x, v = autograd.tensor([1.0, 2.0]), autograd.tensor([1.0, 0.0])
    >>> autograd.hvp(lambda x: x[0] * x[1] ** 2, x, v)
    (tensor(4.), tensor([0., 4.]))

    Source: ``torch.autograd.functional.hvp``; forward over reverse, Pearlmutter (1994).
    """
    arguments, single = _arguments(inputs)
    if v is None:
        if len(arguments) != 1 or np.size(getattr(arguments[0], "payload", arguments[0])) != 1:
            raise RuntimeError("hvp: v can be left out only if the input is one number")
        v = arguments[0] * 0 + 1 if not is_tensor(arguments[0]) else zeros_like(arguments[0]) + 1
    vectors = tuple(v) if isinstance(v, (tuple, list)) else (v,)
    if len(vectors) != len(arguments):
        raise RuntimeError(f"hvp: got {len(arguments)} inputs and {len(vectors)} vectors")
    for argument, vector in zip(arguments, vectors, strict=True):
        if np.shape(argument) != np.shape(vector):
            raise RuntimeError(
                f"hvp: expected a vector v of shape {np.shape(argument)}, that of its input, got "
                f"{np.shape(vector)}"
            )
    gradient = grad_and_value(*_with_all("hvp", func, inputs))
    (_, value), (product, _) = jvp(gradient, arguments, vectors)
    if strict:
        jacobian(func, inputs, False, True)
    tensors = [value, *product]
    if create_graph is False:
        tensors = [handle(t.payload, None, t.storage) for t in tensors]
    value, *product = tensors
    return value, (product[0] if single else tuple(product))


# ---------------------------------------------------------------- shared


def _arguments(inputs: Any) -> tuple[tuple[Any, ...], bool]:
    """Return the inputs as a tuple, and whether it was a single one."""
    return (tuple(inputs), False) if isinstance(inputs, (tuple, list)) else ((inputs,), True)


def _check_strategy(name: str, strategy: str) -> None:
    if strategy not in STRATEGIES:
        raise ValueError(f"{name}: expected strategy {' or '.join(STRATEGIES)}, got {strategy!r}")


def _with_all(name: str, func: Callable[..., Any], inputs: Any) -> tuple[Any, tuple[int, ...]]:
    """Return the function with its only number as a scalar, and all its argnums."""
    arguments, _ = _arguments(inputs)

    def scalar(*args: Any) -> Any:
        output = called(name, func, args, {})
        if not is_tensor(output) or output.payload.size != 1:
            got = f"shape {output.shape}" if is_tensor(output) else type(output).__name__
            raise RuntimeError(f"{name}: expected the function to return one number, got {got}")
        return reshape(output, ()) if output.ndim else output

    return scalar, tuple(range(len(arguments)))


def _graph(call: Call, create_graph: bool | None) -> bool:
    return call.graph if create_graph is None else create_graph


def _jacobian_function(
    name: str,
    blocks: Callable[[Call, bool], list[list[Any]]],
    func: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
) -> Any:
    if not callable(func):
        raise TypeError(f"{name}: expected a function, got {type(func).__name__}")

    @wraps(func)
    def compute(*args: Any, **kwargs: Any) -> Any:
        places = argument_places(name, argnums, len(args))
        call = Call(name, func, args, places, has_aux, kwargs)
        chosen = tuple(args[i] for i in places)
        single = not isinstance(argnums, tuple)
        found = blocks(call, call.graph)
        result = _finish(name, call, found, chosen, single, None, False, blocks is _forward)
        return (result, call.aux) if has_aux else result

    return compute


def _finish(
    name: str,
    call: Call,
    found: list[list[Any]],
    arguments: tuple[Any, ...],
    single: bool,
    create_graph: bool | None,
    strict: bool,
    forward: bool,
) -> Any:
    """Return the blocks, one an output and input, as the output's tree of the inputs' trees.

    Where there is no dependence the block is of zeros: tangents of the output that were pushed
    ``forward``, or else gradients of the input.
    """
    _, rebuild = flatten(list(arguments))
    rows = []
    for i, (output, blocks) in enumerate(zip(call.outputs, found, strict=True)):
        row = []
        for j, (x, block) in enumerate(zip(call.inputs, blocks, strict=True)):
            if block is None:
                if strict and math.prod((*output.shape, *x.shape)):
                    raise RuntimeError(
                        f"{name}: output {i} does not depend on input {j}, and strict is True"
                    )
                dtype = output.dtype if forward else x.dtype
                block = handle(np.zeros((*output.shape, *x.shape), dtype)[()], None)
            row.append(block)
        row = call.outward(row, [False] * len(row) if create_graph is False else None)
        tree = tuple(build(rebuild, row))
        rows.append(tree[0] if single else tree)
    return build(call.rebuild, rows)


def _basis(tensor: Any, k: int) -> Any:
    """Return zeros with a 1 at element k."""
    unit = np.zeros(tensor.shape, tensor.dtype)
    unit.reshape(-1)[k] = 1
    return unit[()]


def _reverse(call: Call, graph: bool) -> list[list[Any]]:
    """Walk back once an element of each output."""
    found = []
    for i, output in enumerate(call.outputs):
        rows: list[list[Any]] = []
        for k in range(math.prod(output.shape)):
            seeds: list[Any] = [None] * len(call.outputs)
            seeds[i] = _basis(output, k)
            rows.append(call.pull(seeds, graph))
        blocks = []
        for j, x in enumerate(call.inputs):
            column = [row[j] for row in rows]
            shape = (*output.shape, *x.shape)
            blocks.append(_joined(column, x, shape, graph, None))
        found.append(blocks)
    return found


def _forward(call: Call, graph: bool) -> list[list[Any]]:
    """Sweep once an element of each input."""
    columns: list[list[list[Any]]] = []
    for j, x in enumerate(call.inputs):
        moves: list[list[Any]] = []
        for k in range(math.prod(x.shape)):
            tangents: list[Any] = [None] * len(call.inputs)
            tangents[j] = _basis(x, k)
            moves.append(call.push(tangents, graph))
        columns.append(moves)
    found = []
    for i, output in enumerate(call.outputs):
        blocks = []
        for x, moves in zip(call.inputs, columns, strict=True):
            column = [move[i] for move in moves]
            n = len(x.shape)
            shape = (*x.shape, *output.shape)
            ends = tuple(range(n, n + len(output.shape))) + tuple(range(n))
            blocks.append(_joined(column, output, shape, graph, ends))
        found.append(blocks)
    return found


def _joined(
    pieces: Sequence[Any],
    like: Any,
    shape: tuple[int, ...],
    graph: bool,
    order: tuple[int, ...] | None,
) -> Any:
    """Return derivatives, one an element, as one block, None if there is no dependence."""
    if all(piece is None for piece in pieces):
        return None
    whole = [zeros_like(like) if piece is None else piece for piece in pieces]
    if graph and requires_grad(whole):

        def join() -> Any:
            block = reshape_to(stack(whole), shape=shape)
            return block if order is None else permute_axes(block, dims=order)

        return recorded(join)
    block = np.stack([np.asarray(piece.payload) for piece in whole]).reshape(shape)
    if order is not None:
        block = np.transpose(block, order).copy()
    return handle(block[()], None)
