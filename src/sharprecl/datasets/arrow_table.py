"""Columnar tables that load by memory mapping."""

from typing import Any

import pyarrow as pa
from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from sharprecl.datasets.local_path import local_path
from sharprecl.datasets.previews import table_preview
from sharprecl.spilling import map_table
from sharprecl.whole_files import replacing


class ArrowTableDataset(AbstractDataset[pa.Table, pa.Table]):
    """Saves and loads a :class:`pyarrow.Table` as an Arrow IPC file.

    The file is not compressed: only then is a load a memory map without copies, whose pages launched
    workers share.

    Args:
        filepath: the file.
        metadata: for plugins.
    """

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = local_path(filepath)
        self.metadata = metadata

    def load(self) -> pa.Table:
        """Map the file into memory."""
        return map_table(str(self._filepath))

    def save(self, data: pa.Table) -> None:
        """Write the file; a table mapped from the file that is there stays readable."""
        with (
            replacing(self._filepath) as file,
            pa.OSFile(str(file), "wb") as sink,
            pa.ipc.new_file(sink, data.schema) as writer,
        ):
            writer.write_table(data)

    def preview(self, nrows: int = 10) -> TablePreview:
        """The first rows, for kedro-viz; the rest of the file is not read."""
        return table_preview(self.load().slice(0, nrows))

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
