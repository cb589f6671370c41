"""A project that was moved or copied together with its database.

MLflow writes down where artifacts lie as whole paths when an experiment, a run or a model is made. In another
folder they would point to where the project was: a moved one would not find its models, and a copied one
would write into the original's folder.
"""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from mlflow.utils.file_utils import local_file_uri_to_path

logger = logging.getLogger(__name__)

SQLITE = "sqlite:///"
PATH_COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Where MLflow 3 keeps paths of artifacts."""


def follow_moved_artifacts(store: str, experiment: str, artifacts: str | None, project: Path) -> bool:
    """Let the project's own database point to the artifacts beside it.

    Args:
        store: MLflow's address; anything but a SQLite file in the project's folder is left alone.
        experiment: name of the project's experiment.
        artifacts: where the configuration wants its artifacts; only a folder in the project is followed.
        project: the project's folder.

    Returns:
        Whether paths were changed.
    """
    database = Path(store.removeprefix(SQLITE))
    if not store.startswith(SQLITE) or database.parent != project or not database.is_file():
        return False
    wanted = _folder(artifacts or "")
    if wanted.parent != project:
        return False
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        known = _known_columns(connection)
        if PATH_COLUMNS[0] not in known:
            return False  # no database of MLflow yet
        query = "SELECT artifact_location FROM experiments WHERE name = ?"
        row = connection.execute(query, (experiment,)).fetchone()
        before = row[0] if row else str(wanted)
        folder = _folder(before)
        # Another name is a choice that somebody made before, not this folder under another roof.
        if folder == wanted or folder.name != wanted.name or not folder.is_absolute():
            return False
        after = wanted.as_uri() if before.startswith("file:") else str(wanted)
        for table, column in known:
            _replace_folder(connection, table, column, before, after)
    logger.info(
        "The project was moved or copied: %s now finds its artifacts in %s", database.name, wanted.name
    )
    return True


def _folder(place: str) -> Path:
    """The path of a file URI, or a path as it is."""
    return Path(local_file_uri_to_path(place))  # type: ignore[no-untyped-call]


def _known_columns(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Those of :data:`PATH_COLUMNS` that this version of the schema has."""
    query = "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
    return [place for place in PATH_COLUMNS if connection.execute(query, place).fetchone()]


def _replace_folder(connection: sqlite3.Connection, table: str, column: str, before: str, after: str) -> None:
    """Change paths that are the folder or lie in it."""
    connection.execute(
        f"UPDATE {table} SET {column} = :after || substr({column}, length(:before) + 1) "  # noqa: S608 - our own names
        f"WHERE {column} = :before OR substr({column}, 1, length(:before) + 1) = :before || '/'",
        {"before": before, "after": after},
    )
