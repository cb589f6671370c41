"""Everything that is reported of one split's scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sharprecl.errors import CorpusError, ModelError
from sharprecl.evaluation.calibration import reliability_table
from sharprecl.evaluation.groups import name_groups
from sharprecl.evaluation.intervals import Interval, bootstrap_intervals
from sharprecl.evaluation.metrics import headline_metrics, probability_metrics
from sharprecl.evaluation.per_class import per_class_table
from sharprecl.modeling.temperature import apply_temperature
from sharprecl.parameters import EvaluateParameters, ProfileParameters


@dataclass(frozen=True)
class Evaluation:
    """Scores of one split, measured.

    Attributes:
        metrics: those of :func:`~sharprecl.evaluation.metrics.headline_metrics` on the logits as they are,
            ``nll_calibrated``, ``brier_calibrated`` and ``ece_calibrated`` after temperature scaling, and
            ``temperature``.
        intervals: confidence intervals of the decision metrics.
        per_class: one row a class; probabilities are calibrated.
        reliability: the bins of :func:`~sharprecl.evaluation.calibration.reliability_table`, with
            ``scaling`` ``before`` or ``after``.
    """

    metrics: dict[str, float]
    intervals: dict[str, Interval]
    per_class: pd.DataFrame
    reliability: pd.DataFrame


def evaluate_scores(
    logits: np.ndarray,
    labels: np.ndarray,
    *,
    label_names: Sequence[str],
    class_counts: Sequence[int] | np.ndarray,
    temperature: float,
    evaluate: EvaluateParameters,
    profile: ProfileParameters,
    seed: int,
) -> Evaluation:
    """Measure one split's scores.

    Args:
        logits: z, shape [N, C].
        labels: class ids, shape [N].
        label_names: length C.
        class_counts: texts per class in the training split, length C.
        temperature: T > 0, fitted on other texts than these.
        evaluate: the ``evaluate`` block.
        profile: the ``profile`` block, which draws the lines between head, medium and tail.
        seed: of the resamples.

    Returns:
        Metrics, intervals and tables.

    Raises:
        CorpusError: if the split has no text.
        ModelError: if a logit is not finite.
    """
    _check_scores(logits, labels)
    bins = evaluate.calibration_bins
    groups = name_groups(class_counts, profile.head_above, profile.tail_below)
    raw, calibrated = apply_temperature(logits, 1.0), apply_temperature(logits, temperature)
    after = probability_metrics(calibrated, labels, bins=bins)
    return Evaluation(
        metrics={
            **headline_metrics(raw, labels, groups, bins=bins),
            **{f"{name}_calibrated": value for name, value in after.items()},
            "temperature": temperature,
        },
        intervals=bootstrap_intervals(
            raw.argmax(axis=1),
            labels,
            groups,
            num_samples=evaluate.bootstrap_samples,
            confidence=evaluate.confidence,
            seed=seed,
        ),
        per_class=per_class_table(calibrated, labels, label_names, class_counts, groups),
        reliability=_before_and_after(raw, calibrated, labels, bins),
    )


def _check_scores(logits: np.ndarray, labels: np.ndarray) -> None:
    if len(labels) == 0:
        raise CorpusError("test: the split has no text to score; raise corpus.test_fraction")
    broken = ~np.isfinite(logits).all(axis=1)
    if broken.any():
        raise ModelError(
            f"the model's logits are not finite for {broken.sum()} of {len(labels)} texts, the first of them "
            f"text {broken.argmax()} of the split; train again with a lower fit.learning_rate"
        )


def _before_and_after(raw: np.ndarray, calibrated: np.ndarray, labels: np.ndarray, bins: int) -> pd.DataFrame:
    tables = {
        "before": reliability_table(raw, labels, bins),
        "after": reliability_table(calibrated, labels, bins),
    }
    return pd.concat([table.assign(scaling=scaling) for scaling, table in tables.items()], ignore_index=True)
