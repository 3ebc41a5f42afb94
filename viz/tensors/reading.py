"""What a picture may read of a recorded graph, and why something is missing.

A node keeps its value and its gradients only under the keeping policy; a value may still be found
with a consumer that saved it, a gradient may be replayed. All look-ups go through here, so that
no drawing code ever touches a node, and a missing thing comes with its reason.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.parts import Parts

__all__ = ["Reading", "is_leaf"]

NOT_KEPT = "not kept"
NO_SAMPLES = "no samples"
NOT_RUN = "backward() not run"
NOT_WANTED = "requires_grad=False"
NO_PATH = "no path"


def is_leaf(node: Any) -> bool:
    """Tell a leaf (it owns a gradient) from an operation (it has operands)."""
    return not hasattr(node, "operands")


class Reading:
    """The nodes that a root reaches, in the order of their creation, and what they hold.

    Parameters
    ----------
    root : Tensor or Op
        What was differentiated.
    backward : mapping of Op to (upstream, contributions), optional
        Gradients of a walk that the nodes themselves did not keep.
    """

    def __init__(self, root: Any, backward: Mapping[Any, tuple[Any, Any]] | None = None) -> None:
        node = getattr(root, "node", None) if hasattr(root, "payload") else root
        if node is None or is_leaf(node):
            raise ValueError(
                "the root was not made by a recorded operation: nothing to draw. "
                "Build it from tensors that require grad, outside no_grad()."
            )
        self.root = node
        self.ops = _reachable(node)
        self.leaves: dict[Any, None] = {}
        self.consumers: dict[Any, list[tuple[Any, int]]] = {}
        for op in self.ops:
            for position, operand in enumerate(op.operands):
                if operand is not None:
                    self.consumers.setdefault(operand, []).append((op, position))
                    if is_leaf(operand):
                        self.leaves[operand] = None
        self._backward = backward or {}

    @property
    def ran(self) -> bool:
        """Whether a backward pass has gone through this graph."""
        return (
            bool(self._backward)
            or bool(getattr(self.root, "spent", False))
            or (self.upstream(self.root) is not None)
        )

    def value(self, node: Any) -> np.ndarray | None:
        """Return the output of an op, or the payload of a leaf, where anyone still holds it."""
        kept = getattr(node, "value", None)
        if kept is None:
            for op, position in self.consumers.get(node, ()):
                kept = _at(op.saved, position)
                if kept is not None:
                    break
        return None if kept is None else _array(kept)

    def operand_value(self, op: Any, position: int) -> np.ndarray | None:
        """Return what an op received, constants included."""
        kept = _at(op.saved, position)
        if kept is None and op.operands[position] is not None:
            return self.value(op.operands[position])
        return None if kept is None else np.asarray(kept)

    def is_changed(self, op: Any, position: int) -> bool:
        """Whether an operand was written to since the op used it.

        The op's guards know of what it saved by reference; a copy (under ``inspect``) is compared
        with the leaf as it is now.
        """
        if position < len(op.changed or ()) and op.changed[position]:
            return True
        saved, leaf = _at(op.saved, position), op.operands[position]
        if saved is None or leaf is None or not is_leaf(leaf) or saved is leaf.value:
            return False
        same = np.array_equal(saved, leaf.value)
        return not same and not np.array_equal(saved, leaf.value, equal_nan=True)

    def contributions(self, op: Any) -> tuple[Any, ...] | None:
        """Return what an op sent to each operand in the last backward pass."""
        if op in self._backward:
            return self._backward[op][1]
        kept = getattr(op, "contributions", None)
        if kept is None or not any(isinstance(part, Parts) for part in kept):
            return kept
        return tuple(None if part is None else _array(part) for part in kept)

    def upstream(self, op: Any) -> np.ndarray | None:
        """Return dL/d(output of the op)."""
        kept = self._backward[op][0] if op in self._backward else getattr(op, "grad", None)
        return self._sent_to(op) if kept is None else _array(kept)

    def gradient(self, node: Any) -> np.ndarray | None:
        """Return dL/d(node): of this pass if it was kept, else what a leaf accumulated."""
        if not is_leaf(node):
            return self.upstream(node)
        sent = self._sent_to(node)
        if sent is not None:
            return sent
        grad = getattr(node, "grad", None)
        return None if grad is None else _array(grad)

    def why_no_gradient(self, node: Any) -> str:
        """Say in words why `gradient` returned None."""
        if node is None:
            return NOT_WANTED
        if not self.ran:
            return NOT_RUN
        return NOT_KEPT

    def _sent_to(self, node: Any) -> np.ndarray | None:
        total = None
        for op, position in self.consumers.get(node, ()):
            contributions = self.contributions(op)
            part = None if contributions is None else _at(contributions, position)
            if part is None:
                return None  # a sum with a missing term is not the gradient
            total = _array(part) if total is None else total + _array(part)
        return total


def _reachable(root: Any) -> list[Any]:
    seen, waiting = {root}, [root]
    while waiting:
        for operand in waiting.pop().operands:
            if operand is not None and not is_leaf(operand) and operand not in seen:
                seen.add(operand)
                waiting.append(operand)
    return sorted(seen, key=lambda op: op.sequence)


def _at(entries: Any, position: int) -> Any:
    return entries[position] if entries is not None and position < len(entries) else None


def _array(value: Any) -> np.ndarray:
    if isinstance(value, Parts):  # of several outputs the first that has something
        value = next((part for part in value if part is not None), np.zeros(()))
    return np.asarray(getattr(value, "payload", value))
