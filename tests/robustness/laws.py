"""What must hold of every corpus, whatever is in it."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sharprecl.corpora import read_corpus
from sharprecl.error_lines import describe_error
from sharprecl.errors import SharpreclError
from sharprecl.parameters import CorpusParameters
from sharprecl.pipelines.ingest.nodes import clean_texts, split_texts
from tests.robustness import naive_cleaning
from tests.robustness.hostile import Written
from tests.robustness.naive_cleaning import RefusedError, Row, as_words, normalize

MEND = re.compile(
    r"[;:,] (or )?(add|give|label|mend|name|put|quote|rename|save|set|try|unpack|write)\b"
    "|a file with one record a line is named|train it again|relative paths start at"
)
MAX_MESSAGE = 1000
"""Characters that the command line shows; the mend stands at the end."""


def assert_one_line(error: SharpreclError) -> None:
    """The message is one line that a terminal shows as it is, with place and mend."""
    message = str(error)
    assert message.isprintable(), message
    assert describe_error(error) == message
    assert len(message) <= MAX_MESSAGE, message
    assert MEND.search(message), message


def outcome_of(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What a function returns, or its error, which is one of ours and one line."""
    try:
        return function(*arguments, **named)
    except SharpreclError as error:
        assert_one_line(error)
        return error


def assert_refused(function: Callable[..., Any], *arguments: Any) -> str:
    """The message with which a function refuses its arguments."""
    with pytest.raises(SharpreclError) as caught:
        function(*arguments)
    assert_one_line(caught.value)
    return str(caught.value)


def rows_of(corpus: Written) -> list[Row] | None:
    """The rows of all files in the order of train, validation and test; None if one must be refused."""
    rows: list[Row] = []
    columns = corpus.parameters
    is_split = len(corpus.files) > 1
    has_aug_text = any("aug_text" in record for records in corpus.files.values() for record in records)
    for split in ("train", "validation", "test"):
        records = corpus.files.get(split)
        if records == []:
            return None
        for record in records or []:
            label = as_words(record[columns["label"]])
            if label is None or not normalize(label):
                return None
            text = as_words(record[columns["text"]]) or ""
            aug_text = (as_words(record["aug_text"]) or "") if has_aug_text else None
            rows.append(Row(len(rows), text, label, aug_text, split if is_split else None))
    return rows


def run_ingest(corpus: Written, parameters: dict[str, Any], folder: Path) -> pd.DataFrame | None:
    """Read, clean and split; every step is held to the plain loops.

    Returns:
        The labelled corpus, or None where it was rightly refused.
    """
    block = CorpusParameters.model_validate(parameters)
    expected = rows_of(corpus)
    if expected is None:
        assert_refused(read_corpus, block, folder)
        return None
    raw = read_corpus(block, folder)
    assert _as_rows(raw) == expected
    cleaned = _clean(raw, expected, block)
    return None if cleaned is None else _split(*cleaned, block)


def _as_rows(table: pd.DataFrame) -> list[Row]:
    columns = {name: table[name].tolist() for name in ("row_id", "text", "label")}
    aug_texts = table["aug_text"].tolist() if "aug_text" in table else [None] * len(table)
    splits = [None if pd.isna(split) else split for split in table["split"]]
    return [Row(*row) for row in zip(*columns.values(), aug_texts, splits, strict=True)]


def _clean(
    raw: pd.DataFrame, rows: list[Row], block: CorpusParameters
) -> tuple[pd.DataFrame, dict[str, Any]] | None:
    reason = ""
    try:
        kept, dropped = naive_cleaning.clean(rows, block)
    except RefusedError as refused:
        reason = str(refused)
    if reason:
        assert reason in assert_refused(clean_texts, raw, block)
        return None
    table, report = clean_texts(raw, block)
    assert _as_rows(table) == kept
    assert {name: row["dropped"] for name, row in report["blemishes"].items()} == dropped
    assert report["rows_in"] == len(rows) == report["rows_out"] + sum(dropped.values())
    assert all(sum(row["by_split"].values()) == row["dropped"] for row in report["blemishes"].values())
    json.dumps(report, allow_nan=False)
    return table, report


def _split(clean: pd.DataFrame, report: dict[str, Any], block: CorpusParameters) -> pd.DataFrame | None:
    outcome = outcome_of(split_texts, clean, report, block, 0)
    if isinstance(outcome, SharpreclError):
        assert _may_be_too_small(clean, block), outcome
        return None
    table, whole_report = outcome
    json.dumps(whole_report, allow_nan=False)
    thinned = whole_report["long_tail"]
    num_thinned = thinned["rows_in"] - thinned["rows_out"] if thinned else 0
    assert len(clean) == len(table) + num_thinned
    before = clean.set_index("row_id")[["text", "label"]]
    pd.testing.assert_frame_equal(table.set_index("row_id")[["text", "label"]], before.loc[table["row_id"]])
    given = clean["split"].notna() & clean["split"].ne("train")
    assert set(clean.loc[given, "row_id"]) <= set(table.loc[table["split"] != "train", "row_id"])
    _assert_no_text_in_two_splits(table, block)
    _assert_parquet_keeps(table)
    return table


def _may_be_too_small(clean: pd.DataFrame, block: CorpusParameters) -> bool:
    training = clean[clean["split"].isna() | clean["split"].eq("train")]
    largest = training.groupby("label")["text"].nunique().max()
    no_fraction = 0.0 in (block.validation_fraction, block.test_fraction)
    return bool(largest < 3 or no_fraction or block.label_conflicts == "keep")


def _assert_no_text_in_two_splits(table: pd.DataFrame, block: CorpusParameters) -> None:
    if block.split_overlaps == "drop":
        assert not table[["text", "split"]].drop_duplicates()["text"].duplicated().any()


def _assert_parquet_keeps(table: pd.DataFrame) -> None:
    file = io.BytesIO()
    table.to_parquet(file)
    pd.testing.assert_frame_equal(pd.read_parquet(file), table)
