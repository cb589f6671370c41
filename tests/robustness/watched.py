"""Running the project's commands with a watch on every Python process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT_ROOT

WATCH = Path(__file__).parent / "watch"
QUIETING = {
    *("CIRCLECI", "TRAVIS", "BUILDKITE", "JENKINS_URL", "TF_BUILD", "BITBUCKET_BUILD_NUMBER"),
    *("CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", "PYTEST_VERSION", "DO_NOT_TRACK", "HF_HUB_OFFLINE"),
    *("HF_HUB_DISABLE_TELEMETRY", "MLFLOW_DISABLE_TELEMETRY", "KEDRO_DISABLE_TELEMETRY"),
}
"""Variables that keep libraries quiet in tests; users do not set them."""
SECRETS = {"OPENAI_API_KEY": "sk-0123456789-secret", "HF_TOKEN": "hf_0123456789-secret"}


def watched_environment(file: Path) -> dict[str, str]:
    """A user's environment, in which every Python process writes what it does into a file."""
    kept = {name: value for name, value in os.environ.items() if name not in QUIETING}
    return {
        **kept,
        **SECRETS,
        "PYTHONPATH": os.pathsep.join((str(WATCH), str(PROJECT_ROOT / "src"))),
        "SHARPRECL_WATCH": str(file),
        "OMP_NUM_THREADS": "2",
        "no_proxy": "127.0.0.1",
    }


def kedro(project: Path, file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the project under watch."""
    command = [sys.executable, "-m", "kedro", *arguments]
    environment = watched_environment(file)
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def events(file: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Processes that were watched, and what was seen in them."""
    seen = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    starts = [event for event in seen if event["event"] == "start"]
    return starts, [event for event in seen if event["event"] != "start"]


@contextmanager
def server(project: Path, file: Path) -> Iterator[tuple[str, int]]:
    """``kedro serve`` under watch.

    Yields:
        Its address and process.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = project / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "kedro", "serve", f"--port={port}"],
            **{"cwd": project, "env": watched_environment(file), "start_new_session": True},
            **{"stdout": output, "stderr": subprocess.STDOUT},
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_up(process, f"{address}/ping", log)
        yield address, process.pid
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


def _wait_until_up(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        try:
            with _opener().open(address, timeout=2):
                return
        except OSError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.5)
    raise AssertionError(log.read_text(encoding="utf-8"))


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(address: str, body: bytes, kind: str = "application/json") -> tuple[int, str]:
    """Post to the served model.

    Returns:
        Status and answer.
    """
    request = urllib.request.Request(f"{address}/invocations", body, {"Content-Type": kind})  # noqa: S310
    try:
        with _opener().open(request, timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
