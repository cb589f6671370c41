"""Plots drawn by a real browser and logged to a real database."""

import shutil
import struct
from pathlib import Path

import mlflow
import pytest
from mlflow.tracking import MlflowClient
from plotly.graph_objects import Figure, Scatter

from sharprecl.tracking.plot_images import WIDTH, log_images

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FIGURES = {
    "fit/curves": Figure(Scatter(y=[1, 2], name="<script>")).update_layout(height=300),
    "evaluate/map": Figure(Scatter(y=[2, 1])).update_layout(height=640),
}


@pytest.fixture
def run_id(client: MlflowClient) -> str:
    experiment = mlflow.get_experiment_by_name("sharprecl")
    return client.create_run(experiment.experiment_id).info.run_id


def size_of(png: Path) -> tuple[int, int]:
    content = png.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", content[16:24])


@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="no browser: install chromium to draw plots")
def test_each_plot_is_an_image_beside_its_json(client, run_id, tmp_path):
    assert log_images(run_id, FIGURES)
    sizes = {
        name: size_of(Path(client.download_artifacts(run_id, f"{name}.png", str(tmp_path))))
        for name in FIGURES
    }
    assert sizes == {"fit/curves": (WIDTH, 300), "evaluate/map": (WIDTH, 640)}


def test_without_a_browser_a_line_says_so_and_nothing_is_logged(client, run_id, monkeypatch, caplog):
    monkeypatch.setattr("kaleido.write_fig_from_object_sync", _no_browser)
    caplog.set_level("INFO", "sharprecl")
    assert not log_images(run_id, FIGURES)
    assert "no Chrome or Chromium was found" in caplog.messages[-1]
    assert client.list_artifacts(run_id) == []


def _no_browser(*_, **__):
    from kaleido.errors import ChromeNotFoundError

    raise ChromeNotFoundError
