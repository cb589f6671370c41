"""Near duplicates within and across splits: leaks from train to test, and texts labelled two ways."""

from typing import Any

import pandas as pd

from sharprecl.profiling.pair_counts import count_pairs
from sharprecl.profiling.pair_list import list_pairs
from sharprecl.profiling.similarity_join import join_similar_sets
from sharprecl.profiling.text_groups import group_texts, keep_related


def find_near_duplicates(
    corpus: pd.DataFrame, *, threshold: float, max_listed_pairs: int
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Pairs of texts whose sets of word 3-shingles have a Jaccard similarity ≥ threshold.

    No pair is missed, but in a corpus so repetitive that the search is cut short. The texts' shingles lie on
    the disk.

    Args:
        corpus: columns ``row_id``, ``text``, ``label``, ``split``.
        threshold: in (0, 1].
        max_listed_pairs: longest list; the counts are over all pairs.

    Returns:
        The list of pairs, most telling first (see :func:`list_pairs`), and the counts (see
        :func:`count_pairs`) with ``threshold`` and ``exhaustive``: False where the corpus is so repetitive
        that the search was cut short and the counts are lower bounds.
    """
    groups, sets = group_texts(corpus["text"])
    groups, pairs = keep_related(groups, join_similar_sets(sets, threshold))
    counts = count_pairs(corpus, groups, pairs)
    table = list_pairs(corpus, groups, pairs, max_listed_pairs)
    return table, counts | {"threshold": threshold, "exhaustive": pairs.exhaustive}
