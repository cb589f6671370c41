"""Ranks of strings."""

import pandas as pd
import pytest

from sharprecl.corpora.text_order import rank_strings
from sharprecl.spilling import spill_frame

STRINGS = ["b", "a", "", "é", "z", "a", "\U0001f600", "\uffff", "b", "ab"]


@pytest.mark.parametrize("is_mapped", [False, True])
def test_rank_is_the_place_among_the_different_strings_in_order_of_code_points(is_mapped):
    strings = pd.Series(STRINGS, index=range(5, 15), dtype="str")
    if is_mapped:  # in several pieces
        parts = [pd.DataFrame({"text": strings[:4]}), pd.DataFrame({"text": strings[4:]})]
        strings = spill_frame(parts)["text"]
    ranks = rank_strings(strings)
    assert ranks.tolist() == [sorted(set(STRINGS)).index(string) for string in STRINGS]
    assert ranks.index.equals(strings.index)


def test_no_strings_have_no_ranks():
    assert rank_strings(pd.Series([], dtype="str")).tolist() == []
