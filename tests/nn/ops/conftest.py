"""What the kernels' tests share: tensors from arrays, and the comparison with PyTorch."""

import numpy as np
import pytest

import autograd
from autograd import parallel


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def leaf():
    """Make a tensor that requires grad, of the array's own dtype."""

    def make(array):
        return autograd.tensor(array, requires_grad=True, dtype=np.asarray(array).dtype)

    return make


@pytest.fixture
def agrees_with_torch(torch, leaf, rng):
    """Compare value and gradients of a function with those of PyTorch's, on the same arrays.

    Tolerances are relative to the largest value of each compared array.
    """

    def compare(ours, theirs, *arrays, tolerance=None):
        tensors = [None if a is None else leaf(a) for a in arrays]
        references = [
            None if a is None else torch.tensor(np.ascontiguousarray(a), requires_grad=True)
            for a in arrays
        ]
        value, reference = ours(*tensors), theirs(*references)
        assert value.shape == tuple(reference.shape)
        assert value.dtype == reference.detach().numpy().dtype
        upstream = rng.standard_normal(value.shape).astype(value.dtype)
        value.backward(autograd.tensor(upstream, dtype=value.dtype))
        reference.backward(torch.tensor(upstream))
        pairs = [(value.detach().numpy(), reference.detach().numpy())]
        pairs += [
            (t.grad.numpy(), r.grad.numpy())
            for t, r in zip(tensors, references, strict=True)
            if t is not None
        ]
        for found, expected in pairs:
            assert found.dtype == expected.dtype
            limit = tolerance or (2e-6 if found.dtype == np.float32 else 1e-12)
            scale = np.nanmax(np.abs(expected), initial=1.0)
            np.testing.assert_allclose(found, expected, rtol=0, atol=limit * scale)

    return compare


@pytest.fixture
def threads(monkeypatch):
    """Set the number of threads for one test, which shares work of any size."""
    monkeypatch.setattr(parallel, "WORTH_SHARING", 0.0)
    before = autograd.get_num_threads()
    yield autograd.set_num_threads
    autograd.set_num_threads(before)
