"""Comma- and tab-separated files part by part."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from sharprecl.corpora.delimited import (
    BLOCK_BYTES,
    DELIMITERS,
    check_quotes,
    read_header,
    row_errors,
)
from sharprecl.corpora.stream_errors import decoding_errors
from sharprecl.errors import CorpusError


def delimited_parts(path: Path, encoding: str) -> Iterator[pa.Table]:
    """Read a file with a header; every value stays the string it is.

    Args:
        path: a file that ends in ``.csv`` or ``.tsv``.
        encoding: of the file.

    Returns:
        Its parts, each of some megabytes.

    Raises:
        CorpusError: if the file is not such a table.
    """
    delimiter = DELIMITERS[path.suffix.lower()]
    with decoding_errors(path, encoding):
        names = _read_names(path, encoding, delimiter)
    with decoding_errors(path, encoding), row_errors(path):
        reader = pyarrow.csv.open_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, block_size=BLOCK_BYTES, encoding=encoding
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string())),
        )
        for batch in reader:
            yield pa.Table.from_batches([batch])


def _read_names(path: Path, encoding: str, delimiter: str) -> list[str]:
    """The header's names, after a look at all quotes: nothing is scored before a bad one is found."""
    with path.open(encoding=encoding, newline="") as handle:
        blocks = iter(lambda: handle.read(1 << 20), "")
        has_quotes = any('"' in block for block in blocks)
    with path.open(encoding=encoding, newline="") as handle:
        names = read_header(path, handle, delimiter)
    if not names:
        raise CorpusError(f"{path}: the file is empty; give a file with a header and rows")
    if has_quotes:
        with path.open(encoding=encoding, newline="") as handle:
            check_quotes(path, handle, delimiter)
    return names
