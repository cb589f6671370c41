"""Fixtures of all tests; tests never look for a model hub."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# What the caller's shell, a git hook or make sets for itself is not for the projects of tests.
for variable in ("KEDRO_ENV", "KEDRO_LOGGING_CONFIG", "SHARPRECL_JOB", "GIT_DIR", "MAKEFLAGS", "MAKELEVEL"):
    os.environ.pop(variable, None)
os.environ["no_proxy"] = os.environ["NO_PROXY"] = "127.0.0.1,localhost"

# The same examples in every run, however slow the machine is.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")

# A shell that starts tests in the background lets them ignore Ctrl-C, and what they start with them.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

PROJECT_ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def released_data() -> Path:
    """Folder of the two released data sets; the test is skipped where there is none."""
    folder = Path(os.environ.get("SHARPRECL_DATA", PROJECT_ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the released data sets are not at {folder}: set SHARPRECL_DATA")
    return folder


@pytest.fixture
def run_here(monkeypatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """``kedro run`` of a project in this process, which has all modules already: for short runs."""
    from click.testing import CliRunner
    from kedro.framework.startup import bootstrap_project

    from sharprecl.cli import run as run_command

    def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(project)
        ended = CliRunner().invoke(run_command, list(arguments), obj=bootstrap_project(project))
        assert isinstance(ended.exception, (SystemExit, type(None))), ended.exception
        return subprocess.CompletedProcess(arguments, ended.exit_code, ended.stdout, ended.stderr)

    return run
