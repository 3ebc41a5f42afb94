"""Saving tensors to a file and reading them back, without ever unpickling anything.

Two formats by the file's suffix, ``.safetensors`` and ``.npz`` (formats.py).  Tensors may be nested
in dicts and lists with numbers and strings, as in an optimiser's ``state_dict``: the arrays are
stored under dotted names, and the nesting, if there is any, as JSON beside them.

A file is written under a temporary name and then renamed, so a crash leaves the old one whole; a
file that is truncated, damaged or foreign is refused with a ``ValueError`` that says what is wrong.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from autograd.formats import (
    NAMES,
    RESERVED,
    Arrays,
    read_npz,
    read_safetensors,
    write_npz,
    write_safetensors,
)
from autograd.hollow import refuse_hollow
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load", "save"]


def save(state: Any, path: str | os.PathLike[str] | BinaryIO) -> None:
    """Write tensors to ``path``, whole or not at all.

    Parameters
    ----------
    state : mapping
        Names to tensors or arrays, such as ``model.state_dict()``; or dicts, lists and tuples of
        them, with numbers, strings, booleans and None.  Values are saved, not ``requires_grad``.
    path : str, path or binary file
        Ends in ``.safetensors`` or ``.npz``; into an open file (``io.BytesIO()``) safetensors are
        written.

    Raises
    ------
    TypeError
        Something in ``state`` is neither of these.
    ValueError
        The suffix is another, or a name occurs twice or cannot be written.
    FileNotFoundError
        There is no such folder.

    Examples
    --------
    >>> import autograd, tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "w.safetensors")
    >>> autograd.save({"w": autograd.ones(2)}, path)
    >>> autograd.load(path)["w"].tolist()
    [1.0, 1.0]

    Source: ``torch.save``; the safetensors format.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"save: expected a dict of tensors, got {type(state).__name__}")
    arrays: Arrays = {}
    try:
        structure = _flatten(state, "", arrays)
    except RecursionError:
        raise ValueError("save: the state is nested too deep, or holds itself") from None
    flat = all(
        isinstance(name, str) and isinstance(value, (Tensor, np.ndarray, np.generic))
        for name, value in state.items()
    )
    text = None if flat else json.dumps(structure)
    if hasattr(path, "write"):
        write_safetensors(cast("BinaryIO", path), arrays, text)
        return
    target, npz = _format(path, "save")
    with _replacing(target) as file:
        (write_npz if npz else write_safetensors)(file, arrays, text)


def load(path: str | os.PathLike[str] | BinaryIO) -> dict[str, Any]:
    """Read what ``save`` wrote (or any safetensors file, or an npz of plain arrays).

    Parameters
    ----------
    path : str, path or binary file
        A file's content says which format it has, a path's suffix must.

    Returns
    -------
    dict
        As it was saved, with a new Tensor for each array (bfloat16 becomes float32).

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file is truncated, damaged, or of another kind.

    Examples
    --------
    >>> import autograd
    >>> import io
    >>> file = io.BytesIO()
    >>> autograd.save({"step": 3, "w": autograd.ones(2)}, file)
    >>> _ = file.seek(0)
    >>> autograd.load(file)
    {'step': 3, 'w': tensor([1., 1.])}

    Source: ``torch.load``, which unpickles, as this never does.
    """
    if hasattr(path, "read"):
        opened = cast("BinaryIO", path)
        start = opened.tell()
        npz = opened.read(2) == b"PK"
        opened.seek(start)
        return _read(opened, npz, "the file")
    source, npz = _format(path, "load")
    if not source.exists():
        raise FileNotFoundError(f"load: there is no file {source}")
    with open(source, "rb") as file:
        return _read(file, npz, str(source))


def _read(file: BinaryIO, npz: bool, name: str) -> dict[str, Any]:
    """Read a file; whatever its damage makes the parsers raise is one ValueError."""
    try:
        arrays, text = read_npz(file) if npz else read_safetensors(file)
        tensors = {name: Tensor(array) for name, array in arrays.items()}
        state = tensors if text is None else _unflatten(json.loads(text), tensors)
        if not isinstance(state, dict):
            raise ValueError("its structure is not a dict")
    except Exception as problem:
        kind = "npz" if npz else "safetensors"
        raise ValueError(f"load: {name} is not a whole {kind} file: {problem}") from None
    return state


# Nesting: every array becomes {"tensor": its name} in a JSON value of the same form.


def _flatten(value: Any, name: str, arrays: Arrays) -> Any:
    if isinstance(value, Tensor):
        value = np.asarray(value.payload)
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        refuse_hollow(f"save: {name}", array)
        if array.dtype.name not in NAMES:
            raise TypeError(f"save: {name} is an array of {array.dtype}, which is not saved")
        if name in arrays:
            raise ValueError(f"save: two tensors have the name {name}")
        if name in RESERVED or "\0" in name or any("\ud800" <= c <= "\udfff" for c in name):
            raise ValueError(f"save: a tensor cannot have the name {name!r}")
        arrays[name] = array
        return {"tensor": name}
    if isinstance(value, Mapping):
        items = []
        for key, item in value.items():
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                raise TypeError(f"save: keys must be str or int, got {key!r} in {name or 'state'}")
            items.append([key, _flatten(item, f"{name}.{key}" if name else str(key), arrays)])
        return {"dict": items}
    if isinstance(value, (list, tuple)):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [_flatten(item, f"{name}.{i}", arrays) for i, item in enumerate(value)]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"value": value}
    raise TypeError(
        f"save: {name} is a {type(value).__name__}; expected tensors, numbers, strings, "
        "booleans, None, or dicts and lists of them"
    )


def _unflatten(structure: Any, tensors: dict[str, Tensor]) -> Any:
    ((kind, content),) = structure.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "dict":
        return {key: _unflatten(item, tensors) for key, item in content}
    if kind == "list":
        return [_unflatten(item, tensors) for item in content]
    if kind == "tuple":
        return tuple(_unflatten(item, tensors) for item in content)
    if kind == "value":
        return content
    raise ValueError(f"its structure holds an unknown kind {kind!r}")


# Files


def _format(path: Any, function: str) -> tuple[Path, bool]:
    """Return the path, and whether it is to an npz."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{function}: expected a path or an open file, got {type(path).__name__}")
    from pathlib import Path  # here: to import it takes 5 ms

    path = Path(path)
    if path.suffix not in (".safetensors", ".npz"):
        raise ValueError(
            f"{function}: expected a file name that ends in .safetensors or .npz, got {path.name}"
        )
    return path, path.suffix == ".npz"


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of ``path`` once it has been written without an error."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"save: there is no folder {path.parent} to write {path.name} into")
    path = path.resolve()  # a link stays a link
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with open(temporary, "wb") as file:
            with suppress(OSError):  # who may read the old file may read the new one
                temporary.chmod(path.stat().st_mode & 0o777)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    with suppress(OSError):  # the new name, too, shall outlive a loss of power
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
