"""Arguments that hardly anyone means: a sentence that names the function, or PyTorch's result.

Found by random calls (python -m tests.fuzz); each line was an error from the inside, another
result than PyTorch's, or a call that did not come back.
"""

import numpy as np
import pytest

import autograd
from autograd import linalg


def x():
    return autograd.tensor([[1.0, 2.0], [3.0, 4.0]])


RAGGED = [[1.0], [2.0, 3.0]]
ODD = {
    "ragged operand": (lambda: x() + RAGGED, ValueError, "add: .*equal length"),
    "ragged positions": (lambda: x().gather(0, RAGGED), ValueError, "gather: .*equal length"),
    "text operand": (lambda: x() * np.array(["a", "b"]), TypeError, "multiply: expected numbers"),
    "text dim": (lambda: x().prod("a"), TypeError, "prod: dim .*'a'"),
    "list dim": (lambda: x().all([0.5]), TypeError, "all: dim must be an integer"),
    "keepdim": (lambda: x().mode(0, np.ones(2)), TypeError, "mode: expected .*True"),
    "alpha of truth": (
        lambda: autograd.tensor([1]).add(2, alpha=True), RuntimeError, "add: .*alpha.*True"
    ),
    "alpha of text": (
        lambda: autograd.subtract(x(), 2, alpha=np.array(["a"])), TypeError, "subtract: .*as alpha"
    ),
    "indexing": (lambda: autograd.meshgrid(x()[0], indexing=np.ones(2)), TypeError, "meshgrid: "),
    "list as a flag": (
        lambda: linalg.cholesky(autograd.eye(2), upper=np.ones(2)), TypeError, "cholesky: .*True"
    ),
    "requires_grad": (
        lambda: autograd.zeros(2, requires_grad=np.ones(2)), TypeError, "requires_grad: .*True"
    ),
    "copy": (lambda: x().to("cpu", copy=np.ones(2)), TypeError, "to: expected True or False"),
    "copy of astype": (lambda: x().astype("int64", {}), TypeError, "astype: expected True"),
    "slope": (lambda: autograd.prelu(x(), 2), TypeError, "prelu: expected a Tensor, got 2"),
    "ragged slope": (lambda: autograd.prelu(x(), RAGGED), ValueError, "prelu: .*equal length"),
    "training": (lambda: autograd.rrelu(x(), training=x()), RuntimeError, "rrelu: bool: "),
    "positions": (lambda: x().select(0, np.array([1, 1])), TypeError, "select: .*as index"),
    "steps": (lambda: x().unfold(0, 1, [1]), TypeError, "unfold: "),
    "list of rows": (lambda: autograd.atleast_2d(x(), RAGGED), ValueError, "atleast_2d: .*equal"),
    "ragged transpose": (lambda: autograd.transpose(RAGGED, 0, 1), ValueError, "transpose: "),
    "ragged vector": (lambda: autograd.dot(x()[0], RAGGED), ValueError, "dot: .*equal"),
    "ragged fill": (lambda: x().fill_(RAGGED), TypeError, "fill_: expected a Tensor"),
    "complex operand": (
        lambda: autograd.index_put(1j, (x()[0].long(),), x()), TypeError, "index_put: .*Tensor"
    ),
    "number padded": (lambda: autograd.pad(1.5, ()), TypeError, "pad: expected a Tensor, got 1.5"),
    "text in DLPack": (lambda: autograd.from_dlpack(np.array(["a"])), TypeError, "from_dlpack: "),
    "text assigned": (
        lambda: x().__setitem__(0, np.array(["a", "b"])), TypeError, r"x\[index\] = value: .*<U1"
    ),
    "divisor of 0": (
        lambda: autograd.tensor([1]).div_(0, rounding_mode="floor"), ZeroDivisionError, "div_: "
    ),
    "rounded divisor of 0": (
        lambda: autograd.divide(autograd.tensor([1]), 0, rounding_mode="floor"),
        ZeroDivisionError,
        "divide: floor_divide: integers",
    ),
    "bound": (lambda: x().clamp_min(None), ValueError, "clamp_min: clamp: at least one"),
    "numpys dtype": (lambda: np.std(x(), dtype=1j), TypeError, r"np.std: expected a dtype"),
    "helper": (lambda: autograd.diag_embed([x()]), TypeError, "diag_embed: got a list of Tensors"),
    "floats inverted": (
        lambda: autograd.bitwise_not(np.ones(2)), NotImplementedError, "bitwise_not: expected"
    ),
    "dtype": (lambda: x().mean(dtype=7), TypeError, "mean: expected a dtype"),
    "dtype of norm": (lambda: x().norm(dtype=7), TypeError, "norm: expected a dtype"),
    "decimals": (lambda: x().round(decimals=[1]), TypeError, r"round: .*decimals, got \[1\]"),
    "diagonal": (lambda: x().triu([1]), TypeError, "triu: "),
    "offset": (lambda: autograd.diagflat(x(), 1.5), TypeError, "diag_embed: .*offset, got 1.5"),
    "turns": (lambda: x().rot90(1.5), TypeError, "rot90: expected an integer as k"),
    "correction": (lambda: x().var(correction=[1]), TypeError, "var: .*correction"),
    "tolerance": (lambda: autograd.allclose(x(), x(), "a"), TypeError, "allclose: .*rtol"),
    "alpha": (lambda: x().addmm(x(), x(), alpha="a"), TypeError, "addmm: .*alpha, got 'a'"),
    "p": (lambda: autograd.cdist(x(), x(), {}), TypeError, "cdist: expected a number as p"),
    "bins": (lambda: x().histc([4]), TypeError, "histc: expected an integer as bins"),
    "classes": (
        lambda: autograd.one_hot(autograd.tensor([0]), 2.5), TypeError, "one_hot: .*num_classes"
    ),
    "samples": (lambda: x().multinomial(1.5), TypeError, "multinomial: .*num_samples"),
    "probability": (lambda: x().bernoulli_([0.5]), TypeError, "bernoulli_: .*probability"),
    "low": (lambda: x().uniform_("a"), TypeError, "uniform_: expected a number as low"),
    "order": (lambda: autograd.polygamma("a", x()), TypeError, "polygamma: expected an integer"),
    "flag": (lambda: x().unique(return_counts=[1]), TypeError, "unique: .*return_counts"),
    "gather of a slice": (
        lambda: autograd.gather(slice(2), 0, autograd.tensor([0])), TypeError, "gather: .*slice"
    ),
    "index_add to None": (
        lambda: autograd.index_add(None, 0, autograd.tensor([0]), x()), TypeError, "index_add: "
    ),
    "sort of a dict": (lambda: autograd.argsort({}), TypeError, "argsort: .*dict"),
    "select of a dict": (lambda: x().masked_select({}), TypeError, "masked_select: .*dict"),
    "grid of None": (lambda: autograd.meshgrid(None), TypeError, "meshgrid: .*NoneType"),
    "squeeze of None": (lambda: autograd.squeeze(None), TypeError, "squeeze: .*None"),
    "expand of None": (lambda: autograd.expand(None, 2), TypeError, "expand: .*None"),
    "trace of text": (lambda: autograd.trace("a"), TypeError, "trace: .*str"),
    "join of a number": (lambda: autograd.hstack(3), TypeError, "hstack: .*int"),
    "chain of None": (lambda: linalg.multi_dot(None), TypeError, "multi_dot: .*NoneType"),
    "length of a 0-d axis": (lambda: autograd.tensor(1.0).size(0), IndexError, "size: dim 0"),
    "device": (lambda: autograd.zeros(2, device=np.ones(2)), TypeError, "zeros: .*a device"),
    "no index": (lambda: x().index_put((), x()), IndexError, "index_put: .*got none"),
    "numpy axis": (lambda: np.squeeze(x(), 5), IndexError, "np.squeeze: dim 5"),
    "numpy cross": (lambda: np.cross(autograd.tensor(1.0), x()), ValueError, "np.cross: "),
}  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), ODD.values(), ids=list(ODD))
def test_an_odd_argument_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    "decompose",
    [linalg.svd, linalg.svdvals, linalg.eigh, linalg.eigvalsh, linalg.pinv, linalg.matrix_rank],
)
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_iterations_are_not_begun_with_what_would_never_converge(decompose, value):
    batch = autograd.tensor(np.stack([np.eye(3), np.full((3, 3), value)]))
    with pytest.raises(linalg.LinAlgError, match=r"matrix \(1,\) of the batch .* nan or inf"):
        decompose(batch)


@pytest.mark.parametrize("name", ["sum", "nansum", "prod"])
@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool"])
def test_a_result_has_the_dtype_asked_for(name, dtype, torch):
    values = [1.7, -1.0, 3.0]
    ours = getattr(autograd, name)(autograd.tensor(values), dtype=getattr(autograd, dtype))
    theirs = getattr(torch, name)(torch.tensor(values), dtype=getattr(torch, dtype))
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
    assert ours.item() == theirs.item()


def test_a_cumulative_result_has_the_dtype_asked_for(torch):
    for name in ("cumsum", "cumprod"):
        ours = getattr(autograd.tensor([1.7, -1.0]), name)(0, dtype=autograd.uint8)
        theirs = getattr(torch.tensor([1.7, -1.0]), name)(0, dtype=torch.uint8)
        assert ours.dtype == np.uint8 and ours.tolist() == theirs.tolist()


def test_a_position_named_twice_is_filled_once(torch):
    def gradient(lib):
        value = lib.tensor(5.0, requires_grad=True)
        filled = lib.zeros(3).index_fill(0, lib.tensor([1, 0, 1]), value)
        filled.backward(lib.tensor([1.0, 10.0, 100.0]))
        return value.grad.item()

    assert gradient(autograd) == gradient(torch) == 11.0


def test_a_number_with_an_axis_is_written_to_an_element_and_receives_its_gradient(torch):
    def gradient(lib):
        value = lib.tensor([2.0], requires_grad=True)
        z = lib.zeros(2, 2)
        z[0, 1] = value
        (z * 3).sum().backward()
        return value.grad.tolist()

    assert gradient(autograd) == gradient(torch) == [3.0]


def test_a_power_of_inf_and_nan(torch):
    for exponent in (np.inf, -np.inf, np.nan):
        ours = (autograd.tensor([0.5, 1.0, -2.0]) ** exponent).tolist()
        np.testing.assert_equal(ours, (torch.tensor([0.5, 1.0, -2.0]) ** exponent).tolist())


def test_small_integers_count_repeats():
    value = autograd.tensor([1.0, 2.0], requires_grad=True)
    value.repeat_interleave(autograd.tensor([2, 0], dtype=autograd.uint8)).sum().backward()
    assert value.grad.tolist() == [2.0, 0.0]


def test_alpha_of_zero_does_not_look_at_the_product(torch):
    def both(lib):
        nan = lib.full((2, 2), float("nan"))
        return lib.ones(2, 2).addmm(nan, nan, alpha=0).tolist()

    assert both(autograd) == both(torch) == [[1.0, 1.0], [1.0, 1.0]]


def test_small_results_that_differed(torch):
    assert autograd.tensor([True, False]).add(True, alpha=True).tolist() == [True, True]
    one = torch.tensor([1.0]).add(True, alpha=0.5).tolist()
    assert autograd.tensor([1.0]).add(True, alpha=0.5).tolist() == one
    assert autograd.full_like(autograd.ones(1), 2**63).tolist() == [2.0**63]
    zero = autograd.zeros(1, 0).expand(3, 0)
    assert zero.add_(1).shape == (3, 0)
    assert list(reversed([1])) == [1] and reversed(autograd.tensor(2.0)).item() == 2.0
    fill = autograd.zeros(2, dtype=autograd.uint8).index_fill(0, autograd.tensor([1]), -1)
    assert fill.tolist() == [0, 255]
    assert np.cumsum(autograd.tensor(2.0), 0).shape == np.cumsum(2.0).shape
    assert np.full_like(autograd.ones(3), 2.0, shape=(2,)).shape == (2,)
    counts = autograd.bincount(autograd.tensor([1]), autograd.ones(1, dtype=autograd.float16))
    assert counts.dtype == np.float64


def test_an_independent_input_has_a_block_of_its_own_dtype(torch):
    def dtypes(lib, jacobian):
        inputs = lib.ones(2, dtype=lib.float32), lib.ones(3, dtype=lib.float64)
        blocks = jacobian(lambda a, b: a.sum(), inputs)
        return [str(block.dtype).removeprefix("torch.") for block in blocks]

    ours = dtypes(autograd, autograd.jacobian)
    assert ours == dtypes(torch, torch.autograd.functional.jacobian) == ["float32", "float64"]


def test_a_mean_of_halves_is_added_up_in_single_precision(torch):
    for values in ([7e4, -6e4], [1.477, -np.inf, 1e30]):
        ours = autograd.tensor(values, dtype=np.float64).mean(dtype=autograd.float16)
        theirs = torch.tensor(values, dtype=torch.float64).mean(dtype=torch.float16)
        assert ours.dtype == np.float16 and ours.item() == theirs.item()


def test_a_bound_of_no_dimensions_beside_a_number_widens_no_dtype(torch):
    for dtype in (np.float32, np.float64):
        bound = np.array(0.6, dtype)
        ours = autograd.clamp(autograd.tensor(4.5), bound, 0.5)
        theirs = torch.clamp(torch.tensor(4.5), torch.tensor(bound).item(), 0.5)
        assert str(ours.dtype) == str(theirs.dtype)[6:] and ours.item() == theirs.item()


def test_a_block_of_no_dimensions_widens_no_dtype(torch):
    def blocks(lib):
        yield lib.tensor([4, 0], dtype=lib.uint8), lib.tensor(2, dtype=lib.int16)
        yield lib.tensor(2.5, dtype=lib.float64), lib.tensor([[1.0]], dtype=lib.float32)
        yield lib.tensor(2.5, dtype=lib.float64), lib.tensor([1])

    for ours, theirs in zip(blocks(autograd), blocks(torch), strict=True):
        mine, expected = autograd.block_diag(*ours), torch.block_diag(*theirs)
        assert str(mine.dtype) == str(expected.dtype)[6:] and mine.tolist() == expected.tolist()


COUNTS = {
    "narrow": lambda lib, x, n: x.narrow(0, n, n),
    "select": lambda lib, x, n: x.select(0, n),
    "topk": lambda lib, x, n: x.topk(n).values,
    "kthvalue": lambda lib, x, n: x.kthvalue(n).values,
    "chunk": lambda lib, x, n: x.chunk(n)[0],
    "split": lambda lib, x, n: x.split(n)[0],
    "roll": lambda lib, x, n: x.roll(n, n),
    "reshape": lambda lib, x, n: x.reshape(n, -1),
    "view": lambda lib, x, n: x.view((n, 9)),
    "expand": lambda lib, x, n: x.expand(n, 3, 3),
    "repeat": lambda lib, x, n: x.repeat(n, 1),
    "permute": lambda lib, x, n: x.permute(n, 0),
    "zeros": lambda lib, x, n: lib.zeros(n, 2),
    "full": lambda lib, x, n: lib.full((n,), 1.0),
    "new_zeros": lambda lib, x, n: x.new_zeros(n),
    "eye": lambda lib, x, n: lib.eye(n),
    "linspace": lambda lib, x, n: lib.linspace(0, 1, n),
    "randint": lambda lib, x, n: lib.randint(n, (2,)),
    "randperm": lambda lib, x, n: lib.randperm(n),
    "matrix_power": lambda lib, x, n: lib.linalg.matrix_power(x, n),
    "tril": lambda lib, x, n: x.tril(n),
    "tile": lambda lib, x, n: x.tile(n),
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_may_be_a_tensors_integer_but_no_fraction(name, torch):
    call, results = COUNTS[name], []
    for lib in (autograd, torch):
        x = lib.arange(9.0).reshape(3, 3)
        results += [call(lib, x, lib.tensor(1)), call(lib, x, 1)]
    for result in results:
        np.testing.assert_array_equal(result.numpy(), results[-1].numpy())
    x = autograd.arange(9.0).reshape(3, 3)
    for fraction in (1.5, autograd.tensor(1.5), "1"):
        with pytest.raises(TypeError, match=f"^{name}: .*integer"):
            call(autograd, x, fraction)


def test_as_many_parts_as_no_one_can_hold_are_refused():
    with pytest.raises(RuntimeError, match="tensor_split: expected 1 or more sections"):
        autograd.arange(3).tensor_split(2**70)
    with pytest.raises(TypeError, match="tensordot: expected an integer as dims, got 1.5"):
        autograd.tensordot(autograd.ones(2, 2), autograd.ones(2, 2), dims=1.5)


@pytest.mark.parametrize(
    "name", ["sum", "mean", "amax", "max", "argmin", "logsumexp", "std", "var"]
)
def test_two_axes_side_by_side_are_no_flag(name, torch):
    for lib in (autograd, torch):
        x = lib.arange(8.0).reshape(2, 2, 2)
        message = None if lib is torch else f"{name}: expected True or False .* one tuple, dim="
        for call in (lambda x: getattr(x, name)(0, 1), lambda x: getattr(x, name)(0, keepdim=1)):
            with pytest.raises(TypeError, match=message):
                call(x)
        assert getattr(x, name)(0, keepdim=True) is not None
    if name in ("sum", "max"):  # NumPy's word takes NumPy's integers
        x, function = autograd.ones(2, 3), getattr(np, name)
        assert function(x, axis=0, keepdims=1).shape == (1, 3)
        assert function(x, 0, *[None] * (name == "sum"), None, 0).shape == (3,)
