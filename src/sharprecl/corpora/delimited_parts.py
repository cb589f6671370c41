"""Comma- and tab-separated files part by part."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from sharprecl.corpora.messages import list_names, quote_line
from sharprecl.corpora.text_file import TextFile
from sharprecl.corpora.utf8_stream import utf8_stream
from sharprecl.errors import CorpusError

MAX_RECORD_BYTES = 1 << 26
BLOCK_BYTES = MAX_RECORD_BYTES // 4
"""Bytes that are parsed at once; a record that is longer cannot be read."""
DELIMITERS = {".csv": ",", ".tsv": "\t"}


def delimited_names(file: TextFile) -> list[str]:
    """Column names of a file that ends in ``.csv`` or ``.tsv``: the first record.

    Returns:
        Different names; none where there is no record.

    Raises:
        CorpusError: if it cannot be parsed, or names a column twice.
    """
    with _long_fields():
        records = csv.reader(file.lines(), delimiter=_delimiter(file))
        try:
            header = next(filter(None, records), [])
        except csv.Error as error:
            raise CorpusError(
                f"{file.path}: the header is not a row of names ({quote_line(str(error))}); mend it"
            ) from error
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise CorpusError(
            f"{file.path}: the header names column {list_names(repeated[:1])} twice; rename one"
        )
    return header


def delimited_parts(file: TextFile, names: Sequence[str]) -> Iterator[pa.Table]:
    """Read columns in parts of some megabytes; every value stays the string it is.

    "NA" is a word, "1" a label. A record with too few or too many fields is an error, never cut or filled,
    and so is a quote that is not closed where a field ends: it would swallow the rows behind it. An empty
    line is no record.

    Args:
        file: with a header.
        names: columns to read.

    Returns:
        The parts, of strings.

    Raises:
        CorpusError: if the file is not such a table, with the row at fault. Bytes that cannot be decoded and
            quotes out of place are found before the first part, wherever they are.
    """
    if sum(block.count('"') for block in file.blocks()):
        _check_quotes(file)
    with _row_errors(file.path):
        reader = pyarrow.csv.open_csv(
            utf8_stream(file.blocks(), BLOCK_BYTES),
            # One thread, for only then do messages number the row.
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
            parse_options=pyarrow.csv.ParseOptions(delimiter=_delimiter(file), newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=names, column_types=dict.fromkeys(names, pa.large_string())
            ),
        )
        for batch in reader:
            yield pa.Table.from_batches([batch])


def _check_quotes(file: TextFile) -> None:
    """Make sure that every field that opens with a quote closes with one.

    Arrow reads what stands behind a closing quote, and the rest of the file behind an open one, as more of
    the same field.
    """
    row = 1
    with _long_fields():
        records = csv.reader(file.lines(), delimiter=_delimiter(file), strict=True)
        try:
            for record in records:
                row += bool(record)
        except csv.Error as error:
            raise CorpusError(
                f"{file.path}: Row #{row}: a quote is out of place (row 1 is the header); write quotes "
                "inside a quoted field twice and close the field"
            ) from error


def _delimiter(file: TextFile) -> str:
    return DELIMITERS[file.path.suffix.lower()]


@contextmanager
def _row_errors(path: Path) -> Iterator[None]:
    """Turn what Arrow says of a row into one line."""
    try:
        yield
    except pa.ArrowException as error:
        reason = quote_line(str(error))
        raise CorpusError(f"{path}: {reason} (row 1 is the header); quote or mend that row") from error


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let Python's reader take fields as long as Arrow's does."""
    limit = csv.field_size_limit(MAX_RECORD_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
