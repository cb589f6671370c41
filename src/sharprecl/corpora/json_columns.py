"""Columns of JSON files."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.json_records import Record, json_records
from sharprecl.corpora.text_file import TextFile
from sharprecl.errors import CorpusError
from sharprecl.spilling import CHUNK_ROWS, spill_frame
from sharprecl.text_normalization import mend_surrogates


def read_json_columns(file: TextFile, columns: WantedColumns) -> pd.DataFrame:
    r"""Read the values of records as strings: 1 becomes "1", true "true", null and NaN are missing.

    Half of a surrogate pair (an escape like ``\ud800`` alone) is no character and cannot be stored: it
    becomes U+FFFD.

    Args:
        file: with a list of records or one record a line; see :func:`json_records`.
        columns: which to read.

    Returns:
        The chosen columns, of strings and missing values, on the disk. A list is parsed whole in memory.

    Raises:
        CorpusError: if the file is not JSON, or a record or value cannot be read, with its number.
    """
    records = json_records(file)
    keys = dict.fromkeys(key for record in records() for key in record)
    names = columns.choose(file.path, keys)
    return spill_frame(
        pd.DataFrame(
            {
                name: _as_strings(file.path, name, [record.get(name) for record in part], done)
                for name in names
            },
            dtype="str",
        )
        for done, part in _parts(records())
    )


def _parts(records: Iterable[Record]) -> Iterator[tuple[int, list[Record]]]:
    """Records a few thousand at a time, and how many came before."""
    rest, done = iter(records), 0
    while part := list(islice(rest, CHUNK_ROWS)):
        yield done, part
        done += len(part)


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
