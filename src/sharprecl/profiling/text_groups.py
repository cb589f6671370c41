"""Texts that are the same as far as their shingles tell."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from sharprecl.profiling.shingles import IntArray, shingle_texts


class TextGroups(NamedTuple):
    """Texts of equal shingle sets, so that a thousand copies of a text cost one comparison.

    Attributes:
        of_text: group of each text, −1 for a text without a word, shape [N].
        sets: one shingle set a group, as from :func:`shingle_texts`, shape [U, shingles].
    """

    of_text: IntArray
    sets: csr_array


def group_texts(texts: pd.Series) -> TextGroups:
    """Group texts by their sets of word 3-shingles.

    Args:
        texts: N texts.

    Returns:
        U ≤ N groups, in the order of their first text.
    """
    sets = shingle_texts(texts)
    # A set's key is the sum of its shingles' random 64-bit numbers (mod 2⁶⁴): of a million different sets
    # any two share one with probability 3e-8.
    numbers = np.random.default_rng(0).integers(2**64, size=sets.shape[1], dtype=np.uint64)
    totals = np.concatenate(([np.uint64(0)], np.cumsum(numbers[sets.indices], dtype=np.uint64)))
    keys = totals[sets.indptr[1:]] - totals[sets.indptr[:-1]]
    with_words = np.flatnonzero(np.diff(sets.indptr))
    of_text = np.full(sets.shape[0], -1, dtype=np.int64)
    of_text[with_words] = pd.factorize(keys[with_words])[0]
    _, firsts = np.unique(of_text[with_words], return_index=True)
    return TextGroups(of_text, sets[with_words[firsts]])
