"""Saved datasets as artifacts of the run.

The catalog says where: an entry whose ``metadata`` has ``mlflow: {folder: fit}`` is logged into that
folder whenever a node saves it. The entries themselves stay plain Kedro datasets, so versions and
previews work as everywhere.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, AbstractVersionedDataset
from mlflow.tracking import MlflowClient
from plotly.graph_objects import Figure
from plotly.io import to_html

FIGURES_PAGE = "figures.html"


def artifact_folder(dataset: AbstractDataset[Any, Any]) -> str | None:
    """The artifact folder that the catalog names for a dataset, if any."""
    metadata = getattr(dataset, "metadata", None) or {}
    folder = metadata.get("mlflow", {}).get("folder")
    return None if folder is None else str(folder)


def saved_path(dataset: AbstractDataset[Any, Any]) -> Path:
    """Where this run saved a dataset: the run's own version, or the file itself.

    Args:
        dataset: with a ``filepath``.
    """
    if isinstance(dataset, AbstractVersionedDataset):
        version = dataset.resolve_save_version()
        if version is not None:
            return Path(dataset._get_versioned_path(version))
    return Path(dataset._filepath)  # type: ignore[attr-defined]


def log_artifact(run_id: str, dataset: AbstractDataset[Any, Any], folder: str) -> None:
    """Copy what a dataset saved into an artifact folder of the run."""
    MlflowClient().log_artifact(run_id, str(saved_path(dataset)), folder)


def log_figures(run_id: str, figures: Mapping[str, Figure], name: str = FIGURES_PAGE) -> None:
    """Log one page with all of a run's figures.

    MLflow's viewer shows an HTML file in a frame that can load no file beside it, and it has to work
    without a network, so plotly.js (over 4 MB) stands in the page: once, not once a figure.

    Args:
        run_id: the run.
        figures: by name; without any, nothing is logged.
        name: the page's.
    """
    if not figures:
        return
    sections = [
        f'<h2 id="{escape(title)}">{escape(title)}</h2>'
        + to_html(figure, full_html=False, include_plotlyjs=index == 0)
        for index, (title, figure) in enumerate(figures.items())
    ]
    page = '<!doctype html><html><head><meta charset="utf-8"><title>Figures</title></head>'
    page += '<body style="font-family: sans-serif">' + "\n".join(sections) + "</body></html>"
    MlflowClient().log_text(run_id, page, name)
