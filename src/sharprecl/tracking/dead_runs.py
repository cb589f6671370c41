"""Runs whose process was killed: MLflow shows them as running until somebody says that they are not."""

import json
import logging
import os
from pathlib import Path
from uuid import uuid4

import mlflow
from mlflow.entities import LoggedModelStatus
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from sqlalchemy.exc import SQLAlchemyError

from sharprecl.datasets.run_folder import RunFolder
from sharprecl.tracking.connection import quick_answers

logger = logging.getLogger(__name__)

KEY = "run_key"
"""Tag of every run that a process opens."""

CONTEXT_VARIABLE = "MLFLOW_RUN_CONTEXT"
"""MLflow sets the tags in it as it opens a run, so there is no moment at which a run has no key."""

NOTE = "tracking.json"


def announce_runs(folder: Path) -> str:
    """Give the runs that this process opens from here on a key, and note it where the next process finds it.

    Args:
        folder: the run's own.

    Returns:
        The key.
    """
    key = uuid4().hex
    note = {"key": key, "store": mlflow.get_tracking_uri(), "folder": str(folder.absolute())}
    (folder / NOTE).write_text(json.dumps(note), encoding="utf-8")
    tags = json.loads(os.environ.get(CONTEXT_VARIABLE, "{}"))
    os.environ[CONTEXT_VARIABLE] = json.dumps({**tags, KEY: key})
    return key


def close_dead_runs(parent: Path) -> int:
    """Mark as KILLED what dead runs of the project left running, and delete their folders.

    A model that such a run was logging is marked as failed; it was not registered yet.

    Args:
        parent: holds the runs' folders.

    Returns:
        The number of MLflow runs marked.
    """
    marked = 0
    for folder in RunFolder.claim_dead(parent):
        try:
            with quick_answers():
                marked += _mark_killed(folder.path / NOTE)
        except (MlflowException, SQLAlchemyError, OSError):
            folder.give_back()  # its store does not answer; the run after this one tries again
        else:
            folder.remove()
    if marked:
        logger.info("Marked %d earlier run(s) as KILLED: their process is gone", marked)
    return marked


def _mark_killed(note: Path) -> int:
    try:
        noted = json.loads(note.read_text(encoding="utf-8"))
        key, store = noted["key"], _store_of(noted, note.parent)
    except (OSError, ValueError, KeyError):
        return 0  # killed before it noted anything, and so before it opened a run
    if store is None or _is_missing_database(store):
        return 0
    client = MlflowClient(store)
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    runs = client.search_runs(experiments, f"tags.{KEY} = '{key}' and attributes.status = 'RUNNING'")
    for run in runs:
        for model in client.search_logged_models(experiments, f"source_run_id = '{run.info.run_id}'"):
            if model.status == LoggedModelStatus.PENDING:
                client.finalize_logged_model(model.model_id, LoggedModelStatus.FAILED)
        client.set_terminated(run.info.run_id, "KILLED")
    return len(runs)


def _is_missing_database(store: str) -> bool:
    """Whether it is a file that is not there; MLflow would make a new one in its place."""
    prefix = "sqlite:///"
    return store.startswith(prefix) and not Path(store.removeprefix(prefix)).is_file()


def _store_of(noted: dict[str, str], folder: Path) -> str | None:
    """Where the run is tracked; None if it may be alive in another copy of the project."""
    if Path(noted["folder"]) == folder.absolute():
        return noted["store"]
    # The project was moved or copied, perhaps with its database.
    present: str = mlflow.get_tracking_uri()
    return None if present == noted["store"] and Path(noted["folder"]).exists() else present
