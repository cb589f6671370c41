"""One row of metrics for each class."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from sharprecl.evaluation.tallies import tally_decisions


def per_class_table(
    probabilities: np.ndarray,
    labels: np.ndarray,
    label_names: Sequence[str],
    class_counts: Sequence[int] | np.ndarray,
    groups: np.ndarray,
) -> pd.DataFrame:
    """Metrics of each class, in label order.

    The mean of ``f1`` is the headline ``macro_f1``.

    Args:
        probabilities: shape [N, C].
        labels: class ids, shape [N].
        label_names: length C.
        class_counts: texts per class in the training split, length C.
        groups: ``head``, ``medium`` or ``tail`` for each class, shape [C].

    Returns:
        Columns ``label``, ``group``, ``train_count``, ``support`` (texts here), ``predicted`` (texts given
        to the class), ``precision`` (NaN if none was), ``recall``, ``f1`` and ``pr_auc`` (average
        precision of the class's probability against the rest; these three NaN without support).
    """
    tally = tally_decisions(probabilities.argmax(axis=1), labels, len(label_names))
    return pd.DataFrame(
        {
            "label": list(label_names),
            "group": groups,
            "train_count": np.asarray(class_counts),
            "support": tally.support,
            "predicted": tally.predicted,
            "precision": tally.precision,
            "recall": tally.recall,
            "f1": tally.f1,
            "pr_auc": _average_precisions(probabilities, labels),
        }
    )


def _average_precisions(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    values = np.full(probabilities.shape[1], np.nan)
    for label in np.unique(labels):
        values[label] = average_precision_score(labels == label, probabilities[:, label])
    return values
