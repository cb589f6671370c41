import json
from pathlib import Path
from types import SimpleNamespace

import mlflow
import pytest
from plotly.io import from_json

from sharprecl.tracking.hooks import TrackingHooks
from tests.tracking.toy_runs import run_of


def test_a_run_is_named_tagged_and_holds_every_parameter(client, first_version):
    run = run_of(client, first_version)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == f"trec sharprecl minilm {first_version}"
    tags = run.data.tags
    assert (tags["corpus"], tags["preset"], tags["encoder"]) == ("trec", "sharprecl", "minilm")
    assert run.data.params["fit.learning_rate"] == "0.5"
    assert run.data.params["fit.num_negatives"] == "60"  # a default that no file sets
    assert run.data.params["corpus.long_tail"] == "None"
    # No block as one value beside them: it would be as configured, not as the preset has it.
    assert {"fit", "corpus", "seed"} & run.data.params.keys() == {"seed"}


def test_live_and_final_metrics_are_logged(client, first_version):
    run = run_of(client, first_version)
    history = client.get_metric_history(run.info.run_id, "train/loss")
    assert [(point.step, point.value) for point in history] == [(0, 1.0), (1, 0.9), (2, 0.8)]
    assert run.data.metrics["val/macro_f1"] == 0.5
    assert run.data.metrics["test/accuracy"] == 0.5
    assert "test/labels" not in run.data.metrics


def test_each_split_is_an_input_with_a_digest(client, first_version):
    inputs = run_of(client, first_version).inputs.dataset_inputs
    contexts = {entry.dataset.name: entry.tags[0].value for entry in inputs}
    assert contexts == {"trec-train": "training", "trec-validation": "validation", "trec-test": "test"}
    assert len({entry.dataset.digest for entry in inputs}) == 3


def test_marked_datasets_are_artifacts_in_their_folder(client, first_version, project):
    run = run_of(client, first_version)
    logged = {file.path for file in client.list_artifacts(run.info.run_id, "evaluate")}
    assert logged == {"evaluate/metrics.json", "evaluate/reliability_plot.json"}
    copy = Path(client.download_artifacts(run.info.run_id, "evaluate/metrics.json"))
    saved = project / "data/08_reporting/metrics.json" / first_version / "metrics.json"
    assert json.loads(copy.read_text()) == json.loads(saved.read_text())


def test_the_figures_page_works_without_a_network(client, first_version, tmp_path):
    run = run_of(client, first_version)
    page = Path(client.download_artifacts(run.info.run_id, "figures.html", str(tmp_path))).read_text()
    assert "evaluate/reliability_plot" in page
    assert 'src="http' not in page
    assert len(page) < 6e6


def test_a_saved_plot_still_loads_as_a_figure(first_version, project):
    saved = project / "data/08_reporting/reliability_plot.json" / first_version / "reliability_plot.json"
    assert from_json(saved.read_text()).data[0].y == (1, 2)


def test_a_failing_run_is_marked_failed_and_leaves_no_run_open(client, run_project):
    with pytest.raises(ZeroDivisionError):
        run_project("evaluate", tracking={"keep_versions": 7})
    experiment = client.get_experiment_by_name("sharprecl")
    latest = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"])[0]
    assert latest.info.status == "FAILED"
    assert latest.data.params["tracking.keep_versions"] == "7"
    assert mlflow.active_run() is None


def test_only_the_newest_versions_stay(client, first_version, run_project, project):
    newer = run_project(fit={"learning_rate": 0.1}, corpus={"name": "trec"}, tracking={"keep_versions": 2})
    newest = run_project(fit={"learning_rate": 0.1}, corpus={"name": "trec"}, tracking={"keep_versions": 2})
    for entry in ("06_models/model", "08_reporting/metrics.json", "08_reporting/reliability_plot.json"):
        versions = {folder.name for folder in (project / "data" / entry).iterdir()}
        assert {newer, newest} <= versions
        assert len(versions) == 2


def test_a_run_that_was_interrupted_in_this_process_is_closed_before_the_next(client, first_version):
    """As where a notebook's cell is stopped: nothing tells the hooks."""
    hooks = TrackingHooks()
    interrupted = mlflow.start_run(experiment_id=client.get_experiment_by_name("sharprecl").experiment_id)
    hooks._run = SimpleNamespace(run_id=interrupted.info.run_id)
    hooks._leave()
    assert mlflow.active_run() is None
    assert client.get_run(interrupted.info.run_id).info.status == "KILLED"
    with mlflow.start_run(experiment_id=interrupted.info.experiment_id) as other:
        hooks._run = SimpleNamespace(run_id=interrupted.info.run_id)
        hooks._leave()  # somebody else's run is left alone
        assert mlflow.active_run().info.run_id == other.info.run_id
