"""The registry of a project, for commands outside a run."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import cast

import mlflow
from kedro.framework.session import KedroSession
from mlflow.tracking import MlflowClient

from sharprecl.errors import ModelError, first_line
from sharprecl.tracking.registered_model import load_registered
from sharprecl.tracking.registry import CHAMPION, MODEL_NAME, current_champion, describe_version

logger = logging.getLogger(__name__)

SECONDS_TO_ANSWER = 10.0
"""After a request to end; container engines kill after as much."""
_REQUESTS_TO_END = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
]


def open_registry(project: Path, env: str | None = None) -> MlflowClient:
    """A client of the store that the project's configuration names.

    Args:
        project: the project's folder.
        env: name of the environment; Kedro's default one if None.

    Returns:
        The client; MLflow's own functions use the same store from here on.
    """
    with KedroSession.create(project_path=project, env=env) as session:
        # kedro-mlflow takes the address from conf/<env>/mlflow.yml.
        cast(KedroSession, session).load_context()
    return MlflowClient()


def serve_champion(client: MlflowClient, host: str, port: int) -> int:
    """Answer over HTTP with the champion until interrupted.

    Args:
        client: of the registry.
        host: address to listen at.
        port: port to listen at.

    Returns:
        The server's exit status.

    Raises:
        ModelError: if there is no champion, it cannot be loaded, or nothing can listen there.
    """
    champion = current_champion(client)
    if champion is None:
        raise ModelError("registry: there is no champion to serve; name one with `kedro promote VERSION`")
    _check_address(host, port)
    load_registered(champion)  # a server that cannot load it would say so in a hundred lines
    described = describe_version(client.get_model_version(MODEL_NAME, champion))
    logger.info("Serving %s, at http://%s:%d/invocations; Ctrl-C ends it", described, host, port)
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri"]
    command += [f"models:/{MODEL_NAME}@{CHAMPION}", "--env-manager", "local"]
    command += ["--host", host, "--port", str(port)]
    # MLflow starts its server by name, and this interpreter's scripts need not be on the path.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    environment = {**os.environ, "MLFLOW_TRACKING_URI": mlflow.get_tracking_uri(), "PATH": path}
    return run_server(command, environment)


def _check_address(host: str, port: int) -> None:
    """Refuse an address that the server could not have, before it loads the model.

    Raises:
        ModelError: saying why.
    """
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        raise ModelError(
            f"serve: cannot listen at {host}:{port} ({reason}); end what listens there, or name another "
            "address with --port and --host"
        ) from error


def run_server(command: list[str], environment: dict[str, str]) -> int:
    """Run a server until it ends, or until this process is asked to, and the server with it.

    Requests that run then have :data:`SECONDS_TO_ANSWER` to be answered. SIGHUP, which a terminal sends when
    it closes, ends it too, but not under ``nohup``.

    Args:
        command: the program and its arguments.
        environment: its environment variables.

    Returns:
        Its exit status; 128 plus the signal's number after a request to end.
    """
    asked: list[int] = []
    servers: list[subprocess.Popen[bytes]] = []

    def end(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        for server in servers:
            os.killpg(server.pid, signal.SIGTERM)

    requests = [number for number in _REQUESTS_TO_END if signal.getsignal(number) != signal.SIG_IGN]
    former = {number: signal.signal(number, end) for number in requests}
    try:
        server = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 - no shell
        servers.append(server)
        if asked:  # while it was started
            os.killpg(server.pid, signal.SIGTERM)
        status = server.wait()
        _end_group(server.pid)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    return 128 + asked[0] if asked else status


def _end_group(group: int) -> None:
    """Wait for the processes that a server has started, and end those that do not end by themselves."""
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(0.05)
        os.killpg(group, signal.SIGKILL)
