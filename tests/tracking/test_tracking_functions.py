import mlflow
import pandas as pd
import pytest
from kedro.io import Version
from kedro_datasets.json import JSONDataset
from kedro_datasets.pandas import CSVDataset

from sharprecl.parameter_check import ProjectParameters
from sharprecl.tracking.artifacts import artifact_folder, saved_path
from sharprecl.tracking.corpus_inputs import corpus_digest
from sharprecl.tracking.live_metrics import log_metrics
from sharprecl.tracking.retention import prune_versions
from sharprecl.tracking.run_metadata import flatten_parameters, git_state


@pytest.fixture
def corpus() -> pd.DataFrame:
    return pd.DataFrame({"row_id": [0, 1], "text": ["a", "b"], "label": ["x", "y"], "split": "train"})


def test_digest_depends_on_content_and_not_on_order_or_dtype(corpus):
    digest = corpus_digest(corpus)
    assert len(digest) == 16
    assert corpus_digest(corpus[::-1]) == digest
    assert corpus_digest(corpus.assign(row_id=7, aug_text="z")) == digest
    assert corpus_digest(corpus.astype({"label": "category", "split": "category"})) == digest


@pytest.mark.parametrize(("column", "value"), [("text", "c"), ("label", "z"), ("split", "test")])
def test_digest_changes_with_one_cell(corpus, column, value):
    changed = corpus.copy()
    changed.loc[0, column] = value
    assert corpus_digest(changed) != corpus_digest(corpus)


def test_digest_sees_which_label_belongs_to_which_text(corpus):
    assert corpus_digest(corpus.assign(label=["y", "x"])) != corpus_digest(corpus)


def test_digest_counts_repeated_rows(corpus):
    assert corpus_digest(pd.concat([corpus, corpus])) != corpus_digest(corpus)


def test_logged_parameters_are_those_that_take_effect():
    parameters = ProjectParameters(preset="sharprecl-published", fit={"epochs": 3})
    values = flatten_parameters(parameters)
    assert values["fit.epochs"] == "3"  # set: goes before the preset
    assert values["fit.learning_rate"] == "5e-05"  # the preset's
    assert values["preset"] == "sharprecl-published"


def test_long_values_are_cut_to_what_mlflow_stores():
    values = flatten_parameters(ProjectParameters(encoder="e" * 9000))
    assert values["encoder"] == "e" * 6000


def test_there_is_no_git_state_outside_a_repository(tmp_path):
    assert git_state(tmp_path) == {}


def test_metrics_without_a_run_go_nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert mlflow.active_run() is None
    log_metrics({"train/loss": 1.0}, 0)
    assert mlflow.active_run() is None
    assert list(tmp_path.iterdir()) == []


def test_pruning_keeps_the_newest_and_what_is_not_a_version(tmp_path):
    versions = [f"2026-11-{day:02d}T10.00.00.000Z" for day in (3, 1, 12, 2)]
    for name in [*versions, "notes"]:
        (tmp_path / name / "model").mkdir(parents=True)
    (tmp_path / "2026-11-01T10.00.00.000Z.txt").touch()
    assert prune_versions(tmp_path, keep=2) == ["2026-11-02T10.00.00.000Z", "2026-11-01T10.00.00.000Z"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        "2026-11-01T10.00.00.000Z.txt",
        "2026-11-03T10.00.00.000Z",
        "2026-11-12T10.00.00.000Z",
        "notes",
    ]


def test_saved_path_is_this_runs_version_even_if_an_older_one_is_loaded(tmp_path):
    file = tmp_path / "m.json"
    dataset = JSONDataset(filepath=str(file), version=Version("old", "new"))
    assert saved_path(dataset) == file / "new" / "m.json"
    assert saved_path(CSVDataset(filepath=str(file))) == file


def test_only_marked_datasets_have_an_artifact_folder(tmp_path):
    file = str(tmp_path / "m.json")
    assert artifact_folder(JSONDataset(filepath=file, metadata={"mlflow": {"folder": "fit"}})) == "fit"
    assert artifact_folder(JSONDataset(filepath=file, metadata={"kedro-viz": {"layer": "raw"}})) is None
    assert artifact_folder(JSONDataset(filepath=file)) is None
