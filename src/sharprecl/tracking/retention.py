"""Clearing away old versions of versioned datasets."""

import os
import re
import shutil
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, AbstractVersionedDataset

from sharprecl.datasets import ModelCardDataset

_KEDRO_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}\.\d{2}\.\d{2}\.\d{3}Z")
_DELETED = re.compile(rf"\.{_KEDRO_VERSION.pattern}\.deleted")


def prune_versions(
    folder: Path, keep: int, spare: Collection[str] = (), counted: Collection[str] | None = None
) -> list[str]:
    """Delete all but the newest versions in a versioned dataset's folder.

    Only folders named like Kedro's save versions count; whatever else lies there is left alone. A version
    is renamed before its files go, so that none is left that is half there.

    Args:
        folder: holds one folder a version.
        keep: versions to keep, at least 1.
        spare: versions that stay however old they are.
        counted: the versions that can be loaded; others go if they are older than those that are kept. All
            if not given.

    Returns:
        The versions deleted, newest first.
    """
    versions = sorted(
        (entry for entry in folder.iterdir() if entry.is_dir() and _KEDRO_VERSION.fullmatch(entry.name)),
        reverse=True,
    )
    kept = [version.name for version in versions if counted is None or version.name in counted][:keep]
    oldest = kept[-1] if len(kept) == keep else ""
    old = [version for version in versions if version.name < oldest and version.name not in spare]
    for version in old:
        with suppress(FileNotFoundError):  # another run was quicker
            os.replace(version, folder / f".{version.name}.deleted")
    for entry in folder.iterdir():
        if _DELETED.fullmatch(entry.name):
            shutil.rmtree(entry, ignore_errors=True)
    return [version.name for version in old]


def prune_datasets(
    datasets: Iterable[AbstractDataset[Any, Any]], keep: int, spare: Collection[str] = ()
) -> int:
    """Prune every versioned dataset among those given.

    Args:
        datasets: that the run saved.
        keep: versions to keep of each.
        spare: versions that stay however old they are.

    Returns:
        The number of versions deleted.
    """
    pruned = [
        dataset
        for dataset in datasets
        if isinstance(dataset, AbstractVersionedDataset)
        and dataset.resolve_save_version() is not None
        # A card is a part of a model's folder, and goes with it.
        and not isinstance(dataset, ModelCardDataset)
    ]
    return sum(
        len(prune_versions(Path(dataset._filepath), keep, spare, dataset.list_versions(full_path=False)))
        for dataset in pruned
    )
