"""Texts grouped by their shingles."""

import numpy as np
import pandas as pd

from sharprecl.profiling.similarity_join import SimilarPairs
from sharprecl.profiling.text_groups import TextGroups, group_texts, keep_related


def make_pairs(*pairs: tuple[int, int]) -> SimilarPairs:
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return SimilarPairs(first, second, np.full(len(first), 0.9), exhaustive=True)


def test_groups_stand_in_the_order_of_their_first_text_and_have_its_set():
    groups, sets = group_texts(pd.Series(["z y x w", "", "a b", "Z Y, X w!", "?", "a b c d e", "A b"]))
    assert groups.of_text.tolist() == [0, -1, 1, 0, -1, 2, 1]
    assert groups.num_groups == len(sets) == 3
    assert sets.sizes.tolist() == [2, 1, 3]


def test_texts_of_the_same_words_in_another_order_are_not_one_group():
    # A sum of hashes that were linear in the words could not tell these apart.
    groups, _ = group_texts(pd.Series(["p q a b c r s", "p q c b a r s", "p q b c a r s"]))
    assert groups.of_text.tolist() == [0, 1, 2]


def test_texts_like_no_other_are_left_out_and_the_rest_numbered_anew():
    of_text = np.array([0, 1, -1, 2, 2, 3, 4])
    groups, pairs = keep_related(TextGroups(of_text, 5), make_pairs((1, 4)))
    assert groups.of_text.tolist() == [-1, 0, -1, 1, 1, -1, 2]
    assert groups.num_groups == 3
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([0], [2])
    assert pairs.similarity.tolist() == [0.9]


def test_no_text_with_a_word_is_no_group():
    groups, pairs = keep_related(TextGroups(np.array([-1, -1]), 0), make_pairs())
    assert groups.of_text.tolist() == [-1, -1]
    assert groups.num_groups == len(pairs.first) == 0
