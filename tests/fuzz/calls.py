"""Which functions are called, and one random call of one of them.

The rooms are ``autograd``, ``linalg``, ``special``, ``functional``, ``method``, ``in_place``,
``operator``, ``index`` and ``numpy``, and apart from these ``layers``, which is ``nn.functional``;
a call knows what it runs on Backlight and what it is compared with.
"""

import functools
import inspect
import operator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import autograd
import autograd.functional
import nn.functional
from autograd.op import NUMPY
from tests.fuzz import hints, layers
from tests.fuzz.values import DTYPES, Draw, Drawn

# Of the public names, those that change the process, read files, or are no functions of values.
LEFT_OUT = {
    *("backward", "grad", "elementwise", "structural", "once_differentiable", "is_tensor"),
    *("set_default_dtype", "set_num_threads", "set_printoptions", "set_rng_state", "save", "load"),
    *("manual_seed", "seed", "initial_seed", "get_rng_state", "steps", "forward_steps"),
    *("get_num_threads", "get_default_dtype", "is_grad_enabled", "is_anomaly_enabled"),
    *("gradcheck", "gradgradcheck", "numerical_derivative", "step_study", "checkpoint"),
    *("checkpoint_sequential", "hessian", "hvp", "jacfwd", "jacobian", "jacrev", "jvp", "vjp"),
    "value_and_grad",
}
METHODS_LEFT_OUT = {
    *("backward", "register_hook", "register_post_accumulate_grad_hook", "retain_grad", "share"),
    *("data_ptr", "requires_grad_", "detach_", "storage_offset", "stride", "is_contiguous"),
    "cuda",
}
RANDOM = {
    *("rand", "randn", "randint", "randperm", "normal", "bernoulli", "multinomial", "poisson"),
    *("rand_like", "randn_like", "randint_like", "empty", "empty_like", "new_empty", "uniform_"),
    *(
        "rrelu",
        "normal_",
        "bernoulli_",
        "random_",
        "exponential_",
        "log_normal_",
        "cauchy_",
        "geometric_",
    ),
}
BINARY = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor"),
    *("lshift", "rshift", "eq", "ne", "lt", "le", "gt", "ge"),
)
UNARY = ("neg", "pos", "abs", "invert")
IN_PLACE_OPERATORS = (
    *("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ior", "ixor"),
    *("ilshift", "irshift"),
)
CONVERSIONS = ("bool", "int", "float", "len", "list", "complex", "repr", "reversed", "round")


@dataclass
class Call:
    """One call: where the function is, its name, and the drawn arguments."""

    room: str
    name: str
    args: list[Any]
    kwargs: dict[str, Any] = field(default_factory=dict)
    spoilt: bool = False

    @property
    def key(self):
        return f"{self.room}.{self.name}"

    @property
    def in_place(self):
        changing = self.room == "operator" and self.name in IN_PLACE_OPERATORS
        asked = self.room == "layers" and (self.name[-1] == "_" or self._says_in_place())
        return self.room == "in_place" or changing or asked or self.name == "setitem"

    def _says_in_place(self):
        """Tell whether ``inplace`` is given, or anything that may stand in its place."""
        parameters = inspect.signature(self.ours()).parameters
        return "inplace" in parameters and (self.spoilt or bool(self.kwargs.get("inplace")))

    @property
    def writes(self):
        """Whether arguments may be written to."""
        return self.in_place or self.room == "layers" and self.name in layers.WRITING

    @property
    def random(self):
        return self.name in (layers.RANDOM if self.room == "layers" else RANDOM)

    def ours(self):
        """Return the function of Backlight."""
        return _function(self.room, self.name, autograd)

    def theirs(self, torch):
        """Return the function of PyTorch (or NumPy), or None if it has none of the name."""
        return _function(self.room, self.name, torch)

    def __repr__(self):
        words = [repr(a) for a in self.args] + [f"{k}={v!r}" for k, v in self.kwargs.items()]
        return f"{self.key}({', '.join(words)})"


def _function(room, name, library):
    if room == "numpy":
        return functools.reduce(getattr, name.split(".")[1:], np)
    if room == "operator":
        return _operator(name)
    if room == "index":
        return _getitem if name == "getitem" else _setitem
    if room == "functional":
        return _functional(name, library)
    if room == "layers":
        library = nn if library is autograd else library.nn
        return getattr(library.functional, name, None)
    if room == "autograd" and library is not autograd:
        places = (library, library.Tensor, library.nn.functional, library.special)
        return next((getattr(place, name) for place in places if hasattr(place, name)), None)
    if room in ("linalg", "special"):
        return getattr(getattr(library, room), name, None)
    if room in ("method", "in_place"):
        return getattr(library.Tensor, name, None)
    return getattr(library, name)


def _operator(name):
    if name in CONVERSIONS:
        return {"bool": bool, "int": int, "float": float, "len": len, "list": list, "repr": repr,
                "complex": complex, "reversed": reversed, "round": round}[name]  # fmt: skip
    return getattr(operator, name)


def _getitem(x, *index):
    return x[index if len(index) != 1 else index[0]]


def _setitem(x, value, *index):
    x[index if len(index) != 1 else index[0]] = value
    return x


def _functional(name, library):
    """Return a function that applies a transform at once where it returns a function."""
    if library is autograd:
        function = getattr(autograd.functional, name)
    elif name in ("jacobian", "hessian", "hvp"):
        function = getattr(library.autograd.functional, name)
    else:
        function = getattr(library.func, name, None)
        if name == "value_and_grad":
            function = library.func.grad_and_value

    def applied(program, *given, **named):
        if name in ("jacobian", "hessian", "hvp", "jvp"):
            return function(program, *given, **named)
        if name == "vjp":
            value, pull = function(program, *given, **named)
            return value, pull(value)
        result = function(program, **named)(*given)
        if name == "value_and_grad" and library is not autograd:
            return result[1], result[0]
        return result

    return applied


# ---------------------------------------------------------------- the targets


def targets():
    """Return every (room, name), in a fixed order."""
    found = []
    for name in sorted(autograd.__all__):
        value = getattr(autograd, name)
        if callable(value) and not inspect.isclass(value) and name not in LEFT_OUT:
            if not isinstance(value, np.dtype):
                found.append(("autograd", name))
    found += [
        ("linalg", name)
        for name in sorted(autograd.linalg.__all__)
        if not inspect.isclass(getattr(autograd.linalg, name))
    ]
    found += [("special", name) for name in sorted(autograd.special.__all__)]
    found += [("functional", name) for name in sorted(autograd.functional.__all__)]
    for name in sorted(dir(autograd.Tensor)):
        value = inspect.getattr_static(autograd.Tensor, name)
        if name.startswith("_") or not callable(value) or name in METHODS_LEFT_OUT:
            continue
        found.append(("in_place" if name.endswith("_") else "method", name))
    found += [("operator", name) for name in BINARY for _ in range(3)]
    found += [("operator", name) for name in (*UNARY, *IN_PLACE_OPERATORS, *CONVERSIONS)]
    found += [("index", name) for name in ("getitem", "setitem") for _ in range(12)]
    found += [("numpy", name) for name in sorted({_numpy_name(f) for f in NUMPY})]
    return found


def _numpy_name(function):
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


TARGETS = targets()
LAYERS = [("layers", name) for name in layers.NAMES]


def draw_call(seed, index, only=None):
    """Draw the call of this number; the same call for the same seed, whatever came before."""
    draw = Draw(np.random.default_rng([seed, index]))
    pool = TARGETS
    if only is not None:
        pool = [t for t in TARGETS + LAYERS if only in (*t, ".".join(t))]
    if not pool:
        raise ValueError(f"no public function is called {only!r}")
    room, name = draw.one(pool)
    with np.errstate(all="ignore"):
        call = Call(room, name, *ARGUMENTS.get(room, _by_signature)(draw, room, name))
        if draw.chance(0.09):
            _spoil(draw, call)
    return call


def _spoil(draw, call):
    """Put something unexpected in place of one argument (not of a method's own tensor)."""
    call.spoilt = True
    own = 0 if call.room in ("autograd", "linalg", "special", "numpy", "layers") else 1
    keys = [i for i in range(own, len(call.args))] + list(call.kwargs)
    if call.room == "functional":
        keys = [i for i in range(1, len(call.args))]
    kind = draw.integer(0, 5)
    if call.room == "index" and kind == 1:
        return  # an index has no options
    if kind == 0:
        call.args.append(draw.garbage())
    elif kind == 1:
        call.kwargs[draw.one(["dim", "keepdim", "out", "nothing", "axis", "dtype"])] = draw.one(
            [None, 0, -1, True, 7, "a"]
        )
    elif kind == 2 and len(call.args) > 1:
        call.args.pop()
    elif keys:
        key = draw.one(keys)
        container = call.kwargs if isinstance(key, str) else call.args
        container[key] = draw.garbage()


def _by_signature(draw, room, name):
    """Return arguments for a function of which nothing but the signature is known."""
    hint = name if room == "numpy" else name.rstrip("_")
    specific = (
        hints.FUNCTIONS.get(f"{room}.{hint}")
        or hints.FUNCTIONS.get(f"{room}.{name}")
        or hints.FUNCTIONS.get(hint)
    )
    if specific is not None:
        takes_name = specific.__code__.co_argcount == 2
        args, kwargs = specific(draw, hint) if takes_name else specific(draw)
        return args, dict(kwargs)
    return _generic(draw, room, name)


def _generic(draw, room, name):
    function = _function(room, name, autograd)
    if room == "numpy" and isinstance(function, np.ufunc):
        args = [draw.tensor()] + [draw.operand() for _ in range(function.nin - 1)]
        if len(args) == 2 and draw.chance(0.15):
            args.reverse()
        return args, {}
    if room == "in_place":
        function = getattr(autograd.Tensor, name[:-1], function)
    args, kwargs = [], {}
    positional = True
    maker_of = layers.parameter if room == "layers" else hints.PARAMETERS.get
    for i, parameter in enumerate(inspect.signature(function).parameters.values()):
        maker = maker_of(parameter.name)
        if parameter.kind is parameter.VAR_KEYWORD or parameter.name in ("out", "options"):
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            args.extend(_variadic(draw, parameter.name))
            positional = False
            continue
        given = parameter.default is parameter.empty or draw.chance(0.35)
        if (
            room == "numpy"
            and i
            and parameter.name in ("where", "initial", "order", "like", "subok")
        ):
            given = False
        if not given or (i == 0 and maker is None and parameter.default is not parameter.empty):
            positional = False
            continue
        value = maker(draw) if maker else draw.operand()
        if i == 0 and room in ("method", "in_place"):
            value = draw.tensor()
        if i == 0 and room == "numpy" and not _holds_tensor(value):
            value = draw.tensor()
        keyword_only = parameter.kind is parameter.KEYWORD_ONLY or parameter.name == "inplace"
        if positional and not keyword_only and (draw.chance(0.6) or i < 1 or not parameter.default):
            args.append(value)
        elif parameter.default is parameter.empty and not keyword_only and positional:
            args.append(value)
        else:
            positional = positional and keyword_only
            kwargs[parameter.name] = value
    if (room, name) in SCALE_FIRST:
        args = [draw.tensor(), *args[1:]]
    return args, kwargs


UNUSUAL = ("where", "initial", "order", "like", "subok")
SCALE_FIRST = {("autograd", "add"), ("autograd", "sub")}


def _variadic(draw, name):
    if name in ("shape", "size"):
        made = draw.size() if name == "size" else hints.reshaped(draw)
        return [made] if draw.chance(0.6) else list(made)
    if name == "dims":
        made = draw.dims()
        return [] if made is None else [made]
    return [draw.operand() for _ in range(draw.integer(0, 1))]


def _holds_tensor(value):
    if isinstance(value, (list, tuple)):
        return any(map(_holds_tensor, value))
    return isinstance(value, Drawn) and not value.array


def _operands(draw, room, name):
    if name in UNARY:
        return [draw.tensor()], {}
    if name in CONVERSIONS:
        return [draw.tensor(draw.shape if draw.chance(0.5) else ())], {}
    if name == "matmul":
        return hints.matmul(draw)
    args = [draw.tensor(), draw.operand()]
    if name in ("and_", "or_", "xor", "lshift", "rshift") and draw.chance(0.8):
        dtype = draw.one(DTYPES[3:])
        args = [draw.tensor(dtype=dtype), draw.tensor(draw.like(), dtype)]
    if name not in IN_PLACE_OPERATORS and draw.chance(0.3):
        args.reverse()
    return args, {}


def _index(draw, room, name):
    x = draw.tensor()
    index = []
    at = 0
    while at < x.values.ndim and draw.chance(0.8):
        n = x.shape[at]
        kind = draw.integer(0, 9)
        at += 1
        if kind <= 1:
            index.append(draw.integer(-n, max(n - 1, 0)) if draw.chance(0.97) else n)
        elif kind <= 3:
            ends = [draw.one([None, *range(-n - 1, n + 2)]) for _ in range(2)]
            index.append(slice(*ends, draw.one([None, 1, 2, 3]) if draw.chance(0.95) else -1))
        elif kind == 4:
            index.append(draw.integers(draw.any_shape(draw.integer(0, 2)), -n, n))
        elif kind == 5:
            index.append([draw.integer(-n, max(n - 1, 0)) for _ in range(2)])
        elif kind == 6:
            width = draw.integer(1, max(min(2, x.values.ndim - at + 1), 1))
            shape = x.shape[at - 1 : at - 1 + width]
            at += width - 1
            index.append(draw.tensor(shape, "bool", grad=False))
        elif kind == 7:
            index.append(None)
            at -= 1
            if len(index) > 6:
                break
        elif kind == 8:
            if Ellipsis not in [i for i in index if i is Ellipsis]:
                index.append(Ellipsis)
            at = x.values.ndim
        else:
            index.append(draw.one([True, False, slice(None), np.int64(0)]))
            at -= index[-1] is True or index[-1] is False
    if draw.chance(0.04):
        index.append(draw.one([0, 1.5, "a", None, [0.5], (0, 1)]))
    if name == "getitem":
        return [x, *index], {}
    value = draw.number() if draw.chance(0.5) else draw.tensor(draw.like())
    return [x, value, *index], {}


def _of_functions(draw, room, name):
    specific = hints.FUNCTIONS[f"functional.{name}"]
    takes_name = specific.__code__.co_argcount == 2
    return specific(draw, f"functional.{name}") if takes_name else specific(draw)


ARGUMENTS = {"operator": _operands, "index": _index, "functional": _of_functions}
