"""Saving tensors to a file and reading them back, without ever unpickling anything.

Two formats by the file's suffix: ``.safetensors`` (8 bytes of length, a JSON header, raw numbers;
readable by PyTorch's tools, written and read here in plain NumPy) and ``.npz``. Tensors may be
nested in dicts and lists with numbers and strings, as in an optimiser's ``state_dict``: the arrays
are stored under dotted names, and the nesting, if there is any, as JSON beside them.

A file is written under a temporary name and then renamed, so a crash leaves the old one whole; a
file that is truncated or foreign is refused with a ``ValueError`` that says what is wrong with it.
"""

from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from autograd.tensor import Tensor

__all__ = ["load", "save"]

_NAMES = {
    "bool": "BOOL",
    "uint8": "U8",
    "int8": "I8",
    "uint16": "U16",
    "int16": "I16",
    "uint32": "U32",
    "int32": "I32",
    "uint64": "U64",
    "int64": "I64",
    "float16": "F16",
    "float32": "F32",
    "float64": "F64",
}
_DTYPES = {name: np.dtype(dtype).newbyteorder("<") for dtype, name in _NAMES.items()}
_DTYPES["BF16"] = np.dtype("<u2")  # the upper half of a float32: widened when read
_STRUCTURE = "backlight"  # the key of the nesting, in the metadata or as an array
_LARGEST_HEADER = 100_000_000


def save(state: Any, path: str | os.PathLike[str]) -> None:
    """Write tensors to ``path``, whole or not at all.

    Parameters
    ----------
    state : mapping
        Names to tensors or arrays, such as ``model.state_dict()``; or dicts and lists of them,
        with numbers, strings, booleans and None.
    path : str or path
        Ends in ``.safetensors`` or ``.npz``.

    Raises
    ------
    TypeError
        Something in ``state`` is neither of these.
    ValueError
        The suffix is another, or a name occurs twice.

    Examples
    --------
    >>> import autograd, tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "w.safetensors")
    >>> autograd.save({"w": autograd.ones(2)}, path)
    >>> autograd.load(path)["w"].tolist()
    [1.0, 1.0]
    """
    path, write = _format(path, "save")
    if not isinstance(state, Mapping):
        raise TypeError(f"save: expected a dict of tensors, got {type(state).__name__}")
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    structure = _flatten(state, "", arrays)
    flat = all(isinstance(value, (Tensor, np.ndarray, np.generic)) for value in state.values())
    with _replacing(path) as file:
        write(file, arrays, None if flat else json.dumps(structure))


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what ``save`` wrote (or any safetensors file, or an npz of plain arrays).

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
    """
    path, write = _format(path, "load")
    if not path.exists():
        raise FileNotFoundError(f"load: there is no file {path}")
    read = _read_npz if write is _write_npz else _read_safetensors
    try:
        arrays, text = read(path)
        tensors = {name: Tensor(array, dtype=array.dtype) for name, array in arrays.items()}
        return tensors if text is None else _unflatten(json.loads(text), tensors)
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError) as problem:
        raise ValueError(f"load: {path} is not a whole {path.suffix[1:]} file: {problem}") from None


# Nesting: every array becomes {"tensor": its name} in a JSON value of the same form.


def _flatten(value: Any, name: str, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, Tensor):
        value = np.asarray(value.payload)
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.name not in _NAMES:
            raise TypeError(f"save: {name} is an array of {array.dtype}, which is not saved")
        if name in arrays:
            raise ValueError(f"save: two tensors have the name {name}")
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


def _format(path: str | os.PathLike[str], function: str) -> tuple[Path, Any]:
    path = Path(path)
    writers = {".safetensors": _write_safetensors, ".npz": _write_npz}
    if path.suffix not in writers:
        raise ValueError(
            f"{function}: expected a file name that ends in .safetensors or .npz, got {path.name}"
        )
    return path, writers[path.suffix]


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of ``path`` once it has been written without an error."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_npz(
    file: BinaryIO, arrays: dict[str, np.ndarray[Any, Any]], structure: str | None
) -> None:
    if structure is not None:
        arrays = {**arrays, f"{_STRUCTURE}.json": np.array(structure)}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _read_npz(path: Path) -> tuple[dict[str, np.ndarray[Any, Any]], str | None]:
    arrays = {}
    with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
        for member in archive.namelist():
            if not member.endswith(".npy"):
                raise ValueError(f"it holds {member}, which is not an array")
            with archive.open(member) as data:
                array = np.lib.format.read_array(data, allow_pickle=False)
            arrays[member.removesuffix(".npy")] = array
    structure = arrays.pop(f"{_STRUCTURE}.json", None)
    for name, array in arrays.items():
        if array.dtype.name not in _NAMES:
            raise ValueError(f"{name} is an array of {array.dtype}")
    return arrays, None if structure is None else str(structure)


def _write_safetensors(
    file: BinaryIO, arrays: dict[str, np.ndarray[Any, Any]], structure: str | None
) -> None:
    header: dict[str, Any] = {}
    if structure is not None:
        header["__metadata__"] = {_STRUCTURE: structure}
    # Larger items first, so that every array begins at a multiple of its item size.
    order = sorted(arrays, key=lambda name: -arrays[name].dtype.itemsize)
    end = 0
    for name in order:
        array = arrays[name]
        start, end = end, end + array.nbytes
        header[name] = {
            "dtype": _NAMES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little"))
    file.write(text)
    for name in order:
        file.write(arrays[name].astype(arrays[name].dtype.newbyteorder("<"), copy=False).tobytes())


def _read_safetensors(path: Path) -> tuple[dict[str, np.ndarray[Any, Any]], str | None]:
    size = path.stat().st_size
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, _LARGEST_HEADER):
            raise ValueError("its header is cut off or not a header")
        header = json.loads(file.read(length), object_pairs_hook=_without_duplicates)
        data = file.read()
    if not isinstance(header, dict):
        raise ValueError("its header is not a JSON object")
    metadata = header.pop("__metadata__", {})
    arrays = {}
    reached = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        start, end = entry["data_offsets"]
        shape = tuple(entry["shape"])
        if entry["dtype"] not in _DTYPES:
            raise ValueError(f"{name} has the unknown dtype {entry['dtype']!r}")
        if not all(type(n) is int and n >= 0 for n in (*shape, start, end)):
            raise ValueError(f"{name} has a shape or offsets that are not numbers")
        dtype = _DTYPES[entry["dtype"]]
        if start != reached or end - start != math.prod(shape) * dtype.itemsize:
            raise ValueError(f"{name} does not fill its place in the file")
        if end > len(data):
            raise ValueError(f"it ends before {name}")
        array = np.frombuffer(data, dtype, math.prod(shape), start).reshape(shape)
        if entry["dtype"] == "BF16":
            array = (array.astype(np.uint32) << 16).view(np.float32)
        arrays[name] = array.astype(array.dtype.newbyteorder("="))
        reached = end
    if reached != len(data):
        raise ValueError(f"{len(data) - reached} bytes follow its last array")
    return arrays, metadata.get(_STRUCTURE)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("its header names an array twice")
    return found
