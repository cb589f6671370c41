"""Which methods a command of its own may train, and what it says of a preset's keys."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from sharprecl.errors import ParameterError
from sharprecl.hooks.parameters import ParameterHooks, check_compared
from sharprecl.parameters import CompareParameters
from sharprecl.parameters.compare import METHODS
from sharprecl.pipelines.compare import create_pipeline as create_compare
from sharprecl.pipelines.fit import create_pipeline


def test_a_method_by_itself_has_to_be_compared():
    compare = CompareParameters(methods="focal tfidf-svm")
    check_compared(["focal"], compare)
    with pytest.raises(ParameterError, match=r"--namespaces=llm: compare\.methods does not name it"):
        check_compared(["focal", "llm"], compare)


def test_stages_and_compared_methods_of_the_pipeline_run_by_themselves():
    compare = CompareParameters(methods=list(METHODS), llm={"model": "m"})
    namespaces = {node.namespace for node in create_compare().nodes if node.namespace}
    assert {"ingest", "tokenize", "llm", "focal"} <= namespaces
    check_compared(sorted(namespaces), compare)


def test_an_engine_may_give_a_command_to_each_method(monkeypatch):
    monkeypatch.setenv("SHARPRECL_JOB", "nightly")
    options = {"pipeline_names": ["compare"], "namespaces": ["ldam-drw"]}
    begin(compare={"methods": ["focal"]})(options, create_pipeline())


def begin(**parameters):
    hooks = ParameterHooks()
    hooks.after_context_created(
        SimpleNamespace(config_loader={"parameters": parameters}, project_path=Path("project"))
    )
    return hooks.before_pipeline_run


def test_a_run_of_compare_asks_for_it():
    before_run = begin(compare={"methods": ["focal"]})
    options = {"pipeline_names": ["compare"], "namespaces": ["ldam-drw"]}
    with pytest.raises(ParameterError, match="--namespaces=ldam-drw"):
        before_run(options, create_pipeline())
    before_run({**options, "namespaces": None}, create_pipeline())
    before_run({**options, "pipeline_names": None}, create_pipeline())


def test_a_run_tells_which_keys_of_its_preset_are_overridden(caplog):
    caplog.set_level(logging.INFO, "sharprecl")
    begin(preset="sharprecl-published", fit={"epochs": 8})({"pipeline_names": None}, create_pipeline())
    assert caplog.messages == ["Preset sharprecl-published with fit keys as set: epochs 8 (the preset's: 30)"]
    begin(fit={"epochs": 8})({"pipeline_names": None}, create_pipeline())
    assert len(caplog.messages) == 1
