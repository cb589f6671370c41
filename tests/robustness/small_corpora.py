"""Two corpora of a hundred texts each, and what a finished run of either is made of."""

import csv
import json
import random
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from mlflow.entities import Run
from mlflow.tracking import MlflowClient
from safetensors import safe_open

CORPORA = {
    "tickets": {
        "Billing": ("invoice refund charge payment card", 90),
        "Login": ("password reset account locked token", 40),
        "Legal": ("contract clause liability court lawyer", 12),
    },
    "reviews": {
        "Good": ("lovely crisp sturdy bright fast", 60),
        "Bad": ("broken dull late flimsy noisy", 30),
        "Mixed": ("fine but pricey although decent", 15),
        "Spam": ("click offer winner prize bonus", 10),
    },
}


def write_corpus(file: Path, name: str) -> None:
    draw = random.Random(0)  # noqa: S311 - texts of a test
    rows = [
        (" ".join(draw.choices([*words.split(), "the", "is", "please", "again"], k=9)) + f" {index}", label)
        for label, (words, size) in CORPORA[name].items()
        for index in range(size)
    ]
    draw.shuffle(rows)
    with file.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([("text", "label"), *rows])


def saved(project: Path, version: str, name: str) -> Path:
    """What a run saved under its version."""
    (path,) = project.glob(f"data/0*/{name}/{version}/{name}")
    return path


def outcome(project: Path, version: str) -> dict[str, object]:
    """Everything about a finished run that must not depend on how it came about, to the bit."""
    return {
        "weights": (saved(project, version, "model") / "model.safetensors").read_bytes(),
        "metrics": saved(project, version, "metrics.json").read_bytes(),
        "history": saved(project, version, "training_history.csv").read_bytes(),
        "predictions": pd.read_parquet(saved(project, version, "predictions.parquet")).to_csv(),
    }


def curves(client: MlflowClient, run: Run) -> dict[str, list[tuple[int, float]]]:
    """The metrics of a tracked run, step by step; what the machine did meanwhile is left out."""
    return {
        name: sorted((point.step, point.value) for point in client.get_metric_history(run.info.run_id, name))
        for name in run.data.metrics
        if not name.startswith("system/")
    }


def damaged_files(project: Path) -> list[str]:
    """What has a final name in the data folder but is not whole."""
    names = project / "data"
    files = [file for file in names.rglob("*") if file.is_file() and ".runs" not in file.parts]
    checked = [file for file in files if "checkpoints" not in file.parts]
    return [str(file.relative_to(names)) for file in checked if not _is_whole(file)]


def _is_whole(file: Path) -> bool:
    try:
        if file.suffix == ".json":
            json.loads(file.read_text(encoding="utf-8"))
        elif file.suffix == ".parquet":
            pq.read_table(file)
        elif file.suffix == ".arrow":
            pa.ipc.open_file(pa.memory_map(str(file))).read_all()
        elif file.suffix == ".safetensors":
            with safe_open(file, "numpy") as tensors:
                [tensors.get_tensor(name) for name in tensors.keys()]  # noqa: SIM118 - no mapping
        elif file.suffix == ".csv":
            pd.read_csv(file)
            return file.read_bytes().endswith(b"\n")
        elif file.suffix == ".html":
            return file.read_text(encoding="utf-8").rstrip().endswith("</html>")
        elif file.name.endswith(".partial"):
            return False
    except Exception:  # whatever a reader says of a half file
        return False
    return True
