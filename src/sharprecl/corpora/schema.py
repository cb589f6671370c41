"""The contract of the labelled corpus, checked before it leaves ingest."""

import pandas as pd
import pandera.pandas as pa

from sharprecl.split_names import SPLITS


def _labels_are_trained(table: pd.DataFrame) -> "pd.Series[bool]":
    return table["label"].isin(table.loc[table["split"] == "train", "label"].unique())


LABELLED_CORPUS = pa.DataFrameSchema(
    {
        "row_id": pa.Column("int64", pa.Check.ge(0), unique=True),
        "text": pa.Column(str),
        "label": pa.Column(str, pa.Check.str_length(min_value=1)),
        "aug_text": pa.Column(str, required=False),
        "split": pa.Column(str, pa.Check.isin(SPLITS)),
    },
    checks=pa.Check(_labels_are_trained, error="every label has a training row"),
    strict=True,
    name="labelled_corpus",
)
"""Columns, types and ranges; no missing values."""


def validate_labelled_corpus(table: pd.DataFrame) -> pd.DataFrame:
    """Check a labelled corpus against :data:`LABELLED_CORPUS`.

    Args:
        table: ``row_id``, ``text``, ``label``, perhaps ``aug_text``, and ``split``.

    Returns:
        The same table.

    Raises:
        pandera.errors.SchemaError: if it breaks the contract (SchemaErrors for an unknown column); that is a
            bug of this program.
    """
    return LABELLED_CORPUS.validate(table)
