"""Tables by suffix."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.delimited_columns import read_delimited_columns
from sharprecl.corpora.json_columns import read_json_columns
from sharprecl.corpora.parquet_columns import read_parquet_columns
from sharprecl.corpora.suffixes import find_reader
from sharprecl.corpora.text_file import TextFile
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
    read = find_reader(path, _READERS)
    table = read(TextFile(path, encoding), columns)
    if table.empty:
        raise CorpusError(f"{path}: the table has no rows; give a file with at least one")
    return table


def _read_parquet(file: TextFile, columns: WantedColumns) -> pd.DataFrame:
    return read_parquet_columns(file.path, columns)


_READERS: dict[str, Callable[[TextFile, WantedColumns], pd.DataFrame]] = {
    ".csv": read_delimited_columns,
    ".tsv": read_delimited_columns,
    ".json": read_json_columns,
    ".jsonl": read_json_columns,
    ".ndjson": read_json_columns,
    ".parquet": _read_parquet,
}
