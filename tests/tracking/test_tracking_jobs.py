"""Commands with the same SHARPRECL_JOB are one run: each stage by itself, as an engine gives them."""

import json
import logging
from pathlib import Path

import mlflow
import pytest
from kedro.io import DataCatalog, Version
from kedro_datasets.json import JSONDataset

from sharprecl.errors import ParameterError
from sharprecl.pipelines.compare import create_pipeline as create_compare
from sharprecl.tracking.dead_runs import KEY, NOTE
from sharprecl.tracking.jobs import JOB_VARIABLE, figures_page, load_with_model
from sharprecl.tracking.registry import MODEL_NAME
from sharprecl.tracking.run_metadata import stages_of

CHANGES = {"fit": {"learning_rate": 0.3}, "corpus": {"name": "ohsumed"}}


@pytest.fixture
def job(client, monkeypatch, request) -> str:
    name = f"nightly {request.node.name}"
    monkeypatch.setenv(JOB_VARIABLE, name)
    return name


def runs_of(client, job: str) -> list:
    experiment = client.get_experiment_by_name("sharprecl")
    return client.search_runs([experiment.experiment_id], f"tags.job = '{job}'")


def versions_of(client, run) -> list:
    return client.search_model_versions(f"name = '{MODEL_NAME}' and run_id = '{run.info.run_id}'")


def model_folder(project: Path, version: str) -> Path:
    return project / "data/06_models/model" / version / "model"


def test_a_job_is_one_run_that_registers_what_it_trained(client, project, run_project, job):
    trained = run_project("fit", **CHANGES)
    (begun,) = runs_of(client, job)
    assert begun.info.status == "FINISHED"
    assert not versions_of(client, begun)
    assessed = run_project("assess", **CHANGES)
    (run,) = runs_of(client, job)
    assert (run.info.run_id, run.info.status) == (begun.info.run_id, "FINISHED")
    assert run.info.run_name == f"ohsumed sharprecl minilm {job}"
    assert run.data.tags["kedro_save_version.assess"] == assessed
    assert {"train/loss", "val/macro_f1", "test/accuracy"} <= set(run.data.metrics)
    assert len(run.inputs.dataset_inputs) == 3
    (version,) = versions_of(client, run)
    assert version.tags["kedro_save_version"] == trained
    assert version.tags["val_macro_f1"] == "0.3"
    pages = {file.path for file in client.list_artifacts(run.info.run_id) if file.path.endswith("html")}
    assert pages == {"figures-assess.html"}


def test_the_card_lies_with_the_model_that_an_earlier_command_saved(project, run_project, job):
    trained = run_project("fit", **CHANGES)
    assessed = run_project("assess", **CHANGES)
    assert (model_folder(project, trained) / "README.md").read_text() == "macro-F1 0.25"
    assert not model_folder(project, assessed).parent.exists()


def test_a_job_evaluates_its_own_model_whatever_was_trained_since(client, run_project, job, monkeypatch):
    trained = run_project("fit", **CHANGES)
    monkeypatch.delenv(JOB_VARIABLE)
    run_project("fit", **CHANGES)
    monkeypatch.setenv(JOB_VARIABLE, job)
    run_project("assess", **CHANGES)
    (run,) = runs_of(client, job)
    (version,) = versions_of(client, run)
    assert version.tags["kedro_save_version"] == trained


def test_without_a_job_evaluating_registers_nothing(client, run_project):
    before = len(client.search_model_versions(f"name = '{MODEL_NAME}'"))
    run_project("fit", **CHANGES)
    run_project("assess", **CHANGES)
    assert len(client.search_model_versions(f"name = '{MODEL_NAME}'")) == before


def test_all_commands_of_a_job_have_the_same_parameters(client, run_project, job):
    run_project("fit", **CHANGES)
    with pytest.raises(ParameterError, match=r"^fit.learning_rate: it is 0.2, but the job .* with 0.3; give"):
        run_project("assess", **{**CHANGES, "fit": {"learning_rate": 0.2}})
    mlflow.end_run("FAILED")  # as `kedro run` does
    assert len(runs_of(client, job)) == 1
    (run,) = runs_of(client, job)
    assert run.info.run_name == f"ohsumed sharprecl minilm {job}"  # a refused command does not rename it


def test_a_jobs_name_has_no_quotes(client, run_project, monkeypatch):
    monkeypatch.setenv(JOB_VARIABLE, "it's")
    with pytest.raises(ParameterError, match="a job's name has no quotes"):
        run_project("fit", **CHANGES)


def test_a_command_that_was_killed_can_be_given_again(client, project, run_project, job, caplog):
    run_project("fit", **CHANGES)
    (run,) = runs_of(client, job)
    client.set_terminated(run.info.run_id, "RUNNING")  # as a killed command leaves it
    dead = project / "data/.runs" / "2026-01-01T00.00.00.000Z"
    dead.mkdir()
    store = mlflow.get_tracking_uri()
    note = {"key": run.data.tags[KEY], "store": store, "folder": str(dead.absolute())}
    (dead / NOTE).write_text(json.dumps(note))
    with caplog.at_level(logging.INFO):
        run_project("assess", **CHANGES)
    assert not dead.exists()
    assert not [message for message in caplog.messages if "KILLED" in message]
    assert runs_of(client, job)[0].info.status == "FINISHED"


def test_a_page_of_figures_has_a_name_that_a_file_can_have(monkeypatch):
    monkeypatch.delenv(JOB_VARIABLE, raising=False)
    assert figures_page(["fit"], "2026-11-26T00.00.00.000Z") == "figures.html"
    monkeypatch.setenv(JOB_VARIABLE, "nightly")
    assert figures_page(["fit", "evaluate"], "v") == "figures-fit-evaluate.html"
    assert figures_page([], "v1") == "figures-v1.html"  # plots of two commands without a stage stay apart
    assert figures_page(stages_of(create_compare()), "v2") == "figures-v2.html"


@pytest.mark.parametrize("named", [None, "2026-01-01T00.00.00.000Z"])
def test_the_curves_are_those_of_the_model_that_is_loaded(tmp_path, named):
    versions = ["2026-01-01T00.00.00.000Z", "2026-02-02T00.00.00.000Z", "2026-03-03T00.00.00.000Z"]
    places = {name: str(tmp_path / f"{name}.json") for name in ("model", "training_curves_plot")}
    for name, place in places.items():
        for version in versions[: 2 if name == "model" else 3]:  # the last training left no model
            JSONDataset(filepath=place, version=Version(None, version)).save(version)
    loads = {"model": Version(named, None), "training_curves_plot": Version(None, None)}
    catalog = DataCatalog(
        {name: JSONDataset(filepath=place, version=loads[name]) for name, place in places.items()}
    )
    load_with_model(catalog, ["training_curves_plot"])
    assert catalog.load("training_curves_plot") == versions[2]
    catalog["training_curves_plot"].release()
    load_with_model(catalog, places)
    assert catalog.load("training_curves_plot") == catalog.load("model") == (named or versions[1])


def test_where_the_models_curves_are_gone_the_newest_stand_in(tmp_path, caplog):
    old, new = "2026-01-01T00.00.00.000Z", "2026-02-02T00.00.00.000Z"
    for name, version in (("model", old), ("training_curves_plot", new)):
        JSONDataset(filepath=str(tmp_path / f"{name}.json"), version=Version(None, version)).save(version)
    names = ["model", "training_curves_plot"]
    places = {name: str(tmp_path / f"{name}.json") for name in names}
    catalog = DataCatalog(
        {name: JSONDataset(filepath=place, version=Version(None, None)) for name, place in places.items()}
    )
    load_with_model(catalog, names)
    assert catalog.load("training_curves_plot") == new
    assert caplog.messages == [
        f"The curves of the model's training ({old}) are gone; the newest ones stand in"
    ]
