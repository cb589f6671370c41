"""Killed or interrupted at chosen moments; the same command again ends with the bits of a run left alone."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import pytest
from mlflow.entities import LoggedModelStatus

from sharprecl.datasets.run_folder import RunFolder, runs_folder
from sharprecl.interruption import HINT
from sharprecl.tracking.dead_runs import CONTEXT_VARIABLE, announce_runs, close_dead_runs
from sharprecl.tracking.registered_model import RegisteredModelDataset
from tests.robustness.run_process import PROJECT_ROOT, RunProcess, make_project, open_store, tracked_runs
from tests.robustness.small_corpora import curves, damaged_files, outcome

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "src")}
MOMENTS = {
    "before the first checkpoint": lambda run: run.wait_for_line("fit_sharprecl"),
    "between checkpoints": RunProcess.wait_for_checkpoint,
    "in registration": RunProcess.wait_for_registration,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return make_project(tmp_path_factory.mktemp("killed"))


@pytest.fixture(scope="module")
def killed(project) -> list[tuple[RunProcess, list[str]]]:
    """One run killed at each moment, the same command every time, with what was damaged after it."""
    runs = []
    for reach in MOMENTS.values():
        run = RunProcess(project)
        reach(run)
        run.kill()
        runs.append((run, damaged_files(project)))
    return runs


@pytest.fixture(scope="module")
def finished(killed, project) -> RunProcess:
    """The same command once more, left alone."""
    return RunProcess(project).succeed()


@pytest.fixture(scope="module")
def runs(finished, project):
    return tracked_runs(open_store(project))


@pytest.mark.slow
def test_a_killed_run_leaves_nothing_half_written(killed):
    assert [damage for _, damage in killed] == [[], [], []]


@pytest.mark.slow
def test_training_goes_on_from_the_last_checkpoint(killed, finished):
    begun = [re.findall(r"Going on from checkpoint-(\d+)", run.output) for run, _ in killed]
    assert begun[:2] == [[], []]
    assert begun[2] in (["7"], ["14"])  # an epoch has 7 steps
    assert re.findall(r"Going on from checkpoint-(\d+)", finished.output) == ["21"]


@pytest.mark.slow
def test_the_run_that_finishes_has_the_bits_of_one_left_alone(runs, project, at_once, versions):
    version = runs[-1].data.tags["kedro_save_version"]
    reference = at_once["tickets"].project
    assert outcome(project, version) == outcome(reference, versions["tickets"])


@pytest.mark.slow
def test_its_tracked_run_has_the_whole_curves(runs, project, at_once, versions):
    client = open_store(at_once["tickets"].project)
    alone = next(
        run for run in tracked_runs(client) if run.data.tags["kedro_save_version"] == versions["tickets"]
    )
    assert curves(open_store(project), runs[-1]) == curves(client, alone)


@pytest.mark.slow
def test_no_killed_run_is_shown_as_running(runs, project):
    assert [run.info.status for run in runs] == ["KILLED", "KILLED", "KILLED", "FINISHED"]
    client = open_store(project)
    models = client.search_logged_models([runs[0].info.experiment_id])
    statuses = {model.status for model in models}
    assert LoggedModelStatus.READY in statuses
    # The one at which the third was killed has failed, unless it was just finished.
    assert statuses <= {LoggedModelStatus.READY, LoggedModelStatus.FAILED}


@pytest.mark.slow
def test_every_registered_version_loads(runs, project):
    client = open_store(project)
    mlflow.set_tracking_uri(f"sqlite:///{project / 'mlflow.db'}")
    registered = client.search_model_versions("name = 'sharprecl'")
    assert registered
    for version in registered:
        model = RegisteredModelDataset(model=str(version.version), project_root=str(project)).load()
        assert model.label_names == ["Billing", "Legal", "Login"]


@pytest.mark.slow
def test_nothing_is_left_of_the_killed_runs(finished, project):
    assert [entry for entry in runs_folder(project).iterdir() if entry.is_dir()] == []
    assert list((project / "data/06_models/checkpoints").iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_ends_within_five_seconds_with_a_hint_and_the_run_marked(tmp_path):
    project = make_project(tmp_path)
    seconds = []
    while len(seconds) < 3 and min(seconds, default=5) >= 5:  # other tests may have the cores at one moment
        run = RunProcess(project, "fit.epochs=500")
        run.wait_for_line("epoch 1/")
        seconds.append(run.interrupt())
        assert run.process.returncode == 130
        # Behind what the bars leave, which a terminal does not show.
        assert run.output.endswith(f"Interrupted: {HINT}\n")
    assert min(seconds) < 5
    statuses = [tracked.info.status for tracked in tracked_runs(open_store(project))]
    assert statuses == ["KILLED"] * len(seconds)


STOP = """
import os, signal, sys, time
from sharprecl import interruption
interruption.SECONDS_TO_CLOSE = 0.5
signals = {"INT": signal.SIGINT, "TERM": signal.SIGTERM}
with interruption.stop_on_request(lambda status: time.sleep(float(sys.argv[2])) or print(status)):
    os.kill(os.getpid(), signals[sys.argv[1]])
    time.sleep(60)
"""


@pytest.mark.parametrize(
    ("sent", "closing", "status", "word", "closed"),
    [
        ("INT", 0, 130, "Interrupted", "KILLED\n"),
        ("TERM", 0, 143, "Terminated", "KILLED\n"),
        ("INT", 60, 130, "Interrupted", ""),  # a store that hangs does not keep the process
    ],
)
def test_a_request_to_stop_closes_the_run_if_it_can_and_ends(sent, closing, status, word, closed):
    command = [sys.executable, "-c", STOP, sent, str(closing)]
    ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (status, closed, f"{word}: {HINT}\n")


STOP_TWICE = """
import os, signal
from sharprecl import interruption

def close(status):
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(os.getpid(), number)
    print(status)

with interruption.stop_on_request(close):
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()
"""


def test_more_requests_while_the_run_is_being_closed_change_nothing():
    command = [sys.executable, "-c", STOP_TWICE]
    ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (143, "KILLED\n", f"Terminated: {HINT}\n")


SERVE = """
import os, sys
from sharprecl.tracking.project_registry import run_server
sleeper = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
raise SystemExit(run_server([sys.executable, "-c", sleeper], dict(os.environ)))
"""


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)],
)
def test_a_server_ends_with_the_command_that_started_it(number, status):
    # A shell may have started the tests deaf to it.
    hear = f"import signal; signal.signal({int(number)}, signal.SIG_DFL)\n" if number != signal.SIGINT else ""
    command = [sys.executable, "-c", hear + SERVE]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        server = int(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(timeout=30) == status
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


STUBBORN = """
import os, signal, subprocess, sys
from sharprecl.tracking import project_registry
project_registry.SECONDS_TO_ANSWER = 1.0
worker = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
worker += "print(os.getpid(), flush=True); time.sleep(60)"
server = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {worker!r}]))"
raise SystemExit(project_registry.run_server([sys.executable, "-c", server], dict(os.environ)))
"""


def test_a_servers_worker_ends_with_it_though_it_answers_a_request():
    command = [sys.executable, "-c", STUBBORN]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        worker = int(process.stdout.readline())
        process.terminate()
        assert process.wait(timeout=30) == 143
    deadline = time.monotonic() + 30
    while not has_ended(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert has_ended(worker)


def has_ended(process: int) -> bool:
    """Whether it is gone, or waits for nothing but that its parent asks how it ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except FileNotFoundError:
        return True


def test_a_server_under_nohup_outlives_its_terminal():
    command = ["nohup", sys.executable, "-c", SERVE]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, env=ENVIRONMENT, **pipes) as process:
        server = int(process.stdout.readline())
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        os.kill(server, 0)
        process.terminate()
        assert process.wait(timeout=30) == 143


CLAIM = """
import sys, time
from pathlib import Path
from sharprecl.datasets.run_folder import RunFolder
folder = RunFolder.claim(Path(sys.argv[1]), "2026-11-25T00.00.00.000Z")
print("claimed", flush=True)
time.sleep(60)
"""


def test_a_folder_is_dead_once_its_process_is_and_not_before(tmp_path):
    command = [sys.executable, "-c", CLAIM, str(tmp_path)]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "claimed\n"
        own = RunFolder.claim(tmp_path, "2026-11-25T00.00.00.001Z")
        assert RunFolder.claim_dead(tmp_path) == []
        process.kill()
    (dead,) = RunFolder.claim_dead(tmp_path)
    assert dead.path.name == "2026-11-25T00.00.00.000Z"
    assert RunFolder.claim_dead(tmp_path) == []  # one at a time looks after it
    dead.remove()
    own.remove()
    assert [entry.name for entry in tmp_path.iterdir()] == ["lock"]


def test_a_copy_of_the_project_does_not_end_the_runs_of_the_original(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(CONTEXT_VARIABLE, raising=False)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    alive = RunFolder.claim(tmp_path / "original", "2026-11-25T00.00.00.000Z")
    announce_runs(alive.path)
    with mlflow.start_run(experiment_id=mlflow.create_experiment("copies")) as run:
        shutil.copytree(tmp_path / "original", tmp_path / "copy")
        assert close_dead_runs(tmp_path / "copy") == close_dead_runs(tmp_path / "original") == 0
        assert mlflow.get_run(run.info.run_id).info.status == "RUNNING"
        alive.give_back()  # as its process's end does
        assert close_dead_runs(tmp_path / "original") == 1
        assert mlflow.get_run(run.info.run_id).info.status == "KILLED"
