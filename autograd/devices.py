"""Devices: there is one, the CPU, and code that names it runs unchanged."""

from __future__ import annotations

from typing import Any

__all__ = ["device"]


class device(str):  # noqa: N801 - PyTorch's name
    """The CPU: ``device("cpu")``, which also equals the string ``"cpu"``.

    Raises
    ------
    RuntimeError
        If another device is asked for.

    Examples
    --------
    >>> import autograd
    >>> autograd.device("cpu")
    device(type='cpu')
    >>> autograd.tensor(1.0).device.type
    'cpu'

    Source: ``torch.device``.
    """

    __slots__ = ()
    type = "cpu"
    index = None  # type: ignore[assignment]

    def __new__(cls, name: Any = "cpu", index: int | None = None) -> device:
        """Return the one device there is."""
        return only_cpu(name, "device")

    def __repr__(self) -> str:
        return "device(type='cpu')"

    def __reduce__(self) -> tuple[Any, ...]:
        return device, ()


CPU = str.__new__(device, "cpu")


def only_cpu(name: Any, function: str) -> device:
    """Return the CPU if that is what ``name`` names (or None).

    Raises
    ------
    RuntimeError
        If it names another device.
    TypeError
        If it is no name.
    """
    if name is None or (isinstance(name, (str, device)) and name in ("cpu", "cpu:0")):
        return CPU
    if not isinstance(name, (str, int, device)):
        raise TypeError(f"{function}: expected a device, got {type(name).__name__}")
    raise RuntimeError(f"{function}: there is no device but the CPU, got {name!r}")
