"""The trained model as a Hugging Face folder."""

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractVersionedDataset, Version

from sharprecl.datasets.local_path import local_path
from sharprecl.whole_files import replacing

if TYPE_CHECKING:  # importing the class loads torch, which listing the catalog must not
    from sharprecl.modeling import TrainedModel


class ModelFolderDataset(AbstractVersionedDataset["TrainedModel", "TrainedModel"]):
    """Saves and loads a :class:`~sharprecl.modeling.TrainedModel` as a folder.

    The folder is written beside its final place and renamed, so a folder under the final name is whole.

    Args:
        filepath: the folder; with a version, ``<filepath>/<version>/<folder name>``.
        version: load and save version, given by Kedro where the entry is ``versioned``.
        metadata: for plugins.
    """

    def __init__(
        self, filepath: str, version: Version | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        # A folder without a model is no version: the pipeline evaluate by itself saves a card alone.
        super().__init__(
            PurePosixPath(local_path(filepath)),
            version,
            exists_function=lambda folder: Path(folder, "config.json").is_file(),
        )
        self.metadata = metadata

    def load(self) -> "TrainedModel":
        """Read the folder.

        Raises:
            ModelError: if it is missing or not a SharpReCL model.
        """
        from sharprecl.modeling import TrainedModel  # noqa: PLC0415 - loads torch

        return TrainedModel.load(Path(self._get_load_path()))

    def save(self, data: "TrainedModel") -> None:
        """Write the folder; an unversioned one replaces the folder that is there."""
        with replacing(Path(self._get_save_path())) as folder:
            folder.mkdir()
            data.save(folder)

    def _exists(self) -> bool:
        return Path(self._get_load_path()).is_dir()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath, "version": self._version}
