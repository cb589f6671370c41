"""Parquet files."""

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.messages import quote_line
from sharprecl.corpora.parquet_parts import parquet_names, parquet_parts
from sharprecl.errors import CorpusError
from sharprecl.spilling import spill_table


def read_parquet_columns(path: Path, columns: WantedColumns) -> pd.DataFrame:
    """Read columns as strings: 1 becomes "1", true "true", null and NaN are missing.

    Args:
        path: a Parquet file.
        columns: which to read; the others stay on the disk.

    Returns:
        The chosen columns, of strings and missing values, on the disk.

    Raises:
        CorpusError: if the file is not Parquet, or a column holds no strings or numbers.
    """
    names = columns.choose(path, parquet_names(path))
    parts = (
        pa.table({name: _as_strings(path, name, part[name]) for name in names})
        for part in parquet_parts(path, names)
    )
    schema = pa.schema(dict.fromkeys(names, pa.large_string()))
    frame: pd.DataFrame = spill_table(parts, schema).to_pandas()
    return frame


def _as_strings(path: Path, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_floating(column.type):
        # As JSON and CSV files write it: 1.0, where Arrow says 1.
        numbers = (None if pd.isna(number) else json.dumps(number) for number in column.to_pylist())
        return pa.chunked_array([pa.array(numbers, pa.large_string())])
    try:
        strings = pc.cast(column, pa.large_string())
    except pa.ArrowException as error:
        kind = quote_line(str(column.type), 60)
        raise CorpusError(
            f"{path}: column {name!r} holds {kind} values; give one text and one label a row"
        ) from error
    return pc.if_else(pc.is_null(column, nan_is_null=True), pa.scalar(None, pa.large_string()), strings)
