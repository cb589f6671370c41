"""Texts and labels of a text file by Python's own parsers, which accept less than Arrow does."""

import csv
import io
import json
from typing import Any

from tests.robustness.naive_cleaning import as_words

Rows = list[list[str | None]]


def naive_rows(content: bytes, suffix: str) -> Rows | None:
    """Columns ``text`` and ``label``; None where the file is no table that has both.

    Args:
        content: of a UTF-8 file.
        suffix: of its name.
    """
    try:
        text = content.decode().removeprefix("\ufeff")
        if suffix in {".csv", ".tsv"}:
            return _delimited(text, "," if suffix == ".csv" else "\t")
        return _records(text, suffix)
    except (ValueError, csv.Error):
        return None


def _delimited(text: str, delimiter: str) -> Rows:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header, *rows = [record for record in records if record] or [[]]
    if any(len(row) != len(header) for row in rows) or len(set(header)) < len(header):
        raise ValueError
    return [[row[header.index("text")], row[header.index("label")]] for row in rows]


def _records(text: str, suffix: str) -> Rows:
    lines = [text] if suffix == ".json" else [line for line in text.split("\n") if line.strip(" \t\r")]
    parsed = [json.loads(line, object_pairs_hook=_object) for line in lines]
    records = parsed[0] if suffix == ".json" else parsed
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError
    rows = [[record.get("text"), record.get("label")] for record in records]
    if any(isinstance(cell, list | dict) for row in rows for cell in row):
        raise ValueError
    if not all(any(name in record for record in records) for name in ("text", "label")):
        raise ValueError
    return [[as_words(cell) for cell in row] for row in rows]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)
