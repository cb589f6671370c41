"""MLflow's database, made whole or not at all."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from sharprecl.tracking.moved_project import SQLITE
from sharprecl.whole_files import replacing


def make_database(store: str, artifacts: str) -> None:
    """Make a database that is not there yet.

    MLflow makes its tables one by one, for seconds, and cannot go on with a file in which some are missing: a
    command that is killed meanwhile would leave a project that no command can use.

    Args:
        store: MLflow's address; anything but a SQLite file that is not there is left alone.
        artifacts: the project's place for them.

    Raises:
        sqlite3.Error: if what is there cannot be opened, or is no database; MLflow would try for minutes.
    """
    database = Path(store.removeprefix(SQLITE))
    if not store.startswith(SQLITE):
        return
    if database.exists():
        _look_into(database)
    else:
        with replacing(database, sole_writer=True) as partial:
            store_there: Any = SqlAlchemyStore  # without types
            store_there(f"{SQLITE}{partial}", artifacts).engine.dispose()


def _look_into(database: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):  # MLflow waits for that
            raise
