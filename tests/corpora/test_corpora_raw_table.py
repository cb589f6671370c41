"""Splits as numbers."""

import pandas as pd
import pytest

from sharprecl.corpora.raw_table import TEST, TRAIN, UNSPLIT, VALIDATION, name_splits, number_splits


def test_splits_are_numbered_and_named_again():
    splits = pd.Series(["test", None, "train", "validation"], dtype="str")
    assert number_splits(splits).tolist() == [TEST, UNSPLIT, TRAIN, VALIDATION]
    named = name_splits(number_splits(splits.drop(1)), pd.Index([5, 7, 9]))
    assert named.to_dict() == {5: "test", 7: "train", 9: "validation"}
    assert named.dtype == "str"


def test_a_split_of_another_name_is_refused():
    with pytest.raises(ValueError, match=r"no split 'dev'; choose from train, validation, test"):
        number_splits(pd.Series(["train", "dev"], dtype="str"))
