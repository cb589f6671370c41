"""How long commands take to start.

Usage: ``python benchmarks/startup.py``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from material import PROJECT_ROOT, median_seconds
from rows import Row, print_rows

TEXTS = [f"the token number {index} of the input stream" for index in range(10)]


def measure() -> list[Row]:
    """Rows of the table; the model that predicts is trained first."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        shutil.copytree(PROJECT_ROOT / "conf", project / "conf")
        (project / "src").mkdir()
        for name in ("pyproject.toml", ".telemetry"):
            shutil.copy(PROJECT_ROOT / name, project)
        file = Path(folder, "texts.csv")
        file.write_text("\n".join(["text", *TEXTS]), encoding="utf-8")

        def run(*arguments: str) -> None:
            environment = {
                **os.environ,
                "PYTHONPATH": str(PROJECT_ROOT / "src"),
                "MLFLOW_DISABLE_TELEMETRY": "true",
            }
            subprocess.run(
                [sys.executable, *arguments], cwd=project, env=environment, check=True, capture_output=True
            )

        run(
            "-m",
            "kedro",
            "run",
            "--pipeline=train",
            "--params=encoder=minilm,fit.epochs=1,tokenize.max_length=16",
        )
        imports = median_seconds(lambda: run("-c", "import torch, transformers"), 5, 1)
        predict = median_seconds(
            lambda: run("-m", "kedro", "run", "--pipeline=predict", f"--params=predict.input={file}"), 5, 1
        )
        listing = median_seconds(lambda: run("-m", "kedro", "registry", "list"), 5, 1)
    case = "kedro run --pipeline=predict, ten texts"
    return [
        Row("start-up", "import torch, transformers", "seconds", imports),
        Row("start-up", case, "seconds", predict),
        Row(
            "start-up",
            "kedro run --pipeline=predict, ten texts",
            "times the import",
            predict / imports,
            "≤ 8",
        ),
        Row("start-up", "kedro registry list", "seconds", listing),
    ]


if __name__ == "__main__":
    print_rows(measure())
