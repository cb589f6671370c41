"""The metrics of both splits, with the test split's intervals."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sharprecl.reporting.tables import (
    MISSING,
    Column,
    decimal,
    html_table,
    number_column,
    percent,
    text_column,
)

_IN_PERCENT = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "weighted_f1": "weighted F1",
    "balanced_accuracy": "balanced accuracy",
    "g_mean": "geometric mean of recalls",
    "worst_recall": "worst recall",
    "head_f1": "head F1",
    "medium_f1": "medium F1",
    "tail_f1": "tail F1",
}
_AS_NUMBERS = {
    "mcc": "Matthews correlation",
    "nll": "negative log-likelihood",
    "brier": "Brier score",
    "ece": "expected calibration error",
    "nll_calibrated": "negative log-likelihood, calibrated",
    "brier_calibrated": "Brier score, calibrated",
    "ece_calibrated": "expected calibration error, calibrated",
    "temperature": "temperature",
}


def metrics_tables(metrics: Mapping[str, Any], confidence: float) -> str:
    """All metrics: one table of scores in percent, one of the others.

    Args:
        metrics: by ``validation``, ``test`` and ``test_intervals``.
        confidence: of the intervals.

    Returns:
        HTML; a metric that this page does not know goes under its own name into the second table.
    """
    others = _AS_NUMBERS | {name: name for name in metrics["test"] if name not in _IN_PERCENT | _AS_NUMBERS}
    tables = [
        _metrics_table(metrics, names, confidence, caption, show)
        for names, caption, show in (
            (_IN_PERCENT, "Scores in percent", percent),
            (others, "Correlation and probabilities", decimal),
        )
    ]
    return "\n".join(tables)


def score_with_interval(metrics: Mapping[str, Any], name: str) -> str:
    """A test score in percent, such as ``72.5 (70.1 to 74.6)``; without its interval where there is none."""
    value, ends = metrics["test"].get(name), _interval(metrics, name, percent)
    if pd.isna(value):
        return MISSING
    return percent(value) if ends == MISSING else f"{percent(value)} ({ends})"


def _metrics_table(
    metrics: Mapping[str, Any], names: Mapping[str, str], confidence: float, caption: str, show: Any
) -> str:
    present = [name for name in names if name in metrics["test"] or name in metrics["validation"]]
    intervals = [_interval(metrics, name, show) for name in present]
    columns = [
        text_column("metric", [names[name] for name in present]),
        number_column("test", [metrics["test"].get(name) for name in present], show),
        Column(f"{100 * confidence:g} % interval", intervals),
        number_column("validation", [metrics["validation"].get(name) for name in present], show),
    ]
    return html_table(columns, caption, sortable=False)


def _interval(metrics: Mapping[str, Any], name: str, show: Any) -> str:
    interval = metrics["test_intervals"].get(name)
    if interval is None or pd.isna(interval["low"]) or pd.isna(interval["high"]):
        return MISSING
    return f"{show(interval['low'])} to {show(interval['high'])}"
