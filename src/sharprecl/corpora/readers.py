"""Tables by suffix."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.delimited import read_delimited
from sharprecl.corpora.json_records import read_json_records
from sharprecl.corpora.parquet_columns import read_parquet_columns
from sharprecl.corpora.suffixes import find_reader
from sharprecl.errors import CorpusError


def read_table(path: Path, columns: WantedColumns, *, encoding: str = "utf-8") -> pd.DataFrame:
    """Read the wanted columns of a table as strings.

    Args:
        path: a file named .csv, .tsv, .json (a list of records), .jsonl or .ndjson (one record a line) or
            .parquet.
        columns: which to read.
        encoding: of a text file; a UTF-8 byte order mark is tolerated.

    Returns:
        One column each, in the order asked for; values are strings, or missing where the file says null.

    Raises:
        CorpusError: one line with the file, the place and the mend, if it cannot be read or has no rows.
    """
    read_text = {".csv": read_delimited, ".tsv": read_delimited} | dict.fromkeys(
        (".json", ".jsonl", ".ndjson"), read_json_records
    )
    readers: dict[str, Callable[[Path, WantedColumns], pd.DataFrame]] = {
        **{suffix: partial(read, encoding=encoding) for suffix, read in read_text.items()},
        ".parquet": read_parquet_columns,
    }
    table = find_reader(path, readers)(path, columns)
    if table.empty:
        raise CorpusError(f"{path}: the table has no rows; give a file with at least one")
    return table
