"""All benchmarks: one table, printed and written as CSV.

Usage: ``python benchmarks/bench.py [CSV]``, or ``make bench``; about ten minutes on two cores.
"""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import contrastive
import prediction
import preparation
import startup
import torch
import training
from rows import print_rows, write_rows

DEFAULT_FILE = Path(__file__).parents[1] / "data" / "08_reporting" / "bench.csv"


def main() -> None:
    """Measure, print, write."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "kedro", "pyarrow"))
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()
    extensions = ", ".join(name for name, has in capabilities.items() if has is True) or "unknown"
    machine = f"{platform.machine()}, {os.cpu_count()} cores ({extensions})"
    print(f"{machine}; CPython {platform.python_version()}, {packages}")
    rows = []
    for benchmark in (contrastive, training, prediction, startup, preparation):
        rows += benchmark.measure()
    print_rows(rows)
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FILE
    write_rows(rows, file)
    print(f"Written to {file}")


if __name__ == "__main__":
    main()
