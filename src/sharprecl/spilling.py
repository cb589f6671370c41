"""Tables that lie on the disk and look as if they lay in memory.

A large text column is made part by part, written to a file without a name, and mapped: the system reads what
is looked at and lets go of it when memory is short. pandas and Arrow share such a column without copying it.
"""

import errno
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd
import pyarrow as pa

CHUNK_ROWS = 16_384
"""Rows that are worked on at once."""


def spill_table(parts: Iterable[pa.RecordBatch | pa.Table], schema: pa.Schema) -> pa.Table:
    """Write parts to a file of the system's temporary folder as they come, and map it.

    Args:
        parts: each of that schema.
        schema: of all parts.

    Returns:
        The rows of all parts. The file goes when nothing refers to them any more.
    """
    with (
        _naming_the_folder(),
        tempfile.TemporaryDirectory(prefix="sharprecl-", ignore_cleanup_errors=True) as folder,
    ):
        file = str(Path(folder, "table.arrow"))
        with pa.OSFile(file, "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            for part in parts:
                writer.write(part)
        return map_table(file)


def map_table(file: str) -> pa.Table:
    """Map an Arrow IPC file into memory.

    Args:
        file: not compressed, or else it is read.

    Returns:
        Its table; it stays whole when the file is replaced or deleted.
    """
    with pa.memory_map(file) as source:
        return pa.ipc.open_file(source).read_all()


def spill_frame(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Write frames of the same columns to the disk one after the other, and map them.

    Args:
        parts: at least one; columns of strings or numbers.

    Returns:
        The rows of all parts under the index 0, 1, …
    """
    rest = iter(parts)
    first = next(rest)
    schema = frame_schema(first)
    tables = (pa.Table.from_pandas(part, schema, preserve_index=False) for part in chain((first,), rest))
    frame: pd.DataFrame = spill_table(tables, schema).to_pandas()
    return frame


def spill_array(parts: Iterable[np.ndarray], dtype: np.dtype) -> np.ndarray:
    """Write flat arrays to the disk one after the other, and map them.

    Args:
        parts: of shape [n].
        dtype: of all of them.

    Returns:
        All numbers in one array, not to be written to. The file goes when nothing refers to it any more.
    """
    with _naming_the_folder(), tempfile.TemporaryFile(prefix="sharprecl-") as file:
        for part in parts:
            file.write(np.ascontiguousarray(part, dtype=dtype).data)
        return _map_array(file, dtype)


def spill_groups(
    batches: Iterable[tuple[np.ndarray, np.ndarray]], num_groups: int, dtype: np.dtype
) -> list[np.ndarray]:
    """Sort numbers into groups that lie on the disk.

    Args:
        batches: the group, 0 to G − 1, of each number, and the numbers, both of shape [n].
        num_groups: G, some hundreds at most: each has a file of its own.
        dtype: of the numbers.

    Returns:
        The numbers of each group in the order in which they came, as :func:`spill_array` gives them.
    """
    with _naming_the_folder(), ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile(prefix="sharprecl-")) for _ in range(num_groups)]
        for groups, numbers in batches:
            order = np.argsort(groups, kind="stable")
            bounds = np.searchsorted(groups[order], np.arange(1, num_groups))
            for file, part in zip(files, np.split(numbers[order], bounds), strict=True):
                file.write(np.ascontiguousarray(part, dtype=dtype).data)
        return [_map_array(file, dtype) for file in files]


@contextmanager
def _naming_the_folder() -> Iterator[None]:
    """Have the error of a full disk say which: its file has no name by which it could be found."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) and error.filename is None:
            error.filename = f"{tempfile.gettempdir()} (TMPDIR names another folder)"
        raise


def _map_array(file: IO[bytes], dtype: np.dtype) -> np.ndarray:
    file.flush()
    return np.memmap(file, dtype, mode="r") if file.tell() else np.empty(0, dtype)


def frame_schema(frame: pd.DataFrame) -> pa.Schema:
    """Arrow's types of a frame's columns: what is neither number nor truth value is a string."""
    numeric = {name: dtype for name, dtype in frame.dtypes.items() if dtype.kind in "iufb"}
    return pa.schema(
        [
            (name, pa.from_numpy_dtype(numeric[name]) if name in numeric else pa.large_string())
            for name in frame.columns
        ]
    )


def frame_chunks(frame: pd.DataFrame, chunk_rows: int = CHUNK_ROWS) -> Iterator[pd.DataFrame]:
    """The rows of a frame in parts that share its memory; one empty part of an empty frame."""
    for start in range(0, max(len(frame), 1), chunk_rows):
        yield frame.iloc[start : start + chunk_rows]


def keep_rows(frame: pd.DataFrame, mask: np.ndarray) -> pd.DataFrame:
    """Rows of a frame that may be larger than memory.

    Args:
        frame: N rows.
        mask: True = keep, shape [N].

    Returns:
        Those rows under the index 0, 1, …
    """
    starts = range(0, max(len(frame), 1), CHUNK_ROWS)
    chunks = zip(starts, frame_chunks(frame), strict=True)
    return spill_frame(chunk[mask[start : start + len(chunk)]] for start, chunk in chunks)


def take_rows(frame: pd.DataFrame, places: np.ndarray) -> pd.DataFrame:
    """Some rows of a frame that may be larger than memory.

    What ``iloc`` does, but taking a row out of a mapped column, Arrow copies the whole of it first.

    Args:
        frame: N rows.
        places: 0 to N − 1, in any order, shape [n].

    Returns:
        Those rows in that order, under their index.
    """
    order = np.argsort(places, kind="stable")
    starts = np.arange(0, max(len(frame), 1), CHUNK_ROWS)
    parts = np.split(places[order], np.searchsorted(places[order], starts[1:]))
    chunks = zip(frame_chunks(frame), parts, starts, strict=True)
    taken = [chunk.iloc[part - start] for chunk, part, start in chunks if len(part)]
    return pd.concat(taken).iloc[np.argsort(order)] if taken else frame.iloc[:0]
