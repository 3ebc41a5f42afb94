"""File formats: arrays and one text in a safetensors file or an npz, with a checksum of all.

safetensors is 8 bytes of length, a JSON header and the numbers, written and read here in plain
NumPy.  Its readers elsewhere ignore what we put into the header's metadata: the text (how arrays
are nested) and the CRC-32 of names, dtypes, shapes, text and numbers, by which ``load`` knows a
file with a flipped bit.  An npz is a zip archive, which checks its members by itself.
"""

from __future__ import annotations

import io
import json
import math
import zlib
from typing import Any, BinaryIO

import numpy as np

Arrays = dict[str, np.ndarray[Any, Any]]

NAMES = {
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
_DTYPES = {name: np.dtype(dtype).newbyteorder("<") for dtype, name in NAMES.items()}
_DTYPES["BF16"] = np.dtype("<u2")  # the upper half of a float32: widened when read
STRUCTURE = "backlight"  # the key of the text, in the metadata or as an array
_CHECKSUM = "backlight.crc32"
_LARGEST_HEADER = 100_000_000
RESERVED = ("__metadata__", f"{STRUCTURE}.json")  # names that arrays cannot have


def write_npz(file: BinaryIO, arrays: Arrays, structure: str | None) -> None:
    """Write arrays, and the text as one more, into a zip archive without compression."""
    import zipfile  # here: to import it takes 4 ms, which who saves nothing need not wait for

    if structure is not None:
        arrays = {**arrays, f"{STRUCTURE}.json": np.array(structure)}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read_npz(file: BinaryIO) -> tuple[Arrays, str | None]:
    """Read what :func:`write_npz` or ``np.savez`` wrote, never unpickling."""
    import zipfile

    arrays: Arrays = {}
    with zipfile.ZipFile(file) as archive:
        _all_members(file, len(archive.infolist()))
        for member in archive.namelist():
            if not member.endswith(".npy"):
                raise ValueError(f"it holds {member}, which is not an array")
            name = member.removesuffix(".npy")
            if name in arrays:
                raise ValueError(f"it holds {name} twice")
            data = io.BytesIO(archive.read(member))  # whole, so that its checksum is looked at
            arrays[name] = np.lib.format.read_array(data, allow_pickle=False)
            if data.read(1):
                raise ValueError(f"bytes follow the numbers of {name}")
    structure = arrays.pop(f"{STRUCTURE}.json", None)
    for name, array in arrays.items():
        if array.dtype.name not in NAMES:
            raise ValueError(f"{name} is an array of {array.dtype}")
    return arrays, None if structure is None else str(structure)


def _all_members(file: BinaryIO, found: int) -> None:
    """Compare how many members the end of a zip archive tells, which zipfile does not look at."""
    file.seek(-22, io.SEEK_END)
    end = file.read(22)
    told = int.from_bytes(end[10:12], "little")
    if end.startswith(b"PK\x05\x06") and told not in (found, 0xFFFF):
        raise ValueError(f"{found} of its {told} arrays can be found")


def write_safetensors(file: BinaryIO, arrays: Arrays, structure: str | None) -> None:
    """Write a header that says where each array is, then the arrays."""
    # Larger items first, so that every array begins at a multiple of its item size.
    order = sorted(arrays, key=lambda name: -arrays[name].dtype.itemsize)
    entries: dict[str, Any] = {}
    end = 0
    for name in order:
        array = arrays[name]
        start, end = end, end + array.nbytes
        entries[name] = {
            "dtype": NAMES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [start, end],
        }
    checksum = _checksum_of_header(entries, structure)
    for name in order:
        checksum = zlib.crc32(_little_endian(arrays[name]), checksum)
    metadata = {_CHECKSUM: f"{checksum:08x}"}
    if structure is not None:
        metadata[STRUCTURE] = structure
    text = json.dumps({"__metadata__": metadata, **entries}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little"))
    file.write(text)
    for name in order:
        file.write(_little_endian(arrays[name]))


def _little_endian(array: np.ndarray[Any, Any]) -> Any:
    ordered = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return ordered.reshape(-1).view(np.uint8)


def _checksum_of_header(entries: dict[str, Any], structure: str | None) -> int:
    return zlib.crc32(json.dumps([entries, structure], sort_keys=True).encode())


def read_safetensors(file: BinaryIO) -> tuple[Arrays, str | None]:
    """Read any safetensors file; of ours the checksum, too."""
    content = file.read()
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(len(content) - 8, _LARGEST_HEADER):
        raise ValueError("its header is cut off or not a header")
    header = json.loads(content[8 : 8 + length], object_pairs_hook=_without_duplicates)
    data = memoryview(content)[8 + length :]
    if not isinstance(header, dict):
        raise ValueError("its header is not a JSON object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict):
        raise ValueError("its metadata is not a JSON object")
    arrays: Arrays = {}
    reached = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        arrays[name] = _array(name, entry, data, reached)
        reached = entry["data_offsets"][1]
    if reached != len(data):
        raise ValueError(f"{len(data) - reached} bytes follow its last array")
    structure = metadata.get(STRUCTURE)
    if _CHECKSUM in metadata:
        checksum = zlib.crc32(data, _checksum_of_header(header, structure))
        if metadata[_CHECKSUM] != f"{checksum:08x}":
            raise ValueError("its checksum is another, so something in it was changed")
    return arrays, structure


def _array(name: str, entry: Any, data: memoryview, reached: int) -> np.ndarray[Any, Any]:
    """Return the array that an entry of the header describes, which begins where one ended."""
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
    array: np.ndarray[Any, Any] = np.frombuffer(data[start:end], dtype).reshape(shape)
    if entry["dtype"] == "BF16":
        array = (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(array.dtype.type)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("its header names an array twice")
    return found
