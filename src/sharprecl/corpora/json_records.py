"""JSON files: a list of records, or one record a line."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.file_text import file_lines, mend_surrogates, read_file_text
from sharprecl.corpora.json_text import parse_json, parse_json_list
from sharprecl.errors import CorpusError
from sharprecl.spilling import CHUNK_ROWS, spill_frame

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
        The chosen columns, of strings and missing values, on the disk. A list is parsed whole in memory.

    Raises:
        CorpusError: if the file is not JSON, or a record or value cannot be read, with its number.
    """
    records = _records(path, encoding)
    names = columns.choose(path, _keys(path, records()))
    return spill_frame(
        pd.DataFrame(
            {name: _as_strings(path, name, [record.get(name) for record in part], done) for name in names},
            dtype="str",
        )
        for done, part in _parts(records())
    )


def _records(path: Path, encoding: str) -> Callable[[], Iterable[Any]]:
    """What reads the records from the first on; lines are parsed anew each time and not kept."""
    if path.suffix.lower() == LIST_SUFFIX:
        records = parse_json_list(path, read_file_text(path, encoding))
        return lambda: records
    return lambda: _parse_lines(path, file_lines(path, encoding, newline="\n"))


def _keys(path: Path, records: Iterable[Any]) -> list[str]:
    names: dict[str, None] = {}
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise CorpusError(f"{path}: record {number} is not an object; write it as {{column: value, ...}}")
        names |= dict.fromkeys(record)
    return list(names)


def _parts(records: Iterable[Any]) -> Iterator[tuple[int, list[Any]]]:
    """Records a few thousand at a time, and how many came before."""
    rest, done = iter(records), 0
    while part := list(islice(rest, CHUNK_ROWS)):
        yield done, part
        done += len(part)


def _parse_lines(path: Path, lines: Iterable[str]) -> Iterator[Any]:
    for number, line in enumerate(lines, start=1):
        if line.strip(" \t\r\n"):
            yield parse_json(path, line, number)


def _as_strings(path: Path, name: str, values: Sequence[Any], done: int) -> list[str | None]:
    for number, value in enumerate(values, start=done + 1):
        if isinstance(value, list | dict):
            kind = type(value).__name__
            raise CorpusError(
                f"{path}: record {number} has a {kind} in {name!r}; give one text and one label a record"
            )
    return [mend_surrogates(value) if isinstance(value, str) else _scalar_string(value) for value in values]


def _scalar_string(value: float | None) -> str | None:
    # Only a float can be NaN, and no float is as large as a whole number can be.
    is_missing = value is None or (isinstance(value, float) and math.isnan(value))
    return None if is_missing else json.dumps(value)
