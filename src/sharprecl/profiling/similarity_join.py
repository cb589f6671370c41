"""All pairs of similar sets, without comparing all pairs."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from tqdm.auto import tqdm

from sharprecl.profiling.batching import IntArray, split_by_weight
from sharprecl.profiling.hashing import HashArray
from sharprecl.profiling.seen_codes import SeenCodes
from sharprecl.profiling.shingles import ShingleSets
from sharprecl.spilling import spill_groups

_ROUNDING = 1e-9
_BATCH_ELEMENTS = 1_000_000
"""Elements of sets that are compared at once."""
_FREQUENCY_BITS = 24
"""Elements are counted by the first bits of their hashes: 64 MiB at most, whatever the corpus."""
_FREE_COMPARISONS = 1_000_000
"""So many are made whatever the corpus: they take a second."""
_SILENT_SECONDS = 2.0
"""A search that is done by then shows no bar."""
_PART_ENTRIES, _MAX_PARTS = 1_000_000, 256
"""Prefix elements among which candidates are looked for at once, and the most parts that this may take."""
_ENTRY = np.dtype([("element", np.uint64), ("owner", np.int32)])
"""An element of the prefix of a set."""


class SimilarPairs(NamedTuple):
    """Pairs of similar sets.

    Attributes:
        first: row of the one set, shape [P].
        second: row of the other set, greater than the first, shape [P].
        similarity: Jaccard similarity, shape [P].
        exhaustive: whether every pair that could be similar was compared.
    """

    first: IntArray
    second: IntArray
    similarity: NDArray[np.float64]
    exhaustive: bool


def join_similar_sets(sets: ShingleSets, threshold: float, comparisons_per_set: int = 30) -> SimilarPairs:
    """Pairs of sets with Jaccard similarity |a ∩ b| / |a ∪ b| ≥ threshold.

    Prefix filtering (Bayardo, Ma and Srikant 2007, "Scaling up all pairs similarity search"; Xiao et al.
    2008, "Efficient similarity joins for near duplicate detection"): with the elements of all sets in one
    order, two sets that are t-similar share an element among the first |a| − ⌈t |a|⌉ + 1 of each. Rare
    elements first keep the groups that share one small. Unlike MinHash this misses no pair and draws
    nothing at random. Every candidate is verified, once. Sets and prefixes lie on the disk.

    Args:
        sets: N sets of hashes.
        threshold: t in (0, 1].
        comparisons_per_set: where a corpus is so repetitive that more comparisons than this are wanted per
            set, and a million in all, the search is cut short, and ``exhaustive`` is False: their number
            stays linear in N. What it found then is a sample of all sets, wherever in the corpus they stand.

    Returns:
        Each pair once, in ascending order of rows.
    """
    codes = [np.empty(0, dtype=np.int64)]
    similarities = [np.empty(0)]
    exhaustive = True
    budget = max(comparisons_per_set * len(sets), _FREE_COMPARISONS)
    parts = _prefixes(sets, threshold)
    bar = tqdm(total=budget, desc="compare", unit="pair", leave=False, delay=_SILENT_SECONDS)
    for number, part in enumerate(parts):
        # What a part leaves goes to the others; what it lacks it does not take from them.
        reserved = budget - budget // (len(parts) - number)
        compared = SeenCodes()
        for first, second in _candidates(part, sets.sizes, threshold):
            if budget <= reserved:
                exhaustive = False
                break
            # Two sets share most of their prefixes' elements, and meet at each of them.
            pairs = compared.take_new(np.minimum(first, second) * len(sets) + np.maximum(first, second))
            budget -= len(pairs)
            lower, upper = np.divmod(pairs, len(sets))
            similarity = jaccard(sets, lower, upper, on_compared=bar.update)
            similar = similarity >= threshold - _ROUNDING
            codes.append(pairs[similar])
            similarities.append(similarity[similar])
    bar.close()
    pairs, places = np.unique(np.concatenate(codes), return_index=True)
    lower, upper = np.divmod(pairs, max(len(sets), 1))
    return SimilarPairs(lower, upper, np.concatenate(similarities)[places], exhaustive)


def jaccard(
    sets: ShingleSets,
    first: IntArray,
    second: IntArray,
    on_compared: Callable[[int], object] = lambda _: None,
) -> NDArray[np.float64]:
    """Jaccard similarity of pairs of sets.

    Args:
        sets: N sets, none of them empty.
        first: rows, shape [P].
        second: rows, shape [P].
        on_compared: told how many pairs each batch held.

    Returns:
        Shape [P], in [0, 1].
    """
    similarity = np.empty(len(first))
    for pairs in split_by_weight(sets.sizes[first] + sets.sizes[second], _BATCH_ELEMENTS):
        rows, places = np.unique(np.concatenate((first[pairs], second[pairs])), return_inverse=True)
        matrix = _indicators(sets.select(rows))
        a, b = np.split(places, 2)
        common = matrix[a].multiply(matrix[b]).sum(axis=1)
        sizes = np.diff(matrix.indptr)
        similarity[pairs] = common / (sizes[a] + sizes[b] - common)
        on_compared(len(pairs))
    return similarity


def _indicators(sets: ShingleSets) -> csr_array:
    """Ones where a set has an element, shape [sets, different elements]."""
    owners, elements = sets.flatten()
    columns, different = pd.factorize(elements)
    ones = np.ones(len(columns), dtype=np.int32)
    return csr_array((ones, (owners, columns)), shape=(len(sets), len(different)))


def _candidates(
    entries: np.ndarray, sizes: IntArray, threshold: float
) -> Iterator[tuple[IntArray, IntArray]]:
    """Pairs that share a prefix element and whose sizes allow the similarity, nearest in size first."""
    elements, owners = entries["element"], entries["owner"].astype(np.int64)
    # Sets of one size in an order of their own: by rows, those of a split would meet each other first, and a
    # search that is cut short would find no pair across splits.
    order = np.lexsort((_scatter(owners), sizes[owners], elements))
    elements, owners = elements[order], owners[order]
    active = np.arange(len(elements))
    distance = 1
    while True:
        active = active[active + distance < len(elements)]
        other = active + distance
        # Sizes ascend within a group: an entry that meets a set too large has met all it can be similar to.
        large_enough = sizes[owners[active]] >= threshold * sizes[owners[other]] - _ROUNDING
        active = active[(elements[active] == elements[other]) & large_enough]
        if not len(active):
            return
        yield owners[active], owners[active + distance]
        distance += 1


def _scatter(rows: IntArray) -> HashArray:
    """A fixed order of rows that has nothing to do with where they stand (Fibonacci hashing)."""
    return rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def _prefixes(sets: ShingleSets, threshold: float) -> list[np.ndarray]:
    """The entries of all sets in parts, all those of one element in the same."""
    lengths = sets.sizes - np.ceil(threshold * sets.sizes - _ROUNDING).astype(np.int64) + 1
    num_parts = min(int(lengths.sum()) // _PART_ENTRIES + 1, _MAX_PARTS)
    batches = (
        (entries["element"] % np.uint64(num_parts), entries)
        for entries in _prefix_batches(sets, lengths, _count_elements(sets))
    )
    return spill_groups(batches, num_parts, _ENTRY)


def _prefix_batches(
    sets: ShingleSets, lengths: IntArray, frequencies: NDArray[np.int32]
) -> Iterator[np.ndarray]:
    for rows in sets.batches():
        batch = sets.select(rows)
        owners, elements = batch.flatten()
        order = np.lexsort((elements, frequencies[_bucket(elements)], owners))
        places = np.arange(len(owners)) - np.repeat(np.cumsum(batch.sizes) - batch.sizes, batch.sizes)
        chosen = places < lengths[rows][owners]
        entries = np.empty(int(chosen.sum()), _ENTRY)
        entries["element"] = elements[order][chosen]
        entries["owner"] = rows[owners[chosen]]
        yield entries


def _count_elements(sets: ShingleSets) -> NDArray[np.int32]:
    """How many sets have an element of each bucket."""
    frequencies = np.zeros(2**_FREQUENCY_BITS, dtype=np.int32)
    for rows in sets.batches():
        np.add.at(frequencies, _bucket(sets.select(rows).flatten()[1]), 1)
    return frequencies


def _bucket(elements: HashArray) -> HashArray:
    return elements >> np.uint64(64 - _FREQUENCY_BITS)
