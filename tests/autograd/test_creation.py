"""Making tensors: dtypes, copies and shared memory, random numbers, and how tensors print."""

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


MAKERS = {
    "rand": lambda: autograd.rand(3, 4),
    "randn": lambda: autograd.randn(3, 4),
    "randint": lambda: autograd.randint(0, 10, (20,)),
    "randperm": lambda: autograd.randperm(20),
    "normal": lambda: autograd.normal(5, 2, (20,)),
    "bernoulli": lambda: autograd.bernoulli(autograd.full((20,), 0.5)),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_random_numbers_follow_the_seed_and_the_state(maker):
    make = MAKERS[maker]
    autograd.manual_seed(3)
    first, state = make().tolist(), autograd.get_rng_state()
    second = make().tolist()
    assert first != second
    autograd.set_rng_state(state)
    assert make().tolist() == second
    autograd.manual_seed(3)
    assert make().tolist() == first


def test_random_numbers_do_not_touch_numpys_global_state():
    before = np.random.get_state()[1].copy()
    for make in MAKERS.values():
        make()
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_random_numbers_have_their_distribution():
    uniform, gauss = autograd.rand(10_000), autograd.normal(5, 2, (10_000,))
    assert uniform.dtype == np.float32
    assert 0 <= uniform.min().item() and uniform.max().item() < 1
    assert uniform.mean().item() == pytest.approx(0.5, abs=0.02)
    assert gauss.mean().item() == pytest.approx(5, abs=0.1)
    assert gauss.std().item() == pytest.approx(2, abs=0.1)
    assert autograd.bernoulli(autograd.full((10_000,), 0.3)).mean().item() == pytest.approx(
        0.3, abs=0.03
    )
    assert sorted(autograd.randperm(50).tolist()) == list(range(50))
    drawn = autograd.randint(-2, 3, (1000,))
    assert (drawn.min().item(), drawn.max().item()) == (-2, 2)


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
