"""pandas tables that load by memory mapping."""

from typing import Any

import pandas as pd
import pyarrow as pa
from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from sharprecl.datasets.arrow_table import ArrowTableDataset
from sharprecl.datasets.local_path import local_path
from sharprecl.spilling import frame_schema


class ArrowFrameDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    """Saves and loads a table of strings and numbers as an Arrow IPC file, which `pandas.read_feather` reads.

    Strings are mapped, not copied: a corpus may be larger than memory.

    Args:
        filepath: the file.
        metadata: for plugins.
    """

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = local_path(filepath)
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Map the file into memory."""
        frame: pd.DataFrame = self._file().load().to_pandas()
        return frame

    def save(self, data: pd.DataFrame) -> None:
        """Write the file; a table mapped from the file that is there stays readable."""
        self._file().save(pa.Table.from_pandas(data, frame_schema(data), preserve_index=False))

    def preview(self, nrows: int = 10) -> TablePreview:
        """The first rows, for kedro-viz; the rest of the file is not read."""
        return self._file().preview(nrows)

    def _file(self) -> ArrowTableDataset:
        return ArrowTableDataset(str(self._filepath))

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
