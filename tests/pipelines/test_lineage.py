"""The graph that kedro-viz draws: named, layered, connected, with nothing that leads nowhere."""

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

import networkx as nx
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro_viz.data_access.managers import DataAccessManager
from kedro_viz.server import populate_data

import sharprecl.pipelines
from sharprecl import settings
from sharprecl.config_loader import ProjectConfigLoader

PROJECT_ROOT = Path(__file__).parents[2]
NAMES = sorted(module.name for module in pkgutil.iter_modules(sharprecl.pipelines.__path__))
LAYERS = ["raw", "intermediate", "primary", "feature", "models", "model_output", "reporting"]
PREVIEWS = {
    "pandas.CSVDataset": "TablePreview",
    "pandas.ParquetDataset": "TablePreview",
    "json.JSONDataset": "JSONPreview",
    "plotly.JSONDataset": "PlotlyPreview",
    "sharprecl.datasets.CorpusDataset": "TablePreview",
    "sharprecl.datasets.ArrowTableDataset": "TablePreview",
    "sharprecl.datasets.RowStreamDataset": "TablePreview",
}


@pytest.fixture(scope="module")
def pipelines():
    found = {name: import_module(f"sharprecl.pipelines.{name}").create_pipeline() for name in NAMES}
    return found | {"__default__": found["train"]}


@pytest.fixture(scope="module")
def loader():
    return ProjectConfigLoader(str(PROJECT_ROOT / "conf"), "base", **settings.CONFIG_LOADER_ARGS)


@pytest.fixture(scope="module")
def graph(pipelines, loader):
    """kedro-viz's own model of the project."""
    catalog = DataCatalog.from_config(loader["catalog"])
    for name, value in loader["parameters"].items():
        catalog[f"params:{name}"] = value
    manager = DataAccessManager()
    populate_data(manager, catalog, pipelines, {})
    return manager


@pytest.fixture(params=[*NAMES, "__default__"])
def name(request):
    return request.param


def nodes_of(graph, name, *kinds):
    return [node for node in graph.get_nodes_for_registered_pipeline(name) if node.type in kinds]


def is_in_memory(node):
    return isinstance(node.kedro_obj, MemoryDataset)


def test_all_pipelines_are_there():
    assert {"ingest", "profile", "tokenize", "fit", "evaluate", "train", "predict", "compare"} < set(NAMES)


def test_every_node_and_dataset_of_a_pipeline_is_drawn(graph, pipelines, name):
    tasks = sorted(node.full_name for node in nodes_of(graph, name, "task"))
    assert tasks == sorted(node.name for node in pipelines[name].nodes)
    data = {node.name for node in nodes_of(graph, name, "data", "parameters")}
    assert data == pipelines[name].datasets()


def test_layers_stand_in_the_order_of_the_work(graph, name):
    """Were one made from a later one, kedro-viz would draw none at all."""
    used = {node.layer for node in nodes_of(graph, name, "data")} - {None}
    drawn = [layer for layer in graph.get_sorted_layers_for_registered_pipeline(name) if layer in used]
    assert set(drawn) == used
    if name in {"train", "__default__", "profile", "compare", "ablate"}:  # elsewhere two may change places
        assert drawn == [layer for layer in LAYERS if layer in used]


def test_every_saved_dataset_has_a_layer(graph, name):
    assert not [
        node.name for node in nodes_of(graph, name, "data") if not node.layer and not is_in_memory(node)
    ]


def test_what_a_pipeline_ends_in_is_saved(graph, pipelines, name):
    ends = pipelines[name].outputs()
    assert not [
        node.name for node in nodes_of(graph, name, "data") if node.name in ends and is_in_memory(node)
    ]


def test_the_graph_of_a_pipeline_is_one_piece(graph, name):
    """Without parameters, which would hold together what has nothing to do with each other."""
    drawn = {node.id for node in nodes_of(graph, name, "task", "data")}
    edges = nx.Graph((edge.source, edge.target) for edge in graph.get_edges_for_registered_pipeline(name))
    assert nx.is_connected(edges.subgraph(drawn))
    assert set(edges.subgraph(drawn)) == drawn
    assert {node.id for node in nodes_of(graph, name, "parameters")} <= set(edges)


def test_every_catalog_entry_is_part_of_a_pipeline(pipelines, loader):
    catalog = DataCatalog.from_config(loader["catalog"])
    used = {dataset for pipeline in pipelines.values() for dataset in pipeline.datasets()}
    patterns = {catalog.config_resolver.match_dataset_pattern(dataset) for dataset in used}
    assert set(loader["catalog"]) <= used | patterns


def test_names_read_as_do_this_to_get_that(pipelines, name):
    """A node is a verb and what it acts on, a dataset a noun; no two nodes bear one name."""
    short = [node.name.rpartition(".")[2] for node in pipelines[name].nodes]
    assert len(set(short)) == len(short)
    for node in short:
        assert len(node.split("_")) > 1, node
        assert node.replace("_", "").replace("-", "").isalnum(), node
        assert "__" not in node


def test_tables_json_and_plots_have_previews(loader):
    catalog = DataCatalog.from_config(loader["catalog"])
    for name, entry in loader["catalog"].items():
        if entry["type"] in PREVIEWS and "{" not in name:
            annotation = inspect.signature(catalog.get(name).preview).return_annotation
            assert getattr(annotation, "__name__", str(annotation)) == PREVIEWS[entry["type"]], name
            assert entry["metadata"]["kedro-viz"].get("preview") is not False, name
