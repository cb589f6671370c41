"""The course of a training as a table."""

import math
from typing import Any

import pandas as pd

from sharprecl.training.callbacks import TRAIN_METRICS, VALIDATION_METRICS, public_metrics


def training_history(log_history: list[dict[str, Any]], chosen_step: int | None) -> pd.DataFrame:
    """One row an epoch from the Trainer's log.

    Args:
        log_history: ``trainer.state.log_history``.
        chosen_step: the step whose checkpoint was kept, ``trainer.state.best_global_step``.

    Returns:
        Columns ``epoch`` (1-based), ``step`` (at the epoch's end), the epoch's mean of each ``train/…``
        metric, its ``val/…`` metrics, and ``chosen``: true for the epoch whose weights the model has.
    """
    lines = [
        {"epoch": max(1, math.ceil(line["epoch"] - 1e-6)), "step": line["step"], **public_metrics(line)}
        for line in log_history
        if "epoch" in line and public_metrics(line)
    ]
    train = [f"train/{name}" for name in TRAIN_METRICS]
    validation = [f"val/{name}" for name in VALIDATION_METRICS]
    frame = pd.DataFrame(lines, columns=["epoch", "step", *train, *validation])
    # A line holds the mean since the line before: at the epoch's end that is of fewer steps.
    logged = frame[frame[train].notna().any(axis=1)]
    steps = logged["step"].diff().fillna(logged["step"])
    frame[train] = logged[train].mul(steps / steps.groupby(logged["epoch"]).transform("sum"), axis=0)
    sums = dict.fromkeys(train, lambda shares: shares.sum(min_count=1))
    how = {"step": "max"} | sums | dict.fromkeys(validation, "last")
    history = frame.groupby("epoch", as_index=False).agg(how)
    return history.assign(chosen=history["step"] == chosen_step)
