"""L-BFGS: steps by the curvature that the last few changes of the gradient have shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from .blocks import Array, update_in_place
from .line_search import Point, strong_wolfe
from .optimizer import Optimizer
from .settings import number
from .slots import as_slot

__all__ = ["LBFGS"]


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
        More than one group; ``lr`` is negative.

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
        if np.abs(gradient).max(initial=0) <= group["tolerance_grad"]:
            return first
        for move in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            direction = self._direction(state, gradient, group["history_size"])
            loss_before = state["prev_loss"] = loss
            state["prev_flat_grad"] = as_slot(gradient.copy())
            step = lr if state["n_iter"] > 1 else min(1.0, 1.0 / np.abs(gradient).sum()) * lr
            slope = gradient.dot(direction)
            state["t"] = step
            if slope > -tolerance:
                break
            if group["line_search_fn"] is not None:
                found, calls = strong_wolfe(
                    self._evaluator(closure, direction),
                    Point(0, loss, gradient, slope),
                    step,
                    longest=np.abs(direction).max(),
                    tolerance=tolerance,
                    rounds=group["max_eval"] - evaluations,
                )
                loss, gradient, step = found.loss, found.gradient, found.step
                self._move(step, direction)
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
                or np.abs(gradient).max(initial=0) <= group["tolerance_grad"]
                or np.abs(direction * step).max() <= tolerance
                or abs(loss - loss_before) < tolerance
            ):
                break
        return first

    def _direction(self, state: dict[str, Any], gradient: Array, history: int) -> Array:
        """Return -H g, after remembering what the last move has shown of H."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            direction = -gradient
        else:
            changes, steps, inverses = state["old_dirs"], state["old_stps"], state["ro"]
            change = gradient - state["prev_flat_grad"].payload
            step = state["d"].payload * number(state["t"])
            curvature = change.dot(step)
            if curvature > 1e-10:
                if len(changes) == history:
                    for remembered in (changes, steps, inverses):
                        del remembered[0]
                changes.append(as_slot(change))
                steps.append(as_slot(step))
                inverses.append(Tensor(1.0 / curvature))
                state["H_diag"] = Tensor(curvature / change.dot(change))
            pairs = [
                (y.payload, s.payload, gradient.dtype.type(number(r)))
                for y, s, r in zip(changes, steps, inverses, strict=True)
            ]
            direction, shares = -gradient, []
            for y, s, r in reversed(pairs):
                shares.append(s.dot(direction) * r)
                direction -= shares[-1] * y
            direction *= number(state["H_diag"])
            for (y, s, r), share in zip(pairs, reversed(shares), strict=True):
                direction += (share - y.dot(direction) * r) * s
        state["d"] = as_slot(direction)
        return direction

    def _evaluator(self, closure: Callable[[], Any], direction: Array) -> Callable[[Any], Point]:
        """Return the function that looks at a point of the line, and comes back."""
        params = self.param_groups[0]["params"]
        start = [np.array(p.payload) for p in params]

        def at(step: Any) -> Point:
            self._move(step, direction)
            try:
                loss, gradient = float(closure()), self._gradient()
            finally:  # also if the closure raises
                for parameter, value in zip(params, start, strict=True):
                    update_in_place(_put, parameter, value)
            return Point(step, loss, gradient, gradient.dot(direction))

        return at

    def _gradient(self) -> Array:
        """Return all gradients as one vector, zeros where there is none."""
        return np.concatenate(
            [
                np.zeros(p.numel(), p.dtype) if p.grad is None else np.ravel(p.grad.payload)
                for p in self.param_groups[0]["params"]
            ]
        )

    def _move(self, step: Any, direction: Array) -> None:
        """Move all parameters: w += step d."""

        def go(w: Array, d: Array, slots: Any, rooms: Any) -> None:
            w += np.multiply(d, step, out=rooms[0])

        offset = 0
        for parameter in self.param_groups[0]["params"]:
            end = offset + parameter.numel()
            piece = direction[offset:end].reshape(parameter.shape)
            update_in_place(go, parameter, piece)
            offset = end

    def _check_loaded(self, what: str, array: Array, parameter: Tensor) -> None:
        size = sum(p.numel() for p in self.param_groups[0]["params"])
        if array.shape not in ((), (size,)):
            raise ValueError(
                f"LBFGS.load_state_dict: {what} has shape {array.shape} where {(size,)} is "
                "expected; nothing was loaded"
            )


def _put(w: Array, value: Array, slots: Any, rooms: Any) -> None:
    w[...] = value
