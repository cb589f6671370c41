"""From the test scores of all arms to tests and tables."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sharprecl.comparison.summary import CONFIDENCE, compare_to_reference
from sharprecl.errors import CorpusError
from sharprecl.evaluation.groups import name_groups
from sharprecl.evaluation.tallies import tally_decisions
from sharprecl.modeling.score_table import matrix_column
from sharprecl.parameters import ProfileParameters

logger = logging.getLogger(__name__)


def differences_from_scores(
    arm_scores: pa.Table,
    class_counts: np.ndarray,
    profile: ProfileParameters,
    *,
    references: Sequence[str],
    num_samples: int,
    seed: int,
) -> pd.DataFrame:
    """:func:`~sharprecl.comparison.summary.compare_to_reference` on stored scores, for each reference.

    Args:
        arm_scores: from :func:`~sharprecl.comparison.outcomes.arm_score_table`, of all methods.
        class_counts: training texts per class, shape [C].
        profile: the ``profile`` block.
        references: names of methods that have scores.
        num_samples: resamples of each test.
        seed: of the resamples.

    Returns:
        One row a reference and other method; p-values are adjusted within a reference's rows.
    """
    predictions, labels = predictions_by_method(arm_scores)
    tables = [
        compare_to_reference(
            predictions,
            labels,
            name_groups(class_counts, profile.head_above, profile.tail_below),
            reference=reference,
            num_samples=num_samples,
            confidence=CONFIDENCE,
            seed=seed,
        )
        for reference in references
    ]
    return pd.concat(tables, ignore_index=True)


def choose_references(wanted: Sequence[str], compared: Sequence[str]) -> list[str]:
    """Which methods the others are tested against.

    Args:
        wanted: the configured references.
        compared: the methods that have scores, at least one, in the order in which the user named them.

    Returns:
        Those of ``wanted`` that are compared, or the first method that is; one alone where there are but two
        methods, which have a single difference.
    """
    references = [name for name in wanted if name in compared]
    if not references:
        references = [compared[0]]
        logger.warning(
            "%s (compare.references): not compared; %s stands in", ", ".join(wanted), references[0]
        )
    return references if len(compared) > 2 else references[:1]


def predictions_by_method(arm_scores: pa.Table) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Predicted classes, shape [S, N], by method in the order of the table, and labels, shape [N].

    Raises:
        CorpusError: if two methods were scored on other test texts or with other seeds.
    """
    predictions: dict[str, np.ndarray] = {}
    scored: dict[str, tuple[list[int], pa.Table]] = {}
    for method in pc.unique(arm_scores["method"]).to_pylist():
        rows = arm_scores.filter(pc.equal(arm_scores["method"], method))
        seeds = pc.unique(rows["seed"]).to_pylist()
        predictions[method] = matrix_column(rows, "logits").argmax(axis=1).reshape(len(seeds), -1)
        scored[method] = seeds, rows.select(["row_id", "label_id"])[: predictions[method].shape[1]]
    (first, (seeds, texts)), *others = scored.items()
    for method, (own_seeds, own_texts) in others:
        if own_seeds != seeds or not own_texts.equals(texts):
            raise CorpusError(
                f"compare: {method} was scored on other test texts or with other seeds than {first}; run the "
                "whole pipeline with one set of parameters, which takes finished trainings as they are"
            )
    return predictions, texts["label_id"].to_numpy()


def class_f1_table(arm_scores: pa.Table, label_names: list[str], class_counts: np.ndarray) -> pd.DataFrame:
    """F1 of each class under each method and seed.

    Args:
        arm_scores: test scores of all methods.
        label_names: class names in label order, length C.
        class_counts: training texts per class, shape [C].

    Returns:
        Columns ``method``, ``seed_number`` (0-based), ``label``, ``train_texts`` and ``f1``.
    """
    predictions, labels = predictions_by_method(arm_scores)
    rows = [
        pd.DataFrame(
            {
                "method": method,
                "seed_number": number,
                "label": label_names,
                "train_texts": class_counts,
                "f1": tally_decisions(predicted, labels, len(label_names)).f1,
            }
        )
        for method, of_seeds in predictions.items()
        for number, predicted in enumerate(of_seeds)
    ]
    return pd.concat(rows, ignore_index=True)


def prediction_table(arm_scores: pa.Table, label_names: list[str]) -> pd.DataFrame:
    """What each method said of each test text, so that any statistic of decisions can be computed again.

    Args:
        arm_scores: test scores of all methods.
        label_names: class names in label order, length C.

    Returns:
        One row a test text: ``row_id``, ``label`` and, for each method and seed, a column such as
        ``focal seed 2`` with the predicted label.
    """
    names = np.array(label_names, dtype=object)
    columns: dict[str, np.ndarray] = {}
    arms = arm_scores.select(["method", "seed"]).group_by(["method", "seed"], use_threads=False).aggregate([])
    for arm in arms.to_pylist():
        own = (pc.field("method") == arm["method"]) & (pc.field("seed") == arm["seed"])
        rows = arm_scores.filter(own)
        columns.setdefault("row_id", rows["row_id"].to_numpy())
        columns.setdefault("label", names[rows["label_id"].to_numpy()])
        columns["{method} seed {seed}".format(**arm)] = names[matrix_column(rows, "logits").argmax(axis=1)]
    return pd.DataFrame(columns)
