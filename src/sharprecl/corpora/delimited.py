"""Comma- and tab-separated files."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.file_text import file_blocks, file_lines
from sharprecl.corpora.messages import list_names, quote_line
from sharprecl.corpora.utf8_stream import utf8_stream
from sharprecl.errors import CorpusError
from sharprecl.spilling import spill_table

MAX_RECORD_BYTES = 1 << 26
BLOCK_BYTES = MAX_RECORD_BYTES // 4
"""Bytes that are parsed at once; a record that is longer cannot be read."""
DELIMITERS = {".csv": ",", ".tsv": "\t"}


def read_delimited(path: Path, columns: WantedColumns, encoding: str = "utf-8") -> pd.DataFrame:
    """Read a file with a header; every value stays the string it is ("NA" is a word, "1" a label).

    A record with too few or too many fields is an error, never cut or filled, and so is a quote that is
    not closed where a field ends: it would swallow the rows behind it. An empty line is no record.

    Args:
        path: a file that ends in ``.csv`` or ``.tsv``.
        columns: which to read.
        encoding: of the file.

    Returns:
        The chosen columns, of strings, on the disk.

    Raises:
        CorpusError: if the file is not such a table, with the row at fault.
    """
    delimiter = DELIMITERS[path.suffix.lower()]
    quotes = sum(block.count('"') for block in file_blocks(path, encoding))  # and all of it can be decoded
    names = columns.choose(path, read_header(path, file_lines(path, encoding), delimiter))
    if quotes:
        check_quotes(path, file_lines(path, encoding), delimiter)
    schema = pa.schema(dict.fromkeys(names, pa.large_string()))
    with row_errors(path):
        reader = pyarrow.csv.open_csv(
            utf8_stream(file_blocks(path, encoding), BLOCK_BYTES),
            # One thread, for only then do messages number the row.
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=names, column_types=dict(zip(names, schema.types, strict=True))
            ),
        )
        frame: pd.DataFrame = spill_table(reader, schema).to_pandas()
    return frame


def read_header(path: Path, lines: Iterable[str], delimiter: str) -> list[str]:
    """Column names: the first record.

    Args:
        path: the file, for messages.
        lines: of the file, with their ends; a byte order mark is passed over.
        delimiter: between fields.

    Returns:
        Different names; none where there is no record.

    Raises:
        CorpusError: if it cannot be parsed, or names a column twice.
    """
    with _long_fields():
        records = csv.reader(_without_mark(lines), delimiter=delimiter)
        try:
            header = next(filter(None, records), [])
        except csv.Error as error:
            raise CorpusError(
                f"{path}: the header is not a row of names ({quote_line(str(error))}); mend it"
            ) from error
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise CorpusError(f"{path}: the header names column {list_names(repeated[:1])} twice; rename one")
    return header


def check_quotes(path: Path, lines: Iterable[str], delimiter: str) -> None:
    """Make sure that every field that opens with a quote closes with one.

    Arrow reads what stands behind a closing quote, and the rest of the file behind an open one, as more of
    the same field.

    Args:
        path: the file, for the message.
        lines: of the file, with their ends.
        delimiter: between fields.

    Raises:
        CorpusError: naming the row.
    """
    row = 1
    with _long_fields():
        records = csv.reader(_without_mark(lines), delimiter=delimiter, strict=True)
        try:
            for record in records:
                row += bool(record)
        except csv.Error as error:
            raise CorpusError(
                f"{path}: Row #{row}: a quote is out of place (row 1 is the header); write quotes inside a "
                "quoted field twice and close the field"
            ) from error


@contextmanager
def row_errors(path: Path) -> Iterator[None]:
    """Turn what Arrow says of a row into one line."""
    try:
        yield
    except pa.ArrowException as error:
        reason = quote_line(str(error))
        raise CorpusError(f"{path}: {reason} (row 1 is the header); quote or mend that row") from error


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield line if number else line.removeprefix("\ufeff")


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let Python's reader take fields as long as Arrow's does."""
    limit = csv.field_size_limit(MAX_RECORD_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
