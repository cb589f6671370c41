"""Two processes with half of every batch each are one process with the whole batch."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
import torch

from sharprecl.errors import CorpusError
from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.parameters import LaunchParameters
from sharprecl.training import FitResult, fit_model
from tests.training.shared_cases import CASES, LABELS, NUM_STEPS, make_job, run_cases

PROJECT_ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def start_process(rank: int, folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "RANK": str(rank), "LOCAL_RANK": str(rank), "OMP_NUM_THREADS": "1"}
    environment |= {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    command = [sys.executable, "-m", "tests.training.shared_cases", str(folder), str(folder / "store")]
    return subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[Path, Path]:
    """What one process wrote, and what two did."""
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    processes = [start_process(rank, two) for rank in range(2)]
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the cores are taken
    run_cases(one)
    torch.set_num_threads(num_threads)
    for process in processes:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
    return one, two


@pytest.mark.parametrize("case", CASES)
def test_losses_validation_and_weights_are_those_of_one_process(folders, case):
    one, two = (np.load(folder / f"{case}.npz") for folder in folders)
    assert one["losses"].shape == (NUM_STEPS,)
    assert one["losses"][-1] != one["losses"][0]
    assert one.files == two.files
    for name in one.files:
        assert one[name].dtype == np.float64
        np.testing.assert_allclose(two[name], one[name], rtol=0, atol=1e-9, err_msg=name)


def free_rendezvous() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


class InterruptedTrainingError(Exception):
    pass


def fit(folder: Path, launch=None, sink=None, **options) -> FitResult:
    job = make_job(selection_tolerance=0.0, **options)
    return fit_model(
        job.token_table,
        LABELS,
        load_tokenizer(job.encoder),
        job.encoder,
        parameters=job.parameters,
        seed=job.seed,
        checkpoint_folder=folder,
        metrics_sink=sink,
        launch=launch,
    )


def start_torchrun(folder: Path, rendezvous: str) -> subprocess.Popen[str]:
    """Machine 1 as the manual has it where there is no Kedro."""
    host, port = rendezvous.split(":")
    command = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2", "--node-rank=1"]
    command += ["--nproc-per-node=1", f"--master-addr={host}", f"--master-port={port}"]
    return subprocess.Popen(
        [*command, "-m", "sharprecl.training.worker", str(folder)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": "src"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_two_machines_one_by_torchrun_go_on_where_one_process_was_interrupted(tmp_path, caplog):
    caplog.set_level("INFO", "sharprecl")

    def interrupt(metrics, step):
        if step > 10:
            raise InterruptedTrainingError

    with pytest.raises(InterruptedTrainingError):
        fit(tmp_path / "run", sink=interrupt)
    steps = []
    launch = LaunchParameters(nnodes=2, rendezvous=free_rendezvous())
    other = start_torchrun(tmp_path / "run", launch.rendezvous)
    resumed = fit(tmp_path / "run", launch, lambda metrics, step: steps.append(step))
    output, _ = other.communicate(timeout=60)
    assert other.returncode == 0, output
    whole = fit(tmp_path / "whole")
    assert steps == sorted(steps)
    assert "Going on from checkpoint-10." in caplog.text
    assert (min(steps), max(steps)) == (5, 20)  # what the interrupted process had told is told again
    np.testing.assert_allclose(
        resumed.history["train/loss"].to_numpy(), whole.history["train/loss"].to_numpy(), rtol=1e-3
    )
    trained = whole.trained_model.model.state_dict()
    for name, weight in resumed.trained_model.model.state_dict().items():
        np.testing.assert_allclose(weight.numpy(), trained[name].numpy(), atol=1e-2, err_msg=name)


def test_an_interrupt_ends_the_workers(tmp_path):
    timer = Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))  # as Ctrl-C: while this process waits
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, LaunchParameters(nproc=2), lambda *_: timer.ident or timer.start(), epochs=1000)
    assert workers_of(tmp_path) == []


def test_what_a_worker_has_to_say_to_the_user_comes_through(tmp_path, capfd):
    with pytest.raises(CorpusError, match=r"^fit.view is aug_text, but the corpus has no such column"):
        fit(tmp_path, LaunchParameters(nproc=2), view="aug_text")
    assert "Traceback" not in "".join(capfd.readouterr())


def workers_of(folder: Path) -> list[int]:
    """Ids of processes whose command names the folder."""
    lines = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in lines.splitlines() if f"worker {folder}" in line]
