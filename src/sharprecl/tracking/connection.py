"""How long to wait for MLflow's store, and one at a time where two runs would make the same thing."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from mlflow.exceptions import MlflowException

_QUICK = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}


@contextmanager
def quick_answers() -> Iterator[None]:
    """Ask a tracking server twice instead of for two minutes; variables that are set stay.

    While a run trains, patience is right: a server may be started anew. Before the run, nothing is lost yet,
    and after it failed, nobody wants to wait.
    """
    added = {name: value for name, value in _QUICK.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def lose_patience() -> None:
    """Ask only twice from here on."""
    for name, value in _QUICK.items():
        os.environ.setdefault(name, value)


def setup_lock(project: Path) -> FileLock:
    """Held while the database and the experiment are made.

    It does not lie in the project, which is not written before the parameters are known to be right.

    Args:
        project: the project's folder.
    """
    name = hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:16]
    user = os.getuid() if hasattr(os, "getuid") else 0
    return FileLock(Path(tempfile.gettempdir(), f"sharprecl-{user}-{name}.lock"))


def registration_lock(runs: Path) -> FileLock:
    """Held while a model is registered and compared with the champion.

    Args:
        runs: holds the runs' folders.
    """
    runs.mkdir(parents=True, exist_ok=True)
    return FileLock(runs / "registration.lock")


def say_failures_once() -> None:
    """Keep MLflow from filling the screen where its store does not answer, which ends as one line of ours."""
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # a traceback
    logging.getLogger("mlflow.system_metrics").setLevel(logging.CRITICAL)
    for name, line in (
        ("mlflow.utils.async_logging.async_logging_queue", "Live metrics are not stored"),
        ("urllib3.connectionpool", "A server does not answer; asking again"),
    ):
        logging.getLogger(name).addFilter(SayOnce(line))


class SayOnce(logging.Filter):
    """Lets the first message pass, as one line.

    Args:
        line: what it means.
    """

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line = line
        self._said = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Cut the message to its first line."""
        record.msg, record.args = f"{self._line}: {record.getMessage().splitlines()[0][:200]}", ()
        first, self._said = not self._said, True
        return first


def is_store_failure(error: BaseException) -> bool:
    """Whether an error came about because MLflow's store is locked or full, or its server is gone."""
    if not isinstance(error, MlflowException):
        return False
    return error.error_code == "TEMPORARILY_UNAVAILABLE" or str(error).startswith("API request to")
