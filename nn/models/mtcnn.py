"""MTCNN's three networks: a face detector small enough to look into, with pretrained weights.

P-Net slides over an image and proposes windows; R-Net and O-Net judge windows of 24 and 48 pixels.
Inputs are RGB, scaled to (x - 127.5) / 128. Names of parameters are those of ``facenet-pytorch``,
whose weights for P-Net and O-Net lie beside this file (weights/README.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from nn import Conv2d, Linear, MaxPool2d, Module, PReLU, Softmax

__all__ = ["ONet", "PNet", "RNet", "astronaut", "onet", "pnet", "rnet", "scale_pixels"]

WEIGHTS = Path(__file__).parent / "weights"


class _MTCNN(Module):
    """Convolutions with PReLU, some pooled, then (but for P-Net) one linear layer, then heads."""

    stack: tuple[tuple[int, int, int], ...]  # (channels, kernel, window of the pooling or 0)
    hidden: tuple[int, int] | None  # in and out of the linear layer
    heads: tuple[int, ...]  # outputs: the score, the box, the landmarks

    def __init__(self) -> None:
        super().__init__()
        channels = 3
        for number, (wide, kernel, window) in enumerate(self.stack, start=1):
            self.add_module(f"conv{number}", Conv2d(channels, wide, kernel))
            self.add_module(f"prelu{number}", PReLU(wide))
            if window:
                self.add_module(f"pool{number}", MaxPool2d(window, 2, ceil_mode=True))
            channels = wide
        last = len(self.stack) + 1
        kind = "conv"
        if self.hidden:
            self.add_module(f"dense{last}", Linear(*self.hidden))
            self.add_module(f"prelu{last}", PReLU(self.hidden[1]))
            channels, kind, last = self.hidden[1], "dense", last + 1
        for number, outputs in enumerate(self.heads, start=1):
            layer = Linear(channels, outputs) if self.hidden else Conv2d(channels, outputs, 1)
            self.add_module(f"{kind}{last}_{number}", layer)
            if number == 1:
                self.add_module(f"softmax{last}_1", Softmax(dim=1))
        self.eval()

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the corrections of the box, the landmarks (O-Net), the probabilities."""
        modules = dict(self.named_children())
        heads = []
        for name, module in modules.items():
            if "_" in name:
                if name.startswith("softmax"):
                    heads[0] = module(heads[0])
                else:
                    heads.append(module(x))
                continue
            if name.startswith("dense"):  # the weights expect channels last, columns before rows
                x = x.permute(0, 3, 2, 1).flatten(1)
            x = module(x)
        score, box, *landmarks = heads
        return (box, *landmarks, score)


class PNet(_MTCNN):
    """Proposal network: for each 12x12 window of an image, of stride 2, whether it is a face.

    Shapes: x (N, 3, H, W) -> box (N, 4, H', W'), probabilities (N, 2, H', W') of background and
    face.

    Examples
    --------
    >>> import autograd, nn
    >>> [tuple(y.shape) for y in nn.models.PNet()(autograd.zeros(1, 3, 12, 14))]
    [(1, 4, 1, 2), (1, 2, 1, 2)]

    Source: Zhang et al. (2016), "Joint face detection and alignment using multi-task cascaded
    convolutional networks".
    """

    stack = ((10, 3, 2), (16, 3, 0), (32, 3, 0))
    hidden = None
    heads = (2, 4)


class RNet(_MTCNN):
    """Refinement network: whether a 24x24 window is a face, and where in it.

    Shapes: x (N, 3, 24, 24) -> box (N, 4), probabilities (N, 2) of background and face.

    Examples
    --------
    >>> import autograd, nn
    >>> [tuple(y.shape) for y in nn.models.RNet()(autograd.zeros(1, 3, 24, 24))]
    [(1, 4), (1, 2)]

    Source: as ``PNet``.
    """

    stack = ((28, 3, 3), (48, 3, 3), (64, 2, 0))
    hidden = (576, 128)
    heads = (2, 4)


class ONet(_MTCNN):
    """Output network: whether a 48x48 window is a face, where in it, and where its five landmarks.

    Shapes: x (N, 3, 48, 48) -> box (N, 4), landmarks (N, 10), probabilities (N, 2) of background
    and face. The box is (left, top, right, bottom), each a correction of the window's own side in
    units of its size; the landmarks are five x, then five y, in the same units.

    Examples
    --------
    >>> import nn
    >>> model = nn.models.onet(pretrained=True)
    >>> window = nn.models.scale_pixels(nn.models.astronaut("face"))
    >>> box, landmarks, probabilities = model(window)
    >>> round(probabilities[0, 1].item(), 3)
    0.999

    Source: as ``PNet``.
    """

    stack = ((32, 3, 3), (64, 3, 3), (64, 3, 2), (128, 2, 0))
    hidden = (1152, 256)
    heads = (2, 4, 10)


def pnet(pretrained: bool = False) -> PNet:
    """Build P-Net, with the weights of ``facenet-pytorch`` if ``pretrained``.

    Examples
    --------
    >>> import nn
    >>> model = nn.models.pnet(pretrained=True)
    >>> _, probabilities = model(nn.models.scale_pixels(nn.models.astronaut("photograph")))
    >>> round(probabilities[0, 1].max().item(), 2)
    0.99

    Source: PyPI ``facenet-pytorch``.
    """
    return _with_weights(PNet(), "pnet", pretrained)


def rnet(pretrained: bool = False) -> RNet:
    """Build R-Net; its weights are not shipped.

    Raises
    ------
    ValueError
        ``pretrained`` is True.

    Examples
    --------
    >>> import nn
    >>> sum(p.numel() for p in nn.models.rnet().parameters())
    100178

    Source: PyPI ``facenet-pytorch``.
    """
    if pretrained:
        raise ValueError(
            "rnet: pretrained weights are shipped for P-Net and O-Net only; weights/make.py "
            "converts those of R-Net"
        )
    return RNet()


def onet(pretrained: bool = False) -> ONet:
    """Build O-Net, with the weights of ``facenet-pytorch`` if ``pretrained``; see ``ONet``.

    Examples
    --------
    >>> import nn
    >>> sum(p.numel() for p in nn.models.onet(pretrained=True).parameters())
    389040

    Source: PyPI ``facenet-pytorch``.
    """
    return _with_weights(ONet(), "onet", pretrained)


def _with_weights(model: Any, name: str, pretrained: bool) -> Any:
    if pretrained:
        model.load_state_dict(autograd.load(WEIGHTS / f"{name}.safetensors"))
    return model


def astronaut(part: str = "face") -> np.ndarray:
    """Return a part of NASA's portrait of Eileen Collins, as (H, W, 3) of uint8.

    Parameters
    ----------
    part : {"face", "photograph"}
        A window around the face for O-Net, (48, 48, 3), or all of it for P-Net, (128, 128, 3).

    Raises
    ------
    ValueError
        There is no such part.

    Examples
    --------
    >>> import nn
    >>> nn.models.astronaut("photograph").shape
    (128, 128, 3)

    Source: NASA, in the public domain; see weights/README.md.
    """
    with np.load(WEIGHTS / "astronaut.npz") as parts:
        if part not in parts:
            raise ValueError(f"astronaut: part must be one of {list(parts)}, got {part!r}")
        return parts[part]


def scale_pixels(image: np.ndarray | Iterable[np.ndarray], dtype: Any = np.float32) -> Tensor:
    """Scale pixels for MTCNN: (x - 127.5) / 128, channels first.

    Shapes: (H, W, 3) or (N, H, W, 3) of 0 to 255 -> (N, 3, H, W).

    Examples
    --------
    >>> import numpy as np
    >>> scale_pixels(np.full((2, 2, 3), 255)).shape, scale_pixels(np.full((1, 1, 3), 255)).max()
    ((1, 3, 2, 2), tensor(0.9961))

    Source: PyPI ``facenet-pytorch``.
    """
    images = np.asarray(image, dtype)
    images = images[None] if images.ndim == 3 else images
    return Tensor(np.ascontiguousarray((images - 127.5) / 128).transpose(0, 3, 1, 2).astype(dtype))
