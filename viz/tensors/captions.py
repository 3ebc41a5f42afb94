"""What an operation is called on its card: ``Conv2d 3×3 s1 p1``.

The words come from the record (name, attributes, shapes), never from the module's class: a
functional call and a module read the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["FAMILIAR", "caption", "kind_of", "shape_text"]

FAMILIAR = {  # names under which layers are recorded -> what their card is about
    "conv1d": "convolution", "conv2d": "convolution", "conv3d": "convolution",
    "conv_transpose1d": "convolution", "conv_transpose2d": "convolution",
    "conv_transpose3d": "convolution",
    **{f"{which}max_pool{n}d": "max_pool" for n in (1, 2, 3) for which in ("", "adaptive_")},
    **{f"{which}avg_pool{n}d": "avg_pool" for n in (1, 2, 3) for which in ("", "adaptive_")},
    "batch_norm": "norm", "layer_norm": "norm", "group_norm": "norm",
    "instance_norm": "norm", "rms_norm": "norm", "local_response_norm": "norm",
    "alpha_dropout": "dropout", "drop_connect": "dropout", "stochastic_depth": "dropout",
    "dropout": "dropout", "relu": "relu", "linear": "linear",
    "reshape": "reshape", "flatten": "reshape", "view": "reshape",
    "cross_entropy": "cross_entropy",
}  # fmt: skip


def kind_of(name: str) -> str:
    """Return the family of an operation's name, or the name itself."""
    return FAMILIAR.get(name, name)


def caption(name: str, attributes: Mapping[str, Any], shapes: Mapping[str, tuple]) -> str:
    """Say what an operation does, with its attributes.

    Parameters
    ----------
    name : str
        The recorded name, ``"conv2d"``.
    attributes : mapping
        Its keyword attributes.
    shapes : mapping of operand name to shape
        Shapes of the operands as far as they are known.

    Examples
    --------
    >>> caption("conv2d", {"stride": (1, 1), "padding": (1, 1)}, {"weight": (8, 1, 3, 3)})
    'Conv2d 3×3 s1 p1'
    >>> caption("max_pool2d", {"kernel_size": 3, "stride": 2, "ceil_mode": True}, {})
    'MaxPool2d 3×3 s2 ceil'
    >>> caption("relu", {}, {})
    'ReLU max(0, x)'
    >>> caption("layer_norm", {"dims": 1}, {"x": (2, 5, 8)})
    'LayerNorm · 8'
    >>> caption("group_norm", {"groups": 2}, {"x": (2, 6, 4, 4)})  # two groups of three channels
    'GroupNorm · 2 of 3'
    """
    write = WRITERS.get(name)
    if write is None:
        return name
    try:
        return write(attributes, shapes)
    except (KeyError, TypeError, IndexError):  # recorded in a way this page does not know
        return name


def shape_text(shape: tuple[int, ...], batch: bool = True) -> str:
    """Write a shape as on an edge: ``8×28×28``, without the batch when there is one.

    >>> shape_text((1, 8, 28, 28)), shape_text((1, 784)), shape_text(())
    ('8×28×28', '784', 'scalar')
    """
    inner = shape[1:] if batch and len(shape) > 1 else shape
    return "×".join(map(str, inner)) or "scalar"


def _pair(value: Any, rank: int = 2) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank


def _size(values: tuple[Any, ...]) -> str:
    return "×".join(map(str, values))


def _square(values: tuple[Any, ...]) -> str:
    return str(values[0]) if len(set(values)) == 1 else _size(values)


def _convolution(title: str) -> Callable[..., str]:
    def write(attributes: Mapping[str, Any], shapes: Mapping[str, tuple]) -> str:
        kernel = tuple(shapes["weight"][2:])
        words = [title, _size(kernel)]
        words += _steps(attributes, len(kernel), default_stride=(1,) * len(kernel))
        if attributes.get("groups", 1) != 1:
            words.append(f"g{attributes['groups']}")
        return " ".join(words)

    return write


def _pool(title: str, rank: int) -> Callable[..., str]:
    def write(attributes: Mapping[str, Any], shapes: Mapping[str, tuple]) -> str:
        kernel = _pair(attributes["kernel_size"], rank)
        words = [title, _size(kernel), *_steps(attributes, rank, default_stride=kernel)]
        if attributes.get("ceil_mode"):
            words.append("ceil")
        return " ".join(words)

    return write


def _adaptive_pool(title: str, rank: int) -> Callable[..., str]:
    def write(attributes: Mapping[str, Any], shapes: Mapping[str, tuple]) -> str:
        return f"{title} to {_size(_pair(attributes['output_size'], rank))}"

    return write


def _steps(attributes: Mapping[str, Any], rank: int, default_stride: tuple) -> list[str]:
    stride = attributes.get("stride")
    words = ["s" + _square(default_stride if stride is None else _pair(stride, rank))]
    padding = _pair(attributes.get("padding", 0), rank)
    if any(padding):
        words.append("p" + _square(padding))
    dilation = _pair(attributes.get("dilation", 1), rank)
    if any(d != 1 for d in dilation):
        words.append("d" + _square(dilation))
    return words


def _batch_norm(attributes: Mapping[str, Any], shapes: Mapping[str, tuple]) -> str:
    title = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d"}.get(
        len(shapes["x"]), "BatchNorm"
    )
    if attributes.get("training", True):
        return f"{title} · {'this image' if shapes['x'][0] == 1 else 'this batch'}"
    return f"{title} · running stats"


def _last_axes(title: str) -> Callable[..., str]:
    def write(attributes: Mapping[str, Any], shapes: Mapping[str, tuple]) -> str:
        return f"{title} · {_size(shapes['x'][-attributes['dims'] :])}"

    return write


def _group_norm(attributes: Mapping[str, Any], shapes: Mapping[str, tuple]) -> str:
    return f"GroupNorm · {attributes['groups']} of {shapes['x'][1] // attributes['groups']}"


def _instance_norm(attributes: Mapping[str, Any], shapes: Mapping[str, tuple]) -> str:
    return f"InstanceNorm{len(shapes['x']) - 2}d"


def _dropout(attributes: Mapping[str, Any], shapes: Mapping[str, tuple]) -> str:
    p = attributes.get("p")
    training = attributes.get("training", True)
    words = "Dropout" if p is None else f"Dropout p {p:g}"
    return f"{words} · training" if training else f"{words} · off"


WRITERS: dict[str, Callable[[Mapping[str, Any], Mapping[str, tuple]], str]] = {
    **{f"conv{n}d": _convolution(f"Conv{n}d") for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": _convolution(f"ConvTranspose{n}d") for n in (1, 2, 3)},
    **{f"max_pool{n}d": _pool(f"MaxPool{n}d", n) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": _pool(f"AvgPool{n}d", n) for n in (1, 2, 3)},
    **{
        f"adaptive_{kind}_pool{n}d": _adaptive_pool(f"Adaptive{kind.title()}Pool{n}d", n)
        for kind in ("max", "avg")
        for n in (1, 2, 3)
    },
    "interpolate": lambda attributes, shapes: f"Resample {attributes['mode']}",
    "batch_norm": _batch_norm,
    "layer_norm": _last_axes("LayerNorm"),
    "rms_norm": _last_axes("RMSNorm"),
    "group_norm": _group_norm,
    "instance_norm": _instance_norm,
    "local_response_norm": lambda attributes, _: f"LocalResponseNorm {attributes['size']}",
    "dropout": _dropout,
    "relu": lambda attributes, shapes: "ReLU max(0, x)",
    "linear": lambda attributes, shapes: f"Linear {shapes['weight'][1]} → {shapes['weight'][0]}",
    "reshape": lambda attributes, shapes: "same numbers",
    "flatten": lambda attributes, shapes: "same numbers",
    "add": lambda attributes, shapes: "sum of two",
}
