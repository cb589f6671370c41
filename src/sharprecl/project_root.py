"""Where the project lies, for its configuration."""

from pathlib import Path

from omegaconf import OmegaConf


def set_project_root(folder: Path) -> None:
    """Let ``${project_root:}`` be a folder: the one below which Kedro places the catalog's relative paths."""
    OmegaConf.register_new_resolver("project_root", Path(folder).as_posix, replace=True)
