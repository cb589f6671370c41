"""Tables of any size, a few thousand rows at a time and with all their columns."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from sharprecl.corpora.delimited import DELIMITERS, MAX_RECORD_BYTES
from sharprecl.errors import CorpusError

STRING = pa.large_string()


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
    if not path.is_file():
        raise CorpusError(f"{path}: there is no such file; relative paths start at the project's folder")
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        raise CorpusError(f"{path}: cannot read {path.suffix!r} files; give one of {', '.join(_READERS)}")
    tables = _READERS[suffix](path, encoding)
    first = next(tables, None)
    if first is None or first.num_rows == 0:
        raise CorpusError(f"{path}: the table has no rows; give a file with at least one")
    if text_column not in first.column_names:
        there_are = ", ".join(repr(name) for name in first.column_names)
        raise CorpusError(
            f"{path}: no column {text_column!r}; there are {there_are}: name yours in predict.text"
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


def _read_delimited(path: Path, encoding: str) -> Iterator[pa.Table]:
    delimiter = DELIMITERS[path.suffix.lower()]
    with _decoding_errors(path, encoding):
        with path.open(encoding=encoding, newline="") as handle:
            header = next(filter(None, csv.reader(handle, delimiter=delimiter)), [])
        names = [name.removeprefix("\ufeff") for name in header]
    if not names:
        raise CorpusError(f"{path}: the file is empty; give a file with a header and rows")
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise CorpusError(f"{path}: the header names column {repeated[0]!r} twice; rename one")
    with _decoding_errors(path, encoding):
        reader = pyarrow.csv.open_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, block_size=MAX_RECORD_BYTES // 4, encoding=encoding
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, STRING)),
        )
        for batch in reader:
            yield pa.Table.from_batches([batch])


@contextmanager
def _decoding_errors(path: Path, encoding: str) -> Iterator[None]:
    """Turn what a text reader raises into one line."""
    try:
        yield
    except LookupError as error:
        raise CorpusError(f"predict.encoding: Python knows no encoding {encoding!r}; try 'utf-8'") from error
    except UnicodeError as error:
        raise CorpusError(
            f"{path}: some bytes are not {encoding}; save the file as UTF-8 or name its encoding in "
            "predict.encoding"
        ) from error
    except pa.ArrowInvalid as error:
        reason = " ".join(str(error).split())[:160]
        raise CorpusError(f"{path}: {reason}; quote or mend that row") from error


def _read_json_lines(path: Path, encoding: str) -> Iterator[pa.Table]:
    with _decoding_errors(path, encoding), path.open(encoding=encoding) as handle:
        yield from _tables_of_records(path, _parse_lines(path, handle))


def _parse_lines(path: Path, lines: Iterator[str]) -> Iterator[Any]:
    for number, line in enumerate(lines, start=1):
        if line.strip("\ufeff \t\r\n"):
            try:
                yield json.loads(line.removeprefix("\ufeff"))
            except json.JSONDecodeError as error:
                raise CorpusError(
                    f"{path}: line {number} is not JSON ({error.msg}); mend that line"
                ) from error


def _read_json_list(path: Path, encoding: str) -> Iterator[pa.Table]:
    with _decoding_errors(path, encoding):
        text = path.read_text(encoding=encoding).removeprefix("\ufeff")
    try:
        records = json.loads(text)
    except json.JSONDecodeError as error:
        raise CorpusError(f"{path}: line {error.lineno} is not JSON ({error.msg}); mend that line") from error
    if not isinstance(records, list):
        raise CorpusError(f"{path}: expected a list of records [{{column: value, ...}}, ...]")
    yield from _tables_of_records(path, iter(records))


def _tables_of_records(path: Path, records: Iterator[Any], part_rows: int = 10_000) -> Iterator[pa.Table]:
    """Records as tables of strings; the first part's keys are the columns."""
    names: list[str] = []
    done = 0
    while part := list(islice(records, part_rows)):
        for number, record in enumerate(part, start=done + 1):
            if not isinstance(record, dict):
                raise CorpusError(
                    f"{path}: record {number} is not an object; write it as {{column: value, ...}}"
                )
        keys = list(dict.fromkeys(key for record in part for key in record))
        names = names or keys
        if strange := [key for key in keys if key not in names]:
            raise CorpusError(
                f"{path}: after record {done} comes a key {strange[0]!r} that no record of the "
                f"first {part_rows:,} has; give the first record all keys"
            )
        yield pa.table(
            {name: pa.array([_as_string(record.get(name)) for record in part], STRING) for name in names}
        )
        done += len(part)


def _as_string(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Half of a surrogate pair is no character and cannot be stored.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read_parquet(path: Path, _: str) -> Iterator[pa.Table]:
    try:
        file = pq.ParquetFile(path)
        for batch in file.iter_batches():
            yield pa.Table.from_batches([batch])
    except pa.ArrowInvalid as error:
        reason = " ".join(str(error).split())[:160]
        raise CorpusError(f"{path}: not a Parquet file ({reason}); write it anew") from error


_READERS: dict[str, Callable[[Path, str], Iterator[pa.Table]]] = {
    ".csv": _read_delimited,
    ".tsv": _read_delimited,
    ".json": _read_json_list,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".parquet": _read_parquet,
}
