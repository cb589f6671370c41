"""Keeping MLflow from sending usage data and from writing beside our own log lines."""

import logging
import os

from mlflow.telemetry import set_telemetry_client


def quiet_mlflow() -> None:
    """Turn off MLflow's usage data, bars and chatter; the environment can ask for the first two."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    set_telemetry_client()  # type: ignore[no-untyped-call] # MLflow read the variable when kedro-mlflow imported it, before us
    logging.getLogger("mlflow").setLevel(logging.WARNING)
