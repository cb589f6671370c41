"""All pairs of similar sets, without comparing all pairs."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharprecl.profiling.hashing import HashArray
from sharprecl.profiling.shingles import IntArray, ShingleSets, split_evenly

_ROUNDING = 1e-9
_FREQUENCY_BITS = 22
"""Elements are counted by the first bits of their hashes: 16 MiB, whatever the corpus."""
_PART_ENTRIES = 1_000_000
"""Prefix elements among which candidates are looked for at once."""


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


class _Prefixes(NamedTuple):
    """One entry a set and element of its prefix: the elements and the sets' numbers, both of shape [E]."""

    elements: HashArray
    owners: NDArray[np.int32]


def join_similar_sets(sets: ShingleSets, threshold: float, comparisons_per_set: int = 30) -> SimilarPairs:
    """Pairs of sets with Jaccard similarity |a ∩ b| / |a ∪ b| ≥ threshold.

    Prefix filtering (Bayardo, Ma and Srikant 2007, "Scaling up all pairs similarity search"; Xiao et al.
    2008, "Efficient similarity joins for near duplicate detection"): with the elements of all sets in one
    order, two sets that are t-similar share an element among the first |a| − ⌈t |a|⌉ + 1 of each. Rare
    elements first keep the groups that share one small. Unlike MinHash this misses no pair and draws
    nothing at random. Every candidate is verified. Only the prefixes are in memory, the sets stay on disk.

    Args:
        sets: N sets of hashes.
        threshold: t in (0, 1].
        comparisons_per_set: where a corpus is so repetitive that more comparisons than this are wanted per
            set, the search stops, and ``exhaustive`` is False: the cost stays linear in N.

    Returns:
        Each pair once, in ascending order of rows.
    """
    budget = comparisons_per_set * len(sets)
    codes = [np.empty(0, dtype=np.int64)]
    similarities = [np.empty(0)]
    exhaustive = True
    for first, second in _candidates(sets, threshold):
        if budget <= 0:
            exhaustive = False
            break
        budget -= len(first)
        similarity = jaccard(sets, first, second)
        similar = similarity >= threshold - _ROUNDING
        lower, upper = np.minimum(first, second)[similar], np.maximum(first, second)[similar]
        codes.append(lower * len(sets) + upper)
        similarities.append(similarity[similar])
    pairs, places = np.unique(np.concatenate(codes), return_index=True)
    lower, upper = np.divmod(pairs, max(len(sets), 1))
    return SimilarPairs(lower, upper, np.concatenate(similarities)[places], exhaustive)


def jaccard(sets: ShingleSets, first: IntArray, second: IntArray) -> NDArray[np.float64]:
    """Jaccard similarity of pairs of sets.

    Args:
        sets: N sets, none of them empty.
        first: rows, shape [P].
        second: rows, shape [P].

    Returns:
        Shape [P], in [0, 1].
    """
    similarity = np.empty(len(first))
    for pairs in split_evenly(sets.sizes[first] + sets.sizes[second]):
        rows, places = np.unique(np.concatenate((first[pairs], second[pairs])), return_inverse=True)
        matrix = _indicators(sets.select(rows))
        a, b = np.split(places, 2)
        common = matrix[a].multiply(matrix[b]).sum(axis=1)
        sizes = np.diff(matrix.indptr)
        similarity[pairs] = common / (sizes[a] + sizes[b] - common)
    return similarity


def _indicators(sets: ShingleSets) -> csr_array:
    """Ones where a set has an element, shape [sets, different elements]."""
    owners, elements = sets.flatten()
    columns, different = pd.factorize(elements)
    ones = np.ones(len(columns), dtype=np.int32)
    return csr_array((ones, (owners, columns)), shape=(len(sets), len(different)))


def _candidates(sets: ShingleSets, threshold: float) -> Iterator[tuple[IntArray, IntArray]]:
    """Pairs that share a prefix element and whose sizes allow the similarity."""
    elements, owners = _prefixes(sets, threshold)
    num_parts = np.uint64(len(elements) // _PART_ENTRIES + 1)
    for part in range(int(num_parts)):
        chosen = elements % num_parts == part
        yield from _meet(elements[chosen], owners[chosen].astype(np.int64), sets.sizes, threshold)


def _meet(
    elements: HashArray, owners: IntArray, sizes: IntArray, threshold: float
) -> Iterator[tuple[IntArray, IntArray]]:
    """Pairs of sets with the same element, nearest in size first."""
    order = np.lexsort((sizes[owners], elements))
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


def _prefixes(sets: ShingleSets, threshold: float) -> _Prefixes:
    lengths = sets.sizes - np.ceil(threshold * sets.sizes - _ROUNDING).astype(np.int64) + 1
    entries = _Prefixes(np.empty(lengths.sum(), np.uint64), np.empty(lengths.sum(), np.int32))
    frequencies = _count_elements(sets)
    end = 0
    for rows in sets.batches():
        owners, elements = sets.select(rows).flatten()
        order = np.lexsort((elements, frequencies[_bucket(elements)], owners))
        places = np.arange(len(owners)) - np.repeat(
            np.cumsum(sets.sizes[rows]) - sets.sizes[rows], sets.sizes[rows]
        )
        chosen = places < lengths[rows][owners]
        start, end = end, end + int(chosen.sum())
        entries.elements[start:end] = elements[order][chosen]
        entries.owners[start:end] = rows[owners[chosen]]
    return entries


def _count_elements(sets: ShingleSets) -> IntArray:
    """How many sets have an element of each bucket."""
    frequencies = np.zeros(2**_FREQUENCY_BITS, dtype=np.int32)
    for rows in sets.batches():
        np.add.at(frequencies, _bucket(sets.select(rows).flatten()[1]), 1)
    return frequencies


def _bucket(elements: HashArray) -> HashArray:
    return elements >> np.uint64(64 - _FREQUENCY_BITS)
