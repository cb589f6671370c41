"""The documentation's pictures, one function a subject; each takes the folder that they go to."""

import json
import re
from pathlib import Path

from playwright.sync_api import Browser, Page

from .browser import Visit
from .result import HEIGHT, WIDTH, newest, result_page

MOST_BYTES = 400_000
_LIGHT_LINEAGE = {
    "theme": "light",
    "showFeatureHints": False,
    "visible": {"graph": True, "sidebar": False, "miniMap": False},
}


def take_result(browser: Browser, project: Path, images: Path) -> None:
    """Four plots of the run in one picture."""
    with Visit(browser, WIDTH, HEIGHT) as visit:
        visit.page.set_content(result_page(project))
        visit.page.wait_for_function("document.querySelectorAll('.main-svg').length >= 4")
        _save(visit.page, images / "result.png")


def take_report(browser: Browser, project: Path, images: Path) -> None:
    """The report as it opens, on a desk and on a phone, and its map of embeddings on a dark desk."""
    address = newest(project, "report.html").as_uri()
    for name, width, theme, place in (
        ("report", 1280, "light", ""),
        ("report-dark", 1280, "dark", "#embeddings"),
        ("report-phone", 375, "light", ""),
    ):
        with Visit(browser, width, color_scheme=theme) as visit:
            visit.page.goto(address)
            visit.page.locator(".main-svg").first.wait_for()
            if place:
                visit.page.locator(f"a[href='{place}']").click()
                visit.page.mouse.move(0, 0)
            _save(visit.page, images / f"{name}.png")


def take_lineage(browser: Browser, address: str, images: Path) -> None:
    """The pipeline ``train``, each stage one box."""
    # Twice the pixels: the graph is drawn small.
    with Visit(browser, device_scale_factor=2) as visit:
        visit.remember("KedroViz", json.dumps(_LIGHT_LINEAGE))
        page = visit.page
        page.goto(f"{address}?pid=train")
        page.locator(".pipeline-node").first.wait_for()
        page.get_by_text("Dismiss").click()  # of a note about versions, which stands on the graph
        page.get_by_text("Dismiss").wait_for(state="hidden")
        page.wait_for_timeout(2000)  # until the graph has come to rest
        _save(page, images / "lineage.png")


def take_experiments(browser: Browser, address: str, images: Path) -> None:
    """The newest run's curves in MLflow."""
    with Visit(browser) as visit:
        visit.remember("mlflow.workflowType_v1", '"machine_learning"')
        visit.remember("mlflow.assistant.fab.autoOpenedOnFirstLoad_v1", "true")
        visit.page.goto(_newest_run(visit.page, address) + "/model-metrics")
        # Of the test split each metric is one point, which makes no curve: fold them up.
        visit.page.get_by_role("button", expanded=True).filter(has_text=re.compile("^test")).click()
        visit.page.get_by_text("classification_loss").first.wait_for()
        visit.page.mouse.move(0, 0)
        visit.page.wait_for_timeout(3000)  # until the curves are drawn
        _save(visit.page, images / "experiments.png")


def _newest_run(page: Page, address: str) -> str:
    """Address of the newest finished run of the experiment ``sharprecl``."""
    api = f"{address}api/2.0/mlflow"
    found = page.request.get(f"{api}/experiments/get-by-name?experiment_name=sharprecl").json()
    experiment = found["experiment"]["experiment_id"]
    query = {"experiment_ids": [experiment], "filter": "status = 'FINISHED'", "max_results": 1}
    (run,) = page.request.post(f"{api}/runs/search", data=query).json()["runs"]
    return f"{address}#/experiments/{experiment}/runs/{run['info']['run_id']}"


def _save(page: Page, file: Path) -> None:
    """Write what the window shows.

    Raises:
        ValueError: if the picture is too large for a repository.
    """
    page.screenshot(path=file)
    size = file.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"{file}: {size:,} bytes are more than {MOST_BYTES:,}")
    print(f"{file.name}: {size:,} bytes")
