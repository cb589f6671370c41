"""Dead runs whose store is gone."""

import json

from sharprecl.datasets.run_folder import RunFolder
from sharprecl.tracking.dead_runs import NOTE, close_dead_runs


def leave_note(parent, store):
    """A run's folder whose process is gone."""
    folder = parent / "2026-11-26T00.00.00.000Z"
    folder.mkdir(parents=True)
    note = {"key": "k", "store": store, "folder": str(folder.absolute())}
    (folder / NOTE).write_text(json.dumps(note), encoding="utf-8")
    return folder


def test_a_database_that_is_gone_is_not_made_anew(tmp_path):
    folder = leave_note(tmp_path / "runs", f"sqlite:///{tmp_path}/gone/mlflow.db")
    assert close_dead_runs(tmp_path / "runs") == 0
    assert not folder.exists()
    assert not (tmp_path / "gone").exists()


def test_a_database_that_cannot_be_read_is_left_to_a_later_run(tmp_path):
    database = tmp_path / "mlflow.db"
    database.write_text("no database" * 100)
    folder = leave_note(tmp_path / "runs", f"sqlite:///{database}")
    assert close_dead_runs(tmp_path / "runs") == 0
    (dead,) = RunFolder.claim_dead(tmp_path / "runs")
    assert dead.path == folder
