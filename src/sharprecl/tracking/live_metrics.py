"""Metrics that are logged while a node runs."""

from collections.abc import Mapping
from typing import Any

import mlflow
from mlflow.tracking import MlflowClient

SPLIT_PREFIXES = {"validation": "val", "test": "test"}


def log_metrics(metrics: dict[str, float], step: int) -> None:
    """Log metrics to the run that is active; nothing happens without one.

    The call returns before the metrics are stored, so that training does not wait.

    Args:
        metrics: values by name, such as ``train/loss``.
        step: the training step they belong to.
    """
    if mlflow.active_run() is not None:
        mlflow.log_metrics(metrics, step=step, synchronous=False)


def log_evaluation(run_id: str, evaluation: Mapping[str, Any]) -> int:
    """Log the numbers of each split as ``val/<name>`` and ``test/<name>``.

    They stand one step after the last of training, since a run is shown with the metrics of its last step:
    the finished model's, not the last epoch's.

    Args:
        run_id: the run.
        evaluation: by ``validation`` and ``test``, values by name; what is not a number is left out.

    Returns:
        That step.
    """
    mlflow.flush_async_logging()
    client = MlflowClient()
    trained = client.get_metric_history(run_id, "val/macro_f1")
    step = 1 + max((metric.step for metric in trained), default=-1)
    mlflow.log_metrics(evaluation_metrics(evaluation), step=step, run_id=run_id)
    return step


def evaluation_metrics(evaluation: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of each split as ``val/<name>`` and ``test/<name>``; what is not a number is left out.

    Args:
        evaluation: by ``validation`` and ``test``, values by name.
    """
    return {
        f"{prefix}/{name}": float(value)
        for split, prefix in SPLIT_PREFIXES.items()
        for name, value in evaluation.get(split, {}).items()
        if isinstance(value, (int, float))
    }
