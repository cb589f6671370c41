"""One row a class: how many texts it has, and what that means for a batch."""

from typing import Any

import pandas as pd
import torch

from sharprecl.functional.imbalance import (
    GROUP_NAMES,
    absent_probability,
    class_groups,
    effective_num_classes,
    expected_absent_classes,
    gini,
    imbalance_ratio,
    normalized_entropy,
    tertile_groups,
)
from sharprecl.profiling.text_statistics import count_words
from sharprecl.split_names import SPLITS


def build_class_table(
    corpus: pd.DataFrame, *, batch_size: int, head_above: int, tail_below: int
) -> pd.DataFrame:
    """Sizes, groups and batch coverage of all classes.

    Args:
        corpus: columns ``text``, ``label``, ``split``.
        batch_size: texts a training batch.
        head_above: a class with more training texts is head.
        tail_below: a class with fewer training texts is tail.

    Returns:
        One row a class, the largest training class first (equal ones by name): ``label``; texts in ``train``,
        ``validation`` and ``test``; ``share`` of the training split; ``group`` by size and ``rank_group`` by
        rank (head, medium, tail); ``absent_probability``, the chance that a batch holds none of its texts;
        ``median_words`` over all splits.
    """
    counts = pd.crosstab(corpus["label"], corpus["split"]).reindex(columns=list(SPLITS), fill_value=0)
    counts = counts.sort_values("train", ascending=False, kind="stable")
    train = torch.tensor(counts["train"].to_numpy())
    median_words = count_words(corpus["text"]).groupby(corpus["label"]).median()
    return pd.DataFrame(
        {
            "label": counts.index.to_numpy(dtype=object),
            **{split: counts[split].to_numpy() for split in SPLITS},
            "share": (train / train.sum()).numpy(),
            "group": _name_groups(class_groups(train, head_above, tail_below)),
            "rank_group": _name_groups(tertile_groups(train)),
            "absent_probability": absent_probability(train, batch_size).numpy(),
            "median_words": median_words.reindex(counts.index).to_numpy(),
        }
    )


def imbalance_measures(class_table: pd.DataFrame, batch_size: int) -> dict[str, Any]:
    """The imbalance of the training split in numbers.

    Args:
        class_table: from :func:`build_class_table`.
        batch_size: texts a training batch.

    Returns:
        ``num_classes`` with training texts, ``num_texts`` by split, ``largest_class`` and ``smallest_class``
        (label and training texts), ``imbalance_ratio``, ``gini``, ``normalized_entropy``,
        ``effective_num_classes``, ``groups`` (classes, training texts and their share, by group),
        ``batch_size`` and ``expected_absent_classes`` a batch.
    """
    trained = class_table[class_table["train"] > 0]
    counts = torch.tensor(trained["train"].to_numpy())
    return {
        "num_classes": len(trained),
        "num_texts": {split: int(class_table[split].sum()) for split in SPLITS},
        "largest_class": _name_class(trained.iloc[0]),
        "smallest_class": _name_class(trained.iloc[-1]),
        "imbalance_ratio": imbalance_ratio(counts).item(),
        "gini": gini(counts).item(),
        "normalized_entropy": normalized_entropy(counts).item(),
        "effective_num_classes": effective_num_classes(counts).item(),
        "groups": {name: _sum_group(trained, name) for name in GROUP_NAMES},
        "batch_size": batch_size,
        "expected_absent_classes": expected_absent_classes(counts, batch_size).item(),
    }


def _name_groups(groups: torch.Tensor) -> list[str]:
    return [GROUP_NAMES[group] for group in groups.tolist()]


def _name_class(row: pd.Series) -> dict[str, Any]:
    return {"label": str(row["label"]), "texts": int(row["train"])}


def _sum_group(trained: pd.DataFrame, name: str) -> dict[str, Any]:
    rows = trained[trained["group"] == name]
    return {"classes": len(rows), "texts": int(rows["train"].sum()), "share": float(rows["share"].sum())}
