"""Hue: the angle of a colour on the wheel red, yellow, green, cyan, blue, magenta.

With the largest and least of red, green and blue, V and V - C, a colour has the hue h in sixths of
the circle: (G - B) / C where red is the largest, 2 + (B - R) / C for green, 4 + (R - G) / C for
blue. Back again, channel n (5, 3, 1 for red, green, blue) is V - C clip(min(k, 4 - k), 0, 1) with
k = (n + h) mod 6. Turning h changes neither V nor C, so neither value nor saturation.
"""

from __future__ import annotations

import numpy as np

__all__ = ["turn_hue"]


def turn_hue(colours: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Return (N, 3, H, W) with hues turned by a share (N, 1, 1, 1) of the circle.

    Grey has no hue and stays.

    Source: Smith (1978), "Color gamut transform pairs"; torchvision's ``adjust_hue``.
    """
    red, green, blue = (colours[:, c : c + 1] for c in range(3))
    largest = np.maximum(np.maximum(red, green), blue)
    spread = largest - np.minimum(np.minimum(red, green), blue)
    divisor = np.where(spread == 0, colours.dtype.type(1), spread)
    hue = np.where(
        largest == red,
        (green - blue) / divisor,
        np.where(largest == green, 2 + (blue - red) / divisor, 4 + (red - green) / divisor),
    )
    hue += 6 * turns.astype(colours.dtype)
    channels = []
    for n in (5, 3, 1):
        k = np.mod(n + hue, 6)
        channels.append(largest - spread * np.clip(np.minimum(k, 4 - k), 0, 1))
    return np.concatenate(channels, axis=1)
