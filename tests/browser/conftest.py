"""One browser, one trained project and servers on it, for all tests of this folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.pictures.browser import chromium, find_chromium
from docs.pictures.servers import lineage_server, tracking_server
from tests.configuration import copy_configuration
from tests.test_main_job import write_tickets

PROJECT_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium; without one the tests are skipped."""
    executable = find_chromium()
    if executable is None:
        pytest.skip("there is no browser: install Debian's chromium to run the browser tests")
    with chromium(executable) as launched:
        yield launched


@pytest.fixture(scope="session")
def project(browser, tmp_path_factory) -> Path:
    """A folder of its own in which ``train`` has run on a few tickets."""
    project = tmp_path_factory.mktemp("browser") / "project"
    copy_configuration(project)
    (project / "src").mkdir()
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT_ROOT / name, project)
    write_tickets(project / "tickets.csv")
    parameters = "corpus.train=tickets.csv,corpus.text=Ticket text,corpus.label=Team,fit.epochs=3"
    command = [
        sys.executable,
        "-m",
        "kedro",
        "run",
        "--pipeline=train",
        "--env=test",
        f"--params={parameters}",
    ]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "src"), "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture(scope="session")
def lineage(project) -> str:
    """Address of kedro-viz on the project."""
    with lineage_server(project) as address:
        yield address


@pytest.fixture(scope="session")
def tracking(project) -> str:
    """Address of MLflow's pages on the project's database."""
    with tracking_server(project) as address:
        yield address
