"""Columns of comma- and tab-separated files."""

import pandas as pd
import pyarrow as pa

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.delimited_parts import delimited_names, delimited_parts
from sharprecl.corpora.text_file import TextFile
from sharprecl.spilling import spill_table


def read_delimited_columns(file: TextFile, columns: WantedColumns) -> pd.DataFrame:
    """Read columns as the strings they are; see :func:`delimited_parts`.

    Args:
        file: that ends in ``.csv`` or ``.tsv``.
        columns: which to read.

    Returns:
        The chosen columns, of strings, on the disk.

    Raises:
        CorpusError: if the file is not such a table, with the row at fault.
    """
    names = columns.choose(file.path, delimited_names(file))
    schema = pa.schema(dict.fromkeys(names, pa.large_string()))
    frame: pd.DataFrame = spill_table(delimited_parts(file, names), schema).to_pandas()
    return frame
