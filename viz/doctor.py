"""What this installation is made of, for a person who wonders why something does not work.

Each question is answered by asking the thing itself: the distributions their versions, the layout
engine its banner, BLAS its threads. Nothing is changed.
"""

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import threadpoolctl

from viz.layout.engines import ENGINES, program

__all__ = ["report"]

NEEDED = ("numpy", "threadpoolctl", "tqdm", "graphviz", "graphviz-pure")
OPTIONAL = {
    "matplotlib": "charts; extra viz",
    "cairosvg": "pictures as .png, where neither rsvg-convert nor Chromium is",
    "jupytext": "notebook sources; extra notebooks",
    "ipykernel": "running notebooks; extra notebooks",
    "pytest": "the tests; extra dev",
    "playwright": "the tests in a browser; extra dev",
    "torch": "the reference of the tests; extra reference",
}


def report() -> str:
    """Return the answers as text: versions, layout engine, rivals for the name autograd, BLAS.

    Examples
    --------
    >>> print(report())
    Backlight ...
    Packages it needs
      numpy ...
    The name autograd
      ...
    """
    installed = version("backlight") or "(not installed, run from its folder)"
    return "\n".join(
        [
            f"Backlight {installed} in {Path(__file__).parent.parent}",
            f"Python {platform.python_version()} ({sys.executable}) on {platform.platform()}",
            "Packages it needs",
            *(f"  {name:13} {version(name) or 'missing'}" for name in NEEDED),
            "Packages it can use",
            *(f"  {name:13} {version(name) or f'- ({use})'}" for name, use in OPTIONAL.items()),
            "Layout of graphs, the first is used",
            *(f"  {engine}" for engine in engines()),
            "The name autograd",
            f"  {rival()}",
            "Arithmetic",
            *(f"  {library}" for library in blas()),
            f"  {os.cpu_count()} cores, {usable_cores()} of them for this process",
        ]
    )


def version(distribution: str) -> str | None:
    """Return the installed version, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def engines() -> list[str]:
    """Return the layout engines in the order in which they are tried, with place and version."""
    found = [program(name) for name in ENGINES[:-1]]
    named = [f"{path}: {banner(path)}" for path in found if path]
    return [*named, "Backlight's own layered layout (always there)"]


def banner(program: str) -> str:
    """Return what a program says of its version, or why it says nothing."""
    try:
        result = subprocess.run([program, "-V"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not run ({error})"
    return (result.stderr or result.stdout).strip() or f"ended with status {result.returncode}"


def rival() -> str:
    """Say whether another package called autograd, such as HIPS autograd, could get in the way.

    Where one already is, ``viz`` refuses to be imported and says so.
    """
    other = version("autograd")
    if other:
        return (
            f"is Backlight's, but the distribution autograd {other} is installed beside it, and "
            "pip lets the two overwrite each other's files; run `pip uninstall -y autograd` and "
            "install backlight again"
        )
    return "is Backlight's, and no other distribution claims it"


def blas() -> list[str]:
    """Return each BLAS in this process, its version and its number of threads."""
    pools = threadpoolctl.threadpool_info()
    found = [
        f"{pool['internal_api']} {pool['version']} ({pool.get('architecture', 'any processor')}), "
        f"{pool['num_threads']} threads, in NumPy {np.__version__}"
        for pool in pools
        if pool["user_api"] == "blas"
    ]
    return found or [f"NumPy {np.__version__}, whose BLAS threadpoolctl does not know"]


def usable_cores() -> int:
    """Return the number of cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
