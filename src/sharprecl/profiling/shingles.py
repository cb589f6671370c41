"""Texts as sets of word shingles, for a whole corpus at once."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import csr_array

IntArray = NDArray[np.int64]


def shingle_texts(texts: pd.Series, width: int = 3) -> csr_array:
    """The shingle set of every text (Broder 1997, "On the resemblance and containment of documents").

    A shingle is a run of ``width`` words; a text of fewer words is one shorter shingle. Words are runs of
    letters, marks and digits, compared in lower case after Unicode NFKC. Shingles are numbered exactly
    (nothing is hashed), the rarest in the corpus first.

    Args:
        texts: N texts.
        width: words a shingle, at least 1.

    Returns:
        Shape [N, number of different shingles], int32 ones, column numbers ascending in each row: a row
        lists its set from its rarest shingle on. A text without a word has an empty row.
    """
    words, num_words = _number_words(texts)
    owners = np.repeat(np.arange(len(num_words)), num_words)
    places = np.arange(len(words)) - np.repeat(np.cumsum(num_words) - num_words, num_words)
    left = np.repeat(num_words, num_words) - places  # words from here to the end of the text
    starts = np.flatnonzero((left >= width) | (places == 0))
    shingles = _number_runs(words, starts, left[starts], width)
    return _rarest_first(owners[starts], shingles, len(num_words))


def _number_words(texts: pd.Series) -> tuple[IntArray, IntArray]:
    raw = pa.array(texts.to_numpy(dtype=object), pa.large_string())
    normal = pc.utf8_lower(pc.utf8_normalize(raw, form="NFKC"))
    spaced = pc.utf8_trim(pc.replace_substring_regex(normal, r"[^\p{L}\p{M}\p{N}]+", " "), " ")
    lists = pc.split_pattern(spaced, " ")
    words = lists.flatten()
    # Splitting an empty text gives one empty word.
    num_words = np.where(pc.equal(spaced, "").to_numpy(zero_copy_only=False), 0, pc.list_value_length(lists))
    kept = words.filter(pc.not_equal(words, "")).dictionary_encode()
    return kept.indices.to_numpy().astype(np.int64), num_words.astype(np.int64)


def _number_runs(words: IntArray, starts: IntArray, left: IntArray, width: int) -> IntArray:
    """One number for each different run of words; places past the end of a text read as 0."""
    num_words = int(words.max(initial=0)) + 2
    runs = np.zeros_like(starts)
    for step in range(width):
        inside = step < left
        following = np.where(inside, words[np.minimum(starts + step, len(words) - 1)] + 1, 0)
        # At most (shingles × words) < 2⁶³: the product cannot overflow.
        runs = pd.factorize(runs * num_words + following)[0].astype(np.int64)
    return runs


def _rarest_first(owners: IntArray, shingles: IntArray, num_texts: int) -> csr_array:
    frequencies = np.bincount(shingles)
    ranks = np.empty_like(frequencies)
    ranks[np.argsort(frequencies, kind="stable")] = np.arange(len(frequencies))
    ones = np.ones(len(shingles), dtype=np.int32)
    sets = csr_array((ones, (owners, ranks[shingles])), shape=(num_texts, len(frequencies)))
    sets.sum_duplicates()
    sets.data[:] = 1
    return sets
