"""JSON files as tables, part by part."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from sharprecl.corpora.json_records import Record, json_records
from sharprecl.corpora.messages import list_names
from sharprecl.corpora.text_file import TextFile
from sharprecl.errors import CorpusError
from sharprecl.text_normalization import mend_surrogates

STRING = pa.large_string()
PART_ROWS = 10_000
MAX_KEYS = 1000
"""Of records that share few keys a table would be next to empty and yet fill the memory."""


def json_parts(file: TextFile) -> Iterator[pa.Table]:
    """Read a file of records; see :func:`json_records`.

    Args:
        file: with a list of records or one record a line.

    Returns:
        Its parts, of strings; what is no string is written as JSON. The first part's keys are the columns.

    Raises:
        CorpusError: if there is something else than records, or a key that came with none of the first ones.
    """
    records = json_records(file)()
    names: dict[str, None] = {}
    done = 0
    while part := list(islice(records, PART_ROWS)):
        keys = _keys(file.path, part)
        names = names or dict.fromkeys(keys)
        if strange := [key for key in keys if key not in names]:
            raise CorpusError(
                f"{file.path}: after record {done} comes a key {list_names(strange[:1])} that no record of "
                f"the first {PART_ROWS:,} has; give the first record all keys"
            )
        yield pa.table(
            {name: pa.array([_as_string(record.get(name)) for record in part], STRING) for name in names}
        )
        done += len(part)


def _keys(path: Path, records: list[Record]) -> list[str]:
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
