"""MTCNN's O-Net and P-Net with their pretrained weights, on a real photograph."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from nn import models
from tests.nn.models.test_models import twin

MAKE = Path(models.__file__).parent / "weights" / "make.py"


def looked_at():
    """Return the box, the landmarks, the score of the face, and its gradient in the image."""
    window = models.scale_pixels(models.astronaut("face")).requires_grad_()
    box, landmarks, probabilities = models.onet(pretrained=True)(window)
    score = probabilities[0, 1]
    score.backward()
    return box, landmarks, score, window.grad.numpy()[0]


def test_o_net_finds_the_face():
    box, landmarks, score, _ = looked_at()
    assert score.item() == pytest.approx(0.9994, abs=5e-4)
    left, top, right, bottom = 48 * (box.detach().numpy()[0] + [0, 0, 1, 1])
    assert (left, top, right, bottom) == pytest.approx((5, 7, 37, 48), abs=1)
    x, y = 48 * landmarks.detach().numpy()[0].reshape(2, 5)
    right_eye, left_eye, nose, right_mouth, left_mouth = range(5)
    assert x[right_eye] < x[nose] < x[left_eye] and x[right_mouth] < x[nose] < x[left_mouth]
    assert max(y[right_eye], y[left_eye]) < y[nose] < min(y[right_mouth], y[left_mouth])
    assert left < x.min() and x.max() < right and top < y.min() and y.max() < bottom


def test_the_score_and_everything_else_are_those_of_pytorch(torch):
    model = models.onet(pretrained=True)
    theirs = twin(torch, model).eval()
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in model.state_dict().items()})
    window = torch.tensor(models.scale_pixels(models.astronaut("face")).numpy()).requires_grad_()
    expected = theirs(window)
    expected[2][0, 1].backward()
    box, landmarks, score, gradient = looked_at()
    assert score.item() == pytest.approx(expected[2][0, 1].item(), abs=1e-5)
    np.testing.assert_allclose(box.detach().numpy(), expected[0].detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(landmarks.detach().numpy(), expected[1].detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(gradient, window.grad.numpy()[0], atol=1e-6)


def test_the_gradient_lies_on_the_face():
    """79 % of it (91 % of its square) within the box that O-Net found, 57 % of the window."""
    box, _, _, gradient = looked_at()
    left, top, right, bottom = np.rint(48 * (box.detach().numpy()[0] + [0, 0, 1, 1])).astype(int)
    face = np.zeros((48, 48), bool)
    face[max(top, 0) : bottom, max(left, 0) : right] = True
    heat = np.abs(gradient).sum(0)
    assert face.mean() == pytest.approx(0.57, abs=0.02)
    assert heat[face].sum() / heat.sum() == pytest.approx(0.795, abs=0.02)
    assert (heat[face] ** 2).sum() / (heat**2).sum() == pytest.approx(0.91, abs=0.02)


def test_p_net_proposes_windows_in_the_photograph():
    photograph = models.astronaut("photograph")
    assert photograph.shape == (128, 128, 3) and photograph.dtype == np.uint8
    _, probabilities = models.pnet(pretrained=True)(models.scale_pixels(photograph))
    assert probabilities.shape == (1, 2, 59, 59)
    assert probabilities[0, 1].max().item() == pytest.approx(0.99, abs=0.01)


def test_without_weights_they_start_at_random_and_in_eval_mode():
    model = models.onet()
    assert isinstance(model, models.ONet) and not model.training
    assert isinstance(models.pnet(), models.PNet) and isinstance(models.rnet(), models.RNet)
    assert not np.array_equal(
        model.conv1.weight.numpy(), models.onet(pretrained=True).conv1.weight.numpy()
    )


def test_pixels_are_scaled_and_put_channels_first():
    images = np.arange(24).reshape(1, 2, 4, 3)
    scaled = models.scale_pixels(images, np.float64)
    assert scaled.shape == (1, 3, 2, 4) and scaled.dtype == np.float64
    assert scaled[0, 2, 1, 3].item() == (23 - 127.5) / 128
    assert models.scale_pixels(images[0]).dtype == np.float32


def test_the_files_can_be_made_again(torch, tmp_path):
    """The reader of old ``torch.save`` files, and of PNG, give what was put in."""
    spec = importlib.util.spec_from_file_location("make_weights", MAKE)
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    state = {"a": torch.randn(3, 4).T, "b": torch.arange(6.0)[2:5]}
    torch.save(state, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    read = make.read_weights(tmp_path / "old.pt")
    assert list(read) == ["a", "b"]
    for name, value in state.items():
        np.testing.assert_array_equal(read[name], value.numpy())
    torch.save({"a": print}, tmp_path / "bad.pt", _use_new_zipfile_serialization=False)
    with pytest.raises(make.pickle.UnpicklingError, match="print is not part of a dict of weights"):
        make.read_weights(tmp_path / "bad.pt")
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert make.shrunk(image, 2)[0, 0].tolist() == [
        round(float(image[:2, :2, c].mean())) for c in range(3)
    ]


def test_hollow_nets_take_no_photograph():
    with nn.shape_only():
        model = models.ONet()
    with pytest.raises(RuntimeError, match="Conv2d: the model was built under nn.shape_only"):
        model(models.scale_pixels(models.astronaut("face")))
    assert [y.shape for y in model(autograd.zeros(0, 3, 48, 48))] == [(0, 4), (0, 10), (0, 2)]
