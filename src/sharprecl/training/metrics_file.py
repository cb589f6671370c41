"""Metrics on their way from the first worker to the process that started it: one line of JSON each."""

import json
from pathlib import Path

from sharprecl.training.callbacks import MetricsSink


class MetricsWriter:
    """A sink that appends to a file.

    Args:
        file: where the lines go.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, metrics: dict[str, float], step: int) -> None:
        """Append one line."""
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"step": step, "metrics": metrics}) + "\n")


class MetricsFollower:
    """Reads a file that grows.

    Args:
        file: what :class:`MetricsWriter` writes; need not be there yet.
        sink: takes every line once.
    """

    def __init__(self, file: Path, sink: MetricsSink) -> None:
        self.file = file
        self.sink = sink
        self._position = 0

    def __call__(self) -> None:
        """Hand on what has been added since the last call; the beginning of a line waits for its end."""
        if not self.file.is_file():
            return
        with self.file.open("rb") as lines:
            lines.seek(self._position)
            added = lines.read()
        whole = added[: added.rfind(b"\n") + 1]
        self._position += len(whole)
        for line in whole.splitlines():
            entry = json.loads(line)
            self.sink(entry["metrics"], entry["step"])
