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
    database.write_bytes(b"anything")
    make_database(f"sqlite:///{database}", str(tmp_path))
    make_database("http://127.0.0.1:9", str(tmp_path))
    assert database.read_bytes() == b"anything"
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]


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
