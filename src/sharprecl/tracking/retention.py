"""Clearing away old versions of versioned datasets."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, AbstractVersionedDataset

_KEDRO_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}\.\d{2}\.\d{2}\.\d{3}Z")


def prune_versions(folder: Path, keep: int) -> list[str]:
    """Delete all but the newest versions in a versioned dataset's folder.

    Only folders named like Kedro's save versions count; whatever else lies there is left alone.

    Args:
        folder: holds one folder a version.
        keep: versions to keep, at least 1.

    Returns:
        The versions deleted, newest first.
    """
    versions = sorted(
        (entry for entry in folder.iterdir() if entry.is_dir() and _KEDRO_VERSION.fullmatch(entry.name)),
        reverse=True,
    )
    for version in versions[keep:]:
        shutil.rmtree(version)
    return [version.name for version in versions[keep:]]


def prune_datasets(datasets: Iterable[AbstractDataset[Any, Any]], keep: int) -> int:
    """Prune every versioned dataset among those given.

    Args:
        datasets: that the run saved.
        keep: versions to keep of each.

    Returns:
        The number of versions deleted.
    """
    folders = [
        Path(dataset._filepath)
        for dataset in datasets
        if isinstance(dataset, AbstractVersionedDataset) and dataset.resolve_save_version() is not None
    ]
    return sum(len(prune_versions(folder, keep)) for folder in folders)
