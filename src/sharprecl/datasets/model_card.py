"""The model card inside a model folder."""

import os
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.io import AbstractVersionedDataset, Version

from sharprecl.datasets.local_path import local_path
from sharprecl.whole_files import replacing

CARD = "README.md"


class ModelCardDataset(AbstractVersionedDataset[str, str]):
    """Saves and loads the ``README.md`` of a model folder that is saved under the same path and version.

    Args:
        filepath: the model folder, as for :class:`~sharprecl.datasets.ModelFolderDataset`.
        version: load and save version, given by Kedro where the entry is ``versioned``.
        metadata: for plugins.
    """

    def __init__(
        self, filepath: str, version: Version | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        # A version of the card is there once the card is: the folder itself comes before it.
        super().__init__(
            PurePosixPath(local_path(filepath)),
            version,
            exists_function=lambda folder: Path(folder, CARD).is_file(),
        )
        self.metadata = metadata

    def load(self) -> str:
        """Read the card."""
        return Path(self._get_load_path(), CARD).read_text(encoding="utf-8")

    def save(self, data: str) -> None:
        """Write the card into the model folder."""
        with replacing(Path(self._get_save_path(), CARD)) as file:
            file.write_text(data, encoding="utf-8")

    def _exists(self) -> bool:
        return Path(self._get_load_path(), CARD).is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath, "version": self._version}


def move_card(source: Path, model: Path) -> None:
    """Move a card that was saved by itself into the folder of its model.

    Args:
        source: a folder with nothing but a card; it goes, and the folder above it if that is empty then.
        model: the model's folder, on the same disk.
    """
    os.replace(source / CARD, model / CARD)
    for folder in (source, source.parent):
        with suppress(OSError):  # something else is in it
            folder.rmdir()
