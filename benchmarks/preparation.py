"""Time and memory of ingest, profile and tokenize on corpora of up to a million rows.

Usage: ``python benchmarks/preparation.py [ROWS …]``; 100,000, 300,000 and 1,000,000 by default.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from rows import Row, print_rows
from scratch_project import make_project, run_python

from sharprecl.corpora import read_standard_library

SIZES = (100_000, 300_000, 1_000_000)
REPLACED = 0.5
"""Share of each text's words that are drawn anew, so that few texts are near duplicates."""


def make_corpus(num_rows: int, seed: int = 0) -> pd.DataFrame:
    """Texts of the standard library's lengths, labels and words, half of the words drawn anew.

    Args:
        num_rows: how many.
        seed: of the draws.

    Returns:
        Columns ``text`` and ``label``.
    """
    rng = np.random.default_rng(seed)
    real = read_standard_library()
    words = [np.array(text.split(), dtype=object) for text in real["text"]]
    vocabulary = np.concatenate(words)
    chosen = rng.integers(len(words), size=num_rows)
    texts = []
    for row in chosen:
        text = words[row].copy()
        replaced = rng.random(len(text)) < REPLACED
        text[replaced] = vocabulary[rng.integers(len(vocabulary), size=replaced.sum())]
        texts.append(" ".join(text))
    return pd.DataFrame({"text": texts, "label": real["label"].to_numpy()[chosen]})


def prepare(num_rows: int) -> tuple[float, float]:
    """Run the three pipelines in one process on a corpus of that size.

    Returns:
        Seconds and peak memory in GiB.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder))
        file = Path(folder, "corpus.csv")
        make_corpus(num_rows).to_csv(file, index=False)
        start = time.perf_counter()
        run_python(
            project,
            *("-m", "kedro", "run", "--pipelines=ingest,profile,tokenize"),
            f"--params=corpus.train={file}",
        )
        seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


def measure(sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """Rows of the table, smallest corpus first: peak memory is the largest of the processes so far."""
    rows = []
    for num_rows in sorted(sizes):
        seconds, gibibytes = prepare(num_rows)
        rows.append(Row("preparation", f"{num_rows:,} rows", "seconds", seconds, "≤ 360 at 1,000,000"))
        rows.append(Row("preparation", f"{num_rows:,} rows", "peak GiB", gibibytes, "≤ 3"))
        rows.append(
            Row("preparation", f"{num_rows:,} rows", "µs a row", seconds / num_rows * 1e6, "constant")
        )
    return rows


if __name__ == "__main__":
    print_rows(measure(tuple(map(int, sys.argv[1:])) or SIZES))
