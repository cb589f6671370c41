"""Without room, without leave to write, without a store that answers: one clear line, and no damage."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from sharprecl.datasets.run_folder import runs_folder
from sharprecl.tracking.dead_runs import NOTE, close_dead_runs
from tests.robustness import run_process
from tests.robustness.run_process import RunProcess, open_store, tracked_runs
from tests.robustness.scarce import TrackingServer, fill, make_read_only, small_disk
from tests.robustness.small_corpora import damaged_files
from tests.tracking.toy_runs import make_project

AGAIN = "then run the same command again; a training goes on from its last checkpoint"
FULL, READ_ONLY = "no space left on the disk; free some", "read-only; make it writable"
LOCKED = "Error: mlflow.db: another program keeps it locked; end that program or wait for it, " + AGAIN


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory):
    """Begins to start with the first test, so that nobody waits for it."""
    server = TrackingServer(tmp_path_factory.mktemp("server"))
    yield server
    server.kill()


@pytest.fixture
def invoke(run_here):
    """The toy pipeline in this process; gives its exit status and what it says on standard error."""

    def invoke(project: Path, *arguments: str) -> tuple[int, str]:
        result = run_here(project, *arguments)
        return result.returncode, result.stderr.strip()

    return invoke


def files(folder: Path) -> dict[Path, bytes]:
    return {
        file: file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.suffix != ".lock"
    }


def test_a_full_disk_is_one_line_and_nothing_half_saved(tmp_path, invoke):
    project = make_project(tmp_path)
    with small_disk(project / "data", 24) as data:
        assert invoke(project)[0] == 0
        before = files(data)
        ballast = fill(data, spare=1 << 20)  # the tables fit and the model does not
        status, line = invoke(project)
        ballast.unlink()
        assert status == 1
        assert line.startswith("Error: ")
        assert FULL in line
        assert line.endswith(AGAIN)
        assert files(data) == before
        assert invoke(project)[0] == 0
        assert damaged_files(project) == []
    statuses = [run.info.status for run in tracked_runs(open_store(project))]
    assert statuses == ["FINISHED", "FAILED", "FINISHED"]


@pytest.mark.slow
def test_a_disk_that_fills_in_training_leaves_a_run_that_goes_on(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    with small_disk(tmp_path / "disk", 160) as disk:
        # What the run says at its end needs room of its own.
        (disk / "logs").symlink_to(logs)
        project = run_process.make_project(disk)
        run = RunProcess(project, "fit.epochs=200")
        run.wait_for_checkpoint()
        ballast = fill(disk)
        assert run.end() == 1
        assert FULL in run.error
        assert damaged_files(project) == []
        ballast.unlink()
        with sqlite3.connect(project / "mlflow.db") as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        again = RunProcess(project, "fit.epochs=200")
        again.wait_for_line("Going on from checkpoint-")
        again.kill()
        assert "RUNNING" not in [tracked.info.status for tracked in tracked_runs(open_store(project))[:-1]]


def test_a_read_only_data_folder_is_one_line_before_any_run_is_opened(tmp_path, invoke):
    project = make_project(tmp_path)
    assert invoke(project)[0] == 0
    tracked = len(tracked_runs(open_store(project)))
    with small_disk(tmp_path / "data", 1) as disk:
        make_read_only(disk)
        status, line = invoke(project)
    assert status == 1
    assert line.startswith(f"Error: {tmp_path / 'data'}")
    assert READ_ONLY in line
    assert len(tracked_runs(open_store(project))) == tracked


def test_a_file_where_the_data_folder_should_be_is_named(tmp_path, invoke):
    project = make_project(tmp_path)
    (project / "data").write_text("")
    status, line = invoke(project)
    assert status == 1
    assert line.startswith(f"Error: {project / 'data'}")
    assert tracked_runs(open_store(project)) == []


@contextmanager
def locked(project: Path) -> Iterator[None]:
    """Another program holds the database as SQLite lets it."""
    with sqlite3.connect(project / "mlflow.db", isolation_level=None, timeout=60) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_a_database_that_is_locked_at_the_start_is_one_line(tmp_path, invoke):
    project = make_project(tmp_path)
    assert invoke(project)[0] == 0
    with locked(project):
        assert invoke(project) == (1, LOCKED)
    assert [run.info.status for run in tracked_runs(open_store(project))] == ["FINISHED"]


@pytest.mark.slow
def test_a_database_that_is_locked_midway_is_one_line_and_the_run_failed(tmp_path):
    project = run_process.make_project(tmp_path)
    logging = project / "conf" / "logging.yml"
    told = "  kedro.runner: {level: ERROR}"
    assert told in logging.read_text("utf-8")
    logging.write_text(logging.read_text("utf-8").replace(told, "  kedro.runner: {level: WARNING}"), "utf-8")
    run = RunProcess(project)
    run.wait_for_line("epoch 1/")
    with locked(project):
        run.wait_for_line("nodes that have not run")  # Kedro's, once MLflow has waited twenty seconds
    assert run.end() == 1
    assert run.error == LOCKED
    assert damaged_files(project) == []
    assert [tracked.info.status for tracked in tracked_runs(open_store(project))] == ["FAILED"]


@pytest.mark.slow
def test_a_server_that_dies_midway_is_one_line_and_its_run_is_closed_later(tmp_path, server):
    project = run_process.make_project(tmp_path)
    settings = {"server": {"mlflow_tracking_uri": server.address}}
    (project / "conf/test/mlflow.yml").write_text(json.dumps(settings))
    server.wait()
    run = RunProcess(project, "fit.epochs=20", MLFLOW_HTTP_REQUEST_MAX_RETRIES="1")
    run.wait_for_checkpoint()
    server.kill()
    assert run.end() == 1
    assert run.error.startswith(f"Error: tracking server {server.address}: no answer; start it, or name")
    assert damaged_files(project) == []
    store = MlflowClient(server.database)
    assert [tracked.info.status for tracked in tracked_runs(store)] == ["RUNNING"]

    runs = runs_folder(project)
    assert close_dead_runs(runs) == 0  # nobody answers yet, so nothing is forgotten
    (note,) = runs.glob(f"*/{NOTE}")
    note.write_text(note.read_text().replace(server.address, server.database))
    assert close_dead_runs(runs) == 1
    assert [tracked.info.status for tracked in tracked_runs(store)] == ["KILLED"]
    assert [entry for entry in runs.iterdir() if entry.is_dir()] == []


def test_a_server_that_is_down_is_one_line_within_seconds(tmp_path, invoke):
    project = make_project(tmp_path)
    settings = {"server": {"mlflow_tracking_uri": "http://127.0.0.1:9"}}
    (project / "conf/local/mlflow.yml").write_text(json.dumps(settings))
    start = time.monotonic()
    status, line = invoke(project)
    assert time.monotonic() - start < 30  # MLflow would ask for two minutes
    assert status == 1
    assert line.startswith("Error: tracking server http://127.0.0.1:9: no answer; start it, or name another")
    assert not (project / "data").exists()
