"""Parquet files part by part, and no further than their size makes likely."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharprecl.corpora.messages import list_names, quote_line
from sharprecl.errors import CorpusError

HARMLESS_BYTES = 1 << 30
"""Values that take less memory than this are no danger, however small their file."""
MAX_EXPANSION = 100
"""Bytes of values for each byte of the file; text compresses to a tenth, labels to a hundredth of that."""
ROWS_AT_ONCE = 1 << 16
UNCOUNTED_ROWS_AT_ONCE = 1 << 8
"""Where strings come at full length before they can be counted."""
OFFSET_BYTES = 8


def parquet_names(path: Path) -> list[str]:
    """Column names of a file.

    Raises:
        CorpusError: if it is not Parquet.
    """
    with _parquet_errors(path):
        return [str(name) for name in pq.read_schema(path).names]


def parquet_parts(path: Path, names: Sequence[str]) -> Iterator[pa.Table]:
    """Read columns in parts of some ten thousand rows.

    A few kilobytes can say "the same megabyte a million times": what the values take is counted, and a file
    that grows out of proportion is refused before it fills the memory.

    Args:
        path: a Parquet file.
        names: columns to read; the others stay on the disk.

    Returns:
        The parts, with valid values of the file's own types, strings as large ones.

    Raises:
        CorpusError: if the file is damaged, names a wanted column twice, or would grow out of proportion.
    """
    available = Counter(parquet_names(path))
    repeated = [name for name in names if available[name] > 1]
    if repeated:
        raise CorpusError(f"{path}: there are two columns {list_names(repeated[:1])}; rename one")
    allowed = max(HARMLESS_BYTES, MAX_EXPANSION * path.stat().st_size)
    with _parquet_errors(path):
        schema = pq.read_schema(path)
        # Large ones: some ten thousand long texts take more bytes than 32 bits can count.
        target = pa.schema([_with_large_values(schema.field(name)) for name in names])
        for part in _counted_parts(path, target):
            allowed -= sum(map(_decoded_size, part.columns))
            if allowed < 0:
                raise CorpusError(
                    f"{path}: its values take more than {MAX_EXPANSION} times the file's size; "
                    "give a file without such repetition"
                )
            whole = part.cast(target)
            whole.validate(full=True)
            yield whole


def _counted_parts(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    """Parts whose strings are numbers into a dictionary, so that they take little until they are counted."""
    strings = [field.name for field in schema if _is_string(field.type)]
    done = 0
    try:
        for part in _parts(path, schema.names, strings, ROWS_AT_ONCE):
            yield part
            done += part.num_rows
    except OSError as error:
        # Arrow cannot do so for one encoding of strings, DELTA_BYTE_ARRAY.
        if "DictAccumulator" not in str(error):
            raise
        for part in _parts(path, schema.names, [], UNCOUNTED_ROWS_AT_ONCE):
            yield part.slice(done)
            done = max(done - part.num_rows, 0)


def _parts(path: Path, names: list[str], dictionaries: list[str], rows: int) -> Iterator[pa.Table]:
    file = pq.ParquetFile(path, read_dictionary=dictionaries, page_checksum_verification=True)
    for batch in file.iter_batches(batch_size=rows, columns=names):
        # A name with a point in it also brings the columns nested below its first part.
        yield pa.Table.from_batches([batch]).select(names)


@contextmanager
def _parquet_errors(path: Path) -> Iterator[None]:
    """Turn what Arrow raises on a damaged file into one line."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: not a Parquet file ({quote_line(str(error))}); write it anew") from error


def _with_large_values(field: pa.Field) -> pa.Field:
    if pa.types.is_string(field.type):
        return field.with_type(pa.large_string())
    return field.with_type(pa.large_binary()) if pa.types.is_binary(field.type) else field


def _is_string(kind: pa.DataType) -> bool:
    checks = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(check(kind) for check in checks)


def _decoded_size(column: pa.ChunkedArray) -> int:
    """Bytes that a column takes without its dictionary."""
    size = len(column) * OFFSET_BYTES
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type) and _is_string(chunk.type.value_type):
            lengths = pc.binary_length(chunk.dictionary)
            size += pc.sum(pc.take(lengths, chunk.indices)).as_py() or 0
        else:
            size += chunk.nbytes
    return size
