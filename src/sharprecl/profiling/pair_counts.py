"""How many near-duplicate pairs there are, by split and by whether their labels agree."""

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, eye_array

from sharprecl.profiling.similarity_join import SimilarPairs
from sharprecl.profiling.text_groups import TextGroups
from sharprecl.split_names import SPLITS


def count_pairs(corpus: pd.DataFrame, groups: TextGroups, pairs: SimilarPairs) -> dict[str, Any]:
    """Count pairs of texts without listing them: copies count by the product of their numbers.

    Args:
        corpus: columns ``label`` and ``split``.
        groups: the corpus' texts by shingle set.
        pairs: similar groups.

    Returns:
        ``pairs`` and ``label_conflicts`` (pairs of unlike labels), each in ``all`` and by pair of splits, and
        ``texts_also_in_train``: texts of the other splits with a near duplicate in train.
    """
    near = _adjacency(pairs, groups.num_groups)
    by_label = {split: _count_labels(corpus, groups, split) for split in SPLITS}  # each [U, C]
    texts = {split: csr_array(counts.sum(axis=1)[:, None]) for split, counts in by_label.items()}  # [U, 1]
    num_pairs, conflicts = {}, {}
    for split_a, split_b in combinations_with_replacement(SPLITS, 2):
        key = f"within_{split_a}" if split_a == split_b else f"{split_a}_{split_b}"
        num_pairs[key] = _sum_pairs(near, texts, split_a, split_b)
        conflicts[key] = num_pairs[key] - _sum_pairs(near, by_label, split_a, split_b)
    return {
        "pairs": {"all": sum(num_pairs.values()), **num_pairs},
        "label_conflicts": {"all": sum(conflicts.values()), **conflicts},
        "texts_also_in_train": _count_leaks(near, texts),
    }


def _adjacency(pairs: SimilarPairs, num_groups: int) -> csr_array:
    """Symmetric, shape [U, U]: 1 where two groups are similar, and on the diagonal."""
    ones = np.ones(len(pairs.first), dtype=np.int64)
    upper = csr_array((ones, (pairs.first, pairs.second)), shape=(num_groups, num_groups))
    return csr_array(upper + upper.T + eye_array(num_groups, dtype=np.int64))


def _count_labels(corpus: pd.DataFrame, groups: TextGroups, split: str) -> csr_array:
    labels, label_names = pd.factorize(corpus["label"])
    rows = np.flatnonzero((corpus["split"] == split).to_numpy() & (groups.of_text >= 0))
    ones = np.ones(len(rows), dtype=np.int64)
    shape = (groups.num_groups, len(label_names))
    return csr_array((ones, (groups.of_text[rows], labels[rows])), shape=shape)


def _sum_pairs(near: csr_array, counts: dict[str, csr_array], split_a: str, split_b: str) -> int:
    """Pairs of texts in similar groups and in the same column of the counts."""
    ordered = int(counts[split_a].multiply(near @ counts[split_b]).sum())
    # Within a split every pair was met from both ends, and every text with itself.
    return (ordered - int(counts[split_a].sum())) // 2 if split_a == split_b else ordered


def _count_leaks(near: csr_array, texts: dict[str, csr_array]) -> dict[str, int]:
    near_train = near @ texts["train"].toarray() > 0  # [U, 1]
    return {split: int(texts[split].toarray()[near_train].sum()) for split in SPLITS if split != "train"}
