"""MLflow's database, made whole or not at all."""

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
    """
    database = Path(store.removeprefix(SQLITE))
    if store.startswith(SQLITE) and not database.exists():
        with replacing(database, sole_writer=True) as partial:
            store_there: Any = SqlAlchemyStore  # without types
            store_there(f"{SQLITE}{partial}", artifacts).engine.dispose()
