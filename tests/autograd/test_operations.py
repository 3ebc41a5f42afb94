"""Every operation of the table (cases.py): value, derivatives, dtypes, layouts, both rule runs."""

import itertools
import re
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import autograd
from autograd import blocks, dtypes, rules
from autograd.generate.backward import rules_function
from autograd.graph import Op
from autograd.op import NUMPY, ROWS
from tests.autograd.cases import ALL, CASES
from tests.autograd.cases.case import Example, truths

ELEMENTWISE = [case for case in CASES if case.elementwise]
DIFFERENTIABLE = [case for case in CASES if case.differentiable]
LAYOUTS = ("contiguous", "transposed", "reversed", "strided")
SHAPES = {
    1: [((2, 3),), ((),)],
    2: [((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2,)), ((), ())],
    3: [((2, 3), (3,), (2, 1)), ((2,), (), ())],
}
# Public names that are no operations on tensors: makers, modes, types, the walk.
OTHERS = {
    *("Leaf", "Op", "Step", "Tensor", "arange", "as_tensor", "backward", "bernoulli", "empty"),
    *("enable_grad", "eye", "from_numpy", "full", "full_like", "get_default_dtype"),
    *("get_rng_state", "grad", "gradcheck", "gradgradcheck", "inspect", "is_grad_enabled"),
    *("linspace", "manual_seed", "no_grad", "normal", "ones", "ones_like"),
    *("rand", "randint", "randn", "randperm", "set_default_dtype", "set_rng_state", "steps"),
    *("tensor", "ties", "zeros", "zeros_like", "get_num_threads", "set_num_threads"),
    *("load", "save", "linalg", "special", "e", "inf", "nan", "newaxis", "pi"),
    *("checkpoint", "checkpoint_sequential", "detect_anomaly", "inference_mode"),
    *("is_anomaly_enabled", "set_detect_anomaly", "set_grad_enabled"),
    *("Function", "FunctionCtx", "elementwise", "once_differentiable", "structural"),
    *("load", "save", "ForwardStep", "forward_steps", "hessian", "hvp", "jacfwd", "jacobian"),
    *("broadcast_shapes", "asarray", "logspace", "tril_indices", "triu_indices", "empty_like"),
    *("rand_like", "randn_like", "randint_like", "multinomial", "poisson", "Generator"),
    *("default_generator", "seed", "initial_seed"),
    *("load", "save", "device", "from_dlpack", "set_printoptions", *dtypes.__all__),
    *("jacrev", "jvp", "numerical_derivative", "step_study", "value_and_grad", "vjp"),
}


def examples_of(case):
    if case.elementwise:
        return [Example(shapes) for shapes in SHAPES[len(case.domains)]]
    return case.examples


def pairs(wanted):
    return [
        pytest.param(case, example, id=f"{case}-{example}")
        for case in wanted
        for example in examples_of(case)
    ]


def generator(*key):
    """Return random numbers that only the key's text seeds: a repr would have addresses in it."""
    return np.random.default_rng(zlib.crc32(" ".join(map(str, key)).encode()))


def drawn(case, shapes, random, dtype=np.float64):
    arrays = []
    for domain, shape in zip(case.domains, shapes, strict=False):
        array = np.asarray(domain(random, shape))
        arrays.append(array if array.dtype.kind in "bi" else array.astype(dtype))
    return arrays


def laid_out(array, layout):
    """Return the same values in another place of memory."""
    if not array.ndim or layout == "contiguous":
        return array
    if layout == "transposed":
        return np.asfortranarray(array)
    if layout == "reversed":
        every = (slice(None, None, -1),) * array.ndim
        return array[every].copy()[every]
    return np.repeat(array, 2, axis=-1)[..., ::2]


def tensors_of(arrays, requires_grad=True):
    tensors = [autograd.from_numpy(np.asarray(a)) for a in arrays]
    return [t.requires_grad_() if requires_grad and t.dtype.kind == "f" else t for t in tensors]


def numpy_scalars(arrays):
    """Return tensors on NumPy scalars, the short path of 0-d operands."""
    return [autograd.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]


def upstream_for(z, random):
    return np.asarray(random.uniform(0.5, 1.5, z.shape) * random.choice([-1, 1], z.shape), z.dtype)


def compare_with_torch(torch, case, arrays, attributes, random):
    ours = tensors_of(arrays)
    theirs = [torch.tensor(a.copy()) for a in arrays]
    for x in theirs:
        x.requires_grad_(x.is_floating_point() and case.differentiable)
    z, expected = case(*ours, **attributes), case.torch(torch, *theirs, **attributes)
    assert (z.shape, str(z.dtype)) == (tuple(expected.shape), str(expected.dtype)[6:])
    single = any(a.dtype == np.float32 for a in arrays)
    close = {"rtol": 3e-5, "atol": 2e-6} if single else {"rtol": case.close, "atol": 1e-12}
    np.testing.assert_allclose(z.payload, expected.detach().numpy(), **close)
    if not case.differentiable:
        assert not z.requires_grad
        return
    upstream = upstream_for(z, random)
    z.backward(upstream)
    expected.backward(torch.tensor(upstream))
    for x, y in zip(ours, theirs, strict=True):
        if y.requires_grad:
            assert (x.grad.shape, x.grad.dtype) == (x.shape, x.dtype)
            np.testing.assert_allclose(x.grad.payload, y.grad.numpy(), **close)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.name in autograd.__all__ and not c.call], ids=str
)
def test_out_is_refused_and_named(case):
    function = getattr(autograd, case.name)
    example = examples_of(case)[0]
    operands = tensors_of(drawn(case, example.shapes, generator(case.name)))
    into = autograd.zeros(2, 3, dtype=np.float64)
    with pytest.raises(TypeError, match=r"\bout\b"):
        function(*operands, **example.attributes, out=into)
    assert not into.numpy().any()


# ---------------------------------------------------------------- the table is complete


def test_every_public_operation_is_in_the_table_once():
    names = [name for case in ALL for name in (case.name, *case.aliases)]
    assert len(set(names)) == len(names)
    assert set(autograd.__all__) - OTHERS == {n for n in names if n in autograd.__all__}
    for case in CASES:
        for alias in case.aliases:
            assert getattr(autograd, alias) is getattr(autograd, case.name)


def rows_registered():
    return {row for row in ROWS if row.forward.__module__.startswith("autograd.ops.")}


def ops_recorded(root):
    """Return the ops that a tensor leads to."""
    found, left = set(), [root.node]
    while left:
        node = left.pop()
        if isinstance(node, Op) and node not in found:
            found.add(node)
            left.extend(node.operands)
    return found


def rows_recorded(root):
    """Return the rows of the ops that a tensor leads to."""
    return {op.row for op in ops_recorded(root)}


def test_every_row_with_a_derivative_is_reached_from_the_table():
    reached = set()
    for case in DIFFERENTIABLE:
        for example in examples_of(case):
            random = generator(case, example)
            inputs = tensors_of(drawn(case, example.shapes, random))
            z = case(*inputs, **example.attributes)
            reached |= rows_recorded(z)
            upstream = autograd.tensor(upstream_for(z, random), requires_grad=True)
            asked = [x for x in inputs if x.requires_grad]
            for slope in autograd.grad(z, asked, [upstream], create_graph=True):
                reached |= rows_recorded(slope)
    missing = {row for row in rows_registered() if row.differentiable} - reached
    missing = {row for row in missing if row.name not in {c.name for c in ALL if not c.runs}}
    assert not missing, f"no case of the table reaches {missing}"


@pytest.mark.parametrize("case", [c for c in ALL if c.needs], ids=str)
def test_what_needs_another_package_runs_or_says_why_not(case):
    why = f"{case.needs} computes {case}: pip install {case.needs} adds its tests"
    pytest.importorskip(case.needs, reason=why)
    assert case in CASES


# ---------------------------------------------------------------- against PyTorch


@pytest.mark.parametrize("case", ELEMENTWISE, ids=str)
def test_elementwise_equals_torch(case, torch):
    @settings(max_examples=12)
    @given(
        st.data(),
        mutually_broadcastable_shapes(
            num_shapes=len(case.domains), max_dims=3, min_side=0, max_side=3
        ),
        st.sampled_from([np.float32, np.float64]),
        st.integers(0, 2**32 - 1),
    )
    def check(data, shapes, dtype, seed):
        random = np.random.default_rng(seed)
        layouts = [data.draw(st.sampled_from(LAYOUTS)) for _ in case.domains]
        arrays = drawn(case, shapes.input_shapes, random, dtype)
        arrays = [laid_out(a, layout) for a, layout in zip(arrays, layouts, strict=True)]
        compare_with_torch(torch, case, arrays, {}, random)

    check()


@pytest.mark.parametrize(("case", "example"), pairs(c for c in CASES if not c.elementwise))
def test_structural_equals_torch(case, example, torch):
    for layout, dtype in itertools.product(LAYOUTS, [np.float32, np.float64]):
        random = generator(case, example)
        arrays = [laid_out(a, layout) for a in drawn(case, example.shapes, random, dtype)]
        compare_with_torch(torch, case, arrays, example.attributes, random)


SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e-30, -1e30, 700.0, -700.0, np.inf, -np.inf, np.nan]
)


MODERATE = np.array([x for x in SPECIAL if abs(x) not in (1e-30, 1e30)])
# Where PyTorch has another number at 1e-30 and 1e30: it fuses a multiplication with an addition
# (lerp, addcmul, addcdiv), and in float32 its x / y / y and x // y overflow.
ROUNDED = ("lerp", "addc", "logaddexp2", "sinc")
ROUNDED_IN_FLOAT32 = ("divide", "true_divide", "remainder", "fmod", "hypot")


def at_special_points(case, dtype, points=SPECIAL):
    names = ROUNDED if dtype == np.float64 else ROUNDED + ROUNDED_IN_FLOAT32
    points = (
        points[~np.isin(np.abs(points), (1e-30, 1e30))] if case.name.startswith(names) else points
    )
    grids = np.meshgrid(*[points.astype(dtype)] * len(case.domains), indexing="ij")
    return [g > 0 if d is truths else g for g, d in zip(grids, case.domains, strict=True)]


def leaves(torch, case, arrays):
    """Return the arrays as tensors of both libraries."""
    theirs = [torch.tensor(a) for a in arrays]
    for x in theirs:
        x.requires_grad_(case.differentiable and x.is_floating_point())
    return tensors_of(arrays), theirs


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("case", [c for c in ELEMENTWISE if c.special], ids=str)
def test_values_and_slopes_at_special_points_equal_torch(case, dtype, torch):
    double = {"rtol": 1e-11, "atol": 1e-16 if case.name == "logaddexp2" else 0}
    close = double if dtype == np.float64 else {"rtol": 3e-5, "atol": 1e-7}
    arrays = at_special_points(case, dtype)
    # nan_to_num's gate lets neither inf nor nan pass, where PyTorch multiplies by 0.
    selects = case.name.startswith("nan_to_num")
    for upstream in (1.0, 0.0, np.inf, -np.inf, np.nan):
        ours, theirs = leaves(torch, case, arrays)
        with np.errstate(all="ignore"):
            z = case(*ours)
            expected = case.torch(torch, *theirs)
            np.testing.assert_allclose(z.payload, expected.detach().numpy(), **close)
            if case.differentiable:
                z.backward(np.full(z.shape, upstream, z.dtype))
                expected.backward(torch.full_like(expected, upstream))
        for x, y in zip(ours, theirs, strict=True):
            if y.requires_grad:
                message = f"with an upstream of {upstream}"
                wanted = y.grad.numpy(force=True)
                wanted = np.where(np.isfinite(x.payload), wanted, 0) if selects else wanted
                np.testing.assert_allclose(x.grad.payload, wanted, **close, err_msg=message)


@pytest.mark.parametrize(
    "case", [c for c in ELEMENTWISE if c.special and c.differentiable], ids=str
)
def test_second_derivatives_at_special_points_equal_torch_where_it_is_finite(case, torch):
    if case.name == "lgamma":
        pytest.skip("PyTorch's trigamma is finite at its poles")
    points = MODERATE[MODERATE != 0] if case.name == "sinc" else MODERATE
    ours, theirs = leaves(torch, case, at_special_points(case, np.float64, points))
    asked = [i for i, y in enumerate(theirs) if y.requires_grad]
    with np.errstate(all="ignore"):
        slopes = autograd.grad(case(*ours).sum(), [ours[i] for i in asked], create_graph=True)
    expected = torch.autograd.grad(
        case.torch(torch, *theirs).sum(), [theirs[i] for i in asked], create_graph=True
    )
    for slope, other in zip(slopes, expected, strict=True):
        if not (slope.requires_grad and other.requires_grad):
            continue
        with np.errstate(all="ignore"):
            slope.backward(np.ones(slope.shape), retain_graph=True)
        other.backward(torch.ones_like(other), retain_graph=True)
        for i in asked:
            if theirs[i].grad is None:
                continue
            found = np.zeros(ours[i].shape) if ours[i].grad is None else ours[i].grad.payload
            wanted = theirs[i].grad.numpy(force=True)
            finite = np.isfinite(wanted)
            np.testing.assert_allclose(found[finite], wanted[finite], rtol=1e-10, atol=1e-15)
            ours[i].grad = theirs[i].grad = None


KINDS = (np.bool_, np.uint8, np.int32, np.int64)


@pytest.mark.parametrize(
    ("case", "dtype"),
    [
        pytest.param(case, dtype, id=f"{case}-{dtype.__name__}")
        for case in CASES
        for dtype in KINDS
        if np.dtype(dtype).kind in case.numbers
    ],
)
def test_integers_and_booleans_give_what_torch_gives(case, dtype, torch):
    example = examples_of(case)[0]
    arrays = [np.ones(shape, dtype) + np.arange(np.prod(shape), dtype=int).reshape(shape) % 3
              for _, shape in zip(case.domains, example.shapes, strict=False)]  # fmt: skip
    arrays = [a.astype(dtype) for a in arrays]
    arrays = [a > 1 if d is truths else a for a, d in zip(arrays, case.domains, strict=False)]
    try:
        expected = case.torch(torch, *map(torch.tensor, arrays), **example.attributes)
    except RuntimeError:  # PyTorch does not define it; then neither value nor error is compared
        return
    with np.errstate(all="ignore"):
        z = case(*map(autograd.from_numpy, arrays), **example.attributes)
    assert str(z.dtype) == str(expected.dtype)[6:]
    np.testing.assert_allclose(z.payload, expected.numpy(), rtol=3e-5, atol=1e-6)


# ---------------------------------------------------------------- without PyTorch


@pytest.mark.parametrize(("case", "example"), pairs(DIFFERENTIABLE))
def test_first_derivatives_equal_centred_differences(case, example):
    arrays = drawn(case, example.shapes, generator(case, example))
    assert autograd.gradcheck(
        lambda *x: case(*x, **example.attributes), tensors_of(arrays), rtol=1e-5, atol=1e-7
    )


@pytest.mark.parametrize(("case", "example"), pairs(DIFFERENTIABLE))
def test_second_derivatives_equal_centred_differences(case, example):
    arrays = drawn(case, example.shapes, generator(case, example))
    assert autograd.gradgradcheck(
        lambda *x: case(*x, **example.attributes), tensors_of(arrays), rtol=1e-5, atol=1e-7
    )


def gradients(case, inputs, attributes, random, **options):
    z = case(*inputs, **attributes)
    asked = [x for x in inputs if x.requires_grad]
    return autograd.grad(z, asked, [upstream_for(z, random)], **options)


@pytest.mark.parametrize(("case", "example"), pairs(DIFFERENTIABLE))
def test_rules_give_the_same_on_arrays_and_on_tensors(case, example):
    for layout, dtype in itertools.product(LAYOUTS, [np.float32, np.float64]):
        arrays = drawn(case, example.shapes, generator(case, example), dtype)
        inputs = tensors_of(laid_out(a, layout) for a in arrays)
        run = {"case": case, "inputs": inputs, "attributes": example.attributes}
        plain = gradients(**run, random=generator(case))
        recorded = gradients(**run, random=generator(case), create_graph=True)
        for x, a, b in zip([x for x in inputs if x.requires_grad], plain, recorded, strict=True):
            assert (a.dtype, b.dtype, a.shape, b.shape) == (x.dtype, x.dtype, x.shape, x.shape)
            # A Tensor's powers and scalars may take another of NumPy's loops, one rounding apart.
            close = 8 * float(np.finfo(dtype).eps)
            np.testing.assert_allclose(a.payload, b.payload, rtol=close, atol=close)


@pytest.mark.parametrize("case", [c for c in ELEMENTWISE if c.differentiable], ids=str)
def test_rules_give_the_same_in_blocks(case, monkeypatch):
    for shapes in ([(4, 5)] * len(case.domains), [(4, 5), *[()] * (len(case.domains) - 1)]):
        inputs = tensors_of(drawn(case, shapes, generator(case)))
        run = {"case": case, "inputs": inputs, "attributes": {}}
        whole = gradients(**run, random=generator(case))
        monkeypatch.setattr(rules, "LARGE", 8)
        monkeypatch.setattr(blocks, "BLOCK", 8)
        monkeypatch.setattr(blocks, "TIMED", 8)
        for one, other in zip(whole, gradients(**run, random=generator(case)), strict=True):
            np.testing.assert_allclose(one.payload, other.payload, rtol=1e-15)
        monkeypatch.undo()


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("case", [c for c in ELEMENTWISE if c.differentiable], ids=str)
def test_the_short_path_of_scalars_gives_what_arrays_give(case, dtype):
    random = generator(case)
    for _ in range(5):
        arrays = drawn(case, [()] * len(case.domains), random, dtype)
        scalars, vectors = numpy_scalars(arrays), tensors_of(a.reshape(1) for a in arrays)
        z, expected = case(*scalars), case(*vectors)
        assert (z.shape, z.dtype) == ((), expected.dtype)
        close = {"rtol": 4 * float(np.finfo(dtype).eps)}  # NumPy's loops for arrays and scalars
        np.testing.assert_allclose(z.payload, expected.payload[0], **close)
        z.backward()
        expected.backward()
        for x, y in zip(scalars, vectors, strict=True):
            if y.requires_grad:
                assert (x.grad.shape, x.grad.dtype) == ((), dtype)
                np.testing.assert_allclose(x.grad.payload, y.grad.payload[0], **close)
        if not isinstance(z.node, Op) or z.node.elementwise is False:
            continue
        for one, other in zip(z.node.partials, expected.node.partials, strict=True):
            assert (one is None) == (other is None)
            if one is not None:
                np.testing.assert_allclose(one, other[0], **close)


@pytest.mark.parametrize("case", ELEMENTWISE, ids=str)
def test_a_number_may_stand_for_any_operand(case):
    random = generator(case)
    arrays = drawn(case, [(2, 3)] * len(case.domains), random, np.float32)
    for i in range(len(arrays)):
        if len(arrays) == 1 or arrays[i].dtype.kind != "f":
            continue
        mixed = tensors_of(arrays)
        mixed[i] = float(arrays[i].flat[0])
        filled = list(arrays)
        filled[i] = np.full((2, 3), arrays[i].flat[0])
        z, expected = case(*mixed), case(*tensors_of(filled))
        assert z.dtype == expected.dtype
        np.testing.assert_allclose(z.payload, expected.payload, rtol=1e-6)


def negated(rule, elementwise):
    if not callable(rule):
        return -rule
    return lambda *wanted: -1.0 * rule(*wanted) if elementwise else -rule(*wanted)


def flip(row, place, monkeypatch):
    """Turn the sign of what a row sends to one of its operands."""
    if row.vjp is None:
        rules = list(row.rules)
        rules[place] = negated(rules[place], row.elementwise)
        monkeypatch.setattr(row, "rules", tuple(rules))
    else:
        shared = row.vjp

        def turned(*wanted):
            sent = list(shared(*wanted))
            sent[place] = None if sent[place] is None else -sent[place]
            return tuple(sent)

        monkeypatch.setattr(row, "vjp", turned)
    monkeypatch.setattr(row, "run", rules_function(row))


def is_output(row):
    """Tell whether a row only hands on what arrives for one of several outputs."""
    return row.forward.__name__ == "output"


def mutations():
    """Yield (row, place, calls): every rule that is used, and the simplest calls that do."""
    uses = {}
    for case in DIFFERENTIABLE:
        many = [Example(((4, 5),) * len(case.domains))]  # enough for both sides of a gate
        for example in many if case.elementwise else examples_of(case):
            if 0 in [n for shape in example.shapes for n in shape]:
                continue
            z = case(*tensors_of(drawn(case, example.shapes, generator(case, example))),
                     **example.attributes)  # fmt: skip
            z = z[0] if isinstance(z, tuple) else z
            ops = ops_recorded(z)
            for op in ops:
                row = op.row
                for place in range(len(row.names)):
                    rule = row.rules[place] if row.vjp is None else row.vjp
                    reached = row.variadic or op.operands[place] is not None
                    if reached and rule is not None and rule != 0 and not is_output(row):
                        calls = uses.setdefault((row, place), [])
                        calls.append((len(ops), len(calls), case, example))
    for (row, place), calls in sorted(uses.items(), key=lambda use: use[0][0].forward.__name__):
        name = f"{row.forward.__name__}-{row.names[place]}"
        yield pytest.param(row, place, [call[2:] for call in sorted(calls)[:8]], id=name)


@pytest.mark.parametrize(("row", "place", "calls"), list(mutations()))
def test_a_flipped_sign_in_any_rule_is_found(row, place, calls, monkeypatch):
    flip(row, place, monkeypatch)
    for case, example in calls:
        inputs = tensors_of(drawn(case, example.shapes, generator(case, example)))
        try:
            autograd.gradcheck(lambda *x: case(*x, **example.attributes), inputs)  # noqa: B023
        except RuntimeError as error:
            assert re.search("gradcheck: the gradient of input .* differs", str(error))
            return
    raise AssertionError(f"no call of {row} notices: {[str(case) for case, _ in calls]}")


# ---------------------------------------------------------------- NumPy's names

UFUNCS = sorted((f for f in NUMPY if isinstance(f, np.ufunc)), key=lambda f: f.__name__)


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
def test_ufuncs_are_recorded_with_numpys_meaning(ufunc):
    random = generator(ufunc.__name__)
    bits = ufunc.__name__.startswith(("bitwise", "invert", "left", "right", "gcd", "lcm"))
    low = 1.2 if ufunc is np.arccosh else 0.2
    arrays = [random.uniform(low, low + 0.7, (2, 3)) for _ in range(ufunc.nin)]
    arrays = [(10 * a).astype(int) if bits else a for a in arrays]
    if ufunc is np.matmul:
        arrays[1] = arrays[1].T
    if ufunc is np.ldexp:
        arrays[1] = (10 * arrays[1]).astype(int)
    inputs = tensors_of(arrays)
    z = ufunc(*inputs)
    if ufunc.nout > 1:
        for part, expected in zip(z, ufunc(*arrays), strict=True):
            np.testing.assert_array_equal(part.payload, expected)
            assert (part.dtype, part.requires_grad) == (expected.dtype, part.dtype.kind == "f")
        return
    assert isinstance(z, autograd.Tensor)
    np.testing.assert_allclose(z.payload, ufunc(*arrays), rtol=1e-14)
    assert z.requires_grad == (z.dtype.kind == "f")
    if ufunc.nin == 2:  # a Tensor may be either of the operands
        np.testing.assert_array_equal(ufunc(arrays[0], inputs[1]).payload, z.payload)
        np.testing.assert_array_equal(ufunc(inputs[0], arrays[1]).payload, z.payload)
