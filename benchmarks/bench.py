"""All benchmarks: one table, printed and written as CSV.

Usage: ``python benchmarks/bench.py [CSV]``, or ``make bench``; a quarter of an hour on two cores. Each part
runs in a process of its own, so that none inherits another's memory or threads.
"""

import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from rows import Row, print_rows, read_rows, write_rows

FOLDER = Path(__file__).parent
DEFAULT_FILE = FOLDER.parent / "data" / "08_reporting" / "bench.csv"
PARTS = ("contrastive", "training", "prediction", "serving", "startup", "preparation")


def measure_apart(part: str) -> list[Row]:
    """Run one benchmark as its own process.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows.csv")
        program = (
            f"import sys; sys.path.insert(0, {str(FOLDER)!r}); import {part}, rows; "
            f"from pathlib import Path; rows.write_rows({part}.measure(), Path({str(file)!r}))"
        )
        subprocess.run([sys.executable, "-c", program], check=True)
        return read_rows(file)


def describe_machine() -> str:
    """What the figures belong to."""
    import torch  # noqa: PLC0415 - this process stays small: peak memory of those it starts counts its own

    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "kedro", "pyarrow"))
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()
    known = [
        name for name in ("avx2", "avx512_f", "avx512_bf16", "amx_bf16", "amx_int8") if capabilities.get(name)
    ]
    machine = f"{platform.machine()}, {os.cpu_count()} cores ({', '.join(known) or 'unknown'})"
    return f"{machine}; CPython {platform.python_version()}, {packages}"


def main() -> None:
    """Measure, print, write."""
    rows: list[Row] = []
    for number, part in enumerate(PARTS, 1):
        print(f"[{number}/{len(PARTS)}] {part}", file=sys.stderr, flush=True)
        rows += measure_apart(part)
    print(describe_machine())
    print_rows(rows)
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FILE
    write_rows(rows, file)
    print(f"Written to {file}")


if __name__ == "__main__":
    main()
