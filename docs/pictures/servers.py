"""Servers on the loopback that end when they are no longer needed."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

SOURCE = Path(__file__).parents[2] / "src"
_LAST_REGISTERED_PORT = 49151  # kedro-viz takes none above
_NOWHERE = "http://127.0.0.1:9"
ENVIRONMENT = {
    "PYTHONPATH": str(SOURCE),
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # starts processes of its own that nothing here needs
    # kedro-viz looks for a newer release when it starts; no setting stops it.
    **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), _NOWHERE),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1"),
}
"""What the servers get besides this process's environment."""


@contextmanager
def lineage_server(project: Path) -> Iterator[str]:
    """kedro-viz on a project.

    Args:
        project: its folder; kedro-viz reads configuration, data and the state of the last run.

    Yields:
        The address.
    """
    port = _free_port()
    command = ["-m", "kedro", "viz", "run", "--no-browser", f"--port={port}"]
    with _serving(command, project, f"http://127.0.0.1:{port}/", "api/main") as address:
        yield address


@contextmanager
def tracking_server(project: Path) -> Iterator[str]:
    """MLflow's pages on a project's database.

    Args:
        project: its folder, with ``mlflow.db``.

    Yields:
        The address.
    """
    port = _free_port()
    command = ["-m", "mlflow", "ui", "--host=127.0.0.1", f"--port={port}", "--workers=1"]
    command += ["--backend-store-uri", f"sqlite:///{project / 'mlflow.db'}"]
    with _serving(command, project, f"http://127.0.0.1:{port}/", "health") as address:
        yield address


@contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """The files of a folder over HTTP.

    Args:
        folder: what is served.

    Yields:
        The address.
    """
    port = _free_port()
    command = ["-m", "http.server", "--bind=127.0.0.1", str(port)]
    with _serving(command, folder, f"http://127.0.0.1:{port}/", "") as address:
        yield address


def _free_port() -> int:
    port = _LAST_REGISTERED_PORT + 1
    while port > _LAST_REGISTERED_PORT:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
    return port


@contextmanager
def _serving(arguments: Sequence[str], folder: Path, address: str, probe: str) -> Iterator[str]:
    """This interpreter with arguments, as a group of processes that is ended whatever happens."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - the commands above
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, **ENVIRONMENT},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_it_answers(process, address + probe, log)
            yield address
        finally:
            _end_group(process)


def _wait_until_it_answers(process: subprocess.Popen[bytes], address: str, log: IO[bytes]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), opener.open(address, timeout=10):
            return
        time.sleep(0.2)
    log.seek(0)
    printed = log.read().decode(errors="replace")[-2000:]
    raise RuntimeError(f"{address} does not answer; the server printed:\n{printed}")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the server and the processes it started, which would outlive it."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, ending)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
