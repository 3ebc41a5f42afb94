"""A configuration in both libraries: what each made of it, and what is to be said about that."""

import re
import warnings
from dataclasses import dataclass

import numpy as np

import autograd
import nn
from tests.fuzz_layers.configurations import draw
from tests.fuzz_layers.drawing import Built, Given

# Refusals that are meant, of configurations that are not spoilt: PyTorch's own reasons differ from
# layer to layer, kernel to kernel, or with the batch.
MEANT = (
    "output_padding must be less than stride or dilation",  # not asked of every kernel
    "would give an output of size",  # of no pixel
    "does not fit an axis",  # padding by more than there is, of images that a crop leaves empty
    "takes off more than there is",
)


@dataclass(frozen=True)
class Finding:
    """What is wrong with a configuration."""

    kind: str
    number: int
    words: str
    configuration: object

    def __str__(self):
        return f"{self.kind}: {self.words}\n    --call {self.number}: {self.configuration}"


def judge(torch, seed, number, say=lambda ours: None):
    """Return a finding, or a word for what happened: agrees, refused, lenient, stricter.

    ``say`` is told whose turn it is.
    """
    drawn = draw(seed, number)
    say(False)
    wanted, reason = attempt(torch, drawn, number)
    say(True)
    found, error = attempt(torch, drawn, number, wanted.get("state"), ours=True)
    words = "" if error is None else str(error)
    if error is not None and not re.match(r"[\w.]+: ", words):
        if not (isinstance(error, TypeError) and "argument" in words):  # Python's own, of a call
            return Finding("unnamed error", number, f"{type(error).__name__}: {words}", drawn)
    if reason is not None:
        return "lenient" if error is None else "refused"
    if error is not None:
        if drawn.spoilt or any(meant in words for meant in MEANT):
            return "stricter"
        return Finding("refused", number, f"{type(error).__name__}: {words}", drawn)
    difference = compare(wanted, found, drawn)
    return Finding("differs", number, difference, drawn) if difference else "agrees"


def attempt(torch, drawn, number, state=None, ours=False):
    """Return what a library computed by name, and the error if it raised one."""
    library, layers = (autograd, nn) if ours else (torch, torch.nn)
    results = {}
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            _run(library, layers, drawn, number, state, results)
    except (TypeError, ValueError, RuntimeError, IndexError, NotImplementedError) as error:
        return results, error
    except (AssertionError, AttributeError, KeyError, ZeroDivisionError, OverflowError) as error:
        return results, error
    return results, None


def _run(library, layers, drawn, number, state, results):
    made = lambda value: _made(library, layers, value, [])  # noqa: E731
    function = getattr(layers.functional, drawn.name) if drawn.name[0].islower() else None
    module = None
    if function is None:
        options = {name: made(value) for name, value in drawn.kwargs.items()}
        module = getattr(layers, drawn.name)(*map(made, drawn.args), **options)
        module.to(getattr(library, drawn.dtype))
        if library is autograd:
            if state is not None:
                module.load_state_dict(state)
                assert list(module.state_dict()) == list(state), "state_dict: another order of keys"
        else:
            _fill(library, module, number)
            results["state"] = {name: t.clone() for name, t in module.state_dict().items()}
    for mode in (True, False) if module is not None else (True,):
        if module is not None:
            module.train(mode)
            module.zero_grad()
        leaves = []
        inputs = [_made(library, layers, value, leaves) for value in drawn.inputs]
        call = {name: _made(library, layers, v, leaves) for name, v in drawn.call.items()}
        if drawn.shared:
            inputs, leaves = [inputs[0]] * len(inputs), leaves[:1]
        if drawn.lengths:
            first = drawn.kwargs.get("batch_first", False)
            lengths = library.tensor(list(drawn.lengths))
            pack = layers.utils.rnn.pack_padded_sequence
            inputs[0] = pack(inputs[0], lengths, first, enforce_sorted=False)
        if function is not None:
            options = {n: _made(library, layers, v, leaves) for n, v in drawn.kwargs.items()}
            output = function(*inputs, **options)
        else:
            output = module(*inputs, **call)
        parameters = {} if module is None else dict(module.named_parameters())
        _differentiate(library, output, leaves, parameters, f"mode {mode}", number, results, drawn)
        for name, buffer in () if module is None else module.named_buffers():
            results[f"mode {mode}: buffer {name}"] = np.array(buffer.detach().numpy())


def _differentiate(library, output, leaves, parameters, mode, number, results, drawn):
    rng, total = np.random.default_rng(number), None
    for place, tensor in enumerate(_flat(output)):
        results[f"{mode}: output {place}"] = None if tensor is None else _array(tensor)
        if tensor is not None and tensor.requires_grad:
            upstream = rng.standard_normal(tuple(tensor.shape))
            part = (tensor * library.tensor(upstream.astype(_array(tensor).dtype))).sum()
            total = part if total is None else total + part
    if total is None:
        return
    second = drawn.dtype == "float64" and not drawn.spoilt
    wanted = {f"input {i}": leaf for i, leaf in enumerate(leaves)} | parameters
    wanted = {name: tensor for name, tensor in wanted.items() if tensor.requires_grad}
    grad = library.autograd.grad if hasattr(library, "autograd") else library.grad
    gradients = grad(total, list(wanted.values()), create_graph=second, allow_unused=True)
    again = None
    for (name, tensor), gradient in zip(wanted.items(), gradients, strict=True):
        zeros = np.zeros(tuple(tensor.shape), drawn.dtype)  # None and 0 are the same to a training
        results[f"{mode}: gradient of {name}"] = zeros if gradient is None else _array(gradient)
        turned = rng.standard_normal(tuple(tensor.shape))
        if second and gradient is not None and gradient.requires_grad:
            part = (gradient * library.tensor(turned)).sum()
            again = part if again is None else again + part
    if not second:
        return
    twice = [None] * len(wanted)
    if again is not None:
        twice = grad(again, list(wanted.values()), allow_unused=True)
    for (name, tensor), gradient in zip(wanted.items(), twice, strict=True):
        zeros = np.zeros(tuple(tensor.shape))
        results[f"{mode}: second {name}"] = zeros if gradient is None else _array(gradient)


def _fill(torch, module, number):
    rng = np.random.default_rng(number)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.tensor(0.7 * rng.standard_normal(tuple(parameter.shape))))


def _made(library, layers, value, leaves):
    """Return an argument as the library takes it, and note the leaves that are differentiated."""
    if isinstance(value, Built):
        return getattr(layers, value.name)(*value.args, **value.kwargs)
    if isinstance(value, tuple):
        return tuple(_made(library, layers, each, leaves) for each in value)
    if not isinstance(value, Given):
        return value
    array, layout = value.array, value.layout
    if layout == "transposed" and array.ndim > 1:
        leaf, seen = np.swapaxes(array, -1, -2), lambda t: t.transpose(-1, -2)
    elif layout == "channels last" and array.ndim > 2:
        leaf, seen = np.moveaxis(array, 1, -1), lambda t: t.movedim(-1, 1)
    elif layout == "strided" and array.ndim:
        leaf, seen = np.repeat(array, 2, -1), lambda t: t[..., ::2]
    elif layout == "reversed" and array.ndim:
        leaf, seen = array[..., ::-1], lambda t: t.flip(-1)
        if library is autograd:  # a view, which PyTorch has not
            seen = lambda t: t[..., ::-1]  # noqa: E731
    else:
        leaf, seen = array, lambda t: t
    tensor = library.tensor(np.ascontiguousarray(leaf).reshape(leaf.shape))
    if value.grad:
        leaves.append(tensor.requires_grad_())
    return seen(tensor)


def _flat(output):
    if isinstance(output, (tuple, list)):
        return [leaf for each in output for leaf in _flat(each)]
    return [output]


def _array(tensor):
    return np.array(tensor.detach().numpy())


def compare(wanted, found, drawn):
    """Say in what the results differ, or nothing.

    Of inputs of two dtypes PyTorch takes the wider, or the first's, as a kernel happens to.
    """
    dtypes = {value.array.dtype for value in drawn.inputs if isinstance(value, Given)}
    mixed = {np.dtype(np.float32), np.dtype(np.float64)} <= dtypes
    nothing = any(isinstance(x, Given) and not x.array.size for x in drawn.inputs) and drawn.spoilt
    for name, one in wanted.items():
        if name == "state" or (nothing and "gradient" in name):  # which is nan here and there
            continue
        other = found.get(name)
        if one is None or other is None:
            if one is not None or other is not None:
                return f"{name}: PyTorch {one}, ours {other}"
        elif one.shape != other.shape or (one.dtype != other.dtype and not mixed):
            return f"{name}: {one.dtype}{one.shape} in PyTorch, ours {other.dtype}{other.shape}"
        elif one.dtype.kind != "f":
            if not np.array_equal(one, other):
                return f"{name}: PyTorch {one.ravel()[:8]}, ours {other.ravel()[:8]}"
        elif one.size:
            unit = (6e-6 if mixed or one.dtype == np.float32 else 3e-11) * drawn.tolerance
            finite = np.abs(one[np.isfinite(one)]).max(initial=1)
            unit *= 10 if "second" in name else 1
            close = np.isclose(one, other, rtol=unit, atol=unit * finite, equal_nan=True)
            if not close.all():
                place = tuple(map(int, np.argwhere(~close)[0]))
                return f"{name} at {place}: PyTorch {one[place]}, ours {other[place]}"
    return ""
