"""What a name that a user gives means on this disk."""

from pathlib import Path


def expand_home(path: str | Path) -> Path:
    """A path with the home folder that a tilde at its beginning means; where there is none, as it is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:  # no user of that name
        return Path(path)


def find_folder(name: str) -> Path | None:
    """The folder that a name means, where it may as well be a hub id.

    Args:
        name: a folder or hub id.

    Returns:
        The folder; None if it is to be looked for on the hub.

    Raises:
        NotADirectoryError: if it can only be a folder and there is none.
    """
    folder = expand_home(name)
    if folder.is_dir():
        return folder
    if folder.is_absolute() or name.startswith((".", "~")) or name.endswith("/") or name.count("/") > 1:
        raise NotADirectoryError(name)
    return None
