"""The place of a dataset that is kept on a disk."""

from pathlib import Path

from sharprecl.errors import ParameterError


def local_path(filepath: str) -> Path:
    """The path that a catalog entry names.

    Args:
        filepath: as configured; ``file://`` before it is left out.

    Raises:
        ParameterError: if it is on no disk; as a path it would be a folder named ``s3:``.
    """
    path = str(filepath).removeprefix("file://")
    if "://" in path:
        raise ParameterError(f"{filepath}: only files on a disk; mount the storage as a folder and name that")
    return Path(path)
