"""MLflow's database in a project that has none yet."""

import sqlite3
from contextlib import closing

import pytest
from mlflow.store.tracking import sqlalchemy_store
from mlflow.tracking import MlflowClient
from sqlalchemy.exc import OperationalError

from sharprecl.tracking import new_database
from sharprecl.tracking.new_database import make_database
from sharprecl.tracking.store_failures import describe_store_failure


def test_a_new_database_is_one_that_mlflow_goes_on_with(tmp_path):
    address = f"sqlite:///{tmp_path}/mlflow.db"
    make_database(address, str(tmp_path / "mlartifacts"))
    assert [path.name for path in tmp_path.iterdir() if "mlflow.db" in path.name] == ["mlflow.db"]
    client = MlflowClient(address)
    assert [experiment.name for experiment in client.search_experiments()] == ["Default"]
    assert client.create_experiment("another")


def test_what_is_there_is_left_alone(tmp_path):
    database = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE anything (a INTEGER)")
        content = database.read_bytes()
        make_database("http://127.0.0.1:9", str(tmp_path))
        connection.execute("BEGIN EXCLUSIVE")  # locked: MLflow waits for the other program
        make_database(f"sqlite:///{database}", str(tmp_path))
        connection.rollback()
    assert database.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]


def test_a_file_that_is_no_database_is_one_line(tmp_path):
    (tmp_path / "mlflow.db").write_bytes(b"no database, " * 100)
    with pytest.raises(sqlite3.DatabaseError) as caught:
        make_database(f"sqlite:///{tmp_path}/mlflow.db", str(tmp_path))
    line = describe_store_failure([caught.value]) or ""
    assert line.startswith("mlflow.db: damaged, or no database; bring back a copy, or move it away")


def test_a_database_that_may_not_be_read_is_one_line_at_once(tmp_path, monkeypatch):
    """MLflow would try for minutes."""

    def refuse(*_, **__):
        raise sqlite3.OperationalError("unable to open database file")

    (tmp_path / "mlflow.db").touch()
    monkeypatch.setattr(sqlite3, "connect", refuse)
    with pytest.raises(sqlite3.OperationalError) as caught:
        make_database(f"sqlite:///{tmp_path}/mlflow.db", str(tmp_path))
    line = describe_store_failure([caught.value]) or ""
    assert line.startswith("mlflow.db: cannot be opened or made; see that it and its folder are there")


def test_a_database_that_is_not_finished_does_not_get_its_name(tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sqlalchemy_store.SqlAlchemyStore, "_create_default_experiment", stop)
    with pytest.raises(KeyboardInterrupt):
        make_database(f"sqlite:///{tmp_path}/mlflow.db", str(tmp_path))
    assert list(tmp_path.glob("*mlflow.db*")) == []


def test_the_first_run_makes_its_database_so(project, run_project, monkeypatch):
    made = []

    class Spy(sqlalchemy_store.SqlAlchemyStore):
        def __init__(self, address, artifacts):
            made.append((address, artifacts))
            super().__init__(address, artifacts)

    monkeypatch.setattr(new_database, "SqlAlchemyStore", Spy)
    run_project()
    run_project()
    ((address, artifacts),) = made
    assert address.startswith(f"sqlite:///{project}/.mlflow.db.")
    assert artifacts == f"{project}/mlartifacts"


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE runs (a INTEGER)", "ALTER TABLE runs ADD COLUMN a INTEGER"]
)
def test_a_half_made_database_of_an_earlier_version_is_one_line_with_the_mend(tmp_path, statement):
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        connection.execute("CREATE TABLE runs (a INTEGER)")
        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.execute(statement)
    line = describe_store_failure([OperationalError(statement, None, caught.value)])
    assert line is not None
    assert line.startswith("mlflow.db: a command was killed while it was made or upgraded; move it away")
