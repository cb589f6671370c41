"""``kedro run`` in several processes, one of them killed, and on two machines that are one here."""

import csv
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from mlflow.tracking import MlflowClient
from safetensors.torch import load_file

from tests.configuration import copy_configuration

PROJECT_ROOT = Path(__file__).parents[2]
WORDS = {"billing": "invoice refund charge", "login": "password reset token", "legal": "court clause lawyer"}
SIZES = {"billing": 90, "login": 50, "legal": 12}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    project = tmp_path_factory.mktemp("processes") / "project"
    copy_configuration(project)
    (project / "src").mkdir()
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT_ROOT / name, project)
    draw = random.Random(0)  # noqa: S311 - texts of a test
    rows = [
        (" ".join(draw.choices([*WORDS[team].split(), "the", "is"], k=8)) + f" {index}", team)
        for team, size in SIZES.items()
        for index in range(size)
    ]
    with (project / "tickets.csv").open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([("text", "label"), *rows])
    return project


def start(project: Path, pipeline: str, *parameters: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "src"), "OMP_NUM_THREADS": "1"}
    common = [f"corpus.train={project / 'tickets.csv'}", "fit.epochs=6", "fit.batch_size=8"]
    command = [sys.executable, "-m", "kedro", "run", "--env=test", f"--pipeline={pipeline}"]
    return subprocess.Popen(
        [*command, f"--params={','.join([*common, *parameters])}"],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    return output


def wait_for(condition, seconds: float = 120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("waited too long")


def workers(project: Path) -> dict[int, psutil.Process]:
    """The workers of the project's training by rank."""
    found = {}
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "sharprecl.training.worker" in command and str(project) in " ".join(command):
            with suppress(psutil.Error):  # it has ended meanwhile
                found[int(process.environ()["RANK"])] = process
    return found


def listens_at(process: psutil.Process) -> set[str]:
    """Addresses at which others can reach a process."""
    return {
        connection.laddr.ip
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


@pytest.fixture(scope="module")
def killed(project) -> tuple[int, str, set[str]]:
    """Exit status and output of a run one of whose two workers was killed after its first epoch, and where
    its processes listened."""
    process = start(project, "train", "launch.nproc=2")
    checkpoints = project / "data/06_models/checkpoints"
    wait_for(
        lambda: list(checkpoints.glob("*/checkpoint-*/trainer_state.json")) or process.poll() is not None
    )
    both = workers(project)
    addresses = set.union(*map(listens_at, [psutil.Process(process.pid), both[0], both[1]]))
    both[1].kill()
    output, _ = process.communicate(timeout=60)
    return process.returncode, output, addresses


@pytest.fixture(scope="module")
def machines(killed, project) -> list[str]:
    """Outputs of the same training on two machines of one process each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        rendezvous = f"127.0.0.1:{free.getsockname()[1]}"
    shared = ("launch.nnodes=2", f"launch.rendezvous={rendezvous}")
    processes = [start(project, "fit", *shared, f"launch.node_rank={rank}") for rank in (0, 1)]
    return [finish(process) for process in processes]


@pytest.fixture(scope="module")
def whole(machines, project) -> str:
    """Output of the same training in two processes of one machine, from the beginning."""
    return finish(start(project, "train", "launch.nproc=2"))


@pytest.fixture(scope="module")
def runs(whole, project):
    """The project's MLflow runs, oldest first."""
    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("sharprecl")
    return client.search_runs([experiment.experiment_id], order_by=["start_time"])


def test_a_killed_worker_fails_the_run_in_one_line(killed, project):
    status, output, _ = killed
    assert status == 1
    (line,) = [line for line in output.splitlines() if line.startswith("Error: ")]
    assert "process 1 was ended by SIGKILL" in line
    assert "Traceback" not in output
    assert workers(project) == {}


def test_processes_of_one_machine_are_reached_from_it_alone(killed):
    _, _, addresses = killed
    assert addresses == {"127.0.0.1"}


def test_the_same_training_goes_on_with_two_machines(machines):
    first, second = machines
    assert "Going on from checkpoint-" in first
    assert "epoch 6/6: validation macro-F1" in first
    assert "epoch 1/6" not in first
    assert "Machine 1 of 2, counted from 0: trains along" in second
    assert "epoch" not in second


def test_only_machine_0_tracks_and_saves(runs, project):
    assert [run.info.status for run in runs] == ["FAILED", "FINISHED", "FINISHED"]
    assert runs[1].data.params["launch.nnodes"] == "2"
    assert len(list(project.glob("data/06_models/model/*/model"))) == 2  # of the two runs that finished
    assert list((project / "data/06_models/checkpoints").iterdir()) == []


def test_live_metrics_come_from_the_first_worker(whole, runs, project):
    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    losses = client.get_metric_history(runs[2].info.run_id, "train/loss")
    steps = [metric.step for metric in losses]
    assert len(steps) == len(set(steps)) > 6
    moments = {metric.timestamp for metric in losses}
    assert max(moments) - min(moments) > 0  # one by one, not all at the end
    assert "test/macro_f1" in runs[2].data.metrics


def test_interrupted_on_one_machine_and_ended_on_two_is_the_same_training(machines, whole, project):
    resumed, uninterrupted = (
        load_file(file) for file in sorted(project.glob("data/06_models/model/*/model/model.safetensors"))
    )
    assert resumed.keys() == uninterrupted.keys()
    for name, weight in resumed.items():
        assert weight.equal(uninterrupted[name]), name
