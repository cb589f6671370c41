"""How many requests a second the served champion answers, and how late, under a load of eight clients.

Usage: ``python benchmarks/serving.py``. The clients are threads of this process, each with a connection
that stays open; the server is ``kedro serve``, as ``make serve`` starts it.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, perf_counter, sleep

import numpy as np
from material import load_corpus
from rows import Row, print_rows
from scratch_project import make_project, project_environment, run_python

CLIENTS = 8
SECONDS = 15.0
CASES = {"one text": 1, "512 texts": 512}


@contextmanager
def champion_server(project: Path) -> Iterator[int]:
    """Serve the project's champion; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "kedro", "serve", f"--port={port}"],
        cwd=project,
        env=project_environment(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_up(port, deadline=monotonic() + 120)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _wait_until_up(port: int, deadline: float) -> None:
    while monotonic() < deadline:
        try:
            _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=60), ["is it up"])
        except OSError:
            sleep(0.5)
        else:
            return
    raise TimeoutError("the server did not answer in two minutes")


def _ask(connection: http.client.HTTPConnection, texts: list[str]) -> None:
    body = json.dumps({"inputs": texts})
    connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    if response.status != 200 or len(answer["predictions"]) != len(texts):
        raise RuntimeError(f"status {response.status}: {answer}")


def _client(port: int, texts: list[str], size: int, until: float) -> list[float]:
    """Ask one request after another; gives the seconds each took."""
    connection, taken = http.client.HTTPConnection("127.0.0.1", port, timeout=120), []
    while perf_counter() < until:
        first = len(taken) * size % (len(texts) - size)
        start = perf_counter()
        _ask(connection, texts[first : first + size])
        taken.append(perf_counter() - start)
    return taken


def load(port: int, texts: list[str], size: int) -> tuple[float, np.ndarray]:
    """Eight clients at once.

    Returns:
        Seconds in all, and the seconds of each request.
    """
    start = perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [
            pool.submit(_client, port, texts[index::CLIENTS] * 2, size, start + SECONDS)
            for index in range(CLIENTS)
        ]
        taken = np.concatenate([client.result() for client in clients])
    return perf_counter() - start, taken


def measure() -> list[Row]:
    """Rows of the table; the model that is served is trained first, for one epoch."""
    rows, texts = [], load_corpus("stdlib").texts
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder))
        run_python(project, "-m", "kedro", "run", "--pipeline=train", "--params=fit.epochs=1", quiet=True)
        with champion_server(project) as port:
            for name, size in CASES.items():
                seconds, taken = load(port, texts, size)
                case = f"{CLIENTS} clients, {name} a request"
                rows += [
                    Row("serving", case, "requests/s", len(taken) / seconds),
                    Row("serving", case, "texts/s", len(taken) * size / seconds),
                    Row("serving", case, "ms, median", 1000 * float(np.median(taken))),
                    Row("serving", case, "ms, 95th percentile", 1000 * float(np.quantile(taken, 0.95))),
                ]
    return rows


if __name__ == "__main__":
    print_rows(measure())
