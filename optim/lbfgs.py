"""L-BFGS: steps by the curvature that the last few changes of the gradient have shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.blas import product
from autograd.parallel import pinned_blas

from .blocks import BLOCK, Array, run_in_blocks, update_in_place
from .line_search import Point, strong_wolfe
from .optimizer import Optimizer
from .settings import number
from .slots import as_slot

__all__ = ["LBFGS"]

HISTORY = ("old_dirs", "old_stps", "ro")  # changes of the gradient, steps, 1 / their product


class LBFGS(Optimizer):
    """Limited-memory BFGS (Liu & Nocedal, 1989), for full batches: w += t d, d = -H g.

    H approximates the inverse Hessian by the last ``history_size`` pairs of steps s and changes of
    the gradient y: H = (I - r s y^T) H (I - r y s^T) + r s s^T with r = 1 / y^T s, from
    (y^T s / y^T y) I. One ``step`` makes up to ``max_iter`` such moves, and calls the closure for
    each.

    Shapes: any; all parameters are one vector to it, in one group.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``; a single group.
    lr : float
        The step length t, after a first that is no longer than 1 / sum |g|.
    max_iter, max_eval : int
        The most moves, and the most calls of the closure (1.25 ``max_iter`` if not given), in one
        ``step``.
    tolerance_grad, tolerance_change : float
        Ends where no component of the gradient, or neither loss nor weights change by more.
    history_size : int
        How many pairs are remembered: each costs two vectors as large as all parameters.
    line_search_fn : str, optional
        ``"strong_wolfe"`` searches t along d, from ``lr``.

    Raises
    ------
    ValueError
        More than one group; ``lr`` is negative, or nothing may be remembered.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor([3.0, -2.0], requires_grad=True)
    >>> optimizer = LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (w * w * autograd.tensor([1.0, 10.0])).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure).item()  # where it began
    49.0
    >>> closure().item() < 1e-8
    True

    Source: ``torch.optim.LBFGS``.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "max_iter": max_iter,
                "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
                "tolerance_grad": tolerance_grad,
                "tolerance_change": tolerance_change,
                "history_size": history_size,
                "line_search_fn": line_search_fn,
            },
        )

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add the group; a second is refused."""
        if self.param_groups:
            raise ValueError("LBFGS: there can be one parameter group only, it is one vector")
        super().add_param_group(param_group)

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        history = group["history_size"]
        if isinstance(history, bool) or not isinstance(history, (int, np.integer)) or history < 1:
            raise ValueError(f"LBFGS: history_size must be an int of at least 1, got {history!r}")
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(
                "LBFGS: line_search_fn must be 'strong_wolfe' or None, "
                f"got {group['line_search_fn']!r}"
            )

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Make up to ``max_iter`` moves.

        Parameters
        ----------
        closure : callable
            Computes the loss anew (zero_grad, forward, backward) and returns it.

        Returns
        -------
        The closure's loss before the first move.

        Source: ``torch.optim.LBFGS.step``.
        """
        if not callable(closure):
            raise TypeError(f"LBFGS.step: expected a closure to call, got {closure!r}")

        def asked() -> Any:
            with autograd.enable_grad():
                loss = closure()
            try:
                float(loss)
            except (TypeError, ValueError, RuntimeError):
                shape = f" of shape {loss.shape}" if isinstance(loss, Tensor) else ""
                raise TypeError(
                    "LBFGS.step: the closure must return the loss, one number, got "
                    f"{type(loss).__name__}{shape}"
                ) from None
            return loss

        with autograd.no_grad():
            return self._iterate(asked)

    def _iterate(self, closure: Callable[[], Any]) -> Any:
        group = self.param_groups[0]
        lr, tolerance = number(group["lr"]), group["tolerance_change"]
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        first = closure()
        loss, evaluations = float(first), 1
        state["func_evals"] += 1
        gradient = self._gradient()
        if _largest(gradient) <= group["tolerance_grad"]:
            return first
        for move in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            direction = self._direction(state, gradient, group["history_size"])
            loss_before = state["prev_loss"] = loss
            step = lr if state["n_iter"] > 1 else min(1.0, 1.0 / np.abs(gradient).sum()) * lr
            slope = product(gradient, direction)
            state["t"] = step
            if slope > -tolerance:
                break
            if group["line_search_fn"] is not None:
                point = Point(0, loss, gradient, slope)
                rounds = group["max_eval"] - evaluations
                point, calls = self._search(closure, point, direction, step, rounds)
                loss, gradient, step = point.loss, point.gradient, point.step
            else:
                self._move(step, direction)
                calls = 0
                if move < group["max_iter"]:  # after the last nobody asks for it
                    loss, calls = float(closure()), 1
                    gradient = self._gradient()
            state["t"] = float(step)
            evaluations += calls
            state["func_evals"] += calls
            if (
                evaluations >= group["max_eval"]
                or _largest(gradient) <= group["tolerance_grad"]
                or _largest(direction) * abs(step) <= tolerance
                or abs(loss - loss_before) < tolerance
            ):
                break
        return first

    @pinned_blas()
    def _direction(self, state: dict[str, Any], gradient: Array, history: int) -> Array:
        """Return -H g, after remembering what the last move has shown of H.

        The products are pinned to one thread, so that any number gives the same bits; as are those
        by ``product`` elsewhere. The gradient is kept as it is, for the next change of it.
        """
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            direction = -gradient
        else:
            direction = self._remember(state, gradient, history)
            np.negative(gradient, out=direction)
            changes, steps, inverses = [[each.payload for each in state[key]] for key in HISTORY]
            pairs = list(zip(changes, steps, map(gradient.dtype.type, inverses), strict=True))
            add, shares = _adder(direction), []
            for y, s, r in reversed(pairs):
                shares.append(s.dot(direction) * r)
                add(y, -shares[-1])
            direction *= number(state["H_diag"])
            for y, s, r in pairs:
                add(s, shares.pop() - y.dot(direction) * r)
        state["prev_flat_grad"], state["d"] = as_slot(gradient), as_slot(direction)
        return direction

    def _remember(self, state: dict[str, Any], gradient: Array, history: int) -> Array:
        """Remember the last step and change of the gradient; return a vector to write over.

        The last gradient becomes the change and the last direction the step, in their own memory.
        """
        changes, steps, inverses = remembered = [state[key] for key in HISTORY]
        before, step = state["prev_flat_grad"].payload, state["d"].payload
        # A search that found nothing better returned the very gradient that it began with.
        change = np.subtract(gradient, before, out=None if before is gradient else before)
        step *= number(state["t"])
        curvature = change.dot(step)
        if not curvature > 1e-10:
            return step
        oldest = None
        while len(changes) >= history:  # several, after it was lowered
            oldest = [each.pop(0) for each in remembered]
        changes.append(as_slot(change))
        steps.append(as_slot(step))
        inverses.append(Tensor(1.0 / curvature))
        state["H_diag"] = Tensor(curvature / change.dot(change))
        return oldest[1].payload if oldest else np.empty_like(gradient)

    def _search(
        self, closure: Callable[[], Any], here: Point, direction: Array, step: Any, rounds: int
    ) -> tuple[Point, int]:
        """Search along the direction and go there; return the point and the calls it took."""
        params = self.param_groups[0]["params"]
        start = [np.array(p.payload) for p in params]

        def at(step: Any) -> Point:
            self._move(step, direction, start)
            try:
                loss, gradient = float(closure()), self._gradient()
            except BaseException:
                for parameter, value in zip(params, start, strict=True):
                    update_in_place(_put, parameter, value)
                raise
            return Point(step, loss, gradient, product(gradient, direction))

        found, calls = strong_wolfe(
            at,
            here,
            step,
            longest=_largest(direction),
            tolerance=self.param_groups[0]["tolerance_change"],
            rounds=rounds,
        )
        self._move(found.step, direction, start)
        return found, calls

    def _gradient(self) -> Array:
        """Return all gradients as one vector, zeros where there is none."""
        params = self.param_groups[0]["params"]
        flat = np.empty(sum(p.numel() for p in params), np.result_type(*{p.dtype for p in params}))
        for parameter, piece in self._pieces(flat):
            gradient = parameter.grad
            piece[...] = 0 if gradient is None else gradient.payload
        return flat

    def _move(self, step: Any, direction: Array, start: list[Array] | None = None) -> None:
        """Move all parameters, from where they are or from ``start``: w += step d."""

        def go(w: Array, d: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            origin = slots[0] if slots else w
            np.add(origin, np.multiply(d, step, out=rooms[0]), out=w)

        for index, (parameter, piece) in enumerate(self._pieces(direction)):
            update_in_place(go, parameter, piece, start[index : index + 1] if start else ())

    def _pieces(self, flat: Array) -> Iterator[tuple[Tensor, Array]]:
        """Give each parameter and its part of a vector, in its shape."""
        offset = 0
        for parameter in self.param_groups[0]["params"]:
            end = offset + parameter.numel()
            yield parameter, flat[offset:end].reshape(parameter.shape)
            offset = end

    def _check_loaded(self, what: str, array: Array, parameter: Tensor) -> None:
        size = sum(p.numel() for p in self.param_groups[0]["params"])
        if array.shape not in ((), (size,)):
            raise ValueError(
                f"LBFGS.load_state_dict: {what} has shape {array.shape} where {(size,)} is "
                "expected; nothing was loaded"
            )


def _largest(vector: Array) -> Any:
    """Return the size of the largest component."""
    return np.maximum(vector.max(initial=0), -vector.min(initial=0))


def _adder(vector: Array) -> Callable[[Array, Any], None]:
    """Return a function that adds a multiple of another vector, in place."""
    room = np.empty_like(vector) if vector.size <= BLOCK else None

    def add(other: Array, weight: Any) -> None:
        if room is not None:  # without the overhead of blocks
            np.add(vector, np.multiply(other, weight, out=room), out=vector)
        else:
            run_in_blocks(
                lambda x, y, _, rooms: np.add(x, np.multiply(y, weight, out=rooms[0]), out=x),
                [vector, other],
            )

    return add


def _put(w: Array, value: Array, slots: Any, rooms: Any) -> None:
    w[...] = value
