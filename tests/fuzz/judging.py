"""One call, judged: run, differentiated, and compared with PyTorch (NumPy's names with NumPy).

What comes of a call is one ``Verdict``.  Kinds whose name is in ``FINDINGS`` are to be mended (or
accepted with a reason); the others only count.
"""

import importlib.util
import re
import traceback
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd
from tests.fuzz.accepted import reason_for
from tests.fuzz.calls import LAYERS, TARGETS, _function
from tests.fuzz.causes import drawn_in
from tests.fuzz.values import Drawn, DType, realize

CLEAR = (
    *(TypeError, ValueError, RuntimeError, IndexError, NotImplementedError, OverflowError),
    *(ZeroDivisionError, ImportError, BufferError, np.linalg.LinAlgError),
)
INTERNAL = (AssertionError, KeyError, AttributeError, NameError, RecursionError, SystemError)
FINDINGS = {
    "internal error": "an exception that no user should see",
    "unnamed error": "an error whose message does not name the function",
    "changed input": "an argument was written to",
    "stricter": "raises where PyTorch does not",
    "shape": "another shape than PyTorch's",
    "dtype": "another dtype than PyTorch's",
    "value": "another value than PyTorch's",
    "nan": "NaN where PyTorch has none",
    "structure": "another kind of result than PyTorch's",
    "gradient": "another gradient than PyTorch's",
    "gradient nan": "a gradient of NaN where PyTorch has none",
    "gradient kind": "a gradient of another shape or dtype than its tensor",
    "backward": "backward fails with an unclear error",
    "backward stricter": "backward fails where PyTorch's does not",
    "crash": "the process died",
    "hang": "no answer in time",
    "fuzzer": "the fuzzer's own mistake",
}

warnings.simplefilter("ignore")
torch = None


class _Peer:
    """Says to the process that watches whether it is PyTorch that has the call."""

    at_work: Any = None  # a number in shared memory

    def __enter__(self):
        if self.at_work is not None:
            self.at_work.value = 1

    def __exit__(self, *error):
        if self.at_work is not None:
            self.at_work.value = 0


PEER = _Peer()


def load_torch():
    """Import PyTorch, if it is installed, on one thread."""
    global torch
    if torch is None and importlib.util.find_spec("torch"):
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)
        torch.func.grad(torch.sum)(torch.ones(1))  # imports much, and would again in each worker
    return torch


@dataclass
class Verdict:
    """What came of a call."""

    kind: str
    key: str
    detail: str = ""
    where: str = ""
    accepted: str | None = None

    @property
    def is_finding(self):
        return self.kind in FINDINGS and self.accepted is None

    @property
    def identity(self):
        detail = re.sub(r"[-+.\d]+|\w+\d\d?\b|\bTrue\b|\bFalse\b", "#", self.detail)[:60]
        return (self.kind, self.key, self.where, detail if self.kind != "value" else "")


# ---------------------------------------------------------------- names that errors may use


def _names_of_functions():
    """Return, for every function, the names under which an error may speak of it."""
    functions = {  # held, since an id says nothing of a function that is gone
        (room, name): _function(room, name, autograd)
        for room, name in TARGETS + LAYERS
        if room not in ("operator", "index")
    }
    by_function = {}
    for (_, name), function in functions.items():
        plain = name.rpartition(".")[2]
        own = getattr(function, "__name__", plain)
        names = by_function.setdefault(id(function), set())
        names.update({plain, name, own, own.rstrip("_")})
    return {target: by_function[id(function)] for target, function in functions.items()}


NAMES = _names_of_functions()
PUBLIC = {name.rpartition(".")[2] for room, name in TARGETS} | {
    "index",
    "x[index] = value",
    "power_of",
}


PYTHONS = re.compile(
    "0-d tensor|unsupported operand|not supported between instances|keyword argument|"
    "cannot convert float|expected . arguments|as an integer|to Python scalars|to a scalar index"
)


def names_the_function(call, message):
    """Tell whether a message speaks of the function that was called (or of an operator's op)."""
    if call.room == "functional":
        return True  # the user's own function may raise anything
    known = NAMES.get((call.room, call.name), {call.name, call.name.strip("_")})
    if call.room == "layers":  # max_pool2d_with_indices is one with max_pool2d, relu(True) relu_
        known = known | {name.removesuffix("_with_indices") for name in known}
        known = known | {f"{name}_" for name in known}
    if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", message) for name in known):
        return True
    if message.split(":")[0] in {*call.kwargs, "requires_grad"}:
        return True  # the option that was wrong
    if "_setitem()" in message:
        return True
    if call.room == "numpy" and "0-d tensor" in message:
        return True
    if call.room == "operator" and (PYTHONS.search(message) or not drawn_tensors(call)):
        return True  # Python's own words, or NumPy's, which did not ask us
    start = message.partition(":")[0]
    if call.room in ("numpy", "operator") and start in ("array", "index", "bool"):
        return True  # NumPy asked a Tensor to be an array, an index or a flag
    if call.room not in ("operator", "index"):
        return False
    return start.removeprefix("np.") in PUBLIC or "x[index]" in message


def drawn_tensors(call):
    """Return the arguments that are Tensors, not arrays or numbers."""
    return [drawn for drawn in drawn_in(call) if not drawn.array]


def needs_scipy(error):
    return isinstance(error, ImportError) and "SciPy" in str(error)


# ---------------------------------------------------------------- running


def judge(call, alone=False):
    """Run a call, and if not ``alone`` PyTorch's, and return its verdict."""
    verdict = _judge(call, alone)
    if verdict.kind in FINDINGS:
        verdict.accepted = reason_for(call, verdict)
    return verdict


def _judge(call, alone):
    with np.errstate(all="ignore"):
        ours = _run(call, autograd)
        if isinstance(ours, Verdict):
            return ours
        result, made, error = ours
        if needs_scipy(error):
            return Verdict("needs SciPy", call.key)
        if error is None and not all(_is_whole(part) for _, part in leaves_of(result)):
            return Verdict("internal error", call.key, "a Tensor that holds no array")
        if error is None and not call.writes:
            changed = _changed(call, made)
            if changed:
                return Verdict("changed input", call.key, changed)
        if error is not None and "nothing would converge" in str(error):
            return Verdict("raised", call.key, str(error))  # in LAPACK it might never end
        theirs = None if alone else _reference(call)
        if theirs is None:
            if error is not None:
                return Verdict("raised", call.key, str(error))
            return _differentiate(call, result, made, None) or Verdict("alone", call.key)
        their_result, their_made, their_error = theirs
        if error is not None:
            kind = "raised both" if their_error is not None else "stricter"
            if call.spoilt and kind == "stricter":
                kind = "stricter, spoilt"
            return Verdict(kind, call.key, f"{type(error).__name__}: {error}")
        if their_error is not None:
            verdict = _differentiate(call, result, made, None)
            return verdict or Verdict("lenient", call.key, str(their_error)[:150])
        return (
            _compare(call, result, their_result)
            or _differentiate(call, result, made, (their_result, their_made))
            or Verdict("agrees", call.key)
        )


def _run(call, library):
    """Return (result, realized, None) or (None, realized, error), or a verdict on the error."""
    made = None
    try:
        made = realize(library, call.args, call.kwargs, call.in_place)
        function = call.ours() if library is autograd else call.theirs(library)
        return function(*made.args, **made.kwargs), made, None
    except MemoryError as error:
        return None, made, error
    except INTERNAL as error:
        if call.room == "functional" and "has no attribute" in str(error):
            return None, made, error  # the function given does not take what it is given
        if call.room == "numpy" and not _where(error) and _numpys(call, strict=False)[2]:
            return None, made, error
        return Verdict("internal error", call.key, _told(error), _where(error))
    except CLEAR as error:
        message = str(error)
        if library is autograd and not (message and names_the_function(call, message)):
            if call.room == "numpy" and not _where(error) and _numpys(call, strict=False)[2]:
                return None, made, error  # NumPy itself said no before it asked us
            return Verdict("unnamed error", call.key, _told(error), _where(error))
        return None, made, error


def _told(error):
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


def _where(error):
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "autograd" in f.filename]
    if not frames:
        return ""
    last = frames[-1]
    return f"{last.filename.rpartition('autograd/')[2]}:{last.lineno}"


def _reference(call):
    """Return what the other library makes of the call, or None if it cannot be asked."""
    if call.room == "numpy":
        return _numpys(call)
    if torch is None:
        return None
    try:
        if call.theirs(torch) is None:
            return None
    except AttributeError:
        return None
    try:
        made = realize(torch, call.args, call.kwargs, call.in_place)
    except (TypeError, RuntimeError, ValueError):
        return None
    try:
        with PEER:
            return call.theirs(torch)(*made.args, **made.kwargs), made, None
    except Exception as error:
        return None, made, error


def _numpys(call, strict=True):
    """Return NumPy's own result on arrays, of float64 where both promote alike (``strict``)."""

    def array(value):
        if isinstance(value, Drawn):
            return np.array(value.values)
        if isinstance(value, (list, tuple)):
            return type(value)(array(v) for v in value)
        return getattr(np, value.name) if type(value).__name__ == "DType" else value

    def plain(value):
        if isinstance(value, (list, tuple)):
            return all(map(plain, value))
        return not isinstance(value, Drawn) or value.dtype == np.float64

    comparable = all(map(plain, [*call.args, *call.kwargs.values()])) and not call.spoilt
    if strict and not comparable:
        return None
    try:
        given = {key: array(value) for key, value in call.kwargs.items()}
        result = call.theirs(None)(*(array(value) for value in call.args), **given)
    except Exception as error:
        return None, None, error
    return result, None, None


def _changed(call, made):
    """Return what was written to among the bases, if anything."""
    fresh = realize(autograd, call.args, call.kwargs)
    for before, after in zip(fresh.bases, made.bases, strict=True):
        a, b = (np.asarray(getattr(x, "payload", x)) for x in (before, after))
        if a.tobytes() != b.tobytes():
            return f"{a.tolist()} became {b.tolist()}"[:200]
    return ""


# ---------------------------------------------------------------- comparing


def leaves_of(result):
    """Return the parts of a result: (path, value) of everything that is no tuple or list."""
    if isinstance(result, (tuple, list)):
        return [
            (f"[{i}]{path}", leaf)
            for i, part in enumerate(result)
            for path, leaf in leaves_of(part)
        ]
    return [("", result)]


def _is_whole(value):
    """Tell whether a Tensor holds an array of numbers (what is no Tensor is whole)."""
    if not isinstance(value, autograd.Tensor):
        return True
    return (
        isinstance(value.payload, (np.ndarray, np.generic)) and value.payload.dtype.kind in "biuf"
    )


def _array(value):
    """Return a tensor, array or number as an array; None if it is none."""
    if isinstance(value, autograd.Tensor):
        return np.asarray(value.detach().payload)
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach()
        return None if value.dtype == torch.bfloat16 else value.numpy(force=True)
    if isinstance(value, (np.ndarray, np.generic)):
        return np.asarray(value)
    return None


def _compare(call, ours, theirs):
    """Return what differs between two results, or None."""
    parts, others = leaves_of(ours), leaves_of(theirs)
    if len(parts) != len(others):
        return Verdict("structure", call.key, f"{len(parts)} parts, PyTorch {len(others)}")
    for (path, mine), (_, other) in zip(parts, others, strict=True):
        a, b = _array(mine), _array(other)
        if a is None or b is None:
            if call.name == "repr" or a is not None or b is not None:
                continue
            if isinstance(other, (bool, int, float)) and not _alike_numbers(mine, other):
                return Verdict("value", call.key, f"{path} {mine!r}, PyTorch {other!r}")
            continue
        if a.shape != b.shape:
            return Verdict("shape", call.key, f"{path} {a.shape}, PyTorch {b.shape}")
        if a.dtype != b.dtype and call.room != "numpy":
            return Verdict("dtype", call.key, f"{path} {a.dtype}, PyTorch {b.dtype}")
        if not call.random:
            verdict = _compare_values(call, a, b, "", path)
            if verdict is not None:
                return verdict
    return None


def _alike_numbers(a, b):
    try:
        return a == b or (a != a and b != b) or abs(a - b) <= 1e-5 * max(abs(a), abs(b))
    except TypeError:
        return False


def tolerance_of(dtype):
    return {"e": 3e-2, "f": 2e-3}.get(np.dtype(dtype).char, 1e-6)


def _compare_values(call, a, b, what, path=""):
    dtypes = [d.dtype for d in drawn_in(call)]
    dtypes += [
        np.dtype(v.name) for v in [*call.args, *call.kwargs.values()] if isinstance(v, DType)
    ]
    narrow = min((dtype for dtype in dtypes if dtype.kind == "f"), key=_width, default=None)
    close = max(tolerance_of(a.dtype), tolerance_of(narrow) if narrow is not None else 0)
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype.kind in "biu" and b.dtype.kind in "biu":
        equal = a == b
    else:
        x, y = a.astype(np.float64), b.astype(np.float64)
        finite = np.isfinite(y)
        size = np.max(np.abs(y[finite]), initial=1.0)
        lost = np.isnan(x) & ~np.isnan(y)
        if lost.any():
            return Verdict(f"{what}nan", call.key, f"{path} {_first(a, b, lost)}")
        whole = re.search(r"eig|svd", call.name) is not None  # whose errors are the largest's
        limit = close * (size if whole else np.minimum(size, 1e6 + np.abs(y)))
        equal = (x == y) | (np.isnan(x) & np.isnan(y)) | (finite & (np.abs(x - y) <= limit))
    if not equal.all():
        return Verdict(what.strip() or "value", call.key, f"{path} {_first(a, b, ~equal)}")
    return None


def _width(dtype):
    return dtype.itemsize


def _first(a, b, differ):
    where = tuple(int(i[0]) for i in np.nonzero(np.atleast_1d(differ)))
    a, b = np.atleast_1d(a)[where], np.atleast_1d(b)[where]
    return f"at {where}: {a!r}, PyTorch {b!r}"


# ---------------------------------------------------------------- differentiating


def _differentiate(call, result, made, reference):
    """Send random upstreams back and return what is wrong, or None."""
    if not made.leaves or call.room == "functional":
        return None
    outputs = [(i, v) for i, (_, v) in enumerate(leaves_of(result)) if _has_gradient(v)]
    if call.in_place and not outputs:
        return None
    random = np.random.default_rng(7)
    upstreams = {
        i: np.asarray(np.round(random.standard_normal(v.shape), 2) + 1.5).astype(v.dtype)
        for i, v in outputs
    }
    if outputs:
        try:
            autograd.backward(
                [v for _, v in outputs], [autograd.tensor(upstreams[i]) for i, _ in outputs]
            )
        except MemoryError:
            raise
        except Exception as error:
            if isinstance(error, CLEAR):
                if (
                    reference is not None
                    and _their_gradients(call, reference, upstreams) is not None
                ):
                    return Verdict("backward stricter", call.key, _told(error), _where(error))
                return Verdict("backward raised", call.key, _told(error), _where(error))
            return Verdict("backward", call.key, _told(error), _where(error))
    for leaf in made.leaves:
        grad = leaf.grad
        if grad is not None and (grad.shape != leaf.shape or grad.dtype != leaf.dtype):
            detail = f"{grad.shape} {grad.dtype} for {leaf.shape} {leaf.dtype}"
            return Verdict("gradient kind", call.key, detail)
    if reference is None or reference[1] is None or call.random:
        return None
    theirs = _their_gradients(call, reference, upstreams)
    if theirs is None:
        return None
    for leaf, other in zip(made.leaves, theirs, strict=True):
        mine = np.zeros(leaf.shape) if leaf.grad is None else _array(leaf.grad)
        verdict = _compare_values(call, mine, other, "gradient ")
        if verdict is not None:
            return verdict
    return None


def _has_gradient(value):
    return isinstance(value, autograd.Tensor) and value.requires_grad


def _their_gradients(call, reference, upstreams):
    result, made = reference
    if made is None:
        return None
    outputs = [(i, v) for i, (_, v) in enumerate(leaves_of(result))]
    outputs = [(i, v) for i, v in outputs if isinstance(v, torch.Tensor) and v.requires_grad]
    if outputs:
        sent = [
            torch.from_numpy(upstreams[i].copy()) if i in upstreams else torch.zeros_like(v)
            for i, v in outputs
        ]
        try:
            with PEER:
                torch.autograd.backward([v for _, v in outputs], sent)
        except Exception:
            return None
    return [
        np.zeros(leaf.shape) if leaf.grad is None else _array(leaf.grad) for leaf in made.leaves
    ]
