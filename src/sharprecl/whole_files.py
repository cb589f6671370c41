"""Files and folders that are whole wherever they have their name."""

import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(final: Path, *, sole_writer: bool = False) -> Iterator[Path]:
    """Write beside the final place, then rename, so that nobody finds half a file.

    A file takes the place of a file in one step; of two folders, the old one goes just before.

    Args:
        final: the file or folder; folders above it are made.
        sole_writer: nobody else writes it meanwhile, so that what killed processes left beside it goes, too.

    Yields:
        A free name in the same folder. What is written there gets the final name when the block ends; if the
        block raises, it is deleted and the final place is as it was.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    # The process's number lets two runs write the same file at a time: the later one stays.
    partial = final.with_name(f".{final.name}.{os.getpid()}.partial")
    # The other names are those of processes that may be at it, or were killed.
    leftovers = final.parent.glob(f".{glob.escape(final.name)}.*.partial") if sole_writer else ()
    for leftover in (partial, *leftovers):
        _delete(leftover)
    try:
        yield partial
        if partial.is_dir():
            _delete(final)
        os.replace(partial, final)
    except BaseException:
        _delete(partial)
        raise


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
