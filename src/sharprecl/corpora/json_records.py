"""JSON files: a list of records, or one record a line."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.file_text import read_file_text
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
    parsed = _parse_list(path, text) if path.suffix.lower() == LIST_SUFFIX else _parse_lines(path, text)
    records = list(parsed)
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise CorpusError(f"{path}: record {number} is not an object; write it as {{column: value, ...}}")
    names = columns.choose(path, dict.fromkeys(name for record in records for name in record))
    has_surrogates = SURROGATE_ESCAPE.search(text) is not None
    values = {name: _as_strings(path, name, [record.get(name) for record in records]) for name in names}
    if has_surrogates:
        values = {name: [_mend_surrogates(value) for value in column] for name, column in values.items()}
    return pd.DataFrame(values, dtype="str")


def _parse_list(path: Path, text: str) -> list[Any]:
    try:
        records = json.loads(text)
    except json.JSONDecodeError as error:
        mend = (
            "a file with one record a line is named .jsonl" if error.msg == "Extra data" else "mend that line"
        )
        raise CorpusError(f"{path}: line {error.lineno} is not JSON ({error.msg}); {mend}") from error
    if not isinstance(records, list):
        raise CorpusError(f"{path}: expected a list of records [{{column: value, ...}}, ...]")
    return records


def _parse_lines(path: Path, text: str) -> Iterator[Any]:
    # Not splitlines: U+2028 and its like may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise CorpusError(
                    f"{path}: line {number} is not JSON ({error.msg}); mend that line"
                ) from error


def _as_strings(path: Path, name: str, values: Sequence[Any]) -> list[str | None]:
    for number, value in enumerate(values, start=1):
        if isinstance(value, list | dict):
            kind = type(value).__name__
            raise CorpusError(
                f"{path}: record {number} has a {kind} in {name!r}; give one text and one label a record"
            )
    return [value if isinstance(value, str) else _scalar_string(value) for value in values]


def _scalar_string(value: float | None) -> str | None:
    return None if value is None or math.isnan(value) else json.dumps(value)


def _mend_surrogates(value: str | None) -> str | None:
    return value and value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
