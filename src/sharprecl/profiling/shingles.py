"""Texts as sets of word shingles, for a whole corpus at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sharprecl.profiling.batching import IntArray, split_by_weight
from sharprecl.profiling.hashing import HashArray, mix
from sharprecl.spilling import spill_array

_BATCH_SHINGLES = 1_000_000
"""Shingles worked on at once."""
_CHUNK_CHARACTERS = 4_000_000
"""Text that is cut into words at once."""


@dataclass(frozen=True)
class ShingleSets:
    """One set a text, all in one array that may be larger than memory.

    Attributes:
        shingles: shape [S], mapped from the disk; those of a set stand together, each once, ascending.
        starts: where each set begins, shape [N].
        sizes: how many shingles it has, shape [N].
    """

    shingles: HashArray
    starts: IntArray
    sizes: IntArray

    def __len__(self) -> int:
        return len(self.starts)

    def select(self, rows: IntArray) -> "ShingleSets":
        """Some of the sets, in that order."""
        return ShingleSets(self.shingles, self.starts[rows], self.sizes[rows])

    def batches(self) -> Iterator[IntArray]:
        """Row numbers in parts of a bounded number of shingles, in ascending order."""
        yield from split_by_weight(self.sizes, _BATCH_SHINGLES)

    def flatten(self) -> tuple[IntArray, HashArray]:
        """The elements of all sets one after the other, in memory.

        Returns:
            Numbers of the sets and their shingles, both of shape [sum of the sizes].
        """
        owners = np.repeat(np.arange(len(self)), self.sizes)
        before = np.cumsum(self.sizes) - self.sizes
        places = np.arange(len(owners)) + np.repeat(self.starts - before, self.sizes)
        return owners, np.asarray(self.shingles[places])


def shingle_texts(texts: pd.Series, width: int = 3) -> ShingleSets:
    """The shingle set of every text (Broder 1997, "On the resemblance and containment of documents").

    A shingle is a run of ``width`` words; a text of fewer words is one shorter shingle. Words are runs of
    letters, marks, digits and symbols (emoji, ``+``, ``$``), compared in lower case after Unicode NFKC. A
    shingle is known by a 64-bit hash: of ten million different ones any two share theirs with probability
    3e-6.

    Args:
        texts: N texts.
        width: words a shingle, at least 1.

    Returns:
        N sets; a text without a word has an empty one.
    """
    sizes = np.empty(len(texts), dtype=np.int64)
    shingles = spill_array(_shingle_chunks(texts, width, sizes), np.dtype(np.uint64))
    return ShingleSets(shingles, np.cumsum(sizes) - sizes, sizes)


def _shingle_chunks(texts: pd.Series, width: int, sizes: IntArray) -> Iterator[HashArray]:
    """The shingles of one part of the texts after the other; notes how many each text has."""
    lengths = np.asarray(texts.str.len(), dtype=np.int64)
    for rows in split_by_weight(lengths, _CHUNK_CHARACTERS):
        chunk = slice(rows[0], rows[-1] + 1)
        sizes[chunk], shingles = _shingle_chunk(texts.iloc[chunk], width)
        yield shingles


def _shingle_chunk(texts: pd.Series, width: int) -> tuple[IntArray, HashArray]:
    """How many shingles each text has, and all of them."""
    words, num_words = _hash_words(texts)
    owners = np.repeat(np.arange(len(num_words)), num_words)
    places = np.arange(len(words)) - np.repeat(np.cumsum(num_words) - num_words, num_words)
    left = np.repeat(num_words, num_words) - places  # words from here to the end of the text
    starts = np.flatnonzero((left >= width) | (places == 0))
    shingles = _hash_runs(words, starts, left[starts], width)
    order = np.lexsort((shingles, owners[starts]))
    owners, shingles = owners[starts][order], shingles[order]
    is_new = np.ones(len(shingles), dtype=bool)
    is_new[1:] = (owners[1:] != owners[:-1]) | (shingles[1:] != shingles[:-1])
    return np.bincount(owners[is_new], minlength=len(num_words)), shingles[is_new]


def _hash_words(texts: pd.Series) -> tuple[HashArray, IntArray]:
    raw = pa.array(texts.to_numpy(dtype=object), pa.large_string())
    normal = pc.utf8_lower(pc.utf8_normalize(raw, form="NFKC"))
    spaced = pc.utf8_trim(pc.replace_substring_regex(normal, r"[^\p{L}\p{M}\p{N}\p{S}]+", " "), " ")
    lists = pc.split_pattern(spaced, " ")
    words = lists.flatten()
    # Splitting an empty text gives one empty word.
    num_words = np.where(pc.equal(spaced, "").to_numpy(zero_copy_only=False), 0, pc.list_value_length(lists))
    kept = words.filter(pc.not_equal(words, "")).dictionary_encode()
    hashes = pd.util.hash_array(kept.dictionary.to_numpy(zero_copy_only=False), categorize=False)
    return hashes[kept.indices.to_numpy()], num_words.astype(np.int64)


def _hash_runs(words: HashArray, starts: IntArray, left: IntArray, width: int) -> HashArray:
    """One hash a run of words, which ends with its text."""
    runs = np.zeros(len(starts), dtype=np.uint64)
    for step in range(width):
        inside = step < left
        runs[inside] = mix(runs[inside] + words[starts[inside] + step])
    return runs
