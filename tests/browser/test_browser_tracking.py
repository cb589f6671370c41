"""MLflow's pages in a real browser: the run, its metrics and its artifacts are there for who looks."""

import json
import re
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from docs.pictures.browser import Visit

PROJECT_ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(project):
    address = f"sqlite:///{project / 'mlflow.db'}"
    client = MlflowClient(address, address)
    (run,) = client.search_runs([client.get_experiment_by_name("sharprecl").experiment_id])
    return run


@pytest.fixture(scope="module")
def visit(browser):
    with Visit(browser) as visit:
        visit.remember("mlflow.workflowType_v1", '"machine_learning"')
        visit.remember("mlflow.assistant.fab.autoOpenedOnFirstLoad_v1", "true")
        yield visit


@pytest.fixture
def page(visit):
    yield visit.page
    assert visit.outside == []


@pytest.fixture(scope="module")
def experiment(tracking, run):
    return f"{tracking}#/experiments/{run.info.experiment_id}"


def test_the_list_of_runs_names_the_run(page, experiment, run):
    page.goto(f"{experiment}/runs")
    link = page.get_by_role("link", name=run.info.run_name)
    link.wait_for()
    assert run.info.run_id in link.get_attribute("href")


def test_the_address_that_make_ui_names_lists_training_runs(browser, tracking, run):
    """In a browser that MLflow does not know, which would open on traces of language models."""
    target = (PROJECT_ROOT / "Makefile").read_text().partition("\nui:")[2]
    (address,) = re.findall(r"http://127\.0\.0\.1:5000/(#\S+workflowType=machine_learning)", target)
    with Visit(browser) as visit:
        visit.page.goto(f"{tracking}{address}")
        visit.page.get_by_role("link", name=run.info.run_name).wait_for()
        assert visit.page.get_by_role("link", name="Model registry").is_visible()
        assert visit.page.get_by_role("link", name="Prompts").count() == 0


def test_the_run_shows_its_metrics_and_the_registered_model(page, experiment, run):
    page.goto(f"{experiment}/runs/{run.info.run_id}")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="test/macro_f1", exact=True))
    row.wait_for()
    # The page writes 1 for 1.0.
    assert str(run.data.metrics["test/macro_f1"]).removesuffix(".0")[:8] in row.inner_text()
    page.locator("a[href='#/models/sharprecl/versions/1']").wait_for()


def test_training_can_be_followed_in_curves(page, experiment, run):
    page.goto(f"{experiment}/runs/{run.info.run_id}/model-metrics")
    page.get_by_role("button", expanded=True).filter(has_text=re.compile("^test")).click()  # to fold it up
    page.get_by_text("classification_loss").first.wait_for()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()


def test_an_artifact_can_be_read(page, experiment, project, run):
    page.goto(f"{experiment}/runs/{run.info.run_id}/artifacts/ingest/ingest_report.json")
    report = json.loads((project / "data/08_reporting/ingest_report.json").read_text())
    page.get_by_text('"rows_in"').wait_for()
    assert str(report["cleaning"]["rows_in"]) in page.locator("main").inner_text()
