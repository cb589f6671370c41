"""Parquet files."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharprecl.corpora.columns import WantedColumns
from sharprecl.errors import CorpusError


def read_parquet_columns(path: Path, columns: WantedColumns) -> pd.DataFrame:
    """Read columns as strings: 1 becomes "1", true "true", null and NaN are missing.

    Args:
        path: a Parquet file.
        columns: which to read; the others stay on the disk.

    Returns:
        The chosen columns, of strings and missing values.

    Raises:
        CorpusError: if the file is not Parquet, or a column holds no strings or numbers.
    """
    try:
        names = columns.choose(path, pq.read_schema(path).names)
        table = pq.read_table(path, columns=names)
    except pa.ArrowInvalid as error:
        reason = " ".join(str(error).split())[:160]
        raise CorpusError(f"{path}: not a Parquet file ({reason}); write it anew") from error
    return pd.DataFrame(
        {name: _as_strings(path, name, table[name]).to_pandas() for name in names}, dtype="str"
    )


def _as_strings(path: Path, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        strings = pc.cast(column, pa.large_string())
    except pa.ArrowException as error:
        raise CorpusError(
            f"{path}: column {name!r} holds {column.type} values; give one text and one label a row"
        ) from error
    return pc.if_else(pc.is_null(column, nan_is_null=True), pa.scalar(None, pa.large_string()), strings)
