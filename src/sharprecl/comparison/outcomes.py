"""What came out of each arm, as one line a method and seed, and the test scores behind it."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sharprecl.comparison.corpus_splits import ComparisonData
from sharprecl.comparison.method_arms import FinishedArm
from sharprecl.comparison.summary import MEASURES
from sharprecl.evaluation.calibration import fit_temperature
from sharprecl.evaluation.groups import name_groups
from sharprecl.evaluation.metrics import headline_metrics, probability_metrics
from sharprecl.modeling.temperature import apply_temperature
from sharprecl.parameters import ProfileParameters

COSTS = ("seconds", "peak_memory_gib")
OUTCOME_COLUMNS = ("method", "seed", *MEASURES, "val_accuracy", "ece", "unreadable")


def outcome_table(
    arms: Sequence[FinishedArm], data: ComparisonData, profile: ProfileParameters
) -> pd.DataFrame:
    """Metrics of each finished arm.

    Args:
        arms: of one method, or none.
        data: the corpus.
        profile: the ``profile`` block, which draws the lines between head, medium and tail.

    Returns:
        One row an arm, columns :data:`OUTCOME_COLUMNS`; what is not defined is missing. ``unreadable`` is
        the share of test texts to which a language model named no class.
    """
    groups = name_groups(data.class_counts, profile.head_above, profile.tail_below)
    rows = [_outcome(arm, data, groups) for arm in arms]
    return pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS))


def public_metrics(outcome: Mapping[Hashable, Any]) -> dict[str, float]:
    """An outcome's numbers by the names under which they are tracked.

    Args:
        outcome: one row of :func:`outcome_table`.

    Returns:
        ``val/…`` and ``test/…``, ``seconds`` and ``peak_memory_gib``; what is missing is left out.
    """
    named = {
        name: float(outcome[name])
        for name in OUTCOME_COLUMNS[3:]
        if outcome[name] is not None and not np.isnan(outcome[name])
    }
    return {
        f"val/{name[4:]}" if name.startswith("val_") else name if name in COSTS else f"test/{name}": value
        for name, value in named.items()
    }


def _outcome(finished: FinishedArm, data: ComparisonData, groups: np.ndarray) -> dict[str, Any]:
    validation_labels, test_labels = data.labels("validation"), data.labels("test")
    validation = apply_temperature(finished.validation.logits, 1.0)
    temperature = fit_temperature(finished.validation.logits, validation_labels)
    chosen_by = headline_metrics(validation, validation_labels, groups)
    calibrated = apply_temperature(finished.test.logits, temperature)
    return {
        "method": finished.arm.method,
        "seed": finished.arm.seed,
        "learning_rate": finished.arm.learning_rate,
        "val_macro_f1": chosen_by["macro_f1"],
        "val_accuracy": chosen_by["accuracy"],
        **headline_metrics(apply_temperature(finished.test.logits, 1.0), test_labels, groups),
        "ece_calibrated": probability_metrics(calibrated, test_labels)["ece"],
        **finished.validation.facts,
        **finished.test.facts,
    }


def arm_score_table(arms: Sequence[FinishedArm], data: ComparisonData) -> pa.Table:
    """Logits of the test texts of each finished arm.

    Args:
        arms: of one method, or none.
        data: the corpus.

    Returns:
        One row an arm and text: ``method``, ``seed``, ``row_id``, ``label_id`` and ``logits``.
    """
    labels, row_ids = data.labels("test"), data.row_ids("test")
    num_classes = len(data.label_names)
    logits = [arm.test.logits for arm in arms] or [np.empty((0, num_classes), np.float32)]
    repeat = len(arms)
    flat = pa.array(np.concatenate(logits).ravel(), pa.float32())
    return pa.table(
        {
            "method": pa.array([arm.arm.method for arm in arms for _ in labels], pa.string()),
            "seed": pa.array([arm.arm.seed for arm in arms for _ in labels], pa.int64()),
            "row_id": pa.array(np.tile(row_ids, repeat), pa.int64()),
            "label_id": pa.array(np.tile(labels, repeat), pa.int32()),
            "logits": pa.FixedSizeListArray.from_arrays(flat, num_classes),
        }
    )
