"""Plots as images, which MLflow's UI shows side by side; the interactive ones stand in the figures' page."""

import logging
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow.tracking import MlflowClient
from plotly.graph_objects import Figure

from sharprecl.errors import first_line

logger = logging.getLogger(__name__)

WIDTH = 1000
"""Pixels; the height is the figure's own."""


def log_images(run_id: str, figures: Mapping[str, Figure]) -> bool:
    """Draw a run's figures with Chrome or Chromium and log each as PNG beside its JSON.

    A run does not fail for want of a browser: one line says what is missing.

    Args:
        run_id: the run.
        figures: by artifact path without suffix, such as ``fit/training_curves_plot``.

    Returns:
        Whether the images were logged.
    """
    if not figures:
        return False
    with TemporaryDirectory() as folder:
        reason = _draw(figures, Path(folder))
        if reason is None:
            MlflowClient().log_artifacts(run_id, folder)
            return True
    logger.info("No plot images: %s; figures.html has the plots. tracking.images=false skips this", reason)
    return False


def _draw(figures: Mapping[str, Figure], folder: Path) -> str | None:
    """Write ``<name>.png`` for each figure; gives the reason if that is not possible."""
    import kaleido  # noqa: PLC0415 - starts slowly
    from kaleido import errors  # noqa: PLC0415

    jobs = []
    for name, figure in figures.items():
        file = folder / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        jobs.append({"fig": figure, "path": file, "opts": {"format": "png", "width": WIDTH}})
    try:
        # Without mathjax=False the browser would ask a server on the internet for it.
        kaleido.write_fig_from_object_sync(jobs, kopts={"mathjax": False})
    except errors.ChromeNotFoundError:
        return "no Chrome or Chromium was found (BROWSER_PATH names one that is not on the path)"
    except (errors.BrowserFailedError, errors.BrowserClosedError) as error:
        return f"the browser did not start: {first_line(error)}"
    except (errors.JavascriptError, errors.KaleidoError, TimeoutError) as error:
        return f"the browser did not draw: {first_line(error)}"
    return None
