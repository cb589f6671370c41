"""A million texts through ingest, profile, tokenize and one epoch of fit, with the tiny encoder.

Usage: ``python benchmarks/much_data.py [ROWS …]``; 100,000 and 1,000,000 by default, about 20 minutes on two
cores. Not a part of ``make bench``.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from preparation import make_corpus
from rows import Row, print_rows
from scratch_project import make_project, project_environment

SIZES = (100_000, 1_000_000)
STAGES = ("ingest", "profile", "tokenize", "fit")
BATCH_SIZE = 256
LOOK_SECONDS = 0.02


def run_stage(project: Path, stage: str, file: Path) -> tuple[float, float, float]:
    """Run one pipeline as a process of its own.

    Returns:
        Seconds, peak memory in GiB of the largest process, and the peak of its memory without mapped pages.

    Raises:
        RuntimeError: if it fails.
    """
    parameters = f"corpus.train={file},encoder=random-tiny,fit.epochs=1,fit.batch_size={BATCH_SIZE}"
    command = [sys.executable, "-m", "kedro", "run", f"--pipeline={stage}", f"--params={parameters}"]
    start = time.perf_counter()
    child = subprocess.Popen(command, cwd=project, env=project_environment())
    anonymous, ended = 0.0, 0
    while not ended:
        anonymous = max(anonymous, anonymous_gibibytes(child.pid))
        time.sleep(LOOK_SECONDS)
        ended, status, usage = os.wait4(child.pid, os.WNOHANG)  # unlike Popen's own wait it tells the memory
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{stage} ended with status {child.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 2**20, anonymous


def anonymous_gibibytes(pid: int) -> float:
    """Memory of a living process that is no page of a file; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 2**20


def measure(sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """Rows of the table."""
    rows = []
    for num_rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            project, file = make_project(Path(folder)), Path(folder, "corpus.csv")
            make_corpus(num_rows).to_csv(file, index=False)
            for stage in STAGES:
                seconds, gibibytes, anonymous = run_stage(project, stage, file)
                case = f"{num_rows:,} texts, {stage}"
                rows.append(Row("much data", case, "seconds", seconds))
                rows.append(Row("much data", case, "peak GiB", gibibytes))
                rows.append(Row("much data", case, "peak GiB without mapped pages", anonymous))
    return rows


if __name__ == "__main__":
    print_rows(measure(tuple(map(int, sys.argv[1:])) or SIZES))
