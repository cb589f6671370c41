"""Tables of any size, a few thousand rows at a time and with all their columns."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from sharprecl.corpora.delimited_parts import delimited_names, delimited_parts
from sharprecl.corpora.json_parts import json_parts
from sharprecl.corpora.messages import list_names
from sharprecl.corpora.parquet_parts import parquet_names, parquet_parts
from sharprecl.corpora.suffixes import find_reader
from sharprecl.corpora.text_file import TextFile
from sharprecl.errors import CorpusError


class RowStream(NamedTuple):
    """A table on its way from one place to another.

    Attributes:
        tables: its parts, all of the same columns, read when they are asked for.
        num_rows: how many rows to expect; exact for Parquet, the number of lines for other files.
    """

    tables: Iterator[pa.Table]
    num_rows: int


def stream_rows(path: Path, text_column: str, *, encoding: str = "utf-8", chunk_rows: int) -> RowStream:
    """Read a table in parts.

    Args:
        path: a file named .csv, .tsv, .json (a list of records), .jsonl or .ndjson (one record a line) or
            .parquet.
        text_column: a column that has to be there.
        encoding: of a text file.
        chunk_rows: rows a part, at most.

    Returns:
        The parts. Values of text files are strings; those of Parquet keep their types.

    Raises:
        CorpusError: one line with the file, the place and the mend: at once if the file or column is
            missing, while reading if a row cannot be read.
    """
    tables = find_reader(path, _READERS)(TextFile(path, encoding, "predict.encoding"))
    first = next((table for table in tables if table.num_rows), None)
    if first is None:
        raise CorpusError(f"{path}: the table has no rows; give a file with at least one")
    if text_column not in first.column_names:
        raise CorpusError(
            f"{path}: no column {text_column!r}; there are {list_names(first.column_names)}: "
            "name yours in predict.text"
        )
    return RowStream(_in_chunks(first, tables, chunk_rows), _count_rows(path))


def _in_chunks(first: pa.Table, rest: Iterator[pa.Table], chunk_rows: int) -> Iterator[pa.Table]:
    for table in chain((first,), rest):
        for start in range(0, table.num_rows, chunk_rows):
            yield table.slice(start, chunk_rows)


def _count_rows(path: Path) -> int:
    if path.suffix.lower() == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    with path.open("rb") as handle:
        return sum(block.count(b"\n") for block in iter(lambda: handle.read(1 << 20), b""))


def _read_delimited(file: TextFile) -> Iterator[pa.Table]:
    return delimited_parts(file, delimited_names(file))


def _read_parquet(file: TextFile) -> Iterator[pa.Table]:
    return parquet_parts(file.path, parquet_names(file.path))


_READERS: dict[str, Callable[[TextFile], Iterator[pa.Table]]] = {
    ".csv": _read_delimited,
    ".tsv": _read_delimited,
    ".json": json_parts,
    ".jsonl": json_parts,
    ".ndjson": json_parts,
    ".parquet": _read_parquet,
}
