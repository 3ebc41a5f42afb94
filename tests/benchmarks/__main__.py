"""All measurements, one table after the other: ``make bench``, or ``python -m tests.benchmarks``.

``--quick`` gives a first impression. Each table is a module of its own and can be run alone.
"""

import importlib
import sys
from pathlib import Path

import numpy as np

for path in sorted(Path(__file__).parent.glob("bench_*.py")):
    print(f"\n{path.stem} (Python {sys.version.split()[0]}, NumPy {np.__version__})", flush=True)
    importlib.import_module(f"tests.benchmarks.{path.stem}").main()
