"""The near-duplicate pairs that are worth a look, most telling first."""

from collections.abc import Iterator
from itertools import combinations, islice, product

import numpy as np
import pandas as pd

from sharprecl.profiling.batching import IntArray
from sharprecl.profiling.similarity_join import SimilarPairs
from sharprecl.profiling.text_groups import TextGroups
from sharprecl.spilling import take_rows

COLUMNS = ["row_id", "split", "label", "text"]


def list_pairs(
    corpus: pd.DataFrame, groups: TextGroups, pairs: SimilarPairs, max_listed_pairs: int
) -> pd.DataFrame:
    """List pairs of texts: groups with unlike labels first, then across splits, then by similarity.

    Of copies with the same split and label two stand for all, so that one often repeated text does not
    fill the list.

    Args:
        corpus: columns ``row_id``, ``split``, ``label``, ``text``.
        groups: the corpus' texts by shingle set.
        pairs: similar groups.
        max_listed_pairs: longest list.

    Returns:
        Columns ``row_id_a``, ``split_a``, ``label_a``, ``text_a``, the same for b, and ``similarity``.
    """
    rows = _list_members(corpus, groups)
    bounds = np.searchsorted(groups.of_text[rows], np.arange(groups.num_groups + 1))
    ordered = _order_pairs(_with_copies(pairs, bounds), take_rows(corpus[["split", "label"]], rows), bounds)
    listed = list(islice(_expand(ordered, rows, bounds), max_listed_pairs))
    first = take_rows(corpus[COLUMNS], np.array([row for row, _, _ in listed], dtype=np.int64))
    second = take_rows(corpus[COLUMNS], np.array([row for _, row, _ in listed], dtype=np.int64))
    return pd.concat(
        [
            first.add_suffix("_a").reset_index(drop=True),
            second.add_suffix("_b").reset_index(drop=True),
            pd.Series([similarity for _, _, similarity in listed], name="similarity", dtype="float64"),
        ],
        axis=1,
    )


def _list_members(corpus: pd.DataFrame, groups: TextGroups) -> IntArray:
    """Rows in order of group, at most two for each split and label."""
    rows = np.flatnonzero(groups.of_text >= 0)
    members = take_rows(corpus[["split", "label"]], rows).assign(group=groups.of_text[rows])
    copies = members.groupby(["group", "split", "label"], observed=True, sort=False).cumcount()
    rows = rows[copies.to_numpy() < 2]
    return rows[np.argsort(groups.of_text[rows], kind="stable")]


def _with_copies(pairs: SimilarPairs, bounds: IntArray) -> SimilarPairs:
    """The pairs, and each group of several texts paired with itself."""
    repeated = np.flatnonzero(np.diff(bounds) > 1)
    return pairs._replace(
        first=np.concatenate((pairs.first, repeated)),
        second=np.concatenate((pairs.second, repeated)),
        similarity=np.concatenate((pairs.similarity, np.ones(len(repeated)))),
    )


def _order_pairs(pairs: SimilarPairs, members: pd.DataFrame, bounds: IntArray) -> SimilarPairs:
    conflict = _differs(members["label"], bounds, pairs)
    crossing = _differs(members["split"], bounds, pairs)
    order = np.lexsort((pairs.second, pairs.first, -pairs.similarity, ~crossing, ~conflict))
    return pairs._replace(
        first=pairs.first[order], second=pairs.second[order], similarity=pairs.similarity[order]
    )


def _differs(values: pd.Series, bounds: IntArray, pairs: SimilarPairs) -> np.ndarray:
    """Whether two groups together hold more than one value."""
    codes = pd.factorize(values)[0]
    lowest = np.minimum.reduceat(codes, bounds[:-1])
    highest = np.maximum.reduceat(codes, bounds[:-1])
    lower = np.minimum(lowest[pairs.first], lowest[pairs.second])
    upper = np.maximum(highest[pairs.first], highest[pairs.second])
    return np.asarray(lower != upper)


def _expand(pairs: SimilarPairs, rows: IntArray, bounds: IntArray) -> Iterator[tuple[int, int, float]]:
    for first, second, similarity in zip(pairs.first, pairs.second, pairs.similarity, strict=True):
        own = rows[bounds[first] : bounds[first + 1]]
        other = rows[bounds[second] : bounds[second + 1]]
        for row_a, row_b in combinations(own, 2) if first == second else product(own, other):
            yield int(row_a), int(row_b), float(similarity)
