"""Saving whatever dataset in two steps: into the run's own folder, then under its name by one rename.

So what has a final name is whole even if the process is killed or the disk is full; a save that fails leaves
the old file as it was; and a run reads back what it wrote itself, whatever another run has saved under the
same name meanwhile.
"""

import errno
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from kedro.io import AbstractDataset, AbstractVersionedDataset, Version

from sharprecl.datasets.model_folder import ModelFolderDataset
from sharprecl.whole_files import replacing


class _Staged(NamedTuple):
    dataset: Any
    final: Any  # its filepath as configured, of the dataset's own path type


class StagedSaves:
    """The datasets that a run saves, each with its own place in the run's folder.

    Only local files are staged, and only those on the disk of the run's folder: elsewhere a rename cannot
    move them, and an output may be larger than that disk.

    Args:
        folder: the run's own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._staged: dict[str, _Staged] = {}

    def stage(self, name: str, dataset: AbstractDataset[Any, Any] | None) -> None:
        """Let a dataset save into the run's folder from here on.

        Args:
            name: its name in the catalog.
            dataset: the dataset; one that is no local file stays as it is.
        """
        if dataset is None or name in self._staged or not self._can_stage(dataset):
            return
        final = dataset._filepath  # type: ignore[attr-defined]
        own = self._folder / name / Path(final).name
        own.parent.mkdir(exist_ok=True)
        self._staged[name] = _Staged(dataset, final)
        dataset._filepath = type(final)(str(own))  # type: ignore[attr-defined]

    def publish(self, name: str) -> None:
        """Give what a dataset has just saved its final name.

        An unversioned file stays in the run's folder, too, and is what the run loads. A version moves, and
        the run loads that version and not the newest.
        """
        staged = self._staged.get(name)
        if staged is None or staged.dataset._filepath == staged.final:
            return
        dataset, own, final = staged.dataset, Path(staged.dataset._filepath), Path(staged.final)
        version = dataset.resolve_save_version() if isinstance(dataset, AbstractVersionedDataset) else None
        if version is None:
            _move(_copy_of(own), final)
            return
        _move(own / version, final / version)
        dataset._filepath = staged.final
        dataset._version = Version(dataset._version.load or version, version)
        dataset.release()  # forget the path that it would load

    def restore(self) -> None:
        """Let all datasets be as configured."""
        for dataset, final in self._staged.values():
            dataset._filepath = final
        self._staged.clear()

    def _can_stage(self, dataset: AbstractDataset[Any, Any]) -> bool:
        path = getattr(dataset, "_filepath", None)
        if path is None or getattr(dataset, "_protocol", "file") != "file":
            return False
        if isinstance(dataset, ModelFolderDataset) and dataset.resolve_save_version() is None:
            return False  # a folder is not replaced by one rename; it sees to that itself
        return _device(Path(path)) == _device(self._folder)


def _device(path: Path) -> int:
    """The disk of a path, or of the nearest folder above it that is there."""
    while not path.exists():
        path = path.parent
    return path.stat().st_dev


def _copy_of(file: Path) -> Path:
    """The same file under a second name, without taking more room where the disk knows links."""
    copy = file.with_name(f"{file.name}.copy")
    try:
        os.link(file, copy)
    except OSError:
        shutil.copy2(file, copy)
    return copy


def _move(source: Path, final: Path) -> None:
    """Rename; what is in a folder that is there already joins it."""
    if source.is_dir() and final.is_dir():
        for entry in source.iterdir():
            _move(entry, final / entry.name)
        return
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.replace(source, final)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # One disk mounted twice: no rename leads from here to there.
        with replacing(final) as partial:
            shutil.move(source, partial)
