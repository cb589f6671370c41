"""What a language model's name means."""

from sharprecl.errors import ModelError
from sharprecl.local_names import find_folder


def find_model(name: str) -> tuple[str, bool]:
    """The folder or hub id that a name means.

    Args:
        name: a folder or hub id.

    Returns:
        Where to load from, and whether that is a folder.

    Raises:
        ModelError: if it looks like a folder and is none.
    """
    try:
        folder = find_folder(name)
    except NotADirectoryError as error:
        raise ModelError(f"compare.llm.model: no folder {name}; give a model folder or a hub id") from error
    return (name, False) if folder is None else (str(folder), True)
