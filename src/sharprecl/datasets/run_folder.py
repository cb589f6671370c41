"""A folder of its own for each run that is going on."""

import shutil
from pathlib import Path

from filelock import FileLock, Timeout

from sharprecl.errors import SharpreclError


class VersionTakenError(SharpreclError):
    """Another run began in the same millisecond and has the save version."""


def runs_folder(project: Path) -> Path:
    """Where the runs' folders are.

    Args:
        project: the project's folder.
    """
    return project / "data" / ".runs"


class RunFolder:
    """``data/.runs/<save version>``: where a run puts what is not whole yet.

    The run holds a lock in it. However a process ends, the system lets go of its locks, so a folder whose
    lock is free belongs to a run that is dead; this holds across containers that share a disk, where process
    ids say nothing.

    Args:
        path: the folder.
        lock: the lock in it, held.
    """

    def __init__(self, path: Path, lock: FileLock) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def claim(cls, parent: Path, version: str) -> "RunFolder":
        """Make the folder of a run that begins.

        Args:
            parent: see :func:`runs_folder`; made if it is not there.
            version: the run's save version.

        Raises:
            VersionTakenError: if there is such a folder.
            OSError: if nothing can be written there.
        """
        parent.mkdir(parents=True, exist_ok=True)
        path = parent / version
        with FileLock(parent / "lock"):  # nobody sees a living run's folder without its lock
            try:
                path.mkdir()
            except FileExistsError:
                raise VersionTakenError(f"{version}: another run began at this moment; start again") from None
            lock = _try_lock(path)
        if lock is None:
            raise VersionTakenError(f"{path}: locked by another program; start again")
        return cls(path, lock)

    @classmethod
    def claim_dead(cls, parent: Path) -> list["RunFolder"]:
        """The folders of runs whose process is gone; they are the caller's until given back or removed.

        Args:
            parent: see :func:`runs_folder`.
        """
        if not parent.is_dir():
            return []
        with FileLock(parent / "lock"):
            locks = {path: _try_lock(path) for path in parent.iterdir() if path.is_dir()}
        return [cls(path, lock) for path, lock in locks.items() if lock is not None]

    def give_back(self) -> None:
        """Let go of the folder and leave it."""
        self._lock.release()

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()


def remove_if_free(folder: Path) -> None:
    """Delete a folder with a lock in it, unless another process holds the lock."""
    if folder.is_dir() and (lock := _try_lock(folder)) is not None:
        RunFolder(folder, lock).remove()


def _try_lock(path: Path) -> FileLock | None:
    # Not bound to a thread: hooks may run in another one than the one that began the run.
    lock = FileLock(path / "lock", thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return None
    return lock
