"""How MLflow behaves here where the environment says nothing else."""

import logging
import os

from mlflow.telemetry import set_telemetry_client

DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # Processor, memory, disk, network and GPU, every ten seconds, as system/… beside the run's metrics.
    "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "true",
}


def set_mlflow_defaults() -> None:
    """Turn usage data, bars and chatter off and system metrics on; variables that are set stay."""
    for variable, value in DEFAULTS.items():
        os.environ.setdefault(variable, value)
    set_telemetry_client()  # type: ignore[no-untyped-call] # MLflow read the variable when kedro-mlflow imported it, before us
    logging.getLogger("mlflow").setLevel(logging.WARNING)
