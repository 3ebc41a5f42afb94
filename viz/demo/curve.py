"""The curve of a training run as SVG: accuracy of each epoch, loss of each step.

Drawn by hand because it stands on the demo's page beside our own figures, in their colours and in
dark mode too, and because the demo installs no plotting library.
"""

from collections.abc import Sequence

from viz.charts.scale import apart

__all__ = ["curve"]

LEFT, RIGHT, TOP, BOTTOM = 44, 456, 16, 264  # the frame, in a picture of 580 x 310


def curve(accuracy: Sequence[float], training: Sequence[float], losses: Sequence[float]) -> str:
    """Return an ``<svg>`` to be put inline into a page that has the colours.

    Parameters
    ----------
    accuracy : sequence of float
        Of the held-out data: before training, then after each epoch.
    training : sequence of float
        Of the training data, over each epoch.
    losses : sequence of float
        Of each step; drawn as a running mean, on a scale from 0 to its largest value.
    """
    epochs = len(accuracy) - 1
    smooth = running_mean(losses)
    ceiling = max(smooth) * 1.08

    def x(epoch: float) -> float:
        return LEFT + (RIGHT - LEFT) * epoch / epochs

    def y(share: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * share

    def path(points: Sequence[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{x(epoch):.1f} {y(share):.1f}" for epoch, share in points)

    loss = path([((i + 0.5) / len(smooth) * epochs, v / ceiling) for i, v in enumerate(smooth)])
    held_out = path(list(enumerate(accuracy)))
    trained = path([(epoch + 0.5, share) for epoch, share in enumerate(training)])
    labels = [
        (y(training[-1]), "mu", f"train {percent(training[-1])}"),
        (y(accuracy[-1]), "v b", f"held out {percent(accuracy[-1])}"),
        (y(smooth[-1] / ceiling), "g", f"loss {smooth[-1]:.3f}"),
    ]
    parts = [
        '<svg viewBox="0 0 580 310" role="img" aria-label="Accuracy on held-out digits: '
        f'{percent(accuracy[0])} before training, {percent(accuracy[-1])} after epoch {epochs}">'
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<path class="grid" d="M{LEFT} {y(share):.1f}H{RIGHT}"/>')
        parts.append(text(LEFT - 8, y(share) + 4, f"{share * 100:.0f} %", "mu", "end"))
    for epoch in range(0, epochs + 1, -(-epochs // 10)):
        parts.append(text(x(epoch), BOTTOM + 24, str(epoch), "mu", "middle"))
    parts.append(text((LEFT + RIGHT) / 2, BOTTOM + 40, "epoch", "mu", "middle"))
    parts.append(f'<path class="loss" d="{loss}"/>')
    parts.append(f'<path class="tr" d="{trained}"/><path class="va" d="{held_out}"/>')
    for epoch, share in enumerate(accuracy):
        parts.append(
            f'<circle class="dot" cx="{x(epoch):.1f}" cy="{y(share):.1f}" r="3">'
            f"<title>epoch {epoch}: {percent(share)}</title></circle>"
        )
    for (_, kind, words), at in zip(labels, apart([label[0] for label in labels]), strict=True):
        parts.append(text(RIGHT + 8, at + 4, words, kind, "start"))
    return "".join(parts) + "</svg>"


def running_mean(losses: Sequence[float], keep: float = 0.9) -> list[float]:
    """Return the exponential running mean, corrected for its start at zero as Adam's is."""
    mean, weight, means = 0.0, 0.0, []
    for loss in losses:
        mean = keep * mean + (1 - keep) * loss
        weight = keep * weight + (1 - keep)
        means.append(mean / weight)
    return means


def percent(share: float) -> str:
    """Return a share in per cent with one decimal."""
    return f"{share * 100:.1f} %"


def text(x: float, y: float, words: str, kind: str, anchor: str) -> str:
    """Return one line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{words}</text>'
