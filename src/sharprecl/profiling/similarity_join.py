"""All pairs of similar sets, without comparing all pairs."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

IntArray = NDArray[np.int64]

_ROUNDING = 1e-9
_CHUNK = 500_000
"""Pairs verified at once: bounds the memory."""


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


def join_similar_sets(sets: csr_array, threshold: float, comparisons_per_set: int = 30) -> SimilarPairs:
    """Pairs of sets with Jaccard similarity |a ∩ b| / |a ∪ b| ≥ threshold.

    Prefix filtering (Bayardo, Ma and Srikant 2007, "Scaling up all pairs similarity search"; Xiao et al.
    2008, "Efficient similarity joins for near duplicate detection"): with the elements of all sets in one
    order, two sets that are t-similar share an element among the first |a| − ⌈t |a|⌉ + 1 of each. Rarest
    elements first keep the groups that share one small. Unlike MinHash this misses no pair and draws
    nothing at random. Every candidate is verified.

    Args:
        sets: shape [N, elements], ones, rows with ascending columns from the rarest element on.
        threshold: t in (0, 1].
        comparisons_per_set: where a corpus is so repetitive that more comparisons than this are wanted per
            set, the search stops, and ``exhaustive`` is False: the cost stays linear in N.

    Returns:
        Each pair once, in ascending order of rows.
    """
    budget = comparisons_per_set * sets.shape[0]
    codes: list[IntArray] = []
    exhaustive = True
    for first, second in _candidates(sets, threshold):
        if budget <= 0:
            exhaustive = False
            break
        budget -= len(first)
        similar = jaccard(sets, first, second) >= threshold - _ROUNDING
        lower, upper = np.minimum(first, second)[similar], np.maximum(first, second)[similar]
        codes.append(lower * sets.shape[0] + upper)
    pairs = np.unique(np.concatenate(codes)) if codes else np.empty(0, dtype=np.int64)
    lower, upper = np.divmod(pairs, max(sets.shape[0], 1))
    return SimilarPairs(lower, upper, jaccard(sets, lower, upper), exhaustive)


def jaccard(sets: csr_array, first: IntArray, second: IntArray) -> NDArray[np.float64]:
    """Jaccard similarity of pairs of sets.

    Args:
        sets: shape [N, elements], ones.
        first: rows, shape [P].
        second: rows, shape [P].

    Returns:
        Shape [P], in [0, 1].
    """
    sizes = np.diff(sets.indptr)
    similarity = np.empty(len(first))
    for start in range(0, len(first), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        common = sets[first[chunk]].multiply(sets[second[chunk]]).sum(axis=1)
        similarity[chunk] = common / (sizes[first[chunk]] + sizes[second[chunk]] - common)
    return similarity


def _candidates(sets: csr_array, threshold: float) -> Iterator[tuple[IntArray, IntArray]]:
    """Pairs that share a prefix element and whose sizes allow the similarity, nearest in size first."""
    elements, owners, sizes = _prefixes(sets, threshold)
    active = np.arange(len(elements))
    distance = 1
    while True:
        active = active[active + distance < len(elements)]
        other = active + distance
        # Sizes ascend within a group: an entry that meets a set too large has met all it can be similar to.
        fits = (elements[active] == elements[other]) & (sizes[active] >= threshold * sizes[other] - _ROUNDING)
        active = active[fits]
        if not len(active):
            return
        yield owners[active], owners[active + distance]
        distance += 1


def _prefixes(sets: csr_array, threshold: float) -> tuple[IntArray, IntArray, IntArray]:
    sizes = np.diff(sets.indptr).astype(np.int64)
    lengths = np.where(sizes > 0, sizes - np.ceil(threshold * sizes - _ROUNDING).astype(np.int64) + 1, 0)
    owners = np.repeat(np.arange(len(sizes)), lengths)
    places = np.arange(len(owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    elements = sets.indices[sets.indptr[owners] + places]
    order = np.lexsort((sizes[owners], elements))
    return elements[order], owners[order], sizes[owners][order]
