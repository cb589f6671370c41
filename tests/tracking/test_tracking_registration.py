import errno
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from kedro.framework.project import configure_project
from kedro.io import DatasetError
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from sharprecl.commands.registry import _four_digits
from sharprecl.error_lines import describe_error
from sharprecl.errors import ModelError
from sharprecl.tracking.project_registry import open_registry, serve_champion
from sharprecl.tracking.registered_model import RegisteredModelDataset
from sharprecl.tracking.registration import Candidate, promote_champion
from sharprecl.tracking.registry import CHAMPION, MODEL_NAME, list_versions, promote, roll_back
from sharprecl.tracking.removal import remove_version
from tests.distributions import link_distributions
from tests.tracking.toy_runs import run_of


@pytest.fixture
def registry(first_version, project, tmp_path) -> MlflowClient:
    """A registry without a champion: a copy of the project's, since making a database takes seconds."""
    shutil.copy(project / "mlflow.db", tmp_path)
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    client = MlflowClient(uri, uri)
    client.delete_registered_model_alias(MODEL_NAME, CHAMPION)
    return client


def add_version(client: MlflowClient, candidate: Candidate) -> str:
    version = client.create_model_version(MODEL_NAME, source="file:///nowhere").version
    for key, value in candidate._asdict().items():
        client.set_model_version_tag(MODEL_NAME, version, key, str(value))
    return str(version)


def champion_of(client: MlflowClient) -> str:
    return str(client.get_model_version_by_alias(MODEL_NAME, CHAMPION).version)


def test_the_champion_changes_only_for_a_better_score_on_the_same_corpus(registry, caplog):
    caplog.set_level("INFO", "sharprecl")
    first = add_version(registry, Candidate("aaaa", 0.7))
    assert promote_champion(registry, first, Candidate("aaaa", 0.7))

    tied = add_version(registry, Candidate("aaaa", 0.7))
    assert not promote_champion(registry, tied, Candidate("aaaa", 0.7))
    assert champion_of(registry) == first

    other_corpus = add_version(registry, Candidate("bbbb", 0.9))
    assert not promote_champion(registry, other_corpus, Candidate("bbbb", 0.9))
    assert champion_of(registry) == first
    assert "another corpus" in caplog.messages[-1]

    better = add_version(registry, Candidate("aaaa", 0.7001))
    assert promote_champion(registry, better, Candidate("aaaa", 0.7001))
    assert champion_of(registry) == better


def test_a_champion_of_a_built_in_corpus_gives_way_to_the_first_of_the_users_own(registry):
    tried = Candidate("built-in", 0.9)
    promote_champion(registry, add_version(registry, tried), tried)

    own = Candidate("own", 0.4, own_corpus=True)
    first_own = add_version(registry, own)
    assert promote_champion(registry, first_own, own)

    more_rows = Candidate("own, more rows", 0.6, own_corpus=True)
    assert not promote_champion(registry, add_version(registry, more_rows), more_rows)
    built_in = Candidate("built-in", 0.95)
    assert not promote_champion(registry, add_version(registry, built_in), built_in)
    assert champion_of(registry) == first_own


def test_a_champion_that_does_not_say_whose_corpus_it_had_stays(registry):
    version = registry.create_model_version(MODEL_NAME, source="file:///nowhere").version
    registry.set_model_version_tag(MODEL_NAME, version, "corpus_digest", "aaaa")
    registry.set_registered_model_alias(MODEL_NAME, CHAMPION, version)
    own = Candidate("own", 0.4, own_corpus=True)
    assert not promote_champion(registry, add_version(registry, own), own)


def test_a_training_run_registers_its_model(client, first_version):
    run = run_of(client, first_version)
    (version,) = client.search_model_versions(f"name = '{MODEL_NAME}' and run_id = '{run.info.run_id}'")
    assert version.tags["val_macro_f1"] == "0.5"
    assert version.tags["kedro_save_version"] == first_version
    assert (version.tags["corpus"], version.tags["encoder"]) == ("trec", "minilm")
    assert len(version.tags["corpus_digest"]) == 16
    assert version.tags["own_corpus"] == "False"
    assert (version.tags["test_macro_f1"], version.tags["imbalance_ratio"]) == ("0.25", "3")


def test_a_version_carries_its_metrics_and_profile(client, first_version):
    run = run_of(client, first_version)
    (version,) = client.search_model_versions(f"name = '{MODEL_NAME}' and run_id = '{run.info.run_id}'")
    (model,) = run.outputs.model_outputs
    metadata = mlflow.models.get_model_info(f"models:/{MODEL_NAME}/{version.version}").metadata
    assert metadata["evaluation"]["test"] == {"macro_f1": 0.25, "accuracy": 0.5, "labels": ["x", "y"]}
    assert metadata["imbalance_profile"] == {"num_classes": 2, "imbalance_ratio": 3.0, "note": "toy"}
    assert len(metadata["corpus_digest"]) == 16
    logged = {metric.key: metric.value for metric in client.get_logged_model(model.model_id).metrics}
    assert {"val/macro_f1": 0.5, "test/macro_f1": 0.25, "test/accuracy": 0.5}.items() <= logged.items()


SERVE = """
import json, sys
import mlflow
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/sharprecl/1")
import sharprecl
print(json.dumps([sharprecl.__file__, model.predict(["which city", "what is it"]).to_dict("records")]))
"""


def test_the_registered_model_predicts_in_a_process_of_its_own(client, first_version, project, tmp_path):
    uri = f"sqlite:///{project}/mlflow.db"
    command = [sys.executable, "-c", SERVE, uri]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    _, predictions = json.loads(done.stdout.splitlines()[-1])
    assert len(predictions) == 2
    for prediction in predictions:
        assert prediction["label"] in {"x", "y"}
        assert 0.5 <= prediction["probability"] <= 1


def test_the_requirements_of_the_registered_model_are_enough(client, first_version, project, tmp_path):
    mlflow.set_tracking_uri(f"sqlite:///{project}/mlflow.db")
    lines = Path(mlflow.pyfunc.get_model_dependencies(f"models:/{MODEL_NAME}/1")).read_text().splitlines()
    link_distributions(lines, tmp_path / "installed")
    command = [sys.executable, "-S", "-c", SERVE, f"sqlite:///{project}/mlflow.db"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    source, predictions = json.loads(done.stdout.splitlines()[-1])
    assert Path(source).parts[-3:] == ("code", "sharprecl", "__init__.py")
    assert len(predictions) == 2


@pytest.mark.parametrize("model", ["1", "current"])
def test_loading_a_registered_model_says_which_it_is(client, first_version, tmp_path, caplog, model):
    client.set_registered_model_alias(MODEL_NAME, "current", "1")
    caplog.set_level("INFO", "sharprecl")
    RegisteredModelDataset(model=model, project_root=str(tmp_path)).load()
    assert "Using sharprecl version 1, trained on trec" in caplog.messages


def test_serving_says_which_model_answers_and_where(client, first_version, caplog, monkeypatch):
    caplog.set_level("INFO", "sharprecl")
    monkeypatch.setattr("sharprecl.tracking.project_registry.run_server", lambda *_: 0)
    monkeypatch.setattr("sharprecl.tracking.project_registry._check_address", lambda *_: None)
    assert serve_champion(client, "127.0.0.1", 5002) == 0
    assert caplog.messages == [
        "Using sharprecl version 1, trained on trec",
        "Serving sharprecl version 1, trained on trec, at http://127.0.0.1:5002/invocations; Ctrl-C ends it",
    ]


def test_a_model_that_does_not_load_is_said_before_a_server_is_started(client, first_version, monkeypatch):
    def fail(_):
        raise ModelError("registry: the files of version 1 cannot be read")

    monkeypatch.setattr("sharprecl.tracking.project_registry.load_registered", fail)
    monkeypatch.setattr("sharprecl.tracking.project_registry.run_server", lambda *_: pytest.fail("started"))
    monkeypatch.setattr("sharprecl.tracking.project_registry._check_address", lambda *_: None)
    with pytest.raises(ModelError, match="the files of version 1 cannot be read"):
        serve_champion(client, "127.0.0.1", 5002)


@pytest.mark.parametrize("place", [0, 1])
def test_a_taken_address_is_said_before_the_model_is_loaded(client, first_version, monkeypatch, place):
    """Of a name with two addresses either one."""
    monkeypatch.setattr("sharprecl.tracking.project_registry.run_server", lambda *_: pytest.fail("started"))
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        other = free.getsockname()
        free.close()
        addresses = [other, other]
        addresses[place] = taken.getsockname()
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        with pytest.raises(
            ModelError, match=r"^serve: cannot listen at here:5001 \(Address already in use\); end"
        ):
            serve_champion(client, "here", 5001)


@pytest.mark.parametrize("host", ["a..b", "no.such.host.invalid"])
def test_a_host_without_an_address_is_said(client, first_version, host):
    with pytest.raises(ModelError, match=rf"^serve: cannot listen at {host}:5001 \("):
        serve_champion(client, host, 5001)


def test_a_host_that_is_not_this_machine_is_said(client, first_version):
    with pytest.raises(ModelError, match=r"^serve: cannot listen at 192\.0\.2\.1:5001 \(Cannot assign "):
        serve_champion(client, "192.0.2.1", 5001)


def test_a_version_whose_files_are_gone_is_not_said_to_be_no_version(client, first_version, tmp_path):
    gone = client.create_model_version(MODEL_NAME, source=(tmp_path / "gone").as_uri()).version
    try:
        for model, line in (
            (str(gone), f"registry: the files of version {gone} cannot be read from file:"),
            ("99", "predict.model: no registered version or alias and no folder '99'"),
        ):
            with pytest.raises(DatasetError) as failed:
                RegisteredModelDataset(model=model, project_root=str(tmp_path)).load()
            assert describe_error(failed.value).startswith(line)
    finally:
        client.delete_model_version(MODEL_NAME, gone)


def test_a_full_disk_is_not_taken_for_files_that_are_gone(client, first_version, tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device", "copy")

    monkeypatch.setattr("mlflow.artifacts.download_artifacts", full)
    with pytest.raises(DatasetError) as failed:
        RegisteredModelDataset(model="1", project_root=str(tmp_path)).load()
    assert describe_error(failed.value).startswith("copy: no space left on the disk")


def test_a_server_that_is_gone_is_not_taken_for_a_version_that_is_not_there(
    first_version, tmp_path, monkeypatch
):
    def silent(*_):
        raise MlflowException("API request to http://tracker:5000/api/2.0/mlflow failed with exception")

    monkeypatch.setattr(MlflowClient, "get_model_version_by_alias", silent)
    with pytest.raises(DatasetError) as failed:
        RegisteredModelDataset(model="champion", project_root=str(tmp_path)).load()
    assert describe_error(failed.value).startswith("tracking server http://tracker:5000: no answer")


def test_another_environment_may_name_another_registry(project, tmp_path):
    copy = tmp_path / "project"
    copy.mkdir()
    for name in ("conf", "pyproject.toml", "src", "notebooks", ".telemetry"):
        source = project / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
    (copy / "conf/other").mkdir()
    (copy / "conf/other/mlflow.yml").write_text(
        f"server:\n  mlflow_tracking_uri: sqlite:///{tmp_path}/other.db\n"
    )
    configure_project("tests.tracking.toy_project")
    before = mlflow.get_tracking_uri()
    try:
        assert open_registry(copy, "other").tracking_uri == f"sqlite:///{tmp_path}/other.db"
        assert open_registry(copy).tracking_uri != f"sqlite:///{tmp_path}/other.db"
    finally:
        mlflow.set_tracking_uri(before)


def test_the_registered_model_reads_texts_as_training_did(client, first_version):
    model = mlflow.pyfunc.load_model(f"models:/{MODEL_NAME}/1")
    odd = model.predict(["what\u200bis\x0b it ", "cafe\u0301", ""])
    pd.testing.assert_frame_equal(odd, model.predict(["what is it", "caf\xe9", ""]))
    assert model.predict([]).empty


def test_half_a_surrogate_pair_refuses_no_request(client, first_version):
    """As JSON can spell it; it is read as `predict` reads it in a file."""
    model = mlflow.pyfunc.load_model(f"models:/{MODEL_NAME}/1")
    read = model.predict(["what is it", "\ud800 a", "\ud83d\ude00 b"])
    pd.testing.assert_frame_equal(read, model.predict(["what is it", "\ufffd a", "\U0001f600 b"]))


def test_nothing_logged_is_a_pickle(client, first_version, project):
    suffixes = {file.suffix for file in Path(project, "mlartifacts").rglob("*") if file.is_file()}
    assert ".safetensors" in suffixes
    assert not suffixes & {".pkl", ".pickle", ".bin", ".pt", ".pth"}


def test_promoting_and_rolling_back(registry):
    with pytest.raises(ModelError, match="there was no other champion before"):
        roll_back(registry)
    versions = [add_version(registry, Candidate("aaaa", score)) for score in (0.7, 0.6, 0.5)]
    assert promote(registry, versions[0]) is None
    assert promote(registry, versions[1]) == versions[0]
    assert promote(registry, versions[1]) == versions[1]  # again: nothing to go back to is added
    assert promote(registry, versions[2]) == versions[1]
    assert roll_back(registry) == versions[1]
    assert champion_of(registry) == versions[1]
    assert roll_back(registry) == versions[0]
    with pytest.raises(ModelError, match="there was no other champion before"):
        roll_back(registry)
    with pytest.raises(ModelError, match="there is no version 99; there are "):
        promote(registry, "99")


def test_rolling_back_passes_over_the_champion_itself(registry):
    versions = [add_version(registry, Candidate("aaaa", score)) for score in (0.7, 0.6)]
    for version in versions:
        promote(registry, version)
    registry.delete_registered_model_alias(MODEL_NAME, CHAMPION)
    promote(registry, versions[0])
    with pytest.raises(ModelError, match="there was no other champion before"):
        roll_back(registry)


def test_where_all_versions_are_deleted_none_is_offered(registry):
    for row in list_versions(registry):
        registry.delete_model_version(MODEL_NAME, row.version)
    with pytest.raises(ModelError, match="there is no version 1; all are deleted; train one"):
        promote(registry, "1")


def test_a_better_model_can_be_rolled_back(registry):
    first = add_version(registry, Candidate("aaaa", 0.7))
    promote_champion(registry, first, Candidate("aaaa", 0.7))
    better = add_version(registry, Candidate("aaaa", 0.8))
    promote_champion(registry, better, Candidate("aaaa", 0.8))
    assert roll_back(registry) == first


def test_rolling_back_passes_over_a_version_that_is_gone(registry):
    versions = [add_version(registry, Candidate("aaaa", score)) for score in (0.7, 0.6, 0.5)]
    for version in versions:
        promote(registry, version)
    registry.delete_model_version(MODEL_NAME, versions[1])
    assert roll_back(registry) == versions[0]
    assert champion_of(registry) == versions[0]


def test_a_version_that_was_registered_by_hand_is_listed_without_a_score(registry):
    version = str(registry.create_model_version(MODEL_NAME, source="file:///nowhere").version)
    (row,) = (row for row in list_versions(registry) if row.version == version)
    assert _four_digits(row.val_macro_f1) == ""
    assert _four_digits("0.51239") == "0.5124"


def test_versions_are_listed_newest_first_with_the_champion(registry):
    older, newer = (add_version(registry, Candidate("aaaa", score)) for score in (0.7, 0.6))
    promote(registry, older)
    rows = list_versions(registry)
    assert [row.version for row in rows[:2]] == [newer, older]
    assert [row.version for row in rows if row.is_champion] == [older]
    assert rows[0].val_macro_f1 == "0.6"
    assert rows[-1].corpus == "trec"


def test_without_a_model_there_is_nothing_to_list(tmp_path, registry):
    registry.delete_registered_model(MODEL_NAME)
    with pytest.raises(ModelError, match="no model is registered; train one with"):
        list_versions(registry)


def test_files_that_another_version_is_made_of_stay(client, first_version):
    (first,) = client.search_model_versions(f"name = '{MODEL_NAME}' and version_number = 1")
    second = client.create_model_version(MODEL_NAME, source=first.source)
    assert not remove_version(client, str(second.version))
    assert [row.version for row in list_versions(client) if row.version == str(second.version)] == []
    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{MODEL_NAME}/1"))
    assert (folder / "MLmodel").is_file()


def test_files_of_a_tracking_server_are_left_to_it(registry, first_version, monkeypatch):
    monkeypatch.setattr(mlflow, "get_tracking_uri", lambda: "https://tracking.example.org")
    source = registry.get_model_version(MODEL_NAME, "1").source
    assert not remove_version(registry, "1")
    assert "1" not in [row.version for row in list_versions(registry)]
    with pytest.raises(MlflowException, match="not found"):
        registry.get_logged_model(source.removeprefix("models:/"))


def test_a_version_whose_files_were_deleted_by_hand_can_be_removed(registry):
    version = add_version(registry, Candidate("aaaa", 0.7))
    assert not remove_version(registry, version)  # its files are not MLflow's
    with pytest.raises(ModelError, match=f"there is no version {version}; there are "):
        remove_version(registry, version)


def test_a_version_whose_model_was_deleted_for_good_by_hand_can_be_removed(registry, tmp_path):
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection, connection:
        connection.execute("DELETE FROM logged_models")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    assert remove_version(registry, "1")
    assert "1" not in [row.version for row in list_versions(registry)]
