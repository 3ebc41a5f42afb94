"""Pixels from SVG, by whatever is installed: rsvg-convert, CairoSVG or a Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["png"]

SCALE = 2
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def png(svg: str) -> bytes:
    """Return the picture as PNG, two pixels to a unit.

    Raises
    ------
    RuntimeError
        If none of the three is installed.
    """
    if found := shutil.which("rsvg-convert"):
        command = [found, "--zoom", str(SCALE), "--format", "png"]
        return subprocess.run(
            command, input=svg.encode(), capture_output=True, check=True, timeout=60
        ).stdout
    try:
        import cairosvg
    except ImportError:
        pass
    else:
        return cairosvg.svg2png(bytestring=svg.encode(), scale=SCALE)
    for name in BROWSERS:
        if found := shutil.which(name):
            return _browser(found, svg)
    raise RuntimeError(
        "save: a .png needs rsvg-convert (Debian: librsvg2-bin), cairosvg (pip) or Chromium, and "
        "none is installed; save as .svg or .html instead"
    )


def _browser(command: str, svg: str) -> bytes:
    width, height = map(float, re.findall(r'(?:width|height)="([\d.]+)"', svg)[:2])
    with tempfile.TemporaryDirectory() as folder:
        page, picture = Path(folder, "page.html"), Path(folder, "picture.png")
        page.write_text(f"<style>body{{margin:0}}</style>{svg}", encoding="utf-8")
        subprocess.run(
            [command, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             f"--force-device-scale-factor={SCALE}", f"--window-size={width:.0f},{height:.0f}",
             f"--screenshot={picture}", page.as_uri()],
            capture_output=True, check=True, timeout=60,
        )  # fmt: skip
        return picture.read_bytes()
