"""Which file a parameter names, and what it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from sharprecl.errors import CorpusError

Reader = TypeVar("Reader")
PACKED_SUFFIXES = {".gz", ".bz2", ".xz", ".zst", ".lz4", ".br", ".zip", ".7z", ".tar", ".tgz"}
"""Never unpacked here: a few kilobytes of them can hold more than the disk does."""


def find_reader(path: Path, readers: Mapping[str, Reader]) -> Reader:
    """The reader of a file.

    Args:
        path: of the file.
        readers: by suffix, in lower case.

    Returns:
        The one for the file's suffix.

    Raises:
        CorpusError: if there is no such file, or no reader for it.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise CorpusError(f"{path}: there is no such file; relative paths start at the project's folder")
    if suffix in PACKED_SUFFIXES:
        raise CorpusError(f"{path}: cannot read {suffix!r} files; unpack it first")
    if suffix not in readers:
        raise CorpusError(f"{path}: cannot read {path.suffix!r} files; give one of {', '.join(readers)}")
    return readers[suffix]
