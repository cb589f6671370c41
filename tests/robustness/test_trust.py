"""Nothing from outside is trusted: commands as users run them, under watch, on hostile labels and texts."""

import csv
import json
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path

import pandas as pd
import psutil
import pytest

from benchmarks.scratch_project import make_project
from tests.robustness.watched import SECRETS, ask, events, kedro, server, watched_environment

pytestmark = pytest.mark.slow

SCRIPT = "<script>document.title='owned'</script>"
LABELS = [
    SCRIPT,
    "'; DROP TABLE runs; --",
    "$(touch owned) `touch owned`",
    'x"]; click A "javascript:alert(1)"',
]
WORDS = ["red green blue", "old new fast", "up down left", "sun moon star"]
HOSTILE_TEXT = (
    f"${{oc.env:HOME}} {{{{7*7}}}} {SCRIPT} <img src=x onerror=\"document.title='owned'\"> ../../x\x00"
)
STAGES = ["train", "predict", "serve"]


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    project = make_project(tmp_path_factory.mktemp("trust"))
    rows = [(f"{WORDS[row % 4]} {row} {HOSTILE_TEXT}", LABELS[row % 4]) for row in range(80)]
    with (project / "rows.csv").open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([("text", "label"), *rows])
    return project


@pytest.fixture(scope="module")
def outputs(project) -> dict[str, str]:
    """What the main job and a prediction printed; what was seen is in ``<stage>.jsonl``."""
    train = kedro(project, project / "train.jsonl", "run", "--env=test", "--params=corpus.train=rows.csv")
    scored = "--params=predict.input=rows.csv,predict.output=scored.csv"
    predict = kedro(project, project / "predict.jsonl", "run", "--env=test", "--pipeline=predict", scored)
    for run in (train, predict):
        assert run.returncode == 0, run.stdout + run.stderr
    return {name: run.stdout + run.stderr for name, run in {"train": train, "predict": predict}.items()}


@pytest.fixture(scope="module")
def served(project, outputs) -> dict:
    """What the server answered, and where its processes listened."""
    with server(project, project / "serve.jsonl") as (address, pid):
        parent = psutil.Process(pid)
        processes = [parent, *parent.children(recursive=True)]
        connections = [connection for process in processes for connection in process.net_connections("inet")]
        hostile = pickle.dumps({"inputs": ["a text"]})
        return {
            "listening": {connection.laddr.ip for connection in connections if connection.status == "LISTEN"},
            "answer": ask(address, json.dumps({"inputs": [HOSTILE_TEXT, "x" * (1 << 20), ""]}).encode()),
            "pickle": ask(address, hostile, "application/x-pickle"),
            "pickle as JSON": ask(address, hostile),
        }


def test_the_watch_sees_what_it_is_for(tmp_path):
    """Here nothing is sent: the events are raised as Python would raise them."""
    program = """
import pickle, sys
for host in ("192.0.2.1", "example.com", "127.0.0.1", "::1"):
    sys.audit("socket.connect", None, (host, 443))
sys.audit("socket.connect", None, "/a/socket/file")
sys.audit("socket.getaddrinfo", "example.com", 443, 0, 0, 0)
sys.audit("socket.getaddrinfo", "localhost", 443, 0, 0, 0)
pickle.loads(pickle.dumps([1, "a"]))  # data alone harms nobody
try:
    pickle.loads(pickle.dumps(print))
except RuntimeError as error:
    print(error)
"""
    file = tmp_path / "watch.jsonl"
    command = [sys.executable, "-c", program]
    printed = subprocess.run(
        command, env=watched_environment(file), capture_output=True, text=True, check=True
    )
    assert printed.stdout == "unpickled without restriction: ('builtins', 'print')\n"
    starts, seen = events(file)
    assert len(starts) == 1
    expected = ["('192.0.2.1', 443)", "('example.com', 443)", "('example.com'", "('builtins', 'print')"]
    assert [event["what"].startswith(start) for event, start in zip(seen, expected, strict=True)] == [
        True
    ] * 4


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_unpickled_and_no_process_reaches_beyond_this_machine(project, served, stage):
    starts, seen = events(project / f"{stage}.jsonl")
    assert starts
    assert not seen


def test_the_server_listens_on_the_loopback_alone(served):
    assert served["listening"] == {"127.0.0.1"}


def test_the_server_answers_hostile_texts_and_takes_no_pickle(served):
    status, answer = served["answer"]
    assert status == 200
    labels = [row["label"] for row in json.loads(answer)["predictions"]]
    assert len(labels) == 3
    assert set(labels) <= set(LABELS)
    for request in ("pickle", "pickle as JSON"):
        status, answer = served[request]
        assert 400 <= status < 500
        assert "Traceback" not in answer


def test_labels_and_texts_ran_no_command_and_no_statement(project, served):
    assert not list(project.rglob("owned*"))
    with sqlite3.connect(project / "mlflow.db") as database:
        assert database.execute("SELECT count(*) FROM runs").fetchone()[0] >= 1
    scored = pd.read_csv(project / "scored.csv")
    assert len(scored) == 80
    assert set(scored["predicted"]) <= set(LABELS)
    assert scored["text"].str.contains("${oc.env:HOME}", regex=False).all()


@pytest.mark.parametrize("pattern", ["report.html", "figures.html", "README.md"])
def test_pages_hold_labels_and_texts_escaped(project, served, pattern):
    pages = [file for file in project.rglob(pattern) if file.is_file()]
    assert pages
    for page in pages:
        content = page.read_text(encoding="utf-8")
        assert "document.title=" in content  # the label is there, but as text
        assert SCRIPT not in content
        assert "<img src=x" not in content


def test_no_file_that_a_run_leaves_is_a_pickle(project, served):
    """A pickle of protocol 2 or later begins with 0x80; torch's files are archives with a pickle in them."""
    files = [file for file in project.rglob("*") if file.is_file() and file.suffix != ".db"]
    assert any(file.suffix == ".safetensors" for file in files)
    heads = {file: file.read_bytes()[:4] for file in files}
    assert not [file for file, head in heads.items() if head[:1] == b"\x80" or head == b"PK\x03\x04"]
    assert not {file.suffix for file in files} & {".pkl", ".pickle", ".bin", ".pt", ".pth", ".joblib"}


def test_no_secret_of_the_environment_is_written_or_printed(project, outputs, served):
    printed = "".join(outputs.values()).encode()
    for secret in SECRETS.values():
        assert secret.encode() not in printed
        assert not [
            file for file in project.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()
        ]
