"""A project in another folder than it was made in, or with another version's database."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import mlflow
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from kedro.framework.project import configure_project
from kedro.framework.session import KedroSession
from mlflow.exceptions import MlflowException
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base as InitialBase
from mlflow.tracking import MlflowClient
from mlflow.utils.file_utils import local_file_uri_to_path
from sqlalchemy import create_engine

from sharprecl.error_lines import describe_error
from sharprecl.tracking.hooks import TrackingHooks
from sharprecl.tracking.moved_project import PATH_COLUMNS, follow_moved_artifacts
from tests.tracking.toy_runs import make_project, run_of


def run(project: Path) -> str:
    configure_project("tests.tracking.toy_project")
    with KedroSession.create(project_path=project) as session:
        session.run()
        return str(session.session_id)


def client_of(project: Path) -> MlflowClient:
    mlflow.set_tracking_uri(f"sqlite:///{project}/mlflow.db")
    return MlflowClient()


def all_paths(project: Path) -> list[str]:
    """Every path of an artifact that the database of a project holds."""
    with closing(sqlite3.connect(project / "mlflow.db")) as connection:
        return [
            local_file_uri_to_path(value)
            for table, column in PATH_COLUMNS
            for (value,) in connection.execute(f"SELECT {column} FROM {table}")  # noqa: S608
            if not value.startswith("models:")
            and (table != "experiments" or value.endswith("mlartifacts"))  # MLflow's own default experiment
        ]


@pytest.fixture
def project(tmp_path) -> Path:
    return make_project_in(tmp_path / "old place")


def make_project_in(folder: Path) -> Path:
    folder.mkdir()
    return make_project(folder)


def test_a_moved_project_finds_its_models_and_writes_where_it_is(project, tmp_path):
    first = run(project)
    new = tmp_path / "it's new"
    project.rename(new)
    second = run(new)
    client = client_of(new)
    assert not project.exists()
    for version in (first, second):
        tracked = run_of(client, version)
        assert tracked.info.artifact_uri.startswith(new.as_uri())
        assert {file.path for file in client.list_artifacts(tracked.info.run_id)} >= {"figures.html"}
        (registered,) = client.search_model_versions(f"run_id = '{tracked.info.run_id}'")
        folder = mlflow.artifacts.download_artifacts(f"models:/{registered.name}/{registered.version}")
        assert Path(folder).is_relative_to(new)
        assert Path(folder, "MLmodel").is_file()
    assert all(path.startswith(str(new)) for path in all_paths(new))


def test_a_copy_leaves_the_original_alone(project, tmp_path):
    run(project)
    before = sorted(file for file in (project / "mlartifacts").rglob("*"))
    database = (project / "mlflow.db").read_bytes()
    copy = tmp_path / "copy"
    shutil.copytree(project, copy)
    run(copy)
    assert sorted(file for file in (project / "mlartifacts").rglob("*")) == before
    assert (project / "mlflow.db").read_bytes() == database
    assert all(path.startswith(f"{copy}/") for path in all_paths(copy))


def test_a_project_that_stays_is_not_touched(project):
    run(project)
    paths = all_paths(project)
    store, artifacts = f"sqlite:///{project}/mlflow.db", str(project / "mlartifacts")
    assert not follow_moved_artifacts(store, "sharprecl", artifacts, project)
    assert all_paths(project) == paths


def test_only_the_folder_itself_is_followed(project, tmp_path):
    """Not one that begins with the same letters, nor a place that somebody chose."""
    run(project)
    store, beside = f"sqlite:///{project}/mlflow.db", (project / "mlartifacts-of-others/1").as_uri()
    client_of(project).create_experiment("others", artifact_location=beside)
    new = tmp_path / "new"
    project.rename(new)
    moved = store.replace("old place", "new")
    for chosen in (None, "s3://bucket/mlartifacts", str(tmp_path / "mlartifacts"), str(new / "elsewhere")):
        assert not follow_moved_artifacts(moved, "sharprecl", chosen, new)
    for other in ("http://127.0.0.1:5000", store, f"sqlite:///{tmp_path}/mlflow.db"):
        assert not follow_moved_artifacts(other, "sharprecl", str(new / "mlartifacts"), new)
    assert not follow_moved_artifacts(moved, "others", str(new / "mlartifacts"), new)
    assert not follow_moved_artifacts(moved, "no such", str(new / "mlartifacts"), new)
    assert follow_moved_artifacts(moved, "sharprecl", str(new / "mlartifacts"), new)
    assert client_of(new).get_experiment_by_name("others").artifact_location == beside


def test_a_file_that_is_no_database_of_mlflow_is_left_to_mlflow(tmp_path):
    sqlite3.connect(tmp_path / "mlflow.db").close()
    arguments = (f"sqlite:///{tmp_path}/mlflow.db", "sharprecl", str(tmp_path / "mlartifacts"), tmp_path)
    assert not follow_moved_artifacts(*arguments)


def test_a_database_that_lacks_a_later_mlflows_tables_is_upgraded(project):
    store = f"sqlite:///{project}/mlflow.db"
    config, engine = _get_alembic_config(store), create_engine(store)
    before = ScriptDirectory.from_config(config).get_revision("heads").down_revision
    InitialBase.metadata.create_all(engine)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, before)
    engine.dispose()
    assert revision_of(project) == before
    assert run_of(client_of(project), run(project)).info.status == "FINISHED"
    assert revision_of(project) != before


def test_a_database_that_another_mlflow_has_made_is_one_line(project):
    """MLflow upgrades by itself only where a whole table is missing."""
    run(project)
    with closing(sqlite3.connect(project / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '451aebb31d03'")  # of MLflow 1
    moved = project.rename(project.with_name("other"))  # MLflow keeps its connection to the first
    with pytest.raises(MlflowException) as caught:
        run(moved)
    line = describe_error(caught.value)
    assert line.startswith("mlflow.db: made by another version of MLflow; copy it somewhere safe")
    assert "`mlflow db upgrade sqlite:///mlflow.db`" in line


def revision_of(project: Path) -> str:
    with closing(sqlite3.connect(project / "mlflow.db")) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def test_a_project_that_switched_kedro_mlflow_off_has_nothing_to_follow(project):
    context = SimpleNamespace(config_loader={"parameters": {}}, project_path=project)
    steps = TrackingHooks().after_context_created(context)
    next(steps)
    with pytest.raises(StopIteration):
        steps.send(None)
