"""Runs in the same project at the same moment keep apart."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from click.testing import CliRunner
from filelock import FileLock, Timeout
from kedro.framework.startup import bootstrap_project
from kedro_mlflow.config.kedro_mlflow_config import KedroMlflowConfig

from sharprecl.cli import run as run_command
from sharprecl.datasets.run_folder import RunFolder, VersionTakenError, runs_folder
from sharprecl.tracking import tracked_run
from sharprecl.tracking.connection import registration_lock, setup_lock
from tests.robustness.run_process import open_store, tracked_runs
from tests.robustness.small_corpora import CORPORA, damaged_files, outcome, saved
from tests.tracking.toy_runs import make_project, run_of

OLD, NEW = "2026-11-01T00.00.00.000Z", "2026-11-02T00.00.00.000Z"


@pytest.fixture(scope="module")
def project(at_once) -> Path:
    return at_once["tickets"].project


@pytest.mark.slow
def test_each_finishes_as_a_run_and_version_of_its_own(project, versions):
    tracked = {run.data.tags["kedro_save_version"]: run for run in tracked_runs(open_store(project))}
    assert set(tracked) == set(versions.values())
    assert len(tracked) == 3
    assert {run.info.status for run in tracked.values()} == {"FINISHED"}
    for name, version in versions.items():
        metrics = json.loads(saved(project, version, "metrics.json").read_text())
        assert tracked[version].data.metrics["test/macro_f1"] == metrics["test"]["macro_f1"]
        assert tracked[version].data.tags["corpus"] == name.split()[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tickets", "reviews", "tickets again"])
def test_each_has_its_own_corpus_from_end_to_end(project, versions, name):
    classes = CORPORA[name.split()[0]]
    version = versions[name]
    predictions = pd.read_parquet(saved(project, version, "predictions.parquet"))
    config = json.loads((saved(project, version, "model") / "config.json").read_text())
    texts = pd.read_csv(project / f"{name.split()[0]}.csv").set_index("text")["label"]
    assert sorted(config["label2id"]) == sorted(classes)
    assert predictions["label"].tolist() == texts[predictions["text"]].tolist()
    accuracy = (predictions["label"] == predictions["predicted"]).mean()
    metrics = json.loads(saved(project, version, "metrics.json").read_text())
    assert metrics["test"]["accuracy"] == pytest.approx(accuracy)


@pytest.mark.slow
def test_each_logs_its_own_files_as_artifacts(project, versions):
    client = open_store(project)
    for name, version in versions.items():
        run_id = run_of(client, version).info.run_id
        classes = CORPORA[name.split()[0]]
        report = json.loads(Path(client.download_artifacts(run_id, "ingest/ingest_report.json")).read_text())
        assert report["cleaning"]["rows_in"] == sum(size for _, size in classes.values())
        table = pd.read_csv(client.download_artifacts(run_id, "profile/class_table.csv"))
        assert sorted(table["label"]) == sorted(classes)


@pytest.mark.slow
def test_equal_runs_have_equal_bits(project, versions):
    assert outcome(project, versions["tickets"]) == outcome(project, versions["tickets again"])


@pytest.mark.slow
def test_each_registers_its_model_and_one_is_champion(project, versions):
    client = open_store(project)
    registered = client.search_model_versions("name = 'sharprecl'")
    assert sorted(version.tags["kedro_save_version"] for version in registered) == sorted(versions.values())
    champion = client.get_model_version_by_alias("sharprecl", "champion")
    assert (
        str(champion.version) == "1"
    )  # the first; an equal one or one of another corpus does not take its place


@pytest.mark.slow
def test_what_they_share_is_whole(at_once, project):
    assert damaged_files(project) == []
    corpus = pd.read_feather(project / "data/03_primary/labelled_corpus.arrow")
    assert set(corpus["label"]) in [set(classes) for classes in CORPORA.values()]
    assert [entry for entry in runs_folder(project).iterdir() if entry.is_dir()] == []


class WatchedRun(NamedTuple):
    """A run of the toy project that began in the same millisecond as another, and what was locked in it."""

    project: Path
    taken: RunFolder
    locked: dict[str, bool]


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> Iterator[WatchedRun]:
    project = make_project(tmp_path_factory.mktemp("toy"))
    taken = RunFolder.claim(runs_folder(project), OLD)
    moments, locked = iter([OLD, OLD, NEW]), {}

    def watch(name: str, lock: FileLock, function):
        def watched(*args, **kwargs):
            locked[name] = is_held(lock)
            return function(*args, **kwargs)

        return watched

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        patch.setattr("kedro.framework.session.session.generate_timestamp", lambda: next(moments))
        lock = setup_lock(project)
        patch.setattr(KedroMlflowConfig, "setup", watch("database", lock, KedroMlflowConfig.setup))
        lock = registration_lock(runs_folder(project))
        patch.setattr(tracked_run, "register_model", watch("registration", lock, tracked_run.register_model))
        result = CliRunner().invoke(run_command, [], obj=bootstrap_project(project))
    assert result.exit_code == 0, result.output
    yield WatchedRun(project, taken, locked)
    taken.remove()


def is_held(lock: FileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False


def test_a_run_that_begins_in_the_same_millisecond_takes_the_next_version(watched):
    store = open_store(watched.project)
    assert [run.data.tags["kedro_save_version"] for run in tracked_runs(store)] == [NEW]
    assert run_of(store, NEW).info.status == "FINISHED"
    assert watched.taken.path.is_dir()
    with pytest.raises(VersionTakenError):
        RunFolder.claim(runs_folder(watched.project), OLD)


def test_only_one_process_at_a_time_makes_the_database(watched):
    assert watched.locked["database"]
    assert not is_held(setup_lock(watched.project))


def test_only_one_process_at_a_time_registers(watched):
    assert watched.locked["registration"]
    assert not is_held(registration_lock(runs_folder(watched.project)))
