"""What an executed notebook shows, read back from its outputs."""

import base64
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
from nbformat import NotebookNode

PLOTLY = "application/vnd.plotly.v1+json"


def printed(notebook: NotebookNode) -> str:
    """All that went to standard output and standard error."""
    return "".join(output["text"] for output in _outputs(notebook) if output["output_type"] == "stream")


def shown(notebook: NotebookNode, cell_id: str, mime_type: str) -> Any:
    """The one result of a cell in one format."""
    (cell,) = [cell for cell in notebook["cells"] if cell["id"] == cell_id]
    (data,) = [output["data"][mime_type] for output in cell["outputs"] if "data" in output]
    return data


def figure(notebook: NotebookNode, cell_id: str) -> dict[str, Any]:
    """The plotly figure that a cell shows, its packed arrays as numpy arrays."""
    return _unpack(shown(notebook, cell_id, PLOTLY))


def table(notebook: NotebookNode, cell_id: str) -> list[list[str]]:
    """The rows of the table that a cell shows, header first."""
    reader = _TableReader()
    reader.feed(shown(notebook, cell_id, "text/html"))
    return reader.rows


def newest(project: Path, name: str) -> Path:
    """The last saved version of a versioned artifact."""
    return max(project.glob(f"data/0*/**/{name}/*/{name}"))


def _outputs(notebook: NotebookNode) -> list[Any]:
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) >= {"bdata", "dtype"}:
        array = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
        return array.reshape([int(side) for side in str(value.get("shape", array.size)).split(",")])
    return {key: _unpack(item) for key, item in value.items()}


class _TableReader(HTMLParser):
    """Collects the text of each cell of a table, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.in_cell = False

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in ("th", "td")

    def handle_data(self, data):
        if self.in_cell:
            self.rows[-1][-1] += data
