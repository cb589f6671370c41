"""JSON files as tables, part by part."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from sharprecl.corpora.file_text import mend_surrogates
from sharprecl.corpora.json_text import parse_json, parse_json_list
from sharprecl.corpora.messages import list_names
from sharprecl.corpora.stream_errors import decoding_errors
from sharprecl.errors import CorpusError

STRING = pa.large_string()
PART_ROWS = 10_000
MAX_KEYS = 1000
"""Of records that share few keys a table would be next to empty and yet fill the memory."""


def json_line_parts(path: Path, encoding: str) -> Iterator[pa.Table]:
    """Read a file with one record a line.

    Args:
        path: the file.
        encoding: of the file.

    Returns:
        Its parts, of strings; what is no string is written as JSON.

    Raises:
        CorpusError: if a line is no record, or has a key that came with none of the first records.
    """
    # As in training, a carriage return is a blank of JSON's and ends no record.
    with decoding_errors(path, encoding), path.open(encoding=encoding, newline="\n") as handle:
        yield from _tables_of_records(path, _parse_lines(path, handle))


def json_list_parts(path: Path, encoding: str) -> Iterator[pa.Table]:
    """Read a file that is a list of records; see :func:`json_line_parts`."""
    with decoding_errors(path, encoding):
        text = path.read_text(encoding=encoding).removeprefix("\ufeff")
    yield from _tables_of_records(path, iter(parse_json_list(path, text)))


def _parse_lines(path: Path, lines: Iterator[str]) -> Iterator[Any]:
    for number, line in enumerate(lines, start=1):
        if line.strip("\ufeff \t\r\n"):
            yield parse_json(path, line.removeprefix("\ufeff"), number)


def _tables_of_records(path: Path, records: Iterator[Any]) -> Iterator[pa.Table]:
    """Records as tables of strings; the first part's keys are the columns."""
    names: dict[str, None] = {}
    done = 0
    while part := list(islice(records, PART_ROWS)):
        keys = _keys(path, part, done)
        names = names or dict.fromkeys(keys)
        if strange := [key for key in keys if key not in names]:
            raise CorpusError(
                f"{path}: after record {done} comes a key {list_names(strange[:1])} that no record of the "
                f"first {PART_ROWS:,} has; give the first record all keys"
            )
        yield pa.table(
            {name: pa.array([_as_string(record.get(name)) for record in part], STRING) for name in names}
        )
        done += len(part)


def _keys(path: Path, records: list[Any], done: int) -> list[str]:
    for number, record in enumerate(records, start=done + 1):
        if not isinstance(record, dict):
            raise CorpusError(f"{path}: record {number} is not an object; write it as {{column: value, ...}}")
    keys = list(dict.fromkeys(key for record in records for key in record))
    if len(keys) > MAX_KEYS:
        raise CorpusError(
            f"{path}: the records have {len(keys):,} different keys; give them all the same few"
        )
    broken = [key for key in keys if mend_surrogates(key) != key]
    if broken:
        raise CorpusError(f"{path}: the key {list_names(broken[:1])} holds half a character; rename it")
    return keys


def _as_string(value: Any) -> str | None:
    if value is None or value != value:  # noqa: PLR0124 - NaN is missing, as it is in training
        return None
    return mend_surrogates(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
