"""The main job as a user runs it: one command, a real process, a real MLflow database."""

import csv
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project
from mlflow.tracking import MlflowClient

from sharprecl.cli import cli
from tests.configuration import copy_configuration

PROJECT_ROOT = Path(__file__).parents[1]
WORDS = {
    "Billing": "invoice refund charge payment card",
    "Network": "router cable wifi latency packet",
    "Login": "password reset account locked token",
    "Legal": "contract clause liability court lawyer",
}
SIZES = {"Billing": 160, "Network": 60, "Login": 25, "Legal": 8}

pytestmark = pytest.mark.slow


def write_tickets(file: Path) -> None:
    draw = random.Random(0)  # noqa: S311 - texts of a test
    rows = [
        (
            " ".join(draw.choices([*WORDS[team].split(), "the", "is", "please", "again"], k=9)) + f" {index}",
            team,
        )
        for team, size in SIZES.items()
        for index in range(size)
    ]
    draw.shuffle(rows)
    with file.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([("Ticket text", "Team"), *rows])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("main job")


@pytest.fixture(scope="module")
def project(folder) -> Path:
    """The project's configuration in a folder of its own, with a blank in its name."""
    project = folder / "project"
    copy_configuration(project)
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT_ROOT / name, project)
    (project / "src").mkdir()
    return project


def kedro_run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "src"), "OMP_NUM_THREADS": "1"}
    environment["MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL"] = "1"  # seconds
    command = [sys.executable, "-m", "kedro", "run", "--env=test", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def finished(folder, project) -> subprocess.CompletedProcess[str]:
    tickets = folder / "tickets.csv"
    write_tickets(tickets)
    return kedro_run(
        project,
        "--pipeline=train",
        f"--params=corpus.train={tickets},corpus.text=Ticket text,corpus.label=Team,"
        "fit.epochs=8,fit.batch_size=16,fit.early_stopping_patience=8",
    )


@pytest.fixture(scope="module")
def client(finished, project) -> MlflowClient:
    assert finished.returncode == 0, finished.stderr
    address = f"sqlite:///{project / 'mlflow.db'}"
    return MlflowClient(address, address)


@pytest.fixture(scope="module")
def tracked(client):
    runs = client.search_runs([client.get_experiment_by_name("sharprecl").experiment_id])
    assert len(runs) == 1
    return runs[0]


def newest(project: Path, name: str) -> Path:
    return max(project.glob(f"data/0*/{name}/*/{name}"))


def test_one_command_trains_on_a_users_own_columns(finished):
    assert finished.returncode == 0, finished.stderr
    assert "Traceback" not in finished.stdout + finished.stderr
    assert "epoch 8/8: validation macro-F1" in finished.stdout + finished.stderr


def test_the_run_is_finished_with_parameters_metrics_and_inputs(tracked):
    assert tracked.info.status == "FINISHED"
    assert tracked.data.params["corpus.text"] == "Ticket text"
    assert tracked.data.params["fit.temperature"] == "0.1"
    assert {"kedro_save_version", "corpus", "encoder", "preset"} <= set(tracked.data.tags)
    expected = {"train/loss", "val/macro_f1"} | {
        f"test/{name}"
        for name in (
            "macro_f1",
            "accuracy",
            "balanced_accuracy",
            "worst_recall",
            "ece",
            "ece_calibrated",
            "nll",
        )
    }
    assert expected <= set(tracked.data.metrics)
    contexts = {tag.value for dataset in tracked.inputs.dataset_inputs for tag in dataset.tags}
    assert contexts == {"training", "validation", "test"}


def test_the_machine_was_watched(client, tracked):
    for name in ("system/cpu_utilization_percentage", "system/system_memory_usage_megabytes"):
        history = client.get_metric_history(tracked.info.run_id, name)
        assert len(history) > 1
        assert max(metric.value for metric in history) > 0


def test_validation_metrics_were_logged_epoch_by_epoch(client, tracked):
    history = client.get_metric_history(tracked.info.run_id, "val/macro_f1")
    assert len({metric.step for metric in history}) >= 8


def test_the_run_shows_the_finished_models_validation_score_not_the_last_epochs(tracked, project):
    metrics = json.loads(newest(project, "metrics.json").read_text())
    assert tracked.data.metrics["val/macro_f1"] == metrics["validation"]["macro_f1"]


def test_plots_and_tables_are_artifacts(client, tracked):
    names = {
        file.path
        for stage in ("ingest", "profile", "tokenize", "fit", "evaluate")
        for file in client.list_artifacts(tracked.info.run_id, stage)
    }
    for stem in (
        "ingest/ingest_report",
        "profile/imbalance_profile",
        "profile/lorenz_plot",
        "fit/training_history",
        "evaluate/metrics",
        "evaluate/confusion_matrix_plot",
        "evaluate/predictions",
    ):
        assert any(name.startswith(stem) for name in names), (stem, names)


def test_metrics_agree_with_the_predictions_table(project, tracked):
    predictions = pd.read_parquet(newest(project, "predictions.parquet"))
    accuracy = (predictions["label"] == predictions["predicted"]).mean()
    metrics = json.loads(newest(project, "metrics.json").read_text())
    assert metrics["test"]["accuracy"] == pytest.approx(accuracy)
    assert tracked.data.metrics["test/accuracy"] == pytest.approx(accuracy)
    interval = metrics["test_intervals"]["accuracy"]
    assert interval["low"] <= accuracy <= interval["high"]
    probabilities = predictions[[f"p[{label}]" for label in sorted(SIZES)]]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_every_class_is_in_train_and_the_report_counts_every_row(project):
    corpus = pd.read_feather(project / "data/03_primary/labelled_corpus.arrow")
    assert set(corpus.loc[corpus["split"] == "train", "label"]) == set(SIZES)
    cleaning = json.loads((project / "data/08_reporting/ingest_report.json").read_text())["cleaning"]
    dropped = sum(row["dropped"] for row in cleaning["blemishes"].values())
    assert cleaning["rows_in"] == sum(SIZES.values()) == cleaning["rows_out"] + dropped
    assert len(corpus) == cleaning["rows_out"]


def test_checkpoints_are_gone_once_the_model_is_saved(finished, project):
    assert list((project / "data/06_models/checkpoints").iterdir()) == []


def test_the_saved_and_the_registered_model_give_the_labels_of_the_predictions_table(
    client, project, tmp_path
):
    predictions = pd.read_parquet(newest(project, "predictions.parquet"))
    texts = tmp_path / "texts.json"
    texts.write_text(json.dumps(predictions["text"].tolist()))
    program = """
import json, sys
import mlflow, sharprecl
from transformers import pipeline

texts = json.load(open(sys.argv[1]))
mlflow.set_tracking_uri(sys.argv[2])
served = mlflow.pyfunc.load_model("models:/sharprecl@champion").predict(texts)
classify = pipeline("text-classification", sys.argv[3], device="cpu")
print(json.dumps([served["label"].tolist(), [row["label"] for row in classify(texts, truncation=True)]]))
"""
    command = [
        sys.executable,
        "-c",
        program,
        str(texts),
        f"sqlite:///{project / 'mlflow.db'}",
        str(newest(project, "model")),
    ]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "src")}
    printed = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
    )
    by_mlflow, by_transformers = json.loads(printed.stdout.splitlines()[-1])
    assert by_mlflow == by_transformers == predictions["predicted"].tolist()


@pytest.mark.parametrize("model", ["champion", "1", "folder"])
def test_predict_scores_a_file_with_the_labels_of_the_evaluation(
    finished, project, tmp_path, run_here, client, model
):
    predictions = pd.read_parquet(newest(project, "predictions.parquet"))
    questions = tmp_path / "questions.csv"
    predictions[["row_id", "text"]].rename(columns={"text": "Ticket text"}).to_csv(questions, index=False)
    model = str(newest(project, "model")) if model == "folder" else model
    arguments = (
        "--pipeline=predict",
        f"--params=predict.input={questions},predict.text=Ticket text,predict.model={model},"
        f"predict.output={tmp_path / 'scored.csv'},predict.chunk_rows=7",
    )
    if model == "champion":
        scored = kedro_run(project, *arguments)
    else:
        scored = run_here(project, "--env=test", *arguments)
    assert scored.returncode == 0, scored.stderr
    assert f"the scored rows are in {tmp_path / 'scored.csv'}" in scored.stdout
    table = pd.read_csv(tmp_path / "scored.csv")
    assert table["row_id"].tolist() == predictions["row_id"].tolist()
    assert table["predicted"].tolist() == predictions["predicted"].tolist()
    np.testing.assert_allclose(table["probability"], predictions["probability"], atol=0.02)
    assert set(table["abstain"]) <= {True, False}
    experiment = client.get_experiment_by_name("sharprecl").experiment_id
    run = client.search_runs([experiment], order_by=["attributes.start_time DESC"], max_results=1)[0]
    assert run.info.run_name.startswith("predict questions.csv 2")
    assert not {"corpus", "preset", "encoder"} & run.data.tags.keys()
    assert {key.partition(".")[0] for key in run.data.params} == {"predict"}
    assert run.data.tags.get("model_version") == (None if "/" in model else "1")


@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        ("predict.text=text", "predict.input: name the file to score"),
        ("predict.input=nowhere.csv", "nowhere.csv: there is no such file"),
        ("predict.input={file}", "no column 'text'; there are 'predicted': name yours in predict.text"),
        ("predict.input={file},predict.text=predicted", "'predicted' is one that predict writes; rename it"),
        ("predict.input={file},predict.text=predicted,predict.model=77", "no registered version or alias"),
        ("predict.input={file},predict.output=x.doc", "must end in .csv or .parquet"),
        (
            "predict.input={file},predict.text=predicted,predict.output={file}",
            "is predict.input; name another",
        ),
    ],
)
def test_predict_says_in_one_line_what_is_wrong(finished, project, tmp_path, run_here, parameters, line):
    file = tmp_path / "data.csv"
    file.write_text("predicted\nx\n")
    arguments = ("--env=test", "--pipeline=predict", f"--params={parameters.format(file=file)}")
    assert_one_line(run_here(project, *arguments), line)


def assert_one_line(result: subprocess.CompletedProcess[str], line: str) -> None:
    assert result.returncode == 1
    last = [row for row in result.stderr.splitlines() if row.startswith("Error: ")]
    assert len(last) == 1
    assert line in last[0]
    assert "Traceback" not in result.stdout + result.stderr


def test_the_model_folder_carries_its_card(finished, project, client):
    card = newest_model(project).joinpath("README.md").read_text(encoding="utf-8")
    metrics = json.loads(newest(project, "metrics.json").read_text())
    assert f"| macro_f1 | {100 * metrics['test']['macro_f1']:.1f} |" in card
    assert "| Legal | tail |" in card
    version = client.get_model_version_by_alias("sharprecl", "champion")
    stored = list(project.glob("mlartifacts/**/README.md"))
    assert any(file.read_text(encoding="utf-8") == card for file in stored), version.source


def test_the_report_is_one_page_with_the_runs_numbers(finished, project):
    page = newest(project, "report.html").read_text(encoding="utf-8")
    metrics = json.loads(newest(project, "metrics.json").read_text())
    assert f"{100 * metrics['test']['macro_f1']:.1f}" in page
    assert "Billing" in page
    assert page.count("<html") == 1


def newest_model(project: Path) -> Path:
    return max(project.glob("data/06_models/model/*/model"))


LATER = "fit.epochs=1,fit.learning_rate=0.00001"
"""How the second model is trained."""


@pytest.fixture(scope="module")
def champion_before(client, folder, project) -> str:
    """The champion's version when a worse model was trained after it, which is the newest from then on."""
    before = str(client.get_model_version_by_alias("sharprecl", "champion").version)
    again = kedro_run(
        project,
        f"--params=corpus.train={folder / 'tickets.csv'},corpus.text=Ticket text,corpus.label=Team,"
        f"{LATER},tracking.keep_versions=1",
    )
    assert again.returncode == 0, again.stderr
    return before


def test_a_worse_model_does_not_become_champion(client, champion_before, project):
    assert len(client.search_model_versions("name='sharprecl'")) == 2
    assert str(client.get_model_version_by_alias("sharprecl", "champion").version) == champion_before
    assert len(list((project / "data/06_models/model").iterdir())) == 1


@pytest.mark.parametrize(
    ("parameter", "content", "line"),
    [
        ("corpus.train={file}", None, "no such file"),
        ("corpus.train={file},corpus.text=body", "text,label\na,b\n", "no column 'body'"),
        ("corpus.train={file}", "", "empty"),
        ("corpus.train={file}", "text,label\n" + "".join(f"t{i},x\n" for i in range(9)), "class"),
        ("corpus.train={file}", "text,label\none,a\ntwo,a\nthree,b\n", "corpus.small_classes"),
        ("fit.epoch=3", None, "did you mean fit.epochs?"),
        ("fit.learning_rate=-1", None, "greater than 0"),
        ("encoder=./nowhere", None, "no folder ./nowhere"),
    ],
)
def test_bad_input_is_one_line_and_a_failed_run_before_any_training(
    project, tmp_path, run_here, parameter, content, line
):
    file = tmp_path / "data.csv"
    if content is not None:
        file.write_text(content)
    result = run_here(project, "--env=test", f"--params={parameter.format(file=file)}")
    assert_one_line(result, line)
    assert "fit_sharprecl" not in result.stdout


def test_a_process_that_refuses_prints_no_more_than_one_that_runs_here(project):
    result = kedro_run(project, "--params=corpus.train=nowhere.csv")
    assert_one_line(result, "nowhere.csv: there is no such file")
    assert "fit_sharprecl" not in result.stdout


def test_a_stage_by_itself_refuses_the_tables_of_another_corpus(finished, project, run_here):
    result = run_here(project, "--env=test", "--pipeline=fit")
    assert_one_line(result, "token_table: made with corpus.train=")
    assert "this run has corpus.name=stdlib" in result.stderr


@pytest.mark.parametrize(
    ("pipelines", "changes", "line"),
    [
        (
            "ingest,tokenize,evaluate",
            f"{LATER},corpus.validation_fraction=0.3",
            "model: trained on other rows than those of token_table",
        ),
        ("evaluate", f"{LATER},preset=focal", "model: trained with preset=sharprecl, fit."),
        ("evaluate", "fit.epochs=1", "model: trained with fit.learning_rate=1e-05, this run has fit."),
        ("evaluate", f"{LATER},seed=1", "model: trained with seed=0, this run has seed=1; give it the --env"),
        ("fit", f"{LATER},seed=1", "token_table: made with seed=0, this run has seed=1; run `kedro run"),
    ],
)
def test_a_model_is_evaluated_as_what_it_was_trained_as(
    champion_before, folder, project, run_here, pipelines, changes, line
):
    other = shutil.copytree(project, folder / f"project {len(list(folder.iterdir()))}")
    data = f"corpus.train={folder / 'tickets.csv'},corpus.text=Ticket text,corpus.label=Team"
    result = run_here(other, "--env=test", f"--pipelines={pipelines}", f"--params={data},{changes}")
    assert_one_line(result, line)


def test_a_training_whose_model_was_not_saved_is_not_lost(champion_before, folder, project, run_here):
    other = shutil.copytree(project, folder / "not saved")
    parameters = (
        f"--params=corpus.train={folder / 'tickets.csv'},corpus.text=Ticket text,corpus.label=Team,{LATER}"
    )
    checkpoints = other / "data/06_models/checkpoints"
    stopped = run_here(other, "--env=test", "--to-nodes=fit.fit_sharprecl", parameters)
    assert stopped.returncode == 0, stopped.stderr
    assert list(checkpoints.iterdir())
    assert "No model was saved: a whole run goes on from" in stopped.stdout + stopped.stderr
    whole = run_here(other, "--env=test", "--pipeline=fit", parameters)
    assert whole.returncode == 0, whole.stderr
    assert "Going on from checkpoint-" in whole.stdout + whole.stderr
    assert list(checkpoints.iterdir()) == []


def test_a_configuration_from_elsewhere_leaves_the_project_where_it_is(folder, project, run_here):
    here, elsewhere = (shutil.copytree(project, folder / name) for name in ("here", "elsewhere"))
    for path in (here, elsewhere):
        for name in ("mlflow.db", "mlartifacts", "data"):
            shutil.rmtree(path / name, ignore_errors=True) if (path / name).is_dir() else (
                path / name
            ).unlink(missing_ok=True)
    shutil.copy(folder / "tickets.csv", here / "beside.csv")
    result = run_here(
        here,
        f"--conf-source={elsewhere / 'conf'}",
        "--env=test",
        "--pipeline=ingest",
        "--params=corpus.train=beside.csv,corpus.text=Ticket text,corpus.label=Team",
    )
    assert result.returncode == 0, result.stderr
    assert (here / "mlflow.db").is_file()
    assert (here / "data/03_primary/labelled_corpus.arrow").is_file()
    assert not (elsewhere / "mlflow.db").exists()


def test_loading_in_threads_is_refused(champion_before, project, run_here):
    result = run_here(project, "--env=test", "--pipeline=ingest", "--async")
    assert_one_line(result, "--async: a thread has no tracked run; leave it out")


@pytest.mark.parametrize("runner", ["ThreadRunner", "ParallelRunner"])
def test_a_runner_that_runs_nodes_at_once_is_refused(champion_before, project, run_here, client, runner):
    experiment = client.get_experiment_by_name("sharprecl").experiment_id
    before = len(client.search_runs([experiment]))
    result = run_here(project, "--env=test", "--pipeline=ingest", f"--runner={runner}")
    assert_one_line(result, f"--runner={runner}: nodes run one after the other here; leave it out")
    assert len(client.search_runs([experiment])) == before


def test_an_evaluation_by_itself_takes_the_parameters_of_the_training(
    champion_before, folder, project, run_here
):
    other = shutil.copytree(project, folder / "evaluated again")
    before = len(list(other.glob("data/08_reporting/metrics.json/*")))
    data = f"corpus.train={folder / 'tickets.csv'},corpus.text=Ticket text,corpus.label=Team"
    more = "evaluate.bootstrap_samples=150,fit.device=cpu,tracking.keep_versions=9"
    result = run_here(
        other, "--env=test", "--pipelines=ingest,tokenize,evaluate", f"--params={data},{LATER},{more}"
    )
    assert result.returncode == 0, result.stderr
    assert len(list(other.glob("data/08_reporting/metrics.json/*"))) == before + 1
    # The card belongs to the model that was evaluated; a folder of its own would look like a newer model.
    models = list(other.glob("data/06_models/model/*/model"))
    assert all((model / "model.safetensors").is_file() for model in models)
    assert (max(models) / "README.md").stat().st_mtime > (max(models) / "model.safetensors").stat().st_mtime


def kedro(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "src")}
    command = [sys.executable, "-m", "kedro", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def kedro_here(project: Path, *arguments: str) -> Result:
    """A command of the project in this process."""
    return CliRunner().invoke(cli, arguments, obj=bootstrap_project(project))


def test_versions_are_listed_promoted_and_rolled_back(client, project, monkeypatch):
    tags = client.get_model_version_by_alias("sharprecl", "champion").tags
    assert tags["own_corpus"] == "True"
    client.create_model_version("sharprecl", source="file:///nowhere", tags=tags)
    listed = kedro(project, "models")
    assert listed.returncode == 0, listed.stderr
    header, *rows = [line.split() for line in listed.stdout.splitlines() if line]
    assert header[:4] == ["version", "corpus", "encoder", "preset"]
    assert [row[0] for row in rows].count("champion") == 1
    champion = next(row for row in rows if row[0] == "champion")
    assert champion[2:5] == ["tickets", "random-tiny", "sharprecl"]
    other = max(row[0] for row in rows if row[0] != "champion")
    monkeypatch.chdir(project)
    promoted = kedro_here(project, "promote", other)
    assert promoted.stdout == f"Version {other} is champion; it was version {champion[1]}\n"
    rolled_back = kedro_here(project, "rollback", "--env=test")
    assert rolled_back.stdout == f"Version {champion[1]} is champion again\n"
    refused = kedro_here(project, "promote", "99")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: registry: there is no version 99; there are ")


def test_a_version_is_removed_with_its_files(champion_before, client, folder, project):
    other = shutil.copytree(project, folder / "pruned")
    promoted = kedro(other, "promote", "2")
    assert promoted.returncode == 0, promoted.stderr
    weights = "mlartifacts/models/*/artifacts/**/model.safetensors"
    assert len(list(other.glob(weights))) == 2
    removed = kedro(other, "remove", "1", "1")
    assert (removed.returncode, removed.stdout) == (0, "Version 1 is deleted\n"), removed.stderr
    assert len(list(other.glob(weights))) == 1
    assert len(list(project.glob(weights))) == 2  # of which it is a copy
    refused = kedro(other, "remove", "2")
    assert refused.returncode == 1
    assert refused.stderr == (
        "Error: registry: version 2 is champion; make another one champion first, with "
        "`kedro promote VERSION`\n"
    )
    assert client.get_model_version("sharprecl", "1").source.startswith("models:/")


@pytest.fixture(scope="module")
def server(client, project):
    """``kedro serve`` on a free port of the loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "src"), "no_proxy": "127.0.0.1"}
    command = [sys.executable, "-m", "kedro", "serve", f"--port={port}"]
    process = subprocess.Popen(
        command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            with direct_opener().open(f"{address}/ping", timeout=1):
                break
        except OSError:
            assert process.poll() is None, process.stdout.read().decode()
            time.sleep(1)
    yield address
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=30)


def direct_opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def post(address: str, body: bytes) -> tuple[int, dict]:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/invocations", body, headers)  # noqa: S310 - loopback
    try:
        with direct_opener().open(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_champion_answers_over_http(server, client, project):
    texts = pd.read_parquet(newest(project, "predictions.parquet"))["text"].tolist()
    mlflow.set_tracking_uri(f"sqlite:///{project / 'mlflow.db'}")
    labels = mlflow.pyfunc.load_model("models:/sharprecl@champion").predict(texts)["label"].tolist()
    status, answer = post(server, json.dumps({"inputs": texts[:1]}).encode())
    assert status == 200
    assert answer["predictions"][0]["label"] == labels[0]
    batch = (texts * (512 // len(texts) + 1))[:512]
    status, answer = post(server, json.dumps({"inputs": batch}).encode())
    assert status == 200
    assert [row["label"] for row in answer["predictions"]] == (labels * 20)[:512]


@pytest.mark.parametrize("body", [b"{", b'{"inputs": [1, 2]}', b'{"texts": ["a"]}', b'{"inputs": {"a": 1}}'])
def test_a_bad_request_gets_a_reason(server, body):
    status, answer = post(server, body)
    assert 400 <= status < 500
    assert answer["message"]
