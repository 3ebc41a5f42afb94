"""Every layer and loss, from one table: PyTorch's numbers, derivatives, state dicts and words."""

import copy
import inspect
import zlib

import numpy as np
import pytest

import autograd
import nn
from tests.nn import cases

# PyTorch falls back to another implementation, or calls a name old, and says so.
pytestmark = [
    pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning"),
    pytest.mark.filterwarnings("ignore:enable_nested_tensor is True, but:UserWarning"),
    pytest.mark.filterwarnings("ignore:.?NLLLoss2d.* deprecated:FutureWarning"),
]

TOLERANCE = {"float64": 1e-10, "float32": 2e-4, "float16": 2e-2}
# Modules that are told apart by other tests: they hold modules or parameters and compute nothing.
CONTAINERS = {"Module", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"}

every = pytest.mark.parametrize("case", cases.ALL, ids=str)
of_pytorch = pytest.mark.parametrize("case", [case for case in cases.ALL if not case.ours], ids=str)
in_each_dtype = pytest.mark.parametrize(
    ("case", "dtype"),
    [
        pytest.param(case, dtype, id=f"{case}-{dtype}")
        for case in cases.ALL
        if not case.ours
        for dtype in case.dtypes
    ],
)


def seeded(case):
    """Return a generator that every test of a case draws the same numbers from."""
    return np.random.default_rng(zlib.crc32(str(case).encode()))


def pair(torch, case, dtype):
    """Return PyTorch's module and ours with the same weights, none of them special."""
    theirs, ours = case.make(torch.nn), case.make(nn)
    if isinstance(theirs, torch.nn.Module):
        theirs.to(getattr(torch, dtype))
        ours.to(getattr(np, dtype))
    rng = seeded(case)
    with torch.no_grad():
        for parameter in theirs.parameters():
            drawn = rng.standard_normal(tuple(parameter.shape)) / 2
            parameter.copy_(torch.tensor(drawn))
    report = ours.load_state_dict(theirs.state_dict())
    assert report == ([], [])
    return theirs, ours


def tensors_of(library, drawn):
    """Return the inputs as tensors of the library."""
    made = []
    for array, differentiated in drawn:
        tensor = library.tensor(array)
        made.append(tensor.requires_grad_() if differentiated else tensor)
    return made


def flat(output):
    """Return the tensors within a module's output, in order; None stays."""
    if isinstance(output, (tuple, list)):
        return [leaf for each in output for leaf in flat(each)]
    return [output]


def call_kwargs(library, case, dtype):
    """Return the keyword arguments of a call, arrays as tensors of the library."""
    made = {}
    for name, value in case.call_kwargs.items():
        if isinstance(value, np.ndarray):
            value = library.tensor(value.astype(dtype) if value.dtype.kind == "f" else value)
        made[name] = value
    return made


def run(library, module, case, drawn, dtype):
    """Call and differentiate: every output, gradient and buffer by name."""
    inputs = tensors_of(library, drawn)
    working = getattr(module, "inplace", False)  # in place: on anything but a leaf
    given = [x * 1 if working and x.requires_grad else x for x in inputs]
    outputs = flat(module(*given, **call_kwargs(library, case, dtype)))
    rng = np.random.default_rng(1)
    total = None
    for output in outputs:
        if output is not None and output.requires_grad:
            upstream = np.asarray(rng.standard_normal(tuple(output.shape)))
            part = (
                output * library.tensor(upstream.astype(str(output.dtype).split(".")[-1]))
            ).sum()
            total = part if total is None else total + part
    if total is not None:
        module.zero_grad()
        total.backward()
    found = {f"output {i}": o if o is None else o.detach() for i, o in enumerate(outputs)}
    found |= {f"gradient of input {i}": x.grad for i, x in enumerate(inputs) if x.requires_grad}
    found |= {f"gradient of {name}": p.grad for name, p in module.named_parameters()}
    found |= {f"buffer {name}": b.detach() for name, b in module.named_buffers()}
    return {name: None if t is None else np.array(t.numpy()) for name, t in found.items()}


@in_each_dtype
def test_agrees_with_pytorch(torch, case, dtype):
    """Outputs, all gradients and buffers, over several steps, in training and in eval mode."""
    theirs, ours = pair(torch, case, dtype)
    tolerance = TOLERANCE[dtype] * case.tolerance
    rng = seeded(case)
    for mode in (False,) if case.random else (True, False):
        theirs.train(mode)
        ours.train(mode)
        for step, call in enumerate([*case.calls, case.calls[0]]):
            drawn = case.inputs(call, rng, dtype)
            kept = [array.copy() for array, _ in drawn]
            expected = run(torch, theirs, case, [(a.copy(), d) for a, d in drawn], dtype)
            got = run(autograd, ours, case, drawn, dtype)
            assert got.keys() == expected.keys()
            for name, value in expected.items():
                where = f"{name} of call {step}, {call}, training={mode}"
                if value is None or got[name] is None:
                    # A parameter that nothing reached: PyTorch has None or zeros, as it happens.
                    assert value is got[name] or not np.any(
                        value if got[name] is None else got[name]
                    ), where
                    continue
                assert got[name].dtype == value.dtype, where
                assert got[name].shape == value.shape, where
                scale = max(1.0, float(np.max(np.abs(value), initial=0, where=np.isfinite(value))))
                np.testing.assert_allclose(
                    got[name], value, rtol=tolerance, atol=tolerance * scale, err_msg=where
                )
            for (array, _), before in zip(drawn, kept, strict=True):
                np.testing.assert_array_equal(array, before, err_msg="an input was changed")


@of_pytorch
def test_a_state_dict_loads_both_ways(torch, case):
    theirs, ours = case.make(torch.nn), case.make(nn)
    state, expected = ours.state_dict(), theirs.state_dict()
    assert list(state) == list(expected)
    for name, value in expected.items():
        assert state[name].shape == tuple(value.shape), name
        assert str(state[name].dtype) == str(value.dtype).removeprefix("torch."), name
    assert ours.load_state_dict(expected) == ([], [])
    for name, value in ours.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), expected[name].numpy(), err_msg=name)
    back = {name: torch.tensor(value.numpy()) for name, value in case.make(nn).state_dict().items()}
    assert theirs.load_state_dict(back) == ([], [])
    required = {name: p.requires_grad for name, p in theirs.named_parameters()}
    assert {name: p.requires_grad for name, p in ours.named_parameters()} == required


@of_pytorch
def test_starts_as_pytorch_starts(torch, case):
    """Constants are equal; drawn parameters have the same mean, spread and reach."""
    instances = 16
    theirs = [case.make(torch.nn) for _ in range(instances)]
    ours = [case.make(nn) for _ in range(instances)]
    for name, _ in theirs[0].named_parameters():
        expected = np.stack([m.get_parameter(name).detach().numpy() for m in theirs]).ravel()
        got = np.stack([m.get_parameter(name).detach().numpy() for m in ours]).ravel()
        spread = expected.std()
        if spread == 0 or not len(expected):
            np.testing.assert_array_equal(got, expected, err_msg=name)
            continue
        share = 6 / np.sqrt(len(expected))  # six standard errors of a mean, in units of the spread
        assert abs(got.mean() - expected.mean()) < 2 * share * spread, name
        assert abs(got.std() / spread - 1) < 2 * share, name
        if len(expected) > 500:  # uniform numbers end at 1.7 spreads, normal ones beyond 3
            reach = np.abs(expected).max() / spread
            assert abs(np.abs(got).max() / got.std() - reach) < 0.3 * reach, name


@of_pytorch
def test_prints_as_pytorch_prints(torch, case):
    if case.own_repr:
        assert repr(case.make(nn)).startswith(f"{case.name}(")
    else:
        assert repr(case.make(nn)) == repr(case.make(torch.nn))


def as_function(module):
    """Return ``module`` as a function of its inputs and parameters, and the parameters by name."""
    names = [name for name, _ in module.named_parameters()]
    buffers = {name: buffer.numpy().copy() for name, buffer in module.named_buffers()}

    def place(values):
        for name, value in zip(names, values, strict=True):
            path, _, last = name.rpartition(".")
            module.get_submodule(path)._parameters[last] = value

    def function(call, kwargs, inputs, values):
        kept = [module.get_parameter(name) for name in names]
        place(values)
        try:
            outputs = flat(module(*call(inputs), **kwargs))
        finally:
            place(kept)
            with autograd.no_grad():
                for name, buffer in module.named_buffers():
                    if not np.array_equal(buffer.numpy(), buffers[name]):
                        buffer.copy_(buffers[name])
        return [o for o in outputs if o is not None and o.dtype.kind == "f"]

    return function, names


@pytest.mark.parametrize("case", [case for case in cases.ALL if not case.differentiable], ids=str)
def test_derivatives_agree_with_finite_differences(case):
    """First and second order, of inputs and parameters, backward and forward mode."""
    rng = seeded(case)
    module = case.make(nn).to(np.float64)
    with autograd.no_grad():
        for parameter in module.parameters():
            parameter.copy_(autograd.tensor(rng.standard_normal(parameter.shape) / 2))
    module.train(not case.random)
    drawn = case.inputs(case.calls[0], rng, "float64")
    moving = [i for i, (_, differentiated) in enumerate(drawn) if differentiated]
    function, names = as_function(module)
    kwargs = call_kwargs(autograd, case, "float64")

    def call(inputs):
        every = [autograd.tensor(array) for array, _ in drawn]
        for i, value in zip(moving, inputs, strict=True):
            every[i] = value * 1  # not a leaf: what works in place may change it
        return every

    def composed(*values):
        return function(call, kwargs, values[: len(moving)], values[len(moving) :])

    operands = [autograd.tensor(drawn[i][0], requires_grad=True) for i in moving]
    operands += [
        autograd.tensor(module.get_parameter(name).numpy(), requires_grad=True) for name in names
    ]
    assert operands, "nothing to differentiate: say why in `differentiable`"
    size = sum(operand.numel() for operand in operands)
    assert autograd.gradcheck(composed, operands, check_forward_ad=True, fast_mode=size > 150)
    if not case.twice:
        assert autograd.gradgradcheck(composed, operands, fast_mode=size > 40)


@every
def test_a_copy_computes_the_same(case):
    rng = seeded(case)
    module = case.make(nn).eval()
    again = copy.deepcopy(module)
    drawn = case.inputs(case.calls[0], rng, "float32")
    kwargs = call_kwargs(autograd, case, "float32")
    results = [
        flat(each(*[autograd.tensor(array) for array, _ in drawn], **kwargs))
        for each in (module, again)
    ]
    for ours, copied in zip(*results, strict=True):
        if ours is not None:
            np.testing.assert_array_equal(ours.detach().numpy(), copied.detach().numpy())
    assert not {id(p) for p in module.parameters()} & {id(p) for p in again.parameters()}


def test_every_module_is_in_the_table():
    modules = {
        name
        for name in nn.__all__
        if inspect.isclass(getattr(nn, name)) and issubclass(getattr(nn, name), nn.Module)
    }
    lazy = {name for name in modules if name.startswith("Lazy")}  # test_lazy.py has each
    assert modules - CONTAINERS - lazy == {case.name for case in cases.ALL}


def test_every_case_is_named_once():
    names = [str(case) for case in cases.ALL]
    assert len(names) == len(set(names))


def names_of(function):
    """Return the names of a function's arguments in order; those of ``*args`` alone are none."""
    return [name for name in inspect.signature(function).parameters if name != "self"]


@pytest.mark.parametrize("name", sorted({case.name for case in cases.ALL if not case.ours}))
def test_arguments_have_pytorchs_names_and_places(torch, name):
    """Of the constructor (ours may be more, at the end) and of the call."""
    theirs, ours = getattr(torch.nn, name), getattr(nn, name)
    for function in ("__init__", "forward"):
        wanted, found = (names_of(getattr(module, function)) for module in (theirs, ours))
        wanted = [argument.rstrip("_") for argument in wanted]  # input_ of AdaptiveLogSoftmax...
        if wanted != ["args", "kwargs"]:
            assert found[: len(wanted)] == wanted
