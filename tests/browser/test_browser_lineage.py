"""kedro-viz in a real browser: every pipeline is drawn, data can be looked at, the last run's state shows."""

import os
import pkgutil
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import TimeoutError as NotInTime

import sharprecl.pipelines
from docs.pictures.browser import Visit
from docs.pictures.servers import ENVIRONMENT, file_server

pytestmark = pytest.mark.slow
NAMES = sorted(module.name for module in pkgutil.iter_modules(sharprecl.pipelines.__path__))
STAGES = ["ingest", "profile", "tokenize", "fit", "evaluate"]
LAYERS = ["raw", "intermediate", "primary", "feature", "models", "model_output", "reporting"]
FONT_HOST = "fonts.googleapis.com"
"""kedro-viz's page asks for a web font there, which no setting stops; it does without."""


@pytest.fixture(scope="module")
def visit(browser):
    with Visit(browser) as visit:
        yield visit


@pytest.fixture
def page(visit):
    yield visit.page
    assert visit.errors == []
    assert {urlsplit(url).hostname for url in visit.outside} <= {FONT_HOST}


def wiring(name):
    return import_module(f"sharprecl.pipelines.{name.replace('__default__', 'train')}").create_pipeline()


def names_drawn(page, expected):
    """Names on the graph once there are as many as expected, or in the end."""
    with suppress(NotInTime):  # the comparison tells more
        page.wait_for_function(
            "count => document.querySelectorAll('.pipeline-node').length === count", arg=len(expected)
        )
    return sorted(page.locator(".pipeline-node__text").all_text_contents())


def select(page, address, name):
    """Open the panel about a dataset of ``train``."""
    main = page.request.get(f"{address}api/pipelines/train").json()
    (node,) = [node["id"] for node in main["nodes"] if node["name"] == name]
    page.goto(f"{address}?pid=train&sid={node}&expandAllPipelines=true")
    page.locator(".pipeline-metadata__title", has_text=name).wait_for()


def names_of(pipeline):
    tasks = [node.name.rpartition(".")[2] for node in pipeline.nodes]
    return sorted([*tasks, *(name for name in pipeline.datasets() if not name.startswith("params:"))])


@pytest.mark.parametrize("name", [*NAMES, "__default__"])
def test_each_pipeline_shows_its_nodes_and_data(page, lineage, name):
    page.goto(f"{lineage}?pid={name}&expandAllPipelines=true")
    expected = names_of(wiring(name))
    assert names_drawn(page, expected) == expected


def test_the_first_page_is_the_whole_job_in_five_stages(browser, lineage):
    """A fresh visitor's page: the graph of the default pipeline, each stage one box."""
    with Visit(browser) as visit:
        visit.page.goto(lineage)
        visit.page.locator(".pipeline-node").first.wait_for()
        names = visit.page.locator(".pipeline-node__text").all_text_contents()
        assert set(STAGES) | {"raw_corpus", "labelled_corpus", "token_table", "model", "html_report"} <= set(
            names
        )
        assert "score_texts" not in names


def test_layers_are_named_in_the_order_of_the_work(page, lineage):
    page.goto(f"{lineage}?pid=train&expandAllPipelines=true")
    page.locator(".pipeline-layer-name").first.wait_for()
    assert page.locator(".pipeline-layer-name").all_text_contents() == LAYERS


def test_a_table_a_plot_and_json_can_be_looked_at(page, lineage):
    select(page, lineage, "per_class_table")
    assert page.locator(".preview-table th").first.inner_text() == "label"
    page.get_by_role("cell", name="Billing").wait_for()
    select(page, lineage, "confusion_matrix_plot")
    page.locator(".pipeline-metadata .js-plotly-plot .main-svg").first.wait_for()
    select(page, lineage, "metrics")
    page.locator(".pipeline-metadata__preview-json", has_text="test_intervals").wait_for()


def test_everything_that_can_have_a_preview_has_one(page, lineage):
    main = page.request.get(f"{lineage}api/pipelines/train").json()
    tables = ("ArrowFrameDataset", "ArrowTableDataset", "CSVDataset", "CorpusDataset", "ParquetDataset")
    kinds = {**dict.fromkeys(tables, "TablePreview"), "JSONDataset": "Preview"}
    data = [node for node in main["nodes"] if node["type"] == "data"]
    previewed = [node for node in data if node["dataset_type"].rpartition(".")[2] in kinds]
    assert len(previewed) == 25
    for node in previewed:
        shown = page.request.get(f"{lineage}api/nodes/{node['id']}").json()
        assert shown["preview"], node["name"]
        assert shown["preview_type"].endswith(kinds[node["dataset_type"].rpartition(".")[2]]), node["name"]


def test_the_last_runs_state_is_shown_node_by_node(page, lineage):
    page.goto(f"{lineage}workflow?pid=train")
    page.get_by_text("Run execution completed successfully").wait_for()
    status = page.request.get(f"{lineage}api/run-status").json()
    main = page.request.get(f"{lineage}api/pipelines/train").json()
    tasks = {node["id"] for node in main["nodes"] if node["type"] == "task"}
    assert {name for name, node in status["nodes"].items() if node["status"] == "success"} == tasks


def test_the_static_site_shows_the_same(browser, project):
    command = [sys.executable, "-m", "kedro", "viz", "build", "--include-previews"]
    environment = {**os.environ, **ENVIRONMENT}
    built = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert (project / "build" / "index.html").is_file(), built.stdout + built.stderr
    with file_server(project / "build") as address, Visit(browser) as visit:
        visit.page.goto(f"{address}?pid=train&expandAllPipelines=true")
        expected = names_of(wiring("train"))
        assert names_drawn(visit.page, expected) == expected
        select(visit.page, address, "class_table")
        visit.page.get_by_role("cell", name="Billing").wait_for()
        assert {urlsplit(url).hostname for url in visit.outside} <= {FONT_HOST}
