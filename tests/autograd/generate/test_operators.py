"""Forwards that are no more than NumPy's function, which threads may share."""

from types import SimpleNamespace

import numpy as np
import pytest

import autograd
from autograd import blocks, compute, record
from autograd.generate.operators import ufunc_of


@pytest.mark.parametrize(
    ("forward", "ufunc"),
    [
        (lambda x: np.tanh(x), np.tanh),
        (lambda x, y: np.hypot(x, y), np.hypot),
        (lambda x, y: x * y, np.multiply),
        (lambda x: -x, np.negative),
        (lambda x: np.tanh(x) + 1, None),
        (lambda x, y: np.hypot(y, x), None),
        (lambda x: np.sort(x), None),
        (lambda x: x, None),
        (lambda x, *, y: x * y, None),
        (lambda *, x: -x, None),
        (lambda x, *, y: np.hypot(x, y), None),
    ],
)
def test_numpys_function_is_recognised(forward, ufunc):
    assert ufunc_of(forward) is ufunc


def test_a_function_of_another_module_is_not():
    forward = eval("lambda x: np.tanh(x)", {"np": SimpleNamespace(tanh=len)})
    assert ufunc_of(forward) is None


@pytest.mark.parametrize("name", ["tanh", "exp", "sqrt", "atan2", "maximum", "log1p"])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_share_numpys_functions(name, threads, monkeypatch):
    for module in (blocks, record):
        monkeypatch.setattr(module, "WORTH_THREADS", 1 << 10)
    shares = []
    monkeypatch.setattr(compute, "shared", lambda *a: shares.append(a) or blocks.shared(*a))
    draws = np.random.default_rng(2).random((2, 300, 1001), np.float32)
    operands = draws[: 2 if name in ("atan2", "maximum") else 1]
    before = autograd.get_num_threads()
    autograd.set_num_threads(threads)
    try:
        for dtype in (np.float32, np.float64, np.float16):
            given = [x.astype(dtype) for x in operands]
            z = getattr(autograd, name)(*[autograd.tensor(x) for x in given])
            plain = {"atan2": np.arctan2}.get(name) or getattr(np, name)
            wide = [x.astype(np.float32) if dtype == np.float16 else x for x in given]
            np.testing.assert_allclose(z.numpy(), plain(*wide).astype(dtype), 2e-3, strict=True)
    finally:
        autograd.set_num_threads(before)
    assert len(shares) == (3 if threads > 1 else 0)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_attribute_that_is_a_factor_is_no_operand_that_threads_share(threads, monkeypatch):
    for module in (blocks, record):
        monkeypatch.setattr(module, "WORTH_THREADS", 1 << 10)
    x = np.random.default_rng(2).standard_normal(300_000)
    before = autograd.get_num_threads()
    autograd.set_num_threads(threads)
    try:
        z = autograd.rrelu(autograd.tensor(x), 0.25, 0.25, training=True)
    finally:
        autograd.set_num_threads(before)
    np.testing.assert_array_equal(z.numpy(), np.where(x > 0, x, x / 4))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_large_sum_has_the_same_bits_for_any_number_of_threads(threads):
    x = np.random.default_rng(2).standard_normal(5_000_123).astype(np.float32)
    before = autograd.get_num_threads()
    autograd.set_num_threads(1)
    alone = autograd.from_numpy(x).sum()
    autograd.set_num_threads(threads)
    try:
        total = autograd.from_numpy(x).sum()
    finally:
        autograd.set_num_threads(before)
    assert total == alone
    np.testing.assert_allclose(total, x.sum(dtype=np.float64), rtol=1e-5)
