"""Runs below the run that is active: one an arm of a comparison."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import mlflow

from sharprecl.tracking.run_metadata import flatten_values


@contextmanager
def child_run(
    name: str, tags: Mapping[str, str], parameters: Mapping[str, Any]
) -> Iterator[Callable[[dict[str, float], int], None]]:
    """Open a run below the active one; without one nothing is tracked.

    Args:
        name: the run's name.
        tags: by key.
        parameters: values by key, perhaps nested.

    Yields:
        Takes metrics and the step they belong to.
    """
    if mlflow.active_run() is None:
        yield lambda metrics, step: None
        return
    with mlflow.start_run(run_name=name, nested=True, tags=dict(tags)) as run:
        mlflow.log_params(flatten_values(parameters))
        run_id = run.info.run_id
        yield lambda metrics, step: _log(run_id, metrics, step)
        mlflow.flush_async_logging()


def log_child_result(
    name: str, tags: Mapping[str, str], parameters: Mapping[str, Any], metrics: Mapping[str, float]
) -> None:
    """Log what came out of an arm as a run of its own below the active one; without one nothing is tracked.

    Args:
        name: the run's name.
        tags: by key.
        parameters: values by key, perhaps nested.
        metrics: by public name, such as ``test/macro_f1``.
    """
    if mlflow.active_run() is None:
        return
    with mlflow.start_run(run_name=name, nested=True, tags=dict(tags)):
        mlflow.log_params(flatten_values(parameters))
        mlflow.log_metrics(dict(metrics))


def _log(run_id: str, metrics: dict[str, float], step: int) -> None:
    mlflow.log_metrics(metrics, step=step, synchronous=False, run_id=run_id)
