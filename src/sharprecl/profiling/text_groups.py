"""Texts that are the same as far as their shingles tell."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sharprecl.profiling.batching import IntArray
from sharprecl.profiling.hashing import HashArray
from sharprecl.profiling.shingles import ShingleSets, shingle_texts
from sharprecl.profiling.similarity_join import SimilarPairs


class TextGroups(NamedTuple):
    """Texts of equal shingle sets, so that a thousand copies of a text cost one comparison.

    Attributes:
        of_text: group of each text, −1 for a text that is in none, shape [N].
        num_groups: U ≤ N.
    """

    of_text: IntArray
    num_groups: int


def group_texts(texts: pd.Series) -> tuple[TextGroups, ShingleSets]:
    """Group texts by their sets of word 3-shingles.

    Args:
        texts: N texts.

    Returns:
        The groups, in the order of their first text; a text without a word is in none. And the shingle set of
        each, U in all.
    """
    sets = shingle_texts(texts)
    with_words = np.flatnonzero(sets.sizes)
    of_text = np.full(len(sets), -1, dtype=np.int64)
    of_text[with_words], keys = pd.factorize(_set_keys(sets)[with_words])
    _, firsts = np.unique(of_text[with_words], return_index=True)
    return TextGroups(of_text, len(keys)), sets.select(with_words[firsts])


def keep_related(groups: TextGroups, pairs: SimilarPairs) -> tuple[TextGroups, SimilarPairs]:
    """Leave out the texts that are like no other.

    Args:
        groups: all of them.
        pairs: similar groups.

    Returns:
        The groups of several texts and those in a pair, numbered anew in the same order, and their pairs.
    """
    num_texts = np.bincount(groups.of_text[groups.of_text >= 0], minlength=groups.num_groups)
    kept = num_texts > 1
    kept[pairs.first] = kept[pairs.second] = True
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    of_text = np.where(groups.of_text >= 0, number[groups.of_text], -1) if len(number) else groups.of_text
    related = pairs._replace(first=number[pairs.first], second=number[pairs.second])
    return TextGroups(of_text, int(kept.sum())), related


def _set_keys(sets: ShingleSets) -> HashArray:
    """A set's key is the sum of its hashes (mod 2⁶⁴).

    Of a million different sets any two share one with probability 3e-8.
    """
    keys = np.zeros(len(sets), dtype=np.uint64)
    for rows in sets.batches():
        owners, shingles = sets.select(rows).flatten()
        np.add.at(keys, rows[owners], shingles)
    return keys
