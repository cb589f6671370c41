"""The node that writes the report, and how the pipeline feeds it."""

import inspect

import pytest
import yaml

from sharprecl import reporting
from sharprecl.parameter_check import ProjectParameters
from sharprecl.parameters import (
    CorpusParameters,
    EvaluateParameters,
    FitParameters,
    LaunchParameters,
    LongTailParameters,
    ProfileParameters,
    TokenizeParameters,
)
from sharprecl.pipelines.evaluate import create_pipeline
from sharprecl.pipelines.evaluate.report_node import write_report
from tests.conftest import PROJECT_ROOT


@pytest.fixture
def write(monkeypatch):
    """What the node hands to the page."""
    handed = {}
    monkeypatch.setattr(reporting, "report_page", lambda **content: handed.update(content) or "page")

    def call(**blocks):
        given = {
            "corpus": CorpusParameters(),
            "profile": ProfileParameters(),
            "tokenize": TokenizeParameters(),
            "fit": FitParameters(),
            "evaluate": EvaluateParameters(),
            "launch": LaunchParameters(),
        }
        tables = [
            "ingest_report",
            "imbalance_profile",
            "class_table",
            "metrics",
            "per_class_table",
            "predictions",
        ]
        named = {name: name for name in tables} | {"encoder": "minilm", "preset": "focal", "seed": 5}
        assert write_report(**(given | blocks), **named, lorenz_plot="figure") == "page"
        return handed

    return call


def test_defaults_leave_the_names_of_corpus_encoder_preset_and_seed(write):
    handed = write()
    command, left_over = reporting.training_command(handed["settings"])
    assert command.split("--params=")[1] == "encoder=minilm,preset=focal,seed=5,corpus.name=stdlib"
    assert left_over == {}
    assert handed["corpus"] == "stdlib"
    assert handed["figures"] == {"lorenz_plot": "figure"}
    assert handed["per_class"] == "per_class_table"


def test_what_differs_from_the_defaults_or_the_preset_is_named(write):
    corpus = CorpusParameters(train="x/tickets.csv", label="Team", long_tail=LongTailParameters())
    handed = write(corpus=corpus, fit=FitParameters(epochs=6), evaluate=EvaluateParameters(confidence=0.9))
    command, _ = reporting.training_command(handed["settings"])
    assert command.split("--params=")[1].split(",")[3:] == [
        "corpus.train=x/tickets.csv",
        "corpus.label=Team",
        "corpus.long_tail.profile=exponential",
        "corpus.long_tail.imbalance_ratio=50.0",
        "corpus.long_tail.step_fraction=0.5",
        "fit.epochs=6",  # the default, but set: it goes before the preset's
        "evaluate.confidence=0.9",
    ]
    assert handed["corpus"] == "tickets"
    assert handed["confidence"] == 0.9


def test_how_many_processes_shared_the_training_is_named_but_not_which_this_was(write):
    launch = LaunchParameters(nproc=4, nnodes=2, node_rank=1, rendezvous="10.0.0.1:29500")
    command, _ = reporting.training_command(write(launch=launch)["settings"])
    assert command.endswith(",launch.nproc=4,launch.nnodes=2")


def test_the_base_configuration_is_the_defaults_that_the_command_leaves_out():
    base = yaml.safe_load((PROJECT_ROOT / "conf/base/parameters.yml").read_text(encoding="utf-8"))
    assert ProjectParameters.model_validate(base) == ProjectParameters()


def test_parameters_stand_in_the_order_of_the_arguments():
    node = next(node for node in create_pipeline().nodes if node.name == "evaluate.write_report")
    arguments = [name for name in inspect.signature(write_report).parameters if name != "figures"]
    assert [name.removeprefix("params:") for name in node.inputs[: len(arguments)]] == arguments


def test_every_input_comes_from_the_catalog_or_the_pipeline():
    catalog = {}
    for file in (PROJECT_ROOT / "conf/base").glob("catalog_*.yml"):
        catalog |= yaml.safe_load(file.read_text(encoding="utf-8"))
    pipeline = create_pipeline()
    needed = {name for name in pipeline.inputs() if not name.startswith("params:")}
    assert needed <= set(catalog)
    assert {"imbalance_profile", "class_table", "ingest_report", "training_curves_plot"} <= needed
    assert catalog["html_report"]["versioned"] is True
    assert "html_report" in pipeline.outputs()
