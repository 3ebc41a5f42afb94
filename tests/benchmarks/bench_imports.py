"""How long an import takes, in fresh interpreters, NumPy's own share beside it.

Run with ``python -m tests.benchmarks.bench_imports``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROGRAM = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
TARGETS = {  # statement -> seconds that it may take, NumPy included
    "import numpy": None,
    "import autograd, nn, optim": 0.25,
    "import viz": 0.4,
}


def seconds(statement: str, runs: int) -> list[float]:
    """Return the time that the statement takes in each of several fresh interpreters."""
    command = [sys.executable, "-c", PROGRAM.format(statement)]
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    printed = [
        subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, check=True)
        for _ in range(runs)
    ]
    return [float(run.stdout) for run in printed]


def main() -> None:
    """Print a line for each statement: median, least, and the target."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    options, _ = parser.parse_known_args()
    runs = 3 if options.quick else 11
    print(f"{'':28}   median    least   target   ({runs} fresh interpreters each)")
    for statement, target in TARGETS.items():
        seconds(statement, 1)  # writes the bytecode
        times = seconds(statement, runs)
        allowed = f"{target:6.2f} s" if target else ""
        print(f"{statement:28} {statistics.median(times):6.3f} s {min(times):6.3f} s {allowed}")


if __name__ == "__main__":
    main()
