"""Methods side by side: mean and spread over seeds, and whether they differ from a reference."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sharprecl.errors import ParameterError
from sharprecl.evaluation.multiple_testing import holm
from sharprecl.evaluation.significance import approximate_randomization, paired_bootstrap
from sharprecl.evaluation.tallies import decision_metrics, tally_decisions

CONFIDENCE = 0.95
"""Of the intervals of a comparison."""

MEASURES = (
    "learning_rate",
    "val_macro_f1",
    "accuracy",
    "macro_f1",
    "weighted_f1",
    "balanced_accuracy",
    "mcc",
    "g_mean",
    "worst_recall",
    "head_f1",
    "medium_f1",
    "tail_f1",
    "nll",
    "ece_calibrated",
    "seconds",
    "peak_memory_gib",
)
"""What is known of each method and seed."""

_COLUMNS = (
    "method",
    "reference",
    "difference",
    "low",
    "high",
    "p_bootstrap",
    "p_randomization",
    "p_bootstrap_holm",
    "p_randomization_holm",
    "tail_f1_difference",
    "tail_f1_low",
    "tail_f1_high",
    "worst_recall_difference",
)


def summarize_methods(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean and sample standard deviation over seeds, best macro-F1 first.

    Args:
        rows: one row a method and seed: ``method``, ``seed`` and all of :data:`MEASURES`, NaN or None where
            a measure is undefined; other columns are left out.

    Returns:
        One row a method: ``rank`` (from 1; equal means share the better rank), ``method``, ``num_seeds``, and
        ``<measure>_mean`` and ``<measure>_sd`` over the seeds where the measure is defined; the standard
        deviation is NaN for one seed.
    """
    measures = rows[list(MEASURES)].astype(float)  # None becomes NaN
    by_method = measures.groupby(rows["method"], sort=False)
    summary = by_method.mean().add_suffix("_mean").join(by_method.std().add_suffix("_sd"))
    summary = summary[[f"{measure}_{how}" for measure in MEASURES for how in ("mean", "sd")]]
    summary.insert(0, "num_seeds", rows.groupby("method", sort=False)["seed"].nunique())
    ranks = summary["macro_f1_mean"].rank(method="min", ascending=False, na_option="bottom")
    summary = summary.rename_axis("method").reset_index()
    summary.insert(0, "rank", ranks.to_numpy().astype(int))
    return summary.sort_values("rank", kind="stable", ignore_index=True)


def compare_to_reference(
    predictions: Mapping[str, np.ndarray],
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    reference: str,
    num_samples: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Macro-F1 of every other method less that of the reference, on the same texts with the same seeds.

    Args:
        predictions: class ids by method, each one row a training seed, in the same order of seeds, shape
            [S, N]; of two methods with unequal S the first min(S) rows are compared.
        labels: class ids, shape [N].
        groups: ``head``, ``medium`` or ``tail`` for each class, shape [C].
        reference: a method of ``predictions``.
        num_samples: of the bootstrap and of the randomization test.
        confidence: of the interval, in (0, 1).
        seed: of both tests.

    Returns:
        One row a method other than the reference, in the order given: ``method``, ``reference``,
        ``difference`` (mean over seeds; positive where the method is better) with ``low`` and ``high`` of
        :func:`~sharprecl.evaluation.significance.paired_bootstrap`; ``p_bootstrap`` and
        ``p_randomization``, and the same with ``_holm``, adjusted over the rows; ``tail_f1_difference`` with
        its interval, ``tail_f1_low`` and ``tail_f1_high``, NaN without a tail; ``worst_recall_difference``.

    Raises:
        ParameterError: if no method is named as the reference is.
    """
    if reference not in predictions:
        known = ", ".join(map(repr, predictions))
        raise ParameterError(
            f"compare.references: no method {reference!r} was compared; choose one of {known}"
        )
    rows = []
    for method, predicted in predictions.items():
        if method != reference:
            num_seeds = min(len(predicted), len(predictions[reference]))
            pair = (predicted[:num_seeds], predictions[reference][:num_seeds], labels, groups)
            bootstrap = paired_bootstrap(*pair, num_samples=num_samples, confidence=confidence, seed=seed)
            p_randomization = approximate_randomization(*pair, num_samples=num_samples, seed=seed)
            tail = paired_bootstrap(
                *pair, metric="tail_f1", num_samples=num_samples, confidence=confidence, seed=seed
            )
            worst_recall = _worst_recall_difference(*pair)
            rows.append((method, reference, *bootstrap, p_randomization, *tail[:3], worst_recall))
    return _table(rows)


def _worst_recall_difference(
    predicted: np.ndarray, reference: np.ndarray, labels: np.ndarray, groups: np.ndarray
) -> float:
    method, other = (_mean_metrics(rows, labels, groups) for rows in (predicted, reference))
    return method["worst_recall"] - other["worst_recall"]


def _mean_metrics(predicted: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> dict[str, float]:
    """Each metric's mean over seeds."""
    by_seed = [decision_metrics(tally_decisions(row, labels, len(groups)), groups) for row in predicted]
    return {name: float(np.mean([metrics[name] for metrics in by_seed])) for name in by_seed[0]}


def _table(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    unadjusted = [column for column in _COLUMNS if not column.endswith("_holm")]
    table = pd.DataFrame(rows, columns=unadjusted)
    for test in ("p_bootstrap", "p_randomization"):
        table[f"{test}_holm"] = holm(table[test].tolist())
    return table[list(_COLUMNS)]
