"""The contract of the labelled corpus."""

import pandas as pd
import pytest
from pandera.errors import SchemaError, SchemaErrors

from sharprecl.corpora import validate_labelled_corpus


def make_table(**columns):
    return pd.DataFrame(
        {
            "row_id": [0, 1, 2],
            "text": ["a", "b", "c"],
            "label": ["x", "y", "x"],
            "split": ["train", "train", "test"],
        }
        | columns
    )


def test_sound_tables_pass_unchanged():
    for table in (make_table(), make_table(aug_text=["d", "e", "f"])):
        pd.testing.assert_frame_equal(validate_labelled_corpus(table), table)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("row_id", [0, 0, 1], "duplicate"),
        ("text", ["a", None, "c"], "null"),
        ("label", ["x", "", "x"], "str_length"),
        ("label", ["x", "x", "y"], "every label has a training row"),
        ("split", ["train", "train", "dev"], "isin"),
        ("split", ["train", "train", None], "null"),
        ("score", [1, 2, 3], "score"),
    ],
)
def test_broken_tables_are_refused(column, values, message):
    with pytest.raises((SchemaError, SchemaErrors), match=message):
        validate_labelled_corpus(make_table(**{column: values}))
