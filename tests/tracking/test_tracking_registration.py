import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from sharprecl.tracking.registration import CHAMPION, MODEL_NAME, Candidate, promote_champion
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


def test_a_training_run_registers_its_model(client, first_version):
    run = run_of(client, first_version)
    (version,) = client.search_model_versions(f"name = '{MODEL_NAME}' and run_id = '{run.info.run_id}'")
    assert version.tags["val_macro_f1"] == "0.5"
    assert version.tags["kedro_save_version"] == first_version
    assert (version.tags["corpus"], version.tags["encoder"]) == ("trec", "minilm")
    assert len(version.tags["corpus_digest"]) == 16


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


def test_nothing_logged_is_a_pickle(client, first_version, project):
    suffixes = {file.suffix for file in Path(project, "mlartifacts").rglob("*") if file.is_file()}
    assert ".safetensors" in suffixes
    assert not suffixes & {".pkl", ".pickle", ".bin", ".pt", ".pth"}
