"""Variables name themselves: a node takes the name of the caller's variable that holds it.

Looked up when the picture is drawn, in the caller's locals, then in its globals; parameters take
their path in the module (``fc.weight``).  Names that begin with an underscore are the notebook's
own, and no help.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

import numpy as np

from autograd import Tensor
from viz.extract import Recording

__all__ = ["Names", "find_names", "stem"]

LONGEST_LIST = 256
PLAIN_NUMBERS = (0.0, 0.5, 1.0, 2.0)
INPUTS = re.compile(r"(x|X|input|inputs|image|images|data|features)(_?\d+|\[[\d, ]+\])?$")


class Names:
    """What the nodes of a recording are called.

    Attributes
    ----------
    of : dict of index to str
        In the order in which the variables were made.
    parameters : set of int
        Records that are parameters.
    constants : dict of id to str
        Names of payloads that need no gradient, by ``id``.
    """

    def __init__(self) -> None:
        self.of: dict[int, str] = {}
        self.parameters: set[int] = set()
        self.constants: dict[int, str] = {}
        self.unreached: dict[str, Any] = {}  # parameters that the graph does not hold
        self.model: Any = None  # the module among the variables, if it is the only one
        self.optimizer: Any = None
        self._held: list[Any] = []  # ids stay valid

    def give(self, index: int, name: str) -> None:
        """Name a record, unless it has a name."""
        self.of.setdefault(index, name)

    def constant(self, payload: Any, op: str = "subtract") -> str:
        """Return the name of a payload that `op` uses, ``""`` if no variable holds it.

        Numbers like 1 and 0.5 are as likely written out as held by a variable: only what is
        subtracted, a target as a rule, takes its name from one.
        """
        if type(payload) is float and abs(payload) in PLAIN_NUMBERS and op != "subtract":
            return ""
        return self.constants.get(id(payload), "")

    def hold(self, payload: Any, name: str) -> None:
        """Name a payload that needs no gradient."""
        self._held.append(payload)
        self.constants.setdefault(id(payload), name)


def find_names(
    recording: Recording, frame: FrameType | None = None, names: Any = None, params: Any = None
) -> Names:
    """Return the names of a recording's nodes.

    Parameters
    ----------
    recording : Recording
    frame : frame, optional
        The caller's, whose variables are looked up.
    names : mapping of str to Tensor, optional
        Names that come before all others.
    params : Module, mapping of str to Tensor, or iterable of Tensors or of (str, Tensor), optional
        What counts as a parameter; a graph that does not hold one says so.

    Examples
    --------
    >>> import sys, autograd
    >>> from viz.extract import extract
    >>> w = autograd.tensor(2.0, requires_grad=True)
    >>> y = w * w
    >>> sorted(find_names(extract(y), sys._getframe()).of.values())
    ['w', 'y']
    """
    found = Names()
    index = {id(record.node): record.index for record in recording.records}

    def tell(name: str, tensor: Tensor) -> int | None:
        node = tensor.node
        if node is None:
            found.hold(tensor.payload, name)
            return None
        i = index.get(id(node))
        if i is not None:
            found.give(i, name)
        return i

    for name, tensor in _named(names, "names"):
        tell(str(name), tensor)
    if _is_module(params):
        found.model = params
    for name, tensor in _named(params, "params"):
        i = index.get(id(tensor.node))
        if i is None:
            found.unreached[str(name)] = tensor
        else:
            found.parameters.add(i)
            if name:
                found.give(i, str(name))
    if frame is not None:
        for scope in _scopes(frame):
            _look(scope, tell, found)
    for record in recording.records:
        if record.is_leaf and getattr(record.node, "name", None):
            found.parameters.add(record.index)
            found.give(record.index, record.node.name)
    if params is None:
        _guess_parameters(recording, found)
    return found


def stem(name: str) -> str:
    """Return a name without its index: what ``x1`` and ``x[2]`` have in common.

    >>> stem("x1"), stem("x[2]"), stem("b"), stem("w_12"), stem("p[k]")
    ('x', 'x', 'b', 'w', 'p[k]')
    """
    return re.sub(r"(_?\d+|\[[\d, ]+\])$", "", name) or name


def _look(scope: Mapping[str, Any], tell: Any, found: Names) -> None:
    """Go through variables: tensors first, then modules, then what lists and dicts hold."""
    variables = [(k, v) for k, v in list(scope.items()) if not k.startswith("_")]
    modules = [(k, v) for k, v in variables if _is_module(v)]
    for name, value in variables:
        if isinstance(value, Tensor):
            tell(name, value)
        elif isinstance(value, np.ndarray) or type(value) is float:
            found.hold(value, name)
    if len(modules) == 1 and found.model is None:
        found.model = modules[0][1]
    optimizers = [value for _, value in variables if hasattr(value, "param_groups")]
    if len(optimizers) == 1 and found.optimizer is None:
        found.optimizer = optimizers[0]
    for name, module in modules:
        for path, parameter in module.named_parameters():
            i = tell(path if len(modules) == 1 else f"{name}.{path}", parameter)
            if i is not None:
                found.parameters.add(i)
    taken = set(found.of.values())
    for name, value in variables:
        if isinstance(value, list | tuple) and len(value) <= LONGEST_LIST:
            fields = getattr(value, "_fields", None)  # of a NamedTuple: `largest.values`
            for position, item in enumerate(value):
                if isinstance(item, Tensor):
                    tell(f"{name}.{fields[position]}" if fields else f"{name}[{position}]", item)
        elif isinstance(value, dict) and len(value) <= LONGEST_LIST:
            for key, item in list(value.items()):
                if isinstance(item, Tensor):
                    plain = isinstance(key, str) and key.isidentifier()
                    tell(key if plain and key not in taken else f"{name}[{key}]", item)


def _scopes(frame: FrameType) -> Iterator[Mapping[str, Any]]:
    yield frame.f_locals
    if frame.f_globals is not frame.f_locals:
        yield frame.f_globals


def _is_module(value: Any) -> bool:
    return not isinstance(value, type) and callable(getattr(value, "named_parameters", None))


def _named(given: Any, argument: str) -> Iterable[tuple[str, Tensor]]:
    """Return (name, Tensor) pairs from any of the ways to give them."""
    if given is None:
        return []
    if _is_module(given):
        return list(given.named_parameters())
    pairs = given.items() if isinstance(given, Mapping) else given
    result = []
    for item in pairs:
        name, tensor = ("", item) if isinstance(item, Tensor) else item
        if isinstance(name, Tensor) and isinstance(tensor, str):
            name, tensor = tensor, name
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"graph: {argument} must hold Tensors, got {type(tensor).__name__} for {name!r}"
            )
        result.append((name, tensor))
    return result


def _guess_parameters(recording: Recording, found: Names) -> None:
    """Call leaves parameters when no module says which are; ``x1`` and its like are inputs."""
    if found.parameters:
        return
    for record in recording.records:
        if record.is_leaf and not INPUTS.match(found.of.get(record.index, "")):
            found.parameters.add(record.index)
