"""A real ``kedro run`` as a process of its own that can be watched, killed and started again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from tests.configuration import copy_configuration
from tests.robustness.small_corpora import CORPORA, write_corpus

PROJECT_ROOT = Path(__file__).parents[2]
CHECKPOINT = "data/06_models/checkpoints/*/checkpoint-*/trainer_state.json"


def make_project(folder: Path) -> Path:
    """The project's configuration in a folder of its own, with the small corpora as CSV files."""
    project = folder / "project"
    copy_configuration(project)
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT_ROOT / name, project)
    (project / "src").mkdir()
    for name in CORPORA:
        write_corpus(project / f"{name}.csv", name)
    return project


class RunProcess:
    """``kedro run`` on a corpus of the project, with what it prints in a file."""

    def __init__(self, project: Path, *parameters: str, corpus: str = "tickets", **environment: str) -> None:
        self.project = project
        chosen = (f"corpus.train={corpus}.csv", "fit.epochs=3,fit.batch_size=16", *parameters)
        command = [sys.executable, "-m", "kedro", "run", "--env=test", f"--params={','.join(chosen)}"]
        logs = project.parent / "logs"
        logs.mkdir(exist_ok=True)
        self.log = logs / f"{len(list(logs.iterdir()))}.log"
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT_ROOT / "src"),
            "OMP_NUM_THREADS": "1",
            "no_proxy": "127.0.0.1",
            **environment,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=project, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def error(self) -> str:
        """The one line of a run that failed."""
        assert "Traceback" not in self.output, self.output
        lines = [line for line in self.output.splitlines() if line.startswith("Error: ")]
        assert len(lines) == 1, self.output
        return lines[0]

    def wait_until(self, happened: Callable[[], object], seconds: float = 240) -> None:
        """Wait for a sign; fails if the run ends before it."""
        end = time.monotonic() + seconds
        while not happened():
            assert self.process.poll() is None, f"ended before the sign\n{self.output}"
            assert time.monotonic() < end, f"no sign in {seconds} s\n{self.output}"
            time.sleep(0.005)

    def wait_for_line(self, text: str) -> None:
        self.wait_until(lambda: text in self.output)

    def wait_for_checkpoint(self) -> None:
        self.wait_until(lambda: [path for path in self.project.glob(CHECKPOINT) if is_json(path)])

    def wait_for_registration(self) -> None:
        self.wait_until(lambda: list(self.project.glob("mlartifacts/models/*/artifacts/*")))

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def interrupt(self) -> float:
        """Ctrl-C; gives the seconds until the end."""
        start = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=60)
        return time.monotonic() - start

    def end(self, seconds: float = 300) -> int:
        """Wait for the end; gives the exit status."""
        return self.process.wait(timeout=seconds)

    def succeed(self) -> "RunProcess":
        assert self.end() == 0, self.output
        return self


def is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def open_store(project: Path) -> MlflowClient:
    address = f"sqlite:///{project / 'mlflow.db'}"
    return MlflowClient(address, address)


def tracked_runs(client: MlflowClient) -> list[Run]:
    """The runs of a store, the oldest first."""
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return client.search_runs(experiments, order_by=["attributes.start_time ASC"])


def statuses(project: Path) -> list[str]:
    return [run.info.status for run in tracked_runs(open_store(project))]
