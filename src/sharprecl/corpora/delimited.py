"""Comma- and tab-separated files."""

import csv
import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.file_text import read_file_text
from sharprecl.errors import CorpusError

MAX_RECORD_BYTES = 1 << 26
DELIMITERS = {".csv": ",", ".tsv": "\t"}


def read_delimited(path: Path, columns: WantedColumns, encoding: str = "utf-8") -> pd.DataFrame:
    """Read a file with a header; every value stays the string it is ("NA" is a word, "1" a label).

    A record with too few or too many fields is an error, never cut or filled.

    Args:
        path: a file that ends in ``.csv`` or ``.tsv``.
        columns: which to read.
        encoding: of the file.

    Returns:
        The chosen columns, of strings.

    Raises:
        CorpusError: if the file is not such a table, with the row at fault.
    """
    text = read_file_text(path, encoding)
    delimiter = DELIMITERS[path.suffix.lower()]
    names = columns.choose(path, _header(path, text, delimiter))
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(text.encode()),
            # One thread, for only then do messages number the row.
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=MAX_RECORD_BYTES),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=names, column_types=dict.fromkeys(names, pa.large_string())
            ),
        )
    except pa.ArrowInvalid as error:
        reason = " ".join(str(error).split())[:160]
        raise CorpusError(f"{path}: {reason} (row 1 is the header); quote or mend that row") from error
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _header(path: Path, text: str, delimiter: str) -> list[str]:
    header = next(filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    repeated = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    if repeated:
        raise CorpusError(f"{path}: the header names column {repeated[0]!r} twice; rename one")
    return header
