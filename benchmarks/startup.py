"""How long commands take to start.

Usage: ``python benchmarks/startup.py``.
"""

import tempfile
from functools import partial
from pathlib import Path

from material import median_seconds
from rows import Row, print_rows
from scratch_project import make_project, run_python

TEXTS = [f"the token number {index} of the input stream" for index in range(10)]


def measure() -> list[Row]:
    """Rows of the table; the model that predicts is trained first."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "texts.csv")
        file.write_text("\n".join(["text", *TEXTS]), encoding="utf-8")
        run = partial(run_python, make_project(Path(folder)), quiet=True)
        run("-m", "kedro", "run", "--pipeline=train", "--params=fit.epochs=1,tokenize.max_length=16")
        imports = median_seconds(lambda: run("-c", "import torch, transformers"), 5, 1)
        predict = median_seconds(
            lambda: run("-m", "kedro", "run", "--pipeline=predict", f"--params=predict.input={file}"), 5, 1
        )
        listing = median_seconds(lambda: run("-m", "kedro", "registry", "list"), 5, 1)
    case = "kedro run --pipeline=predict, ten texts"
    return [
        Row("start-up", "import torch, transformers", "seconds", imports),
        Row("start-up", case, "seconds", predict),
        Row("start-up", case, "times the import", predict / imports, "≤ 8"),
        Row("start-up", "kedro registry list", "seconds", listing),
    ]


if __name__ == "__main__":
    print_rows(measure())
