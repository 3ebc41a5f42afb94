"""Making tensors: dtypes, copies and shared memory, misuse, and how tensors print."""

import numpy as np
import pytest

import autograd


def test_tensor_copies():
    array = np.array([1.0, 2.0])
    x = autograd.tensor(array)
    array[0] = 9
    assert x.tolist() == [1, 2] and x.dtype == np.float64
    y = autograd.tensor(x)
    x.add_(1)
    assert y.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (3.0, np.float32),
        (3, np.int64),
        (True, np.bool_),
        ([1, 2.5], np.float32),
        ([[1, 2], [3, 4]], np.int64),
        ([], np.float32),
        (np.float64(3), np.float64),
        (np.arange(3, dtype=np.int16), np.int16),
        ([np.float64(1), np.float64(2)], np.float64),
        (range(3), np.int64),
    ],
    ids=repr,
)
def test_dtypes_of_data(data, dtype):
    assert autograd.tensor(data).dtype == dtype


def test_a_list_of_tensors_becomes_one():
    x = autograd.tensor([autograd.tensor(1.0), autograd.tensor(2.0)])
    assert x.tolist() == [1, 2] and x.dtype == np.float32


def test_data_that_are_no_numbers_are_refused():
    with pytest.raises(TypeError, match="tensor: expected numbers, got str .three"):
        autograd.tensor("three")
    with pytest.raises(TypeError, match="from_numpy: expected an ndarray, got list"):
        autograd.from_numpy([1.0])


def test_integers_and_booleans_cannot_require_a_gradient():
    with pytest.raises(RuntimeError, match="only floating-point tensors can .* got int64"):
        autograd.tensor([1, 2], requires_grad=True)
    with pytest.raises(RuntimeError, match="only floating-point tensors can .* got bool"):
        autograd.tensor(True).requires_grad_()


def test_as_tensor_and_from_numpy_share_memory():
    array = np.array([1.0, 2.0])
    autograd.as_tensor(array).add_(1)
    autograd.from_numpy(array).mul_(10)
    assert array.tolist() == [20, 30]
    x = autograd.tensor([1.0])
    assert autograd.as_tensor(x) is x
    assert autograd.as_tensor(array, np.float32).dtype == np.float32


def test_constants():
    assert autograd.zeros(2, 3).shape == autograd.zeros((2, 3)).shape == (2, 3)
    assert autograd.ones(2, dtype=np.int64).tolist() == [1, 1]
    assert autograd.full((2,), 7).dtype == np.int64
    assert autograd.full((2,), 7.0).tolist() == [7, 7]
    assert autograd.eye(2, 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert autograd.empty(2, 0).shape == (2, 0)
    x = autograd.ones(2, 3, dtype=np.float64, requires_grad=True)
    for made in (autograd.zeros_like(x), autograd.ones_like(x), autograd.full_like(x, 4)):
        assert (made.shape, made.dtype, made.requires_grad) == ((2, 3), np.float64, False)
    with pytest.raises(TypeError, match="zeros: expected integers, got"):
        autograd.zeros(2.5)


def test_ranges():
    assert autograd.arange(3).dtype == np.int64
    assert autograd.arange(1, 2, 0.25).tolist() == [1, 1.25, 1.5, 1.75]
    assert autograd.arange(3.0).dtype == np.float32
    assert autograd.linspace(0, 1, 5).tolist() == [0, 0.25, 0.5, 0.75, 1]


KINDS = {
    "zeros": lambda f: f.zeros(2, 3),
    "zeros 0-d": lambda f: f.zeros(()),
    "zeros integers": lambda f: f.zeros([2], dtype=f.int32),
    "ones": lambda f: f.ones((2, 0), dtype=f.float64),
    "full integer": lambda f: f.full((2,), 2),
    "full truth": lambda f: f.full((2,), True),
    "full float": lambda f: f.full((2, 1), 2.5),
    "full of a tensor": lambda f: f.full((2,), f.tensor(2.0, dtype=f.float64)),
    "full cut off": lambda f: f.full((2,), 2.7, dtype=f.int64),
    "full to bool": lambda f: f.full((2,), 1.5, dtype=f.bool),
    "full inf": lambda f: f.full((), float("inf")),
    "full nan": lambda f: f.full((1,), float("nan"), dtype=f.float16),
    "full_like": lambda f: f.full_like(f.arange(2), 2.5),
    "full_like dtype": lambda f: f.full_like(f.arange(2), 2.5, dtype=f.float64),
    "zeros_like": lambda f: f.zeros_like(f.ones(2, 3), dtype=f.int32),
    "ones_like": lambda f: f.ones_like(f.arange(3)),
    "arange": lambda f: f.arange(5, 2, -1),
    "arange float": lambda f: f.arange(0, 0.9, 0.3),
    "arange float64": lambda f: f.arange(0, 1, 0.1, dtype=f.float64),
    "arange half": lambda f: f.arange(0, 2.1, 0.7),
    "arange empty": lambda f: f.arange(1, 1),
    "arange to integers": lambda f: f.arange(0.5, 3.5, dtype=f.int64),
    "arange of tensors": lambda f: f.arange(f.tensor(1), f.tensor(4)),
    "arange of a float tensor": lambda f: f.arange(f.tensor(3.0)),
    "arange of a truth": lambda f: f.arange(True),
    "arange requires grad": lambda f: f.arange(3.0, requires_grad=True),
    "linspace": lambda f: f.linspace(-1, 2, 7),
    "linspace one": lambda f: f.linspace(3, 5, 1),
    "linspace none": lambda f: f.linspace(0, 1, 0),
    "linspace integers": lambda f: f.linspace(0, 10, 5, dtype=f.int64),
    "linspace integers down": lambda f: f.linspace(3, -4, 6, dtype=f.int32),
    "linspace of tensors": lambda f: f.linspace(f.tensor(0), f.tensor(1.0), 3),
    "logspace": lambda f: f.logspace(0, 2, 5),
    "logspace base": lambda f: f.logspace(-1, 3, 4, base=2, dtype=f.float64),
    "logspace integers": lambda f: f.logspace(0, 3, 4, 2, dtype=f.int64),
    "logspace one": lambda f: f.logspace(1, 2, 1),
    "logspace negative base": lambda f: f.logspace(0, 2, 3, -2),
    "eye": lambda f: f.eye(2, 3),
    "eye integers": lambda f: f.eye(2, dtype=f.int64),
    "eye empty": lambda f: f.eye(0),
    "tril_indices": lambda f: f.tril_indices(3, 2, -1),
    "tril_indices int32": lambda f: f.tril_indices(2, 4, 1, dtype=f.int32),
    "triu_indices": lambda f: f.triu_indices(2, 3, 1),
    "triu_indices empty": lambda f: f.triu_indices(0, 3),
    "new_zeros": lambda f: f.ones(2, dtype=f.float64).new_zeros((2, 3)),
    "new_ones": lambda f: f.arange(2).new_ones(2, 1),
    "new_full": lambda f: f.arange(2).new_full((2,), 3.7),
    "new_full dtype": lambda f: f.ones(1).new_full((2,), 3, dtype=f.int64, requires_grad=False),
    "new_tensor": lambda f: f.arange(2).new_tensor([1.5, 2]),
    "new_tensor number": lambda f: f.ones(1).new_tensor(3, requires_grad=True),
    "asarray": lambda f: f.asarray([1, 2.0], requires_grad=True),
    "asarray of integers": lambda f: f.asarray(3),
    "as_tensor": lambda f: f.as_tensor([1, 2], dtype=f.float32),
}


@pytest.mark.parametrize("name", KINDS)
def test_makers_make_what_torch_makes(name, torch):
    with np.errstate(all="ignore"):
        ours, theirs = KINDS[name](autograd), KINDS[name](torch)
    assert (ours.shape, str(ours.dtype)) == (tuple(theirs.shape), str(theirs.dtype)[6:])
    assert ours.requires_grad == theirs.requires_grad
    np.testing.assert_allclose(ours.payload, theirs.detach().numpy(), rtol=1e-6, atol=1e-7)


def test_what_is_in_memory_has_shape_and_dtype():
    x = autograd.ones(2, 3, dtype=np.float64)
    for made in (autograd.empty(2, 3), autograd.empty_like(x), x.new_empty(2, 3)):
        assert made.shape == (2, 3) and made.dtype == (x.dtype if made.nbytes == 48 else np.float32)
    assert x.new_empty(2, requires_grad=True).requires_grad
    assert autograd.zeros(2, device="cpu").tolist() == [0, 0]
    with pytest.raises(RuntimeError, match="zeros: there is no device but the CPU, got 'cuda'"):
        autograd.zeros(2, device="cuda")


def test_asarray_shares_memory_as_it_is_told():
    array = np.zeros(2)
    assert np.shares_memory(autograd.asarray(array).payload, array)
    assert np.shares_memory(autograd.asarray(array, copy=False).payload, array)
    assert not np.shares_memory(autograd.asarray(array, copy=True).payload, array)
    assert not np.shares_memory(autograd.asarray(array, dtype=np.float32).payload, array)
    x = autograd.tensor(array)
    assert autograd.asarray(x) is x and autograd.asarray(x, copy=True) is not x
    with pytest.raises(ValueError, match="asarray: copy=False, but the memory cannot be shared"):
        autograd.asarray(array, dtype=np.float32, copy=False)
    with pytest.raises(ValueError, match="asarray: copy=False"):
        autograd.asarray([1.0], copy=False)


MISUSE = [
    (lambda f: f.zeros(-1), "zeros: expected lengths of 0 or more, got"),
    (lambda f: f.zeros(2.5), "zeros: expected integers, got"),
    (lambda f: f.zeros(), "zeros: expected a size"),
    (lambda f: f.zeros(2, dtype=f.int64, requires_grad=True), "only floating-point tensors can"),
    (lambda f: f.zeros(2, dtype="nothing"), "zeros: expected a dtype such as"),
    (lambda f: f.empty(2, -1), "empty: expected lengths of 0 or more"),
    (lambda f: f.full((2,), f.ones(2)), "full: expected a number, got"),
    (lambda f: f.full((2,), "a"), "full: expected a number, got 'a'"),
    (lambda f: f.full((2,), 300, dtype=f.uint8), "full: a number does not fit in uint8, got 300"),
    (lambda f: f.full((2,), 1e300, dtype=f.float32), "full: a number does not fit in float32"),
    (lambda f: f.full_like(f.zeros(2, dtype=f.uint8), 300), "full_like: a number does not fit"),
    (lambda f: f.full((-2,), 3), "full: expected lengths of 0 or more"),
    (lambda f: f.arange(5, 2), "arange: a step of 1 does not lead from 5 to 2"),
    (lambda f: f.arange(2, 5, -1), "arange: a step of -1 does not lead from 2 to 5"),
    (lambda f: f.arange(0, 5, 0), "arange: step must not be 0"),
    (lambda f: f.arange(float("nan")), "arange: expected finite bounds"),
    (lambda f: f.arange(0, float("inf")), "arange: expected finite bounds"),
    (lambda f: f.arange(3, requires_grad=True), "only floating-point tensors can"),
    (lambda f: f.arange(3, dtype=f.bool), "arange: expected a dtype of numbers, got bool"),
    (lambda f: f.arange("a"), "arange: expected a number, got 'a'"),
    (lambda f: f.linspace(0, 1, -1), "linspace: steps must be 0 or more, got -1"),
    (lambda f: f.linspace(0, 1, 2.5), "linspace: expected an integer number of steps"),
    (lambda f: f.linspace(0, 1), "linspace"),
    (lambda f: f.logspace(0, 1, -1), "logspace: steps must be 0 or more, got -1"),
    (lambda f: f.eye(-1), "eye: expected lengths of 0 or more"),
    (lambda f: f.eye(2, -1), "eye: expected lengths of 0 or more"),
    (lambda f: f.eye(2.5), "eye: expected integers"),
    (lambda f: f.zeros_like([1]), "zeros_like: expected a Tensor, got list"),
    (lambda f: f.triu_indices(-1, 3), "triu_indices: expected lengths of 0 or more"),
    (lambda f: f.tril_indices(2, 2, dtype=f.float32), "tril_indices: expected a dtype of integers"),
    (lambda f: f.ones(1).new_ones(2, dtype=f.int64, requires_grad=True), "only floating-point"),
    (lambda f: f.from_numpy(np.array(["a"])), "from_numpy: expected numbers, got an array of"),
    (lambda f: f.from_numpy(np.float64(3)), "from_numpy: expected an ndarray, got float64"),
    (lambda f: f.as_tensor("a"), "as_tensor: expected numbers, got str"),
]


@pytest.mark.parametrize(("call", "message"), MISUSE, ids=[m[:40] for _, m in MISUSE])
def test_misuse_raises_what_torch_raises_and_names_the_function(call, message, torch):
    with pytest.raises(Exception) as theirs:  # noqa: B017 - whichever PyTorch chose
        call(torch)
    with pytest.raises(theirs.type, match=message):
        call(autograd)


@pytest.mark.parametrize(
    "call",
    [
        lambda: autograd.zeros(2, dtype=np.complex64),
        lambda: autograd.from_numpy(np.zeros(2, complex)),
        lambda: autograd.as_tensor(1j),
        lambda: autograd.full((2,), 1.0, dtype=complex),
        lambda: autograd.rand(2, dtype=complex),
        lambda: autograd.ones_like(autograd.zeros(2), dtype="complex128"),
    ],
)
def test_complex_numbers_are_not_part_of_it(call):
    with pytest.raises(TypeError, match="expected real numbers .complex tensors are not part of"):
        call()


REPRESENTATIONS = [
    3.0,
    [1.0, 2.5],
    [[1.5, 10.0], [-3.0, 0.25]],
    [[1e-6, 1.0]],
    [1e10, 1.0],
    [1000.0, 0.5, 1e-3],
    [1.0, -2.0],
    [float("inf"), 2.5],
    [float("nan"), 1.0],
    [True, False],
    [True],
    [1, -20, 3],
    [],
]


@pytest.mark.parametrize("data", REPRESENTATIONS, ids=repr)
def test_tensors_print_as_in_torch(data, torch):
    ours, theirs = autograd.tensor(data), torch.tensor(data)
    if ours.numel():
        assert repr(ours) == repr(theirs)
    else:
        assert repr(ours) == "tensor([])"


def test_representations_tell_the_record_and_unusual_dtypes():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x) == "tensor([1., 2.], requires_grad=True)"
    assert repr(x * 2) == "tensor([2., 4.], grad_fn=<multiply>)"
    assert repr(x.detach()) == "tensor([1., 2.])"
    assert repr(autograd.tensor(1.5, dtype=np.float64)) == "tensor(1.5000, dtype=float64)"
    assert f"{autograd.tensor(1.5):.3f}" == "1.500"
    assert str(autograd.zeros(3)) == "tensor([0., 0., 0.])"
    assert len(repr(autograd.zeros(100, 100))) < 1000


def test_python_numbers_and_lists():
    x = autograd.tensor(2.5)
    assert (float(x), int(x), x.item(), bool(x)) == (2.5, 2, 2.5, True)
    assert [10, 20, 30][autograd.tensor(1)] == 20
    assert autograd.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert [row.tolist() for row in autograd.tensor([[1, 2], [3, 4]])] == [[1, 2], [3, 4]]
    assert len(autograd.zeros(4, 2)) == 4


def test_what_has_no_single_value_says_so():
    x = autograd.ones(2, 3)
    with pytest.raises(RuntimeError, match=r"item: expected one element, got .* \(2, 3\)"):
        x.item()
    with pytest.raises(RuntimeError, match=r"shape \(2, 3\) has no single truth value; use any"):
        bool(x)
    with pytest.raises(TypeError, match="index: only an integer tensor .* got float32"):
        [1, 2][autograd.tensor(1.0)]
    with pytest.raises(TypeError, match="0-d tensor"):
        len(autograd.tensor(1.0))
    with pytest.raises(TypeError, match="0-d tensor"):
        iter(autograd.tensor(1.0))


def test_properties_and_conversions():
    x = autograd.zeros(2, 3)
    assert (x.shape, x.size(), x.size(1), x.dim(), x.ndim, x.numel(), x.nbytes) == (
        (2, 3), (2, 3), 3, 2, 2, 6, 24,
    )  # fmt: skip
    assert x.T.shape == (3, 2) and not x.T.is_contiguous() and x.T.contiguous().is_contiguous()
    assert x.contiguous() is x and x.to(np.float32) is x
    assert [t.dtype for t in (x.double(), x.float(), x.long(), x.bool())] == [
        np.float64, np.float32, np.int64, np.bool_,
    ]  # fmt: skip
    assert autograd.from_numpy(np.asfortranarray(np.eye(2))).clone().is_contiguous()


def test_clones_own_their_memory_and_pass_the_gradient():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    y = x.clone()
    assert not np.shares_memory(x.payload, y.payload)
    (y * y).sum().backward()
    assert x.grad.tolist() == [2, 4]
    n = autograd.tensor([1, 2]).clone()
    assert n.dtype == np.int64 and not n.requires_grad


def test_requires_grad_can_be_withdrawn_from_leaves_only():
    x = autograd.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="only leaves can be told so; use detach"):
        (x * 2).requires_grad_(False)
    x.requires_grad = False
    assert not x.requires_grad and x.is_leaf
