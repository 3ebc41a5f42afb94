"""Memory exchanged with NumPy, PyTorch and others: shared, and never at the price of a gradient."""

import numpy as np
import pytest

import autograd


def test_numpy_shares_unless_a_gradient_flows():
    x = autograd.ones(2, requires_grad=True)
    assert not x.numpy().flags.writeable
    x.numpy(force=True)[0] = 5
    x.detach().numpy()[1] = 6
    assert x.tolist() == [5, 6]


def test_asarray_honours_dtype_and_copy():
    x = autograd.tensor([1.0, 2.0])
    assert np.asarray(x).base is x.payload or np.shares_memory(np.asarray(x), x.payload)
    assert not np.shares_memory(np.array(x), x.payload)
    assert np.asarray(x, dtype=int).tolist() == [1, 2]
    assert np.asarray(x, copy=False).tolist() == [1, 2]
    with pytest.raises(ValueError, match="array: float32 cannot become float64 without a copy"):
        np.asarray(x, dtype=np.float64, copy=False)


DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
def test_dlpack_shares_with_torch_and_numpy_both_ways(dtype, shape, torch):
    array = np.asarray(np.arange(6)[: int(np.prod(shape))].reshape(shape), dtype)
    ours = autograd.tensor(array)
    theirs, numpys = torch.from_dlpack(ours), np.from_dlpack(ours)
    assert str(theirs.dtype) == f"torch.{ours.dtype}" and tuple(theirs.shape) == shape
    back = autograd.from_dlpack(torch.tensor(array))
    assert back.dtype == ours.dtype and back.tolist() == ours.tolist() == numpys.tolist()
    if array.size:
        theirs.fill_(1)
        assert ours.tolist() == theirs.tolist() == numpys.tolist()
        source = torch.tensor(array)
        autograd.from_dlpack(source).zero_()
        assert not source.any()
        assert autograd.from_dlpack(array).data_ptr() == array.__array_interface__["data"][0]


def test_dlpack_keeps_strides(torch):
    x = autograd.arange(6.0).reshape(2, 3)
    assert torch.from_dlpack(x.t()).stride() == (1, 3)
    assert autograd.from_dlpack(torch.arange(6.0).reshape(2, 3).t()).stride() == (1, 3)
    assert x.__dlpack_device__() == (1, 0)


def test_memory_read_backwards_is_not_handed_over(torch):
    x = autograd.from_numpy(np.arange(3.0)[::-1])  # PyTorch ends the process if it gets this
    with pytest.raises(BufferError, match=r"dlpack: .* backwards \(strides \(-8,\)\).* t.clone"):
        torch.from_dlpack(x)
    assert torch.from_dlpack(x.clone()).tolist() == [2, 1, 0]
    assert np.from_dlpack(x, copy=True).tolist() == [2, 1, 0]


def test_dlpack_refuses_what_would_lose_a_gradient(torch):
    x = autograd.ones(2, requires_grad=True)
    for take in (np.from_dlpack, torch.from_dlpack, autograd.from_dlpack):
        with pytest.raises(BufferError, match="dlpack: a tensor that requires grad"):
            take(x)
    with pytest.raises(BufferError):
        autograd.from_dlpack(torch.ones(2, requires_grad=True))
    with pytest.raises(TypeError, match="from_dlpack: expected an array with __dlpack__ .* list"):
        autograd.from_dlpack([1.0])
    with pytest.raises(TypeError, match="from_dlpack: expected real numbers .* complex64"):
        autograd.from_dlpack(torch.ones(2, dtype=torch.complex64))
    for tensor in (x, torch.ones(2, requires_grad=True)):
        with pytest.raises(BufferError, match="^from_dlpack: .*gradient"):
            autograd.from_dlpack(tensor)


def test_which_makers_share_memory(torch):
    array = np.zeros(3, np.float32)
    assert np.shares_memory(autograd.from_numpy(array).payload, array)
    assert np.shares_memory(autograd.as_tensor(array).payload, array)
    assert not np.shares_memory(autograd.tensor(array).payload, array)
    assert not np.shares_memory(autograd.as_tensor(array, dtype=np.float64).payload, array)
    source = torch.zeros(2)
    autograd.as_tensor(source).fill_(7)
    assert source.tolist() == [7, 7]
