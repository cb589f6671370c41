"""Long-tail construction: a training split of a wanted imbalance."""

from typing import Any

import numpy as np
import pandas as pd

from sharprecl.corpora.text_order import rank_strings
from sharprecl.parameters import LongTailParameters
from sharprecl.spilling import keep_rows

STREAM = 1
"""Keeps this draw apart from other draws of the same seed."""


def build_long_tail(
    table: pd.DataFrame, parameters: LongTailParameters, seed: int
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Thin the training split to a long tail; validation and test stay as they are.

    Classes stand in order of their training texts n, i = 0..C−1. Wanted sizes with the imbalance ratio r::

        exponential: n_max · r^(−i/(C−1))
        step:        n_max, and n_max / r for the smallest share ``step_fraction`` of the classes

    (Cui et al. 2019, "Class-Balanced Loss Based on Effective Number of Samples"; Buda et al. 2018, "A
    systematic study of the class imbalance problem"), rounded, at least 1, at most what there is. With one
    seed and profile, the rows of a higher ratio are a subset of the rows of a lower one. Which rows stay
    depends on texts, labels and seed alone, not on the order of the rows.

    Args:
        table: ``text``, ``label`` and ``split`` on every row; train has two or more classes.
        parameters: profile and ratio.
        seed: of the draw, ≥ 0.

    Returns:
        The thinned table, and a report: ``profile``, ``requested_ratio``, ``achieved_ratio``, ``rows_in``,
        ``rows_out`` and ``classes`` (``available`` and ``kept`` training texts of each).
    """
    training = table.loc[table["split"] == "train", "label"]
    available = _ordered_sizes(training)
    wanted = np.rint(_wanted_sizes(available.to_numpy(), parameters)).astype(np.int64).clip(min=1)
    kept = available.clip(upper=pd.Series(wanted, index=available.index))
    # The draw ranks a class's rows once, whatever the ratio; a ratio takes a prefix.
    draw = _draw_order(table.loc[training.index], seed)
    surplus = draw.groupby(training).rank(method="first") > training.map(kept)
    thinned = keep_rows(table, ~table.index.isin(training.index[surplus]))
    report = {
        "profile": parameters.profile,
        "requested_ratio": parameters.imbalance_ratio,
        "achieved_ratio": float(kept.max() / kept.min()),
        "rows_in": len(table),
        "rows_out": len(thinned),
        "classes": pd.DataFrame({"available": available, "kept": kept}).to_dict("index"),
    }
    return thinned, report


def _draw_order(training: pd.DataFrame, seed: int) -> "pd.Series[int]":
    """A place for each row: a permutation of their order by text and label."""
    order = np.lexsort([rank_strings(training[name]).to_numpy() for name in ("label", "text")])
    places = np.empty(len(training), dtype=np.int64)
    places[order] = np.random.default_rng([seed, STREAM]).permutation(len(training))
    return pd.Series(places, index=training.index)


def _ordered_sizes(labels: pd.Series) -> "pd.Series[int]":
    """Texts of each class, largest class first; classes of one size by name."""
    return labels.value_counts().sort_index().sort_values(ascending=False, kind="stable")


def _wanted_sizes(available: np.ndarray, parameters: LongTailParameters) -> np.ndarray:
    num_classes, largest, ratio = len(available), float(available[0]), parameters.imbalance_ratio
    order = np.arange(num_classes)
    if parameters.profile == "exponential":
        return largest * ratio ** (-order / (num_classes - 1))
    num_rare = np.clip(round(num_classes * parameters.step_fraction), 1, num_classes - 1)
    return np.where(order < num_classes - num_rare, largest, largest / ratio)
