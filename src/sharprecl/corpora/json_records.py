"""JSON files: a list of records, or one record a line."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.file_text import mend_surrogates, read_file_text
from sharprecl.corpora.json_text import parse_json, parse_json_list
from sharprecl.errors import CorpusError

SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
LIST_SUFFIX = ".json"


def read_json_records(path: Path, columns: WantedColumns, encoding: str = "utf-8") -> pd.DataFrame:
    r"""Read the values of records as strings: 1 becomes "1", true "true", null and NaN are missing.

    Half of a surrogate pair (an escape like ``\ud800`` alone) is no character and cannot be stored: it
    becomes U+FFFD.

    Args:
        path: ``.json`` holds a list of records, any other suffix one record a line.
        columns: which to read.
        encoding: of the file.

    Returns:
        The chosen columns, of strings and missing values.

    Raises:
        CorpusError: if the file is not JSON, or a record or value cannot be read, with its number.
    """
    text = read_file_text(path, encoding)
    is_list = path.suffix.lower() == LIST_SUFFIX
    records = parse_json_list(path, text) if is_list else list(_parse_lines(path, text))
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise CorpusError(f"{path}: record {number} is not an object; write it as {{column: value, ...}}")
    names = columns.choose(path, dict.fromkeys(name for record in records for name in record))
    has_surrogates = SURROGATE_ESCAPE.search(text) is not None
    values = {name: _as_strings(path, name, [record.get(name) for record in records]) for name in names}
    if has_surrogates:
        values = {name: [_mend(value) for value in column] for name, column in values.items()}
    return pd.DataFrame(values, dtype="str")


def _parse_lines(path: Path, text: str) -> Iterator[Any]:
    # Not splitlines: U+2028 and its like may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip(" \t\r"):
            yield parse_json(path, line, number)


def _as_strings(path: Path, name: str, values: Sequence[Any]) -> list[str | None]:
    for number, value in enumerate(values, start=1):
        if isinstance(value, list | dict):
            kind = type(value).__name__
            raise CorpusError(
                f"{path}: record {number} has a {kind} in {name!r}; give one text and one label a record"
            )
    return [value if isinstance(value, str) else _scalar_string(value) for value in values]


def _scalar_string(value: float | None) -> str | None:
    # Only a float can be NaN, and no float is as large as a whole number can be.
    is_missing = value is None or (isinstance(value, float) and math.isnan(value))
    return None if is_missing else json.dumps(value)


def _mend(value: str | None) -> str | None:
    return value and mend_surrogates(value)
