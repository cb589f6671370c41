"""A working folder as a node's input."""

from pathlib import Path
from typing import Any, NoReturn

from kedro.io import AbstractDataset, DatasetError

from sharprecl.datasets.local_path import local_path


class FolderDataset(AbstractDataset[NoReturn, Path]):
    """Gives a node the absolute path of a folder it may work in.

    Args:
        filepath: the folder; made by whoever writes into it.
        metadata: for plugins.
    """

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = local_path(filepath)
        self.metadata = metadata

    def load(self) -> Path:
        """The folder's path."""
        return self._filepath

    def save(self, data: NoReturn) -> None:
        """Refuse: the folder is an input.

        Raises:
            DatasetError: always.
        """
        raise DatasetError(f"{self._filepath}: a folder entry is an input and cannot be saved")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
