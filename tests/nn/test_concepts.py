"""Rows of the course's checklist about layers, by their numbers."""

import numpy as np
import pytest

import autograd
import nn


def parameters(layer):
    return sum(p.numel() for p in layer.parameters())


def test_LY_04_six_filters_give_six_maps():
    conv = nn.Conv2d(3, 6, 5)
    assert conv(autograd.randn(3, 32, 32)).shape == (6, 28, 28)
    assert conv(autograd.randn(2, 3, 32, 32)).shape == (2, 6, 28, 28)
    assert parameters(conv) == 456


def test_LY_06_a_fully_connected_layer_is_unsuited_to_images():
    assert parameters(nn.Conv2d(1, 10, 5, padding=2)) == 260
    assert parameters(nn.Conv2d(3, 6, 5)) == 456
    # 14 million numbers are counted from the formula that a small layer obeys.
    for inputs, outputs in [(7, 5), (12, 3)]:
        assert parameters(nn.Linear(inputs, outputs)) == inputs * outputs + outputs
    assert 32 * 32 * 1 * (32 * 32 * 10) + 32 * 32 * 10 == 10_496_000
    assert 32 * 32 * 3 * (28 * 28 * 6) + 28 * 28 * 6 == 14_455_392


BATCH = np.arange(24.0).reshape(2, 3, 2, 2)


def test_LY_19_scale_and_shift_can_undo_the_normalisation():
    layer = nn.BatchNorm2d(3).double()
    assert layer.weight.tolist() == [1, 1, 1] and layer.bias.tolist() == [0, 0, 0]
    mean, var = BATCH.mean((0, 2, 3)), BATCH.var((0, 2, 3))
    with autograd.no_grad():
        layer.weight.copy_(np.sqrt(var + layer.eps))
        layer.bias.copy_(mean)
    np.testing.assert_allclose(layer(autograd.tensor(BATCH)).numpy(), BATCH, atol=1e-12)


def test_LY_20_the_test_uses_running_statistics():
    layer = nn.BatchNorm2d(3).double()
    layer(autograd.tensor(BATCH))
    np.testing.assert_allclose(layer.running_mean.numpy(), [0.75, 1.15, 1.55])
    np.testing.assert_allclose(layer.running_var.numpy(), [5.15714286] * 3, atol=1e-8)
    assert layer.num_batches_tracked.item() == 1
    layer.eval()
    alone = layer(autograd.tensor(BATCH[:1])).numpy()
    together = layer(autograd.tensor(np.concatenate([BATCH[:1], 100 * BATCH]))).numpy()
    np.testing.assert_array_equal(alone[0], together[0])
    assert layer.num_batches_tracked.item() == 1


def test_LY_25_dropout_scales_what_it_keeps():
    x = autograd.ones(1000, 1000)
    y = nn.Dropout(p=0.2)(x).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1.25)}
    assert y.mean() == pytest.approx(1, abs=5e-3)
    assert y.var() == pytest.approx(0.25, abs=5e-3)  # (1 - keep) / keep
    assert nn.Dropout(p=0.2).eval()(x) is x
    assert nn.Dropout(p=0.0)(x) is x
    assert not nn.Dropout(p=1.0)(x).numpy().any()


def test_LY_28_dropout_draws_a_fresh_mask_and_uses_it_again_in_the_backward_pass():
    layer = nn.Dropout(0.4)
    x = autograd.randn(50, 20, dtype=np.float64).requires_grad_()
    first, second = layer(x), layer(x)
    assert (first.numpy() != second.numpy()).any()
    first.backward(autograd.ones_like(first))
    np.testing.assert_allclose(x.grad.numpy(), np.where(first.numpy() == 0, 0, 1 / 0.6))
    layer.eval()
    assert layer(x).tolist() == layer(x).tolist() == x.tolist()


class TestClipping:
    """OP-16: by the norm, with its square root."""

    def clipped(self, gradient, threshold):
        w = autograd.zeros(2, dtype=np.float64, requires_grad=True)
        w.grad = autograd.tensor(np.array(gradient))
        norm = nn.utils.clip_grad_norm_([w], threshold)
        return norm.item(), w.grad.tolist()

    def test_OP_16_by_global_norm(self):
        norm, gradient = self.clipped([3.0, 4.0], 1.0)
        assert norm == 5 and gradient == pytest.approx([0.6, 0.8], abs=1e-6)
        assert self.clipped([3.0, 4.0], 10.0) == (5, [3, 4])
        norm, gradient = self.clipped([0.3, 0.4], 0.3)
        assert norm == pytest.approx(0.5) and gradient == pytest.approx([0.18, 0.24], abs=1e-6)

    def test_OP_16_by_value(self):
        w = autograd.zeros(3, requires_grad=True)
        w.grad = autograd.tensor([3.0, -4.0, 0.5])
        nn.utils.clip_grad_value_(w, 1.0)
        assert w.grad.tolist() == [1, -1, 0.5]
        with pytest.raises(ValueError, match="expected a finite value of 0 or more, got -1"):
            nn.utils.clip_grad_value_(w, -1)

    def test_OP_16_of_many_parameters_as_pytorch(self, torch):
        rng = np.random.default_rng(0)
        arrays = [rng.standard_normal(shape) for shape in [(3, 4), (5,), ()]]
        for p in (2.0, 1.0, 3.0, float("inf")):
            ours = [autograd.tensor(np.zeros_like(a), requires_grad=True) for a in arrays]
            theirs = [torch.zeros(a.shape, dtype=torch.float64) for a in arrays]
            for w, v, a in zip(ours, theirs, arrays, strict=True):
                w.grad, v.grad = autograd.tensor(a), torch.tensor(a)
            unused = autograd.zeros(2, requires_grad=True)
            norm = nn.utils.clip_grad_norm_([*ours, unused], 0.5, p)
            reference = torch.nn.utils.clip_grad_norm_(theirs, 0.5, p)
            assert norm.item() == pytest.approx(reference.item(), rel=1e-12)
            for w, v in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(w.grad.numpy(), v.grad.numpy(), rtol=1e-12)

    def test_a_norm_that_is_not_finite_can_raise(self):
        w = autograd.zeros(2, requires_grad=True)
        w.grad = autograd.tensor([float("nan"), 1.0])
        with pytest.raises(RuntimeError, match="the norm of the gradients is nan"):
            nn.utils.clip_grad_norm_(w, 1.0, error_if_nonfinite=True)
        assert w.grad.tolist()[1] == 1
        assert nn.utils.clip_grad_norm_([], 1.0).item() == 0
